package scene

import (
	"image/color"
	"math"
	"time"

	"tandem/env/draw"
)

// slime draws half a disc standing on y, or its outline when nobody is there.
func (u *ui) slime(x, y, r float64, clr color.RGBA, hollow bool) {
	u.halfDisc(x, y, r, clr)
	if hollow {
		t := max(r*0.16, 1)
		u.halfDisc(x, y-t/2, r-t, panel)
	}
}

// seat draws what stands for a seat, centred at (x, y): the environment's icon, or a slime of radius r. Nobody
// sits on a hollow one.
func (u *ui) seat(icon []string, role draw.Role, x, y, r float64, hollow bool) {
	if len(icon) == 0 {
		u.slime(x, y+r/2, r, palette.Roles[role], hollow)
		return
	}
	alpha := 1.0
	if hollow {
		alpha = 0.35
	}
	side := r * iconSide
	for _, name := range icon {
		u.painter.Sprite(name, role, x-side/2, y-side/2, side, side, alpha)
	}
}

// iconSide is the side of an icon for a slime of radius 1.
const iconSide = 3.2

func (u *ui) halfDisc(x, y, r float64, clr color.RGBA) {
	const steps = 40 // smooth up to the largest slime of the backdrop
	var corners [steps + 1]draw.Point
	for i := range corners {
		sin, cos := math.Sincos(math.Pi * float64(i) / steps)
		corners[i] = draw.Point{X: x - r*cos, Y: y - r*sin}
	}
	u.c.Polygon(corners[:], clr, 1)
}

// eye gives a slime a look at a point.
func (u *ui) eye(x, y, r, atX, atY float64) {
	u.c.Circle(x, y, r, palette.Roles[draw.EyeWhite], 1)
	d := math.Hypot(atX-x, atY-y)
	if d > 0 {
		x, y = x+(atX-x)/d*r*0.45, y+(atY-y)/d*r*0.45
	}
	u.c.Circle(x, y, r*0.5, palette.Roles[draw.Pupil], 1)
}

// flight is how long the ball of the backdrop is in the air between the two slimes.
const flight = 1300 * time.Millisecond

// backdrop draws what lies behind the menu: two slimes that play on their own, for ever. since is
// how long they have been at it.
func (u *ui) backdrop(since time.Duration) {
	u.c.Gradient(0, 0, u.w, u.h, palette.Roles[draw.Background], palette.Horizon)
	u.stars()
	ground := u.h * 0.84
	r := min(u.w*0.085, u.h*0.14)
	net := r * 0.28
	u.c.RoundRect(u.w/2-net/2, ground-r*1.25, net, r*1.25+net, net/2, palette.Roles[draw.Net], 1)
	u.c.Rect(0, ground, u.w, u.h-ground, palette.Roles[draw.Ground], 1)
	u.c.Rect(0, ground, u.w, max(r*0.05, 1), palette.Roles[draw.GroundEdge], 1)

	// Forth and back on the same parabola, from one slime's head to the other's.
	left, right := u.w*0.13, u.w*0.87
	turn, t := math.Modf(float64(since%(2*flight)) / float64(flight))
	if turn == 1 {
		t = 1 - t
	}
	ballR := r * 0.28
	head := ground - r - ballR
	ballX := left + (right-left)*t
	ballY := head - 4*t*(1-t)*(head-u.h*0.1)
	duck := func(near float64) float64 { return r * (1 - 0.08*max(0, 1-near*8)) }
	rl, rr := duck(t), duck(1-t)

	u.slime(left, ground, rl, seatColour(nil, 0), false)
	u.slime(right, ground, rr, seatColour(nil, 1), false)
	u.eye(left+r*0.42, ground-rl*0.55, r*0.2, ballX, ballY)
	u.eye(right-r*0.42, ground-rr*0.55, r*0.2, ballX, ballY)
	u.c.Circle(ballX, ballY, ballR, palette.Roles[draw.Ball], 1)
}

// stars are always at the same places: a few points made from their number.
func (u *ui) stars() {
	const n = 48
	for i := range n {
		x := math.Mod(float64(i)*0.61803398875, 1)
		y := math.Mod(float64(i)*0.75487766625, 1)
		faint := 0.15 + 0.5*math.Mod(float64(i)*0.5698402909, 1)
		u.c.Circle(x*u.w, y*u.h*0.7, max(u.u*0.06, 0.6)*(0.6+faint), ink, faint*(1-y))
	}
}

// dim lays a shade over everything drawn so far.
func (u *ui) dim(alpha float64) { u.c.Rect(0, 0, u.w, u.h, shade, alpha) }
