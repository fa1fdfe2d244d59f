package slime

import (
	"tandem/env"
	"tandem/env/numpyrand"
)

// Names of the bots that plan ahead, by level.
const (
	AceEasyName = "ace_easy"
	AceName     = "ace"
	AceHardName = "ace_hard"
)

// skill is what distinguishes the levels.
type skill struct {
	every int     // decisions for which a choice is kept: how quick it is
	plans int     // plans that are tried for each choice: how well it finds the spot
	jumps bool    // whether it leaves the ground
	blur  float64 // how far, in units, it misjudges where it stands best
}

func init() {
	for _, b := range []struct {
		name, help string
		skill      skill
	}{
		{AceEasyName, "returns the ball, slowly and from the ground", skill{every: 12, plans: 2, blur: 2.5}},
		{AceName, "plans where to hit the ball and when to jump", skill{every: 3, plans: 8, jumps: true, blur: 0.35}},
		{AceHardName, "plans as well as it can in every frame", skill{every: 1, plans: 14, jumps: true}},
	} {
		env.RegisterBot(env.BotRegistration{
			Name: b.name, Help: b.help,
			Envs: []string{Name, Name + "/"}, StandIn: b.name == AceName,
			New: func() env.Bot { return newAce(b.skill) },
		})
	}
}

// Ace plays Slime Volleyball by planning: it follows the ball with the game's own physics, tries out
// ways to meet it and keeps the best. What it does with the ball in play is judged by where the ball
// would come down, and who could be there. It plays every variant; in doubles it leaves the ball to
// the team-mate where that one is nearer.
//
// Its plans are drawn from a generator of its own: the same seed in the same game decides alike.
type Ace struct {
	skill skill
	seed  uint64
	rng   numpyrand.PCG64
	delay delay

	best    plan // kept from decision to decision, one frame older each time
	planned bool
	wait    int     // decisions until the next choice
	blur    float64 // by how much it misjudges the place this time
	mateAt  body
	still   int // decisions for which the team-mate has not moved

	s    situation
	path [horizon]ball // where the ball is in each frame from now on, if nobody meets it
	fall int           // the frame in which it then lands
}

func newAce(s skill) *Ace {
	b := &Ace{skill: s, rng: numpyrand.New(0)}
	b.Reset(0)
	return b
}

// Reset forgets everything.
func (b *Ace) Reset(seed uint64) {
	*b = Ace{skill: b.skill, seed: seed}
}

// Act chooses the agent's action.
func (b *Ace) Act(e env.Env, agent int, frame uint32) int {
	b.rng.SeedFrame(b.seed, frame)
	swap := false
	switch e := e.(type) {
	case *Env:
		b.s.read(e, agent)
		swap = e.swapLeft
	case *Doubles:
		b.s.readDoubles(e, agent)
		swap = e.swapLeft
	default:
		return e.Spec().Default
	}
	b.watch()
	b.delay.observe(&b.s.bodies[self])
	b.s.forward(&b.delay)
	b.best.at--
	b.best.jump--
	if b.wait--; b.wait <= 0 {
		b.wait = b.skill.every
		b.choose()
	}
	keys := b.keys()
	b.delay.did(keys)
	keys.boost = keys.boost && b.s.boosts > 0
	if swap && onLeft(agent) {
		keys.forward, keys.backward = keys.backward, keys.forward
	}
	return keys.actionBoost()
}

// actionBoost returns the action that has the effect of these buttons.
func (b buttons) actionBoost() int {
	a := b.action()
	if b.boost {
		a += baseActions
	}
	return a
}
