package render

import (
	"image/color"

	"tandem/env/draw"
)

// The kitchen's own colours, next to those of the palette. Floors are dark, counters half-light and
// food is light with a dark line round it, so that the three stay apart on a grey screen, too.
var (
	tileDark   = rgb(0x38355E)
	tileLight  = rgb(0x403D69)
	brick      = rgb(0x2B2950)
	brickLight = rgb(0x37345F)
	mortar     = rgb(0x1B1A38)

	counterTop   = rgb(0x82636F)
	counterShine = rgb(0x987881)
	counterFront = rgb(0x553F55)
	counterGap   = rgb(0x453349)

	outline = rgb(0x1A1530)

	crateWood  = rgb(0xB27A48)
	crateDark  = rgb(0x6B4430)
	onionSkin  = rgb(0xF0B648)
	onionShine = rgb(0xFFE2A0)
	onionVein  = rgb(0xB9772A)
	sprout     = rgb(0x8CCB6A)

	china      = rgb(0xF7F5FF)
	chinaShade = rgb(0xCBC6E4)

	steel      = rgb(0x9AA0BE)
	steelLight = rgb(0xD3D7EA)
	steelDark  = rgb(0x5C6080)
	stove      = rgb(0x4B476E)
	potInside  = rgb(0x1F1C36)
	water      = rgb(0x4C6C95)
	broth      = rgb(0xC9652B)
	brothLight = rgb(0xE98F45)
	soupDone   = rgb(0xF2A03D)
	soupShine  = rgb(0xFFD58A)
	steam      = rgb(0xFFFFFF)
)

// kitchen returns the pictures of a kitchen: what stands in it here, food and cooks in the files
// beside.
func kitchen() map[string]picture {
	tile := func(paint func(*pen)) picture { return picture{paint: paint, tile: true} }
	thing := func(paint func(*pen)) picture { return picture{paint: paint} }
	all := map[string]picture{
		"floor": tile(floorTile), "wall": tile(wallTile), "counter": tile(counterTile),
		"onion_stack": tile(onionCrate), "dish_stack": tile(dishStack), "delivery": tile(hatch),

		"pot": thing(pot), "pot_onions_1": thing(potOne), "pot_onions_2": thing(potTwo),
		"pot_cooking": thing(potCooking), "pot_ready": thing(potReady),

		"onion": thing(onion), "dish": thing(dish), "soup": thing(soup),
	}
	for name, f := range map[string]facing{"north": north, "east": east, "south": south, "west": west} {
		all["chef_"+name] = picture{paint: f.chef, tinted: true}
		all["hat_"+name] = picture{paint: f.hat, tinted: true}
	}
	return all
}

func floorTile(p *pen) {
	p.rect(0, 0, 1, 1, tileDark)
	p.rect(0.5, 0, 0.5, 0.5, tileLight)
	p.rect(0, 0.5, 0.5, 0.5, tileLight)
}

func wallTile(p *pen) {
	p.rect(0, 0, 1, 1, mortar)
	const gap = 0.06
	row := func(y float64, from ...float64) {
		for i := 0; i+1 < len(from); i += 2 {
			x, w := from[i], from[i+1]-from[i]
			p.rect(x, y, w, 1.0/3-gap, brick)
			p.rect(x, y, w, 0.06, brickLight)
		}
	}
	row(0.03, 0, 0.47, 0.53, 1)
	row(0.03+1.0/3, 0, 0.22, 0.28, 0.72, 0.78, 1)
	row(0.03+2.0/3, 0, 0.47, 0.53, 1)
}

// counterTile is a worktop seen from above, with an edge towards the viewer.
func counterTile(p *pen) { worktop(p, counterTop, counterShine, counterFront) }

func worktop(p *pen, top, shine, front color.RGBA) {
	p.rect(0, 0, 1, 1, counterGap)
	p.round(0.02, 0.02, 0.96, 0.96, 0.07, front)
	p.round(0.02, 0.02, 0.96, 0.86, 0.07, shine)
	p.round(0.02, 0.06, 0.96, 0.82, 0.07, top)
}

// onionCrate is a wooden box full of onions.
func onionCrate(p *pen) {
	counterTile(p)
	e := p.edge()
	p.round(0.08-e, 0.14-e, 0.84+2*e, 0.72+2*e, 0.08, outline)
	p.round(0.08, 0.14, 0.84, 0.72, 0.06, crateDark)
	p.onionAt(0.28, 0.27, 0.4)
	p.onionAt(0.72, 0.27, 0.4)
	p.onionAt(0.5, 0.23, 0.42)
	p.onionAt(0.36, 0.42, 0.42)
	p.onionAt(0.65, 0.42, 0.42)
	p.rect(0.08, 0.56, 0.84, 0.3, outline)
	for i := range 2 {
		p.round(0.08, 0.58+0.15*float64(i), 0.84, 0.12, 0.03, crateWood)
	}
	p.round(0.11, 0.55, 0.1, 0.32, 0.03, crateDark)
	p.round(0.79, 0.55, 0.1, 0.32, 0.03, crateDark)
}

// dishStack is a pile of plates, seen a little from the side.
func dishStack(p *pen) {
	counterTile(p)
	e := p.edge()
	p.ellipse(0.5, 0.76, 0.38, 0.16, faint(outline, 0.45))
	for i := range 4 {
		y := 0.7 - 0.11*float64(i)
		p.ellipse(0.5, y, 0.36+e, 0.19+e, outline)
		p.ellipse(0.5, y, 0.36, 0.19, chinaShade)
		p.ellipse(0.5, y-0.02, 0.36, 0.17, china)
	}
	p.ellipse(0.5, 0.35, 0.23, 0.1, chinaShade)
	p.ellipse(0.5, 0.36, 0.21, 0.085, china)
}

// hatch is where soup leaves the kitchen: a striped frame, and a covered dish with a knob.
func hatch(p *pen) {
	frame := p.palette.Roles[draw.Marker]
	p.rect(0, 0, 1, 1, counterGap)
	p.round(0.02, 0.02, 0.96, 0.96, 0.07, frame)
	const step = 0.24
	for i := range 9 { // slanting stripes; the middle is covered below
		x := -0.9 + step*float64(i)
		p.convex(outline, x, 1, x+step/2, 1, x+1+step/2, 0, x+1, 0)
	}
	p.round(0.13, 0.13, 0.74, 0.74, 0.05, mortar)
	e := p.edge()
	p.ellipse(0.5, 0.7, 0.33+e, 0.09+e, outline)
	p.ellipse(0.5, 0.7, 0.33, 0.09, china)
	p.dome(0.5, 0.68, 0.27+e, 0.33+e, outline)
	p.circle(0.5, 0.31, 0.05+e, outline)
	p.circle(0.5, 0.31, 0.05, steelLight)
	p.dome(0.5, 0.68, 0.27, 0.33, steel)
	p.arc(0.5, 0.66, 0.18, 0.22, 0.53, 0.68, 0.05, steelLight)
}
