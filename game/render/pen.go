package render

import (
	"image/color"
	"math"

	"tandem/env/draw"
)

// pen draws one sprite. Coordinates and lengths are fractions of the sprite's square, which begins
// at its top left corner.
type pen struct {
	c      *Canvas
	ox, oy float64 // the sprite's corner, in pixels
	w, h   float64 // its size, in pixels
	unit   float64 // what a length of 1 is, in pixels
	mirror bool    // left and right change places

	palette *Palette
	role    draw.Role // of the item that the sprite is for
}

// edge is the width of the dark line round a figure: thin, but never lost at a small size.
func (p *pen) edge() float64 { return max(0.028, 0.9/p.unit) }

func (p *pen) x(x float64) float64 {
	if p.mirror {
		x = 1 - x
	}
	return p.ox + x*p.w
}

func (p *pen) y(y float64) float64 { return p.oy + y*p.h }

func (p *pen) left(x, w float64) float64 {
	if p.mirror {
		x = 1 - x - w
	}
	return p.ox + x*p.w
}

// colour is that of the item's role.
func (p *pen) colour() color.RGBA { return p.palette.Roles[p.role] }

// seat is the number of the seat whose colour the item has.
func (p *pen) seat() int { return max(int(p.role)-int(draw.Seat0), 0) }

// rect fills a rectangle; its edges fall on whole pixels, so that tiles meet without a seam.
func (p *pen) rect(x, y, w, h float64, clr color.RGBA) {
	p.c.Rect(p.left(x, w), p.y(y), w*p.w, h*p.h, clr, 1)
}

// round fills a rectangle with round corners.
func (p *pen) round(x, y, w, h, r float64, clr color.RGBA) {
	p.c.RoundRect(p.left(x, w), p.y(y), w*p.w, h*p.h, r*p.unit, clr, 1)
}

func (p *pen) circle(x, y, r float64, clr color.RGBA) {
	p.c.Circle(p.x(x), p.y(y), r*p.unit, clr, 1)
}

func (p *pen) ellipse(x, y, rx, ry float64, clr color.RGBA) {
	m := &p.c.mesh
	m.begin()
	n := arcSteps(max(rx, ry)*p.unit, 2*math.Pi)
	for i := range n {
		sin, cos := math.Sincos(2 * math.Pi * float64(i) / float64(n))
		m.corner(p.x(x)+rx*p.unit*cos, p.y(y)+ry*p.unit*sin)
	}
	m.convex(clr, 1)
}

// dome fills the upper half of an ellipse.
func (p *pen) dome(x, y, rx, ry float64, clr color.RGBA) {
	m := &p.c.mesh
	m.begin()
	n := arcSteps(max(rx, ry)*p.unit, math.Pi)
	for i := 0; i <= n; i++ {
		sin, cos := math.Sincos(math.Pi * float64(i) / float64(n))
		m.corner(p.x(x)+rx*p.unit*cos, p.y(y)-ry*p.unit*sin)
	}
	m.convex(clr, 1)
}

// ring draws a circle's outline, of width w inside the radius. There is no hole to be filled, so
// the middle has to be given.
func (p *pen) ring(x, y, r, w float64, clr, middle color.RGBA) {
	p.circle(x, y, r, clr)
	p.circle(x, y, r-w, middle)
}

// convex fills a convex polygon given as x, y, x, y and so on.
func (p *pen) convex(clr color.RGBA, xy ...float64) {
	m := &p.c.mesh
	m.begin()
	for i := 0; i+1 < len(xy); i += 2 {
		m.corner(p.x(xy[i]), p.y(xy[i+1]))
	}
	m.convex(clr, 1)
}

// stroke draws a line of width w through points, with round ends and bends.
func (p *pen) stroke(w float64, clr color.RGBA, xy ...float64) {
	for i := 0; i+1 < len(xy); i += 2 {
		p.circle(xy[i], xy[i+1], w/2, clr)
		if i > 0 {
			p.c.Line(p.x(xy[i-2]), p.y(xy[i-1]), p.x(xy[i]), p.y(xy[i+1]), w*p.unit, clr, 1)
		}
	}
}

// arc draws a part of an ellipse's outline, from one angle to another in turns, clockwise from the
// right.
func (p *pen) arc(x, y, rx, ry, from, to, w float64, clr color.RGBA) {
	const steps = 12
	for i := range steps {
		sin, cos := math.Sincos(2 * math.Pi * (from + (to-from)*float64(i)/steps))
		sin1, cos1 := math.Sincos(2 * math.Pi * (from + (to-from)*float64(i+1)/steps))
		p.stroke(w, clr, x+rx*cos, y+ry*sin, x+rx*cos1, y+ry*sin1)
	}
}

// blend is the colour between a and b: a at 0, b at 1.
func blend(a, b color.RGBA, t float64) color.RGBA {
	m := func(a, b uint8) uint8 { return uint8(math.Round(mix(float64(a), float64(b), t))) }
	return color.RGBA{m(a.R, b.R), m(a.G, b.G), m(a.B, b.B), m(a.A, b.A)}
}

// faint is a colour that lets what is below show through.
func faint(c color.RGBA, alpha float64) color.RGBA {
	c.A = uint8(math.Round(float64(c.A) * alpha))
	return c
}
