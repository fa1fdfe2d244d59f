package socketio

import (
	"time"
)

func (m *Machine) receiveServer(now time.Time, p EnginePacket) Out {
	switch p.Type {
	case EngineMessage:
	case EnginePong:
		// One that nobody asked for changes nothing.
		if !m.pongBy.IsZero() {
			m.pongBy, m.pingAt = time.Time{}, now.Add(m.cfg.PingInterval)
			return m.out
		}
		return m.idle(now)
	case EngineNoop:
		return m.idle(now)
	case EngineClose:
		return m.end(ErrPeerClosed)
	case EnginePing:
		return m.end(unexpected("a ping from a client: the server pings"))
	case EngineUpgrade:
		return m.end(unexpected("an upgrade: this is a WebSocket already"))
	default:
		return m.end(unexpected("an open packet from a client"))
	}

	if m.cfg.Detect {
		m.detect(p)
	}
	packet, err := m.packet(p)
	switch {
	case err != nil:
		return m.end(err)
	case packet == nil:
		return m.out
	case packet.Type == Connect:
		if m.connect(packet); m.state != Connected && m.state != Over {
			return m.idle(now) // refused
		}
		return m.out
	case packet.Namespace != Root || m.state != Connected:
		return m.end(unexpected("%s for the namespace %s, which is not joined", packet.Type, packet.Namespace))
	case packet.Type == Disconnect:
		m.state, m.sid = Connecting, ""
		m.connectBy = now.Add(m.cfg.ConnectTimeout)
	case packet.Type == ConnectError:
		return m.end(unexpected("a CONNECT_ERROR from a client"))
	}
	m.out.Packet = packet
	return m.out
}

// A client that plays sends nothing but packets and the pongs it is asked for. Whoever passes packets on
// counts those; what leads to none is counted here.
const (
	idlePerSecond = 4
	idleBurst     = 32
)

// idle counts a message that led to no packet, and ends the connection where there are too many.
func (m *Machine) idle(now time.Time) Out {
	m.idled = max(0, m.idled-idlePerSecond*now.Sub(m.idledAt).Seconds()) + 1
	m.idledAt = now
	if m.idled > idleBurst {
		return m.end(unexpected("more than %d messages a second that mean nothing", idlePerSecond))
	}
	return m.out
}

// detect chooses the parser by the client's first packet.
func (m *Machine) detect(p EnginePacket) {
	m.cfg.Detect, m.cfg.Parser = false, JSON
	if p.Binary {
		m.cfg.Parser = Msgpack
	}
	m.dec, m.enc.Parser = NewDecoder(m.cfg.Parser), m.cfg.Parser
}

// connect answers a CONNECT.
func (m *Machine) connect(p *Packet) Out {
	refuse := func(nsp, words string) Out {
		m.sayPacket(&Packet{Type: ConnectError, Namespace: nsp,
			Args: []Value{MapValue(Field{"message", StringValue(words)})}})
		return m.out
	}
	if p.Namespace != Root {
		return refuse(p.Namespace, "Invalid namespace")
	}
	if m.state == Connected {
		return m.end(unexpected("a second CONNECT"))
	}
	if m.cfg.Accept != nil {
		if err := m.cfg.Accept(p.Arg(0)); err != nil {
			words := cleanText(err.Error())
			return refuse(Root, words[:min(len(words), maxRefusal)])
		}
	}
	m.state, m.sid = Connected, m.cfg.NewID()
	reply := appendMsgString([]byte("\x81\xa3sid"), m.sid)
	if m.cfg.Parser == Msgpack {
		reply[0]++
		reply = append(reply, "\xa3pid\xd4\x00\x00"...) // undefined; JSON leaves it out
	}
	m.sayPacket(&Packet{Type: Connect, Args: []Value{{raw: reply, form: formMsgpack}}})
	m.out.Packet = p
	return m.out
}
