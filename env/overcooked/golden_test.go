package overcooked

import (
	"testing"

	"tandem/env/envtest"
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

func TestGolden(t *testing.T) { envtest.Golden(t, goldenPath, goldenFiles, begin) }

// TestGoldenDir replays recordings from outside the project.
func TestGoldenDir(t *testing.T) { envtest.GoldenDir(t, begin) }

func begin(envtest.Object) (envtest.Replayer[counts], error) { return new(trajectory), nil }
