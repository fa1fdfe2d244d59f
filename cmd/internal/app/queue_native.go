//go:build !js

package app

import (
	"context"

	"tandem/netcode/original/peer"
	"tandem/netcode/transport"
)

func (q *Queue) dialer(subject string) (Dialer, error) {
	cfg, err := trust(q.caFile)
	if err != nil {
		return nil, err
	}
	opts := peer.Options{Subject: subject, Parser: q.parser, TLS: cfg}
	return func(ctx context.Context) (transport.Conn, error) { return peer.Dial(ctx, q.address, opts) }, nil
}
