package scene

import (
	"slices"
	"time"

	"github.com/hajimehoshi/ebiten/v2"
	"github.com/hajimehoshi/ebiten/v2/inpututil"

	"tandem/game/input"
)

// A key that edits text repeats after half a second, ten times a second, in ticks of 1/60 s: what
// desktops do.
const (
	editAfterTicks = 30
	editEveryTicks = 6
)

var screenKeys = []struct {
	key    ebiten.Key
	means  uiKey
	repeat bool
}{
	{ebiten.KeyArrowUp, keyUp, true},
	{ebiten.KeyArrowDown, keyDown, true},
	{ebiten.KeyArrowLeft, keyLeft, true},
	{ebiten.KeyArrowRight, keyRight, true},
	{ebiten.KeyEnter, keyEnter, false},
	{ebiten.KeyNumpadEnter, keyEnter, false},
	{ebiten.KeySpace, keySpace, false},
	{ebiten.KeyEscape, keyEscape, false},
	{ebiten.KeyTab, keyNext, true},
	{ebiten.KeyBackspace, keyBackspace, true},
	{ebiten.KeyDelete, keyDelete, true},
	{ebiten.KeyHome, keyHome, false},
	{ebiten.KeyEnd, keyEnd, false},
	{ebiten.KeyF1, keyHelp, false},
	{ebiten.KeyF2, keyPicture, false},
	{ebiten.KeyF3, keyNumbers, false},
	{ebiten.KeyF11, keyFullscreen, false},
}

// devices reads Ebitengine into events.
type devices struct {
	ev      events
	touches []ebiten.TouchID
	padFor  int // ticks for which a gamepad has held the same directions
}

// padKeys are what gamepads say to the screens.
var padKeys = []struct {
	says  input.Menu
	means uiKey
}{
	{input.MenuUp, keyUp}, {input.MenuDown, keyDown}, {input.MenuLeft, keyLeft}, {input.MenuRight, keyRight},
	{input.MenuChoose, keyEnter}, {input.MenuBack, keyBack}, {input.MenuPause, keyEscape},
}

// pads adds to the events what gamepads have newly said, and repeats the directions that they hold as
// those of a keyboard.
func (d *devices) pads(ev *events, pressed, held input.Menu) {
	const ways = input.MenuUp | input.MenuDown | input.MenuLeft | input.MenuRight
	d.padFor++
	if pressed != 0 || held&ways == 0 {
		d.padFor = 0
	}
	if d.padFor > editAfterTicks && d.padFor%editEveryTicks == 0 {
		pressed |= held & ways
	}
	for _, k := range padKeys {
		if pressed&k.says != 0 {
			ev.keys |= k.means
		}
	}
}

// read returns the events of this tick; they are valid until the next call.
func (d *devices) read(now time.Time) *events {
	ev := &d.ev
	*ev = events{now: now, focused: ebiten.IsFocused(), closing: ebiten.IsWindowBeingClosed(), x: ev.x, y: ev.y, chars: ev.chars[:0], touches: ev.touches[:0]}
	for _, k := range screenKeys {
		held := inpututil.KeyPressDuration(k.key)
		if inpututil.IsKeyJustPressed(k.key) || k.repeat && held > editAfterTicks && (held-editAfterTicks)%editEveryTicks == 0 {
			ev.keys |= k.means
		}
	}
	if ev.has(keyNext) && ebiten.IsKeyPressed(ebiten.KeyShift) {
		ev.keys = ev.keys&^keyNext | keyPrev
	}
	if ev.has(keyEnter) && ebiten.IsKeyPressed(ebiten.KeyAlt) {
		ev.keys = ev.keys&^keyEnter | keyFullscreen
	}
	ev.chars = ebiten.AppendInputChars(ev.chars)

	x, y := ebiten.CursorPositionF()
	if x != ev.x || y != ev.y {
		ev.x, ev.y, ev.moved = x, y, true
	}
	ev.clicked = inpututil.IsMouseButtonJustPressed(ebiten.MouseButtonLeft)
	d.touches = inpututil.AppendJustPressedTouchIDs(d.touches[:0])
	if len(d.touches) > 0 {
		ev.x, ev.y = ebiten.TouchPositionF(d.touches[0])
		ev.clicked = true
	}
	// Just pressed ones come first: a tap may be over before this look.
	n := len(d.touches)
	d.touches = ebiten.AppendTouchIDs(d.touches)
	for i, id := range d.touches {
		if i >= n && slices.Contains(d.touches[:n], id) {
			continue
		}
		x, y := ebiten.TouchPositionF(id)
		ev.touches = append(ev.touches, point{x, y})
	}
	return ev
}
