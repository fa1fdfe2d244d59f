package verify

import (
	"math/bits"
	"time"

	"tandem/netcode/protocol"
)

// recheckTime is how long the seats may take to simulate some frames again.
const recheckTime = 3 * time.Second

// recheck is the question who contradicts themselves, where states differ and nobody can tell whose holds.
type recheck struct {
	id      uint32 // 0: none
	before  [protocol.MaxSeats]uint64
	after   [protocol.MaxSeats]uint64 // the hashes once the frames were simulated again
	asked   uint16
	have    uint16
	ok      uint16
	liars   uint16 // who is not asked, and has contradicted themselves before
	verdict protocol.VerifyState
	until   time.Duration
}

// Question asks a seat to simulate the frames behind a state again: behind Base where it is OK, else from
// the beginning.
type Question struct {
	Seat int
	Base Known
}

// Ask begins to ask all who were compared in a verdict that nobody could judge; Decide tells what comes of
// it. id names the question. It asks nothing while it waits for other answers: the next hash brings the next.
func (c *Comparison) Ask(now time.Duration, id uint32, v *protocol.VerifyState) (list []Question, ok bool) {
	if c.recheck.id != 0 {
		return nil, false
	}
	q := recheck{id: id, before: c.undecided, verdict: *v, until: now + recheckTime}
	for i := range c.seats {
		if v.Compared&(1<<i) == 0 {
			continue
		}
		var base Known
		switch {
		case c.BaseFor(i, v.Frame).OK:
			base = c.holds
		case c.seats[i].base.reaches(v.Frame):
			base = c.seats[i].base
		case v.Frame > MaxReplay:
			// Too far to go back: it is asked nothing, and whoever has contradicted themselves ever since is
			// taken to do so again.
			if c.seats[i].contradicts {
				q.liars |= 1 << i
			}
			continue
		}
		q.asked |= 1 << i
		list = append(list, Question{i, base})
	}
	c.recheck = q
	return list, true
}

// Asks reports whether a question of this number is open to a seat.
func (c *Comparison) Asks(seat int, id uint32) bool {
	return c.recheck.id != 0 && c.recheck.id == id && c.recheck.have&(1<<seat) == 0
}

// Answer takes a seat's answer to a question that is open to it. OK is false where it could not simulate the
// frames again.
func (c *Comparison) Answer(seat int, ok bool, hash uint64) {
	c.recheck.have |= 1 << seat
	if ok {
		c.recheck.ok |= 1 << seat
		c.recheck.after[seat] = hash
	}
}

// Excuse waits no more for the answer of a seat whose connection is gone, which may decide the question.
func (c *Comparison) Excuse(m Moment, seat int) (protocol.VerifyState, bool) {
	if c.recheck.id == 0 || c.recheck.asked&(1<<seat) == 0 {
		return protocol.VerifyState{}, false
	}
	c.recheck.asked &^= 1 << seat
	return c.Decide(m)
}

// Expire waits no more for answers that are overdue, which decides the question.
func (c *Comparison) Expire(m Moment) (protocol.VerifyState, bool) {
	if c.recheck.id == 0 || m.Now < c.recheck.until {
		return protocol.VerifyState{}, false
	}
	c.recheck.asked = c.recheck.have
	return c.Decide(m)
}

// Until is when Expire has something to do; w where nothing is before.
func (c *Comparison) Until(w time.Duration) time.Duration {
	if c.recheck.id != 0 {
		return min(w, c.recheck.until)
	}
	return w
}

// Forget drops the open question.
func (c *Comparison) Forget() { c.recheck = recheck{} }

// Decide names the outlier once every answer is there: who comes to another state than before when the same
// frames are simulated again was wrong. Where all who answered contradict themselves, or none does, the
// host's state holds; so it does where somebody could not answer, for whom nothing speaks, and nothing
// against: the word of the other alone must not overrule an honest player who was told the match by a
// snapshot.
func (c *Comparison) Decide(m Moment) (protocol.VerifyState, bool) {
	if c.recheck.id == 0 || c.recheck.have&c.recheck.asked != c.recheck.asked {
		return protocol.VerifyState{}, false
	}
	q := c.recheck
	c.recheck = recheck{}
	if q.verdict.Compared == 0 {
		return protocol.VerifyState{}, false // all of them have other states by now
	}
	steady, liars := uint16(0), q.liars // who came to the same state again, and to another one
	agreed := true
	var truth uint64
	for i := range c.seats {
		switch {
		case q.ok&(1<<i) == 0:
			continue
		case q.after[i] != q.before[i]:
			liars |= 1 << i
			continue
		}
		if steady != 0 && q.before[i] != truth {
			agreed = false
		}
		steady |= 1 << i
		truth = q.before[i]
	}
	named := uint16(0) // whose state is not that of the steady ones
	for i := range c.seats {
		if q.verdict.Compared&(1<<i) != 0 && q.before[i] != truth {
			named |= 1 << i
		}
	}
	v := q.verdict
	v.By = protocol.JudgeRecheck
	if steady == 0 || !agreed || named&^liars != 0 {
		v.By = protocol.JudgeHost
		if q.ok&v.Compared != v.Compared {
			v.By = protocol.JudgeUnsure
		}
		from := m.Host
		if v.Compared&(1<<from) == 0 {
			from = bits.TrailingZeros16(v.Compared)
		}
		truth = q.before[from]
	}
	for i := range c.seats {
		if liars&(1<<i) != 0 {
			c.seats[i].contradicts = true
		}
	}
	v.Total, v.Differing = truth, 0
	for i := range c.seats {
		if v.Compared&(1<<i) != 0 && q.before[i] != truth {
			v.Differing |= 1 << i
		}
	}
	return v, true
}
