package verify

import (
	"math/bits"
	"time"

	"tandem/netcode/protocol"
	"tandem/netcode/session/timing"
)

const (
	// slots is how many frames' hashes wait for the slowest seat: at 5 frames each, when states have
	// differed, over 5 seconds.
	slots = 32
	// closeEvery is how often states are hashed after they have differed, and closeFor for how long: until
	// they have been equal for so long (B1).
	closeEvery = 5
	closeFor   = 5 * time.Second
	// patience is how many frames a seat may take to tell its hash before the others are compared without it:
	// who keeps silent must not keep a difference between others from being found. The slowest link that can
	// be played on takes two seconds.
	patience = 5 * timing.FrameRate
)

// MaxReplay is how many frames anybody is asked to simulate again in one go: half a minute of play, which
// costs an environment milliseconds. A seat that differs without end must cost others no more.
const MaxReplay = 30 * timing.FrameRate

// State names the state after a frame by its hash.
type State struct {
	Frame uint32
	Hash  uint64
}

// Known is a state of which something is known: where OK, it is the one that holds, or that a seat has.
type Known struct {
	State
	OK    bool
	Seats uint16 // who had it
}

// Moment is what a judgement has to know of the room at the time.
type Moment struct {
	Now       time.Duration
	Next      uint32 // the open frame
	Telling   uint16 // seats whose hashes are waited for: those that are there and not catching up
	Witness   bool   // the relay runs the match too, and its hash is waited for
	Beginning bool   // the beginning of the match can be told to whoever comes
	Host      int
}

// slot holds the hashes of one frame until every present seat has sent its own. The hash of a frame is
// compared only with that of the same frame and epoch.
type slot struct {
	used    bool
	epoch   uint8
	frame   uint32
	have    uint16
	hash    []protocol.StateHash // per seat
	witness bool                 // the next is there
	truth   protocol.StateHash   // the witness's
}

// seat is what is known of one seat's states.
type seat struct {
	loads       uint32 // times that it loaded a snapshot or began again: what it hashed before is void
	base        Known  // the state that it has loaded last, to simulate frames again from
	contradicts bool   // it came to another state when it simulated frames again, and has had no right one since
	reached     uint32 // the newest frame it has told a hash of, + 1
	answered    uint32 // the newest frame of this epoch whose hash it has told first, + 1; it never goes back
}

// Comparison compares the states of a match's seats by their hashes. New makes one.
type Comparison struct {
	epoch    uint8
	every    uint32 // frames between two hashes, in peace
	slot     [slots]slot
	seats    []seat
	nextHash uint32        // frame whose bundle asks for the next hash
	differed time.Duration // when states last did; 0 for never
	holds    Known         // the last state that is known to hold
	recheck  recheck

	undecided [protocol.MaxSeats]uint64 // the hashes of the last verdict that nobody could judge
}

// New returns a comparison of so many seats. Begin comes first.
func New(seats int) *Comparison {
	c := &Comparison{seats: make([]seat, seats)}
	for i := range c.slot {
		c.slot[i].hash = make([]protocol.StateHash, seats)
	}
	return c
}

// Begin begins a match or an epoch at a frame, with so many frames between two hashes: nothing is compared
// across it.
func (c *Comparison) Begin(epoch uint8, next uint32, every int) {
	for i := range c.slot {
		c.slot[i].used = false
	}
	clear(c.seats)
	c.epoch, c.every = epoch, uint32(every)
	c.nextHash = next + c.every - 1
	c.differed, c.holds, c.recheck = 0, Known{}, recheck{}
}

// Due reports whether the bundle of the open frame asks for hashes, and goes on to the next that will.
func (c *Comparison) Due(now time.Duration, next uint32) bool {
	if next < c.nextHash {
		return false
	}
	c.nextHash = next + c.every
	if c.differed != 0 && now-c.differed < closeFor {
		c.nextHash = next + min(closeEvery, c.every)
	}
	return true
}

// Soon brings the next hash forward, because something has happened that might make states differ. It
// never comes closer than five frames to the one before.
func (c *Comparison) Soon(next uint32) { c.nextHash = min(c.nextHash, next+closeEvery) }

// Holds returns the last state that is known to hold.
func (c *Comparison) Holds() Known { return c.holds }

// Loads returns how often a seat has loaded a state or begun again.
func (c *Comparison) Loads(seat int) uint32 { return c.seats[seat].loads }

// Reached returns how far the states of a seat are, as its hashes tell: the newest frame it has told one of,
// plus 1; 0 for none.
func (c *Comparison) Reached(seat int) uint32 { return c.seats[seat].reached }

// Awaited reports whether a seat has not told the hash of a frame yet, nor of a later one.
func (c *Comparison) Awaited(seat int, frame uint32) bool { return frame >= c.seats[seat].answered }

// Renew begins the books of a seat at which another process sits now: it counts its loads from the beginning.
// What the one before it told is for Void.
func (c *Comparison) Renew(seat int) {
	s := &c.seats[seat]
	s.loads, s.base, s.contradicts = 0, Known{}, false
}

// Restart notes that a seat is told to begin the match again: the hashes that are on their way are of the
// state that it gives up.
func (c *Comparison) Restart(seat int) { c.seats[seat].loads++ }

// Loaded notes that a seat has loaded a state, for the loads-th time.
func (c *Comparison) Loaded(seat int, loads uint32, state State) {
	s := &c.seats[seat]
	s.loads, s.base = loads, Known{State: state, OK: state.Hash != 0}
}

// Void forgets the hashes that a seat has sent before it loaded a state, or that another connection sent in
// its name: who sits there now must not be named for them. What it told before is nobody's question any more,
// which may decide it.
func (c *Comparison) Void(m Moment, seat int) (protocol.VerifyState, bool) {
	for i := range c.slot {
		c.slot[i].have &^= 1 << seat
	}
	c.seats[seat].reached = 0
	q := &c.recheck
	if q.id == 0 || q.asked&(1<<seat) == 0 {
		return protocol.VerifyState{}, false
	}
	q.asked &^= 1 << seat
	q.ok &^= 1 << seat
	q.verdict.Compared &^= 1 << seat
	return c.Decide(m)
}

// Displace makes room for the hashes of a frame: where all places are taken, the oldest frame is judged by
// those that have come.
func (c *Comparison) Displace(m Moment, frame uint32) (protocol.VerifyState, bool) {
	s := c.place(frame)
	if !s.used || s.epoch == c.epoch && s.frame == frame || frame < s.frame {
		return protocol.VerifyState{}, false
	}
	s.used = false
	return c.judge(m, s, true)
}

// Tell takes the hash of a seat, which Displace has made room for. ok is false where the frame is so old that
// it was given up; first says that it has told none of this frame or a later one before.
func (c *Comparison) Tell(seat int, h *protocol.StateHash) (first, ok bool) {
	s := &c.seats[seat]
	s.reached = max(s.reached, h.Frame+1)
	if first = h.Frame >= s.answered; first {
		s.answered = h.Frame + 1
	}
	at := c.open(h.Frame)
	if at == nil {
		return first, false
	}
	at.have |= 1 << seat
	at.hash[seat] = *h
	return first, true
}

// Witness takes the hash of the relay's own simulation, which Displace has made room for; false where the
// frame is so old that it was given up.
func (c *Comparison) Witness(h *protocol.StateHash) bool {
	at := c.open(h.Frame)
	if at == nil {
		return false
	}
	at.witness, at.truth = true, *h
	return true
}

// place returns the slot of a frame, or the one it would take: the oldest gives way, of those that were judged
// first.
func (c *Comparison) place(frame uint32) *slot {
	oldest := &c.slot[0]
	for i := range c.slot {
		s := &c.slot[i]
		if s.used && s.epoch == c.epoch && s.frame == frame {
			return s
		}
		// One that was judged is needed for as long as a recheck may take: it tells who has its state.
		switch {
		case s.used != oldest.used:
			if oldest.used {
				oldest = s
			}
		case s.epoch < oldest.epoch || s.epoch == oldest.epoch && s.frame < oldest.frame:
			oldest = s
		}
	}
	return oldest
}

// open returns the slot of a frame; nil where that was given up.
func (c *Comparison) open(frame uint32) *slot {
	s := c.place(frame)
	switch {
	case s.used && s.epoch == c.epoch && s.frame == frame:
		return s
	case s.used:
		return nil
	}
	s.used, s.epoch, s.frame, s.have, s.witness = true, c.epoch, frame, 0, false
	return s
}

// Next returns the next verdict: on a frame whose hashes are complete, or have been waited for long enough.
func (c *Comparison) Next(m Moment) (protocol.VerifyState, bool) {
	for i := range c.slot {
		s := &c.slot[i]
		if !s.used || m.Witness && !s.witness {
			continue
		}
		complete := s.have&m.Telling == m.Telling
		if !complete && s.frame+patience >= m.Next {
			continue
		}
		s.used = false
		if v, ok := c.judge(m, s, !complete); ok {
			return v, true
		}
	}
	return protocol.VerifyState{}, false
}

// judge compares the hashes of a frame; false where there is nobody to compare with. late says that who has
// not told by now does not tell at all.
func (c *Comparison) judge(m Moment, s *slot, late bool) (v protocol.VerifyState, ok bool) {
	n := bits.OnesCount16(s.have)
	if s.witness && n > 0 {
		n++
	}
	if n < 2 {
		// Where nobody can tell the beginning of the match, who is there alone, or alone among silent ones,
		// is the only one from whom others can get it.
		if n == 1 && !s.witness && !m.Beginning && (late || s.have == m.Telling) {
			c.trust(s)
		}
		return v, false
	}
	v = protocol.VerifyState{Epoch: s.epoch, Frame: s.frame, Compared: s.have}
	s.compare(&v)
	if v.Differing != 0 {
		if c.differed == 0 || m.Now > c.differed {
			c.differed = m.Now
		}
		c.Soon(m.Next)
	}
	if v.By == protocol.JudgeNone {
		c.undecided = [protocol.MaxSeats]uint64{}
		for i := range s.hash {
			if s.have&(1<<i) != 0 {
				c.undecided[i] = s.hash[i].Total
			}
		}
	}
	return v, true
}

// trust takes the word of the only one who tells hashes for the state that holds: the newest, because it
// may no longer have the one that others were waited for with.
func (c *Comparison) trust(s *slot) {
	for i := range c.slot {
		if o := &c.slot[i]; o.used && o.epoch == s.epoch && o.frame > s.frame && o.have == s.have {
			s = o
		}
	}
	if !c.holds.OK || s.frame > c.holds.Frame {
		c.holds = Known{State{s.frame, s.hash[bits.TrailingZeros16(s.have)].Total}, true, s.have}
	}
}

// Settle takes the state that was judged to hold for one that all of those agree on who have it: otherwise a
// seat that differs for ever would have the others simulate ever more frames again.
func (c *Comparison) Settle(v *protocol.VerifyState) {
	right := v.Compared &^ v.Differing
	for i := range c.seats {
		if right&(1<<i) != 0 {
			c.seats[i].contradicts = false
		}
	}
	if right != 0 && (!c.holds.OK || v.Frame >= c.holds.Frame) { // of the same frame it is the better word
		c.holds = Known{State{v.Frame, v.Total}, true, right}
	}
}

// Has reports whether a seat is known to have a state.
func (c *Comparison) Has(seat int, state State) bool {
	if c.holds.OK && c.holds.State == state {
		return c.holds.Seats&(1<<seat) != 0
	}
	h := c.find(seat, state.Frame)
	return h != nil && h.Total == state.Hash
}

// HashOf returns the hash that a seat has told of a frame; 0 where it is not known.
func (c *Comparison) HashOf(seat int, frame uint32) uint64 {
	if h := c.find(seat, frame); h != nil {
		return h.Total
	}
	return 0
}

func (c *Comparison) find(seat int, frame uint32) *protocol.StateHash {
	for i := range c.slot {
		if s := &c.slot[i]; s.epoch == c.epoch && s.frame == frame && s.have&(1<<seat) != 0 {
			return &s.hash[seat]
		}
	}
	return nil
}

// BaseFor returns the state that a seat has and that the one after frame can be told as a difference to; OK is
// false where there is none.
func (c *Comparison) BaseFor(seat int, frame uint32) Known {
	if c.holds.reaches(frame) && c.holds.Seats&(1<<seat) != 0 {
		return c.holds
	}
	return Known{}
}

// reaches reports whether the state after frame may be simulated from this one.
func (k Known) reaches(frame uint32) bool {
	return k.OK && k.Frame < frame && frame-k.Frame <= MaxReplay
}

// compare names the seats that differ from what holds, and the sections in which anybody differs.
// The witness's hash holds; else that of the strict majority. Where there is neither, all differ.
func (s *slot) compare(v *protocol.VerifyState) {
	first := bits.TrailingZeros16(s.have)
	if s.witness {
		v.By, v.Total = protocol.JudgeWitness, s.truth.Total
		for i := range s.hash {
			if s.have&(1<<i) != 0 && !same(&s.hash[i], &s.truth) {
				v.Differing |= 1 << i
				v.Sections |= sections(&s.hash[i], &s.truth)
			}
		}
		return
	}
	best, bestVotes := -1, 0
	for i := range s.hash {
		if s.have&(1<<i) == 0 {
			continue
		}
		votes := 0
		for k := range s.hash {
			if s.have&(1<<k) != 0 && same(&s.hash[i], &s.hash[k]) {
				votes++
			}
		}
		if votes > bestVotes {
			best, bestVotes = i, votes
		}
		v.Sections |= sections(&s.hash[i], &s.hash[first])
	}
	switch {
	case bestVotes == bits.OnesCount16(s.have):
		v.By, v.Total = protocol.JudgeAll, s.hash[best].Total
	case 2*bestVotes > bits.OnesCount16(s.have):
		v.By, v.Total = protocol.JudgeMajority, s.hash[best].Total
		for i := range s.hash {
			if s.have&(1<<i) != 0 && !same(&s.hash[i], &s.hash[best]) {
				v.Differing |= 1 << i
			}
		}
	default:
		v.By, v.Differing = protocol.JudgeNone, s.have
	}
}

func same(a, b *protocol.StateHash) bool { return a.Total == b.Total && sections(a, b) == 0 }

func sections(a, b *protocol.StateHash) (differ uint32) {
	for s := range max(a.Count, b.Count) {
		if s >= a.Count || s >= b.Count || a.Sections[s] != b.Sections[s] {
			differ |= 1 << s
		}
	}
	return differ
}
