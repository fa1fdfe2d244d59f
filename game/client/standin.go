package client

import (
	"context"

	"tandem/game/sim"
	"tandem/netcode/session"
)

// A bot that takes the seat of a player who is gone is a connection of its own: another Client, in
// this program because its player is the room's host. It ends when the relay gives the seat back.

// seatStandIns starts the bots that the relay has asked for.
func (c *Client) seatStandIns(ctx context.Context) {
	for i := range c.asked {
		c.seatStandIn(ctx, &c.asked[i])
	}
	c.asked = c.asked[:0]
}

func (c *Client) seatStandIn(ctx context.Context, e *session.Event) {
	if c.cfg.StandIn == nil {
		c.cfg.Log.Warn("this program has no bot for a seat whose player is gone", "seat", e.Seat)
		return
	}
	if cancel := c.standIns[e.Seat]; cancel != nil {
		cancel() // the one before did not get there
	}
	ctx, cancel := context.WithCancel(ctx)
	if c.standIns == nil {
		c.standIns = map[int]context.CancelFunc{}
	}
	c.standIns[e.Seat] = cancel
	bot := New(Config{Dial: c.cfg.Dial, Now: c.cfg.Now, Log: c.cfg.Log.With("bot", e.Seat),
		Peer:  session.PeerConfig{Program: c.cfg.Peer.Program, Name: "bot", Room: c.peer.Code(), Seat: e.Seat, Token: e.Token, Zstd: c.cfg.Peer.Zstd},
		Input: func(m *sim.Match, seat int) (session.Sampler, error) { return c.cfg.StandIn(m, seat) }})
	c.work.Go(func() {
		defer cancel()
		if _, err := bot.Run(ctx); err != nil && ctx.Err() == nil {
			c.cfg.Log.Info("the bot's seat is given back", "seat", e.Seat, "reason", err)
		}
	})
}
