package main

import (
	"context"
	"fmt"
	"os"

	"tandem/cmd/internal/app"
	"tandem/game/sim"
	"tandem/netcode/session/options"
	"tandem/netcode/session/replica"
)

// syncTest plays a match of bots without a network, each frame three times, and compares.
func syncTest(ctx context.Context, o *request) error {
	if o.flags.Env == "" {
		return app.Usagef("-sync-test needs an environment: name it with -env")
	}
	if o.players > 0 {
		addSeats(&o.flags, o.players)
	}
	create, _, err := o.flags.Room("")
	if err != nil {
		return err
	}
	cfg, err := options.ParseConfig(create)
	if err != nil {
		return &app.UsageError{Err: err}
	}
	if o.players > 0 && o.players != cfg.Players {
		return app.Usagef("-players %d: %s has %d seats, and with -sync-test all of them are played", o.players, cfg.Env, cfg.Players)
	}
	seed := o.flags.Seed.N
	test, err := runSyncTest(ctx, &cfg, o.bot, seed)
	if err != nil {
		return fmt.Errorf("%w (repeat it with -seed %d)", err, seed)
	}
	fmt.Fprintf(os.Stderr, "%s is deterministic: %d frames of seed %d, each stepped three times from its snapshot, were equal.\n", cfg.Env, test.Frames(), seed)
	return nil
}

func runSyncTest(ctx context.Context, cfg *options.Config, bot string, seed uint64) (*sim.SyncTest, error) {
	m, err := sim.NewMatch(cfg)
	if err != nil {
		return nil, err
	}
	var bots []*sim.BotInput
	for i := range cfg.Players {
		b, err := sim.NewBotInput(bot, m, i, sim.EpisodeSeed(seed, i+1))
		if err != nil {
			return nil, &app.UsageError{Err: err}
		}
		bots = append(bots, b)
	}
	test := sim.NewSyncTest(cfg)
	m.Reset(seed)
	for {
		if _, over := m.Over(); over {
			return test, nil
		}
		if err := ctx.Err(); err != nil {
			return nil, fmt.Errorf("interrupted after %d frames, which were equal: %w", test.Frames(), err)
		}
		c := replica.Command{Kind: replica.CommandStep, Frame: m.Frame()}
		for i, b := range bots {
			c.Actions[i] = uint8(b.Sample())
		}
		if err := test.Step(m, &c); err != nil {
			return nil, err
		}
	}
}
