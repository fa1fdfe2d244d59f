package input

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/hajimehoshi/ebiten/v2"

	"tandem/env"
)

func TestDefaultBindingsCanBeUsed(t *testing.T) {
	b := DefaultBindings()
	if err := b.Check(); err != nil {
		t.Fatal(err)
	}
	for f := range env.NumKeys {
		left, right := false, false
		for _, k := range b.Keys[f] {
			left, right = left || !onTheRight(k), right || onTheRight(k)
		}
		if !left || !right {
			t.Errorf("%v lacks a key on one half of the keyboard (left %v, right %v): two people could not share it", f, left, right)
		}
		if len(b.Buttons[f]) == 0 {
			t.Errorf("no button of a gamepad means %v", f)
		}
	}
}

func TestBindingsAreKeptAsNames(t *testing.T) {
	b := DefaultBindings()
	b.Keys[env.KeyA] = []ebiten.Key{ebiten.KeyControlLeft}
	b.Buttons[env.KeyB] = []ebiten.StandardGamepadButton{ebiten.StandardGamepadButtonFrontTopLeft}
	data, err := json.Marshal(b)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"A":["ControlLeft"]`, `"B":["FrontTopLeft"]`, `"Left":["ArrowLeft","A","Numpad4"]`} {
		if !strings.Contains(string(data), want) {
			t.Errorf("%s lacks %s", data, want)
		}
	}
	got := &Bindings{}
	if err := json.Unmarshal(data, got); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, b) {
		t.Errorf("read back: %v, want %v", got, b)
	}
}

func TestBadBindingsAreRefusedInWordsAndChangeNothing(t *testing.T) {
	for _, c := range []struct{ name, data, want string }{
		{"not JSON", `{`, "unexpected end of JSON input"},
		{"not bindings", `{"keys": 5}`, "the bindings are not what was kept"},
		{"an unknown function", `{"keys": {"Fly": ["A"]}}`, `nothing is called "Fly"`},
		{"an unknown key", `{"keys": {"A": ["Any"]}}`, `there is no key "Any"`},
		{"an unknown button", `{"buttons": {"A": ["Turbo"]}}`, `there is no button "Turbo" to bind: the names are FrontBottomLeft, `},
		{"no key for a function", `{"keys": {"Up": []}}`, "no key means Up"},
		{"one key with two meanings", `{"keys": {"Up": ["A"]}}`, "the key A means both Left and Up"},
		{"one button with two meanings", `{"buttons": {"A": ["LeftTop"]}}`, "the button LeftTop means both Up and A"},
		{"a key of the window", `{"keys": {"A": ["Escape"]}}`, "the key Escape belongs to the window"},
	} {
		b := DefaultBindings()
		err := json.Unmarshal([]byte(c.data), b)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
		if !reflect.DeepEqual(b, DefaultBindings()) {
			t.Errorf("%s: the bindings have changed", c.name)
		}
	}
	b := DefaultBindings()
	b.Buttons[env.KeyA] = []ebiten.StandardGamepadButton{ebiten.StandardGamepadButtonCenterRight}
	if err := b.Check(); err == nil || !strings.Contains(err.Error(), "belongs to the window") {
		t.Errorf("the button that pauses is bound: %v", err)
	}
}
