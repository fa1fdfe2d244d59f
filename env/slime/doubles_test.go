package slime

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math"
	"strings"
	"testing"

	"tandem/env"
	"tandem/env/draw"
	"tandem/env/envtest"
	"tandem/env/numpyrand"
)

func newDoublesTest(t testing.TB, options ...string) *Doubles {
	t.Helper()
	o, err := env.ParseOptions(options)
	if err != nil {
		t.Fatal(err)
	}
	e, err := env.New(NameDoubles, o)
	if err != nil {
		t.Fatal(err)
	}
	return e.(*Doubles)
}

// doublesPlayer draws actions that hold for a while.
type doublesPlayer struct {
	rng     numpyrand.PCG64
	actions [doublesSeats]int
}

func (p *doublesPlayer) next() []int {
	for i := range p.actions {
		if p.rng.Below(8) == 0 {
			p.actions[i] = p.rng.Below(baseActions)
		}
	}
	return p.actions[:]
}

// flying puts the ball into flight at a place.
func (e *Doubles) flying(x, y, vx, vy float64) {
	e.court.hold = 0
	e.court.ball = ball{x: x, y: y, prevX: x, prevY: y, vx: vx, vy: vy, speedFactor: 1}
}

func TestDoublesStart(t *testing.T) {
	e := newDoublesTest(t)
	for seat, x := range []float64{-18, 18, -8, 8} {
		if b := e.court.bodies[seat]; b != (body{x: x, y: groundHeight}) {
			t.Errorf("%s starts as %+v, want x %v on the ground", e.spec.Agents[seat], b, x)
		}
		if side := map[bool]string{true: "left", false: "right"}[onLeft(seat)]; !strings.Contains(e.spec.Agents[seat], side) ||
			e.spec.TeamTitles[e.spec.Teams[seat]] != side+" side" || e.spec.Teams[mateOf(seat)] != e.spec.Teams[seat] {
			t.Errorf("%s: team %d", e.spec.Agents[seat], e.spec.Teams[seat])
		}
	}
	if got, want := env.CanonicalOptions(e.spec.Options), "lives=5 max_steps=5400 human_inputs=1 double_touch=0 episodes=3"; got != want {
		t.Errorf("options %q, want %q", got, want)
	}
	// The serve is the first of numpy's default_rng(42).
	e.Reset(42)
	if e.court.ball.vx != 10.958241942238534 || e.court.ball.vy != 16.583176596280786 {
		t.Errorf("serve %v, %v", e.court.ball.vx, e.court.ball.vy)
	}
}

func TestDoublesKeysMoveEverybodyTheSameWayOnScreen(t *testing.T) {
	for _, c := range newDoublesTest(t).Spec().Keys {
		e := newDoublesTest(t)
		before := e.court.bodies
		e.Step([]int{c.Action, c.Action, c.Action, c.Action})
		var dx, dy float64
		for _, k := range c.Keys {
			switch k {
			case env.KeyLeft:
				dx = -1
			case env.KeyRight:
				dx = 1
			case env.KeyUp:
				dy = 1
			}
		}
		for seat, b := range e.court.bodies {
			if sign(b.x-before[seat].x) != dx || sign(b.y-before[seat].y) != dy {
				t.Errorf("%v: seat %d moved by (%v, %v)", c.Keys, seat, b.x-before[seat].x, b.y-before[seat].y)
			}
		}
	}
	e := newDoublesTest(t, "human_inputs=0")
	e.Step([]int{1, 1, 1, 1})
	for seat, b := range e.court.bodies {
		if math.Abs(b.x) >= 18 || math.Abs(b.x) > 7.9 && seat >= 2 {
			t.Errorf("seat %d is at %v after one step forward", seat, b.x)
		}
	}
}

// Team-mates pass each other, and share their half from net to wall.
func TestDoublesMatesPassEachOther(t *testing.T) {
	e := newDoublesTest(t, "human_inputs=0")
	for range 60 {
		e.Step([]int{1, 5, 5, 1}) // left: the back one to the net, the front one to the wall; right the reverse
	}
	for seat, x := range []float64{-2, 22.5, -22.5, 2} {
		if got := e.court.bodies[seat].x; got != x {
			t.Errorf("seat %d is at %v, want %v", seat, got, x)
		}
	}
}

// drop lets the ball fall onto a seat's slime from a small height and plays n steps. It returns the
// steps of every touch by that seat.
func drop(e *Doubles, seat, n int) (touches []int) {
	b := &e.court.bodies[seat]
	e.flying(b.x, b.y+4, 0, 0)
	for step := range n {
		if e.Step(make([]int, doublesSeats)).Infos[seat][infoTouch] == 1 {
			touches = append(touches, step)
		}
	}
	return touches
}

// A slime touches the ball once, then another one must; a touch that goes on for some frames is one.
func TestDoublesTouches(t *testing.T) {
	e := newDoublesTest(t)
	if touches := drop(e, 0, 40); len(touches) != 1 || e.court.toucher != 0 {
		t.Fatalf("touches in steps %v, the last by %d; want one by seat 0", touches, e.court.toucher)
	}
	// It fell through the slime and landed: a point to the right, and a serve that anybody may take.
	for range 60 {
		if e.court.lives[0] < 5 {
			break
		}
		e.Step(make([]int, doublesSeats))
	}
	if e.court.lives != [2]int32{4, 5} || e.court.toucher != nobody || e.court.since != 0 || e.court.hold != holdFrames {
		t.Errorf("after the ball fell through: %+v", e.court)
	}

	// After the mate's touch, or an opponent's, the slime may again.
	for _, other := range []int{2, 1, 3} {
		e := newDoublesTest(t)
		drop(e, 0, 20)
		if e.court.mayTouch(0, false) || !e.court.mayTouch(other, false) {
			t.Fatalf("may touch: %v, other %v", e.court.mayTouch(0, false), e.court.mayTouch(other, false))
		}
		if touches := drop(e, other, 20); len(touches) != 1 || e.court.toucher != other || !e.court.mayTouch(0, false) {
			t.Errorf("seat %d: touches %v, the last by %d", other, touches, e.court.toucher)
		}
	}

	e = newDoublesTest(t, "double_touch=1")
	if touches := drop(e, 0, 100); len(touches) < 3 {
		t.Errorf("with double_touch the ball bounces on: touches in steps %v", touches)
	}

	// Within sameTouch frames it is the same touch, renewed by each contact.
	e = newDoublesTest(t)
	drop(e, 0, 20)
	e.court.since = sameTouch - 1
	if !e.court.mayTouch(0, false) {
		t.Error("a touch ends before its time")
	}
	e.court.since = sameTouch
	if e.court.mayTouch(0, false) {
		t.Error("a touch does not end")
	}
}

// The observation says who may touch, and the picture shows it.
func TestDoublesShowsWhoMayTouch(t *testing.T) {
	e := newDoublesTest(t)
	drop(e, 3, 20) // the right side's front
	for agent, want := range [][]float32{
		{1, 1, 1, 0}, // own, mate, the opponents back and front
		{1, 0, 1, 1},
		{1, 1, 1, 0},
		{0, 1, 1, 1},
	} {
		obs := e.Observe(agent, nil)
		if got := obs[len(obs)-doublesSeats:]; !envtest.SameFloats(got, want) {
			t.Errorf("agent %d sees %v, want %v", agent, got, want)
		}
	}
	var l draw.List
	e.Render(&l)
	for _, it := range l.Items {
		want := 1.0
		if it.ID == AgentRightFront+"_body" {
			want = throughAlpha
		}
		if strings.HasSuffix(it.ID, "_body") && it.Alpha != want {
			t.Errorf("%s has alpha %v", it.ID, it.Alpha)
		}
	}
}

func TestDoublesObservation(t *testing.T) {
	e := newDoublesTest(t)
	e.court.bodies = [doublesSeats]body{
		{x: -20, y: 2, vx: -20, vy: 1}, {x: 15, y: 3, vx: 20, vy: 2}, {x: -5, y: 4, vx: 20, vy: 3}, {x: 6, y: 5, vx: -20, vy: 4},
	}
	e.flying(10, 20, -5, 7)
	for agent, want := range [][]float32{
		{2, .2, 2, .1, -1, 2, .5, .7, .5, .4, -2, .3, 1.5, .3, 2, .2, .6, .5, -2, .4, 1, 1, 1, 1},
		{1.5, .3, 2, .2, 1, 2, -.5, .7, .6, .5, -2, .4, 2, .2, 2, .1, .5, .4, -2, .3, 1, 1, 1, 1},
		{.5, .4, -2, .3, -1, 2, .5, .7, 2, .2, 2, .1, 1.5, .3, 2, .2, .6, .5, -2, .4, 1, 1, 1, 1},
		{.6, .5, -2, .4, 1, 2, -.5, .7, 1.5, .3, 2, .2, 2, .2, 2, .1, .5, .4, -2, .3, 1, 1, 1, 1},
	} {
		if got := e.Observe(agent, nil); !envtest.SameFloats(got, want) {
			t.Errorf("agent %d observes\n%v, want\n%v", agent, got, want)
		}
	}
}

// Two slimes on one spot hit the ball like one: it must not be caught between them.
func TestDoublesMatesOnOneSpot(t *testing.T) {
	for _, apart := range []float64{0, 0.3, 1, 2, 3} {
		for _, dx := range []float64{-1.5, -0.4, 0, 0.4, 1.5} {
			e := newDoublesTest(t)
			e.court.bodies[0].x, e.court.bodies[2].x = -12, -12+apart
			e.flying(-12+apart/2+dx, 8, 0, -15)
			up := false
			for range 20 {
				e.Step(make([]int, doublesSeats))
				up = up || e.court.ball.vy > 5
				if up && e.court.ball.vy < -10 {
					t.Errorf("%v apart, %v off: the ball was hit down again: %+v", apart, dx, e.court.ball)
				}
			}
			if !up {
				t.Errorf("%v apart, %v off: the ball was not hit up: %+v", apart, dx, e.court.ball)
			}
		}
	}
}

func TestDoublesPoints(t *testing.T) {
	for side, x := range []float64{-13, 13} {
		e := newDoublesTest(t, "lives=2")
		for life := range 2 {
			e.flying(x, 2.2, 0, -20)
			res := e.Step(make([]int, doublesSeats))
			for seat, r := range res.Rewards {
				want := 1.0
				if e.spec.Teams[seat] == side {
					want = -1
				}
				if r != want {
					t.Errorf("side %d lost a point: seat %d got %v", side, seat, r)
				}
			}
			if last := life == 1; res.Done() != last || (e.court.hold == 0) != last {
				t.Errorf("side %d, life %d: done %v, hold %d", side, life+1, res.Done(), e.court.hold)
			}
		}
	}
	e := newDoublesTest(t, "max_steps=3")
	for i := range 3 {
		if res := e.Step(make([]int, doublesSeats)); res.Done() != (i == 2) || res.Terminated[0] {
			t.Errorf("step %d: %+v", i+1, res)
		}
	}
}

// The mirrored game is the mirror image of the game: no side has an advantage. (Only a ball that
// lands at x = 0 is the left side's.)
func TestDoublesIsFairToBothSides(t *testing.T) {
	a, b := newDoublesTest(t, "human_inputs=0"), newDoublesTest(t, "human_inputs=0")
	p := doublesPlayer{rng: numpyrand.New(4)}
	points := [2]int{}
	for episode := range uint64(20) {
		a.Reset(episode)
		b.Reset(episode)
		for step := range 2000 {
			if a.court.hold == holdFrames {
				b.court.ball.vx = -a.court.ball.vx
			}
			x := p.next()
			ra, rb := a.Step(x), b.Step([]int{x[1], x[0], x[3], x[2]})
			for seat := range doublesSeats {
				other := seat ^ 1
				if ra.Rewards[seat] != rb.Rewards[other] || ra.Infos[seat][0] != rb.Infos[other][0] {
					t.Fatalf("episode %d, step %d: results %+v and %+v", episode, step, ra, rb)
				}
				m := b.court.bodies[other]
				m.x, m.vx = -m.x+0, -m.vx+0
				if a.court.bodies[seat] != m {
					t.Fatalf("episode %d, step %d, seat %d: %+v, mirrored %+v", episode, step, seat, a.court.bodies[seat], m)
				}
			}
			if a.court.ball.x != -b.court.ball.x || a.court.ball.y != b.court.ball.y {
				t.Fatalf("episode %d, step %d: balls %+v and %+v", episode, step, a.court.ball, b.court.ball)
			}
			if r := ra.Rewards[0]; r > 0 {
				points[0]++
			} else if r < 0 {
				points[1]++
			}
			if ra.Done() {
				break
			}
		}
	}
	if min(points[0], points[1]) < 20 {
		t.Errorf("only %v points: the test has seen too little", points)
	}
}

// TestDoublesTrace compares a long game with its recording.
func TestDoublesTrace(t *testing.T) {
	var got strings.Builder
	fmt.Fprintf(&got, "slime/doubles version %d: SHA-256 of the states and results so far, after every 300 steps of sticky random play\n", doublesVersion)
	e := newDoublesTest(t, "lives=3", "max_steps=900")
	e.Reset(1)
	p := doublesPlayer{rng: numpyrand.New(2)}
	h := sha256.New()
	touches, points, episodes := 0, 0, uint64(1)
	var buf []byte
	for step := 1; step <= 12_000; step++ {
		res := e.Step(p.next())
		buf = e.AppendState(buf[:0])
		for seat := range doublesSeats {
			buf = binary.LittleEndian.AppendUint64(buf, math.Float64bits(res.Rewards[seat]+0))
			buf = append(buf, uint8(res.Infos[seat][infoTouch]))
			for _, v := range e.Observe(seat, nil) {
				buf = binary.LittleEndian.AppendUint32(buf, math.Float32bits(v))
			}
			touches += int(res.Infos[seat][infoTouch])
		}
		h.Write(buf)
		if res.Rewards[0] != 0 {
			points++
		}
		if res.Done() {
			episodes++
			e.Reset(episodes)
		}
		if step%300 == 0 {
			fmt.Fprintf(&got, "%d %x\n", step, h.Sum(nil)[:16])
		}
	}
	fmt.Fprintf(&got, "%d touches, %d points, %d episodes\n", touches, points, episodes)
	envtest.Trace(t, "testdata/doubles_trace.txt", got.String())
}

func TestDoublesSetStateRefuses(t *testing.T) {
	source := newDoublesTest(t, "lives=2")
	source.Reset(3)
	for range 40 {
		source.Step([]int{2, 4, 1, 0})
	}
	drop(source, 2, 20)
	good := source.AppendState(nil)
	if source.court.toucher != 2 || source.court.since == 0 {
		t.Fatalf("the test's state has touch %d, %d", source.court.toucher, source.court.since)
	}
	for _, c := range []struct {
		section, field string
		value          []byte
	}{
		{"clock", "frame", u32(1<<30 + 1)},
		{"clock", "hold", []byte{31}},
		{"ball", "x", f64(math.NaN())},
		{"ball", "y", f64(2)},
		{"ball", "speed_factor", f64(1.5)},
		{"left_back", "x", f64(2)},
		{"left_front", "y", f64(1.4)},
		{"right_back", "vx", f64(19)},
		{"right_front", "desired_vy", f64(-17.5)},
		{"right_front", "desired_vx", f64(math.Copysign(0, -1))},
		{"score", "left_lives", u32(3)},
		{"score", "right_lives", u32(1 << 31)},
		{"score", "last_touch", []byte{5}},
		{"score", "last_touch", []byte{0}}, // nobody, though there is a time since
		{"score", "since_touch", []byte{sameTouch + 1}},
		{"clock", "hold", []byte{1}}, // a ball that flies
		{"rng", "has_half", []byte{1}},
		{"rng", "inc", append(u32(0), append(u32(0), append(u32(2), u32(0)...)...)...)},
	} {
		e := newDoublesTest(t, "lives=2")
		bad := envtest.Patch(t, &e.spec, good, c.section, c.field, 0, c.value...)
		section := c.section
		if section == "clock" && c.value[0] == 1 && len(c.value) == 1 {
			section = "ball"
		}
		envtest.WantRefused(t, e, fmt.Sprintf("%s.%s = %x", c.section, c.field, c.value), bad, `"`+section+`"`)
	}
	e := newDoublesTest(t, "lives=2")
	for _, bad := range [][]byte{nil, good[:len(good)-1], append(bytes.Clone(good), 0), good[1:], newTest(t, Name).AppendState(nil)} {
		if err := e.SetState(bad); err == nil {
			t.Errorf("%d bytes accepted", len(bad))
		}
	}
	if err := e.SetState(good); err != nil {
		t.Error(err)
	}
	if !bytes.Equal(e.AppendState(nil), good) {
		t.Error("the state reads back differently")
	}
	served := newDoublesTest(t)
	if err := served.SetState(envtest.Patch(t, &served.spec, served.AppendState(nil), "score", "last_touch", 0, 1)); err == nil {
		t.Error("a touch of a hanging ball was accepted")
	}
	if text, err := e.spec.DescribeState(good); err != nil || !strings.Contains(text, "score.last_touch = left front\n") {
		t.Errorf("%v\n%s", err, text)
	}
	if n := len(good); n != e.spec.StateSize() || n > maxStateSize {
		t.Errorf("%d bytes, the spec says %d, the limit is %d", n, e.spec.StateSize(), maxStateSize)
	}
}

func FuzzDoublesSetState(f *testing.F) {
	e := newDoublesTest(f, "lives=2")
	p := doublesPlayer{rng: numpyrand.New(1)}
	for range 600 {
		if e.Step(p.next()).Done() {
			e.Reset(p.rng.Next64())
		}
		if e.court.frame%17 == 0 {
			f.Add(e.AppendState(nil))
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		e.Reset(1)
		if !envtest.Takes(t, e, data) {
			return
		}
		const steps = 40
		if e.court.frame > maxFrame-steps || min(e.court.lives[0], e.court.lives[1]) < minLives+steps {
			return
		}
		for range steps {
			e.Step([]int{2, 2, 4, 4})
		}
		envtest.TakesOwn(t, e)
	})
}

func TestDoublesHotPathsDoNotAllocate(t *testing.T) {
	e := newDoublesTest(t)
	p := doublesPlayer{rng: numpyrand.New(1)}
	for range 200 {
		e.Step(p.next())
	}
	saved := e.AppendState(nil)
	e.court.ball.y = 40 // the fullest picture
	envtest.HotPathsDoNotAllocate(t, e, saved, func() { e.Step(p.next()) })
}

func BenchmarkDoublesStep(b *testing.B) {
	e := newDoublesTest(b)
	p := doublesPlayer{rng: numpyrand.New(1)}
	actions := make([][]int, 4096)
	for i := range actions {
		actions[i] = append([]int(nil), p.next()...)
	}
	i := 0
	b.ReportAllocs()
	for b.Loop() {
		if e.Step(actions[i%len(actions)]).Done() {
			e.Reset(uint64(i))
		}
		i++
	}
}
