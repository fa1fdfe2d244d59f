package render

import (
	"fmt"
	"image"
	"math"
	"strings"

	"tandem/env/draw"
)

// Painter paints display lists.
type Painter struct {
	palette *Palette
	canvas  *Canvas
	sprites *sprites
	between draw.List
	order   []int32   // of the items, by depth
	missing []string  // sprites that were asked for and do not exist
	err     error     // the same in words
	single  draw.Item // of Sprite
}

// NewPainter makes a Painter that draws with canvas.
func NewPainter(canvas *Canvas, palette *Palette) *Painter {
	return &Painter{canvas: canvas, palette: palette, sprites: newSprites(canvas, palette)}
}

// Fit returns the largest rectangle of the given width ÷ height in the middle of area.
func Fit(area image.Rectangle, aspect float64) image.Rectangle {
	w, h := float64(area.Dx()), float64(area.Dy())
	if w <= 0 || h <= 0 || !(aspect > 0) {
		return image.Rectangle{Min: area.Min, Max: area.Min}
	}
	if w/h > aspect {
		w = h * aspect
	} else {
		h = w / aspect
	}
	iw, ih := max(int(math.Round(w)), 1), max(int(math.Round(h)), 1)
	at := area.Min.Add(image.Pt((area.Dx()-iw)/2, (area.Dy()-ih)/2))
	return image.Rectangle{Min: at, Max: at.Add(image.Pt(iw, ih))}
}

// Paint paints the picture between prev and cur, letterboxed into area: the rest of the area gets
// the palette's bar colour, and nothing is drawn outside the picture. It draws on the canvas
// between that one's Begin and End, and returns the picture's rectangle.
func (p *Painter) Paint(area image.Rectangle, aspect float64, prev, cur *draw.List, alpha float64) image.Rectangle {
	c := p.canvas
	pic := Fit(area, aspect)
	p.bars(area, pic)
	if pic.Empty() {
		return pic
	}
	Interpolate(&p.between, prev, cur, alpha)
	p.sprites.begin(c)
	c.Clip(pic)
	f := frame{x: float64(pic.Min.X), y: float64(pic.Min.Y), w: float64(pic.Dx()), h: float64(pic.Dy())}
	c.Gradient(f.x, f.y, f.w, f.h, p.palette.backdrop(0), p.palette.backdrop(1))
	for _, i := range p.byDepth() {
		p.item(f, &p.between.Items[i])
	}
	c.Unclip()
	return pic
}

// bars fills what pic leaves free of area. Pixels under the picture are not touched: a software
// renderer pays for each one.
func (p *Painter) bars(area, pic image.Rectangle) {
	fill := func(x0, y0, x1, y1 int) {
		p.canvas.Rect(float64(x0), float64(y0), float64(x1-x0), float64(y1-y0), p.palette.Bar, 1)
	}
	if pic.Empty() {
		fill(area.Min.X, area.Min.Y, area.Max.X, area.Max.Y)
		return
	}
	fill(area.Min.X, area.Min.Y, area.Max.X, pic.Min.Y)
	fill(area.Min.X, pic.Max.Y, area.Max.X, area.Max.Y)
	fill(area.Min.X, pic.Min.Y, pic.Min.X, pic.Max.Y)
	fill(pic.Max.X, pic.Min.Y, area.Max.X, pic.Max.Y)
}

// byDepth sorts the items' indices, lower depths first. Insertion keeps the list's order among
// equals, and a list that is nearly sorted already, as they are, costs next to nothing.
func (p *Painter) byDepth() []int32 {
	items := p.between.Items
	p.order = p.order[:0]
	for i := range items {
		p.order = append(p.order, int32(i))
		for j := i; j > 0 && items[p.order[j-1]].Depth > items[p.order[j]].Depth; j-- {
			p.order[j-1], p.order[j] = p.order[j], p.order[j-1]
		}
	}
	return p.order
}

// frame is where the picture lies on the canvas.
type frame struct{ x, y, w, h float64 }

func (f frame) px(x float64) float64 { return f.x + x*f.w }
func (f frame) py(y float64) float64 { return f.y + y*f.h }

func (p *Painter) item(f frame, it *draw.Item) {
	c := p.canvas
	role := it.Role
	if role >= draw.NumRoles {
		role = draw.Ink
	}
	clr := p.palette.Roles[role]
	x, y := f.px(it.X), f.py(it.Y)
	switch it.Kind {
	case draw.Circle:
		c.Circle(x, y, it.R*f.w, clr, it.Alpha)
	case draw.Line:
		c.Line(x, y, f.px(it.X2), f.py(it.Y2), it.W*f.w, clr, it.Alpha)
	case draw.Rect:
		w, h := it.W*f.w, it.H*f.h
		if role == draw.Background { // the same sky, wherever it shows
			c.shapes().gradient(x, y, w, h, p.palette.backdrop(it.Y), p.palette.backdrop(it.Y+it.H), it.Alpha)
			return
		}
		c.Rect(x, y, w, h, clr, it.Alpha)
	case draw.Polygon:
		c.mesh.begin()
		for _, pt := range p.between.Points(it) {
			c.mesh.corner(f.px(pt.X), f.py(pt.Y))
		}
		c.polygon(clr, it.Alpha)
	case draw.Sprite:
		p.sprite(it, role, x, y, it.W*f.w, it.H*f.h)
	case draw.Text:
		// R is the height of a capital, and Y its middle.
		size := it.R * f.w / capHeight
		if size < 1 {
			return
		}
		ascent := c.Face(Bold, size).ascent
		c.Text(it.Name, Bold, size, x, y+it.R*f.w/2-ascent, Center, clr, it.Alpha)
	}
}

// Sprite draws one sprite into a rectangle of the canvas, beside a display list or on top of it.
func (p *Painter) Sprite(name string, role draw.Role, x, y, w, h, alpha float64) {
	p.single = draw.Item{Name: name, Alpha: alpha}
	p.sprite(&p.single, role, x, y, w, h)
}

// sprite draws a named picture, or, when there is none, a crossed box that nobody takes for one.
func (p *Painter) sprite(it *draw.Item, role draw.Role, x, y, w, h float64) {
	if p.sprites.paint(p.canvas, it, role, x, y, w, h) {
		return
	}
	p.note(it.Name)
	c, ink, edge := p.canvas, p.palette.Roles[draw.Ink], p.palette.Roles[draw.Marker]
	c.Rect(x, y, w, h, p.palette.Roles[draw.Pupil], it.Alpha)
	t := max(min(w, h)/12, 1)
	c.Line(x+t, y+t, x+w-t, y+h-t, t, edge, it.Alpha)
	c.Line(x+t, y+h-t, x+w-t, y+t, t, edge, it.Alpha)
	c.Line(x, y+t/2, x+w, y+t/2, t, ink, it.Alpha)
	c.Line(x, y+h-t/2, x+w, y+h-t/2, t, ink, it.Alpha)
	c.Line(x+t/2, y, x+t/2, y+h, t, ink, it.Alpha)
	c.Line(x+w-t/2, y, x+w-t/2, y+h, t, ink, it.Alpha)
}

// maxMissing bounds the names kept for Err; a list that invents names must not fill the memory.
const maxMissing = 16

func (p *Painter) note(name string) {
	for _, m := range p.missing {
		if m == name {
			return
		}
	}
	if len(p.missing) < maxMissing {
		p.missing = append(p.missing, name)
		p.err = fmt.Errorf("there is no picture for: %s", strings.Join(p.missing, ", "))
	}
}

// Err reports the sprites that were to be drawn and do not exist, or nil.
func (p *Painter) Err() error { return p.err }
