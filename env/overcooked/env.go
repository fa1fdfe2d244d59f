package overcooked

import (
	"tandem/env"
	"tandem/env/numpyrand"
)

// Env is one running game. Make it with env.New("overcooked/cramped_room", …) and its like.
type Env struct {
	spec   env.Spec
	result env.StepResult

	layout   *layout
	maxSteps uint32

	kitchen
	spare kitchen // where SetState reads a state before it is believed

	movers []movement // of the step in progress
	found  found      // of the observation in progress
	still  *still     // what Render draws the same in every frame; nil before the first
}

// kitchen is everything that changes.
type kitchen struct {
	t      uint32 // steps of this episode
	agents []cook
	items  []item // by cell: on a counter, or loose on the floor
	pots   []pan  // in the order of layout.pots
	rng    numpyrand.PCG64
}

type cook struct {
	cell int
	dir  uint8
	held item
}

// pan is the contents of a pot.
type pan struct {
	onions uint8
	timer  uint8
	// code is onions + onions·timer as of the last tick. What cooks do to the pot afterwards shows
	// in it a step later, and so in the observations.
	code uint8
}

func newKitchen(l *layout) kitchen {
	return kitchen{
		agents: make([]cook, l.seats),
		items:  make([]item, len(l.kinds)),
		pots:   make([]pan, len(l.pots)),
	}
}

func newEnv(l *layout, opts []env.Option) *Env {
	e := &Env{
		spec:     makeSpec(l, opts),
		result:   *env.NewStepResult(l.seats, len(infoNames)),
		layout:   l,
		maxSteps: uint32(env.Get(opts, optMaxSteps)),
		kitchen:  newKitchen(l),
		spare:    newKitchen(l),
		movers:   make([]movement, 0, l.seats),
		found:    newFound(l),
	}
	e.Reset(0)
	return e
}

// Spec describes the game as configured.
func (e *Env) Spec() *env.Spec { return &e.spec }

// Reset starts an episode from a fresh generator.
func (e *Env) Reset(seed uint64) {
	e.rng.Seed(seed)
	e.Restart()
}

// Restart starts an episode that continues the generator where it is, a half-used word included, as
// the reference's reset without a seed does.
func (e *Env) Restart() {
	e.t = 0
	clear(e.items)
	for i := range e.pots {
		e.pots[i] = pan{timer: cookingTime}
	}
	for i := range e.agents {
		e.agents[i] = cook{cell: e.spawnCell(i), dir: uint8(e.rng.Below(4))}
	}
	e.result.Clear()
}

// spawnCell chooses where agent i starts: its marker, or a random free cell that no earlier agent
// has taken.
func (e *Env) spawnCell(i int) int {
	if i < len(e.layout.spawns) {
		return e.layout.spawns[i]
	}
	n := e.rng.Below(len(e.layout.floor) - i)
	for _, cell := range e.layout.floor {
		if e.standing(e.agents[:i], cell) {
			continue
		}
		if n == 0 {
			return cell
		}
		n--
	}
	panic("overcooked: more cooks than free cells")
}

// standing reports whether one of the agents stands on the cell.
func (e *Env) standing(agents []cook, cell int) bool {
	for i := range agents {
		if agents[i].cell == cell {
			return true
		}
	}
	return false
}

// Step advances the game by one frame.
func (e *Env) Step(actions []int) *env.StepResult {
	e.t++
	e.reward(actions) // by the kitchen as it was
	for i := range e.pots {
		e.pots[i].tick()
	}
	e.move(actions)
	for i := range e.agents {
		if actions[i] == pickupDrop {
			e.interact(&e.agents[i])
		}
	}

	r := &e.result
	over := e.t >= e.maxSteps
	for i := range e.agents {
		a := &e.agents[i]
		r.Truncated[i] = over
		info := r.Infos[i]
		info[infoRow] = float64(e.layout.row(a.cell))
		info[infoCol] = float64(e.layout.col(a.cell))
		info[infoDirection] = float64(a.dir)
		info[infoLayout] = float64(e.layout.id)
	}
	return r
}
