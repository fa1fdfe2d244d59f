package scene

import (
	"fmt"
	"testing"

	"github.com/hajimehoshi/ebiten/v2"

	"tandem/env"
	_ "tandem/env/overcooked"
	"tandem/game/client"
	"tandem/game/input"
)

// Telephones and tablets, both ways up, in device-independent pixels, with the pixels of one.
var touchScreens = []struct {
	w, h  int
	scale float64
}{{390, 844, 3}, {844, 390, 3}, {360, 640, 2}, {640, 360, 2}, {320, 568, 2}, {768, 1024, 2}, {1024, 768, 1}, {1280, 720, 1}, {412, 915, 2.625}}

func specOf(t *testing.T, name string) *env.Spec {
	t.Helper()
	e, err := env.New(name, nil)
	if err != nil {
		t.Fatal(err)
	}
	return e.Spec()
}

func (r rect) overlaps(o rect) bool {
	return r.x < o.x+o.w && o.x < r.x+r.w && r.y < o.y+o.h && o.y < r.y+r.h
}

// On every screen the buttons are whole, large enough for a finger, apart from each other, and leave
// the picture alone, which stays the larger thing or as wide as the screen.
func TestTouchLayout(t *testing.T) {
	for _, name := range []string{"slime", "slime/boost", "overcooked/cramped_room", "overcooked/party_8"} {
		if _, err := env.Lookup(name); err != nil {
			continue // the variant's name is another's choice
		}
		spec := specOf(t, name)
		for _, s := range touchScreens {
			t.Run(fmt.Sprintf("%s/%dx%d", name, s.w, s.h), func(t *testing.T) {
				w, h := float64(s.w)*s.scale, float64(s.h)*s.scale
				u := unit(float64(s.w), float64(s.h)) * s.scale
				area := rect{0, 4 * u, w, h - 7*u}
				p := &pads{}
				pic := p.layout(u, area, spec)
				if pic.w < w*0.44 || pic.h < h*0.3 {
					t.Errorf("the picture gets %.0f×%.0f of %.0f×%.0f", pic.w, pic.h, w, h)
				}
				boxes := append(append([]rect(nil), p.waysAt...), p.actsAt...)
				if len(boxes) != len(p.ways)+len(p.acts) || len(boxes) < 3 {
					t.Fatalf("%d buttons", len(boxes))
				}
				for i, b := range boxes {
					if b.w/s.scale < 38 {
						t.Errorf("button %d is %.0f pixels wide", i, b.w/s.scale)
					}
					if b.x < area.x || b.y < area.y || b.x+b.w > area.x+area.w+.5 || b.y+b.h > area.y+area.h+.5 {
						t.Errorf("button %d at %+v leaves the area %+v", i, b, area)
					}
					if b.overlaps(pic) {
						t.Errorf("button %d at %+v covers the picture at %+v", i, b, pic)
					}
					for j, o := range boxes[:i] {
						if b.overlaps(rect{o.x + 1, o.y + 1, o.w - 2, o.h - 2}) {
							t.Errorf("buttons %d and %d overlap: %+v %+v", i, j, b, o)
						}
					}
					// Its middle means its key and no other.
					keys := append(append([]env.Key(nil), p.ways...), p.acts...)
					if got := p.keys([]point{{b.x + b.w/2, b.y + b.h/2}}); got != input.Set(keys[i]) {
						t.Errorf("the middle of button %d means %b, want %b", i, got, input.Set(keys[i]))
					}
				}
				if got := p.keys([]point{{pic.x + pic.w/2, pic.y + pic.h/2}}); got != 0 {
					t.Errorf("a finger on the picture means %b", got)
				}
			})
		}
	}
}

// Two thumbs make a chord, and one that slides changes direction without being lifted.
func TestThumbs(t *testing.T) {
	p := &pads{}
	p.layout(13, rect{0, 50, 390, 750}, specOf(t, "slime"))
	at := func(r rect) point { return point{r.x + r.w/2, r.y + r.h/2} }
	left, right, jump := at(p.waysAt[0]), at(p.waysAt[1]), at(p.actsAt[0])
	if got := p.keys([]point{left, jump}); got != input.Set(env.KeyLeft, env.KeyUp) {
		t.Errorf("left and jump: %b", got)
	}
	for step := range 20 {
		x := left.x + (right.x-left.x)*float64(step)/19
		want := input.Set(env.KeyLeft)
		if x >= p.centre.x {
			want = input.Set(env.KeyRight)
		}
		if got := p.keys([]point{{x, left.y}}); got != want {
			t.Errorf("at %.0f of %.0f to %.0f: %b", x, left.x, right.x, got)
		}
	}
	if got := p.keys(nil); got != 0 {
		t.Errorf("no finger: %b", got)
	}

	p.layout(13, rect{0, 50, 390, 750}, specOf(t, "overcooked/cramped_room"))
	for _, c := range []struct {
		dx, dy float64
		want   input.Keys
	}{
		{0, 0, 0}, {-1, .3, input.Set(env.KeyLeft)}, {1, -.3, input.Set(env.KeyRight)}, {.3, -1, input.Set(env.KeyUp)}, {-.3, 1, input.Set(env.KeyDown)},
		{.9, 1, input.Set(env.KeyDown)}, // nobody walks slanted in a kitchen
	} {
		if got := p.direction(c.dx*p.reach, c.dy*p.reach); got != c.want {
			t.Errorf("%v, %v: %b, want %b", c.dx, c.dy, got, c.want)
		}
	}
	p.slanted = true
	if got := p.direction(p.reach, p.reach); got != input.Set(env.KeyRight, env.KeyDown) {
		t.Errorf("slanted: %b", got)
	}
}

// A finger plays: from the touch to the action that is sampled. The buttons appear with the first
// touch where nobody has said that the screen is one for touching.
func TestTouchPlays(t *testing.T) {
	tb := newTable(t, true)
	tb.screen = ebiten.NewImage(390, 844)
	t.Cleanup(tb.screen.Deallocate)
	if tb.g.touch {
		t.Fatal("buttons without a touch")
	}
	ev := func(fingers ...point) *events { return &events{now: start, focused: true, touches: fingers} }
	tb.sampleWhileHolding(t, ev(point{195, 300}), 0)
	tb.in(client.Playing)
	if !tb.g.touch || len(tb.g.pads.waysAt) != 2 {
		t.Fatalf("after a touch there are %d directions", len(tb.g.pads.waysAt))
	}
	at := func(r rect) point { return point{r.x + r.w/2, r.y + r.h/2} }
	left, jump := at(tb.g.pads.waysAt[0]), at(tb.g.pads.actsAt[0])
	for _, c := range []struct {
		fingers []point
		want    int
	}{{[]point{left}, 1}, {[]point{left, jump}, 2}, {[]point{jump}, 3}, {nil, 0}} {
		if got := tb.sampleWhileHolding(t, ev(c.fingers...), 0); got != c.want {
			t.Errorf("fingers at %v: action %d, want %d", c.fingers, got, c.want)
		}
	}
	// Leaving needs no key.
	l := tb.g.hud.leave
	if l.w < 44 || l.h < 38 {
		t.Errorf("the button to leave is %.0f×%.0f", l.w, l.h)
	}
	if err := tb.g.update(&events{now: start, focused: true, clicked: true, x: l.x + l.w/2, y: l.y + l.h/2}, 0, 0); err != nil {
		t.Fatal(err)
	}
	if tb.g.ask == nil {
		t.Error("a touch on Leave asks nothing")
	}
}
