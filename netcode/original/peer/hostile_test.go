package peer_test

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
	"time"

	"tandem/netcode/internal/race"
	"tandem/netcode/original/originaltest"
	"tandem/netcode/original/peer"
	"tandem/netcode/original/wire"
	"tandem/netcode/protocol"
	"tandem/netcode/session"
	"tandem/netcode/session/replica"
	"tandem/netcode/sessiontest"
)

// hostile are frames that a broken or hostile relay, or another player through a relay that checks
// nothing, may send in the middle of a game.
var hostile = []string{
	``, `4`, `42`, `42[]`, `42["pyodide_other_player_action"]`, "\x00\xff\xfe", `2`, `9`, `41`, `40{"sid":"again"}`,
	`42["no_such_event",{"x":1}]`, `451-["pyodide_hud_sync",{"hud_text":{"_placeholder":true,"num":0}}]`,
	`42["pyodide_other_player_action",{"player_id":"p1","action":99999999999999999999,"frame_number":5,"timestamp":1}]`,
	`42["pyodide_other_player_action",{"player_id":"p1","action":-1,"frame_number":5,"timestamp":1}]`,
	`42["pyodide_other_player_action",{"player_id":"p1","action":{"deep":[1]},"frame_number":5,"timestamp":1}]`,
	`42["pyodide_other_player_action",{"player_id":"p1","action":null,"frame_number":1e300,"timestamp":1}]`,
	`42["pyodide_other_player_action",{"player_id":"p1","action":1,"frame_number":9007199254740992,"timestamp":1}]`,
	`42["pyodide_other_player_action",{"player_id":"p1","action":1,"frame_number":-5,"timestamp":1}]`,
	`42["pyodide_other_player_action",{"player_id":"nobody","action":1,"frame_number":5,"timestamp":1}]`,
	`42["pyodide_other_player_action",{"player_id":"p0","action":1,"frame_number":5,"timestamp":1}]`,
	`42["pyodide_other_player_action",{"player_id":"p1","action":{"a":[1,2,3],"h":[1,2],"n":3,"e":0,"d":99999999,"r":-5,"o":1},"frame_number":5,"timestamp":1}]`,
	`42["pyodide_other_player_action",{"player_id":"p1","action":{"a":[1,2,3,4,5,6,7,8,9,0,1,2,3,4,5,6,7,8]},"frame_number":5,"timestamp":1}]`,
	`42["pyodide_other_player_action",{"player_id":"p1","action":{"a":[300]},"frame_number":5,"timestamp":1}]`,
	`42["pyodide_other_player_action",{"player_id":"p1","action":{"a":[1],"c":9007199254740992,"v":[1]},"frame_number":70,"timestamp":1}]`,
	`42["pyodide_other_player_action",{"player_id":"p1","action":{"a":[1],"c":-5,"v":[1,1,1,1]},"frame_number":70,"timestamp":1}]`,
	`42["pyodide_other_player_action",{"player_id":"p1","action":{"a":[1],"c":71,"v":[1,-3,120]},"frame_number":70,"timestamp":1}]`,
	`42["pyodide_other_player_action",{"player_id":"p1","action":{"a":[1],"c":400,"v":[]},"frame_number":400,"timestamp":1}]`,
	`42["pyodide_host_elected",{"is_host":true,"player_id":"p1","game_id":"other","game_seed":1,"num_players":2}]`,
	`42["pyodide_host_changed",{"new_host_id":"nobody"}]`,
	`42["pyodide_game_ready",{"game_id":"other","players":["p1"],"player_subjects":{}}]`,
	`42["start_game",{"scene_metadata":{"scene_id":"x","scene_type":"GymScene","status":1,"should_export_metadata":false},"game_id":"other"}]`,
	`42["waiting_room",{"cur_num_players":1,"players_needed":1,"ms_remaining":-1e300}]`,
	`42["pyodide_apply_full_state",{"state":{}}]`, `42["pyodide_apply_full_state",{"state":[1]}]`,
	`42["pyodide_apply_full_state",{"state":{"episode_num":-1,"step_num":1e9,"frame_number":-4,"state":"zz"}}]`,
	`42["pyodide_request_full_state",{"frame_number":-1}]`, `42["pyodide_verify_state",{"frame_number":0}]`,
	`42["pyodide_hud_sync",{"hud_text":7}]`, `42["pong",{"max_latency":null,"min_ping_measurements":5}]`,
	`42["activate_scene",{"scene_id":"x","scene_type":"GymScene","status":1,"should_export_metadata":false}]`,
	`42["terminate_scene",{"scene_id":"game","scene_type":"GymScene","status":2,"should_export_metadata":false}]`,
	`42["pyodide_player_action",{"game_id":"g","player_id":"p1","action":1,"frame_number":5,"timestamp":1}]`,
}

// A game in which every tenth of a second something hostile arrives is still played to its end, with
// bounded queues, and by peers of ours in one state.
func TestQueueHostileMessages(t *testing.T) {
	t.Parallel()
	for _, ours := range []bool{true, false} {
		for seed := range uint64(10) {
			r := rand.New(rand.NewPCG(seed, 0x0907))
			lines := []originaltest.Line{evenLine(20 * time.Millisecond), evenLine(20 * time.Millisecond)}
			m := newQueueMatch(t, seed, queueSetup{players: 2, ours: []bool{ours, true}, delay: 3, frames: 600, lines: lines})
			for _, n := range m.Nodes {
				plain := n.OnEvent
				n.OnEvent = func(n *originaltest.Node, at time.Duration, e *session.Event) {
					if e.Kind == peer.EventStateTaken && e.Text != "" {
						return // refused, as it should be
					}
					plain(n, at, e)
				}
			}
			for at := 2 * time.Second; at < 14*time.Second; at += 100 * time.Millisecond {
				m.Run(at)
				frame := []byte(hostile[r.IntN(len(hostile))])
				if len(frame) > 0 && r.IntN(3) == 0 { // or something like it
					frame[r.IntN(len(frame))] = byte(r.IntN(256))
				}
				if strings.Contains(string(frame), "p0") { // seat 0 is never who it comes from
					m.Inject(0, frame)
				} else {
					m.Inject(r.IntN(2), frame)
				}
			}
			if !m.Run(time.Hour) {
				t.Fatalf("seed %d: it does not end: %s", seed, m.Describe())
			}
			for _, n := range m.Nodes {
				if n.Peer.End().Code != protocol.CodeOK {
					t.Errorf("seed %d, seat %d ended with %+v", seed, n.Index, n.Peer.End())
				}
			}
			if m.depth > 61 || m.invalid == 0 {
				t.Errorf("seed %d: depth %d, %d invalid", seed, m.depth, m.invalid)
			}
			if ours && m.folds[0].State != m.folds[1].State {
				t.Errorf("seed %d: states %x and %x; asked %v", seed, m.folds[0].State, m.folds[1].State, m.asked)
			}
		}
	}
}

// What an original player sends is queued one for one, also where its frame number or its action is
// nothing that this program knows: otherwise its game would be longer than the one played here.
func TestQueueOddFrameNumbers(t *testing.T) {
	for _, number := range []string{"-5", "7.5", "null", `"7"`, "{}", "9007199254740992", "1e300"} {
		s := newSteadyQueue(t, wire.JSON, false, true)
		depth := 0
		s.event = func(e *session.Event) {
			if e.Kind == session.EventQueue {
				depth = max(depth, e.N)
			}
		}
		for range 60 {
			s.frame()
		}
		before := depth
		for range 5 {
			s.receive(`42["pyodide_other_player_action",{"player_id":"p1","action":1,"frame_number":` + number + `,"timestamp":1}]`)
		}
		for range 5 {
			s.frame()
		}
		if depth != before+5 {
			t.Errorf("frame number %s: the queue held %d, then %d", number, before, depth)
		}
	}
}

// A scene without state_sync_frequency_frames wants no hashes.
func TestQueueWithoutHashes(t *testing.T) {
	for sync, want := range map[int64]bool{0: false, 20: true} {
		m := newQueueMatch(t, 27, queueSetup{players: 2, ours: []bool{true, false}, frames: 120, lines: lines20(2), sync: 20})
		for i := range m.Relay.SceneFields() {
			if f := &m.Relay.SceneFields()[i]; f.Key == "state_sync_frequency_frames" && sync == 0 {
				f.Value = wire.NullValue()
			}
		}
		m.end(t)
		if got := m.Relay.Count["pyodide_state_hash"]; (got > 0) != want || got > 12 {
			t.Errorf("every %d frames: %d hashes", sync, got)
		}
	}
}

// A flood of actions from the other player keeps no more than the queue may hold.
func TestQueueFlood(t *testing.T) {
	for _, tagged := range []bool{true, false} {
		lines := []originaltest.Line{evenLine(20 * time.Millisecond), evenLine(20 * time.Millisecond)}
		m := newQueueMatch(t, 11, queueSetup{players: 2, ours: []bool{true, tagged}, delay: 3, frames: 300, lines: lines})
		m.Run(3 * time.Second)
		for f := range 5000 {
			m.Inject(0, fmt.Appendf(nil, `42["pyodide_other_player_action",{"player_id":"p1","action":1,"frame_number":%d,"timestamp":1}]`, f))
		}
		m.end(t)
		if m.depth > 61 {
			t.Errorf("tagged %v: a queue held %d actions", tagged, m.depth)
		}
	}
}

// lobby runs one peer against a script: what it is sent, one frame per Update.
func lobby(t *testing.T, frames ...string) (*peer.Peer, []string) {
	t.Helper()
	cfg := queueConfig(0, 3, true, nil)
	cfg.Parser = wire.JSON
	p := peer.New(cfg)
	var said []string
	now := time.Second
	note := func(out *session.Out) {
		for _, s := range out.Send {
			said = append(said, s.Name)
		}
	}
	note(p.Update(session.In{Now: now}))
	for _, f := range frames {
		now += 10 * time.Millisecond
		note(p.Update(session.In{Now: now, Messages: [][]byte{[]byte(f)}, Prepared: true}))
	}
	// Time passes, and nothing more comes.
	for range 2000 {
		now += 100 * time.Millisecond
		note(p.Update(session.In{Now: now, Prepared: true}))
	}
	return p, said
}

const (
	startScene = `42["activate_scene",{"scene_id":"s","scene_type":"StartScene","status":1,"should_export_metadata":false}]`
	gameScene  = `42["activate_scene",{"scene_id":"g","scene_type":"GymScene","status":1,"should_export_metadata":false,"pyodide_multiplayer":true,"policy_mapping":{"p0":"human","p1":"human"}}]`
	elected    = `42["pyodide_host_elected",{"is_host":true,"player_id":"p0","game_id":"g1","game_seed":7,"num_players":2}]`
	ready      = `42["pyodide_game_ready",{"game_id":"g1","players":["p0","p1"],"player_subjects":{"p0":"a","p1":"b"}}]`
	starts     = `42["start_game",{"scene_metadata":{"scene_id":"g","scene_type":"GymScene","status":1,"should_export_metadata":false},"game_id":"g1"}]`
)

func TestQueueLobbyEndsInWords(t *testing.T) {
	for _, c := range []struct {
		name   string
		frames []string
		code   protocol.Code
		words  string
	}{
		{"silence", nil, protocol.CodeSilent, "10 s"},
		{"pages without end", repeated(startScene, 150), protocol.CodeUnexpected, "no game"},
		{"single player", []string{strings.Replace(gameScene, `"pyodide_multiplayer":true`, `"pyodide_multiplayer":false`, 1)}, protocol.CodeEnvironment, "one player"},
		{"a fallback nobody knows", []string{strings.Replace(gameScene, `"pyodide_multiplayer":true`, `"pyodide_multiplayer":true,"action_population_method":"magic"`, 1)}, protocol.CodeEnvironment, "magic"},
		{"no players", []string{`42["activate_scene",{"scene_id":"g","scene_type":"GymScene","status":1,"should_export_metadata":false,"pyodide_multiplayer":true}]`}, protocol.CodeEnvironment, "players"},
		{"full", []string{gameScene, `42["create_game_failed",{"error":"too many games"}]`}, protocol.CodeServerFull, "too many games"},
		{"a seat there is not", []string{gameScene, strings.Replace(elected, `"p0"`, `"p9"`, 1)}, protocol.CodeSeat, "p9"},
		{"a ghost's game", []string{gameScene, starts}, protocol.CodeUnexpected, "Join again"},
		{"start before ready", []string{gameScene, elected, starts}, protocol.CodeUnexpected, "who plays"},
		{"nobody comes", []string{gameScene, elected, `42["waiting_room",{"cur_num_players":1,"players_needed":1,"ms_remaining":30000}]`}, protocol.CodeGone, "waiting room"},
		{"the other leaves", []string{gameScene, elected, `42["waiting_room_player_left",{"message":"left"}]`}, protocol.CodeGone, "left"},
		{"the other's line breaks", []string{gameScene, elected, ready, starts, `42["end_game",{"message":"Your partner is gone."}]`}, protocol.CodeGone, "partner is gone"},
	} {
		p, said := lobby(t, c.frames...)
		if e := p.End(); p.State() != session.PeerClosed || e.Code != c.code || !strings.Contains(e.Text, c.words) {
			t.Errorf("%s: state %d, %+v; it said %v", c.name, p.State(), e, said)
		}
	}
}

func repeated(s string, n int) []string {
	list := make([]string, n)
	for i := range list {
		list[i] = s
	}
	return list
}

// With an original player the report names what it brings along; between peers of ours it does not.
func TestQueueNamesDefects(t *testing.T) {
	for _, ours := range []bool{true, false} {
		m := newQueueMatch(t, 13, queueSetup{players: 2, ours: []bool{ours, true}, delay: 3, frames: 60, lines: []originaltest.Line{evenLine(0), evenLine(0)}})
		var named []string
		m.Nodes[1].OnEvent = func(_ *originaltest.Node, _ time.Duration, e *session.Event) {
			if e.Kind == peer.EventDefect {
				named = append(named, e.Text)
			}
		}
		m.end(t)
		if want := map[bool]int{true: 1, false: 6}[ours]; len(named) != want || m.Nodes[1].Peer.Ours() != ours {
			t.Errorf("all ours %v: %q", ours, named)
		}
	}
}

func TestQueueSubject(t *testing.T) {
	s := peer.Subject("Ann & Bob/../", 5, "x y")
	if name, delay, ours := peer.ParseSubject(s); !ours || delay != 5 || name != "Ann & Bob/../" || strings.ContainsAny(s, "/ &%") {
		t.Errorf("%q is %q, %d, %v", s, name, delay, ours)
	}
	for _, name := range []string{"", "Ada", "Константин Константинович", "می\u200cخواهم", "Zoë\u00a0Müller", "~~", strings.Repeat("👩", protocol.MaxLetters)} {
		s := peer.Subject(name, 3, strings.Repeat("u", 99))
		if got, _, ours := peer.ParseSubject(s); got != name || !ours || len(s) > wire.MaxIdentifier-len(".csv") {
			t.Errorf("%q travels as %q, which is %q, %v", name, s, got, ours)
		}
	}
	if s := peer.Subject("Ada", 3, "u"); s != "tandem3.d3.u.Ada" {
		t.Errorf("Ada is %q", s)
	}
	for _, s := range []string{"", "a.b.c.d", "tandem3.d3.x.~!", "tandem3.d3.x.~G1sySg", "tandem3.d3.x." + strings.Repeat("y", 33), "tandem3.d99.x.y", "tandem3.d-1.x.y", "tandem2.d3.x.y", "tandem3.d3.x", "tandem3.dx.x.y"} {
		if _, _, ours := peer.ParseSubject(s); ours {
			t.Errorf("%q is taken for one of ours", s)
		}
	}
}

// Two of one name are told apart in queue mode as well.
func TestQueueDistinctNames(t *testing.T) {
	a, b := peer.Subject("Player", 3, "1"), peer.Subject("Player", 3, "2")
	p, _ := lobby(t, gameScene, elected, strings.NewReplacer(`"a"`, `"`+a+`"`, `"b"`, `"`+b+`"`).Replace(ready))
	if r := p.Roster(); len(r) != 2 || r[0].Name != "Player" || r[1].Name != "Player 2" {
		t.Errorf("the roster is %+v", r)
	}
}

// In steady state a frame costs no memory: an action comes, one is sent, one frame is stepped.
func TestQueueSteadyStateDoesNotAllocate(t *testing.T) {
	if race.Enabled {
		t.Skip("the race detector allocates")
	}
	for _, parser := range []wire.Parser{wire.JSON, wire.Msgpack} {
		for _, c := range []struct{ ours, host bool }{{false, false}, {true, false}, {true, true}} {
			s := newSteadyQueue(t, parser, c.ours, c.host)
			for range 300 {
				s.frame()
			}
			if a := testing.AllocsPerRun(3000, s.frame); a != 0 {
				t.Errorf("%v, %+v: %v allocations per frame", parser, c, a)
			}
			if s.steps < 3000 || s.sent < 3000 {
				t.Fatalf("%d steps, %d messages: the steady state does not play", s.steps, s.sent)
			}
		}
	}
}

type steadyQueue struct {
	peer        *peer.Peer
	enc         wire.Encoder
	other       wire.OtherPlayerAction
	buf         []byte
	messages    [][]byte
	hashes      []replica.Hash
	now         time.Duration
	steps, sent int
	fold        *sessiontest.Fold
	hosted      bool // by the other
	beside      []byte
	term        int // said by the other with what it closes; 0 is not said
	imports     int
	asked       int
	event       func(*session.Event)
	send        func(*session.Packet)
	command     func(*replica.Command)
	more        session.In // what the next Update is told besides
	answers     peer.Answers
	told        peer.Answers
}

func newSteadyQueue(t testing.TB, parser wire.Parser, ours, host bool) *steadyQueue {
	t.Helper()
	return newSteadyQueueWith(t, parser, ours, host, "previous_submitted_action")
}

func newSteadyQueueWith(t testing.TB, parser wire.Parser, ours, host bool, fallback string) *steadyQueue {
	t.Helper()
	cfg := queueConfig(0, 3, true, nil)
	cfg.Parser = parser
	s := &steadyQueue{peer: peer.New(cfg), now: time.Second, enc: wire.Encoder{Parser: parser}, fold: sessiontest.NewFold(2, queueActions, 1<<30, 1)}
	scene, pids := queueScene(2, 20, 50, fallback)
	scene.Type, scene.Status = "GymScene", 1
	other := "somebody"
	if ours {
		other = peer.Subject("b", 3, "u2")
	}
	s.other = wire.OtherPlayerAction{PlayerID: pids[1], Action: wire.IntValue(2)}
	for _, e := range []wire.Payload{
		&wire.ActivateScene{Scene: scene},
		&wire.HostElected{IsHost: host, PlayerID: pids[0], GameID: "g", GameSeed: 5, NumPlayers: 2, HostID: pids[1]},
		&wire.GameReady{GameID: "g", Players: pids, Subjects: []wire.Subject{{Player: "p0", Subject: peer.Subject("a", 3, "u1")}, {Player: "p1", Subject: other}}},
		&wire.StartGame{Scene: scene, GameID: "g"},
	} {
		b, _, err := s.enc.AppendEvent(nil, e)
		if err != nil {
			t.Fatal(err)
		}
		s.peer.Update(session.In{Now: s.now, Messages: [][]byte{b}, Prepared: true})
	}
	if s.peer.State() != session.PeerPlaying || s.peer.Ours() != ours {
		t.Fatalf("state %d, ours %v: %+v", s.peer.State(), s.peer.Ours(), s.peer.End())
	}
	s.other.Frame = 3 // for frames that are due later
	s.messages = make([][]byte, 1)
	s.hosted = ours && !host
	return s
}

func (s *steadyQueue) frame() {
	if s.hosted { // the frame that is due is closed, with what this peer sent for it
		s.beside = append(s.beside[:0], `{"a":[2],"v":[3],"c":`...)
		s.beside = strconv.AppendInt(s.beside, s.other.Frame-2, 10)
		if s.term > 0 {
			s.beside = strconv.AppendInt(append(s.beside, `,"t":`...), int64(s.term), 10)
		}
		s.beside = append(s.beside, '}')
		if s.other.Frame < 6 {
			s.beside = append(s.beside[:0], `{"a":[2]}`...)
		}
		s.other.Action, _ = wire.SharedJSON(s.beside)
	}
	s.buf, _, _ = s.enc.AppendEvent(s.buf[:0], &s.other)
	s.other.Frame++
	s.messages[0] = s.buf
	s.update(s.messages)
	s.now += session.FrameTime(1)
}

// receive lets it hear something between two frames.
func (s *steadyQueue) receive(frames ...string) {
	for _, f := range frames {
		s.update([][]byte{[]byte(f)})
	}
}

func (s *steadyQueue) update(messages [][]byte) {
	in := s.more
	s.told = s.answers
	in.Other = &s.told
	s.answers.Exported, s.answers.Imported = nil, peer.Imported{}
	in.Now, in.Messages, in.Input, in.Prepared, in.Hashes = s.now, messages, s.fold, true, s.hashes
	out := s.peer.Update(in)
	s.hashes = s.hashes[:0]
	for i := range out.Send {
		if s.send != nil {
			s.send(&out.Send[i])
		}
	}
	s.sent += len(out.Send)
	for i := range out.Commands {
		c := &out.Commands[i]
		if c.Kind == peer.CommandImport {
			s.imports++
		}
		if s.command != nil {
			s.command(c)
		}
		if c.Kind == replica.CommandStep {
			s.steps++
			s.fold.Step(c)
			if c.Hash {
				h := s.fold.Hash()
				h.Frame = c.Frame
				s.hashes = append(s.hashes, h)
			}
		}
	}
	for i := range out.Events {
		e := &out.Events[i]
		if e.Kind == peer.EventAsked {
			s.asked++
		}
		if s.event != nil {
			s.event(e)
		}
	}
}

func BenchmarkPeerFrame(b *testing.B) {
	for _, parser := range []wire.Parser{wire.JSON, wire.Msgpack} {
		b.Run(parser.String(), func(b *testing.B) {
			s := newSteadyQueue(b, parser, true, true)
			b.ReportAllocs()
			for b.Loop() {
				s.frame()
			}
		})
	}
}
