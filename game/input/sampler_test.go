package input

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"tandem/env"
)

var start = time.Unix(1_000_000, 0)

func at(ms int) time.Time { return start.Add(time.Duration(ms) * time.Millisecond) }

// grid is a game of single steps with a one-shot button: actions 1 to 4 walk, 5 interacts.
func grid() *env.Spec {
	return &env.Spec{
		Input: env.Keystroke,
		Actions: []env.Action{
			{Name: "stay"}, {Name: "left"}, {Name: "right"}, {Name: "up"}, {Name: "down"},
			{Name: "interact", OneShot: true},
		},
		Keys: []env.Chord{
			{Keys: []env.Key{env.KeyLeft}, Action: 1},
			{Keys: []env.Key{env.KeyRight}, Action: 2},
			{Keys: []env.Key{env.KeyUp}, Action: 3},
			{Keys: []env.Key{env.KeyDown}, Action: 4},
			{Keys: []env.Key{env.KeyA}, Action: 5},
		},
	}
}

func samples(s *Sampler, n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = s.Sample()
	}
	return out
}

func wantSamples(t *testing.T, s *Sampler, want ...int) {
	t.Helper()
	if got := samples(s, len(want)); !slices.Equal(got, want) {
		t.Errorf("samples %v, want %v", got, want)
	}
}

func TestHeldKeyCountsForEverySample(t *testing.T) {
	s := NewSampler(volley())
	s.Update(at(0), Set(env.KeyLeft), Set(env.KeyLeft))
	wantSamples(t, s, 1, 1, 1)
	s.Update(at(100), 0, 0)
	wantSamples(t, s, 0, 0)
}

func TestShortPressCountsForExactlyOneSample(t *testing.T) {
	const up = 3
	t.Run("released before the next tick", func(t *testing.T) {
		s := NewSampler(volley())
		s.Update(at(0), Set(env.KeyUp), Set(env.KeyUp))
		s.Update(at(16), 0, 0)
		wantSamples(t, s, up, 0)
	})
	t.Run("pressed and released within one tick", func(t *testing.T) {
		s := NewSampler(volley())
		s.Update(at(0), 0, Set(env.KeyUp))
		wantSamples(t, s, up, 0)
	})
	t.Run("a device that reports no presses", func(t *testing.T) {
		s := NewSampler(volley())
		s.Update(at(0), Set(env.KeyUp), 0)
		s.Update(at(16), 0, 0)
		wantSamples(t, s, up, 0)
	})
	t.Run("a tap joins what is held", func(t *testing.T) {
		s := NewSampler(volley())
		s.Update(at(0), Set(env.KeyLeft), Set(env.KeyLeft))
		wantSamples(t, s, 1)
		s.Update(at(16), Set(env.KeyLeft), Set(env.KeyUp))
		wantSamples(t, s, 2, 1)
	})
	t.Run("a sampled press is not latched again", func(t *testing.T) {
		s := NewSampler(volley())
		s.Update(at(0), Set(env.KeyLeft), Set(env.KeyLeft))
		wantSamples(t, s, 1)
		s.Update(at(16), Set(env.KeyRight), Set(env.KeyRight))
		wantSamples(t, s, 5)
	})
}

func TestPressOrderComesFromTheTicks(t *testing.T) {
	s := NewSampler(volley())
	s.Update(at(0), Set(env.KeyRight), Set(env.KeyRight))
	s.Update(at(16), Set(env.KeyRight, env.KeyLeft), Set(env.KeyLeft))
	wantSamples(t, s, 5)
	// Right is let go and pressed again: now Left was first.
	s.Update(at(32), Set(env.KeyLeft), 0)
	s.Update(at(48), Set(env.KeyRight, env.KeyLeft), Set(env.KeyRight))
	samples(s, 1)
	wantSamples(t, s, 1)
}

func TestReleaseForgetsEverything(t *testing.T) {
	for _, spec := range []*env.Spec{volley(), grid()} {
		s := NewSampler(spec)
		s.Update(at(0), Set(env.KeyLeft), Set(env.KeyLeft, env.KeyUp))
		s.Release()
		wantSamples(t, s, 0, 0)
	}
}

// A window that hangs, or whose page is hidden, calls nothing. Its player must not run on for ever.
func TestSilentWindowReleasesTheKeys(t *testing.T) {
	s := NewSampler(volley())
	s.Update(at(0), Set(env.KeyLeft), Set(env.KeyLeft))
	got := samples(s, silentSamples+5)
	for i, a := range got {
		if want := map[bool]int{true: 1, false: 0}[i < silentSamples]; a != want {
			t.Fatalf("sample %d of a silent window is %d, want %d", i+1, a, want)
		}
	}
	s.Update(at(2000), Set(env.KeyLeft), 0)
	wantSamples(t, s, 1)
}

func TestUnboundSamplerAnswersZero(t *testing.T) {
	s := NewSampler(nil)
	s.Update(at(0), Set(env.KeyLeft), Set(env.KeyLeft))
	wantSamples(t, s, 0)
	s.Bind(volley())
	wantSamples(t, s, 0) // presses from before are forgotten
	s.Update(at(16), Set(env.KeyLeft), 0)
	wantSamples(t, s, 1)
}

func TestKeystrokeIsOneActionPerPress(t *testing.T) {
	s := NewSampler(grid())
	s.Update(at(0), Set(env.KeyLeft), Set(env.KeyLeft))
	wantSamples(t, s, 1, 0, 0)
	s.Update(at(100), Set(env.KeyLeft), 0)
	wantSamples(t, s, 0)
}

func TestKeystrokesQueueInOrder(t *testing.T) {
	s := NewSampler(grid())
	s.Update(at(0), 0, Set(env.KeyUp))
	s.Update(at(16), 0, Set(env.KeyLeft))
	wantSamples(t, s, 3, 1, 0)
}

func TestQueueIsBoundedAndKeepsTheLatest(t *testing.T) {
	s := NewSampler(grid())
	for i, k := range []env.Key{env.KeyUp, env.KeyLeft, env.KeyDown, env.KeyRight} {
		s.Update(at(16*i), 0, Set(k))
	}
	wantSamples(t, s, 3, 2, 0)
}

func TestQueuedOneShotIsNeverThrownOut(t *testing.T) {
	s := NewSampler(grid())
	s.Update(at(0), 0, Set(env.KeyUp))
	s.Update(at(16), 0, Set(env.KeyA))
	s.Update(at(32), 0, Set(env.KeyLeft))
	wantSamples(t, s, 3, 5, 0)
}

// trace holds keys for a while at 60 ticks and 30 samples a second and returns when each action
// that is not the default was sampled, "ms:action".
func trace(s *Sampler, ms int, keys Keys) []string {
	var out []string
	for tick := 0; tick*1000/60 < ms; tick++ {
		now := tick * 1000 / 60
		var pressed Keys
		if tick == 0 {
			pressed = keys
		}
		s.Update(at(now), keys, pressed)
		if tick%2 == 0 {
			if a := s.Sample(); a != 0 {
				out = append(out, fmt.Sprintf("%d:%d", now, a))
			}
		}
	}
	return out
}

func TestHeldKeyRepeatsAtAPersonsPace(t *testing.T) {
	got := trace(NewSampler(grid()), 800, Set(env.KeyLeft))
	want := []string{"0:1", "266:1", "400:1", "533:1", "666:1"}
	if !slices.Equal(got, want) {
		t.Errorf("a held key acts at %v, want %v", got, want)
	}
}

func TestHeldOneShotDoesNotRepeat(t *testing.T) {
	got := trace(NewSampler(grid()), 2000, Set(env.KeyA))
	if want := []string{"0:5"}; !slices.Equal(got, want) {
		t.Errorf("a held one-shot key acts at %v, want %v", got, want)
	}
}

func TestAnotherHeldKeyTakesOverRepeating(t *testing.T) {
	s := NewSampler(grid())
	s.Update(at(0), Set(env.KeyLeft), Set(env.KeyLeft))
	s.Update(at(16), Set(env.KeyLeft, env.KeyUp), Set(env.KeyUp))
	wantSamples(t, s, 1, 3, 0)
	s.Update(at(50), Set(env.KeyLeft), 0)
	wantSamples(t, s, 0)
	s.Update(at(50+130), Set(env.KeyLeft), 0)
	wantSamples(t, s, 1, 0)
}

func TestHangDoesNotRepeatInABurst(t *testing.T) {
	s := NewSampler(grid())
	s.Update(at(0), Set(env.KeyLeft), Set(env.KeyLeft))
	s.Update(at(5000), Set(env.KeyLeft), 0)
	wantSamples(t, s, 1, 0)
	s.Update(at(5016), Set(env.KeyLeft), 0)
	wantSamples(t, s, 0)
}

func TestWindowAndNetworkAtOnce(t *testing.T) {
	s := NewSampler(volley())
	var wg sync.WaitGroup
	wg.Add(2)
	go func() {
		defer wg.Done()
		for i := range 2000 {
			s.Update(at(i), Keys(i)&7, 0)
		}
	}()
	go func() {
		defer wg.Done()
		for range 2000 {
			if a := s.Sample(); a < 0 || a > 5 {
				t.Errorf("action %d", a)
				return
			}
		}
	}()
	wg.Wait()
}

func TestNothingIsAllocatedPerTick(t *testing.T) {
	for _, spec := range []*env.Spec{volley(), grid()} {
		s := NewSampler(spec)
		i := 0
		if n := testing.AllocsPerRun(200, func() {
			s.Update(at(i*50), Keys(i)&63, Keys(i>>1)&63)
			s.Sample()
			i++
		}); n != 0 {
			t.Errorf("mode %d: %v allocations per tick", spec.Input, n)
		}
	}
}
