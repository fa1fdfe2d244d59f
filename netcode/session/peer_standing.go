package session

import (
	"time"

	"tandem/netcode/session/replica"
)

// standing is how far a peer knows where its match is.
type standing uint8

const (
	inStep      standing = iota // in the match from its start, or ready in it
	seatedAgain                 // back at its seat in mid-match; the start that tells where the match is comes next
	seatedAfter                 // the same, and its own match is over: nothing is left to be ready for
	catchingUp                  // told where the match is; ready is to be said once that is reached
)

// returning reports whether ready is still to be said.
func (s standing) returning() bool { return s == seatedAgain || s == catchingUp }

// unsure reports whether the peer is not told yet where the match is.
func (s standing) unsure() bool { return s == seatedAgain || s == seatedAfter }

// told is what follows once it is.
func (s standing) told() standing {
	switch s {
	case seatedAgain:
		return catchingUp
	case seatedAfter:
		return inStep
	}
	return s
}

// over is what follows once the match is over.
func (s standing) over() standing {
	switch s {
	case seatedAgain:
		return seatedAfter
	case catchingUp:
		return inStep
	}
	return s
}

// arrival is another's state that is on its way to this peer, where there is one: its parts come, then it waits
// until what is before it is stepped, then it is loaded.
type arrival struct {
	needed  bool              // nothing can be stepped without it: this peer has no state of the match yet
	heard   time.Duration     // when it was promised, or a part of it last came
	parts   replica.Assembly  // what has come of it
	snap    *replica.Snapshot // it is whole; nil where it is not
	loading bool              // it is being loaded
}

// blocks reports whether it must be loaded before anything is stepped.
func (a *arrival) blocks() bool { return a.needed || a.loading }
