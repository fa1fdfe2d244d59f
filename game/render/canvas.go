package render

import (
	"image"
	"image/color"
	"math"

	"github.com/hajimehoshi/ebiten/v2"
	"github.com/hajimehoshi/ebiten/v2/vector"
	"golang.org/x/image/math/fixed"

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
	white  *ebiten.Image
	nested bool // used while another Canvas with the same fonts draws

	full, dst *ebiten.Image // the whole image, and the part that is not clipped
	mesh      mesh
	source    *ebiten.Image // of the mesh's colours: white, or a sheet of pictures
	path      vector.Path

	// The options are kept so that drawing does not allocate them.
	triangles ebiten.DrawTrianglesOptions
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
	c := &Canvas{Fonts: fonts, white: white, source: white}
	c.triangles.ColorScaleMode = ebiten.ColorScaleModePremultipliedAlpha
	return c, nil
}

// Begin starts drawing onto dst.
func (c *Canvas) Begin(dst *ebiten.Image) {
	if !c.nested {
		c.tidy()
	}
	c.full, c.dst, c.source = dst, dst, c.white
	c.mesh.reset()
}

// End finishes what Begin started.
func (c *Canvas) End() {
	c.flush()
	c.full, c.dst = nil, nil
}

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

// shapes returns the mesh for shapes of plain colours.
func (c *Canvas) shapes() *mesh {
	if c.source != c.white {
		c.flush()
		c.source = c.white
	}
	return &c.mesh
}

func (c *Canvas) flush() {
	if len(c.mesh.indices) > 0 {
		c.dst.DrawTriangles32(c.mesh.vertices, c.mesh.indices, c.source, &c.triangles)
	}
	c.mesh.reset()
}

// Rect fills a rectangle, its edges rounded to whole pixels.
func (c *Canvas) Rect(x, y, w, h float64, clr color.RGBA, alpha float64) {
	c.shapes().gradient(x, y, w, h, clr, clr, alpha)
}

// Gradient fills a rectangle from one colour at the top to another at the bottom.
func (c *Canvas) Gradient(x, y, w, h float64, top, bottom color.RGBA) {
	c.shapes().gradient(x, y, w, h, top, bottom, 1)
}

// RoundRect fills a rectangle with round corners of radius r.
func (c *Canvas) RoundRect(x, y, w, h, r float64, clr color.RGBA, alpha float64) {
	c.shapes().roundRect(x, y, w, h, r, clr, alpha)
}

// Circle fills a circle.
func (c *Canvas) Circle(x, y, r float64, clr color.RGBA, alpha float64) {
	c.shapes().circle(x, y, r, clr, alpha)
}

// Ellipse fills the part of an ellipse between two angles in turns, clockwise from the right; from 0 to 1
// is all of it.
func (c *Canvas) Ellipse(x, y, rx, ry, from, to float64, clr color.RGBA, alpha float64) {
	c.shapes().ellipse(x, y, rx, ry, from, to, clr, alpha)
}

// Line draws a straight line with flat ends.
func (c *Canvas) Line(x1, y1, x2, y2, w float64, clr color.RGBA, alpha float64) {
	c.shapes().line(x1, y1, x2, y2, w, clr, alpha)
}

// polygon fills the polygon whose corners are in the mesh.
func (c *Canvas) polygon(clr color.RGBA, alpha float64) {
	if c.mesh.isConvex() {
		c.shapes().convex(clr, alpha)
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
	w := face.width(s)
	switch align {
	case Center:
		x -= w / 2
	case Right:
		x -= w
	}
	// Whole pixels: a baseline between two of them is blurred.
	left, base := int(math.Round(x)), int(math.Round(y))+int(face.ascent)
	a := float32(alpha) * float32(clr.A) / 0xff
	tint := [4]float32{float32(clr.R) / 0xff * a, float32(clr.G) / 0xff * a, float32(clr.B) / 0xff * a, a}
	var pen fixed.Int26_6
	for _, r := range s {
		l, px := face.letter(r, pen)
		if l.sheet != nil {
			c.part(l.sheet, l.at, float64(left+px+l.dx), float64(base+l.dy), float64(l.at.Dx()), float64(l.at.Dy()), tint)
		}
		pen += face.advance(r)
	}
	return w
}

// cut draws the part at of the image sheet into a rectangle, pixel for pixel if they are of one size.
// Parts of one sheet drawn one after the other reach the image together.
func (c *Canvas) cut(sheet *ebiten.Image, at image.Rectangle, x, y, w, h, alpha float64) {
	a := float32(alpha)
	c.part(sheet, at, x, y, w, h, [4]float32{a, a, a, a})
}

// part is cut with a colour that the sheet's is multiplied by, premultiplied.
func (c *Canvas) part(sheet *ebiten.Image, at image.Rectangle, x, y, w, h float64, tint [4]float32) {
	if c.source != sheet {
		c.flush()
		c.source = sheet
	}
	m := &c.mesh
	corner := func(fx, fy float64) uint32 {
		m.vertices = append(m.vertices, ebiten.Vertex{
			DstX: float32(x + fx*w), DstY: float32(y + fy*h),
			SrcX: float32(at.Min.X) + float32(fx)*float32(at.Dx()), SrcY: float32(at.Min.Y) + float32(fy)*float32(at.Dy()),
			ColorR: tint[0], ColorG: tint[1], ColorB: tint[2], ColorA: tint[3],
		})
		return uint32(len(m.vertices) - 1)
	}
	m.quad(corner(0, 0), corner(1, 0), corner(1, 1), corner(0, 1))
}
