package scene

import (
	"errors"
	"image"
	"testing"
	"time"

	"github.com/hajimehoshi/ebiten/v2"

	"tandem/game/client"
)

// A minimised window draws nothing, asks its match for nothing and rests between its looks at the window;
// seen again it draws at once. A picture that is asked for meanwhile is made all the same.
func TestMinimisedWindowDrawsNothing(t *testing.T) {
	tb := newTable(t, true)
	t.Cleanup(func() { ebiten.SetTPS(ebiten.DefaultTPS) })
	var rested time.Duration
	asked := 0
	tb.g.options.Rest = func(d time.Duration) { rested += d }
	tb.m.show = func(v *client.View) { asked++; v.Phase = tb.phase }
	draw := func(match bool) (drawn int) {
		tb.g.current = nil
		if match {
			tb.g.current = tb.m
		}
		before := tb.g.drawn
		for range 10 {
			tb.g.Draw(tb.screen)
		}
		return tb.g.drawn - before
	}
	for _, match := range []bool{true, false} { // in a match, and in the menu
		asked, rested = 0, 0
		if n := draw(match); n != 10 || rested != 0 || (asked != 0) != match {
			t.Errorf("visible (match %v): drawn %d times of 10, rested %v, asked the match %d times", match, n, rested, asked)
		}
		asked = 0
		tb.g.hide(true)
		if n := draw(match); n != 0 || rested != time.Second || asked != 0 || ebiten.TPS() != hiddenTicks {
			t.Errorf("minimised (match %v): drawn %d times, rested %v in 10 frames, asked the match %d times, %d ticks a second", match, n, rested, asked, ebiten.TPS())
		}
		tb.g.hide(false)
		rested = 0
		if n := draw(match); n != 10 || rested != 0 || ebiten.TPS() != ebiten.DefaultTPS {
			t.Errorf("visible again (match %v): drawn %d times of 10, rested %v, %d ticks a second", match, n, rested, ebiten.TPS())
		}
	}
	tb.g.hide(true)
	kept := 0
	tb.g.shots = append(tb.g.shots, shot{keep: func(*image.RGBA) error { kept++; return errors.New("full") }, done: func(error) { kept++ }})
	tb.g.Draw(tb.screen)
	if tb.g.hide(false); kept != 2 {
		t.Errorf("a picture of a minimised window: %d of 2 calls", kept)
	}
}
