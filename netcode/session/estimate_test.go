package session

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
		w := window{span: 5 * time.Second}
		type sample struct{ at, v time.Duration }
		var all []sample
		now := time.Duration(0)
		for range 600 {
			now += time.Duration(r.Int64N(int64(80 * time.Millisecond)))
			v := time.Duration(r.Int64N(1000))
			w.add(now, v)
			all = append(all, sample{now, v})
			for _, over := range []float64{0, 0.005, 0.02, 0.05} {
				var in []time.Duration
				for _, s := range all[max(0, len(all)-windowSize):] {
					if now-s.at <= w.span {
						in = append(in, s.v)
					}
				}
				slices.Sort(in)
				want := in[len(in)-1-int(over*float64(len(in)))]
				if got, ok := w.upper(now, over); !ok || got != want {
					t.Fatalf("seed %d, %d samples, over %v: %v, want %v", seed, len(in), over, got, want)
				}
			}
		}
		if _, ok := w.upper(now+time.Minute, 0); ok {
			t.Fatal("samples do not expire")
		}
	}
}

// A slew follows upward at once and downward by at most 5 % of the time that passes.
func TestSlew(t *testing.T) {
	var s slew
	s.toward(0, 100*time.Millisecond)
	s.toward(time.Second, 200*time.Millisecond)
	if s.value != 200*time.Millisecond {
		t.Fatalf("upward: %v", s.value)
	}
	for i := range 100 {
		before := s.value
		s.toward(time.Second+time.Duration(i+1)*10*time.Millisecond, 100*time.Millisecond)
		if drop := before - s.value; drop > 500*time.Microsecond || drop < 0 {
			t.Fatalf("fell by %v in 10 ms", drop)
		}
	}
	if s.value != 150*time.Millisecond {
		t.Fatalf("after one second: %v, want 150 ms", s.value)
	}
}

func TestClipKeepsCharactersWhole(t *testing.T) {
	for _, tc := range []struct {
		in   string
		n    int
		want string
	}{{"abc", 5, "abc"}, {"abc", 2, "ab"}, {"aé", 2, "a"}, {"é", 1, ""}, {"日本", 4, "日"}} {
		if got := clip(tc.in, tc.n); got != tc.want {
			t.Errorf("clip(%q, %d) = %q, want %q", tc.in, tc.n, got, tc.want)
		}
	}
}
