package client

import (
	"time"

	"tandem/env"
	"tandem/env/draw"
)

// Phase is what a player is in the middle of.
type Phase uint8

const (
	Connecting Phase = iota // no answer from the relay yet
	Waiting                 // in the room, seats still free or players not ready
	Countdown               // the match has a start time
	Playing                 // frames are being stepped
	Paused                  // the room is paused
	Finished                // the match ended as it should
	Closed                  // it ended otherwise: refused, disconnected, aborted
)

// String returns the phase's name.
func (p Phase) String() string {
	return [...]string{"connecting", "waiting", "countdown", "playing", "paused", "finished", "closed"}[p]
}

// Player is one seat as people see it.
type Player struct {
	Name    string // what the player calls themselves; "" while the seat is free
	Agent   string // the agent's title for people: "left (blue)"
	Present bool   // connected and not away
	Host    bool
	You     bool
}

// View is everything a screen needs to show the match at one moment. It is a copy: the match goes
// on meanwhile. A View is reused from frame to frame so that drawing allocates nothing.
type View struct {
	Phase    Phase
	Headline string // one short sentence: what is going on
	Detail   string // one more: what to do about it, or ""
	Outdated bool   // the relay is of another version
	MayWatch bool   // there was no seat, but the match can be watched

	Spec     *env.Spec // nil until the room is known
	Room     string    // the room's code, for friends to join
	Seat     int       // -1 until seated
	Players  []Player
	Starting time.Duration // until the first frame, while Phase is Countdown

	Frame     uint32 // frames stepped in this match
	Frames    uint32 // length of the match when it is fixed in frames, else 0
	Episode   int    // from 0
	Episodes  int
	Step      int       // steps of this episode
	Holding   bool      // between two episodes
	Scores    []float64 // rewards of each seat, summed over the match
	Points    []float64 // each seat's score as people count it (see sim.Match.AppendPoints)
	Together  bool      // the seats share their rewards: they win together
	LastScore []float64 // rewards of each seat in the episode before this one, while Holding

	// Prev and Cur are the pictures of the last two states. Alpha, 0 to 1, says how far the moment
	// lies between them. Prev is empty when there is nothing to move from (a start, a reset).
	Prev, Cur draw.List
	Alpha     float64

	Desyncs     int           // of this match, as Substituted, Stalls and Verified are
	Substituted int           // own inputs that came too late
	Transport   string        // what small messages travel by, see transport.Carrier
	Watchers    string        // who watches, in words, or ""
	Rules       []string      // what the room's host chose, in plain words; not to be changed
	Alone       bool          // every other seat is a bot of this program: Client.Pause stops the match
	HostsRelay  bool          // the room lives in this program, and others play in it
	Watching    bool          // a spectator: nothing this player does reaches the match
	Again       time.Duration // for how much longer the room waits for another match; 0: it does not
	AgainAsked  bool          // this player wants one
	Warning     string        // what is wrong with the link or this computer, in words and numbers, or ""

	Notice   string            // what has just happened to the room, for a few seconds, or ""
	Delay    string            // the room's input delay in words: "3 frames (100 ms)", "automatic"
	Figures  [NumFigures]Trace // what is measured, and what it was in the last 20 s
	Stalls   int               // how often the picture stood still
	Verified int               // state hashes compared by the relay
}
