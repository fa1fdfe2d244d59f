package main

import (
	"context"
	"log/slog"

	"tandem/cmd/internal/app"
	"tandem/game/client"
	"tandem/game/sim"
	"tandem/game/words"
	"tandem/netcode/session"
	"tandem/netcode/transport"
)

// Second is what asks for the actions of a second person at this window; nil where that one has no seat.
func (t *table) Second() sampler { return t.second.Load() }

// seatSecond takes a seat for the second person. It is a connection of its own, as a bot's is, and is shown
// in the first one's picture; it leaves when that one does. Where there is no seat, or none any more, the
// first person is told and has the whole keyboard.
func (t *table) seatSecond(ctx context.Context, s sampler, o *request, code string, dial func(context.Context) (transport.Conn, error), log *slog.Logger) {
	cfg := client.Config{
		Dial: dial, Log: log, Agrees: true,
		Peer: session.PeerConfig{Program: app.Program("tandem"), Name: o.called(), Room: code, Seat: -1, Again: true, Zstd: sim.Zstd()},
		Input: func(m *sim.Match, _ int) (session.Sampler, error) {
			s.Bind(m.Spec())
			return s, nil
		},
	}
	unseat := keepOther(o, "second player", code, &cfg, log)
	c := client.New(cfg)
	t.other.Store(c)
	t.work.Go(func() {
		defer unseat()
		_, err := c.Run(ctx)
		if err == nil || own(err) || t.closed.Load() || ctx.Err() != nil {
			return
		}
		log.Warn("the second player has no seat", "reason", err)
		t.second.Store(nil)
		t.human.Note(words.English.NoSecondSeat)
	})
}
