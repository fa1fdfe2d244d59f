package sim

import (
	"errors"
	"fmt"
	"strings"

	"tandem/netcode/recording"
)

// Hole is a run of a match's frames that a recording does not have, from From to before To.
type Hole struct{ From, To uint32 }

// Holes follows a recording to find them: its owner was away while the others played on, and came back behind
// what it had missed. What lies before the first frame that its owner has played is none: a late joiner has a
// match from there on.
type Holes struct {
	List []Hole

	seed   uint64
	next   uint32 // frame that is due
	kept   uint32 // as in voidFinder
	played bool   // something of this match
}

// Record takes the next record.
func (h *Holes) Record(rec *recording.Record) {
	switch rec.Kind {
	case recording.KindNote:
		if rec.Note == recording.NoteKept {
			h.kept = rec.Frame
		}
	case recording.KindReset:
		if rec.Seed == h.seed {
			h.next = min(h.next, h.kept)
		} else {
			h.next, h.played = 0, false
		}
		h.seed, h.kept = rec.Seed, 0
	case recording.KindSnapshot:
		h.until(rec.Frame + 1)
		h.next = rec.Frame + 1
	case recording.KindBundle:
		h.next, h.played = rec.Frame+1, true
	case recording.KindEnd:
		h.until(rec.Frame)
	}
}

func (h *Holes) until(frame uint32) {
	if h.played && frame > h.next {
		h.List = append(h.List, Hole{h.next, frame})
	}
}

// Err says in words what is missing; nil where nothing is.
func (h *Holes) Err() error {
	if len(h.List) == 0 {
		return nil
	}
	const most = 8 // a sentence, no list
	var words []string
	frames := uint32(0)
	for i, hole := range h.List {
		frames += hole.To - hole.From
		if i < most {
			words = append(words, fmt.Sprintf("%d to %d", hole.From, hole.To-1))
		}
	}
	more := ""
	if len(h.List) > most {
		more = fmt.Sprintf(" and %d more such runs", len(h.List)-most)
	}
	return fmt.Errorf("the recording lacks %d frames (%s%s), which were played while its owner was away; the other players' recordings or the relay's have them", frames, strings.Join(words, ", "), more)
}

// Lack says what of a match a recording does not have, once it was played to its end: what was cut off, and its
// holes. It is nil where the recording has all from its owner's first frame on.
func (p *Replay) Lack(cut *recording.Damage) error {
	if cut == nil {
		return p.Holes.Err()
	}
	return errors.Join(cut, p.Holes.Err())
}
