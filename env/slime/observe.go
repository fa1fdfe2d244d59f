package slime

// view is the part of the world that observations show.
type view struct {
	// left slime, ball, right slime: x, y, vx, vy of each
	values [3 * viewWidth]float64

	leftStock, leftTimer, rightStock, rightTimer uint8
}

const viewWidth = 4

// Offsets into view.values.
const (
	viewLeft  = 0
	viewBall  = viewWidth
	viewRight = 2 * viewWidth
)

const (
	baseObservation  = 3 * viewWidth
	boostObservation = baseObservation + 4

	observationScale float64 = 10
)

// refresh makes the world of this frame the one that is seen.
func (g *game) refresh() {
	l, b, r := &g.left, &g.ball, &g.right
	g.seen = view{
		values: [...]float64{
			l.x, l.y, l.vx, l.vy,
			b.x, b.y, b.vx, b.vy,
			r.x, r.y, r.vx, r.vy,
		},
		leftStock: l.stock, leftTimer: l.timer,
		rightStock: r.stock, rightTimer: r.timer,
	}
	g.stale = false
}

// Observe appends the agent's observation, 12 or, in the boost variant, 16 numbers (see the
// package's documentation).
func (e *Env) Observe(agent int, dst []float32) []float32 {
	v := &e.game.seen
	own, opp, dir, self := viewLeft, viewRight, leftDir, &e.game.left
	oppStock, oppTimer := v.rightStock, v.rightTimer
	if agent == 1 {
		own, opp, dir, self = viewRight, viewLeft, rightDir, &e.game.right
		oppStock, oppTimer = v.leftStock, v.leftTimer
	}
	dst = appendMirrored(dst, v.values[own:own+viewWidth], dir)
	dst = appendMirrored(dst, v.values[viewBall:viewBall+viewWidth], dir)
	dst = appendMirrored(dst, v.values[opp:opp+viewWidth], -dir)
	if e.boost {
		dst = append(dst, float32(self.stock), float32(self.timer), float32(oppStock), float32(oppTimer))
	}
	return dst
}

// appendMirrored appends x·dir, y, vx·dir, vy, each divided by 10 in float64 and then rounded.
// Adding 0 turns a negative zero into the positive one that the reference has.
func appendMirrored(dst []float32, v []float64, dir float64) []float32 {
	return append(dst,
		float32((float64(v[0]*dir)+0)/observationScale),
		float32((v[1]+0)/observationScale),
		float32((float64(v[2]*dir)+0)/observationScale),
		float32((v[3]+0)/observationScale))
}
