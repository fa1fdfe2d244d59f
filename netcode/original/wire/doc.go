// Package wire is the original system's wire: Engine.IO 4 messages, Socket.IO 5 packets in either of the stock
// parsers, and the original's events. It knows no connection: package socket does.
//
//	Encoder, Decoder   packets; EnginePacket: what they travel in
//	Payload, Decode    the original's events
//	Value              a payload that is left alone, whichever parser wrote it
//
// # Messages
//
// Engine.IO: a text message is one type digit and what follows; a binary message is always payload.
//
//	0{"sid":"…","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}   open
//	1 close    2 ping (the server's)    3 pong    4… message    5 upgrade    6 noop
//
// Socket.IO, JSON parser, inside a 4:
//
//	TYPE [COUNT -] [NSP ,] [ID] [JSON]
//
//	40                          CONNECT, from the client
//	40{"sid":"…"}               CONNECT, from the server
//	41                          DISCONNECT
//	42["name",{…}]              EVENT; 4213["name",{…}] asks for 4313[…], an ACK
//	44{"message":"no"}          CONNECT_ERROR
//	451-["name",{"x":{"_placeholder":true,"num":0}}]    BINARY_EVENT, then COUNT binary messages
//	461-13[…]                   BINARY_ACK
//
// msgpack parser: one binary message with one map {type, data, nsp, id}, binary data in place,
// undefined as ext 0. Engine.IO's own packets stay text. The two are not negotiated, but a client's
// first packet shows which it speaks.
//
// # Memory
//
// A Decoder keeps one header and MaxAttachmentBytes at most. A Value shares memory with its packet, and a packet
// is valid until the next one is read.
package wire
