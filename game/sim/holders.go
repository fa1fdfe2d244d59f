package sim

import (
	"errors"
	"io"
	"strings"

	"tandem/netcode/protocol"
	"tandem/netcode/recording"
	"tandem/netcode/session/roster"
)

// holders tells whose a seat was at every frame of a match: per seat those who had it, as they were told.
type holders [][]roster.Holder

// matches counts the matches of a recording: one that begins again has the same seed.
type matches struct {
	n     int // of the one that is on, from 0
	seed  uint64
	begun bool
}

// reset notes that a match begins, and reports whether another one did before.
func (m *matches) reset(seed uint64) (another bool) {
	if another = m.begun && seed != m.seed; another {
		m.n++
	}
	m.begun, m.seed = true, seed
	return another
}

// readAhead reads a whole recording for what cannot be told row by row: whoever was away for a while hears
// of a new player later than at the frame with which that one began, and later still that what it has
// played did not happen.
func readAhead(r *recording.Reader) ([]holders, voids, error) {
	var finder voidFinder
	var match matches
	h := make(holders, len(r.Header.Seats))
	for i, s := range r.Header.Seats {
		h[i] = append(h[i], roster.Holder{Name: s.Name})
	}
	all := []holders{h}
	for {
		rec, err := r.Next()
		var cut *recording.Damage
		switch {
		case err == io.EOF || errors.As(err, &cut): // the table says so, at that place
			return all, finder.voids(), nil
		case err != nil:
			return nil, voids{}, err
		case rec.Kind == recording.KindNote && rec.Note == recording.NoteHolder && rec.Seat >= 0 && rec.Seat < len(h):
			h[rec.Seat] = append(h[rec.Seat], roster.Holder{Name: strings.Clone(rec.Text), Since: rec.Frame})
		default:
			if rec.Kind == recording.KindReset && match.reset(rec.Seed) {
				h = h.after()
				all = append(all, h)
			}
			finder.record(rec)
		}
	}
}

// after returns whose the seats are in the match behind this one, as long as nothing else is told.
func (h holders) after() holders {
	next := make(holders, len(h))
	for i := range h {
		next[i] = append(next[i], roster.Holder{Name: h.at(i, protocol.MaxFrameNo)})
	}
	return next
}

// at returns whose a seat was when a frame was played. Of two from the same frame on the later word holds.
func (h holders) at(seat int, frame uint32) string {
	var best roster.Holder
	if seat < len(h) {
		for _, one := range h[seat] {
			if one.Since <= frame && one.Since >= best.Since {
				best = one
			}
		}
	}
	return best.Name
}
