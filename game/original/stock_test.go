//go:build !js

package original_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	_ "tandem/env/all"
	"tandem/game/client"
	"tandem/game/original"
	"tandem/game/sim"
	"tandem/netcode/original/peer"
	"tandem/netcode/original/stock"
	"tandem/netcode/original/wire"
	"tandem/netcode/protocol"
	"tandem/netcode/session"
	"tandem/netcode/session/options"
	"tandem/netcode/transport"
)

// packages are the stock ones, installed when a test needs them first.
var packages = stock.Packages{Scripts: "testdata/stock"}

// TestMain fails the tests when goroutines stay behind them. Those that are about to end get the time
// that a busy machine needs, which is more than goleak gives them.
func TestMain(m *testing.M) {
	code := m.Run()
	leak := goleak.Find()
	for until := time.Now().Add(20 * time.Second); leak != nil && time.Now().Before(until); {
		leak = goleak.Find()
	}
	if leak != nil && code == 0 {
		fmt.Fprintln(os.Stderr, leak)
		code = 1
	}
	if err := packages.Remove(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = max(code, 1)
	}
	os.Exit(code)
}

// stockRelay is relay.js while it runs.
type stockRelay struct {
	address string
	in      io.Writer
	lines   chan string
}

func startRelay(t *testing.T, args ...string) *stockRelay {
	t.Helper()
	node := packages.Node(t.Context(), t, "relay.js", args...)
	in, err := node.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := node.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := node.Start(); err != nil {
		t.Fatal(err)
	}
	r := &stockRelay{in: in, lines: make(chan string, 16)}
	var reading sync.WaitGroup
	reading.Go(func() {
		defer close(r.lines)
		for s := bufio.NewScanner(out); s.Scan(); {
			r.lines <- s.Text()
		}
	})
	t.Cleanup(func() {
		_ = in.Close() // it exits then
		kill := time.AfterFunc(5*time.Second, func() { _ = node.Process.Kill() })
		reading.Wait()
		_ = node.Wait()
		kill.Stop()
	})
	port, ok := strings.CutPrefix(<-r.lines, "port ")
	if !ok {
		t.Fatal("the stock relay did not start")
	}
	r.address = "socketio://127.0.0.1:" + port
	return r
}

// relaySaw is what relay.js tells of a game.
type relaySaw struct {
	Asked, Sent, Fields, Compared, Blind, Huds int
	Players                                    []struct {
		Seat, Subject                                       string
		Actions, First, Bare, Hashes, Wrong, Uploads, Scene int
		Ordered, Left                                       bool
	}
}

func (r *stockRelay) game(t *testing.T) (saw relaySaw) {
	t.Helper()
	select {
	case line := <-r.lines:
		if err := json.Unmarshal([]byte(line), &saw); err != nil {
			t.Fatalf("the stock relay says %q: %v", line, err)
		}
	case <-time.After(5 * time.Minute): // nobody waits for it unless it fails
		t.Fatal("the stock relay tells of no game")
	}
	return saw
}

// tap keeps the full states that pass.
type tap struct {
	transport.Conn
	mu     sync.Mutex
	states []string
}

func (c *tap) keep(frame []byte, event string) {
	if _, state, ok := strings.Cut(string(frame), `"`+event+`",`); ok {
		_, state, _ = strings.Cut(state, `"state":`)
		c.mu.Lock()
		c.states = append(c.states, strings.TrimSuffix(state, "}]"))
		c.mu.Unlock()
	}
}

func (c *tap) Read() ([]byte, error) {
	b, err := c.Conn.Read()
	c.keep(b, "pyodide_apply_full_state")
	return b, err
}

func (c *tap) Write(b []byte) error {
	c.keep(b, "pyodide_send_full_state")
	return c.Conn.Write(b)
}

// native is a player of ours on a relay of the original system.
type native struct {
	*client.Client
	tap *tap
	err error
	end session.End
}

func newNative(address string, parser wire.Parser, subject string, frames uint32, bot string) *native {
	n := &native{tap: &tap{}}
	want := options.DefaultConfig()
	want.Frames, want.Delay.Frames = frames, 6
	n.Client = client.New(client.Config{
		Guest: original.NewSeat(peer.Config{Parser: parser, Subject: subject,
			Scene: func(s *peer.Scene) (peer.Room, error) { return original.Room(s, want) }}),
		Dial: func(ctx context.Context) (transport.Conn, error) {
			c, err := peer.Dial(ctx, address, peer.Options{Subject: subject, Parser: parser})
			n.tap.Conn = c
			return n.tap, err
		},
		Input: func(m *sim.Match, seat int) (session.Sampler, error) {
			return sim.NewBotInput(bot, m, seat, uint64(seat)+1)
		},
	})
	return n
}

// playTogether runs players to the end of their games.
func playTogether(t *testing.T, players ...*native) {
	t.Helper()
	var all sync.WaitGroup
	for _, n := range players {
		all.Go(func() { n.end, n.err = n.Run(t.Context()) })
	}
	all.Wait()
	for i, n := range players {
		if n.err != nil || n.end.Code != protocol.CodeOK {
			t.Fatalf("player %d: %+v, %v", i, n.end, n.err)
		}
	}
}

// Two native peers through a stock relay whose hash check compares unequal frames: 300 frames each, in
// order, none lost, no hash of the original's sent, and both end in one state.
func TestStockRelayOurs(t *testing.T) {
	for _, parser := range []wire.Parser{wire.JSON, wire.Msgpack} {
		t.Run(parser.String(), func(t *testing.T) {
			t.Parallel()
			packages.Dir(t)
			r := startRelay(t, parser.String(), "5", "3000")
			a := newNative(r.address, parser, peer.Subject("ann", 6, "1"), 300, "random")
			b := newNative(r.address, parser, peer.Subject("bob", 6, "2"), 300, "sticky")
			_, _ = io.WriteString(r.in, "resync 150\n")
			playTogether(t, a, b)
			ra, rb := a.Report(), b.Report()
			if ra.Frames != 300 || rb.Frames != 300 || ra.FinalHash != rb.FinalHash || ra.FinalHash == "" {
				t.Errorf("%d and %d frames, final states %s and %s", ra.Frames, rb.Frames, ra.FinalHash, rb.FinalHash)
			}
			saw := r.game(t)
			for _, p := range saw.Players {
				// 300 frames and the 6 of the delay; the last says the final hash.
				if p.Actions < 300 || p.First != 6 || !p.Ordered || p.Hashes != 0 || p.Uploads == 0 || p.Left || p.Scene != 2 {
					t.Errorf("the relay saw %+v", p)
				}
			}
			sent, taken := ra.QueueMode.StatesSent+rb.QueueMode.StatesSent, ra.QueueMode.StatesTaken+rb.QueueMode.StatesTaken
			if saw.Sent == 0 || sent != saw.Sent || taken != saw.Sent || ra.QueueMode.Invalid+rb.QueueMode.Invalid != 0 || saw.Huds < 9 {
				t.Errorf("%d states sent, %d taken, the relay passed %d on; %+v, %+v", sent, taken, saw.Sent, ra.QueueMode, rb.QueueMode)
			}
			if ra.QueueMode.Original || len(ra.QueueMode.Defects) != 1 {
				t.Errorf("the report names %q", ra.QueueMode.Defects)
			}
			sameStates(t, parser, a, b)
		})
	}
}

// sameStates compares, byte for byte, what the host sent with what the other got.
func sameStates(t *testing.T, parser wire.Parser, a, b *native) {
	t.Helper()
	if parser != wire.JSON {
		return // the frames are binary; what they lead to is compared above
	}
	if len(a.tap.states) == 0 || len(a.tap.states) != len(b.tap.states) {
		t.Fatalf("%d states on one side, %d on the other", len(a.tap.states), len(b.tap.states))
	}
	for i := range a.tap.states {
		if a.tap.states[i] != b.tap.states[i] {
			t.Errorf("state %d has changed on its way:\n%.300s\n%.300s", i, a.tap.states[i], b.tap.states[i])
		}
	}
}

// One of the two plays as the original does: hashes of unequal frames lead to resyncs, the state in
// the original's 32 fields comes over unchanged, several episodes are played to their end.
func TestStockRelayAsOriginal(t *testing.T) {
	packages.Dir(t)
	t.Parallel()
	r := startRelay(t, "json", "3", "110")
	a := newNative(r.address, wire.JSON, "participant-1", 0, "random")
	b := newNative(r.address, wire.JSON, peer.Subject("bob", 6, "2"), 0, "idle")
	playTogether(t, a, b)
	ra, rb := a.Report(), b.Report()
	saw := r.game(t)
	if saw.Sent == 0 || saw.Fields != 32 || saw.Compared == 0 {
		t.Errorf("the relay saw %+v", saw)
	}
	for i, p := range saw.Players {
		// Whoever takes a state over goes on from its frame; the host, who joined first, counts on.
		if i == 0 && !p.Ordered {
			t.Errorf("the host's frames were out of order")
		}
		if p.Actions < 150 || p.First != 0 || p.Bare != p.Actions || p.Hashes < 7 || p.Wrong > 0 || p.Uploads == 0 || p.Scene != 2 {
			t.Errorf("the relay saw %+v", p)
		}
	}
	for _, rep := range []client.Report{ra, rb} {
		if !rep.QueueMode.Original || len(rep.QueueMode.Defects) != 6 || rep.QueueMode.StatesRefused != 0 || rep.QueueMode.Invalid != 0 || rep.Bytes.ByType["pyodide_state_hash"] == 0 {
			t.Errorf("reports %+v", rep.QueueMode)
		}
	}
	sameStates(t, wire.JSON, a, b)
}
