package render

import (
	"image"
	"image/color"
	"math"

	"github.com/hajimehoshi/ebiten/v2"
	"github.com/hajimehoshi/ebiten/v2/text/v2"
	"github.com/hajimehoshi/ebiten/v2/vector"

	"tandem/env/draw"
)

// Align says which point of a line of text its x is.
type Align uint8

const (
	Left Align = iota
	Center
	Right
)

// Canvas draws shapes and text, in pixels, onto the image it was given by Begin. Colours are not
// premultiplied. Shapes are collected and reach the image when something else has to be drawn over
// them, at the latest with End.
type Canvas struct {
	*Fonts
	white *ebiten.Image

	full, dst *ebiten.Image // the whole image, and the part that is not clipped
	mesh      mesh
	path      vector.Path

	// Options are kept so that drawing does not allocate them.
	triangles ebiten.DrawTrianglesOptions
	letters   text.DrawOptions
	image     ebiten.DrawImageOptions
}

// NewCanvas makes a Canvas.
func NewCanvas() (*Canvas, error) {
	fonts, err := NewFonts()
	if err != nil {
		return nil, err
	}
	// Three pixels wide, so that sampling the middle one never mixes in what lies beside it in a
	// texture atlas.
	white := ebiten.NewImage(3, 3)
	white.Fill(color.White)
	c := &Canvas{Fonts: fonts, white: white}
	c.triangles.ColorScaleMode = ebiten.ColorScaleModePremultipliedAlpha
	return c, nil
}

// Begin starts drawing onto dst.
func (c *Canvas) Begin(dst *ebiten.Image) {
	c.full, c.dst = dst, dst
	c.mesh.reset()
}

// End finishes what Begin started.
func (c *Canvas) End() {
	c.flush()
	c.full, c.dst = nil, nil
}

// Bounds returns the rectangle of the whole image.
func (c *Canvas) Bounds() image.Rectangle { return c.full.Bounds() }

// Clip confines drawing to r until Unclip.
func (c *Canvas) Clip(r image.Rectangle) {
	c.flush()
	c.dst = c.full.SubImage(r).(*ebiten.Image) // Ebitengine keeps sub-images: nothing is made anew
}

// Unclip ends Clip.
func (c *Canvas) Unclip() {
	c.flush()
	c.dst = c.full
}

func (c *Canvas) flush() {
	if len(c.mesh.indices) > 0 {
		c.dst.DrawTriangles32(c.mesh.vertices, c.mesh.indices, c.white, &c.triangles)
	}
	c.mesh.reset()
}

// Rect fills a rectangle, its edges rounded to whole pixels.
func (c *Canvas) Rect(x, y, w, h float64, clr color.RGBA, alpha float64) {
	c.mesh.gradient(x, y, w, h, clr, clr, alpha)
}

// Gradient fills a rectangle from one colour at the top to another at the bottom.
func (c *Canvas) Gradient(x, y, w, h float64, top, bottom color.RGBA) {
	c.mesh.gradient(x, y, w, h, top, bottom, 1)
}

// RoundRect fills a rectangle with round corners of radius r.
func (c *Canvas) RoundRect(x, y, w, h, r float64, clr color.RGBA, alpha float64) {
	c.mesh.roundRect(x, y, w, h, r, clr, alpha)
}

// Circle fills a circle.
func (c *Canvas) Circle(x, y, r float64, clr color.RGBA, alpha float64) {
	c.mesh.circle(x, y, r, clr, alpha)
}

// Line draws a straight line with flat ends.
func (c *Canvas) Line(x1, y1, x2, y2, w float64, clr color.RGBA, alpha float64) {
	c.mesh.line(x1, y1, x2, y2, w, clr, alpha)
}

// polygon fills the polygon whose corners are in the mesh.
func (c *Canvas) polygon(clr color.RGBA, alpha float64) {
	if c.mesh.isConvex() {
		c.mesh.convex(clr, alpha)
		return
	}
	c.flush()
	c.path.Reset()
	for i, p := range c.mesh.corners {
		if i == 0 {
			c.path.MoveTo(float32(p.X), float32(p.Y))
		} else {
			c.path.LineTo(float32(p.X), float32(p.Y))
		}
	}
	c.path.Close()
	op := vector.DrawPathOptions{AntiAlias: true}
	op.ColorScale.ScaleWithColor(clr)
	op.ColorScale.ScaleAlpha(float32(alpha))
	vector.FillPath(c.dst, &c.path, nil, &op)
}

// Polygon fills a polygon.
func (c *Canvas) Polygon(corners []draw.Point, clr color.RGBA, alpha float64) {
	c.mesh.begin()
	for _, p := range corners {
		c.mesh.corner(p.X, p.Y)
	}
	c.polygon(clr, alpha)
}

// Text draws one line of text, the top of its tallest letter at y, and returns its width.
func (c *Canvas) Text(s string, style Style, size, x, y float64, align Align, clr color.RGBA, alpha float64) float64 {
	face := c.Face(style, size)
	w := text.AdvanceAt(s, len(s), face)
	switch align {
	case Center:
		x -= w / 2
	case Right:
		x -= w
	}
	c.flush()
	op := &c.letters
	op.GeoM.Reset()
	// Whole pixels: a baseline between two of them is blurred.
	op.GeoM.Translate(math.Round(x), math.Round(y))
	op.ColorScale.Reset()
	// Not ScaleWithColor: it takes an interface, which allocates.
	op.ColorScale.Scale(float32(clr.R)/0xff, float32(clr.G)/0xff, float32(clr.B)/0xff, 1)
	op.ColorScale.ScaleAlpha(float32(alpha) * float32(clr.A) / 0xff)
	text.Draw(c.dst, s, face, op)
	return w
}

// Image draws img into a rectangle.
func (c *Canvas) Image(img *ebiten.Image, x, y, w, h, alpha float64) {
	c.flush()
	b := img.Bounds()
	op := &c.image
	op.GeoM.Reset()
	op.GeoM.Scale(w/float64(b.Dx()), h/float64(b.Dy()))
	op.GeoM.Translate(x, y)
	op.ColorScale.Reset()
	op.ColorScale.ScaleAlpha(float32(alpha))
	op.Filter = ebiten.FilterLinear
	if w == float64(b.Dx()) && h == float64(b.Dy()) { // pixel for pixel
		op.Filter = ebiten.FilterNearest
	}
	c.dst.DrawImage(img, op)
}
