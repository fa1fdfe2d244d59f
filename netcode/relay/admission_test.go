//go:build !js

package relay

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"tandem/netcode/protocol"
	"tandem/netcode/session"
	"tandem/netcode/transport"
)

// counted checks a relay's metrics for a refusal.
func counted(t *testing.T, s *Server, code protocol.Code, n string) {
	t.Helper()
	counts(t, s, `tandem_refusals_total{code="`+code.String()+`"} `+n+"\n")
}

// counts checks a relay's metrics for a line.
func counts(t *testing.T, s *Server, line string) {
	t.Helper()
	rec := httptest.NewRecorder()
	s.ServeHTTP(rec, httptest.NewRequest("GET", "/metrics", nil))
	if !strings.Contains(rec.Body.String(), line) {
		t.Errorf("/metrics lacks %q", line)
	}
}

// TestForeignPage connects as a page of somebody else's site does: it hears why not, and what its
// owner can do. The same page is welcome where it is listed.
func TestForeignPage(t *testing.T) {
	const page = "https://play.example.org"
	dial := func(addr, origin string) error {
		conn, err := transport.Dial(t.Context(), addr, transport.Options{Origin: origin})
		if err == nil {
			conn.(transport.Aborter).Abort()
		}
		return err
	}
	s, addr := listen(t, Options{})
	err := dial(addr, page)
	if err == nil || !strings.Contains(err.Error(), `pages from "`+page+`" may not use this relay unless its operator lists them with -origins`) {
		t.Errorf("a foreign page is told: %v", err)
	}
	counted(t, s, protocol.CodeOrigin, "1")
	for _, origin := range []string{"", "http://" + addr} {
		if err := dial(addr, origin); err != nil {
			t.Errorf("origin %q: %v", origin, err)
		}
	}
	_, addr = listen(t, Options{Origins: []string{page}})
	if err := dial(addr, page); err != nil {
		t.Errorf("a listed page: %v", err)
	}
	if err := dial(addr, "https://other.example.org"); err == nil {
		t.Error("a page that is not listed may connect")
	}
}

func TestConnectionsPerAddress(t *testing.T) {
	s, addr := listen(t, Options{ConnsPerAddress: 2})
	first, second := connect(t, addr), connect(t, addr)
	for _, c := range []transport.Conn{first, second} {
		write(t, c, hello(protocol.Version))
		if _, err := c.Read(); err != nil {
			t.Fatal(err)
		}
	}
	refusedWith(t, connect(t, addr), protocol.CodeConnectLimit, "as many connections as this relay allows (2)")
	counted(t, s, protocol.CodeConnectLimit, "1")
	if err := first.Close(transport.CodeNormal, ""); err != nil {
		t.Fatal(err)
	}
	// The relay has answered the goodbye, but may not have counted it yet.
	for s.Connections() > 1 {
		runtime.Gosched()
	}
	again := connect(t, addr)
	write(t, again, hello(protocol.Version))
	if _, err := again.Read(); err != nil {
		t.Errorf("in the place of one that left: %v", err)
	}
	for _, c := range []transport.Conn{second, again} {
		if err := c.Close(transport.CodeNormal, ""); err != nil {
			t.Error(err)
		}
	}
}

// TestConnectionsBehindProxy has two people share a proxy: each has limits of their own, and nobody
// else can say whom they speak for.
func TestConnectionsBehindProxy(t *testing.T) {
	call := func(addr, forwarded string) transport.Conn {
		t.Helper()
		ws, _, err := websocket.DefaultDialer.DialContext(t.Context(), "ws://"+addr+"/ws", http.Header{"X-Forwarded-For": {forwarded}})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = ws.Close() }) // the relay has mostly closed it already
		return wsConn{ws}
	}
	proxies, err := ParseProxies("127.0.0.1")
	if err != nil {
		t.Fatal(err)
	}
	welcome := func(c transport.Conn) {
		t.Helper()
		write(t, c, hello(protocol.Version))
		if _, err := c.Read(); err != nil {
			t.Error(err)
		}
	}
	_, addr := listen(t, Options{ConnsPerAddress: 1, TrustedProxies: proxies})
	welcome(call(addr, "203.0.113.1"))
	welcome(call(addr, "203.0.113.2"))
	refusedWith(t, call(addr, "203.0.113.1"), protocol.CodeConnectLimit, "(1)")
	// One network of IPv6 is one person.
	welcome(call(addr, "2001:db8::1"))
	refusedWith(t, call(addr, "2001:db8::2"), protocol.CodeConnectLimit, "")
	welcome(call(addr, "2001:db8:0:1::2"))

	_, addr = listen(t, Options{ConnsPerAddress: 1})
	welcome(call(addr, "203.0.113.1"))
	refusedWith(t, call(addr, "203.0.113.2"), protocol.CodeConnectLimit, "")
}

// wsConn reads and writes a bare WebSocket as a transport.Conn does.
type wsConn struct{ *websocket.Conn }

func (c wsConn) Write(data []byte) error { return c.WriteMessage(websocket.BinaryMessage, data) }

func (c wsConn) Read() ([]byte, error) {
	_, data, err := c.ReadMessage()
	var ce *websocket.CloseError
	if errors.As(err, &ce) {
		return nil, &transport.CloseError{Code: transport.Code(ce.Code), Reason: ce.Text}
	}
	return data, err
}

func (c wsConn) Close(transport.Code, string) error { return c.Conn.Close() }
func (c wsConn) Remote() string                     { return c.RemoteAddr().String() }

func TestRoomsPerAddress(t *testing.T) {
	s, addr := listen(t, Options{RoomsPerAddress: 1})
	open := func() *player {
		return newPlayer(session.PeerConfig{Seat: -1, Create: roomOptions()}, 1)
	}
	first := open()
	end := start(first, connect(t, addr))
	code := <-first.seated
	if got := open().play(connect(t, addr)); got.Code != protocol.CodeRoomLimit || !strings.Contains(got.Text, "as many rooms as this relay allows (1)") {
		t.Errorf("the second room ended with %+v", got)
	}
	counted(t, s, protocol.CodeRoomLimit, "1")
	// Rooms are what is limited, not players.
	second := newPlayer(session.PeerConfig{Room: code, Seat: -1}, 2)
	if got := second.play(connect(t, addr)); got.Code != protocol.CodeOK {
		t.Errorf("joining ended with %+v", got)
	}
	<-end
	for s.Rooms() > 0 { // the players have gone a moment before their room
		runtime.Gosched()
	}
	third := open()
	end = start(third, connect(t, addr))
	<-third.seated
	close(third.leave)
	<-end
}

// TestLinesPerAddress opens TCP connections and says nothing: there are as many as may be, and the
// others are cut at once.
func TestLinesPerAddress(t *testing.T) {
	const limit = 2*3 + 8
	// Time ends no line here, however long the machine takes to open all of them.
	s, addr := listen(t, Options{ConnsPerAddress: 3, HandshakeTimeout: time.Hour})
	lines := make([]net.Conn, 5*limit)
	over := make(chan int, len(lines))
	for i := range lines {
		c, err := net.Dial("tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		lines[i] = c
		go func() {
			_, _ = io.Copy(io.Discard, c) // in whatever way it ends
			over <- i
		}()
	}
	for range len(lines) - limit {
		<-over
	}
	counted(t, s, protocol.CodeConnectLimit, fmt.Sprint(len(lines)-limit))
	if n := len(over); n > 0 {
		t.Errorf("%d lines too many were cut", n)
	}
	for _, c := range lines {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	}
	for range limit {
		<-over
	}
	// Who speaks is heard once more, as soon as the relay has noticed that the others are gone.
	var c transport.Conn
	for err := errors.New("not yet"); err != nil; {
		c, err = transport.Dial(t.Context(), addr, connOptions)
	}
	write(t, c, hello(protocol.Version))
	if _, err := c.Read(); err != nil {
		t.Error(err)
	}
	if err := c.Close(transport.CodeNormal, ""); err != nil {
		t.Error(err)
	}
}

// TestSlowRequest sends no request, the head of one byte by byte, or one that is too long.
func TestSlowRequest(t *testing.T) {
	_, addr := listen(t, Options{HandshakeTimeout: 300 * time.Millisecond})
	dial := func(addr string) net.Conn {
		c, err := net.Dial("tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	silent, slow := dial(addr), dial(addr)
	go func() {
		tick := time.NewTicker(20 * time.Millisecond) // each long before the time is over
		defer tick.Stop()
		for _, err := slow.Write([]byte("GET /ws HTTP/1.1\r\nX: ")); err == nil; _, err = slow.Write([]byte("y")) {
			<-tick.C
		}
	}()
	for _, c := range []net.Conn{silent, slow} {
		_, _ = io.Copy(io.Discard, c) // ends, or the test would not
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	}

	_, addr = listen(t, Options{}) // the words, and not the time, are what is too much here
	long := dial(addr)
	go func() {
		_, _ = fmt.Fprintf(long, "GET /ws HTTP/1.1\r\nHost: x\r\nX: %s\r\n\r\n", strings.Repeat("x", 2*maxHeader)) // the relay may hang up in mid-sentence
	}()
	answer, _ := io.ReadAll(long) // it may be reset after the answer
	if !strings.HasPrefix(string(answer), "HTTP/1.1 431 ") {
		t.Errorf("a head of %d bytes is answered %q", 2*maxHeader, answer)
	}
	if err := long.Close(); err != nil {
		t.Error(err)
	}
}

// TestChatterBeforeJoining greets for ever.
func TestChatterBeforeJoining(t *testing.T) {
	virtual(t, Options{}, func(t *testing.T, s *Server) {
		conn := dial(s)
		write(t, conn, hello(protocol.Version))
		go func() {
			for conn.Write(protocol.AppendPing(nil, &protocol.Ping{Sent: 1})) == nil {
			}
		}()
		refusedWith(t, conn, protocol.CodeTooFrequent, "without joining")
	})
}

// TestAccountsAreBounded lets more addresses come than can be remembered.
func TestAccountsAreBounded(t *testing.T) {
	a := newAdmission(1, 1)
	at := func(i int) place {
		return placeOf(netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)}).String())
	}
	for i := range 4 * maxPlaces {
		release := a.conn(at(i), 0)
		if release == nil {
			t.Fatalf("address %d is refused", i)
		}
		release()
	}
	if n := len(a.accounts); n > 1<<11 {
		t.Errorf("%d accounts are kept of addresses that hold nothing", n)
	}
	for i := range 2 * maxPlaces {
		a.tried(at(i), 0)
	}
	if n := len(a.accounts); n > maxPlaces+1 {
		t.Errorf("%d accounts, want at most %d", n, maxPlaces+1)
	}
	// They share an account, and it fills.
	if ok, _ := a.mayTry(at(3*maxPlaces), 0); ok {
		t.Error("an address beyond all bounds may try codes for ever")
	}
	// What is held stays; the rest is dropped once it has been quiet for long enough.
	held := a.conn(at(0), time.Hour)
	if held == nil || a.conn(at(0), time.Hour) != nil {
		t.Error("the limit of an address was lost")
	}
	a.sweepAt = 0
	a.tried(at(5*maxPlaces), time.Hour)
	if n := len(a.accounts); n != 2 {
		t.Errorf("%d accounts after an hour, want the two in use", n)
	}
}
