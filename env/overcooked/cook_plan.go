package overcooked

// task is what a cook is to do next: use the object on the target cell, or stay beside it until it
// can be used, or nothing.
type task struct {
	target  int // -1 for nothing to do
	wait    bool
	drop    bool // no target: put what is held on the floor, wherever
	urgency int
}

// Urgencies: who goes first where two want the same way.
const (
	idle       = iota // makes room for everyone
	waiting           // beside a pot
	fetching          // with empty hands
	carrying          // an onion, or something to put away
	dishing           // a plate to a soup
	delivering        // a soup
	leaving           // a blind alley
)

const mostUrgent = leaving

// plan divides the work of one moment among all cooks. It is made anew in every step from the state
// of the kitchen, so cooks who make the same plan work together without a word.
type plan struct {
	env   *Env
	posts []bool // by agent: does not make room, so it is an obstacle
	tasks []task
	next  []int // by agent: the cell to be on next

	from, to []distances // by agent: distances from where it is, and to where it wants to be
	open     []bool      // by cell: can be walked on
	queue    []int

	free    []bool // by agent: has no task yet
	slots   []int  // by pot: onions that nobody brings yet
	served  []bool // by pot: somebody brings a plate
	claimed []bool // by cell: somebody is about to take what lies here, or to put something here

	ahead bool // fetch onions for pots that are still cooking
	me    int
	last  int // what I was to use before: kept unless something is clearly better
}

func newPlan(l *layout) *plan {
	n, cells := l.seats, len(l.kinds)
	p := &plan{
		posts: make([]bool, n), tasks: make([]task, n), next: make([]int, n),
		from: make([]distances, n), to: make([]distances, n),
		open: make([]bool, cells), queue: make([]int, 0, cells),
		free: make([]bool, n), slots: make([]int, len(l.pots)), served: make([]bool, len(l.pots)),
		claimed: make([]bool, cells),
	}
	for i := range n {
		p.from[i], p.to[i] = make(distances, cells), make(distances, cells)
	}
	return p
}

// trust is how much the plan relies on a cook.
type trust uint8

const (
	bystander trust = iota // does nothing but make room
	helper                 // does what the workers leave; what it holds is not counted upon
	worker
)

// make plans for all, relying on them as far as they are trusted.
func (p *plan) make(e *Env, trusted []trust) {
	p.env = e
	for cell := range p.open {
		p.open[cell] = e.walkable(cell)
	}
	for i := range e.agents {
		if p.posts[i] {
			p.open[e.agents[i].cell] = false
		}
	}
	for i := range e.agents {
		p.queue = append(p.queue[:0], e.agents[i].cell)
		p.spread(p.from[i])
		p.tasks[i] = task{target: -1}
	}
	for i := range e.pots {
		p.slots[i] = potCapacity - int(e.pots[i].onions)
		p.served[i] = false
	}
	clear(p.claimed)

	for group := worker; group >= helper; group-- {
		for i := range e.agents {
			p.free[i] = trusted[i] == group
		}
		p.assign()
	}
	for i := range e.agents {
		p.aim(i)
	}
	p.steps()
}

// aim fills the distances to where the agent wants to be: beside its target, or where it is.
func (p *plan) aim(i int) {
	at, t := p.env.agents[i].cell, &p.tasks[i]
	p.queue = p.queue[:0]
	if t.target >= 0 {
		for _, step := range p.env.layout.step {
			if c := t.target + step; p.open[c] || c == at {
				p.queue = append(p.queue, c)
			}
		}
	}
	blind := p.env.layout.ways.blind
	if len(p.queue) == 0 {
		p.queue = append(p.queue, at)
		if blind[at] { // no place to loiter
			p.queue = p.queue[:0]
			for _, c := range p.env.layout.floor {
				if !blind[c] && p.from[i][c] < far {
					p.queue = append(p.queue, c)
				}
			}
		}
	}
	p.spread(p.to[i])
	if blind[at] && p.to[i][at] > 0 {
		t.urgency = leaving
	}
}

func (p *plan) give(i, target, urgency int) {
	p.tasks[i] = task{target: target, urgency: urgency}
	p.free[i] = false
}

// rest leaves the agent where it is.
func (p *plan) rest(i int) { p.free[i] = false }

// assign gives the free agents tasks: first by what they hold, then to those with empty hands what
// remains.
func (p *plan) assign() {
	e := p.env
	p.each(soup, p.deliver)
	p.each(plate, p.dish)
	p.each(onion, p.fill)
	p.each(plate, p.keepPlate)
	p.each(onion, p.keepOnion)

	p.takeSoups()
	p.takePlates(plateLead)
	p.takeOnions()
	p.takePlates(cookingTime)
	for i := range e.agents {
		if p.free[i] {
			p.help(i)
		}
	}
}

func (p *plan) each(held item, do func(agent int)) {
	for i := range p.free {
		if p.free[i] && p.env.agents[i].held == held {
			do(i)
		}
	}
}

// nearest returns the station of a kind that the agent reaches first, or -1.
func (p *plan) nearest(i int, k kind) int {
	best, at := far, -1
	for _, cell := range p.env.layout.ways.stations[k] {
		if d := p.reach(i, cell); d < best {
			best, at = d, cell
		}
	}
	return at
}

func (p *plan) deliver(i int) {
	if at := p.nearest(i, delivery); at >= 0 {
		p.give(i, at, delivering)
		return
	}
	p.putAside(i, p.env.layout.ways.hasDelivery)
}

// dish takes a plate to the pot that will be ready by the time.
func (p *plan) dish(i int) {
	best, which := far, -1
	for k, cell := range p.env.layout.pots {
		pan := &p.env.pots[k]
		if pan.onions < potCapacity || p.served[k] {
			continue
		}
		if d := p.reach(i, cell); d < far && max(d, int(pan.timer)) < best {
			best, which = max(d, int(pan.timer)), k
		}
	}
	if which < 0 {
		return
	}
	p.served[which] = true
	p.give(i, p.env.layout.pots[which], dishing)
	if p.env.pots[which].timer > 0 {
		p.tasks[i].wait, p.tasks[i].urgency = true, waiting
	}
}

// fill takes an onion to a pot, rather to one that needs few more.
func (p *plan) fill(i int) {
	if which := p.openPot(i); which >= 0 {
		p.slots[which]--
		p.give(i, p.env.layout.pots[which], carrying)
	}
}

// fullFirst is how many steps more it is worth to go to a pot with one onion more.
const fullFirst = 5

func (p *plan) openPot(i int) int {
	best, which := 1<<30, -1
	for k, cell := range p.env.layout.pots {
		if d := p.reach(i, cell); p.slots[k] > 0 && d < far {
			if v := d + fullFirst*p.slots[k]; v < best {
				best, which = v, k
			}
		}
	}
	return which
}

// keepPlate is for a plate that no full pot needs: kept where a pot is about to be full, else put
// away, because the hands are needed.
func (p *plan) keepPlate(i int) {
	for k, cell := range p.env.layout.pots {
		if p.slots[k] == 0 && !p.served[k] && p.reach(i, cell) < far {
			p.served[k] = true
			p.rest(i)
			return
		}
	}
	p.putAside(i, p.env.layout.ways.hasPot)
}

// keepOnion is for an onion that no pot needs: kept for the next soup, unless no hands are left to
// take a plate to this one.
func (p *plan) keepOnion(i int) {
	pots := false
	unserved := 0
	for k, cell := range p.env.layout.pots {
		if p.reach(i, cell) < far {
			pots = true
			if p.env.pots[k].onions == potCapacity && !p.served[k] {
				unserved++
			}
		}
	}
	for j := range p.free {
		if p.free[j] && p.env.agents[j].held == nothing && p.nearest(j, pot) >= 0 {
			unserved--
		}
	}
	if pots && unserved <= 0 {
		p.rest(i)
		return
	}
	p.putAside(i, p.env.layout.ways.hasPot)
}

// handOver is how many steps more it is worth to put a thing where it does not take up a counter
// that connects two regions.
const handOver = 8

// putAside puts what the agent holds on a counter: where those can take it who are in a region that
// has what it is for, if this region has not, and else out of their way.
func (p *plan) putAside(i int, has []bool) {
	l := p.env.layout
	w := l.ways
	own := uint16(1) << w.region[p.env.agents[i].cell]
	towards := regions(has)
	if towards&own != 0 {
		towards = 0
	}
	// What is in oversupply beyond the counter must not fill the last place there.
	if towards != 0 && !p.wanted(i, p.env.agents[i].held) {
		towards = 0
	}
	best, at := far, -1
	for _, cell := range w.stations[counter] {
		if p.env.items[cell] != nothing || p.claimed[cell] {
			continue
		}
		d := p.reach(i, cell)
		if d == far {
			continue
		}
		if (w.beside[cell]&towards != 0) != (towards != 0) || towards == 0 && w.beside[cell]&^own != 0 {
			d += handOver
		}
		if d < best {
			best, at = d, cell
		}
	}
	p.give(i, at, carrying)
	if at < 0 {
		p.tasks[i].drop = true
		return
	}
	p.claimed[at] = true
}
