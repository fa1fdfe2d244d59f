package protocol

import (
	"errors"
	"fmt"
	"slices"
	"unicode/utf8"
)

// Version is the protocol's version. Raise it with every change that an older program would
// misread, and add a line to the history in doc.go.
const Version = 2

// Magic opens hello and welcome, so that a stranger on the port is recognised at once.
const Magic = "tandem"

// Limits. The frame limit bounds what a connection may make the other side hold; the others keep a
// room's texts on a screen.
const (
	MaxFrame   = 4096 // bytes of one transport message, both ways; a start burst of a 16-seat room needs about 1.5 KiB
	MaxSeats   = 16   // seats of a room; the mask of a bundle has a bit for each
	MaxAction  = 127  // the largest action: one byte of msgpack
	MaxEpoch   = 127  // rematches and rebuilds of one room; one byte of msgpack
	MaxProgram = 64   // bytes of a program's name and version
	MaxRoom    = 32   // bytes of a room code
	MaxText    = 512  // bytes of a reason or a HUD text
	MaxToken   = 1024 // bytes of a seat token: the options of a room are inside
	MaxOptions = 64   // room options of one join
	MaxOption  = 256  // bytes of one option, "name=value"
	MaxBatch   = 64   // frames of one action_batch: more than the relay's window of ±60
	MaxList    = 64   // times of one frame_sync list
	MaxBound   = 1e5  // 0.1 ms by which they may be off: a round trip of 20 s
	MaxHashes  = 32   // sections of a state
	MaxEarly   = 127  // ms a bundle can say it left early; this value means "or more"
	MaxFrameNo = 1<<31 - 1
	MaxHistory = 3 << 10 // bytes of bundles in one history: with its header within MaxFrame

	// A snapshot travels in chunks, so that an action never waits behind more than one of them.
	MaxChunk    = 3 << 10  // bytes of a snapshot in one chunk: with its header within MaxFrame
	MaxSnapshot = 64 << 10 // bytes of a whole snapshot on the wire

	MaxSpectators = 64 // who only watch, per room
	MaxWatchers   = 8  // of them are told by name: more than a waiting room shows
)

// What the rows of the table say of fields.

func first(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

func valid(what string, ok bool) error {
	if !ok {
		return fmt.Errorf("the %s is out of range", what)
	}
	return nil
}

func epoch(e uint8) error         { return valid("epoch", e <= MaxEpoch) }
func seats(list ...uint8) error   { return valid("seat", slices.Max(list) < MaxSeats) }
func frames(list ...uint32) error { return valid("frame", slices.Max(list) <= MaxFrameNo) }

func text(what, s string, limit int) error {
	if len(s) > limit {
		return fmt.Errorf("%s is longer than %d bytes", what, limit)
	}
	return nil
}

// words is text that people read: it must not be able to garble a terminal or a screen.
func words(what, s string, limit int) error {
	if err := text(what, s, limit); err != nil {
		return err
	}
	if !utf8.ValidString(s) {
		return fmt.Errorf("%s is not UTF-8", what)
	}
	for _, c := range s {
		if Control(c) && c != '\n' {
			return fmt.Errorf("%s has a control character", what)
		}
	}
	return nil
}

func options(list []string) error {
	if len(list) > MaxOptions {
		return fmt.Errorf("more than %d options", MaxOptions)
	}
	for _, o := range list {
		if len(o) > MaxOption || !utf8.ValidString(o) {
			return fmt.Errorf("an option is longer than %d bytes or not UTF-8", MaxOption)
		}
	}
	return nil
}

func roster(seats []RosterEntry) error {
	if len(seats) > MaxSeats {
		return errors.New("too many seats")
	}
	for _, s := range seats {
		if s.Since > MaxFrameNo {
			return errors.New("the frame is out of range")
		}
		if _, err := PlayerName(s.Name); err != nil {
			return err
		}
	}
	return nil
}

func watchers(n uint8, names []string) error {
	if n > MaxSpectators || len(names) > MaxWatchers || len(names) > int(n) {
		return errors.New("too many spectators")
	}
	for _, s := range names {
		if _, err := PlayerName(s); err != nil {
			return err
		}
	}
	return nil
}
