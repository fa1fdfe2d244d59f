package wire

import (
	"bytes"
	"reflect"
	"strings"
	"testing"
)

const stockAction = `42["pyodide_player_action",{"game_id":"0b9f57e7-2f2a-4a41-95f8-d9f5a6a0d1b2","player_id":"agent_left","action":3,"frame_number":1234,"timestamp":1764017510123}]`

// slowly reads a message without the short way.
func slowly(m []byte) (e PlayerAction, err error) {
	p, err := NewDecoder(JSON).Text(m[1:])
	if err == nil {
		err = Decode(p, &e)
	}
	return e, err
}

// sameAction compares the short way with the long one, in and out, and tells whether it was taken.
func sameAction(t *testing.T, m []byte) bool {
	t.Helper()
	got := PlayerAction{GameID: "former", PlayerID: IntPID(3), Action: StringValue("former"), Frame: 9, Odd: Odd{true, StringValue("former")}, Timestamp: 9}
	if !QuickAction(m, &got) {
		return false
	}
	want, err := slowly(m)
	if err != nil {
		t.Fatalf("%q: %v, but the short way takes it", m, err)
	}
	if !reflect.DeepEqual(got, want) {
		t.Fatalf("%q: %+v, want %+v", m, got, want)
	}
	return true
}

// sameOther writes an event both ways and tells whether the short one was taken.
func sameOther(t *testing.T, e *OtherPlayerAction) bool {
	t.Helper()
	got, ok := appendQuick([]byte("before"), e)
	if !ok {
		if string(got) != "before" {
			t.Fatalf("%+v: refused, but wrote %q", e, got)
		}
		return false
	}
	enc := Encoder{Parser: JSON, Role: ServerRole}
	want, atts, err := enc.appendEvent([]byte("before"), e)
	if err != nil || len(atts) > 0 || !bytes.Equal(got, want) {
		t.Fatalf("%+v: %q, want %q, %d attachments, %v", e, got, want, len(atts), err)
	}
	return true
}

func TestQuickAction(t *testing.T) {
	if !sameAction(t, []byte(stockAction)) {
		t.Error("a stock page's message goes the long way")
	}
	for _, change := range [][2]string{
		{`agent_left`, strings.Repeat("a", MaxPID)},
		{`0b9f57e7-2f2a-4a41-95f8-d9f5a6a0d1b2`, strings.Repeat("b", MaxIdentifier)},
		{`:3,`, `:0,`}, {`:1234,`, `:0,`}, {`:3,`, `:123456789012345,`}, {`:1234,`, `:999999999999999,`},
	} {
		if m := strings.Replace(stockAction, change[0], change[1], 1); !sameAction(t, []byte(m)) {
			t.Errorf("%q goes the long way", m)
		}
	}
	for _, change := range [][2]string{
		{`agent_left`, ``}, {`agent_left`, strings.Repeat("a", MaxPID+1)}, {`agent_left`, `a\u0041`}, {`agent_left`, "\xff"}, {`agent_left`, `ä`},
		{`"agent_left"`, `0`}, {`0b9f57e7-2f2a-4a41-95f8-d9f5a6a0d1b2`, ``}, {`0b9f57e7-2f2a-4a41-95f8-d9f5a6a0d1b2`, strings.Repeat("b", MaxIdentifier+1)},
		{`:3,`, `:03,`}, {`:3,`, `:-3,`}, {`:3,`, `:3.0,`}, {`:3,`, `:3e1,`}, {`:3,`, `:null,`}, {`:3,`, `:,`}, {`:3,`, `:1234567890123456,`}, {`:3,`, `: 3,`},
		{`123}]`, `123.5}]`}, {`}]`, `}`}, {`}]`, `}] `}, {`}]`, `},1]`}, {`}]`, `,"more":1}]`}, {`42[`, `421[`}, {`42[`, `42/a,[`}, {`42[`, `43[`},
		{`"frame_number":1234,`, ``}, {`"game_id"`, `"game"`}, {`player_action`, `other_player_action`}, {stockAction, ``}, {stockAction, `42["pyodide_player_action",`},
	} {
		m := strings.Replace(stockAction, change[0], change[1], 1)
		if m == stockAction {
			t.Fatalf("%q is not in the message", change[0])
		}
		if sameAction(t, []byte(m)) {
			t.Errorf("%q goes the short way", m)
		}
	}
	for n := range stockAction { // every message that breaks off
		if sameAction(t, []byte(stockAction[:n])) {
			t.Errorf("%q goes the short way", stockAction[:n])
		}
	}
}

func TestQuickOther(t *testing.T) {
	three := Value{raw: []byte("3"), form: formJSON}
	usual := OtherPlayerAction{PlayerID: StringPID("agent_left"), Action: three, Frame: 1234, Timestamp: 1764017510.123456}
	if !sameOther(t, &usual) {
		t.Error("the usual event goes the long way")
	}
	for name, change := range map[string]func(e *OtherPlayerAction){
		"a number as id": func(e *OtherPlayerAction) { e.PlayerID = IntPID(0) }, "no id": func(e *OtherPlayerAction) { e.PlayerID = PID{} },
		"a quote":         func(e *OtherPlayerAction) { e.PlayerID = StringPID(`a"`) },
		"msgpack":         func(e *OtherPlayerAction) { e.Action = IntValue(3) },
		"no action":       func(e *OtherPlayerAction) { e.Action = Value{} },
		"an odd frame":    func(e *OtherPlayerAction) { e.Frame, e.Odd = 0, Odd{true, three} },
		"a list":          func(e *OtherPlayerAction) { e.Action = Value{raw: []byte("[3]"), form: formJSON} },
		"negative frames": func(e *OtherPlayerAction) { e.Frame = -1 }, "frames beyond": func(e *OtherPlayerAction) { e.Frame = 1<<53 + 1 },
		"negative time": func(e *OtherPlayerAction) { e.Timestamp = -1 }, "time beyond": func(e *OtherPlayerAction) { e.Timestamp = 1 << 53 },
	} {
		e := usual
		change(&e)
		if sameOther(t, &e) {
			t.Errorf("%s: goes the short way", name)
		}
	}
}

// FuzzQuick lets the short way and the long one read the same bytes, and write the same event.
func FuzzQuick(f *testing.F) {
	f.Add([]byte(stockAction), "agent_right", []byte("3"), int64(7), 1764017510.5)
	f.Add([]byte(strings.Replace(stockAction, "3", "4", 1)), "a", []byte("12"), int64(0), 1.0)
	f.Fuzz(func(t *testing.T, m []byte, id string, action []byte, frame int64, stamp float64) {
		sameAction(t, m)
		if v := (Value{raw: action, form: formJSON}); checkJSON(action) == nil { // a Value is never made of anything else
			sameOther(t, &OtherPlayerAction{PlayerID: StringPID(id), Action: v, Frame: frame, Timestamp: stamp})
		}
	})
}

func BenchmarkQuick(b *testing.B) {
	m := []byte(stockAction)
	enc := Encoder{Parser: JSON, Role: ServerRole}
	var e PlayerAction
	var out OtherPlayerAction
	var dst []byte
	for b.Loop() {
		if !QuickAction(m, &e) {
			b.Fatal("the long way")
		}
		out = OtherPlayerAction{PlayerID: e.PlayerID, Action: e.Action, Frame: e.Frame, Timestamp: 1764017510.123456}
		dst, _, _ = enc.AppendEvent(dst[:0], &out)
	}
	b.ReportAllocs()
}
