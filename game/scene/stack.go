package scene

import (
	"image/color"

	"tandem/env/draw"
	"tandem/game/render"
)

// elementKind is what a line of a panel shows.
type elementKind uint8

const (
	textElement   elementKind = iota // wrapped, centred
	codeElement                      // a room code, large and framed
	linkElement                      // an address, which the page shows
	playerElement                    // a seat: colour, name, remark
	itemElement                      // a control of a form
)

// element is one part of a panel, from top to bottom. Sizes are in units.
type element struct {
	kind   elementKind
	text   string
	remark string // playerElement: at the right end
	style  render.Style
	size   float64
	gap    float64 // free room above it
	clr    color.RGBA
	icon   []string  // playerElement: the environment's picture of a seat
	role   draw.Role // playerElement: of the seat's colour
	faint  bool      // playerElement: nobody there
	score  bool      // playerElement: the remark is a score
	item   *item     // itemElement
	focus  bool
}

// Sizes of a panel, in units.
const (
	panelWidth   = 25.0
	panelPad     = 1.3
	panelMargin  = 0.5 // between panel and window at the least
	cornerRadius = 0.7
	lineSpacing  = 1.18 // of a text's height
	controlH     = 2.1
	labelH       = 1.25
	codeH        = 3.6
	linkH        = 5.4 // two lines, and buttons to copy and share it
	playerH      = 1.9
)

// shrink is the step by which a panel that does not fit is reduced, and shrinkMin where it ends.
// Below that nobody could read it, and no window that Tandem allows needs it.
const (
	shrink    = 0.95
	shrinkMin = 0.35
)

// stack draws elements as a panel in the middle of area. It is as high as they need; when area is
// lower than that, everything in it becomes smaller alike, so that nothing overlaps or is cut.
func (u *ui) stack(area rect, els []element) rect {
	s, w, h := u.u, 0.0, 0.0
	for ; ; s *= shrink {
		w = min(area.w-2*panelMargin*s, panelWidth*s)
		h = u.stackHeight(els, s, w-2*panelPad*s)
		if h+2*panelMargin*s <= area.h || s < u.u*shrinkMin {
			break
		}
	}
	box := rect{area.x + (area.w-w)/2, area.y + (area.h-h)/2, w, h}
	edge := max(s*0.08, 1)
	u.c.RoundRect(box.x-edge, box.y-edge, box.w+2*edge, box.h+2*edge, cornerRadius*s+edge, outline, 1)
	u.c.RoundRect(box.x, box.y, box.w, box.h, cornerRadius*s, panel, 1)
	y := box.y + panelPad*s
	for i := range els {
		el := &els[i]
		if i > 0 {
			y += el.gap * s
		}
		y += u.element(el, s, rect{x: box.x + panelPad*s, y: y, w: box.w - 2*panelPad*s})
	}
	return box
}

func (u *ui) stackHeight(els []element, s, w float64) float64 {
	h := 2 * panelPad * s
	for i := range els {
		if i > 0 {
			h += els[i].gap * s
		}
		h += u.elementHeight(&els[i], s, w)
	}
	return h
}

func (u *ui) elementHeight(el *element, s, w float64) float64 {
	switch el.kind {
	case codeElement:
		return codeH * s
	case linkElement:
		return linkH * s
	case playerElement:
		return playerH * s
	case itemElement:
		if el.item.kind == button {
			return controlH * s
		}
		return (labelH + controlH) * s
	default:
		t := u.wrap(el.text, el.style, el.size*s, w)
		return float64(len(t.lines)) * lineSpacing * u.c.Height(el.style, t.size)
	}
}

// element draws one element into the width of at, from its y, and returns its height.
func (u *ui) element(el *element, s float64, at rect) float64 {
	at.h = u.elementHeight(el, s, at.w)
	switch el.kind {
	case codeElement:
		u.c.RoundRect(at.x, at.y, at.w, at.h, cornerRadius*s, sunken, 1)
		u.centred(el.text, render.Mono, 2.2*s, at, 0.6*s, el.clr)
	case linkElement:
		u.link, u.linkSize = at, s
	case playerElement:
		u.player(el, s, at)
	case itemElement:
		u.control(el, s, at)
	default:
		t := u.wrap(el.text, el.style, el.size*s, at.w)
		step := lineSpacing * u.c.Height(el.style, t.size)
		for i, line := range t.lines {
			u.line(line, el.style, t.size, at.x+at.w/2, at.y+float64(i)*step, at.w+1, render.Center, el.clr)
		}
	}
	return at.h
}

// centred draws a line in the middle of a box, pad away from its sides.
func (u *ui) centred(s string, style render.Style, size float64, box rect, pad float64, clr color.RGBA) rect {
	return u.line(s, style, size, box.x+box.w/2, box.y+(box.h-u.c.Height(style, size))/2, box.w-2*pad, render.Center, clr)
}

// player draws a row: the seat's colour, who sits there, and a remark.
func (u *ui) player(el *element, s float64, at rect) {
	box := rect{at.x, at.y + 0.1*s, at.w, at.h - 0.2*s}
	u.c.RoundRect(box.x, box.y, box.w, box.h, 0.4*s, control, 0.6)
	u.seat(el.icon, el.role, box.x+1.2*s, box.y+box.h/2, min(0.7*s, box.h/iconSide*1.1), el.faint)
	top := box.y + (box.h-u.c.Height(render.Bold, s))/2
	right := box.x + box.w - 0.6*s
	if el.remark != "" {
		style, size, clr := render.Regular, 0.85*s, soft
		if el.score {
			style, size, clr = render.Bold, 1.15*s, el.clr
		}
		r := u.line(el.remark, style, size, right, box.y+(box.h-u.c.Height(style, size))/2, box.w*0.45, render.Right, clr)
		right = r.x - 0.6*s
	}
	name := ink
	if el.faint {
		name = soft
	}
	x := box.x + 2.3*s
	u.line(el.text, render.Bold, s, x, top, right-x, render.Left, name)
}

// control draws an item of a form and remembers where.
func (u *ui) control(el *element, s float64, at rect) {
	it := el.item
	box := at
	if it.kind != button {
		u.line(it.label, render.Regular, 0.85*s, at.x+0.2*s, at.y, at.w, render.Left, soft)
		box.y, box.h = at.y+labelH*s, at.h-labelH*s
	}
	it.box, it.size = box, s
	radius := 0.5 * s
	if el.focus {
		ring := max(0.14*s, 1.5)
		u.c.RoundRect(box.x-ring, box.y-ring, box.w+2*ring, box.h+2*ring, radius+ring, accent, 1)
	}
	switch it.kind {
	case button:
		fill, word := control, ink
		if el.focus {
			fill, word = accent, onAccent
		}
		u.c.RoundRect(box.x, box.y, box.w, box.h, radius, fill, 1)
		u.centred(it.label, render.Bold, 1.05*s, box, 0.6*s, word)
	case choice:
		u.c.RoundRect(box.x, box.y, box.w, box.h, radius, control, 1)
		u.arrow(box.x+1.0*s, box.y+box.h/2, -0.42*s, el.focus)
		u.arrow(box.x+box.w-1.0*s, box.y+box.h/2, 0.42*s, el.focus)
		if it.at < len(it.options) {
			u.centred(it.options[it.at], render.Bold, s, box, 1.9*s, ink)
		}
	case field:
		u.c.RoundRect(box.x, box.y, box.w, box.h, radius, sunken, 1)
		if !u.elsewhere {
			u.entry(it, s, box, el.focus)
		}
	}
}

func (u *ui) arrow(x, y, d float64, focus bool) {
	clr := soft
	if focus {
		clr = accent
	}
	w := max(0.18*u.u, 1.5)
	u.c.Line(x-d/2, y-abs(d), x+d/2, y, w, clr, 1)
	u.c.Line(x+d/2, y, x-d/2, y+abs(d), w, clr, 1)
	u.c.Circle(x+d/2, y, w/2, clr, 1)
}

func abs(x float64) float64 { return max(x, -x) }

// entry draws the text of a field and its caret. A text wider than the field is shown around the
// caret.
func (u *ui) entry(it *item, s float64, box rect, focus bool) {
	size, pad := s, 0.7*s
	room := box.w - 2*pad
	y := box.y + (box.h-u.c.Height(render.Regular, size))/2
	if len(it.text) == 0 {
		u.line(it.hint, render.Regular, size, box.x+pad, y, room, render.Left, hintInk)
	}
	from, to := 0, len(it.text)
	for from < it.caret && u.c.Width(string(it.text[from:it.caret]), render.Regular, size) > room {
		from = letterAfter(it.text, from)
	}
	for to > it.caret && u.c.Width(string(it.text[from:to]), render.Regular, size) > room {
		to = letterBefore(it.text, to)
	}
	if to > from {
		u.line(string(it.text[from:to]), render.Regular, size, box.x+pad, y, room+1, render.Left, ink)
	}
	if focus {
		x := box.x + pad + u.c.Width(string(it.text[from:it.caret]), render.Regular, size)
		u.c.Rect(x, y, max(0.1*s, 1), u.c.Height(render.Regular, size), accent, 1)
	}
}
