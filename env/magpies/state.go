package magpies

import (
	"encoding/binary"
	"fmt"

	"tandem/env"
	"tandem/env/numpyrand"
)

// AppendState appends the complete state.
func (e *Env) AppendState(buf []byte) []byte {
	buf, mark := env.BeginSection(buf)
	buf = binary.LittleEndian.AppendUint32(buf, e.frame)
	buf = env.EndSection(buf, mark)

	buf, mark = env.BeginSection(buf)
	for field := range magpieFields {
		for i := range e.seats {
			buf = append(buf, *e.magpies[i].field(field))
		}
	}
	buf = env.EndSection(buf, mark)

	buf, mark = env.BeginSection(buf)
	buf = append(buf, e.scattered()...)
	buf = env.EndSection(buf, mark)

	buf, mark = env.BeginSection(buf)
	buf = e.rng.AppendState(buf)
	return env.EndSection(buf, mark)
}

// field is the magpie's value number i, in the order of the Spec.
func (m *magpie) field(i int) *uint8 {
	return [magpieFields]*uint8{&m.cell, &m.facing, &m.next, &m.carried, &m.tired, &m.safe}[i]
}

const magpieFields = 6

const maxFrame = 1 << 30 // a year of play

// SetState replaces the state. What AppendState cannot have written is refused, and leaves the
// environment as it was.
func (e *Env) SetState(data []byte) error {
	if err := e.spec.CheckState(data); err != nil {
		return err
	}
	clock, rest, _ := env.NextSection(data)
	magpies, rest, _ := env.NextSection(rest)
	coins, rest, _ := env.NextSection(rest)
	rng, _, _ := env.NextSection(rest)

	s := state{frame: binary.LittleEndian.Uint32(clock)}
	if s.frame > maxFrame {
		return e.refuse("clock", "a frame that play does not reach")
	}
	for field := range magpieFields {
		for i := range e.seats {
			*s.magpies[i].field(field) = magpies[field*e.seats+i]
		}
	}
	for i := range e.seats {
		if what := e.wrong(&s, i); what != "" {
			return e.refuse("magpies", what)
		}
	}
	copy(s.coins[:], coins)
	for i, c := range coins {
		if c >= cells || hedge[c] || owner[c] >= 0 {
			return e.refuse("coins", "a coin where none can lie")
		}
		for _, other := range coins[:i] {
			if c == other {
				return e.refuse("coins", "two coins in one place")
			}
		}
	}
	var err error
	if s.rng, err = numpyrand.ParseState(rng); err != nil {
		return e.refuse("rng", err.Error())
	}
	e.state = s
	return nil
}

// wrong says why play does not reach such a magpie, or "".
func (e *Env) wrong(s *state, seat int) string {
	m := &s.magpies[seat]
	switch {
	case m.cell >= cells || hedge[m.cell]:
		return "a magpie where none can be"
	case owner[m.cell] >= 0 && owner[m.cell] != seat && owner[m.cell] < e.seats:
		return "a magpie in another's nest"
	case m.facing == stay || m.facing >= numActions || m.next >= numActions:
		return "a hop that there is not"
	case m.carried > mostCarried || m.tired > rest || m.safe > safeFrames:
		return "a number that play does not reach"
	}
	for i := range seat {
		if s.magpies[i].cell == m.cell {
			return "two magpies in one place"
		}
	}
	return ""
}

func (e *Env) refuse(section, what string) error {
	return fmt.Errorf("state of %s: section %q: %s", e.spec.Name, section, what)
}
