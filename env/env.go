package env

import "tandem/env/draw"

// Env is one running environment. It is not safe for concurrent use.
//
// Agents are addressed by index: the position of their id in Spec().Agents, which is also the seat
// of the player who controls them.
type Env interface {
	// Spec describes the environment as configured. It never changes and must not be modified.
	Spec() *Spec

	// Reset starts a new episode from a fresh generator: two environments with the same Spec and
	// seed are in the same state afterwards, whatever either did before.
	Reset(seed uint64)

	// Step advances by one frame. actions holds one action per agent, 0 ≤ a < len(Spec().Actions);
	// the caller has checked that (CheckActions), an implementation may panic on anything else.
	// The result belongs to the environment and is valid until the next Step or Reset. Stepping
	// after the end of an episode is allowed and keeps simulating.
	Step(actions []int) *StepResult

	// AppendState appends the complete state (the generators' positions, counters and whatever a
	// continuation depends on included) as canonical bytes: equal states give equal bytes. The
	// layout is a run of sections in the order of Spec().Sections, each written by BeginSection
	// and EndSection. It does not allocate when buf has room.
	AppendState(buf []byte) []byte

	// SetState replaces the state by one that AppendState wrote for an environment of the same
	// Spec. Bytes of another shape, or with a value that no state can have, are refused with an
	// error that names the section, and leave the environment as it was.
	SetState(data []byte) error

	// Observe appends the agent's current observation to dst: the arrays of Spec().Observation one
	// after the other, row-major. It does not allocate when dst has room.
	Observe(agent int, dst []float32) []float32

	// Render writes the picture of the current state into l, which the caller has Reset.
	Render(l *draw.List)
}

// Scorer is an Env of which people count something else than the sum of the rewards: points won, where a
// reward also takes one away for each that is lost.
type Scorer interface {
	// AppendScore appends each agent's score in this episode, by what the state says. It does not
	// allocate when dst has room.
	AppendScore(dst []float64) []float64
}

// StepResult is what a step answers, one entry per agent in every slice.
type StepResult struct {
	Rewards    []float64 // of this step alone
	Terminated []bool    // the agent's episode ended by the rules
	Truncated  []bool    // the agent's episode was cut off, by the step limit for example
	Infos      [][]float64
	// Infos[agent][k] is the value of Spec().Infos[k].
}

// NewStepResult returns a zero result for n agents and k info values each.
func NewStepResult(n, k int) *StepResult {
	r := &StepResult{
		Rewards:    make([]float64, n),
		Terminated: make([]bool, n),
		Truncated:  make([]bool, n),
		Infos:      make([][]float64, n),
	}
	values := make([]float64, n*k)
	for i := range r.Infos {
		r.Infos[i] = values[i*k : (i+1)*k : (i+1)*k]
	}
	return r
}

// Done reports whether the episode is over: every agent is terminated or truncated.
func (r *StepResult) Done() bool {
	for i := range r.Terminated {
		if !r.Terminated[i] && !r.Truncated[i] {
			return false
		}
	}
	return true
}

// Clear zeroes the result, for an implementation that begins a step.
func (r *StepResult) Clear() {
	clear(r.Rewards)
	clear(r.Terminated)
	clear(r.Truncated)
	for _, v := range r.Infos {
		clear(v)
	}
}
