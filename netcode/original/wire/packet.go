package wire

import "strconv"

// Parser is one of the two ways to write a packet. Both ends must be configured alike: it is not
// negotiated.
type Parser uint8

// The two parsers.
const (
	JSON    Parser = iota // text, binary data as attachments
	Msgpack               // one binary message per packet
)

// String returns the parser's name.
func (p Parser) String() string {
	if p == Msgpack {
		return "msgpack"
	}
	return "json"
}

// Role is the side a program is on. The stock client and server write some packets differently.
type Role uint8

// The two sides.
const (
	ServerRole Role = iota
	ClientRole
)

// PacketType is Socket.IO's. The binary types 5 and 6 are a matter of the JSON parser alone: a
// Packet is an Event or an Ack whether it has attachments or not.
type PacketType uint8

// The packet types.
const (
	Connect      PacketType = 0
	Disconnect   PacketType = 1
	Event        PacketType = 2
	Ack          PacketType = 3
	ConnectError PacketType = 4
	binaryEvent  PacketType = 5
	binaryAck    PacketType = 6
)

var packetNames = [...]string{"CONNECT", "DISCONNECT", "EVENT", "ACK", "CONNECT_ERROR", "BINARY_EVENT", "BINARY_ACK"}

// String returns the type's name in the protocol.
func (t PacketType) String() string {
	if int(t) < len(packetNames) {
		return packetNames[t]
	}
	return "packet type " + strconv.Itoa(int(t))
}

// Root is the namespace of everything the original does.
const Root = "/"

// Packet is a Socket.IO packet, whichever parser wrote it.
type Packet struct {
	Type      PacketType
	Namespace string // "" means Root when encoding; never empty when decoded

	// ID is what an Event asks to be acknowledged by, or what an Ack answers; HasID tells whether
	// there is one.
	ID    int64
	HasID bool

	// Name is an Event's. Args follow it; for an Ack they are all there is, for Connect and
	// ConnectError at most one value.
	Name string
	Args []Value

	// Size is how many bytes a received packet took, attachments included.
	Size int
}

// Arg returns the nth argument, null if there are not so many.
func (p *Packet) Arg(n int) Value {
	if n < 0 || n >= len(p.Args) {
		return Value{}
	}
	return p.Args[n]
}

// Clone returns a copy with memory of its own.
func (p *Packet) Clone() *Packet {
	c := *p
	c.Args = make([]Value, len(p.Args))
	for i, v := range p.Args {
		c.Args[i] = v.Clone()
	}
	return &c
}

// reserved are the event names that mean something to the stock library itself; it refuses them.
var reserved = map[string]bool{
	"connect": true, "connect_error": true, "disconnect": true, "disconnecting": true,
	"newListener": true, "removeListener": true,
}

func checkName(name string) error {
	switch {
	case len(name) > MaxEventName:
		return tooBig("an event name of %d bytes, %d are allowed", len(name), MaxEventName)
	case reserved[name]:
		return malformed("%q is a reserved event name", name)
	}
	return nil
}

// intern saves the allocation of an event name for those of the original.
func intern(name []byte) string {
	if s, ok := eventNames[string(name)]; ok {
		return s
	}
	return string(name)
}

// check validates what all decoders have in common, once a packet's parts are known. data is
// absent where !has.
func (p *Packet) check(data Value, has bool, args []Value) error {
	kind := data.Kind()
	p.Args = nil
	switch p.Type {
	case Connect:
		if has && kind != Map {
			return malformed("the data of a CONNECT is a %s, not a map", kind)
		}
	case ConnectError:
		if !has || kind != Map && kind != String {
			return malformed("the data of a CONNECT_ERROR must be a map or a string")
		}
	case Disconnect:
		if has {
			return malformed("a DISCONNECT has no data")
		}
	case Event, Ack:
		return p.checkArgs(data, has, args)
	}
	if p.HasID {
		return malformed("a %s has no id", p.Type)
	}
	if has {
		p.Args = append(args, data)
	}
	return nil
}

func (p *Packet) checkArgs(data Value, has bool, args []Value) error {
	if !has || data.Kind() != Array {
		return malformed("the data of an %s must be an array", p.Type)
	}
	if p.Type == Ack && !p.HasID {
		return malformed("an ACK without an id")
	}
	c := openCursor(data)
	if p.Type == Event {
		name, ok := c.item()
		text, isText := name.text()
		if !ok || !isText {
			return malformed("the first item of an EVENT must be its name")
		}
		if len(text) > MaxEventName {
			return tooBig("an event name of %d bytes, %d are allowed", len(text), MaxEventName)
		}
		p.Name = intern(text)
		if err := checkName(p.Name); err != nil {
			return err
		}
	}
	for {
		item, ok := c.item()
		if !ok {
			p.Args = args
			return nil
		}
		if len(args) == MaxArgs {
			return tooBig("more than %d arguments", MaxArgs)
		}
		args = append(args, item)
	}
}
