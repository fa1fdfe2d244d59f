package overcooked

import (
	"fmt"
	"testing"

	"tandem/env"
	"tandem/env/numpyrand"
)

// newTest makes an environment from options like "max_steps=50".
func newTest(t testing.TB, layout string, options ...string) *Env {
	t.Helper()
	o, err := env.ParseOptions(options)
	if err != nil {
		t.Fatal(err)
	}
	e, err := env.New(Family+layout, o)
	if err != nil {
		t.Fatal(err)
	}
	return e.(*Env)
}

// randomPlay steps with random actions, moves and PickupDrop twice as often as the rest, and calls
// check, which may be nil, before and after every step.
func randomPlay(e *Env, seed uint64, steps int, check func(actions []int, step func() *env.StepResult)) {
	g := numpyrand.New(seed)
	choice := [...]int{0, 1, 2, 3, 0, 1, 2, 3, pickupDrop, pickupDrop, pickupDrop, pickupDrop, toggle, noop}
	actions := make([]int, len(e.agents))
	for range steps {
		for i := range actions {
			actions[i] = choice[g.Below(len(choice))]
		}
		if check == nil {
			e.Step(actions)
			continue
		}
		check(actions, func() *env.StepResult { return e.Step(actions) })
	}
}

// census counts what there is of each item; a pot's onions are onions.
func census(e *Env) (n [numItems]int) {
	for _, it := range e.items {
		n[it]++
	}
	for _, a := range e.agents {
		n[a.held]++
	}
	for _, p := range e.pots {
		n[onion] += int(p.onions)
	}
	n[nothing] = 0
	return n
}

// Items come from stacks and pots and go into pots and over the counter, one for each use; two
// cooks never share a cell; nothing lies under a cook or where nothing can.
func TestInvariants(t *testing.T) {
	for _, l := range layouts {
		t.Run(l.name, func(t *testing.T) {
			e := newTest(t, l.name, "max_steps=100000")
			e.Reset(2) // in asymmetric_advantages, both on one side
			var served, soups, blocked, contested int
			randomPlay(e, 11, 20_000, func(actions []int, step func() *env.StepResult) {
				if e.t%500 == 0 { // random cooks litter the floor until nobody can move
					clear(e.items)
				}
				before, was, agents := census(e), e.kitchen, fmt.Sprint(e.agents)
				want := before
				for i := range e.agents { // what each use must change, in order
					if actions[i] != pickupDrop {
						continue
					}
					a := was.agents[i]
					switch f := e.front(&a); e.layout.kinds[f] {
					case onionStack:
						if a.held == nothing {
							want[onion]++
						}
					case plateStack:
						if a.held == nothing {
							want[plate]++
						}
					case delivery:
						if a.held == soup {
							want[soup]--
							served++
						}
					}
				}
				wantReward := before[soup] - want[soup]
				old := append([]pan(nil), e.pots...)
				res := step()
				for i, p := range e.pots {
					old[i].tick()
					if old[i].timer == 0 && p.timer == cookingTime { // a soup was taken
						want[onion] -= potCapacity
						want[plate]--
						want[soup]++
						soups++
					}
				}
				if got := census(e); got != want {
					t.Fatalf("step %d: items %v became %v, want %v; cooks %s, actions %v", e.t, before, got, want, agents, actions)
				}
				for i, r := range res.Rewards {
					if r != float64(wantReward) || res.Infos[i][infoDelivery] != r {
						t.Fatalf("step %d: reward %v, delivered %d", e.t, r, wantReward)
					}
				}
				for i, a := range e.agents {
					if e.standing(e.agents[:i], a.cell) || !e.walkable(a.cell) {
						t.Fatalf("step %d: cook %d stands where it cannot: %+v", e.t, i, e.agents)
					}
				}
				if len(e.movers) > 1 {
					contested++
				}
				for _, m := range e.movers {
					if e.agents[m.agent].cell != m.target {
						blocked++
					}
				}
			})
			t.Logf("%d soups, %d served, %d contested steps, %d moves lost", soups, served, contested, blocked)
			if contested == 0 || (blocked == 0) != (l.name == "forced_coordination") {
				t.Error("too little happened to see anything")
			}
		})
	}
}

// Several cooks move by the same rules as two: whoever is first in the shuffled order goes first.
func TestMovesOfMany(t *testing.T) {
	e := newTest(t, "party_4")
	row := func(c int) int { return 2*e.layout.cols + c }
	place := func(cells ...int) {
		for i, c := range cells {
			e.agents[i].cell = c
		}
	}
	got := map[string]int{}
	for seed := range uint64(200) {
		e.Reset(seed)
		place(row(2), row(3), row(4), row(7)) // a row of three going right, one going left
		e.Step([]int{moveRight, moveRight, moveRight, moveLeft})
		var s []int
		for _, a := range e.agents {
			s = append(s, e.layout.col(a.cell))
		}
		got[fmt.Sprint(s)]++
	}
	// The first of the row always moves, the next only if it is drawn after its leader.
	for _, want := range []string{"[3 4 5 6]", "[2 4 5 6]", "[2 3 5 6]"} {
		if got[want] < 10 {
			t.Errorf("%s seen %d times in %v", want, got[want], got)
		}
		delete(got, want)
	}
	if len(got) != 0 {
		t.Errorf("impossible: %v", got)
	}

	// Two who change places both stay; three who want one cell give it to one of them.
	for seed := range uint64(50) {
		e.Reset(seed)
		place(row(2), row(3), row(6), row(8))
		e.Step([]int{moveRight, moveLeft, noop, noop})
		if e.agents[0].cell != row(2) || e.agents[1].cell != row(3) || e.agents[0].dir != right || e.agents[1].dir != left {
			t.Fatalf("seed %d: two changed places: %+v", seed, e.agents)
		}
	}
	winners := map[int]int{}
	for seed := range uint64(200) {
		e.Reset(seed)
		place(row(4), row(6), row(5)+e.layout.cols, row(8))
		e.Step([]int{moveRight, moveLeft, moveUp, noop})
		at := 0
		for i := range 3 {
			if e.agents[i].cell == row(5) {
				winners[i]++
				at++
			}
		}
		if at != 1 {
			t.Fatalf("seed %d: %d cooks on one cell", seed, at)
		}
	}
	for i := range 3 {
		if winners[i] < 40 {
			t.Errorf("cook %d won %d of 200", i, winners[i])
		}
	}
}

func TestEpisodesAreCutOff(t *testing.T) {
	e := newTest(t, "cramped_room", "max_steps=5")
	for i := 1; i <= 8; i++ {
		res := e.Step([]int{noop, noop})
		for agent := range 2 {
			if res.Truncated[agent] != (i >= 5) || res.Terminated[agent] {
				t.Errorf("step %d: %+v", i, res)
			}
		}
	}
}

// A restart continues the generator, a reset does not.
func TestRestartContinuesTheGenerator(t *testing.T) {
	a, b := newTest(t, "cramped_room"), newTest(t, "cramped_room")
	a.Reset(4)
	b.Reset(4)
	b.Restart()
	if a.rng == b.rng {
		t.Error("the generator did not go on")
	}
	b.Reset(4)
	if a.rng != b.rng {
		t.Error("a reset does not begin again")
	}
}

func TestSpec(t *testing.T) {
	for _, l := range layouts {
		s := newTest(t, l.name).Spec()
		if s.Default != noop || s.MaxSteps != 1350 || s.Episodes != 1 || s.FPS != 30 || s.Input != env.Keystroke {
			t.Errorf("%s: %+v", l.name, s)
		}
		for i, a := range s.Actions {
			if a.OneShot != (i == pickupDrop) {
				t.Errorf("%s: action %s one-shot %v", l.name, a.Name, a.OneShot)
			}
		}
		if want := float64(l.cols) / float64(l.rows); s.Aspect != want {
			t.Errorf("%s: aspect %v, want %v", l.name, s.Aspect, want)
		}
	}
	o := newTest(t, "cramped_room").Spec().Observation
	if o[0].Name != "full_map_encoding" || o[0].Size() != 432 || o[1].Size() != 211 {
		t.Errorf("observation %v", o)
	}
}
