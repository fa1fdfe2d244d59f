package render

import (
	"image/color"

	"tandem/env/draw"
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

func rgb(hex uint32) color.RGBA {
	return color.RGBA{R: uint8(hex >> 16), G: uint8(hex >> 8), B: uint8(hex), A: 0xff}
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
		draw.Background: rgb(0x12152E),
		draw.Ground:     rgb(0x2B2A4C),
		draw.GroundEdge: rgb(0x7F79B5),
		draw.Net:        rgb(0xB9B4DC),
		draw.Ball:       rgb(0xFFF3C9),
		draw.BallShadow: rgb(0x07081A),
		draw.EyeWhite:   rgb(0xFFFFFF),
		draw.Pupil:      rgb(0x14132B),
		draw.Glow:       rgb(0xFFE066),
		draw.Floor:      rgb(0x4A4670),
		draw.Wall:       rgb(0x8B82A8),
		draw.Marker:     rgb(0xFFC94D),
		draw.Ink:        rgb(0xF3F1FF),
		draw.Seat0:      rgb(0xE2512F), // vermilion
		draw.Seat1:      rgb(0x8FD2FF), // sky blue
		draw.Seat2:      rgb(0xF2DC4A), // yellow
		draw.Seat3:      rgb(0x1FA37C), // bluish green
		draw.Seat4:      rgb(0xD98AC0), // reddish purple
		draw.Seat5:      rgb(0x4F82E0), // blue
		draw.Seat6:      rgb(0xE8A13A), // orange
		draw.Seat7:      rgb(0xC9CCD6), // grey
	},
	Horizon: rgb(0x3A3468),
	Bar:     rgb(0x0B0D1F),
}

// backdrop returns the background's colour at the fraction y of the picture's height.
func (p *Palette) backdrop(y float64) color.RGBA {
	y = min(max(y, 0), 1)
	a, b := p.Roles[draw.Background], p.Horizon
	m := func(a, b uint8) uint8 { return uint8(float64(a) + (float64(b)-float64(a))*y + .5) }
	return color.RGBA{m(a.R, b.R), m(a.G, b.G), m(a.B, b.B), 0xff}
}
