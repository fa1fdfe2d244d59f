//go:build !js

package transport

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/http"
	"net/url"
	"os"
	"strconv"

	"github.com/gorilla/websocket"
)

// Dial connects to a relay; address is anything ParseURL understands. Connecting, TLS and the
// handshake take Options.HandshakeTimeout at most, or less if ctx ends before. Every error is a
// *DialError.
func Dial(ctx context.Context, address string, opts Options) (Conn, error) {
	return DialTLS(ctx, address, opts, nil)
}

// DialTLS is Dial with a TLS configuration of its own for wss:// addresses, for relays whose
// certificate comes from a private authority. cfg may be nil. Native only.
func DialTLS(ctx context.Context, address string, opts Options, cfg *tls.Config) (Conn, error) {
	u, err := ParseURL(address)
	if err != nil {
		return nil, &DialError{Address: address, Words: err.Error(), Err: err}
	}
	c, _, err := dialWebSocket(ctx, u, opts.withDefaults(), cfg, nil)
	if err != nil {
		return nil, err
	}
	return c, nil
}

// dialWebSocket also asks for what ask says, and answers what the relay's answer said. ask may be nil.
func dialWebSocket(ctx context.Context, u *url.URL, opts Options, cfg *tls.Config, ask http.Header) (*wsConn, http.Header, error) {
	cancel := context.CancelFunc(func() {})
	if opts.HandshakeTimeout > 0 {
		ctx, cancel = context.WithTimeout(ctx, opts.HandshakeTimeout)
	}
	defer cancel()

	var (
		line   net.Conn
		unhook = func() bool { return true }
	)
	dialTCP := func(ctx context.Context, network, addr string) (net.Conn, error) {
		c, err := (&net.Dialer{}).DialContext(ctx, network, addr)
		if err != nil {
			return nil, err
		}
		line = c
		// The library obeys ctx's deadline during the handshake, but not its cancellation. (A
		// deadline in the past would not do instead of closing: the library may set its own after.)
		unhook = context.AfterFunc(ctx, func() { _ = c.Close() })
		return c, nil
	}
	// Small messages matter more than throughput: TCP_NODELAY is on by default in Go and stays
	// so, and nothing is compressed (a frame of 12 bytes does not shrink).
	d := websocket.Dialer{
		NetDialContext:  dialTCP,
		Proxy:           http.ProxyFromEnvironment,
		TLSClientConfig: cfg,
		ReadBufferSize:  ioBuffer,
		WriteBufferSize: ioBuffer,
	}
	header := http.Header{}
	maps.Copy(header, ask)
	if opts.Origin != "" {
		header.Set("Origin", opts.Origin)
	}
	ws, resp, err := d.DialContext(ctx, u.String(), header)
	if !unhook() && err == nil {
		// ctx ended in the last moment, and closes the connection.
		_ = ws.Close() // it is given up
		err = ctx.Err()
	}
	if err != nil {
		if line != nil {
			_ = line.Close() // the library leaves it open when a proxy refuses
		}
		switch {
		case ctx.Err() != nil:
			err = fmt.Errorf("%w: %w", ctx.Err(), err)
		case errors.Is(err, os.ErrDeadlineExceeded):
			// The socket's copy of ctx's deadline came a moment before ctx itself.
			err = fmt.Errorf("%w: %w", context.DeadlineExceeded, err)
		}
		return nil, nil, dialError(u, resp, err, opts)
	}
	return newWSConn(ws, opts, u.Host), resp.Header, nil
}

// StatusError is the cause in a DialError when the address answers HTTP, but no WebSocket.
type StatusError struct {
	Status int
	Words  string // the first line of a plain text answer, if there was one
}

func (e *StatusError) Error() string {
	s := "HTTP " + strconv.Itoa(e.Status) + " " + http.StatusText(e.Status)
	if e.Words != "" {
		s += fmt.Sprintf(": %q", e.Words)
	}
	return s
}

// hostPort is u's host with the port that is used.
func hostPort(u *url.URL) string {
	if u.Port() != "" {
		return u.Host
	}
	if u.Scheme == "wss" {
		return u.Host + ":443"
	}
	return u.Host + ":80"
}
