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
	"strings"
	"testing"
)

// Golden files are games of the Python references, recorded with every number at full precision: gzip,
// one JSON object per line. A replay builds from the environment the line that it should have been and
// compares the whole line, keys as well as values, so that no field goes unlooked at.

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

// Golden replays the project's own recordings in dir, one subtest per file. want says what each holds,
// so that a file that is lost or cut short shows.
func Golden[C comparable](t *testing.T, dir string, want map[string]C, begin Begin[C]) {
	t.Helper()
	names := goldenNames(t, dir)
	if len(names) != len(want) {
		t.Errorf("%s holds %d files, want %d", dir, len(names), len(want))
	}
	for _, name := range names {
		t.Run(name, func(t *testing.T) {
			got := replayFile(t, filepath.Join(dir, name), begin)
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
	n, err := Replay(bytes.NewReader(Unzip(t, path)), begin)
	if err != nil {
		t.Error(err)
	}
	return n
}

// Unzip returns what a gzip file holds.
func Unzip(t *testing.T, path string) []byte {
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

// Lines returns the first n lines of a recording, all of them when n is 0.
func Lines(t *testing.T, path string, n int) []string {
	t.Helper()
	lines := strings.Split(strings.TrimSpace(string(Unzip(t, path))), "\n")
	if n > 0 {
		lines = lines[:n]
	}
	return lines
}

// WantDamage fails unless a replay of the lines notices that something is wrong with them.
func WantDamage[C comparable](t *testing.T, name string, lines []string, begin Begin[C]) {
	t.Helper()
	if _, err := Replay(strings.NewReader(strings.Join(lines, "\n")), begin); err == nil {
		t.Errorf("%s: not noticed", name)
	}
}
