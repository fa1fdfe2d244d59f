package input

import (
	"testing"
	"time"

	"tandem/env"
	_ "tandem/env/all"
)

// session presses keys as a person does, at 60 ticks and 30 samples a second, and counts the actions
// that come of it. keys says what is down in each tick.
func session(t *testing.T, s *Sampler, ticks int, keys func(tick int) Keys) (actions map[int]int) {
	t.Helper()
	actions = map[int]int{}
	before := Keys(0)
	for tick := range ticks {
		held := keys(tick)
		s.Update(start.Add(time.Duration(tick)*time.Second/60), held, held&^before)
		before = held
		if tick%2 == 0 {
			actions[s.Sample()]++
		}
	}
	return actions
}

// TestKeysOfRealGames presses every single key of every environment.
func TestKeysOfRealGames(t *testing.T) {
	for _, name := range env.Names() {
		e, err := env.New(name, nil)
		if err != nil {
			t.Fatal(err)
		}
		spec := e.Spec()
		for _, c := range spec.Keys {
			if len(c.Keys) != 1 {
				continue
			}
			key, keystroke := Set(c.Keys...), spec.Input == env.Keystroke
			tap := session(t, NewSampler(spec), 60, func(tick int) Keys {
				if tick < 6 { // a tenth of a second
					return key
				}
				return 0
			})[c.Action]
			held := session(t, NewSampler(spec), 120, func(int) Keys { return key })[c.Action]
			mashed := NewSampler(spec)
			taps := session(t, mashed, 60, func(tick int) Keys { // twenty presses in a second
				if tick%3 == 0 {
					return key
				}
				return 0
			})[c.Action]
			left := 0
			for range 30 {
				if mashed.Sample() == c.Action {
					left++
				}
			}
			switch {
			case keystroke && tap != 1:
				t.Errorf("%s, %v: one press is %d actions", name, c.Keys, tap)
			case keystroke && spec.Actions[c.Action].OneShot && held != 1:
				t.Errorf("%s, %v: a one-shot action that is held is done %d times", name, c.Keys, held)
			case keystroke && !spec.Actions[c.Action].OneShot && (held < 12 || held > 16):
				t.Errorf("%s, %v: held for 2 s it is done %d times", name, c.Keys, held)
			case keystroke && (taps < 18 || taps > 20 || left > queueLen):
				t.Errorf("%s, %v: of 20 presses %d were done at once and %d afterwards", name, c.Keys, taps, left)
			case !keystroke && (tap != 3 || held != 60 || left != 0):
				t.Errorf("%s, %v: a tap is %d samples, 2 s are %d, and %d come afterwards", name, c.Keys, tap, held, left)
			}
		}
	}
}
