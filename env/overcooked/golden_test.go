package overcooked

import (
	"testing"

	"tandem/env/envtest"
)

// goldenFiles are the project's own recordings (see envtest.Golden) and what they hold. Each is a header,
// then reset and step lines.
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

func TestGolden(t *testing.T) { envtest.Golden(t, goldenFiles, begin) }

// TestGoldenDir replays recordings from outside the project.
func TestGoldenDir(t *testing.T) { envtest.GoldenDir(t, begin) }

func begin(envtest.Object) (envtest.Replayer[counts], error) { return new(trajectory), nil }
