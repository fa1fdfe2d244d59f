package sim_test

import (
	"strings"
	"testing"

	"tandem/env"
	"tandem/game/sim"
)

// TestEveryEnvironmentIsDeterministic plays all that are switched on, each frame three times.
func TestEveryEnvironmentIsDeterministic(t *testing.T) {
	for _, name := range env.Names() {
		cfg := config(t, name, "frames=200")
		m, err := sim.NewMatch(cfg)
		if err != nil {
			t.Fatal(err)
		}
		s := sim.NewSyncTest(cfg)
		m.Reset(7)
		acts := newActor(m, 7)
		for range 200 {
			if err := s.Step(m, acts.next(m.Frame())); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
		}
		if s.Frames() != 200 {
			t.Errorf("%s: %d frames were checked", name, s.Frames())
		}
	}
}

// TestSyncTest: environments pass, and the one that is nondeterministic on purpose is named
// with frame, section and value.
func TestSyncTest(t *testing.T) {
	for _, c := range []struct {
		env   string
		words []string
		want  []string
	}{
		{"slime", []string{"episodes=2", "max_steps=300"}, nil},
		{"slime/boost", []string{"episodes=2", "max_steps=300"}, nil},
		{"overcooked/cramped_room", []string{"episodes=2", "max_steps=300"}, nil},
		{"testenv", []string{"episodes=2", "episode_steps=300"}, nil},
		{"testenv", []string{"drift=41"}, []string{"frame 40,", `section "floats"`, "floats.float[2]: 0."}},
		{"testenv", []string{"flaw=1"}, []string{"frame 0, stepped again"}},
	} {
		cfg := config(t, c.env, c.words...)
		m, err := sim.NewMatch(cfg)
		if err != nil {
			t.Fatal(err)
		}
		plain, err := sim.NewMatch(cfg)
		if err != nil {
			t.Fatal(err)
		}
		s := sim.NewSyncTest(cfg)
		m.Reset(3)
		plain.Reset(3)
		acts := newActor(m, 3)
		for {
			a := acts.next(m.Frame())
			if err = s.Step(m, a); err != nil {
				break
			}
			if c.want == nil {
				plain.Step(a)
				if m.Hash() != plain.Hash() || m.Fresh() != plain.Fresh() {
					t.Fatalf("%s: the test has changed the match in frame %d", c.env, a.Frame)
				}
			}
			if _, over := m.Over(); over {
				break
			}
		}
		if c.want == nil {
			if err != nil || s.Frames() < 600 && c.env != "slime" && c.env != "slime/boost" || s.Frames() < 60 {
				t.Errorf("%s: %v after %d frames", c.env, err, s.Frames())
			}
			continue
		}
		for _, words := range c.want {
			if err == nil || !strings.Contains(err.Error(), words) {
				t.Errorf("%s %v: %v, want words with %q", c.env, c.words, err, words)
			}
		}
	}
}
