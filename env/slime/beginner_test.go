package slime

import (
	"math/rand/v2"
	"testing"

	"tandem/env"
	"tandem/env/envtest"
)

// beginner is somebody who has played for five minutes: sees where the ball will come down, runs there and a
// little behind it, so that it goes to the other side, and does not jump on purpose. What is seen is a quarter
// second old, the fingers change their mind five times a second at most, and every fifth time they press
// something else than was meant.
type beginner struct {
	rng  *rand.Rand
	seen [reaction]situation // the last ones, the oldest at frame % reaction
	keys buttons
}

const (
	reaction = 8 // frames: 267 ms
	fingers  = 6 // frames between two decisions
	wrong    = 5 // one in so many decisions
)

func (b *beginner) Reset(seed uint64) { *b = beginner{rng: rand.New(rand.NewPCG(seed, 1))} }

func (b *beginner) Act(e env.Env, agent int, frame uint32) int {
	now := &b.seen[frame%reaction]
	old := *now
	now.read(e.(*Env), agent)
	if frame%fingers == 0 && frame >= reaction {
		b.keys = b.decide(&old, now.bodies[self].x) // where the own fingers have brought one is felt
	}
	k := b.keys
	if onLeft(agent) { // human_inputs: left and right are the screen's
		k.forward, k.backward = k.backward, k.forward
	}
	return k.action()
}

func (b *beginner) decide(s *situation, x float64) (k buttons) {
	if b.rng.IntN(wrong) == 0 {
		return [...]buttons{{}, {forward: true}, {backward: true}, {jump: true}, {forward: true, jump: true}, {backward: true, jump: true}}[b.rng.IntN(6)]
	}
	ball := s.ball
	for ball.edges() == 0 {
		ball.fly()
		ball.meetStub()
	}
	to := homeAlone
	if ball.x > 0 {
		to = ball.x + 0.7
	}
	const near = fingers * stride / 2
	return buttons{forward: x-to > near, backward: to-x > near}
}

// games plays matches of five points, the bot on either side in turn, and counts those that the beginner wins.
func games(t testing.TB, bot string, n int) (won int) {
	t.Helper()
	e := newTest(t, Name)
	for seed := range uint64(n) {
		side := int(seed % 2)
		score := 0.0
		ace := slimeBot(t, e, bot, seed)
		one := new(beginner)
		one.Reset(seed)
		frame := uint32(0)
		for point := range uint64(defaultEpisodes) {
			e.Reset(seed*100 + point)
			for done := false; !done; frame++ {
				actions := make([]int, 2)
				actions[side], actions[1-side] = one.Act(e, side, frame), ace.Act(e, 1-side, frame)
				res := e.Step(actions)
				score += res.Rewards[side]
				done = res.Done()
			}
		}
		if score > 0 {
			won++
		}
	}
	return won
}

// A beginner wins against the easy one about as often as not, rarely against the others, and never learns to
// against the hard one.
func TestBeginner(t *testing.T) {
	if envtest.Fewer() {
		t.Skip("a handful of games decides nothing about levels; the full number is played without -race and -short")
	}
	for _, c := range []struct {
		bot         string
		least, most int // in 100 games
	}{{AceEasyName, 40, 70}, {AceName, 0, 25}, {AceHardName, 0, 10}} {
		won := games(t, c.bot, 200)
		t.Logf("a beginner wins %d of 200 games against %s", won, c.bot)
		if won < 2*c.least || won > 2*c.most {
			t.Errorf("a beginner wins %d of 200 games against %s, want %d to %d", won, c.bot, 2*c.least, 2*c.most)
		}
	}
}

// What a bot's slime does looks like somebody's hands: they press and let go a few times a second, the most in
// the seconds in which it places itself below the ball, and hardly ever go right back.
func TestNoTrembling(t *testing.T) {
	const (
		presses = 2.5 // a second, letting go included
		backs   = 0.5 // a second
		fastest = 10  // presses in any second: five times down and up
	)
	n := envtest.Games(40, 6)
	for _, bot := range []string{AceEasyName, AceName, AceHardName} {
		for _, against := range []string{bot, BaselineName} {
			e := newTest(t, Name)
			pressed, back, frames, most := 0, 0, 0, 0
			for seed := range uint64(n) {
				e.Reset(seed)
				a, b := slimeBot(t, e, bot, seed), slimeBot(t, e, against, seed+1000)
				var second [30]int // whether something was pressed in the last frames
				last, in := 0.0, 0
				for frame, done := uint32(0), false; !done; frame++ {
					done = e.Step([]int{a.Act(e, 0, frame), b.Act(e, 1, frame)}).Done()
					want, now := e.game.left.wantX, 0
					if want != last {
						now = 1
						pressed++
					}
					if want*last < 0 {
						back++
					}
					in += now - second[frame%30]
					second[frame%30], last = now, want
					most = max(most, in)
					frames++
				}
			}
			s := float64(frames) / 30
			t.Logf("%s against %s: %.1f presses a second, at most %d in one, %.2f times right back", bot, against, float64(pressed)/s, most, float64(back)/s)
			if float64(pressed)/s > presses || float64(back)/s > backs || most > fastest {
				t.Errorf("%s against %s trembles", bot, against)
			}
		}
	}
}
