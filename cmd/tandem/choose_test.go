package main

import (
	"reflect"
	"testing"

	"tandem/cmd/internal/app"
	"tandem/env"
	"tandem/game/scene"
)

// What the menu answers is completed by what was asked for beside it, where that is about the same room
// or game.
func TestChoose(t *testing.T) {
	slime := app.RoomFlags{Env: "slime", EnvOpts: app.Words{"lives=9"}, Set: app.Words{"late_policy=wait"}, Delay: "5"}
	for _, c := range []struct {
		name   string
		o      request
		choice scene.Choice
		want   request
	}{
		{"host here", request{}, scene.Choice{Action: scene.Host, Name: "Ada", Env: "overcooked/party_3"}, request{name: "Ada", host: true, flags: app.RoomFlags{Env: "overcooked/party_3"}}},
		{"host there", request{}, scene.Choice{Action: scene.Host, Name: "Ada", Env: "slime", Relay: "r:1"}, request{name: "Ada", relay: "r:1", flags: app.RoomFlags{Env: "slime"}}},
		{"host the game of the flags", request{flags: slime}, scene.Choice{Action: scene.Host, Name: "Ada", Env: "slime"}, request{name: "Ada", host: true, flags: slime}},
		{"host another game", request{flags: slime}, scene.Choice{Action: scene.Host, Name: "Ada", Env: "overcooked/party_3"},
			request{name: "Ada", host: true, flags: app.RoomFlags{Env: "overcooked/party_3", Set: slime.Set, Delay: "5"}}},
		{"options of the game that needs no name", request{flags: app.RoomFlags{EnvOpts: app.Words{"lives=9"}}}, scene.Choice{Action: scene.PlayBot, Env: "slime", Bot: "ace"},
			request{bot: "ace", flags: app.RoomFlags{Env: "slime", EnvOpts: app.Words{"lives=9"}}}},
		{"join by a code", request{flags: slime}, scene.Choice{Action: scene.Join, Name: "Bo", Env: "slime", Relay: "r:1", Room: "CODE"}, request{name: "Bo", relay: "r:1", room: "CODE"}},
		{"join what was asked for", request{relay: "r:1", room: "pair7", bot: "ace", flags: slime}, scene.Choice{Action: scene.Join, Name: "Bo", Env: "overcooked/party_3", Relay: "r:1", Room: "pair7"},
			request{name: "Bo", relay: "r:1", room: "pair7", bot: "ace", flags: slime}},
		{"join another", request{relay: "r:1", room: "pair7", bot: "ace", flags: slime}, scene.Choice{Action: scene.Join, Name: "Bo", Relay: "r:1", Room: "pair8"}, request{name: "Bo", relay: "r:1", room: "pair8"}},
		{"watch", request{relay: "r:1", room: "pair7", bot: "ace", flags: slime}, scene.Choice{Action: scene.Watch, Relay: "r:1", Room: "pair7"}, request{relay: "r:1", room: "pair7", watch: true}},
		{"host as asked, with a bot", request{relay: "r:1", bot: "ace", flags: slime}, scene.Choice{Action: scene.Host, Name: "Ada", Env: "slime", Relay: "r:1"}, request{name: "Ada", relay: "r:1", bot: "ace", flags: slime}},
		{"host another game than the bot's", request{relay: "r:1", bot: "ace", flags: slime}, scene.Choice{Action: scene.Host, Name: "Ada", Env: "overcooked/cramped_room", Relay: "r:1"},
			request{name: "Ada", relay: "r:1", bot: "cook", flags: app.RoomFlags{Env: "overcooked/cramped_room", Set: slime.Set, Delay: "5"}}},
		{"host a game that the bot plays, too", request{relay: "r:1", bot: "random", flags: slime}, scene.Choice{Action: scene.Host, Name: "Ada", Env: "overcooked/party_3", Relay: "r:1"},
			request{name: "Ada", relay: "r:1", bot: "random", flags: app.RoomFlags{Env: "overcooked/party_3", Set: slime.Set, Delay: "5"}}},
		{"a bot alone", request{relay: "r:1", room: "pair7", flags: slime}, scene.Choice{Action: scene.PlayBot, Name: "Ada", Env: "slime", Bot: "ace", Relay: "r:1"}, request{name: "Ada", bot: "ace", flags: app.RoomFlags{Env: "slime", EnvOpts: slime.EnvOpts}}},
		{"a bot alone, what is also about a match alone", request{flags: app.RoomFlags{Set: app.Words{"frames=90", "late_policy=wait"}, Delay: "5"}},
			scene.Choice{Action: scene.PlayBot, Name: "Ada", Env: "slime", Bot: "ace"}, request{name: "Ada", bot: "ace", flags: app.RoomFlags{Env: "slime", Set: app.Words{"frames=90"}}}},
		{"two people host", request{players: 2}, scene.Choice{Action: scene.Host, Name: "Ada", Env: "slime"}, request{name: "Ada", host: true, players: 2, flags: app.RoomFlags{Env: "slime"}}},
		{"two people join", request{players: 2}, scene.Choice{Action: scene.Join, Name: "Bo", Relay: "r:1", Room: "CODE"}, request{name: "Bo", relay: "r:1", room: "CODE", players: 2}},
		{"two people watch", request{players: 2}, scene.Choice{Action: scene.Watch, Relay: "r:1", Room: "CODE"}, request{relay: "r:1", room: "CODE", watch: true}},
		{"a bot alone, which one person plays with", request{relay: "r:1", players: 2}, scene.Choice{Action: scene.PlayBot, Env: "slime", Bot: "ace"}, request{bot: "ace", flags: app.RoomFlags{Env: "slime"}}},
	} {
		got := c.o.choose(c.choice)
		if !reflect.DeepEqual(*got, c.want) {
			t.Errorf("%s:\n\tchosen %+v\n\twant   %+v", c.name, *got, c.want)
		}
		if err := got.valid(); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

// Who finds a room full and watches it has no seat there, and brings nobody who takes one.
func TestToWatch(t *testing.T) {
	o := request{relay: "r:1", room: "CODE", name: "Bo", bot: "ace", players: 2, flags: app.RoomFlags{Env: "slime"}}
	if got, want := *o.toWatch(), (request{relay: "r:1", room: "CODE", name: "Bo", watch: true}); !reflect.DeepEqual(got, want) {
		t.Errorf("it asks for %+v, want %+v", got, want)
	}
}

// Whoever brings a bot has one that plays, whatever the game turns out to be.
func TestBotForEveryGame(t *testing.T) {
	for _, name := range env.Names() {
		for _, bot := range []string{"ace", "cook", "random", "nobody"} {
			got := botFor(bot, name)
			if _, err := env.NewBot(got, name); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			if _, err := env.NewBot(bot, name); err == nil && got != bot {
				t.Errorf("%s: %s plays it, and %s takes its place", name, bot, got)
			}
		}
	}
	if got := botFor("", "slime"); got != "" {
		t.Errorf("%s comes unasked", got)
	}
}

// A page's second match, too, tells what happens while nobody looks, and logs as the address said.
func TestNextMatchOfAPage(t *testing.T) {
	told := ""
	o := request{relay: "r:1", room: "pair7", bot: "ace", verbose: true, unseen: func(headline, _ string) { told = headline }, flags: app.RoomFlags{Env: "slime"}}
	for range 2 {
		n := o.choose(scene.Choice{Action: scene.Host, Name: "Ada", Env: "slime", Relay: "r:1"})
		o = n.next()
	}
	if o.unseen == nil || !o.verbose || o.name != "Ada" {
		t.Fatalf("the next match begins with %+v", o)
	}
	if o.unseen("come back", ""); told != "come back" {
		t.Errorf("it tells %q", told)
	}
	o.unseen = nil
	if want := (request{name: "Ada", verbose: true}); !reflect.DeepEqual(o, want) {
		t.Errorf("the next match begins with %+v, want %+v", o, want)
	}
}

// Who plays with others and has no name is asked for one, by whatever way they come.
func TestNameless(t *testing.T) {
	for _, c := range []struct {
		o    request
		want bool
	}{
		{request{host: true}, true},
		{request{relay: "r:1"}, true},
		{request{relay: "r:1", room: "CODE"}, true},
		{request{room: "CODE"}, true},
		{request{relay: "socketio://r:1"}, true},
		{request{relay: "r:1", room: "CODE", name: "Ada"}, false},
		{request{relay: "r:1", room: "CODE", watch: true}, false},
		{request{bot: "ace"}, false},
		{request{}, false},
	} {
		if got := c.o.nameless(); got != c.want {
			t.Errorf("%+v: nameless %v, want %v", c.o, got, c.want)
		}
	}
}
