package envtest

import (
	"bytes"
	"math"
	"slices"
	"strings"
	"testing"

	"tandem/env"
	"tandem/env/draw"
)

// HotPathsDoNotAllocate fails where something that runs in every frame allocates: step, which steps e, and
// e's other methods. The picture of e as it is now should be the fullest.
func HotPathsDoNotAllocate(t *testing.T, e env.Env, saved []byte, step func()) {
	t.Helper()
	var buf []byte
	var obs []float32
	var l draw.List
	e.Render(&l)
	l.Items = slices.Grow(l.Items, len(l.Items))
	for _, c := range []struct {
		what string
		call func()
	}{
		{"AppendState", func() { buf = e.AppendState(buf[:0]) }},
		{"Observe", func() { obs = e.Observe(len(e.Spec().Agents)-1, obs[:0]) }},
		{"Render", func() { l.Reset(); e.Render(&l) }},
		{"Step", step},
		{"Reset", func() { e.Reset(5) }},
		{"SetState", func() {
			if err := e.SetState(saved); err != nil {
				t.Fatal(err)
			}
		}},
	} {
		if n := testing.AllocsPerRun(200, c.call); n != 0 {
			t.Errorf("%s: %s allocates %v times", e.Spec().Name, c.what, n)
		}
	}
}

// Patch overwrites bytes in a copy of a state, from the index'th value of a section's field on.
func Patch(t *testing.T, spec *env.Spec, state []byte, section, field string, index int, value ...byte) []byte {
	t.Helper()
	out := bytes.Clone(state)
	at := 0
	for _, s := range spec.Sections {
		head, _ := env.BeginSection(nil)
		at += len(head)
		for _, f := range s.Fields {
			if s.Name == section && f.Name == field {
				copy(out[at+index*f.Kind.Size():], value)
				if bytes.Equal(out, state) {
					t.Errorf("%s.%s[%d] = %x: the test changes nothing", section, field, index, value)
				}
				return out
			}
			at += f.Kind.Size() * max(f.Count, 1)
		}
	}
	t.Fatalf("no field %s.%s", section, field)
	return nil
}

// WantRefused fails unless e refuses a state, in words that say these, and is as it was before.
func WantRefused(t *testing.T, e env.Env, what string, bad []byte, words string) {
	t.Helper()
	before := e.AppendState(nil)
	if err := e.SetState(bad); err == nil || !strings.Contains(err.Error(), words) {
		t.Errorf("%s: error %v, want words with %q", what, err, words)
	}
	if !bytes.Equal(e.AppendState(nil), before) {
		t.Errorf("%s: a refused state has changed the environment", what)
	}
}

// Takes reports whether e takes what a fuzzer made up for a state. What is taken must be written as it was
// read, and what is refused must change nothing.
func Takes(t *testing.T, e env.Env, data []byte) bool {
	t.Helper()
	before := e.AppendState(nil)
	err := e.SetState(data)
	got := e.AppendState(nil)
	switch {
	case err != nil && !bytes.Equal(got, before):
		t.Errorf("refused with %q, and changed", err)
	case err == nil && !bytes.Equal(got, data):
		t.Errorf("accepted\n%x\nand written as\n%x", data, got)
	}
	return err == nil
}

// TakesOwn fails unless e takes the state that it is in.
func TakesOwn(t *testing.T, e env.Env) {
	t.Helper()
	state := e.AppendState(nil)
	if err := e.SetState(state); err != nil {
		text, _ := e.Spec().DescribeState(state)
		t.Errorf("its own state: %v\n%s", err, text)
	}
}

// SameFloats compares two observations bit by bit.
func SameFloats(a, b []float32) bool {
	return slices.EqualFunc(a, b, func(a, b float32) bool { return math.Float32bits(a) == math.Float32bits(b) })
}
