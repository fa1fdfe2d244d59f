package app

import (
	"cmp"
	"context"
	"errors"
	"sync/atomic"
	"syscall/js"
	"time"

	"tandem/game/dom"
	"tandem/netcode/protocol"
	"tandem/netcode/transport"
)

// Dialer connects to a relay.
type Dialer func(ctx context.Context) (transport.Conn, error)

const (
	// patience is how long a relay may take to answer. A page connects while it is still starting, on one
	// thread with the browser's own start of the picture; on a slow device that takes seconds.
	patience = 15 * time.Second
	// whyPatience is how long it may take to say why it does not.
	whyPatience = 5 * time.Second
)

// NewDialer dials a relay by the first of its addresses. Whom a page trusts is its browser's business.
// Until the relay has answered once, it is asked why it does not.
func NewDialer(by transport.By, caFile string, addresses ...string) (Dialer, error) {
	if caFile != "" {
		return nil, Usagef("-tls-ca is not for pages: let the browser trust the certificate")
	}
	var answered atomic.Bool
	address := addresses[0]
	dial := func(ctx context.Context) (transport.Conn, error) {
		return transport.DialBy(ctx, cmp.Or(by, transport.Auto), address, transport.Options{MaxMessage: protocol.MaxFrame, HandshakeTimeout: patience})
	}
	return func(ctx context.Context) (transport.Conn, error) {
		conn, err := dial(ctx)
		var failed *transport.DialError
		if err != nil && ctx.Err() == nil && !answered.Load() && errors.As(err, &failed) {
			words, admits := why(ctx, address)
			if admits { // perhaps it was only starting
				conn, err = dial(ctx)
			}
			if err != nil && words != "" {
				err = &transport.DialError{Address: failed.Address, Words: words, Err: err}
			}
		}
		if err == nil {
			answered.Store(true)
		}
		return conn, err
	}, nil
}

// why asks a relay why it does not take the page's WebSocket.
func why(ctx context.Context, relay string) (words string, admits bool) {
	at := whyAddress(relay, js.Global().Get("location").Get("origin").String())
	if at == "" {
		return "", false
	}
	ctx, cancel := context.WithTimeout(ctx, whyPatience)
	defer cancel()
	status, body, err := dom.Fetch(ctx, at)
	if err != nil { // silence says nothing
		return "", false
	}
	return whyWords(relay, status, body)
}
