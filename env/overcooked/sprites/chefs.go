package sprites

import (
	"image/color"

	"tandem/env/draw"
	"tandem/env/sprite"
)

// facing is the way a cook looks, and how that moves the parts of its picture.
type facing struct {
	name   string
	side   bool    // seen from the side
	back   bool    // seen from behind
	mirror bool    // the side seen is the left one
	x, y   float64 // of the head's middle
}

// What a cook carries is drawn at the side it faces. A cook who looks away stands lower and wears
// its hat flatter, so that what it carries behind it shows.
var (
	south = facing{name: "south", x: 0.5, y: 0.44}
	north = facing{name: "north", x: 0.5, y: 0.55, back: true}
	east  = facing{name: "east", x: 0.47, y: 0.44, side: true}
	west  = facing{name: "west", x: 0.47, y: 0.44, side: true, mirror: true}
)

var (
	skin      = sprite.RGB(0xF2C9A4)
	skinShade = sprite.RGB(0xD79A78)
	hair      = sprite.RGB(0x5A3A3C)
	jacket    = sprite.RGB(0xE8E5F6)
	shoe      = sprite.RGB(0x211D3A)
)

const headR = 0.175

func (f facing) chef(p *sprite.Pen) {
	p.Mirror = f.mirror
	e := p.Edge()
	seat := p.Colour()
	p.Ellipse(0.5, 0.92, 0.28, 0.065, sprite.Faint(p.Role(draw.BallShadow), 0.5))
	if f.side {
		p.Ellipse(0.44, 0.905, 0.09, 0.05, shoe)
		p.Ellipse(0.58, 0.905, 0.09, 0.05, shoe)
	} else {
		p.Ellipse(0.4, 0.905, 0.08, 0.05, shoe)
		p.Ellipse(0.6, 0.905, 0.08, 0.05, shoe)
	}

	x, w := 0.28, 0.44
	if f.side {
		x, w = 0.3, 0.38
	}
	p.Round(x-e, 0.57-e, w+2*e, 0.33+2*e, 0.16+e, outline)
	p.Round(x, 0.57, w, 0.33, 0.16, jacket)
	switch {
	case f.back: // the apron's bow
		p.Stroke(0.06, seat, x+0.04, 0.77, x+w-0.04, 0.77)
		p.Stroke(0.06, seat, 0.5, 0.77, 0.42, 0.86)
		p.Stroke(0.06, seat, 0.5, 0.77, 0.58, 0.86)
	case f.side:
		p.Round(0.5, 0.62, 0.18, 0.27, 0.08, seat)
		p.Stroke(0.05, seat, 0.33, 0.76, 0.55, 0.76)
	default:
		p.Round(0.36, 0.63, 0.28, 0.26, 0.07, seat)
	}

	f.hands(p)
	p.Circle(f.x, f.y, headR+e, outline)
	switch {
	case f.back:
		p.Circle(f.x, f.y, headR, hair)
	case f.side:
		p.Circle(f.x+headR, f.y+0.035, 0.04+e, outline)
		p.Circle(f.x, f.y, headR, skin)
		p.Circle(f.x+headR, f.y+0.035, 0.04, skin)
		p.Ellipse(f.x-0.1, f.y-0.03, 0.07, 0.12, hair)
		p.Circle(f.x-0.02, f.y+0.04, 0.035, skinShade)
		p.Ellipse(f.x+0.09, f.y+0.01, 0.026, 0.042, outline)
		p.Arc(f.x+0.1, f.y+0.075, 0.045, 0.03, 0.05, 0.4, 0.022, outline)
	default:
		p.Circle(f.x, f.y, headR, skin)
		for _, side := range [...]float64{-1, 1} {
			p.Circle(f.x+side*0.11, f.y+0.065, 0.035, sprite.Faint(skinShade, 0.8))
			p.Ellipse(f.x+side*0.065, f.y+0.015, 0.026, 0.042, outline)
		}
		p.Arc(f.x, f.y+0.07, 0.05, 0.035, 0.05, 0.45, 0.022, outline)
	}
}

// hands draws the hands, where they hold what is carried.
func (f facing) hands(p *sprite.Pen) {
	e := p.Edge()
	at := []float64{0.27, 0.72, 0.73, 0.72}
	switch {
	case f.back:
		at = []float64{0.27, 0.64, 0.73, 0.64}
	case f.side:
		at = []float64{0.64, 0.7}
	}
	for i := 0; i < len(at); i += 2 {
		p.Circle(at[i], at[i+1], 0.055+e, outline)
		p.Circle(at[i], at[i+1], 0.055, skin)
	}
}

// hat draws the hat in the seat's colour. For those who do not see the colour, the first four
// seats wear a puffed hat and the next four a straight one, with no stripe to three.
func (f facing) hat(p *sprite.Pen) {
	p.Mirror = f.mirror
	e := p.Edge()
	clr := p.Colour()
	shade := sprite.Blend(clr, outline, 0.3)
	x, y := f.x, f.y-0.13 // the brim's middle
	tall := 1.0
	if f.side {
		x -= 0.02
	}
	if f.back {
		tall = 0.6
	}
	puffed := p.Seat()%8 < 4
	crown := func(grow float64, clr color.RGBA) {
		if puffed {
			fat := (1 + tall) / 2
			p.Circle(x-0.13, y-0.12*tall, 0.095*fat+grow, clr)
			p.Circle(x+0.13, y-0.12*tall, 0.095*fat+grow, clr)
			p.Circle(x, y-0.16*tall, 0.125*fat+grow, clr)
			p.Round(x-0.15-grow, y-0.13*tall-grow, 0.3+2*grow, 0.13*tall+2*grow, 0.02, clr)
			return
		}
		top, low := 0.2+grow, 0.16+grow
		p.Polygon(clr, x-top, y-0.25*tall-grow, x+top, y-0.25*tall-grow, x+low, y+grow, x-low, y+grow)
	}
	crown(e, outline)
	p.Round(x-0.175-e, y-0.045-e, 0.35+2*e, 0.1+2*e, 0.03, outline)
	crown(0, clr)
	p.Round(x-0.175, y-0.045, 0.35, 0.1, 0.03, shade)
	n := p.Seat() % 4
	for i := range n {
		sx := x + 0.115*(float64(i)-float64(n-1)/2)
		p.Stroke(0.058, outline, sx, y-0.2*tall, sx, y+0.025)
	}
}
