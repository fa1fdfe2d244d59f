package main

import (
	"fmt"
	"math"
	"slices"
	"time"
)

// result is what the matches of one row measured, over both players.
type result struct {
	frames   int // stepped
	seconds  float64
	taken    int // full states
	compared int
	unequal  int
	both     int // frames that both players stepped
	vector   int // of those, with different actions
	state    int // of those, with different states after them
	latency  series
	own      series
	interval series
	depthSum int
	depthMax int
	missing  int
	up, down int
	types    map[string]count
}

type count struct{ n, bytes int }

// series is a list of times in ms.
type series []float64

func (s *series) add(d time.Duration) { *s = append(*s, float64(d)/float64(time.Millisecond)) }

// at is a percentile as text; "-" where nothing was measured.
func (s series) at(percent int) string {
	if len(s) == 0 {
		return "-"
	}
	return fmt.Sprintf("%.0f", s.quantile(percent))
}

func (s series) quantile(percent int) float64 {
	if len(s) == 0 {
		return 0
	}
	sorted := slices.Clone(s)
	slices.Sort(sorted)
	return sorted[min(len(sorted)*percent/100, len(sorted)-1)]
}

func (s series) sd() float64 {
	if len(s) == 0 {
		return 0
	}
	sum, squares := 0.0, 0.0
	for _, v := range s {
		sum += v
		squares += v * v
	}
	n := float64(len(s))
	return math.Sqrt(max(0, squares/n-sum/n*sum/n))
}

func (r *result) message(name string, n int) {
	if r.types == nil {
		r.types = map[string]count{}
	}
	c := r.types[name]
	r.types[name] = count{c.n + 1, c.bytes + n}
}

func (r *result) add(o *result) {
	r.frames += o.frames
	r.seconds += o.seconds
	r.taken += o.taken
	r.compared += o.compared
	r.unequal += o.unequal
	r.both += o.both
	r.vector += o.vector
	r.state += o.state
	r.latency = append(r.latency, o.latency...)
	r.own = append(r.own, o.own...)
	r.interval = append(r.interval, o.interval...)
	r.depthSum += o.depthSum
	r.depthMax = max(r.depthMax, o.depthMax)
	r.missing += o.missing
	r.up += o.up
	r.down += o.down
	for name, c := range o.types {
		if r.types == nil {
			r.types = map[string]count{}
		}
		t := r.types[name]
		r.types[name] = count{t.n + c.n, t.bytes + c.bytes}
	}
}

func share(n, of int) float64 {
	if of == 0 {
		return 0
	}
	return 100 * float64(n) / float64(of)
}

func (r *result) syncs() float64 { return float64(r.taken) * 60 / max(r.seconds/2, 1) } // one of two players takes states

func (r *result) desyncs() string {
	if r.compared == 0 {
		return "-"
	}
	return fmt.Sprintf("%.1f", share(r.unequal, r.compared))
}

func (r *result) vectors() float64       { return share(r.vector, r.both) }
func (r *result) states() float64        { return share(r.state, r.both) }
func (r *result) depth() float64         { return float64(r.depthSum) / float64(max(r.frames, 1)) }
func (r *result) replaced() float64      { return share(r.missing, r.frames) }
func (r *result) fps() float64           { return float64(len(r.interval)) / max(r.seconds, 1) }
func (r *result) rate(bytes int) float64 { return float64(bytes) / 1000 / max(r.seconds, 1) }
