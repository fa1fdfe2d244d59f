//go:build !js

package relay

import (
	"context"
	"net"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"tandem/netcode/protocol"
	"tandem/netcode/session"
	"tandem/netcode/session/replica"
	"tandem/netcode/sessiontest"
	"tandem/netcode/transport"
)

// patience bounds what takes real time in these tests; nothing waits for it unless it fails.
const patience = 20 * time.Second

var connOptions = transport.Options{MaxMessage: protocol.MaxFrame}

// roomOptions are the options of a short room for the fold game.
func roomOptions(more ...string) []string {
	return append([]string{"env=fold", "actions=7", "players=2", "frames=60", "countdown_ms=0"}, more...)
}

// counter supplies predictable "random" bits.
func counter() func() uint64 {
	var n atomic.Uint64
	return func() uint64 { return n.Add(1) * 0x9e3779b97f4a7c15 }
}

// player is a whole peer over any connection: the smallest driver that plays by the rules.
type player struct {
	cfg   session.PeerConfig
	peer  *session.Peer
	game  *sessiontest.Fold
	leave chan struct{} // closed by the test: the player leaves
	exec  *replica.Executor
	// seated gets the room's code, frames every stepped frame; the test must take them in time.
	seated chan string
	onStep func(frame uint32)
	// onEvent sees every event.
	onEvent func(e *session.Event)
	matches int // of a player with PeerConfig.Again: how many are played before it leaves

	end    session.End // after play
	subs   int         // own inputs that were substituted
	finals []uint64    // the states at the ends of matches that another may follow
}

func newPlayer(cfg session.PeerConfig, seed uint64) *player {
	if cfg.Program == "" {
		cfg.Program = "test"
	}
	p := &player{cfg: cfg, peer: session.NewPeer(cfg), leave: make(chan struct{}),
		seated: make(chan string, 1), game: sessiontest.NewFold(2, 7, 0, seed)}
	p.exec = &replica.Executor{Game: p.game, Fresh: func() (replica.Game, error) { return p.game.Fresh(), nil }}
	return p
}

// play runs the peer over conn until its match ends, and returns how it did.
func (p *player) play(conn transport.Conn) session.End {
	sender := transport.NewSender(conn, transport.SenderOptions{})
	inbox, broken, over := make(chan []byte, 64), make(chan error, 1), make(chan struct{})
	go func() {
		for {
			data, err := conn.Read()
			if err != nil {
				broken <- err
				return
			}
			select {
			case inbox <- append([]byte(nil), data...):
			case <-over:
				return
			}
		}
	}()
	start := time.Now()
	timer := time.NewTimer(0)
	in := session.In{Input: p.game, Prepared: true}
	for p.peer.State() != session.PeerClosed {
		var lost error
		select {
		case m := <-inbox:
			in.Messages = append(in.Messages, m)
		case <-timer.C:
		case lost = <-broken:
		case <-p.leave:
			p.act(p.peer.Leave(time.Since(start)), sender, &in)
			continue
		}
		for len(inbox) > 0 {
			in.Messages = append(in.Messages, <-inbox)
		}
		in.Now = time.Since(start)
		in.Answers = p.exec.Answers()
		out := p.peer.Update(in)
		p.exec.Answered()
		in.Messages = nil
		wake := out.Wake
		if p.act(out, sender, &in) || out.Behind {
			wake = in.Now
		}
		if lost != nil {
			p.peer.Lost(protocol.CodeGone, lost.Error())
		}
		timer.Reset(max(0, wake-time.Since(start)))
	}
	close(over)
	p.end = p.peer.End()
	sender.Close(transport.CodeNormal, "")
	<-sender.Done()
	return p.end
}

func (p *player) act(out *session.Out, sender *transport.Sender, in *session.In) (answers bool) {
	for _, m := range out.Send {
		// A broken connection is noticed by the reader.
		_ = sender.Send(transport.Class(m.Class), m.Data)
	}
	for i := range out.Commands {
		c := &out.Commands[i]
		if c.Kind == replica.CommandReset {
			p.game.Seats, p.game.Limit = p.peer.Room().Players, p.peer.Room().Frames
		}
		over := p.exec.Finished()
		answers = p.exec.Execute(c) || answers
		if c.Kind == replica.CommandStep && !over && p.onStep != nil {
			p.onStep(c.Frame)
		}
	}
	for i := range out.Events {
		e := &out.Events[i]
		switch e.Kind {
		case session.EventSeated:
			p.seated <- e.Text
		case session.EventSubstituted:
			p.subs++
		case session.EventMatchOver:
			p.finals = append(p.finals, p.game.State)
			if len(p.finals) == p.matches {
				close(p.leave)
			}
			in.Again = true
		}
		if p.onEvent != nil {
			p.onEvent(e)
		}
	}
	return answers
}

// virtual runs a test in a bubble of virtual time. The bubble ends only when every goroutine in it
// has ended, so each of these tests is one for leaks as well.
func virtual(t *testing.T, opts Options, f func(t *testing.T, s *Server)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		if opts.Random == nil {
			opts.Random = counter()
		}
		s := New(opts)
		f(t, s)
		s.Close()
	})
}

// dial connects to the server in memory.
func dial(s *Server) transport.Conn {
	near, far := transport.PipeOptions(connOptions, connOptions)
	go s.ServeConn(far)
	return near
}

// start lets a player play in the background; the channel gets its end.
func start(p *player, conn transport.Conn) <-chan session.End {
	end := make(chan session.End, 1)
	go func() { end <- p.play(conn) }()
	return end
}

// pair plays a two-seat match in a room and checks that both finish with the same state.
func pair(t *testing.T, room string, seed uint64, connect func() transport.Conn) {
	t.Helper()
	a := newPlayer(session.PeerConfig{Room: room, Seat: -1, Name: "a", Create: roomOptions()}, seed)
	b := newPlayer(session.PeerConfig{Room: room, Seat: -1, Name: "b", Create: roomOptions()}, seed+1)
	endA, endB := start(a, connect()), start(b, connect())
	for _, c := range []<-chan session.End{endA, endB} {
		if end := <-c; end.Code != protocol.CodeOK || end.Frames != 60 {
			t.Errorf("room %q, seed %d: ended with %+v", room, seed, end)
		}
	}
	if a.game.State != b.game.State || a.game.Frames != 60 {
		t.Errorf("room %q, seed %d: states %x and %x after %d and %d frames", room, seed, a.game.State, b.game.State, a.game.Frames, b.game.Frames)
	}
}

// listen starts a server on a loopback port and stops it with the test.
func listen(t *testing.T, opts Options) (s *Server, addr string) {
	t.Helper()
	s, ln := onPort(t, opts)
	serve(t, s, ln)
	return s, ln.Addr().String()
}

// onPort makes a server and its loopback port, which do not serve yet.
func onPort(t *testing.T, opts Options) (*Server, net.Listener) {
	t.Helper()
	ln, err := Listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return New(opts), ln
}

// serve lets a server serve until the test is over.
func serve(t *testing.T, s *Server, ln net.Listener) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- s.Serve(ctx, ln) }()
	t.Cleanup(func() {
		cancel()
		if err := <-served; err != nil {
			t.Error(err)
		}
	})
}

// connect dials a listening server.
func connect(t *testing.T, addr string) transport.Conn {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	conn, err := transport.Dial(ctx, addr, connOptions)
	if err != nil {
		t.Fatal(err)
	}
	return conn
}
