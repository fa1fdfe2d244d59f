package slime

import (
	"fmt"
	"testing"

	"tandem/env/envtest"
)

// goldenFiles are the project's own recordings (see envtest.Golden) and what they hold. What a file is, its
// first line tells:
//
//	"header"          a trajectory: header, then reset and step lines, then final
//	"unit"            single steps from made-up states, each line for itself
//	"render", "skip"  a game whose picture was recorded on some frames
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

func TestGolden(t *testing.T) { envtest.Golden(t, goldenFiles, begin) }

// TestGoldenDir replays recordings from outside the project.
func TestGoldenDir(t *testing.T) { envtest.GoldenDir(t, begin) }

func begin(first envtest.Object) (envtest.Replayer[counts], error) {
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
