//go:build !js

package peer

import (
	"bytes"
	"reflect"
	"strings"
	"testing"

	"tandem/netcode/original/wire"
)

var p1 = PlayerID{Text: "agent_left"}

// What a peer says, as it is on the wire.
func TestAppend(t *testing.T) {
	for _, c := range []struct {
		m    Message
		want string
	}{
		{Message{Kind: KindRegister, Text: "me"}, `42["register_subject",{"subject_id":"me"}]`},
		{Message{Kind: KindAdvance, Text: "run"}, `42["advance_scene",{"session_id":"run"}]`},
		{Message{Kind: KindJoin, Text: "run"}, `42["join_game",{"session_id":"run"}]`},
		{Message{Kind: KindLeave, Text: "run"}, `42["leave_game",{"session_id":"run"}]`},
		{Message{Kind: KindPing, Number: -1, Focus: true}, `42["ping",{"document_in_focus":true}]`},
		{Message{Kind: KindPing, Number: 41.5}, `42["ping",{"ping_ms":41.5,"document_in_focus":false}]`},
		{Message{Kind: KindAction, Game: "g", Player: p1, Frame: 7, Action: 3, Number: 1234},
			`42["pyodide_player_action",{"game_id":"g","player_id":"agent_left","action":3,"frame_number":7,"timestamp":1234}]`},
		{Message{Kind: KindAction, Game: "g", Player: PlayerID{Num: 1, Int: true}, Frame: 7, Number: 1,
			Beside: Beside{Actions: [16]uint8{3, 4}, N: 2, HasHash: true, Hash: 1<<32 | 2, HashFrame: 120, Mark: 2, HasLead: true, Lead: -15, LeadSeat: -1, RTT: 40, Often: true}},
			`42["pyodide_player_action",{"game_id":"g","player_id":1,"action":{"a":[3,4],"h":[1,2],"n":120,"e":2,"d":-15,"r":40,"o":1},"frame_number":7,"timestamp":1}]`},
		{Message{Kind: KindAction, Game: "g", Player: p1, Frame: 130, Action: 3, Number: 1,
			Beside: Beside{Actions: [16]uint8{3}, N: 1, HasLead: true, LeadSeat: 2, HasClosed: true, Below: 128, Closed: [64]uint8{2, 3 | StandIn, 0, StandIn}, ClosedN: 4}},
			`42["pyodide_player_action",{"game_id":"g","player_id":"agent_left","action":{"a":[3],"d":0,"r":0,"w":2,"c":128,"v":[2,-4,0,-1]},"frame_number":130,"timestamp":1}]`},
		// The hash of frame 20 and step 20 is the one that the specification names.
		{Message{Kind: KindHash, Game: "g", Player: p1, Frame: 20, Step: 20},
			`42["pyodide_state_hash",{"game_id":"g","player_id":"agent_left","hash":"31853df28bd525e0318315e02375619c22df7f516aec7be160b3fddd911b6830","frame_number":20}]`},
		{Message{Kind: KindResync, Game: "g", Player: p1, Frame: 9, Text: "queue_overflow"},
			`42["pyodide_request_resync",{"game_id":"g","player_id":"agent_left","frame_number":9,"reason":"queue_overflow"}]`},
		{Message{Kind: KindSendState, Game: "g", State: []byte(`{"frame_number":9,"env_state":{"ball_x":0.1}}`)},
			`42["pyodide_send_full_state",{"game_id":"g","state":{"frame_number":9,"env_state":{"ball_x":0.1}}}]`},
		{Message{Kind: KindHUDUpdate, Game: "g", Text: "Score"}, `42["pyodide_hud_update",{"game_id":"g","hud_text":"Score"}]`},
		{Message{Kind: KindUpload, Data: []byte{1, 0, 2}, Text: "run", Scene: Scene{ID: "s"}},
			"451-[\"emit_remote_game_data\",{\"data\":{\"_placeholder\":true,\"num\":0},\"scene_id\":\"s\",\"session_id\":\"run\",\"interactiveGymGlobals\":{}}]\x00\x00\x00\x00\x03\x01\x00\x02"},
	} {
		got, err := NewCodec(wire.JSON).Append([]byte("before"), &c.m)
		if err != nil || string(got) != "before"+c.want {
			t.Errorf("%d: %q, %v; want %q", c.m.Kind, got, err, c.want)
		}
		if _, name, _ := strings.Cut(c.want, `["`); !strings.HasPrefix(name, c.m.Name+`"`) {
			t.Errorf("%d is called %q", c.m.Kind, c.m.Name)
		}
		if got, err := NewCodec(wire.Msgpack).Append(nil, &c.m); err != nil || len(got) == 0 {
			t.Errorf("%d: %x, %v", c.m.Kind, got, err)
		}
	}
	for _, m := range []Message{{Kind: KindStart}, {Kind: KindSendState, Game: "g", State: []byte("{")}} {
		if _, err := NewCodec(wire.JSON).Append(nil, &m); err == nil {
			t.Errorf("%d was written", m.Kind)
		}
	}
}

// What a relay says, in both parsers.
func TestDecode(t *testing.T) {
	left := wire.StringPID("agent_left")
	beside := Beside{Actions: [16]uint8{3, 4}, N: 2, HasHash: true, Hash: 1<<63 | 5, HashFrame: 120, Mark: 2, HasLead: true, Lead: -15, LeadSeat: -1, RTT: 40,
		HasClosed: true, Term: 3, Below: 12, Closed: [64]uint8{1, 127 | StandIn, 126}, ClosedN: 3}
	value, err := NewCodec(wire.JSON).besideValue(&beside)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		e    wire.Payload
		want Message
	}{
		{&wire.ServerSessionID{SessionID: "run"}, Message{Kind: KindSession, Text: "run"}},
		{&wire.ActivateScene{Scene: wire.Scene{ID: "s", Type: "StartScene"}}, Message{Kind: KindActivate,
			Scene: Scene{ID: "s", Type: "StartScene", Threshold: 50, FPS: 30, Episodes: 1, FrameSkip: 1, SyncEvery: 300}}},
		{&wire.ActivateScene{Scene: wire.Scene{ID: "s", Type: "GymScene", Extra: []wire.Field{
			{Key: "pyodide_multiplayer", Value: wire.BoolValue(true)},
			{Key: "policy_mapping", Value: wire.MapValue(wire.Field{Key: "0", Value: wire.StringValue("human")}, wire.Field{Key: "1", Value: wire.StringValue("model.onnx")})},
			{Key: "state_sync_frequency_frames", Value: wire.NullValue()}, {Key: "max_steps", Value: wire.IntValue(3000)},
			{Key: "num_episodes", Value: wire.IntValue(5)}, {Key: "queue_resync_threshold", Value: wire.IntValue(-7)},
			{Key: "default_action", Value: wire.IntValue(1)}, {Key: "action_population_method", Value: wire.StringValue("default_action")},
			{Key: "environment_initialization_code", Value: wire.StringValue("x")}, {Key: "fps", Value: wire.IntValue(25)},
		}}}, Message{Kind: KindActivate, Scene: Scene{ID: "s", Type: "GymScene", Game: true, Multiplayer: true,
			Threshold: 50, FPS: 25, Episodes: 5, FrameSkip: 1, MaxSteps: 3000, Default: 1, Population: "default_action", Code: "x",
			Seats: []SceneSeat{{Key: "0", Human: true}, {Key: "1"}}}}},
		{&wire.HostElected{IsHost: true, PlayerID: left, GameID: "g", GameSeed: 1<<32 - 1, NumPlayers: 2},
			Message{Kind: KindElected, IsHost: true, Player: p1, Game: "g", Seed: 1<<32 - 1}},
		{&wire.HostElected{PlayerID: left, GameID: "g", GameSeed: 3, NumPlayers: 2, HostID: wire.IntPID(1)},
			Message{Kind: KindElected, Player: p1, Host: PlayerID{Num: 1, Int: true}, Game: "g", Seed: 3}},
		{&wire.HostElected{IsHost: true, Promoted: true, GameSeed: 3}, Message{Kind: KindHostChanged, IsHost: true}},
		{&wire.GameReady{GameID: "g", Players: []wire.PID{wire.IntPID(1), left}, Subjects: []wire.Subject{{Player: "agent_left", Subject: "a"}, {Player: "1", Subject: "b"}}},
			Message{Kind: KindReady, Game: "g", Players: []Player{{ID: PlayerID{Num: 1, Int: true}, Subject: "b"}, {ID: p1, Subject: "a"}}}},
		{&wire.OtherPlayerAction{PlayerID: left, Action: wire.IntValue(4), Frame: 9, Timestamp: 0.5},
			Message{Kind: KindOtherAction, Player: p1, Action: 4, Frame: 9, Number: 0.5}},
		{&wire.OtherPlayerAction{PlayerID: left, Action: wire.StringValue("up"), Frame: 9, Timestamp: 0.5},
			Message{Kind: KindOtherAction, Player: p1, Action: NoAction, Frame: 9, Number: 0.5}},
		{&wire.OtherPlayerAction{PlayerID: left, Action: value, Frame: 9, Timestamp: 0.5},
			Message{Kind: KindOtherAction, Player: p1, Action: NoAction, Frame: 9, Number: 0.5, Beside: beside}},
		{&wire.WaitingRoom{Players: 1, Needed: 1, RemainingMS: 5}, Message{Kind: KindWaiting, Count: 1, Needed: 1, Number: 5}},
		{&wire.ApplyFullState{State: wire.MapValue(wire.Field{Key: "x", Value: wire.FloatValue(0.1)})}, Message{Kind: KindApply, State: []byte(`{"x":0.1}`), Mark: -1}},
		{&wire.ApplyFullState{State: wire.MapValue(wire.Field{Key: "tandem", Value: wire.MapValue(wire.Field{Key: "mark", Value: wire.IntValue(7)})})},
			Message{Kind: KindApply, State: []byte(`{"tandem":{"mark":7}}`), Mark: 7}},
		{&wire.HostChanged{NewHostID: left}, Message{Kind: KindHostChanged, Host: p1}},
		{&wire.VerifyState{Frame: 5}, Message{Kind: KindVerify, Frame: 5}},
		{&wire.EndGame{Message: "bye"}, Message{Kind: KindEnd, Text: "bye"}},
		{&wire.HUDSync{Text: "x"}, Message{Kind: KindHUD, Text: "x"}},
		{&wire.RequestFullState{Frame: 5}, Message{Kind: KindStateAsked, Frame: 5}},
		{&wire.Pong{MinMeasurements: 5}, Message{Kind: KindPong}},
	} {
		c.want.Name = c.e.Name()
		for _, parser := range []wire.Parser{wire.JSON, wire.Msgpack} {
			frame, _, err := wire.Encoder{Parser: parser}.AppendEvent(nil, c.e)
			if err != nil {
				t.Fatal(err)
			}
			var got Message
			codec := NewCodec(parser)
			// A message leaves nothing behind for the next.
			if b, _, err := (wire.Encoder{Parser: parser}).AppendEvent(nil, &wire.ApplyFullState{State: wire.MapValue()}); err != nil || codec.Decode(b, &got) != nil {
				t.Fatal("the message before cannot be read")
			}
			if err := codec.Decode(frame, &got); err != nil {
				t.Errorf("%v, %s: %v", parser, c.e.Name(), err)
				continue
			}
			if len(got.Players) == 0 {
				got.Players = nil
			}
			if len(got.State) == 0 {
				got.State = nil
			}
			if !reflect.DeepEqual(got, c.want) {
				t.Errorf("%v, %s:\n got %+v\nwant %+v", parser, c.e.Name(), got, c.want)
			}
		}
	}
}

// What is no word of a host's about closed frames is not taken for one, and the actions count all the
// same.
func TestDecodeClosed(t *testing.T) {
	for _, c := range []struct {
		beside string
		closed bool
	}{
		{`{"a":[1],"c":5,"v":[1,-1]}`, true},
		{`{"a":[1],"c":5}`, true},
		{`{"a":[1],"v":[1]}`, false},
		{`{"a":[1],"c":"5","v":[1]}`, false},
		{`{"a":[1],"c":5.5,"v":[1]}`, false},
		{`{"a":[1],"c":5,"v":[128]}`, false},
		{`{"a":[1],"c":5,"v":[-129]}`, false},
		{`{"a":[1],"c":5,"v":[1,null]}`, false},
		{`{"a":[1],"c":5,"v":[0` + strings.Repeat(",0", MaxClosed) + `]}`, false},
	} {
		v, err := wire.JSONValue([]byte(c.beside))
		if err != nil {
			t.Fatal(err)
		}
		if b := readBeside(v); b.N != 1 || b.HasClosed != c.closed || !c.closed && b.ClosedN != 0 {
			t.Errorf("%s: %+v", c.beside, b)
		}
	}
}

// FuzzDecode: whatever arrives, the answer is a message or an error, and the codec goes on.
func FuzzDecode(f *testing.F) {
	for _, s := range []string{`42["pyodide_other_player_action",{"player_id":"a","action":{"a":[1],"c":7,"v":[1,-1]},"frame_number":5,"timestamp":1}]`,
		`42["pyodide_other_player_action",{"player_id":"a","action":{"a":[1],"h":[1,2],"n":3,"e":0,"d":1},"frame_number":5,"timestamp":1}]`,
		`451-["x",{"_placeholder":true,"num":0}]`, `42["activate_scene",{"scene_id":"x","scene_type":"GymScene","status":1,"should_export_metadata":false,"policy_mapping":{"a":"human"}}]`,
		`42["pyodide_apply_full_state",{"state":{"a":1}}]`} {
		f.Add([]byte(s))
	}
	good, _, err := wire.Encoder{}.AppendEvent(nil, &wire.HUDSync{Text: "x"})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, frame []byte) {
		codec := NewCodec(wire.JSON)
		var m Message
		if err := codec.Decode(frame, &m); err == nil && (m.Beside.N > MaxBeside || m.Beside.ClosedN > MaxClosed) {
			t.Errorf("%d actions, %d closed", m.Beside.N, m.Beside.ClosedN)
		}
		_ = NewCodec(wire.Msgpack).Decode(frame, &m)
		if err := codec.Decode(good, &m); err != nil || m.Kind != KindHUD {
			t.Errorf("after %q a good message is %+v, %v", frame, m, err)
		}
	})
}

// The frames of a Conn are cut into the messages that a Socket sends.
func TestSplit(t *testing.T) {
	c := &conn{json: true}
	for frame, want := range map[string][]string{
		`42["x"]`:                            {`42["x"]`},
		"451-[]\x00\x00\x00\x00\x02\x00\x07": {"451-[]", "\x00\x07"},
		"452-[]\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01a": {"452-[]", "", "a"},
	} {
		m, atts, err := c.split([]byte(frame))
		got := append([][]byte{m}, atts...)
		if err != nil || len(got) != len(want) {
			t.Fatalf("%q: %q, %v", frame, got, err)
		}
		for i := range got {
			if !bytes.Equal(got[i], []byte(want[i])) {
				t.Errorf("%q: part %d is %q", frame, i, got[i])
			}
		}
	}
	for _, frame := range []string{"451-[]\x00", "451-[]\x00\x00\x00\x00\x05a", "451-[]\x00\xff\xff\xff\xffa", "451-[]\x00\x00\x00\x00\x01ab"} {
		if _, _, err := c.split([]byte(frame)); err == nil {
			t.Errorf("%q was cut", frame)
		}
	}
}
