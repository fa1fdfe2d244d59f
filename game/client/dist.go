package client

import (
	"encoding/json"
	"math"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// Percentiles of a distribution of times in ms, which may be below 0. A distribution that nothing was
// measured of has none: they are null in JSON.
type Percentiles struct {
	P50 float64 `json:"p50"`
	P95 float64 `json:"p95"`
	P99 float64 `json:"p99"`
	// The low tail, where that is the bad one: of slack.
	P1  float64 `json:"p1"`
	P01 float64 `json:"p0_1"`
	Min float64 `json:"min"`
	// Bound is by how much each may be off, either way, where two computers' clocks are needed.
	Bound float64 `json:"bound"`
	// N is of how many they are, Of how many there were. What is missing could not be measured, or never
	// happened: an input that was replaced has no delay.
	N  int64 `json:"n"`
	Of int64 `json:"of"`

	low, bounded bool
}

// Coverage is the share of what there was that was measured; 0 where there was nothing.
func (p Percentiles) Coverage() float64 {
	if p.Of <= 0 {
		return 0
	}
	return min(1, float64(p.N)/float64(p.Of))
}

// Bounded reports whether Bound is known.
func (p Percentiles) Bounded() bool { return p.bounded && p.N > 0 }

// Low reports whether the low tail is known.
func (p Percentiles) Low() bool { return p.low && p.N > 0 }

// MarshalJSON leaves out what was not measured.
func (p Percentiles) MarshalJSON() ([]byte, error) {
	known := func(v float64, has bool) *float64 {
		if p.N == 0 || !has {
			return nil
		}
		return &v
	}
	return json.Marshal(struct {
		P50      *float64 `json:"p50"`
		P95      *float64 `json:"p95"`
		P99      *float64 `json:"p99"`
		P1       *float64 `json:"p1,omitempty"`
		P01      *float64 `json:"p0_1,omitempty"`
		Min      *float64 `json:"min,omitempty"`
		Bound    *float64 `json:"bound,omitempty"`
		N        int64    `json:"n"`
		Of       int64    `json:"of"`
		Coverage float64  `json:"coverage"`
	}{known(p.P50, true), known(p.P95, true), known(p.P99, true), known(p.P1, p.low), known(p.P01, p.low), known(p.Min, p.low),
		known(p.Bound, p.bounded), p.N, p.Of, math.Round(p.Coverage()*10_000) / 10_000})
}

// dist collects a distribution of times, in units of 10 µs up to a minute either way, and does not
// allocate when it records.
type dist struct {
	above, below *hdrhistogram.Histogram // of what is below 0, its distance
	least        int64
}

// distUnit is what a dist counts in, and distShare by which share of itself a time above 0 may be read too long.
const (
	distUnit  = 10 * time.Microsecond
	distMost  = int64(time.Minute / distUnit)
	distShare = 1.0 / 1024
)

func (d *dist) init() {
	// Three digits above 0, where the figures are that people compare; two below, where each is bad.
	d.above, d.below = hdrhistogram.New(1, distMost, 3), hdrhistogram.New(1, distMost, 2)
	d.least = math.MaxInt64
}

func (d *dist) n() int64 { return d.above.TotalCount() + d.below.TotalCount() }

func (d *dist) record(v time.Duration) {
	// Beyond the range are measurements across a sleeping computer; its ends say as much as can be said.
	u := max(-distMost, min(int64(v/distUnit), distMost))
	d.least = min(d.least, u)
	h := d.above
	if u < 0 {
		h, u = d.below, -u
	}
	if err := h.RecordValue(u); err != nil {
		panic(err) // u is inside the range
	}
}

// at returns the value that the share q of the samples does not exceed, in ms.
func (d *dist) at(q float64) float64 {
	n, under := d.n(), d.below.TotalCount()
	if n == 0 {
		return 0
	}
	rank := max(1, min(int64(math.Ceil(q*float64(n))), n))
	of := func(h *hdrhistogram.Histogram, rank int64) float64 {
		return float64(h.ValueAtPercentile(100 * float64(rank) / float64(h.TotalCount())))
	}
	v := 0.0
	if rank <= under {
		v = -of(d.below, under-rank+1)
	} else {
		v = of(d.above, rank-under)
	}
	return round(v * float64(distUnit) / float64(time.Millisecond))
}

// percentiles are those of a distribution, out of so many that there were.
func (d *dist) percentiles(of int64) Percentiles {
	return Percentiles{P50: d.at(0.5), P95: d.at(0.95), P99: d.at(0.99), N: d.n(), Of: max(of, d.n())}
}

// lowTail are percentiles with the low tail beside them.
func (d *dist) lowTail(of int64) Percentiles {
	p := d.percentiles(of)
	p.low = true
	if p.N > 0 {
		p.P1, p.P01, p.Min = d.at(0.01), d.at(0.001), round(float64(d.least)*float64(distUnit)/float64(time.Millisecond))
	}
	return p
}

func round(v float64) float64 { return math.Round(v*100) / 100 }
