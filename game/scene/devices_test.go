package scene

import (
	"testing"
	"time"

	"tandem/env"
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

// pairMatch is one in which two people at this window have a seat.
type pairMatch struct {
	*fakeMatch
	second *input.Sampler
}

func (m *pairMatch) Second() *input.Sampler { return m.second }

func TestTwoPeopleAtOneWindow(t *testing.T) {
	tb := newTable(t, false)
	second := input.NewSampler(tb.spec)
	tb.g.ShowMatch(&pairMatch{tb.m, second}, tb.s)
	tb.in(client.Playing)
	if tb.g.people() != 2 {
		t.Fatal("there is one person")
	}
	tb.g.other = input.State{Held: input.Set(env.KeyRight), Pressed: input.Set(env.KeyRight)}
	if err := tb.g.update(&events{now: tb.now, focused: true}, leftKey, leftKey); err != nil {
		t.Fatal(err)
	}
	if a, b := tb.s.Sample(), second.Sample(); a != 1 || b != 5 {
		t.Errorf("actions %d and %d, want left and right", a, b)
	}
	if err := tb.g.update(&events{now: tb.now}, 0, 0); err != nil { // the focus is gone
		t.Fatal(err)
	}
	if b := second.Sample(); b != 0 {
		t.Errorf("without the focus the second person does %d", b)
	}
	tb.g.leave()
	if tb.g.people() != 1 {
		t.Error("the second person stays after the match")
	}
}

// Where the second person's seat is refused or lost, the first has all keys again.
func TestSecondPersonWithoutASeat(t *testing.T) {
	tb := newTable(t, false)
	m := &pairMatch{tb.m, input.NewSampler(tb.spec)}
	tb.g.ShowMatch(m, tb.s)
	tb.in(client.Playing)
	m.second = nil
	do(t, tb.g, press(0))
	if tb.g.people() != 1 {
		t.Error("the keyboard stays halved for nobody")
	}
}

// The key with which the second person answers a question is no move of theirs before it is let go.
func TestSecondPersonsAnswerIsNoMove(t *testing.T) {
	tb := newTable(t, false)
	second := input.NewSampler(tb.spec)
	tb.g.ShowMatch(&pairMatch{tb.m, second}, tb.s)
	tb.in(client.Playing)
	do(t, tb.g, press(keyEscape))
	key := input.Set(env.KeyRight)
	tb.g.other = input.State{Held: key, Pressed: key}
	do(t, tb.g, press(keyEnter))
	if a := second.Sample(); tb.g.ask != nil || a != 0 {
		t.Errorf("the answer is action %d; the question is open: %v", a, tb.g.ask != nil)
	}
	for _, held := range []input.Keys{0, key} {
		tb.g.other = input.State{Held: held, Pressed: held}
		do(t, tb.g, press(0))
	}
	if a := second.Sample(); a != 5 {
		t.Errorf("pressed again it is action %d, want right", a)
	}
}
