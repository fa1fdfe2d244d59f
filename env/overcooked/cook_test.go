package overcooked

import (
	"slices"
	"testing"

	"tandem/env"
	_ "tandem/env/bots"
	"tandem/env/envtest"
)

var cooks = []string{CookEasyName, CookName, CookHardName}

// match plays an episode with a bot on every seat, the list repeated, and returns the soups
// delivered.
func match(t testing.TB, layout string, seed uint64, bots ...string) int {
	t.Helper()
	return matchOn(t, newTest(t, layout), seed, nil, bots...)
}

// matchOn is match on an environment; it shows each the actions of every step, which it may change.
func matchOn(t testing.TB, e *Env, seed uint64, each func(actions []int), bots ...string) int {
	t.Helper()
	e.Reset(seed)
	players := make([]env.Bot, len(e.agents))
	for i := range players {
		players[i] = newBot(t, e, bots[i%len(bots)], seed*100+uint64(i))
	}
	actions := make([]int, len(players))
	soups := 0.0
	for frame := uint32(0); ; frame++ {
		for i, b := range players {
			actions[i] = b.Act(e, i, frame)
		}
		if each != nil {
			each(actions)
		}
		res := e.Step(actions)
		soups += res.Rewards[0]
		if res.Done() {
			return int(soups)
		}
	}
}

func newBot(t testing.TB, e *Env, name string, seed uint64) env.Bot {
	t.Helper()
	b, err := env.NewBot(name, e.spec.Name)
	if err != nil {
		t.Fatal(err)
	}
	b.Reset(seed)
	return b
}

// series plays seeds 1 to n, fewer of a party, where every game has many cooks and takes as long.
func series(t *testing.T, layout string, n int, bots ...string) (soups []int, least int) {
	t.Helper()
	if newTest(t, layout).layout.id >= referenceLayouts {
		n = min(n, 2)
	}
	n = envtest.Games(n, 1)
	for seed := range uint64(n) {
		soups = append(soups, match(t, layout, seed+1, bots...))
	}
	t.Logf("%-22s %v: soups %v", layout, bots, soups)
	return soups, slices.Min(soups)
}

// What cooks of each level deliver in 1,350 steps with others like them, at the least.
var leastSoups = map[string][3]int{ // easy, normal, hard
	"cramped_room":          {5, 12, 25},
	"asymmetric_advantages": {4, 12, 30},
	"coordination_ring":     {4, 10, 28},
	"forced_coordination":   {4, 12, 30},
	"counter_circuit":       {3, 8, 22},
	"party_3":               {7, 18, 50},
	"party_4":               {8, 20, 55},
	"party_8":               {14, 35, 90},
}

func TestCooksDeliver(t *testing.T) {
	for _, l := range layouts {
		if envtest.Fewer() && l.seats > 4 {
			continue
		}
		for level, bot := range cooks {
			if _, least := series(t, l.name, 6, bot); least < leastSoups[l.name][level] {
				t.Errorf("%s: %s delivered only %d, want %d", l.name, bot, least, leastSoups[l.name][level])
			}
		}
		if _, least := series(t, l.name, 4, CookEasyName, CookHardName); least < leastSoups[l.name][0] {
			t.Errorf("%s: cooks of different levels delivered only %d", l.name, least)
		}
	}
}

// possible reports whether one cook alone can make a soup from where it stands while the others
// never move: it reaches onions, plates, a pot and a delivery.
func possible(e *Env, me int) bool {
	p := newPlan(e.layout)
	for i := range p.posts {
		p.posts[i] = i != me
	}
	p.make(e, make([]trust, len(e.agents)))
	for _, k := range []kind{onionStack, plateStack, pot, delivery} {
		if p.nearest(me, k) < 0 {
			return false
		}
	}
	return true
}

// Beside somebody who never moves a cook does all the work, in either seat, unless that one stands
// in the only way.
func TestCookBesideIdle(t *testing.T) {
	for _, l := range layouts[:referenceLayouts] {
		if l.name == "forced_coordination" {
			continue // nobody can cook alone there
		}
		var soups []int
		blocked := 0
		for game := range envtest.Games(14, 2) {
			seed, me := uint64(1+game/2), game%2
			e := newTest(t, l.name)
			e.Reset(seed)
			if !possible(e, me) {
				blocked++
				continue
			}
			bots := []string{CookName, "idle"}
			if me == 1 {
				bots[0], bots[1] = bots[1], bots[0]
			}
			n := matchOn(t, e, seed, nil, bots...)
			soups = append(soups, n)
			if n < 3 {
				t.Errorf("%s, seed %d, seat %d: %d soups", l.name, seed, me, n)
			}
		}
		t.Logf("%-22s soups %v; in %d more the other stood in the only way", l.name, soups, blocked)
		if len(soups) < envtest.Games(5, 0) {
			t.Errorf("%s: only %d games", l.name, len(soups))
		}
	}
	for _, l := range layouts[referenceLayouts:] {
		if _, least := series(t, l.name, 2, CookName, "idle"); least < 10 {
			t.Errorf("%s: only %d soups by half of the cooks", l.name, least)
		}
	}
}

// Beside somebody who does odd things the work goes on.
func TestCookBesideOddPlayers(t *testing.T) {
	for _, l := range layouts {
		for _, bot := range cooks[1:] {
			for _, odd := range []string{"random", "sticky"} {
				if envtest.Fewer() && (l.seats > 4 || odd == "sticky") {
					continue
				}
				if l.name == "forced_coordination" {
					continue // below
				}
				soups, least := series(t, l.name, 8, bot, odd)
				sum := 0
				for _, s := range soups {
					sum += s
				}
				if len(soups) > 1 && (least < 1 || sum < 3*len(soups)) {
					t.Errorf("%s: %s with %s: %v", l.name, bot, odd, soups)
				}
			}
		}
	}
	// In half of forced_coordination a cook depends on what comes over the counter.
	if envtest.Fewer() {
		return // one game may go without a soup
	}
	if soups, _ := series(t, "forced_coordination", 8, CookName, "random"); slices.Max(soups) < 1 {
		t.Errorf("forced_coordination: no soup at all: %v", soups)
	}
	if soups, _ := series(t, "forced_coordination", 8, "random", CookName); slices.Max(soups) < 1 {
		t.Errorf("forced_coordination, other half: no soup at all: %v", soups)
	}
}

// A cook sees what it did only some frames later. It waits for that, and for no longer than it
// takes.
func TestCookThroughDelay(t *testing.T) {
	for _, l := range layouts {
		for delay, least := range map[int]int{3: 4, 6: 2} {
			if envtest.Fewer() && l.seats > 4 {
				continue
			}
			for seed := range uint64(envtest.Games(3, 1)) {
				e := newTest(t, l.name)
				var late [][]int
				soups := matchOn(t, e, seed+1, func(actions []int) {
					late = append(late, append([]int(nil), actions...))
					for i := range actions {
						actions[i] = noop
					}
					if len(late) > delay {
						copy(actions, late[0])
						late = late[1:]
					}
				}, CookName)
				t.Logf("%s, delay %d, seed %d: %d soups", l.name, delay, seed+1, soups)
				if soups < least {
					t.Errorf("%s: only %d soups through a delay of %d", l.name, soups, delay)
				}
				if l.name == "cramped_room" && delay == 3 && soups < 8 {
					t.Errorf("%s: only %d soups at the usual delay", l.name, soups)
				}
			}
		}
	}
}

// The same seed gives the same game, also after Reset and with another past.
func TestCookIsDeterministic(t *testing.T) {
	for _, l := range layouts {
		var first []int
		e := newTest(t, l.name)
		b := newBot(t, e, CookName, 5)
		other := newBot(t, e, "random", 6)
		for round := range 2 {
			e.Reset(9)
			b.Reset(5)
			other.Reset(6)
			for step := range 600 {
				actions := make([]int, len(e.agents))
				for i := range actions {
					actions[i] = noop
				}
				actions[0], actions[1] = b.Act(e, 0, uint32(step)), other.Act(e, 1, uint32(step))
				if round == 0 {
					first = append(first, actions[0])
				} else if actions[0] != first[step] {
					t.Fatalf("%s: step %d: %d, the first time %d", l.name, step, actions[0], first[step])
				}
				e.Step(actions)
			}
		}
	}
}

// In a corridor one cell wide, the one with the more urgent task pushes the other before it.
func TestCookGivesWay(t *testing.T) {
	e := newTest(t, "coordination_ring")
	e.Reset(1)
	at := func(row, col int) int { return row*e.layout.cols + col }
	e.agents[0] = cook{cell: at(2, 2), dir: right, held: soup} // wants (4,3), either way round
	e.agents[1] = cook{cell: at(3, 2), dir: up}                // stands in the shorter one
	bots := []env.Bot{newBot(t, e, CookHardName, 1), newBot(t, e, CookHardName, 2)}
	for step := range 60 {
		if e.Step([]int{bots[0].Act(e, 0, uint32(step)), bots[1].Act(e, 1, uint32(step))}).Rewards[0] == 1 {
			t.Logf("delivered in step %d", step+1)
			return
		}
	}
	t.Errorf("not delivered: %+v", e.agents)
}

// Who stands in a blind alley is let out.
func TestCookLetsOut(t *testing.T) {
	e := newTest(t, "asymmetric_advantages")
	e.Reset(1)
	at := func(row, col int) int { return row*e.layout.cols + col }
	e.agents[0] = cook{cell: at(2, 8), dir: up}
	e.agents[1] = cook{cell: at(3, 8), dir: up, held: soup}
	if !e.layout.ways.blind[at(2, 8)] || e.layout.ways.blind[at(3, 8)] {
		t.Fatal("the alley is not where the test thinks")
	}
	bots := []env.Bot{newBot(t, e, CookEasyName, 1), newBot(t, e, CookHardName, 2)}
	for step := range 90 {
		if e.Step([]int{bots[0].Act(e, 0, uint32(step)), bots[1].Act(e, 1, uint32(step))}).Rewards[0] == 1 {
			return
		}
	}
	t.Errorf("not delivered: %+v", e.agents)
}

func TestCooksPlayOvercookedOnly(t *testing.T) {
	for _, name := range cooks {
		if _, err := env.NewBot(name, "slime"); err == nil {
			t.Errorf("%s plays slime", name)
		}
	}
}

func TestCookDoesNotAllocate(t *testing.T) {
	for _, l := range layouts {
		e := newTest(t, l.name)
		b := newBot(t, e, CookHardName, 1)
		others := newBot(t, e, "sticky", 2)
		actions := make([]int, len(e.agents))
		frame := uint32(0)
		if n := testing.AllocsPerRun(2000, func() {
			frame++
			actions[0] = b.Act(e, 0, frame)
			for i := range actions[1:] {
				actions[1+i] = others.Act(e, 1+i, frame)
			}
			e.Step(actions)
		}); n != 0 {
			t.Errorf("%s: a decision allocates %v times", l.name, n)
		}
	}
}

// BenchmarkCook shows what a decision costs: it should stay below 50 µs.
func BenchmarkCook(b *testing.B) {
	for _, name := range benchmarked {
		b.Run(name, func(b *testing.B) {
			e := newTest(b, name)
			bots := make([]env.Bot, len(e.agents))
			for i := range bots {
				bots[i] = newBot(b, e, CookHardName, uint64(i))
			}
			actions := make([]int, len(bots))
			b.ReportAllocs()
			n := 0
			for b.Loop() {
				for i := range bots {
					actions[i] = bots[i].Act(e, i, uint32(n))
				}
				if e.Step(actions).Done() {
					e.Restart()
				}
				n += len(bots)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(n), "ns/decision")
		})
	}
}
