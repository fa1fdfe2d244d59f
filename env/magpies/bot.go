package magpies

import (
	"tandem/env"
	"tandem/env/numpyrand"
)

// BotName is the bot that plays well enough to practise against.
const BotName = "magpie"

func init() {
	env.RegisterBot(env.BotRegistration{
		Name: BotName,
		Help: "goes for the nearest coin or victim and home with a full beak",
		Envs: []string{Name, Name + "/"}, StandIn: true,
		New: func() env.Bot { return new(Bot) },
	})
}

// Bot goes to the nearest coin, or to a magpie nearby that carries some, and home when it carries
// three, or two and the nest is near.
type Bot struct {
	seed uint64
	rng  numpyrand.PCG64
	dist [cells]uint8 // hops to the cell where it wants to go
	list [cells]uint8 // cells in the order in which they were reached
}

// Reset restarts the bot's randomness.
func (b *Bot) Reset(seed uint64) {
	b.seed = seed
}

// Act chooses the agent's action. It hops about as fast as a person does.
func (b *Bot) Act(e env.Env, agent int, frame uint32) int {
	b.rng.SeedFrame(b.seed, frame)
	g, ok := e.(*Env)
	if !ok {
		return e.Spec().Default
	}
	m := &g.magpies[agent]
	if m.tired > 0 || b.rng.Below(3) == 0 {
		return stay
	}
	b.measure(g, agent)
	goal := nests[agent]
	home := b.dist[goal]
	if m.carried < mostCarried && (m.carried < mostCarried-1 || home > 4) {
		best := uint8(unreached)
		for _, c := range g.scattered() {
			if b.dist[c] < best {
				best, goal = b.dist[c], c
			}
		}
		for i := range g.seats {
			if o := &g.magpies[i]; i != agent && o.carried > 0 && o.safe == 0 && b.dist[o.cell] < best {
				best, goal = b.dist[o.cell], o.cell
			}
		}
	}
	// Walk back from the goal.
	for b.dist[goal] > 1 && b.dist[goal] < unreached {
		for dir := up; dir <= right; dir++ {
			if to, ok := neighbour(goal, dir); ok && b.dist[to] == b.dist[goal]-1 && (to == m.cell || !taken(g, to)) {
				goal = to
				break
			}
		}
	}
	for dir := up; dir <= right; dir++ {
		if to, ok := neighbour(m.cell, dir); ok && to == goal {
			return dir
		}
	}
	return up + b.rng.Below(right)
}

const unreached = 255

// measure finds the number of hops from the agent to every cell, around the others' nests.
func (b *Bot) measure(g *Env, agent int) {
	for i := range b.dist {
		b.dist[i] = unreached
	}
	start := g.magpies[agent].cell
	b.dist[start] = 0
	b.list[0] = start
	for at, n := 0, 1; at < n; at++ {
		cell := b.list[at]
		for dir := up; dir <= right; dir++ {
			to, ok := neighbour(cell, dir)
			if !ok || b.dist[to] != unreached || owner[to] >= 0 && owner[to] != agent && owner[to] < g.seats {
				continue
			}
			b.dist[to] = b.dist[cell] + 1
			if taken(g, to) {
				continue // it can be reached, but not crossed
			}
			b.list[n] = to
			n++
		}
	}
}

func taken(g *Env, cell uint8) bool {
	for i := range g.seats {
		if g.magpies[i].cell == cell {
			return true
		}
	}
	return false
}
