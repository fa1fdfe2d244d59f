package session

import (
	"fmt"
	"time"

	"tandem/netcode/protocol"
	"tandem/netcode/session/timing"
)

// roomSeat is what a room keeps of a seat.
type roomSeat struct {
	link
	taken bool
	name  string // what everybody calls its player
	// forgotten says that a restart of the relay has lost that name, and its player is not back to tell it.
	forgotten bool
	asked     string // what its player asked to be called
	bot       bool   // its connection is a stand-in's
	ready     bool
	lead      time.Duration

	last      uint8  // action of the highest frame received
	lastFrame uint32 // that frame + 1; 0 before the first
	repeats   int
	away      bool // nobody is at the controls
	unloads   bool // its player has closed the window
	predictor *timing.Predictor
	holds     holdCost      // of frames, for its inputs
	owner     uint64        // number in its player's token
	serial    uint32        // of that token
	shown     uint32        // after a restart of the relay: serial of the token by which its owner has it; a higher one is a later owner's
	ended     uint64        // number of whoever had it when the latest match ended
	botOwner  uint64        // number in its stand-in's token
	botAsked  time.Duration // when the host was last asked for one
	returns   allowance     // of its player
	since     uint32        // frame of this match from which on its player has had it
	played    bool          // its player was ready for this match
	left      bool          // its player left by their own act: the seat is free
	absent    time.Duration // since when nobody is there
	goneAt    time.Duration // since when the match waits for it; 0 when it does not
	paused    time.Duration // for how long the match has waited for this seat
	late      bool          // an input came late since the seat was last told
	lateAt    uint32        // frame at which it was

	finished bool
	frames   uint32
	final    uint64

	slacks protocol.Times // of this seat's inputs, for its next frame_sync
	times  protocol.Times // when it sampled, for the others' next frame_sync
}

// beginMatch clears what belongs to the match before.
func (s *roomSeat) beginMatch(now time.Duration, predict bool) {
	s.predictor = nil
	if predict {
		s.predictor = timing.NewPredictor()
	}
	s.behind = false
	s.last, s.lastFrame, s.repeats = 0, 0, 0
	s.holds = holdCost{}
	s.goneAt, s.paused, s.absent = 0, 0, now
	s.botAsked = 0
	s.late, s.lateAt, s.since, s.played = false, 0, 0, true
	s.finished, s.frames, s.final = false, 0, 0
	s.slacks.List, s.times.List = s.slacks.List[:0], s.times.List[:0]
}

// loss says how a player went without a goodbye.
func (s *roomSeat) loss() string {
	if s.unloads {
		return s.name + " has closed the game"
	}
	return "The connection of " + s.name + " is gone"
}

// seats are a room's. What they tell by themselves is asked of them; sets of them are masks, a bit each.
type seats []roomSeat

// taken returns how many are taken.
func (l seats) taken() int {
	n := 0
	for i := range l {
		if l[i].taken {
			n++
		}
	}
	return n
}

// of returns the seat of a connection, or -1.
func (l seats) of(c ConnID) int {
	for i := range l {
		if l[i].taken && l[i].present && l[i].conn == c {
			return i
		}
	}
	return -1
}

// steering returns the seats whose players are there, at their controls and heard since the clock
// started.
func (l seats) steering() (seats uint16) {
	for i := range l {
		if s := &l[i]; s.present && !s.away && !s.behind && s.lastFrame != 0 {
			seats |= 1 << i
		}
	}
	return seats
}

// hashing returns the seats whose hashes are waited for: those that are there and not catching up.
func (l seats) hashing() (seats uint16) {
	for i := range l {
		if s := &l[i]; s.present && !s.behind {
			seats |= 1 << i
		}
	}
	return seats
}

// humans returns the seats at which a player is.
func (l seats) humans() (seats uint16) {
	for i := range l {
		if s := &l[i]; s.present && !s.bot {
			seats |= 1 << i
		}
	}
	return seats
}

// anybodyAway reports whether somebody who sits here is away.
func (l seats) anybodyAway() bool {
	for i := range l {
		if s := &l[i]; s.taken && s.present && s.away {
			return true
		}
	}
	return false
}

// matchFrames is the length of the match, of which so many frames have closed, or as those tell who have finished it.
func (l seats) matchFrames(closed uint32) uint32 {
	frames := closed
	for i := range l {
		if l[i].finished {
			frames = l[i].frames
		}
	}
	return frames
}

// distinct returns what everybody calls the player of a seat: what they call themselves, with a number
// where another seat has that name, or had until now, so that screens and data tell two people apart.
func (l seats) distinct(s int, name, before string) string {
	if name == "" {
		name = fmt.Sprintf("Player %d", s+1)
	}
	return protocol.Distinct(name, func(name string) bool {
		for i := range l {
			if other := &l[i]; i != s && other.taken && protocol.Alike(other.name, name) {
				return true
			}
		}
		return protocol.Alike(before, name)
	})
}
