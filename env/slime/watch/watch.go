// Package watch notices bounces, jumps and points in the pictures of Slime Volleyball.
package watch

import (
	"math"
	"strings"

	"tandem/env/draw"
	"tandem/env/watch"
)

func init() {
	watch.Register(watch.Registration{
		Family:     "slime",
		NewWatcher: func() watch.Watcher { return &watcher{} },
		Trails:     map[string]bool{"ball": true},
	})
}

// maxBodies is how many slimes are followed.
const maxBodies = 4

type watcher struct {
	frame  uint32
	ball   draw.Item
	vx, vy float64 // of the ball, in pictures per frame
	moving bool    // they are known
	low    [maxBodies]bool
	over   bool
}

// What counts, in picture heights per frame: the ball's speed changes by some 0.0012 in a frame by
// gravity, by 0.01 at the softest touch that one sees and by 0.05 at the hardest.
const (
	touch    = 0.008
	hardest  = 0.05
	leaping  = 0.004 // of its height that a slime must leave the ground
	leap     = 0.1   // a ball never flies so far in a frame: it was served, in a picture that was not shown
	pictures = 48.0 / 27
)

// Look notices what has happened since the last picture.
func (w *watcher) Look(l *draw.List, frame uint32, fresh bool, dst []watch.Event) []watch.Event {
	frames := float64(frame - w.frame)
	if frame <= w.frame {
		fresh = true
	}
	ground, body := 1.0, 0
	for i := range l.Items {
		it := &l.Items[i]
		switch {
		case it.ID == "ground":
			ground = it.Y
		case it.ID == "ball":
			dst = w.look(it, frames, fresh, dst)
		case it.Kind == draw.Polygon && body < maxBodies && strings.HasSuffix(it.ID, "_body"):
			p := l.Points(it)
			x, y := (p[0].X+p[len(p)-1].X)/2, p[0].Y
			low := y > ground-leaping
			if !fresh && w.low[body] != low {
				cue := watch.Jump
				if low {
					cue = watch.Land
				}
				dst = append(dst, watch.Event{Cue: cue, X: x, Y: ground, Role: it.Role, Force: 0.5, ID: it.ID})
			}
			w.low[body] = low
			body++
		}
	}
	w.frame = frame
	return dst
}

// look follows the ball.
func (w *watcher) look(it *draw.Item, frames float64, fresh bool, dst []watch.Event) []watch.Event {
	over := it.Role == draw.Glow
	switch {
	case fresh:
		w.moving = false
	case it.Snap || over && !w.over || math.Hypot(it.X-w.ball.X, it.Y-w.ball.Y) > leap*frames:
		// Who let it drop is on that side.
		winner := draw.Seat0
		if w.ball.X < 0.5 {
			winner = draw.Seat1
		}
		dst = append(dst, watch.Event{Cue: watch.Point, X: w.ball.X, Y: w.ball.Y, Role: winner, Force: 1})
		w.moving = false
	default:
		vx, vy := (it.X-w.ball.X)/frames, (it.Y-w.ball.Y)/frames
		served := w.vx == 0 && w.vy == 0 // it has hung until now
		if change := math.Hypot((vx-w.vx)*pictures, vy-w.vy); w.moving && !served && change > touch*frames {
			dst = append(dst, watch.Event{Cue: watch.Bounce, X: it.X, Y: it.Y, Role: draw.Ball, Force: min(change/hardest, 1)})
		}
		w.vx, w.vy, w.moving = vx, vy, true
	}
	w.ball, w.over = *it, over
	return dst
}
