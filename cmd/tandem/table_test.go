//go:build !js

package main

import (
	"log/slog"
	"testing"
	"time"

	"tandem/cmd/internal/app"
	"tandem/game/client"
	"tandem/netcode/transport"
)

// TestBotOfAnotherGame: who joins a room whose game the bot that comes along does not play, has another bot
// beside, and the match begins.
func TestBotOfAnotherGame(t *testing.T) {
	t.Setenv("TANDEM_HOME", t.TempDir())
	sitDown := hall(t)
	ada := sitDown(request{name: "Ada", flags: app.RoomFlags{Env: "overcooked/party_3", Set: app.Words{"countdown_ms=0"}}})
	room := until(t, ada, "in a room", func(v *client.View) bool { return v.Room != "" }).Room
	bo := sitDown(request{name: "Bo", room: room, bot: "ace"})
	v := until(t, ada, "begun", func(v *client.View) bool { return v.Frame > 0 })
	if len(v.Players) != 3 || v.Players[2].Name != "cook bot" {
		t.Errorf("the players are %+v", v.Players)
	}
	for _, tab := range []*table{bo, ada} {
		_ = tab.finish() // that somebody leaves is how this match ends
	}
}

// hall returns what sits down at tables of one relay, which stops after the test.
func hall(t *testing.T) (sitDown func(o request) *table) {
	relay, err := app.Embed("127.0.0.1:0", slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := relay.Stop(); err != nil {
			t.Error(err)
		}
	})
	return func(o request) *table {
		t.Helper()
		o.relay, o.by = relay.Addr, transport.OnlyWebSocket
		if err := o.valid(); err != nil {
			t.Fatal(err)
		}
		tab, err := sit(t.Context(), &o)
		if err != nil {
			t.Fatal(err)
		}
		return tab
	}
}

// until waits for what a table is to show.
func until(t *testing.T, tab *table, what string, ok func(v *client.View) bool) (v client.View) {
	t.Helper()
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(5 * time.Millisecond) { // the network is a real one
		if tab.View(time.Now(), &v); ok(&v) {
			return v
		}
	}
	t.Fatalf("never %s: %q, %q", what, v.Headline, v.Detail)
	return v
}
