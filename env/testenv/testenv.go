package testenv

import (
	"math/bits"
	"math/rand/v2"
	"sync/atomic"

	"tandem/env"
	"tandem/env/numpyrand"
)

// Name is the registered name.
const Name = "testenv"

const numFloats = 4

// drifting is the float that the option drift disturbs. No other value depends on it.
const drifting = 2

// Env is one running environment.
type Env struct {
	spec   env.Spec
	result env.StepResult
	flaw   bool
	drift  uint32 // from which step on; 0 for never
	steps  uint32 // of an episode
	words  []uint64
	state
}

// state is everything that changes, but for the words of the agents.
type state struct {
	frame  uint32
	floats [numFloats]float64 // each in [0, 1)
	rng    numpyrand.PCG64
}

func newEnv(opts []env.Option) *Env {
	seats := env.Get(opts, optSeats)
	e := &Env{
		spec:   makeSpec(opts),
		result: *env.NewStepResult(seats, len(infos)),
		flaw:   env.Get(opts, optFlaw) == 1,
		drift:  uint32(env.Get(opts, optDrift)),
		steps:  uint32(env.Get(opts, optEpisodeSteps)),
		words:  make([]uint64, seats),
	}
	e.Reset(0)
	return e
}

// Spec describes the environment as configured.
func (e *Env) Spec() *env.Spec { return &e.spec }

// Reset starts an episode.
func (e *Env) Reset(seed uint64) {
	e.frame = 0
	e.rng.Seed(seed)
	for i := range e.words {
		e.words[i] = e.rng.Next64()
	}
	for i := range e.floats {
		e.floats[i] = e.rng.Float64()
	}
	e.result.Clear()
}

// flawed is the counter of the process that the option flaw reads. It starts at random, so that
// processes differ as well.
var flawed atomic.Uint64

func init() { flawed.Store(rand.Uint64()) }

// spread makes nearby numbers far apart: the finaliser of Steele and others' SplitMix64.
func spread(x uint64) uint64 {
	x ^= x >> 30
	x *= 0xbf58476d1ce4e5b9
	x ^= x >> 27
	x *= 0x94d049bb133111eb
	return x ^ x>>31
}

// golden is 2⁶⁴ divided by the golden ratio: multiples of it differ in many bits.
const golden = 0x9e3779b97f4a7c15

// Step advances by one frame. A first pass over the agents gathers all actions and words into one
// number, a second gives it back to every word, so each action reaches everything at once.
func (e *Env) Step(actions []int) *env.StepResult {
	e.frame++
	h := uint64(e.frame) * golden
	if e.flaw {
		h += flawed.Add(1)
	}
	h ^= uint64(e.rng.Next32())
	_ = actions[len(e.words)-1]
	for i, w := range e.words {
		h = spread(h ^ w ^ uint64(actions[i]+1)*golden)
	}
	for i := range e.floats {
		e.floats[i] = stir(e.floats[i], h)
		h = bits.RotateLeft64(h, 16)
	}

	if e.drift > 0 && e.frame >= e.drift {
		e.floats[drifting] = stir(e.floats[drifting], spread(flawed.Add(1)))
	}

	if h&1 != 0 {
		e.rng.Next32() // so that the generator's position depends on the actions as well
	}

	cut := e.frame >= e.steps
	phase := e.floats[0]
	for i := range e.words {
		w := bits.RotateLeft64(e.words[i], 7) + h*uint64(2*i+1)
		e.words[i] = w
		e.result.Rewards[i] = float64(int(w>>62) - 1) // -1, 0, 1 or 2
		e.result.Truncated[i] = cut
		e.result.Infos[i][0] = phase
	}
	return &e.result
}

// stir moves f within [0, 1): the logistic map at 3.9, which is chaotic, averaged with a fraction
// made of the low bits of h.
func stir(f float64, h uint64) float64 {
	logistic := float64(float64(3.9*f) * (1 - f))
	noise := float64(h&0xffff) / (1 << 16)
	return float64(logistic*0.5) + float64(noise*0.5)
}

// Observe appends the agent's own word as a fraction, the floats, and the share of the episode
// that has passed.
func (e *Env) Observe(agent int, dst []float32) []float32 {
	dst = append(dst, fraction(e.words[agent]))
	for _, f := range &e.floats {
		dst = append(dst, float32(f))
	}
	return append(dst, float32(float64(e.frame)/float64(e.steps)))
}

// fraction turns a word into a number in [0, 1).
func fraction(w uint64) float32 { return float32(w>>40) / (1 << 24) }
