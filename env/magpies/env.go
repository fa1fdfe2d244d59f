package magpies

import (
	"tandem/env"
	"tandem/env/numpyrand"
)

const (
	mostCarried = 3
	extraCoins  = 3  // coins in the garden beyond one for each magpie
	rest        = 4  // frames from hop to hop: about the pace of a held key
	safeFrames  = 30 // after a robbery
)

// worth is what so many coins are worth when they are laid down together.
var worth = [mostCarried + 1]float64{0, 1, 3, 6}

// Env is one running game. Make it with env.New("magpies", …).
type Env struct {
	spec   env.Spec
	result env.StepResult
	seats  int
	state
}

// state is everything that changes.
type state struct {
	frame   uint32
	magpies [maxSeats]magpie
	coins   [maxSeats + extraCoins]uint8 // cells
	rng     numpyrand.PCG64
}

type magpie struct {
	cell    uint8
	facing  uint8 // the action of its last hop
	next    uint8 // the action that waits until it may hop again
	carried uint8
	tired   uint8 // frames until it may hop
	safe    uint8 // frames until it can be robbed
}

func newEnv(name, title string, opts []env.Option) *Env {
	e := &Env{spec: makeSpec(name, title, opts), seats: env.Get(opts, optSeats)}
	e.result = *env.NewStepResult(e.seats, len(infos))
	e.Reset(0)
	return e
}

// Spec describes the game as configured.
func (e *Env) Spec() *env.Spec { return &e.spec }

// Reset puts every magpie on its nest and scatters the coins.
func (e *Env) Reset(seed uint64) {
	e.state = state{}
	e.rng.Seed(seed)
	for i := range e.seats {
		e.magpies[i] = magpie{cell: nests[i], facing: down}
	}
	for i := range e.scattered() {
		e.coins[i] = e.place(i)
	}
	e.result.Clear()
}

// scattered are the coins in the garden.
func (e *Env) scattered() []uint8 { return e.coins[:e.seats+extraCoins] }

// place draws a free cell for a coin, of which the first n are already there.
func (e *Env) place(n int) uint8 {
	var taken [cells]bool
	free := cells
	take := func(cell uint8) {
		if !taken[cell] {
			taken[cell] = true
			free--
		}
	}
	for cell := range uint8(cells) {
		if hedge[cell] || owner[cell] >= 0 {
			take(cell)
		}
	}
	for _, m := range e.magpies[:e.seats] {
		take(m.cell)
	}
	for _, c := range e.coins[:n] {
		take(c)
	}
	nth := e.rng.Below(free)
	for cell := range uint8(cells) {
		if taken[cell] {
			continue
		}
		if nth == 0 {
			return cell
		}
		nth--
	}
	return 0 // not reached: nth is below the number of free cells
}

// Step advances by one frame.
func (e *Env) Step(actions []int) *env.StepResult {
	r := &e.result
	r.Clear()
	for i := range e.seats {
		seat := (i + int(e.frame)) % e.seats
		m := &e.magpies[seat]
		m.safe = max(m.safe, 1) - 1
		m.tired = max(m.tired, 1) - 1
		if a := actions[seat]; a != stay {
			m.next = uint8(a)
		}
		if m.next != stay && m.tired == 0 {
			e.hop(seat, int(m.next))
			m.next, m.tired = stay, rest
		}
	}
	e.frame++
	for seat := range e.seats {
		r.Infos[seat][infoCarried] = float64(e.magpies[seat].carried)
		r.Truncated[seat] = e.frame >= uint32(e.spec.MaxSteps)
	}
	return r
}

func (e *Env) hop(seat, dir int) {
	m := &e.magpies[seat]
	m.facing = uint8(dir)
	to, ok := neighbour(m.cell, dir)
	if !ok || owner[to] >= 0 && owner[to] != seat && owner[to] < e.seats {
		return
	}
	for other := range e.seats {
		if o := &e.magpies[other]; o.cell == to {
			if o.carried > 0 && o.safe == 0 && m.carried < mostCarried {
				o.carried--
				m.carried++
				o.safe = safeFrames
				e.result.Infos[seat][infoStolen]++
				e.result.Infos[other][infoRobbed] = 1
			}
			return
		}
	}
	m.cell = to
	for i, c := range e.scattered() {
		if c == to && m.carried < mostCarried {
			m.carried++
			e.coins[i] = e.place(len(e.scattered()))
		}
	}
	if owner[to] == seat {
		e.result.Rewards[seat] += worth[m.carried]
		m.carried = 0
	}
}

// Observe appends the agent's observation (see the package's documentation).
func (e *Env) Observe(agent int, dst []float32) []float32 {
	for i := range e.seats {
		m := &e.magpies[(agent+i)%e.seats]
		dst = appendCell(dst, m.cell)
		dst = append(dst, float32(m.carried), float32(m.tired), float32(m.safe))
	}
	dst = appendCell(dst, nests[agent])
	for _, c := range e.scattered() {
		dst = appendCell(dst, c)
	}
	return dst
}

func appendCell(dst []float32, cell uint8) []float32 {
	return append(dst, float32(cell/cols), float32(cell%cols))
}
