package wire

import (
	"strconv"
	"time"
)

// EngineType is the first character of an Engine.IO text message.
type EngineType byte

// The Engine.IO packet types.
const (
	EngineOpen    EngineType = '0'
	EngineClose   EngineType = '1'
	EnginePing    EngineType = '2'
	EnginePong    EngineType = '3'
	EngineMessage EngineType = '4'
	EngineUpgrade EngineType = '5'
	EngineNoop    EngineType = '6'
)

// EnginePacket is one WebSocket message: a type and what follows it. A binary message is always an
// EngineMessage, without a prefix.
type EnginePacket struct {
	Type   EngineType
	Binary bool
	Data   []byte // shares memory with the message
}

// DecodeEngine reads a WebSocket message.
func DecodeEngine(binary bool, message []byte) (EnginePacket, error) {
	switch {
	case len(message) > MaxMessage:
		return EnginePacket{}, tooBig("a message of %d bytes, %d are allowed", len(message), MaxMessage)
	case binary:
		return EnginePacket{EngineMessage, true, message}, nil
	case len(message) == 0:
		return EnginePacket{}, malformed("an empty text message")
	case message[0] < '0' || message[0] > '6':
		return EnginePacket{}, malformed("a message must begin with a type digit 0 to 6")
	}
	return EnginePacket{EngineType(message[0]), false, message[1:]}, nil
}

// Handshake is what a server says first.
type Handshake struct {
	SID          string // the Engine.IO session, not the Socket.IO one
	PingInterval time.Duration
	PingTimeout  time.Duration
	MaxPayload   int  // 0 if the server does not tell
	Upgrades     bool // a session that polls may go on as a WebSocket
}

// AppendHandshake appends h as the open packet:
//
//	0{"sid":"…","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}
func AppendHandshake(dst []byte, h Handshake) []byte {
	dst = appendJSONString(append(dst, `0{"sid":`...), cleanText(h.SID))
	upgrades := `,"upgrades":[],"pingInterval":`
	if h.Upgrades {
		upgrades = `,"upgrades":["websocket"],"pingInterval":`
	}
	dst = append(dst, upgrades...)
	dst = strconv.AppendInt(dst, h.PingInterval.Milliseconds(), 10)
	dst = append(dst, `,"pingTimeout":`...)
	dst = strconv.AppendInt(dst, h.PingTimeout.Milliseconds(), 10)
	if h.MaxPayload > 0 {
		dst = strconv.AppendInt(append(dst, `,"maxPayload":`...), int64(h.MaxPayload), 10)
	}
	return append(dst, '}')
}

// DecodeHandshake reads what follows the type of an open packet: keys in any order, others ignored,
// maxPayload may be missing.
func DecodeHandshake(data []byte) (Handshake, error) {
	var h Handshake
	if err := checkJSON(data); err != nil {
		return h, err
	}
	f := fieldsPool.Get().(*fields)
	defer f.release()
	f.open(Value{raw: trimJSON(data), form: formJSON})
	f.id("sid", &h.SID, MaxSID)
	f.duration("pingInterval", &h.PingInterval)
	f.duration("pingTimeout", &h.PingTimeout)
	if _, ok := f.get("maxPayload"); ok {
		var n int64
		f.integer("maxPayload", &n, 1, 1<<53)
		h.MaxPayload = int(min(n, 1<<30))
	}
	if f.err != nil {
		return Handshake{}, malformed("the server's greeting: %v", f.err)
	}
	return h, nil
}

func (f *fields) duration(key string, p *time.Duration) {
	var ms int64
	f.integer(key, &ms, MinInterval.Milliseconds(), MaxInterval.Milliseconds())
	*p = time.Duration(ms) * time.Millisecond
}
