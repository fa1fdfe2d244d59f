package scene

import (
	"image"
	"math"
	"strings"
	"unicode"

	"tandem/env"
	"tandem/env/draw"
	"tandem/game/input"
	"tandem/game/render"
)

// point is where a finger is, in pixels.
type point struct{ x, y float64 }

// pads are the buttons on the screen for a device with touch: the directions under the left thumb,
// everything else under the right one. They stand beside or below the picture and never cover it. A
// thumb need not aim: it is enough to be on the right side, and it may slide from one direction to
// another without being lifted.
//
// Where down is used, the directions are a cross. Where it is not, up is a jump: it goes to the
// right hand, so that one can jump while running.
type pads struct {
	spec      *env.Spec // whose buttons these are
	cross     bool
	slanted   bool // two directions at once mean something
	ways      []env.Key
	acts      []env.Key
	labels    []string // of acts
	left      rect     // where a finger means a direction
	right     rect     // where it means an act
	centre    point    // of the directions
	reach     float64  // of the directions, from their centre
	waysAt    []rect
	actsAt    []rect
	held      input.Keys // for drawing
	unitWidth float64
}

// Sizes of the buttons, in units. A unit is some 13 device-independent pixels on a telephone, where
// makers of systems want 44 to 48 for a finger.
const (
	crossCell = 4.2 // a direction of a cross
	pairCell  = 5.8 // one of two directions
	actCell   = 5.8
	padGap    = 0.5
	padEdge   = 0.9  // from the window's edge and the picture
	padGrow   = 1.35 // how much larger they become where there is room
	padShrink = 0.75 // and how much smaller where there is none
)

// know reads which buttons an environment needs.
func (p *pads) know(spec *env.Spec) {
	if p.spec == spec {
		return
	}
	*p = pads{spec: spec}
	var used [env.NumKeys]bool
	for _, c := range spec.Keys {
		ways := 0
		for _, k := range c.Keys {
			used[k] = true
			if k == env.KeyLeft || k == env.KeyRight || k == env.KeyUp || k == env.KeyDown {
				ways++
			}
		}
		p.slanted = p.slanted || ways > 1
	}
	p.cross = used[env.KeyDown]
	for _, k := range []env.Key{env.KeyLeft, env.KeyRight, env.KeyUp, env.KeyDown} {
		if used[k] && (p.cross || k != env.KeyUp) {
			p.ways = append(p.ways, k)
		}
	}
	for k := range env.NumKeys {
		isWay := k == env.KeyLeft || k == env.KeyRight || k == env.KeyUp || k == env.KeyDown
		if used[k] && (!isWay || k == env.KeyUp && !p.cross) {
			p.acts = append(p.acts, k)
			p.labels = append(p.labels, actWords(spec, k))
		}
	}
}

// actWords names what a key does, after its action: "PickupDrop" becomes "pickup drop".
func actWords(spec *env.Spec, k env.Key) string {
	if k == env.KeyUp {
		return ""
	}
	for _, c := range spec.Keys {
		if len(c.Keys) == 1 && c.Keys[0] == k && c.Action < len(spec.Actions) {
			var b strings.Builder
			for i, r := range spec.Actions[c.Action].Name {
				if unicode.IsUpper(r) && i > 0 {
					b.WriteByte(' ')
				}
				b.WriteRune(unicode.ToLower(r))
			}
			return b.String()
		}
	}
	return ""
}

// size is how large the two groups are at a scale, in pixels.
func (p *pads) size(u float64) (waysW, waysH, actsW, actsH float64) {
	if p.cross {
		waysW, waysH = 3*crossCell*u, 3*crossCell*u
	} else if n := float64(len(p.ways)); n > 0 {
		waysW, waysH = (n*pairCell+(n-1)*padGap)*u, pairCell*u
	}
	if n := float64(len(p.acts)); n > 0 {
		actsW, actsH = (n*actCell+(n-1)*padGap)*u, actCell*u
	}
	return waysW, waysH, actsW, actsH
}

// fitted returns how much of an area a picture of the aspect covers.
func fittedArea(w, h, aspect float64) float64 {
	if w <= 0 || h <= 0 {
		return 0
	}
	w = min(w, h*aspect)
	return w * w / aspect
}

// layout places the buttons into an area and returns what is left of it for the picture: below it or
// on both sides, whichever leaves the larger picture.
func (p *pads) layout(u float64, area rect, spec *env.Spec) rect {
	p.know(spec)
	if len(p.ways)+len(p.acts) == 0 {
		return area
	}
	// Below: as large as what the picture leaves free anyway, within limits.
	ww, wh, aw, ah := p.size(u)
	scale := padGrow
	free := area.h - area.w/spec.Aspect
	scale = min(scale, max((free*0.6-2*padEdge*u)/max(wh, ah), padShrink))
	scale = min(scale, (area.w-3*padEdge*u)/(ww+aw))
	band := max(wh, ah)*scale + 2*padEdge*u
	below := rect{area.x, area.y, area.w, area.h - band}

	// Beside.
	beside := min(1, max(padShrink, (area.w-area.h*spec.Aspect)/2/(max(ww, aw)+2*padEdge*u)))
	column := max(ww, aw)*beside + 2*padEdge*u
	middle := rect{area.x + column, area.y, area.w - 2*column, area.h}

	if fittedArea(below.w, below.h, spec.Aspect) >= fittedArea(middle.w, middle.h, spec.Aspect) {
		y := area.y + below.h
		p.left, p.right = rect{area.x, y, area.w / 2, band}, rect{area.x + area.w/2, y, area.w / 2, band}
		if ww*scale+1.5*padEdge*u > area.w/2 { // a cross may need more than its half
			p.left.w = ww*scale + 1.5*padEdge*u
			p.right.x, p.right.w = area.x+p.left.w, area.w-p.left.w
		}
		p.place(u*scale, point{area.x + padEdge*u + ww*scale/2, y + band/2}, point{area.x + area.w - padEdge*u - aw*scale/2, y + band/2})
		return below
	}
	// Thumbs are in the lower part of a device that is held with both hands.
	y := area.y + area.h*0.62
	y = min(y, area.y+area.h-padEdge*u-max(wh, ah)*beside/2)
	p.left, p.right = rect{area.x, area.y, column, area.h}, rect{area.x + area.w - column, area.y, column, area.h}
	p.place(u*beside, point{area.x + column/2, y}, point{area.x + area.w - column/2, y})
	return middle
}

// place puts the groups around their middles; u is the unit times their scale.
func (p *pads) place(u float64, ways, acts point) {
	p.centre, p.waysAt, p.actsAt, p.unitWidth = ways, p.waysAt[:0], p.actsAt[:0], u
	if p.cross {
		c := crossCell * u
		p.reach = 1.5 * c
		for _, k := range p.ways {
			d := wayOf(k)
			p.waysAt = append(p.waysAt, rect{ways.x + d.x*c - c/2, ways.y + d.y*c - c/2, c, c})
		}
	} else {
		p.waysAt = inRow(p.waysAt, len(p.ways), ways, pairCell*u, padGap*u)
	}
	p.actsAt = inRow(p.actsAt, len(p.acts), acts, actCell*u, padGap*u)
}

func inRow(to []rect, n int, middle point, cell, gap float64) []rect {
	w := float64(n)*cell + float64(n-1)*gap
	for i := range n {
		to = append(to, rect{middle.x - w/2 + float64(i)*(cell+gap), middle.y - cell/2, cell, cell})
	}
	return to
}

func wayOf(k env.Key) point {
	switch k {
	case env.KeyLeft:
		return point{-1, 0}
	case env.KeyRight:
		return point{1, 0}
	case env.KeyUp:
		return point{0, -1}
	case env.KeyDown:
		return point{0, 1}
	}
	return point{}
}

// keys returns what the fingers hold down.
func (p *pads) keys(fingers []point) input.Keys {
	var held input.Keys
	for _, f := range fingers {
		switch {
		case len(p.waysAt) > 0 && p.left.contains(f.x, f.y):
			held |= p.direction(f.x-p.centre.x, f.y-p.centre.y)
		case len(p.actsAt) > 0 && p.right.contains(f.x, f.y):
			held |= input.Set(p.acts[nearest(p.actsAt, f)])
		}
	}
	p.held = held
	return held
}

// direction returns what a finger means that is dx, dy away from the middle of the directions.
func (p *pads) direction(dx, dy float64) input.Keys {
	way := func(d, limit float64, less, more env.Key) input.Keys {
		switch {
		case d < -limit:
			return input.Set(less)
		case d > limit:
			return input.Set(more)
		}
		return 0
	}
	if !p.cross {
		if dx < 0 {
			return input.Set(p.ways[0])
		}
		return input.Set(p.ways[len(p.ways)-1])
	}
	across := way(dx, 0, env.KeyLeft, env.KeyRight)
	along := way(dy, 0, env.KeyUp, env.KeyDown)
	ax, ay := math.Abs(dx), math.Abs(dy)
	const (
		dead    = 0.12 // of the reach: the very middle means nothing
		between = 0.41 // the tangent of half of 45°: the slanted directions get as much as the others
	)
	switch {
	case max(ax, ay) < dead*p.reach:
		return 0
	case p.slanted && min(ax, ay) > between*max(ax, ay):
		return across | along
	case ax > ay:
		return across
	}
	return along
}

func nearest(boxes []rect, f point) int {
	best, least := 0, math.Inf(1)
	for i, b := range boxes {
		if d := math.Hypot(f.x-b.x-b.w/2, f.y-b.y-b.h/2); d < least {
			best, least = i, d
		}
	}
	return best
}

// draw paints the buttons.
func (p *pads) draw(u *ui) {
	for i, b := range p.waysAt {
		p.button(u, b, p.held.Has(p.ways[i]))
		u.arrowhead(b, wayOf(p.ways[i]), p.ink(p.ways[i]))
	}
	for i, b := range p.actsAt {
		p.button(u, b, p.held.Has(p.acts[i]))
		if p.acts[i] == env.KeyUp {
			u.arrowhead(b, wayOf(env.KeyUp), p.ink(env.KeyUp))
			continue
		}
		words := strings.Fields(p.labels[i])
		size := 0.95 * p.unitWidth
		step := u.c.Height(render.Bold, size)
		for j, w := range words {
			y := b.y + b.h/2 + (float64(j)-float64(len(words))/2)*step
			u.line(w, render.Bold, size, b.x+b.w/2, y, b.w-0.6*p.unitWidth, render.Center, p.ink(p.acts[i]))
		}
	}
}

func (p *pads) ink(k env.Key) (clr colour) {
	if p.held.Has(k) {
		return onAccent
	}
	return ink
}

func (p *pads) button(u *ui, b rect, held bool) {
	fill := control
	if held {
		fill = accent
	}
	in := 0.12 * p.unitWidth
	u.c.RoundRect(b.x+in, b.y+in, b.w-2*in, b.h-2*in, 0.9*p.unitWidth, fill, 1)
}

// arrowhead draws a triangle that points along d in the middle of a box.
func (u *ui) arrowhead(b rect, d point, clr colour) {
	r := b.w * 0.24
	x, y := b.x+b.w/2, b.y+b.h/2
	u.corners = append(u.corners[:0],
		draw.Point{X: x + d.x*r, Y: y + d.y*r},
		draw.Point{X: x - d.x*r*0.7 - d.y*r, Y: y - d.y*r*0.7 + d.x*r},
		draw.Point{X: x - d.x*r*0.7 + d.y*r, Y: y - d.y*r*0.7 - d.x*r})
	u.c.Polygon(u.corners, clr, 1)
}

// bounds is a rectangle in whole pixels.
func (r rect) bounds() image.Rectangle {
	return image.Rect(int(r.x), int(r.y), int(r.x+r.w), int(r.y+r.h))
}
