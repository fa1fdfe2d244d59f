package client

import (
	"math"
	"time"
)

// timelinePoints is how many points a timeline has at most: five minutes of slots. A longer match
// has longer points.
const timelinePoints = 1200

// Timeline is what a client measured from its beginning until now.
type Timeline struct {
	// Point is how long a point is.
	Point time.Duration
	// Of holds the points of each figure, oldest first; NaN where nothing was measured. Points are
	// folded as the figure says: the longest interval, the least slack, the mean latency.
	Of [NumFigures][]float32
}

// timeline keeps every slot since the beginning, in at most timelinePoints points: when they are
// full, each two become one. It never grows.
type timeline struct {
	per    int // slots in a point
	filled int // slots in the open point
	points int // closed ones
	of     [NumFigures]struct {
		ring [timelinePoints]float32
		sum  float64
		n    int
	}
}

// slot takes the closed slot at i of the meters' rings.
func (t *timeline) slot(of *[NumFigures]meter, i int) {
	for f := range of {
		t.sample(Figure(f), float64(of[f].ring[i]))
	}
	t.tick()
}

// skip takes slots in which the program stood still.
func (t *timeline) skip(slots int64) {
	for range min(slots, maxSkip) {
		t.tick()
	}
}

// maxSkip is a day of slots: longer gaps are no part of a match.
const maxSkip = int64(24 * time.Hour / SlotTime)

func (t *timeline) sample(f Figure, v float64) {
	if math.IsNaN(v) {
		return
	}
	p := &t.of[f]
	p.sum = join(f, p.sum, v, p.n)
	p.n++
}

// join adds a sample to the fold of n others.
func join(f Figure, sum, v float64, n int) float64 {
	switch way := figures[f].fold; {
	case n == 0 || way == latest:
		return v
	case way == highest:
		return max(sum, v)
	case way == lowest:
		return min(sum, v)
	}
	return sum + v
}

// folded is what n samples come to.
func folded(f Figure, sum float64, n int) float32 {
	switch way := figures[f].fold; {
	case n == 0:
		return float32(math.NaN())
	case way == mean || way == rate:
		return float32(sum / float64(n))
	}
	return float32(sum)
}

func (t *timeline) tick() {
	t.per = max(t.per, 1)
	if t.filled++; t.filled < t.per {
		return
	}
	t.filled = 0
	for f := range t.of {
		p := &t.of[f]
		p.ring[t.points] = folded(Figure(f), p.sum, p.n)
		p.sum, p.n = 0, 0
	}
	if t.points++; t.points == timelinePoints {
		t.halve()
	}
}

// halve makes one point of each two.
func (t *timeline) halve() {
	for f := range t.of {
		ring := &t.of[f].ring
		for i := range timelinePoints / 2 {
			sum, n := 0.0, 0
			for _, v := range ring[2*i : 2*i+2] {
				if x := float64(v); !math.IsNaN(x) {
					sum = join(Figure(f), sum, x, n)
					n++
				}
			}
			ring[i] = folded(Figure(f), sum, n)
		}
	}
	t.points /= 2
	t.per *= 2
}

// Timeline returns what was measured so far.
func (c *Client) Timeline() Timeline {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.stats.meters.line.copied()
}

func (t *timeline) copied() Timeline {
	out := Timeline{Point: time.Duration(max(t.per, 1)) * SlotTime}
	for f := range t.of {
		out.Of[f] = append([]float32(nil), t.of[f].ring[:t.points]...)
	}
	return out
}
