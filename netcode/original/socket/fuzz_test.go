package socket

import (
	"testing"
	"time"

	"tandem/netcode/original/wire"
)

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
				if p.Namespace == "" || len(p.Args) > wire.MaxArgs {
					t.Fatalf("accepted %+v", p)
				}
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
			if m.dec.Pending() > wire.MaxAttachments {
				t.Fatal("too much is kept")
			}
		}
	})
}
