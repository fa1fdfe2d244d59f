package envtest

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Golden files are games of the Python references, recorded with every number at full precision: gzip,
// one JSON object per line. A replay builds from the environment the line that it should have been and
// compares the whole line, keys as well as values, so that no field goes unlooked at.

// goldenPath is where an environment's own recordings lie.
const goldenPath = "testdata/golden"

// Object is a JSON object: decoded values on the recorded side, Go values on ours.
type Object = map[string]any

// Replayer compares a recording's lines one by one. C counts what it has compared.
type Replayer[C comparable] interface {
	Line(l Object) error
	// End is called after the last line.
	End() (C, error)
}

// Begin makes the Replayer for a recording that begins with a line.
type Begin[C comparable] func(first Object) (Replayer[C], error)

// Replay compares a recording with the environment and stops at the first difference.
func Replay[C comparable](r io.Reader, begin Begin[C]) (compared C, err error) {
	var nothing C
	in := bufio.NewScanner(r)
	in.Buffer(nil, 1<<20)
	var rp Replayer[C]
	number := 0
	for in.Scan() {
		number++
		l, err := ParseLine(in.Bytes())
		if err == nil && rp == nil {
			rp, err = begin(l)
		}
		if err == nil {
			err = rp.Line(l)
		}
		if err != nil {
			return nothing, fmt.Errorf("line %d: %w", number, err)
		}
	}
	if err := in.Err(); err != nil {
		return nothing, fmt.Errorf("after line %d: %w", number, err)
	}
	if rp == nil {
		return nothing, errors.New("no lines")
	}
	compared, err = rp.End()
	if err == nil && compared == nothing {
		err = errors.New("nothing was compared")
	}
	return compared, err
}

// ParseLine reads one line of a recording; its numbers stay text.
func ParseLine(data []byte) (Object, error) {
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	var l Object
	if err := d.Decode(&l); err != nil {
		return nil, err
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, errors.New("more than one value on the line")
	}
	return l, nil
}

// Golden replays the environment's own recordings, one subtest per file. want says what each holds, so
// that a file that is lost or cut short shows.
func Golden[C comparable](t *testing.T, want map[string]C, begin Begin[C]) {
	t.Helper()
	names := goldenNames(t, goldenPath)
	if len(names) != len(want) {
		t.Errorf("%s holds %d files, want %d", goldenPath, len(names), len(want))
	}
	for _, name := range names {
		t.Run(name, func(t *testing.T) {
			got := replayFile(t, filepath.Join(goldenPath, name), begin)
			if want, known := want[name]; !known || got != want {
				t.Errorf("compared %+v, want %+v", got, want)
			}
		})
	}
}

// GoldenDir replays recordings from outside the project: those in the directory that GOLDEN_DIR names.
func GoldenDir[C comparable](t *testing.T, begin Begin[C]) {
	t.Helper()
	dir := os.Getenv("GOLDEN_DIR")
	if dir == "" {
		t.Skip("GOLDEN_DIR names no directory of further recordings")
	}
	names := goldenNames(t, dir)
	if len(names) == 0 {
		t.Fatalf("GOLDEN_DIR: no *.jsonl.gz in %s", dir)
	}
	for _, name := range names {
		t.Run(name, func(t *testing.T) {
			t.Logf("compared %+v", replayFile(t, filepath.Join(dir, name), begin))
		})
	}
}

func goldenNames(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		if ok, _ := filepath.Match("*.jsonl.gz", e.Name()); ok {
			names = append(names, e.Name())
		}
	}
	return names
}

func replayFile[C comparable](t *testing.T, path string, begin Begin[C]) C {
	t.Helper()
	n, err := Replay(bytes.NewReader(unzip(t, path)), begin)
	if err != nil {
		t.Error(err)
	}
	return n
}

// unzip returns what a gzip file holds.
func unzip(t *testing.T, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	z, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// Lines returns the lines of one of the environment's own recordings.
func Lines(t *testing.T, name string) []string {
	t.Helper()
	return strings.Split(strings.TrimSpace(string(unzip(t, filepath.Join(goldenPath, name)))), "\n")
}

// NoticesDamage returns a function that fails the test unless a replay notices that on one line of a
// recording (from 0) the first old has become new: a replay that notices nothing would pass everything. The
// recording as it is must pass.
func NoticesDamage[C comparable](t *testing.T, lines []string, begin Begin[C]) (damage func(name string, line int, old, new string)) {
	t.Helper()
	if _, err := Replay(strings.NewReader(strings.Join(lines, "\n")), begin); err != nil {
		t.Errorf("undamaged: %v", err)
	}
	first, rest := lines[0], lines[1:]
	WantDamage(t, "no lines", nil, begin)
	WantDamage(t, "half a line", append([]string{first[:len(first)/2]}, rest...), begin)
	WantDamage(t, "two values on a line", append([]string{first + first}, rest...), begin)
	return func(name string, line int, old, new string) {
		t.Helper()
		damaged := slices.Clone(lines)
		damaged[line] = strings.Replace(damaged[line], old, new, 1)
		if damaged[line] == lines[line] {
			t.Errorf("%s: the test damages nothing", name)
		}
		WantDamage(t, name, damaged, begin)
	}
}

// WantDamage fails unless a replay notices that something is wrong with the lines.
func WantDamage[C comparable](t *testing.T, name string, lines []string, begin Begin[C]) {
	t.Helper()
	if _, err := Replay(strings.NewReader(strings.Join(lines, "\n")), begin); err == nil {
		t.Errorf("%s: not noticed", name)
	}
}
