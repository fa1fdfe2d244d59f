// Package socketio speaks the original system's wire: Engine.IO 4 over a WebSocket, or by long polling
// first (Polls), Socket.IO 5 packets in either of the stock parsers, and the original's events. A stock Socket.IO client can
// talk to a Socket that Upgrade made, and a Socket that Dial made to a stock server.
//
// # Layers
//
//	Socket      one connection: reads, one writer, a bounded queue, the clock     (not for js)
//	Polls       sessions that poll, each as a line that looks like a WebSocket    (not for js)
//	Machine     every rule of the protocol, both sides; no clock, no I/O
//	Encoder, Decoder   packets; Payload and Decode: the original's events
//	Value       a payload that is left alone, whichever parser wrote it
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
// first packet shows which it speaks: a server with Config.Detect answers each in its own.
//
// # A server's states
//
//	            greeting sent                CONNECT: 40{"sid"}
//	upgrade ───────────────► connecting ──────────────────────────► connected
//	                           │    ▲  DISCONNECT                     │   │
//	                           │    └─────────────────────────────────┘   │
//	                           ▼ ConnectTimeout                           ▼ Close, 1, missed pong, refusal
//	                          over ◄───────────────────────────────────── over
//
// # A client's states
//
//	       0{…}: 40 sent               40{"sid"}
//	opening ───────────► connecting ─────────────► connected
//	   │                     │ 44, silence, refusal    │ 41, 1, silence, refusal, Close
//	   ▼                     ▼                         ▼
//	  over                  over                      over
//
// A client that hears nothing for pingInterval + pingTimeout of the greeting gives up. A server that
// gets no pong within PingTimeout does; other messages do not stand in for it.
//
// # Strictness
//
// The stock server and the original disagree about malformed input; every real client is content
// with the stricter of the two, which this package is. It closes the connection with a reason
// (1002 malformed or out of place, 1009 too big, 1008 silent) on
//
//	a type digit other than 0..6, an empty text message, text that does not begin with a digit
//	any packet but CONNECT for a namespace that is not joined, so an event before CONNECT too
//	a ping, an open or an upgrade packet from a client; a second CONNECT
//	broken JSON, broken msgpack, a payload of the wrong kind, a reserved or numeric event name
//	a binary message without a header; text where an attachment should be (Engine.IO's own packets
//	may come between); a placeholder out of range or named twice
//	a message over MaxMessage, and everything over the other limits
//
// It answers and goes on where the namespace is unknown (44/x,{"message":"Invalid namespace"}), and
// does nothing on a noop, on a pong nobody asked for, on unknown keys. An event right behind 40 is
// fine, since 40 has been dealt with by then. An event with an unknown name is a matter for the
// program: DecodeEvent answers ErrUnexpected. EIO other than 4 is HTTP 400 (CheckQuery).
//
// A client is as strict towards a server, but ignores other namespaces, as the stock client does,
// and takes events before the answer to its CONNECT: a server may send them while it decides.
//
// # Memory
//
// A Decoder keeps one header and MaxAttachmentBytes at most, a Socket one incoming message and
// Options.MaxBytes of outgoing ones; a session that polls one post and one answer besides. A Value shares memory with its packet, and a packet is valid
// until the next one is read.
package socketio
