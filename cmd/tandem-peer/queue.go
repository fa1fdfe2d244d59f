package main

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"strconv"

	"tandem/cmd/internal/app"
	"tandem/env"
	"tandem/game/client"
	"tandem/game/sim"
	"tandem/netcode/netsim"
	"tandem/netcode/session"
	"tandem/netcode/transport"
)

// checkMode says which mode the flags ask for, and refuses what contradicts itself.
func (o *request) checkMode() (queue bool, err error) {
	original := app.IsOriginal(o.relay)
	switch o.mode {
	case "":
		if !original {
			return false, nil
		}
		return true, o.checkQueue()
	case "queue":
		if !original && o.relay != "embedded" {
			return false, app.Usagef("-mode queue needs a relay of the original system: -relay socketio://HOST:PORT, or -relay embedded for one in this process")
		}
		return true, o.checkQueue()
	case "sequenced":
		if original {
			return false, app.Usagef("-mode sequenced: a relay of the original system passes actions on and closes no frames; leave -mode out, or play on a relay of ours")
		}
		return false, nil
	}
	return false, app.Usagef("-mode %s: write sequenced or queue", o.mode)
}

// checkQueue refuses what there is for sequenced play alone.
func (o *request) checkQueue() error {
	switch {
	case o.record != "":
		return app.Usagef("-record: in queue mode every player steps something else, so there is no match to record; leave it out (the relay keeps what players upload)")
	case o.sync:
		return app.Usagef("-sync-test is for sequenced play; leave out -mode queue and socketio://")
	}
	return nil
}

// playQueue plays queue mode against a relay of the original system, or against an embedded one that
// speaks as it does.
func playQueue(ctx context.Context, o *request, specs netsim.Specs, log *slog.Logger, rep *report) error {
	embedded := o.relay == "embedded"
	if o.players == 0 {
		if o.players = 1; embedded {
			o.players = 2
		}
	}
	if o.players < 1 || o.players > 2 || embedded && o.players != 2 {
		return app.Usagef("-players %d: queue mode plays slime, which has 2 seats; with -relay embedded both must be played", o.players)
	}
	if err := o.checkLines(); err != nil {
		return err
	}
	if _, err := env.NewBot(o.bot, "slime"); err != nil {
		return &app.UsageError{Err: err}
	}
	if err := app.CheckReport(o.report, ".json", ".html"); err != nil {
		return err
	}
	var em *app.Embedded
	if embedded {
		var err error
		relayLog := slog.New(slog.DiscardHandler) // what it would warn of, the report counts
		if o.verbose {
			relayLog = log
		}
		if em, err = app.EmbedOriginal("127.0.0.1:0", relayLog); err != nil {
			return err
		}
		o.relay = "socketio://" + em.Addr
	}
	rep.Relay.Address = o.relay
	q, err := app.NewQueue(o.relay, o.ca, o.room, &o.flags)
	if err == nil {
		seed := o.flags.Seed.N
		clients := make([]*client.Client, o.players)
		for i := range clients {
			if clients[i], err = newQueueClient(o, q, embedded, i, seed, specs.For(i), log); err != nil {
				break
			}
		}
		if err == nil {
			err = runSeats(ctx, clients, rep)
		}
	}
	if em != nil {
		if serr := em.Stop(); err == nil {
			err = serr
		}
	}
	return err
}

func newQueueClient(o *request, q *app.Queue, embedded bool, i int, seed uint64, line netsim.Spec, log *slog.Logger) (*client.Client, error) {
	shaper, err := netsim.NewShaper(netsim.Schedule{{Spec: line}}, seed+uint64(i)*2)
	if err != nil {
		return nil, &app.UsageError{Err: err}
	}
	name := o.name
	if name == "" {
		name = fmt.Sprintf("%s-%d", o.bot, i+1)
	}
	guest, dial, err := q.Player(name, strconv.FormatUint(rand.Uint64(), 36))
	if err != nil {
		return nil, err
	}
	return client.New(client.Config{
		Guest: guest,
		Dial: func(ctx context.Context) (transport.Conn, error) {
			conn, err := dial(ctx)
			if err != nil {
				return nil, err
			}
			return shaper.Wrap(conn)
		},
		Input: func(m *sim.Match, seat int) (session.Sampler, error) {
			return sim.NewBotInput(o.bot, m, seat, sim.EpisodeSeed(seed, seat+1))
		},
		Now: skewed(line),
		Log: log,
		OnSeated: func(code string, seat int) {
			if !embedded {
				fmt.Fprintf(os.Stderr, "seat %d of game %s on %s\n", seat, code, o.relay)
			}
		},
	}), nil
}
