package lobby

import (
	"testing"
	"time"

	"tandem/netcode/original/wire"
)

// Hashes are compared with those of the same frame only; where all agree nothing happens.
func TestHashesOfEqualFramesOnly(t *testing.T) {
	w := newWorld(t, 2, 1)
	w.start(1, 2)
	w.say(1, w.hash(1, 20, "a"))
	w.say(2, w.hash(2, 20, "a"))
	w.say(1, w.hash(1, 40, "b")) // the original would compare this with the other's of frame 20
	w.want(1, "")
	w.wantNotes("verified")
	w.say(2, w.hash(2, 40, "c"))
	w.want(1, "request_full_state 40")
	w.want(2, "")
	w.wantNotes("desync resync")
	w.say(1, &wire.SendFullState{GameID: w.me[1].GameID, State: mustJSON(t, `{"a":1}`)}, &wire.HUDUpdate{GameID: w.me[1].GameID, Text: "hud"})
	w.want(1, "hud_sync hud")
	w.want(2, `apply_full_state {"a":1}, hud_sync hud`)
	w.wantNotes("applied")
}

// With every episode the frames begin anew: what is left of the one before is not compared.
func TestHashesAfterAnEpisode(t *testing.T) {
	w := newWorld(t, 2, 1)
	w.start(1, 2)
	w.say(1, w.hash(1, 100, "old"))
	w.say(1, w.hash(1, 20, "new"))
	w.say(2, w.hash(2, 20, "new"), w.hash(2, 100, "new100"))
	w.say(1, w.hash(1, 100, "new100"))
	w.want(1, "")
	w.wantNotes("verified verified")
	// What nobody else ever sends is bounded.
	for i := range int64(10 * maxRounds) {
		w.say(1, w.hash(1, 200+i, "x"))
	}
	if n := len(w.games[1].rounds); n != maxRounds {
		t.Errorf("%d frames are kept", n)
	}
	w.say(2, w.hash(2, 200+10*maxRounds-1, "x"))
	w.wantNotes("verified")
}

func TestResync(t *testing.T) {
	w := newWorld(t, 2, 2)
	w.start(1, 2)
	ask := func(c Conn, frame int64) *wire.RequestResync {
		return &wire.RequestResync{GameID: w.me[c].GameID, PlayerID: w.me[c].PlayerID, Frame: frame, Reason: "queue_overflow"}
	}
	state := &wire.SendFullState{GameID: w.me[1].GameID, State: mustJSON(t, `{}`)}
	w.say(2, ask(2, 60), ask(2, 61))
	w.say(1, ask(1, 62)) // one is in flight
	w.want(1, "request_full_state 60")
	// A host that does not answer is asked again, and no more often than that.
	w.pass(time.Hour)
	w.want(1, "request_full_state 60, request_full_state 60")
	w.wantNotes("resync resync_again resync_again resync_failed")
	// Its late answer counts, and the next question gets through.
	w.say(1, state)
	w.want(2, "apply_full_state {}")
	w.say(1, ask(1, 90)) // the host itself
	w.want(1, "request_full_state 90")
	w.say(1, state)
	w.want(2, "apply_full_state {}")
	w.want(1, "")
	// Hashes from before a state belong to a time that is over.
	w.notes = nil
	w.say(1, w.hash(1, 100, "before"))
	w.say(1, state)
	w.say(2, w.hash(2, 100, "after"))
	w.want(2, "apply_full_state {}")
	w.wantNotes("applied")
	// Only the host has the state.
	w.notes = nil
	w.say(2, &wire.SendFullState{GameID: w.me[2].GameID, State: mustJSON(t, `{}`)})
	w.want(1, "")
	w.wantNotes("not_host")
}

// What a payload says about its sender is compared with the socket's seat and game, never believed.
func TestNobodySpeaksForAnother(t *testing.T) {
	w := newWorld(t, 2, 3)
	w.start(1, 2)
	w.start(3, 4)
	for _, e := range []wire.Payload{
		w.action(1, 0),     // in the other's name
		w.action(3, 0),     // in another game
		w.hash(1, 20, "x"), // in the other's name
		&wire.RequestResync{GameID: "no game at all", PlayerID: w.me[2].PlayerID},
		&wire.SendFullState{GameID: w.me[3].GameID, State: wire.MapValue()},
		&wire.HUDUpdate{GameID: w.me[3].GameID, Text: "x"},
		&wire.HUDUpdate{Text: "to all"},
		&wire.PlayerAction{},
	} {
		w.say(2, e)
	}
	w.connect(5)
	w.say(5, w.action(1, 0), &wire.HUDUpdate{GameID: w.me[1].GameID, Text: "x"})
	for c := Conn(1); c <= 5; c++ {
		w.want(c, "")
	}
	w.wantNotes("wrong_seat wrong_game wrong_seat wrong_game wrong_game wrong_game wrong_game wrong_game no game no game")
}

func TestLeavingInPlay(t *testing.T) {
	for _, byWord := range []bool{true, false} {
		w := newWorld(t, 2, 4)
		w.start(1, 2)
		late := w.action(1, 5)
		if byWord {
			w.say(1, &wire.LeaveGame{})
		} else {
			w.gone(1)
		}
		w.want(2, `end_game "Your partner has left the game."`)
		w.want(1, "")
		w.say(1, late)
		w.say(2, w.action(2, 0), &wire.LeaveGame{}, &wire.EndGameRequestRedirect{})
		w.want(2, "")
		w.want(1, "")
		w.wantNotes("ended no game no game")
		w.enter(3)
		w.say(2, &wire.JoinGame{})
		w.say(3, &wire.JoinGame{})
		w.want(3, "host_elected false, game_ready, start_game")
	}
}

// One has finished; the other has time for its last frames, but not for ever.
func TestFinishing(t *testing.T) {
	w := newWorld(t, 2, 5)
	w.start(1, 2)
	w.say(2, &wire.AdvanceScene{})
	w.want(2, "terminate_scene game, activate_scene end")
	w.say(1, w.action(1, 9))
	w.say(2, w.action(2, 9)) // it has no place any more
	w.pass(finishGrace - 1)
	w.want(1, "")
	w.pass(1)
	w.want(1, `end_game "The others have finished the game."`)
	w.want(2, "")
	if w.lobby.Games() != 0 {
		t.Error("the game is still counted")
	}
	// The last one leaves instead of finishing.
	w.start(3, 4)
	w.say(3, &wire.AdvanceScene{})
	w.gone(4)
	w.want(3, "terminate_scene game, activate_scene end")
	w.wantNotes("ended")
}

// Who goes on to the next scene in the middle of a game and then closes the page has left: the other hears
// it at once. Who has played the last episode may go, and the other's last frames are its own.
func TestGoneAfterAdvancing(t *testing.T) {
	for _, c := range []struct {
		name string
		play func(*world)
		end  bool
	}{
		{"at once", func(*world) {}, true},
		{"in the first episode", func(w *world) { w.say(1, w.action(1, 0), w.action(1, 1), w.action(1, 2)) }, true},
		{"taken back by a state", func(w *world) { w.say(1, w.action(1, 200), w.action(1, 190), w.action(1, 191)) }, true},
		{"in the second", func(w *world) { w.say(1, w.action(1, 0), w.action(1, 1), w.action(1, 0), w.action(1, 1)) }, true},
		{"in the last", func(w *world) {
			for range 3 {
				w.say(1, w.action(1, 0), w.action(1, 1))
			}
		}, false},
		{"in the last, by the host's state", func(w *world) {
			w.say(1, &wire.SendFullState{GameID: w.me[1].GameID, State: mustJSON(t, `{"episode_num":2}`)}, w.action(1, 7))
		}, false},
		{"as peers of ours", func(w *world) {
			e := w.action(1, 900)
			e.Action = mustJSON(t, `{"a":[1]}`)
			w.say(1, e)
		}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, 2, 9)
			w.lobby.cfg.Scenes[1].Episodes = 3
			w.start(1, 2)
			c.play(w)
			w.say(1, &wire.AdvanceScene{})
			delete(w.seen, 2)
			w.gone(1)
			want := ""
			if c.end {
				want = `end_game "Your partner has left the game."`
			}
			w.want(2, want)
			if (w.lobby.Games() == 0) != c.end {
				t.Errorf("%d games", w.lobby.Games())
			}
		})
	}
}

func TestThreePlayers(t *testing.T) {
	w := newWorld(t, 3, 6)
	w.start(1, 2, 3)
	w.say(2, w.action(2, 0))
	w.want(1, "other_player_action 0:0")
	w.want(2, "")
	w.want(3, "other_player_action 0:0")
	w.say(1, w.hash(1, 20, "a"))
	w.say(2, w.hash(2, 20, "a"))
	w.wantNotes("")
	w.say(3, w.hash(3, 20, "b"))
	w.want(1, "request_full_state 20")
	w.say(1, &wire.SendFullState{GameID: w.me[1].GameID, State: mustJSON(t, `{}`)})
	w.want(2, "apply_full_state {}")
	w.want(3, "apply_full_state {}")
	w.gone(3)
	w.want(1, `end_game "Your partner has left the game."`)
	w.want(2, `end_game "Your partner has left the game."`)
}

// Thirty times a second: passing an action on allocates nothing.
func TestActionsAllocateNothing(t *testing.T) {
	w := newWorld(t, 2, 7)
	g := w.start(1, 2)
	e := w.action(1, 3)
	if n := testing.AllocsPerRun(100, func() {
		if out := g.Receive(w.now, 1, e); len(out.Send) != 1 {
			t.Error("it is not passed on")
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func mustJSON(t *testing.T, text string) wire.Value {
	t.Helper()
	v, err := wire.JSONValue([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return v
}
