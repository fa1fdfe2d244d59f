//go:build !js

package transport

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"maps"
	"net"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/quic-go/quic-go"
	"github.com/quic-go/quic-go/http3"
	"golang.org/x/time/rate"
)

const (
	// linkHeader answers a WebSocket's request: the relay takes datagrams at its port's number over UDP. Its
	// value is the sum of the certificate there, or Verified.
	linkHeader = "Tandem-Datagrams"
	// askHeader is that with which a client asks for that: its number, which a proxy would write down were
	// it in the address.
	askHeader = "Tandem-Link"

	// What a client's QUIC connection may bring per second, whatever is in it: packets are mostly
	// acknowledgements of QUIC's own beside at most 90 messages, their copies and 25 acknowledgements; bytes
	// are at most those 90 messages with all that is unacknowledged before them.
	quicPackets, quicPacketBurst = 600, 3000
	quicBytes, quicByteBurst     = 256 << 10, 1 << 20
	// quicLook is how often that is looked at.
	quicLook = 250 * time.Millisecond
)

// errBusy refuses a connection before it costs anything.
var errBusy = errors.New("too many connections")

// Datagrams is a relay's side of connections with datagrams: a UDP port, and the WebSockets that its
// clients have beside it.
type Datagrams struct {
	opts   DatagramOptions
	tr     *quic.Transport
	socket net.PacketConn
	listen *quic.Listener

	mu    sync.Mutex
	links map[linkID]*mixed
	conns map[*quic.Conn]*allowance
}

// DatagramOptions are what a relay decides.
type DatagramOptions struct {
	Options
	// Config is the listener's TLS. NextProtos is overwritten.
	Config *tls.Config
	// Sum is the CertificateSum of the certificate that programs are shown, where they cannot verify it
	// otherwise.
	Sum string
	// PageSums answers those of the certificates that pages are shown (ForPages), now and next, or Verified;
	// nil does always. A browser takes only certificates that it likes, see offer.
	PageSums func() ([]string, error)
	// Admit is asked for every connection whose address is proven, before the handshake; nil refuses it.
	// release is called when the connection is over.
	Admit func(remote string) (release func())
	// Page is asked whether a page may come that makes this request; its error is for the page's user. nil
	// is CheckOrigin with Origins.
	Page func(r *http.Request) error
	// Refused hears of connections that were ended because they brought too much, and of pages that may not
	// come. May be nil.
	Refused func(remote string, err error)
}

// ListenDatagrams answers QUIC connections on a UDP socket, which it closes at the end.
func ListenDatagrams(socket net.PacketConn, o DatagramOptions) (*Datagrams, error) {
	o.Options = o.withDefaults()
	if o.Page == nil {
		o.Page = func(r *http.Request) error { return CheckOrigin(r, o.Origins) }
	}
	d := &Datagrams{opts: o, socket: socket, links: map[linkID]*mixed{}, conns: map[*quic.Conn]*allowance{}}
	cfg := o.Config.Clone()
	cfg.MinVersion, cfg.NextProtos = tls.VersionTLS13, []string{quicName, http3.NextProtoH3}
	d.tr = &quic.Transport{Conn: socket,
		// Whoever has not shown that it receives at its address gets one small packet and no memory.
		VerifySourceAddress: func(net.Addr) bool { return true },
		ConnContext: func(ctx context.Context, info *quic.ClientInfo) (context.Context, error) {
			release := o.Admit(info.RemoteAddr.String())
			if release == nil {
				return nil, errBusy
			}
			context.AfterFunc(ctx, release)
			return ctx, nil
		}}
	var err error
	d.listen, err = d.tr.Listen(cfg, listenConfig(o.HandshakeTimeout))
	if err != nil {
		return nil, err
	}
	return d, nil
}

// Serve hands connections that are not another way of one that is there to handle, in a goroutine each,
// until ctx ends or Close is called.
func (d *Datagrams) Serve(ctx context.Context, handle func(Conn)) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go d.watch(ctx)
	for {
		conn, err := d.listen.Accept(ctx)
		if err != nil {
			return
		}
		d.track(conn)
		if conn.ConnectionState().TLS.NegotiatedProtocol == http3.NextProtoH3 {
			go d.takePage(ctx, conn, handle)
		} else {
			go d.take(ctx, conn, handle)
		}
	}
}

// Pin names the certificate that programs are shown; "" where they can verify it. d may be nil.
func (d *Datagrams) Pin() string {
	if d == nil {
		return ""
	}
	return Pin(d.opts.Sum)
}

// Close ends all of its connections without a goodbye.
func (d *Datagrams) Close() error {
	d.mu.Lock()
	conns := slices.Collect(maps.Keys(d.conns))
	d.mu.Unlock()
	for _, conn := range conns {
		hangUp(conn) // their clients need not wait until they notice
	}
	_ = d.listen.Close() // the transport below tells
	return errors.Join(d.tr.Close(), d.socket.Close())
}

// hangUp ends a connection on which nothing was agreed, or too much has come.
func hangUp(conn *quic.Conn) { _ = conn.CloseWithError(quicAbort, "") } // it is given up

// take hears which program's connection this is.
func (d *Datagrams) take(ctx context.Context, conn *quic.Conn, handle func(Conn)) {
	ctx, cancel := context.WithTimeout(ctx, d.opts.HandshakeTimeout)
	defer cancel()
	stream, err := conn.AcceptStream(ctx)
	if err != nil || !conn.ConnectionState().SupportsDatagrams.Remote {
		hangUp(conn)
		return
	}
	q := newQUICLine(conn, stream, func() {})
	stop := context.AfterFunc(ctx, func() { hangUp(conn) })
	id, err := q.meet()
	if !stop() || err != nil {
		hangUp(conn)
		return
	}
	if c, fresh := d.join(id, q, conn.RemoteAddr().String()); fresh {
		handle(c)
	}
}

// join gives a line to the connection of a number.
func (d *Datagrams) join(id linkID, l line, remote string) (c *mixed, fresh bool) {
	c, fresh = d.link(id, remote)
	c.addLine(l)
	return c, fresh
}

// link finds the connection of a number, or makes it.
func (d *Datagrams) link(id linkID, remote string) (c *mixed, fresh bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if c = d.links[id]; c != nil {
		return c, false
	}
	c = newMixed(mixedConfig{Options: d.opts.Options, remote: remote, gone: func() {
		d.mu.Lock()
		delete(d.links, id)
		d.mu.Unlock()
	}})
	d.links[id] = c
	return c, true
}

// ErrJoined is no fault: the WebSocket is another way of a connection that is there.
var ErrJoined = errors.New("the WebSocket belongs to a connection that is served")

// Upgrade is the function Upgrade for a relay that takes datagrams, too. d may be nil.
func (d *Datagrams) Upgrade(w http.ResponseWriter, r *http.Request, opts Options) (Conn, error) {
	if id, ok := parseLink(r.URL.Query().Get(pageQuery)); ok {
		return d.upgradePage(w, r, opts, id)
	}
	id, ok := parseLink(r.Header.Get(askHeader))
	if d == nil || !ok {
		return Upgrade(w, r, opts)
	}
	header := http.Header{}
	header.Set(linkHeader, cmp.Or(d.opts.Sum, Verified))
	ws, err := upgrade(w, r, inner(opts.withDefaults()), header)
	if err != nil {
		return nil, err
	}
	return d.meet(ws, id, r.RemoteAddr, opts)
}

// meet makes a WebSocket a way of the connection of a number.
func (d *Datagrams) meet(ws *wsConn, id linkID, remote string, opts Options) (Conn, error) {
	ws.head = ws.opts.MaxMessage - opts.withDefaults().MaxMessage
	c, fresh := d.link(id, remote)
	c.addSocket(ws)
	if !fresh {
		return nil, ErrJoined
	}
	return c, nil
}

// allowance counts what a connection brings.
type allowance struct {
	packets, bytes         *rate.Limiter
	packetsSeen, bytesSeen uint64
}

// track counts what a connection brings, as long as it is there.
func (d *Datagrams) track(conn *quic.Conn) {
	d.mu.Lock()
	d.conns[conn] = &allowance{packets: rate.NewLimiter(quicPackets, quicPacketBurst), bytes: rate.NewLimiter(quicBytes, quicByteBurst)}
	d.mu.Unlock()
	context.AfterFunc(conn.Context(), func() {
		d.mu.Lock()
		defer d.mu.Unlock()
		delete(d.conns, conn)
	})
}

// watch ends connections that bring more than anybody has to: QUIC answers much by itself, and nobody else
// sees it.
func (d *Datagrams) watch(ctx context.Context) {
	tick := time.NewTicker(quicLook)
	defer tick.Stop()
	for {
		var now time.Time
		select {
		case <-ctx.Done():
			return
		case now = <-tick.C:
		}
		d.mu.Lock()
		var over []*quic.Conn
		for conn, a := range d.conns {
			s := conn.ConnectionStats()
			packets, bytes := int(s.PacketsReceived-a.packetsSeen), int(s.BytesReceived-a.bytesSeen)
			a.packetsSeen, a.bytesSeen = s.PacketsReceived, s.BytesReceived
			if !a.packets.AllowN(now, packets) || !a.bytes.AllowN(now, bytes) {
				over = append(over, conn)
			}
		}
		d.mu.Unlock()
		for _, conn := range over {
			d.refused(conn.RemoteAddr().String(), ErrIdleFrames)
			hangUp(conn)
		}
	}
}

func (d *Datagrams) refused(remote string, err error) {
	if d.opts.Refused != nil {
		d.opts.Refused(remote, err)
	}
}
