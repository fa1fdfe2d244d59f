package slime

import (
	"math"

	"tandem/env/draw"
)

// The picture shows the whole width of the world and what lies below pictureHeight, without
// distortion. The ball leaves it at the top only after a boosted bounce; a marker shows where.
const (
	pictureWidth  = worldWidth
	pictureHeight = 27
)

func pictureX(x float64) float64 { return x/pictureWidth + 0.5 }
func pictureY(y float64) float64 { return 1 - y/pictureHeight }

// pictureR turns a radius or a line width into a fraction of the picture's width.
func pictureR(r float64) float64 { return r / pictureWidth }

// Sizes of what is only drawn, in units.
const (
	fenceWidth    = 1.0
	edgeWidth     = 0.08
	glowRadius    = 2.25 // of an active boost, around the slime
	eyeDistance   = 0.9  // from the slime's centre
	eyeRadius     = 0.48
	pupilDistance = 0.225 // from the eye's centre
	pupilRadius   = 0.24

	shadowHeight = 0.12 // half the height of the flat shadow
	markerHalf   = 0.55 // half the width of the marker of a ball above the picture
	markerTop    = 0.15 // distance of its tip from the edge
	markerHeight = 0.8
)

const (
	depthGlow  = -2
	depthWorld = -1
	depthEye   = 1
	depthPupil = 2
	depthSign  = 3
)

// slimeLook is what distinguishes the two sides in the picture.
type slimeLook struct {
	body, glow, eye, pupil string
	role                   draw.Role
	eyeX, eyeY             float64 // the eye's centre, from the slime's
}

var looks = [...]slimeLook{
	newLook(AgentLeft, draw.Seat(0), 60),
	newLook(AgentRight, draw.Seat(1), 120),
}

func newLook(agent string, role draw.Role, eyeDegrees float64) slimeLook {
	s, c := math.Sincos(eyeDegrees / 180 * math.Pi)
	return slimeLook{
		body: agent + "_body", glow: agent + "_body_boost",
		eye: agent + "_eye_white", pupil: agent + "_eye_pupil",
		role: role,
		eyeX: eyeDistance * c, eyeY: eyeDistance * s,
	}
}

// arc is the upper half of the unit circle from left to right, circle the whole of it.
var (
	arc    = unitArc(31, math.Pi, 0)
	circle = unitArc(24, 2*math.Pi, 2*math.Pi/24)
)

// unitArc returns n points of the unit circle at even angles, both ends included.
func unitArc(n int, from, to float64) []draw.Point {
	p := make([]draw.Point, n)
	for i := range p {
		s, c := math.Sincos(from + float64((to-from)*float64(i))/float64(n-1))
		p[i] = draw.Point{X: c, Y: s}
	}
	return p
}

// Render writes the picture of the current state. Items that do not exist in this state (the glow
// of a boost, the marker of a ball above the picture) are left out.
func (e *Env) Render(l *draw.List) {
	g := &e.game
	start := g.frame == 0 // everything has jumped to its place

	served := g.hold == holdFrames
	renderCourt(l, &g.ball, served)
	renderSlime(l, &looks[0], &g.left, &g.ball, start)
	renderSlime(l, &looks[1], &g.right, &g.ball, start)
	renderBall(l, &g.ball, served, g.over())
}

// renderCourt draws the ground, the ball's shadow on it and the net.
func renderCourt(l *draw.List, b *ball, served bool) {
	ground := pictureY(groundHeight)
	l.Add(draw.Item{
		ID: "ground", Kind: draw.Rect, Role: draw.Ground, Depth: depthWorld, Alpha: 1,
		X: 0, Y: ground, W: 1, H: 1 - ground,
	})
	l.Add(draw.Item{
		ID: "ground_edge", Kind: draw.Line, Role: draw.GroundEdge, Depth: depthWorld, Alpha: 1,
		X: 0, Y: ground, X2: 1, Y2: ground, W: pictureR(edgeWidth),
	})
	renderShadow(l, b, served)
	l.Add(draw.Item{
		ID: "fence", Kind: draw.Line, Role: draw.Net, Depth: depthWorld, Alpha: 1,
		X: 0.5, Y: pictureY(netHeight), X2: 0.5, Y2: ground, W: pictureR(fenceWidth),
	})
	l.Add(draw.Item{
		ID: "fence_stub", Kind: draw.Circle, Role: draw.Net, Depth: depthWorld, Alpha: 1,
		X: 0.5, Y: pictureY(netHeight), R: pictureR(stubRadius),
	})
}

func renderSlime(l *draw.List, look *slimeLook, s *slime, b *ball, snap bool) {
	renderBody(l, look, &s.body, b, 1, snap)
	if s.timer > 0 {
		l.AddPolygon(draw.Item{ID: look.glow, Role: draw.Glow, Depth: depthGlow, Alpha: 1, Snap: snap})
		addPoints(l, arc, s.x, s.y, glowRadius, glowRadius)
	}
}

// renderBody draws a slime's body and its eye, which looks at the ball.
func renderBody(l *draw.List, look *slimeLook, s *body, b *ball, alpha float64, snap bool) {
	l.AddPolygon(draw.Item{ID: look.body, Role: look.role, Depth: depthWorld, Alpha: alpha, Snap: snap})
	addPoints(l, arc, s.x, s.y, slimeRadius, slimeRadius)

	ex, ey := s.x+look.eyeX, s.y+look.eyeY
	l.Add(draw.Item{
		ID: look.eye, Kind: draw.Circle, Role: draw.EyeWhite, Depth: depthEye, Alpha: 1, Snap: snap,
		X: pictureX(ex), Y: pictureY(ey), R: pictureR(eyeRadius),
	})
	dx, dy := b.x-ex, b.y-ey
	if d := math.Sqrt(float64(dx*dx) + float64(dy*dy)); d > 0 {
		ex += float64(dx / d * pupilDistance)
		ey += float64(dy / d * pupilDistance)
	}
	l.Add(draw.Item{
		ID: look.pupil, Kind: draw.Circle, Role: draw.Pupil, Depth: depthPupil, Alpha: 1, Snap: snap,
		X: pictureX(ex), Y: pictureY(ey), R: pictureR(pupilRadius),
	})
}

// renderBall draws the ball, in the colour of a highlight when the episode has ended.
func renderBall(l *draw.List, b *ball, snap, over bool) {
	role := draw.Ball
	if over {
		role = draw.Glow
	}
	l.Add(draw.Item{
		ID: "ball", Kind: draw.Circle, Role: role, Depth: depthWorld, Alpha: 1, Snap: snap,
		X: pictureX(b.x), Y: pictureY(b.y), R: pictureR(ballRadius),
	})
	if b.y-ballRadius < pictureHeight {
		return
	}
	l.AddPolygon(draw.Item{ID: "ball_marker", Role: draw.Marker, Depth: depthSign, Alpha: 1, Snap: snap})
	const tip, base = pictureHeight - markerTop, pictureHeight - markerTop - markerHeight
	l.Point(pictureX(b.x), pictureY(tip))
	l.Point(pictureX(b.x+markerHalf), pictureY(base))
	l.Point(pictureX(b.x-markerHalf), pictureY(base))
}

// renderShadow draws the ball's shadow on the ground, wider and fainter the higher the ball is.
func renderShadow(l *draw.List, b *ball, snap bool) {
	height := min(max(b.y-floorY, 0)/worldWidth, 1)
	l.AddPolygon(draw.Item{
		ID: "ball_shadow", Role: draw.BallShadow, Depth: depthWorld, Snap: snap,
		Alpha: 1 - float64(0.7*height),
	})
	addPoints(l, circle, b.x, groundHeight, float64(ballRadius*(1+height)), shadowHeight)
}

// addPoints adds the unit points, stretched by rx and ry, around (x, y) of the world.
func addPoints(l *draw.List, unit []draw.Point, x, y, rx, ry float64) {
	for _, p := range unit {
		l.Point(pictureX(x+float64(p.X*rx)), pictureY(y+float64(p.Y*ry)))
	}
}
