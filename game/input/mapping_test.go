package input

import (
	"testing"

	"tandem/env"
)

// volley has the keys of the reference's volleyball: five moves out of three keys.
func volley() *env.Spec {
	return &env.Spec{
		Input:   env.Held,
		Actions: make([]env.Action, 6),
		Keys: []env.Chord{
			{Keys: []env.Key{env.KeyLeft}, Action: 1},
			{Keys: []env.Key{env.KeyLeft, env.KeyUp}, Action: 2},
			{Keys: []env.Key{env.KeyUp}, Action: 3},
			{Keys: []env.Key{env.KeyRight, env.KeyUp}, Action: 4},
			{Keys: []env.Key{env.KeyRight}, Action: 5},
		},
	}
}

func TestActionOfHeldKeys(t *testing.T) {
	const L, R, U, D, A = env.KeyLeft, env.KeyRight, env.KeyUp, env.KeyDown, env.KeyA
	for _, c := range []struct {
		name    string
		pressed []env.Key // in this order
		want    int
	}{
		{"nothing is the default", nil, 0},
		{"one key", []env.Key{L}, 1},
		{"the larger chord wins", []env.Key{U, L}, 2},
		{"the order inside a chord does not matter", []env.Key{L, U}, 2},
		{"of two opposite keys the first pressed counts", []env.Key{L, R}, 1},
		{"and the other way round", []env.Key{R, L}, 5},
		{"among pairs the one with the earliest key", []env.Key{R, L, U}, 4},
		{"which may be the one with the other direction", []env.Key{L, R, U}, 2},
		{"pairs that share their earliest key go by the next", []env.Key{U, R, L}, 4},
		{"keys of no chord are ignored", []env.Key{D, A, L}, 1},
		{"keys of no chord alone are the default", []env.Key{D, A}, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := NewMapping(volley())
			var order Order
			for i, k := range c.pressed {
				order[k] = uint64(i + 1)
			}
			if got := m.Action(Set(c.pressed...), &order); got != c.want {
				t.Errorf("pressed %v: action %d, want %d", c.pressed, got, c.want)
			}
		})
	}
}

// The orders of keys that are not held are left over from earlier presses and must not count.
func TestStaleOrderIsIgnored(t *testing.T) {
	m := NewMapping(volley())
	order := Order{env.KeyLeft: 1, env.KeyRight: 7, env.KeyUp: 9}
	if got := m.Action(Set(env.KeyRight, env.KeyUp), &order); got != 4 {
		t.Errorf("action %d, want 4", got)
	}
}

func TestActionOfAPress(t *testing.T) {
	m := NewMapping(volley())
	order := Order{env.KeyLeft: 1, env.KeyUp: 2, env.KeyRight: 3}
	if a, ok := m.ActionOf(env.KeyRight, Set(env.KeyLeft), &order); a != 5 || !ok {
		t.Errorf("pressing right while left is held: %d, %v; want 5, true", a, ok)
	}
	if a, ok := m.ActionOf(env.KeyUp, Set(env.KeyLeft, env.KeyUp), &order); a != 2 || !ok {
		t.Errorf("pressing up while left is held: %d, %v; want 2, true", a, ok)
	}
	if a, ok := m.ActionOf(env.KeyB, Set(env.KeyLeft), &order); a != 0 || ok {
		t.Errorf("a key without a meaning: %d, %v; want 0, false", a, ok)
	}
}
