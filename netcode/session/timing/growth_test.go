package timing

import (
	"math/rand/v2"
	"testing"
	"time"
)

// A queue that grows by 20 ms in 40 is known after four messages, one that grows by 1 ms after twelve; it is
// forgotten with the first that takes no longer, and matters only while messages come late.
func TestGrowth(t *testing.T) {
	const ms = time.Millisecond
	var g Growth
	none := func(when string, now time.Duration) {
		t.Helper()
		if d, ok := g.Ahead(now); ok {
			t.Fatalf("%s: %v ahead", when, d)
		}
	}
	want := func(when string, now, want time.Duration) {
		t.Helper()
		if d, ok := g.Ahead(now); !ok || d != want {
			t.Fatalf("%s: %v %v, want %v", when, d, ok, want)
		}
	}
	none("no message", 0)
	at := time.Duration(0)
	for k := range 4 {
		none("few messages", at)
		at = time.Duration(k) * 40 * ms
		g.Add(at+70*ms, at, time.Duration(5+20*k)*ms, true)
		g.Add(at+70*ms, at, 500*ms, true) // the same message
	}
	// The last took 65 ms. Half of each ms since it was sent comes on top, until the next word of messages.
	want("20 ms in 40", at+70*ms, 65*ms+(70*ms+growthNext)/2)
	want("a little later", at+100*ms, 65*ms+(70*ms+growthNext)/2)
	none("long ago", at+70*ms+growthFor+1)
	g.Add(at+100*ms, at+20*ms, 75*ms, false)
	none("in time", at+100*ms)
	g.Add(at+120*ms, at+40*ms, 85*ms, true)
	want("late again", at+120*ms, 85*ms+(80*ms+growthNext)/2)
	g.Add(at+130*ms, at+60*ms, 85*ms, true)
	none("no longer growing", at+130*ms)
	for k := range 4 {
		g.Add(at+300*ms, at+time.Duration(80+10*k)*ms, time.Duration(90+50*k)*ms, true)
	}
	// No queue grows faster than time passes.
	want("faster than time", at+300*ms, 240*ms+190*ms+growthNext)
	g.Clear()
	for k := range 14 {
		if k <= 12 {
			none("slowly", at)
		}
		g.Add(at, at, time.Duration(k)*ms, true)
		at += 40 * ms
	}
	want("1 ms in 40", at, 13*ms+growthNext/40)
	g.Clear()
	none("cleared", at)
}

// Jitter alone is seldom taken for a queue, and what a stall held up never is.
func TestGrowthOfJitter(t *testing.T) {
	for seed := range uint64(20) {
		r := rand.New(rand.NewPCG(seed, 2))
		var g Growth
		taken := 0
		const n = 10_000
		for k := range n {
			at := time.Duration(k) * FrameInterval
			g.Add(at, at, time.Duration(r.Int64N(int64(FrameInterval))), true)
			if _, ok := g.Ahead(at); ok {
				taken++
			}
		}
		if taken > n/20 { // four in a row grow in one of 24 cases
			t.Errorf("seed %d: %d of %d messages", seed, taken, n)
		}
		g.Clear()
		const stall = 300 * time.Millisecond
		for k := range 9 {
			at := time.Duration(k) * FrameInterval
			g.Add(stall, at, stall-at, true)
			if d, ok := g.Ahead(at); ok {
				t.Errorf("seed %d: after a stall %v", seed, d)
			}
		}
	}
}
