package client_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"tandem/env"
	_ "tandem/env/all"
	"tandem/game/client"
	"tandem/game/sim"
	"tandem/netcode/protocol"
	"tandem/netcode/relay"
	"tandem/netcode/session"
	"tandem/netcode/session/options"
	"tandem/netcode/transport"
)

// table is a relay in memory and the clients of one room, all in a bubble of virtual time. The
// bubble ends only when every goroutine has, so each test looks for leaks as well.
type table struct {
	t      *testing.T
	server *relay.Server
	opts   relay.Options
	create []string

	mu    sync.Mutex
	lines []transport.Aborter // in the order of dialling
	dead  bool                // no line can be made any more
}

// result is what Run answered.
type result struct {
	session.End
	err error
}

// at runs a test at a table whose room has these options: those of the environment, and after "--"
// those of the room.
func at(t *testing.T, envName string, words []string, f func(t *testing.T, tab *table)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		var n atomic.Uint64
		tab := &table{t: t, create: roomWords(t, envName, words), opts: relay.Options{
			Key: bytes.Repeat([]byte{7}, relay.KeySize), Random: func() uint64 { return n.Add(1) * 0x9e3779b97f4a7c15 }}}
		tab.server = relay.New(tab.opts)
		f(t, tab)
		tab.server.Close()
	})
}

func roomWords(t *testing.T, envName string, words []string) []string {
	t.Helper()
	cfg := options.DefaultConfig()
	own := words
	for i, w := range words {
		if w == "--" {
			own = words[:i]
			for _, w := range words[i+1:] {
				if err := cfg.Set(w); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	opts, err := env.ParseOptions(own)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := sim.Configure(&cfg, envName, opts); err != nil {
		t.Fatal(err)
	}
	return cfg.Words()
}

// restart stops the table's relay and starts another with the same key, after change to its options.
func (tab *table) restart(change func(*relay.Options)) {
	tab.server.Restart()
	change(&tab.opts)
	s := relay.New(tab.opts)
	tab.mu.Lock()
	defer tab.mu.Unlock()
	tab.server = s
}

// dial connects to the table's relay.
func (tab *table) dial(context.Context) (transport.Conn, error) {
	tab.mu.Lock()
	dead, server := tab.dead, tab.server
	tab.mu.Unlock()
	if dead {
		return nil, errors.New("the network is down")
	}
	opts := transport.Options{MaxMessage: protocol.MaxFrame}
	near, far := transport.PipeOptions(opts, opts)
	go server.ServeConn(far)
	tab.mu.Lock()
	defer tab.mu.Unlock()
	tab.lines = append(tab.lines, near.(transport.Aborter))
	return near, nil
}

// cut breaks the n-th line that was dialled.
func (tab *table) cut(n int) {
	tab.mu.Lock()
	defer tab.mu.Unlock()
	tab.lines[n].Abort()
}

// cutForGood breaks a line and lets nobody dial any more.
func (tab *table) cutForGood(n int) {
	tab.mu.Lock()
	tab.dead = true
	tab.mu.Unlock()
	tab.cut(n)
}

// closeForGood ends a line as its browser would, with a code, and lets nobody dial any more.
func (tab *table) closeForGood(n int, code transport.Code) {
	tab.mu.Lock()
	tab.dead = true
	line := tab.lines[n].(transport.Conn)
	tab.mu.Unlock()
	if err := line.Close(code, ""); err != nil {
		tab.t.Error(err)
	}
}

// config is that of a seat played by a random bot.
func (tab *table) config(seat int) client.Config {
	return client.Config{
		Dial: tab.dial,
		Peer: session.PeerConfig{Program: "test", Name: fmt.Sprintf("p%d", seat), Room: "r", Seat: seat, Create: tab.create},
		Input: func(m *sim.Match, seat int) (session.Sampler, error) {
			return sim.NewBotInput("random", m, seat, uint64(seat+1))
		},
	}
}

// seat lets a client play in the background.
func (tab *table) seat(cfg client.Config) (*client.Client, <-chan result) {
	c := client.New(cfg)
	end := make(chan result, 1)
	go func() {
		e, err := c.Run(tab.t.Context())
		end <- result{e, err}
	}()
	return c, end
}

// code is the end's code, and checks that the error tells the same.
func (r result) code(t *testing.T) protocol.Code {
	t.Helper()
	var e *protocol.Error
	switch {
	case r.Code == protocol.CodeOK && r.err != nil, r.Code != protocol.CodeOK && r.err == nil:
		t.Errorf("ended with %+v and the error %v", r.End, r.err)
	case errors.As(r.err, &e) && e.Code != r.Code:
		t.Errorf("ended with %+v and the error %+v", r.End, e)
	}
	return r.Code
}

// until lets virtual time pass until the view satisfies what, at most a minute.
func until(t *testing.T, c *client.Client, what string, ok func(v *client.View) bool) *client.View {
	t.Helper()
	var v client.View
	for range 60_000 {
		c.View(time.Now(), &v)
		if ok(&v) {
			return &v
		}
		time.Sleep(time.Millisecond)
	}
	v.Figures = [client.NumFigures]client.Trace{} // a screenful
	t.Fatalf("never %s; the view is %+v", what, v)
	return nil
}

func frame(n uint32) func(v *client.View) bool {
	return func(v *client.View) bool { return v.Frame >= n }
}

func closed(v *client.View) bool { return v.Phase == client.Closed || v.Phase == client.Finished }

// wrap changes what a seat's input device does.
func wrap(cfg *client.Config, f func(n int, action int) int) {
	inner := cfg.Input
	cfg.Input = func(m *sim.Match, seat int) (session.Sampler, error) {
		s, err := inner(m, seat)
		return &wrapped{Sampler: s, f: f}, err
	}
}

type wrapped struct {
	session.Sampler
	f func(n, action int) int
	n int
}

func (w *wrapped) Sample() int {
	w.n++
	return w.f(w.n, w.Sampler.Sample())
}
