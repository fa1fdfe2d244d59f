// Package watch notices what magpies take, lose and bring home, from the pictures of their garden, and shows
// a new one the way from a coin to its nest.
package watch

import (
	"math"
	"strings"

	"tandem/env/draw"
	"tandem/env/watch"
)

func init() {
	watch.Register(watch.Registration{
		Family:     "magpies",
		NewWatcher: func() watch.Watcher { return &watcher{} },
		NewGuide:   func() watch.Guide { return &guide{} },
	})
}

// maxBirds is how many are followed.
const maxBirds = 8

// garden is what matters of a picture.
type garden struct {
	birds int
	body  [maxBirds]draw.Item
	loads [maxBirds]int
}

// read relies on the order of a picture: each bird's load comes after its body.
func (g *garden) read(l *draw.List) {
	*g = garden{}
	for i := range l.Items {
		it := &l.Items[i]
		switch {
		case strings.HasPrefix(it.ID, "body_"):
			if g.birds < maxBirds {
				g.body[g.birds] = *it
				g.birds++
			}
		case strings.HasPrefix(it.ID, "load_") && g.birds > 0:
			g.loads[g.birds-1]++
		}
	}
}

type watcher struct {
	was, is garden
	frame   uint32
}

// Look notices what has happened since the last picture.
func (w *watcher) Look(l *draw.List, frame uint32, fresh bool, dst []watch.Event) []watch.Event {
	w.was = w.is
	w.is.read(l)
	if fresh || frame <= w.frame {
		w.was = w.is
	}
	w.frame = frame
	robbed := false
	for i := range w.is.birds {
		robbed = robbed || w.robbed(i)
	}
	for i := range w.is.birds {
		before, now := w.was.loads[i], w.is.loads[i]
		b := &w.is.body[i]
		e := watch.Event{X: b.X, Y: b.Y, Role: b.Role, Force: 0.6}
		switch {
		case w.robbed(i):
			e.Cue = watch.Rob
		case now < before:
			e.Cue, e.Force = watch.Serve, float64(before)/3
		case now > before && !robbed:
			e.Cue = watch.Pick
		default:
			continue
		}
		dst = append(dst, e)
	}
	return dst
}

// robbed reports whether a bird has lost a coin out there; at home it lays down all that it has.
func (w *watcher) robbed(i int) bool {
	return w.is.loads[i] > 0 && w.is.loads[i] < w.was.loads[i] || w.is.loads[i] == 0 && w.was.loads[i] == 1 && w.is.body[i].Alpha < 1 && w.was.body[i].Alpha == 1
}

// guide leads to a coin, and home with it.
type guide struct {
	was, is garden
	done    bool
}

// Next returns what the magpie of a seat is to do, until it has brought something home.
func (g *guide) Next(l *draw.List, seat int, fresh bool) (watch.Hint, bool) {
	g.was = g.is
	g.is.read(l)
	if fresh {
		g.was = g.is
	}
	if seat < 0 || seat >= g.is.birds {
		return watch.Hint{}, false
	}
	b := &g.is.body[seat]
	home, coin := draw.Item{}, draw.Item{}
	nests, least := 0, math.Inf(1)
	for i := range l.Items {
		it := &l.Items[i]
		switch {
		case strings.HasPrefix(it.ID, "nest_hollow"):
		case strings.HasPrefix(it.ID, "nest_"):
			if nests == seat {
				home = *it
			}
			nests++
		case strings.HasPrefix(it.ID, "coin_hole"):
		case strings.HasPrefix(it.ID, "coin_"):
			if d := math.Hypot(it.X-b.X, it.Y-b.Y); d < least {
				coin, least = *it, d
			}
		}
	}
	atHome := math.Hypot(home.X-b.X, home.Y-b.Y) < b.R
	g.done = g.done || g.was.birds > 0 && g.was.loads[seat] > 0 && g.is.loads[seat] == 0 && atHome
	switch {
	case g.done:
		return watch.Hint{}, true
	case g.is.loads[seat] == 0:
		return watch.Hint{Text: "Hop onto a coin", X: coin.X, Y: coin.Y}, false
	}
	return watch.Hint{Text: "Carry it to your nest; up to three at once are worth more", X: home.X, Y: home.Y}, false
}
