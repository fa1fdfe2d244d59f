package main

import (
	"context"
	"log/slog"

	"tandem/cmd/internal/app"
	"tandem/game/client"
	"tandem/game/sim"
	"tandem/netcode/session"
	"tandem/netcode/transport"
)

// Second is what asks for the actions of a second person at this window; nil where there is none.
func (t *table) Second() sampler { return t.second }

// seatSecond takes a seat for the second person. It is a connection of its own, as a bot's is, and is shown
// in the first one's picture; it leaves when that one does.
func (t *table) seatSecond(ctx context.Context, o *request, code string, dial func(context.Context) (transport.Conn, error), log *slog.Logger) {
	c := client.New(client.Config{
		Dial: dial, Log: log, Agrees: true,
		Peer: session.PeerConfig{Program: app.Program("tandem"), Name: o.called(), Room: code, Seat: -1, Again: true, Zstd: sim.Zstd()},
		Input: func(m *sim.Match, _ int) (session.Sampler, error) {
			t.second.Bind(m.Spec())
			return t.second, nil
		},
	})
	t.work.Go(func() {
		if _, err := c.Run(ctx); err != nil && ctx.Err() == nil {
			log.Info("the second player's match ended", "reason", err)
		}
	})
}
