package scene

import (
	"testing"
	"time"

	"tandem/game/client"
	"tandem/game/input"
)

func TestGamepadGoesThroughMenusAsKeysDo(t *testing.T) {
	d := &devices{}
	ev := &events{}
	d.pads(ev, input.MenuDown|input.MenuChoose|input.MenuBack|input.MenuPause, input.MenuDown)
	if want := keyDown | keyEnter | keyBack | keyEscape; ev.keys != want {
		t.Errorf("keys %b, want %b", ev.keys, want)
	}
	downs := 0
	for range 60 { // a second
		ev := &events{}
		d.pads(ev, 0, input.MenuDown|input.MenuChoose)
		if ev.has(keyDown) {
			downs++
		}
		if ev.has(keyEnter) {
			t.Fatal("a button that is held chooses again")
		}
	}
	if downs != 5 { // from half a second on, ten a second
		t.Errorf("a direction that is held counts %d times in a second", downs)
	}
}

// The button that goes back in menus is the game's second button in play.
func TestBackButtonBelongsToTheGame(t *testing.T) {
	tb := newTable(t, false)
	do(t, tb.g, &events{keys: keyBack, now: tb.now, focused: true})
	if tb.g.ask != nil {
		t.Fatal("in play the back button leaves")
	}
	do(t, tb.g, press(keyEscape))
	do(t, tb.g, &events{keys: keyBack, now: tb.now, focused: true})
	if tb.g.ask != nil || tb.m.left != 0 {
		t.Error("the back button does not answer the question with staying")
	}
}

func TestNewGamepadIsTold(t *testing.T) {
	tb := newTable(t, false)
	tb.g.news = news{"Gamepad plugged in: Pad", tb.now.Add(newsFor)}
	tb.in(client.Playing)
	checkWords(t, tb.g.ui, []string{"Gamepad plugged in: Pad"})
	tb.now = tb.now.Add(newsFor + time.Second)
	tb.in(client.Playing)
	checkWords(t, tb.g.ui, nil, "Gamepad plugged in")
}
