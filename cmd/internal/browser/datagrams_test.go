//go:build !js

package browser

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"tandem/cmd/internal/app"
	"tandem/netcode/relay"
	"tandem/netcode/transport"
)

// gate is what a page's packets pass on their way to a relay and back, TCP and UDP on one number.
type gate struct {
	tcp   net.Listener
	udp   *net.UDPConn
	relay netip.AddrPort

	held  sync.RWMutex // while it is locked nothing passes by TCP
	shut  atomic.Bool  // nothing passes by UDP
	tried atomic.Int64 // datagrams of the page's
	back  atomic.Int64 // datagrams of the relay's that have passed
}

func openGate(t *testing.T, relay netip.AddrPort) *gate {
	t.Helper()
	tcp, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	at := tcp.Addr().(*net.TCPAddr)
	udp, err := net.ListenUDP("udp", &net.UDPAddr{IP: at.IP, Port: at.Port})
	if err != nil {
		t.Fatal(err)
	}
	g := &gate{tcp: tcp, udp: udp, relay: relay}
	t.Cleanup(func() { tcp.Close(); udp.Close() })
	go func() {
		for {
			page, err := tcp.Accept()
			if err != nil {
				return
			}
			far, err := net.Dial("tcp", relay.String())
			if err != nil {
				page.Close()
				continue
			}
			go g.pass(far, page)
			go g.pass(page, far)
		}
	}()
	go g.datagrams()
	return g
}

func (g *gate) pass(to, from net.Conn) {
	defer to.Close()
	b := make([]byte, 32<<10)
	for {
		n, err := from.Read(b)
		if err != nil {
			return
		}
		g.held.RLock()
		_, err = to.Write(b[:n])
		g.held.RUnlock()
		if err != nil {
			return
		}
	}
}

// datagrams gives each of the page's addresses one of the relay's.
func (g *gate) datagrams() {
	there := map[netip.AddrPort]*net.UDPConn{}
	defer func() {
		for _, c := range there {
			c.Close()
		}
	}()
	b := make([]byte, 2000)
	for {
		n, page, err := g.udp.ReadFromUDPAddrPort(b)
		if err != nil {
			return
		}
		g.tried.Add(1)
		far := there[page]
		if far == nil {
			if far, err = net.DialUDP("udp", nil, net.UDPAddrFromAddrPort(g.relay)); err != nil {
				return
			}
			there[page] = far
			go func() {
				b := make([]byte, 2000)
				for {
					n, err := far.Read(b)
					if err != nil {
						return
					}
					if !g.shut.Load() {
						g.back.Add(1)
						_, _ = g.udp.WriteToUDPAddrPort(b[:n], page) // it may get lost
					}
				}
			}()
		}
		if !g.shut.Load() {
			_, _ = far.Write(b[:n]) // it may get lost
		}
	}
}

// stall holds up TCP for a moment, as a lost packet does.
func (g *gate) stall() {
	g.held.Lock()
	time.Sleep(200 * time.Millisecond)
	g.held.Unlock()
}

// openPort starts a relay that takes datagrams as tandem does, and returns it with its address.
func openPort(t *testing.T) (*house, netip.AddrPort) {
	t.Helper()
	h := &house{t: t, relay: relay.New(relay.Options{Program: "test", ConnsPerAddress: -1, RoomsPerAddress: -1})}
	h.relay.Handle("GET /", builtPage(t))
	ln, err := relay.Listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if err := h.relay.TakeDatagrams(ln, nil); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- h.relay.Serve(ctx, ln) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	h.url = "http://" + ln.Addr().String()
	return h, ln.Addr().(*net.TCPAddr).AddrPort()
}

// TestWebTransport plays a match of a page and a native player. When the page's WebSocket stalls it goes on by
// WebTransport's datagrams, and when no datagram passes any more by the WebSocket, without a pause.
func TestWebTransport(t *testing.T) {
	draws(t)
	h, at := openPort(t)
	host := h.seat("baseline", "datagrams", app.RoomFlags{Env: "slime", Frames: 900, EnvOpts: app.Words{"lives=9"}})
	g := openGate(t, at)
	// A name that browsers trust as much as https, and that is not this computer to the page. They try it as
	// ::1 first, where no relay is.
	h.url = fmt.Sprint("http://relay.localhost:", g.tcp.Addr().(*net.TCPAddr).Port)
	b := chromium(t, chromedp.Flag("disable-quic", false), chromedp.Flag("host-resolver-rules", "MAP relay.localhost 127.0.0.1"))
	p := open(t, b, "page", h.at("room=datagrams"))
	p.waitFrame(60)
	p.waitFor("it has a session", func() bool { return g.back.Load() > 5 })
	p.waitFor("it plays by WebTransport", func() bool {
		if mustReport(p).Transport == transport.CarrierWebTransport {
			return true
		}
		g.stall()
		return false
	})
	before, frame := g.back.Load(), mustReport(p).Frames
	p.waitFrame(frame + 90)
	if n := g.back.Load() - before; n < 60 {
		t.Errorf("in 90 frames %d datagrams came", n)
	}
	p.quiet = true // the browser says that they stop
	g.shut.Store(true)
	p.waitFor("it plays by the WebSocket", func() bool { return mustReport(p).Transport == transport.CarrierWebSocket })
	frame = mustReport(p).Frames
	p.waitFrame(frame + 90)
	r, there := p.waitEnd(), host.end()
	same(t, 900, there, r)
	if r.Reconnects != 0 || r.Pauses != 0 || there.Pauses != 0 {
		t.Errorf("%d reconnects, %d pauses here, %d there", r.Reconnects, r.Pauses, there.Pauses)
	}
}
