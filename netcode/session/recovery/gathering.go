package recovery

import (
	"time"

	"tandem/netcode/protocol"
	"tandem/netcode/session/replica"
)

const (
	// gatherTime is how long a relay waits for all before it goes on with those that are there.
	gatherTime = 10 * time.Second
	// collectTime is how long the one who tells the log may be silent.
	collectTime = 5 * time.Second
	// collectLimit is how long one seat may take to tell it in all: seven hours of two seats' play at the
	// pace at which peers tell.
	collectLimit = 30 * time.Second
)

// Result is what has come of a Gathering.
type Result uint8

const (
	Waiting  Result = iota // for players, or for the log of one of them
	AskedFor               // a log is wanted: of Teller, who claims Source
	Unknown                // nobody knows of a match: the room is a lobby
	Lost                   // nobody who knew the match stayed long enough to tell it
	Rebuilt                // the log is there; it is that of Source
)

// Gathering is a room while its match is put together again. New makes one.
type Gathering struct {
	log     *replica.Log
	actions int

	until  time.Duration // when it goes on with those who are there, or with another teller; 0: not known yet
	claims []claim
	limit  []time.Duration // until when a seat may tell the log; 0 before it was asked
	teller int             // seat that tells the log; -1 for none
	failed uint16          // seats that did not

	outvoted uint16 // seats that told what most others know otherwise
	anyway   bool   // no two know the same: the best of them is taken
}

// New begins to wait for the players of a room with so many seats and actions. What they tell goes into the
// log.
func New(seats, actions int, log *replica.Log) *Gathering {
	return &Gathering{log: log, actions: actions, teller: -1, claims: make([]claim, seats), limit: make([]time.Duration, seats)}
}

// WaitUntil sets until when it waits for all, in place of ten seconds from its first Update.
func (g *Gathering) WaitUntil(t time.Duration) { g.until = t }

// Until is when the next Update is due.
func (g *Gathering) Until() time.Duration { return g.until }

// Teller returns the seat that is asked for its log, or -1.
func (g *Gathering) Teller() int { return g.teller }

// Claimed returns what a seat has said that it has.
func (g *Gathering) Claimed(seat int) Past { return g.claims[seat].Past }

// Claim takes what a seat that has come back says it has. match is the number of the room's match whose seed
// that is, or -1; frames is how long a match of the room is at most, or 0.
func (g *Gathering) Claim(seat int, p Past, match int, frames uint32) {
	c := claim{p, match}
	if match < 0 || p.Base > p.Have || frames > 0 && p.Have > frames {
		c.Past = Past{} // of no match of this room
	}
	g.claims[seat] = c
	g.failed &^= 1 << seat &^ g.outvoted
}

// Withdraw notes that a seat is gone again. present are the seats that are there.
func (g *Gathering) Withdraw(now time.Duration, seat int, present uint16) {
	g.claims[seat] = claim{match: -1}
	g.Interrupt(now, seat, present)
}

// Interrupt notes that the connection of a seat is another one now: what the older was asked for is not
// coming.
func (g *Gathering) Interrupt(now time.Duration, seat int, present uint16) {
	if seat == g.teller {
		g.tellerFailed(now, present)
	}
}

// tellerFailed goes back to choosing, without the one who did not tell.
func (g *Gathering) tellerFailed(now time.Duration, present uint16) {
	g.failed |= 1 << g.teller
	g.teller = -1
	g.until = now // who was not there so far is not waited for again
	if present == 0 {
		g.until = now + gatherTime
	}
}

// Update decides what follows. present are the seats whose players are there, left those that nobody comes
// back to. from is whose history it is about, for AskedFor and Rebuilt.
func (g *Gathering) Update(now time.Duration, present, left uint16) (result Result, from Source) {
	if g.teller >= 0 {
		if now >= g.until {
			g.tellerFailed(now, present)
		}
		return Waiting, from
	}
	if g.until == 0 {
		g.until = now + gatherTime
	}
	if all := uint16(1<<len(g.claims) - 1); (present|left)&all != all && now < g.until {
		return Waiting, from
	}
	best := g.knowsMost(now, present)
	if best < 0 && g.outvoted != 0 && !g.anyway {
		g.anyway = true
		g.failed &^= g.outvoted
		best = g.knowsMost(now, present)
	}
	if best < 0 {
		for seat, limit := range g.limit {
			if g.failed&(1<<seat) != 0 || limit != 0 {
				return Lost, from
			}
		}
		return Unknown, from
	}
	c := &g.claims[best]
	g.log.Reset(len(g.claims), c.Base)
	if c.Have == 0 { // it had begun, and no frame of it had closed
		return g.vote(now, best, present)
	}
	if g.limit[best] == 0 {
		g.limit[best] = now + collectLimit
	}
	g.teller, g.until = best, min(now+collectTime, g.limit[best])
	return AskedFor, Source{best, c.Past, c.match}
}

// Source is whose log is wanted, or was told: the seat, what it has claimed, and the number of the match.
type Source struct {
	Seat int
	Past
	Match int
}

// knowsMost returns the seat that should tell the log; -1 when nobody is left who could.
func (g *Gathering) knowsMost(now time.Duration, present uint16) int {
	best := -1
	for i := range g.claims {
		c, limit := &g.claims[i], g.limit[i]
		if present&(1<<i) == 0 || c.Epoch == 0 || c.match < 0 || g.failed&(1<<i) != 0 || limit != 0 && now >= limit {
			continue
		}
		if best < 0 || c.newer(&g.claims[best]) {
			best = i
		}
	}
	return best
}

// Wants reports whether a run of bundles is the next part of what a seat was asked for: of full length, or up
// to the end.
func (g *Gathering) Wants(seat int, m *protocol.History) bool {
	end := m.Frame + uint32(len(m.Data)/g.log.Stride())
	return seat == g.teller && m.Frame == g.log.End() &&
		(len(m.Data) > protocol.MaxHistory-g.log.Stride() || end == g.claims[seat].Have)
}

// Take takes a run of bundles from the Teller, and returns what has come of it, or why it is refused.
func (g *Gathering) Take(now time.Duration, m *protocol.History, present uint16) (Result, Source, *protocol.Error) {
	seat := g.teller
	c := &g.claims[seat]
	if m.Epoch != c.Epoch || !replica.Sound(m.Data, len(g.claims), g.actions) {
		return Waiting, Source{}, protocol.Errorf(protocol.CodeMalformed, "A history that is none of this match.")
	}
	if m.Frame != g.log.End() || m.Frame+uint32(len(m.Data)/g.log.Stride()) > c.Have {
		return Waiting, Source{}, protocol.Errorf(protocol.CodeUnexpected, "A history of frame %d where frame %d was due.", m.Frame, g.log.End())
	}
	g.log.Append(m.Data)
	g.until = min(now+collectTime, g.limit[seat])
	if g.log.End() < c.Have {
		return Waiting, Source{}, nil
	}
	if g.log.Sum(c.Base, c.Have) != c.Sum {
		return Waiting, Source{}, protocol.Errorf(protocol.CodeMalformed, "A history that is not the one that was spoken of.")
	}
	result, from := g.vote(now, seat, present)
	return result, from, nil
}

// vote goes on with the history that a seat has told, unless more of those who are back know another. A
// history that is the beginning of it agrees; one that is longer, of another match, or from before what was
// told does not.
func (g *Gathering) vote(now time.Duration, seat int, present uint16) (Result, Source) {
	c := &g.claims[seat]
	votes := 0
	for i := range g.claims {
		o := &g.claims[i]
		if present&(1<<i) == 0 || o.Epoch == 0 || o.match < 0 || o.Have == 0 && i != seat {
			continue // knows nothing
		}
		if i == seat || o.match == c.match && o.Base >= c.Base && o.Have <= c.Have && g.log.Sum(o.Base, o.Have) == o.Sum {
			votes++
		} else {
			votes--
		}
	}
	if votes < 0 && !g.anyway {
		g.outvoted |= 1 << seat
		g.teller = seat
		g.tellerFailed(now, present)
		return Waiting, Source{}
	}
	return Rebuilt, Source{seat, c.Past, c.match}
}
