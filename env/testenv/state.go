package testenv

import (
	"encoding/binary"
	"fmt"
	"math"

	"tandem/env"
	"tandem/env/numpyrand"
)

// AppendState appends the complete state.
func (e *Env) AppendState(buf []byte) []byte {
	le := binary.LittleEndian

	buf, mark := env.BeginSection(buf)
	buf = le.AppendUint32(buf, e.frame)
	buf = env.EndSection(buf, mark)

	buf, mark = env.BeginSection(buf)
	for _, w := range e.words {
		buf = le.AppendUint64(buf, w)
	}
	buf = env.EndSection(buf, mark)

	buf, mark = env.BeginSection(buf)
	for _, f := range &e.floats {
		buf = env.AppendF64(buf, f)
	}
	buf = env.EndSection(buf, mark)

	buf, mark = env.BeginSection(buf)
	buf = e.rng.AppendState(buf)
	return env.EndSection(buf, mark)
}

// SetState replaces the state.
func (e *Env) SetState(data []byte) error {
	if err := e.spec.CheckState(data); err != nil {
		return err
	}
	clock, rest, _ := env.NextSection(data)
	words, rest, _ := env.NextSection(rest)
	floats, rest, _ := env.NextSection(rest)
	rng, _, _ := env.NextSection(rest)

	var s state
	rd := env.NewReader(clock)
	s.frame = rd.U32()
	rd = env.NewReader(floats)
	for i := range s.floats {
		f := rd.F64()
		if !(f >= 0 && f < 1) || math.Signbit(f) {
			return e.refuse("floats", "a number outside 0 to 1")
		}
		s.floats[i] = f
	}
	var err error
	if s.rng, err = numpyrand.ParseState(rng); err != nil {
		return e.refuse("rng", err.Error())
	}
	e.state = s
	rd = env.NewReader(words)
	for i := range e.words {
		e.words[i] = rd.U64()
	}
	return nil
}

func (e *Env) refuse(section, what string) error {
	return fmt.Errorf("state of %s: section %q: %s", e.spec.Name, section, what)
}
