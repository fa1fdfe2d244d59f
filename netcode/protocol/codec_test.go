package protocol

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"reflect"
	"runtime"
	"strings"
	"testing"

	"github.com/vmihailenco/msgpack/v5"
)

// sample is one message with its bytes, spelled out so that a change on the wire shows in a diff.
type sample struct {
	name string
	typ  Type
	hex  string
	enc  []byte
	got  func(*Decoder) any
	want any
}

func samples() []sample {
	action := Action{Epoch: 1, Frame: 900, Action: 4}
	batch := ActionBatch{Epoch: 1, Frame: 901, Actions: []byte{5, 5, 0}}
	bundle := Bundle{Epoch: 1, Frame: 900, Early: 63, Flags: FlagHash, Substituted: 2, Seats: 2}
	bundle.Actions[0], bundle.Actions[1] = 4, 5
	held := Bundle{Epoch: 2, Frame: 70000, Flags: FlagHold, Seats: 3, Hold: 120}
	held.Actions[2] = 127
	sync := FrameSync{Epoch: 1, Frame: 910, Offset: -250, Own: Times{First: 903, List: []int32{64, -1, 700}, Bound: 25},
		Others: []Times{{Seat: 1, First: 903, List: []int32{-1000}, Bound: 400}}}
	hash := StateHash{Epoch: 1, Frame: 930, Loads: 0, Total: 0x0123456789abcdef, Count: 2}
	hash.Sections[0], hash.Sections[1] = 1, 0xffffffff
	return []sample{
		{"hello", TypeHello, "9401a674616e64656d01aa74616e64656d20302e31",
			Append(nil, &Hello{Magic: Magic, Version: 1, Program: "tandem 0.1"}), nil,
			&Hello{Magic: Magic, Version: 1, Program: "tandem 0.1"}},
		{"welcome", TypeWelcome, "9702a674616e64656d01a572656c6179cd07d0cd1388c3",
			Append(nil, &Welcome{Magic: Magic, Version: 1, Program: "relay", PingMS: 2000, TimeoutMS: 5000, Embedded: true}), nil,
			&Welcome{Magic: Magic, Version: 1, Program: "relay", PingMS: 2000, TimeoutMS: 5000, Embedded: true}},
		{"join", TypeJoin, "dc001003a56c75736162ffa3416e6ec4020102" + "91a9656e763d736c696d65" + "90" + "01cd0384" + "cf0102030405060708c2c3c3" + "03" + "cf0807060504030201" + "c3",
			Append(nil, &Join{Room: "lusab", Seat: -1, Name: "Ann", Token: []byte{1, 2}, Create: []string{"env=slime"}, Require: []string{}, Epoch: 1, Have: 900, Seed: 0x0102030405060708, Zstd: true, Again: true, Base: 3, Sum: 0x0807060504030201, Back: true}), nil,
			&Join{Room: "lusab", Seat: -1, Name: "Ann", Token: []byte{1, 2}, Create: []string{"env=slime"}, Require: []string{}, Epoch: 1, Have: 900, Seed: 0x0102030405060708, Zstd: true, Again: true, Base: 3, Sum: 0x0807060504030201, Back: true}},
		{"host_elected", TypeHostElected, "9804c30100a56c75736162cf0102030405060708c4010991a9656e763d736c696d65",
			Append(nil, &HostElected{IsHost: true, Seat: 1, Room: "lusab", Seed: 0x0102030405060708, Token: []byte{9}, Options: []string{"env=slime"}}), nil,
			&HostElected{IsHost: true, Seat: 1, Room: "lusab", Seed: 0x0102030405060708, Token: []byte{9}, Options: []string{"env=slime"}}},
		{"waiting_room", TypeWaitingRoom, "960501" + "92" + "97a3416e6ec3c2c3c200c3" + "97a0c2c2c2c200c2" + "0291a3457665" + "cdea60",
			Append(nil, &WaitingRoom{Needed: 1, Seats: []RosterEntry{{Name: "Ann", Taken: true, Host: true, Away: true}, {}}, Watching: 2, Watchers: []string{"Eve"}, HoldMS: 60000}), nil,
			&WaitingRoom{Needed: 1, Seats: []RosterEntry{{Name: "Ann", Taken: true, Host: true, Away: true}, {}}, Watching: 2, Watchers: []string{"Eve"}, HoldMS: 60000}},
		{"game_ready", TypeGameReady, "940691" + "97a3416e6ec3c3c3c3cd012cc2" + "0090",
			Append(nil, &GameReady{Seats: []RosterEntry{{Name: "Ann", Taken: true, Ready: true, Host: true, Bot: true, Since: 300}}, Watchers: []string{}}), nil,
			&GameReady{Seats: []RosterEntry{{Name: "Ann", Taken: true, Ready: true, Host: true, Bot: true, Since: 300}}, Watchers: []string{}}},
		{"start", TypeStart, "99070100ce002dc6c00509cd0385c3cc96",
			Append(nil, &Start{Epoch: 1, Frame: 0, Close: 3000000, Held: 5, Seed: 9, From: 901, Snapshot: true, Kept: 150}), nil, &Start{Epoch: 1, Close: 3000000, Held: 5, Seed: 9, From: 901, Snapshot: true, Kept: 150}},
		{"pause", TypePause, "961801cd038401ce00989680a3627965",
			Append(nil, &Pause{Epoch: 1, Frames: 900, Seat: 1, Until: 10000000, Text: "bye"}), nil,
			&Pause{Epoch: 1, Frames: 900, Seat: 1, Until: 10000000, Text: "bye"}},
		{"resume", TypeResume, "941901cd0384ce00989680", Append(nil, &Resume{Epoch: 1, Frame: 900, Close: 10000000}), nil,
			&Resume{Epoch: 1, Frame: 900, Close: 10000000}},
		{"host_changed", TypeHostChanged, "921d01", Append(nil, &HostChanged{Seat: 1}), nil, &HostChanged{Seat: 1}},
		{"history", TypeHistory, "94210105c4050000000405", Append(nil, &History{Epoch: 1, Frame: 5, Data: []byte{0, 0, 0, 4, 5}}), nil,
			&History{Epoch: 1, Frame: 5, Data: []byte{0, 0, 0, 4, 5}}},
		{"player_action", TypeAction, "940801cd038404", AppendAction(nil, &action),
			func(d *Decoder) any { return d.Action }, action},
		{"action_batch", TypeActionBatch, "941601cd0385c403050500", AppendActionBatch(nil, &batch),
			func(d *Decoder) any { return d.ActionBatch }, batch},
		{"bundle", TypeBundle, "970901cd03843f090405", AppendBundle(nil, &bundle),
			func(d *Decoder) any { return d.Bundle }, bundle},
		{"bundle held", TypeBundle, "990902ce000111700002" + "00007f" + "78", AppendBundle(nil, &held),
			func(d *Decoder) any { return d.Bundle }, held},
		{"frame_sync", TypeFrameSync, "980a01cd038ed1ff06" + "cd0387" + "9340ffcd02bc" + "19" + "91" + "9401cd038791d1fc18" + "cd0190",
			AppendFrameSync(nil, &sync), func(d *Decoder) any { return d.FrameSync }, sync},
		{"state_hash", TypeStateHash, "960b01cd03a200cf0123456789abcdefc40801000000ffffffff",
			AppendStateHash(nil, &hash), func(d *Decoder) any { return d.StateHash }, hash},
		{"verify_state", TypeVerifyState, "980c01cd03a2030205cf0123456789abcdef02",
			AppendVerifyState(nil, &VerifyState{Epoch: 1, Frame: 930, Compared: 3, Differing: 2, Sections: 5, Total: 0x0123456789abcdef, By: JudgeMajority}),
			func(d *Decoder) any { return d.VerifyState }, VerifyState{Epoch: 1, Frame: 930, Compared: 3, Differing: 2, Sections: 5, Total: 0x0123456789abcdef, By: JudgeMajority}},
		{"hud_update", TypeHUDUpdate, "920da9312d302e2e2e2e2e2e", Append(nil, &HUDUpdate{Text: "1-0......"}), nil, &HUDUpdate{Text: "1-0......"}},
		{"hud_sync", TypeHUDSync, "920ea3312d30", Append(nil, &HUDSync{Text: "1-0"}), nil, &HUDSync{Text: "1-0"}},
		{"end_game", TypeEndGame, "950f0fcd0384a3627965cdea60", Append(nil, &EndGame{Code: CodeLeft, Frames: 900, Text: "bye", AgainMS: 60000}), nil,
			&EndGame{Code: CodeLeft, Frames: 900, Text: "bye", AgainMS: 60000}},
		{"error", TypeError, "931005a466756c6c", Append(nil, &Refusal{Code: CodeRoomFull, Text: "full"}), nil,
			&Refusal{Code: CodeRoomFull, Text: "full"}},
		{"ready", TypeReady, "9211cd0258", Append(nil, &Ready{Lead: 600}), nil, &Ready{Lead: 600}},
		{"finished", TypeFinished, "941201cd0384cfffffffffffffffff", Append(nil, &Finished{Epoch: 1, Frames: 900, Hash: 1<<64 - 1}), nil,
			&Finished{Epoch: 1, Frames: 900, Hash: 1<<64 - 1}},
		{"ping", TypePing, "9213ce000f4240", AppendPing(nil, &Ping{Sent: 1000000}), func(d *Decoder) any { return d.Ping }, Ping{Sent: 1000000}},
		{"pong", TypePong, "931405cf0000000100000000", AppendPong(nil, &Pong{Sent: 5, Now: 1 << 32}),
			func(d *Decoder) any { return d.Pong }, Pong{Sent: 5, Now: 1 << 32}},
		{"away", TypeAway, "9317c3c3", Append(nil, &Away{Away: true, Unloads: true}), nil, &Away{Away: true, Unloads: true}},
		{"set_option", TypeSetOption, "94200128a764656c61793d35", Append(nil, &SetOption{Epoch: 1, Frame: 40, Option: "delay=5"}), nil,
			&SetOption{Epoch: 1, Frame: 40, Option: "delay=5"}},
		{"spectator", TypeSpectator, "951ea56c75736162010991a9656e763d736c696d65", Append(nil, &Spectator{Room: "lusab", HostSeat: 1, Seed: 9, Options: []string{"env=slime"}}), nil,
			&Spectator{Room: "lusab", HostSeat: 1, Seed: 9, Options: []string{"env=slime"}}},
		{"request_log", TypeRequestLog, "931f01cd0384", Append(nil, &RequestLog{Epoch: 1, Frames: 900}), nil,
			&RequestLog{Epoch: 1, Frames: 900}},
		{"request_state", TypeRequestState, "991b010702cd03a1c3cd038309c3", Append(nil, &RequestState{Epoch: 1, ID: 7, Kind: KindRecheck, Frame: 929, HasBase: true, BaseFrame: 899, BaseHash: 9, Zstd: true}), nil,
			&RequestState{Epoch: 1, ID: 7, Kind: KindRecheck, Frame: 929, HasBase: true, BaseFrame: 899, BaseHash: 9, Zstd: true}},
		{"snapshot_chunk", TypeSnapshotChunk, "9d1c010701cd03a108c3cd038309c30503c4020102", Append(nil, &SnapshotChunk{Epoch: 1, ID: 7, Kind: KindEvidence, Frame: 929, Hash: 8, HasBase: true, BaseFrame: 899, BaseHash: 9, Packed: true, Size: 5, Offset: 3, Data: []byte{1, 2}}), nil,
			&SnapshotChunk{Epoch: 1, ID: 7, Kind: KindEvidence, Frame: 929, Hash: 8, HasBase: true, BaseFrame: 899, BaseHash: 9, Packed: true, Size: 5, Offset: 3, Data: []byte{1, 2}}},
		{"request_resync", TypeRequestResync, "941a0107a76e6f2062617365", Append(nil, &RequestResync{Epoch: 1, ID: 7, Text: "no base"}), nil,
			&RequestResync{Epoch: 1, ID: 7, Text: "no base"}},
		{"rechecked", TypeRechecked, "95220107c309", Append(nil, &Rechecked{Epoch: 1, ID: 7, OK: true, Hash: 9}), nil,
			&Rechecked{Epoch: 1, ID: 7, OK: true, Hash: 9}},
		{"request_hash", TypeRequestHash, "922301", Append(nil, &RequestHash{Epoch: 1}), nil,
			&RequestHash{Epoch: 1}},
		{"stand_in", TypeStandIn, "932401c40109", Append(nil, &StandIn{Seat: 1, Token: []byte{9}}), nil,
			&StandIn{Seat: 1, Token: []byte{9}}},
		{"leave", TypeLeave, "9215a3627965", Append(nil, &Leave{Text: "bye"}), nil, &Leave{Text: "bye"}},
	}
}

func TestWireFormat(t *testing.T) {
	seen := map[Type]bool{}
	for _, s := range samples() {
		t.Run(s.name, func(t *testing.T) {
			seen[s.typ] = true
			if got := hex.EncodeToString(s.enc); got != s.hex {
				t.Fatalf("encoded %s, want %s", got, s.hex)
			}
			var d Decoder
			d.Reset(s.enc)
			typ, err := d.Next()
			if err != nil || typ != s.typ {
				t.Fatalf("decoded %v, %v", typ, err)
			}
			got := d.Cold
			if s.got != nil {
				got = s.got(&d)
			}
			if !reflect.DeepEqual(got, s.want) {
				t.Fatalf("decoded %+v, want %+v", got, s.want)
			}
			if d.Size() != len(s.enc) {
				t.Fatalf("size %d, want %d", d.Size(), len(s.enc))
			}
			if _, err := d.Next(); err != io.EOF {
				t.Fatalf("behind the message: %v, want io.EOF", err)
			}
		})
	}
	for typ := range typeNames {
		if !typ.Reserved() && !seen[typ] {
			t.Errorf("no sample of %s", typ)
		}
	}
}

// The hand-written codec must be msgpack as the library understands it, and must understand what
// the library writes, whichever integer width it chooses.
func TestHotMessagesAreMsgpack(t *testing.T) {
	for _, s := range samples() {
		var v []any
		if err := msgpack.Unmarshal(s.enc, &v); err != nil {
			t.Fatalf("%s: the library cannot read it: %v", s.name, err)
		}
		for _, compact := range []bool{true, false} {
			var buf bytes.Buffer
			enc := msgpack.NewEncoder(&buf)
			enc.UseCompactInts(compact)
			if err := enc.Encode(v); err != nil {
				t.Fatal(err)
			}
			var d Decoder
			d.Reset(buf.Bytes())
			typ, err := d.Next()
			if err != nil || typ != s.typ {
				t.Fatalf("%s as the library writes it (compact %v): %v, %v", s.name, compact, typ, err)
			}
			if s.got != nil && !reflect.DeepEqual(s.got(&d), s.want) {
				t.Fatalf("%s: %+v, want %+v", s.name, s.got(&d), s.want)
			}
		}
	}
}

// A frame may hold several messages back to back.
func TestCoalescedFrame(t *testing.T) {
	var frame []byte
	var want []Type
	for _, s := range samples() {
		frame = append(frame, s.enc...)
		want = append(want, s.typ)
	}
	var d Decoder
	d.Reset(frame)
	size := 0
	for i, w := range want {
		typ, err := d.Next()
		if err != nil || typ != w {
			t.Fatalf("message %d: %v, %v, want %v", i, typ, err, w)
		}
		size += d.Size()
	}
	if _, err := d.Next(); err != io.EOF || size != len(frame) {
		t.Fatalf("end: %v after %d of %d bytes", err, size, len(frame))
	}
}

func TestSizes(t *testing.T) {
	if n := len(AppendAction(nil, &Action{Epoch: MaxEpoch, Frame: MaxFrameNo, Action: MaxAction})); n > 12 {
		t.Errorf("the largest player_action has %d bytes, want at most 12", n)
	}
	b := Bundle{Epoch: MaxEpoch, Frame: MaxFrameNo, Early: MaxEarly, Flags: FlagHash, Substituted: 3, Seats: 2}
	if n := len(AppendBundle(nil, &b)); n > 12 {
		t.Errorf("the largest two-seat bundle has %d bytes, want at most 12", n)
	}
}

// Every prefix of every message, and every message of a wrong shape, is refused with a code and words.
func TestRefusals(t *testing.T) {
	refused := func(name string, frame []byte, code Code) {
		t.Helper()
		var d Decoder
		d.Reset(frame)
		_, err := d.Next()
		var e *Error
		if !errors.As(err, &e) {
			t.Errorf("%s: %v, want a refusal", name, err)
			return
		}
		if e.Code != code || e.Text == "" {
			t.Errorf("%s: %v (%s), want %s", name, e.Code, e.Text, code)
		}
	}
	for _, s := range samples() {
		for n := 1; n < len(s.enc); n++ {
			refused(s.name+" cut off", s.enc[:n], CodeMalformed)
		}
		longer := append([]byte(nil), s.enc...)
		if longer[0]++; s.typ != TypeHello && s.typ != TypeWelcome && s.typ != TypeBundle {
			refused(s.name+" with one element more", append(longer, 0), CodeMalformed)
		}
	}
	refused("empty array", []byte{0x90}, CodeMalformed)
	refused("map", []byte{0x81, 1, 2}, CodeMalformed)
	refused("number", []byte{5}, CodeMalformed)
	refused("unknown type", []byte{0x91, 99}, CodeMalformed)
	for typ := Type(1); int(typ) < NumTypes; typ++ {
		if !typ.Reserved() {
			continue
		}
		refused(typ.String(), []byte{0x91, byte(typ)}, CodeReserved)
	}
	refused("too large", make([]byte, MaxFrame+1), CodeTooLarge)
	unhex := func(s string) []byte { b, _ := hex.DecodeString(s); return b }
	refused("action 128", unhex("940801cd0384cc80"), CodeMalformed)
	refused("negative frame", unhex("940801ff04"), CodeMalformed)
	refused("frame over the limit", unhex("940801ce8000000004"), CodeMalformed)
	refused("float frame", unhex("940801cb400c00000000000004"), CodeMalformed)
	refused("bundle without seats", unhex("950901cd03843f00"), CodeMalformed)
	refused("bundle that substitutes a seat it lacks", unhex("970901cd03843f100405"), CodeMalformed)
	refused("name too long", Append(nil, &Join{Name: strings.Repeat("x", MaxName+1)}), CodeMalformed)
	refused("name with escape", Append(nil, &Join{Name: "a\x1b[2J"}), CodeMalformed)
	refused("name not UTF-8", Append(nil, &Join{Name: "\xff"}), CodeMalformed)
	refused("text too long", Append(nil, &Leave{Text: strings.Repeat("x", MaxText+1)}), CodeMalformed)
	refused("too many options", Append(nil, &Join{Create: make([]string, MaxOptions+1)}), CodeMalformed)
	refused("seat out of range", Append(nil, &Join{Seat: MaxSeats}), CodeMalformed)
	refused("batch too long", AppendActionBatch(nil, &ActionBatch{Actions: make([]byte, MaxBatch+1)}), CodeMalformed)
	refused("batch empty", AppendActionBatch(nil, &ActionBatch{}), CodeMalformed)
	refused("snapshot too large", Append(nil, &SnapshotChunk{Size: MaxSnapshot + 1, Data: []byte{1}}), CodeMalformed)
	refused("chunk too large", Append(nil, &SnapshotChunk{Size: MaxSnapshot, Data: make([]byte, MaxChunk+1)}), CodeMalformed)
	refused("chunk beyond its end", Append(nil, &SnapshotChunk{Size: 5, Offset: 4, Data: []byte{1, 2}}), CodeMalformed)
	refused("chunk without bytes", Append(nil, &SnapshotChunk{Size: 5}), CodeMalformed)
	refused("state of no kind", Append(nil, &RequestState{Kind: numKinds}), CodeMalformed)
	refused("recheck as a snapshot", Append(nil, &SnapshotChunk{Kind: KindRecheck}), CodeMalformed)
	refused("snapshot before the first frame", Append(nil, &Start{Snapshot: true}), CodeMalformed)
	refused("bound too large", AppendFrameSync(nil, &FrameSync{Own: Times{Bound: MaxBound + 1}}), CodeMalformed)
	refused("list too long", AppendFrameSync(nil, &FrameSync{Own: Times{List: make([]int32, MaxList+1)}}), CodeMalformed)
}

// A length that is a lie costs no memory: whoever sends seven bytes must not have the relay make room for
// gigabytes. The lies are small enough here for a test that fails.
func TestLengthsThatLie(t *testing.T) {
	const most = 64 << 10 // bytes for a message of some hundred
	var d Decoder
	var before, after runtime.MemStats
	read := func(name string, frame []byte) {
		t.Helper()
		d = Decoder{}
		runtime.ReadMemStats(&before)
		d.Reset(frame)
		for {
			if _, err := d.Next(); err != nil {
				break
			}
		}
		runtime.ReadMemStats(&after)
		if n := after.TotalAlloc - before.TotalAlloc; n > most {
			t.Errorf("%s: reading %x took %d bytes", name, frame, n)
		}
	}
	for _, s := range samples() {
		for i := range s.enc {
			for _, head := range []byte{0xdd, 0xdf, 0xdb, 0xc6, 0xc9} { // array, map, text, bytes, extension
				lie := append(append([]byte(nil), s.enc[:i]...), head, 0, 0x10, 0, 0) // 2^20 elements
				read(fmt.Sprintf("%s, %#x at %d", s.name, head, i), append(lie, s.enc[i:]...))
				read(fmt.Sprintf("%s, %#x from %d", s.name, head, i), append(lie, s.enc[min(i+1, len(s.enc)):]...))
			}
		}
	}
	for typ := range Type(NumTypes) { // lists in lists, as deep as a frame allows
		deep := append([]byte{0x90 | byte(min(coldFields[typ]+1, 15)), byte(typ)}, bytes.Repeat([]byte{0x91}, MaxFrame-2)...)
		read(typ.String()+", deep", deep)
	}
}

// Later versions may append to hello and welcome; this one must still read which version they are.
func TestHelloOfALaterVersion(t *testing.T) {
	b, _ := hex.DecodeString("9601a674616e64656d05aa74616e64656d20302e31" + "93010203" + "a178")
	var d Decoder
	d.Reset(append(b, AppendPing(nil, &Ping{Sent: 1})...))
	if typ, err := d.Next(); err != nil || typ != TypeHello || d.Cold.(*Hello).Version != 5 {
		t.Fatalf("%v, %v", typ, err)
	}
	if typ, err := d.Next(); err != nil || typ != TypePing {
		t.Fatalf("behind it: %v, %v", typ, err)
	}
}

func FuzzDecoder(f *testing.F) {
	for _, s := range samples() {
		f.Add(s.enc)
	}
	f.Fuzz(func(t *testing.T, frame []byte) {
		var d Decoder
		d.Reset(frame)
		read := 0
		for {
			typ, err := d.Next()
			if err == io.EOF {
				if read != len(frame) {
					t.Fatalf("io.EOF after %d of %d bytes", read, len(frame))
				}
				return
			}
			var e *Error
			if err != nil {
				if !errors.As(err, &e) || e.Text == "" {
					t.Fatalf("error without a code: %v", err)
				}
				return
			}
			if d.Size() <= 0 {
				t.Fatalf("%s of %d bytes", typ, d.Size())
			}
			read += d.Size()
			again(t, &d, typ)
		}
	})
}

// again encodes what was decoded and decodes it once more: both readings must be the same.
func again(t *testing.T, d *Decoder, typ Type) {
	t.Helper()
	enc, want := reencode(d, typ)
	var d2 Decoder
	d2.Reset(enc)
	if typ2, err := d2.Next(); err != nil || typ2 != typ {
		t.Fatalf("%s written again is %v, %v", typ, typ2, err)
	}
	if _, got := reencode(&d2, typ); !reflect.DeepEqual(got, want) {
		t.Fatalf("%s written again: %+v, want %+v", typ, got, want)
	}
}

func reencode(d *Decoder, typ Type) ([]byte, any) {
	switch typ {
	case TypeAction:
		return AppendAction(nil, &d.Action), d.Action
	case TypeActionBatch:
		return AppendActionBatch(nil, &d.ActionBatch), d.ActionBatch
	case TypeBundle:
		m := d.Bundle
		for i := m.Seats; i < MaxSeats; i++ {
			m.Actions[i] = 0 // left over from earlier bundles
		}
		return AppendBundle(nil, &m), m
	case TypeFrameSync:
		b := AppendFrameSync(nil, &d.FrameSync)
		return b, hex.EncodeToString(b)
	case TypeStateHash:
		m := d.StateHash
		clear(m.Sections[m.Count:])
		return AppendStateHash(nil, &m), m
	case TypeVerifyState:
		return AppendVerifyState(nil, &d.VerifyState), d.VerifyState
	case TypePing:
		return AppendPing(nil, &d.Ping), d.Ping
	case TypePong:
		return AppendPong(nil, &d.Pong), d.Pong
	}
	b := Append(nil, d.Cold)
	return b, hex.EncodeToString(b)
}

func TestHotPathsDoNotAllocate(t *testing.T) {
	var d Decoder
	var frame []byte
	for _, s := range samples() {
		if s.got != nil {
			frame = append(frame, s.enc...)
		}
	}
	buf := make([]byte, 0, 4096)
	run := func() {
		d.Reset(frame)
		buf = buf[:0]
		for {
			typ, err := d.Next()
			if err == io.EOF {
				return
			}
			switch typ {
			case TypeAction:
				buf = AppendAction(buf, &d.Action)
			case TypeBundle:
				buf = AppendBundle(buf, &d.Bundle)
			case TypeFrameSync:
				buf = AppendFrameSync(buf, &d.FrameSync)
			case TypeStateHash:
				buf = AppendStateHash(buf, &d.StateHash)
			}
		}
	}
	run()
	if n := testing.AllocsPerRun(100, run); n != 0 {
		t.Errorf("%v allocations per frame, want none", n)
	}
}

func BenchmarkActionDecode(b *testing.B) {
	frame := AppendAction(nil, &Action{Epoch: 1, Frame: 900, Action: 4})
	var d Decoder
	b.ReportAllocs()
	for b.Loop() {
		d.Reset(frame)
		if _, err := d.Next(); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkActionEncode(b *testing.B) {
	m := Action{Epoch: 1, Frame: 900, Action: 4}
	buf := make([]byte, 0, 64)
	b.ReportAllocs()
	for b.Loop() {
		buf = AppendAction(buf[:0], &m)
	}
}

func BenchmarkBundleDecode(b *testing.B) {
	frame := AppendBundle(nil, &Bundle{Epoch: 1, Frame: 900, Early: 60, Seats: 2})
	var d Decoder
	b.ReportAllocs()
	for b.Loop() {
		d.Reset(frame)
		if _, err := d.Next(); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkBundleEncode(b *testing.B) {
	m := Bundle{Epoch: 1, Frame: 900, Early: 60, Seats: 2}
	buf := make([]byte, 0, 64)
	b.ReportAllocs()
	for b.Loop() {
		buf = AppendBundle(buf[:0], &m)
	}
}
