package scene

import (
	"errors"
	"flag"
	"fmt"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/hajimehoshi/ebiten/v2"

	"tandem/env"
	"tandem/env/draw"
	_ "tandem/env/slime"
	"tandem/game/client"
	"tandem/game/input"
	"tandem/game/render/rendertest"
)

var pictures = flag.String("pictures", "", "write a picture of every state at every size into this directory")

var start = time.Unix(1_000_000, 0)

// fakeMatch shows whatever it is told to.
type fakeMatch struct {
	show func(v *client.View)
	left int
}

func (m *fakeMatch) View(_ time.Time, v *client.View) { m.show(v) }
func (m *fakeMatch) Leave()                           { m.left++ }

// court is a slime court some steps into a rally.
func court() (*env.Spec, *draw.List) {
	e, err := env.New("slime", nil)
	if err != nil {
		panic(err) // it is imported by this file
	}
	e.Reset(7)
	for i := range 38 {
		e.Step([]int{3 * (i / 30), 1 + 4*(i/20)})
	}
	l := &draw.List{}
	e.Render(l)
	return e.Spec(), l
}

// view returns a function that fills a View as in the middle of a match and then lets set change it.
func view(set func(v *client.View)) func(*client.View) {
	spec, pic := court()
	return func(v *client.View) {
		v.Phase, v.Spec, v.Room, v.Seat = client.Playing, spec, "KELP-4719", 0
		v.Players = append(v.Players[:0],
			client.Player{Name: "Ada", Agent: "left", Present: true, Host: true, You: true},
			client.Player{Name: "Grace Hopper", Agent: "right", Present: true})
		v.Frame, v.Episode, v.Episodes, v.Step = 712, 1, 5, 712
		v.Scores = append(v.Scores[:0], 1, -1)
		v.LastScore = v.LastScore[:0]
		v.Prev.Reset()
		v.Cur.CopyFrom(pic)
		v.InputDelay, v.RTT = 103*time.Millisecond, 48200*time.Microsecond
		if set != nil {
			set(v)
		}
	}
}

// state is one screen and the words it must show.
type state struct {
	name string
	view func(v *client.View) // nil: the menu
	then func(t *testing.T, g *Game)
	want []string
}

func press(keys uiKey) *events { return &events{now: start, focused: true, keys: keys} }

func do(t *testing.T, g *Game, evs ...*events) {
	t.Helper()
	for _, ev := range evs {
		if err := g.update(ev, 0, 0); err != nil {
			t.Fatal(err)
		}
	}
}

func states() []state {
	crowd := func(v *client.View) {
		v.Players = v.Players[:0]
		v.Scores = v.Scores[:0]
		for i := range 6 {
			v.Players = append(v.Players, client.Player{Name: fmt.Sprintf("Player of seat %d", i), Agent: "cook", Present: i != 3, You: i == 2})
			v.Scores = append(v.Scores, float64(20*i))
		}
	}
	long := "The player whose name is longer than any card could ever be, in spite of all limits"
	return []state{
		{name: "menu", want: []string{"Tandem", "Play with a bot", "Host a game for friends", "Join a game", "Quit", "Your name", "Ada"}},
		{name: "menu-bot", then: func(t *testing.T, g *Game) { do(t, g, press(keyEnter)) },
			want: []string{"Slime Volleyball", "Opponent", "Play", "Back"}},
		{name: "menu-host", then: func(t *testing.T, g *Game) { do(t, g, press(keyDown), press(keyEnter)) },
			want: []string{"Host a game", "Game", "Relay", "Open the room"}},
		{name: "menu-join", then: func(t *testing.T, g *Game) {
			do(t, g, press(keyDown), press(keyDown), press(keyEnter), press(keyDown), press(keyDown), press(keyEnter))
		}, want: []string{"Room code", "Join", "Enter the address"}},
		{name: "menu-error", then: func(t *testing.T, g *Game) {
			g.options.Start = func(Choice) (Match, *input.Sampler, error) {
				return nil, nil, errors.New("No relay answers at ws://a.very.long.example.org:8080/with/a/path. Is it running, and is the address right?")
			}
			g.menu.choice.Relay, g.menu.choice.Room = "ws://192.168.178.23:8080", "KELP-4719"
			do(t, g, press(keyDown), press(keyDown), press(keyEnter), press(keyDown), press(keyEnter))
		}, want: []string{"No relay answers", "KELP-4719"}},
		{name: "connecting", view: func(v *client.View) { v.Phase, v.Seat = client.Connecting, -1 },
			want: []string{"Connecting", "Looking for the relay"}},
		{name: "connecting-words", view: func(v *client.View) {
			v.Phase, v.Seat = client.Connecting, -1
			v.Headline = "Connecting to ws://relay.example.org:8080"
			v.Detail = "No answer yet; trying again for the fourth time in 3 s. Is the relay running, and does a firewall let it through?"
		}, want: []string{"Connecting to", "ws://relay.example.org:8080", "firewall"}},
		{name: "waiting", view: view(func(v *client.View) {
			v.Phase = client.Waiting
			v.Players[1] = client.Player{Agent: "right"}
			v.Cur.Reset()
		}), want: []string{"Waiting for players", "KELP-4719", "Join a game", "Ada", "free seat", "right", "left · you, host", "Esc: leave"}},
		{name: "waiting-crowd", view: view(func(v *client.View) {
			crowd(v)
			v.Phase = client.Waiting
		}), want: []string{"Player of seat 5", "away", "KELP-4719"}},
		{name: "countdown", view: view(func(v *client.View) {
			v.Phase, v.Starting = client.Countdown, 2100*time.Millisecond
		}), want: []string{"3", "Get ready", "You play left", "Grace Hopper"}},
		{name: "playing", view: view(nil),
			want: []string{"Ada", "Grace Hopper", "1", "-1", "Time left 76.2 s", "Episode 2 of 5", "Arrow keys or WASD", "Esc: leave"}},
		{name: "playing-trouble", view: view(func(v *client.View) {
			v.Warning = "The link is slow: 320 ms there and back, 4 % of your inputs come late"
			v.Substituted, v.Desyncs, v.Players[1].Present = 31, 1, false
		}), want: []string{"The link is slow", "31 late inputs · 1 desync", "away"}},
		{name: "playing-numbers", view: view(nil),
			then: func(t *testing.T, g *Game) { do(t, g, press(keyNumbers)) },
			want: []string{"Input delay", "103.0 ms", "Round trip", "48.2 ms", "712"}},
		{name: "holding-numbers", view: view(func(v *client.View) {
			v.Holding = true
			v.LastScore = append(v.LastScore, -1, 1)
		}), then: func(t *testing.T, g *Game) { do(t, g, press(keyNumbers)) }, want: []string{"Point to Grace Hopper", "103.0 ms"}},
		{name: "playing-long-names", view: view(func(v *client.View) {
			v.Players[0].Name, v.Players[1].Name = long, "line\nbreaks\tand bells\a"
			v.Scores[0], v.Scores[1] = 123456, -123456
		}), want: []string{"The player", "line breaks"}},
		{name: "playing-crowd", view: view(crowd), want: []string{"Player of seat 0", "Player of seat 5", "100"}},
		{name: "holding", view: view(func(v *client.View) {
			v.Holding = true
			v.LastScore = append(v.LastScore, -1, 1)
		}), want: []string{"Point to Grace Hopper"}},
		{name: "paused", view: view(func(v *client.View) {
			v.Phase, v.Headline = client.Paused, "Grace Hopper lost the connection"
			v.Detail = "Waiting up to 8 s for them to come back; after that the match ends."
		}), want: []string{"Grace Hopper lost the connection", "Waiting up to 8 s"}},
		{name: "leave", view: view(nil),
			then: func(t *testing.T, g *Game) { do(t, g, press(keyEscape)) },
			want: []string{"Leave the match?", "Stay", "Leave"}},
		{name: "finished", view: view(func(v *client.View) {
			v.Phase, v.Detail = client.Finished, "Five episodes, 3 minutes 12 seconds."
			v.Scores[0], v.Scores[1] = 3, -3
		}), want: []string{"You win!", "Five episodes", "Ada", "3", "Grace Hopper", "-3", "Back to the menu"}},
		{name: "closed", view: view(func(v *client.View) {
			v.Phase, v.Headline = client.Closed, "The relay is gone"
			v.Detail = "It ran on Ada's computer, which has left. Open a new room to go on; the score so far is below."
		}), want: []string{"The relay is gone", "Open a new room", "Back to the menu"}},
		{name: "refused", view: func(v *client.View) {
			v.Phase, v.Seat, v.Headline = client.Closed, -1, "There is no room KELP-4718"
			v.Detail = "Check the code with your friend; letters and digits are easy to mix up."
		}, want: []string{"There is no room", "Check the code", "Back to the menu"}},
	}
}

// newGame makes a game that shows st.
func newGame(t *testing.T, st state) *Game {
	t.Helper()
	g, err := New(Options{
		Now:      func() time.Time { return start },
		Start:    func(Choice) (Match, *input.Sampler, error) { return nil, nil, errors.New("not in this test") },
		Defaults: Choice{Name: "Ada"},
	})
	if err != nil {
		t.Fatal(err)
	}
	if st.view != nil {
		g.ShowMatch(&fakeMatch{show: st.view}, nil)
	}
	return g
}

// snap draws g at a size, after what the state wants done to it.
func snap(t *testing.T, g *Game, st state, w, h int, scale float64) *image.RGBA {
	t.Helper()
	g.scale = scale
	img := ebiten.NewImage(w, h)
	defer img.Deallocate()
	g.Draw(img) // the phase is known, and controls have their places, from the first frame on
	if st.then != nil {
		st.then(t, g)
		g.Draw(img)
	}
	return rendertest.Pixels(img)
}

var sizes = []struct {
	w, h  int
	scale float64
}{
	{480, 320, 1}, {1024, 768, 1}, {390, 844, 1}, {844, 390, 1}, {780, 1688, 2}, {3840, 2160, 1},
}

// Every state is told in words, at every size, and no word is outside the window or on another.
func TestEveryStateIsToldInWordsThatFit(t *testing.T) {
	for _, st := range states() {
		for _, size := range sizes {
			t.Run(fmt.Sprintf("%s/%dx%d", st.name, size.w, size.h), func(t *testing.T) {
				if size.w > 2000 && st.name != "menu-bot" && st.name != "playing-trouble" && st.name != "finished" {
					return // large pictures take a software renderer long; one of each kind will do
				}
				g := newGame(t, st)
				img := snap(t, g, st, size.w, size.h, size.scale)
				if *pictures != "" {
					save(t, filepath.Join(*pictures, fmt.Sprintf("%s-%dx%d.png", st.name, size.w, size.h)), img)
				}
				checkWords(t, g.ui, st.want)
			})
		}
	}
}

func save(t *testing.T, file string, img image.Image) {
	t.Helper()
	f, err := os.Create(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(png.Encode(f, img), f.Close()); err != nil {
		t.Fatal(err)
	}
}

func checkWords(t *testing.T, u *ui, want []string) {
	t.Helper()
	const slack = 1 // a pixel of rounding
	text := ""
	for i, a := range u.words {
		text += a.text + " "
		if a.at.x < -slack || a.at.y < -slack || a.at.x+a.at.w > u.w+slack || a.at.y+a.at.h > u.h+slack {
			t.Errorf("%q at %.0f is not inside the window of %v×%v", a.text, a.at, u.w, u.h)
		}
		if a.at.h < 7 {
			t.Errorf("%q is %.1f pixels high: nobody can read it", a.text, a.at.h)
		}
		for j := range i {
			if b := u.words[j]; (i < u.layer) == (j < u.layer) && overlap(a.at, b.at) {
				t.Errorf("%q at %.0f lies on %q at %.0f", a.text, a.at, b.text, b.at)
			}
		}
	}
	for _, w := range want {
		if !strings.Contains(text, w) {
			// A wrapped sentence may be broken between two of the words.
			t.Errorf("the screen does not say %q; it says: %s", w, text)
		}
	}
}

// overlap compares where the letters are: the line's upper and lower sixth are room for accents.
func overlap(a, b rect) bool {
	a.y, a.h = a.y+a.h/6, a.h*2/3
	b.y, b.h = b.y+b.h/6, b.h*2/3
	return a.x < b.x+b.w-1 && b.x < a.x+a.w-1 && a.y < b.y+b.h-1 && b.y < a.y+a.h-1
}
