package overcooked

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"tandem/env/envtest"
)

// A replay that notices nothing would pass everything, so damaged copies of a recording must fail.
func TestGoldenNoticesDamage(t *testing.T) {
	good := envtest.Lines(t, filepath.Join(goldenPath, "cramped_room_b.jsonl.gz"), 0)
	// line finds the first line from at that contains all of the texts.
	line := func(at int, texts ...string) int {
		for i := at; i < len(good); i++ {
			if !slices.ContainsFunc(texts, func(s string) bool { return !strings.Contains(good[i], s) }) {
				return i
			}
		}
		t.Fatalf("no line holds %q", texts)
		return 0
	}
	again := line(2, `"type":"reset"`)

	for _, c := range []struct {
		name     string
		at       int
		old, new string
	}{
		{"layout", 0, `"layout":"cramped_room"`, `"layout":"counter_circuit"`},
		{"unknown layout", 0, `"layout":"cramped_room"`, `"layout":"kitchen"`},
		{"layout id", 0, `"layout_id":"overcooked_c`, `"layout_id":"overcooked_k`},
		{"grid", 0, `#CCUCC#`, `#CCCUC#`},
		{"header's seed", 0, `"seed":2863311530`, `"seed":2863311531`},
		{"agents", 0, `"num_agents":2`, `"num_agents":3`},
		{"action set", 0, `"action_set":"cardinal_actions"`, `"action_set":"rotation_actions"`},
		{"action order", 0, `"action_order":[0,1]`, `"action_order":[1,0]`},
		{"step limit", 0, `"max_steps":1350`, `"max_steps":1351`},
		{"reward weights", 0, `"delivery_act_reward":0`, `"delivery_act_reward":1`},
		{"length", 0, `"steps":1400`, `"steps":1399`},
		{"seed", 1, `"seed":2863311530`, `"seed":2863311531`},
		{"second seed", again, `"seed":2863311530`, `"seed":2863311531`},
		{"no second seed", again, `"seed":2863311530`, `"seed":null`},
		{"generator's increment", 1, `"rng_inc":"`, `"rng_inc":"0`},
		{"generator's position", line(700, `"state":"7`), `"state":"7`, `"state":"8`},
		{"half-used word", line(100, `"buf":null`), `"buf":null`, `"buf":0`},
		{"half-used word's value", line(100, `"buf":1`), `"buf":1`, `"buf":2`},
		{"step number", 700, `"t":699`, `"t":700`},
		{"direction", line(200, `"dir":2`), `"dir":2`, `"dir":0`},
		{"hands", line(50, `"inv":["onion"]`), `"inv":["onion"]`, `"inv":["plate"]`},
		{"empty hands", line(50, `"inv":[]`), `"inv":[]`, `"inv":["onion"]`},
		{"pot's contents", line(50, `"contents":["onion"]`), `"contents":["onion"]`, `"contents":["onion","onion"]`},
		{"pot's timer", line(50, `"timer":17`), `"timer":17`, `"timer":16`},
		{"pot's code", line(50, `"code":62`), `"code":62`, `"code":31`},
		{"item on a counter", line(50, `"type":"counter","item":"onion"`), `"item":"onion"`, `"item":"plate"`},
		{"loose item", line(50, `"type":"onion"`), `"type":"onion"`, `"type":"plate"`},
		{"reward", line(50, `"rewards":{"0":1.0`), `"rewards":{"0":1.0`, `"rewards":{"0":2.0`},
		{"no reward", line(50, `"rewards":{"0":0.0`), `"rewards":{"0":0.0`, `"rewards":{"0":1.0`},
		{"terminated", 60, `"terminateds":{"0":false`, `"terminateds":{"0":true`},
		{"truncated", 1351, `"truncateds":{"0":true`, `"truncateds":{"0":false`},
		{"all truncated", 1351, `"__all__":true`, `"__all__":false`},
		{"delivery", line(50, `"delivery_act_reward":{"`), `"delivery_act_reward":{"`, `"delivery_act_reward":{"1":1.0,"2`},
		{"onion in pot", line(50, `"onion_in_pot_reward":{"0":1.0}`), `"onion_in_pot_reward":{"0":1.0}`, `"onion_in_pot_reward":{"1":1.0}`},
		{"soup in dish", line(50, `"soup_in_dish_reward":{"`), `soup_in_dish_reward`, `soup_in_dish`},
		{"features", line(600, `"obs1"`), `"features":[0,`, `"features":[2,`},
		{"features' length", line(600, `"obs1"`), `"features":[`, `"features":[0,`},
		{"map", line(600, `"map":[2,0,0,2`), `"map":[2,0,0,2`, `"map":[2,0,0,3`},
		{"action outside the space", 60, `"actions":{"0":`, `"actions":{"0":7`},
		{"no observation at the reset", again, `"obs1"`, `"obs2"`},
		{"a field too many", 60, `"type":"step"`, `"type":"step","x":1`},
		{"a field too few", 60, `"rewards"`, `"reward"`},
		{"type", 60, `"type":"step"`, `"type":"skip"`},
	} {
		damaged := slices.Clone(good)
		damaged[c.at] = strings.Replace(damaged[c.at], c.old, c.new, 1)
		if damaged[c.at] == good[c.at] {
			t.Errorf("%s: the test damages nothing", c.name)
		}
		wantDamage(t, c.name, damaged)
	}

	// Another action shows in the state of that step or soon.
	move := line(120, `"actions":{"0":0`)
	damaged := slices.Clone(good)
	damaged[move] = strings.Replace(damaged[move], `"actions":{"0":0`, `"actions":{"0":1`, 1)
	wantDamage(t, "action", damaged)

	wantDamage(t, "no lines", nil)
	wantDamage(t, "a header alone", good[:1])
	wantDamage(t, "a header and a reset", good[:2])
	wantDamage(t, "no header", good[1:])
	wantDamage(t, "no reset", slices.Delete(slices.Clone(good), 1, 2))
	wantDamage(t, "a step left out", slices.Delete(slices.Clone(good), 60, 61))
	wantDamage(t, "the last step left out", good[:len(good)-1])
	wantDamage(t, "a step twice", slices.Insert(slices.Clone(good), 60, good[60]))
	wantDamage(t, "half a line", []string{good[0][:100]})
	wantDamage(t, "two values on a line", append([]string{good[0] + good[0]}, good[1:]...))

	if _, err := envtest.Replay(strings.NewReader(strings.Join(good, "\n")), begin); err != nil {
		t.Errorf("undamaged: %v", err)
	}
}

// The sort that decides which of the equally near counters is seen must be the reference's: the
// recordings notice a stable one.
func TestArgsortMatters(t *testing.T) {
	keys := []int{3, 1, 2, 2, 1, 3, 2, 2, 1, 1, 4, 5, 2, 3, 1, 2, 2, 1, 4, 2}
	order := make([]int, len(keys))
	for i := range order {
		order[i] = i
	}
	stable := slices.Clone(order)
	slices.SortStableFunc(stable, func(a, b int) int { return keys[a] - keys[b] })
	argsort(keys, order)
	for i, at := range order {
		if keys[at] != keys[stable[i]] {
			t.Fatalf("%v is not sorted", order)
		}
	}
	if slices.Equal(order, stable) {
		t.Error("20 elements with equal keys kept their order")
	}
	short := []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}
	stable = slices.Clone(short)
	slices.SortStableFunc(stable, func(a, b int) int { return keys[a] - keys[b] })
	if argsort(keys[:16], short); !slices.Equal(short, stable) {
		t.Error("16 elements did not keep their order")
	}
}

func wantDamage(t *testing.T, name string, lines []string) {
	t.Helper()
	envtest.WantDamage(t, name, lines, begin)
}
