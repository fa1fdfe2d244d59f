package slime

import "math"

// plan is a way to meet the ball: run to a place, at some frame from then on run on towards the net
// or away from it, and jump at some frame. Frames count from the next step.
type plan struct {
	to   float64 // where to run first
	at   int     // frame from which to run in direction then
	then int     // -1 towards the net, 1 away from it, 0 stay at to
	jump int     // negative: not at all
	worth
}

// worth says how good a plan is.
type worth struct {
	value   float64
	contact int  // the frame in which it meets the ball; -1 if it does not
	attack  bool // the ball comes down on the other side
}

const (
	horizon = 110           // frames looked ahead: a serve takes 103 to land
	stride  = runSpeed * dt // of a slime in one frame

	reach = ballRadius + slimeRadius // between the centres of a ball and a slime that touch
)

// Home: where to wait while the ball is the opponents'.
const (
	homeAlone = 11.5
	homeFront = 6.5
	homeBack  = 15.5
)

// keys is what the plan presses now.
func (b *Ace) keys() buttons {
	p := b.best
	p.to += b.blur
	k := p.keys(0, &b.s.bodies[self])
	if !b.skill.jumps {
		k.jump = false
	}
	if b.s.boosts > 0 && b.s.timer == 0 && b.best.attack && b.best.contact >= 0 && b.best.contact < boostFrames/3 {
		try := b.best
		b.try(&try, boostFactor)
		k.boost = try.attack && try.value > b.best.value+boostGain
	}
	return k
}

// boostGain is how much better a plan must be with the boost to be worth it.
const boostGain = 8

// keys is what the plan presses in frame f, counted from now.
func (p *plan) keys(f int, me *body) (k buttons) {
	to := p.to
	if p.then != 0 && f >= p.at {
		to = float64(float64(p.then)*worldWidth) + me.x
	}
	switch d := to - me.x; {
	case d > stride/2:
		k.backward = true // away from the net
	case d < -stride/2:
		k.forward = true
	}
	k.jump = f == p.jump
	return k
}

// choose finds what to do from now on.
func (b *Ace) choose() {
	s := &b.s
	b.fall = b.follow()
	land := &b.path[b.fall]
	if land.x <= 0 || !b.mine(land.x, b.fall) {
		b.planned = false
		b.best = plan{to: b.home(), jump: -1, worth: worth{contact: -1}}
		return
	}
	if b.planned {
		b.try(&b.best, s.factor())
	} else {
		b.planned = true
		b.best = plan{to: land.x + 0.4, jump: -1}
		b.try(&b.best, s.factor())
		b.blur = b.spread(-b.skill.blur, b.skill.blur)
	}
	for range b.skill.plans {
		p := b.draw(land.x, b.fall)
		if b.try(&p, s.factor()); p.value > b.best.value {
			b.best = p
		}
	}
}

// follow writes the ball's way, if nobody met it, into path: where it is in each frame before it
// meets anything. It returns the frame in which it lands.
func (b *Ace) follow() (fall int) {
	ball, hold := b.s.ball, b.s.hold
	for f := range b.path {
		if hold > 0 {
			hold--
			b.path[f] = ball
			continue
		}
		ball.fly()
		b.path[f] = ball
		ball.meetStub()
		if ball.edges() != 0 {
			return f
		}
	}
	return horizon - 1
}

// draw makes a plan at random: half the time from the best so far.
func (b *Ace) draw(landX float64, fall int) plan {
	p := plan{to: landX + b.spread(-1.5, 3.5), at: int(b.spread(0, float64(fall+1))), then: b.rng.Below(3) - 1, jump: -1}
	if b.rng.Below(2) == 0 {
		p = b.best
		switch b.rng.Below(3) {
		case 0:
			p.to += b.spread(-0.8, 0.8)
		case 1:
			p.at += b.rng.Below(7) - 3
		default:
			if p.jump >= 0 {
				p.jump = max(p.jump+b.rng.Below(7)-3, 0)
			}
		}
	} else if b.skill.jumps && b.rng.Below(2) == 0 {
		p.jump = b.rng.Below(fall + 1)
	}
	p.to = min(max(p.to, slimeInner), slimeOuter)
	return p
}

func (b *Ace) spread(from, to float64) float64 {
	return from + float64((to-from)*b.rng.Float64())
}

// Values of what a plan leads to.
const (
	missed   = -1000.0 // the ball lands on the own side, untouched
	given    = -300.0  // it comes down on the own side again, out of reach
	kept     = 10.0    // within reach
	returned = 60.0    // on the other side
)

// try judges a plan: the own slime runs and jumps as it says, until it meets the ball; then the ball
// flies on until it lands.
func (b *Ace) try(p *plan, factor float64) {
	p.worth = worth{contact: -1}
	me := b.s.bodies[self]
	for f := range b.fall + 1 {
		me.steer(p.keys(f, &me))
		me.move(rightDir)
		ball := &b.path[f]
		if ball.touches(me.x, me.y, slimeTouch) {
			p.contact = f
			b.judge(p, *ball, me, factor)
			return
		}
	}
	p.value = missed - math.Abs(me.x-b.path[b.fall].x)
}

// judge plays on from the contact.
func (b *Ace) judge(p *plan, ball ball, me body, factor float64) {
	s := &b.s
	ball.bounce(me.x, me.y, me.vx, me.vy, slimeTouch, factor)
	again := s.seats == 2 // the own slime may touch it again at once
	ball.meetStub()
	frames := 0
	for ball.edges() == 0 && frames < 2*horizon {
		frames++
		ball.fly()
		if again && frames <= sameTouch {
			me.steer(p.keys(p.contact+frames, &me))
			me.move(rightDir)
			if ball.touches(me.x, me.y, slimeTouch) {
				ball.bounce(me.x, me.y, me.vx, me.vy, slimeTouch, factor)
			}
		}
		ball.meetStub()
	}
	if ball.x > 0 {
		// The next touch is the own one, in doubles the team-mate's.
		who := me
		if !again {
			who = s.bodies[mate]
		}
		needs := max((math.Abs(who.x-ball.x)-reach/2)/stride, float64(who.airborne()))
		spare := float64(frames) - needs
		if !again && b.still > asleep && needs > 0 {
			spare = 0
		}
		if spare < 3 {
			p.value = given + min(spare, 0)
			return
		}
		p.value = kept + float64(0.2*float64(min(frames, 60))) - float64(0.5*ball.x)
		return
	}
	p.attack = true
	// How many frames too late the nearest opponent would come.
	late := math.Inf(1)
	for i := s.own; i < s.seats; i++ {
		late = min(late, (math.Abs(s.bodies[i].x-ball.x)-reach/2)/stride-float64(frames))
	}
	p.value = returned + float64(2*min(max(late, -25), 10)) - float64(0.1*float64(p.contact))
}

// airborne is how many frames a slime needs to come down.
func (s body) airborne() (frames int) {
	for s.y > groundHeight {
		s.move(rightDir)
		frames++
	}
	return frames
}

// asleep is for how many frames a team-mate stands still before it is not counted on any more.
const asleep = 60

// watch notices whether the team-mate moves at all.
func (b *Ace) watch() {
	s := &b.s
	if s.own == 1 {
		return
	}
	if now := s.bodies[mate]; now.x != b.mateAt.x || now.y != b.mateAt.y {
		b.mateAt, b.still = now, 0
	} else {
		b.still++
	}
}

// mine decides in doubles who of the side takes a ball that lands at x in so many frames.
func (b *Ace) mine(x float64, frames int) bool {
	s := &b.s
	if s.own == 1 || !s.may[mate] {
		return true
	}
	if !s.may[self] {
		return false
	}
	own, other := math.Abs(s.bodies[self].x-x), math.Abs(s.bodies[mate].x-x)
	can := reach
	if b.still <= asleep {
		can += float64(float64(frames) * stride)
	}
	if other > can {
		return true // it cannot get there, or does not try
	}
	if b.planned {
		own-- // whoever has begun goes on
	}
	return own <= other
}

// home is where to wait for the next ball.
func (b *Ace) home() float64 {
	s := &b.s
	if s.own == 1 || b.still > asleep {
		return homeAlone
	}
	if s.bodies[self].x <= s.bodies[mate].x {
		return homeFront
	}
	return homeBack
}
