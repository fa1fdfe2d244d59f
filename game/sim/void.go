package sim

import (
	"slices"

	"tandem/netcode/recording"
)

// voids tells which of a recording's frames did not happen. A peer that was ahead of a relay which came
// back, or has played on with another one, begins its match anew or goes on from an earlier snapshot; what
// it had played beyond that is recorded, and no part of the match.
type voids struct {
	spans []span // in order
	read  int    // bundles
}

// span are bundles of a recording, by their places among all of them: from to before to.
type span struct{ from, to int }

// next reports whether the next bundle that is read is void.
func (v *voids) next() bool {
	at := v.read
	v.read++
	for len(v.spans) > 0 && at >= v.spans[0].to {
		v.spans = v.spans[1:]
	}
	return len(v.spans) > 0 && at >= v.spans[0].from
}

// voidFinder follows a recording to find them.
type voidFinder struct {
	seed  uint64
	kept  uint32 // what was played before this frame holds, whatever begins again next
	read  int
	runs  []run // of the match, as far as it holds
	spans []span
}

// run are bundles without a gap: of the frames from frame on, the first one at the place at.
type run struct {
	frame uint32
	at, n int
}

func (f *voidFinder) record(rec *recording.Record) {
	switch rec.Kind {
	case recording.KindNote:
		if rec.Note == recording.NoteKept {
			f.kept = rec.Frame
		}
	case recording.KindReset:
		if rec.Seed == f.seed {
			f.cut(f.kept)
		} else {
			f.runs = f.runs[:0]
		}
		f.seed, f.kept = rec.Seed, 0
	case recording.KindSnapshot:
		f.cut(rec.Frame + 1)
	case recording.KindBundle:
		if k := len(f.runs) - 1; k >= 0 && f.runs[k].frame+uint32(f.runs[k].n) == rec.Frame && f.runs[k].at+f.runs[k].n == f.read {
			f.runs[k].n++
		} else {
			f.runs = append(f.runs, run{rec.Frame, f.read, 1})
		}
		f.read++
	}
}

// cut makes what was played of the match from a frame on void.
func (f *voidFinder) cut(frame uint32) {
	for k := len(f.runs) - 1; k >= 0; k-- {
		r := &f.runs[k]
		keep := 0
		if r.frame < frame {
			keep = min(int(frame-r.frame), r.n)
		}
		if keep < r.n {
			f.spans = append(f.spans, span{r.at + keep, r.at + r.n})
			r.n = keep
		}
		if r.n == 0 {
			f.runs = f.runs[:k]
		}
	}
}

func (f *voidFinder) voids() voids {
	slices.SortFunc(f.spans, func(a, b span) int { return a.from - b.from })
	return voids{spans: f.spans}
}
