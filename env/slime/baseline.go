package slime

import "tandem/env"

// BaselineName is the bot that plays like the reference's built-in opponent.
const BaselineName = "baseline"

func init() {
	env.RegisterBot(env.BotRegistration{
		Name: BaselineName,
		Help: "plays like the opponent built into the original game: a small recurrent net",
		Envs: []string{Name, Name + "/"},
		New:  func() env.Bot { return new(Baseline) },
	})
}

// Baseline is the recurrent net of the original game: 15 inputs (own x, y, vx, vy, the ball's, and
// the seven previous outputs), out = tanh(W·in + b), of which the first three, where they exceed
// 0.75, press forward, backward and jump. Its memory is the previous outputs; the reference keeps
// it from episode to episode, and so does this, until Reset.
//
// With human_inputs the game exchanges the left slime's forward and backward. The reference applies
// that to the built-in opponent too, which then runs the wrong way; this bot presses the other
// button instead, so that it plays as it should on either side.
type Baseline struct {
	out     [policyOutputs]float64
	seen    [doublesObservation]float32
	buttons buttons // of the last decision
}

// pressed is what an output must exceed to press its button.
const pressed = 0.75

// Reset forgets the previous outputs. The net draws no random numbers.
func (p *Baseline) Reset(uint64) { p.out = [policyOutputs]float64{} }

// Act decides from the agent's observation.
func (p *Baseline) Act(e env.Env, agent int, _ uint32) int {
	p.decide(e.Observe(agent, p.seen[:0]))
	b := p.buttons
	if onLeft(agent) && env.Get(e.Spec().Options, optHumanInputs) == 1 {
		b.forward, b.backward = b.backward, b.forward
	}
	return b.action()
}

// decide feeds the first eight numbers of the observation and the previous outputs to the net. Sums
// run from the first input to the last, the bias comes at the end.
func (p *Baseline) decide(observation []float32) {
	var in [policyInputs]float64
	for i, v := range observation[:policyObserved] {
		in[i] = float64(v)
	}
	copy(in[policyObserved:], p.out[:])
	for i := range p.out {
		sum := 0.0
		for j, v := range &in {
			sum += float64(policyWeights[i][j] * v)
		}
		p.out[i] = tanh(sum + policyBias[i])
	}
	p.buttons = buttons{
		forward:  p.out[0] > pressed,
		backward: p.out[1] > pressed,
		jump:     p.out[2] > pressed,
	}
}

// action returns the action, without boost, that has the effect of these buttons. Forward and
// backward together are neither.
func (b buttons) action() int {
	if b.forward && b.backward {
		b.forward, b.backward = false, false
	}
	for a := range baseActions {
		if o := allButtons[a]; o.forward == b.forward && o.backward == b.backward && o.jump == b.jump {
			return a
		}
	}
	return 0 // not reached: the six actions are all combinations
}
