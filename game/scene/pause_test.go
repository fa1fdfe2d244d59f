package scene

import (
	"image"
	"slices"
	"testing"
	"time"

	"tandem/env"
	"tandem/game/client"
	"tandem/game/input"
)

// newAlone is a table whose match is played alone.
func newAlone(t *testing.T) *table {
	t.Helper()
	tb := newTable(t, true)
	fill := tb.m.show
	tb.m.show = func(v *client.View) { fill(v); v.Alone = true }
	tb.g.Draw(tb.screen)
	return tb
}

func (tb *table) wantStops(t *testing.T, want ...bool) {
	t.Helper()
	if !slices.Equal(tb.m.stops, want) {
		t.Errorf("pauses begun and ended: %v, want %v", tb.m.stops, want)
	}
}

// Esc stops a match that is played alone, and Esc, Enter and Space let it go on.
func TestEscPauses(t *testing.T) {
	for _, key := range []uiKey{keyEscape, keyEnter, keySpace} {
		tb := newAlone(t)
		do(t, tb.g, press(0), press(keyEscape))
		tb.wantStops(t, true)
		tb.in(client.Paused)
		do(t, tb.g, press(0), press(key))
		tb.wantStops(t, true, false)
		do(t, tb.g, press(0), press(0)) // the picture is still that of the pause
		if tb.g.ask != nil || tb.m.left != 0 {
			t.Error("the pause begins again, or the match is left")
		}
	}
	tb := newAlone(t)
	do(t, tb.g, press(keyEscape), press(keyDown), press(keyEnter))
	if tb.m.left != 1 || tb.g.current != nil {
		t.Errorf("after Leave: left %d times, match %v", tb.m.left, tb.g.current)
	}
}

// The key that ends a pause does nothing in the game before it is pressed again; others that are held do.
func TestThePausesKeyIsNoMove(t *testing.T) {
	tb := newAlone(t)
	jump := input.Set(env.KeyUp) | input.Set(env.KeyA)
	update := func(keys uiKey, held, pressed input.Keys) int {
		t.Helper()
		if err := tb.g.update(press(keys), held, pressed); err != nil {
			t.Fatal(err)
		}
		return tb.s.Sample()
	}
	want := update(0, leftKey, 0)
	update(keyEscape, 0, 0)
	update(keyEnter, jump|leftKey, jump)
	for range 3 {
		if got := update(0, jump|leftKey, 0); got != want || got == tb.spec.Default {
			t.Errorf("action %d while the pause's key is held, want %d", got, want)
		}
	}
	update(0, leftKey, 0)
	if got := update(0, jump|leftKey, jump); got == want {
		t.Error("pressed again, it does nothing")
	}
}

// A window that loses the focus or is not seen any more stops the match; its player lets it go on.
func TestWhoLooksElsewherePauses(t *testing.T) {
	unfocused := func() *events { return &events{now: start} }
	tb := newAlone(t)
	do(t, tb.g, unfocused(), unfocused()) // shown without ever having had the focus
	tb.wantStops(t)
	do(t, tb.g, press(0), unfocused(), unfocused(), press(0))
	tb.wantStops(t, true)
	if f := tb.g.form(); f == nil || f.title != "Paused" {
		t.Fatalf("the form is %+v", f)
	}
	do(t, tb.g, press(keyEnter), press(0))
	tb.wantStops(t, true, false)
	tb.g.hide(true)
	tb.g.hide(false)
	do(t, tb.g, press(0), press(0))
	tb.wantStops(t, true, false, true)
	tb.g.hide(true) // once more, in the pause
	tb.g.hide(false)
	do(t, tb.g, press(0), press(keyEnter), press(0), press(0))
	tb.wantStops(t, true, false, true, false)

	tb = newAlone(t) // of which a picture is wanted
	tb.g.shots = []shot{{keep: func(*image.RGBA) error { return nil }, after: 1 << 40}}
	do(t, tb.g, press(0), unfocused())
	tb.wantStops(t)

	tb = newTable(t, true) // where others play
	do(t, tb.g, press(0), unfocused())
	tb.g.hide(true)
	tb.g.hide(false)
	do(t, tb.g, press(0))
	if tb.wantStops(t); tb.g.ask != nil {
		t.Error("a match with others asks whether to leave")
	}
}

// All keys cover a match that is played alone, and it stands still behind them; with others it goes on.
func TestHelpPauses(t *testing.T) {
	for _, key := range []uiKey{keyHelp, keyEscape} {
		tb := newAlone(t)
		do(t, tb.g, press(0), press(keyHelp))
		tb.wantStops(t, true)
		tb.in(client.Paused)
		if got := tb.sampleWhileHolding(t, press(0), leftKey); got != tb.spec.Default {
			t.Errorf("action %d behind the keys", got)
		}
		do(t, tb.g, press(key), press(0))
		tb.wantStops(t, true, false)
		if tb.g.showsHelp || tb.g.ask != nil {
			t.Error("the keys are still shown, or something is asked")
		}
	}
	tb := newAlone(t) // in the pause there is something else to read
	do(t, tb.g, press(0), press(keyEscape), press(keyHelp), press(keyEnter), press(0))
	if tb.wantStops(t, true, false); tb.g.showsHelp {
		t.Error("the pause opens the keys")
	}
	tb = newTable(t, true)
	tb.in(client.Playing)
	do(t, tb.g, press(0), press(keyHelp))
	if tb.wantStops(t); !tb.g.showsHelp {
		t.Error("a match with others shows no keys")
	}
}

// Who was elsewhere while the result was shown begins the next match, and not its pause. Esc, which pauses, does
// not close the result at once.
func TestAgainBeginsWithoutAPause(t *testing.T) {
	tb := newAlone(t)
	fill := tb.m.show
	tb.m.show = func(v *client.View) { fill(v); v.Again = time.Minute }
	do(t, tb.g, press(0))
	tb.in(client.Finished)
	do(t, tb.g, press(0), press(keyEscape))
	if tb.g.current == nil || tb.m.left != 0 {
		t.Fatal("Esc throws the result away")
	}
	tb.g.hide(true)
	tb.g.hide(false)
	do(t, tb.g, later(keyEnter))
	if tb.m.more == 0 {
		t.Fatal("Enter does not play again")
	}
	tb.in(client.Countdown)
	do(t, tb.g, press(0), press(0))
	if tb.wantStops(t); tb.g.ask != nil {
		t.Error("the next match begins with a pause")
	}
	do(t, tb.g, press(0))
	tb.in(client.Finished)
	do(t, tb.g, press(0), later(keyEscape))
	if tb.m.left != 1 {
		t.Error("Esc does not leave the result once it was seen")
	}
}
