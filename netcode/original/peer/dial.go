//go:build !js

package peer

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"tandem/netcode/original/socket"
	"tandem/netcode/original/wire"
	"tandem/netcode/transport"
)

// Options adjust a connection. The zero value is what the original's pages use.
type Options struct {
	Subject string // the subject_id that the peer is going to register
	Parser  wire.Parser
	TLS     *tls.Config // for a private authority
	// Timeout bounds the page's visit; the connection has a bound of its own. Default: 5 s.
	Timeout time.Duration
}

// maxPage bounds what is read of a page that nobody looks at.
const maxPage = 4 << 20

// Dial visits the participant's page, which is how a relay of the original learns of a participant,
// and connects. address is what socket.ParseURL understands. The error is a *transport.DialError.
func Dial(ctx context.Context, address string, opts Options) (transport.Conn, error) {
	u, err := socket.ParseURL(address)
	if err != nil {
		return nil, &transport.DialError{Address: address, Words: err.Error(), Err: err}
	}
	if err := visit(ctx, u, opts); err != nil {
		return nil, &transport.DialError{Address: u.Host, Words: err.Error(), Err: err}
	}
	// permessage-deflate, as every browser offers it: it makes a full state half as long.
	so := socket.Options{Config: socket.Config{Parser: opts.Parser}, Compression: true}
	so.TLS = opts.TLS
	s, err := socket.Dial(ctx, address, so)
	if err != nil {
		return nil, err
	}
	return NewConn(s, opts.Parser), nil
}

// NewConn hands out a connected client's Socket as a transport.Conn.
func NewConn(s *socket.Socket, parser wire.Parser) transport.Conn {
	return &conn{s: s, json: parser == wire.JSON, enc: wire.Encoder{Parser: parser, Role: wire.ServerRole}}
}

// visit asks for the participant's page. A relay without pages is as good.
func visit(ctx context.Context, ws *url.URL, opts Options) error {
	if opts.Timeout <= 0 {
		opts.Timeout = transport.DefaultHandshakeTimeout
	}
	ctx, cancel := context.WithTimeout(ctx, opts.Timeout)
	defer cancel()
	page := url.URL{Scheme: "http", Host: ws.Host, Path: "/" + opts.Subject}
	if ws.Scheme == "wss" {
		page.Scheme = "https"
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, page.String(), nil)
	if err != nil {
		return err
	}
	client := http.Client{Transport: &http.Transport{Proxy: http.ProxyFromEnvironment, TLSClientConfig: opts.TLS, DisableKeepAlives: true}}
	resp, err := client.Do(req)
	if err != nil {
		var e *url.Error
		switch {
		case errors.Is(err, context.Canceled):
			return fmt.Errorf("connecting to %s was cancelled", ws.Host)
		case errors.Is(err, context.DeadlineExceeded):
			return fmt.Errorf("%s does not answer in time: check the address", ws.Host)
		case errors.As(err, &e):
			err = e.Err
		}
		return fmt.Errorf("no connection to the relay at %s (%v): check the address and that the relay runs", ws.Host, err)
	}
	defer func() { _ = resp.Body.Close() }()
	// The page must be sent to its end before the relay counts it as visited.
	if _, err := io.Copy(io.Discard, io.LimitReader(resp.Body, maxPage)); err != nil {
		return fmt.Errorf("the relay's page at %s breaks off (%v)", page.Host, err)
	}
	if resp.StatusCode >= 400 && resp.StatusCode != http.StatusNotFound {
		return fmt.Errorf("the relay at %s refuses the participant's page (HTTP %d): it may be full or stopping", page.Host, resp.StatusCode)
	}
	return nil
}
