//go:build !js

package relay

import (
	"context"
	"errors"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
	"time"

	"tandem/netcode/protocol"
	"tandem/netcode/transport"
)

// listenBoth starts a server that takes datagrams on a loopback port, and stops it with the test.
func listenBoth(t *testing.T, opts Options) (s *Server, addr string) {
	t.Helper()
	s, ln := onPort(t, opts)
	if err := s.TakeDatagrams(ln, nil); err != nil {
		t.Fatal(err)
	}
	serve(t, s, ln)
	return s, ln.Addr().String()
}

func byDatagrams(t *testing.T, addr string) (transport.Conn, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	return transport.DialBy(ctx, transport.OnlyQUIC, addr, connOptions, nil)
}

// TestMatchByDatagrams plays by them, also where one player has a WebSocket.
func TestMatchByDatagrams(t *testing.T) {
	_, addr := listenBoth(t, Options{})
	conns := 0
	pair(t, "both", 1, func() transport.Conn {
		conn, err := byDatagrams(t, addr)
		if err != nil {
			t.Fatal(err)
		}
		if got := transport.Carrier(conn); got != transport.CarrierQUIC {
			t.Errorf("by %s", got)
		}
		return conn
	})
	pair(t, "mixed", 3, func() transport.Conn {
		if conns++; conns == 1 {
			return connect(t, addr)
		}
		conn, err := byDatagrams(t, addr)
		if err != nil {
			t.Fatal(err)
		}
		return conn
	})
}

// TestDatagramsAreAdmitted: connections with datagrams are counted with all others, by address, in what
// plays and in what only connects; and their places are free again when they have gone.
func TestDatagramsAreAdmitted(t *testing.T) {
	s, addr := listenBoth(t, Options{ConnsPerAddress: 2})
	var conns []transport.Conn
	for range 2 {
		conn, err := byDatagrams(t, addr)
		if err != nil {
			t.Fatal(err)
		}
		write(t, conn, hello(protocol.Version))
		if _, err := conn.Read(); err != nil {
			t.Fatal(err)
		}
		conns = append(conns, conn)
	}
	third, err := byDatagrams(t, addr)
	if err == nil { // the relay may have said so before the datagrams were there
		refusedWith(t, third, protocol.CodeConnectLimit, "as many connections as this relay allows (2)")
	}
	refusedWith(t, connect(t, addr), protocol.CodeConnectLimit, "as many connections as this relay allows (2)")

	// What only connects: places for lines run out, and then QUIC itself refuses.
	p := placeOf(addr)
	var releases []func()
	for {
		release := s.admission.connect(p, s.opts.Now())
		if release == nil {
			break
		}
		releases = append(releases, release)
	}
	if release := s.admitDatagrams(addr); release != nil {
		t.Error("a QUIC connection is let in where no place is left")
	}
	for _, release := range releases {
		release()
	}
	for _, conn := range conns {
		if err := conn.Close(transport.CodeNormal, ""); err != nil {
			t.Error(err)
		}
	}
	for s.Connections() > 0 || s.datagramConns.Load() > 0 {
		runtime.Gosched()
	}
}

// TestPagesAreAdmitted: a page's request for WebTransport is asked what all others are.
func TestPagesAreAdmitted(t *testing.T) {
	s, ln := onPort(t, Options{Origins: []string{"https://play.example.org"}, Now: func() time.Duration { return 0 }})
	defer ln.Close()
	ask := func(host, origin string) error {
		r := httptest.NewRequest("CONNECT", "https://"+host+"/ws", nil)
		r.Host, r.RemoteAddr = host, "192.168.1.9:5000"
		r.Header.Set("Origin", origin)
		return s.admitPage(r)
	}
	for _, own := range [][2]string{{"192.168.1.5:7777", "http://192.168.1.5:7777"}, {"box.local:7777", "https://play.example.org"}} {
		if err := ask(own[0], own[1]); err != nil {
			t.Error(own, err)
		}
	}
	for _, foreign := range [][2]string{{"192.168.1.5:7777", "https://evil.example"}, {"evil.example:7777", "https://evil.example:7777"}} {
		err := ask(foreign[0], foreign[1])
		if !errors.Is(err, transport.ErrOrigin) {
			t.Error(foreign, err)
		}
		s.refusedDatagrams("192.168.1.9:5000", err)
	}
	counted(t, s, protocol.CodeOrigin, "2")
	for range asksBurst {
		if err := ask("192.168.1.5:7777", "http://192.168.1.5:7777"); errors.Is(err, errAsks) {
			return
		}
	}
	t.Error("there is no end to what one address may ask for")
}

// TestDatagramFlood: what a seated connection may not send by a WebSocket it may not send by datagrams.
func TestDatagramFlood(t *testing.T) {
	s, addr := listenBoth(t, Options{})
	conn, err := byDatagrams(t, addr)
	if err != nil {
		t.Fatal(err)
	}
	write(t, conn, hello(protocol.Version))
	go func() {
		ping := protocol.AppendPing(nil, &protocol.Ping{Sent: 1})
		for conn.Write(ping) == nil { // until the relay has had enough
		}
	}()
	refusedWith(t, conn, protocol.CodeTooFrequent, "without joining a room")
	counted(t, s, protocol.CodeTooFrequent, "1")
}

// TestPortForDatagrams: where another program has it the relay can tell, and plays on without.
func TestPortForDatagrams(t *testing.T) {
	ln, err := Listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	first, second := New(Options{}), New(Options{})
	if err := first.TakeDatagrams(ln, nil); err != nil {
		t.Fatal(err)
	}
	if err := second.TakeDatagrams(ln, nil); err == nil || !strings.Contains(err.Error(), "in use for UDP") {
		t.Errorf("%v", err)
	}
	if err := first.datagrams.Close(); err != nil {
		t.Error(err)
	}
	_, addr := listen(t, Options{})
	var failed *transport.DialError
	if _, err := byDatagrams(t, addr); !errors.As(err, &failed) || !strings.Contains(failed.Words, "it offers none") {
		t.Error(err)
	}
}
