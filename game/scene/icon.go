package scene

import (
	"image"
	"image/color"
	"math"

	"tandem/env/draw"
)

// icon draws the window's icon: the two slimes back to back under the ball, on the evening sky. It
// is computed and not scaled, so that it is sharp at every size.
func icon(size int) image.Image {
	img := image.NewNRGBA(image.Rect(0, 0, size, size))
	const sub = 4 // 16 looks per pixel smooth the edges
	for py := range size {
		for px := range size {
			var r, g, b, a int
			for s := range sub * sub {
				x := (float64(px) + (float64(s%sub)+.5)/sub) / float64(size)
				y := (float64(py) + (float64(s/sub)+.5)/sub) / float64(size)
				c := iconAt(x, y)
				r, g, b, a = r+int(c.R)*int(c.A), g+int(c.G)*int(c.A), b+int(c.B)*int(c.A), a+int(c.A)
			}
			if a > 0 {
				img.SetNRGBA(px, py, color.NRGBA{uint8(r / a), uint8(g / a), uint8(b / a), uint8(a / (sub * sub))})
			}
		}
	}
	return img
}

// iconAt returns the icon's colour at a point of the unit square.
func iconAt(x, y float64) color.RGBA {
	const corner, ground = 0.2, 0.78
	dx, dy := max(math.Abs(x-.5)-(.5-corner), 0), max(math.Abs(y-.5)-(.5-corner), 0)
	if math.Hypot(dx, dy) > corner {
		return color.RGBA{}
	}
	disc := func(cx, cy, r float64) bool { return math.Hypot(x-cx, y-cy) < r }
	switch {
	case disc(.5, .27, .12):
		return palette.Roles[draw.Ball]
	case y > ground:
		return palette.Roles[draw.GroundEdge]
	case disc(.27, ground, .21):
		return seatColour(nil, 0)
	case disc(.73, ground, .21):
		return seatColour(nil, 1)
	}
	return palette.Horizon
}
