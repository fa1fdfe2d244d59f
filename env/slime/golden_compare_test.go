package slime

import (
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"strconv"
)

// object is a JSON object: decoded values on the recorded side, Go values on ours.
type object = map[string]any

// differ returns the first difference between a recorded value and ours, or nil. Numbers compare by
// their float64 bits, so -0 is not 0; objects compare their keys too.
func differ(path string, want, got any) error {
	return compare(path, want, got, func(recorded, here float64) bool {
		return math.Float64bits(recorded) == math.Float64bits(here)
	})
}

// differAbout is differ with a tolerance on numbers.
func differAbout(path string, want, got any, tolerance float64) error {
	return compare(path, want, got, func(recorded, here float64) bool {
		return math.Abs(recorded-here) <= tolerance
	})
}

// compare writes paths and messages only where something differs: most of the tests' time is spent
// here.
func compare(name string, want, got any, same func(recorded, here float64) bool) error {
	equal := false
	switch w := want.(type) {
	case json.Number:
		f, err := w.Float64()
		g, ok := number(got)
		equal = err == nil && ok && same(f, g)
	case object:
		g, ok := got.(object)
		equal = ok
		for k, wv := range w {
			gv, ok := g[k]
			if !ok {
				return fmt.Errorf("%s.%s: recorded, missing here", name, k)
			}
			if err := compare(k, wv, gv, same); err != nil {
				return fmt.Errorf("%s.%w", name, err)
			}
		}
		for k := range g {
			if _, ok := w[k]; !ok {
				return fmt.Errorf("%s.%s: missing in the recording", name, k)
			}
		}
	case []any:
		g := reflect.ValueOf(got)
		k := g.Kind()
		if equal = (k == reflect.Slice || k == reflect.Array) && g.Len() == len(w); !equal {
			break
		}
		for i := range w {
			if err := compare("", w[i], g.Index(i).Interface(), same); err != nil {
				return fmt.Errorf("%s[%d]%w", name, i, err)
			}
		}
	default: // string, bool, nil
		equal = want == got
	}
	if !equal {
		return fmt.Errorf("%s: recorded %v, here %v", name, want, got)
	}
	return nil
}

func number(v any) (float64, bool) {
	switch n := v.(type) {
	case float64:
		return n, true
	case float32:
		return float64(n), true
	case int:
		return float64(n), true
	case int32:
		return float64(n), true
	case uint32:
		return float64(n), true
	case uint8:
		return float64(n), true
	}
	return 0, false
}

// field reads a recorded field of a known type.
func field[T any](o object, key string) (T, error) {
	v, ok := o[key].(T)
	if !ok {
		return v, fmt.Errorf("%s: %v is no %T", key, o[key], v)
	}
	return v, nil
}

func intField(o object, key string) (int, error) {
	n, err := field[json.Number](o, key)
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(n.String())
}

func floatField(o object, key string) (float64, error) {
	n, err := field[json.Number](o, key)
	if err != nil {
		return 0, err
	}
	return n.Float64()
}

func actionsField(o object) ([]int, error) {
	a, err := field[object](o, "actions")
	if err != nil {
		return nil, err
	}
	left, err := intField(a, AgentLeft)
	if err != nil {
		return nil, err
	}
	right, err := intField(a, AgentRight)
	return []int{left, right}, err
}

// both is a pair of values by agent; all adds the reference's "__all__".
func both(left, right any) object { return object{AgentLeft: left, AgentRight: right} }

func all(v bool) object { return object{AgentLeft: v, AgentRight: v, "__all__": v} }

// recordedState is the environment's state as the reference's dictionary has it. Adding 0 makes the
// zeros positive: Python's are integers.
func recordedState(e *Env) object {
	b := &e.game.ball
	o := object{
		"ball_x": b.x + 0, "ball_y": b.y + 0,
		"ball_prev_x": b.prevX + 0, "ball_prev_y": b.prevY + 0,
		"ball_vx": b.vx + 0, "ball_vy": b.vy + 0,
		"ball_r": ballRadius, "ball_c": []int{217, 79, 0},
	}
	addSlime(o, AgentLeft, &e.game.left, leftDir, []int{35, 93, 188})
	addSlime(o, AgentRight, &e.game.right, rightDir, []int{255, 236, 0})
	return o
}

func addSlime(o object, agent string, s *slime, dir float64, colour []int) {
	o[agent+"_dir"] = dir
	o[agent+"_x"] = s.x + 0
	o[agent+"_y"] = s.y + 0
	o[agent+"_r"] = slimeRadius
	o[agent+"_c"] = colour
	o[agent+"_vx"] = s.vx + 0
	o[agent+"_vy"] = s.vy + 0
	o[agent+"_desired_vx"] = s.wantX + 0
	o[agent+"_desired_vy"] = s.wantY + 0
	o[agent+"_powerups_available"] = s.stock
	o[agent+"_powered_up_timer"] = s.timer
	o[agent+"_emotion"] = emotion(s)
}

func emotion(s *slime) string {
	if s.sad {
		return "sad"
	}
	return "happy"
}

func recordedExtra(e *Env) object {
	g := &e.game
	return object{
		"t": g.frame, "delay_life": g.hold,
		"life_left": g.left.lives, "life_right": g.right.lives,
		"ball_speed_factor": g.ball.speedFactor, "rng_draws": g.draws,
	}
}

func recordedObservations(e *Env) object {
	return both(e.Observe(0, nil), e.Observe(1, nil))
}
