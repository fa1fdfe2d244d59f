package lobby

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"tandem/netcode/original/wire"
)

// From the first event to the last, as section 6 of the original's protocol has it.
func TestWholeGame(t *testing.T) {
	w := newWorld(t, 2, 1)
	for c := Conn(1); c <= 2; c++ {
		w.connect(c)
		w.say(c, &wire.RegisterSubject{SubjectID: fmt.Sprint("s", c)})
		w.want(c, "server_session_id, activate_scene start")
		w.say(c, &wire.Ping{})
		w.want(c, "pong")
		w.say(c, &wire.AdvanceScene{})
		w.want(c, "terminate_scene start, activate_scene game")
	}
	w.say(1, &wire.JoinGame{})
	w.want(1, "host_elected true, waiting_room 1+1 60000")
	w.pass(10 * time.Second)
	w.say(2, &wire.JoinGame{})
	w.want(2, "host_elected false, game_ready, start_game")
	w.want(1, "game_ready, start_game")
	a, b := w.me[1], w.me[2]
	if a.GameID != b.GameID || a.GameSeed != b.GameSeed || a.GameSeed == 0 || a.NumPlayers != 2 || a.PlayerID == b.PlayerID || b.HostID != a.PlayerID || len(a.GameID) != 36 {
		t.Errorf("elected %+v and %+v", a, b)
	}
	w.say(1, w.action(1, 0), w.action(1, 1))
	w.say(2, w.action(2, 0))
	w.want(1, "other_player_action 0:0")
	w.want(2, "other_player_action 0:0, other_player_action 1:1")
	w.say(1, &wire.AdvanceScene{})
	w.want(1, "terminate_scene game, activate_scene end")
	w.say(2, w.action(2, 1)) // who has gone on gets nothing any more
	w.want(1, "")
	w.say(1, &wire.EmitRemoteGameData{Data: []byte{0x80}, SceneID: "game"})
	w.gone(1) // and may close its page
	w.want(2, "")
	w.say(2, &wire.AdvanceScene{}, &wire.EmitRemoteGameData{Data: []byte{0x80}, SceneID: "game"})
	w.want(2, "terminate_scene game, activate_scene end")
	if w.lobby.Games() != 0 || len(w.store) != 2 || w.store[1].Subject != "s2" || w.store[1].SceneID != "game" {
		t.Errorf("%d games, stored %+v", w.lobby.Games(), w.store)
	}
	w.wantNotes("registered registered waiting started ended")
}

// Whoever leaves the waiting room frees the seat, by word or by a broken line, and the next is host.
func TestLeaverIsNeverMatched(t *testing.T) {
	for _, byWord := range []bool{true, false} {
		w := newWorld(t, 2, 3)
		w.enter(1, 2, 3)
		w.say(1, &wire.JoinGame{})
		first := w.me[1].GameID
		if byWord {
			w.say(1, &wire.LeaveGame{})
		} else {
			w.gone(1)
		}
		w.pass(time.Second)
		w.say(2, &wire.JoinGame{})
		w.want(2, "host_elected true, waiting_room 1+1 60000")
		if w.me[2].GameID == first {
			t.Error("the room of the leaver lives on")
		}
		w.say(3, &wire.JoinGame{})
		w.want(3, "host_elected false, game_ready, start_game")
		w.want(2, "game_ready, start_game")
		if g := w.games[3]; len(g.Players()) != 2 || g.Players()[0].Conn != 2 || g.Players()[1].Conn != 3 {
			t.Errorf("they play %+v", g.Players())
		}
		if w.games[1] != nil {
			t.Error("the leaver plays")
		}
	}
}

// In a room for three the next in order becomes host when the host leaves, and everybody hears it.
func TestHostLeavesTheWaitingRoom(t *testing.T) {
	w := newWorld(t, 3, 4)
	w.enter(1, 2, 3, 4)
	w.say(1, &wire.JoinGame{})
	w.say(2, &wire.JoinGame{})
	w.want(1, "host_elected true, waiting_room 1+2 60000, waiting_room 2+1 60000")
	w.want(2, "host_elected false, waiting_room 2+1 60000")
	seat := w.me[2].PlayerID
	w.gone(1)
	w.want(2, "host_elected true, waiting_room 1+2 60000")
	if w.me[2].PlayerID != seat {
		t.Error("the new host has got another seat")
	}
	w.say(3, &wire.JoinGame{})
	w.say(4, &wire.JoinGame{})
	w.want(4, "host_elected false, game_ready, start_game")
	if w.me[4].HostID != seat {
		t.Errorf("the host is %v, not %v", w.me[4].HostID, seat)
	}
	w.say(4, w.action(4, 0))
	w.want(2, "waiting_room 2+1 60000, game_ready, start_game, other_player_action 0:0")
	w.want(3, "host_elected false, waiting_room 2+1 60000, game_ready, start_game, other_player_action 0:0")
}

func TestWaitingEnds(t *testing.T) {
	w := newWorld(t, 2, 5)
	w.enter(1, 2)
	w.say(1, &wire.JoinGame{})
	w.want(1, "host_elected true, waiting_room 1+1 60000")
	w.pass(time.Minute + waitGrace - time.Millisecond)
	w.want(1, "")
	w.pass(time.Millisecond)
	w.want(1, `end_game "Nobody else came in time. Please try again later."`)
	w.say(1, &wire.LeaveGame{}, &wire.EndGameRequestRedirect{}) // as the page does then
	w.say(2, &wire.JoinGame{})
	w.want(2, "host_elected true, waiting_room 1+1 60000")
	w.say(1, &wire.JoinGame{})
	w.want(1, "host_elected false, game_ready, start_game")
	w.wantNotes("registered registered waiting ended waiting started")
}

// A page that lost its line comes back on a new socket before the relay knows: it must not play with
// its own ghost.
func TestGhostOfTheSameSubject(t *testing.T) {
	w := newWorld(t, 2, 6)
	w.enter(1)
	w.say(1, &wire.JoinGame{})
	w.connect(2)
	w.say(2, &wire.RegisterSubject{SubjectID: "subject1"})
	w.want(2, "server_session_id, activate_scene game") // where it was
	w.want(1, `host_elected true, waiting_room 1+1 60000, end_game "You have connected once more elsewhere."`)
	w.say(2, &wire.JoinGame{})
	w.want(2, "host_elected true, waiting_room 1+1 60000")
	w.gone(1)
	w.want(2, "")
}

func TestJoinIsRefused(t *testing.T) {
	w := newWorld(t, 2, 7)
	w.connect(1)
	w.say(1, &wire.HUDUpdate{}, &wire.StaticSceneData{SceneID: "start"})
	w.want(1, "")
	w.say(1, &wire.RegisterSubject{SubjectID: "a"}, &wire.JoinGame{})
	w.want(1, `server_session_id, activate_scene start, create_game_failed "There is no game in this scene."`)
	w.say(1, &wire.RegisterSubject{SubjectID: "b"}) // a socket has one name
	w.want(1, "")
	w.say(1, &wire.AdvanceScene{}, &wire.JoinGame{}, &wire.JoinGame{})
	w.want(1, "terminate_scene start, activate_scene game, host_elected true, waiting_room 1+1 60000")
	w.wantNotes("no game misplaced registered misplaced waiting misplaced")

	w.lobby.cfg.MaxGames = 1
	w.enter(2, 3)
	w.say(2, &wire.JoinGame{})
	w.say(3, &wire.JoinGame{})
	w.want(3, `create_game_failed "Too many games are being played here. Please try again later."`)
	w.say(1, &wire.LeaveGame{})
	w.say(3, &wire.JoinGame{})
	w.want(3, "host_elected true, waiting_room 1+1 60000")
	w.inLobby(w.lobby.Close("The relay stops."))
	w.want(3, `end_game "The relay stops."`)
	w.say(3, &wire.JoinGame{})
	w.want(3, `create_game_failed "The relay stops."`)
}

// Uploads come once for every game, and once for every other scene, and for no other.
func TestUploadsAreCounted(t *testing.T) {
	w := newWorld(t, 2, 8)
	w.connect(9)
	game := &wire.EmitRemoteGameData{Data: []byte{0x80}, SceneID: "game"}
	w.say(9, game)
	w.say(9, &wire.RegisterSubject{SubjectID: "nine"}, game, &wire.StaticSceneData{Data: wire.MapValue(), SceneID: "game"},
		&wire.StaticSceneData{Data: wire.MapValue(), SceneID: "end"}, &wire.StaticSceneData{Data: wire.MapValue(), SceneID: "../start"})
	if len(w.store) != 0 {
		t.Fatalf("stored %+v", w.store)
	}
	answers := &wire.StaticSceneData{Data: wire.MapValue(), SceneID: "start"}
	w.say(9, answers, answers)
	w.start(1, 2)
	w.say(1, game, game)
	if len(w.store) != 2 || w.store[0].Subject != "nine" || w.store[1].Subject != "subject1" {
		t.Errorf("stored %+v", w.store)
	}
}

// A page whose line broke sends what was clicked meanwhile before its name: it gets its seat all the same.
func TestJoinBeforeTheName(t *testing.T) {
	w := newWorld(t, 2, 10)
	w.enter(1)
	w.gone(1)
	w.connect(2)
	w.say(2, &wire.Ping{}, &wire.JoinGame{})
	w.want(2, "pong")
	w.say(2, &wire.RegisterSubject{SubjectID: "subject1"})
	w.want(2, "server_session_id, activate_scene game, host_elected true, waiting_room 1+1 60000")
	w.connect(3)
	w.say(3, &wire.AdvanceScene{}, &wire.JoinGame{}, &wire.RegisterSubject{SubjectID: "three"})
	w.want(3, "server_session_id, activate_scene start, terminate_scene start, activate_scene game, host_elected false, game_ready, start_game")
	// What is kept of a socket without a name is bounded, and nothing large is among it.
	w.connect(4)
	w.notes = nil
	for range 2 * maxEarly {
		w.say(4, &wire.JoinGame{})
	}
	w.say(4, &wire.EmitRemoteGameData{Data: []byte{0x80}, SceneID: "game"})
	if n := len(w.lobby.visitors[4].early); n != maxEarly || len(w.notes) != maxEarly+1 {
		t.Errorf("%d events wait, noted %v", n, w.notes)
	}
}

// A record that was still to be sent when the line broke comes on the subject's next connection, once.
func TestUploadAfterTheLineBroke(t *testing.T) {
	w := newWorld(t, 2, 11)
	w.start(1, 2)
	w.say(1, &wire.AdvanceScene{})
	w.gone(1)
	record := &wire.EmitRemoteGameData{Data: []byte{0x80}, SceneID: "game"}
	for c := Conn(3); c <= 4; c++ {
		w.connect(c)
		w.say(c, &wire.RegisterSubject{SubjectID: "subject1"}, record, record)
	}
	if len(w.store) != 1 || w.store[0].Subject != "subject1" {
		t.Errorf("stored %+v", w.store)
	}
}

// A stock client takes the seed 0 for none.
func TestSeedIsNeverZero(t *testing.T) {
	draws := 0
	l, err := NewLobby(Config{Scenes: scenes(2), Random: func() uint64 { draws++; return uint64(draws/10) << 31 }})
	if err != nil {
		t.Fatal(err)
	}
	if seed := l.seed(); seed != 1 {
		t.Errorf("the seed is %d after %d draws", seed, draws)
	}
}

func TestSubjectsAreForgotten(t *testing.T) {
	var s stages
	s.init(3)
	for i := range 5 {
		s.set(fmt.Sprint("s", i), 1)
		s.set(fmt.Sprint("s", i), 2)
	}
	for i, want := range []int{0, 0, 2, 2, 2} {
		if got := s.get(fmt.Sprint("s", i)); got != want {
			t.Errorf("s%d is in scene %d, want %d", i, got, want)
		}
	}
	if len(s.scene) != 3 {
		t.Errorf("%d are remembered", len(s.scene))
	}
}

func TestSlimeScenes(t *testing.T) {
	list, err := SlimeScenes()
	if err != nil {
		t.Fatal(err)
	}
	game := list[1]
	if len(game.Seats) != 2 || game.Seats[0] != wire.StringPID("agent_left") || game.Wait != 2*time.Minute {
		t.Errorf("the game scene is %+v", game)
	}
	described := game.describe(t0, "sid", sceneActive)
	out, _, err := wire.Encoder{}.AppendEvent(nil, &wire.ActivateScene{Scene: described})
	if err != nil || len(out) > 30_000 || !strings.Contains(string(out), `"timestamp":"2026-01-02 03:04:05"`) {
		t.Errorf("%d bytes, %v", len(out), err)
	}
	code, ok := described.Get("environment_initialization_code")
	if text, _ := code.Text(); !ok || text != slimeCode || text == "" {
		t.Error("the scene has no code")
	}
}

// Twelve clients make exactly six games, whatever they do before, and any number of games run at once:
// random clients come, leave, vanish and send nonsense, and in the end twelve of them want to play.
func TestRandomLobby(t *testing.T) {
	for seed := range uint64(200) {
		rng := rand.New(rand.NewPCG(seed, 2))
		w := newWorld(t, 2, seed)
		var last Conn
		alive := map[Conn]bool{}
		pick := func() Conn {
			list := make([]Conn, 0, len(alive))
			for c := range alive {
				list = append(list, c)
			}
			if len(list) == 0 {
				return 0
			}
			slices.Sort(list)
			return list[rng.IntN(len(list))]
		}
		began := 0
		for range 300 {
			switch c := pick(); rng.IntN(12) {
			case 0, 1:
				last++
				alive[last] = true
				w.connect(last)
				w.say(last, &wire.RegisterSubject{SubjectID: fmt.Sprint("s", rng.IntN(20))})
			case 2:
				w.gone(c)
				delete(alive, c)
			case 3:
				w.say(c, &wire.LeaveGame{})
			case 4:
				w.pass(time.Duration(rng.IntN(20)) * time.Second)
			case 5:
				w.say(c, &wire.AdvanceScene{})
			case 6:
				w.say(c, &wire.PlayerAction{GameID: "x", PlayerID: wire.IntPID(0)}, &wire.SendFullState{State: wire.MapValue()}, &wire.HUDUpdate{})
			case 7:
				if w.me[c] != nil {
					w.say(c, w.action(c, 1), w.hash(c, 20, fmt.Sprint(rng.IntN(2))), &wire.RequestResync{GameID: w.me[c].GameID, PlayerID: w.me[c].PlayerID})
				}
			default:
				w.say(c, &wire.JoinGame{})
			}
			for _, g := range w.all[began:] {
				for _, p := range g.Players() {
					if !alive[p.Conn] {
						t.Fatalf("seed %d: %d plays and is gone", seed, p.Conn)
					}
				}
				if p := g.Players(); p[0].ID == p[1].ID || p[0].Conn == p[1].Conn {
					t.Fatalf("seed %d: they play %+v", seed, p)
				}
			}
			began = len(w.all)
			inPlay := map[*Game]bool{}
			for _, g := range w.games {
				inPlay[g] = true
			}
			// A game whose players have all gone on is over, so those in play are those that are counted.
			if w.lobby.Games() < len(inPlay) || w.lobby.Waiting() > 1 {
				t.Fatalf("seed %d: %d games of %d, %d wait", seed, w.lobby.Games(), len(inPlay), w.lobby.Waiting())
			}
		}
		for c := range alive {
			w.gone(c)
		}
		w.pass(time.Hour)
		if w.lobby.Games() != 0 || w.lobby.Waiting() != 0 || len(w.lobby.visitors) != 0 {
			t.Fatalf("seed %d: %d games, %d wait, %d visitors when all are gone", seed, w.lobby.Games(), w.lobby.Waiting(), len(w.lobby.visitors))
		}
		before := len(w.all)
		var twelve []Conn
		for i := range Conn(12) {
			twelve = append(twelve, 1000+i)
		}
		w.enter(twelve...)
		for _, c := range twelve {
			w.say(c, &wire.JoinGame{})
		}
		games := map[*Game]int{}
		for _, c := range twelve {
			games[w.games[c]]++
		}
		if len(w.all)-before != 6 || len(games) != 6 || games[nil] != 0 || w.lobby.Games() != 6 {
			t.Fatalf("seed %d: 12 clients made %d games", seed, len(w.all)-before)
		}
	}
}
