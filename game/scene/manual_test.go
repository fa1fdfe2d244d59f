package scene

import (
	"testing"

	"github.com/hajimehoshi/ebiten/v2"

	"tandem/env"
	"tandem/game/input"
	"tandem/game/words"
)

func TestManualNamesWhatKeysDo(t *testing.T) {
	for _, c := range []struct{ env, line, who string }{
		{"slime", "← →: run · ↑: jump · F1: all keys", "2 players, against each other"},
		{"slime/boost", "← →: run · ↑: jump · Space: boost · F1: all keys", "2 players, against each other"},
		{"slime/doubles", "← →: run · ↑: jump · F1: all keys", "4 players in teams: left side against right side"},
		{"overcooked/cramped_room", "← → ↑ ↓: walk · Space: pick up, put down, serve · F1: all keys", "2 players, together"},
	} {
		e, err := env.New(c.env, nil)
		if err != nil {
			t.Fatal(err)
		}
		m := &manual{}
		m.know(words.English, e.Spec(), input.NewDevices(input.DefaultBindings()), 1)
		if m.line != c.line || m.who != c.who {
			t.Errorf("%s: %q and %q, want %q and %q", c.env, m.line, m.who, c.line, c.who)
		}
	}
}

func TestManualFollowsTheBindings(t *testing.T) {
	e, err := env.New("slime", nil)
	if err != nil {
		t.Fatal(err)
	}
	m, d := &manual{}, input.NewDevices(input.DefaultBindings())
	m.know(words.English, e.Spec(), d, 1)
	b := input.DefaultBindings()
	b.Keys[env.KeyUp] = []ebiten.Key{ebiten.KeySpace}
	d.Bind(b)
	m.know(words.English, e.Spec(), d, 1)
	if want := "← →: run · Space: jump · F1: all keys"; m.line != want {
		t.Errorf("%q, want %q", m.line, want)
	}
}

func TestManualSaysWhoHasWhich(t *testing.T) {
	e, err := env.New("slime", nil)
	if err != nil {
		t.Fatal(err)
	}
	m, d := &manual{}, input.NewDevices(input.DefaultBindings())
	m.know(words.English, e.Spec(), d, 1)
	m.know(words.English, e.Spec(), d, 2)
	if want := "First player: W A S D, Space and Q · second player: the arrows, Enter and the right Shift"; m.line != want {
		t.Errorf("%q, want %q", m.line, want)
	}
}
