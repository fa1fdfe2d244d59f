package slime

import (
	"encoding/binary"
	"fmt"
	"math"

	"tandem/env"
	"tandem/env/numpyrand"
)

// sections is the state's layout.
var sections = []env.Section{
	{Name: "clock", Fields: []env.Field{
		{Name: "frame", Kind: env.U32},
		{Name: "hold", Kind: env.U8},
	}},
	ballSection,
	{Name: "left", Fields: slimeFields},
	{Name: "right", Fields: slimeFields},
	// What the agents see, where that is older than the world; all zero where it is not.
	{Name: "seen", Fields: []env.Field{
		{Name: "stale", Kind: env.U8, Words: noYes},
		{Name: "left", Kind: env.F64, Count: viewWidth, Labels: motion},
		{Name: "ball", Kind: env.F64, Count: viewWidth, Labels: motion},
		{Name: "right", Kind: env.F64, Count: viewWidth, Labels: motion},
		{Name: "left_boost", Kind: env.U8, Count: 2, Labels: boost},
		{Name: "right_boost", Kind: env.U8, Count: 2, Labels: boost},
	}},
	{Name: "rng", Fields: append(generatorFields[:len(generatorFields):len(generatorFields)], env.Field{Name: "draws", Kind: env.U32})},
}

var ballSection = env.Section{Name: "ball", Fields: []env.Field{
	{Name: "x", Kind: env.F64}, {Name: "y", Kind: env.F64},
	{Name: "prev_x", Kind: env.F64}, {Name: "prev_y", Kind: env.F64},
	{Name: "vx", Kind: env.F64}, {Name: "vy", Kind: env.F64},
	{Name: "speed_factor", Kind: env.F64},
}}

var bodyFields = []env.Field{
	{Name: "x", Kind: env.F64}, {Name: "y", Kind: env.F64},
	{Name: "vx", Kind: env.F64}, {Name: "vy", Kind: env.F64},
	{Name: "desired_vx", Kind: env.F64}, {Name: "desired_vy", Kind: env.F64},
}

var slimeFields = append(bodyFields[:len(bodyFields):len(bodyFields)], []env.Field{
	{Name: "lives", Kind: env.I32},
	{Name: "boost_stock", Kind: env.U8},
	{Name: "boost_timer", Kind: env.U8},
	{Name: "sad", Kind: env.U8, Words: noYes},
}...)

var generatorFields = []env.Field{
	{Name: "state", Kind: env.U64, Count: 2, Labels: highLow},
	{Name: "inc", Kind: env.U64, Count: 2, Labels: highLow},
	{Name: "has_half", Kind: env.U8, Words: noYes},
	{Name: "half", Kind: env.U32},
}

// What values are called for people.
var (
	noYes   = []string{"no", "yes"}
	motion  = []string{"x", "y", "vx", "vy"}
	boost   = []string{"stock", "timer"}
	highLow = []string{"high", "low"}
)

// Bounds of the states that play reaches. A step from within them stays within them (but for the
// counters, after a year), so SetState accepts nothing that could later overflow or divide by zero.
const (
	// The edges put the ball back into the world after every flight: strictly inside wallX, above
	// floorY and below ceilingY.

	// A flight limits the ball's speed to 33.75, then two boosted bounces off slimes moving at 27
	// make it 280 at most.
	maxBallSpeed = 300

	// A slime's height plus vy²/(2·|gravity|) falls by 0.012 with every step in the air and is 9.03
	// after the first step of a jump.
	maxSlimeEnergy = 9.1

	maxFrame = 1 << 30  // a year of play
	minLives = -1 << 30 // lives go negative when an ended episode is stepped on
)

// AppendState appends the complete state.
func (e *Env) AppendState(buf []byte) []byte {
	g := &e.game
	le := binary.LittleEndian

	buf, mark := env.BeginSection(buf)
	buf = le.AppendUint32(buf, g.frame)
	buf = append(buf, g.hold)
	buf = env.EndSection(buf, mark)

	buf = g.ball.append(buf)

	buf = appendSlime(buf, &g.left)
	buf = appendSlime(buf, &g.right)

	var seen view
	if g.stale {
		seen = g.seen
	}
	buf, mark = env.BeginSection(buf)
	buf = append(buf, bit(g.stale))
	for _, v := range &seen.values {
		buf = env.AppendF64(buf, v)
	}
	buf = append(buf, seen.leftStock, seen.leftTimer, seen.rightStock, seen.rightTimer)
	buf = env.EndSection(buf, mark)

	buf, mark = env.BeginSection(buf)
	buf = g.rng.AppendState(buf)
	buf = le.AppendUint32(buf, g.draws)
	return env.EndSection(buf, mark)
}

// append appends the section "ball".
func (b *ball) append(buf []byte) []byte {
	buf, mark := env.BeginSection(buf)
	buf = env.AppendF64(buf, b.x)
	buf = env.AppendF64(buf, b.y)
	buf = env.AppendF64(buf, b.prevX)
	buf = env.AppendF64(buf, b.prevY)
	buf = env.AppendF64(buf, b.vx)
	buf = env.AppendF64(buf, b.vy)
	buf = env.AppendF64(buf, b.speedFactor)
	return env.EndSection(buf, mark)
}

func appendSlime(buf []byte, s *slime) []byte {
	buf, mark := env.BeginSection(buf)
	buf = s.body.append(buf)
	buf = binary.LittleEndian.AppendUint32(buf, uint32(s.lives))
	buf = append(buf, s.stock, s.timer, bit(s.sad))
	return env.EndSection(buf, mark)
}

func (s *body) append(buf []byte) []byte {
	buf = env.AppendF64(buf, s.x)
	buf = env.AppendF64(buf, s.y)
	buf = env.AppendF64(buf, s.vx)
	buf = env.AppendF64(buf, s.vy)
	buf = env.AppendF64(buf, s.wantX)
	return env.AppendF64(buf, s.wantY)
}

func bit(b bool) uint8 {
	if b {
		return 1
	}
	return 0
}

// SetState replaces the state. What AppendState cannot have written for an environment of the same
// Spec is refused, and leaves this one as it was.
func (e *Env) SetState(data []byte) error {
	if err := e.spec.CheckState(data); err != nil {
		return err
	}
	var g game
	rest := data
	for _, sec := range sections {
		payload, r, _ := env.NextSection(rest)
		rest = r
		if what := e.readSection(&g, sec.Name, payload); what != "" {
			return fmt.Errorf("state of %s: section %q: %s", e.spec.Name, sec.Name, what)
		}
	}
	if g.hold > 0 && !g.ball.served() {
		return fmt.Errorf("state of %s: section %q: a ball that has moved while it hangs", e.spec.Name, "ball")
	}
	if !g.stale {
		g.refresh()
	}
	e.game = g
	return nil
}

// readSection fills the section's part of g and returns what is wrong with it, or "".
func (e *Env) readSection(g *game, name string, payload []byte) string {
	rd := env.NewReader(payload)
	switch name {
	case "clock":
		g.frame, g.hold = rd.U32(), rd.U8()
		if g.frame > maxFrame || g.hold > holdFrames {
			return "a frame or a hold that play does not reach"
		}
	case "ball":
		return readBall(&g.ball, &rd, e.boost)
	case "left":
		return e.readSlime(&g.left, leftDir, &rd)
	case "right":
		return e.readSlime(&g.right, rightDir, &rd)
	case "seen":
		return e.readSeen(g, &rd)
	case "rng":
		g.draws = binary.LittleEndian.Uint32(payload[numpyrand.StateSize:])
		return readGenerator(&g.rng, payload[:numpyrand.StateSize])
	}
	return ""
}

// readGenerator reads the generator of the serves.
func readGenerator(g *numpyrand.PCG64, data []byte) string {
	var err error
	if *g, err = numpyrand.ParseState(data); err != nil {
		return err.Error()
	}
	if g.HasHalf() {
		return "a half-used word, where only whole ones are drawn"
	}
	return ""
}

func readBall(b *ball, rd *env.Reader, boost bool) string {
	*b = ball{
		x: rd.F64(), y: rd.F64(), prevX: rd.F64(), prevY: rd.F64(),
		vx: rd.F64(), vy: rd.F64(), speedFactor: rd.F64(),
	}
	switch {
	case !ballMotion(b.x, b.y, b.vx, b.vy) || !ballMotion(b.prevX, b.prevY, 0, 0):
		return "a position outside the world, or a velocity that play does not reach"
	case b.speedFactor != 1 && !(boost && b.speedFactor == boostFactor):
		return "a speed factor that there is not"
	}
	return ""
}

func (e *Env) readSlime(s *slime, dir float64, rd *env.Reader) string {
	*s = slime{body: readBody(rd), lives: rd.I32(), stock: rd.U8(), timer: rd.U8()}
	sad := rd.U8()
	s.sad = sad == 1
	switch {
	case s.body.wrong(dir) != "":
		return s.body.wrong(dir)
	case s.lives > e.lives || s.lives < minLives:
		return "more lives than a side starts with, or too few"
	case !e.boostState(s.stock, s.timer):
		return "a boost that a slime cannot have"
	case sad > 1:
		return "sad is 0 or 1"
	}
	return ""
}

func readBody(rd *env.Reader) body {
	return body{
		x: rd.F64(), y: rd.F64(), vx: rd.F64(), vy: rd.F64(),
		wantX: rd.F64(), wantY: rd.F64(),
	}
}

// wrong says why play does not reach such a body on the side of dir, or "".
func (s *body) wrong(dir float64) string {
	switch {
	case !slimeMotion(s.x, s.y, s.vx, s.vy, dir):
		return "a position or velocity that a slime cannot have"
	case !oneOf(s.wantX, 0, -runSpeed, runSpeed) || !oneOf(s.wantY, 0, jumpSpeed):
		return "a desired velocity that there is not"
	}
	return ""
}

func (e *Env) readSeen(g *game, rd *env.Reader) string {
	stale := rd.U8()
	v := &g.seen
	for i := range v.values {
		v.values[i] = rd.F64()
	}
	v.leftStock, v.leftTimer = rd.U8(), rd.U8()
	v.rightStock, v.rightTimer = rd.U8(), rd.U8()
	if stale > 1 {
		return "stale is 0 or 1"
	}
	g.stale = stale == 1
	if !g.stale {
		for _, f := range &v.values {
			if math.Float64bits(f) != 0 {
				return "numbers that are not stale"
			}
		}
		if v.leftStock|v.leftTimer|v.rightStock|v.rightTimer != 0 {
			return "boosts that are not stale"
		}
		return ""
	}
	l, b, r := v.values[viewLeft:], v.values[viewBall:], v.values[viewRight:]
	switch {
	case !slimeMotion(l[0], l[1], l[2], l[3], leftDir) || !slimeMotion(r[0], r[1], r[2], r[3], rightDir):
		return "a position or velocity that a slime cannot have"
	case !ballMotion(b[0], b[1], b[2], b[3]):
		return "a position or velocity that the ball cannot have"
	case !e.boostState(v.leftStock, v.leftTimer) || !e.boostState(v.rightStock, v.rightTimer):
		return "a boost that a slime cannot have"
	}
	return ""
}

// boostState reports whether a slime of this variant can have so many boosts left and so many
// frames of an active one.
func (e *Env) boostState(stock, timer uint8) bool {
	if !e.boost {
		return stock == boostStock && timer == 0
	}
	return stock <= boostStock && timer <= boostFrames && (stock < boostStock || timer == 0)
}

// served reports whether the ball can be one that hangs after its serve. No slime jumps so high.
func (b *ball) served() bool {
	return b.x == 0 && b.y == serveHeight && b.prevX == 0 && b.prevY == serveHeight && b.speedFactor == 1 &&
		between(b.vx, serveMinX, serveMaxX) && between(b.vy, serveMinY, serveMaxY)
}

func ballMotion(x, y, vx, vy float64) bool {
	return between(x, -wallX, wallX) && x != -wallX && x != wallX &&
		between(y, floorY, ceilingY) && y != floorY && y != ceilingY &&
		between(vx, -maxBallSpeed, maxBallSpeed) && between(vy, -maxBallSpeed, maxBallSpeed)
}

func slimeMotion(x, y, vx, vy, dir float64) bool {
	return between(float64(x*dir), slimeInner, slimeOuter) && oneOf(vx, 0, -runSpeed, runSpeed) &&
		between(y, groundHeight, maxSlimeEnergy) && between(vy, -maxBallSpeed, maxBallSpeed) &&
		y+float64(vy*vy)/(-2*gravity) <= maxSlimeEnergy
}

// between reports whether v is a number in that range, and no negative zero, which AppendState
// never writes.
func between(v, low, high float64) bool {
	return v >= low && v <= high && !isNegativeZero(v)
}

func oneOf(v float64, choices ...float64) bool {
	for _, c := range choices {
		if v == c {
			return !isNegativeZero(v)
		}
	}
	return false
}

func isNegativeZero(v float64) bool { return v == 0 && math.Signbit(v) }
