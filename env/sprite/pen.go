package sprite

import (
	"image/color"
	"math"

	"tandem/env/draw"
)

// Surface is what a Pen draws on, in pixels: an image of the renderer's, or in a test a list. Colours
// are not premultiplied.
type Surface interface {
	Rect(x, y, w, h float64, c color.RGBA, alpha float64)
	RoundRect(x, y, w, h, r float64, c color.RGBA, alpha float64)
	Circle(x, y, r float64, c color.RGBA, alpha float64)

	// Ellipse fills the part of an ellipse between two angles in turns, clockwise from the right;
	// from 0 to 1 is all of it.
	Ellipse(x, y, rx, ry, from, to float64, c color.RGBA, alpha float64)

	Line(x1, y1, x2, y2, w float64, c color.RGBA, alpha float64)
	Polygon(corners []draw.Point, c color.RGBA, alpha float64)
}

// Pen draws one sprite. Coordinates and lengths are fractions of the sprite's square, which begins
// at its top left corner; y grows downward.
type Pen struct {
	Mirror bool // left and right change places

	s      Surface
	ox, oy float64 // the sprite's corner, in pixels
	w, h   float64 // its size, in pixels
	unit   float64 // what a length of 1 is, in pixels

	roles *[draw.NumRoles]color.RGBA
	role  draw.Role // of the item that the sprite is for
}

// NewPen makes a Pen for the sprite of an item with a role, in a rectangle of s.
func NewPen(s Surface, x, y, w, h float64, roles *[draw.NumRoles]color.RGBA, role draw.Role) *Pen {
	return &Pen{s: s, ox: x, oy: y, w: w, h: h, unit: min(w, h), roles: roles, role: role}
}

// Edge is the width of the dark line round a figure: thin, but never lost at a small size.
func (p *Pen) Edge() float64 { return max(0.028, 0.9/p.unit) }

func (p *Pen) x(x float64) float64 {
	if p.Mirror {
		x = 1 - x
	}
	return p.ox + x*p.w
}

func (p *Pen) y(y float64) float64 { return p.oy + y*p.h }

func (p *Pen) left(x, w float64) float64 {
	if p.Mirror {
		x = 1 - x - w
	}
	return p.ox + x*p.w
}

// Role is the palette's colour for a role.
func (p *Pen) Role(r draw.Role) color.RGBA { return p.roles[r] }

// Colour is that of the item's role.
func (p *Pen) Colour() color.RGBA { return p.roles[p.role] }

// Seat is the number of the seat whose colour the item has.
func (p *Pen) Seat() int { return max(int(p.role)-int(draw.Seat0), 0) }

// Rect fills a rectangle; its edges fall on whole pixels, so that tiles meet without a seam.
func (p *Pen) Rect(x, y, w, h float64, clr color.RGBA) {
	p.s.Rect(p.left(x, w), p.y(y), w*p.w, h*p.h, clr, 1)
}

// Round fills a rectangle with round corners.
func (p *Pen) Round(x, y, w, h, r float64, clr color.RGBA) {
	p.s.RoundRect(p.left(x, w), p.y(y), w*p.w, h*p.h, r*p.unit, clr, 1)
}

func (p *Pen) Circle(x, y, r float64, clr color.RGBA) {
	p.s.Circle(p.x(x), p.y(y), r*p.unit, clr, 1)
}

func (p *Pen) Ellipse(x, y, rx, ry float64, clr color.RGBA) {
	p.s.Ellipse(p.x(x), p.y(y), rx*p.unit, ry*p.unit, 0, 1, clr, 1)
}

// Dome fills the upper half of an ellipse.
func (p *Pen) Dome(x, y, rx, ry float64, clr color.RGBA) {
	p.s.Ellipse(p.x(x), p.y(y), rx*p.unit, ry*p.unit, 0, -0.5, clr, 1)
}

// Ring draws a circle's outline, of width w inside the radius. There is no hole to be filled, so
// the middle has to be given.
func (p *Pen) Ring(x, y, r, w float64, clr, middle color.RGBA) {
	p.Circle(x, y, r, clr)
	p.Circle(x, y, r-w, middle)
}

// Polygon fills a polygon given as x, y, x, y and so on.
func (p *Pen) Polygon(clr color.RGBA, xy ...float64) {
	corners := make([]draw.Point, 0, len(xy)/2)
	for i := 0; i+1 < len(xy); i += 2 {
		corners = append(corners, draw.Point{X: p.x(xy[i]), Y: p.y(xy[i+1])})
	}
	p.s.Polygon(corners, clr, 1)
}

// Stroke draws a line of width w through points, with round ends and bends.
func (p *Pen) Stroke(w float64, clr color.RGBA, xy ...float64) {
	for i := 0; i+1 < len(xy); i += 2 {
		p.Circle(xy[i], xy[i+1], w/2, clr)
		if i > 0 {
			p.s.Line(p.x(xy[i-2]), p.y(xy[i-1]), p.x(xy[i]), p.y(xy[i+1]), w*p.unit, clr, 1)
		}
	}
}

// Arc draws a part of an ellipse's outline, from one angle to another in turns, clockwise from the
// right.
func (p *Pen) Arc(x, y, rx, ry, from, to, w float64, clr color.RGBA) {
	const steps = 12
	for i := range steps {
		sin, cos := math.Sincos(2 * math.Pi * (from + (to-from)*float64(i)/steps))
		sin1, cos1 := math.Sincos(2 * math.Pi * (from + (to-from)*float64(i+1)/steps))
		p.Stroke(w, clr, x+rx*cos, y+ry*sin, x+rx*cos1, y+ry*sin1)
	}
}

// RGB is an opaque colour written as on a web page: 0xRRGGBB.
func RGB(hex uint32) color.RGBA {
	return color.RGBA{R: uint8(hex >> 16), G: uint8(hex >> 8), B: uint8(hex), A: 0xff}
}

// Blend is the colour between a and b: a at 0, b at 1.
func Blend(a, b color.RGBA, t float64) color.RGBA {
	m := func(a, b uint8) uint8 { return uint8(math.Round(float64(a) + (float64(b)-float64(a))*t)) }
	return color.RGBA{m(a.R, b.R), m(a.G, b.G), m(a.B, b.B), m(a.A, b.A)}
}

// Faint is a colour that lets what is below show through.
func Faint(c color.RGBA, alpha float64) color.RGBA {
	c.A = uint8(math.Round(float64(c.A) * alpha))
	return c
}
