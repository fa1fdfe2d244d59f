package session

import (
	"time"

	"tandem/netcode/protocol"
	"tandem/netcode/session/verify"
)

// transfer is one snapshot on its way.
type transfer struct {
	id     uint32
	kind   protocol.StateKind
	state  verify.State
	base   verify.Known // that the receiver has, where OK
	zstd   bool
	donor  int
	tried  uint16 // donors that were asked
	to     ConnID
	seat   int          // of the receiver; -1 for a spectator
	kept   *sharedState // the state is for all who come, and to is nobody
	offset uint32       // bytes that have passed
	size   uint32       // of all, as the first chunk says
	based  bool         // as it says, too
	packed bool
	until  time.Duration
	limit  time.Duration // until never goes beyond
}

// transfers are the states on their way through a room, and those that are kept for whoever comes.
type transfers struct {
	list     []transfer
	lastID   uint32           // of a state that was asked for
	evidence int              // states of this epoch that were shown to others
	kept     [2]*sharedState  // what those who come begin with: as it is, and packed
	keptAt   [2]time.Duration // when it was asked for
}

// clear forgets those that are under way: the match or the epoch is over.
func (m *transfers) clear() { m.list, m.evidence = m.list[:0], 0 }

// full reports whether no more may be under way.
func (m *transfers) full() bool { return len(m.list) >= maxTransfers }

func (m *transfers) drop(i int) { m.list = append(m.list[:i], m.list[i+1:]...) }

// find returns the transfer of a number that a donor is asked for; -1 where there is none.
func (m *transfers) find(id uint32, donor int) int {
	for i := range m.list {
		if t := &m.list[i]; t.id == id && t.donor == donor {
			return i
		}
	}
	return -1
}

// due is when the first of them is given up; w where none is before.
func (m *transfers) due(w time.Duration) time.Duration {
	for i := range m.list {
		w = min(w, m.list[i].until)
	}
	return w
}

// underWay reports whether a snapshot of a kind is on its way to a connection: one at a time.
func (m *transfers) underWay(c ConnID, kind protocol.StateKind) bool {
	for i := range m.list {
		if t := &m.list[i]; t.to == c && t.kind == kind {
			return true
		}
	}
	return false
}

// distrust keeps a state from being given to others, because it could not be had or used. Whoever says
// so falsely makes the room ask for another one, and not more often than keptEvery.
func (m *transfers) distrust(id uint32) {
	for i, k := range m.kept {
		if k != nil && k.ID == id {
			m.kept[i] = nil
		}
	}
}
