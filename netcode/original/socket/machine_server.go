package socket

import (
	"strings"
	"time"

	"tandem/netcode/original/wire"
)

func (m *Machine) receiveServer(now time.Time, p wire.EnginePacket) Out {
	switch p.Type {
	case wire.EngineMessage:
	case wire.EnginePong:
		// One that nobody asked for changes nothing.
		if !m.pongBy.IsZero() {
			m.pongBy, m.pingAt = time.Time{}, now.Add(m.cfg.PingInterval)
			return m.out
		}
		return m.idle(now)
	case wire.EngineNoop:
		return m.idle(now)
	case wire.EngineClose:
		return m.end(ErrPeerClosed)
	case wire.EnginePing:
		return m.end(unexpected("a ping from a client: the server pings"))
	case wire.EngineUpgrade:
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
	case packet.Type == wire.Connect:
		if m.connect(packet); m.state != Connected && m.state != Over {
			return m.idle(now) // refused
		}
		return m.out
	case packet.Namespace != wire.Root || m.state != Connected:
		return m.end(unexpected("%s for the namespace %s, which is not joined", packet.Type, packet.Namespace))
	case packet.Type == wire.Disconnect:
		m.state, m.sid = Connecting, ""
		m.connectBy = now.Add(m.cfg.ConnectTimeout)
	case packet.Type == wire.ConnectError:
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
func (m *Machine) detect(p wire.EnginePacket) {
	m.cfg.Detect, m.cfg.Parser = false, wire.JSON
	if p.Binary {
		m.cfg.Parser = wire.Msgpack
	}
	m.dec, m.enc.Parser = wire.NewDecoder(m.cfg.Parser), m.cfg.Parser
}

// connect answers a CONNECT.
func (m *Machine) connect(p *wire.Packet) Out {
	refuse := func(nsp, words string) Out {
		m.sayPacket(&wire.Packet{Type: wire.ConnectError, Namespace: nsp,
			Args: []wire.Value{wire.MapValue(wire.Field{Key: "message", Value: wire.StringValue(words)})}})
		return m.out
	}
	if p.Namespace != wire.Root {
		return refuse(p.Namespace, "Invalid namespace")
	}
	if m.state == Connected {
		return m.end(unexpected("a second CONNECT"))
	}
	if m.cfg.Accept != nil {
		if err := m.cfg.Accept(p.Arg(0)); err != nil {
			words := strings.ToValidUTF8(err.Error(), "\uFFFD")
			return refuse(wire.Root, words[:min(len(words), maxRefusal)])
		}
	}
	m.state, m.sid = Connected, m.cfg.NewID()
	reply := []wire.Field{{Key: "sid", Value: wire.StringValue(m.sid)}}
	if m.cfg.Parser == wire.Msgpack {
		reply = append(reply, wire.Field{Key: "pid", Value: wire.UndefinedValue()}) // JSON leaves it out
	}
	m.sayPacket(&wire.Packet{Type: wire.Connect, Args: []wire.Value{wire.MapValue(reply...)}})
	m.out.Packet = p
	return m.out
}
