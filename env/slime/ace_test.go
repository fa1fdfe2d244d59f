package slime

import (
	"testing"

	"tandem/env"
	_ "tandem/env/bots"
	"tandem/env/envtest"
)

func slimeBot(t testing.TB, e env.Env, name string, seed uint64) env.Bot {
	t.Helper()
	b, err := env.NewBot(name, e.Spec().Name)
	if err != nil {
		t.Fatal(err)
	}
	b.Reset(seed)
	return b
}

// points plays one point for every seed from first to last, the bot on the left for odd seeds and on the
// right for even ones, and returns how many it wins. Actions act delay frames late. A point that is
// not made within max_steps is nobody's.
func points(t testing.TB, name, bot, against string, first, last uint64, delay int) (won, lost int) {
	t.Helper()
	e := newTest(t, name)
	for seed := first; seed <= last; seed++ {
		e.Reset(seed)
		side := 1 - int(seed%2)
		var bots [2]env.Bot
		bots[side], bots[1-side] = slimeBot(t, e, bot, seed), slimeBot(t, e, against, seed+1000)
		late := make([][]int, delay, delay+1)
		for i := range late {
			late[i] = []int{0, 0}
		}
		for frame := uint32(0); ; frame++ {
			late = append(late, []int{bots[0].Act(e, 0, frame), bots[1].Act(e, 1, frame)})
			res := e.Step(late[0])
			late = append(late[:0], late[1:]...)
			if res.Done() {
				if res.Rewards[side] > 0 {
					won++
				} else if res.Rewards[side] < 0 {
					lost++
				}
				break
			}
		}
	}
	return won, lost
}

// Seeds 1 to 200, half of them from each side, for each level against the original's opponent.
func TestAceBeatsTheBaseline(t *testing.T) {
	for _, c := range []struct {
		bot         string
		least, most int // points won of 200
	}{
		{AceEasyName, 15, 60}, // somebody for a beginner: see TestBeginner
		{AceName, 135, 200},
		{AceHardName, 160, 200},
	} {
		for _, name := range variants {
			if envtest.Fewer() {
				if won, lost := points(t, name, c.bot, BaselineName, 1, 10, 0); won+lost != 10 {
					t.Errorf("%s: %d + %d of 10 points were made", name, won, lost)
				}
				continue
			}
			won, lost := points(t, name, c.bot, BaselineName, 1, 200, 0)
			t.Logf("%s: %s against the baseline %d : %d", name, c.bot, won, lost)
			if won < c.least || won > c.most {
				t.Errorf("%s: %s won %d of 200 points against the baseline, want %d to %d", name, c.bot, won, c.least, c.most)
			}
		}
	}
	if envtest.Fewer() {
		return
	}
	// From either side alike.
	for side, odd := range []bool{true, false} {
		won := 0
		for seed := uint64(1); seed <= 200; seed++ {
			if seed%2 == 1 == odd {
				w, _ := points(t, Name, AceName, BaselineName, seed, seed, 0)
				won += w
			}
		}
		if won < 60 {
			t.Errorf("side %d: %d of 100 points", side, won)
		}
	}
}

// A level plays better than the one below it.
func TestAceLevels(t *testing.T) {
	if envtest.Fewer() {
		t.Skip("a handful of points decides nothing about levels; the full number is played without -race and -short")
	}
	for _, c := range [][2]string{{AceHardName, AceName}, {AceName, AceEasyName}} {
		won, lost := points(t, Name, c[0], c[1], 1, 100, 0)
		t.Logf("%s against %s %d : %d", c[0], c[1], won, lost)
		if won < 58 {
			t.Errorf("%s won only %d of 100 points against %s", c[0], won, c[1])
		}
	}
}

// Through a network a bot sees its actions late. It finds out how late, and reckons with it.
func TestAceThroughDelay(t *testing.T) {
	for _, delay := range []int{3, 6, 12} {
		for bot, least := range map[string]int{AceName: 60, AceHardName: 75} {
			n := envtest.Games(100, 10)
			won, lost := points(t, Name, bot, BaselineName, 1, uint64(n), delay)
			t.Logf("delay %d: %s against the baseline %d : %d", delay, bot, won, lost)
			if won < least*n/100-envtest.Games(0, 2) {
				t.Errorf("delay %d: %s won only %d of 100 points", delay, bot, won)
			}
		}
	}
}

func TestAceFindsTheDelay(t *testing.T) {
	for _, delay := range []int{0, 1, 3, 7, longestDelay} {
		e := newTest(t, Name)
		bot := slimeBot(t, e, AceHardName, 1).(*Ace)
		late := make([]int, delay)
		for step := range 300 {
			late = append(late, bot.Act(e, 1, uint32(step)))
			if e.Step([]int{0, late[0]}).Done() {
				e.Restart()
			}
			late = late[1:]
		}
		if bot.delay.frames != delay {
			t.Errorf("a delay of %d frames is taken for %d", delay, bot.delay.frames)
		}
	}
}

// In the boost variant it uses its boost, and for an attack.
func TestAceBoosts(t *testing.T) {
	e := newTest(t, NameBoost)
	used, attacks := 0, 0
	for seed := uint64(1); seed <= 30; seed++ {
		e.Reset(seed)
		ace, other := slimeBot(t, e, AceHardName, seed), slimeBot(t, e, BaselineName, 1)
		for frame := uint32(0); ; frame++ {
			stock := e.game.right.stock
			res := e.Step([]int{other.Act(e, 0, frame), ace.Act(e, 1, frame)})
			if e.game.right.stock < stock {
				used++
			}
			if e.game.ball.speedFactor == boostFactor && e.game.right.timer > 0 && e.game.ball.vx < 0 {
				attacks++
			}
			if res.Done() {
				break
			}
		}
	}
	t.Logf("boosts in %d of 30 points; the ball flew to the other side boosted in %d frames", used, attacks)
	if used < 10 || attacks < used {
		t.Errorf("boosts in %d of 30 points; the ball flew to the other side boosted in %d frames", used, attacks)
	}
}

// doublesScore plays so many points of doubles and counts those of the left and the right side.
func doublesScore(t *testing.T, e *Doubles, n int, names [doublesSeats]string) (score [2]int) {
	t.Helper()
	e.Reset(1)
	var bots [doublesSeats]env.Bot
	for i := range bots {
		bots[i] = slimeBot(t, e, names[i], uint64(i))
	}
	actions := make([]int, doublesSeats)
	frame := uint32(0)
	for episode := uint64(2); score[0]+score[1] < n; frame++ {
		for i := range bots {
			actions[i] = bots[i].Act(e, i, frame)
		}
		res := e.Step(actions)
		if res.Rewards[0] > 0 {
			score[0]++
		} else if res.Rewards[0] < 0 {
			score[1]++
		}
		if res.Done() {
			e.Reset(episode)
			episode++
		}
	}
	return score
}

func TestAcesPlayDoubles(t *testing.T) {
	n := envtest.Games(40, 8)
	for _, options := range [][]string{nil, {"double_touch=1"}, {"human_inputs=0"}} {
		e := newDoublesTest(t, options...)
		for _, bot := range []string{AceName, AceHardName} {
			for side := range 2 {
				names := [doublesSeats]string{BaselineName, BaselineName, BaselineName, BaselineName}
				names[side], names[side+2] = bot, bot
				score := doublesScore(t, e, n, names)
				t.Logf("%v %v: %v", options, names, score)
				if score[side] < n*6/10-envtest.Games(0, 2) {
					t.Errorf("%v: %v: %v", options, names, score)
				}
			}
		}
	}
	e := newDoublesTest(t)
	if score := doublesScore(t, e, n, [doublesSeats]string{AceHardName, AceEasyName, AceHardName, AceEasyName}); score[0] < n*6/10-envtest.Games(0, 2) {
		t.Errorf("hard against easy: %v", score)
	}
	// Beside somebody who does nothing it does what one can do.
	if score := doublesScore(t, e, n, [doublesSeats]string{AceName, BaselineName, "idle", BaselineName}); score[0] < n/4-envtest.Games(0, 2) {
		t.Errorf("beside an idle team-mate: %v", score)
	} else {
		t.Logf("beside an idle team-mate: %v", score)
	}
}

// The same seed in the same game decides alike, after Reset and with another past.
func TestAceIsDeterministic(t *testing.T) {
	for _, name := range []string{Name, NameBoost, NameDoubles} {
		e, err := env.New(name, nil)
		if err != nil {
			t.Fatal(err)
		}
		bot := slimeBot(t, e, AceName, 3)
		var first []int
		for round := range 3 {
			e.Reset(5)
			bot.Reset(3)
			actions := make([]int, len(e.Spec().Agents))
			for step := range 400 {
				actions[0] = bot.Act(e, 0, uint32(step))
				actions[1] = step / 7 % baseActions
				if round == 0 {
					first = append(first, actions[0])
				} else if first[step] != actions[0] {
					t.Fatalf("%s, round %d, step %d: action %d, the first time %d", name, round, step, actions[0], first[step])
				}
				e.Step(actions)
			}
		}
	}
}

// BenchmarkAceServe decides about a serve, whose way is the longest that there is.
func BenchmarkAceServe(b *testing.B) {
	for _, name := range []string{Name, NameDoubles} {
		b.Run(name, func(b *testing.B) {
			e, err := env.New(name, nil)
			if err != nil {
				b.Fatal(err)
			}
			bot := slimeBot(b, e, AceHardName, 1)
			for seed := uint64(0); ; seed++ { // one that comes to the right side
				e.Reset(seed)
				bot.Act(e, 1, 0)
				if bot.(*Ace).planned {
					break
				}
			}
			b.ReportAllocs()
			for b.Loop() {
				bot.Act(e, 1, 0)
			}
		})
	}
}

// BenchmarkAce shows what a decision costs: it should stay below 50 µs.
func BenchmarkAce(b *testing.B) {
	for _, level := range []string{AceEasyName, AceName, AceHardName} {
		b.Run(level, func(b *testing.B) {
			e := newTest(b, Name)
			bots := [2]env.Bot{slimeBot(b, e, level, 1), slimeBot(b, e, level, 2)}
			b.ReportAllocs()
			n := 0
			for b.Loop() {
				if e.Step([]int{bots[0].Act(e, 0, uint32(n)), bots[1].Act(e, 1, uint32(n))}).Done() {
					e.Restart()
				}
				n += 2
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(n), "ns/decision")
		})
	}
}
