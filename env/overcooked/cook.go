package overcooked

import (
	"tandem/env"
	"tandem/env/numpyrand"
)

// Names of the bots.
const (
	CookName     = "cook"
	CookEasyName = "cook_easy"
	CookHardName = "cook_hard"
)

// skill is what makes a cook better or worse. All plan the same way.
type skill struct {
	pace  int  // decisions from one action to the next; people press a key ten times a second at best
	ahead bool // fetches onions for the next soup while pots are still cooking
}

func init() {
	for _, b := range []struct {
		name, help string
		skill      skill
	}{
		{CookEasyName, "cooks at leisure: four actions a second", skill{pace: 7}},
		{CookName, "cooks as briskly as a practised person: ten actions a second", skill{pace: 3}},
		{CookHardName, "cooks as fast as the connection lets it, and fetches ahead", skill{pace: 1, ahead: true}},
	} {
		env.RegisterBot(env.BotRegistration{
			Name: b.name, Help: b.help, Envs: []string{Family}, StandIn: b.name == CookName,
			New: func() env.Bot { return &Cook{skill: b.skill, rng: numpyrand.New(0)} },
		})
	}
}

// Cook is a bot that plays any kitchen with any company. It plans the work of all cooks from the
// state alone and does its own share, so several of them agree without a word; what the others do
// instead it learns by watching them.
type Cook struct {
	skill skill
	seed  uint64
	rng   numpyrand.PCG64 // only for steps out of a jam

	layout *layout // what the rest is made for
	agent  int
	plan   *plan
	mates  []mate
	trust  []trust
	t      uint32

	// An action shows in the state only after the way through the network, so the cook waits for its
	// effect, as long as effects have taken so far, before it acts again.
	acted   cook // how I was when I last acted
	since   int  // decisions since then
	pending bool
	lag     int
	pause   int // decisions until the next action may come

	last   int // the target of the last plan
	same   int // decisions in which I wanted something and nothing changed for me
	bored  int // decisions in which the others seemed to do all there is
	alone  int // decisions for which I count on nobody
	before cook
	aside  int // random steps still to make

	came  [2]cook // how I was before my last two steps, the later first
	doubt int     // decisions for which I do not go to and fro with the same in my hands
}

// mate is what the cook knows of another one.
type mate struct {
	cook
	still   int // steps in which it has not changed
	useless int // steps in which it has brought nothing on its way
	stuck   int // steps in which it should have moved, to where it is needed or out of the way
}

// In steps of 1/30 s.
const (
	asleep       = 45  // without any change: a bystander
	unhelpful    = 300 // without anything useful: only a helper
	immovable    = 15  // without a move that was due: an obstacle
	patience     = 45  // with nothing to do before I stop counting on others
	selfReliant  = 90  // and for so long
	jam          = 30  // without any progress before I step aside; more than immovable
	longestLag   = 30  // that I wait for an effect
	longestAside = 6   // steps
	secondWish   = 10  // before going to and fro: plans may change in every frame, hands do not
	firstLag     = 10  // until an effect has been seen
)

// Reset forgets everything.
func (b *Cook) Reset(seed uint64) {
	*b = Cook{skill: b.skill, seed: seed, layout: b.layout, plan: b.plan, mates: b.mates, trust: b.trust}
	b.agent = -1
}

// Act chooses the agent's action.
func (b *Cook) Act(e env.Env, agent int, frame uint32) int {
	b.rng.SeedFrame(b.seed, frame)
	k, ok := e.(*Env)
	if !ok {
		return e.Spec().Default
	}
	if b.layout != k.layout {
		b.layout, b.plan = k.layout, newPlan(k.layout)
		b.mates, b.trust = make([]mate, k.layout.seats), make([]trust, k.layout.seats)
		b.agent = -1
	}
	if b.agent != agent || k.t < b.t {
		b.meet(k, agent)
	}
	b.t = k.t
	b.watch(k)
	if !b.ready(&k.agents[agent]) {
		return noop
	}
	a := b.choose(k)
	if a != noop {
		b.acted, b.pending, b.since = k.agents[agent], true, 0
		b.pause = b.skill.pace
	}
	return a
}

// meet begins an episode or another seat.
func (b *Cook) meet(k *Env, agent int) {
	b.agent = agent
	b.pending, b.pause, b.lag = false, 0, firstLag
	b.same, b.bored, b.alone, b.aside, b.last, b.doubt = 0, 0, 0, 0, -1, 0
	for i := range b.mates {
		b.mates[i] = mate{cook: k.agents[i]}
	}
	b.before = k.agents[agent]
}

// watch learns from what has changed since the last decision.
func (b *Cook) watch(k *Env) {
	for i := range b.mates {
		m, now := &b.mates[i], k.agents[i]
		m.still++
		m.useless++
		if m.cook.cell != now.cell {
			m.stuck = 0
		}
		if m.cook != now {
			m.still = 0
			if b.helped(k, m.cook, now) {
				m.useless = 0
			}
		}
		m.cook = now
	}
}

// helped reports whether a cook has brought something on its way.
func (b *Cook) helped(k *Env, was, now cook) bool {
	if was.held == now.held {
		return false
	}
	front := k.front(&now)
	switch k.layout.kinds[front] {
	case pot, delivery:
		return true
	case counter:
		beside := k.layout.ways.beside[front]
		return now.held == nothing && beside&(beside-1) != 0 // handed over
	}
	return false
}

// ready reports whether the last action has shown its effect, or will not any more, and the pace
// allows another.
func (b *Cook) ready(me *cook) bool {
	b.pause--
	if b.pending {
		b.since++
		switch {
		case *me != b.acted:
			b.pending = false
			b.lag = b.since
		case b.since > b.lag+b.lag/2:
			b.pending = false // it has changed nothing, or its way has become longer
			b.lag = min(b.lag+1, longestLag)
		}
	}
	return !b.pending && b.pause <= 0
}

// choose plans and turns my part of the plan into an action.
func (b *Cook) choose(k *Env) int {
	p := b.plan
	p.me, p.last, p.ahead = b.agent, b.last, b.skill.ahead
	for i := range b.mates {
		m := &b.mates[i]
		p.posts[i] = i != b.agent && m.stuck > immovable
		switch {
		case i == b.agent:
			b.trust[i] = worker
		case m.still >= asleep:
			b.trust[i] = bystander
		case b.alone > 0 || m.useless >= unhelpful:
			b.trust[i] = helper
		default:
			b.trust[i] = worker
		}
	}
	p.make(k, b.trust)

	me, mine := &k.agents[b.agent], &p.tasks[b.agent]
	b.last = mine.target
	passed := max(b.skill.pace, b.since)
	for i := range b.mates {
		if p.next[i] != k.agents[i].cell {
			b.mates[i].stuck += passed
		}
	}
	if b.doubt--; me.cell != b.before.cell {
		b.came, b.doubt = [2]cook{b.before, b.came[0]}, secondWish
	}
	b.mood(me, mine, passed)
	if b.same > jam || b.aside > 0 {
		return b.stepAside()
	}
	if next := p.next[b.agent]; next != me.cell {
		if b.doubt > 0 && next == b.came[0].cell && me.cell == b.came[1].cell && me.held == b.came[0].held && me.held == b.came[1].held {
			return noop
		}
		return b.moveTo(k.layout, next-me.cell)
	}
	if mine.drop {
		return b.dropHere(k, me)
	}
	if mine.target < 0 {
		return noop
	}
	for dir, step := range k.layout.step {
		if me.cell+step != mine.target {
			continue
		}
		switch {
		case int(me.dir) != dir:
			return b.moveTo(k.layout, step) // turns, because the way is blocked
		case !mine.wait:
			return pickupDrop
		}
	}
	return noop
}

// mood counts how long I have been in a jam and how long without work.
func (b *Cook) mood(me *cook, mine *task, passed int) {
	if *me != b.before || mine.target < 0 || mine.wait {
		b.same = 0
	} else {
		b.same += passed
	}
	b.before = *me
	b.alone -= passed
	if mine.target >= 0 || mine.drop {
		b.bored = 0
		return
	}
	if b.bored += passed; b.bored > patience {
		b.bored, b.alone = 0, selfReliant
		for i := range b.mates {
			b.mates[i].stuck = 0 // two who take each other for obstacles may do so for ever
		}
	}
}

func (b *Cook) moveTo(l *layout, step int) int {
	for action, dir := range heading {
		if l.step[dir] == step {
			return action
		}
	}
	return noop
}

// dropHere puts what I hold on the floor in front, or turns until there is some.
func (b *Cook) dropHere(k *Env, me *cook) int {
	if f := k.front(me); k.walkable(f) && !k.standing(k.agents, f) {
		return pickupDrop
	}
	return b.rng.Below(moveRight + 1)
}

// stepAside is the way out of a jam that the plan does not see: a few random steps, so that whoever
// is behind can come out.
func (b *Cook) stepAside() int {
	if b.aside == 0 {
		b.same, b.aside = b.rng.Below(jam/2), 1+b.rng.Below(longestAside)
	}
	b.aside--
	return b.rng.Below(moveRight + 1)
}
