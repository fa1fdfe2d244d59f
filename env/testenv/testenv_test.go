package testenv

import (
	"bytes"
	"fmt"
	"math"
	"testing"

	"github.com/zeebo/xxh3"

	"tandem/env"
	"tandem/env/draw"
	"tandem/env/envtest"
	"tandem/env/numpyrand"
)

func newTest(t testing.TB, options ...string) *Env {
	t.Helper()
	o, err := env.ParseOptions(options)
	if err != nil {
		t.Fatal(err)
	}
	e, err := env.New(Name, o)
	if err != nil {
		t.Fatal(err)
	}
	return e.(*Env)
}

func randomActions(g *numpyrand.PCG64, actions []int) {
	for i := range actions {
		actions[i] = g.Below(8)
	}
}

func TestSeats(t *testing.T) {
	for seats := 1; seats <= env.MaxAgents; seats++ {
		e := newTest(t, fmt.Sprint("seats=", seats))
		if n := len(e.Spec().Agents); n != seats {
			t.Errorf("%d agents, want %d", n, seats)
		}
		if n := len(e.AppendState(nil)); n != e.spec.StateSize() {
			t.Errorf("%d seats: state of %d bytes, the spec says %d", seats, n, e.spec.StateSize())
		}
	}
}

// One action of one seat in one frame changes every word and every float at once, and the
// generator's position within a few frames.
func TestEveryActionReachesEverything(t *testing.T) {
	const seats = 5
	for seat := range seats {
		for action := 1; action < len(actions); action++ {
			a, b := newTest(t, "seats=5"), newTest(t, "seats=5")
			common := make([]int, seats)
			other := make([]int, seats)
			other[seat] = action
			a.Step(common)
			b.Step(other)
			for i := range seats {
				if a.words[i] == b.words[i] {
					t.Errorf("action %d of seat %d does not reach word %d", action, seat, i)
				}
			}
			for i := range a.floats {
				if a.floats[i] == b.floats[i] {
					t.Errorf("action %d of seat %d does not reach float %d", action, seat, i)
				}
			}
			reached := false
			for range 30 {
				a.Step(common)
				b.Step(common)
				reached = reached || a.rng != b.rng
			}
			if !reached {
				t.Errorf("action %d of seat %d does not reach the generator", action, seat)
			}
		}
	}
}

// Exchanging two seats' actions is noticed, too.
func TestSeatsAreNotInterchangeable(t *testing.T) {
	a, b := newTest(t), newTest(t)
	a.Step([]int{1, 2})
	b.Step([]int{2, 1})
	if bytes.Equal(a.AppendState(nil), b.AppendState(nil)) {
		t.Error("exchanged actions give the same state")
	}
}

func TestFloatsStayInRange(t *testing.T) {
	e := newTest(t, "seats=2")
	g := numpyrand.New(1)
	actions := make([]int, 2)
	for i := range 200_000 {
		randomActions(&g, actions)
		res := e.Step(actions)
		for _, f := range e.floats {
			if !(f >= 0 && f < 1) {
				t.Fatalf("step %d: %v", i, f)
			}
		}
		if r := res.Rewards[0]; r < -1 || r > 2 {
			t.Fatalf("reward %v", r)
		}
	}
}

// The bits of a game, so that a processor that computes otherwise shows.
func TestGameIsTheSameEverywhere(t *testing.T) {
	e := newTest(t, "seats=3", "episode_steps=100")
	e.Reset(5)
	g := numpyrand.New(2)
	actions := make([]int, 3)
	h := xxh3.New()
	var buf []byte
	for range 1000 {
		randomActions(&g, actions)
		res := e.Step(actions)
		buf = e.AppendState(buf[:0])
		h.Write(buf)
		if res.Done() {
			e.Reset(g.Next64())
		}
	}
	const want = 0x5e1c03ea265f6d32
	if got := h.Sum64(); got != want {
		t.Errorf("hash of the game %#x, want %#x", got, uint64(want))
	}
}

func TestStateContinuesElsewhere(t *testing.T) {
	a := newTest(t, "seats=4", "episode_steps=50")
	g := numpyrand.New(3)
	actions := make([]int, 4)
	b := newTest(t, "seats=4", "episode_steps=50")
	for step := range 3000 {
		if step%37 == 0 {
			b = newTest(t, "seats=4", "episode_steps=50")
			b.Reset(uint64(step))
			if err := b.SetState(a.AppendState(nil)); err != nil {
				t.Fatal(err)
			}
		}
		randomActions(&g, actions)
		ra, rb := a.Step(actions), b.Step(actions)
		if !bytes.Equal(a.AppendState(nil), b.AppendState(nil)) || fmt.Sprint(*ra) != fmt.Sprint(*rb) {
			t.Fatalf("step %d: the games differ", step)
		}
		if ra.Done() {
			a.Reset(uint64(step))
			b.Reset(uint64(step))
		}
	}
}

func TestEpisodesAreCutOff(t *testing.T) {
	e := newTest(t, "episode_steps=7")
	for i := 1; i <= 7; i++ {
		if res := e.Step([]int{0, 0}); res.Truncated[0] != (i == 7) || res.Truncated[1] != (i == 7) {
			t.Errorf("step %d: %+v", i, res)
		}
	}
}

// Two instances with the flaw differ from the first step, whatever both do; a state that is copied
// makes them alike until the next one.
func TestFlaw(t *testing.T) {
	a, b := newTest(t, "flaw=1"), newTest(t, "flaw=1")
	if !bytes.Equal(a.AppendState(nil), b.AppendState(nil)) {
		t.Error("a reset is deterministic even so")
	}
	for range 100 {
		a.Step([]int{0, 0})
		b.Step([]int{0, 0})
		if bytes.Equal(a.AppendState(nil), b.AppendState(nil)) {
			t.Fatal("the flaw does not show")
		}
		if err := b.SetState(a.AppendState(nil)); err != nil {
			t.Fatal(err)
		}
	}
}

// The drift begins with its step, and reaches nothing but its own number.
func TestDrift(t *testing.T) {
	a, b := newTest(t, "drift=20"), newTest(t, "drift=20")
	for step := 1; step <= 100; step++ {
		a.Step([]int{1, 2})
		b.Step([]int{1, 2})
		va, err := env.DescribeSections(a.spec.Sections, a.AppendState(nil))
		if err != nil {
			t.Fatal(err)
		}
		vb, _ := env.DescribeSections(b.spec.Sections, b.AppendState(nil))
		for i := range va {
			if va[i].Text != vb[i].Text && va[i].Name != "floats.float[2]" {
				t.Fatalf("step %d: %s differs", step, va[i].Name)
			}
		}
		if differ := a.floats[2] != b.floats[2]; differ != (step >= 20) {
			t.Fatalf("step %d: differing %v", step, differ)
		}
	}
}

func TestSetStateRefuses(t *testing.T) {
	e := newTest(t)
	e.Step([]int{1, 2})
	good := e.AppendState(nil)
	words := len(good) - numpyrand.StateSize - 2 - 8*numFloats - 2 - 8*2
	floats := len(good) - numpyrand.StateSize - 2 - 8*numFloats
	put := func(at int, bytes ...byte) []byte {
		b := append([]byte(nil), good...)
		copy(b[at:], bytes)
		return b
	}
	nan := math.Float64bits(math.NaN())
	for name, bad := range map[string][]byte{
		"nothing":            nil,
		"cut off":            good[:len(good)-1],
		"too long":           append(put(0), 0),
		"wrong length":       put(0, 5),
		"NaN":                put(floats, byte(nan), 0, 0, 0, 0, 0, 0xf8, 0x7f),
		"one":                put(floats, 0, 0, 0, 0, 0, 0, 0xf0, 0x3f),
		"negative zero":      put(floats, 0, 0, 0, 0, 0, 0, 0, 0x80),
		"even increment":     put(floats+8*numFloats+2+24, 0),
		"half-word flag":     put(len(good)-5, 7),
		"state of one seat":  newTest(t, "seats=1").AppendState(nil),
		"state of six seats": newTest(t, "seats=6").AppendState(nil),
	} {
		envtest.WantRefused(t, e, name, bad, "")
	}
	if err := e.SetState(put(words, 1, 2, 3)); err != nil {
		t.Errorf("any word is a state: %v", err)
	}
}

func FuzzSetState(f *testing.F) {
	e := newTest(f)
	for range 5 {
		e.Step([]int{1, 6})
		f.Add(e.AppendState(nil))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		e.Reset(1)
		envtest.Takes(t, e, data)
		e.Step([]int{0, 7})
	})
}

func TestHotPathsDoNotAllocate(t *testing.T) {
	e := newTest(t, "seats=16")
	actions := make([]int, 16)
	envtest.HotPathsDoNotAllocate(t, e, e.AppendState(nil), func() { e.Step(actions) })
}

func BenchmarkStep(b *testing.B) {
	for _, seats := range []int{1, 2, 16} {
		b.Run(fmt.Sprint(seats), func(b *testing.B) {
			e := newTest(b, fmt.Sprint("seats=", seats))
			actions := make([]int, seats)
			b.ReportAllocs()
			for b.Loop() {
				e.Step(actions)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*seats), "ns/agent")
		})
	}
}

func BenchmarkAppendStateHash(b *testing.B) {
	e := newTest(b)
	var buf []byte
	var sum uint64
	b.ReportAllocs()
	for b.Loop() {
		buf = e.AppendState(buf[:0])
		sum ^= xxh3.Hash(buf)
	}
}

func BenchmarkObserve(b *testing.B) {
	e := newTest(b)
	var obs []float32
	b.ReportAllocs()
	for b.Loop() {
		obs = e.Observe(0, obs[:0])
	}
}

func BenchmarkRender(b *testing.B) {
	e := newTest(b)
	var l draw.List
	b.ReportAllocs()
	for b.Loop() {
		l.Reset()
		e.Render(&l)
	}
}
