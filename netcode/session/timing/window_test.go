package timing

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// The window's quantile against sorting everything.
func TestWindowUpper(t *testing.T) {
	for seed := range uint64(50) {
		r := rand.New(rand.NewPCG(seed, 1))
		w := Window{Span: 5 * time.Second}
		type sample struct{ at, v time.Duration }
		var all []sample
		now := time.Duration(0)
		for range 600 {
			now += together + 1 + time.Duration(r.Int64N(int64(80*time.Millisecond))) // no two arrive together
			v := time.Duration(r.Int64N(1000))
			w.Add(now, v, now)
			all = append(all, sample{now, v})
			for _, over := range []float64{0, 0.005, 0.02, 0.05} {
				var in []time.Duration
				for _, s := range all[max(0, len(all)-windowSize):] {
					if now-s.at <= w.Span {
						in = append(in, s.v)
					}
				}
				slices.Sort(in)
				want := in[len(in)-1-int(over*float64(len(in)))]
				if got, ok := w.Upper(now, over); !ok || got != want {
					t.Fatalf("seed %d, %d samples, over %v: %v, want %v", seed, len(in), over, got, want)
				}
			}
		}
		if _, ok := w.Upper(now+time.Minute, 0); ok {
			t.Fatal("samples do not expire")
		}
	}
}

// What arrives together after a silence counts as one sample; once it happens again, in full.
func TestWindowOutage(t *testing.T) {
	const ms = time.Millisecond
	w := Window{Span: 16 * time.Second}
	now := time.Duration(0)
	calm := func(n int) {
		for range n {
			now += FrameInterval
			w.Add(now, 3*ms, now)
		}
	}
	outage := func() {
		over := now + 250*ms
		for ; now < over; now += FrameInterval {
			w.Add(over, over-now, over)
		}
	}
	want := func(when string, d time.Duration) {
		t.Helper()
		if got, _ := w.Cautious(now, 0.005, 0); got != d {
			t.Errorf("%s: %v, want %v", when, got, d)
		}
	}
	calm(60)
	outage()
	want("the first outage, two seconds into the match", 3*ms)
	calm(240)
	want("while its samples are there", 3*ms)
	outage()
	if got, _ := w.Upper(now, 0.005); got < 200*ms {
		t.Errorf("after the second outage: %v, want what it took", got)
	}
	calm(512)
	want("when both are out of the window", 3*ms)
}

// A ping that waited with the inputs is of the same outage, though its answer comes before the relay tells
// of them, behind inputs from before it.
func TestWindowOutageWithAPing(t *testing.T) {
	const ms = time.Millisecond
	for _, tc := range []struct {
		n    int
		ping time.Duration // how long it waited
	}{{100, 250 * ms}, {100, 100 * ms}, {200, 250 * ms}, {200, 40 * ms}, {300, 250 * ms}, {300, 180 * ms}} {
		w := Window{Span: 16 * time.Second}
		now := time.Duration(0)
		for range tc.n {
			now += FrameInterval
			w.Add(now, 3*ms, now)
		}
		before, over := now, now+250*ms
		w.Add(over, tc.ping, over)
		for k := range 3 {
			w.Add(over, 3*ms, before+time.Duration(k-2)*FrameInterval)
		}
		for now = before + FrameInterval; now < over; now += FrameInterval {
			w.Add(over, over-now, over)
		}
		for _, k := range []int{0, 90} {
			for range k {
				now += FrameInterval
				w.Add(now, 3*ms, now)
			}
			if got, _ := w.Cautious(now, 0.005, 0); got != 3*ms {
				t.Errorf("%d samples, a ping that waited %v, %d samples later: %v", tc.n, tc.ping, k, got)
			}
		}
	}
}

// What was under way before the line fell silent may arrive alone, some frames before the rest, and take the
// longest. What takes as long and comes before that belongs to no silence.
func TestWindowOutageBeginsAlone(t *testing.T) {
	const ms = time.Millisecond
	for _, tc := range []struct {
		alone, before int // frames
		want          time.Duration
	}{{0, 0, 3 * ms}, {1, 0, 3 * ms}, {2, 0, 3 * ms}, {1, 20, 260 * ms}} {
		w := Window{Span: 16 * time.Second}
		now := time.Duration(0)
		add := func(n int, d time.Duration) {
			for range n {
				now += FrameInterval
				w.Add(now+d, d, now+d)
			}
		}
		add(200, 3*ms)
		for range 4 { // more than the share that may be late
			add(tc.before/20, 260*ms)
			add(tc.before, 3*ms)
		}
		add(tc.alone, 260*ms)
		over := now + 255*ms
		for now += FrameInterval; now < over; now += FrameInterval {
			w.Add(over, over-now, over)
		}
		add(90, 3*ms)
		if got, _ := w.Upper(now, 0.005); got != tc.want {
			t.Errorf("%+v: %v", tc, got)
		}
	}
}

// More delay than what a bad link needs has to save a share of the inputs with every frame of it.
func TestWindowWorth(t *testing.T) {
	const ms = time.Millisecond
	for _, tc := range []struct {
		every int // so many inputs take 200 ms
		want  time.Duration
	}{{4, 200 * ms}, {12, 200 * ms}, {30, 50 * ms}, {100, 50 * ms}} {
		w := Window{Span: time.Minute}
		for i := range 480 {
			d := 50 * ms
			if i%tc.every == 0 {
				d = 200 * ms
			}
			now := time.Duration(i) * FrameInterval
			w.Add(now, d, now)
		}
		// Four and a half frames more are worth it from 4.5 % of late inputs on.
		if got := w.Worth(16*time.Second, 50*ms, 300*ms, 0.01); got != tc.want {
			t.Errorf("every %d. input takes 200 ms: %v, want %v", tc.every, got, tc.want)
		}
		if got := w.Worth(16*time.Second, 50*ms, 300*ms, 0); got != 300*ms {
			t.Errorf("where nothing has to be worth it: %v", got)
		}
	}
}
