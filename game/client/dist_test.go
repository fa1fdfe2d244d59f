package client

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
)

// A distribution keeps the sign of what it is given, and its percentiles are those of the sorted list.
func TestDistIsSigned(t *testing.T) {
	for seed := range uint64(20) {
		r := rand.New(rand.NewPCG(seed, 5))
		var d dist
		d.init()
		var list []float64
		for range 1 + r.IntN(3000) {
			v := time.Duration(r.NormFloat64()*80e6) + time.Duration(r.IntN(400)-200)*time.Millisecond
			d.record(v)
			list = append(list, millis(v))
		}
		slices.Sort(list)
		for _, q := range []float64{0.001, 0.01, 0.5, 0.95, 0.99, 1} {
			want := list[max(0, int(math.Ceil(q*float64(len(list))))-1)]
			if got := d.at(q); math.Abs(got-want) > 0.02+math.Abs(want)/100 || want > 0 && math.Abs(got-want) > 0.02+want*distShare {
				t.Errorf("seed %d: quantile %v of %d is %v, want %v", seed, q, len(list), got, want)
			}
		}
		p := d.lowTail(int64(2 * len(list)))
		if math.Abs(p.Min-list[0]) > 0.011 || p.P01 > p.P1 || p.P1 > p.P50 || p.N != int64(len(list)) || p.Coverage() != 0.5 {
			t.Errorf("seed %d: %+v, the least is %v", seed, p, list[0])
		}
	}
	var d dist
	d.init()
	for _, v := range []time.Duration{-time.Hour, time.Hour} { // a computer that slept
		d.record(v)
	}
	if d.at(0.5) > -59_000 || d.at(1) < 59_000 {
		t.Errorf("from %v to %v", d.at(0.5), d.at(1))
	}
	if a := testing.AllocsPerRun(100, func() { d.record(-time.Second); d.record(time.Second) }); a != 0 {
		t.Errorf("%v allocations to record two", a)
	}
}

// What was not measured is no 0 in JSON.
func TestNothingMeasuredIsNull(t *testing.T) {
	var d dist
	d.init()
	for _, c := range []struct {
		p    Percentiles
		want string
	}{
		{d.percentiles(600), `{"p50":null,"p95":null,"p99":null,"n":0,"of":600,"coverage":0}`},
		{d.lowTail(0), `{"p50":null,"p95":null,"p99":null,"n":0,"of":0,"coverage":0}`},
		{Percentiles{P50: 1, P95: 2, P99: 3, Bound: 0.5, N: 3, Of: 4, bounded: true}, `{"p50":1,"p95":2,"p99":3,"bound":0.5,"n":3,"of":4,"coverage":0.75}`},
		{Percentiles{P50: 1, P95: 2, P99: 3, Min: -4, N: 4, Of: 4, low: true}, `{"p50":1,"p95":2,"p99":3,"p1":0,"p0_1":0,"min":-4,"n":4,"of":4,"coverage":1}`},
	} {
		got, err := json.Marshal(c.p)
		if err != nil || string(got) != c.want {
			t.Errorf("%s (%v), want %s", got, err, c.want)
		}
		var back Percentiles
		if err := json.Unmarshal(got, &back); err != nil || back.N != c.p.N || back.P50 != c.p.P50 {
			t.Errorf("%s is read as %+v (%v)", got, back, err)
		}
	}
	if data, err := json.Marshal(Report{}); err != nil || !strings.Contains(string(data), `"slack_ms":{"p50":null`) {
		t.Errorf("%s (%v)", data, err)
	}
}
