package recording

import (
	"time"

	"tandem/netcode/protocol"
)

// Kind says what a record is.
type Kind uint8

// The kinds. What each uses of a Record stands behind it.
const (
	KindReset    Kind = 1  // Epoch, Seed: a match begins, frame 0 is next
	KindEpoch    Kind = 2  // Epoch: the match goes on in another epoch (the relay was restarted)
	KindBundle   Kind = 3  // Frame, Actions, Substituted, Flags, Dur: hold; At
	KindHash     Kind = 4  // Frame, Seat, Hash
	KindDelay    Kind = 5  // Frame, Dur: the owner's input, sampled to stepped; Exceeded
	KindLatency  Kind = 6  // Frame, Seat, Dur: another seat's input, sampled to stepped at the owner's
	KindSnapshot Kind = 7  // Frame, State: the state after Frame was loaded; Frame+1 is next
	KindEpisode  Kind = 8  // Frame, N: episode N, from 0, ended with that frame
	KindDesync   Kind = 9  // Frame, Mask: differing seats, Sections; At
	KindNote     Kind = 10 // Note, Frame, Seat, Text; At
	KindEnd      Kind = 11 // Frame: frames of the match, Code, Text; At
	KindStopped  Kind = 12 // Text: the writer could not go on, for that reason

	// kindSeal is the last record of a recording that is whole, in a block of its own: the number of
	// bundles and the SHA-256 of all bytes before the block. A Reader checks it and keeps it to itself.
	kindSeal Kind = 13
)

// Note says what a note tells.
type Note uint8

// The notes.
const (
	NotePause    Note = 1 // Frame: the next one, Seat: who is waited for, Text
	NoteResume   Note = 2 // Frame: the first one after the pause
	NoteOption   Note = 3 // Frame: from which on, Text: "name=value"
	NoteCutOff   Note = 4 // Text: the owner's connection was lost
	NoteReturned Note = 5 // the owner is back in its seat
	NoteHolder   Note = 6 // Frame: from which on, Seat, Text: the name of the player whose it is; it may come later than the frame
	NoteKept     Note = 7 // Frame: the next reset begins the same match again, and what was played of it before this frame has happened
)

var noteNames = [...]string{NotePause: "pause", NoteResume: "resume", NoteOption: "option", NoteCutOff: "cut off", NoteReturned: "returned", NoteHolder: "holder", NoteKept: "kept"}

// String returns the note's name.
func (n Note) String() string {
	if int(n) < len(noteNames) && n > 0 {
		return noteNames[n]
	}
	return "note"
}

// NoSeat is the seat of what belongs to none.
const NoSeat = -1

// Record is one thing that happened. Which fields count depends on Kind; the slices and the text
// belong to the reader and are valid until the next record.
type Record struct {
	Kind        Kind
	At          time.Duration // since Header.Began, by the owner's clock; of the latest record that has a time
	Epoch       uint8         // of this record and those after it
	Frame       uint32
	Seed        uint64
	Actions     [protocol.MaxSeats]uint8
	Substituted uint16
	Flags       uint8
	Seat        int
	Hash        Hash
	Dur         time.Duration
	Exceeded    bool // it took longer than the frames that the room had fixed
	State       []byte
	N           int
	Mask        uint16
	Sections    uint32
	Note        Note
	Code        protocol.Code
	Text        string
}

// Hash is the hash of a state: of all of it, and 32 bits per section.
type Hash struct {
	Total    uint64
	Sections [protocol.MaxHashes]uint32
	Count    int // how many of Sections count; 0 when only Total is known
}

// Variants of records, in the high bits of their first byte.
const (
	withMask  = 1 << 4 // bundle: the substituted mask follows
	withFlags = 1 << 5 // bundle: flags follow
	withHold  = 1 << 6 // bundle: the hold follows
	lastFrame = 1 << 4 // hash, delay: of the frame that was bundled last

	beyondFixed = 1 << 5 // delay: more than the frames that the room had fixed
)

// tenth is the unit of times.
const tenth = 100 * time.Microsecond
