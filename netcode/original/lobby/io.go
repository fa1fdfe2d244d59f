package lobby

import "tandem/netcode/original/wire"

// Conn names a socket of the relay.
type Conn uint64

// Send is an event for one socket. The event is valid until the next call of who made it.
type Send struct {
	To    Conn
	Event wire.Payload
}

// NoteKind is what a Note tells.
type NoteKind uint8

// The notes. From NoteMisplaced on they tell why something was ignored.
const (
	NoteRegistered   NoteKind = iota // Text: subject
	NoteWaiting                      // a player waits
	NoteStarted                      // a game begins
	NoteEnded                        // a game is over; Text: why
	NoteDesync                       // hashes of one frame differ; Frame
	NoteVerified                     // hashes of one frame are equal; Frame
	NoteResync                       // the host is asked for its state; Frame, Text: why
	NoteResyncAgain                  // it did not answer and is asked again
	NoteResyncFailed                 // it never did
	NoteApplied                      // the host's state goes to the others
	NoteMisplaced                    // an event that means nothing at this moment; Text
	NoteWrongGame                    // its game_id is not the socket's
	NoteWrongSeat                    // its player_id is not the socket's
	NoteNotHost                      // only the host may say this
	NoteUpload                       // an upload that nobody waits for; Text
)

var noteNames = [...]string{"registered", "waiting", "started", "ended", "desync", "verified", "resync", "resync_again",
	"resync_failed", "applied", "misplaced", "wrong_game", "wrong_seat", "not_host", "upload"}

// NumNotes is the number of kinds.
const NumNotes = len(noteNames)

// String returns the kind's name.
func (k NoteKind) String() string { return noteNames[min(int(k), len(noteNames)-1)] }

// Ignored tells whether the note is about an event that was ignored.
func (k NoteKind) Ignored() bool { return k >= NoteMisplaced }

// Note tells what happened, for logs and metrics.
type Note struct {
	Kind  NoteKind
	Conn  Conn
	Game  string
	Frame int64
	Text  string
}
