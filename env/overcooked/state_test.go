package overcooked

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"tandem/env"
	"tandem/env/envtest"
	"tandem/env/numpyrand"
)

const maxStateSize = 400 // bytes; a snapshot must fit one message with room to spare

func TestStateSize(t *testing.T) {
	for _, l := range layouts {
		e := newTest(t, l.name)
		n := len(e.AppendState(nil))
		t.Logf("%s: %d bytes", l.name, n)
		if n != e.spec.StateSize() || n > maxStateSize {
			t.Errorf("%s: %d bytes, the spec says %d, the limit is %d", l.name, n, e.spec.StateSize(), maxStateSize)
		}
		text, err := e.spec.DescribeState(e.AppendState(nil))
		for _, words := range []string{"pots.timer[pot at row ", " = 30\n", "agents.held[cook 1] = nothing\n", "items.item[row 0 column 0] = nothing\n"} {
			if err != nil || !strings.Contains(text, words) {
				t.Errorf("%s: %v, want words with %q:\n%s", l.name, err, words, text)
			}
		}
	}
}

// A state taken at any moment of random play, put into another environment, is written the same and
// continues as the first one does.
func TestStateContinuesElsewhere(t *testing.T) {
	for _, l := range layouts {
		a := newTest(t, l.name, "max_steps=400")
		a.Reset(3)
		b := newTest(t, l.name, "max_steps=400")
		var sa, sb []byte
		randomPlay(a, 5, envtest.Games(4000, 900), func(actions []int, step func() *env.StepResult) {
			if a.t%37 == 0 {
				b = newTest(t, l.name, "max_steps=400")
				b.Reset(uint64(a.t))
				b.Step(actions)
				if err := b.SetState(a.AppendState(nil)); err != nil {
					t.Fatalf("%s: step %d: %v", l.name, a.t, err)
				}
			} else if err := b.SetState(b.AppendState(nil)); err != nil { // whatever is reached is accepted
				t.Fatalf("%s: step %d: %v", l.name, a.t, err)
			}
			for agent := range a.agents {
				if oa, ob := a.Observe(agent, nil), b.Observe(agent, nil); !envtest.SameFloats(oa, ob) {
					t.Fatalf("%s: step %d: observations of agent %d differ", l.name, a.t, agent)
				}
			}
			ra, rb := step(), b.Step(actions)
			for i := range ra.Rewards {
				if ra.Rewards[i] != rb.Rewards[i] || ra.Truncated[i] != rb.Truncated[i] {
					t.Fatalf("%s: step %d: results %+v and %+v", l.name, a.t, ra, rb)
				}
				for k, v := range ra.Infos[i] {
					if rb.Infos[i][k] != v {
						t.Fatalf("%s: step %d: infos %v and %v", l.name, a.t, ra.Infos, rb.Infos)
					}
				}
			}
			if sa, sb = a.AppendState(sa[:0]), b.AppendState(sb[:0]); !bytes.Equal(sa, sb) {
				t.Fatalf("%s: step %d: states differ", l.name, a.t)
			}
			if ra.Done() { // both continue their generators, so a difference there would show
				a.Restart()
				b.Restart()
			}
		})
	}
}

func TestSetStateRefuses(t *testing.T) {
	e := newTest(t, "cramped_room")
	e.Reset(3)
	l := e.layout
	e.agents[0], e.agents[1] = cook{cell: 2*l.cols + 2}, cook{cell: 2*l.cols + 3, held: soup}
	e.items[1*l.cols+1] = onion
	good := e.AppendState(nil)
	for _, c := range []struct {
		section, field string
		index          int
		value          []byte
	}{
		{"clock", "t", 0, []byte{0, 0, 0, 0x80}},
		{"agents", "row", 0, []byte{1}},
		{"agents", "row", 0, []byte{6}},
		{"agents", "row", 0, []byte{255}},
		{"agents", "col", 1, []byte{0}},
		{"agents", "col", 1, []byte{7}},
		{"agents", "col", 0, []byte{3}}, // where the other stands
		{"agents", "dir", 0, []byte{4}},
		{"agents", "held", 1, []byte{4}},
		{"items", "item", 0, []byte{1}},            // on a wall
		{"items", "item", l.cols + 3, []byte{1}},   // on a pot
		{"items", "item", 2*l.cols + 1, []byte{1}}, // on a stack
		{"items", "item", 2*l.cols + 2, []byte{1}}, // under a cook
		{"items", "item", l.cols + 1, []byte{4}},
		{"pots", "onions", 0, []byte{4}},
		{"pots", "timer", 0, []byte{29}}, // an empty pot does not cook
		{"pots", "timer", 0, []byte{31}},
		{"pots", "code", 0, []byte{1}},
		{"pots", "onions", 0, []byte{3}}, // three onions in one step by two cooks
		{"rng", "inc", 1, []byte{0}},
		{"rng", "has_half", 0, []byte{2}},
		{"rng", "half", 0, []byte{1}},
	} {
		e := newTest(t, "cramped_room")
		e.Reset(99)
		bad := envtest.Patch(t, &e.spec, good, c.section, c.field, c.index, c.value...)
		envtest.WantRefused(t, e, fmt.Sprintf("%s.%s[%d] = %x", c.section, c.field, c.index, c.value), bad, `"`+c.section+`"`)
	}
	other := newTest(t, "coordination_ring").AppendState(nil)
	for _, bad := range [][]byte{nil, good[:len(good)-1], append(bytes.Clone(good), 0), good[1:], other} {
		if err := e.SetState(bad); err == nil {
			t.Errorf("%d bytes accepted", len(bad))
		}
	}
	if err := newTest(t, "cramped_room").SetState(good); err != nil {
		t.Error(err)
	}
}

// The pots that a step of two cooks can leave are those that possible accepts, and no others.
func TestPossiblePots(t *testing.T) {
	reached := map[pan]bool{{0, cookingTime, 0}: true}
	for grown := true; grown; {
		grown = false
		for p := range reached {
			p.tick()
			// Everything up to two cooks can do to it.
			after := []pan{p}
			for range 2 {
				for _, q := range after {
					if q.onions < potCapacity {
						q.onions++
						after = append(after, q)
					} else if q.ready() {
						q.onions, q.timer = 0, cookingTime
						after = append(after, q)
					}
				}
			}
			for _, q := range after {
				if !reached[q] {
					reached[q], grown = true, true
				}
			}
		}
	}
	for onions := range 5 {
		for timer := range 40 {
			for code := range 256 {
				p := pan{uint8(onions), uint8(timer), uint8(code)}
				if p.possible(2) != reached[p] {
					t.Errorf("%+v: possible %v, reached %v", p, p.possible(2), reached[p])
				}
			}
		}
	}
}

func FuzzSetState(f *testing.F) {
	envs := make([]*Env, len(layouts))
	for i, l := range layouts {
		envs[i] = newTest(f, l.name)
		for range 5 {
			randomPlay(envs[i], uint64(i), 50, nil)
			f.Add(uint8(i), envs[i].AppendState(nil))
		}
	}
	f.Fuzz(func(t *testing.T, which uint8, data []byte) {
		e := envs[int(which)%len(envs)]
		e.Reset(1)
		if !envtest.Takes(t, e, data) || e.t > maxSteps-40 {
			return
		}
		// Whatever was accepted, the game goes on from it to states that are accepted too.
		g := numpyrand.New(1)
		actions := make([]int, len(e.agents))
		for range 40 {
			for i := range actions {
				actions[i] = g.Below(numActions)
			}
			e.Step(actions)
			e.Observe(0, nil)
		}
		envtest.TakesOwn(t, e)
	})
}

var _ env.Env = (*Env)(nil)
