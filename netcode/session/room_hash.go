package session

import (
	"math/bits"
	"time"

	"tandem/netcode/protocol"
)

const (
	// tornEvery is how often states are hashed after they have differed, and tornFor for how long:
	// until they have been equal for so long (B1).
	tornEvery = 5
	tornFor   = 5 * time.Second
	// hashPatience is how many frames a seat may take to tell its hash before the others are compared without
	// it: who keeps silent must not keep a difference between others from being found. The slowest link
	// that can be played on takes two seconds.
	hashPatience = 5 * FrameRate
)

// hashSlot holds the hashes of one frame until every present seat has sent its own. The hash of a
// frame is compared only with that of the same frame and epoch.
type hashSlot struct {
	used    bool
	epoch   uint8
	frame   uint32
	have    uint16
	hash    []protocol.StateHash // per seat
	witness bool                 // the next is there
	truth   protocol.StateHash   // the witness's
}

// verified names the last frame of which it is known what state holds, and who has it.
type verified struct {
	ok    bool
	frame uint32
	hash  uint64
	seats uint16 // who had it
}

// forgetHashes begins a match or an epoch: nothing is compared across it.
func (r *Room) forgetHashes() {
	for i := range r.hash {
		r.hash[i].used = false
	}
	r.nextHash = r.next + uint32(r.cfg.HashEvery) - 1
	r.torn, r.verified = 0, verified{}
	for i := range r.seats {
		r.seats[i].base, r.seats[i].contradicts, r.seats[i].hashed, r.seats[i].answered = verified{}, false, 0, 0
	}
	r.transfers, r.recheck, r.evidence = r.transfers[:0], recheck{}, 0
	r.dropKept()
}

// hashInterval is how many frames lie between two hashes now.
func (r *Room) hashInterval(now time.Duration) uint32 {
	if r.torn != 0 && now-r.torn < tornFor {
		return uint32(min(tornEvery, r.cfg.HashEvery))
	}
	return uint32(r.cfg.HashEvery)
}

// hashSoon brings the next hash forward, because something has happened that might tear states
// apart. It never comes closer than five frames to the one before.
func (r *Room) hashSoon() { r.nextHash = min(r.nextHash, r.next+tornEvery) }

func (r *Room) stateHash(s int) *protocol.Error {
	m := &r.dec.StateHash
	if r.phase == roomOver || r.phase == roomAfter || m.Epoch < r.epoch {
		return nil
	}
	if r.phase == roomLobby || m.Epoch != r.epoch || m.Frame >= r.next {
		return protocol.Errorf(protocol.CodeUnexpected, "A hash of frame %d, which has not closed.", m.Frame)
	}
	if b, ok := r.log.Get(m.Frame); ok && b.Flags&protocol.FlagHash == 0 {
		return nil // nobody asked: it would only crowd out what others were asked for
	}
	seat := &r.seats[s]
	if m.Loads < seat.loads {
		return nil // of a state that it has replaced since
	}
	if m.Loads > seat.loads {
		seat.loads = m.Loads
		seat.base = verified{ok: seat.loading.hash != 0, frame: seat.loading.frame, hash: seat.loading.hash}
		r.void(s)
	}
	seat.hashed = max(seat.hashed, m.Frame+1)
	if m.Frame >= seat.answered {
		seat.answered, r.used = m.Frame+1, true
	}
	slot := r.hashSlotOf(m.Frame)
	if slot == nil {
		return nil // so old that its frame was given up
	}
	slot.have |= 1 << s
	slot.hash[s] = *m
	r.out.Hashes = append(r.out.Hashes, SeatHash{s, *m})
	r.verdicts()
	return nil
}

// void forgets the hashes that a seat sent before it loaded a state, or that another connection sent
// in its name: who sits there now must not be named for them.
func (r *Room) void(s int) {
	for i := range r.hash {
		r.hash[i].have &^= 1 << s
	}
	r.seats[s].hashed = 0
	// What it told before is nobody's question any more.
	if c := &r.recheck; c.id != 0 && c.asked&(1<<s) != 0 {
		c.asked &^= 1 << s
		c.ok &^= 1 << s
		c.verify.Compared &^= 1 << s
		r.decide(r.out.now)
	}
}

// hashSlotOf finds or makes the slot of a frame: the oldest gives way, of those that were judged first.
func (r *Room) hashSlotOf(frame uint32) *hashSlot {
	oldest := &r.hash[0]
	for i := range r.hash {
		h := &r.hash[i]
		if h.used && h.epoch == r.epoch && h.frame == frame {
			return h
		}
		// One that was judged is needed for as long as a recheck may take: it tells who has its state.
		switch {
		case h.used != oldest.used:
			if oldest.used {
				oldest = h
			}
		case h.epoch < oldest.epoch || h.epoch == oldest.epoch && h.frame < oldest.frame:
			oldest = h
		}
	}
	if oldest.used {
		if frame < oldest.frame {
			return nil
		}
		r.judge(oldest, true) // with those that came
	}
	oldest.used, oldest.epoch, oldest.frame, oldest.have, oldest.witness = true, r.epoch, frame, 0, false
	return oldest
}

// verdicts judges every frame whose hashes are complete, or have been waited for long enough.
func (r *Room) verdicts() {
	present := r.hashing()
	for i := range r.hash {
		h := &r.hash[i]
		switch {
		case !h.used || r.witness.on && !h.witness:
		case h.have&present == present:
			r.judge(h, false)
			h.used = false
		case h.frame+hashPatience < r.next:
			r.judge(h, true)
			h.used = false
		}
	}
}

// hashing returns the seats whose hashes are waited for: those that are there and not catching up.
func (r *Room) hashing() (seats uint16) {
	for i := range r.seats {
		if s := &r.seats[i]; s.present && !s.behind {
			seats |= 1 << i
		}
	}
	return seats
}

// judge compares the hashes of a frame and tells everybody. late says that who has not told by now does not
// tell at all.
func (r *Room) judge(h *hashSlot, late bool) {
	n := bits.OnesCount16(h.have)
	if h.witness && n > 0 {
		n++
	}
	if n < 2 {
		// Nobody to compare with. Where nobody can tell the beginning of the match, who is there alone, or
		// alone among silent ones, is the only one from whom others can get it.
		if n == 1 && !h.witness && r.log.Base() > 0 && (late || h.have == r.hashing()) {
			r.trust(h)
		}
		return
	}
	m := protocol.VerifyState{Epoch: h.epoch, Frame: h.frame, Compared: h.have}
	h.compare(&m)
	r.verdict(&m)
	if m.Differing == 0 {
		r.settled(&m)
		return
	}
	if r.torn == 0 || r.out.now > r.torn {
		r.torn = r.out.now
	}
	r.hashSoon()
	if m.By == protocol.JudgeNone {
		r.askAgain(r.out.now, h, &m)
		return
	}
	r.repair(r.out.now, &m)
	r.settled(&m)
}

// trust takes the word of the only one who tells hashes for the state that holds: the newest, because it
// may no longer have the one that others were waited for with.
func (r *Room) trust(h *hashSlot) {
	for i := range r.hash {
		if o := &r.hash[i]; o.used && o.epoch == h.epoch && o.frame > h.frame && o.have == h.have {
			h = o
		}
	}
	if !r.verified.ok || h.frame > r.verified.frame {
		r.verified = verified{ok: true, frame: h.frame, hash: h.hash[bits.TrailingZeros16(h.have)].Total, seats: h.have}
	}
}

func (r *Room) verdict(m *protocol.VerifyState) {
	r.broadcast(protocol.TypeVerifyState, protocol.AppendVerifyState(r.buf, m))
	r.event(RoomEvent{Kind: RoomVerified, Frame: m.Frame, Mask: m.Compared})
	if m.Differing != 0 {
		r.event(RoomEvent{Kind: RoomDesync, Frame: m.Frame, Mask: m.Differing, Sections: m.Sections, Text: m.By.String()})
	}
}

// compare names the seats that differ from what holds, and the sections in which anybody differs.
// The witness's hash holds; else that of the strict majority. Where there is neither, all differ.
func (h *hashSlot) compare(m *protocol.VerifyState) {
	first := bits.TrailingZeros16(h.have)
	if h.witness {
		m.By, m.Total = protocol.JudgeWitness, h.truth.Total
		for i := range h.hash {
			if h.have&(1<<i) != 0 && !same(&h.hash[i], &h.truth) {
				m.Differing |= 1 << i
				m.Sections |= sections(&h.hash[i], &h.truth)
			}
		}
		return
	}
	best, bestVotes := -1, 0
	for i := range h.hash {
		if h.have&(1<<i) == 0 {
			continue
		}
		votes := 0
		for k := range h.hash {
			if h.have&(1<<k) != 0 && same(&h.hash[i], &h.hash[k]) {
				votes++
			}
		}
		if votes > bestVotes {
			best, bestVotes = i, votes
		}
		m.Sections |= sections(&h.hash[i], &h.hash[first])
	}
	switch {
	case bestVotes == bits.OnesCount16(h.have):
		m.By, m.Total = protocol.JudgeAll, h.hash[best].Total
	case 2*bestVotes > bits.OnesCount16(h.have):
		m.By, m.Total = protocol.JudgeMajority, h.hash[best].Total
		for i := range h.hash {
			if h.have&(1<<i) != 0 && !same(&h.hash[i], &h.hash[best]) {
				m.Differing |= 1 << i
			}
		}
	default:
		m.By, m.Differing = protocol.JudgeNone, h.have
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
