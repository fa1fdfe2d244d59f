package slime

import (
	"slices"
	"testing"

	"tandem/env/envtest"
)

func TestGoldenNoticesDamage(t *testing.T) {
	good := envtest.Lines(t, "slime_boost_s5_sticky_noisy_l2.jsonl.gz")
	last := len(good) - 1
	damage := envtest.NoticesDamage(t, good, begin)
	damage("seed", 0, `"seed":5`, `"seed":6`)
	damage("generator", 0, `"0xe5`, `"0xe4`)
	damage("lives", 0, `"max_lives":2`, `"max_lives":3`)
	damage("length", 0, `"steps":600`, `"steps":601`)
	damage("survival reward", 0, `"survival_reward":true`, `"survival_reward":false`)
	damage("a reset's serve", 1, `"ball_vx":-17.842771904733745`, `"ball_vx":-17.842771904733749`)
	damage("last digit of a state", 2, `"agent_left_x":-12.666666666666666`, `"agent_left_x":-12.666666666666668`)
	damage("negative zero", 2, `"ball_x":0`, `"ball_x":-0.0`)
	damage("draws", 3, `"rng_draws":6`, `"rng_draws":8`)
	damage("reward", 4, `"rewards":{"agent_left":0.01`, `"rewards":{"agent_left":0.0`)
	damage("terminated", 5, `"terminateds":{"__all__":false`, `"terminateds":{"__all__":true`)
	damage("truncated", 5, `"truncateds":{"__all__":false,"agent_left":false`, `"truncateds":{"__all__":false,"agent_left":true`)
	damage("observation", 6, `"agent_right":[1.`, `"agent_right":[0.`)
	damage("emotion", 7, `"agent_left_emotion":"happy"`, `"agent_left_emotion":"sad"`)
	damage("a field too few", 8, `"agent_left_r":1.5,`, ``)
	damage("a field too many", 8, `"agent_left_r":1.5,`, `"agent_left_r":1.5,"agent_left_q":1,`)
	damage("action", 2, `"agent_left":2,`, `"agent_left":1,`)
	damage("points", last, `"points":3`, `"points":4`)
	damage("lines", last, `"lines":603`, `"lines":602`)
	damage("final hash", last, `"final_sha256":"d`, `"final_sha256":"e`)
	damage("trajectory hash", last, `"trajectory_sha256":"7`, `"trajectory_sha256":"8`)

	policy := envtest.Lines(t, "slime_base_s2_baseline_baseline_l1.jsonl.gz")
	damage = envtest.NoticesDamage(t, policy, begin)
	damage("decision", 50, `"triplet":[1,`, `"triplet":[0,`)
	damage("net output", 39, `"out":[0.9999999999552784`, `"out":[0.9998999999552784`)

	units := envtest.Lines(t, "unit_steps.jsonl.gz")[:40]
	damage = envtest.NoticesDamage(t, units, begin)
	damage("unit state", 0, `"state_out":{"ball_x":-18.55640642211331`, `"state_out":{"ball_x":-18.55640642211332`)
	damage("unit observation before", 5, `"obs_in":{"agent_left":[`, `"obs_in":{"agent_left":[1`)
	damage("unit type", 7, `"type":"unit"`, `"type":"step"`)

	pictures := envtest.Lines(t, "render.jsonl.gz")[:20]
	damage = envtest.NoticesDamage(t, pictures, begin)
	damage("picture's place", 1, `0.21875`, `0.21876`)
	damage("picture's colour", 0, `#FF0000`, `#FF0001`)
	damage("picture's thing", 0, `"uuid":"fence_stub"`, `"uuid":"fence_pole"`)
	damage("picture's frame", 5, `"t":5`, `"t":6`)

	wantDamage := func(name string, lines []string) {
		t.Helper()
		envtest.WantDamage(t, name, lines, begin)
	}
	wantDamage("a header alone", good[:1])
	wantDamage("a header and the end", []string{good[0], good[last]})
	wantDamage("no header", good[1:])
	wantDamage("no end", good[:last])
	wantDamage("a step left out", slices.Delete(slices.Clone(good), 9, 10))
	wantDamage("the last step left out", slices.Delete(slices.Clone(good), last-1, last))
	wantDamage("something behind the end", append(slices.Clone(good), good[last]))
	wantDamage("pictures in the middle", pictures[3:])
	wantDamage("no picture", pictures[5:9])
	wantDamage("another recording", []string{`{"type":"frame"}`})
}
