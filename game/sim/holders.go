package sim

import (
	"errors"
	"io"
	"strings"

	"tandem/netcode/recording"
	"tandem/netcode/session"
)

// holders tells whose a seat was at every frame of a match: per seat those who had it, as they were told.
type holders [][]session.Holder

// readHolders reads a whole recording for them. They cannot be told row by row: whoever was away for a
// while hears of a new player later than at the frame with which that one began.
func readHolders(r *recording.Reader) (holders, error) {
	h := make(holders, len(r.Header.Seats))
	for i, s := range r.Header.Seats {
		h[i] = append(h[i], session.Holder{Name: s.Name})
	}
	for {
		rec, err := r.Next()
		var cut *recording.Damage
		switch {
		case err == io.EOF || errors.As(err, &cut): // the table says so, at that place
			return h, nil
		case err != nil:
			return nil, err
		case rec.Kind == recording.KindNote && rec.Note == recording.NoteHolder && rec.Seat >= 0 && rec.Seat < len(h):
			h[rec.Seat] = append(h[rec.Seat], session.Holder{Name: strings.Clone(rec.Text), Since: rec.Frame})
		}
	}
}

// at returns whose a seat was when a frame was played. Of two from the same frame on the later word holds.
func (h holders) at(seat int, frame uint32) string {
	var best session.Holder
	if seat < len(h) {
		for _, one := range h[seat] {
			if one.Since <= frame && one.Since >= best.Since {
				best = one
			}
		}
	}
	return best.Name
}
