package slime

// Seats of a situation, as the one who looks at it counts them.
const (
	self = 0
	mate = 1 // where there is one
)

// situation is a game of either kind as one of its slimes sees it: mirrored, so that its own side is
// the right one.
type situation struct {
	ball   ball
	hold   int
	bodies [doublesSeats]body // self, mate, then the opponents
	own    int                // slimes of the own side
	seats  int                // of both

	may    [doublesSeats]bool // touch the ball
	timer  int                // frames for which the own boost is active
	boosts int                // that self has left
}

func (s *situation) read(e *Env, agent int) {
	g := &e.game
	me, other := &g.left, &g.right
	if agent == 1 {
		me, other = other, me
	}
	*s = situation{ball: g.ball, hold: int(g.hold), own: 1, seats: 2, may: [doublesSeats]bool{true, true, true, true}}
	s.bodies[0], s.bodies[1] = me.body, other.body
	s.timer = int(me.timer)
	if e.boost {
		s.boosts = int(me.stock)
	}
	s.mirror(agent)
}

func (s *situation) readDoubles(e *Doubles, agent int) {
	c := &e.court
	*s = situation{ball: c.ball, hold: int(c.hold), own: 2, seats: doublesSeats}
	for i, seat := range [...]int{agent, mateOf(agent), agent ^ 1, mateOf(agent ^ 1)} {
		s.bodies[i] = c.bodies[seat]
		s.may[i] = e.doubleTouch || seat != c.toucher
	}
	s.mirror(agent)
}

// mirror turns the left side's view into the right side's.
func (s *situation) mirror(agent int) {
	if !onLeft(agent) {
		return
	}
	b := &s.ball
	b.x, b.prevX, b.vx = -b.x, -b.prevX, -b.vx
	for i := range s.bodies {
		s.bodies[i].x, s.bodies[i].vx = -s.bodies[i].x, -s.bodies[i].vx
	}
}

// side is the direction of a slime of the situation.
func (s *situation) side(i int) float64 {
	if i < s.own {
		return rightDir
	}
	return leftDir
}

// factor is that of the own slime's bounces.
func (s *situation) factor() float64 {
	if s.timer > 0 {
		return boostFactor
	}
	return 1
}

// forward plays on to the frame in which the action that is chosen now will act: what self has
// already asked for is done, the others go on as they do. A point on the way is left out.
func (s *situation) forward(d *delay) {
	for i := d.frames; i > 0; i-- {
		s.bodies[self].steer(d.past(i))
		for j := range s.seats {
			s.bodies[j].move(s.side(j))
		}
		s.timer = max(s.timer-1, 0)
		if s.hold > 0 {
			s.hold--
			continue
		}
		s.ball.fly()
		for j := range s.seats {
			if b := &s.bodies[j]; s.may[j] && s.ball.touches(b.x, b.y, slimeTouch) {
				s.ball.bounce(b.x, b.y, b.vx, b.vy, slimeTouch, 1)
				if s.seats > 2 {
					s.touched(j)
				}
			}
		}
		s.ball.meetStub()
		s.ball.edges()
	}
}

// touched gives the ball free for everybody but seat j.
func (s *situation) touched(j int) {
	for i := range s.may {
		s.may[i] = i != j
	}
}

// delay finds out how many frames pass until an action shows: with the network in between, the
// state that a bot sees does not yet have its last actions in it.
type delay struct {
	frames int                  // the present answer
	ring   [pastActions]buttons // the last actions
	next   int
	wrong  [longestDelay + 1]int // how badly each answer has fitted lately
}

const (
	longestDelay = 15 // frames that it looks for; beyond, a bot plays as if it were that
	pastActions  = 32 // more than longestDelay, and a power of two
	memory       = 32 // decisions, about, for which a misfit counts
	misfit       = 64
)

// did remembers what was chosen.
func (d *delay) did(b buttons) {
	d.ring[d.next%pastActions] = b
	d.next++
}

// past returns what was chosen i decisions ago, 1 being the last.
func (d *delay) past(i int) buttons { return d.ring[(d.next-i+2*pastActions)%pastActions] }

// observe compares what the own slime now wants with what was asked of it.
func (d *delay) observe(me *body) {
	for lag := range d.wrong {
		var asked body
		asked.steer(d.past(lag + 1))
		d.wrong[lag] -= d.wrong[lag] / memory
		if asked.wantX != me.wantX || asked.wantY != me.wantY {
			d.wrong[lag] += misfit
		}
		if d.wrong[lag]+misfit < d.wrong[d.frames] {
			d.frames = lag
		}
	}
}
