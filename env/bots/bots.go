package bots

import (
	"tandem/env"
	"tandem/env/numpyrand"
)

func init() {
	env.RegisterBot(env.BotRegistration{
		Name: "idle", Help: "sends the default action and nothing else",
		New: func() env.Bot { return idle{} },
	})
	env.RegisterBot(env.BotRegistration{
		Name: "random", Help: "sends a random action in every frame",
		New: func() env.Bot { return &random{rng: numpyrand.New(0)} },
	})
	env.RegisterBot(env.BotRegistration{
		Name: "sticky", Help: "repeats a random action for a random while",
		New: func() env.Bot { return &sticky{rng: numpyrand.New(0)} },
	})
}

type idle struct{}

func (idle) Reset(uint64) {}

func (idle) Act(e env.Env, agent int) int { return e.Spec().Default }

type random struct{ rng numpyrand.PCG64 }

func (b *random) Reset(seed uint64) { b.rng.Seed(seed) }

func (b *random) Act(e env.Env, agent int) int { return b.rng.Below(len(e.Spec().Actions)) }

// A sticky bot keeps an action for 1 to stickyMax decisions, half a second on average at 30 a
// second: about as long as people hold a key.
const stickyMax = 29

type sticky struct {
	rng    numpyrand.PCG64
	action int
	left   int // decisions for which action is still repeated
}

func (b *sticky) Reset(seed uint64) {
	b.rng.Seed(seed)
	b.action, b.left = 0, 0
}

func (b *sticky) Act(e env.Env, agent int) int {
	n := len(e.Spec().Actions)
	if b.left == 0 || b.action >= n {
		b.action = b.rng.Below(n)
		b.left = 1 + b.rng.Below(stickyMax)
	}
	b.left--
	return b.action
}
