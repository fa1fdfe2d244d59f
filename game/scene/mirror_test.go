package scene

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"tandem/game/client"
	"tandem/game/input"
)

// reader is a page that makes elements of the controls.
type reader struct {
	*table
	t      *testing.T
	screen Screen
	sent   int
	said   string
	serial int
}

func newReader(t *testing.T, set func(v *client.View)) *reader {
	r := &reader{t: t, table: newTable(t, true)}
	g := r.g
	g.ui.elsewhere = true
	g.options.Mirror = func(s *Screen) {
		r.screen, r.sent = *s, r.sent+1
		r.screen.Controls = slices.Clone(s.Controls)
	}
	g.options.Tell = func(text string) { r.said = text }
	if set != nil {
		r.m.show = view(func(v *client.View) {
			v.Phase = r.phase
			set(v)
		})
	}
	r.after(press(0))
	return r
}

// after lets events and acts happen and draws what comes of them.
func (r *reader) after(ev *events, acts ...Act) {
	r.t.Helper()
	for _, a := range acts {
		r.serial++
		a.Serial = r.serial
		r.g.Act(a)
	}
	do(r.t, r.g, ev)
	r.g.Draw(r.table.screen)
}

func (r *reader) control(label string) *Control {
	r.t.Helper()
	for i := range r.screen.Controls {
		if r.screen.Controls[i].Label == label {
			return &r.screen.Controls[i]
		}
	}
	r.t.Fatalf("there is no %q among %+v", label, r.screen.Controls)
	return nil
}

func (r *reader) wantFocus(label string) {
	r.t.Helper()
	if c := r.control(label); r.screen.Focus != c.ID {
		r.t.Errorf("the focus is on %d, want %q: %+v", r.screen.Focus, label, r.screen.Controls)
	}
}

func (r *reader) wantSaid(words string) {
	r.t.Helper()
	if !strings.Contains(r.said, words) {
		r.t.Errorf("it says %q, want %q", r.said, words)
	}
}

// The menu by its elements alone: values flow both ways, buttons do what they say, errors are said.
func TestMirrorOfTheMenu(t *testing.T) {
	r := newReader(t, nil)
	r.in(client.Finished)
	do(t, r.g, press(0), later(keyEnter)) // to the menu
	r.after(press(0))
	name := r.control("Your name")
	if name.Kind != FieldControl || name.Entry != "name" || name.Hint == "" || name.Box[2] < 100 || name.Box[3] < 20 || name.Size < 10 {
		t.Errorf("the name: %+v", name)
	}
	r.wantFocus("Your name")
	r.wantSaid("The menu")
	var named []string
	r.g.options.Named = func(name string) { named = append(named, name) }
	for range 2 { // what does not change is not told
		r.after(press(0), Act{Kind: TextAct, ID: name.ID, Text: "Zoë Ağaoğlu 李"})
	}
	if !slices.Equal(named, []string{"Zoë Ağaoğlu 李"}) {
		t.Errorf("the page was told of the names %q", named)
	}
	if v := r.control("Your name").Value; v != "Zoë Ağaoğlu 李" || r.g.menu.choice.Name != v || r.screen.Seen != r.serial {
		t.Errorf("after typing the field holds %q, the choice %q; seen %d of %d", v, r.g.menu.choice.Name, r.screen.Seen, r.serial)
	}
	r.after(press(0), Act{Kind: PressAct, ID: r.control("Join a game").ID})
	r.wantSaid("Join a game")
	if r.screen.Title != "Join a game" || r.control("Room code").Entry != "code" {
		t.Errorf("the screen is %+v", r.screen)
	}
	code := r.control("Room code").ID
	r.after(press(0), Act{Kind: FocusAct, ID: code})
	r.wantFocus("Room code")
	r.after(press(keyEnter)) // as the keyboard of a telephone has it
	r.wantFocus("Join")
	r.after(press(0), Act{Kind: PressAct, ID: r.control("Join").ID})
	if missing, _ := r.g.menu.missing(); missing == "" {
		t.Error("nothing is missing")
	} else {
		r.wantSaid(missing)
	}

	r.after(press(0), Act{Kind: PressAct, ID: r.control("Back").ID})
	r.after(press(0), Act{Kind: PressAct, ID: r.control("Play with a bot").ID})
	game := r.control("Game")
	if game.Kind != ChoiceControl || len(game.Options) < 2 || game.Options[game.At] == "" {
		t.Fatalf("the game: %+v", game)
	}
	r.after(press(0), Act{Kind: ChooseAct, ID: game.ID, At: 1})
	if r.control("Game").At != 1 || r.g.menu.choice.Env != r.g.menu.envs[1] {
		t.Errorf("the second game was chosen, and it is %+v", r.g.menu.choice)
	}
	r.after(press(keyLeft))
	r.wantSaid("Game: " + game.Options[0])
	r.after(press(0))
	r.wantSaid("Game: " + game.Options[0])
	r.after(press(0), Act{Kind: ChooseAct, ID: game.ID, At: 99}, Act{Kind: TextAct, ID: game.ID, Text: "x"}, Act{Kind: PressAct, ID: 77}, Act{Kind: "?", ID: game.ID})
	if r.control("Game").At != 0 || r.g.current != nil {
		t.Error("what no element does has changed something")
	}
	r.g.options.Start = func(Choice) (Match, *input.Sampler, error) { return nil, nil, errors.New("No relay answers.") }
	r.after(press(0), Act{Kind: PressAct, ID: r.control("Play").ID})
	r.wantSaid("No relay answers.")
}

// What does not change is not sent, and in play the keys are the game's.
func TestMirrorInPlay(t *testing.T) {
	r := newReader(t, nil)
	sent := r.sent
	r.after(press(0))
	if r.sent != sent || r.screen.Focus != 0 {
		t.Errorf("in play the page got %d more screens; the focus is %d", r.sent-sent, r.screen.Focus)
	}
	r.after(press(0), Act{Kind: PressAct, ID: r.control("Leave").ID})
	r.wantSaid("Leave the match? The others")
	r.wantFocus("Stay")
	r.after(press(keyDown))
	r.wantFocus("Leave")
	r.after(press(0), Act{Kind: PressAct, ID: idStay})
	if r.g.ask != nil || r.screen.Focus != 0 || r.m.left != 0 {
		t.Errorf("after Stay: %+v, left %d times", r.screen, r.m.left)
	}
}

// The invitation's address is a link, and no part of the words.
func TestMirrorOfTheInvitation(t *testing.T) {
	const link = "http://192.168.178.23:7777/?room=KELP-4719"
	r := newReader(t, func(v *client.View) { v.Detail = "Friends open this link:\n" + link })
	r.in(client.Waiting)
	c := r.control("The invitation")
	if c.Kind != LinkControl || c.Value != link || c.Box[2] < 100 || c.Box[3] < 60 {
		t.Errorf("the invitation: %+v", c)
	}
	r.wantSaid(link)
	for _, w := range r.g.ui.words {
		if strings.Contains(w.text, "http://") {
			t.Errorf("the picture has %q under the link", w.text)
		}
	}
	r.in(client.Playing)
	if len(r.screen.Controls) != 1 {
		t.Errorf("in play there are %+v", r.screen.Controls)
	}
}

func TestParted(t *testing.T) {
	for words, want := range map[string][2]string{
		"":                               {"", ""},
		"Tell your friends.":             {"Tell your friends.", ""},
		"Open this:\nhttps://a/?room=b":  {"Open this:", "https://a/?room=b"},
		"Open this:\nhttp://a/\nIt ends": {"Open this:\nIt ends", "http://a/"},
		"See http://a/ for more":         {"See http://a/ for more", ""},
	} {
		if rest, link := parted(words); rest != want[0] || link != want[1] {
			t.Errorf("%q: %q and %q", words, rest, link)
		}
	}
}

// What has just happened is told before what goes on, and does not take its place.
func TestNoticeIsTold(t *testing.T) {
	r := newReader(t, func(v *client.View) {
		v.Notice, v.Headline, v.Detail = "You are the host now.", "", ""
		if v.Phase == client.Paused {
			v.Headline, v.Detail = "The match is paused", "Bo has closed the game; the match waits for 10 s."
		}
	})
	for phase, want := range map[client.Phase]string{
		client.Playing: "You are the host now.",
		client.Paused:  "You are the host now. The match is paused. Bo has closed the game; the match waits for 10 s.",
	} {
		r.in(phase)
		r.after(press(0))
		if r.said != want {
			t.Errorf("it says %q, want %q", r.said, want)
		}
	}
}
