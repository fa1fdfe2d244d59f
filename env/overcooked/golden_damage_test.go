package overcooked

import (
	"slices"
	"strings"
	"testing"

	"tandem/env/envtest"
)

func TestGoldenNoticesDamage(t *testing.T) {
	good := envtest.Lines(t, "cramped_room_b.jsonl.gz")
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

	damage := envtest.NoticesDamage(t, good, begin)
	damage("layout", 0, `"layout":"cramped_room"`, `"layout":"counter_circuit"`)
	damage("unknown layout", 0, `"layout":"cramped_room"`, `"layout":"kitchen"`)
	damage("layout id", 0, `"layout_id":"overcooked_c`, `"layout_id":"overcooked_k`)
	damage("grid", 0, `#CCUCC#`, `#CCCUC#`)
	damage("header's seed", 0, `"seed":2863311530`, `"seed":2863311531`)
	damage("agents", 0, `"num_agents":2`, `"num_agents":3`)
	damage("action set", 0, `"action_set":"cardinal_actions"`, `"action_set":"rotation_actions"`)
	damage("action order", 0, `"action_order":[0,1]`, `"action_order":[1,0]`)
	damage("step limit", 0, `"max_steps":1350`, `"max_steps":1351`)
	damage("reward weights", 0, `"delivery_act_reward":0`, `"delivery_act_reward":1`)
	damage("length", 0, `"steps":1400`, `"steps":1399`)
	damage("seed", 1, `"seed":2863311530`, `"seed":2863311531`)
	damage("second seed", again, `"seed":2863311530`, `"seed":2863311531`)
	damage("no second seed", again, `"seed":2863311530`, `"seed":null`)
	damage("generator's increment", 1, `"rng_inc":"`, `"rng_inc":"0`)
	damage("generator's position", line(700, `"state":"7`), `"state":"7`, `"state":"8`)
	damage("half-used word", line(100, `"buf":null`), `"buf":null`, `"buf":0`)
	damage("half-used word's value", line(100, `"buf":1`), `"buf":1`, `"buf":2`)
	damage("step number", 700, `"t":699`, `"t":700`)
	damage("direction", line(200, `"dir":2`), `"dir":2`, `"dir":0`)
	damage("hands", line(50, `"inv":["onion"]`), `"inv":["onion"]`, `"inv":["plate"]`)
	damage("empty hands", line(50, `"inv":[]`), `"inv":[]`, `"inv":["onion"]`)
	damage("pot's contents", line(50, `"contents":["onion"]`), `"contents":["onion"]`, `"contents":["onion","onion"]`)
	damage("pot's timer", line(50, `"timer":17`), `"timer":17`, `"timer":16`)
	damage("pot's code", line(50, `"code":62`), `"code":62`, `"code":31`)
	damage("item on a counter", line(50, `"type":"counter","item":"onion"`), `"item":"onion"`, `"item":"plate"`)
	damage("loose item", line(50, `"type":"onion"`), `"type":"onion"`, `"type":"plate"`)
	damage("reward", line(50, `"rewards":{"0":1.0`), `"rewards":{"0":1.0`, `"rewards":{"0":2.0`)
	damage("no reward", line(50, `"rewards":{"0":0.0`), `"rewards":{"0":0.0`, `"rewards":{"0":1.0`)
	damage("terminated", 60, `"terminateds":{"0":false`, `"terminateds":{"0":true`)
	damage("truncated", 1351, `"truncateds":{"0":true`, `"truncateds":{"0":false`)
	damage("all truncated", 1351, `"__all__":true`, `"__all__":false`)
	damage("delivery", line(50, `"delivery_act_reward":{"`), `"delivery_act_reward":{"`, `"delivery_act_reward":{"1":1.0,"2`)
	damage("onion in pot", line(50, `"onion_in_pot_reward":{"0":1.0}`), `"onion_in_pot_reward":{"0":1.0}`, `"onion_in_pot_reward":{"1":1.0}`)
	damage("soup in dish", line(50, `"soup_in_dish_reward":{"`), `soup_in_dish_reward`, `soup_in_dish`)
	damage("features", line(600, `"obs1"`), `"features":[0,`, `"features":[2,`)
	damage("features' length", line(600, `"obs1"`), `"features":[`, `"features":[0,`)
	damage("map", line(600, `"map":[2,0,0,2`), `"map":[2,0,0,2`, `"map":[2,0,0,3`)
	damage("action outside the space", 60, `"actions":{"0":`, `"actions":{"0":7`)
	damage("no observation at the reset", again, `"obs1"`, `"obs2"`)
	damage("a field too many", 60, `"type":"step"`, `"type":"step","x":1`)
	damage("a field too few", 60, `"rewards"`, `"reward"`)
	damage("type", 60, `"type":"step"`, `"type":"skip"`)
	// Another action shows in the state of that step or soon.
	damage("action", line(120, `"actions":{"0":0`), `"actions":{"0":0`, `"actions":{"0":1`)

	wantDamage := func(name string, lines []string) {
		t.Helper()
		envtest.WantDamage(t, name, lines, begin)
	}
	wantDamage("a header alone", good[:1])
	wantDamage("a header and a reset", good[:2])
	wantDamage("no header", good[1:])
	wantDamage("no reset", slices.Delete(slices.Clone(good), 1, 2))
	wantDamage("a step left out", slices.Delete(slices.Clone(good), 60, 61))
	wantDamage("the last step left out", good[:len(good)-1])
	wantDamage("a step twice", slices.Insert(slices.Clone(good), 60, good[60]))
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
