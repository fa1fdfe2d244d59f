//go:build !js

package transport

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"time"
)

// quicRetry is how long a client waits before it tries datagrams again, the first time and at most: a
// network that does not carry UDP will hardly begin to, another one may.
const quicRetry, quicRetryMost = 2 * time.Second, time.Minute

// DialBy is DialTLS that also takes datagrams into use. With Auto the connection begins as a WebSocket,
// and goes on so where the relay or the network has nothing else; on this computer itself, where nothing
// is lost, it stays one. Where the address has a pin, datagrams are used only with the certificate it names.
func DialBy(ctx context.Context, by By, address string, opts Options, cfg *tls.Config) (Conn, error) {
	u, err := ParseURL(address)
	if err != nil {
		return nil, &DialError{Address: address, Words: err.Error(), Err: err}
	}
	if by == OnlyWebSocket || by == Auto && isLoopback(u.Hostname()) {
		return DialTLS(ctx, address, opts, cfg)
	}
	opts = opts.withDefaults()
	d := &dialer{u: u, opts: opts, cfg: cfg}
	// crypto/rand.Read never fails: it ends the program rather than answer predictable bytes.
	_, _ = rand.Read(d.id[:])
	ws, header, err := dialWebSocket(ctx, u, inner(opts), cfg, d.ask())
	if err != nil {
		return nil, err
	}
	ws.head = ws.opts.MaxMessage - opts.MaxMessage
	d.sum = header.Get(linkHeader)
	d.to = d.port(ws)
	if d.sum == "" && by == Auto {
		ws.opts, ws.head = opts, 0
		return ws, nil
	}
	err = nil
	switch pin := pinOf(address); {
	case d.sum == "":
		err = errors.New("it offers none")
	case pin != "" && Pin(d.sum) != pin:
		err = errPin
	}
	if err != nil && by == OnlyQUIC {
		ws.Abort()
		return nil, d.fail(err)
	}
	if err != nil {
		d.to = netip.AddrPort{}
	}
	c := newMixed(mixedConfig{Options: opts, remote: u.Host, client: true, always: by == OnlyQUIC})
	c.addSocket(ws)
	if by == OnlyQUIC {
		q, err := d.dial(ctx)
		if err != nil {
			c.Abort()
			return nil, d.fail(err)
		}
		c.addLine(q)
		c.dropSocket(ws, nil)
		return c, nil
	}
	if d.to.IsValid() {
		go c.keep(d.dial, quicRetry, quicRetry, quicRetryMost)
	}
	return c, nil
}

// errPin is that of a relay that announces another certificate than the invitation did.
var errPin = errors.New("its certificate is not the one in the invitation: ask for a new one")

// dialer makes a client's QUIC connections.
type dialer struct {
	u    *url.URL
	opts Options
	cfg  *tls.Config
	id   linkID
	sum  string
	to   netip.AddrPort // invalid where a proxy is in between, which carries no UDP, or the relay may be another
}

// ask is what a WebSocket's request says beside.
func (d *dialer) ask() http.Header { return http.Header{askHeader: {d.id.String()}} }

// port is the address that the WebSocket has found, for UDP.
func (d *dialer) port(ws *wsConn) netip.AddrPort {
	if proxy, err := http.ProxyFromEnvironment(&http.Request{URL: d.u}); proxy != nil || err != nil {
		return netip.AddrPort{}
	}
	tcp, ok := ws.net.RemoteAddr().(*net.TCPAddr)
	if !ok {
		return netip.AddrPort{}
	}
	return tcp.AddrPort()
}

func (d *dialer) dial(ctx context.Context) (line, error) {
	if !d.to.IsValid() {
		return nil, errors.New("the proxy in between carries none")
	}
	timeout := d.opts.HandshakeTimeout
	if timeout <= 0 {
		timeout = DefaultHandshakeTimeout
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	sum := d.sum
	if sum == Verified {
		sum = ""
	}
	q, err := dialQUIC(ctx, d.to, d.id, quicTLS(d.cfg, d.u.Hostname(), sum), timeout)
	if err != nil {
		return nil, err // a nil *quicLine would be a line
	}
	return q, nil
}

// fail says why there are no datagrams, to somebody who wants nothing else.
func (d *dialer) fail(err error) error {
	host := hostPort(d.u)
	words := fmt.Sprintf("the relay at %s cannot be reached by datagrams (%v): leave -transport quic out", host, err)
	if isTimeout(err) {
		words = fmt.Sprintf("no datagram comes back from %s: a firewall in between may let no UDP through; leave -transport quic out, or open that port for UDP", host)
	}
	return &DialError{Address: host, Words: words, Err: err}
}
