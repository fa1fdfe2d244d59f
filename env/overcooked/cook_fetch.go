package overcooked

// plateLead is how long before a soup is done somebody leaves the onions and gets a plate.
const plateLead = 18

// takeSoups sends for soups that lie about.
func (p *plan) takeSoups() {
	for cell, it := range p.env.items {
		if it != soup || p.claimed[cell] {
			continue
		}
		best, who := far, -1
		for i := range p.free {
			if p.free[i] && p.env.agents[i].held == nothing && p.nearest(i, delivery) >= 0 {
				if d := p.reach(i, cell); d < best {
					best, who = d, i
				}
			}
		}
		if who >= 0 {
			p.claimed[cell] = true
			p.give(who, cell, fetching)
		}
	}
}

// takePlates sends for a plate for every soup that is done within so many steps.
func (p *plan) takePlates(within uint8) {
	for k := range p.env.pots {
		pan := &p.env.pots[k]
		if p.served[k] || pan.onions < potCapacity || pan.timer > within {
			continue
		}
		if p.send(plate, plateStack, k) {
			p.served[k] = true
		}
	}
}

// takeOnions sends for the onions that the pots need, for the fullest pots first.
func (p *plan) takeOnions() {
	for missing := 1; missing <= potCapacity; missing++ {
		for k := range p.env.pots {
			if p.slots[k] == missing {
				for p.slots[k] > 0 && p.send(onion, onionStack, k) {
					p.slots[k]--
				}
			}
		}
	}
}

// send chooses who fetches a thing for a pot and where, and reports whether anybody does.
func (p *plan) send(it item, stack kind, k int) bool {
	best, who, where := 1<<30, -1, -1
	for i := range p.free {
		if !p.free[i] || p.env.agents[i].held != nothing || p.reach(i, p.env.layout.pots[k]) == far {
			continue
		}
		if d, cell := p.source(i, it, stack, p.env.layout.pots[k]); cell >= 0 && d < best {
			best, who, where = d, i, cell
		}
	}
	if who < 0 {
		return false
	}
	p.take(who, where)
	return true
}

// take gives the agent the task to take what is on the cell.
func (p *plan) take(i, cell int) {
	if p.env.items[cell] != nothing {
		p.claimed[cell] = true
	}
	p.give(i, cell, fetching)
}

// steadiness is how many steps better another source must be before I turn to it.
const steadiness = 3

// source finds the shortest way by a thing to a cell: from the stack, or where one lies about.
func (p *plan) source(i int, it item, stack kind, towards int) (cost, cell int) {
	l := p.env.layout
	best, at := far, -1
	try := func(c int) {
		d := p.reach(i, c)
		if d == far {
			return
		}
		if towards >= 0 {
			d += abs(l.row(c)-l.row(towards)) + abs(l.col(c)-l.col(towards))
		}
		if i == p.me && c == p.last {
			d -= steadiness
		}
		if d < best {
			best, at = d, c
		}
	}
	for _, c := range l.ways.stations[stack] {
		try(c)
	}
	for c, have := range p.env.items {
		if have == it && !p.claimed[c] {
			try(c)
		}
	}
	return best, at
}

// help finds something for an agent with empty hands whom no pot needs.
func (p *plan) help(i int) {
	if p.env.agents[i].held != nothing {
		return
	}
	w := p.env.layout.ways
	if p.clearFloor(i) {
		return
	}
	if !w.hasPot[w.region[p.env.agents[i].cell]] {
		p.supply(i)
		return
	}
	if p.clearCounter(i) {
		return
	}
	if p.ahead && p.held(onion) < len(p.env.pots) {
		if which := p.nearest(i, pot); which >= 0 {
			if _, cell := p.source(i, onion, onionStack, which); cell >= 0 {
				p.take(i, cell)
			}
		}
	}
}

// supply fetches for those beyond a counter what they need.
func (p *plan) supply(i int) {
	for _, want := range [...]struct {
		it    item
		stack kind
	}{{plate, plateStack}, {onion, onionStack}} {
		if !p.wanted(i, want.it) {
			continue
		}
		if _, cell := p.private(i, want.it, want.stack); cell >= 0 {
			p.take(i, cell)
			return
		}
	}
}

// private is source without what lies on counters to the other regions, where it already is right.
func (p *plan) private(i int, it item, stack kind) (cost, cell int) {
	w := p.env.layout.ways
	for _, c := range w.shared {
		if p.env.items[c] == it {
			p.claimed[c] = true
		}
	}
	return p.source(i, it, stack, -1)
}

// wanted reports whether those beyond the counters need more of the thing than they have, lies
// ready for them, or is on its way. The agent's own does not count.
func (p *plan) wanted(i int, it item) bool {
	e := p.env
	w := e.layout.ways
	need, places, plates := 0, 0, 0
	for k := range e.pots {
		onions := int(e.pots[k].onions)
		switch it {
		case onion:
			need += potCapacity - onions
		case plate:
			if onions >= potCapacity-1 {
				need++
			}
		}
	}
	if it == soup {
		return true
	}
	own := w.region[e.agents[i].cell]
	for _, c := range w.shared {
		if w.beside[c]&(1<<own) == 0 {
			continue
		}
		switch e.items[c] {
		case it:
			need--
		case nothing:
			places++
		}
		if e.items[c] == plate {
			plates++
		}
	}
	for j := range e.agents {
		if j != i && e.agents[j].held == it {
			need--
		}
	}
	// Onions leave room for a plate, without which they are of no use.
	if it == onion && plates == 0 {
		places--
	}
	return need > 0 && places > 0
}

// held counts the agents that hold the thing.
func (p *plan) held(it item) int {
	n := 0
	for i := range p.env.agents {
		if p.env.agents[i].held == it {
			n++
		}
	}
	return n
}

// clearFloor picks up what lies in the way.
func (p *plan) clearFloor(i int) bool {
	best, at := far, -1
	for c, it := range p.env.items {
		if it == nothing || p.claimed[c] || p.env.layout.kinds[c] != free {
			continue
		}
		if d := p.reach(i, c); d < best {
			best, at = d, c
		}
	}
	if at < 0 {
		return false
	}
	p.take(i, at)
	return true
}

// clearCounter takes something off the counters between regions, where nothing has room there and
// nothing there is of use.
func (p *plan) clearCounter(i int) bool {
	w := p.env.layout.ways
	best, at := far, -1
	for _, c := range w.shared {
		if p.env.items[c] == nothing {
			return false
		}
		if d := p.reach(i, c); d < best && !p.claimed[c] {
			best, at = d, c
		}
	}
	if at < 0 {
		return false
	}
	p.take(i, at)
	return true
}
