package session

import (
	"time"

	"tandem/netcode/protocol"
	"tandem/netcode/session/replica"
)

// ConnID names a connection of the relay.
type ConnID uint32

// InputKind says what a RoomInput is.
type InputKind uint8

const (
	InputJoin    InputKind = iota // a connection asks for a seat
	InputMessage                  // a transport frame arrived
	InputClosed                   // the connection is gone
	InputSlow                     // much waits to be sent on the connection
	InputTakes                    // what waited has left
)

// RoomInput is one thing that happened on a connection. Inputs are in the order of their happening.
type RoomInput struct {
	Kind InputKind
	Conn ConnID
	Join *protocol.Join
	Data []byte
	// Unloads, of InputClosed, says that the player's window or page is gone, and not only the line.
	Unloads bool
}

// RoomIn is what happened since the last Update.
type RoomIn struct {
	Now       time.Duration // the relay's monotonic clock
	Wall      time.Time     // the clock on the wall: it may jump, and only tokens know it
	Inputs    []RoomInput
	Stop      bool // the relay is shutting down
	Restart   bool // the relay is shutting down and will be back with the same key
	Displaced bool // the code belongs to others (GivesWayTo)

	replica.Answers // of the witness, where there is one
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
	RoomSeated         RoomEventKind = iota // Seat, Text: name
	RoomUnseated                            // Seat, Code
	RoomStarted                             // the frame clock runs
	RoomPaused                              // Seat, Frame
	RoomResumed                             // Frame
	RoomVerified                            // Frame: hashes were compared
	RoomDesync                              // Frame, Mask: differing seats, Sections
	RoomLate                                // Seat, Frame: an input came after its frame closed
	RoomRefused                             // Seat or -1, Code, Text
	RoomReceived                            // Seat, Type, N bytes
	RoomClosed                              // Frame, Mask: seats at their controls that were substituted, N: 0.1 ms it was held
	RoomEnded                               // Code, Text, Frame: the room is closed in mid-match
	RoomMatchOver                           // Text, Frame: the match ended as it should, the room stays for another
	RoomWatched                             // Text: name of a spectator
	RoomRewound                             // Seat, Frame: it had more or other bundles than this match has
	RoomRestored                            // Frame: the match was put together again after a restart
	RoomSnapshot                            // Seat or -1, Frame, N bytes: a state has reached who needed it
	RoomSlow                                // Seat or -1, Frame: it does not take what is sent, and gets it later
	RoomTransferFailed                      // Seat or -1, Frame, Text
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

// SeatHash is the hash that a seat reported of its state after a frame.
type SeatHash struct {
	Seat int
	Hash protocol.StateHash
}

// RoomOut is what an Update decided. Its slices are reused by the next Update.
type RoomOut struct {
	Send   []RoomPacket
	Close  []RoomClose
	Events []RoomEvent
	Hashes []SeatHash // that were reported, for whoever keeps a record
	// Commands are for the executor of the witness; there are none without one.
	Commands []replica.Command
	Wake     time.Duration // when the next Update is due if nothing happens first
	Over     bool          // the room has ended or is empty; it can be dropped once everything is sent

	now time.Duration
}
