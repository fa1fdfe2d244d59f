package sprites

import (
	"image/color"
	"math"

	"tandem/env/draw"
	"tandem/env/sprite"
)

// onionAt draws an onion of the given height with its middle at x, y.
func onionAt(p *sprite.Pen, x, y, size float64) {
	e := p.Edge()
	r := 0.36 * size
	cy := y + 0.1*size
	bulb := func(grow float64, clr color.RGBA) {
		p.Ellipse(x, cy, r*1.12+grow, r+grow, clr)
		p.Polygon(clr, x-r*0.62-grow, cy-r*0.7, x, y-0.38*size-grow*1.6, x+r*0.62+grow, cy-r*0.7)
	}
	p.Stroke(0.1*size+2*e, outline, x-0.1*size, y-0.47*size, x, y-0.34*size, x+0.12*size, y-0.47*size)
	bulb(e, outline)
	p.Stroke(0.1*size, sprout, x-0.1*size, y-0.47*size, x, y-0.34*size, x+0.12*size, y-0.47*size)
	bulb(0, onionSkin)
	p.Arc(x, cy, r*0.45, r*0.92, 0.28, 0.68, 0.04*size, onionVein)
	p.Arc(x, cy, r*0.5, r*0.92, 0.82, 1.22, 0.04*size, onionVein)
	p.Ellipse(x-r*0.42, cy-r*0.3, r*0.2, r*0.3, onionShine)
}

func onion(p *sprite.Pen) { onionAt(p, 0.5, 0.54, 0.84) }

// plate draws an empty plate from above.
func plate(p *sprite.Pen, r float64) {
	e := p.Edge()
	p.Circle(0.5, 0.5, r+e, outline)
	p.Circle(0.5, 0.5, r, china)
	p.Ring(0.5, 0.5, r*0.68, r*0.1, chinaShade, china)
}

func dish(p *sprite.Pen) { plate(p, 0.4) }

// soup is a plate full of onion soup.
func soup(p *sprite.Pen) {
	plate(p, 0.42)
	p.Circle(0.5, 0.5, 0.315, outline)
	p.Circle(0.5, 0.5, 0.29, broth)
	p.Circle(0.5, 0.5, 0.22, brothLight)
	onionRing(p, 0.42, 0.46, 0.085, brothLight)
	onionRing(p, 0.58, 0.55, 0.075, brothLight)
	p.Arc(0.5, 0.5, 0.24, 0.24, 0.52, 0.72, 0.035, soupShine)
}

// onionRing is a slice that floats in soup.
func onionRing(p *sprite.Pen, x, y, r float64, soup color.RGBA) {
	p.Circle(x, y, r, china)
	p.Circle(x, y, r*0.5, soup)
}

// The pot is drawn from above, over a counter; what is in it goes over it.
const (
	potX, potY = 0.5, 0.44
	potRim     = 0.36
	potHole    = 0.29
)

// pot is an empty pot on its stove.
func pot(p *sprite.Pen) {
	e := p.Edge()
	p.Round(0.06, 0.05, 0.88, 0.88, 0.1, outline)
	p.Round(0.09, 0.08, 0.82, 0.82, 0.08, stove)
	for _, x := range [...]float64{0.3, 0.5, 0.7} { // the knobs, which the progress bar covers
		p.Circle(x, 0.855, 0.035, steelDark)
	}
	p.Round(potX-potRim-0.08-e, potY-0.09-e, 2*potRim+0.16+2*e, 0.18+2*e, 0.06, outline)
	p.Round(potX-potRim-0.08, potY-0.09, 2*potRim+0.16, 0.18, 0.05, steelDark)
	p.Circle(potX, potY, potRim+e, outline)
	p.Circle(potX, potY, potRim, steel)
	p.Arc(potX, potY, potRim-0.035, potRim-0.035, 0.5, 0.78, 0.035, steelLight)
	p.Circle(potX, potY, potHole, potInside)
}

func potOne(p *sprite.Pen) {
	p.Circle(potX, potY, potHole, water)
	onionAt(p, 0.5, 0.43, 0.4)
}

func potTwo(p *sprite.Pen) {
	p.Circle(potX, potY, potHole, water)
	onionAt(p, 0.385, 0.39, 0.36)
	onionAt(p, 0.615, 0.48, 0.36)
}

// potCooking is three onions that boil; the bar that the display list adds tells how long.
func potCooking(p *sprite.Pen) {
	p.Circle(potX, potY, potHole, broth)
	onionAt(p, 0.39, 0.36, 0.3)
	onionAt(p, 0.62, 0.37, 0.3)
	onionAt(p, 0.5, 0.55, 0.3)
	for _, b := range [...][3]float64{{0.3, 0.52, 0.035}, {0.51, 0.27, 0.03}, {0.7, 0.53, 0.04}, {0.38, 0.62, 0.025}} {
		p.Ring(b[0], b[1], b[2]+0.015, 0.02, soupShine, broth)
	}
}

// potReady is soup that waits for a plate: lighter than anything before, with a shining rim and
// steam.
func potReady(p *sprite.Pen) {
	e := p.Edge()
	glow := p.Role(draw.Glow)
	p.Circle(potX, potY, potRim+e, outline)
	p.Circle(potX, potY, potRim, glow)
	p.Circle(potX, potY, potHole+0.012, outline)
	p.Circle(potX, potY, potHole-0.012, soupDone)
	onionRing(p, 0.4, 0.55, 0.07, soupDone)
	onionRing(p, 0.6, 0.58, 0.06, soupDone)
	for _, x := range [...]float64{0.37, 0.5, 0.63} {
		curl(p, x, 0.05+2*e, outline)
		curl(p, x, 0.05, steam)
	}
}

// curl is a line of steam that rises from x.
func curl(p *sprite.Pen, x, w float64, clr color.RGBA) {
	const low, high, swing, steps = 0.47, 0.08, 0.035, 12
	at := func(t float64) (float64, float64) {
		return x + swing*math.Sin(3*math.Pi*t), low + (high-low)*t
	}
	for i := range steps {
		x0, y0 := at(float64(i) / steps)
		x1, y1 := at(float64(i+1) / steps)
		p.Stroke(w, clr, x0, y0, x1, y1)
	}
}
