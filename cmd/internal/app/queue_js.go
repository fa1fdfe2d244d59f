package app

import (
	"context"

	"tandem/netcode/original/peer"
	"tandem/netcode/transport"
)

func (q *Queue) dialer(subject string) (Dialer, error) {
	return func(ctx context.Context) (transport.Conn, error) {
		return peer.Dial(ctx, q.address, peer.Options{Subject: subject, Parser: q.parser})
	}, nil
}
