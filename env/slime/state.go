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
	{Name: "ball", Fields: []env.Field{
		{Name: "x", Kind: env.F64}, {Name: "y", Kind: env.F64},
		{Name: "prev_x", Kind: env.F64}, {Name: "prev_y", Kind: env.F64},
		{Name: "vx", Kind: env.F64}, {Name: "vy", Kind: env.F64},
		{Name: "speed_factor", Kind: env.F64},
	}},
	{Name: "left", Fields: slimeFields},
	{Name: "right", Fields: slimeFields},
	// What the agents see, where that is older than the world; all zero where it is not.
	{Name: "seen", Fields: []env.Field{
		{Name: "stale", Kind: env.U8},
		{Name: "left", Kind: env.F64, Count: viewWidth},
		{Name: "ball", Kind: env.F64, Count: viewWidth},
		{Name: "right", Kind: env.F64, Count: viewWidth},
		{Name: "left_boost", Kind: env.U8, Count: 2},
		{Name: "right_boost", Kind: env.U8, Count: 2},
	}},
	{Name: "rng", Fields: []env.Field{
		{Name: "state", Kind: env.U64, Count: 2},
		{Name: "inc", Kind: env.U64, Count: 2},
		{Name: "has_half", Kind: env.U8},
		{Name: "half", Kind: env.U32},
		{Name: "draws", Kind: env.U32},
	}},
}

var slimeFields = []env.Field{
	{Name: "x", Kind: env.F64}, {Name: "y", Kind: env.F64},
	{Name: "vx", Kind: env.F64}, {Name: "vy", Kind: env.F64},
	{Name: "desired_vx", Kind: env.F64}, {Name: "desired_vy", Kind: env.F64},
	{Name: "lives", Kind: env.I32},
	{Name: "boost_stock", Kind: env.U8},
	{Name: "boost_timer", Kind: env.U8},
	{Name: "sad", Kind: env.U8},
}

// Bounds of what SetState accepts. They are wider than what play reaches, and narrow enough that no
// number of later steps overflows, divides by nothing or runs for long.
const (
	maxPosition = 2 * worldWidth // play stays within the world
	maxVelocity = 1e6            // play stays below 300: three boosted bounces in one frame
	maxFrame    = 1 << 30        // a year of play
	minLives    = -1 << 30       // lives go negative when an ended episode is stepped on
)

// AppendState appends the complete state.
func (e *Env) AppendState(buf []byte) []byte {
	g := &e.game
	le := binary.LittleEndian

	buf, mark := env.BeginSection(buf)
	buf = le.AppendUint32(buf, g.frame)
	buf = append(buf, g.hold)
	buf = env.EndSection(buf, mark)

	buf, mark = env.BeginSection(buf)
	buf = env.AppendF64(buf, g.ball.x)
	buf = env.AppendF64(buf, g.ball.y)
	buf = env.AppendF64(buf, g.ball.prevX)
	buf = env.AppendF64(buf, g.ball.prevY)
	buf = env.AppendF64(buf, g.ball.vx)
	buf = env.AppendF64(buf, g.ball.vy)
	buf = env.AppendF64(buf, g.ball.speedFactor)
	buf = env.EndSection(buf, mark)

	buf = appendSlime(buf, &g.left)
	buf = appendSlime(buf, &g.right)

	var seen view
	if g.stale {
		seen = g.seen
	}
	buf, mark = env.BeginSection(buf)
	buf = append(buf, flag(g.stale))
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

func appendSlime(buf []byte, s *slime) []byte {
	buf, mark := env.BeginSection(buf)
	buf = env.AppendF64(buf, s.x)
	buf = env.AppendF64(buf, s.y)
	buf = env.AppendF64(buf, s.vx)
	buf = env.AppendF64(buf, s.vy)
	buf = env.AppendF64(buf, s.wantX)
	buf = env.AppendF64(buf, s.wantY)
	buf = binary.LittleEndian.AppendUint32(buf, uint32(s.lives))
	buf = append(buf, s.stock, s.timer, flag(s.sad))
	return env.EndSection(buf, mark)
}

func flag(b bool) uint8 {
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
		return e.readBall(&g.ball, &rd)
	case "left":
		return e.readSlime(&g.left, leftDir, &rd)
	case "right":
		return e.readSlime(&g.right, rightDir, &rd)
	case "seen":
		return e.readSeen(g, &rd)
	case "rng":
		var err error
		if g.rng, err = numpyrand.ParseState(payload[:numpyrand.StateSize]); err != nil {
			return err.Error()
		}
		if g.rng.HasHalf() {
			return "a half-used word, where only whole ones are drawn"
		}
		g.draws = binary.LittleEndian.Uint32(payload[numpyrand.StateSize:])
	}
	return ""
}

func (e *Env) readBall(b *ball, rd *env.Reader) string {
	*b = ball{
		x: rd.F64(), y: rd.F64(), prevX: rd.F64(), prevY: rd.F64(),
		vx: rd.F64(), vy: rd.F64(), speedFactor: rd.F64(),
	}
	switch {
	case !within(maxPosition, b.x, b.y, b.prevX, b.prevY):
		return "a position outside the world"
	case !within(maxVelocity, b.vx, b.vy):
		return "a velocity that play does not reach"
	case b.speedFactor != 1 && !(e.boost && b.speedFactor == boostFactor):
		return "a speed factor that there is not"
	}
	return ""
}

func (e *Env) readSlime(s *slime, dir float64, rd *env.Reader) string {
	*s = slime{
		x: rd.F64(), y: rd.F64(), vx: rd.F64(), vy: rd.F64(),
		wantX: rd.F64(), wantY: rd.F64(),
		lives: rd.I32(), stock: rd.U8(), timer: rd.U8(),
	}
	sad := rd.U8()
	s.sad = sad == 1
	switch {
	case !slimeMotion(s.x, s.y, s.vx, s.vy, dir):
		return "a position or velocity that a slime cannot have"
	case !oneOf(s.wantX, 0, -runSpeed, runSpeed) || !oneOf(s.wantY, 0, jumpSpeed):
		return "a desired velocity that there is not"
	case s.lives > e.lives || s.lives < minLives:
		return "more lives than a side starts with, or too few"
	case !e.boostState(s.stock, s.timer):
		return "a boost that a slime cannot have"
	case sad > 1:
		return "sad is 0 or 1"
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
	case !within(maxPosition, b[0], b[1]) || !within(maxVelocity, b[2], b[3]):
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

func slimeMotion(x, y, vx, vy, dir float64) bool {
	out := float64(x * dir)
	return within(maxPosition, x, y) && out >= slimeInner && out <= slimeOuter && y >= groundHeight &&
		oneOf(vx, 0, -runSpeed, runSpeed) && within(maxVelocity, vy)
}

// within reports whether all values are numbers of at most that magnitude, and no negative zero,
// which AppendState never writes.
func within(limit float64, values ...float64) bool {
	for _, v := range values {
		if !(v >= -limit && v <= limit) || isNegativeZero(v) {
			return false
		}
	}
	return true
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
