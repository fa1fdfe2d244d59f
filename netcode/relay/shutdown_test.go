//go:build !js

package relay

import (
	"context"
	"errors"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"tandem/netcode/protocol"
	"tandem/netcode/session"
	"tandem/netcode/transport"
)

// TestCloseTellsEverybody stops a relay with a match in play, a player in a lobby and a connection
// that has not joined. The bubble ends only if no goroutine of the relay is left.
func TestCloseTellsEverybody(t *testing.T) {
	virtual(t, Options{}, func(t *testing.T, s *Server) {
		opts := roomOptions("frames=0")
		players := []*player{
			newPlayer(session.PeerConfig{Room: "play", Seat: 0, Create: opts}, 1),
			newPlayer(session.PeerConfig{Room: "play", Seat: 1, Create: opts}, 2),
			newPlayer(session.PeerConfig{Room: "lobby", Seat: 0, Create: opts}, 3),
		}
		playing := make(chan struct{})
		players[0].onStep = func(frame uint32) {
			if frame == 10 {
				close(playing)
			}
		}
		var ends []<-chan session.End
		for _, p := range players {
			ends = append(ends, start(p, dial(s)))
		}
		stranger := dial(s)
		<-playing
		began := time.Now()
		s.Close()
		if took := time.Since(began); took > shutdownGrace {
			t.Errorf("closing took %v", took)
		}
		for i, c := range ends {
			if end := <-c; end.Code != protocol.CodeShutdown || !strings.Contains(end.Text, "shutting down") {
				t.Errorf("player %d ended with %+v", i, end)
			}
		}
		if _, end := answers(t, stranger); end.Code != closeCode(protocol.CodeShutdown) {
			t.Errorf("the stranger was told %d, %q", end.Code, end.Reason)
		}
		if s.Rooms() != 0 {
			t.Errorf("%d rooms are left", s.Rooms())
		}
		refusedWith(t, dial(s), protocol.CodeShutdown, "try again")
		s.Close() // once more does nothing
	})
}

// TestCloseTwice closes a relay from two sides at once, the second while and after the first works:
// each returns when everything has ended, and the first has decided how.
// TestRestartTurnsNobodyAway comes to a relay that ends to be started again: whoever lost the line to it and
// is faster than it must go on trying, and is not told that it is over.
func TestRestartTurnsNobodyAway(t *testing.T) {
	virtual(t, Options{}, func(t *testing.T, s *Server) {
		stranger := dial(s)
		synctest.Wait()
		s.Restart()
		if _, end := answers(t, stranger); end.Code != closeCode(protocol.CodeBusy) {
			t.Errorf("the stranger was told %d, %q", end.Code, end.Reason)
		}
		refusedWith(t, dial(s), protocol.CodeBusy, "try again")
	})
}

func TestCloseTwice(t *testing.T) {
	virtual(t, Options{}, func(t *testing.T, s *Server) {
		p := newPlayer(session.PeerConfig{Room: "lobby", Seat: 0, Create: roomOptions("frames=0")}, 1)
		end := start(p, dial(s))
		synctest.Wait()
		first := make(chan struct{})
		go func() { s.Close(); close(first) }()
		synctest.Wait()
		go s.Restart()
		if e := <-end; e.Code != protocol.CodeShutdown {
			t.Errorf("the player ended with %+v", e)
		}
		<-first
		s.Close()
		if s.Rooms() != 0 {
			t.Errorf("%d rooms are left", s.Rooms())
		}
	})
}

// TestCloseDoesNotWaitForTheDeaf stops a relay whose player takes nothing any more.
func TestCloseDoesNotWaitForTheDeaf(t *testing.T) {
	virtual(t, Options{}, func(t *testing.T, s *Server) {
		opts := roomOptions("frames=0", "players=1")
		conn := dial(s)
		write(t, conn, append(hello(protocol.Version), protocol.Append(nil, &protocol.Join{Room: "r", Seat: -1, Create: opts})...))
		write(t, conn, protocol.Append(nil, &protocol.Ready{}))
		for range 100 { // of the burst: the pipe is not full yet, but nobody reads
			write(t, conn, protocol.AppendPing(nil, &protocol.Ping{Sent: 1}))
		}
		synctest.Wait()
		began := time.Now()
		s.Close()
		if took := time.Since(began); took > 2*shutdownGrace {
			t.Errorf("closing took %v", took)
		}
	})
}

// TestFaultCostsOneRoom makes one of two rooms panic.
func TestFaultCostsOneRoom(t *testing.T) {
	virtual(t, Options{}, func(t *testing.T, s *Server) {
		opts := roomOptions("frames=0")
		a := newPlayer(session.PeerConfig{Room: "bad", Seat: 0, Create: opts}, 1)
		endA := start(a, dial(s))
		<-a.seated
		synctest.Wait()
		s.mu.Lock()
		bad := s.rooms["bad"]
		s.mu.Unlock()
		bad.post(event{}) // a join without a client, which no connection can send
		if end := <-endA; end.Code != protocol.CodeInternal || !strings.Contains(end.Text, "error") {
			t.Errorf("the player in the room that failed ended with %+v", end)
		}
		pair(t, "good", 4, func() transport.Conn { return dial(s) })
		pair(t, "bad", 5, func() transport.Conn { return dial(s) })
	})
}

func TestServe(t *testing.T) {
	ln, err := Listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := ln.Addr().String()
	if _, err := Listen(addr); err == nil || !strings.Contains(err.Error(), "in use") || !strings.Contains(err.Error(), "-listen") {
		t.Errorf("listening twice on a port: %v", err)
	}
	s := New(Options{})
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	served := make(chan error, 1)
	go func() { served <- s.Serve(ctx, ln) }()

	p := newPlayer(session.PeerConfig{Seat: -1, Create: roomOptions()}, 1)
	end := start(p, connect(t, addr))
	<-p.seated
	if s.Rooms() != 1 || s.Connections() != 1 {
		t.Errorf("%d rooms, %d connections", s.Rooms(), s.Connections())
	}
	for path, want := range map[string]int{"/healthz": http.StatusOK, "/metrics": http.StatusNotFound, "/nothing": http.StatusNotFound, "/ws": http.StatusBadRequest} {
		resp, err := http.Get("http://" + addr + path)
		if err != nil {
			t.Fatal(err)
		}
		if err := resp.Body.Close(); err != nil {
			t.Error(err)
		}
		if resp.StatusCode != want && !(path == "/ws" && resp.StatusCode == http.StatusUpgradeRequired) {
			t.Errorf("%s answers %d, want %d", path, resp.StatusCode, want)
		}
	}

	cancel()
	select {
	case err := <-served:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(patience):
		t.Fatal("Serve does not end")
	}
	if e := <-end; e.Code != protocol.CodeShutdown {
		t.Errorf("the player ended with %+v", e)
	}
	if _, err := transport.Dial(t.Context(), addr, connOptions); err == nil {
		t.Error("the port is still open")
	}
}

// TestServeEndsBesideAnOpenLine stops a relay while somebody has a line to it on which nothing was asked
// for, as browsers keep them in reserve: the line is cut, and the relay has ended well.
func TestServeEndsBesideAnOpenLine(t *testing.T) {
	ln, err := Listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	served := make(chan error, 1)
	go func() { served <- New(Options{HandshakeTimeout: time.Hour}).Serve(ctx, ln) }()
	line, err := net.Dial("tcp", ln.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer line.Close()
	// Whoever is answered was accepted after the line.
	resp, err := http.Get("http://" + ln.Addr().String() + "/healthz")
	if err != nil {
		t.Fatal(err)
	}
	if err := resp.Body.Close(); err != nil {
		t.Error(err)
	}
	cancel()
	if err := <-served; err != nil {
		t.Fatal(err)
	}
	if n, err := line.Read(make([]byte, 1)); err == nil {
		t.Errorf("%d bytes came on the line", n)
	}
}

// TestServeFails has the listener break.
func TestServeFails(t *testing.T) {
	ln, err := Listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if err := ln.Close(); err != nil {
		t.Fatal(err)
	}
	if err := New(Options{}).Serve(t.Context(), ln); err == nil || errors.Is(err, context.Canceled) {
		t.Errorf("serving a closed listener: %v", err)
	}
}

func TestListenErrors(t *testing.T) {
	for _, addr := range []string{"7777", "localhost", "host.invalid:1", "127.0.0.1:99999", ":x"} {
		ln, err := Listen(addr)
		if err == nil {
			t.Errorf("Listen(%q) worked", addr)
			if err := ln.Close(); err != nil {
				t.Error(err)
			}
			continue
		}
		if !strings.Contains(err.Error(), "-listen") || !strings.Contains(err.Error(), addr) {
			t.Errorf("Listen(%q): %v: it does not say what to do", addr, err)
		}
	}
}
