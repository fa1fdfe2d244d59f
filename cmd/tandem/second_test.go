//go:build !js

package main

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"tandem/cmd/internal/app"
	"tandem/game/client"
	"tandem/game/words"
)

// Where a room has one seat alone for two people at a window, the first is told, and there is no second.
func TestNoSeatForTheSecondPerson(t *testing.T) {
	t.Setenv("TANDEM_HOME", t.TempDir())
	sitDown := hall(t)
	ada := sitDown(request{name: "Ada", flags: app.RoomFlags{Env: "slime"}})
	room := until(t, ada, "in a room", func(v *client.View) bool { return v.Room != "" }).Room
	bo := sitDown(request{name: "Bo", room: room, players: 2})
	if bo.Second() == nil {
		t.Error("there is no second person from the beginning")
	}
	until(t, bo, "told", func(v *client.View) bool { return v.Notice == words.English.NoSecondSeat })
	if bo.Second() != nil {
		t.Error("there is a second person without a seat")
	}
	for _, tab := range []*table{bo, ada} {
		_ = tab.finish() // that somebody leaves is how this match ends
	}
}

// A window that two people have and that is closed in mid-match keeps the seats of both: opened again, it
// has them again.
func TestTwoPeopleComeBack(t *testing.T) {
	home := t.TempDir()
	t.Setenv("TANDEM_HOME", home)
	sitDown := hall(t)
	ada := sitDown(request{name: "Ada", flags: app.RoomFlags{Env: "overcooked/party_3", Set: app.Words{"countdown_ms=0"}}})
	room := until(t, ada, "in a room", func(v *client.View) bool { return v.Room != "" }).Room
	gone := func(p client.Player) bool { return !p.Present }
	all := func(v *client.View) bool { return v.Phase == client.Playing && !slices.ContainsFunc(v.Players, gone) }
	two := request{name: "Bo", room: room, players: 2}
	bo := sitDown(two)
	until(t, ada, "begun", all)
	bo.HangUp()
	if err := bo.finish(); err != nil {
		t.Error(err)
	}
	until(t, ada, "without both", func(v *client.View) bool { return len(v.Players) == 3 && gone(v.Players[1]) && gone(v.Players[2]) })
	tokens := 0
	files, err := os.ReadDir(filepath.Join(home, "seats"))
	for _, f := range files {
		if filepath.Ext(f.Name()) != ".lock" {
			tokens++
		}
	}
	if err != nil || tokens != 3 {
		t.Errorf("the tokens of %d seats are kept, want Ada's and two: %v", tokens, err)
	}
	bo = sitDown(two)
	until(t, ada, "together again", all)
	if bo.Second() == nil {
		t.Error("the second person has no seat any more")
	}
	for _, tab := range []*table{bo, ada} {
		_ = tab.finish()
	}
}
