package render

import (
	"image/color"

	"tandem/env/draw"
	"tandem/env/sprite"
)

// Palette gives every role of a display list its colour.
type Palette struct {
	Roles [draw.NumRoles]color.RGBA

	// Horizon is the colour of the background at the bottom of the picture; it blends from
	// Roles[Background] at the top.
	Horizon color.RGBA

	// Bar fills what a picture of another shape leaves free of its area.
	Bar color.RGBA
}

// Dusk is the game's palette: an evening court.
//
// The seats' colours start from the set of Okabe and Ito, which people with any of the common
// colour blindnesses can tell apart, and are moved apart in lightness as well: the first two, a
// dark vermilion and a light sky blue, have relative luminances of about 0.2 and 0.6, so they
// differ on a grey screen, on paper and for somebody who sees no colour at all. Against the
// background every one of them has a contrast of at least 3 to 1. The ball is the lightest thing
// on the court.
var Dusk = Palette{
	Roles: [draw.NumRoles]color.RGBA{
		draw.Background: sprite.RGB(0x12152E),
		draw.Ground:     sprite.RGB(0x2B2A4C),
		draw.GroundEdge: sprite.RGB(0x7F79B5),
		draw.Net:        sprite.RGB(0xB9B4DC),
		draw.Ball:       sprite.RGB(0xFFF3C9),
		draw.BallShadow: sprite.RGB(0x07081A),
		draw.EyeWhite:   sprite.RGB(0xFFFFFF),
		draw.Pupil:      sprite.RGB(0x14132B),
		draw.Glow:       sprite.RGB(0xFFE066),
		draw.Floor:      sprite.RGB(0x4A4670),
		draw.Wall:       sprite.RGB(0x8B82A8),
		draw.Marker:     sprite.RGB(0xFFC94D),
		draw.Ink:        sprite.RGB(0xF3F1FF),
		draw.Seat0:      sprite.RGB(0xE2512F), // vermilion
		draw.Seat1:      sprite.RGB(0x8FD2FF), // sky blue
		draw.Seat2:      sprite.RGB(0xF2DC4A), // yellow
		draw.Seat3:      sprite.RGB(0x1FA37C), // bluish green
		draw.Seat4:      sprite.RGB(0xD98AC0), // reddish purple
		draw.Seat5:      sprite.RGB(0x4F82E0), // blue
		draw.Seat6:      sprite.RGB(0xE8A13A), // orange
		draw.Seat7:      sprite.RGB(0xC9CCD6), // grey
	},
	Horizon: sprite.RGB(0x3A3468),
	Bar:     sprite.RGB(0x0B0D1F),
}

// backdrop returns the background's colour at the fraction y of the picture's height.
func (p *Palette) backdrop(y float64) color.RGBA {
	y = min(max(y, 0), 1)
	a, b := p.Roles[draw.Background], p.Horizon
	m := func(a, b uint8) uint8 { return uint8(float64(a) + (float64(b)-float64(a))*y + .5) }
	return color.RGBA{m(a.R, b.R), m(a.G, b.G), m(a.B, b.B), 0xff}
}
