package scene

import (
	"image"
	"slices"
	"testing"
	"time"

	"github.com/hajimehoshi/ebiten/v2"

	"tandem/env"
	_ "tandem/env/all"
	"tandem/env/draw"
	"tandem/env/watch"
	"tandem/game/client"
	"tandem/game/render/rendertest"
)

// live is a match that a test steps, shown as the client shows it.
type live struct {
	fakeMatch
	e       env.Env
	frame   uint32
	actions []int
	prev    draw.List
	cur     draw.List
}

func newLive(t *testing.T, name string, set func(v *client.View)) *live {
	t.Helper()
	e, err := env.New(name, nil)
	if err != nil {
		t.Fatal(err)
	}
	e.Reset(1)
	l := &live{e: e, actions: make([]int, len(e.Spec().Agents))}
	e.Render(&l.cur)
	for i := range l.actions {
		l.actions[i] = e.Spec().Default
	}
	l.show = func(v *client.View) {
		v.Phase, v.Spec, v.Seat, v.Frame, v.Episodes = client.Playing, e.Spec(), 0, l.frame, 1
		v.Players = v.Players[:0]
		for i := range l.actions {
			v.Players = append(v.Players, client.Player{Name: "Somebody", Present: true, You: i == 0})
		}
		v.Prev.CopyFrom(&l.prev)
		v.Cur.CopyFrom(&l.cur)
		if set != nil {
			set(v)
		}
	}
	return l
}

// step steps with an action of the first seat.
func (l *live) step(action int) {
	l.actions[0] = action
	l.e.Step(l.actions)
	l.prev.CopyFrom(&l.cur)
	l.cur.Reset()
	l.e.Render(&l.cur)
	l.frame++
}

// on shows the match in a game with a clock.
func (l *live) on(t *testing.T, o Options) (g *Game, draw func(at time.Duration)) {
	t.Helper()
	now := start
	o.Now = func() time.Time { return now }
	g, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	screen := ebiten.NewImage(640, 480)
	t.Cleanup(screen.Deallocate)
	g.ShowMatch(l, nil)
	return g, func(at time.Duration) {
		now = start.Add(at)
		g.Draw(screen)
	}
}

func TestNewCookIsShownTheWay(t *testing.T) {
	const kitchen = "overcooked/cramped_room"
	l := newLive(t, kitchen, nil)
	g, draw := l.on(t, Options{})
	l.step(l.actions[0])
	draw(0)
	checkWords(t, g.ui, []string{"Take an onion: face it and press Space"})

	watching := newLive(t, kitchen, func(v *client.View) { v.Watching = true })
	other, draw := watching.on(t, Options{})
	watching.step(watching.actions[0])
	draw(0)
	checkWords(t, other.ui, nil, "Take an onion")

	// Who has been through it is not shown it again.
	g.senses.learned["overcooked"] = true
	again := newLive(t, kitchen, nil)
	g.ShowMatch(again, nil)
	again.step(again.actions[0])
	screen := ebiten.NewImage(640, 480)
	defer screen.Deallocate()
	g.Draw(screen)
	checkWords(t, g.ui, nil, "Take an onion")
}

// told is a guide that notes which pictures are fresh.
type told []bool

func (g *told) Next(_ *draw.List, _ int, fresh bool) (watch.Hint, bool) {
	*g = append(*g, fresh)
	return watch.Hint{}, false
}

func TestAGuideIsToldOfANewEpisode(t *testing.T) {
	episode := 0
	l := newLive(t, "overcooked/cramped_room", func(v *client.View) { v.Episode = episode })
	g, draw := l.on(t, Options{})
	l.step(l.actions[0])
	draw(0)
	guide := &told{}
	g.senses.guide = guide
	for _, episode = range []int{0, 1, 1} {
		l.step(l.actions[0])
		draw(0)
	}
	if want := (told{false, true, false}); !slices.Equal(*guide, want) {
		t.Errorf("fresh: %v, not %v", *guide, want)
	}
}

func TestEffectsComeAndGo(t *testing.T) {
	l := newLive(t, "slime", nil)
	g, draw := l.on(t, Options{})
	const up, left = 3, 1
	seen, shaken := 0, 0
	for i := range 400 {
		l.step([]int{up, left}[i/20%2])
		at := time.Duration(i) * time.Second / 30
		draw(at)
		now := start.Add(at)
		alive := 0
		for j := range g.senses.effects.bits {
			if b := &g.senses.effects.bits[j]; b.life > 0 && now.Sub(b.born) < b.life {
				alive++
			}
		}
		seen = max(seen, alive)
		if area := image.Rect(0, 0, 600, 300); g.senses.effects.shaken(now, area) != area {
			shaken++
		}
	}
	if seen == 0 || shaken == 0 || g.senses.effects.trailed < trailLength {
		t.Errorf("%d bits, %d pictures shaken, a trail of %d", seen, shaken, g.senses.effects.trailed)
	}
	area := image.Rect(0, 0, 600, 300)
	if g.senses.effects.shaken(start.Add(time.Minute), area) != area {
		t.Error("the picture never stands still")
	}
}

func TestReducedMotionMovesNothing(t *testing.T) {
	l := newLive(t, "slime", nil)
	g, draw := l.on(t, Options{ReducedMotion: true})
	for i := range 400 {
		l.step(3)
		draw(time.Duration(i) * time.Second / 30)
	}
	e := &g.senses.effects
	e.party = start
	confetti := func() bool {
		screen := ebiten.NewImage(640, 480)
		defer screen.Deallocate()
		g.canvas.Begin(screen)
		e.confetti(g.ui, start.Add(time.Second))
		g.canvas.End()
		return slices.Max(rendertest.Pixels(screen).Pix) > 0
	}
	if confetti() {
		t.Error("confetti falls")
	}
	if e.bits != [maxBits]bit{} || e.trailed != 0 || !e.shake.IsZero() || e.squash != [maxSquash]squash{} {
		t.Error("there are effects")
	}
	if e.still = false; !confetti() {
		t.Error("without the wish no confetti falls either")
	}
}

func TestASlimeThatLandsGivesWayAndComesBack(t *testing.T) {
	height := func(l *draw.List) float64 {
		low, high := 0.0, 1.0
		for _, p := range l.Points(&l.Items[0]) {
			low, high = max(low, p.Y), min(high, p.Y)
		}
		return low - high
	}
	shape := func() *draw.List {
		l := &draw.List{}
		l.AddPolygon(draw.Item{ID: "slime"})
		l.Point(0.2, 0.8)
		l.Point(0.3, 0.6)
		l.Point(0.4, 0.8)
		return l
	}
	e := &effects{}
	e.notice(start, &watch.Event{Cue: watch.Land, ID: "slime"})
	for _, c := range []struct {
		at    time.Duration
		lower bool
	}{{0, true}, {squashFor / 5, true}, {squashFor, false}, {time.Hour, false}} {
		l := shape()
		e.deform(start.Add(c.at), l)
		if got := height(l) < height(shape())-1e-9; got != c.lower {
			t.Errorf("after %v it is %v high", c.at, height(l))
		}
	}
}

func TestWhoHasWonIsToldFromTheView(t *testing.T) {
	pairs := &env.Spec{Teams: []int{0, 1, 0, 1}, TeamTitles: []string{"left", "right"}}
	for _, c := range []struct {
		name string
		v    client.View
		want bool
	}{
		{"ahead", client.View{Phase: client.Finished, Spec: &env.Spec{}, Scores: []float64{5, -5}}, true},
		{"behind", client.View{Phase: client.Finished, Spec: &env.Spec{}, Scores: []float64{-5, 5}}, false},
		{"a draw", client.View{Phase: client.Finished, Spec: &env.Spec{}, Scores: []float64{2, 2}}, false},
		{"not over", client.View{Phase: client.Playing, Spec: &env.Spec{}, Scores: []float64{5, -5}}, false},
		{"only watched", client.View{Phase: client.Finished, Spec: &env.Spec{}, Scores: []float64{5, -5}, Seat: -1}, false},
		{"the team-mate", client.View{Phase: client.Finished, Spec: pairs, Scores: []float64{1, -1, 1, -1}, Seat: 2}, true},
		{"together", client.View{Phase: client.Finished, Spec: &env.Spec{}, Scores: []float64{3, 3}, Together: true, Seat: 1}, true},
		{"together for nothing", client.View{Phase: client.Finished, Spec: &env.Spec{}, Scores: []float64{0, 0}, Together: true}, false},
	} {
		if got := won(&c.v); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}

func TestLookingAtAMatchAllocatesNothing(t *testing.T) {
	l := newLive(t, "slime", nil)
	g, draw := l.on(t, Options{})
	i := 0
	for ; i < 200; i++ {
		l.step(3)
		draw(time.Duration(i) * time.Second / 30)
	}
	v := client.View{}
	l.View(start, &v)
	if n := testing.AllocsPerRun(100, func() {
		i++
		l.step(3)
		l.View(start, &v)
		now := start.Add(time.Duration(i) * time.Second / 30)
		g.senses.look(now, &v)
		g.senses.effects.deform(now, &v.Prev, &v.Cur)
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
