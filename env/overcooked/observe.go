package overcooked

import "slices"

// Codes of the map encoding. Those of free floor and of items that are not there are 0.
var (
	kindCode = [...]uint8{free: 0, wall: 2, pot: 12, plateStack: 14, onionStack: 16, delivery: 18, counter: 19}
	itemCode = [numItems]uint8{nothing: 0, plate: 13, soup: 15, onion: 17}
	// The reference numbers agents by up, right, down, left.
	agentCode = [4]uint8{up: 20, right: 21, down: 22, left: 23}
)

// hundredths are the map's values: code ÷ 100, rounded once to float64 and then to float32.
var hundredths = func() (h [256]float32) {
	for i := range h {
		h[i] = float32(float64(i) / 100)
	}
	return h
}()

// channels of the map: type, a second one that is always 0, state.
const channels = 3

// Observe appends what the agent observes: the map, then the features of doc.go.
func (e *Env) Observe(agent int, dst []float32) []float32 {
	v := e.layout.view
	n := len(dst)
	dst = slices.Grow(dst, len(v.base)+v.features)
	dst = append(dst, v.base...)
	dst = dst[:len(dst)+v.features]
	e.encodeMap(dst[n : n+len(v.base)])

	f := dst[n+len(v.base):]
	clear(f)
	e.found.collect(e)
	e.features(f[:v.block], agent)
	f = f[v.block:]
	for other := range e.agents {
		if other != agent {
			e.features(f[:v.block], other)
			f = f[v.block:]
		}
	}
	f[0] = 1 // the weights of behaviour: delivery alone counts
	if e.layout.id < referenceLayouts {
		f[behaviourWeights+e.layout.id] = 1
	}
	return dst
}

// encodeMap overwrites the empty kitchen with what is in it.
func (e *Env) encodeMap(m []float32) {
	v := e.layout.view
	for cell, it := range e.items {
		if it == nothing {
			continue
		}
		if at := v.mapAt[cell]; e.layout.kinds[cell] == counter {
			m[at+2] = hundredths[itemCode[it]]
		} else {
			m[at] = hundredths[itemCode[it]]
		}
	}
	for i := range e.pots {
		m[v.mapAt[e.layout.pots[i]]+2] = hundredths[e.pots[i].code]
	}
	for i := range e.agents {
		a := &e.agents[i]
		at := v.mapAt[a.cell]
		m[at] = hundredths[agentCode[a.dir]]
		m[at+2] = hundredths[itemCode[a.held]]
	}
}

// Places in an agent's block of features.
const (
	atDirection      = 0
	atHeld           = 4  // onion, soup, plate
	atCounter        = 7  // by side
	atPot            = 11 // empty, partly filled, cooking, ready; by side each
	atOnions         = 27 // row and column of the nearest, as far from the cook
	atPlates         = 35
	atPlateStacks    = 43
	atOnionStacks    = 47
	atSoups          = 51
	atDeliveries     = 59
	atCounters       = 63
	atPots           = 71 // two of potWidth
	potWidth         = 11
	atOthers         = 93
	afterOthers      = 6 // own row, own column, sides that are free to walk
	blockOfTwo       = atOthers + 2 + afterOthers
	describedPots    = 2
	nearItems        = 4
	nearStations     = 2 // stacks and deliveries
	nearCounters     = 4
	behaviourWeights = 4
)

// sides is the order in which the features name neighbours: east, west, south, north.
var sides = [4]int{right, left, down, up}

// features writes an agent's block into f, which is zero.
func (e *Env) features(f []float32, agent int) {
	l := e.layout
	a := &e.agents[agent]
	row, col := l.row(a.cell), l.col(a.cell)
	near := &l.view.near[a.cell]

	f[atDirection+int(a.dir)] = 1
	switch a.held {
	case onion:
		f[atHeld] = 1
	case soup:
		f[atHeld+1] = 1
	case plate:
		f[atHeld+2] = 1
	}
	copy(f[atCounter:], near.counter[:])
	e.found.closest(f[atOnions:], onion, nearItems, row, col)
	e.found.closest(f[atPlates:], plate, nearItems, row, col)
	e.found.closest(f[atSoups:], soup, nearItems, row, col)
	copy(f[atPlateStacks:], near.plateStacks[:])
	copy(f[atOnionStacks:], near.onionStacks[:])
	copy(f[atDeliveries:], near.deliveries[:])
	copy(f[atCounters:], near.counters[:])

	for i, cell := range l.pots[:min(describedPots, len(l.pots))] {
		p := &e.pots[i]
		g := f[atPots+i*potWidth:]
		r, c := l.row(cell), l.col(cell)
		g[0] = 1
		g[1+[4]int{potReady: 0, potEmpty: 1, potCooking: 2, potPartial: 3}[p.status()]] = 1
		g[5] = float32(p.onions)
		g[6] = -1
		if p.status() == potCooking {
			g[6] = float32(p.timer)
		}
		g[7], g[8] = float32(row-r), float32(col-c)
		g[9], g[10] = float32(r), float32(c)
	}

	at := atOthers
	for i := range e.agents {
		if i == agent {
			continue
		}
		other := e.agents[i].cell
		f[at], f[at+1] = float32(row-l.row(other)), float32(col-l.col(other))
		at += 2
	}
	f[at], f[at+1] = float32(row), float32(col)
	for i, dir := range sides {
		cell := a.cell + l.step[dir]
		if p := l.potAt[cell]; p >= 0 {
			f[atPot+4*e.pots[p].status()+i] = 1
		}
		if e.walkable(cell) {
			f[at+2+i] = 1
		}
	}
}

// States of a pot, in the order of the features that name the neighbours.
const (
	potEmpty = iota
	potPartial
	potCooking
	potReady
)

func (p *pan) status() int {
	switch {
	case p.onions == 0:
		return potEmpty
	case p.onions < potCapacity:
		return potPartial
	case p.timer > 0:
		return potCooking
	}
	return potReady
}
