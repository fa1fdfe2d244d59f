//go:build !js

package socket

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/gorilla/websocket"

	"tandem/netcode/original/wire"
	"tandem/netcode/transport"
)

// Native holds what concerns one side of a native connection.
type Native struct {
	// CheckOrigin, on a server, tells whether a page may connect; nil admits pages from the server's
	// own address, and programs, which send no Origin.
	CheckOrigin func(*http.Request) bool

	// TLS, on a client, is for wss:// addresses whose certificate comes from a private authority.
	TLS *tls.Config
}

// newID is a session's id: 20 characters, 100 bits of chance.
func newID() string { return rand.Text()[:20] }

// Upgrade turns an HTTP request into the server's end of a connection. When it cannot, it has
// answered the request, with HTTP 400 where the query asks for another protocol version or
// transport, and the error tells the same.
func Upgrade(w http.ResponseWriter, r *http.Request, opts Options) (*Socket, error) {
	opts = opts.withDefaults()
	q := r.URL.Query()
	refused := CheckQuery(q)
	switch {
	case refused != nil:
	case q.Get("transport") != "websocket":
		refused = &QueryError{http.StatusBadRequest, 0, "Transport unknown"}
	case q.Has("sid"): // of no session of Polls
		refused = &QueryError{http.StatusBadRequest, 1, "Session ID unknown"}
	}
	if refused != nil {
		refused.WriteTo(w)
		return nil, refused
	}
	ws, err := upgrader(opts).Upgrade(w, r, nil)
	if err != nil {
		return nil, fmt.Errorf("no WebSocket connection from %s: %w", r.RemoteAddr, err)
	}
	if opts.NewID == nil {
		opts.NewID = newID
	}
	m, out := NewServer(opts.Config, time.Now())
	s := newSocket(ws, m, opts)
	s.direct = newDirect(ws.NetConn())
	s.order(out)
	go s.run()
	return s, nil
}

func upgrader(opts Options) *websocket.Upgrader {
	// TCP_NODELAY is on by default in Go and stays so: an action must not wait for another.
	return &websocket.Upgrader{
		HandshakeTimeout:  opts.HandshakeTimeout,
		ReadBufferSize:    ioBuffer,
		WriteBufferSize:   ioBuffer,
		EnableCompression: opts.Compression,
		CheckOrigin:       opts.CheckOrigin,
		Error: func(w http.ResponseWriter, r *http.Request, status int, reason error) {
			(&QueryError{status, 3, strings.TrimPrefix(reason.Error(), "websocket: ")}).WriteTo(w)
		},
	}
}

// Dial connects to a server and joins its namespace; address is anything ParseURL understands. It
// all takes Options.HandshakeTimeout at most, or less if ctx ends before. The error is a
// *transport.DialError.
func Dial(ctx context.Context, address string, opts Options) (*Socket, error) {
	opts = opts.withDefaults()
	u, err := ParseURL(address)
	if err != nil {
		return nil, &transport.DialError{Address: address, Words: err.Error(), Err: err}
	}
	ctx, cancel := context.WithTimeout(ctx, opts.HandshakeTimeout)
	defer cancel()

	var line net.Conn
	unhook := func() bool { return true }
	d := websocket.Dialer{
		NetDialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
			c, err := (&net.Dialer{}).DialContext(ctx, network, addr)
			if err == nil {
				line = c
				// The library obeys a deadline during the handshake, but not a cancellation.
				unhook = context.AfterFunc(ctx, func() { _ = c.Close() })
			}
			return c, err
		},
		Proxy:             http.ProxyFromEnvironment,
		TLSClientConfig:   opts.TLS,
		ReadBufferSize:    ioBuffer,
		WriteBufferSize:   ioBuffer,
		EnableCompression: opts.Compression,
	}
	ws, resp, err := d.DialContext(ctx, u.String(), nil)
	if err != nil {
		unhook()
		if line != nil {
			_ = line.Close() // it is given up
		}
		return nil, dialError(ctx, u.Host, resp, err)
	}
	s := newSocket(ws, NewClient(opts.Config, time.Now()), opts)
	go s.run()
	err = s.join()
	if !unhook() && err == nil {
		err = ctx.Err()
	}
	if err != nil {
		s.Abort()
		<-s.done
		return nil, dialError(ctx, u.Host, nil, err)
	}
	return s, nil
}

// join reads until the namespace is joined. Events that come before are kept for Read.
func (s *Socket) join() error {
	for {
		p, err := s.Read()
		switch {
		case err != nil:
			return err
		case p.Type == wire.Connect:
			s.early = append(s.early, s.kept...)
			s.kept = nil
			return nil
		case len(s.kept) == maxEarly:
			return tooBig("more than %d events before the server's answer", maxEarly)
		}
		s.kept = append(s.kept, p.Clone())
	}
}

// dialError finds the sentence that tells a person what is wrong.
func dialError(ctx context.Context, host string, resp *http.Response, err error) error {
	words := fmt.Sprintf("no connection to the Socket.IO server at %s: %v", host, err)
	var own *wire.Error
	switch {
	case resp != nil && errors.Is(err, websocket.ErrBadHandshake):
		body, _ := io.ReadAll(io.LimitReader(resp.Body, 200)) // the status alone tells enough
		words = fmt.Sprintf("%s answers, but not as a Socket.IO server does (HTTP %d, %s): check the address and the path",
			host, resp.StatusCode, wire.Clip(strings.TrimSpace(string(body)), 120))
	case errors.Is(ctx.Err(), context.Canceled):
		words = fmt.Sprintf("connecting to %s was cancelled", host)
	case ctx.Err() != nil:
		words = fmt.Sprintf("%s does not answer in time: check the address", host)
	case errors.As(err, &own):
		words = fmt.Sprintf("%s: %s", host, own.Text)
	}
	return &transport.DialError{Address: host, Words: words, Err: err}
}
