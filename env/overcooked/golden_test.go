package overcooked

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

// The golden files are games of the Python reference: gzip, one JSON object per line, a header,
// then reset and step lines. A replay builds from the environment the line that it should have been
// and compares the whole line, keys as well as values, so that no field goes unlooked at.

const goldenPath = "testdata/golden"

// goldenFiles are the project's own recordings and what they hold, so that a file that is lost or
// cut short shows.
var goldenFiles = map[string]counts{
	"asymmetric_advantages_a.jsonl.gz": {1, 1000, 101},
	"asymmetric_advantages_b.jsonl.gz": {2, 1400, 142},
	"coordination_ring_a.jsonl.gz":     {1, 1000, 101},
	"coordination_ring_b.jsonl.gz":     {2, 1400, 142},
	"counter_circuit_a.jsonl.gz":       {1, 1000, 101},
	"counter_circuit_b.jsonl.gz":       {2, 1400, 142},
	"cramped_room_a.jsonl.gz":          {1, 1000, 101},
	"cramped_room_b.jsonl.gz":          {2, 1400, 142},
	"forced_coordination_a.jsonl.gz":   {1, 1000, 101},
	"forced_coordination_b.jsonl.gz":   {2, 1400, 142},
}

// counts says how much of each kind a replay has compared.
type counts struct{ resets, steps, observations int }

func TestGolden(t *testing.T) {
	names := goldenNames(t, goldenPath)
	if len(names) != len(goldenFiles) {
		t.Errorf("%s holds %d files, want %d", goldenPath, len(names), len(goldenFiles))
	}
	for _, name := range names {
		t.Run(name, func(t *testing.T) {
			got := replayFile(t, filepath.Join(goldenPath, name))
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
	n, err := replay(bytes.NewReader(unzip(t, path)))
	if err != nil {
		t.Error(err)
	}
	return n
}

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

// replay compares a recording with the environment and stops at the first difference.
func replay(r io.Reader) (counts, error) {
	in := bufio.NewScanner(r)
	in.Buffer(nil, 1<<20)
	var rp trajectory
	number := 0
	for in.Scan() {
		number++
		l, err := parseLine(in.Bytes())
		if err == nil {
			err = rp.line(l)
		}
		if err != nil {
			return rp.played, fmt.Errorf("line %d: %w", number, err)
		}
	}
	if err := in.Err(); err != nil {
		return rp.played, fmt.Errorf("after line %d: %w", number, err)
	}
	return rp.played, rp.end()
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
