package envtest

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
)

// A comparison that notices nothing would pass every recording.
func TestDifferNoticesEverything(t *testing.T) {
	recorded := `{"a":1,"b":[1.5,-0.0,{"c":"x"}],"d":true,"e":null}`
	ours := func() Object {
		return Object{"a": uint8(1), "b": []any{float32(1.5), negativeZero(), Object{"c": "x"}}, "d": true, "e": nil}
	}
	parse := func(s string) Object {
		l, err := ParseLine([]byte(s))
		if err != nil {
			t.Fatal(err)
		}
		return l
	}
	if err := Differ("line", parse(recorded), ours()); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ old, new, words string }{
		{`"a":1`, `"a":2`, "line.a: recorded 2, here 1"},
		{`-0.0`, `0`, "line.b[1]"},
		{`"c":"x"`, `"c":"y"`, "line.b[2].c"},
		{`"a":1,`, ``, "line.a: missing in the recording"},
		{`"a":1`, `"a":1,"z":0`, "line.z: recorded, missing here"},
		{`true`, `false`, "line.d"},
		{`null`, `0`, "line.e"},
		{`[1.5,`, `[`, "line.b"},
	} {
		if err := Differ("line", parse(strings.Replace(recorded, c.old, c.new, 1)), ours()); err == nil || !strings.Contains(err.Error(), c.words) {
			t.Errorf("%s for %s: %v, want words with %q", c.new, c.old, err, c.words)
		}
	}
	if DifferAbout("x", json.Number("1"), 1.01, 0.02) != nil || DifferAbout("x", json.Number("1"), 1.03, 0.02) == nil {
		t.Error("the tolerance is not kept")
	}
}

func negativeZero() float64 { z := 0.0; return -z }

type counter struct{ n int }

func (c *counter) Line(l Object) error {
	if l["bad"] != nil {
		return errors.New("bad")
	}
	c.n++
	return nil
}

func (c *counter) End() (int, error) { return c.n, nil }

func TestReplay(t *testing.T) {
	begin := func(Object) (Replayer[int], error) { return new(counter), nil }
	if n, err := Replay(strings.NewReader("{}\n{}\n"), begin); n != 2 || err != nil {
		t.Errorf("%d lines, %v", n, err)
	}
	for recording, words := range map[string]string{
		"":                     "no lines",
		"{}\n{\"bad\":1}":      "line 2: bad",
		"{}\n{":                "line 2",
		"{} {}":                "more than one value",
		strings.Repeat("x", 9): "line 1",
	} {
		if _, err := Replay(strings.NewReader(recording), begin); err == nil || !strings.Contains(err.Error(), words) {
			t.Errorf("%q: %v, want words with %q", recording, err, words)
		}
	}
	nothing := func(Object) (Replayer[int], error) { return &counter{-1}, nil }
	if _, err := Replay(strings.NewReader("{}"), nothing); err == nil {
		t.Error("a replay that compared nothing passed")
	}
}
