package input

import (
	"slices"

	"github.com/hajimehoshi/ebiten/v2"
	"github.com/hajimehoshi/ebiten/v2/inpututil"

	"tandem/env"
)

// MaxPeople is how many people can play at one window.
const MaxPeople = 2

// Devices reads the keyboard and the gamepads of one window. A pad can come and go at any time. It
// allocates nothing while none does.
type Devices struct {
	bindings *Bindings
	from     source
	pads     []pad
	ids      []ebiten.GamepadID
	news     string
}

// pad is one gamepad that is plugged in.
type pad struct {
	id    ebiten.GamepadID
	name  string
	owner int  // whose it is where two people play, from when it was plugged in
	stick Keys // directions of the left stick, which keep a margin
	held  Keys
	menu  Menu
}

// Menu is a set of what a gamepad says to a menu.
type Menu uint8

const (
	MenuUp Menu = 1 << iota
	MenuDown
	MenuLeft
	MenuRight
	MenuChoose // the lower button on the right
	MenuBack   // the right one
	MenuPause  // the one in the middle
)

// State is what one person holds and has pressed since the last look, for Sampler.Update.
type State struct{ Held, Pressed Keys }

// source is where devices are looked at: Ebitengine, or a test.
type source interface {
	focused() bool
	key(k ebiten.Key) (held, pressed bool)
	pads(ids []ebiten.GamepadID) []ebiten.GamepadID // plugged in, appended
	name(id ebiten.GamepadID) string
	standard(id ebiten.GamepadID) bool
	button(id ebiten.GamepadID, b ebiten.StandardGamepadButton) bool
	axis(id ebiten.GamepadID, a ebiten.StandardGamepadAxis) float64
	rawButton(id ebiten.GamepadID, b ebiten.GamepadButton) bool
	rawAxis(id ebiten.GamepadID, a int) float64
}

// NewDevices makes Devices that go by the bindings.
func NewDevices(b *Bindings) *Devices { return &Devices{bindings: b, from: ebitengine{}} }

// Bind changes what keys and buttons mean.
func (d *Devices) Bind(b *Bindings) { d.bindings = b }

// Bindings returns what keys and buttons mean. They must not be changed, but by Bind.
func (d *Devices) Bindings() *Bindings { return d.bindings }

// Pads returns how many gamepads are plugged in, and the name of the first.
func (d *Devices) Pads() (n int, first string) {
	if len(d.pads) == 0 {
		return 0, ""
	}
	return len(d.pads), d.pads[0].name
}

// Shares says in words what each of two people plays with.
func (d *Devices) Shares() (first, second string) {
	first = "the keyboard"
	if i := d.padOf(1); i >= 0 {
		second = d.pads[i].name
	} else {
		first, second = "W A S D, Space and Q", "the arrows, Enter and the right Shift"
	}
	if i := d.padOf(0); i >= 0 {
		first += " or " + d.pads[i].name
	}
	return first, second
}

// padOf returns the place of somebody's first pad, or -1.
func (d *Devices) padOf(owner int) int {
	return slices.IndexFunc(d.pads, func(p pad) bool { return p.owner == owner })
}

// News returns a sentence about a gamepad that has come or gone since the last call, or "".
func (d *Devices) News() string {
	n := d.news
	d.news = ""
	return n
}

// Read looks at all devices, once in every Update of the game, and shares them among so many people, 1 to
// MaxPeople. One person has them all. Of two, the second has the pad that was plugged in first, and the
// first all others; while the second has none, that one has the right half of the keyboard: the arrows,
// the number pad, Enter and the right Shift. menu is what the pads have newly said to a menu, whoever
// holds them, and held what they still say. Without the focus nothing is held.
//
// Ebitengine stamps key events with their tick: a key that went down and up within one tick is
// still reported as pressed, and as just pressed, in that tick, and operating systems' own key
// repeats are dropped. So no tap is lost between two ticks; the Sampler sees to it that none is
// lost between two samples.
func (d *Devices) Read(people int) (state [MaxPeople]State, menu, held Menu) {
	d.plug()
	if !d.from.focused() {
		for i := range d.pads {
			d.pads[i].held, d.pads[i].menu = 0, 0
		}
		return state, 0, 0
	}
	d.keyboard(people, &state)
	for i := range d.pads {
		p := &d.pads[i]
		was, wasMenu := p.held, p.menu
		d.look(p)
		s := &state[min(p.owner, people-1)]
		s.Held |= p.held
		s.Pressed |= p.held &^ was
		menu |= p.menu &^ wasMenu
		held |= p.menu
	}
	return state, menu, held
}

func (d *Devices) keyboard(people int, state *[MaxPeople]State) {
	alt, _ := d.from.key(ebiten.KeyAlt)
	halves := people > 1 && d.padOf(1) < 0
	for f := range env.NumKeys {
		for _, k := range d.bindings.Keys[f] {
			if alt && k == ebiten.KeyEnter {
				continue // Alt+Enter is the window's: full screen
			}
			s := &state[0]
			if halves && onTheRight(k) {
				s = &state[1]
			}
			held, pressed := d.from.key(k)
			if held {
				s.Held |= Set(f)
			}
			if pressed {
				s.Pressed |= Set(f)
			}
		}
	}
}

// onTheRight reports whether a key lies under the right hand of somebody who has half of a keyboard.
func onTheRight(k ebiten.Key) bool {
	switch k {
	case ebiten.KeyArrowLeft, ebiten.KeyArrowRight, ebiten.KeyArrowUp, ebiten.KeyArrowDown,
		ebiten.KeyEnter, ebiten.KeyShiftRight, ebiten.KeyControlRight, ebiten.KeyBackspace, ebiten.KeyBackslash,
		ebiten.KeySlash, ebiten.KeyPeriod, ebiten.KeyComma, ebiten.KeyQuote, ebiten.KeySemicolon,
		ebiten.KeyI, ebiten.KeyJ, ebiten.KeyK, ebiten.KeyL, ebiten.KeyO, ebiten.KeyP, ebiten.KeyU,
		ebiten.KeyDelete, ebiten.KeyEnd, ebiten.KeyHome, ebiten.KeyInsert, ebiten.KeyPageDown, ebiten.KeyPageUp:
		return true
	}
	return k >= ebiten.KeyNumpad0 && k <= ebiten.KeyNumpadSubtract
}

// plug follows the pads that come and go. One that comes is the second person's if that one has none, and
// it stays so: nobody's pad changes hands because another comes or goes.
func (d *Devices) plug() {
	d.ids = d.from.pads(d.ids[:0])
	for i := 0; i < len(d.pads); i++ {
		if !slices.Contains(d.ids, d.pads[i].id) {
			d.news = "Gamepad unplugged: " + d.pads[i].name
			d.pads = slices.Delete(d.pads, i, i+1)
			i--
		}
	}
	for _, id := range d.ids {
		if slices.ContainsFunc(d.pads, func(p pad) bool { return p.id == id }) {
			continue
		}
		name := d.from.name(id)
		if name == "" {
			name = "gamepad"
		}
		owner := 0
		if d.padOf(1) < 0 {
			owner = 1
		}
		d.pads = append(d.pads, pad{id: id, name: name, owner: owner})
		d.news = "Gamepad plugged in: " + name
	}
}

// A stick means a direction from stickOn of its way on, and until it comes back below stickOff: a thumb
// that rests near the border does not stutter.
const (
	stickOn  = 0.5
	stickOff = 0.35
)

// look reads a pad. One of a layout that nobody knows is read as most of them are built: its first two
// axes are the stick, its first two buttons A and B, the next pair is for back and pause.
func (d *Devices) look(p *pad) {
	p.held, p.menu = 0, 0
	button := d.from.button
	if d.from.standard(p.id) {
		for f := range env.NumKeys {
			for _, b := range d.bindings.Buttons[f] {
				if button(p.id, b) {
					p.held |= Set(f)
				}
			}
		}
		p.tilt(d.from.axis(p.id, ebiten.StandardGamepadAxisLeftStickHorizontal), d.from.axis(p.id, ebiten.StandardGamepadAxisLeftStickVertical))
		p.say(MenuUp, button(p.id, ebiten.StandardGamepadButtonLeftTop))
		p.say(MenuDown, button(p.id, ebiten.StandardGamepadButtonLeftBottom))
		p.say(MenuLeft, button(p.id, ebiten.StandardGamepadButtonLeftLeft))
		p.say(MenuRight, button(p.id, ebiten.StandardGamepadButtonLeftRight))
		p.say(MenuChoose, button(p.id, ebiten.StandardGamepadButtonRightBottom))
		p.say(MenuBack, button(p.id, ebiten.StandardGamepadButtonRightRight))
		p.say(MenuPause, button(p.id, ebiten.StandardGamepadButtonCenterRight))
	} else {
		p.tilt(d.from.rawAxis(p.id, 0), d.from.rawAxis(p.id, 1))
		for b, f := range [...]env.Key{env.KeyA, env.KeyB} {
			if d.from.rawButton(p.id, ebiten.GamepadButton(b)) {
				p.held |= Set(f)
			}
		}
		p.say(MenuChoose, d.from.rawButton(p.id, 0))
		p.say(MenuBack, d.from.rawButton(p.id, 2))
		p.say(MenuPause, d.from.rawButton(p.id, 3))
	}
	p.held |= p.stick
	for f, m := range [...]Menu{env.KeyLeft: MenuLeft, env.KeyRight: MenuRight, env.KeyUp: MenuUp, env.KeyDown: MenuDown} {
		p.say(m, p.stick.Has(env.Key(f)))
	}
}

func (p *pad) say(m Menu, is bool) {
	if is {
		p.menu |= m
	}
}

// tilt turns the way of the stick into directions.
func (p *pad) tilt(x, y float64) {
	was := p.stick
	p.stick = 0
	lean := func(way float64, k env.Key) {
		if way >= stickOn || way >= stickOff && was.Has(k) {
			p.stick |= Set(k)
		}
	}
	lean(-x, env.KeyLeft)
	lean(x, env.KeyRight)
	lean(-y, env.KeyUp)
	lean(y, env.KeyDown)
}

// ebitengine is the source outside of tests.
type ebitengine struct{}

func (ebitengine) focused() bool { return ebiten.IsFocused() }

func (ebitengine) key(k ebiten.Key) (held, pressed bool) {
	return ebiten.IsKeyPressed(k), inpututil.IsKeyJustPressed(k)
}

func (ebitengine) pads(ids []ebiten.GamepadID) []ebiten.GamepadID {
	return ebiten.AppendGamepadIDs(ids)
}

func (ebitengine) name(id ebiten.GamepadID) string { return ebiten.GamepadName(id) }

func (ebitengine) standard(id ebiten.GamepadID) bool {
	return ebiten.IsStandardGamepadLayoutAvailable(id)
}

func (ebitengine) button(id ebiten.GamepadID, b ebiten.StandardGamepadButton) bool {
	return ebiten.IsStandardGamepadButtonPressed(id, b)
}

func (ebitengine) axis(id ebiten.GamepadID, a ebiten.StandardGamepadAxis) float64 {
	return ebiten.StandardGamepadAxisValue(id, a)
}

func (ebitengine) rawButton(id ebiten.GamepadID, b ebiten.GamepadButton) bool {
	return ebiten.IsGamepadButtonPressed(id, b)
}

func (ebitengine) rawAxis(id ebiten.GamepadID, a int) float64 {
	if a >= ebiten.GamepadAxisCount(id) {
		return 0
	}
	return ebiten.GamepadAxisValue(id, ebiten.GamepadAxisType(a))
}
