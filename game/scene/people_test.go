package scene

import (
	"errors"
	"testing"
	"time"

	"github.com/hajimehoshi/ebiten/v2"

	"tandem/game/client"
	"tandem/game/words"
)

// A window that is closed in mid-match hangs up, so that the seat waits; in every other phase, and by
// Esc, it is left.
func TestClosingIsNoLeaving(t *testing.T) {
	for phase, hung := range map[client.Phase]int{client.Waiting: 0, client.Countdown: 1, client.Playing: 1, client.Paused: 1, client.Finished: 0} {
		tb := newTable(t, true)
		tb.in(phase)
		if err := tb.g.update(&events{now: start, closing: true}, 0, 0); !errors.Is(err, ebiten.Termination) {
			t.Errorf("%v: closing answers %v", phase, err)
		}
		if tb.m.hung != hung || tb.m.left != 1-hung {
			t.Errorf("%v: hung up %d times, left %d times", phase, tb.m.hung, tb.m.left)
		}
	}
}

// The button for another match is there while the room waits for one and nobody has pressed it.
func TestPlayAgain(t *testing.T) {
	tb := newTable(t, true)
	again, asked := 30*time.Second, false
	old := tb.m.show
	tb.m.show = func(v *client.View) { old(v); v.Again, v.AgainAsked = again, asked }
	act := func(ev *events) {
		t.Helper()
		if err := tb.g.update(ev, 0, 0); err != nil {
			t.Fatal(err)
		}
		tb.g.Draw(tb.screen)
	}
	labels := func() (l []string) {
		for _, it := range tb.g.end.items {
			l = append(l, it.label)
		}
		return l
	}
	tb.in(client.Finished)
	act(press(keyEnter)) // of somebody who still plays
	if l := labels(); len(l) != 2 || l[0] != "Play again" || tb.g.end.focus != 0 || tb.m.more != 0 {
		t.Fatalf("the end offers %q with focus %d; asked %d times", l, tb.g.end.focus, tb.m.more)
	}
	act(later(keyEnter))
	asked = true
	tb.g.Draw(tb.screen)
	act(later(0))
	if l := labels(); tb.m.more != 1 || len(l) != 1 || l[0] != "Back to the menu" {
		t.Fatalf("asked %d times; then the end offers %q", tb.m.more, l)
	}
	again, asked = 0, false
	tb.in(client.Playing)
	act(later(0))
	again = 30 * time.Second
	tb.in(client.Finished)
	act(&events{now: start.Add(time.Minute), focused: true, keys: keyEnter}) // the guard is on again
	if l := labels(); len(l) != 2 || tb.m.more != 1 {
		t.Errorf("after the second match the end offers %q; asked %d times", l, tb.m.more)
	}
	again = 0
	tb.g.Draw(tb.screen)
	act(later(0))
	if l := labels(); len(l) != 1 {
		t.Errorf("when the room is closed the end offers %q", l)
	}
}

// Keys of the game do nothing for a spectator.
func TestSpectatorsKeys(t *testing.T) {
	tb := newTable(t, true)
	old := tb.m.show
	tb.m.show = func(v *client.View) { old(v); v.Watching, v.Seat = true, -1 }
	tb.g.ShowMatch(tb.m, nil)
	tb.in(client.Playing)
	for _, ev := range []*events{typed("+-*"), press(keySpace | keyLeft), press(keyNumbers)} {
		if err := tb.g.update(ev, leftKey, leftKey); err != nil {
			t.Fatal(err)
		}
	}
	if len(tb.m.asks) != 0 || !tb.g.numbers {
		t.Errorf("a spectator has asked for %q; the numbers are shown: %v", tb.m.asks, tb.g.numbers)
	}
}

// The menu can watch what it can join.
func TestWatchFromTheMenu(t *testing.T) {
	m := newMenu(words.English, Choice{Relay: "10.0.0.7", Room: "kelp"}, true)
	m.show(pageJoin, "")
	m.form.focus = m.form.index(idWatch)
	if r := m.update(press(keyEnter)); r != menuChose || m.choice.Action != Watch || m.choice.Room != "kelp" {
		t.Errorf("it answers %d with %+v", r, m.choice)
	}
	m.choice.Room = ""
	m.show(pageJoin, "")
	m.form.focus = m.form.index(idWatch)
	if r := m.update(press(keyEnter)); r != menuStays || m.form.note == "" {
		t.Errorf("without a room it answers %d, note %q", r, m.form.note)
	}
}
