package peer_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"tandem/netcode/original/peer"
	"tandem/netcode/original/wire"
	"tandem/netcode/protocol"
	"tandem/netcode/session"
	"tandem/netcode/session/replica"
	"tandem/netcode/sessiontest"
)

// These tests tie what a peer says to its bytes, and what a relay says to what a peer takes from it.

// newcomer is a peer that has heard nothing yet. Its seat is agent_left's; the other's id is a number.
func newcomer(parser wire.Parser) *steadyQueue {
	cfg := queueConfig(0, 3, true, nil)
	scene := cfg.Scene
	cfg.Parser, cfg.Subject = parser, "me"
	cfg.Scene = func(s *peer.Scene) (peer.Room, error) {
		r, err := scene(s)
		r.Players = []wire.PID{wire.StringPID("agent_left"), wire.IntPID(1)}
		return r, err
	}
	return &steadyQueue{peer: peer.New(cfg), now: time.Second, enc: wire.Encoder{Parser: parser}, fold: sessiontest.NewFold(2, queueActions, 1<<30, 1)}
}

// What a peer says from its first word to its upload.
func TestQueueSays(t *testing.T) {
	const (
		pong    = `42["pong",{"max_latency":null,"min_ping_measurements":5}]`
		stepped = `42["pyodide_player_action",`
		other   = `42["pyodide_other_player_action",{"player_id":1,"action":2,"frame_number":9,"timestamp":1}]`
		hud     = `42["pyodide_hud_update",{"game_id":"g1","hud_text":"Score"}]`
		hash    = `42["pyodide_state_hash",{"game_id":"g1","player_id":"agent_left","hash":"31853df28bd525e0318315e02375619c22df7f516aec7be160b3fddd911b6830","frame_number":20}]`
	)
	s := newcomer(wire.JSON)
	var said []string
	s.send = func(p *session.Packet) {
		said = append(said, string(p.Data))
		if !strings.Contains(string(p.Data), `["`+p.Name+`",`) {
			t.Errorf("%s is called %s", p.Data, p.Name)
		}
	}
	s.command = func(c *replica.Command) {
		if c.Kind == peer.CommandExport {
			s.answers.Exported = []byte(`{"frame_number":9,"env_state":{"ball_x":0.1}}`)
		}
	}
	s.event = func(e *session.Event) {
		if e.Kind == peer.EventUpload {
			s.answers.Upload = []byte{1, 0, 2}
		}
	}
	ids := strings.NewReplacer(`"p0"`, `"agent_left"`, `"p1":`, `"1":`, `"p1"`, `1`)
	for _, c := range []struct {
		does  func()
		hears []string
		says  []string
	}{
		{nil, nil, []string{`42["register_subject",{"subject_id":"me"}]`}},
		{nil, []string{`42["server_session_id",{"session_id":"run"}]`}, nil},
		{nil, []string{startScene}, []string{`42["advance_scene",{"session_id":"run"}]`}},
		{nil, []string{strings.Replace(gameScene, `"status":1`, `"status":1,"state_sync_frequency_frames":20`, 1)}, []string{`42["join_game",{"session_id":"run"}]`}},
		{nil, []string{elected}, []string{`42["ping",{"document_in_focus":true}]`}},
		{func() { s.now += 41500 * time.Microsecond }, []string{pong}, nil},
		{func() { s.now += time.Second; s.more.Away = true }, nil, []string{`42["ping",{"ping_ms":41.5,"document_in_focus":false}]`}},
		{nil, []string{ready}, nil},
		{func() { s.now = 3500 * time.Millisecond; s.more.Away = false }, []string{starts},
			[]string{`42["ping",{"ping_ms":41.5,"document_in_focus":true}]`, stepped + `{"game_id":"g1","player_id":"agent_left","action":6,"frame_number":0,"timestamp":3500}]`}},
		{func() { s.answers.EpisodeStep = 19; s.now += session.FrameTime(1); s.quiet(19) }, nil, []string{hash}},
		{nil, []string{`42["pyodide_verify_state",{"frame_number":5}]`}, []string{strings.Replace(hash, "31853df28bd525e0318315e02375619c22df7f516aec7be160b3fddd911b6830", wire.OriginalHash(20, 19), 1)}},
		{func() { s.more.HUD = "Score" }, nil, []string{hud}},
		{nil, slices.Repeat([]string{other}, 51), []string{`42["pyodide_request_resync",{"game_id":"g1","player_id":"agent_left","frame_number":20,"reason":"queue_overflow"}]`}},
		{nil, []string{`42["pyodide_request_full_state",{"frame_number":5}]`}, []string{`42["pyodide_send_full_state",{"game_id":"g1","state":{"frame_number":9,"env_state":{"ball_x":0.1}}}]`, hud}},
		{func() { s.more.Finished = true }, nil, nil},
		{func() { s.now += 3 * time.Second }, nil, []string{`42["ping",{"ping_ms":41.5,"document_in_focus":true}]`, `42["advance_scene",{"session_id":"run"}]`}},
		{nil, []string{`42["terminate_scene",{"scene_id":"g","scene_type":"GymScene","status":2,"should_export_metadata":false}]`},
			[]string{"451-[\"emit_remote_game_data\",{\"data\":{\"_placeholder\":true,\"num\":0},\"scene_id\":\"g\",\"session_id\":\"run\",\"interactiveGymGlobals\":{}}]\x00\x00\x00\x00\x03\x01\x00\x02",
				`42["ping",{"ping_ms":41.5,"document_in_focus":true}]`}},
	} {
		said = nil
		if c.does != nil {
			c.does()
		}
		for _, frame := range c.hears {
			s.receive(ids.Replace(frame))
		}
		s.update(nil)
		// An action is compared where it is asked for.
		said = slices.DeleteFunc(said, func(m string) bool { return strings.HasPrefix(m, stepped) && !slices.Contains(c.says, m) })
		if !slices.Equal(said, c.says) {
			t.Errorf("after %.60q it said\n%s\nwant\n%s", c.hears, strings.Join(said, "\n"), strings.Join(c.says, "\n"))
		}
	}

	s = newSteadyQueue(t, wire.JSON, false, false)
	s.receive(`42["server_session_id",{"session_id":"run"}]`)
	if out := s.peer.Leave(s.now); len(out.Send) != 1 || string(out.Send[0].Data) != `42["leave_game",{"session_id":"run"}]` {
		t.Errorf("leaving it said %+v", out.Send)
	}
}

// What a peer takes from each event of a relay, in both parsers. It is the guest here, until it is told otherwise.
func TestQueueTakes(t *testing.T) {
	left := wire.StringPID("agent_left")
	scene := wire.Scene{ID: "s", Type: "GymScene", Status: 1, Extra: []wire.Field{
		{Key: "pyodide_multiplayer", Value: wire.BoolValue(true)},
		{Key: "policy_mapping", Value: wire.MapValue(wire.Field{Key: "agent_left", Value: wire.StringValue("human")}, wire.Field{Key: "1", Value: wire.StringValue("human")})},
	}}
	for _, parser := range []wire.Parser{wire.JSON, wire.Msgpack} {
		s := newcomer(parser)
		var text string
		var rtt time.Duration
		var state []byte
		var exports int
		var action uint8
		s.event = func(e *session.Event) {
			switch e.Kind {
			case session.EventHUD:
				text = e.Text
			case session.EventRTT:
				rtt = e.Dur
			}
		}
		s.command = func(c *replica.Command) {
			switch c.Kind {
			case replica.CommandStep:
				action = c.Actions[1]
			case peer.CommandImport:
				state = c.Other.(*peer.Order).Data
			case peer.CommandExport:
				exports++
			}
		}
		hosts := func() any { r := s.peer.Roster(); return []bool{s.peer.IsHost(), r[0].Host, r[1].Host} }
		for _, c := range []struct {
			e    wire.Payload
			took func() any
			want any
		}{
			{&wire.ActivateScene{Scene: scene}, func() any { return s.peer.State() }, session.PeerJoining},
			{&wire.HostElected{PlayerID: left, GameID: "g", GameSeed: 1<<32 - 1, NumPlayers: 2, HostID: wire.IntPID(1)},
				func() any { return []any{s.peer.Seat(), s.peer.IsHost(), s.peer.Code(), s.peer.Seed()} }, []any{0, false, "g", uint64(1<<32 - 1)}},
			{&wire.WaitingRoom{Players: 1, Needed: 1}, func() any { return s.peer.Roster()[1].Taken }, false},
			{&wire.WaitingRoom{Players: 2}, func() any { return s.peer.Roster()[1].Taken }, true},
			{&wire.Pong{MinMeasurements: 5}, func() any { return rtt }, 3 * session.FrameTime(1)},
			// The keys of player_subjects are strings, also where ids are numbers, and need not be in the order of players.
			{&wire.GameReady{GameID: "g", Players: []wire.PID{wire.IntPID(1), left}, Subjects: []wire.Subject{{Player: "agent_left", Subject: "a"}, {Player: "1", Subject: "b"}}},
				func() any { return s.peer.Who() }, []peer.Player{{ID: left, Subject: "a"}, {ID: wire.IntPID(1), Subject: "b"}}},
			{&wire.StartGame{Scene: scene, GameID: "g"}, hosts, []bool{false, false, true}},
			{&wire.OtherPlayerAction{PlayerID: wire.IntPID(1), Action: wire.IntValue(4), Frame: 9, Timestamp: 0.5}, func() any { return action }, uint8(4)},
			{&wire.HUDSync{Text: "x"}, func() any { return text }, "x"},
			{&wire.RequestFullState{Frame: 5}, func() any { return exports }, 0},
			{&wire.ApplyFullState{State: wire.MapValue(wire.Field{Key: "x", Value: wire.FloatValue(0.1)})}, func() any { return string(state) }, `{"x":0.1}`},
			{&wire.HostElected{IsHost: true, Promoted: true, GameSeed: 3}, hosts, []bool{true, true, false}},
			{&wire.RequestFullState{Frame: 5}, func() any { return exports }, 1},
			{&wire.HostChanged{NewHostID: wire.IntPID(1)}, hosts, []bool{false, false, true}},
			{&wire.EndGame{Message: "bye"}, func() any { return []any{s.peer.End().Code, s.peer.End().Text} }, []any{protocol.CodeGone, "The relay ended the game: bye"}},
		} {
			frame, _, err := s.enc.AppendEvent(nil, c.e)
			if err != nil {
				t.Fatal(err)
			}
			s.update([][]byte{frame})
			s.quiet(1)
			if got := c.took(); !reflect.DeepEqual(got, c.want) {
				t.Errorf("%v, %s: %+v, want %+v", parser, c.e.Name(), got, c.want)
			}
		}
	}
}
