// Package sprites draws the pictures that the kitchens of Overcooked are made of: what stands in them
// here, food and cooks in the files beside. Their names are those of overcooked.SpriteNames.
package sprites

import (
	"image/color"

	"tandem/env/draw"
	"tandem/env/sprite"
)

// The kitchen's own colours, next to those of the palette. Floors are dark, counters half-light and
// food is light with a dark line round it, so that the three stay apart on a grey screen, too.
var (
	tileDark   = sprite.RGB(0x38355E)
	tileLight  = sprite.RGB(0x403D69)
	brick      = sprite.RGB(0x2B2950)
	brickLight = sprite.RGB(0x37345F)
	mortar     = sprite.RGB(0x1B1A38)

	counterTop   = sprite.RGB(0x82636F)
	counterShine = sprite.RGB(0x987881)
	counterFront = sprite.RGB(0x553F55)
	counterGap   = sprite.RGB(0x453349)

	outline = sprite.RGB(0x1A1530)

	crateWood  = sprite.RGB(0xB27A48)
	crateDark  = sprite.RGB(0x6B4430)
	onionSkin  = sprite.RGB(0xF0B648)
	onionShine = sprite.RGB(0xFFE2A0)
	onionVein  = sprite.RGB(0xB9772A)
	sprout     = sprite.RGB(0x8CCB6A)

	china      = sprite.RGB(0xF7F5FF)
	chinaShade = sprite.RGB(0xCBC6E4)

	steel      = sprite.RGB(0x9AA0BE)
	steelLight = sprite.RGB(0xD3D7EA)
	steelDark  = sprite.RGB(0x5C6080)
	stove      = sprite.RGB(0x4B476E)
	potInside  = sprite.RGB(0x1F1C36)
	water      = sprite.RGB(0x4C6C95)
	broth      = sprite.RGB(0xC9652B)
	brothLight = sprite.RGB(0xE98F45)
	soupDone   = sprite.RGB(0xF2A03D)
	soupShine  = sprite.RGB(0xFFD58A)
	steam      = sprite.RGB(0xFFFFFF)
)

func init() {
	tile := func(name string, paint func(*sprite.Pen)) sprite.Picture {
		return sprite.Picture{Name: name, Paint: paint, Tile: true}
	}
	thing := func(name string, paint func(*sprite.Pen)) sprite.Picture {
		return sprite.Picture{Name: name, Paint: paint}
	}
	sprite.Register(
		tile("floor", floorTile), tile("wall", wallTile), tile("counter", counterTile),
		tile("onion_stack", onionCrate), tile("dish_stack", dishStack), tile("delivery", hatch),

		thing("pot", pot), thing("pot_onions_1", potOne), thing("pot_onions_2", potTwo),
		thing("pot_cooking", potCooking), thing("pot_ready", potReady),

		thing("onion", onion), thing("dish", dish), thing("soup", soup),
	)
	for _, f := range []facing{north, east, south, west} {
		sprite.Register(
			sprite.Picture{Name: "chef_" + f.name, Paint: f.chef, Tinted: true},
			sprite.Picture{Name: "hat_" + f.name, Paint: f.hat, Tinted: true},
		)
	}
}

func floorTile(p *sprite.Pen) {
	p.Rect(0, 0, 1, 1, tileDark)
	p.Rect(0.5, 0, 0.5, 0.5, tileLight)
	p.Rect(0, 0.5, 0.5, 0.5, tileLight)
}

func wallTile(p *sprite.Pen) {
	p.Rect(0, 0, 1, 1, mortar)
	const gap = 0.06
	row := func(y float64, from ...float64) {
		for i := 0; i+1 < len(from); i += 2 {
			x, w := from[i], from[i+1]-from[i]
			p.Rect(x, y, w, 1.0/3-gap, brick)
			p.Rect(x, y, w, 0.06, brickLight)
		}
	}
	row(0.03, 0, 0.47, 0.53, 1)
	row(0.03+1.0/3, 0, 0.22, 0.28, 0.72, 0.78, 1)
	row(0.03+2.0/3, 0, 0.47, 0.53, 1)
}

// counterTile is a worktop seen from above, with an edge towards the viewer.
func counterTile(p *sprite.Pen) { worktop(p, counterTop, counterShine, counterFront) }

func worktop(p *sprite.Pen, top, shine, front color.RGBA) {
	p.Rect(0, 0, 1, 1, counterGap)
	p.Round(0.02, 0.02, 0.96, 0.96, 0.07, front)
	p.Round(0.02, 0.02, 0.96, 0.86, 0.07, shine)
	p.Round(0.02, 0.06, 0.96, 0.82, 0.07, top)
}

// onionCrate is a wooden box full of onions.
func onionCrate(p *sprite.Pen) {
	counterTile(p)
	e := p.Edge()
	p.Round(0.08-e, 0.14-e, 0.84+2*e, 0.72+2*e, 0.08, outline)
	p.Round(0.08, 0.14, 0.84, 0.72, 0.06, crateDark)
	onionAt(p, 0.28, 0.27, 0.4)
	onionAt(p, 0.72, 0.27, 0.4)
	onionAt(p, 0.5, 0.23, 0.42)
	onionAt(p, 0.36, 0.42, 0.42)
	onionAt(p, 0.65, 0.42, 0.42)
	p.Rect(0.08, 0.56, 0.84, 0.3, outline)
	for i := range 2 {
		p.Round(0.08, 0.58+0.15*float64(i), 0.84, 0.12, 0.03, crateWood)
	}
	p.Round(0.11, 0.55, 0.1, 0.32, 0.03, crateDark)
	p.Round(0.79, 0.55, 0.1, 0.32, 0.03, crateDark)
}

// dishStack is a pile of plates, seen a little from the side.
func dishStack(p *sprite.Pen) {
	counterTile(p)
	e := p.Edge()
	p.Ellipse(0.5, 0.76, 0.38, 0.16, sprite.Faint(outline, 0.45))
	for i := range 4 {
		y := 0.7 - 0.11*float64(i)
		p.Ellipse(0.5, y, 0.36+e, 0.19+e, outline)
		p.Ellipse(0.5, y, 0.36, 0.19, chinaShade)
		p.Ellipse(0.5, y-0.02, 0.36, 0.17, china)
	}
	p.Ellipse(0.5, 0.35, 0.23, 0.1, chinaShade)
	p.Ellipse(0.5, 0.36, 0.21, 0.085, china)
}

// hatch is where soup leaves the kitchen: a striped frame, and a covered dish with a knob.
func hatch(p *sprite.Pen) {
	frame := p.Role(draw.Marker)
	p.Rect(0, 0, 1, 1, counterGap)
	p.Round(0.02, 0.02, 0.96, 0.96, 0.07, frame)
	const step = 0.24
	for i := range 9 { // slanting stripes; the middle is covered below
		x := -0.9 + step*float64(i)
		p.Polygon(outline, x, 1, x+step/2, 1, x+1+step/2, 0, x+1, 0)
	}
	p.Round(0.13, 0.13, 0.74, 0.74, 0.05, mortar)
	e := p.Edge()
	p.Ellipse(0.5, 0.7, 0.33+e, 0.09+e, outline)
	p.Ellipse(0.5, 0.7, 0.33, 0.09, china)
	p.Dome(0.5, 0.68, 0.27+e, 0.33+e, outline)
	p.Circle(0.5, 0.31, 0.05+e, outline)
	p.Circle(0.5, 0.31, 0.05, steelLight)
	p.Dome(0.5, 0.68, 0.27, 0.33, steel)
	p.Arc(0.5, 0.66, 0.18, 0.22, 0.53, 0.68, 0.05, steelLight)
}
