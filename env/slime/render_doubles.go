package slime

import "tandem/env/draw"

var doublesLooks = [doublesSeats]slimeLook{
	newLook(AgentLeftBack, draw.TeamSeat(0, 0), 60),
	newLook(AgentRightBack, draw.TeamSeat(1, 0), 120),
	newLook(AgentLeftFront, draw.TeamSeat(0, 1), 60),
	newLook(AgentRightFront, draw.TeamSeat(1, 1), 120),
}

// throughAlpha is the opacity of a slime that the ball would fly through.
const throughAlpha = 0.4

// Render writes the picture of the current state. A slime that may not touch the ball now can be
// seen through.
func (e *Doubles) Render(l *draw.List) {
	c := &e.court
	start := c.frame == 0
	served := c.hold == holdFrames
	renderCourt(l, &c.ball, served)
	for seat := range c.bodies {
		alpha := 1.0
		if !c.mayTouch(seat, e.doubleTouch) {
			alpha = throughAlpha
		}
		renderBody(l, &doublesLooks[seat], &c.bodies[seat], &c.ball, alpha, start)
	}
	renderBall(l, &c.ball, served, c.over())
}
