package slime

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
	"testing"
)

// The golden files are games of the Python reference, recorded with every number at full precision:
// gzip, one JSON object per line. What a file holds is told by its first line:
//
//	"header"          a trajectory: header, then reset and step lines, then final
//	"unit"            single steps from made-up states, each line for itself
//	"render", "skip"  a game whose picture was recorded on some frames
//
// A replay builds from the environment the line that it should have been and compares the whole
// line, keys as well as values, so that no field goes unlooked at.

// goldenFiles are the project's own recordings and what they hold, so that a file that is lost or
// cut short shows.
var goldenFiles = map[string]counts{
	"slime_base_s1_random_random_l1.jsonl.gz":     {resets: 6, steps: 600},
	"slime_base_s2_baseline_baseline_l1.jsonl.gz": {resets: 3, steps: 600, decisions: 1200},
	"slime_base_s3_sticky_noisy_l2.jsonl.gz":      {resets: 3, steps: 600},
	"slime_base_s6_internal_sticky_l1.jsonl.gz":   {resets: 6, steps: 600, decisions: 600},
	"slime_boost_s4_random_random_l1.jsonl.gz":    {resets: 7, steps: 600},
	"slime_boost_s5_sticky_noisy_l2.jsonl.gz":     {resets: 2, steps: 600},
	"unit_steps.jsonl.gz":                         {units: 2700},
	"render.jsonl.gz":                             {pictures: 27, skips: 265},
}

// counts says how much of each kind a replay has compared.
type counts struct {
	resets, steps, decisions int // trajectory lines, and the built-in opponent's recorded decisions
	units                    int
	pictures, skips          int
}

func TestGolden(t *testing.T) {
	const dir = "testdata/golden"
	names := goldenNames(t, dir)
	if len(names) != len(goldenFiles) {
		t.Errorf("%s holds %d files, want %d", dir, len(names), len(goldenFiles))
	}
	for _, name := range names {
		t.Run(name, func(t *testing.T) {
			got := replayFile(t, filepath.Join(dir, name))
			if want, known := goldenFiles[name]; !known || got != want {
				t.Errorf("compared %+v, want %+v", got, want)
			}
		})
	}
}

// TestGoldenDir replays recordings from outside the project.
func TestGoldenDir(t *testing.T) {
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
			t.Logf("compared %+v", replayFile(t, filepath.Join(dir, name)))
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

func replayFile(t *testing.T, path string) counts {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	z, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	n, err := replay(z)
	if err != nil {
		t.Error(err)
	}
	return n
}

// replayer compares a file's lines one by one.
type replayer interface {
	line(l object) error
	// end is called after the last line and says what was compared.
	end() (counts, error)
}

// replay compares a recording with the environment and stops at the first difference.
func replay(r io.Reader) (counts, error) {
	in := bufio.NewScanner(r)
	in.Buffer(nil, 1<<20)
	var rp replayer
	number := 0
	for in.Scan() {
		number++
		l, err := parseLine(in.Bytes())
		if err == nil && rp == nil {
			rp, err = newReplayer(l)
		}
		if err == nil {
			err = rp.line(l)
		}
		if err != nil {
			return counts{}, fmt.Errorf("line %d: %w", number, err)
		}
	}
	if err := in.Err(); err != nil {
		return counts{}, fmt.Errorf("after line %d: %w", number, err)
	}
	if rp == nil {
		return counts{}, errors.New("no lines")
	}
	n, err := rp.end()
	if err == nil && n == (counts{}) {
		err = errors.New("nothing was compared")
	}
	return n, err
}

func newReplayer(first object) (replayer, error) {
	switch first["type"] {
	case "header":
		return new(trajectoryReplay), nil
	case "unit":
		return new(unitReplay), nil
	case "render", "skip":
		return new(renderReplay), nil
	}
	return nil, fmt.Errorf("a recording cannot begin with %v", first["type"])
}

func parseLine(data []byte) (object, error) {
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	var l object
	if err := d.Decode(&l); err != nil {
		return nil, err
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, errors.New("more than one value on the line")
	}
	return l, nil
}
