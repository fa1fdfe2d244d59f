package input

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/hajimehoshi/ebiten/v2"

	"tandem/env"
)

// Bindings say what the keys of a keyboard and the buttons of a gamepad mean. Both go by their place: a
// key has the name that it has on a US keyboard, so WASD lies under the same fingers on every layout, and
// a button that of the standard layout, whoever made the pad. As JSON they are names:
//
//	{"keys": {"Left": ["ArrowLeft", "A"]}, "buttons": {"Left": ["LeftLeft"]}}
type Bindings struct {
	Keys    [env.NumKeys][]ebiten.Key
	Buttons [env.NumKeys][]ebiten.StandardGamepadButton
}

// DefaultBindings returns what keys and buttons mean where nobody has chosen.
func DefaultBindings() *Bindings {
	return &Bindings{
		Keys: [env.NumKeys][]ebiten.Key{
			env.KeyLeft:  {ebiten.KeyArrowLeft, ebiten.KeyA, ebiten.KeyNumpad4},
			env.KeyRight: {ebiten.KeyArrowRight, ebiten.KeyD, ebiten.KeyNumpad6},
			env.KeyUp:    {ebiten.KeyArrowUp, ebiten.KeyW, ebiten.KeyNumpad8},
			env.KeyDown:  {ebiten.KeyArrowDown, ebiten.KeyS, ebiten.KeyNumpad2, ebiten.KeyNumpad5},
			env.KeyA:     {ebiten.KeySpace, ebiten.KeyEnter, ebiten.KeyNumpadEnter, ebiten.KeyNumpad0},
			env.KeyB:     {ebiten.KeyQ, ebiten.KeyX, ebiten.KeyShiftRight},
		},
		Buttons: [env.NumKeys][]ebiten.StandardGamepadButton{
			env.KeyLeft:  {ebiten.StandardGamepadButtonLeftLeft},
			env.KeyRight: {ebiten.StandardGamepadButtonLeftRight},
			env.KeyUp:    {ebiten.StandardGamepadButtonLeftTop},
			env.KeyDown:  {ebiten.StandardGamepadButtonLeftBottom},
			env.KeyA:     {ebiten.StandardGamepadButtonRightBottom, ebiten.StandardGamepadButtonRightTop},
			env.KeyB:     {ebiten.StandardGamepadButtonRightRight, ebiten.StandardGamepadButtonRightLeft},
		},
	}
}

// buttonNames are the buttons that can be bound, by what the standard layout calls them. The ones in the
// middle are the window's: they leave and pause.
var buttonNames = map[ebiten.StandardGamepadButton]string{
	ebiten.StandardGamepadButtonRightBottom: "RightBottom", ebiten.StandardGamepadButtonRightRight: "RightRight",
	ebiten.StandardGamepadButtonRightLeft: "RightLeft", ebiten.StandardGamepadButtonRightTop: "RightTop",
	ebiten.StandardGamepadButtonFrontTopLeft: "FrontTopLeft", ebiten.StandardGamepadButtonFrontTopRight: "FrontTopRight",
	ebiten.StandardGamepadButtonFrontBottomLeft: "FrontBottomLeft", ebiten.StandardGamepadButtonFrontBottomRight: "FrontBottomRight",
	ebiten.StandardGamepadButtonLeftStick: "LeftStick", ebiten.StandardGamepadButtonRightStick: "RightStick",
	ebiten.StandardGamepadButtonLeftTop: "LeftTop", ebiten.StandardGamepadButtonLeftBottom: "LeftBottom",
	ebiten.StandardGamepadButtonLeftLeft: "LeftLeft", ebiten.StandardGamepadButtonLeftRight: "LeftRight",
}

// reserved are the keys that mean the same on every screen.
var reserved = []ebiten.Key{
	ebiten.KeyEscape, ebiten.KeyTab, ebiten.KeyM, ebiten.KeyF1, ebiten.KeyF2, ebiten.KeyF3, ebiten.KeyF11,
	ebiten.KeyAltLeft, ebiten.KeyAltRight, ebiten.KeyAlt,
}

// Check reports, in words, what makes the bindings unusable: a function without a key, a key or a button
// with two meanings, or one that belongs to the window.
func (b *Bindings) Check() error {
	keys := map[ebiten.Key]env.Key{}
	buttons := map[ebiten.StandardGamepadButton]env.Key{}
	for f := range env.NumKeys {
		if len(b.Keys[f]) == 0 {
			return fmt.Errorf("no key means %v: bind one", f)
		}
		for _, k := range b.Keys[f] {
			if slices.Contains(reserved, k) {
				return fmt.Errorf("the key %v belongs to the window and cannot mean %v: choose another", k, f)
			}
			if other, taken := keys[k]; taken {
				return fmt.Errorf("the key %v means both %v and %v: take it from one of them", k, other, f)
			}
			keys[k] = f
		}
		for _, p := range b.Buttons[f] {
			if buttonNames[p] == "" {
				return fmt.Errorf("the button %d of a gamepad belongs to the window and cannot mean %v: choose another", p, f)
			}
			if other, taken := buttons[p]; taken {
				return fmt.Errorf("the button %s means both %v and %v: take it from one of them", buttonNames[p], other, f)
			}
			buttons[p] = f
		}
	}
	return nil
}

// written is how bindings are kept.
type written struct {
	Keys    map[string][]string `json:"keys"`
	Buttons map[string][]string `json:"buttons"`
}

// MarshalJSON writes the bindings as names.
func (b *Bindings) MarshalJSON() ([]byte, error) {
	w := written{map[string][]string{}, map[string][]string{}}
	for f := range env.NumKeys {
		for _, k := range b.Keys[f] {
			w.Keys[f.String()] = append(w.Keys[f.String()], k.String())
		}
		for _, p := range b.Buttons[f] {
			w.Buttons[f.String()] = append(w.Buttons[f.String()], buttonNames[p])
		}
	}
	return json.Marshal(w)
}

// UnmarshalJSON reads what MarshalJSON wrote, or somebody has written by hand. A function that is not
// named keeps what it meant by default. What cannot be used is refused and changes nothing.
func (b *Bindings) UnmarshalJSON(data []byte) error {
	var w written
	if err := json.Unmarshal(data, &w); err != nil {
		return fmt.Errorf("the bindings are not what was kept: %w", err)
	}
	n := DefaultBindings()
	for name, keys := range w.Keys {
		f, err := function(name)
		if err != nil {
			return err
		}
		n.Keys[f] = nil
		for _, k := range keys {
			var key ebiten.Key
			if err := key.UnmarshalText([]byte(k)); err != nil {
				return fmt.Errorf("there is no key %q: the names are those of a US keyboard, as ArrowLeft, A or Space", k)
			}
			n.Keys[f] = append(n.Keys[f], key)
		}
	}
	for name, buttons := range w.Buttons {
		f, err := function(name)
		if err != nil {
			return err
		}
		n.Buttons[f] = nil
		for _, p := range buttons {
			button, err := buttonOf(p)
			if err != nil {
				return err
			}
			n.Buttons[f] = append(n.Buttons[f], button)
		}
	}
	if err := n.Check(); err != nil {
		return err
	}
	*b = *n
	return nil
}

func function(name string) (env.Key, error) {
	for f := range env.NumKeys {
		if f.String() == name {
			return f, nil
		}
	}
	return 0, fmt.Errorf("nothing is called %q: keys can mean Left, Right, Up, Down, A and B", name)
}

func buttonOf(name string) (ebiten.StandardGamepadButton, error) {
	var names []string
	for p, n := range buttonNames {
		if n == name {
			return p, nil
		}
		names = append(names, n)
	}
	slices.Sort(names)
	return 0, fmt.Errorf("there is no button %q to bind: the names are %s", name, strings.Join(names, ", "))
}
