package scene

import (
	"image"
	"math"
	"time"

	"tandem/env"
	"tandem/env/draw"
	"tandem/env/watch"
	"tandem/game/client"
	"tandem/game/render"
	"tandem/game/sound"
)

// senses turn what is to be seen of a match into sounds, effects and hints. They know the view alone: what is
// drawn, and how far the match is.
type senses struct {
	sound   *sound.Player // nil is silent
	effects effects
	learned map[string]bool // the guides that the player is through with, by family of games

	spec    *env.Spec
	of      watch.Registration
	watcher watch.Watcher
	guide   watch.Guide
	hint    watch.Hint
	hinted  bool // there is one
	events  []watch.Event

	phase   client.Phase
	frame   uint32
	episode int
	there   int   // players who are in the room
	count   int64 // seconds of a countdown
}

// soundOf is what each cue sounds like.
var soundOf = [watch.NumCues]sound.Sound{
	watch.Bounce: sound.Bounce, watch.Jump: sound.Jump, watch.Land: sound.Land, watch.Point: sound.Point,
	watch.Pick: sound.Pick, watch.Drop: sound.Drop, watch.Chop: sound.Chop, watch.Ready: sound.Ready,
	watch.Serve: sound.Serve, watch.Rob: sound.Rob,
}

// begin forgets the match before.
func (s *senses) begin() {
	*s = senses{sound: s.sound, effects: s.effects, learned: s.learned, events: s.events}
	s.effects.clear()
}

// look notices what has changed since the last look. It is called once in every picture.
func (s *senses) look(now time.Time, v *client.View) {
	s.room(v)
	if v.Spec == nil {
		return
	}
	if s.spec != v.Spec {
		s.spec, s.of = v.Spec, watch.Lookup(v.Spec.Name)
		s.watcher, s.guide, s.frame, s.episode = nil, nil, 0, 0
		if s.of.NewWatcher != nil {
			s.watcher = s.of.NewWatcher()
		}
		if s.of.NewGuide != nil && !v.Watching && !s.learned[s.of.Family] {
			s.guide = s.of.NewGuide()
		}
	}
	if v.Frame == s.frame && s.frame > 0 {
		return
	}
	fresh := v.Frame < s.frame || v.Episode != s.episode || len(v.Prev.Items) == 0
	if v.Episode > s.episode && v.Holding { // the last picture of an episode is not shown
		s.sound.Play(sound.Point, 1)
	}
	s.frame, s.episode = v.Frame, v.Episode
	s.events = s.events[:0]
	if s.watcher != nil {
		s.events = s.watcher.Look(&v.Cur, v.Frame, fresh, s.events)
	}
	for i := range s.events {
		e := &s.events[i]
		s.sound.Play(soundOf[e.Cue], e.Force)
		s.effects.notice(now, e)
	}
	s.effects.follow(&v.Cur, s.of.Trails)
	if s.guide != nil {
		done := false
		if s.hint, done = s.guide.Next(&v.Cur, v.Seat, fresh); done {
			s.guide = nil
			s.learned[s.of.Family] = true
		}
	}
	s.hinted = s.guide != nil && s.hint.Text != ""
}

// room hears players come, the countdown, and how the match ends.
func (s *senses) room(v *client.View) {
	there := 0
	for i := range v.Players {
		if v.Players[i].Present {
			there++
		}
	}
	if v.Phase == client.Waiting && there > s.there && s.there > 0 {
		s.sound.Play(sound.Join, 1)
	}
	s.there = there
	if v.Phase == client.Countdown {
		if n := secondsUp(v.Starting); n != s.count && n > 0 && n <= 3 {
			s.count = n
			s.sound.Play(sound.Tick, 0.7)
		}
	} else if s.phase == client.Countdown && v.Phase == client.Playing {
		s.count = 0
		s.sound.Play(sound.Go, 0.7)
	}
	s.phase = v.Phase
}

// won reports whether the match has ended as this player would have it.
func won(v *client.View) bool {
	if v.Phase != client.Finished || v.Spec == nil || len(v.Scores) == 0 || v.Seat < 0 {
		return false
	}
	if v.Together {
		return v.Scores[0] > 0
	}
	return v.Spec.SameTeam(v.Spec.Leader(v.Scores), v.Seat)
}

// celebrate begins once, when a match is won.
func (s *senses) celebrate(now time.Time, v *client.View) {
	if won(v) {
		s.effects.party = now
		s.sound.Play(sound.Win, 1)
	}
}

// hint draws what the player is to do next: a sentence at the top of the picture, and an arrow over the place.
func (g *Game) drawHint(now time.Time, v *client.View) {
	s, u, pic := &g.senses, g.ui, g.picture
	if !s.hinted || v.Holding || pic.Empty() {
		return
	}
	text := s.hint.Text
	if s.hint.Button && !g.touch {
		text = u.join(text, ": face it and press ", g.manual.button)
	}
	size := 1.1 * u.u
	w := min(u.fit(text, render.Bold, size, float64(pic.Dx())-2*u.u).w+2*u.u, float64(pic.Dx()))
	box := rect{float64(pic.Min.X) + (float64(pic.Dx())-w)/2, float64(pic.Min.Y) + 0.4*u.u, w, 1.9 * u.u}
	u.c.RoundRect(box.x, box.y, box.w, box.h, box.h/2, panel, 0.9)
	u.centred(text, render.Bold, size, box, 0.6*u.u, accent)

	x, y := place(pic, s.hint.X, s.hint.Y)
	if !s.effects.still {
		y -= (0.35 + 0.25*math.Sin(float64(now.Sub(g.begun).Milliseconds())/160)) * u.u
	}
	r := 1.1 * u.u
	u.corners = append(u.corners[:0], draw.Point{X: x, Y: y - 0.4*r}, draw.Point{X: x - r, Y: y - 1.9*r}, draw.Point{X: x + r, Y: y - 1.9*r})
	u.c.Polygon(u.corners, shade, 0.7)
	in := 0.72
	u.corners = append(u.corners[:0], draw.Point{X: x, Y: y - 0.65*r}, draw.Point{X: x - in*r, Y: y - 1.77*r}, draw.Point{X: x + in*r, Y: y - 1.77*r})
	u.c.Polygon(u.corners, accent, 1)
}

// place is where a point of the picture is on the screen.
func place(pic image.Rectangle, x, y float64) (px, py float64) {
	return float64(pic.Min.X) + x*float64(pic.Dx()), float64(pic.Min.Y) + y*float64(pic.Dy())
}
