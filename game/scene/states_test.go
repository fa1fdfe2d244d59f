package scene

import (
	"errors"
	"flag"
	"fmt"
	"image"
	"image/png"
	"math"
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
	hung int
	more int      // matches that were wanted
	asks []string // for the input delay

	stops []bool // pauses that were begun and ended
}

func (m *fakeMatch) View(_ time.Time, v *client.View) { m.show(v) }
func (m *fakeMatch) Leave()                           { m.left++ }
func (m *fakeMatch) HangUp()                          { m.hung++ }
func (m *fakeMatch) Again()                           { m.more++ }
func (m *fakeMatch) SetDelay(value string)            { m.asks = append(m.asks, value) }
func (m *fakeMatch) StepDelay(by int)                 { m.asks = append(m.asks, fmt.Sprintf("%+d", by)) }
func (m *fakeMatch) SetAway(bool)                     {}
func (m *fakeMatch) Pause(on bool)                    { m.stops = append(m.stops, on) }
func (m *fakeMatch) SetUnloads(bool)                  {}

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
		v.Scores, v.Points = append(v.Scores[:0], 1, -1), append(v.Points[:0], 1, 0)
		v.LastScore = v.LastScore[:0]
		v.Prev.Reset()
		v.Cur.CopyFrom(pic)
		v.Delay, v.Notice, v.Verified, v.Stalls = "3 frames (100 ms)", "", 24, 0
		measured(v)
		if set != nil {
			set(v)
		}
	}
}

// measured fills in 20 seconds of figures as a middling line gives them.
func measured(v *client.View) {
	for f, like := range [client.NumFigures]struct{ base, wave float64 }{
		client.RoundTrip: {48.2, 6}, client.Jitter: {7.4, 2}, client.Slack: {24.1, 14}, client.InputDelay: {103, 4},
		client.ActionLatency: {121.6, 12}, client.LatencyBound: {24.6, 1}, client.FrameInterval: {35.1, 5}, client.QueueDepth: {1, 0.6},
		client.SubstitutedShare: {0.3, 0.2}, client.StallTime: {0, 0}, client.BytesIn: {412, 40}, client.BytesOut: {388, 30},
		client.CheckGap: {30, 0},
	} {
		t := &v.Figures[f]
		t.Known, t.Now = true, like.base
		for i := range t.Past {
			x := float64(i)
			t.Past[i] = float32(like.base + like.wave*math.Sin(x*0.7)*math.Cos(x*0.13))
			if client.Figure(f) == client.RoundTrip && i%4 != 0 {
				t.Past[i] = float32(math.NaN()) // once a second
			}
		}
	}
}

// team returns a function that makes a match one of a team, and then lets set change it.
func team(set func(v *client.View)) func(*client.View) {
	return func(v *client.View) {
		spec := *v.Spec
		spec.Cooperative = true
		v.Spec, v.Together, v.Episodes = &spec, true, 1
		for i := range v.Scores {
			v.Scores[i], v.Points[i] = 12, 12
		}
		if set != nil {
			set(v)
		}
	}
}

// chefs gives the seats a picture of their own.
func chefs(v *client.View) { v.Spec.SeatIcon = []string{"chef_south", "hat_south"} }

// rules is a room about which there is much to say.
var rules = []string{"5 episodes of at most 100 s", "Lives: 3", "It begins with 2 of 4 players; others join in mid-match",
	"Input delay automatic, 1 to 12 frames", "A late input is waited for, up to 100 ms",
	"If a connection breaks, a bot plays on for that player", "The relay plays along, and its state holds"}

// state is one screen and the words it must show.
type state struct {
	name string
	view func(v *client.View) // nil: the menu
	then func(t *testing.T, g *Game)
	want []string
	lack []string
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
		v.Scores, v.Points = v.Scores[:0], v.Points[:0]
		for i := range 6 {
			v.Players = append(v.Players, client.Player{Name: fmt.Sprintf("Player of seat %d", i), Agent: "cook", Present: i != 3, You: i == 2})
			v.Scores, v.Points = append(v.Scores, float64(20*i)), append(v.Points, float64(20*i))
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
			want: []string{"Connecting to the relay"}},
		{name: "connecting-words", view: func(v *client.View) {
			v.Phase, v.Seat = client.Connecting, -1
			v.Headline = "Connecting to ws://relay.example.org:8080"
			v.Detail = "No answer yet; trying again for the fourth time in 3 s. Is the relay running, and does a firewall let it through?"
		}, want: []string{"Connecting to", "ws://relay.example.org:8080", "firewall"}},
		{name: "waiting", view: view(func(v *client.View) {
			v.Phase = client.Waiting
			v.Players[1] = client.Player{Agent: "right"}
			v.Cur.Reset()
		}), want: []string{"Getting ready", "KELP-4719", "Join a game", "Ada", "free seat", "right", "left · you, host", "Esc: leave"}},
		{name: "waiting-full", view: view(func(v *client.View) { // nobody is missing: nobody is to be told
			v.Phase, v.Headline = client.Waiting, "Getting ready"
			v.Cur.Reset()
		}), want: []string{"Getting ready", "KELP-4719", "Ada", "Grace Hopper", "Esc: leave"}, lack: []string{"Tell", "friends"}},
		{name: "waiting-invite", view: view(func(v *client.View) {
			v.Phase, v.Headline = client.Waiting, "Waiting for one more player"
			v.Detail = "Friends choose “Join a game”, with the relay 192.168.178.23:7777 and this code, or run\ntandem -relay 192.168.178.23:7777 -room KELP-4719"
			v.Players[1] = client.Player{Agent: "right"}
			v.Cur.Reset()
		}), want: []string{"KELP-4719", "192.168.178.23:7777", "-room KELP-4719", "Esc: leave"}},
		{name: "waiting-rules", view: view(func(v *client.View) {
			v.Phase, v.Headline, v.HostsRelay = client.Waiting, "Waiting for one more player", true
			v.Detail = "Friends choose “Join a game”, with the relay 192.168.178.23:7777 and this code, or run\ntandem -relay 192.168.178.23:7777 -room KELP-4719"
			v.Players[1] = client.Player{Agent: "right"}
			v.Watchers, v.Rules = "Eve, Mallory and 2 more watch", rules
			v.Cur.Reset()
		}), want: []string{"KELP-4719", "it ends when", "Eve, Mallory and 2 more watch", "5 episodes", "Input delay automatic", "a bot plays on", "Esc: leave"}},
		{name: "waiting-watching", view: view(func(v *client.View) {
			v.Phase, v.Seat, v.Watching, v.Players[0].You = client.Waiting, -1, true, false
			v.Headline, v.Detail = "Waiting for one more player", "You are watching. The match begins when its players are ready."
			v.Players[1] = client.Player{Agent: "right"}
			v.Watchers, v.Rules = "Eve watches", rules
			v.Cur.Reset()
		}), want: []string{"You are watching", "Eve watches", "Ada", "free seat", "host"}},
		{name: "playing-watching", view: view(func(v *client.View) {
			v.Seat, v.Watching, v.Watchers, v.Players[0].You = -1, true, "Eve watches", false
		}), want: []string{"You are watching · Eve watches", "Ada", "Esc: leave"}},
		{name: "countdown-watching", view: view(func(v *client.View) {
			v.Phase, v.Starting, v.Seat, v.Watching = client.Countdown, 2100*time.Millisecond, -1, true
		}), want: []string{"Get ready", "You are watching"}},
		{name: "watching-leave", view: view(func(v *client.View) { v.Seat, v.Watching = -1, true }),
			then: func(t *testing.T, g *Game) { do(t, g, press(keyEscape)) },
			want: []string{"Stop watching?", "goes on without you"}},
		{name: "hosting-leave", view: view(func(v *client.View) { v.HostsRelay = true }),
			then: func(t *testing.T, g *Game) { do(t, g, press(keyEscape)) },
			want: []string{"Leave the match?", "ends for everybody"}},
		{name: "finished-again", view: view(func(v *client.View) {
			v.Phase, v.Again, v.Headline = client.Finished, 42*time.Second, "Grace Hopper won"
			v.Detail = "Grace Hopper wants another match. The room waits for 42 s."
		}), then: func(t *testing.T, g *Game) { do(t, g, press(0)) },
			want: []string{"Grace Hopper wants another match", "Play again", "Back to the menu"}},
		{name: "finished-asked", view: view(func(v *client.View) {
			v.Phase, v.Again, v.AgainAsked, v.Headline = client.Finished, 42*time.Second, true, "Grace Hopper won"
			v.Detail = "You want another match; the others have not answered yet. The room waits for 42 s."
		}), then: func(t *testing.T, g *Game) { do(t, g, press(0)) },
			want: []string{"others have not", "Back to the menu"}},
		{name: "waiting-crowd", view: view(func(v *client.View) {
			crowd(v)
			v.Phase = client.Waiting
		}), want: []string{"Player of seat 5", "away", "KELP-4719"}},
		{name: "countdown", view: view(func(v *client.View) {
			v.Phase, v.Starting, v.Headline = client.Countdown, 2100*time.Millisecond, "On we go"
		}), want: []string{"3", "On we go", "You play left", "Grace Hopper"}, lack: []string{"Let the ball"}},
		{name: "countdown-start", view: view(func(v *client.View) {
			v.Phase, v.Starting, v.Frame = client.Countdown, 2100*time.Millisecond, 0
		}), want: []string{"3", "Get ready", "You play left", "Let the ball drop on the other side", "← →: run · ↑: jump"}},
		{name: "help", view: view(nil), then: func(t *testing.T, g *Game) { do(t, g, press(keyHelp)) },
			want: []string{"Slime Volleyball", "Let the ball drop", "2 players, against each other", "Run: ← → A D Num 4 Num 6", "Jump: ↑ W Num 8", "F11: full screen"}},
		{name: "playing", view: view(nil),
			want: []string{"Ada", "Grace Hopper", "1", "0", "Time left 76.2 s", "Episode 2 of 5", "← →: run · ↑: jump · F1: all keys", "Esc: leave"}},
		{name: "playing-trouble", view: view(func(v *client.View) {
			v.Warning = "The link is slow: 320 ms there and back, 4 % of your inputs come late"
			v.Substituted, v.Desyncs, v.Players[1].Present = 31, 1, false
		}), want: []string{"The link is slow", "31 late inputs · 1 desync", "away"}},
		{name: "playing-numbers", view: view(nil),
			then: func(t *testing.T, g *Game) { do(t, g, press(keyNumbers)) },
			want: []string{"Input delay", "103.0 ms", "Round trip", "48.2 ms", "Frame 712", "Room's input delay: 3 frames (100 ms)", "− +: change delay · *: automatic",
				"Jitter", "7.4 ms", "Slack", "24.1 ms", "Action latency", "122 ±25 ms", "Frame interval", "35.1 ms", "Queue depth",
				"Substituted", "0.3 %", "Stalls", "412 B/s", "388 B/s", "30 frames", "24 equal"}},
		{name: "playing-numbers-bad", view: view(func(v *client.View) {
			v.Seat, v.Desyncs, v.Stalls, v.Substituted, v.Delay = 1, 2, 17, 312, "automatic, 1 to 12 frames"
			v.Warning = "The link is slow: 320 ms there and back, 4 % of your inputs come late"
			for f := range v.Figures {
				v.Figures[f].Now *= 97
				for i := range v.Figures[f].Past {
					v.Figures[f].Past[i] *= float32(1 + i%9*12)
				}
			}
			v.Figures[client.Slack].Now = -1203.4
			v.Figures[client.Slack].Past[40] = -1203.4
			v.Figures[client.ActionLatency] = client.Trace{}
		}), then: func(t *testing.T, g *Game) { do(t, g, press(keyNumbers)) },
			want: []string{"-1203.4 ms", "22 equal, 2 differ", "17", "40.0 kB/s", "automatic, 1 to 12 frames", "–", "F3: hide"}},
		{name: "numbers-crowd", view: view(crowd), then: func(t *testing.T, g *Game) { do(t, g, press(keyNumbers)) },
			want: []string{"Player of seat 5", "48.2 ms", "24 equal"}},
		{name: "delay-notice", view: view(func(v *client.View) { v.Notice, v.Substituted = "Input delay is now 5 frames (167 ms)", 3 }),
			want: []string{"Input delay is now 5 frames (167 ms)", "3 late inputs", "Esc: leave"}},
		{name: "delay-notice-guest", view: view(func(v *client.View) {
			v.Notice, v.Warning = "Only the host can change the input delay: ask Grace Hopper.", "The link is slow"
		}), want: []string{"Only the host can change", "Esc: leave"}},
		{name: "holding-numbers", view: view(func(v *client.View) {
			v.Holding = true
			v.LastScore = append(v.LastScore, -1, 1)
		}), then: func(t *testing.T, g *Game) { do(t, g, press(keyNumbers)) }, want: []string{"Point to Grace Hopper", "103.0 ms"}},
		{name: "playing-long-names", view: view(func(v *client.View) {
			v.Players[0].Name, v.Players[1].Name = long, "line\nbreaks\tand bells\a"
			v.Points[0], v.Points[1] = 123456, -123456
		}), want: []string{"The player", "line breaks"}},
		{name: "playing-crowd", view: view(crowd), want: []string{"Player of seat 0", "Player of seat 5", "100"}},
		{name: "playing-team", view: view(team(nil)), want: []string{"Ada", "Grace Hopper", "12 points", "Time left"}},
		{name: "playing-team-episodes", view: view(team(func(v *client.View) { v.Episodes = 5 })),
			want: []string{"12 points", "Time left", "Episode 2 of 5"}},
		{name: "playing-team-crowd", view: view(func(v *client.View) {
			crowd(v)
			team(nil)(v)
		}), want: []string{"Player of seat 0", "Player of seat 5", "12 points", "Time left"}},
		{name: "playing-chefs", view: view(team(chefs)), want: []string{"Ada", "Grace Hopper", "12 points"}},
		{name: "playing-chefs-crowd", view: view(func(v *client.View) {
			crowd(v)
			team(chefs)(v)
		}), want: []string{"Player of seat 0", "Player of seat 5", "12 points", "Time left"}},
		{name: "waiting-chefs", view: view(func(v *client.View) {
			team(chefs)(v)
			v.Phase = client.Waiting
			v.Players[1] = client.Player{Agent: "right"}
		}), want: []string{"Ada", "free seat"}},
		{name: "finished-chefs", view: view(func(v *client.View) {
			team(chefs)(v)
			v.Phase = client.Finished
		}), want: []string{"Together you scored 12", "Ada"}},
		{name: "holding", view: view(func(v *client.View) {
			v.Holding = true
			v.LastScore = append(v.LastScore, -1, 1)
		}), want: []string{"Point to Grace Hopper"}},
		{name: "paused", view: view(func(v *client.View) {
			v.Phase, v.Headline = client.Paused, "Grace Hopper lost the connection"
			v.Detail = "Waiting up to 8 s for them to come back; after that the match ends."
		}), want: []string{"Grace Hopper lost the connection", "Waiting up to 8 s"}},
		{name: "playing-alone", view: view(func(v *client.View) { v.Alone = true }), want: []string{"Ada", "Esc: pause"}, lack: []string{"leave"}},
		{name: "numbers-alone", view: view(func(v *client.View) {
			v.Alone, v.Delay, v.Players[0].Host = true, "No input delay: you play alone", false
		}),
			then: func(t *testing.T, g *Game) { do(t, g, press(keyNumbers)) },
			want: []string{"No input delay: you play alone", "Input delay", "103.0 ms", "Frame interval", "Substituted", "Stalls", "F3: hide"},
			lack: []string{"Room", "Round trip", "Slack", "latency", "Hashes", "B/s", "change delay"}},
		{name: "paused-alone", view: view(func(v *client.View) { v.Alone = true }),
			then: func(t *testing.T, g *Game) { do(t, g, press(keyEscape)) },
			want: []string{"Paused", "Go on", "Leave"}, lack: []string{"others", "room", "relay"}},
		{name: "leave", view: view(nil),
			then: func(t *testing.T, g *Game) { do(t, g, press(keyEscape)) },
			want: []string{"Leave the match?", "Stay", "Leave"}},
		{name: "finished", view: view(func(v *client.View) {
			v.Phase, v.Detail = client.Finished, "Five episodes, 3 minutes 12 seconds."
			v.Scores[0], v.Scores[1] = 3, -3
			v.Points[0], v.Points[1] = 5, 2
		}), want: []string{"You won", "Five episodes", "Ada", "5", "Grace Hopper", "2", "Back to the menu"}},
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
		Defaults: Choice{Name: "Ada", Env: "slime"},
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
				if size.w > 2000 && st.name != "menu-bot" && st.name != "playing-trouble" && st.name != "finished" && st.name != "playing-numbers" {
					return // large pictures take a software renderer long; one of each kind will do
				}
				g := newGame(t, st)
				img := snap(t, g, st, size.w, size.h, size.scale)
				if *pictures != "" {
					save(t, filepath.Join(*pictures, fmt.Sprintf("%s-%dx%d.png", st.name, size.w, size.h)), img)
				}
				checkWords(t, g.ui, st.want, st.lack...)
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

func checkWords(t *testing.T, u *ui, want []string, lack ...string) {
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
	for _, w := range lack {
		if strings.Contains(text, w) {
			t.Errorf("the screen says %q: %s", w, text)
		}
	}
}

// overlap compares where the letters are: the line's upper and lower sixth are room for accents.
func overlap(a, b rect) bool {
	a.y, a.h = a.y+a.h/6, a.h*2/3
	b.y, b.h = b.y+b.h/6, b.h*2/3
	return a.x < b.x+b.w-1 && b.x < a.x+a.w-1 && a.y < b.y+b.h-1 && b.y < a.y+a.h-1
}
