//go:build !js

package transport

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/binary"
	"errors"
	"math/big"
	mrand "math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/quic-go/quic-go"
)

// ownCertificate is one that no authority has signed.
func ownCertificate(t testing.TB) *tls.Certificate {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour)}
	raw, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(raw)
	if err != nil {
		t.Fatal(err)
	}
	return &tls.Certificate{Certificate: [][]byte{raw}, PrivateKey: key, Leaf: leaf}
}

// mixedServer is a relay's side: WebSockets and datagrams on one number.
type mixedServer struct {
	*httptest.Server
	datagrams *Datagrams
	conns     chan Conn
	lines     atomic.Int32 // QUIC connections that were let in and are not over
	admitted  atomic.Int32
	refused   atomic.Int32
	full      atomic.Bool
}

func newMixedServer(t testing.TB, opts Options) *mixedServer {
	s := &mixedServer{conns: make(chan Conn, 10)}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if c, err := s.datagrams.Upgrade(w, r, opts); err == nil {
			s.conns <- c
		}
	}))
	at := s.Listener.Addr().(*net.TCPAddr)
	socket, err := net.ListenUDP("udp", &net.UDPAddr{IP: at.IP, Port: at.Port})
	if err != nil {
		t.Fatal(err)
	}
	cert := ownCertificate(t)
	s.datagrams, err = ListenDatagrams(socket, DatagramOptions{Options: opts,
		Config: &tls.Config{Certificates: []tls.Certificate{*cert}}, Sum: CertificateSum(cert.Leaf),
		PageSums: func() ([]string, error) { return []string{CertificateSum(cert.Leaf)}, nil },
		Refused:  func(string, error) { s.refused.Add(1) },
		Admit: func(string) func() {
			if s.full.Load() {
				return nil
			}
			s.admitted.Add(1)
			s.lines.Add(1)
			return func() { s.lines.Add(-1) }
		}})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	go s.datagrams.Serve(ctx, func(c Conn) { s.conns <- c })
	t.Cleanup(func() {
		cancel()
		if err := s.datagrams.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
			t.Error(err)
		}
		s.Close()
	})
	return s
}

// dial connects by datagrams that go through udp, where that is valid, and by what is asked for else.
func (s *mixedServer) dial(t testing.TB, by By, opts Options, udp netip.AddrPort) (client, server *mixed) {
	u, err := ParseURL(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	opts = opts.withDefaults()
	d := &dialer{u: u, opts: opts}
	_, _ = rand.Read(d.id[:])
	ws, header, err := dialWebSocket(context.Background(), u, inner(opts), nil, d.ask())
	if err != nil {
		t.Fatal(err)
	}
	ws.head = ws.opts.MaxMessage - opts.MaxMessage
	d.sum, d.to = header.Get(linkHeader), d.port(ws)
	if udp.IsValid() {
		d.to = udp
	}
	c := newMixed(mixedConfig{Options: opts, remote: u.Host, client: true, always: by == OnlyQUIC})
	c.addSocket(ws)
	far := (<-s.conns).(*mixed)
	if by != OnlyWebSocket {
		q, err := d.dial(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		c.addLine(q)
		await(t, func() bool { return lineOf(far) != nil })
	}
	t.Cleanup(func() { c.Abort(); far.Abort() })
	return c, far
}

// datagramsOnly takes a connection its WebSocket.
func datagramsOnly(c *mixed) {
	c.dropSocket(socketOf(c), nil)
}

// lineOf is a connection's line, which it may lose at any time.
func lineOf(c *mixed) line {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.line
}

// socketOf is a connection's WebSocket.
func socketOf(c *mixed) *wsConn {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.socket.(*wsConn)
}

// await waits for what another goroutine does.
func await(t testing.TB, done func() bool) {
	t.Helper()
	for until := time.Now().Add(20 * time.Second); !done(); time.Sleep(time.Millisecond) {
		if time.Now().After(until) {
			t.Fatal("it does not happen")
		}
	}
}

// TestMixed: a connection with datagrams does what every Conn does, whatever ways it has.
func TestMixed(t *testing.T) {
	checkLeaks(t)
	for _, c := range []struct {
		name   string
		by     By
		socket bool
	}{{"QUIC", OnlyQUIC, false}, {"Both", OnlyQUIC, true}, {"Auto", Auto, true}, {"WebSocket", OnlyWebSocket, true}} {
		pair := func(t *testing.T, a, b Options) (Conn, Conn) {
			near, far := newMixedServer(t, b).dial(t, c.by, a, netip.AddrPort{})
			if !c.socket {
				datagramsOnly(near)
			}
			return near, far
		}
		t.Run(c.name+"/ClientFirst", func(t *testing.T) { testConn(t, pair) })
		t.Run(c.name+"/ServerFirst", func(t *testing.T) {
			testConn(t, func(t *testing.T, a, b Options) (Conn, Conn) {
				y, x := pair(t, b, a)
				return x, y
			})
		})
	}
}

// udpProxy carries datagrams between one client and a relay, as bad as it is told to.
type udpProxy struct {
	front *net.UDPConn
	relay netip.AddrPort
	delay time.Duration
	loss  atomic.Uint64 // per mille
	dead  atomic.Bool
	deaf  atomic.Bool  // nothing comes back
	there atomic.Int64 // bytes that went to the relay
	kept  atomic.Int64 // bytes that did not come back, as deaf

	mu     sync.Mutex
	rng    *mrand.Rand
	back   *net.UDPConn
	client netip.AddrPort
	moves  int
}

func newUDPProxy(t testing.TB, relay netip.AddrPort, delay time.Duration, seed uint64) *udpProxy {
	front, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	p := &udpProxy{front: front, relay: relay, delay: delay, rng: mrand.New(mrand.NewPCG(seed, 1))}
	p.move(t)
	go func() {
		b := make([]byte, 2000)
		for {
			n, from, err := front.ReadFromUDPAddrPort(b)
			if err != nil {
				return
			}
			p.mu.Lock()
			p.client = from
			back := p.back
			p.mu.Unlock()
			p.there.Add(int64(n))
			p.carry(b[:n], func(b []byte) { _, _ = back.WriteToUDPAddrPort(b, p.relay) })
		}
	}()
	t.Cleanup(func() { front.Close(); p.mu.Lock(); p.back.Close(); p.mu.Unlock() })
	return p
}

// move gives the client another address, as the relay sees it.
func (p *udpProxy) move(t testing.TB) {
	back, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	p.mu.Lock()
	old := p.back
	p.back = back
	p.moves++
	p.mu.Unlock()
	if old != nil {
		old.Close()
	}
	go func() {
		b := make([]byte, 2000)
		for {
			n, _, err := back.ReadFromUDPAddrPort(b)
			if err != nil {
				return
			}
			p.mu.Lock()
			client := p.client
			p.mu.Unlock()
			if p.deaf.Load() {
				p.kept.Add(int64(n))
				continue
			}
			p.carry(b[:n], func(b []byte) { _, _ = p.front.WriteToUDPAddrPort(b, client) })
		}
	}()
}

func (p *udpProxy) carry(b []byte, send func([]byte)) {
	p.mu.Lock()
	lost := p.rng.Uint64N(1000) < p.loss.Load()
	p.mu.Unlock()
	if lost || p.dead.Load() {
		return
	}
	if p.delay == 0 {
		send(b)
		return
	}
	b = bytes.Clone(b)
	time.AfterFunc(p.delay, func() { send(b) })
}

func (p *udpProxy) addr() netip.AddrPort { return p.front.LocalAddr().(*net.UDPAddr).AddrPort() }

func addrOf(s *mixedServer) netip.AddrPort { return s.Listener.Addr().(*net.TCPAddr).AddrPort() }

// fallsBack lets datagrams stop in mid-talk, and come again: the talk goes on by the WebSocket, and then by
// carrier.
func fallsBack(t *testing.T, near, far *mixed, p *udpProxy, carrier string) {
	t.Helper()
	talk(t, near, far, 200, func(i int) {
		if i == 100 {
			p.dead.Store(true)
		}
	})
	if near.Carrier() != CarrierWebSocket {
		t.Error(near.Carrier())
	}
	p.dead.Store(false)
	await(t, func() bool { return near.Carrier() == carrier })
	talk(t, far, near, 100, func(int) {})
}

// talk sends n numbered messages from a to b, some of them large, and checks that they come once and in
// order. at is called before each.
func talk(t *testing.T, a, b Conn, n int, at func(i int)) {
	t.Helper()
	done := waitFor(func() {
		for i := range n {
			msg, err := b.Read()
			if err != nil {
				t.Errorf("message %d: %v", i, err)
				return
			}
			if got := int(binary.BigEndian.Uint32(msg)); got != i {
				t.Errorf("message %d in place of %d", got, i)
				return
			}
		}
	})
	for i := range n {
		at(i)
		msg := make([]byte, 12)
		if i%50 == 7 {
			msg = make([]byte, 5000)
		}
		binary.BigEndian.PutUint32(msg, uint32(i))
		if err := a.Write(msg); err != nil {
			t.Fatalf("message %d: %v", i, err)
		}
		time.Sleep(3 * time.Millisecond)
	}
	<-done
}

// TestLossyLine: on a line that loses a fifth of all packets everything arrives in order.
func TestLossyLine(t *testing.T) {
	checkLeaks(t)
	s := newMixedServer(t, Options{})
	p := newUDPProxy(t, addrOf(s), 5*time.Millisecond, 1)
	near, far := s.dial(t, OnlyQUIC, Options{}, p.addr())
	datagramsOnly(near)
	p.loss.Store(200)
	var wg sync.WaitGroup
	wg.Go(func() { talk(t, near, far, 300, func(int) {}) })
	wg.Go(func() { talk(t, far, near, 300, func(int) {}) })
	wg.Wait()
	if near.Carrier() != CarrierQUIC || far.Carrier() != CarrierQUIC {
		t.Error(near.Carrier(), far.Carrier())
	}
}

// TestNewAddress: a client whose address changes in the middle of everything stays connected.
func TestNewAddress(t *testing.T) {
	checkLeaks(t)
	s := newMixedServer(t, Options{})
	p := newUDPProxy(t, addrOf(s), 0, 1)
	near, far := s.dial(t, OnlyQUIC, Options{}, p.addr())
	datagramsOnly(near)
	talk(t, near, far, 300, func(i int) {
		if i == 100 || i == 200 {
			p.move(t)
		}
	})
	talk(t, far, near, 100, func(int) {})
	if len(s.conns) > 0 || p.moves != 3 {
		t.Errorf("%d further connections, %d addresses", len(s.conns), p.moves)
	}
}

// TestNoWayForAMoment: a packet that finds no way into the network is lost, and nothing else is.
func TestNoWayForAMoment(t *testing.T) {
	wrap := func(err error) error { return &net.OpError{Op: "write", Err: os.NewSyscallError("sendmsg", err)} }
	for _, err := range []error{errNetUnreachable, errHostUnreachable, errNetDown, errNoAddress} {
		if n, got := sent(0, wrap(err), 9); n != 9 || got != nil {
			t.Errorf("%v: %d, %v", err, n, got)
		}
	}
	for _, err := range []error{nil, wrap(errRefused), net.ErrClosed} {
		if n, got := sent(3, err, 9); n != 3 || !errors.Is(got, err) {
			t.Errorf("%v: %d, %v", err, n, got)
		}
	}
	socket, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	r, at := roaming{socket}, socket.LocalAddr().(*net.UDPAddr)
	if n, err := r.WriteTo([]byte{1, 2}, at); n != 2 || err != nil {
		t.Error(n, err)
	}
	if n, _, err := r.WriteMsgUDP([]byte{1, 2, 3}, nil, at); n != 3 || err != nil {
		t.Error(n, err)
	}
	if err := socket.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := r.WriteTo([]byte{1}, at); !errors.Is(err, net.ErrClosed) {
		t.Errorf("on a closed socket: %v", err)
	}
}

// TestDatagramsStop: where they stop arriving the messages go on by the WebSocket, and go back.
func TestDatagramsStop(t *testing.T) {
	if testing.Short() {
		t.Skip("it waits, in real time, until a way is given up")
	}
	checkLeaks(t)
	s := newMixedServer(t, Options{})
	p := newUDPProxy(t, addrOf(s), 0, 1)
	near, far := s.dial(t, OnlyQUIC, Options{}, p.addr())
	fallsBack(t, near, far, p, CarrierQUIC)
}

// TestWebSocketBreaks: the connection goes on by datagrams, with what was under way.
func TestWebSocketBreaks(t *testing.T) {
	checkLeaks(t)
	s := newMixedServer(t, Options{})
	near, far := s.dial(t, Auto, Options{}, netip.AddrPort{})
	if near.Carrier() != CarrierWebSocket {
		t.Error(near.Carrier())
	}
	talk(t, near, far, 100, func(i int) {
		if i == 50 {
			socketOf(near).net.Close()
		}
	})
	talk(t, far, near, 50, func(int) {})
	if near.Carrier() != CarrierQUIC {
		t.Error(near.Carrier())
	}
	s.datagrams.Close()
	wantClose(t, near, CodeAbnormal, "")
}

// TestRelayDies: where the WebSocket breaks and no datagram comes back either, the connection is over, long
// before QUIC would say so.
func TestRelayDies(t *testing.T) {
	checkLeaks(t)
	s := newMixedServer(t, Options{})
	p := newUDPProxy(t, addrOf(s), 0, 1)
	near, _ := s.dial(t, Auto, Options{}, p.addr())
	p.dead.Store(true)
	socketOf(near).net.Close()
	mustWrite(t, near, []byte("are you there"))
	began := time.Now()
	wantClose(t, near, CodeAbnormal, "")
	if d := time.Since(began); d >= quicIdle/2 {
		t.Errorf("it took %v", d)
	}
}

// TestDialBy is what programs call: with a relay that has datagrams and one that has not.
func TestDialBy(t *testing.T) {
	checkLeaks(t)
	s := newMixedServer(t, Options{})
	for by, want := range map[By]string{OnlyQUIC: CarrierQUIC, Auto: CarrierWebSocket, OnlyWebSocket: CarrierWebSocket} {
		c, err := DialBy(t.Context(), by, s.URL, Options{}, nil)
		if err != nil {
			t.Fatalf("%s: %v", by, err)
		}
		far := <-s.conns
		talk(t, c, far, 20, func(int) {})
		if got := Carrier(c); got != want {
			t.Errorf("%s: %s", by, got)
		}
		done := waitFor(func() { wantClose(t, far, 4001, "enough") })
		if err := c.Close(4001, "enough"); err != nil {
			t.Error(err)
		}
		<-done
		far.Close(CodeNormal, "")
	}
	s.full.Store(true)
	if _, err := DialBy(t.Context(), OnlyQUIC, s.URL, Options{HandshakeTimeout: 2 * time.Second}, nil); err == nil || !strings.Contains(err.Error(), "leave -transport quic out") {
		t.Errorf("a relay that lets no more in: %v", err)
	}
	(<-s.conns).Close(CodeNormal, "")
	await(t, func() bool { return s.lines.Load() == 0 })
	plain, conns := serve(t, Options{})
	if _, err := DialBy(t.Context(), OnlyQUIC, plain.URL, Options{}, nil); err == nil || !strings.Contains(err.Error(), "it offers none") {
		t.Errorf("a relay without: %v", err)
	}
	(<-conns).Close(CodeNormal, "")
}

// TestNumberIsNoAddress: proxies write the addresses that are asked for down, and who knows the number could
// come in a client's place.
func TestNumberIsNoAddress(t *testing.T) {
	asked := make(chan *http.Request, 1)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked <- r
		http.Error(w, "none here", http.StatusTeapot)
	}))
	defer s.Close()
	if _, err := DialBy(t.Context(), OnlyQUIC, s.URL+"/ws?room=1", Options{}, nil); err == nil {
		t.Fatal("connected")
	}
	r := <-asked
	if _, ok := parseLink(r.Header.Get("Tandem-Link")); !ok || r.RequestURI != "/ws?room=1" {
		t.Errorf("%s was asked for, with %v", r.RequestURI, r.Header)
	}
}

// TestOtherCertificate: a relay with another certificate than the one announced gets nothing.
func TestOtherCertificate(t *testing.T) {
	s := newMixedServer(t, Options{})
	_, err := dialQUIC(t.Context(), addrOf(s), linkID{}, quicTLS(nil, "127.0.0.1", strings.Repeat("0", 64)), 5*time.Second)
	if !errors.Is(err, errOther) && (err == nil || !strings.Contains(err.Error(), errOther.Error())) {
		t.Error(err)
	}
	if _, err := dialQUIC(t.Context(), addrOf(s), linkID{}, quicTLS(nil, "127.0.0.1", ""), 5*time.Second); err == nil {
		t.Error("a certificate of nobody is taken")
	}
	if len(s.conns) > 0 {
		t.Error("it was connected")
	}
}

// TestAddressIsProven: who does not receive what is sent to its address costs the relay nothing, and is
// sent less than it has sent.
func TestAddressIsProven(t *testing.T) {
	s := newMixedServer(t, Options{})
	p := newUDPProxy(t, addrOf(s), 0, 1)
	p.deaf.Store(true)
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
	defer cancel()
	if _, err := dialQUIC(ctx, p.addr(), linkID{}, quicTLS(nil, "127.0.0.1", s.datagrams.opts.Sum), time.Minute); err == nil {
		t.Fatal("connected without an answer")
	}
	there, back := p.there.Load(), p.kept.Load()
	if back == 0 || back > there/3 || s.admitted.Load() > 0 {
		t.Errorf("%d bytes were answered with %d, %d connections were admitted", there, back, s.admitted.Load())
	}
}

// TestSilentQUIC: a connection that does not say whose it is ends, and its place is free again.
func TestSilentQUIC(t *testing.T) {
	checkLeaks(t)
	s := newMixedServer(t, Options{HandshakeTimeout: 200 * time.Millisecond})
	conn := rawQUIC(t, s)
	<-conn.Context().Done()
	await(t, func() bool { return s.lines.Load() == 0 })
	if s.admitted.Load() != 1 || len(s.conns) > 0 {
		t.Errorf("%d were admitted, %d are connections", s.admitted.Load(), len(s.conns))
	}
}

// rawQUIC is a QUIC connection that says nothing.
func rawQUIC(t *testing.T, s *mixedServer) *quic.Conn {
	conn, err := quic.DialAddr(t.Context(), addrOf(s).String(), quicTLS(nil, "127.0.0.1", s.datagrams.opts.Sum), quicConfig(5*time.Second))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.CloseWithError(0, "") })
	return conn
}

// TestUnreadFlood: what nobody reads is counted, too.
func TestUnreadFlood(t *testing.T) {
	s := newMixedServer(t, Options{HandshakeTimeout: time.Minute})
	conn := rawQUIC(t, s)
	junk := make([]byte, 1000)
	for conn.Context().Err() == nil {
		_ = conn.SendDatagram(junk) // until the relay has had enough
	}
	if s.refused.Load() != 1 {
		t.Errorf("%d were refused", s.refused.Load())
	}
}

// TestQUICFlood: what QUIC answers by itself is counted, too.
func TestQUICFlood(t *testing.T) {
	s := newMixedServer(t, Options{})
	near, far := s.dial(t, OnlyQUIC, Options{}, netip.AddrPort{})
	datagramsOnly(near)
	q := lineOf(near).(*quicLine)
	for i := uint64(1); i < 20_000; i++ {
		if q.conn.SendDatagram(append(binary.AppendUvarint([]byte{0}, i), 0, 0, 0)) != nil {
			break
		}
	}
	if _, err := far.Read(); !errors.Is(err, ErrIdleFrames) {
		t.Error(err)
	}
	far.Close(CodeNormal, "")

	near, far = s.dial(t, OnlyQUIC, Options{}, netip.AddrPort{})
	datagramsOnly(near)
	q = lineOf(near).(*quicLine)
	for range 20_000 { // every one is read, and none reaches the room
		if q.packet(nil) != nil {
			break
		}
	}
	if _, err := far.Read(); !errors.Is(err, ErrPacket) {
		t.Error(err)
	}
}

// TestDialPinned: an address that names a certificate is dialled with no other, where datagrams are wanted at
// all; the WebSocket goes on.
func TestDialPinned(t *testing.T) {
	checkLeaks(t)
	s := newMixedServer(t, Options{})
	other := strings.Repeat("0f", 32)
	for _, c := range []struct {
		by   By
		sum  string
		want string
	}{{OnlyQUIC, s.datagrams.opts.Sum, CarrierQUIC}, {OnlyQUIC, other, ""}, {OnlyWebSocket, other, CarrierWebSocket}} {
		conn, err := DialBy(t.Context(), c.by, Pinned(s.URL, c.sum), Options{}, nil)
		if c.want == "" {
			if !errors.Is(err, errPin) || !strings.Contains(err.Error(), "ask for a new one") {
				t.Errorf("another certificate: %v", err)
			}
			(<-s.conns).Close(CodeNormal, "")
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		if got := Carrier(conn); got != c.want {
			t.Errorf("%s: %s", c.by, got)
		}
		far := <-s.conns
		done := waitFor(func() { wantClose(t, far, CodeNormal, "") })
		if err := conn.Close(CodeNormal, ""); err != nil {
			t.Error(err)
		}
		<-done
		far.Close(CodeNormal, "")
	}
	if s.datagrams.Pin() != Pin(s.datagrams.opts.Sum) || s.datagrams.Pin() == "" || (*Datagrams)(nil).Pin() != "" {
		t.Errorf("the relay's pin is %q", s.datagrams.Pin())
	}
}
