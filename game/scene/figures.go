package scene

import (
	"image/color"
	"math"
	"time"

	"github.com/hajimehoshi/ebiten/v2"

	"tandem/game/client"
	"tandem/game/render"
	"tandem/game/words"
)

// rows are the figures of the panel, and, behind them, what has a value and no trace.
var rows = func() (list []client.Figure) {
	for f := range client.NumFigures {
		if f.About().Panel {
			list = append(list, f)
		}
	}
	return append(list, transportRow, hashesRow, drawnRow)
}()

// aloneRows are those that mean something to who plays alone.
var aloneRows = []client.Figure{client.InputDelay, client.FrameInterval, client.SubstitutedShare, client.StallTime, drawnRow}

const (
	transportRow = client.NumFigures + iota
	hashesRow
	drawnRow
	numRows
)

// writers write a figure's value, in tenths, by its unit.
var writers = map[string]func(l *words.Language, tenths int64) string{
	"ms": tenthsOfMS, "%": tenthsOfPercent, "bytes per second": bytesPerS, "frames": framesOf,
}

// figures keeps the texts of the panel from frame to frame.
type figures struct {
	values [numRows]shown
	extra  [3]shown
	frame  shown

	delayOf, delay string // the room's input delay, and the line that tells it
}

func tenths(l *words.Language, v int64) string {
	if v%10 == 0 {
		return plain(v / 10)
	}
	return l.Number(float64(v)/10, 1)
}

func tenthsOfMS(l *words.Language, v int64) string { return l.Number(float64(v)/10, 1) + " ms" }

func wholeMS(v int64) string { return plain(v) + " ms" }

func perSecond(v int64) string { return plain(v) + " /s" }

func tenthsOfPercent(l *words.Language, v int64) string { return l.Number(float64(v)/10, 1) + " %" }

// bytesPerS gets tenths like the others.
func bytesPerS(l *words.Language, v int64) string {
	if v >= 10_000_0 {
		return l.Number(float64(v)/10_000, 1) + " kB/s"
	}
	return plain(v/10) + " B/s"
}

func framesOf(l *words.Language, v int64) string { return l.Frames(v / 10) }

// Sizes of the panel, in units of its own text.
const (
	figureStep  = 1.42 // from row to row
	figureTight = 16.0 // narrowest column, where the panel covers the picture: label, value, trace
	figureW     = 18.5 // narrowest elsewhere
	figureWide  = 26.0 // widest
	figurePad   = 0.6
	headGap     = 0.35 // between the first lines and the rows
)

// plan is where the panel stands and how its rows are arranged.
type plan struct {
	box  rect
	s    float64 // size of the text
	cols int
	two  bool // the hints have a line of their own
	free rect // what remains of the picture
	rows []client.Figure
}

// height is that of a panel of so many columns.
func (p *plan) height() float64 {
	lines := (len(p.rows)+p.cols-1)/p.cols + 1
	if p.two {
		lines++
	}
	return float64(lines)*figureStep*p.s + (2*figurePad+headGap)*p.s
}

// into arranges the panel within area, as few columns as its height allows. ok is false when it
// does not fit.
func (p *plan) into(area rect, s float64) (ok bool) {
	gap := 0.4 * s
	p.s = s
	for p.cols = 1; p.cols <= 4; p.cols++ {
		w := float64(p.cols)*figureW*s + 2*figurePad*s
		p.two = w < 3*figureW*s
		if w+2*gap > area.w {
			return false
		}
		if h := p.height(); h+2*gap <= area.h {
			w = min(area.w-2*gap, float64(p.cols)*figureWide*s+2*figurePad*s)
			p.two = w < 3*figureW*s
			p.box = rect{area.x + gap, area.y + gap, w, p.height()}
			return true
		}
	}
	return false
}

// arrange finds the panel's place: below the picture, beside it or above it where there is room,
// and where there is none over its upper part, far from the ground, as flat as the width allows.
func arrange(u *ui, alone bool, pic rect, top float64) plan {
	p := plan{free: pic, rows: rows}
	if alone {
		p.rows = aloneRows
	}
	bottom := u.h - statusH*1.8*u.u
	for _, size := range []float64{0.85, 0.75} {
		s := size * u.u
		for _, area := range []rect{
			{0, pic.y + pic.h, u.w, bottom - pic.y - pic.h},
			{0, pic.y, pic.x, pic.h},
			{0, top, u.w, pic.y - top},
		} {
			if p.into(area, s) {
				return p
			}
		}
	}
	for _, try := range []struct{ size, col float64 }{
		{0.75, figureW}, {0.75, figureTight}, {0.65, figureTight}, {0.55, figureTight},
	} {
		p.s = try.size * u.u
		gap := 0.3 * p.s
		p.cols = min(max(int((u.w-2*gap-2*figurePad*p.s)/(try.col*p.s)), 1), 4)
		w := min(u.w-2*gap, float64(p.cols)*figureWide*p.s)
		p.two = w < 3*figureW*p.s
		p.box = rect{(u.w - w) / 2, pic.y + gap, w, p.height()}
		if p.box.h < (bottom-pic.y)*0.55 {
			break
		}
	}
	p.free.y = min(p.box.y+p.box.h, bottom)
	p.free.h = max(bottom-p.free.y, 0)
	return p
}

// draw draws the numbers behind the match (F3) and returns what remains of the picture's area.
func (f *figures) draw(u *ui, v *client.View, pic rect, top float64) rect {
	p := arrange(u, v.Alone, pic, top)
	s, box, pad := p.s, p.box, figurePad*p.s
	u.c.RoundRect(box.x, box.y, box.w, box.h, 0.4*s, panel, 0.86)
	x, y, w := box.x+pad, box.y+pad, box.w-2*pad
	if f.delayOf != v.Delay {
		f.delayOf, f.delay = v.Delay, u.l.RoomsDelay(v.Delay)
	}
	delay, keys := f.delay, u.l.HideNumbers
	if v.Seat >= 0 && v.Seat < len(v.Players) && v.Players[v.Seat].Host {
		keys = u.l.ChangeDelay
	}
	if v.Alone {
		delay = v.Delay
	}
	number := f.frame.get(int64(v.Frame), u.l.FrameNumber)
	if p.two {
		at := u.line(number, render.Regular, s, x+w, y, w*0.34, render.Right, soft)
		u.line(delay, render.Bold, s, x, y, at.x-x-s, render.Left, ink)
		y += figureStep * s
		u.line(keys, render.Regular, s, x, y, w, render.Left, soft)
	} else {
		at := u.line(number, render.Regular, s, x+w, y, w*0.2, render.Right, soft)
		at = u.line(keys, render.Regular, s, at.x-s, y, w*0.45, render.Right, soft)
		u.line(delay, render.Bold, s, x, y, at.x-x-s, render.Left, ink)
	}
	y += (figureStep + headGap) * s
	perCol := (len(p.rows) + p.cols - 1) / p.cols
	col := w / float64(p.cols)
	for i, figure := range p.rows {
		f.row(u, v, figure, s, rect{x + float64(i/perCol)*col, y + float64(i%perCol)*figureStep*s, col - 1.2*s, figureStep * s})
	}
	return p.free
}

// row draws one figure: its name, its value, and what it was in the last 20 seconds.
func (f *figures) row(u *ui, v *client.View, figure client.Figure, s float64, box rect) {
	label, value, bad := f.value(u, v, figure)
	clr, line := ink, accent
	if bad {
		clr, line = alarm, alarm
	}
	labelW, valueW := 6.9*s, 5.6*s
	numberY := box.y + (u.c.Height(render.Regular, s)-u.c.Height(render.Mono, s*0.9))/2
	u.line(label, render.Regular, s, box.x, box.y, labelW, render.Left, soft)
	if figure >= client.NumFigures { // no trace: its room is the value's
		u.line(value, render.Mono, s*0.9, box.x+labelW+0.3*s, numberY, box.w-labelW-0.3*s, render.Left, clr)
		return
	}
	u.line(value, render.Mono, s*0.9, box.x+labelW+0.3*s, numberY, valueW, render.Left, clr)
	from := box.x + labelW + valueW + 0.6*s
	u.trace(&v.Figures[figure], figure.Quiet(), figure.About().Least, rect{from, box.y + 0.1*s, box.x + box.w - from, box.h - 0.4*s}, max(0.09*s, 1), line)
}

// value is what a row says, and whether that is bad.
func (f *figures) value(u *ui, v *client.View, figure client.Figure) (label, value string, bad bool) {
	l, kept := u.l, &f.values[figure]
	switch figure {
	case transportRow:
		return l.TransportRow, l.Transport(v.Transport), false
	case hashesRow:
		value = kept.get(int64(v.Verified-v.Desyncs), l.Equal)
		if v.Desyncs > 0 {
			value = u.join(value, ", ", f.extra[0].get(int64(v.Desyncs), l.Differ))
		}
		return l.HashesRow, value, v.Desyncs > 0
	case drawnRow:
		return l.DrawnRow, u.join(kept.get(int64(ebiten.ActualFPS()+.5), perSecond), dot, f.extra[1].get(int64(ebiten.ActualTPS()+.5), l.Updates)), false
	}
	m, t := figure.About(), &v.Figures[figure]
	bad = t.Known && m.Bad != nil && m.Bad(t.Now)
	switch b := &v.Figures[client.LatencyBound]; {
	case figure == client.StallTime: // how often says more
		return m.Name, kept.get(int64(v.Stalls), plain), bad
	case !t.Known:
		return m.Name, "–", false
	case figure == client.ActionLatency && b.Known:
		return m.Name, u.join(kept.get(int64(math.Round(t.Now)), plain), " ±", f.extra[2].get(int64(math.Ceil(b.Now)), wholeMS)), false
	case figure == client.ActionLatency: // of the original, whose times nobody can bound
		return m.Name, kept.get(int64(math.Round(t.Now)), wholeMS), false
	}
	return m.Name, kept.get(int64(math.Round(t.Now*10)), func(v int64) string {
		if write := writers[m.Unit]; write != nil {
			return write(l, v)
		}
		return tenths(l, v)
	}), bad
}

// under fills what lies between a piece of a trace and its zero line. Its sides are on whole pixels,
// so that neighbours neither overlap nor leave a gap.
func (u *ui) under(x1, y1, x2, y2, zero float64, clr color.RGBA) {
	x1, x2 = math.Round(x1), math.Round(x2)
	y := (y1 + y2) / 2
	u.c.Rect(x1, min(y, zero), x2-x1, max(y-zero, zero-y), clr, 0.22)
}

// trace draws a sparkline from the oldest slot at the left to the newest at the right. Its lower
// edge is 0, unless something was below. Where nothing was measured for longer than quiet there is a gap.
func (u *ui) trace(t *client.Trace, quiet time.Duration, least float64, box rect, width float64, clr color.RGBA) {
	lo, hi := 0.0, least
	for _, v := range t.Past {
		if v := float64(v); !math.IsNaN(v) {
			lo, hi = min(lo, v), max(hi, v)
		}
	}
	height := func(v float64) float64 { return box.y + box.h*(1-(v-lo)/(hi-lo)) }
	u.c.Rect(box.x, height(0), box.w, max(width/2, 1), outline, 0.7)
	step := box.w / float64(len(t.Past)-1)
	lastX, lastY, silent := 0.0, math.NaN(), time.Duration(0)
	for i, v := range t.Past {
		if math.IsNaN(float64(v)) {
			if silent += client.SlotTime; silent >= quiet {
				lastY = math.NaN()
			}
			continue
		}
		silent = 0
		x, y := box.x+float64(i)*step, height(float64(v))
		if !math.IsNaN(lastY) {
			u.under(lastX, lastY, x, y, height(0), clr)
			u.c.Line(lastX, lastY, x, y, width, clr, 0.9)
		}
		lastX, lastY = x, y
	}
	if !math.IsNaN(lastY) {
		u.c.Circle(lastX, lastY, width*1.6, clr, 1)
	}
}
