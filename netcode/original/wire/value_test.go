package wire

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/vmihailenco/msgpack/v5"
)

// Every kind in both forms: what is read, and what it is in the other form.
func TestValueForms(t *testing.T) {
	for _, c := range []struct {
		json string
		msg  string
		kind Kind
	}{
		{`null`, "c0", Null},
		{`true`, "c3", Bool},
		{`false`, "c2", Bool},
		{`0`, "00", Int},
		{`127`, "7f", Int},
		{`128`, "cc80", Int},
		{`256`, "cd0100", Int},
		{`65536`, "ce00010000", Int},
		{`1766900000123`, "cf0000019b6372657b", Int},
		{`18446744073709551615`, "cfffffffffffffffff", Int},
		{`-1`, "ff", Int},
		{`-32`, "e0", Int},
		{`-33`, "d0df", Int},
		{`-129`, "d1ff7f", Int},
		{`-32769`, "d2ffff7fff", Int},
		{`-2147483649`, "d3ffffffff7fffffff", Int},
		{`0.5`, "cb3fe0000000000000", Float},
		{`5.0`, "cb4014000000000000", Float},
		{`1e-7`, "cb3e7ad7f29abcaf48", Float},
		{`1e+21`, "cb444b1ae4d6e2ef50", Float},
		{`""`, "a0", String},
		{`"é"`, "a2c3a9", String},
		{`"a\"\\\b\f\n\r\t\u0001/<"`, "ab61225c080c0a0d09012f3c", String},
		{`[]`, "90", Array},
		{`[1,[2.5]]`, "920191cb4004000000000000", Array},
		{`{}`, "80", Map},
		{`{"a":1,"b":{"c":null}}`, "82a16101a16281a163c0", Map},
	} {
		fromJSON := mustJSON(t, c.json)
		fromMsg, err := MsgpackValue(unhex(t, c.msg))
		if err != nil {
			t.Errorf("%s: %v", c.msg, err)
			continue
		}
		if got := fromJSON.AppendMsgpack(nil); !bytes.Equal(got, unhex(t, c.msg)) {
			t.Errorf("%s in msgpack is %x, want %s", c.json, got, c.msg)
		}
		if got := string(fromMsg.AppendJSON(nil)); got != c.json {
			t.Errorf("%s in JSON is %s, want %s", c.msg, got, c.json)
		}
		if fromJSON.Kind() != c.kind || fromMsg.Kind() != c.kind {
			t.Errorf("%s: kinds %v and %v, want %v", c.json, fromJSON.Kind(), fromMsg.Kind(), c.kind)
		}
	}
}

// Forms that are read, but never written.
func TestValueOtherForms(t *testing.T) {
	for _, c := range []struct{ msg, json string }{
		{"d40000", "null"}, {"d00a", "10"}, {"d1000a", "10"}, {"d30000000000000001", "1"},
		{"ca3f000000", "0.5"}, {"d90161", `"a"`}, {"da000161", `"a"`}, {"db0000000161", `"a"`},
		{"dc000101", "[1]"}, {"dd0000000101", "[1]"}, {"de0001a16101", `{"a":1}`}, {"df00000001a16101", `{"a":1}`},
		{"820001ff02", `{"0":1,"-1":2}`}, {"cb7ff8000000000001", "null"}, {"cb7ff0000000000000", "null"},
		{"cb8000000000000000", "-0.0"},
	} {
		v, err := MsgpackValue(unhex(t, c.msg))
		if err != nil || v.String() != c.json {
			t.Errorf("%s: %s, %v; want %s", c.msg, v, err, c.json)
		}
	}
	for _, c := range []struct{ json, text string }{
		{`"\u00e9\/"`, "é/"}, {`"\ud83d\ude00"`, "😀"}, {`"\ud83d"`, "\uFFFD"}, {`"\ud83dx"`, "\uFFFDx"},
		{`"\ude00\ud83d"`, "\uFFFD\uFFFD"}, {`"\ud83d\u0041"`, "\uFFFDA"}, {`"\u0000"`, "\x00"},
	} {
		if got, ok := mustJSON(t, c.json).Text(); got != c.text || !ok {
			t.Errorf("%s: %q, want %q", c.json, got, c.text)
		}
	}
}

func TestValueReading(t *testing.T) {
	v := mustJSON(t, ` { "i" : 7 , "f":7.0,"g":7.5, "s":"x\n","b":true,"l":[1,"two",[3]],"n":null,"big":9223372036854775808,"i":8} `)
	for _, form := range []Value{v, {raw: v.AppendMsgpack(nil), form: formMsgpack}} {
		get := func(key string) Value { x, _ := form.Get(key); return x }
		if n, ok := get("i").Int(); n != 8 || !ok {
			t.Error("of a key that occurs twice the last counts", n)
		}
		if n, ok := get("f").Int(); n != 7 || !ok || get("f").Kind() != Float {
			t.Error("a float without fraction reads as a whole number", n, ok)
		}
		if _, ok := get("g").Int(); ok {
			t.Error("7.5 is no whole number")
		}
		if f, ok := get("i").Float(); f != 8 || !ok {
			t.Error(f, ok)
		}
		if _, ok := get("big").Int(); ok {
			t.Error("2^63 does not fit")
		}
		if f, ok := get("big").Float(); f != 1<<63 || !ok {
			t.Error(f, ok)
		}
		if s, ok := get("s").Text(); s != "x\n" || !ok {
			t.Error(s, ok)
		}
		if b, ok := get("b").Bool(); !b || !ok {
			t.Error(b, ok)
		}
		if !get("n").IsNull() || !get("missing").IsNull() {
			t.Error("null and missing are null")
		}
		var items []string
		for item := range get("l").Items {
			items = append(items, item.String())
		}
		if want := []string{"1", `"two"`, "[3]"}; !reflect.DeepEqual(items, want) {
			t.Error(items)
		}
		var keys []string
		for key := range form.Fields {
			keys = append(keys, key)
		}
		if got := strings.Join(keys, " "); got != "i f g s b l n big i" {
			t.Error(got)
		}
		for _, key := range []string{"i", "s", "b", "n"} {
			x := get(key)
			for range x.Items {
				t.Error("items in", x)
			}
			for range x.Fields {
				t.Error("fields in", x)
			}
			if _, ok := x.Bytes(); ok {
				t.Error("bytes in", x)
			}
		}
	}
	var zero Value
	if !zero.IsNull() || zero.String() != "null" || !bytes.Equal(zero.AppendMsgpack(nil), []byte{0xc0}) {
		t.Error("the zero Value is null")
	}
}

func TestValueConstructors(t *testing.T) {
	v := MapValue(Field{"i", IntValue(-5)}, Field{"f", FloatValue(2)}, Field{"s", StringValue("a\xffb")},
		Field{"l", ArrayValue(BoolValue(true), NullValue())}, Field{"b", BytesValue([]byte{1})})
	if got := string(v.AppendJSON(nil)); got != `{"i":-5,"f":2.0,"s":"a`+"\uFFFD"+`b","l":[true,null],"b":null}` {
		t.Error(got)
	}
	var got map[string]any
	if err := msgpack.Unmarshal(v.AppendMsgpack(nil), &got); err != nil || got["f"] != 2.0 || !reflect.DeepEqual(got["b"], []byte{1}) {
		t.Error(got, err)
	}
}

func TestCloneHasItsOwnMemory(t *testing.T) {
	header, att := []byte(`1-["a",{"_placeholder":true,"num":0},"text"]`), []byte("xyz")
	d := NewDecoder(JSON)
	if _, err := d.Text(append([]byte("5"), header...)); err != nil {
		t.Fatal(err)
	}
	p, err := d.Binary(att)
	if err != nil {
		t.Fatal(err)
	}
	c := p.Clone()
	for _, v := range p.Args {
		clear(v.raw)
		for _, a := range v.atts {
			clear(a)
		}
	}
	if b, _ := c.Arg(0).Bytes(); string(b) != "xyz" || c.Arg(1).String() != `"text"` || !c.Arg(7).IsNull() {
		t.Error(c.Args)
	}
}

func TestJSONNumbersLikeJavaScript(t *testing.T) {
	for _, c := range []struct {
		f    float64
		want string
	}{{0, "0"}, {math.Copysign(0, -1), "0"}, {1e21, "1e+21"}, {1e20, "100000000000000000000"}, {1e-6, "0.000001"},
		{1e-7, "1e-7"}, {1.5e-10, "1.5e-10"}, {1766900000.123, "1766900000.123"}, {5e-324, "5e-324"}} {
		if got := string(appendJSONFloat(nil, c.f, false)); got != c.want {
			t.Errorf("%s, want %s", got, c.want)
		}
	}
}

// FuzzJSONValue compares with encoding/json: what is valid, what it means, and that it survives the
// way through msgpack.
func FuzzJSONValue(f *testing.F) {
	for _, s := range []string{`{"a":[1,2.5,-0,1e5,"\u00e9\ud800",null,true]}`, ` [ ] `, `"\x"`, `01`, `-`, `[1,]`, `{"a"}`, "\"\xff\"", `1e999`, `{"_placeholder":true,"num":0}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		v, err := JSONValue(text)
		if err != nil {
			if json.Valid(text) && utf8.Valid(text) && !errors.Is(err, ErrTooBig) {
				t.Fatalf("%q: %v, but it is valid", text, err)
			}
			return
		}
		if !json.Valid(text) {
			t.Fatalf("%q is not valid", text)
		}
		msg := v.AppendMsgpack(nil)
		back, err := MsgpackValue(msg)
		if err != nil {
			t.Fatalf("%q became %x: %v", text, msg, err)
		}
		again, err := JSONValue(back.AppendJSON(nil))
		if err != nil {
			t.Fatalf("%q became %q: %v", text, back.AppendJSON(nil), err)
		}
		if !bytes.Equal(again.AppendMsgpack(nil), msg) && !bytes.Contains(msg, []byte{0xcb, 0x7f, 0xf0}) && !bytes.Contains(msg, []byte{0xcb, 0xff, 0xf0}) {
			t.Fatalf("%q: %x, then %x", text, msg, again.AppendMsgpack(nil))
		}
		var want, got any
		if json.Unmarshal(text, &want) != nil {
			return // a number out of float64's range
		}
		if err := json.Unmarshal(back.AppendJSON(nil), &got); err != nil || !reflect.DeepEqual(got, want) {
			t.Fatalf("%q means %v, became %v (%v)", text, want, got, err)
		}
	})
}

// FuzzMsgpackValue: what is accepted is what the library reads too, and writing it as JSON gives
// valid JSON.
func FuzzMsgpackValue(f *testing.F) {
	for _, s := range []string{"82a16101a162c0", "d40000", "dd7fffffff", "c7050102", "9190", "dc0002c3cb3ff8000000000000", "c403010203"} {
		f.Add(unhex(f, s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		v, err := MsgpackValue(data)
		if err != nil {
			return
		}
		if !bytes.Contains(data, []byte{0xd4}) {
			d := msgpack.NewDecoder(bytes.NewReader(data))
			if err := d.Skip(); err != nil {
				t.Fatalf("%x: the library says %v", data, err)
			}
		}
		var atts [][]byte
		if text := v.appendJSON(nil, &atts); !json.Valid(text) || len(text) > 40*len(data)+64 {
			t.Fatalf("%x became %d bytes: %.200q", data, len(text), text)
		}
		if !bytes.Equal(v.AppendMsgpack(nil), data) || v.Clone().String() != v.String() {
			t.Fatal("it changed on its way")
		}
	})
}
