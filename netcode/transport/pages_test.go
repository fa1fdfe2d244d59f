//go:build !js

package transport

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"github.com/quic-go/quic-go"
	"github.com/quic-go/quic-go/http3"
	"github.com/quic-go/quic-go/quicvarint"
)

// browser is a page's side of WebTransport. What a real one makes of a relay is tested in one.
type browser struct {
	t      testing.TB
	origin string
	conn   *quic.Conn
	raw    *http3.RawClientConn
}

// newBrowser connects by way of an address.
func newBrowser(t testing.TB, s *mixedServer, at netip.AddrPort) *browser {
	t.Helper()
	cfg := quicTLS(nil, "127.0.0.1", s.datagrams.opts.Sum)
	cfg.NextProtos = []string{ForPages}
	conn, err := quic.DialAddr(t.Context(), at.String(), cfg, listenConfig(5*time.Second))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { hangUp(conn) })
	h := http3.Transport{EnableDatagrams: true, AdditionalSettings: sessionSettings}
	b := &browser{t: t, origin: s.URL, conn: conn, raw: h.NewRawClientConn(conn)}
	go func() {
		for {
			stream, err := conn.AcceptUniStream(context.Background())
			if err != nil {
				return
			}
			go b.raw.HandleUnidirectionalStream(stream)
		}
	}()
	select {
	case <-b.raw.ReceivedSettings():
	case <-conn.Context().Done():
		t.Fatal(context.Cause(conn.Context()))
	}
	got := b.raw.Settings()
	for setting := range sessionSettings {
		if got.Other[setting] == 0 || !got.EnableDatagrams || !got.EnableExtendedConnect {
			t.Fatalf("the relay's settings are %+v", got)
		}
	}
	return b
}

// ask opens a session at a path, and returns how the request is answered.
func (b *browser) ask(path string) (session *http3.RequestStream, status int) {
	b.t.Helper()
	stream, err := b.raw.OpenRequestStream(b.t.Context())
	if err != nil {
		b.t.Fatal(err)
	}
	at := b.conn.RemoteAddr().String()
	request := &http.Request{Method: http.MethodConnect, Proto: sessionProtocols[0], Host: strings.TrimPrefix(b.origin, "http://"),
		Header: http.Header{"Origin": {b.origin}}, URL: &url.URL{Scheme: "https", Host: at, Path: path}}
	if b.origin == foreign {
		request.Host = at
	}
	if err := stream.SendRequestHeader(request); err != nil {
		b.t.Fatal(err)
	}
	answer, err := stream.ReadResponse()
	if err != nil {
		b.t.Fatal(err)
	}
	return stream, answer.StatusCode
}

// foreign is the origin of a page that has no business here.
const foreign = "https://evil.example.org"

// open opens the stream of a session.
func (b *browser) open(session *http3.RequestStream) *pageLine {
	b.t.Helper()
	stream, err := b.conn.OpenStreamSync(b.t.Context())
	if err != nil {
		b.t.Fatal(err)
	}
	if _, err := stream.Write(quicvarint.Append(quicvarint.Append(nil, sessionStream), uint64(session.StreamID()))); err != nil {
		b.t.Fatal(err)
	}
	return &pageLine{frames: newFrames(stream), conn: b.conn, session: session}
}

// line opens a session, and says whose it is.
func (b *browser) line(id linkID) *pageLine {
	b.t.Helper()
	session, status := b.ask(DefaultPath)
	if status != http.StatusOK {
		b.t.Fatal(status)
	}
	l := b.open(session)
	if err := l.introduce(id); err != nil {
		b.t.Fatal(err)
	}
	return l
}

// page connects as a page does, WebTransport by way of udp.
func (s *mixedServer) page(t *testing.T, always bool, opts Options, udp netip.AddrPort) (client, server *mixed) {
	t.Helper()
	opts = opts.withDefaults()
	u, err := ParseURL(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	id := linkID{1: byte(len(s.conns)), 2: 7}
	u.RawQuery = url.Values{pageQuery: {id.String()}}.Encode()
	ws, _, err := dialWebSocket(t.Context(), u, inner(opts), nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	if sums, err := readOffer(mustRead(t, ws)); err != nil || !slices.Equal(sums, []string{s.datagrams.opts.Sum}) {
		t.Fatal(sums, err)
	}
	ws.head = ws.opts.MaxMessage - opts.MaxMessage
	c := newMixed(mixedConfig{Options: opts, remote: u.Host, client: true, always: always, packet: 1000})
	c.addSocket(ws)
	far := (<-s.conns).(*mixed)
	if !udp.IsValid() {
		udp = addrOf(s)
	}
	c.addLine(newBrowser(t, s, udp).line(id))
	await(t, func() bool { return lineOf(far) != nil })
	t.Cleanup(func() { c.Abort(); far.Abort() })
	return c, far
}

// TestPages: a connection with WebTransport does what every Conn does, whatever ways it has.
func TestPages(t *testing.T) {
	checkLeaks(t)
	for _, c := range []struct {
		name           string
		always, socket bool
	}{{"WebTransport", true, false}, {"Both", true, true}, {"Auto", false, true}} {
		pair := func(t *testing.T, a, b Options) (Conn, Conn) {
			near, far := newMixedServer(t, b).page(t, c.always, a, netip.AddrPort{})
			if !c.socket {
				datagramsOnly(near)
			}
			return near, far
		}
		t.Run(c.name+"/PageFirst", func(t *testing.T) { testConn(t, pair) })
		t.Run(c.name+"/RelayFirst", func(t *testing.T) {
			testConn(t, func(t *testing.T, a, b Options) (Conn, Conn) {
				y, x := pair(t, b, a)
				return x, y
			})
		})
	}
}

// TestPageDatagramsStop: on a bad line everything arrives in order, and where datagrams stop arriving it goes
// on by the WebSocket, and back.
func TestPageDatagramsStop(t *testing.T) {
	if testing.Short() {
		t.Skip("it waits, in real time, until a way is given up")
	}
	checkLeaks(t)
	s := newMixedServer(t, Options{})
	p := newUDPProxy(t, addrOf(s), 0, 1)
	near, far := s.page(t, true, Options{}, p.addr())
	p.loss.Store(200)
	talk(t, near, far, 100, func(int) {})
	p.loss.Store(0)
	await(t, func() bool { return near.Carrier() == CarrierWebTransport && far.Carrier() == CarrierWebTransport })
	fallsBack(t, near, far, p, CarrierWebTransport)
}

// TestOffer: a page is offered what there is, and may go on as without where that is nothing.
func TestOffer(t *testing.T) {
	for _, c := range []struct {
		sums []string
		wire string
	}{
		{nil, "\x01"},
		{[]string{Verified}, "\x01verified"},
		{[]string{strings.Repeat("0f", 32), strings.Repeat("a9", 32)}, "\x01" + strings.Repeat("0f", 32) + "," + strings.Repeat("a9", 32)},
	} {
		if got := string(appendOffer(nil, c.sums)); got != c.wire {
			t.Errorf("%q: %q", c.sums, got)
		}
		if got, err := readOffer([]byte(c.wire)); err != nil || !slices.Equal(got, c.sums) {
			t.Errorf("%q is read as %q, %v", c.wire, got, err)
		}
	}
	for _, wire := range []string{"", "\x00", "\x02verified", "\x01x", "\x01verified,verified", "\x01" + strings.Repeat("0F", 32), "\x01" + strings.Repeat("0", 63)} {
		if sums, err := readOffer([]byte(wire)); err == nil {
			t.Errorf("%q is read as %q", wire, sums)
		}
	}
	checkLeaks(t)
	s := newMixedServer(t, Options{})
	conns := make(chan Conn, 1)
	without := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if c, err := (*Datagrams)(nil).Upgrade(w, r, Options{}); err == nil {
			conns <- c
		}
	}))
	t.Cleanup(without.Close)
	asking := "/ws?" + pageQuery + "=" + linkID{}.String()
	proxied := http.Header{"X-Forwarded-For": {"192.0.2.1"}}
	for at, from := range map[string]<-chan Conn{s.URL: s.conns, without.URL: conns} {
		ws, _, err := websocket.DefaultDialer.Dial("ws"+strings.TrimPrefix(at, "http")+asking, proxied)
		if err != nil {
			t.Fatal(err)
		}
		far := <-from
		if _, b, err := ws.ReadMessage(); err != nil || string(b) != "\x01" {
			t.Fatalf("%q, %v", b, err)
		}
		mustWrite(t, far, []byte("plain"))
		if _, b, err := ws.ReadMessage(); err != nil || string(b) != "plain" {
			t.Errorf("%q, %v", b, err)
		}
		ws.Close()
		far.Close(CodeNormal, "")
	}
}

// TestPageRefused: what may not come, or does not say whose it is, is no connection, and leaves no place
// taken.
func TestPageRefused(t *testing.T) {
	checkLeaks(t)
	s := newMixedServer(t, Options{HandshakeTimeout: time.Second})
	wantStatus := func(name string, b *browser, path string, want int) {
		t.Helper()
		if _, got := b.ask(path); got != want {
			t.Errorf("%s: status %d, want %d", name, got, want)
		}
	}
	b := newBrowser(t, s, addrOf(s))
	b.origin = foreign
	wantStatus("a stranger's page", b, DefaultPath, http.StatusForbidden)
	if s.refused.Load() != 1 {
		t.Errorf("%d were refused", s.refused.Load())
	}
	wantStatus("another path", newBrowser(t, s, addrOf(s)), "/elsewhere", http.StatusNotFound)

	// Who does not say whose it is, at once or at all, who says it in another way, and who ends its session.
	b = newBrowser(t, s, addrOf(s))
	wantStatus("a session", b, DefaultPath, http.StatusOK)
	wantStatus("a second session", b, DefaultPath, http.StatusTooManyRequests)
	<-b.conn.Context().Done()
	for _, hello := range []string{"", strings.Repeat("\x00", 1+len(linkID{}))} {
		b = newBrowser(t, s, addrOf(s))
		session, _ := b.ask(DefaultPath)
		if _, err := b.open(session).to.Write([]byte(hello)); err != nil {
			t.Fatal(err)
		}
		<-b.conn.Context().Done()
	}
	b = newBrowser(t, s, addrOf(s))
	session, _ := b.ask(DefaultPath)
	if err := session.Close(); err != nil {
		t.Fatal(err)
	}
	<-b.conn.Context().Done()
	newBrowser(t, s, addrOf(s)) // which asks for nothing

	s.full.Store(true)
	cfg := quicTLS(nil, "127.0.0.1", s.datagrams.opts.Sum)
	cfg.NextProtos = []string{ForPages}
	if conn, err := quic.DialAddr(t.Context(), addrOf(s).String(), cfg, listenConfig(5*time.Second)); err == nil {
		t.Error("a connection where no place is left")
		hangUp(conn)
	}
	s.full.Store(false)
	await(t, func() bool { return s.lines.Load() == 0 })
	if len(s.conns) > 0 {
		t.Error("it was connected")
	}

	// A number that is nobody's: it is on its own.
	near, far := s.page(t, true, Options{}, netip.AddrPort{})
	own := newBrowser(t, s, addrOf(s)).line(linkID{9})
	stranger := <-s.conns
	if stranger == Conn(far) || near.Carrier() != CarrierWebTransport {
		t.Error("it has taken over another's connection")
	}
	own.close(true)
	stranger.(Aborter).Abort()
	talk(t, near, far, 20, func(int) {})
}

// TestPageFlood: what nobody reads is counted, too.
func TestPageFlood(t *testing.T) {
	checkLeaks(t)
	s := newMixedServer(t, Options{})
	near, far := s.page(t, true, Options{}, netip.AddrPort{})
	l := lineOf(near).(*pageLine)
	junk := make([]byte, 1000)
	for l.conn.Context().Err() == nil {
		_ = l.session.SendDatagram(junk) // until the relay has had enough
	}
	if _, err := far.Read(); !errors.Is(err, ErrPacket) && !errors.Is(err, ErrIdleFrames) {
		t.Error(err)
	}
}
