package all

import (
	"bytes"
	"fmt"
	"math"
	"strings"
	"testing"

	"tandem/env"
	"tandem/env/draw"
	"tandem/env/numpyrand"
	"tandem/env/sprite"
)

// What the contract promises, asked of every environment and every bot that is registered.

func eachEnv(t *testing.T, f func(t *testing.T, name string)) {
	names := env.Names()
	if len(names) < 3 {
		t.Fatalf("only %v are registered", names)
	}
	for _, name := range names {
		t.Run(name, func(t *testing.T) { f(t, name) })
	}
}

func newEnv(t *testing.T, name string) env.Env {
	t.Helper()
	e, err := env.New(name, nil)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// play steps with random actions, resetting where an episode ends.
func play(e env.Env, g *numpyrand.PCG64, steps int) {
	actions := make([]int, len(e.Spec().Agents))
	for range steps {
		for i := range actions {
			actions[i] = g.Below(len(e.Spec().Actions))
		}
		if e.Step(actions).Done() {
			e.Reset(g.Next64())
		}
	}
}

func TestShapes(t *testing.T) {
	eachEnv(t, func(t *testing.T, name string) {
		e := newEnv(t, name)
		s := e.Spec()
		if s.Name != name {
			t.Errorf("the spec's name is %q", s.Name)
		}
		if s.Episodes != env.Get(s.Options, env.EpisodesOption) {
			t.Errorf("%d episodes, the option says %d", s.Episodes, env.Get(s.Options, env.EpisodesOption))
		}
		res := e.Step(make([]int, len(s.Agents)))
		n := len(s.Agents)
		if len(res.Rewards) != n || len(res.Terminated) != n || len(res.Truncated) != n || len(res.Infos) != n {
			t.Errorf("a result for %d, %d, %d, %d agents, want %d", len(res.Rewards), len(res.Terminated), len(res.Truncated), len(res.Infos), n)
		}
		for i := range s.Agents {
			if got := len(e.Observe(i, nil)); got != s.ObservationSize() {
				t.Errorf("agent %d observes %d values, the spec says %d", i, got, s.ObservationSize())
			}
			if len(res.Infos[i]) != len(s.Infos) {
				t.Errorf("agent %d has %d infos, the spec names %d", i, len(res.Infos[i]), len(s.Infos))
			}
		}
		if err := s.CheckState(e.AppendState(nil)); err != nil {
			t.Error(err)
		}
	})
}

func TestResetDependsOnTheSeedAlone(t *testing.T) {
	eachEnv(t, func(t *testing.T, name string) {
		a, b := newEnv(t, name), newEnv(t, name)
		ga, gb := numpyrand.New(1), numpyrand.New(2)
		play(a, &ga, 200)
		play(b, &gb, 333)
		for seed := range uint64(20) {
			a.Reset(seed)
			b.Reset(seed)
			if !bytes.Equal(a.AppendState(nil), b.AppendState(nil)) {
				t.Fatalf("seed %d: two histories show", seed)
			}
		}
	})
}

func TestStateIsComplete(t *testing.T) {
	eachEnv(t, func(t *testing.T, name string) {
		a, b := newEnv(t, name), newEnv(t, name)
		g := numpyrand.New(3)
		play(a, &g, 150)
		for round := range 20 {
			state := a.AppendState([]byte("before"))
			if string(state[:6]) != "before" {
				t.Fatal("AppendState does not append")
			}
			if err := b.SetState(state[6:]); err != nil {
				t.Fatal(err)
			}
			ga, gb := g, g
			play(a, &ga, 60)
			play(b, &gb, 60)
			g = ga
			if !bytes.Equal(a.AppendState(nil), b.AppendState(nil)) {
				t.Fatalf("round %d: the copy went another way", round)
			}
			for agent := range a.Spec().Agents {
				if fmt.Sprint(a.Observe(agent, nil)) != fmt.Sprint(b.Observe(agent, nil)) {
					t.Fatalf("round %d: agent %d of the copy observes something else", round, agent)
				}
			}
		}
	})
}

func TestLookingChangesNothing(t *testing.T) {
	eachEnv(t, func(t *testing.T, name string) {
		e := newEnv(t, name)
		g := numpyrand.New(4)
		for range 20 {
			play(e, &g, 13)
			before := e.AppendState(nil)
			var l draw.List
			e.Render(&l)
			for i := range e.Spec().Agents {
				e.Observe(i, nil)
			}
			for _, name := range env.BotNames(e.Spec().Name) {
				b, err := env.NewBot(name, e.Spec().Name)
				if err != nil {
					t.Fatal(err)
				}
				b.Reset(1)
				for i := range e.Spec().Agents {
					if a := b.Act(e, i, 0); a < 0 || a >= len(e.Spec().Actions) {
						t.Fatalf("bot %s: action %d", name, a)
					}
				}
			}
			if !bytes.Equal(e.AppendState(nil), before) {
				t.Fatal("rendering, observing or a bot changed the state")
			}
		}
	})
}

func TestPicturesAreWellFormed(t *testing.T) {
	eachEnv(t, func(t *testing.T, name string) {
		e := newEnv(t, name)
		for _, icon := range e.Spec().SeatIcon {
			if _, ok := sprite.Lookup(icon); !ok {
				t.Errorf("no package registers %q, of which a seat's icon consists", icon)
			}
		}
		g := numpyrand.New(5)
		var l draw.List
		for range 300 {
			play(e, &g, 1)
			l.Reset()
			e.Render(&l)
			if len(l.Items) == 0 {
				t.Fatal("an empty picture")
			}
			seen := map[string]bool{}
			for i := range l.Items {
				it := &l.Items[i]
				if it.ID == "" || seen[it.ID] {
					t.Fatalf("item %d has no name of its own: %q", i, it.ID)
				}
				seen[it.ID] = true
				if !(it.Alpha >= 0 && it.Alpha <= 1) || it.Role >= draw.NumRoles {
					t.Fatalf("%s: alpha %v, role %d", it.ID, it.Alpha, it.Role)
				}
				if _, ok := sprite.Lookup(it.Name); it.Kind == draw.Sprite && !ok {
					t.Fatalf("%s: no package registers the sprite %q", it.ID, it.Name)
				}
				if it.Kind == draw.Polygon && len(l.Points(it)) < 3 {
					t.Fatalf("%s: a polygon of %d corners", it.ID, len(l.Points(it)))
				}
				for _, v := range []float64{it.X, it.Y, it.X2, it.Y2, it.R, it.W, it.H} {
					if math.IsNaN(v) || math.IsInf(v, 0) {
						t.Fatalf("%s: %+v", it.ID, *it)
					}
				}
			}
		}
	})
}

func TestBotsDoNotAllocate(t *testing.T) {
	eachEnv(t, func(t *testing.T, name string) {
		e := newEnv(t, name)
		names := env.BotNames(name)
		for _, want := range []string{"idle", "random", "sticky"} {
			if _, err := env.NewBot(want, name); err != nil {
				t.Error(err)
			}
		}
		for _, n := range names {
			b, err := env.NewBot(n, name)
			if err != nil {
				t.Fatal(err)
			}
			b.Reset(1)
			if allocs := testing.AllocsPerRun(200, func() { b.Act(e, 0, 7) }); allocs != 0 {
				t.Errorf("bot %s allocates %v times", n, allocs)
			}
		}
	})
}

// Whoever chooses no bot gets one that plays well: the first of the list was made for the game.
func TestFirstBotIsMadeForTheGame(t *testing.T) {
	eachEnv(t, func(t *testing.T, name string) {
		names := env.BotNames(name)
		if len(names) < 3 {
			t.Fatalf("only the bots %v", names)
		}
		if _, err := env.NewBot(names[0], "testenv"); (err == nil) != (name == "testenv") {
			t.Errorf("the first of %v also plays testenv: %v", names, err == nil)
		}
	})
}

func TestBaselinePlaysSlimeOnly(t *testing.T) {
	for name, plays := range map[string]bool{"slime": true, "slime/boost": true, "testenv": false} {
		if _, err := env.NewBot("baseline", name); (err == nil) != plays {
			t.Errorf("baseline in %s: %v", name, err)
		}
	}
}

// Whoever asks for what does not exist is told what people can play, not what is there for tests.
func TestUnknownNamesOfferNoTests(t *testing.T) {
	if _, err := env.New("chess", nil); err == nil || strings.Contains(err.Error(), "testenv") || !strings.Contains(err.Error(), "slime") {
		t.Errorf("for chess: %v", err)
	}
}
