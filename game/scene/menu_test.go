package scene

import (
	"strings"
	"testing"

	"tandem/env"
	_ "tandem/env/all"
	"tandem/game/words"
)

func TestTestEnvironmentIsNotOffered(t *testing.T) {
	if _, err := env.Lookup("testenv"); err != nil {
		t.Fatal(err) // env/all has it
	}
	m := newMenu(words.English, Choice{}, true)
	if len(m.envs) == 0 {
		t.Fatal("no environment is offered")
	}
	for _, name := range m.envs {
		if strings.HasPrefix(name, "testenv") {
			t.Errorf("%s is offered", name)
		}
	}
}

func TestJoinByKeyboard(t *testing.T) {
	m := newMenu(words.English, Choice{Name: "Ada"}, true)
	script := []*events{
		press(keyUp), typed(" L."), // to the name, and on with it
		press(keyDown), press(keyDown), press(keyDown), press(keyEnter), // Join a game
		typed("ws://10.0.0.7:8080 "), press(keyEnter), typed(" kelp-1 "), press(keyEnter),
	}
	for i, ev := range script {
		if r := m.update(ev); r != menuStays {
			t.Fatalf("step %d ends the menu: %d", i, r)
		}
	}
	if r := m.update(press(keyEnter)); r != menuChose {
		t.Fatalf("Join answers %d, want a choice; note %q", r, m.form.note)
	}
	want := Choice{Action: Join, Name: "Ada L.", Relay: "ws://10.0.0.7:8080", Room: "kelp-1"}
	got := m.choice
	got.Env, got.Bot = "", ""
	if got != want {
		t.Errorf("choice %+v, want %+v", got, want)
	}
}

func TestWhatIsMissingIsSaid(t *testing.T) {
	for _, c := range []struct {
		choice Choice
		home   bool
		say    string
	}{
		{Choice{Action: Join, Name: "A", Room: "x"}, false, "relay"},
		{Choice{Action: Join, Name: "A", Relay: "x"}, false, "room code"},
		{Choice{Action: Join, Relay: "x", Room: "x"}, false, "name"},
		{Choice{Action: Join, Name: "A", Relay: "x", Room: "x"}, false, ""},
		{Choice{Action: Join, Name: "A", Room: "x"}, true, ""},
		{Choice{Action: Join, Name: "A"}, true, "room code"},
		{Choice{Action: Watch, Room: "x"}, true, ""}, // who watches need not say who they are
		{Choice{Action: Watch, Room: "x"}, false, "relay"},
		{Choice{Action: PlayBot, Env: "slime"}, false, "bot"},
		{Choice{Action: Host}, false, "game"},
		{Choice{Action: Host, Env: "slime"}, false, "name"},
		{Choice{Action: Host, Env: "slime", Name: "A"}, false, ""},
		{Choice{Action: PlayBot, Env: "slime", Bot: "b"}, false, ""},
	} {
		m := newMenu(words.English, Choice{}, true)
		m.choice, m.home = c.choice, c.home
		if got, _ := m.missing(); (got == "") != (c.say == "") || !strings.Contains(got, c.say) {
			t.Errorf("%+v: %q, want something about %q", c.choice, got, c.say)
		}
	}
}

// A page plays on the relay that it came from: nothing asks for another, whichever way the menu is used.
func TestHomeRelay(t *testing.T) {
	for _, c := range []struct {
		home bool
		page page
	}{{true, pageHost}, {true, pageJoin}, {false, pageHost}, {false, pageJoin}} {
		m := newMenu(words.English, Choice{}, false)
		m.home = c.home
		m.show(c.page, "")
		asks := false
		for _, it := range m.form.items {
			asks = asks || it.id == idRelay || it.id == idNear || strings.Contains(it.hint, "computer")
		}
		if asks == c.home || c.home && strings.Contains(m.form.lead, "address") {
			t.Errorf("page %d, one relay: %v: it asks for a relay: %v; %q", c.page, c.home, asks, m.form.lead)
		}
	}
}

// Who has no name is asked for one before they play with others, and only then.
func TestAskedForAName(t *testing.T) {
	m := newMenu(words.English, Choice{Room: "lusab"}, false)
	m.home = true
	m.show(pageJoin, "")
	if got := m.form.items[m.form.focus].id; got != idName {
		t.Fatalf("the focus is on %d, want the name", got)
	}
	m.form.focus = m.form.index(idGo)
	if r := m.update(press(keyEnter)); r != menuStays || !strings.Contains(m.form.note, "name") || m.form.items[m.form.focus].id != idName {
		t.Fatalf("without a name: %d, note %q, focus %d", r, m.form.note, m.form.focus)
	}
	m.update(typed("Bo"))
	m.form.focus = m.form.index(idGo)
	if r := m.update(press(keyEnter)); r != menuChose || m.choice.Name != "Bo" || m.choice.Room != "lusab" || m.choice.Action != Join {
		t.Fatalf("with a name: %d, %+v, note %q", r, m.choice, m.form.note)
	}
	m = newMenu(words.English, Choice{Name: "Bo"}, false)
	for _, p := range []page{pageHost, pageJoin, pageBot} {
		m.show(p, "")
		for _, it := range m.form.items {
			if it.id == idName {
				t.Errorf("page %d asks Bo for a name", p)
			}
		}
	}
	m = newMenu(words.English, Choice{}, false)
	m.show(pageBot, "")
	if m.form.items[0].id == idName {
		t.Error("who plays alone is asked for a name")
	}
}

func TestAnotherGameHasItsOwnBots(t *testing.T) {
	env.RegisterBot(env.BotRegistration{Name: "only-boost", Envs: []string{"slime/boost"}, New: func() env.Bot { return nil }})
	m := newMenu(words.English, Choice{Name: "Ada", Env: "slime"}, true)
	m.show(pageBot, "")
	m.form.focus = 0
	has := func() bool {
		for _, o := range m.form.get(idOpponent).options {
			if o == "only-boost" {
				return true
			}
		}
		return false
	}
	if has() {
		t.Error("slime offers a bot of slime/boost")
	}
	for range m.envs {
		m.update(press(keyRight))
		if want := m.choice.Env == "slime/boost"; has() != want {
			t.Errorf("%s: offers the bot of slime/boost: %v, want %v", m.choice.Env, has(), want)
		}
	}
}

func TestQuitAndBack(t *testing.T) {
	m := newMenu(words.English, Choice{Name: "Ada"}, true)
	m.update(press(keyEnter))
	if m.page != pageBot {
		t.Fatalf("page %d, want the bot's", m.page)
	}
	m.update(press(keyEscape))
	if m.page != pageMain {
		t.Fatalf("page %d after Esc, want the first", m.page)
	}
	m.update(press(keyUp))
	m.update(press(keyUp)) // round to the last
	if r := m.update(press(keyEnter)); r != menuQuits {
		t.Errorf("Quit answers %d", r)
	}
	if m = newMenu(words.English, Choice{Name: "Ada"}, false); m.form.items[len(m.form.items)-1].id == idQuit {
		t.Error("a menu in a browser offers to quit")
	}
}

// TestRelaysOnThisNetwork lists what is near, takes the first, and lets one be chosen or typed.
func TestRelaysOnThisNetwork(t *testing.T) {
	m := newMenu(words.English, Choice{Name: "Ada"}, true)
	var list []Relay
	m.nearby = func() []Relay { return list }
	for range 3 {
		m.update(press(keyDown))
	}
	m.show(pageJoin, "")
	shown := func() string { it := m.form.get(idNear); return it.options[it.at] }
	wait := func() {
		for range lookEvery {
			m.update(&events{focused: true})
		}
	}
	wait()
	if shown() != "none found yet" || m.choice.Relay != "" || m.form.items[m.form.focus].id != idRelay {
		t.Errorf("with nobody near: %q, relay %q, focus %d", shown(), m.choice.Relay, m.form.focus)
	}
	list = []Relay{{"Ann", "ws://10.0.0.7:7777"}, {"Bob", "ws://10.0.0.9:7777"}}
	wait()
	if shown() != "Ann · ws://10.0.0.7:7777" || m.choice.Relay != "ws://10.0.0.7:7777" || m.form.items[m.form.focus].id != idRoom {
		t.Errorf("with two: %q, relay %q, focus %d", shown(), m.choice.Relay, m.form.focus)
	}
	m.update(typed("lusab"))
	m.form.focus = m.form.index(idNear)
	m.update(press(keyRight))
	if shown() != "Bob · ws://10.0.0.9:7777" || m.form.get(idRelay).value() != "ws://10.0.0.9:7777" || m.choice.Room != "lusab" {
		t.Errorf("the second: %q, relay %q, room %q", shown(), m.form.get(idRelay).value(), m.choice.Room)
	}
	// What was typed or chosen stays when the list changes.
	list = list[:1]
	wait()
	if shown() != "another address" || m.choice.Relay != "ws://10.0.0.9:7777" {
		t.Errorf("when it goes: %q, relay %q", shown(), m.choice.Relay)
	}
	m.update(press(keyRight))
	m.update(press(keyLeft))
	if shown() != "another address" || m.choice.Relay != "" {
		t.Errorf("no relay: %q, relay %q", shown(), m.choice.Relay)
	}
	m.form.focus = m.form.index(idRelay)
	m.update(typed("ws://10.0.0.7:7777"))
	if shown() != "Ann · ws://10.0.0.7:7777" {
		t.Errorf("typed: %q", shown())
	}
	m.update(press(keyEscape))
	wait()
	if m.page != pageMain {
		t.Errorf("page %d after Esc", m.page)
	}
}
