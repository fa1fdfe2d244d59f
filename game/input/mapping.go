package input

import (
	"math/bits"

	"tandem/env"
)

// Keys is a set of functional keys.
type Keys uint16

// Set returns the set of the given keys.
func Set(keys ...env.Key) Keys {
	var s Keys
	for _, k := range keys {
		s |= 1 << k
	}
	return s
}

// Has reports whether k is in the set.
func (s Keys) Has(k env.Key) bool { return s&(1<<k) != 0 }

// Order says when each key was pressed: lower is earlier. Only the entries of keys in the set that
// goes with it mean anything.
type Order [env.NumKeys]uint64

// Mapping is Spec.Keys made ready for asking.
type Mapping struct {
	chords []chord
	idle   int
}

type chord struct {
	keys   Keys
	size   int
	action int
}

// NewMapping reads the chords and the default action of spec, which must be valid.
func NewMapping(spec *env.Spec) *Mapping {
	m := &Mapping{idle: spec.Default}
	for _, c := range spec.Keys {
		s := Set(c.Keys...)
		m.chords = append(m.chords, chord{keys: s, size: bits.OnesCount16(uint16(s)), action: c.Action})
	}
	return m
}

// Default is the action of somebody who presses nothing.
func (m *Mapping) Default() int { return m.idle }

// Action returns what the held keys mean: the largest chord that is held, and among several of
// that size the one with the earliest-pressed key (when two share that key, the next-earliest
// decides, then the order of the Spec). Keys that take part in no chord are ignored; when no chord
// is held, the answer is the default action.
func (m *Mapping) Action(held Keys, order *Order) int {
	if i := m.best(held, 0, order); i >= 0 {
		return m.chords[i].action
	}
	return m.idle
}

// ActionOf is Action among the chords that contain key: what pressing key means while the others
// are held. ok is false when no such chord is held.
func (m *Mapping) ActionOf(key env.Key, held Keys, order *Order) (action int, ok bool) {
	i := m.best(held|Set(key), Set(key), order)
	if i < 0 {
		return m.idle, false
	}
	return m.chords[i].action, true
}

// best returns the index of the winning chord within held that contains all of needed, or -1.
func (m *Mapping) best(held, needed Keys, order *Order) int {
	best := -1
	for i := range m.chords {
		c := &m.chords[i]
		if c.keys&^held != 0 || c.keys&needed != needed {
			continue
		}
		if best < 0 || c.size > m.chords[best].size ||
			c.size == m.chords[best].size && earlier(c.keys, m.chords[best].keys, order) {
			best = i
		}
	}
	return best
}

// earlier reports whether a's keys were pressed before b's, comparing the earliest of each that
// the other does not share. Both have the same size.
func earlier(a, b Keys, order *Order) bool {
	onlyA, onlyB := a&^b, b&^a
	if onlyA == 0 {
		return false
	}
	return first(onlyA, order) < first(onlyB, order)
}

func first(s Keys, order *Order) uint64 {
	first := ^uint64(0)
	for k := env.Key(0); k < env.NumKeys; k++ {
		if s.Has(k) {
			first = min(first, order[k])
		}
	}
	return first
}
