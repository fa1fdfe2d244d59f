//go:build linux

package server

import (
	"net"
	"net/http"
	"sync"
	"syscall"
	"tandem/netcode/relay"
	"testing"
)

// accepted keeps the connections that a listener has accepted.
type accepted struct {
	net.Listener
	mu    sync.Mutex
	conns []*net.TCPConn
}

func (l *accepted) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if tcp, ok := c.(*net.TCPConn); ok {
		l.mu.Lock()
		l.conns = append(l.conns, tcp)
		l.mu.Unlock()
	}
	return c, err
}

// Nagle's algorithm is off on every connection, also while the loop reads and writes it: an action must
// not wait for the answer to the one before.
func TestOriginalNoDelay(t *testing.T) {
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := &accepted{Listener: inner}
	s := newRelayed(relay.Options{}, Options{})
	web := &http.Server{Handler: s}
	var serving sync.WaitGroup
	serving.Go(func() { _ = web.Serve(l) })
	defer serving.Wait()
	defer s.Close()
	defer web.Close()
	a, b := match(t, inner.Addr().String())
	for i := range int64(20) { // the loop has it now
		a.say(a.action(i))
		b.await("pyodide_other_player_action")
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, c := range l.conns {
		raw, err := c.SyscallConn()
		if err != nil {
			t.Fatal(err)
		}
		on := 0
		if cerr := raw.Control(func(fd uintptr) { on, err = syscall.GetsockoptInt(int(fd), syscall.IPPROTO_TCP, syscall.TCP_NODELAY) }); cerr != nil || err != nil {
			t.Fatal(cerr, err)
		}
		if on == 0 {
			t.Error("a connection has Nagle's algorithm on")
		}
	}
	if len(l.conns) != 2 {
		t.Errorf("%d connections", len(l.conns))
	}
}
