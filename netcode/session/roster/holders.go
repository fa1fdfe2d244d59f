package roster

import "tandem/netcode/protocol"

// Holder is whose a seat is and from which frame of the match on; before, it was nobody's or another's.
type Holder struct {
	Name  string
	Since uint32
}

// Holders are the holders of a match's seats, as a player of it is told. The zero value is of no match.
type Holders struct{ list []Holder }

// Of returns whose a seat is; nobody's before the match.
func (h *Holders) Of(seat int) Holder {
	if seat >= len(h.list) {
		return Holder{}
	}
	return h.list[seat]
}

// Begin begins another match with those who sit there.
func (h *Holders) Begin(seats []protocol.RosterEntry) {
	h.list = h.list[:0]
	h.Take(seats)
}

// Take notes who has the seats of the match. Those of the waiting room before and after it are not its players.
// A relay that was restarted knows neither who is not back yet nor since when the others are here; who was there
// may.
func (h *Holders) Take(seats []protocol.RosterEntry) {
	for i, s := range seats {
		next := Holder{s.Name, s.Since}
		if i == len(h.list) {
			h.list = append(h.list, next)
		}
		old := h.list[i]
		if forgotten := s.Taken && s.Name == ""; !forgotten && (next.Name != old.Name || next.Since > old.Since) {
			h.list[i] = next
		}
	}
}
