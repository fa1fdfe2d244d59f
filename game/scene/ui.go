package scene

import (
	"image/color"
	"math"
	"strings"

	"tandem/env/draw"
	"tandem/game/render"
	"tandem/game/words"
)

// The unit is the size of ordinary text, in pixels; everything else is a multiple of it. It grows
// with the square root of the window, so that a large window shows larger words and more room.
const (
	unitAt480x320 = 14.0 // a window this small still gets text that can be read
	unitMin       = 13.0
	unitMax       = 44.0
)

// unit returns the unit for a window of w×h device-independent pixels.
func unit(w, h float64) float64 {
	return min(max(unitAt480x320*math.Sqrt(min(w/480, h/320)), unitMin), unitMax)
}

// rect is a rectangle in pixels.
type rect struct{ x, y, w, h float64 }

func (r rect) contains(x, y float64) bool {
	return x >= r.x && x < r.x+r.w && y >= r.y && y < r.y+r.h
}

// word is one line of text as it was drawn; tests look whether it is inside and free of others.
type word struct {
	text string
	at   rect
}

// ui draws words and controls for one frame.
type ui struct {
	l       *words.Language
	c       *render.Canvas
	painter *render.Painter

	w, h float64 // the window, in pixels
	u    float64 // the unit, in pixels

	elsewhere bool // a page shows what is in fields and links, over the picture
	link      rect // where it has room for a link
	linkSize  float64

	words []word
	layer int // index in words where those of the topmost layer begin; it hides the others
	fits  map[fitKey]fitted
	wraps map[wrapKey]wrapped
	joins map[[3]string]string

	els     []element    // of the panel under construction
	corners []draw.Point // of an arrowhead
}

func newUI(l *words.Language, c *render.Canvas, p *render.Painter) *ui {
	return &ui{l: l, c: c, painter: p, fits: map[fitKey]fitted{}, wraps: map[wrapKey]wrapped{}, joins: map[[3]string]string{}}
}

// begin starts a frame of w×h pixels at a device scale.
func (u *ui) begin(w, h int, scale float64) {
	u.w, u.h = float64(w), float64(h)
	u.u = unit(u.w/scale, u.h/scale) * scale
	u.words, u.layer, u.link = u.words[:0], 0, rect{}
}

// raise begins a layer over everything drawn so far.
func (u *ui) raise() { u.layer = len(u.words) }

// Layouts of text are kept, because a screen asks for the same ones in every frame. The bounds are
// far above what one screen needs; a text that changes all the time only empties the cache.
const maxLayouts = 512

type fitKey struct {
	s     string
	style render.Style
	size  float64
	w     float64
}

type fitted struct {
	s    string
	size float64
	w    float64
}

// smallest is how far a line is reduced to fit before its end is left out.
const smallest = 0.6

// fit returns s as one line that is at most w wide: smaller if need be, and shortened with an
// ellipsis when even that does not do.
func (u *ui) fit(s string, style render.Style, size, w float64) fitted {
	key := fitKey{s, style, size, w}
	if f, ok := u.fits[key]; ok {
		return f
	}
	f := fitted{s: oneLine(s), size: size}
	f.w = u.c.Width(f.s, style, size)
	for f.w > w && f.size > size*smallest {
		// Sizes are rounded to a quarter of a pixel, so the first guess may be just too large.
		f.size = max(min(size*w/f.w, f.size-0.25), size*smallest)
		f.w = u.c.Width(f.s, style, f.size)
	}
	whole := f.s
	for ends := letterEnds(whole); f.w > w && len(ends) > 0; {
		ends = ends[:len(ends)-1]
		f.s = "…"
		if n := len(ends); n > 0 {
			f.s = strings.TrimRight(whole[:ends[n-1]], " ") + "…"
		}
		f.w = u.c.Width(f.s, style, f.size)
	}
	if len(u.fits) >= maxLayouts {
		clear(u.fits)
	}
	u.fits[key] = f
	return f
}

// line draws one line within w and returns where it is. x is its left end, middle or right end, y
// the top of its line.
func (u *ui) line(s string, style render.Style, size, x, y, w float64, align render.Align, clr color.RGBA) rect {
	f := u.fit(s, style, size, w)
	full, h := u.c.Height(style, size), u.c.Height(style, f.size)
	y += (full - h) / 2 // a reduced line stays in the middle of its room
	u.c.Text(f.s, style, f.size, x, y, align, clr, 1)
	switch align {
	case render.Center:
		x -= f.w / 2
	case render.Right:
		x -= f.w
	}
	at := rect{x, y, f.w, h}
	if f.s != "" {
		u.words = append(u.words, word{text: f.s, at: at})
	}
	return at
}

type wrapKey struct {
	s     string
	style render.Style
	size  float64
	w     float64
}

type wrapped struct {
	lines []string
	size  float64
}

// wrap breaks s into lines at most w wide, between words. A word that is wider by itself, as an
// address may be, makes the text smaller; only when that does not do, it is broken.
func (u *ui) wrap(s string, style render.Style, size, w float64) wrapped {
	key := wrapKey{s, style, size, w}
	if out, ok := u.wraps[key]; ok {
		return out
	}
	out := wrapped{size: size}
	for _, word := range strings.Fields(s) {
		for out.size > size*smallest && u.c.Width(oneLine(word), style, out.size) > w {
			out.size = max(out.size-0.25, size*smallest)
		}
	}
	for _, part := range strings.Split(s, "\n") {
		out.lines = u.breakLine(out.lines, oneLine(part), style, out.size, w)
	}
	if len(u.wraps) >= maxLayouts {
		clear(u.wraps)
	}
	u.wraps[key] = out
	return out
}

// breakLine appends the lines that s takes.
func (u *ui) breakLine(lines []string, s string, style render.Style, size, w float64) []string {
	cur := ""
	for _, word := range strings.Fields(s) {
		if try := cur + " " + word; cur != "" && u.c.Width(try, style, size) <= w {
			cur = try
			continue
		}
		if cur != "" {
			lines = append(lines, cur)
		}
		for u.c.Width(word, style, size) > w {
			n := u.breakWord(word, style, size, w)
			if n == len(word) { // one letter, and still too wide
				break
			}
			lines, word = append(lines, word[:n]), word[n:]
		}
		cur = word
	}
	return append(lines, cur)
}

// breakWord returns how many bytes of a word too wide for the line fit on it, one letter at least.
func (u *ui) breakWord(s string, style render.Style, size, w float64) int {
	n := 0
	for _, end := range letterEnds(s) {
		if n > 0 && u.c.Width(s[:end], style, size) > w {
			break
		}
		n = end
	}
	return n
}

// join returns the two texts with a separator between them, or the one that is not empty.
func (u *ui) join(a, sep, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	key := [3]string{a, sep, b}
	s, ok := u.joins[key]
	if !ok {
		if len(u.joins) >= maxLayouts {
			clear(u.joins)
		}
		s = a + sep + b
		u.joins[key] = s
	}
	return s
}
