package peer

import (
	"bytes"
	"reflect"
	"strings"
	"testing"

	"tandem/netcode/original/wire"
)

// What peers of ours say beside an action comes over as it was, in both parsers, and a bare action is bare.
func TestBeside(t *testing.T) {
	full := Beside{Actions: [16]uint8{3, 4}, N: 2, HasHash: true, Hash: 1<<63 | 5, HashFrame: 120, Mark: 2, HasLead: true, Lead: -15, LeadSeat: 1, RTT: 40,
		HasClosed: true, Term: 3, Below: 12, Closed: [64]uint8{1, 127 | StandIn, 126}, ClosedN: 3, Often: true, Full: true}
	for _, c := range []struct {
		b    Beside
		want string
	}{
		{Beside{}, `42["pyodide_player_action",{"game_id":"g","player_id":"agent_left","action":3,"frame_number":7,"timestamp":1234}]`},
		{Beside{Actions: [16]uint8{3, 4}, N: 2, LeadSeat: -1},
			`42["pyodide_player_action",{"game_id":"g","player_id":"agent_left","action":{"a":[3,4]},"frame_number":7,"timestamp":1234}]`},
		{Beside{Actions: [16]uint8{3, 4}, N: 2, HasHash: true, Hash: 1<<32 | 2, HashFrame: 120, Mark: 2, HasLead: true, Lead: -15, LeadSeat: -1, RTT: 40, Often: true},
			`42["pyodide_player_action",{"game_id":"g","player_id":"agent_left","action":{"a":[3,4],"h":[1,2],"n":120,"e":2,"d":-15,"r":40,"o":1},"frame_number":7,"timestamp":1234}]`},
		{Beside{Actions: [16]uint8{3}, N: 1, HasLead: true, LeadSeat: 2, HasClosed: true, Below: 128, Closed: [64]uint8{2, 3 | StandIn, 0, StandIn}, ClosedN: 4},
			`42["pyodide_player_action",{"game_id":"g","player_id":"agent_left","action":{"a":[3],"d":0,"r":0,"w":2,"c":128,"v":[2,-4,0,-1]},"frame_number":7,"timestamp":1234}]`},
		{full, `42["pyodide_player_action",{"game_id":"g","player_id":"agent_left","action":{"a":[3,4],"h":[2147483648,5],"n":120,"e":2,"d":-15,"r":40,"w":1,"o":1,"f":1,"c":12,"t":3,"v":[1,-128,126]},"frame_number":7,"timestamp":1234}]`},
	} {
		for _, parser := range []wire.Parser{wire.JSON, wire.Msgpack} {
			codec := newCodec(parser)
			a := &codec.action
			a.GameID, a.PlayerID, a.Frame, a.Timestamp = "g", wire.StringPID("agent_left"), 7, 1234
			var err error
			if a.Action, err = codec.value(3, &c.b); err != nil {
				t.Fatal(err)
			}
			frame, err := codec.append([]byte("before"), a)
			if frame = frame[len("before"):]; err != nil || parser == wire.JSON && string(frame) != c.want {
				t.Errorf("%v: %q, %v; want %q", parser, frame, err, c.want)
			}
			other, _, err := wire.Encoder{Parser: parser}.AppendEvent(nil, &wire.OtherPlayerAction{PlayerID: a.PlayerID, Action: a.Action, Frame: 7})
			if err != nil {
				t.Fatal(err)
			}
			_, e, err := codec.decode(other)
			got, ok := e.(*wire.OtherPlayerAction)
			switch {
			case err != nil || !ok:
				t.Errorf("%v: %+v, %v", parser, e, err)
			case c.b.N == 0 && number(got.Action) != 3:
				t.Errorf("%v: the action 3 is %d", parser, number(got.Action))
			case c.b.N > 0 && (number(got.Action) != noAction || !reflect.DeepEqual(readBeside(got.Action), c.b)):
				t.Errorf("%v:\n got %+v\nwant %+v", parser, readBeside(got.Action), c.b)
			}
		}
	}
	for text, want := range map[string]int{`127`: 127, `128`: noAction, `-1`: noAction, `1.5`: noAction, `"up"`: noAction, `null`: noAction, `[1]`: noAction} {
		v, err := wire.JSONValue([]byte(text))
		if err != nil || number(v) != want {
			t.Errorf("the action %s is %d, want %d (%v)", text, number(v), want, err)
		}
	}
}

// Binary data stand behind the packet that they belong to.
func TestAppendAttachments(t *testing.T) {
	got, err := newCodec(wire.JSON).append(nil, &wire.EmitRemoteGameData{Data: []byte{1, 0, 2}, SceneID: "s", SessionID: "run"})
	if head, data, _ := bytes.Cut(got, []byte{0}); err != nil || !bytes.HasPrefix(head, []byte("451-")) || !bytes.Equal(data, []byte{0, 0, 0, 3, 1, 0, 2}) {
		t.Errorf("%q, %v", got, err)
	}
}

// What a scene says to a player; what it leaves out has the original's default.
func TestReadScene(t *testing.T) {
	bare := Scene{ID: "s", Type: "StartScene", Threshold: 50, FPS: 30, Episodes: 1, FrameSkip: 1, SyncEvery: 300}
	if got := readScene(&wire.Scene{ID: "s", Type: "StartScene"}); !reflect.DeepEqual(*got, bare) {
		t.Errorf("%+v, want %+v", *got, bare)
	}
	game := Scene{ID: "s", Type: "GymScene", Game: true, Multiplayer: true, Threshold: 50, FPS: 25, Episodes: 5, FrameSkip: 1, MaxSteps: 3000, Default: 1,
		Population: "default_action", Code: "x", Seats: []SceneSeat{{Key: "0", Human: true}, {Key: "1"}}}
	got := readScene(&wire.Scene{ID: "s", Type: "GymScene", Extra: []wire.Field{
		{Key: "pyodide_multiplayer", Value: wire.BoolValue(true)},
		{Key: "policy_mapping", Value: wire.MapValue(wire.Field{Key: "0", Value: wire.StringValue("human")}, wire.Field{Key: "1", Value: wire.StringValue("model.onnx")})},
		{Key: "state_sync_frequency_frames", Value: wire.NullValue()}, {Key: "max_steps", Value: wire.IntValue(3000)},
		{Key: "num_episodes", Value: wire.IntValue(5)}, {Key: "queue_resync_threshold", Value: wire.IntValue(-7)},
		{Key: "default_action", Value: wire.IntValue(1)}, {Key: "action_population_method", Value: wire.StringValue("default_action")},
		{Key: "environment_initialization_code", Value: wire.StringValue("x")}, {Key: "fps", Value: wire.IntValue(25)},
	}})
	if !reflect.DeepEqual(*got, game) {
		t.Errorf("%+v, want %+v", *got, game)
	}
}

// Only a state of ours has a mark.
func TestMarkOf(t *testing.T) {
	for text, want := range map[string]int64{`{"x":0.1}`: -1, `{"tandem":{"mark":7}}`: 7, `{"tandem":{"mark":-7}}`: -1, `{"tandem":7}`: -1} {
		if v, err := wire.JSONValue([]byte(text)); err != nil || markOf(v) != want {
			t.Errorf("%s: %d, want %d (%v)", text, markOf(v), want, err)
		}
	}
}

// An event of a later version, or one that only clients send, has a name and nothing else.
func TestDecodeStrangers(t *testing.T) {
	for _, frame := range []string{`42["from_the_future",{}]`, `42["join_game",{"session_id":"x"}]`} {
		if name, e, err := newCodec(wire.JSON).decode([]byte(frame)); name == "" || e != nil || err != nil {
			t.Errorf("%s: %q, %+v, %v", frame, name, e, err)
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
		codec := newCodec(wire.JSON)
		_, e, err := codec.decode(frame)
		if a, ok := e.(*wire.OtherPlayerAction); ok && err == nil {
			if b := readBeside(a.Action); b.N > MaxBeside || b.ClosedN > MaxClosed {
				t.Errorf("%d actions, %d closed", b.N, b.ClosedN)
			}
		}
		_, _, _ = newCodec(wire.Msgpack).decode(frame) // it need not be anything, but must not panic
		if _, e, err := codec.decode(good); err != nil || e.Name() != "pyodide_hud_sync" {
			t.Errorf("after %q a good message is %+v, %v", frame, e, err)
		}
	})
}
