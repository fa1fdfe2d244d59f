package wire

import (
	"encoding/hex"
	"testing"
)

// unhex reads hex with spaces in it.
func unhex(t testing.TB, s string) []byte {
	t.Helper()
	clean := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] != ' ' && s[i] != '\n' && s[i] != '\t' {
			clean = append(clean, s[i])
		}
	}
	b, err := hex.DecodeString(string(clean))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func mustJSON(t testing.TB, text string) Value {
	t.Helper()
	v, err := JSONValue([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// Every packet that was captured, spelled out: what the encoder writes and the decoder reads.
func TestGoldenJSON(t *testing.T) {
	for _, c := range []struct {
		name string
		want string
		p    Packet
		atts []string
	}{
		{"client connects", `40`, Packet{Type: Connect}, nil},
		{"server accepts", `40{"sid":"CWBx1"}`, Packet{Type: Connect, Args: []Value{mustJSON(t, `{"sid":"CWBx1"}`)}}, nil},
		{"server refuses", `44{"message":"no"}`, Packet{Type: ConnectError, Args: []Value{mustJSON(t, `{"message":"no"}`)}}, nil},
		{"server refuses a namespace", `44/deny,{"message":"no"}`,
			Packet{Type: ConnectError, Namespace: "/deny", Args: []Value{mustJSON(t, `{"message":"no"}`)}}, nil},
		{"event", `42["name",{"a":1}]`, Packet{Type: Event, Name: "name", Args: []Value{mustJSON(t, `{"a":1}`)}}, nil},
		{"event without argument", `42["name"]`, Packet{Type: Event, Name: "name"}, nil},
		{"event wanting ack", `420["hello",{"b":2}]`,
			Packet{Type: Event, HasID: true, Name: "hello", Args: []Value{mustJSON(t, `{"b":2}`)}}, nil},
		{"ack", `430[{"ok":1}]`, Packet{Type: Ack, HasID: true, Args: []Value{mustJSON(t, `{"ok":1}`)}}, nil},
		{"one attachment", `451-["bin",{"x":{"_placeholder":true,"num":0}}]`,
			Packet{Type: Event, Name: "bin", Args: []Value{MapValue(Field{"x", BytesValue([]byte("raw"))})}}, []string{"raw"}},
		{"two attachments", `452-["bin",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]`,
			Packet{Type: Event, Name: "bin", Args: []Value{BytesValue([]byte("a")), BytesValue(nil)}}, []string{"a", ""}},
		{"binary ack in a namespace", `461-/x,12[{"_placeholder":true,"num":0}]`,
			Packet{Type: Ack, Namespace: "/x", HasID: true, ID: 12, Args: []Value{BytesValue([]byte("z"))}}, []string{"z"}},
		{"leave", `41`, Packet{Type: Disconnect}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, atts, err := Encoder{Parser: JSON}.Append([]byte("before"), &c.p)
			if err != nil || string(got) != "before"+c.want || len(atts) != len(c.atts) {
				t.Fatalf("encoded %q with %d attachments, %v; want %q", got, len(atts), err, c.want)
			}
			d := NewDecoder(JSON)
			p, err := d.Text([]byte(c.want[1:]))
			for i, a := range c.atts {
				if err != nil || p != nil || d.Pending() != len(c.atts)-i {
					t.Fatalf("before attachment %d: %v, %v, %d pending", i, p, err, d.Pending())
				}
				if string(atts[i]) != a {
					t.Fatalf("attachment %d is %q", i, atts[i])
				}
				p, err = d.Binary([]byte(a))
			}
			if err != nil || p == nil {
				t.Fatalf("decoded %v, %v", p, err)
			}
			samePacket(t, p, &c.p)
			again, atts, err := Encoder{Parser: JSON}.Append(nil, p)
			if err != nil || string(again) != c.want || len(atts) != len(c.atts) {
				t.Fatalf("encoded again %q, %v", again, err)
			}
		})
	}
}

func samePacket(t *testing.T, got, want *Packet) {
	t.Helper()
	nsp := want.Namespace
	if nsp == "" {
		nsp = Root
	}
	if got.Type != want.Type || got.Namespace != nsp || got.HasID != want.HasID || got.ID != want.ID ||
		got.Name != want.Name || len(got.Args) != len(want.Args) {
		t.Fatalf("decoded %+v, want %+v", got, want)
	}
	for i := range got.Args {
		if g, w := string(got.Args[i].AppendMsgpack(nil)), string(want.Args[i].AppendMsgpack(nil)); g != w {
			t.Fatalf("argument %d is %x, want %x", i, g, w)
		}
	}
}

// The msgpack parser's maps, in the key order of the stock library.
func TestGoldenMsgpack(t *testing.T) {
	undefined := Value{raw: []byte{0xd4, 0, 0}, form: formMsgpack}
	for _, c := range []struct {
		name string
		role Role
		want string
		p    Packet
	}{
		{"client connects", ClientRole,
			"83 a474797065 00 a464617461 d40000 a36e7370 a12f", Packet{Type: Connect}},
		{"server accepts", ServerRole,
			"83 a474797065 00 a464617461 82 a3736964 a4435742 78 a3706964 d40000 a36e7370 a12f",
			Packet{Type: Connect, Args: []Value{MapValue(Field{"sid", StringValue("CWBx")}, Field{"pid", undefined})}}},
		{"client event", ClientRole,
			"84 a474797065 02 a464617461 92 a46e616d65 81 a161 01 a76f7074696f6e73 81 a8636f6d7072657373 c3 a36e7370 a12f",
			Packet{Type: Event, Name: "name", Args: []Value{mustJSON(t, `{"a":1}`)}}},
		{"client event wanting ack", ClientRole,
			"85 a474797065 02 a464617461 91 a46e616d65 a76f7074696f6e73 81 a8636f6d7072657373 c3 a26964 07 a36e7370 a12f",
			Packet{Type: Event, Name: "name", HasID: true, ID: 7}},
		{"server event", ServerRole,
			"83 a474797065 02 a464617461 92 a46e616d65 c403 726177 a36e7370 a12f",
			Packet{Type: Event, Name: "name", Args: []Value{BytesValue([]byte("raw"))}}},
		{"ack", ServerRole,
			"84 a26964 07 a474797065 03 a464617461 91 cf0000019b4d2e5f80 a36e7370 a12f",
			Packet{Type: Ack, HasID: true, ID: 7, Args: []Value{IntValue(0x19b4d2e5f80)}}},
		{"disconnect", ClientRole, "82 a474797065 01 a36e7370 a12f", Packet{Type: Disconnect}},
		{"error", ServerRole,
			"83 a474797065 04 a464617461 81 a76d657373616765 a26e6f a36e7370 a22f78",
			Packet{Type: ConnectError, Namespace: "/x", Args: []Value{mustJSON(t, `{"message":"no"}`)}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			want := unhex(t, c.want)
			got, atts, err := Encoder{Parser: Msgpack, Role: c.role}.Append(nil, &c.p)
			if err != nil || string(got) != string(want) || atts != nil {
				t.Fatalf("encoded %x, %v; want %x", got, err, want)
			}
			p, err := NewDecoder(Msgpack).Binary(want)
			if err != nil {
				t.Fatal(err)
			}
			samePacket(t, p, &c.p)
		})
	}
}

// Keys in any order, unknown ones, type as a float without fraction, the id undefined.
func TestMsgpackTolerance(t *testing.T) {
	for _, s := range []string{
		"84 a36e7370 a12f a464617461 91 a161 a474797065 02 a26964 d40000",
		"85 a36e7370 a12f a178 c0 a464617461 91 a161 a474797065 cb4000000000000000 a26964 c0",
		"84 05 06 a36e7370 a12f a464617461 dc0001 d90161 a474797065 cc02",
		"84 a474797065 00 a474797065 02 a36e7370 a12f a464617461 91 a161", // the last of two counts
	} {
		p, err := NewDecoder(Msgpack).Binary(unhex(t, s))
		if err != nil || p.Type != Event || p.Name != "a" || p.HasID || p.Namespace != "/" {
			t.Errorf("%s: %+v, %v", s, p, err)
		}
	}
}
