//go:build !js

package programs

import (
	"io"
	"net"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// line is an address that leads to a relay, and later to another: a name whose entry changes, or a
// balancer in front of several relays.
type line struct {
	ln   net.Listener
	work sync.WaitGroup

	mu    sync.Mutex
	to    string
	conns []net.Conn
}

func newLine(t *testing.T, to string) *line {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := &line{ln: ln, to: to}
	l.work.Go(func() {
		for {
			near, err := ln.Accept()
			if err != nil {
				return
			}
			l.mu.Lock()
			far, err := net.Dial("tcp", l.to)
			if err != nil {
				_ = near.Close() // the relay is down; so is the line
			} else {
				l.conns = append(l.conns, near, far)
				l.work.Go(func() { carry(near, far) })
				l.work.Go(func() { carry(far, near) })
			}
			l.mu.Unlock()
		}
	})
	t.Cleanup(func() {
		_ = ln.Close() // it ends the loop
		l.lead("")
		l.work.Wait()
	})
	return l
}

func carry(to, from net.Conn) {
	_, _ = io.Copy(to, from) // in whatever way it ends
	_ = to.Close()
	_ = from.Close()
}

// lead cuts what is connected, and leads to another relay.
func (l *line) lead(to string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.to = to
	for _, c := range l.conns {
		_ = c.Close() // the other side may have done it
	}
	l.conns = nil
}

// TestPlayersOnTwoRelays has the relay of a match end, and two others with its key take its place, one for
// each player, as a balancer may do. Neither can go on with the match as it was, and nobody's data are
// wrong: each waits for the other and hears who did not come; or, where the room plays on without who is
// gone, plays on alone, and when both come together again they have the same match.
func TestPlayersOnTwoRelays(t *testing.T) {
	for name, c := range map[string]struct {
		options []string
		meet    bool
	}{
		"both wait":              {options: []string{"-set", "pause_ms=3000"}},
		"both wait, one crosses": {options: []string{"-set", "pause_ms=20000"}, meet: true},
		"both play on":           {options: []string{"-set", "on_disconnect=substitute"}, meet: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			frames := 300
			if name == "both play on" {
				frames = 900 // a relay waits ten seconds for those it remembers
			}
			dir := t.TempDir()
			key := filepath.Join(dir, "relay.key")
			first, addr := relayServer(t, "-key", key)
			lines := [2]*line{newLine(t, addr), newLine(t, addr)}
			g := pairUp(t, addr, "split", frames, [2]string{}, c.options...)
			for i := range g.peers {
				g.args[i] = append(g.args[i], "-relay", lines[i].ln.Addr().String())
				g.begin(i)
				g.seated(i)
			}
			intoPlay(t, addr, played)
			var relays [2]string
			for i := range relays {
				_, relays[i] = relayServer(t, "-key", key)
			}
			if err := first.cmd.Process.Kill(); err != nil {
				t.Fatal(err)
			}
			first.wait()
			for i := range lines {
				lines[i].lead(relays[i])
			}
			for i := range relays {
				for tick := time.Tick(20 * time.Millisecond); counted(t, relays[i], "rooms") == 0; <-tick {
				}
			}
			if c.meet {
				if name == "both play on" {
					for i := range relays {
						intoPlay(t, relays[i], 30)
					}
				}
				lines[1].lead(relays[0])
				g.parity()
				return
			}
			for i, p := range g.peers {
				if code := p.wait(); code != failed || !strings.Contains(p.errs.String(), "did not come back") {
					t.Errorf("player %d ended with %d:\n%s", i, code, p.errs.String())
				}
			}
			a, b := g.rows(0), g.rows(1)
			if n := min(len(a), len(b)); n < played || len(a)+len(b) > 2*n+30 {
				t.Errorf("the exports have %d and %d rows", len(a), len(b))
			}
			for i := range min(len(a), len(b)) {
				if a[i] != b[i] {
					t.Fatalf("row %d is %s and %s", i, a[i], b[i])
				}
			}
		})
	}
}
