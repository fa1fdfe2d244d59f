//go:build !js

package relay

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"log/slog"
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
	s.Monitor().ServeHTTP(rec, httptest.NewRequest("GET", "http://localhost/metrics", nil))
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

// TestUnnamedProxy: an operator who has put a proxy in front hears once what is missing.
func TestUnnamedProxy(t *testing.T) {
	var log bytes.Buffer
	proxies, err := ParseProxies("10.0.0.0/8")
	if err != nil {
		t.Fatal(err)
	}
	s := New(Options{TrustedProxies: proxies, Log: slog.New(slog.NewTextHandler(&log, nil))})
	defer s.Close()
	call := func(from, forwarded string) {
		r := httptest.NewRequest("GET", "/healthz", nil)
		r.RemoteAddr, r.Host = from, "127.0.0.1"
		if forwarded != "" {
			r.Header.Set("X-Forwarded-For", forwarded)
		}
		s.ServeHTTP(httptest.NewRecorder(), r)
	}
	call("172.17.0.1:5", "")
	call("10.1.2.3:5", "203.0.113.1")
	if log.Len() > 0 {
		t.Errorf("where all is well the log says %s", &log)
	}
	for range 3 {
		call("172.17.0.1:5", "203.0.113.1")
	}
	if got := log.String(); strings.Count(got, "\n") != 1 || !strings.Contains(got, "start the relay with -trusted-proxies 172.17.0.1") {
		t.Errorf("the log says %s", got)
	}
}

// TestNobodyKeepsOthersOut has somebody come to watch a room again and again, as fast as it goes: others
// still come in.
func TestNobodyKeepsOthersOut(t *testing.T) {
	proxies, err := ParseProxies("127.0.0.1")
	if err != nil {
		t.Fatal(err)
	}
	_, addr := listen(t, Options{TrustedProxies: proxies})
	joins := func(from string, j *protocol.Join) (refused protocol.Code) {
		t.Helper()
		ws, _, err := websocket.DefaultDialer.DialContext(t.Context(), "ws://"+addr+"/ws", http.Header{"X-Forwarded-For": {from}})
		if err != nil {
			t.Fatal(err)
		}
		if j.Watch {
			defer ws.Close()
		} else {
			t.Cleanup(func() { _ = ws.Close() }) // a player stays; the relay may have closed it
		}
		write(t, wsConn{ws}, append(hello(protocol.Version), protocol.Append(nil, j)...))
		var dec protocol.Decoder
		for {
			data, err := wsConn{ws}.Read()
			if err != nil {
				t.Fatalf("neither in nor refused: %v", err)
			}
			for dec.Reset(data); ; {
				if _, err := dec.Next(); err != nil {
					break
				}
				switch m := dec.Cold.(type) {
				case *protocol.HostElected, *protocol.Spectator:
					return protocol.CodeOK
				case *protocol.Refusal:
					return m.Code
				}
			}
		}
	}
	if code := joins("203.0.113.1", &protocol.Join{Room: "r", Seat: -1, Create: roomOptions()}); code != protocol.CodeOK {
		t.Fatalf("the host is refused: %s", code)
	}
	in := 0
	for range 100 {
		if joins("203.0.113.66", &protocol.Join{Room: "r", Seat: -1, Watch: true}) == protocol.CodeOK {
			in++
		}
	}
	if code := joins("203.0.113.2", &protocol.Join{Room: "r", Seat: -1}); code != protocol.CodeOK {
		t.Errorf("a friend is refused: %s; the pest came in %d times", code, in)
	}
	if in < comesBurst || in == 100 {
		t.Errorf("of 100 times one address came in %d", in)
	}
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

// far is the address of a network that has nothing to do with the others.
func far(i int) place {
	return netip.PrefixFrom(netip.AddrFrom16([16]byte{0x20, 0x01, byte(i >> 16), byte(i >> 8), byte(i)}), v6Network)
}

// TestAccountsAreBounded lets more networks come than can be remembered, quiet ones and ones that hold
// something: the limits of those go on, and in the end nothing is left.
func TestAccountsAreBounded(t *testing.T) {
	const nets = 3 // accounts of an IPv6 address
	a := newAdmission(1, 1)
	conn := func(i int, now time.Duration) func() {
		release, _ := a.conn(far(i), now, 1<<30, 1<<30)
		return release
	}
	before := heap()
	held := make([]func(), maxIdle/nets+1000) // more than twice as many accounts at once as made limits collapse
	for i := range held {
		if held[i] = conn(i, 0); held[i] == nil {
			t.Fatalf("network %d is refused", i)
		}
	}
	for i := range maxIdle + 1000 {
		a.tried(far(len(held)+i), 0)
	}
	if n, most := len(a.accounts), nets*len(held)+maxIdle; n > most || a.idle.Len() > maxIdle {
		t.Errorf("%d accounts, %d of them idle; want at most %d and %d", n, a.idle.Len(), most, maxIdle)
	}
	if grown := int64(heap() - before); grown > 48<<20 {
		t.Errorf("%d accounts take %d bytes", len(a.accounts), grown)
	}
	for i := range held {
		if conn(i, 0) != nil {
			t.Fatalf("the limit of network %d was lost among the many", i)
		}
	}
	for _, release := range held {
		release()
	}
	if release := conn(0, time.Second); release == nil {
		t.Error("a network that holds nothing any more is refused")
	} else {
		release()
	}
	// One that comes later finds the table empty, and it works as on the first day.
	a.tried(far(5), time.Second+idleFor+1)
	if n := len(a.accounts); n != 1 || a.idle.Len() != 1 {
		t.Errorf("%d accounts are kept, want the one of now", n)
	}
}

// TestNetworksShare fills a relay from one network, and then from many: nobody gets all of it, and who
// comes last gets a room.
func TestNetworksShare(t *testing.T) {
	const most = 1000
	fill := func(a *admission, taken *int, at func(i int) netip.Addr) (mine int, last *full) {
		for i := range 300 {
			// no faster than rooms may be made.
			release, no := a.room(placeOf(at(i).String()), time.Duration(i)*time.Minute, most, most-*taken)
			if last = no; release != nil {
				mine++
				*taken++
			}
		}
		return mine, last
	}
	for _, c := range []struct {
		name string
		at   func(i int) netip.Addr
		want int
	}{
		{"an address", func(i int) netip.Addr { return netip.AddrFrom4([4]byte{203, 0, 113, 7}) }, 64},
		{"a /24", func(i int) netip.Addr { return netip.AddrFrom4([4]byte{203, 0, 113, byte(i)}) }, 256},
		{"a /64", func(i int) netip.Addr { return netip.AddrFrom16([16]byte{0x20, 1, 15: byte(i)}) }, 64},
		{"a /60", func(i int) netip.Addr { return netip.AddrFrom16([16]byte{0x20, 1, 7: byte(i % 16), 15: byte(i)}) }, 128},
		{"a /48", func(i int) netip.Addr { return netip.AddrFrom16([16]byte{0x20, 1, 6: byte(i), 7: byte(i >> 8)}) }, 256},
	} {
		taken := 0
		mine, no := fill(newAdmission(0, 0), &taken, c.at)
		if mine != c.want || no == nil || no.limit == 0 {
			t.Errorf("%s gets %d rooms of %d, want %d; the next: %+v", c.name, mine, most, c.want, no)
		}
	}
	a, taken := newAdmission(0, 0), 0
	var got []int
	for n := range 30 {
		mine, _ := fill(a, &taken, func(i int) netip.Addr {
			return netip.AddrFrom16([16]byte{0x20, 1, byte(n), 6: byte(i), 7: byte(i >> 8)})
		})
		got = append(got, mine)
	}
	for i := range got[1:] {
		if got[i+1] > got[i] || got[i+1] == 0 {
			t.Fatalf("one network after the other gets %v", got)
		}
	}
	free := most - taken
	if free <= 0 || free > most/reservePart {
		t.Errorf("%d places are left; networks got %v", free, got)
	}
	if _, no := a.room(placeOf("2a00::1"), 0, most, free); no != nil {
		t.Errorf("who has none is refused when the relay is nearly full: %+v", no)
	}
	if _, no := a.room(placeOf("2001::1"), 0, most, free); no == nil || no.limit != 0 {
		t.Errorf("who has some gets the last places: %+v", no)
	}
	// A relay that is smaller than what an address may have is all its owner's.
	a = newAdmission(0, 0)
	for i := range 10 {
		if _, no := a.room(placeOf("192.168.1.5"), 0, 10, 10-i); no != nil {
			t.Errorf("room %d of 10: %+v", i, no)
		}
	}
}

// TestLaboratory: whatever -max-rooms says, the people of one laboratory get in from one address while nobody
// else is there.
func TestLaboratory(t *testing.T) {
	p := placeOf("192.0.2.1")
	// alone is how many a network gets of so many, all to itself.
	alone := func(most int, one func(a *admission, free int) *full) (n int) {
		for a := newAdmission(0, 0); n < most && one(a, most-n) == nil; n++ {
		}
		return n
	}
	for rooms := 1; rooms <= 2000; rooms++ {
		conns := rooms * connsPerRoom
		got := alone(conns, func(a *admission, free int) *full { _, no := a.conn(p, 0, conns, free); return no })
		if got < min(conns, 64) || conns >= 9*defaultConnsPerAddress && got != defaultConnsPerAddress {
			t.Fatalf("of %d rooms with %d connections one address gets %d", rooms, conns, got)
		}
		got = alone(rooms, func(a *admission, free int) *full { _, no := a.room(p, 0, rooms, free); return no })
		if got < min(rooms, 32) || rooms >= 9*defaultRoomsPerAddress && got != defaultRoomsPerAddress {
			t.Fatalf("of %d rooms one address gets %d", rooms, got)
		}
	}
}

// TestRoomsAMinute makes and ends rooms as fast as it goes.
func TestRoomsAMinute(t *testing.T) {
	a := newAdmission(0, 0)
	made := 0
	var no *full
	for range 9000 {
		var release func()
		if release, no = a.room(placeOf("203.0.113.7"), 0, 1000, 1000); release != nil {
			made++
			release()
		}
	}
	if made != opensBurst || no == nil || no.wait <= 0 || !strings.Contains(no.refusal(protocol.CodeRoomLimit, "rooms", "").Text, "in a short time: wait 3 s") {
		t.Errorf("%d rooms at once, then %+v", made, no)
	}
	if _, no = a.room(placeOf("203.0.113.7"), opensEvery, 1000, 1000); no != nil {
		t.Errorf("two seconds later: %+v", no)
	}
}
