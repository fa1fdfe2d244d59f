package reportpage

import (
	"fmt"
	"math"
	"strings"
	"time"

	"tandem/game/client"
)

// The plotting area of a chart, in its own units; the page stretches it.
const (
	width, height = 900, 150
	left, bottom  = 52, 22
)

// style is how a seat's lines look, so that they can be told apart without colours, too.
type style struct {
	Colour string
	Dash   string
}

// styles are colours of equal weight on light and dark grounds, with dashes.
var styles = []style{
	{"#2f6fd0", ""}, {"#d0602f", "7 3"}, {"#2f9a5f", "2 3"}, {"#a04fc0", "9 3 2 3"},
	{"#b08a1e", "12 4"}, {"#c03f6f", "4 2"}, {"#3f9aa8", "1 3"}, {"#7f7f7f", "14 3 3 3"},
}

func styleOf(i int) style { return styles[i%len(styles)] }

// key is an entry of the legend.
type key struct {
	Name string
	style
}

// chart is one figure over the match.
type chart struct {
	Name, Why     string
	Width, Height int
	Left, Base    int
	Ticks         []tick
	Times         []tick
	Lines         []polyline
}

type tick struct {
	At   float64
	Text string
}

type polyline struct {
	Points string
	style
}

// charts draws what was measured. What never was has no chart.
func (p *Page) charts() (list []chart) {
	for f := range client.NumFigures {
		about := f.About()
		if !about.Chart {
			continue
		}
		lo, hi, length := 0.0, 0.0, time.Duration(0)
		known := false
		for i := range p.Seats {
			line := &p.Seats[i].Line
			points := line.Of[f]
			length = max(length, time.Duration(len(points))*line.Point)
			for _, v := range points {
				if x := float64(v); !math.IsNaN(x) {
					known = true
					lo, hi = min(lo, x), max(hi, x)
				}
			}
		}
		if !known || length <= 0 {
			continue
		}
		why := about.Help
		if point := about.Point(); point != "" {
			why += "; " + point
		}
		ch := chart{Name: about.Name + ", " + about.Unit, Why: why, Width: width, Height: height, Left: left, Base: height - bottom}
		lo, hi = ch.scale(lo, hi)
		ch.clock(length)
		for i := range p.Seats {
			ch.line(&p.Seats[i].Line, f, styleOf(i), lo, hi, length)
		}
		list = append(list, ch)
	}
	return list
}

// step is a round number of which about n fit into span.
func step(span float64, n int) float64 {
	if span <= 0 {
		return 1
	}
	raw := span / float64(n)
	unit := math.Pow(10, math.Floor(math.Log10(raw)))
	for _, k := range []float64{1, 2, 5} {
		if k*unit >= raw {
			return k * unit
		}
	}
	return 10 * unit
}

// scale widens the range to round numbers and marks them.
func (c *chart) scale(lo, hi float64) (from, to float64) {
	if hi == lo {
		hi = lo + 1
	}
	s := step(hi-lo, 4)
	from, to = math.Floor(lo/s)*s, math.Ceil(hi/s)*s
	for k := 0; from+float64(k)*s <= to+s/2; k++ {
		v := from + float64(k)*s
		c.Ticks = append(c.Ticks, tick{c.y(v, from, to), num(v)})
	}
	return from, to
}

// clock marks the time.
func (c *chart) clock(length time.Duration) {
	total := length.Seconds()
	s := step(total, 8)
	if total >= 60 { // minutes divide by other round numbers
		for _, s = range []float64{10, 15, 30, 60, 120, 300, 600, 1800, 3600, 7200, 14400, 43200} {
			if total/s <= 8 {
				break
			}
		}
	}
	for k := 0; float64(k)*s <= total && k <= 100; k++ {
		t := float64(k) * s
		text := num(t) + " s"
		if total >= 60 {
			text = fmt.Sprintf("%d:%02d", int(t)/60, int(t)%60)
		}
		c.Times = append(c.Times, tick{c.x(t, total), text})
	}
}

func (c *chart) x(t, total float64) float64 { return round1(left + t/total*(width-left-4)) }

func (c *chart) y(v, lo, hi float64) float64 {
	return round1(6 + (hi-v)/(hi-lo)*(height-bottom-6))
}

func round1(v float64) float64 { return math.Round(v*10) / 10 }

// line draws one seat's points, with gaps where nothing was measured for longer than its Quiet.
func (c *chart) line(t *client.Timeline, f client.Figure, look style, lo, hi float64, length time.Duration) {
	var b strings.Builder
	silent, points := 0, 0
	flush := func() {
		if points == 1 {
			b.WriteString(b.String()) // a line to itself is a dot
		}
		if points = 0; b.Len() > 0 {
			c.Lines = append(c.Lines, polyline{b.String(), look})
			b.Reset()
		}
	}
	for i, v := range t.Of[f] {
		if math.IsNaN(float64(v)) {
			if silent++; time.Duration(silent)*t.Point >= max(f.Quiet(), t.Point) {
				flush()
			}
			continue
		}
		silent = 0
		points++
		at := (time.Duration(i)*t.Point + t.Point/2).Seconds()
		fmt.Fprintf(&b, "%g,%g ", c.x(at, length.Seconds()), c.y(float64(v), lo, hi))
	}
	flush()
}
