package wire

import (
	"bytes"
	"testing"
)

// What every accepted packet must survive: being written by either parser and read again.
func checkAccepted(t *testing.T, p *Packet) {
	t.Helper()
	if p.Namespace == "" || len(p.Args) > MaxArgs {
		t.Fatalf("accepted %+v", p)
	}
	for _, parser := range []Parser{JSON, Msgpack} {
		b, atts, err := Encoder{Parser: parser}.Append(nil, p)
		if err != nil {
			continue // too big in this form, or a placeholder in the text
		}
		d := NewDecoder(parser)
		var q *Packet
		if parser == Msgpack {
			q, err = d.Binary(b)
		} else {
			q, err = d.Text(b[1:])
		}
		for _, a := range atts {
			q, err = d.Binary(a)
		}
		if err != nil || q == nil {
			t.Fatalf("%v: %q cannot be read back: %v", parser, b, err)
		}
		if q.Type != p.Type || q.Name != p.Name || q.ID != p.ID || q.Namespace != p.Namespace || len(q.Args) != len(p.Args) {
			t.Fatalf("%v: %+v became %+v", parser, p, q)
		}
	}
	for _, from := range []Direction{FromClient, FromServer} {
		out, err := DecodeEvent(p, from)
		if err != nil {
			continue
		}
		if _, _, err := (Encoder{Parser: Msgpack}).AppendEvent(nil, out); err != nil {
			t.Fatalf("%+v was read, but not written: %v", out, err)
		}
	}
}

func FuzzJSONPacket(f *testing.F) {
	for _, e := range events(f) {
		b, atts, err := Encoder{}.AppendEvent(nil, e.p)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b[1:], bytes.Join(atts, nil))
	}
	for _, s := range []string{`0`, `0{"sid":"x"}`, `1`, `4/x,{"message":"no"}`, `312["a"]`, `52-/x,1["a",{"_placeholder":true,"num":1},{"num":0,"_placeholder":true}]`} {
		f.Add([]byte(s), []byte("att"))
	}
	f.Fuzz(func(t *testing.T, header, att []byte) {
		d := NewDecoder(JSON)
		p, err := d.Text(header)
		for err == nil && p == nil {
			if d.Pending() < 1 || d.Pending() > MaxAttachments {
				t.Fatalf("%d attachments pending", d.Pending())
			}
			p, err = d.Binary(att)
		}
		if err == nil {
			checkAccepted(t, p)
		}
	})
}

func FuzzMsgpackPacket(f *testing.F) {
	for _, e := range events(f) {
		b, _, err := Encoder{Msgpack, ClientRole}.AppendEvent(nil, e.p)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Add(unhex(f, "83a47479706500a464617461d40000a36e7370a12f"))
	f.Add(unhex(f, "84a2696407a47479706503a46461746190a36e7370a22f78"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if p, err := NewDecoder(Msgpack).Binary(data); err == nil {
			checkAccepted(t, p)
		}
	})
}
