// Package watch notices what the cooks of Overcooked do, from the pictures of their kitchen, and shows a
// new cook the way from the onions to the hatch.
package watch

import (
	"strings"

	"tandem/env/draw"
	"tandem/env/watch"
)

func init() {
	watch.Register(watch.Registration{
		Family:     "overcooked",
		NewWatcher: func() watch.Watcher { return &watcher{} },
		NewGuide:   func() watch.Guide { return &guide{} },
	})
}

// Sprites of a picture (see overcooked.SpriteNames).
const (
	onion   = "onion"
	dish    = "dish"
	soup    = "soup"
	cooking = "pot_cooking"
	ready   = "pot_ready"
)

// maxCooks and maxPots are how many are followed.
const (
	maxCooks = 8
	maxPots  = 8
)

// scene is what matters of a picture.
type scene struct {
	cooks, pots int
	cook        [maxCooks]draw.Item
	held        [maxCooks]string // what each cook carries, or ""
	pot         [maxPots]draw.Item
	inside      [maxPots]string // what is in each pot, or ""
	loose       int             // soups that stand about
}

// stage is how far a pot's contents are: 1 and 2 onions, cooking, ready.
func stage(name string) int {
	switch name {
	case "pot_onions_1":
		return 1
	case "pot_onions_2":
		return 2
	case cooking:
		return 3
	case ready:
		return 4
	}
	return 0
}

func (s *scene) read(l *draw.List) {
	*s = scene{}
	for i := range l.Items {
		it := &l.Items[i]
		switch {
		case it.Kind != draw.Sprite:
		case it.Name == "pot":
			if s.pots < maxPots {
				s.pot[s.pots] = *it
				s.pots++
			}
		case stage(it.Name) > 0:
			for p := range s.pots {
				if s.pot[p].X == it.X && s.pot[p].Y == it.Y {
					s.inside[p] = it.Name
				}
			}
		case strings.HasPrefix(it.Name, "chef_"):
			if s.cooks < maxCooks {
				s.cook[s.cooks] = *it
				s.cooks++
			}
		case strings.HasSuffix(it.ID, "_held"): // comes right after its cook
			if s.cooks > 0 {
				s.held[s.cooks-1] = it.Name
			}
		case it.Name == soup:
			s.loose++
		}
	}
}

// watcher compares each picture with the one before.
type watcher struct {
	was, is scene
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
	for p := range w.is.pots {
		before, now := stage(w.was.inside[p]), stage(w.is.inside[p])
		e := watch.Event{X: w.is.pot[p].X + w.is.pot[p].W/2, Y: w.is.pot[p].Y + w.is.pot[p].H/2, Role: draw.Glow, Force: 0.7}
		switch {
		case now == 4 && before != 4:
			e.Cue = watch.Ready
			dst = append(dst, e)
		case now > before:
			e.Cue = watch.Chop
			dst = append(dst, e)
		}
	}
	for i := range w.is.cooks {
		before, now := w.was.held[i], w.is.held[i]
		if before == now {
			continue
		}
		c := &w.is.cook[i]
		e := watch.Event{Cue: watch.Pick, X: c.X + c.W/2, Y: c.Y + c.H/2, Role: c.Role, Force: 0.5}
		switch {
		case served(&w.was, &w.is, i):
			e.Cue, e.Force = watch.Serve, 1
		case now == "" && before == onion && filled(&w.was, &w.is):
			continue // the pot has told
		case now == "":
			e.Cue = watch.Drop
		}
		dst = append(dst, e)
	}
	return dst
}

// served reports whether a cook has given away a soup that stands nowhere.
func served(was, is *scene, cook int) bool {
	return was.held[cook] == soup && is.held[cook] == "" && is.loose <= was.loose
}

// filled reports whether a pot has got an onion.
func filled(was, is *scene) bool {
	for p := range is.pots {
		if stage(is.inside[p]) > stage(was.inside[p]) && is.inside[p] != ready {
			return true
		}
	}
	return false
}
