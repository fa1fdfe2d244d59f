package session

import (
	"math/bits"

	"tandem/netcode/protocol"
)

// hashSlot holds the hashes of one frame until every present seat has sent its own. The hash of a
// frame is compared only with that of the same frame and epoch.
type hashSlot struct {
	used  bool
	epoch uint8
	frame uint32
	have  uint16
	hash  [protocol.MaxSeats]protocol.StateHash
}

func (r *Room) stateHash(s int) *protocol.Error {
	m := &r.dec.StateHash
	if r.phase == roomOver || m.Epoch < r.epoch {
		return nil
	}
	if r.phase == roomLobby || m.Epoch != r.epoch || m.Frame >= r.next {
		return protocol.Errorf(protocol.CodeUnexpected, "A hash of frame %d, which has not closed.", m.Frame)
	}
	slot := r.hashSlotOf(m.Frame)
	if slot == nil {
		return nil // so old that its frame was given up
	}
	slot.have |= 1 << s
	slot.hash[s] = *m
	r.verdicts()
	return nil
}

// hashSlotOf finds or makes the slot of a frame: the oldest gives way.
func (r *Room) hashSlotOf(frame uint32) *hashSlot {
	oldest := &r.hash[0]
	for i := range r.hash {
		h := &r.hash[i]
		if h.used && h.epoch == r.epoch && h.frame == frame {
			return h
		}
		if !h.used {
			oldest = h
		} else if oldest.used && h.frame < oldest.frame {
			oldest = h
		}
	}
	if oldest.used {
		if frame < oldest.frame {
			return nil
		}
		r.judge(oldest) // with those that came
	}
	*oldest = hashSlot{used: true, epoch: r.epoch, frame: frame}
	return oldest
}

// verdicts judges every frame whose hashes are complete.
func (r *Room) verdicts() {
	present := r.presentMask()
	for i := range r.hash {
		if h := &r.hash[i]; h.used && h.have&present == present {
			r.judge(h)
			h.used = false
		}
	}
}

// judge compares the hashes of a frame and tells everybody.
func (r *Room) judge(h *hashSlot) {
	if bits.OnesCount16(h.have) < 2 {
		return // nobody to compare with
	}
	m := protocol.VerifyState{Epoch: h.epoch, Frame: h.frame, Compared: h.have}
	m.Differing, m.Sections = h.outliers()
	r.verdict(&m)
}

func (r *Room) verdict(m *protocol.VerifyState) {
	r.broadcast(protocol.TypeVerifyState, protocol.AppendVerifyState(r.buf, m))
	r.event(RoomEvent{Kind: RoomVerified, Frame: m.Frame, Mask: m.Compared})
	if m.Differing != 0 {
		r.event(RoomEvent{Kind: RoomDesync, Frame: m.Frame, Mask: m.Differing, Sections: m.Sections})
	}
}

// outliers names the seats outside the strict majority, or all when there is none, and the
// sections in which anybody differs.
func (h *hashSlot) outliers() (seats uint16, sections uint32) {
	best, bestVotes := -1, 0
	first := bits.TrailingZeros16(h.have)
	equal := true
	for i := range h.hash {
		if h.have&(1<<i) == 0 {
			continue
		}
		votes := 0
		for k := range h.hash {
			if h.have&(1<<k) != 0 && h.same(i, k) {
				votes++
			}
		}
		if votes > bestVotes {
			best, bestVotes = i, votes
		}
		if !h.same(i, first) {
			equal = false
			sections |= h.sections(i, first)
		}
	}
	if equal {
		return 0, 0
	}
	if 2*bestVotes <= bits.OnesCount16(h.have) {
		return h.have, sections
	}
	for i := range h.hash {
		if h.have&(1<<i) != 0 && !h.same(i, best) {
			seats |= 1 << i
		}
	}
	return seats, sections
}

func (h *hashSlot) same(i, k int) bool {
	return h.hash[i].Total == h.hash[k].Total && h.sections(i, k) == 0
}

func (h *hashSlot) sections(i, k int) (differ uint32) {
	a, b := &h.hash[i], &h.hash[k]
	for s := range max(a.Count, b.Count) {
		if s >= a.Count || s >= b.Count || a.Sections[s] != b.Sections[s] {
			differ |= 1 << s
		}
	}
	return differ
}
