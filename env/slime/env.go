package slime

import "tandem/env"

// Env is one running game. Make it with env.New("slime", …) or env.New("slime/boost", …).
type Env struct {
	spec   env.Spec
	result env.StepResult

	boost    bool // the variant
	lives    int32
	maxSteps uint32
	survival float64 // reward of every step
	swapLeft bool    // the left slime's forward and backward are exchanged (human_inputs)
	buttons  []buttons

	game game
}

// Names of the agents, in the order of seats.
const (
	AgentLeft  = "agent_left"
	AgentRight = "agent_right"
)

// allButtons is what each action presses; the base variant has the first baseActions of them.
var allButtons = [...]buttons{
	{},
	{forward: true},
	{forward: true, jump: true},
	{jump: true},
	{backward: true, jump: true},
	{backward: true},

	{boost: true},
	{boost: true, forward: true},
	{boost: true, forward: true, jump: true},
	{boost: true, jump: true},
	{boost: true, backward: true, jump: true},
	{boost: true, backward: true},
	{boost: true},
}

const baseActions = 6

// Serves that the reference's constructors draw before the first reset.
const (
	unplayedServes      = 1
	unplayedServesBoost = 2
)

func newEnv(boost bool, opts []env.Option) *Env {
	e := &Env{
		spec:     makeSpec(boost, opts),
		result:   *env.NewStepResult(2, 0),
		boost:    boost,
		lives:    int32(env.Get(opts, optLives)),
		maxSteps: uint32(env.Get(opts, optMaxSteps)),
		swapLeft: env.Get(opts, optHumanInputs) == 1,
		buttons:  allButtons[:baseActions],
	}
	if boost {
		e.buttons = allButtons[:]
	}
	if env.Get(opts, optSurvivalReward) == 1 {
		e.survival = survivalReward
	}
	e.Reset(0)
	return e
}

// AppendScore appends the points that each side has won in this episode: those that the other has lost.
func (e *Env) AppendScore(dst []float64) []float64 {
	return append(dst, float64(e.lives-e.game.right.lives), float64(e.lives-e.game.left.lives))
}

// Spec describes the game as configured.
func (e *Env) Spec() *env.Spec { return &e.spec }

// Reset starts an episode from a fresh generator: the serves that the reference's constructor
// draws, unplayed, then the one that is played.
func (e *Env) Reset(seed uint64) {
	e.game.rng.Seed(seed)
	e.begin()
}

// begin starts the first episode of a generator that has just been seeded.
func (e *Env) begin() {
	e.game.draws = 0
	n := unplayedServes
	if e.boost {
		n = unplayedServesBoost
	}
	for range n {
		e.game.serve()
	}
	e.Restart()
}

// Restart starts an episode that continues the generator where it is, as the reference's reset
// does, whatever seed that is given.
func (e *Env) Restart() {
	e.game.newGame(e.lives)
	e.result.Clear()
}

// Step advances the game by one frame.
func (e *Env) Step(actions []int) *env.StepResult {
	left, right := e.buttons[actions[0]], e.buttons[actions[1]]
	if e.swapLeft {
		left.forward, left.backward = left.backward, left.forward
	}
	g := &e.game
	g.frame++
	g.left.apply(left)
	g.right.apply(right)
	point := float64(g.tick(e.lives))

	r := &e.result
	r.Rewards[0] = e.survival - point
	r.Rewards[1] = e.survival + point
	terminated, truncated := g.over(), g.frame >= e.maxSteps
	r.Terminated[0], r.Terminated[1] = terminated, terminated
	r.Truncated[0], r.Truncated[1] = truncated, truncated
	return r
}
