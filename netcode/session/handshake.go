package session

import (
	"io"

	"tandem/netcode/protocol"
)

// Handshake is the relay's side of a connection until it has a room: hello, welcome, join. Like
// Room it decides and does nothing else.
type Handshake struct {
	// Program is the relay's name and version, for the peer's log.
	Program string
	// Embedded says that the relay is inside a player's program, and its rooms end with that.
	Embedded bool

	greeted bool
	dec     protocol.Decoder
}

// Receive takes one transport frame and returns what to answer, the join request once it has come,
// or why the connection must be closed.
func (h *Handshake) Receive(frame []byte) (reply []byte, join *protocol.Join, refused *protocol.Error) {
	h.dec.Reset(frame)
	for {
		t, err := h.dec.Next()
		if err == io.EOF {
			return reply, join, nil
		}
		if err != nil {
			return nil, nil, asError(err)
		}
		switch {
		case t == protocol.TypeHello && !h.greeted:
			m := h.dec.Cold.(*protocol.Hello)
			if m.Magic != protocol.Magic {
				return nil, nil, protocol.Errorf(protocol.CodeUnexpected, "This is a Tandem relay; the program that called is none of its peers.")
			}
			h.greeted = true
			reply = protocol.Append(reply, &protocol.Welcome{Magic: protocol.Magic, Version: protocol.Version,
				Program: protocol.Clip(h.Program, protocol.MaxProgram), PingMS: uint32(pingInterval.Milliseconds()), TimeoutMS: uint32(silenceTimeout.Milliseconds()), Embedded: h.Embedded})
			if m.Version != protocol.Version {
				// The peer reads our version in the welcome and says it in its own words, too.
				return reply, nil, protocol.Errorf(protocol.CodeVersion, "%s", versionWords("The player's program", m.Version))
			}
		case t == protocol.TypeJoin && h.greeted && join == nil:
			join = h.dec.Cold.(*protocol.Join)
		case t == protocol.TypePing && h.greeted, t == protocol.TypeLeave && h.greeted:
			// Early, but harmless: pings are answered once there is a room.
		default:
			return nil, nil, protocol.Errorf(protocol.CodeUnexpected, "%s has no place before a room is joined.", t)
		}
	}
}

func asError(err error) *protocol.Error {
	if e, ok := err.(*protocol.Error); ok {
		return e
	}
	return protocol.Errorf(protocol.CodeMalformed, "%v", err)
}
