package magpies

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"strings"
	"testing"

	"tandem/env"
	_ "tandem/env/bots"
	"tandem/env/envtest"
	"tandem/env/numpyrand"
)

func newTest(t testing.TB, seats int) *Env {
	t.Helper()
	e, err := env.New(Name, env.Options{"seats": fmt.Sprint(seats)})
	if err != nil {
		t.Fatal(err)
	}
	return e.(*Env)
}

func at(row, col int) uint8 { return uint8(row*cols + col) }

// bare returns a game for two whose coins lie out of the way, in the middle row.
func bare(t testing.TB) *Env {
	e := newTest(t, 2)
	for i := range e.scattered() {
		e.coins[i] = at(4, 5+i)
	}
	return e
}

// hops lets a seat take actions, one every rest frames, and returns the sum of its rewards.
func hops(e *Env, seat int, actions ...int) (reward float64) {
	for _, a := range actions {
		both := make([]int, e.seats)
		both[seat] = a
		reward += e.Step(both).Rewards[seat]
		for range rest - 1 {
			reward += e.Step(make([]int, e.seats)).Rewards[seat]
		}
	}
	return reward
}

func TestGardenIsFair(t *testing.T) {
	for cell := range cells {
		if hedge[cell] != hedge[cells-1-cell] || (owner[cell] >= 0) != (owner[cells-1-cell] >= 0) {
			t.Errorf("cell %d differs from the one across", cell)
		}
	}
	// Every nest reaches every other cell, past all other nests.
	e := newTest(t, maxSeats)
	b := new(Bot)
	for seat := range maxSeats {
		for i := range e.magpies {
			e.magpies[i].cell = nests[i]
		}
		b.measure(e, seat)
		for cell := range cells {
			if reached := b.dist[cell] != unreached; reached != (!hedge[cell] && (owner[cell] < 0 || owner[cell] == seat)) {
				t.Errorf("seat %d reaches cell %d: %v", seat, cell, reached)
			}
		}
	}
}

func TestHops(t *testing.T) {
	e := bare(t)
	m := &e.magpies[0] // at its nest in the corner, row 0, column 0
	for _, c := range []struct {
		action int
		want   uint8
	}{
		{up, at(0, 0)}, {left, at(0, 0)}, // the garden's edge
		{down, at(1, 0)}, {right, at(1, 0)}, // a hedge
		{down, at(2, 0)}, {up, at(1, 0)}, {stay, at(1, 0)},
	} {
		if hops(e, 0, c.action); m.cell != c.want {
			t.Errorf("after %s: in cell %d, want %d", words[c.action], m.cell, c.want)
		}
	}

	// One hop in rest frames; the latest of those asked for meanwhile is done next.
	e = bare(t)
	m = &e.magpies[0]
	e.Step([]int{down, stay})
	for i, a := range []int{up, right, down} {
		e.Step([]int{a, stay})
		if m.cell != at(1, 0) {
			t.Fatalf("frame %d: hopped again to %d", i+2, m.cell)
		}
	}
	if e.Step([]int{stay, stay}); m.cell != at(2, 0) {
		t.Errorf("the hop that waited led to %d", m.cell)
	}
	for range 2 * rest {
		e.Step([]int{stay, stay})
	}
	if m.cell != at(2, 0) {
		t.Errorf("one press hopped on to %d", m.cell)
	}
}

func TestCoins(t *testing.T) {
	e := bare(t)
	m := &e.magpies[0]
	e.coins[0], e.coins[1], e.coins[2], e.coins[3] = at(0, 1), at(0, 2), at(0, 3), at(0, 4)
	if got := hops(e, 0, right, right, right); got != 0 || m.carried != 3 {
		t.Fatalf("after three coins: reward %v, %d carried", got, m.carried)
	}
	if hops(e, 0, right); m.carried != 3 || m.cell != at(0, 4) || e.coins[3] != at(0, 4) {
		t.Errorf("a fourth coin: %d carried, the coin at %d", m.carried, e.coins[3])
	}
	seen := map[uint8]bool{}
	for _, c := range e.scattered() {
		if hedge[c] || owner[c] >= 0 || seen[c] || c == at(0, 1) {
			t.Errorf("a coin at %d", c)
		}
		seen[c] = true
	}
	for i := range e.scattered() {
		e.coins[i] = at(4, 5+i) // out of the way again
	}
	if got := hops(e, 0, left, left, left, left); got != 6 || m.carried != 0 {
		t.Errorf("at the nest: reward %v, %d carried", got, m.carried)
	}
	for n, want := range worth {
		e := bare(t)
		e.magpies[1].cell, e.magpies[1].carried = at(7, 14), uint8(n)
		if got := hops(e, 1, down); got != want {
			t.Errorf("%d coins are worth %v, want %v", n, got, want)
		}
	}
}

func TestRobbery(t *testing.T) {
	e := bare(t)
	thief, victim := &e.magpies[0], &e.magpies[1]
	thief.cell, victim.cell, victim.carried = at(2, 3), at(2, 4), 2
	res := e.Step([]int{right, stay})
	if thief.carried != 1 || victim.carried != 1 || thief.cell != at(2, 3) {
		t.Fatalf("after a robbery: %+v, %+v", *thief, *victim)
	}
	if res.Infos[0][infoStolen] != 1 || res.Infos[1][infoRobbed] != 1 || res.Infos[0][infoCarried] != 1 || res.Infos[0][infoRobbed] != 0 {
		t.Errorf("infos %v", res.Infos)
	}
	frames := 0
	for ; victim.carried == 1; frames++ {
		if frames > 2*safeFrames {
			t.Fatal("it is never robbed again")
		}
		e.Step([]int{right, stay})
	}
	if frames < safeFrames-1 {
		t.Errorf("robbed again after %d frames", frames)
	}
	victim.carried, victim.safe, thief.carried, thief.tired = 1, 0, mostCarried, 0
	if e.Step([]int{right, stay}); victim.carried != 1 || thief.carried != mostCarried {
		t.Error("a full beak takes more")
	}

	// Nobody enters another's nest, though the nests of absent seats are free.
	e = bare(t)
	e.magpies[1].cell = at(0, 1)
	if hops(e, 1, left); e.magpies[1].cell != at(0, 1) {
		t.Error("it entered another's nest")
	}
	e.magpies[1].cell = at(0, 13)
	if hops(e, 1, right); e.magpies[1].cell != at(0, 14) {
		t.Error("it did not enter the nest of a seat that there is not")
	}
}

// Over many frames no seat hops first more often than another.
func TestNobodyIsAlwaysFirst(t *testing.T) {
	won := [2]int{}
	for frame := range uint32(20) {
		e := bare(t)
		e.frame = frame
		e.magpies[0].cell, e.magpies[1].cell = at(2, 3), at(2, 5)
		e.Step([]int{right, left}) // both want row 2, column 4
		for seat := range won {
			if e.magpies[seat].cell == at(2, 4) {
				won[seat]++
			}
		}
	}
	if won != [2]int{10, 10} {
		t.Errorf("of 20 races the seats won %v", won)
	}
}

func TestEpisodeEnds(t *testing.T) {
	e, err := env.New(NameFour, env.Options{"max_steps": "5"})
	if err != nil {
		t.Fatal(err)
	}
	for i := range 5 {
		if res := e.Step(make([]int, 4)); res.Done() != (i == 4) || res.Terminated[0] {
			t.Errorf("step %d: %+v", i+1, res)
		}
	}
}

// play steps with random actions and resets at the end of an episode.
func play(e *Env, g *numpyrand.PCG64, steps int, each func(actions []int)) {
	actions := make([]int, e.seats)
	for range steps {
		for i := range actions {
			actions[i] = g.Below(numActions)
		}
		if each != nil {
			each(actions)
		} else if e.Step(actions).Done() {
			e.Reset(g.Next64())
		}
	}
}

// TestTrace compares long games with their recording.
func TestTrace(t *testing.T) {
	var got strings.Builder
	fmt.Fprintf(&got, "magpies version %d: seats, steps, SHA-256 of the states and results so far\n", version)
	for _, seats := range []int{2, 5, maxSeats} {
		e := newTest(t, seats)
		e.Reset(uint64(seats))
		g := numpyrand.New(7)
		h := sha256.New()
		n := 0
		play(e, &g, 4000, func(actions []int) {
			res := e.Step(actions)
			fmt.Fprintf(h, "%x %v %v %v\n", e.AppendState(nil), res.Rewards, res.Infos, e.Observe(n%seats, nil))
			if n++; n%500 == 0 {
				fmt.Fprintf(&got, "%d %d %x\n", seats, n, h.Sum(nil)[:16])
			}
			if res.Done() {
				e.Reset(uint64(n))
			}
		})
	}
	envtest.Trace(t, "testdata/trace.txt", got.String())
}

func TestSetStateRefuses(t *testing.T) {
	e := newTest(t, 3)
	g := numpyrand.New(1)
	play(e, &g, 500, nil)
	good := e.AppendState(nil)
	other := newTest(t, 3)
	const magpieAt, coinsAt = 2 + 4 + 2, 2 + 4 + 2 + 6*3 + 2
	for what, change := range map[string]func(b []byte){
		"a frame too far":          func(b []byte) { b[5] = 0xff },
		"outside the garden":       func(b []byte) { b[magpieAt] = cells },
		"in a hedge":               func(b []byte) { b[magpieAt] = at(1, 1) },
		"in another's nest":        func(b []byte) { b[magpieAt] = nests[1] },
		"on one another":           func(b []byte) { b[magpieAt] = b[magpieAt+1] },
		"facing nowhere":           func(b []byte) { b[magpieAt+3] = stay },
		"hopping nowhere":          func(b []byte) { b[magpieAt+6] = numActions },
		"carrying too much":        func(b []byte) { b[magpieAt+9] = mostCarried + 1 },
		"too tired":                func(b []byte) { b[magpieAt+12] = rest + 1 },
		"too safe":                 func(b []byte) { b[magpieAt+15] = safeFrames + 1 },
		"a coin in a hedge":        func(b []byte) { b[coinsAt] = at(1, 1) },
		"a coin in a nest":         func(b []byte) { b[coinsAt] = nests[7] },
		"a coin outside":           func(b []byte) { b[coinsAt] = cells },
		"two coins in one place":   func(b []byte) { b[coinsAt] = b[coinsAt+1] },
		"an even increment":        func(b []byte) { b[len(b)-37+24] &^= 1 },
		"a section's wrong length": func(b []byte) { b[0]++ },
	} {
		bad := bytes.Clone(good)
		change(bad)
		if bytes.Equal(bad, good) {
			t.Errorf("%s: the test changes nothing", what)
		}
		envtest.WantRefused(t, other, what, bad, "")
	}
	if err := other.SetState(good); err != nil || !bytes.Equal(other.AppendState(nil), good) {
		t.Errorf("the good state: %v", err)
	}
}

// Who robs from within the nest has coins there until the next time it comes home: a state like any other.
func TestRobsFromTheNest(t *testing.T) {
	e := newTest(t, 2)
	thief, victim := &e.magpies[0], &e.magpies[1]
	dir, beside := 0, uint8(0)
	for d := range numActions {
		if to, ok := neighbour(thief.cell, d); d != stay && ok {
			dir, beside = d, to
		}
	}
	victim.cell, victim.carried = beside, 2
	if r := e.Step([]int{dir, stay}); thief.cell != nests[0] || thief.carried != 1 || r.Rewards[0] != 0 {
		t.Fatalf("the thief is at %d with %d coins, reward %v", thief.cell, thief.carried, r.Rewards[0])
	}
	if err := newTest(t, 2).SetState(e.AppendState(nil)); err != nil {
		t.Error(err)
	}
}

func FuzzSetState(f *testing.F) {
	e := newTest(f, 4)
	g := numpyrand.New(1)
	for range 30 {
		play(e, &g, 40, nil)
		f.Add(e.AppendState(nil))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		e.Reset(1)
		if !envtest.Takes(t, e, data) || e.frame > maxFrame-50 {
			return
		}
		g := numpyrand.New(2)
		play(e, &g, 40, func(actions []int) { e.Step(actions) })
		envtest.TakesOwn(t, e)
	})
}

func TestBotBeatsRandom(t *testing.T) {
	e := newTest(t, 3)
	scores := [3]float64{}
	bots := make([]env.Bot, 3)
	for i, name := range []string{BotName, "random", "sticky"} {
		b, err := env.NewBot(name, Name)
		if err != nil {
			t.Fatal(err)
		}
		b.Reset(uint64(i))
		bots[i] = b
	}
	actions := make([]int, 3)
	for step := range 5400 {
		for i, b := range bots {
			actions[i] = b.Act(e, i, uint32(step))
		}
		for i, r := range e.Step(actions).Rewards {
			scores[i] += r
		}
		if step%1800 == 1799 {
			e.Reset(uint64(step))
		}
	}
	t.Logf("in 3 minutes: %v", scores)
	if scores[0] < 150 || scores[0] < 3*(scores[1]+scores[2]) {
		t.Errorf("the bot, random and sticky scored %v", scores)
	}
}

func TestHotPathsDoNotAllocate(t *testing.T) {
	e := newTest(t, maxSeats)
	g := numpyrand.New(3)
	actions := make([]int, maxSeats)
	saved := e.AppendState(nil)
	for i := range e.magpies {
		e.magpies[i].carried = mostCarried
	}
	envtest.HotPathsDoNotAllocate(t, e, saved, func() {
		for i := range actions {
			actions[i] = g.Below(numActions)
		}
		e.Step(actions)
	})
}

func BenchmarkStep(b *testing.B) {
	e := newTest(b, 4)
	g := numpyrand.New(3)
	all := make([][4]int, 4096)
	for i := range all {
		for k := range all[i] {
			all[i][k] = g.Below(numActions)
		}
	}
	i := 0
	b.ReportAllocs()
	for b.Loop() {
		if e.Step(all[i%len(all)][:]).Done() {
			e.Reset(uint64(i))
		}
		i++
	}
}
