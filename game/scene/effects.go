package scene

import (
	"image"
	"image/color"
	"math"
	"time"

	"tandem/env/draw"
	"tandem/env/watch"
)

// effects are what a picture has beyond its display list: dust, sparks, a ball's trail, slimes that give way, a
// picture that shakes. They come from what was noticed in the pictures and never change what is played. Nothing
// is allocated once they are made.
type effects struct {
	still bool // the player wants less motion: there are none

	bits  [maxBits]bit
	next  int
	last  time.Time
	turn  int // for what is to look random, and be the same in every run
	shake time.Time
	force float64

	trail   [trailLength]draw.Item
	trailed int
	squash  [maxSquash]squash
	party   time.Time // when the confetti began
}

// bit is a speck of dust, a spark. Places and speeds are in fractions of the picture's width.
type bit struct {
	x, y, vx, vy, fall float64
	size               float64
	born               time.Time
	life               time.Duration
	clr                color.RGBA
}

type squash struct {
	id   string
	from time.Time
}

const (
	maxBits     = 72
	maxSquash   = 4
	trailLength = 9
	paper       = 70 // pieces of confetti

	shakeFor  = 280 * time.Millisecond
	shakeBy   = 0.006 // of the picture's width
	squashFor = 180 * time.Millisecond
	squashBy  = 0.16 // of a slime's height
	partyFor  = 4 * time.Second
)

// clear ends all effects: another match begins.
func (e *effects) clear() { *e = effects{still: e.still} }

// notice begins what an event looks like.
func (e *effects) notice(now time.Time, ev *watch.Event) {
	if e.still {
		return
	}
	clr := palette.Roles[ev.Role]
	switch ev.Cue {
	case watch.Bounce:
		e.burst(now, ev, 2+int(4*ev.Force), 0.10*ev.Force+0.03, 0.0035, clr)
	case watch.Jump, watch.Land:
		e.burst(now, ev, 5, 0.07, 0.0045, palette.Roles[draw.GroundEdge])
		if ev.Cue == watch.Land && ev.ID != "" {
			e.squash[e.turn%maxSquash] = squash{ev.ID, now}
		}
	case watch.Point, watch.Serve:
		e.burst(now, ev, 18, 0.28, 0.006, clr)
		if ev.Cue == watch.Point {
			e.shake, e.force = now, ev.Force
		}
	case watch.Chop, watch.Ready, watch.Rob, watch.Pick:
		e.burst(now, ev, 7, 0.12, 0.005, clr)
	}
}

// burst throws bits away from an event.
func (e *effects) burst(now time.Time, ev *watch.Event, n int, speed, size float64, clr color.RGBA) {
	for range n {
		e.turn++
		a := scattered(e.turn, 0.61803398875)
		b := scattered(e.turn, 0.75487766625)
		sin, cos := math.Sincos(math.Pi * (1 + a)) // upwards
		e.bits[e.next] = bit{
			x: ev.X, y: ev.Y, vx: cos * speed * (0.4 + b), vy: sin * speed * (0.4 + b), fall: 0.5,
			size: size * (0.6 + 0.8*b), born: now, life: time.Duration(250+350*a) * time.Millisecond, clr: clr,
		}
		e.next = (e.next + 1) % maxBits
	}
}

// scattered is a number from 0 to 1 that looks random: one of a sequence that fills it evenly.
func scattered(i int, step float64) float64 { return math.Mod(float64(i)*step, 1) }

// follow takes the items that leave a trail from a picture.
func (e *effects) follow(l *draw.List, ids map[string]bool) {
	if e.still || len(ids) == 0 {
		return
	}
	for i := range l.Items {
		if it := &l.Items[i]; ids[it.ID] {
			if it.Snap {
				e.trailed = 0
			}
			copy(e.trail[1:], e.trail[:])
			e.trail[0] = *it
			e.trailed = min(e.trailed+1, trailLength)
			return
		}
	}
}

// shaken moves the picture's area while it shakes.
func (e *effects) shaken(now time.Time, area image.Rectangle) image.Rectangle {
	since := now.Sub(e.shake)
	if e.still || since < 0 || since >= shakeFor {
		return area
	}
	left := 1 - float64(since)/float64(shakeFor)
	by := left * left * e.force * shakeBy * float64(area.Dx())
	t := since.Seconds() * 2 * math.Pi
	return area.Add(image.Pt(int(math.Round(by*math.Sin(t*17))), int(math.Round(by*0.6*math.Sin(t*23)))))
}

// deform lets what has just landed give way in both lists, which are the caller's own copies.
func (e *effects) deform(now time.Time, lists ...*draw.List) {
	for i := range e.squash {
		s := &e.squash[i]
		since := now.Sub(s.from)
		if s.id == "" || since < 0 || since >= squashFor {
			continue
		}
		part := float64(since) / float64(squashFor)
		by := squashBy * (1 - part) * math.Cos(part*2*math.Pi*0.75)
		for _, l := range lists {
			squeeze(l, s.id, by)
		}
	}
}

// squeeze makes a polygon lower by a part of its height, and as much wider, on its base.
func squeeze(l *draw.List, id string, by float64) {
	for i := range l.Items {
		it := &l.Items[i]
		if it.ID != id || it.Kind != draw.Polygon {
			continue
		}
		p := l.Points(it)
		left, right, base := p[0].X, p[0].X, p[0].Y
		for _, c := range p {
			left, right, base = min(left, c.X), max(right, c.X), max(base, c.Y)
		}
		for j := range p {
			p[j].X += (p[j].X - (left+right)/2) * by / 2
			p[j].Y += (base - p[j].Y) * by
		}
	}
}

// draw paints the effects over the picture.
func (e *effects) draw(u *ui, now time.Time, pic image.Rectangle) {
	if e.still {
		return
	}
	x, y, w, h := float64(pic.Min.X), float64(pic.Min.Y), float64(pic.Dx()), float64(pic.Dy())
	for i := 2; i < e.trailed; i++ { // the nearest two are under the ball itself
		it := &e.trail[i]
		if a, b := &e.trail[i-1], it; math.Hypot(a.X-b.X, a.Y-b.Y) < it.R/4 {
			continue // it lies still
		}
		part := 1 - float64(i)/trailLength
		u.c.Circle(x+it.X*w, y+it.Y*h, it.R*w*(0.35+0.5*part), palette.Roles[it.Role], 0.22*part)
	}
	since := min(now.Sub(e.last), 100*time.Millisecond).Seconds()
	e.last = now
	for i := range e.bits {
		b := &e.bits[i]
		age := now.Sub(b.born)
		if b.life == 0 || age >= b.life {
			continue
		}
		b.vy += b.fall * since
		b.x += b.vx * since
		b.y += b.vy * since * w / h
		px, py := x+b.x*w, y+b.y*h
		if px < x || px >= x+w || py < y || py >= y+h {
			continue
		}
		u.c.Circle(px, py, b.size*w, b.clr, 0.8*(1-float64(age)/float64(b.life)))
	}
}

// confetti falls for a while once somebody has won.
func (e *effects) confetti(u *ui, now time.Time) {
	since := now.Sub(e.party)
	if e.still || since < 0 || since >= partyFor {
		return
	}
	t := since.Seconds()
	fade := min(1, (partyFor - since).Seconds())
	for i := range paper {
		a, b, c := scattered(i, 0.61803398875), scattered(i, 0.75487766625), scattered(i, 0.5698402909)
		fall := (0.25 + 0.3*b) * t * u.h
		px := a*u.w + math.Sin(t*(2+3*c)+6*a)*0.02*u.w
		py := fall - b*0.5*u.h
		size := (0.35 + 0.3*c) * u.u
		turn := math.Abs(math.Cos(t*(4+4*b) + 9*c)) // as it turns over
		u.c.Rect(px, py, size, size*(0.2+0.8*turn), palette.Roles[draw.Seat(i%7)], 0.9*fade)
	}
}
