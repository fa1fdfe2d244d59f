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

func (idle) Act(e env.Env, _ int, _ uint32) int { return e.Spec().Default }

type random struct {
	seed uint64
	rng  numpyrand.PCG64
}

func (b *random) Reset(seed uint64) { b.seed = seed }

func (b *random) Act(e env.Env, _ int, frame uint32) int {
	b.rng.SeedFrame(b.seed, frame)
	return b.rng.Below(len(e.Spec().Actions))
}

// A sticky bot takes another action in one of stickyMean frames, and in every one that stickyMax divides:
// so a frame's action is known from the frames since then, however many of them it was asked about. It
// keeps one for half a second on average at 30 frames a second: about as long as people hold a key.
const (
	stickyMean = 20
	stickyMax  = 60
)

type sticky struct {
	seed uint64
	rng  numpyrand.PCG64
}

func (b *sticky) Reset(seed uint64) { b.seed = seed }

func (b *sticky) Act(e env.Env, _ int, frame uint32) int {
	for f := frame; ; f-- {
		b.rng.SeedFrame(b.seed, f)
		if b.rng.Below(stickyMean) == 0 || f%stickyMax == 0 {
			return b.rng.Below(len(e.Spec().Actions))
		}
	}
}
