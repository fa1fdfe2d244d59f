package socket

import (
	"testing"
	"time"

	"tandem/netcode/original/wire"
)

// What the server passes on must survive as what wire's own fuzzing accepts does: being written by either
// parser and read again.
func checkAccepted(t *testing.T, p *wire.Packet) {
	t.Helper()
	if p.Namespace == "" || len(p.Args) > wire.MaxArgs {
		t.Fatalf("accepted %+v", p)
	}
	for _, parser := range []wire.Parser{wire.JSON, wire.Msgpack} {
		b, atts, err := wire.Encoder{Parser: parser}.Append(nil, p)
		if err != nil {
			continue // too big in this form, or a placeholder in the text
		}
		d := wire.NewDecoder(parser)
		var q *wire.Packet
		if parser == wire.Msgpack {
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
	e, err := wire.DecodeEvent(p, wire.FromClient)
	if err != nil {
		return
	}
	if _, _, err := (wire.Encoder{Parser: wire.Msgpack}).AppendEvent(nil, e); err != nil {
		t.Fatalf("%+v was read, but not written: %v", e, err)
	}
}

// FuzzServer plays a script of inputs against the server's machine: each begins with a byte that
// says what it is and one with its length.
//
//	t n …  text       b n …  binary      w n  n·100 ms pass
//	a n …  a CONNECT, then the text       l 0  leave
func FuzzServer(f *testing.F) {
	script := func(steps ...string) []byte {
		var b []byte
		for _, s := range steps {
			b = append(append(b, s[0], byte(len(s)-1)), s[1:]...)
		}
		return b
	}
	f.Add(script("t40", `t42["a",1]`, "t3"), false)
	f.Add(script("t40", `t451-["a",{"_placeholder":true,"num":0}]`, "t3", "bxyz", "t41", "t40"), false)
	f.Add(script("t40/x", "t2"), false)
	f.Add(append(script("t40"), 'w', 21, 't', 1, '3', 'w', 30, 'w', 60), false)
	f.Add(script("b\x82\xa4type\x00\xa3nsp\xa1/", "b\x83\xa4type\x02\xa3nsp\xa1/\xa4data\x91\xa1a", "l"), true)
	f.Fuzz(func(t *testing.T, script []byte, useMsgpack bool) {
		cfg := Config{NewID: counter(), ConnectTimeout: 10 * time.Second}
		if useMsgpack {
			cfg.Parser = wire.Msgpack
		}
		now := t0
		m, _ := NewServer(cfg, now)
		for len(script) >= 2 {
			kind, n := script[0], int(script[1])
			script = script[2:]
			was := m.State()
			var out Out
			if kind == 'w' {
				now = now.Add(time.Duration(n) * 100 * time.Millisecond)
				out = m.Tick(now)
			} else {
				n = min(n, len(script))
				in := script[:n]
				script = script[n:]
				switch kind {
				case 'a':
					m.Receive(now, false, []byte("40"))
					out = m.Receive(now, false, in)
				case 'b':
					out = m.Receive(now, true, in)
				case 'l':
					out = m.Leave()
				default:
					out = m.Receive(now, false, in)
				}
			}
			if (out.Err != nil) != (m.State() == Over && was != Over) && kind != 'a' {
				t.Fatalf("%v then %v with error %v", was, m.State(), out.Err)
			}
			if was == Over && (len(out.Send) > 0 || out.Packet != nil) {
				t.Fatal("something was said after the end")
			}
			if len(out.Send) > 2 {
				t.Fatalf("%d messages in answer to one", len(out.Send))
			}
			if p := out.Packet; p != nil {
				if (p.Type == wire.Event || p.Type == wire.Ack) && was != Connected && kind != 'a' {
					t.Fatalf("an event in %v", was)
				}
				checkAccepted(t, p)
			}
			if m.State() == Over {
				if !m.Next().IsZero() {
					t.Fatal("something is due after the end")
				}
				continue
			}
			if next := m.Next(); next.IsZero() || next.After(now.Add(time.Minute)) {
				t.Fatalf("nothing is due before %v, now is %v", next, now)
			}
			attachments, bytes := m.dec.Kept()
			if attachments >= wire.MaxAttachments || bytes > wire.MaxMessage+wire.MaxAttachmentBytes || m.dec.Pending() == 0 && attachments+bytes > 0 {
				t.Fatalf("%d attachments and %d bytes are kept, %d are to come", attachments, bytes, m.dec.Pending())
			}
		}
	})
}
