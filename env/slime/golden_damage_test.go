package slime

import (
	"strings"
	"testing"

	"tandem/env/envtest"
)

// A replay that notices nothing would pass everything, so damaged copies of the recordings must
// fail.
func TestGoldenNoticesDamage(t *testing.T) {
	trajectory := envtest.Lines(t, goldenPath+"/slime_boost_s5_sticky_noisy_l2.jsonl.gz", 0)
	policy := envtest.Lines(t, goldenPath+"/slime_base_s2_baseline_baseline_l1.jsonl.gz", 60)
	units := envtest.Lines(t, goldenPath+"/unit_steps.jsonl.gz", 40)
	pictures := envtest.Lines(t, goldenPath+"/render.jsonl.gz", 20)
	last := len(trajectory) - 1

	for _, c := range []struct {
		name  string
		lines []string
		at    int
		old   string
		new   string
	}{
		{"seed", trajectory, 0, `"seed":5`, `"seed":6`},
		{"generator", trajectory, 0, `"0xe5`, `"0xe4`},
		{"lives", trajectory, 0, `"max_lives":2`, `"max_lives":3`},
		{"length", trajectory, 0, `"steps":600`, `"steps":601`},
		{"survival reward", trajectory, 0, `"survival_reward":true`, `"survival_reward":false`},
		{"a reset's serve", trajectory, 1, `"ball_vx":-17.842771904733745`, `"ball_vx":-17.842771904733749`},
		{"last digit of a state", trajectory, 2, `"agent_left_x":-12.666666666666666`, `"agent_left_x":-12.666666666666668`},
		{"negative zero", trajectory, 2, `"ball_x":0`, `"ball_x":-0.0`},
		{"draws", trajectory, 3, `"rng_draws":6`, `"rng_draws":8`},
		{"reward", trajectory, 4, `"rewards":{"agent_left":0.01`, `"rewards":{"agent_left":0.0`},
		{"terminated", trajectory, 5, `"terminateds":{"__all__":false`, `"terminateds":{"__all__":true`},
		{"truncated", trajectory, 5, `"truncateds":{"__all__":false,"agent_left":false`, `"truncateds":{"__all__":false,"agent_left":true`},
		{"observation", trajectory, 6, `"agent_right":[1.`, `"agent_right":[0.`},
		{"emotion", trajectory, 7, `"agent_left_emotion":"happy"`, `"agent_left_emotion":"sad"`},
		{"a field too few", trajectory, 8, `"agent_left_r":1.5,`, ``},
		{"a field too many", trajectory, 8, `"agent_left_r":1.5,`, `"agent_left_r":1.5,"agent_left_q":1,`},
		{"action", trajectory, 2, `"agent_left":2,`, `"agent_left":1,`},
		{"points", trajectory, last, `"points":3`, `"points":4`},
		{"lines", trajectory, last, `"lines":603`, `"lines":602`},
		{"final hash", trajectory, last, `"final_sha256":"d`, `"final_sha256":"e`},
		{"trajectory hash", trajectory, last, `"trajectory_sha256":"7`, `"trajectory_sha256":"8`},
		{"decision", policy, 50, `"triplet":[1,`, `"triplet":[0,`},
		{"net output", policy, 39, `"out":[0.9999999999552784`, `"out":[0.9998999999552784`},
		{"unit state", units, 0, `"state_out":{"ball_x":-18.55640642211331`, `"state_out":{"ball_x":-18.55640642211332`},
		{"unit observation before", units, 5, `"obs_in":{"agent_left":[`, `"obs_in":{"agent_left":[1`},
		{"unit type", units, 7, `"type":"unit"`, `"type":"step"`},
		{"picture's place", pictures, 1, `0.21875`, `0.21876`},
		{"picture's colour", pictures, 0, `#FF0000`, `#FF0001`},
		{"picture's thing", pictures, 0, `"uuid":"fence_stub"`, `"uuid":"fence_pole"`},
		{"picture's frame", pictures, 5, `"t":5`, `"t":6`},
	} {
		damaged := append([]string(nil), c.lines...)
		damaged[c.at] = strings.Replace(damaged[c.at], c.old, c.new, 1)
		if damaged[c.at] == c.lines[c.at] {
			t.Errorf("%s: the test damages nothing", c.name)
		}
		wantDamage(t, c.name, damaged)
	}

	wantDamage(t, "no lines", nil)
	wantDamage(t, "a header alone", trajectory[:1])
	wantDamage(t, "a header and the end", []string{trajectory[0], trajectory[last]})
	wantDamage(t, "no header", trajectory[1:])
	wantDamage(t, "no end", trajectory[:last])
	wantDamage(t, "a step left out", append(append([]string(nil), trajectory[:9]...), trajectory[10:]...))
	wantDamage(t, "the last step left out", append(append([]string(nil), trajectory[:last-1]...), trajectory[last]))
	wantDamage(t, "something behind the end", append(append([]string(nil), trajectory...), trajectory[last]))
	wantDamage(t, "pictures in the middle", pictures[3:])
	wantDamage(t, "no picture", pictures[5:9])
	wantDamage(t, "half a line", []string{units[0][:500]})
	wantDamage(t, "two values on a line", []string{units[0] + units[1]})
	wantDamage(t, "another recording", []string{`{"type":"frame"}`})

	for name, lines := range map[string][]string{"trajectory": trajectory, "unit steps": units, "pictures": pictures} {
		if _, err := envtest.Replay(strings.NewReader(strings.Join(lines, "\n")), begin); err != nil {
			t.Errorf("undamaged %s: %v", name, err)
		}
	}
}

func wantDamage(t *testing.T, name string, lines []string) {
	t.Helper()
	envtest.WantDamage(t, name, lines, begin)
}
