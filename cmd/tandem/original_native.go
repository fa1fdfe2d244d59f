//go:build !js

package main

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"strconv"
	"sync"

	"tandem/cmd/internal/app"
	"tandem/game/client"
	"tandem/game/sim"
	"tandem/game/words"
	"tandem/netcode/session"
)

// sitOriginal opens a match on a relay of the original system, which puts together whoever comes
// next.
func (t *table) sitOriginal(ctx context.Context, o *request, log *slog.Logger) error {
	if o.record != "" {
		return app.Usagef("-record: on a relay of the original system every player steps something else, so there is no match to record; leave it out")
	}
	q, err := app.NewQueue(o.relay, o.ca, o.room, &o.flags)
	if err != nil {
		return err
	}
	seat := func(cfg client.Config, name string) (*client.Client, error) {
		var err error
		cfg.Log = log
		cfg.Guest, cfg.Dial, err = q.Player(name, strconv.FormatUint(rand.Uint64(), 36))
		return client.New(cfg), err
	}
	ctx, t.cancel = context.WithCancel(ctx)
	t.finish = sync.OnceValue(t.end)
	t.human, err = seat(client.Config{
		Screen: true,
		Input: func(m *sim.Match, _ int) (session.Sampler, error) {
			t.sampler.Bind(m.Spec())
			return t.sampler, nil
		},
		Invite: func(string) string { return words.English.SeatsNext },
		OnSeated: func(string, int) {
			if o.bot == "" {
				return
			}
			b, err := seat(client.Config{Input: func(m *sim.Match, seat int) (session.Sampler, error) {
				return sim.NewBotInput(o.bot, m, seat, rand.Uint64())
			}}, o.bot+"-bot")
			if err != nil {
				log.Warn("no bot comes", "reason", err)
				return
			}
			t.work.Go(func() {
				if _, err := b.Run(ctx); err != nil && ctx.Err() == nil {
					log.Info("the bot's match ended", "reason", err)
				}
			})
		},
	}, o.called())
	if err != nil {
		t.cancel()
		return err
	}
	t.work.Go(func() {
		// The window says at once how it ended; the command line does when the window is closed.
		_, t.err = t.human.Run(ctx)
	})
	return nil
}
