package slime

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"strings"
	"testing"

	"tandem/env"
	"tandem/env/envtest"
)

const maxStateSize = 400 // bytes; a snapshot must fit one message with room to spare

func TestStateSize(t *testing.T) {
	for _, name := range variants {
		e := newTest(t, name)
		n := len(e.AppendState(nil))
		if n != e.spec.StateSize() || n > maxStateSize {
			t.Errorf("%s: %d bytes, the spec says %d, the limit is %d", name, n, e.spec.StateSize(), maxStateSize)
		}
		text, err := e.spec.DescribeState(e.AppendState(nil))
		if err != nil || !strings.Contains(text, "clock.hold = 30\n") || !strings.Contains(text, "seen.ball[vx] = 0\n") || !strings.Contains(text, "left.sad = no\n") {
			t.Errorf("%s: %v\n%s", name, err, text)
		}
	}
}

// A state taken at any moment, put into another environment, continues as the first one does.
func TestStateContinuesElsewhere(t *testing.T) {
	for _, name := range variants {
		a := newTest(t, name, "lives=3", "survival_reward=1")
		a.Reset(11)
		p, points, stale := newPlayer(5), 0, 0
		b := newTest(t, name, "lives=3", "survival_reward=1")
		var sa, sb []byte
		for step := range 6000 {
			if step%61 == 0 || a.game.stale {
				// a fresh environment with another past
				b = newTest(t, name, "lives=3", "survival_reward=1")
				b.Reset(uint64(step))
				b.Step([]int{1, 4})
				if err := b.SetState(a.AppendState(nil)); err != nil {
					t.Fatalf("%s: step %d: %v", name, step, err)
				}
			}
			for agent := range 2 {
				if oa, ob := a.Observe(agent, nil), b.Observe(agent, nil); !envtest.SameFloats(oa, ob) {
					t.Fatalf("%s: step %d, agent %d: observations %v and %v", name, step, agent, oa, ob)
				}
			}
			actions := p.next(a)
			ra, rb := a.Step(actions), b.Step(actions)
			for i := range 2 {
				if ra.Rewards[i] != rb.Rewards[i] || ra.Terminated[i] != rb.Terminated[i] || ra.Truncated[i] != rb.Truncated[i] {
					t.Fatalf("%s: step %d: results %+v and %+v", name, step, ra, rb)
				}
			}
			sa, sb = a.AppendState(sa[:0]), b.AppendState(sb[:0])
			if !bytes.Equal(sa, sb) {
				t.Fatalf("%s: step %d: states differ", name, step)
			}
			if a.game.stale {
				stale++
			}
			if ra.Rewards[0] != ra.Rewards[1] {
				points++
			}
			if ra.Done() {
				// Both continue their generators, so a difference there would show.
				a.Restart()
				b.Restart()
			}
		}
		if points < 20 || stale < 10 {
			t.Errorf("%s: only %d points, %d stale frames: the test has seen too little", name, points, stale)
		}
	}
}

func f64(v float64) []byte { return binary.LittleEndian.AppendUint64(nil, math.Float64bits(v)) }
func u32(v uint32) []byte  { return binary.LittleEndian.AppendUint32(nil, v) }

func TestSetStateRefuses(t *testing.T) {
	nan, inf, negZero := math.NaN(), math.Inf(1), math.Copysign(0, -1)
	for _, name := range variants {
		e := newTest(t, name, "lives=2")
		e.Reset(3)
		for range 40 { // in flight, both slimes on the move, no boost used
			e.Step([]int{2, 4})
		}
		good := e.AppendState(nil)
		for _, c := range []struct {
			section, field string
			value          []byte
		}{
			{"clock", "frame", u32(1<<30 + 1)},
			{"clock", "hold", []byte{31}},
			{"ball", "x", f64(nan)},
			{"ball", "x", f64(negZero)},
			{"ball", "y", f64(inf)},
			{"ball", "x", f64(23.5)},
			{"ball", "y", f64(2)},
			{"ball", "y", f64(nan)},
			{"ball", "prev_x", f64(-23.5)},
			{"ball", "prev_y", f64(47.5)},
			{"ball", "prev_y", f64(nan)},
			{"ball", "vx", f64(nan)},
			{"ball", "vy", f64(301)},
			{"ball", "speed_factor", f64(2)},
			{"ball", "speed_factor", f64(nan)},
			{"left", "x", f64(2)},
			{"left", "x", f64(-1.9)},
			{"right", "x", f64(22.6)},
			{"right", "x", f64(nan)},
			{"left", "y", f64(1.4)},
			{"left", "y", f64(nan)},
			{"right", "vx", f64(19)},
			{"right", "vx", f64(negZero)},
			{"left", "y", f64(9.2)},
			{"left", "vy", f64(nan)},
			{"left", "vy", f64(-18.5)},
			{"left", "desired_vx", f64(1)},
			{"right", "desired_vy", f64(-17.5)},
			{"left", "lives", u32(3)},
			{"left", "lives", u32(1 << 31)},
			{"right", "boost_stock", []byte{2}},
			{"right", "boost_timer", []byte{91}},
			{"right", "boost_timer", []byte{1}}, // active, though the stock is still there
			{"left", "sad", []byte{2}},
			{"seen", "stale", []byte{2}},
			{"seen", "stale", []byte{1}}, // zeros are no place for a slime
			{"seen", "left", f64(negZero)},
			{"seen", "ball", f64(1)},
			{"seen", "left_boost", []byte{1}},
			{"rng", "inc", append(u32(0), append(u32(0), append(u32(2), u32(0)...)...)...)},
			{"rng", "has_half", []byte{1}},
			{"rng", "has_half", []byte{2}},
			{"rng", "half", u32(1)},
		} {
			e := newTest(t, name, "lives=2")
			e.Reset(99)
			bad := envtest.Patch(t, &e.spec, good, c.section, c.field, 0, c.value...)
			envtest.WantRefused(t, e, fmt.Sprintf("%s: %s.%s = %x", name, c.section, c.field, c.value), bad, `"`+c.section+`"`)
		}
		for _, bad := range [][]byte{nil, good[:len(good)-1], append(bytes.Clone(good), 0), good[1:]} {
			if err := e.SetState(bad); err == nil {
				t.Errorf("%s: %d bytes accepted", name, len(bad))
			}
		}
		if err := e.SetState(good); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	// A ball hangs where it was served.
	served := newTest(t, Name)
	for name, value := range map[string][]byte{"x": f64(1), "y": f64(11), "prev_x": f64(1), "vx": f64(21), "vy": f64(9)} {
		bad := envtest.Patch(t, &served.spec, served.AppendState(nil), "ball", name, 0, value...)
		if err := newTest(t, Name).SetState(bad); err == nil {
			t.Errorf("a hanging ball with another %s was accepted", name)
		}
	}
	// A boost is no state of the base game, and more lives are none of a game with fewer.
	boost := newTest(t, NameBoost)
	boost.Step([]int{6, 6})
	if err := newTest(t, Name).SetState(boost.AppendState(nil)); err == nil {
		t.Error("the base game accepted an active boost")
	}
	if err := newTest(t, Name).SetState(newTest(t, Name, "lives=2").AppendState(nil)); err == nil {
		t.Error("a game of one life accepted two")
	}
}

func FuzzSetState(f *testing.F) {
	for _, name := range variants {
		e := newTest(f, name, "lives=2")
		p := newPlayer(1)
		for range 30 {
			playOn(e, p, 17)
			f.Add(name == NameBoost, e.AppendState(nil))
		}
		for e.game.stale = false; !e.game.stale; {
			e.Step(p.next(e))
		}
		f.Add(name == NameBoost, e.AppendState(nil))
	}
	envs := map[bool]*Env{false: newTest(f, Name, "lives=2"), true: newTest(f, NameBoost, "lives=2")}
	f.Fuzz(func(t *testing.T, boost bool, data []byte) {
		e := envs[boost]
		e.Reset(1)
		if !envtest.Takes(t, e, data) {
			return
		}
		// Whatever was accepted, the game goes on from it to states that are accepted too, until
		// a counter comes to its end.
		const steps = 40
		if e.game.frame > maxFrame-steps || min(e.game.left.lives, e.game.right.lives) < minLives+steps {
			return
		}
		for range steps {
			e.Step([]int{2, 2})
		}
		envtest.TakesOwn(t, e)
	})
}

// Both zeros are one state, so they must be the same bytes.
func TestNegativeZeroIsWrittenAsZero(t *testing.T) {
	a, b := newTest(t, Name), newTest(t, Name)
	a.game.ball.x = math.Copysign(0, -1)
	if !bytes.Equal(a.AppendState(nil), b.AppendState(nil)) {
		t.Error("states with -0 and 0 differ")
	}
	a.game.refresh()
	for agent := range 2 {
		for i, v := range a.Observe(agent, nil) {
			if v == 0 && math.Signbit(float64(v)) {
				t.Errorf("agent %d: observation %d is -0", agent, i)
			}
		}
	}
}

var _ env.Env = (*Env)(nil)
