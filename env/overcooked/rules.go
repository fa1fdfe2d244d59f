package overcooked

import "tandem/env/numpyrand"

const (
	potCapacity = 3  // onions of a soup
	cookingTime = 30 // steps from the last onion to the soup
)

// movement is a cook's wish to change cells.
type movement struct{ agent, target int }

// move turns the cooks and moves those who can. Everyone whose way is free of objects wants the
// cell in front; in a random order each gets it unless a cook stands there then: one who has
// moved in already, or one who has not left yet.
func (e *Env) move(actions []int) {
	e.movers = e.movers[:0]
	for i := range e.agents {
		if actions[i] > moveRight {
			continue
		}
		a := &e.agents[i]
		a.dir = heading[actions[i]]
		if target := e.front(a); e.walkable(target) {
			e.movers = append(e.movers, movement{i, target})
		}
	}
	numpyrand.Shuffle(&e.rng, e.movers)
	for _, m := range e.movers {
		if !e.standing(e.agents, m.target) {
			e.agents[m.agent].cell = m.target
		}
	}
}

// front is the cell that the cook faces.
func (e *Env) front(a *cook) int { return a.cell + e.layout.step[a.dir] }

// walkable reports whether no object is on the cell. Cooks are no objects.
func (e *Env) walkable(cell int) bool {
	return e.layout.kinds[cell] == free && e.items[cell] == nothing
}

// interact is PickupDrop: take what the cell in front offers, or put down what is held.
func (e *Env) interact(a *cook) {
	f := e.front(a)
	if e.standing(e.agents, f) {
		return
	}
	switch e.layout.kinds[f] {
	case free, counter:
		if (a.held == nothing) != (e.items[f] == nothing) { // there is no exchange
			a.held, e.items[f] = e.items[f], a.held
		}
	case onionStack:
		if a.held == nothing {
			a.held = onion
		}
	case plateStack:
		if a.held == nothing {
			a.held = plate
		}
	case pot:
		p := &e.pots[e.layout.potAt[f]]
		switch {
		case a.held == plate && p.ready():
			a.held = soup
			p.onions, p.timer = 0, cookingTime
		case a.held == onion && p.onions < potCapacity:
			a.held = nothing
			p.onions++
		}
	case delivery:
		if a.held == soup {
			a.held = nothing
		}
	}
}

// tick cooks a full pot, once per step and before anyone moves.
func (p *pan) tick() {
	if p.onions == potCapacity && p.timer > 0 {
		p.timer--
	}
	p.code = p.onions + p.onions*p.timer
}

func (p *pan) ready() bool { return p.timer == 0 }

// reward judges the actions by the kitchen before the step, as the reference does. So two cooks who
// drop onions into the last place of a pot both count, and a soup taken in the step in which it is
// done does not.
func (e *Env) reward(actions []int) {
	delivered := 0.0
	for i := range e.agents {
		info := e.result.Infos[i]
		info[infoDeliveryAct], info[infoOnionInPot], info[infoSoupInDish] = 0, 0, 0
		if actions[i] != pickupDrop {
			continue
		}
		a := &e.agents[i]
		f := e.front(a)
		switch e.layout.kinds[f] {
		case delivery:
			if a.held == soup {
				info[infoDeliveryAct] = 1
				delivered++
			}
		case pot:
			p := &e.pots[e.layout.potAt[f]]
			if a.held == onion && p.onions < potCapacity {
				info[infoOnionInPot] = 1
			}
			if a.held == plate && p.ready() {
				info[infoSoupInDish] = 1
			}
		}
	}
	for i := range e.agents {
		e.result.Infos[i][infoDelivery] = delivered // shared by all
		e.result.Rewards[i] = delivered
	}
}
