package input

import (
	"slices"
	"testing"

	"github.com/hajimehoshi/ebiten/v2"

	"tandem/env"
)

// room is a source in which a test says what is pressed.
type room struct {
	away    bool
	keys    []ebiten.Key // held, and pressed just now
	plugged []*fakePad
}

type fakePad struct {
	id      ebiten.GamepadID
	name    string
	unknown bool // no standard layout
	down    []int
	x, y    float64
}

func (r *room) focused() bool { return !r.away }

func (r *room) key(k ebiten.Key) (held, pressed bool) {
	is := slices.Contains(r.keys, k)
	return is, is
}

func (r *room) pads(ids []ebiten.GamepadID) []ebiten.GamepadID {
	for _, p := range r.plugged {
		ids = append(ids, p.id)
	}
	return ids
}

func (r *room) pad(id ebiten.GamepadID) *fakePad {
	return r.plugged[slices.IndexFunc(r.plugged, func(p *fakePad) bool { return p.id == id })]
}

func (r *room) name(id ebiten.GamepadID) string   { return r.pad(id).name }
func (r *room) standard(id ebiten.GamepadID) bool { return !r.pad(id).unknown }

func (r *room) button(id ebiten.GamepadID, b ebiten.StandardGamepadButton) bool {
	return slices.Contains(r.pad(id).down, int(b))
}

func (r *room) axis(id ebiten.GamepadID, a ebiten.StandardGamepadAxis) float64 {
	return r.rawAxis(id, int(a))
}

func (r *room) rawButton(id ebiten.GamepadID, b ebiten.GamepadButton) bool {
	return slices.Contains(r.pad(id).down, int(b))
}

func (r *room) rawAxis(id ebiten.GamepadID, a int) float64 {
	return [...]float64{r.pad(id).x, r.pad(id).y}[a]
}

func devicesIn(r *room) *Devices {
	d := NewDevices(DefaultBindings())
	d.from = r
	return d
}

var left, right, up, down, keyA, keyB = Set(env.KeyLeft), Set(env.KeyRight), Set(env.KeyUp), Set(env.KeyDown), Set(env.KeyA), Set(env.KeyB)

func TestAllDevicesAreOnePersons(t *testing.T) {
	p := &fakePad{id: 3, name: "Pad", down: []int{int(ebiten.StandardGamepadButtonRightBottom)}, x: -1}
	r := &room{keys: []ebiten.Key{ebiten.KeyNumpad8, ebiten.KeyX}, plugged: []*fakePad{p}}
	state, _, _ := devicesIn(r).Read(1)
	if want := left | up | keyA | keyB; state[0].Held != want || state[0].Pressed != want || state[1] != (State{}) {
		t.Errorf("%b and %b, want %b of the first person alone", state[0], state[1], want)
	}
}

func TestTwoPeopleShareTheDevices(t *testing.T) {
	pad := func(id ebiten.GamepadID) *fakePad { return &fakePad{id: id, x: 1} }
	keys := []ebiten.Key{ebiten.KeyA, ebiten.KeyArrowUp, ebiten.KeySpace, ebiten.KeyShiftRight}
	for _, c := range []struct {
		name          string
		pads          []*fakePad
		first, second Keys
	}{
		{"no pad: half of the keyboard each", nil, left | keyA, up | keyB},
		{"one pad: it is the second person's", []*fakePad{pad(7)}, left | up | keyA | keyB, right},
		{"two pads: one each", []*fakePad{pad(7), pad(2)}, left | up | right | keyA | keyB, right},
		{"three: the oldest is the second person's", []*fakePad{pad(7), {id: 4, y: 1}, pad(2)}, left | up | right | down | keyA | keyB, right},
	} {
		d := devicesIn(&room{keys: keys, plugged: c.pads})
		if state, _, _ := d.Read(2); state[0].Held != c.first || state[1].Held != c.second {
			t.Errorf("%s: %b and %b, want %b and %b", c.name, state[0].Held, state[1].Held, c.first, c.second)
		}
	}
}

// A pad stays in the hands it is in, whichever others come and go, and what is said of it follows.
func TestPadsDoNotChangeHands(t *testing.T) {
	a, b := &fakePad{id: 1, name: "One", x: 1}, &fakePad{id: 0, name: "Nought", y: 1}
	r := &room{keys: []ebiten.Key{ebiten.KeyA, ebiten.KeyArrowUp}}
	d := devicesIn(r)
	const half, otherHalf = "W A S D, Space and Q", "the arrows, Enter and the right Shift"
	for _, c := range []struct {
		name                  string
		pads                  []*fakePad
		first, second         Keys
		saidFirst, saidSecond string
	}{
		{"no pad", nil, left, up, half, otherHalf},
		{"the second person's pad", []*fakePad{a}, left | up, right, "the keyboard", "One"},
		{"another one", []*fakePad{b, a}, left | up | down, right, "the keyboard or Nought", "One"},
		{"the second person's is gone", []*fakePad{b}, left | down, up, half + " or Nought", otherHalf},
		{"it is back", []*fakePad{b, a}, left | up | down, right, "the keyboard or Nought", "One"},
		{"the first person's is gone", []*fakePad{a}, left | up, right, "the keyboard", "One"},
	} {
		r.plugged = c.pads
		if state, _, _ := d.Read(2); state[0].Held != c.first || state[1].Held != c.second {
			t.Errorf("%s: %b and %b, want %b and %b", c.name, state[0].Held, state[1].Held, c.first, c.second)
		}
		if first, second := d.Shares(); first != c.saidFirst || second != c.saidSecond {
			t.Errorf("%s: %q and %q", c.name, first, second)
		}
	}
}

func TestPadsComeAndGo(t *testing.T) {
	a, b := &fakePad{id: 1, name: "One", x: 1}, &fakePad{id: 0, name: "Nought", y: 1}
	r := &room{plugged: []*fakePad{a}}
	d := devicesIn(r)
	d.Read(1)
	if n := d.News(); n != "Gamepad plugged in: One" {
		t.Errorf("news %q", n)
	}
	d.Read(2)
	if n := d.News(); n != "" {
		t.Errorf("old news %q", n)
	}
	r.plugged = []*fakePad{b, a} // the newer has the lower number: the older still is the second person's
	if state, _, _ := d.Read(2); state[0].Held != down || state[1].Held != right {
		t.Errorf("a pad has changed hands: %b, %b", state[0].Held, state[1].Held)
	}
	r.plugged = []*fakePad{b}
	state, _, _ := d.Read(1)
	if n, name := d.Pads(); state[0].Held != down || n != 1 || name != "Nought" || d.News() != "Gamepad unplugged: One" {
		t.Errorf("after unplugging: %b, %d pads, the first %q", state[0].Held, n, name)
	}
}

func TestStickKeepsAMargin(t *testing.T) {
	p := &fakePad{}
	r := &room{plugged: []*fakePad{p}}
	d := devicesIn(r)
	presses := 0
	for _, c := range []struct {
		x    float64
		held bool
	}{{0.3, false}, {0.45, false}, {0.55, true}, {0.45, true}, {0.4, true}, {0.55, true}, {0.3, false}, {0.45, false}} {
		p.x = c.x
		state, _, _ := d.Read(1)
		if state[0].Pressed.Has(env.KeyRight) {
			presses++
		}
		if state[0].Held.Has(env.KeyRight) != c.held {
			t.Errorf("at %v held is %v", c.x, !c.held)
		}
	}
	if presses != 1 {
		t.Errorf("a thumb that trembles presses %d times", presses)
	}
}

func TestPadOfUnknownLayout(t *testing.T) {
	p := &fakePad{unknown: true, name: "Old", down: []int{1, 3}, y: -1}
	state, menu, _ := devicesIn(&room{plugged: []*fakePad{p}}).Read(1)
	if state[0].Held != up|keyB || menu != MenuUp|MenuPause {
		t.Errorf("held %b, menu %b", state[0].Held, menu)
	}
}

func TestMenuHearsNewPressesOnce(t *testing.T) {
	p := &fakePad{down: []int{int(ebiten.StandardGamepadButtonRightRight), int(ebiten.StandardGamepadButtonLeftTop)}}
	d := devicesIn(&room{plugged: []*fakePad{p}})
	_, first, _ := d.Read(1)
	_, again, held := d.Read(1)
	if first != MenuBack|MenuUp || again != 0 || held != first {
		t.Errorf("first %b, then %b, held %b", first, again, held)
	}
}

func TestWithoutFocusNothingIsHeld(t *testing.T) {
	r := &room{away: true, keys: []ebiten.Key{ebiten.KeyA}, plugged: []*fakePad{{x: 1}}}
	if state, menu, held := devicesIn(r).Read(1); state != ([MaxPeople]State{}) || menu|held != 0 {
		t.Errorf("%b, %b", state, menu)
	}
}

func TestAltEnterIsTheWindows(t *testing.T) {
	r := &room{keys: []ebiten.Key{ebiten.KeyAlt, ebiten.KeyEnter}}
	if state, _, _ := devicesIn(r).Read(1); state[0] != (State{}) {
		t.Errorf("Alt+Enter means %b to the game", state[0].Held)
	}
}

func TestReadingDevicesAllocatesNothing(t *testing.T) {
	d := devicesIn(&room{keys: []ebiten.Key{ebiten.KeyA}, plugged: []*fakePad{{id: 1}, {id: 2}}})
	d.Read(2)
	if n := testing.AllocsPerRun(100, func() { d.Read(2) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
