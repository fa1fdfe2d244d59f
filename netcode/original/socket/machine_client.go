package socket

import (
	"fmt"
	"time"

	"tandem/netcode/original/wire"
)

func (m *Machine) receiveClient(now time.Time, p wire.EnginePacket) Out {
	if m.state == Opening {
		switch p.Type {
		case wire.EngineOpen:
			return m.greeted(now, p.Data)
		case wire.EngineClose:
			return m.end(ErrPeerClosed)
		case wire.EngineNoop:
			return m.out
		}
		return m.end(unexpected("a message before the server's greeting"))
	}
	// Whatever arrives is a sign of life.
	m.silentAt = now.Add(m.cfg.PingInterval + m.cfg.PingTimeout)
	switch p.Type {
	case wire.EngineMessage:
		return m.receivePacket(p)
	case wire.EnginePing:
		switch {
		case len(p.Data) > maxProbe:
			return m.end(tooBig("a ping with %d bytes, %d are allowed", len(p.Data), maxProbe))
		case len(p.Data) == 0:
			m.say(false, enginePong)
		default:
			m.buf = append(append(m.buf[:0], byte(wire.EnginePong)), p.Data...)
			m.say(false, m.buf)
		}
	case wire.EngineClose:
		return m.end(ErrPeerClosed)
	case wire.EngineOpen:
		return m.end(unexpected("a second greeting"))
	case wire.EngineUpgrade:
		return m.end(unexpected("an upgrade: this is a WebSocket already"))
	}
	return m.out
}

// greeted answers the open packet with a CONNECT.
func (m *Machine) greeted(now time.Time, data []byte) Out {
	h, err := wire.DecodeHandshake(data)
	if err != nil {
		return m.end(err)
	}
	m.state, m.engineSID = Connecting, h.SID
	m.cfg.PingInterval, m.cfg.PingTimeout = h.PingInterval, h.PingTimeout
	m.silentAt = now.Add(h.PingInterval + h.PingTimeout)
	if h.MaxPayload > 0 {
		m.limit = min(m.limit, h.MaxPayload)
	}
	p := wire.Packet{Type: wire.Connect}
	if !m.cfg.Auth.IsNull() {
		p.Args = []wire.Value{m.cfg.Auth}
	}
	m.sayPacket(&p)
	return m.out
}

func (m *Machine) receivePacket(p wire.EnginePacket) Out {
	packet, err := m.packet(p)
	switch {
	case err != nil:
		return m.end(err)
	case packet == nil:
		return m.out
	case packet.Namespace != wire.Root:
		return m.out // as the stock client does: nobody is there to hear it
	}
	switch packet.Type {
	case wire.Connect:
		if m.state == Connected {
			return m.end(unexpected("a second CONNECT"))
		}
		sid, _ := packet.Arg(0).Get("sid")
		text, ok := sid.Text()
		if !ok || text == "" || len(text) > wire.MaxSID {
			return m.end(malformed("the server names no session: it probably speaks Socket.IO 2, version 3 or later is needed"))
		}
		m.state, m.sid = Connected, text
	case wire.ConnectError:
		return m.end(&wire.Error{Kind: ErrRefused, Text: fmt.Sprintf("the server refuses the connection: %s", refusal(packet.Arg(0)))})
	case wire.Disconnect:
		return m.end(&wire.Error{Kind: ErrPeerClosed, Text: "the server has ended the session"})
	}
	// An event before the answer to CONNECT is in order: a server may greet from its connect handler.
	m.out.Packet = packet
	return m.out
}

// refusal finds the words in a CONNECT_ERROR: a map with a message, or a bare string.
func refusal(v wire.Value) string {
	if inner, ok := v.Get("message"); ok {
		v = inner
	}
	words, ok := v.Text()
	if !ok {
		return "no reason given"
	}
	return wire.Clip(words, maxRefusal)
}
