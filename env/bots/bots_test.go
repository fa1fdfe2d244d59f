package bots_test

import (
	"fmt"
	"testing"

	"tandem/env"
	_ "tandem/env/bots"
	"tandem/env/testenv"
)

var names = []string{"idle", "random", "sticky"}

func newEnv(t *testing.T) env.Env {
	t.Helper()
	e, err := env.New(testenv.Name, nil)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func newBot(t *testing.T, name string, seed uint64) env.Bot {
	t.Helper()
	b, err := env.NewBot(name, testenv.Name)
	if err != nil {
		t.Fatal(err)
	}
	b.Reset(seed)
	return b
}

func sequence(b env.Bot, e env.Env, n int) []int {
	var s []int
	for f := range n {
		s = append(s, b.Act(e, 0, uint32(f)))
	}
	return s
}

func TestSeedDecides(t *testing.T) {
	e := newEnv(t)
	for _, name := range names {
		a, again := newBot(t, name, 5), newBot(t, name, 6)
		first := sequence(a, e, 300)
		other := sequence(again, e, 300)
		again.Reset(5)
		if second := sequence(again, e, 300); fmt.Sprint(first) != fmt.Sprint(second) {
			t.Errorf("%s: Reset(5) gives another sequence the second time", name)
		}
		if (fmt.Sprint(first) == fmt.Sprint(other)) != (name == "idle") {
			t.Errorf("%s: seeds 5 and 6 alike: %v", name, name != "idle")
		}
	}
}

func TestWhatTheyDo(t *testing.T) {
	e := newEnv(t)
	n := len(e.Spec().Actions)
	for _, name := range names {
		const total = 20_000
		s := sequence(newBot(t, name, 1), e, total)
		used := map[int]int{}
		changes := 0
		for i, a := range s {
			if a < 0 || a >= n {
				t.Fatalf("%s: action %d of %d", name, a, n)
			}
			used[a]++
			if i > 0 && a != s[i-1] {
				changes++
			}
		}
		kinds, between := n, [2]int{0, 0}
		switch name {
		case "idle":
			kinds = 1
			if s[0] != e.Spec().Default {
				t.Errorf("idle sends %d", s[0])
			}
		case "random": // 7 of 8 draws differ from the one before
			between = [2]int{total * 6 / 8, total}
		case "sticky": // a new draw after 15 on average
			between = [2]int{total / 20, total / 14}
		}
		if len(used) != kinds {
			t.Errorf("%s uses %d actions, want %d: %v", name, len(used), kinds, used)
		}
		if changes < between[0] || changes > between[1] {
			t.Errorf("%s changes its action %d times in %d", name, changes, total)
		}
	}
}
