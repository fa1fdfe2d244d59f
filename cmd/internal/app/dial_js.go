package app

import (
	"context"
	"time"

	"tandem/netcode/protocol"
	"tandem/netcode/transport"
)

// Dialer connects to a relay.
type Dialer func(ctx context.Context) (transport.Conn, error)

// patience is how long a relay may take to answer. A page connects while it is still starting, on one
// thread with the browser's own start of the picture; on a slow device that takes seconds.
const patience = 15 * time.Second

// NewDialer dials a relay by the first of its addresses. Whom a page trusts is its browser's business.
func NewDialer(caFile string, addresses ...string) (Dialer, error) {
	if caFile != "" {
		return nil, Usagef("-tls-ca is not for pages: let the browser trust the certificate")
	}
	return func(ctx context.Context) (transport.Conn, error) {
		return transport.Dial(ctx, addresses[0], transport.Options{MaxMessage: protocol.MaxFrame, HandshakeTimeout: patience})
	}, nil
}
