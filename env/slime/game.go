package slime

import (
	"math"

	"tandem/env/numpyrand"
)

// game is everything that changes: the complete state of one environment.
type game struct {
	frame uint32 // steps taken in this episode
	hold  uint8  // frames for which the ball still hangs after its serve
	ball  ball
	left  slime
	right slime

	// seen is what the agents' observations are made of. It follows the world on every frame but
	// those that score: stale says that it is older than the world.
	seen  view
	stale bool

	rng   numpyrand.PCG64
	draws uint32 // doubles drawn since rng was seeded
}

type ball struct {
	x, y         float64
	prevX, prevY float64 // before the last flight
	vx, vy       float64
	speedFactor  float64 // 1, or boostFactor after a boosted bounce
}

// body is a slime's place and motion, all that the physics of the court knows of it.
type body struct {
	x, y, vx, vy float64
	wantX, wantY float64 // desired velocities; wantX is towards the own outer wall
}

type slime struct {
	body
	lives        int32
	stock, timer uint8 // boosts left; frames for which the boost is still active
	sad          bool
}

// buttons is what an action presses.
type buttons struct{ forward, backward, jump, boost bool }

// newGame puts everything at its start and serves, keeping the generator where it is.
func (g *game) newGame(lives int32) {
	g.frame = 0
	start := func(dir float64) slime {
		return slime{body: body{x: float64(dir * slimeStart), y: groundHeight}, lives: lives, stock: boostStock}
	}
	g.left, g.right = start(leftDir), start(rightDir)
	g.serve()
	g.refresh()
}

// serve puts a new ball above the net.
func (g *game) serve() {
	g.ball = newServe(&g.rng)
	g.draws += drawsPerServe
	g.hold = holdFrames
}

// newServe draws a ball's velocity, the horizontal one first.
func newServe(g *numpyrand.PCG64) ball {
	vx := g.Uniform(serveMinX, serveMaxX)
	vy := g.Uniform(serveMinY, serveMaxY)
	return ball{y: serveHeight, prevY: serveHeight, vx: vx, vy: vy, speedFactor: 1}
}

// steer sets where a body wants to go.
func (s *body) steer(b buttons) {
	s.wantX, s.wantY = 0, 0
	switch {
	case b.forward && !b.backward:
		s.wantX = -runSpeed
	case b.backward && !b.forward:
		s.wantX = runSpeed
	}
	if b.jump {
		s.wantY = jumpSpeed
	}
}

// apply sets what a slime wants to do.
func (s *slime) apply(b buttons) {
	s.steer(b)
	if b.boost && s.stock > 0 {
		s.timer = boostFrames
		s.stock--
	}
}

// tick advances the world by one frame and returns the point it brought, from the right side's
// view: -1, 0 or +1. lives are those of a side at the start: with more than one, a point serves
// anew.
func (g *game) tick(lives int32) int {
	if g.hold == 0 {
		g.left.sad, g.right.sad = false, false
	}
	g.left.move(leftDir)
	g.right.move(rightDir)
	if g.hold == 0 {
		g.ball.fly()
	} else {
		g.hold--
	}
	g.ball.meet(&g.left)
	g.ball.meet(&g.right)
	g.ball.meetStub()
	point := -g.ball.edges()
	if point == 0 {
		g.refresh()
		return 0
	}
	if lives > 1 {
		g.serve()
	}
	if point < 0 {
		g.right.lives--
	} else {
		g.left.lives--
	}
	g.left.sad, g.right.sad = point > 0, point < 0
	g.stale = true // and seen stays as it was
	return point
}

// over reports whether a side has lost.
func (g *game) over() bool { return g.left.lives <= 0 || g.right.lives <= 0 }

// move advances the slime by one frame. The boost runs down before the ball is tested.
func (s *slime) move(dir float64) {
	if s.timer > 0 {
		s.timer--
	}
	s.body.move(dir)
}

func (s *body) move(dir float64) {
	s.vy += gravityStep
	if s.y <= jumpHeight {
		s.vy = s.wantY
	}
	s.vx = float64(s.wantX * dir)
	s.x += float64(s.vx * dt)
	s.y += float64(s.vy * dt)
	if s.y <= groundHeight {
		s.y, s.vy = groundHeight, 0
	}
	if float64(s.x*dir) <= slimeInner {
		s.x, s.vx = float64(slimeInner*dir), 0
	}
	if float64(s.x*dir) >= slimeOuter {
		s.x, s.vx = float64(slimeOuter*dir), 0
	}
}

// fly moves the ball freely for one frame. The speed limit acts before the move, so the speed that
// a bounce gives stays in the state until the next flight.
func (b *ball) fly() {
	b.vy += gravityStep
	limit := float64(ballSpeed * b.speedFactor)
	if m2 := float64(b.vx*b.vx) + float64(b.vy*b.vy); m2 > float64(limit*limit) {
		// Two roundings for each component, as in the reference: not one factor for both.
		m := math.Sqrt(m2)
		b.vx = float64(b.vx / m * limit)
		b.vy = float64(b.vy / m * limit)
	}
	b.prevX, b.prevY = b.x, b.y
	b.x += float64(b.vx * dt)
	b.y += float64(b.vy * dt)
}

// meet bounces the ball off a slime that it overlaps.
func (b *ball) meet(s *slime) {
	if !b.touches(s.x, s.y, slimeTouch) {
		return
	}
	factor := 1.0
	if s.timer > 0 {
		factor = boostFactor
	}
	b.bounce(s.x, s.y, s.vx, s.vy, slimeTouch, factor)
}

// meetStub bounces the ball off the top of the net.
func (b *ball) meetStub() {
	if b.touches(0, netHeight, stubTouch) {
		b.bounce(0, netHeight, 0, 0, stubTouch, 1)
	}
}

// touches reports whether the ball overlaps a circle at (x, y); touch is the squared sum of radii.
func (b *ball) touches(x, y, touch float64) bool {
	dx, dy := x-b.x, y-b.y
	return touch > float64(dx*dx)+float64(dy*dy)
}

// bounce pushes the ball out of the circle at (px, py), which moves with (pvx, pvy), and reflects
// its velocity relative to the circle's, times factor. It is not asked whether the ball approaches.
func (b *ball) bounce(px, py, pvx, pvy, touch, factor float64) {
	nx, ny := b.normal(px, py)
	b.push(px, py, nx, ny, touch)
	b.reflect(nx, ny, pvx, pvy, factor)
}

// normal is the direction from a circle's centre to the ball's, of length 1.
func (b *ball) normal(px, py float64) (nx, ny float64) {
	ax, ay := b.x-px, b.y-py
	if d := math.Sqrt(float64(ax*ax) + float64(ay*ay)); d > 0 {
		return ax / d, ay / d
	}
	return 0, 1 // the centres coincide, which play never reaches: the reference raises, here up is up
}

// push moves the ball in small steps along the normal until it is out of the circle.
func (b *ball) push(px, py, nx, ny, touch float64) {
	stepX, stepY := float64(nx*nudge), float64(ny*nudge)
	for b.touches(px, py, touch) {
		b.x += stepX
		b.y += stepY
	}
}

func (b *ball) reflect(nx, ny, pvx, pvy, factor float64) {
	ux, uy := b.vx-pvx, b.vy-pvy
	un := float64(ux*nx) + float64(uy*ny)
	k := float64(un * 2)
	ux -= float64(nx * k)
	uy -= float64(ny * k)
	b.vx = float64((ux + pvx) * factor)
	b.vy = float64((uy + pvy) * factor)
	b.speedFactor = factor
}

// edges keeps the ball in the world and returns where it landed: -1 on the left ground, +1 on the
// right, 0 nowhere.
func (b *ball) edges() int {
	if b.x <= -wallX {
		b.vx, b.x = -b.vx, -wallXPut
	}
	if b.x >= wallX {
		b.vx, b.x = -b.vx, wallXPut
	}
	if b.y <= floorY {
		b.vy, b.y = -b.vy, floorYPut
		if b.x <= 0 {
			return -1
		}
		return 1
	}
	if b.y >= ceilingY {
		b.vy, b.y = -b.vy, ceilYPut
	}
	if b.x <= netSideX && b.prevX > netSideX && b.y <= netHeight {
		b.vx, b.x = -b.vx, netSidePut
	}
	if b.x >= -netSideX && b.prevX < -netSideX && b.y <= netHeight {
		b.vx, b.x = -b.vx, -netSidePut
	}
	return 0
}
