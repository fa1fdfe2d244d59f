package socket

import (
	"time"

	"tandem/netcode/original/wire"
)

// State is how far a connection has come.
type State uint8

// The states of a Machine; see the package's diagrams.
const (
	Opening    State = iota // client: no greeting yet
	Connecting              // client: greeted, CONNECT sent. server: greeted, no CONNECT yet
	Connected               // the namespace is joined: events may flow
	Over                    // nothing more will be said
)

var stateNames = [...]string{"opening", "connecting", "connected", "over"}

// String returns the state's name.
func (s State) String() string { return stateNames[min(s, Over)] }

// Config adjusts a Machine. Zero fields take the defaults.
type Config struct {
	Parser wire.Parser

	// Detect, on a server, takes the parser of the client's first packet: JSON comes as text, msgpack
	// as a binary message. So clients of both kinds can meet on one server.
	Detect bool

	// PingInterval and PingTimeout are the server's: a ping leaves so long after the last pong, and
	// its answer is waited for so long. A client obeys those of the server's greeting.
	PingInterval, PingTimeout time.Duration

	// ConnectTimeout bounds a connection without namespace, and a client's whole greeting.
	ConnectTimeout time.Duration

	// NewID makes a server's session ids; each call must give another, unguessable one. Needed on a
	// server.
	NewID func() string

	// Accept, on a server, answers nil or why a client may not join; its words go to the client.
	// auth is null where the client sends none. nil means that everybody may.
	Accept func(auth wire.Value) error

	upgrades bool // a server's, of a session that polls

	// Auth, on a client, is what Accept sees at the other end; null sends none.
	Auth wire.Value
}

func (c Config) withDefaults() Config {
	for _, d := range []struct {
		v   *time.Duration
		def time.Duration
	}{{&c.PingInterval, DefaultPingInterval}, {&c.PingTimeout, DefaultPingTimeout}, {&c.ConnectTimeout, DefaultConnectTimeout}} {
		if *d.v <= 0 {
			*d.v = d.def
		}
	}
	c.PingInterval = min(max(c.PingInterval, wire.MinInterval), wire.MaxInterval)
	c.PingTimeout = min(max(c.PingTimeout, wire.MinInterval), wire.MaxInterval)
	return c
}

// Frame is one WebSocket message to send.
type Frame struct {
	Binary bool
	Data   []byte
}

// Out is what an input leads to: messages to send, in order, then at most one packet for the
// program, then perhaps the end. It is valid until the next call.
type Out struct {
	Send []Frame

	// Packet is a Connect once the namespace is joined (from the client, with its auth; on a client,
	// with the server's answer), a Disconnect when a client has left it, an Event or an Ack.
	Packet *wire.Packet

	// Err says that the connection is over, and why. What is in Send is still to be sent.
	Err error
}

// Machine is one end of a connection: every rule of the protocol, without clock, goroutine or
// socket. One goroutine at a time may use it.
type Machine struct {
	role  wire.Role
	cfg   Config
	state State
	dec   *wire.Decoder
	enc   wire.Encoder

	engineSID string
	sid       string
	limit     int // the largest message the far end takes
	partial   int // bytes of the packet that is being received

	connectBy time.Time // while not Connected
	pingAt    time.Time // server: when the next ping is due, if none is out
	pongBy    time.Time // server: zero if no ping is out
	silentAt  time.Time // client: when the server counts as gone
	idledAt   time.Time // server: when idled was counted
	idled     float64   // messages that led to nothing

	send [2]Frame
	out  Out
	buf  []byte
}

// NewServer makes the server's end. Its first order is the greeting.
func NewServer(cfg Config, now time.Time) (*Machine, Out) {
	m := newMachine(wire.ServerRole, cfg, now)
	m.state = Connecting
	m.engineSID = m.cfg.NewID()
	m.pingAt = now.Add(m.cfg.PingInterval)
	m.buf = wire.AppendHandshake(m.buf[:0], wire.Handshake{SID: m.engineSID, PingInterval: m.cfg.PingInterval, PingTimeout: m.cfg.PingTimeout,
		MaxPayload: wire.MaxMessage, Upgrades: m.cfg.upgrades})
	m.say(false, m.buf)
	return m, m.out
}

// NewClient makes the client's end. It waits for the greeting.
func NewClient(cfg Config, now time.Time) *Machine {
	return newMachine(wire.ClientRole, cfg, now)
}

func newMachine(role wire.Role, cfg Config, now time.Time) *Machine {
	cfg = cfg.withDefaults()
	return &Machine{
		role: role, cfg: cfg, limit: wire.MaxMessage,
		dec:       wire.NewDecoder(cfg.Parser),
		enc:       wire.Encoder{Parser: cfg.Parser, Role: role},
		connectBy: now.Add(cfg.ConnectTimeout),
	}
}

// State tells how far the connection has come.
func (m *Machine) State() State { return m.state }

// SID is the Socket.IO session's id, "" before Connected. It is what the original calls a socket's
// room.
func (m *Machine) SID() string { return m.sid }

// Limit is the size of the largest message that the far end takes.
func (m *Machine) Limit() int { return m.limit }

// Next is when Tick is due at the latest; the zero time when never.
func (m *Machine) Next() time.Time {
	var next time.Time
	if m.state == Over {
		return next
	}
	for _, t := range [...]time.Time{m.pingAt, m.pongBy, m.silentAt} {
		if !t.IsZero() && (next.IsZero() || t.Before(next)) {
			next = t
		}
	}
	if m.state != Connected && (next.IsZero() || m.connectBy.Before(next)) {
		next = m.connectBy
	}
	return next
}

// Tick does what the time demands: a ping, or an end for silence.
func (m *Machine) Tick(now time.Time) Out {
	m.out = Out{Send: m.send[:0]}
	due := func(t time.Time) bool { return !t.IsZero() && !now.Before(t) }
	switch {
	case m.state == Over:
	case due(m.pongBy):
		return m.end(timedOut("no answer to a ping for %v", m.cfg.PingTimeout))
	case due(m.silentAt):
		return m.end(timedOut("the server was silent for %v", m.cfg.PingInterval+m.cfg.PingTimeout))
	case m.state == Opening && due(m.connectBy):
		return m.end(timedOut("no greeting within %v", m.cfg.ConnectTimeout))
	case m.state == Connecting && due(m.connectBy):
		return m.end(timedOut("no namespace was joined within %v", m.cfg.ConnectTimeout))
	case due(m.pingAt):
		m.pingAt, m.pongBy = time.Time{}, now.Add(m.cfg.PingTimeout)
		m.say(false, enginePing)
	}
	return m.out
}

var (
	enginePing = []byte{byte(wire.EnginePing)}
	enginePong = []byte{byte(wire.EnginePong)}
)

// Receive takes one WebSocket message. The packet it may lead to shares memory with message.
func (m *Machine) Receive(now time.Time, binary bool, message []byte) Out {
	m.out = Out{Send: m.send[:0]}
	if m.state == Over {
		return m.out
	}
	p, err := wire.DecodeEngine(binary, message)
	if err != nil {
		return m.end(err)
	}
	if m.role == wire.ClientRole {
		return m.receiveClient(now, p)
	}
	return m.receiveServer(now, p)
}

// takesEvents tells whether an event in JSON, and in one message, would be passed on as it is.
func (m *Machine) takesEvents() bool {
	return m.role == wire.ServerRole && m.state == Connected && m.cfg.Parser == wire.JSON && !m.cfg.Detect && m.dec.Pending() == 0
}

// packet decodes a Socket.IO packet; nil while attachments are missing.
func (m *Machine) packet(p wire.EnginePacket) (*wire.Packet, error) {
	m.partial += len(p.Data)
	var packet *wire.Packet
	var err error
	if p.Binary {
		packet, err = m.dec.Binary(p.Data)
	} else {
		m.partial++ // the type digit
		packet, err = m.dec.Text(p.Data)
	}
	if packet != nil {
		packet.Size, m.partial = m.partial, 0
	}
	return packet, err
}

// say adds a message to send.
func (m *Machine) say(binary bool, data []byte) {
	m.out.Send = append(m.out.Send, Frame{binary, data})
}

// sayPacket adds a small packet without attachments.
func (m *Machine) sayPacket(p *wire.Packet) {
	var err error
	if m.buf, _, err = m.enc.Append(m.buf[:0], p); err == nil {
		m.say(m.enc.Binary(), m.buf)
	} else {
		m.end(err)
	}
}

func (m *Machine) end(err error) Out {
	m.state = Over
	m.out.Err = err
	return m.out
}

// Leave ends the connection by this end's wish: the order is a DISCONNECT where the namespace is
// joined.
func (m *Machine) Leave() Out {
	m.out = Out{Send: m.send[:0]}
	if m.state == Connected {
		m.sayPacket(&wire.Packet{Type: wire.Disconnect})
	}
	if m.state != Over {
		m.end(ErrClosed)
	}
	return m.out
}
