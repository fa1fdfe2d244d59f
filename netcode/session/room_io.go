package session

import (
	"time"

	"tandem/netcode/protocol"
)

// ConnID names a connection of the relay.
type ConnID uint32

// InputKind says what a RoomInput is.
type InputKind uint8

const (
	InputJoin    InputKind = iota // a connection asks for a seat
	InputMessage                  // a transport frame arrived
	InputClosed                   // the connection is gone
)

// RoomInput is one thing that happened on a connection. Inputs are in the order of their happening.
type RoomInput struct {
	Kind InputKind
	Conn ConnID
	Join *protocol.Join
	Data []byte
}

// RoomIn is what happened since the last Update.
type RoomIn struct {
	Now    time.Duration // the relay's monotonic clock
	Inputs []RoomInput
	Stop   bool // the relay is shutting down
}

// RoomPacket is a message to send.
type RoomPacket struct {
	Conn  ConnID
	Class protocol.Class
	Type  protocol.Type
	Data  []byte // valid until the next Update
}

// RoomClose is a connection to close once what was sent before has left.
type RoomClose struct {
	Conn ConnID
	Code protocol.Code
	Text string
}

// RoomEventKind is what an event tells.
type RoomEventKind uint8

const (
	RoomSeated   RoomEventKind = iota // Seat, Text: name
	RoomUnseated                      // Seat, Code
	RoomStarted                       // the frame clock runs
	RoomPaused                        // Seat, Frame
	RoomResumed                       // Frame
	RoomVerified                      // Frame: hashes were compared
	RoomDesync                        // Frame, Mask: differing seats, Sections
	RoomLate                          // Seat, Frame: an input came after its frame closed
	RoomRefused                       // Seat or -1, Code, Text
	RoomReceived                      // Seat, Type, N bytes
	RoomClosed                        // Frame, Mask: substituted seats
	RoomEnded                         // Code, Text, Frame
)

// RoomEvent tells what happened; it may be ignored.
type RoomEvent struct {
	Kind     RoomEventKind
	Type     protocol.Type
	Code     protocol.Code
	Seat     int
	Frame    uint32
	N        int
	Mask     uint16
	Sections uint32
	Text     string
}

// RoomOut is what an Update decided. Its slices are reused by the next Update.
type RoomOut struct {
	Send   []RoomPacket
	Close  []RoomClose
	Events []RoomEvent
	Wake   time.Duration // when the next Update is due if nothing happens first
	Over   bool          // the room has ended or is empty; it can be dropped once everything is sent
}
