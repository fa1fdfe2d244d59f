package app

import (
	"context"

	"tandem/netcode/queue"
	"tandem/netcode/transport"
)

func (q *Queue) dialer(subject string) (Dialer, error) {
	return func(ctx context.Context) (transport.Conn, error) {
		return queue.Dial(ctx, q.address, queue.Options{Subject: subject, Parser: q.parser})
	}, nil
}
