package slime

import (
	"tandem/env"
	"tandem/env/numpyrand"
)

// Doubles is one running game of two against two. Make it with env.New("slime/doubles", …).
type Doubles struct {
	spec   env.Spec
	result env.StepResult

	lives       int32 // of a side, at the start
	maxSteps    uint32
	swapLeft    bool // the left side's forward and backward are exchanged (human_inputs)
	doubleTouch bool // a slime may touch the ball twice in a row

	court doublesCourt
}

// Agents of a game of doubles in the order of seats: the sides take turns, so that the first two
// seats are opponents as in the game for two.
const (
	doublesSeats = 4

	AgentLeftBack   = "agent_left_back"
	AgentRightBack  = "agent_right_back"
	AgentLeftFront  = "agent_left_front"
	AgentRightFront = "agent_right_front"
)

// onLeft reports whether a seat, of either game, plays on the left side.
func onLeft(seat int) bool { return seat%2 == 0 }

// direction is the sign of the seat's own half of the court.
func direction(seat int) float64 {
	if onLeft(seat) {
		return leftDir
	}
	return rightDir
}

// mateOf is the seat of a seat's team-mate in doubles.
func mateOf(seat int) int { return (seat + 2) % doublesSeats }

// Where the slimes of a side start, as distances from the net: the one behind covers the wall, the
// one in front the net. A ball that drops between them is nobody's but theirs to agree on.
const (
	backStart  float64 = 18
	frontStart float64 = 8
)

// sameTouch is how many frames after a touch another one by the same slime counts as the same: a
// slime that jumps with the ball meets it several times within a few frames.
const sameTouch = 6

// nobody in the place of a seat.
const nobody = -1

// doublesCourt is everything that changes: the complete state.
type doublesCourt struct {
	frame uint32
	hold  uint8 // frames for which the ball still hangs after its serve
	ball  ball

	bodies [doublesSeats]body
	lives  [2]int32 // left, right

	toucher int   // the seat that touched the ball last since the serve, or nobody
	since   uint8 // frames since that touch, counted up to sameTouch

	rng numpyrand.PCG64
}

func newDoubles(opts []env.Option) *Doubles {
	e := &Doubles{
		spec:        makeDoublesSpec(opts),
		result:      *env.NewStepResult(doublesSeats, len(doublesInfos)),
		lives:       int32(env.Get(opts, optLives)),
		maxSteps:    uint32(env.Get(opts, optMaxSteps)),
		swapLeft:    env.Get(opts, optHumanInputs) == 1,
		doubleTouch: env.Get(opts, optDoubleTouch) == 1,
	}
	e.Reset(0)
	return e
}

// AppendScore appends the points that each slime's side has won in this episode.
func (e *Doubles) AppendScore(dst []float64) []float64 {
	for seat := range e.court.bodies {
		other := 1
		if !onLeft(seat) {
			other = 0
		}
		dst = append(dst, float64(e.lives-e.court.lives[other]))
	}
	return dst
}

// Spec describes the game as configured.
func (e *Doubles) Spec() *env.Spec { return &e.spec }

// Reset starts an episode from a fresh generator.
func (e *Doubles) Reset(seed uint64) {
	c := &e.court
	*c = doublesCourt{lives: [2]int32{e.lives, e.lives}}
	c.rng.Seed(seed)
	for seat := range c.bodies {
		start := backStart
		if seat >= doublesSeats/2 {
			start = frontStart
		}
		c.bodies[seat] = body{x: float64(start * direction(seat)), y: groundHeight}
	}
	c.serve()
	e.result.Clear()
}

func (c *doublesCourt) serve() {
	c.ball = newServe(&c.rng)
	c.hold = holdFrames
	c.toucher, c.since = nobody, 0
}

// Step advances the game by one frame.
func (e *Doubles) Step(actions []int) *env.StepResult {
	c, r := &e.court, &e.result
	r.Clear()
	c.frame++
	for seat := range c.bodies {
		b := allButtons[:baseActions][actions[seat]]
		if e.swapLeft && onLeft(seat) {
			b.forward, b.backward = b.backward, b.forward
		}
		c.bodies[seat].steer(b)
	}
	point := float64(c.tick(e))
	terminated, truncated := c.over(), c.frame >= e.maxSteps
	for seat := range c.bodies {
		r.Rewards[seat] = float64(point * direction(seat))
		r.Terminated[seat], r.Truncated[seat] = terminated, truncated
	}
	return r
}

// tick advances the world by one frame and returns the point it brought, from the right side's
// view: -1, 0 or +1. A point that is not the last serves anew; the slimes stay where they are.
func (c *doublesCourt) tick(e *Doubles) int {
	for seat := range c.bodies {
		c.bodies[seat].move(direction(seat))
	}
	if c.toucher != nobody && c.since < sameTouch {
		c.since++
	}
	if c.hold == 0 {
		c.ball.fly()
	} else {
		c.hold--
	}
	for seat := range c.bodies {
		if c.mayTouch(seat, e.doubleTouch) && c.ball.meetBody(&c.bodies[seat]) {
			c.toucher, c.since = seat, 0
			e.result.Infos[seat][infoTouch] = 1
		}
	}
	c.ball.meetStub()
	point := -c.ball.edges()
	if point == 0 {
		return 0
	}
	if point < 0 {
		c.lives[1]--
	} else {
		c.lives[0]--
	}
	if !c.over() {
		c.serve()
	}
	return point
}

// mayTouch reports whether the ball bounces off the seat's slime. Off the one that touched it last
// it does not, until another has touched it; the touch itself may take a few frames.
func (c *doublesCourt) mayTouch(seat int, doubleTouch bool) bool {
	return doubleTouch || seat != c.toucher || c.since < sameTouch
}

// meetBody bounces the ball off a slime that it overlaps, and reports whether it did. The ball of
// two slimes on one spot may be pushed out of one into the other; from that one it must not bounce
// back down, so it is reflected only where it approaches.
func (b *ball) meetBody(s *body) bool {
	if !b.touches(s.x, s.y, slimeTouch) {
		return false
	}
	nx, ny := b.normal(s.x, s.y)
	b.push(s.x, s.y, nx, ny, slimeTouch)
	if float64((b.vx-s.vx)*nx)+float64((b.vy-s.vy)*ny) < 0 {
		b.reflect(nx, ny, s.vx, s.vy, 1)
	}
	return true
}

// over reports whether a side has lost.
func (c *doublesCourt) over() bool { return c.lives[0] <= 0 || c.lives[1] <= 0 }

// doublesObservation is the length of an observation: five things of four numbers, and who may
// touch the ball.
const doublesObservation = 5*viewWidth + doublesSeats

// Observe appends the agent's observation, 24 numbers (see the package's documentation).
func (e *Doubles) Observe(agent int, dst []float32) []float32 {
	c := &e.court
	dir := direction(agent)
	mate := mateOf(agent)
	back := 1 // the opponent who starts behind
	if !onLeft(agent) {
		back = 0
	}
	seats := [doublesSeats]int{agent, mate, back, mateOf(back)}
	for i, seat := range seats {
		b, d := &c.bodies[seat], dir
		if i >= 2 {
			d = -dir
		}
		dst = appendMirrored(dst, []float64{b.x, b.y, b.vx, b.vy}, d)
		if i == 0 {
			dst = appendMirrored(dst, []float64{c.ball.x, c.ball.y, c.ball.vx, c.ball.vy}, dir)
		}
	}
	for _, seat := range seats {
		dst = append(dst, float32(bit(c.mayTouch(seat, e.doubleTouch))))
	}
	return dst
}
