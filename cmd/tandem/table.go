package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"tandem/cmd/internal/app"
	"tandem/env"
	"tandem/game/client"
	"tandem/game/input"
	"tandem/game/sim"
	"tandem/game/solo"
	"tandem/game/words"
	"tandem/netcode/protocol"
	"tandem/netcode/session"
	"tandem/netcode/transport"
)

type sampler = *input.Sampler

// table is a match with everything this program brings to it: the person's seat, the bots of the
// other seats, and perhaps the relay.
type table struct {
	human   *client.Client
	asked   request // what it is
	sampler sampler
	second  atomic.Pointer[input.Sampler] // of a second person at this window; nil where that one has no seat
	other   atomic.Pointer[client.Client] // that one's seat; nil before it is asked for
	relay   *app.Embedded
	quiet   func() // takes the relay's announcement back; nil where there is none

	closed atomic.Bool   // the window was closed in mid-match: the seat waits
	unseat func()        // lets another program of this computer have the place of the seat's token
	over   chan struct{} // closed when the person's match has ended, its recording too
	cancel context.CancelFunc
	work   sync.WaitGroup
	err    error        // of the person's match; read after work
	finish func() error // ends everything of this table once; answers why the match ended if it was not as it should
}

// sit opens the match that the flags describe. It does not wait for the network.
func sit(ctx context.Context, o *request) (*table, error) {
	log := app.Log(o.verbose)
	t := &table{sampler: input.NewSampler(nil), asked: *o}
	if app.IsOriginal(o.relay) {
		return t, t.sitOriginal(ctx, o, log)
	}
	dial, err := o.dialer()
	if err != nil {
		return nil, err
	}
	defaultEnv := ""
	if o.room == "" || o.flags.Env != "" || o.host {
		defaultEnv = "slime" // this player opens the room
	}
	flags := o.flags
	flags.People = true
	create, require, err := flags.Room(defaultEnv)
	if err != nil {
		return nil, err
	}
	if o.watch {
		create, t.sampler = nil, nil
	}
	var alone *solo.Config
	switch {
	case o.alone():
		if alone, err = o.playedAlone(create); err != nil {
			return nil, err
		}
	case o.host:
		if t.relay, err = app.Embed(o.listen, log); err != nil {
			return nil, err
		}
		dial = t.relay.Dial
		t.quiet = app.Announce(t.relay.Addr, o.name, false, t.relay.Pin, log)
	}
	if o.players > 1 {
		t.second.Store(input.NewSampler(nil))
	}
	ctx, t.cancel = context.WithCancel(ctx)
	t.finish = sync.OnceValue(t.end)
	cfg := client.Config{
		Dial: dial, Alone: alone, Screen: true, Log: log,
		Peer: session.PeerConfig{Program: app.Program("tandem"), Name: o.called(), Room: o.room, Seat: -1, Create: create, Require: require,
			Watch: o.watch, Again: true, Zstd: sim.Zstd()},
		StandIn:    standIn,
		HostsRelay: o.host,
		Unseen:     o.unseen,
		Input: func(m *sim.Match, _ int) (session.Sampler, error) {
			t.sampler.Bind(m.Spec())
			return t.sampler, nil
		},
		Invite: func(code string) string { return t.invite(o, code) },
		OnSeated: func(code string, seat int) {
			if o.host {
				announce(t.relay, code)
			}
			seated(o, code)
			if s := t.second.Load(); s != nil {
				t.seatSecond(ctx, s, o, code, dial, log)
			}
			if o.bot != "" {
				t.seatBots(ctx, o, code, dial, log)
			}
		},
	}
	t.unseat = keep(o, &cfg, log)
	t.over = make(chan struct{})
	t.human = client.New(cfg)
	t.work.Go(func() {
		// The window says at once how it ended; the command line does when the window is closed.
		_, t.err = t.human.Run(ctx)
		close(t.over)
	})
	return t, nil
}

// seatBots lets bots take the seats that are free. Each is a connection of its own.
func (t *table) seatBots(ctx context.Context, o *request, code string, dial func(context.Context) (transport.Conn, error), log *slog.Logger) {
	seed := rand.Uint64()
	// Only now is it known which game a room plays that somebody else has made.
	bot := botFor(o.bot, t.human.Env())
	if bot != o.bot {
		log.Warn("another bot takes part: the room's game is not one that the chosen bot plays", "chosen", o.bot, "plays", bot, "env", t.human.Env())
		t.human.Note(words.English.OtherBot(o.bot, bot))
	}
	for i := range t.human.Seats() - max(o.players, 1) {
		cfg := client.Config{
			Dial: dial, Log: log,
			// It plays as long as the person wants to, and goes with them.
			Agrees: true,
			Peer:   session.PeerConfig{Program: app.Program("tandem"), Name: bot + " bot", Room: code, Seat: -1, Again: true, Zstd: sim.Zstd()},
			Input: func(m *sim.Match, seat int) (session.Sampler, error) {
				return sim.NewBotInput(bot, m, seat, sim.EpisodeSeed(seed, i))
			},
		}
		unseat := keepOther(o, fmt.Sprint("bot ", i), code, &cfg, log)
		c := client.New(cfg)
		t.work.Go(func() {
			defer unseat()
			if _, err := c.Run(ctx); err != nil && ctx.Err() == nil {
				log.Info("the bot's match ended", "reason", err)
			}
		})
	}
}

// standIn makes the bot that plays for somebody who is gone.
func standIn(m *sim.Match, seat int) (session.Sampler, error) {
	return sim.NewBotInput(env.DefaultBot(m.Spec().Name), m, seat, rand.Uint64())
}

// called is the player's name in a match. A player alone, or a spectator, need not have one.
func (o *request) called() string {
	if o.name == "" && !o.watch {
		return "Player"
	}
	return o.name
}

// View shows the match to the screen.
func (t *table) View(now time.Time, v *client.View) { t.human.View(now, v) }

// Leave ends the player's part. It does not wait.
func (t *table) Leave() {
	t.human.Leave()
	left(&t.asked)
	go func() { _ = t.finish() }() // finish may be called again; it answers the same
}

// HangUp ends it for a window that was closed: the seat waits for a while. A relay of one's own waits
// for nobody: it goes with its program, and the others hear that the player has left.
func (t *table) HangUp() {
	if t.relay == nil {
		t.closed.Store(true)
		t.human.HangUp()
		if c := t.other.Load(); c != nil {
			c.HangUp()
		}
	}
	t.Leave()
}

// Again says that the person wants another match.
func (t *table) Again() { t.human.Again() }

func (t *table) end() error {
	t.human.Leave()
	if c := t.other.Load(); c != nil {
		c.Leave()
	}
	// The goodbye leaves before the connection is cut; Run waits for it.
	done := make(chan struct{})
	go func() { t.work.Wait(); close(done) }()
	select {
	case <-done:
	case <-time.After(leaveGrace):
	}
	t.cancel()
	<-done
	if t.unseat != nil {
		t.unseat()
	}
	if t.quiet != nil {
		t.quiet()
	}
	err := t.err
	if err != nil && (own(err) || t.closed.Load()) {
		err = nil
	}
	if t.relay != nil {
		err = errors.Join(err, t.relay.Stop())
	}
	return errors.Join(err, t.human.RecordErr()) // that was a note on the screen; the exit status tells it again
}

// leaveGrace is how long a goodbye may take before it is cut short.
const leaveGrace = 500 * time.Millisecond

// own reports whether the match ended by somebody's own act, which is no fault.
func own(err error) bool {
	var e *protocol.Error
	return errors.Is(err, context.Canceled) || (errors.As(err, &e) && e.Code == protocol.CodeLeft)
}

// announce tells how friends join.
func announce(relay *app.Embedded, code string) {
	_, port, err := net.SplitHostPort(relay.Addr)
	if err != nil {
		port = app.DefaultPort
	}
	fmt.Println(words.English.RoomOpen(code))
	for _, host := range localAddresses() {
		at := net.JoinHostPort(host, port)
		if relay.Pin != "" { // whoever copies the line need not trust the network with it
			at += "#" + relay.Pin
		}
		fmt.Printf("  tandem -relay %s -room %s\n", at, code)
	}
	fmt.Println(words.English.LivesHere)
}

// localAddresses lists this machine's addresses that others may reach, IPv4 first.
func localAddresses() []string {
	var v4, v6 []string
	addrs, err := net.InterfaceAddrs()
	if err == nil {
		for _, a := range addrs {
			ip, ok := a.(*net.IPNet)
			switch {
			case !ok || ip.IP.IsLoopback() || ip.IP.IsLinkLocalUnicast():
			case ip.IP.To4() != nil:
				v4 = append(v4, ip.IP.String())
			default:
				v6 = append(v6, ip.IP.String())
			}
		}
	}
	if list := append(v4, v6...); len(list) > 0 {
		return list
	}
	return []string{"127.0.0.1"}
}
