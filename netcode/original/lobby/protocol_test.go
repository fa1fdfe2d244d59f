package lobby

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"tandem/netcode/original/wire"
)

// These tests hold what the protocol says about fields that the scripts of the other tests leave out.

// sent collects what a call sends to one socket. Events are valid until the next call, so each is told
// at once.
func sent(to Conn, sends []Send, tell func(wire.Payload) string) (list []string) {
	for _, s := range sends {
		if s.To == to {
			list = append(list, tell(s.Event))
		}
	}
	return list
}

// An action goes on with the relay's time in seconds, with its frame_number whatever that is, and the
// sender never hears it.
func TestActionsGoOnAsTheyAre(t *testing.T) {
	w := newWorld(t, 2, 1)
	g := w.start(1, 2)
	w.now = t0.Add(1500 * time.Millisecond)
	for _, odd := range []wire.Odd{{}, {Is: true, Value: wire.FloatValue(7.5)}, {Is: true}, {}} {
		e := w.action(1, 7)
		if e.Odd = odd; odd.Is {
			e.Frame = 0
		}
		e.Action = mustJSON(t, `{"keys":["up",null]}`)
		out := g.Receive(w.now, 1, e)
		if len(out.Send) != 1 || out.Send[0].To != 2 {
			t.Fatalf("%+v: sent %+v", odd, out.Send)
		}
		got := out.Send[0].Event.(*wire.OtherPlayerAction)
		if got.Timestamp != 1767323046.5 || got.PlayerID != w.me[1].PlayerID || got.Frame != e.Frame || fmt.Sprint(got.Odd) != fmt.Sprint(odd) || got.Action.String() != `{"keys":["up",null]}` {
			t.Errorf("%+v: sent %+v", odd, got)
		}
	}
}

// A scene is active when it begins and done when it ends, and names the socket; start_game names that of
// whoever came first.
func TestScenesSayWhatTheyAre(t *testing.T) {
	w := newWorld(t, 2, 1)
	w.enter(1)
	tell := func(e wire.Payload) string {
		var s wire.Scene
		switch e := e.(type) {
		case *wire.ActivateScene:
			s = e.Scene
		case *wire.TerminateScene:
			s = e.Scene
		case *wire.StartGame:
			s = e.Scene
		default:
			return e.Name()
		}
		return fmt.Sprint(e.Name(), " ", s.ID, " ", s.Status, " ", s.Room, " ", s.Timestamp)
	}
	w.connect(2)
	out := w.lobby.Receive(w.now, 2, &wire.RegisterSubject{SubjectID: "two"})
	if got, want := fmt.Sprint(sent(2, out.Send, tell)), "[server_session_id activate_scene start 1 sid2 2026-01-02 03:04:05]"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	out = w.lobby.Receive(w.now, 2, &wire.AdvanceScene{})
	if got, want := fmt.Sprint(sent(2, out.Send, tell)), "[terminate_scene start 2 sid2 2026-01-02 03:04:05 activate_scene game 1 sid2 2026-01-02 03:04:05]"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	w.say(1, &wire.JoinGame{})
	out = w.lobby.Receive(w.now, 2, &wire.JoinGame{})
	if got, want := fmt.Sprint(sent(2, out.Send, tell)), "[pyodide_host_elected pyodide_game_ready start_game game 1 sid1 2026-01-02 03:04:05]"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

// Whoever comes first does not choose the side, and every game has its own id and seed.
func TestSeatsAreDrawn(t *testing.T) {
	w := newWorld(t, 2, 1)
	var first [2]int
	seeds, ids := map[int64]bool{}, map[string]bool{}
	const games = 100
	for i := range Conn(games) {
		a, b := 2*i+1, 2*i+2
		w.start(a, b)
		n, _ := w.me[a].PlayerID.Int()
		first[n]++
		seeds[w.me[a].GameSeed], ids[w.me[a].GameID] = true, true
	}
	if first[0] < games/4 || first[1] < games/4 || len(seeds) != games || len(ids) != games {
		t.Errorf("the first joiners got the seats %v times; %d seeds, %d ids", first, len(seeds), len(ids))
	}
}

// Whoever waits or plays cannot join once more, and a second registration changes no seat.
func TestJoinInPlayIsIgnored(t *testing.T) {
	w := newWorld(t, 2, 1)
	g := w.start(1, 2)
	w.say(1, &wire.JoinGame{})
	w.want(1, "")
	if w.lobby.Waiting() != 0 || w.games[1] != g {
		t.Errorf("%d wait", w.lobby.Waiting())
	}
	w.wantNotes("misplaced")
	w.say(1, &wire.RegisterSubject{SubjectID: "subject1"})
	w.want(1, "server_session_id, activate_scene game")
	w.say(1, w.action(1, 0))
	w.want(2, "other_player_action 0:0")
}

// The game's scene holds every field that a page acts on, in the original's names.
func TestSlimeSceneIsComplete(t *testing.T) {
	list, err := SlimeScenes()
	if err != nil {
		t.Fatal(err)
	}
	scene := list[1].describe(t0, "sid", sceneActive)
	for key, want := range map[string]string{
		"pyodide_multiplayer": "true", "run_through_pyodide": "true", "policy_mapping": `{"agent_left": "human", "agent_right": "human"}`,
		"default_action": "", "action_population_method": "", "action_mapping": "", "input_mode": "", "fps": "30", "max_steps": "",
		"num_episodes": "", "frame_skip": "", "state_sync_frequency_frames": "20", "queue_resync_threshold": "50", "hud_score_carry_over": "",
		"environment_initialization_code": "", "on_game_step_code": "", "packages_to_install": "", "restart_pyodide": "", "game_width": "", "game_height": "",
		"assets_to_preload": "", "scene_header": "", "scene_body": "", "in_game_scene_body": "", "waitroom_timeout": "120000",
	} {
		if v, ok := scene.Get(key); !ok || want != "" && v.String() != want {
			t.Errorf("%s is %.80s (%v), want %s", key, v, ok, want)
		}
	}
}

// game_ready lists the players in the order in which they joined, and who they are; a pong asks for five
// measurements and limits nothing.
func TestReadyAndPong(t *testing.T) {
	w := newWorld(t, 2, 1)
	w.enter(1, 2)
	w.say(1, &wire.JoinGame{})
	out := w.lobby.Receive(w.now, 2, &wire.JoinGame{})
	tell := func(e wire.Payload) string {
		if r, ok := e.(*wire.GameReady); ok {
			return fmt.Sprint(r.GameID, r.Players, r.Subjects)
		}
		return ""
	}
	var mine wire.HostElected
	for _, s := range out.Send {
		if e, ok := s.Event.(*wire.HostElected); ok {
			mine = *e
		}
	}
	first, second := w.me[1].PlayerID, mine.PlayerID
	want := fmt.Sprint(w.me[1].GameID, []wire.PID{first, second},
		[]wire.Subject{{Player: first.String(), Subject: "subject1"}, {Player: second.String(), Subject: "subject2"}})
	for c := Conn(1); c <= 2; c++ {
		if got := sent(c, out.Send, tell); !slices.Contains(got, want) {
			t.Errorf("%d heard %q, want %q", c, got, want)
		}
	}
	out = w.lobby.Receive(w.now, 1, &wire.Ping{})
	if p, ok := out.Send[0].Event.(*wire.Pong); !ok || p.MinMeasurements != 5 || p.MaxLatency.OK {
		t.Errorf("answered %+v", out.Send[0].Event)
	}
}
