package wire

import (
	"bytes"
	"errors"
	"reflect"
	"strings"
	"testing"
)

const (
	gameID = "3f2b8c1e-9a4d-4e57-b0c6-5d1f7e2a9b38"
	hash20 = "31853df28bd525e0318315e02375619c22df7f516aec7be160b3fddd911b6830"
)

// TestOriginalHash: the text is known to be {"cumulative_rewards":{},"env_state":{},"frame":20,"step":20}.
func TestOriginalHash(t *testing.T) {
	if got := OriginalHash(20, 20); got != hash20 {
		t.Errorf("%s, want %s", got, hash20)
	}
	if OriginalHash(20, 20) == OriginalHash(40, 40) || OriginalHash(1, 2) == OriginalHash(2, 1) {
		t.Error("the hash ignores the frame or the step")
	}
}

// event is one event with its JSON and the bytes it takes on the line with the WebSocket header and,
// from a client, the mask. json and msg are the sizes that were captured, 0 where the capture was a
// mean over texts that vary or is not known.
type event struct {
	wire      string
	p         Payload
	json, msg int
}

func scene(t testing.TB) Scene {
	return Scene{ID: "slime", Type: "GymScene", Timestamp: "2025-12-28 12:00:00", Config: mustJSON(t, `{"a":1}`),
		Room: "CWBx", Status: 1, ElementIDs: []string{"x"}, ExportMetadata: true,
		Extra: []Field{{"fps", IntValue(30)}, {"assets", mustJSON(t, `null`)}}}
}

const sceneJSON = `"scene_id":"slime","scene_type":"GymScene","timestamp":"2025-12-28 12:00:00","experiment_config":{"a":1},` +
	`"room":"CWBx","status":1,"element_ids":["x"],"should_export_metadata":true,"fps":30,"assets":null`

func events(t testing.TB) []event {
	left, right := StringPID("agent_left"), StringPID("agent_right")
	return []event{
		{`["register_subject",{"subject_id":"s1"}]`, &RegisterSubject{"s1"}, 0, 0},
		{`["server_session_id",{"session_id":"q83vEjRWeJA"}]`, &ServerSessionID{"q83vEjRWeJA"}, 0, 0},
		{`["activate_scene",{` + sceneJSON + `}]`, &ActivateScene{scene(t)}, 0, 0},
		{`["terminate_scene",{` + sceneJSON + `}]`, &TerminateScene{scene(t)}, 0, 0},
		{`["advance_scene",{"session_id":"x"}]`, &AdvanceScene{"x"}, 0, 0},
		{`["static_scene_data_emission",{"data":{"q":[1]},"scene_id":"s","session_id":"x","interactiveGymGlobals":{}}]`,
			&StaticSceneData{mustJSON(t, `{"q":[1]}`), "s", "x", MapValue()}, 0, 0},
		{`["update_game_page_text",{"game_page_text":"<p>"}]`, &UpdateGamePageText{"<p>"}, 0, 0},
		{`["join_game",{"session_id":"x"}]`, &JoinGame{"x"}, 0, 0},
		{`["create_game_failed",{"error":"full"}]`, &CreateGameFailed{"full"}, 0, 0},
		{`["waiting_room",{"cur_num_players":1,"players_needed":1,"ms_remaining":119999.25}]`, &WaitingRoom{1, 1, 119999.25}, 0, 0},
		{`["waiting_room_player_left",{"message":"m"}]`, &WaitingRoomPlayerLeft{"m"}, 0, 0},
		{`["start_game",{"scene_metadata":{` + sceneJSON + `},"game_id":"g"}]`, &StartGame{scene(t), "g"}, 0, 0},
		{`["leave_game",{"session_id":"x"}]`, &LeaveGame{"x"}, 0, 0},
		{`["end_game",{"message":"bye"}]`, &EndGame{"bye"}, 0, 0},
		{`["end_game_request_redirect",{"waitroom_timeout":false}]`, &EndGameRequestRedirect{}, 0, 0},
		{`["emit_remote_game_data",{"data":{"_placeholder":true,"num":0},"scene_id":"s","session_id":"x","interactiveGymGlobals":{"k":1}}]`,
			&EmitRemoteGameData{[]byte{1, 2}, "s", "x", mustJSON(t, `{"k":1}`)}, 0, 0},
		{`["ping",{"ping_ms":12.5,"document_in_focus":true}]`, &Ping{Number{12.5, true}, true}, 0, 0},
		{`["ping",{"document_in_focus":false}]`, &Ping{}, 0, 0},
		{`["ping",{"ping_ms":12,"document_in_focus":true}]`, &Ping{Number{12, true}, true}, 56, 78},
		{`["pong",{"max_latency":null,"min_ping_measurements":5}]`, &Pong{Number{}, 5}, 0, 0},
		{`["pong",{"max_latency":100,"min_ping_measurements":5}]`, &Pong{Number{100, true}, 5}, 0, 0},
		{`["pyodide_host_elected",{"is_host":true,"player_id":"agent_left","game_id":"` + gameID + `","game_seed":3141592653,"num_players":2}]`,
			&HostElected{IsHost: true, PlayerID: left, GameID: gameID, GameSeed: 3141592653, NumPlayers: 2}, 0, 0},
		{`["pyodide_host_elected",{"is_host":false,"player_id":1,"game_id":"g","game_seed":7,"num_players":2,"host_id":0}]`,
			&HostElected{PlayerID: IntPID(1), GameID: "g", GameSeed: 7, NumPlayers: 2, HostID: IntPID(0)}, 0, 0},
		{`["pyodide_host_elected",{"is_host":true,"promoted":true,"game_seed":7}]`,
			&HostElected{IsHost: true, Promoted: true, GameSeed: 7}, 0, 0},
		{`["pyodide_game_ready",{"game_id":"g","players":["agent_right","agent_left"],"player_subjects":{"agent_left":"A","agent_right":"B"}}]`,
			&GameReady{"g", []PID{right, left}, []Subject{{"agent_left", "A"}, {"agent_right", "B"}}}, 0, 0},
		{`["pyodide_game_ready",{"game_id":"g","players":[0,1],"player_subjects":{"0":"A"}}]`,
			&GameReady{"g", []PID{IntPID(0), IntPID(1)}, []Subject{{"0", "A"}}}, 0, 0},
		{`["pyodide_player_action",{"game_id":"` + gameID + `","player_id":"agent_left","action":0,"frame_number":300,"timestamp":1766900000123}]`,
			&PlayerAction{gameID, left, IntValue(0), 300, Odd{}, 1766900000123}, 167, 179},
		{`["pyodide_other_player_action",{"player_id":"agent_left","action":0,"frame_number":300,"timestamp":1766900000.123}]`,
			&OtherPlayerAction{left, IntValue(0), 300, Odd{}, 1766900000.123}, 119, 114},
		{`["pyodide_state_hash",{"game_id":"` + gameID + `","player_id":"agent_left","hash":"` + hash20 + `","frame_number":200}]`,
			&StateHash{gameID, left, hash20, 200}, 201, 219},
		{`["pyodide_verify_state",{"frame_number":300}]`, &VerifyState{300}, 49, 59},
		{`["pyodide_request_resync",{"game_id":"` + gameID + `","player_id":"agent_right","frame_number":155,"reason":"queue_overflow"}]`,
			&RequestResync{gameID, right, 155, "queue_overflow"}, 158, 0},
		{`["pyodide_request_resync",{"game_id":"` + gameID + `","player_id":"agent_left","frame_number":55,"reason":"queue_overflow"}]`,
			&RequestResync{gameID, left, 55, "queue_overflow"}, 0, 173},
		{`["pyodide_request_full_state",{"frame_number":300}]`, &RequestFullState{300}, 55, 0},
		{`["pyodide_request_full_state",{"frame_number":55}]`, &RequestFullState{55}, 0, 63},
		{`["pyodide_send_full_state",{"game_id":"g","state":{"env_state":{"ball":[1,0.5]}}}]`,
			&SendFullState{"g", mustJSON(t, `{"env_state":{"ball":[1,0.5]}}`)}, 0, 0},
		{`["pyodide_apply_full_state",{"state":{"env_state":{}}}]`, &ApplyFullState{mustJSON(t, `{"env_state":{}}`)}, 0, 0},
		{`["pyodide_hud_update",{"game_id":"` + gameID + `","hud_text":"Score: 0 - 0 | Time left: 00"}]`,
			&HUDUpdate{gameID, "Score: 0 - 0 | Time left: 00"}, 0, 0},
		{`["pyodide_hud_sync",{"hud_text":"Score: 0 - 0 | Time left: 00"}]`, &HUDSync{"Score: 0 - 0 | Time left: 00"}, 0, 0},
		{`["pyodide_host_changed",{"new_host_id":"agent_left"}]`, &HostChanged{left}, 57, 66},
	}
}

// onTheLine is a message's size with the WebSocket header and mask.
func onTheLine(n int, from Direction) int {
	switch {
	case n > 65535:
		n += 10
	case n > 125:
		n += 4
	default:
		n += 2
	}
	if from == FromClient {
		n += 4
	}
	return n
}

func TestEvents(t *testing.T) {
	seen := map[string]bool{}
	for _, e := range events(t) {
		seen[e.p.Name()] = true
		role := ServerRole
		if e.p.Direction() == FromClient {
			role = ClientRole
		}
		for _, parser := range []Parser{JSON, Msgpack} {
			t.Run(e.p.Name()+"/"+parser.String(), func(t *testing.T) {
				got, atts, err := Encoder{parser, role}.AppendEvent([]byte("before"), e.p)
				if err != nil {
					t.Fatal(err)
				}
				got = got[len("before"):]
				want, size := "42"+e.wire, e.json
				if len(atts) > 0 {
					want = "451-" + e.wire
				}
				if parser == Msgpack {
					size = e.msg
				} else if string(got) != want {
					t.Fatalf("encoded %s, want %s", got, want)
				}
				if n := onTheLine(len(got), e.p.Direction()); size != 0 && n != size {
					t.Errorf("%d bytes on the line, captured were %d", n, size)
				}
				p := decodeWhole(t, parser, got, atts)
				out, err := DecodeEvent(p, e.p.Direction())
				if err != nil {
					t.Fatal(err)
				}
				again, _, err := Encoder{parser, role}.AppendEvent(nil, out)
				if err != nil || !bytes.Equal(again, got) {
					t.Fatalf("decoded and encoded: %q, %v; want %q", again, err, got)
				}
				// The generic way writes the same bytes.
				if generic, _, err := (Encoder{parser, role}).Append(nil, p); err != nil || !bytes.Equal(generic, got) {
					t.Fatalf("as a packet: %q, %v", generic, err)
				}
			})
		}
	}
	for name := range eventNames {
		if !seen[name] {
			t.Errorf("%s is not tested", name)
		}
	}
}

func decodeWhole(t testing.TB, parser Parser, message []byte, atts [][]byte) *Packet {
	t.Helper()
	d := NewDecoder(parser)
	var (
		p   *Packet
		err error
	)
	if parser == Msgpack {
		p, err = d.Binary(message)
	} else {
		p, err = d.Text(message[1:])
	}
	for _, a := range atts {
		p, err = d.Binary(a)
	}
	if err != nil || p == nil {
		t.Fatalf("decoded %v, %v", p, err)
	}
	return p
}

// An event that the other side sends, or nobody, is unexpected; not an error of form.
func TestEventDirection(t *testing.T) {
	for _, text := range []string{`2["pyodide_hud_sync",{"hud_text":"x"}]`, `2["nobody",1]`, `2["nobody"]`} {
		p, err := NewDecoder(JSON).Text([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := DecodeEvent(p, FromClient); !errors.Is(err, ErrUnexpected) {
			t.Errorf("%s: %v", text, err)
		}
	}
}

// What the original tolerates or pages leave out.
func TestEventTolerance(t *testing.T) {
	for _, c := range []struct {
		text string
		want Payload
	}{
		{`["leave_game",{}]`, &LeaveGame{}},
		{`["leave_game"]`, &LeaveGame{}},
		{`["join_game",{"session_id":null,"more":1}]`, &JoinGame{}},
		{`["end_game",{}]`, &EndGame{}},
		{`["ping",{"ping_ms":null,"document_in_focus":true}]`, &Ping{InFocus: true}},
		{`["ping"]`, &Ping{}},
		{`["ping",{"ping_ms":12}]`, &Ping{PingMS: Number{12, true}}},
		{`["ping",{"ping_ms":"soon","document_in_focus":1}]`, &Ping{}},
		{`["end_game_request_redirect"]`, &EndGameRequestRedirect{}},
		{`["end_game_request_redirect",{"waitroom_timeout":null}]`, &EndGameRequestRedirect{}},
		{`["pyodide_player_action",{"game_id":"g","player_id":1,"frame_number":3.0,"timestamp":1.5}]`,
			&PlayerAction{GameID: "g", PlayerID: IntPID(1), Frame: 3, Timestamp: 1.5}},
		{`["pyodide_player_action",{"game_id":"g","player_id":1}]`,
			&PlayerAction{GameID: "g", PlayerID: IntPID(1), Odd: Odd{Is: true}}},
		{`["pyodide_player_action",{"game_id":"g","player_id":1,"frame_number":1,"timestamp":1e999}]`,
			&PlayerAction{GameID: "g", PlayerID: IntPID(1), Frame: 1}},
		{`["pyodide_verify_state",{"frame_number":1,"frame_number":2}]`, &VerifyState{2}},
	} {
		p, err := NewDecoder(JSON).Text([]byte("2" + c.text))
		if err != nil {
			t.Fatal(err)
		}
		got, err := DecodeEvent(p, c.want.Direction())
		if err != nil || !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %+v, %v", c.text, got, err)
		}
	}
}

func TestEventRefusals(t *testing.T) {
	long := func(n int) string { return strings.Repeat("x", n+1) }
	for _, c := range []struct{ text, words string }{
		{`["register_subject",{"subject_id":""}]`, "register_subject: subject_id is empty"},
		{`["register_subject",{"subject_id":7}]`, "register_subject: subject_id must be a string, not a int"},
		{`["register_subject",{}]`, "register_subject: subject_id is missing"},
		{`["register_subject",[]]`, "register_subject: the payload must be a map, not a array"},
		{`["register_subject"]`, "register_subject: subject_id is missing"},
		{`["register_subject",{"subject_id":"` + long(MaxIdentifier) + `"}]`, "register_subject: subject_id has 257 bytes, 256 are allowed"},
		{`["pyodide_hud_update",{"hud_text":"x"}]`, "pyodide_hud_update: game_id is missing"},
		{`["pyodide_hud_update",{"game_id":"g","hud_text":"` + long(MaxWords) + `"}]`, "pyodide_hud_update: hud_text has 4097 bytes, 4096 are allowed"},
		{`["pyodide_player_action",{"game_id":"g","player_id":true,"frame_number":1,"timestamp":1}]`,
			"pyodide_player_action: player_id must be a string or a whole number, not a bool"},
		{`["pyodide_request_resync",{"game_id":"g","player_id":"p","frame_number":-1,"reason":"x"}]`,
			"pyodide_request_resync: frame_number is -1, allowed is 0 to 9007199254740992"},
		{`["pyodide_request_resync",{"game_id":"g","player_id":"p","frame_number":1.5,"reason":"x"}]`,
			"pyodide_request_resync: frame_number must be a whole number within 64 bits, not a float"},
		{`["pyodide_player_action",{"game_id":"g","player_id":"p","frame_number":"` + long(MaxAction) + `"}]`,
			"pyodide_player_action: frame_number has 4099 bytes, 4096 are allowed"},
		{`["pyodide_player_action",{"game_id":"g","player_id":"p","action":"` + long(MaxAction) + `","frame_number":1,"timestamp":1}]`,
			"pyodide_player_action: action has 4099 bytes, 4096 are allowed"},
		{`["pyodide_state_hash",{"game_id":"g","player_id":"p","hash":"abc","frame_number":1}]`,
			"pyodide_state_hash: hash must have 64 hexadecimal digits"},
		{`["pyodide_state_hash",{"game_id":"g","player_id":"p","hash":"` + strings.Repeat("g", 64) + `","frame_number":1}]`,
			"pyodide_state_hash: hash must have 64 hexadecimal digits"},
		{`["pyodide_send_full_state",{"game_id":"g","state":[1]}]`, "pyodide_send_full_state: state must be a map, not a array"},
		{`["emit_remote_game_data",{"data":"text","scene_id":"s"}]`, "emit_remote_game_data: data must be binary, not a string"},
		{`["pyodide_request_resync",{"game_id":"g","player_id":"p","frame_number":1,"reason":"` + long(MaxReason) + `"}]`,
			"pyodide_request_resync: reason has 129 bytes, 128 are allowed"},
		{`["static_scene_data_emission",{"scene_id":"s"}]`, "static_scene_data_emission: data is missing"},
		{`["register_subject",{` + strings.Repeat(`"k":0,`, maxEntries) + `"k":0}]`, "register_subject: more than 256 fields"},
	} {
		p, err := NewDecoder(JSON).Text([]byte("2" + c.text))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := DecodeEvent(p, FromClient); err == nil || err.Error() != c.words {
			t.Errorf("%.80s: %+v, %v; want %s", c.text, got, err, c.words)
		}
	}
	for _, p := range []Payload{&RegisterSubject{}, &RegisterSubject{long(MaxIdentifier)}, &HostChanged{},
		&HUDSync{long(MaxWords)}, &VerifyState{-1}, &ApplyFullState{}, &StateHash{"g", IntPID(1), "x", 1}} {
		if b, _, err := (Encoder{}).AppendEvent(nil, p); err == nil {
			t.Errorf("%+v was encoded: %s", p, b)
		}
	}
}

// Actions and their frame numbers pass through whatever they are; what is missing becomes null.
func TestActionsPassThrough(t *testing.T) {
	for _, c := range []struct{ in, out string }{
		{`"action":3,"frame_number":7`, `"action":3,"frame_number":7`},
		{`"action":7.5,"frame_number":7.5`, `"action":7.5,"frame_number":7.5`},
		{`"action":{"a":[1,null]},"frame_number":{"n":-1}`, `"action":{"a":[1,null]},"frame_number":{"n":-1}`},
		{`"action":"x","frame_number":"7"`, `"action":"x","frame_number":"7"`},
		{`"action":-0.25e-7,"frame_number":-1`, `"action":-0.25e-7,"frame_number":-1`},
		{`"action":1,"frame_number":18446744073709551616`, `"action":1,"frame_number":18446744073709551616`},
		{`"x":0`, `"action":null,"frame_number":null`},
	} {
		p, err := NewDecoder(JSON).Text([]byte(`2["pyodide_player_action",{"game_id":"g","player_id":"p",` + c.in + `}]`))
		if err != nil {
			t.Fatal(err)
		}
		got := PlayerAction{Frame: 99, Odd: Odd{true, IntValue(5)}} // of the action before
		if err := Decode(p, &got); err != nil {
			t.Errorf("%s: %v", c.in, err)
			continue
		}
		want := `42["pyodide_other_player_action",{"player_id":"p",` + c.out + `,"timestamp":1.5}]`
		b, _, err := Encoder{}.AppendEvent(nil, &OtherPlayerAction{got.PlayerID, got.Action, got.Frame, got.Odd, 1.5})
		if err != nil || string(b) != want {
			t.Errorf("%s becomes %s, %v", c.in, b, err)
		}
	}
}

func TestSceneKeepsItsOwnFields(t *testing.T) {
	s := scene(t)
	if fps, ok := s.Get("fps"); !ok || fps.String() != "30" {
		t.Error(fps, ok)
	}
	if _, ok := s.Get("scene_id"); ok {
		t.Error("scene_id is no extra field")
	}
	for i := range 60 { // more fields than msgpack's short form has room for
		s.Extra = append(s.Extra, Field{"k" + strings.Repeat("x", i), IntValue(int64(i))})
	}
	for _, parser := range []Parser{JSON, Msgpack} {
		b, atts, err := Encoder{Parser: parser}.AppendEvent(nil, &StartGame{s, "g"})
		if err != nil {
			t.Fatal(err)
		}
		var got StartGame
		if err := Decode(decodeWhole(t, parser, b, atts), &got); err != nil || len(got.Scene.Extra) != 62 || got.GameID != "g" {
			t.Fatalf("%v: %d fields, %v", parser, len(got.Scene.Extra), err)
		}
		for i, f := range got.Scene.Extra[2:] {
			if n, _ := f.Value.Int(); n != int64(i) {
				t.Fatalf("%v: field %d is %s", parser, i, f.Value)
			}
		}
	}
}

func TestPIDKeepsItsKind(t *testing.T) {
	if StringPID("0") == IntPID(0) || StringPID("0").String() != IntPID(0).String() {
		t.Error("a string and a number with the same digits must differ, but for maps' keys")
	}
	if n, ok := IntPID(3).Int(); n != 3 || !ok {
		t.Error(n, ok)
	}
	if _, ok := StringPID("3").Int(); ok {
		t.Error("a string is no number")
	}
}

// A map that an event carries along and that looks like a placeholder must not become one.
func TestPlaceholderInTextIsRefused(t *testing.T) {
	v := mustJSON(t, `{"_placeholder":true,"num":0}`)
	p := Packet{Type: Event, Name: "a", Args: []Value{v, BytesValue([]byte("b"))}}
	if b, _, err := (Encoder{}).Append(nil, &p); !errors.Is(err, ErrMalformed) {
		t.Errorf("encoded %s, %v", b, err)
	}
	if _, _, err := (Encoder{Parser: Msgpack}).Append(nil, &p); err != nil {
		t.Errorf("msgpack has no placeholders: %v", err)
	}
}
