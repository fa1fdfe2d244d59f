package slime

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"tandem/env"
	"tandem/env/numpyrand"
)

// newTest makes an environment from options like "lives=3".
func newTest(t testing.TB, name string, options ...string) *Env {
	t.Helper()
	o, err := env.ParseOptions(options)
	if err != nil {
		t.Fatal(err)
	}
	e, err := env.New(name, o)
	if err != nil {
		t.Fatal(err)
	}
	return e.(*Env)
}

var variants = []string{Name, NameBoost}

// player draws actions that hold for a while, so that slimes get about and meet the ball.
type player struct {
	rng     numpyrand.PCG64
	actions []int
}

func newPlayer(seed uint64) *player {
	return &player{rng: numpyrand.New(seed), actions: make([]int, 2)}
}

func (p *player) next(e *Env) []int {
	for i := range p.actions {
		if p.rng.Below(8) == 0 {
			p.actions[i] = p.rng.Below(len(e.spec.Actions))
		}
	}
	return p.actions
}

// playOn steps e as a match does: an ended episode resets. It returns the points made.
func playOn(e *Env, p *player, steps int) (points int) {
	episode := uint64(0)
	for range steps {
		res := e.Step(p.next(e))
		if res.Rewards[0] != res.Rewards[1] {
			points++
		}
		if res.Done() {
			episode++
			e.Reset(1000 + episode)
		}
	}
	return points
}

func TestSpec(t *testing.T) {
	for _, name := range variants {
		e := newTest(t, name)
		s := e.Spec()
		if err := s.Validate(); err != nil {
			t.Error(err)
		}
		if s.Name != name || s.Episodes != 5 || s.MaxSteps != 3000 {
			t.Errorf("%s: name %q, %d episodes of %d steps", name, s.Name, s.Episodes, s.MaxSteps)
		}
		if n := len(e.Observe(0, nil)); n != s.ObservationSize() {
			t.Errorf("%s: %d observation values, the spec says %d", name, n, s.ObservationSize())
		}
		if got, want := env.CanonicalOptions(s.Options), "lives=1 max_steps=3000 survival_reward=0 human_inputs=1 episodes=5"; got != want {
			t.Errorf("%s: options %q, want %q", name, got, want)
		}
		for i, a := range s.Actions {
			if a.OneShot {
				t.Errorf("%s: action %d is one-shot", name, i)
			}
		}
	}
	if n := len(newTest(t, Name).Spec().Actions); n != 6 {
		t.Errorf("%d base actions, want 6", n)
	}
	if n := len(newTest(t, NameBoost).Spec().Actions); n != 13 {
		t.Errorf("%d boost actions, want 13", n)
	}
}

func TestKeysMoveBothSlimesTheSameWayOnScreen(t *testing.T) {
	for _, name := range variants {
		for _, c := range newTest(t, name).Spec().Keys {
			e := newTest(t, name)
			left, right := e.game.left, e.game.right
			e.Step([]int{c.Action, c.Action})
			var dx, dy float64
			boost := false
			for _, k := range c.Keys {
				switch k {
				case env.KeyLeft:
					dx = -1
				case env.KeyRight:
					dx = 1
				case env.KeyUp:
					dy = 1
				case env.KeyA:
					boost = true
				}
			}
			for side, moved := range map[string][2]slime{"left": {left, e.game.left}, "right": {right, e.game.right}} {
				before, after := moved[0], moved[1]
				if sign(after.x-before.x) != dx || sign(after.y-before.y) != dy || (after.timer > 0) != boost {
					t.Errorf("%s %v: %s slime moved by (%v, %v), boost for %d", name, c.Keys, side, after.x-before.x, after.y-before.y, after.timer)
				}
			}
		}
	}
}

func sign(v float64) float64 {
	switch {
	case v < 0:
		return -1
	case v > 0:
		return 1
	}
	return 0
}

func TestWithoutHumanInputsActionOneGoesToTheNet(t *testing.T) {
	e := newTest(t, Name, "human_inputs=0")
	e.Step([]int{1, 1})
	if l, r := e.game.left.x, e.game.right.x; !(l > -slimeStart && r < slimeStart) {
		t.Errorf("slimes at %v and %v after one step forward", l, r)
	}
}

func TestResetForgetsThePast(t *testing.T) {
	for _, name := range variants {
		a, b := newTest(t, name, "lives=3"), newTest(t, name, "lives=3")
		playOn(a, newPlayer(1), 500)
		playOn(b, newPlayer(2), 777)
		a.Reset(42)
		b.Reset(42)
		if !bytes.Equal(a.AppendState(nil), b.AppendState(nil)) {
			t.Errorf("%s: two histories differ after Reset(42)", name)
		}
		// The serves of numpy's default_rng(42): the second is played, in boost the third.
		want := [2]float64{14.343916796455296, 20.46052043589046}
		if name == NameBoost {
			want = [2]float64{-16.23290608449402, 24.63433527455134}
		}
		if got := [2]float64{a.game.ball.vx, a.game.ball.vy}; got != want {
			t.Errorf("%s: serve %v, want %v", name, got, want)
		}
	}
}

func TestSeedsGiveTheirOwnServes(t *testing.T) {
	for _, name := range variants {
		e := newTest(t, name)
		seen := map[[2]float64]uint64{}
		for seed := range uint64(200) {
			e.Reset(seed)
			v := [2]float64{e.game.ball.vx, e.game.ball.vy}
			if other, dup := seen[v]; dup {
				t.Errorf("%s: seeds %d and %d serve alike", name, other, seed)
			}
			seen[v] = seed
		}
	}
}

func TestRestartContinuesTheGenerator(t *testing.T) {
	e := newTest(t, Name)
	e.Reset(42)
	e.Restart()
	if got := e.game.ball.vx; got != -16.23290608449402 {
		t.Errorf("serve %v after a restart, want the stream's third", got)
	}
	if e.game.frame != 0 || e.game.draws != 6 {
		t.Errorf("frame %d, %d draws after a restart", e.game.frame, e.game.draws)
	}
}

func TestCoincidingCentresDoNotBreakTheGame(t *testing.T) {
	e := newTest(t, Name)
	e.game.hold = 0
	e.game.ball.x, e.game.ball.y = e.game.left.x, e.game.left.y
	e.game.ball.bounce(e.game.left.x, e.game.left.y, 0, 0, slimeTouch, 1)
	if e.game.ball.touches(e.game.left.x, e.game.left.y, slimeTouch) || e.game.ball.x != e.game.left.x {
		t.Errorf("ball at (%v, %v)", e.game.ball.x, e.game.ball.y)
	}
	if err := newTest(t, Name).SetState(e.AppendState(nil)); err != nil {
		t.Error(err)
	}
}

func TestStepPanicsOutsideTheActionSpace(t *testing.T) {
	for name, action := range map[string]int{Name: 6, NameBoost: 13} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s took action %d", name, action)
				}
			}()
			newTest(t, name).Step([]int{0, action})
		}()
	}
}

func TestEpisodesEnd(t *testing.T) {
	// Nobody moves: the ball lands, and with one life that is the end. With three, it is not.
	for lives, ends := range map[int]int{1: 1, 3: 3} {
		e := newTest(t, Name, fmt.Sprint("lives=", lives), "max_steps=1000")
		e.Reset(7)
		points, score := 0, [2]float64{}
		for {
			res := e.Step([]int{0, 0})
			score[0] += res.Rewards[0]
			score[1] += res.Rewards[1]
			if res.Rewards[0] != 0 {
				points++
			}
			if res.Truncated[0] {
				t.Fatal("truncated before a side lost")
			}
			if res.Done() {
				break
			}
		}
		if points < ends || score[0] != -score[1] {
			t.Errorf("lives=%d: ended after %d points with scores %v", lives, points, score)
		}
	}
	e := newTest(t, Name, "max_steps=5", "survival_reward=on")
	for i := range 5 {
		res := e.Step([]int{0, 0})
		if res.Done() != (i == 4) || res.Terminated[0] || res.Rewards[0] != 0.01 || res.Rewards[1] != 0.01 {
			t.Errorf("step %d: %+v", i+1, res)
		}
	}
}

func TestOptionsAreRefusedInWords(t *testing.T) {
	for option, want := range map[string]string{"lives=0": "from 1", "max_steps=0": "from 1", "gravity=3": "no option"} {
		o, _ := env.ParseOptions([]string{option})
		if _, err := env.New(Name, o); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", option, err)
		}
	}
}
