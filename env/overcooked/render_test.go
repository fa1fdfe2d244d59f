package overcooked

import (
	"math"
	"slices"
	"strings"
	"testing"

	"tandem/env"
	"tandem/env/draw"
)

func picture(e *Env) map[string]draw.Item {
	var l draw.List
	e.Render(&l)
	items := map[string]draw.Item{}
	for _, it := range l.Items {
		items[it.ID] = it
	}
	return items
}

// Every sprite is one of SpriteNames, which has no others; tiles fill the picture without gaps.
func TestSprites(t *testing.T) {
	shown := map[string]bool{}
	for _, l := range layouts {
		e := newTest(t, l.name)
		for i := range e.pots { // all states of pots and hands
			e.pots[i] = []pan{{1, 30, 31}, {2, 30, 62}, {3, 12, 39}, {3, 0, 3}}[(i+l.id)%4]
		}
		for i := range e.agents {
			e.agents[i].dir, e.agents[i].held = uint8((i+l.id)%4), item(1+(i+l.id)%3)
		}
		tiles := 0
		for id, it := range picture(e) {
			if it.Kind != draw.Sprite {
				continue
			}
			shown[it.Name] = true
			if it.Depth <= depthCounter || it.Depth == depthStation && it.Name != spritePot {
				tiles++
			}
			if it.X < 0 || it.Y < 0 || it.X+it.W > 1+1e-12 || it.Y+it.H > 1+1e-12 {
				t.Errorf("%s: %s is outside the picture", l.name, id)
			}
			// Square on a canvas of the spec's aspect.
			if math.Abs(it.W*e.spec.Aspect-it.H) > 1e-12 {
				t.Errorf("%s: %s is %v×%v", l.name, id, it.W, it.H)
			}
		}
		if tiles != len(l.kinds) {
			t.Errorf("%s: %d tiles for %d cells", l.name, tiles, len(l.kinds))
		}
	}
	names := SpriteNames()
	for _, n := range names {
		if !shown[n] {
			t.Errorf("%s is never shown", n)
		}
		delete(shown, n)
	}
	for n := range shown {
		t.Errorf("%s is not among SpriteNames", n)
	}
	slices.Sort(names)
	if len(slices.Compact(names)) != len(SpriteNames()) {
		t.Error("a name twice")
	}
}

// Every chef has the colour of its seat and carries what it holds on the side it faces.
func TestChefs(t *testing.T) {
	e := newTest(t, "party_8")
	e.Reset(1)
	for i := range e.agents {
		e.agents[i].dir = uint8(i % 4)
		e.agents[i].held = item(i % 4)
	}
	items := picture(e)
	for i, a := range e.agents {
		id := e.still.chefs[i]
		chef, hat := items[id], items[id+"_hat"]
		if chef.Name != chefSprites[a.dir] || hat.Name != hatSprites[a.dir] || hat.Role != draw.Seat(i) || hat.Depth <= chef.Depth {
			t.Errorf("cook %d: %+v, %+v", i, chef, hat)
		}
		held, carries := items[id+"_held"]
		if carries != (a.held != nothing) {
			t.Errorf("cook %d holds %v, shown %v", i, a.held, carries)
		}
		if !carries {
			continue
		}
		dx, dy := held.X+held.W/2-chef.X-chef.W/2, held.Y+held.H/2-chef.Y-chef.H/2
		ahead := [4][2]float64{right: {1, 0}, down: {0, 1}, left: {-1, 0}, up: {0, -1}}[a.dir]
		if math.Abs(dx-ahead[0]*carriedFar*chef.W) > 1e-12 || math.Abs(dy-ahead[1]*carriedFar*chef.H) > 1e-12 {
			t.Errorf("cook %d carries at %v, %v", i, dx, dy)
		}
		if held.Name != itemSprites[a.held] || (held.Depth < chef.Depth) != (a.dir == up) {
			t.Errorf("cook %d: %+v", i, held)
		}
	}
}

// The bar over a cooking pot grows to its full width, and is there for every cooking pot at once.
func TestProgress(t *testing.T) {
	e := newTest(t, "counter_circuit")
	for i := range e.pots {
		e.pots[i] = pan{onions: 3, timer: uint8(cookingTime - 10*i)}
	}
	last := []float64{-1, -1}
	for range cookingTime + 5 {
		items := picture(e)
		for i, p := range e.pots {
			bar, cooking := items[e.still.barIDs[i]]
			back := items[e.still.backIDs[i]]
			if cooking != (p.timer > 0) {
				t.Fatalf("pot %+v: bar %v", p, cooking)
			}
			if !cooking {
				continue
			}
			if bar.W <= last[i] || bar.W > back.W || bar.X != back.X || bar.Depth <= depthCarried {
				t.Errorf("pot %+v: bar %+v over %+v", p, bar, back)
			}
			last[i] = bar.W
		}
		e.Step([]int{noop, noop})
	}
	if want := barWidth / float64(e.layout.cols) * 29 / 30; math.Abs(last[0]-want) > 1e-12 {
		t.Errorf("the bar ends at %v, want %v", last[0], want)
	}
}

// Things keep their names while they stay, so that the renderer can tell them apart.
func TestItemNames(t *testing.T) {
	e := newTest(t, "forced_coordination")
	e.Reset(4)
	randomPlay(e, 6, 500, func(_ []int, step func() *env.StepResult) {
		step()
		items := picture(e)
		lying := 0
		for id := range items {
			if strings.HasPrefix(id, "item@") {
				lying++
			}
		}
		n := census(e)
		for _, a := range e.agents {
			if a.held != nothing {
				n[a.held]--
			}
		}
		for _, p := range e.pots {
			n[onion] -= int(p.onions)
		}
		if want := n[onion] + n[plate] + n[soup]; lying != want {
			t.Fatalf("step %d: %d things lie about, %d shown", e.t, want, lying)
		}
	})
}

func TestSeatIconIsOfThePictures(t *testing.T) {
	for _, name := range newTest(t, "cramped_room").Spec().SeatIcon {
		if !slices.Contains(SpriteNames(), name) {
			t.Errorf("no picture holds %q", name)
		}
	}
}
