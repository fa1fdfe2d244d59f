// Command tandem plays in a window.
package main

import (
	"context"
	"errors"
	"flag"
	"os"
	"strings"
	"time"

	"tandem/cmd/internal/app"
	"tandem/env"
	_ "tandem/env/all" // every environment and bot
	"tandem/game/scene"
	"tandem/netcode/protocol"
	"tandem/netcode/session"
)

const usage = `tandem plays multi-agent Gym environments together in real time.

  tandem                                  the menu
  tandem -bot baseline                    play with a bot
  tandem -host                            let this computer be the relay, and open a room
  tandem -relay HOST:PORT -room CODE      join a friend's room
  tandem -room CODE                       join one on this network
  tandem -relay HOST:PORT -room CODE -watch
                                          watch a match without a part in it
  tandem -relay HOST:PORT -env slime      open a room on a relay`

type options struct {
	relay      string
	ca         string
	near       []string // every address of the relay, where it was found on the local network
	room       string
	watch      bool
	host       bool
	listen     string
	bot        string
	name       string
	fullscreen bool
	screenshot string
	after      float64
	report     string
	record     string
	verbose    bool
	flags      app.RoomFlags
}

func run(ctx context.Context, args []string) error {
	var o options
	fs := flag.NewFlagSet("tandem", flag.ContinueOnError)
	fs.StringVar(&o.relay, "relay", "", "relay's `address`, HOST:PORT; with -room alone, the one on this network")
	fs.StringVar(&o.ca, "tls-ca", "", "PEM `file` with certificates to trust besides the system's, for wss:// relays")
	fs.StringVar(&o.room, "room", "", "room's `code`")
	fs.BoolVar(&o.watch, "watch", false, "watch the match of -room, without a part in it")
	fs.StringVar(&o.flags.Env, "env", "", "`environment`: "+strings.Join(env.Names(), ", "))
	fs.Var(&o.flags.EnvOpts, "env-opt", "environment `option`, K=V; may be repeated")
	fs.BoolVar(&o.host, "host", false, "run a relay in this program and open a room on it")
	fs.StringVar(&o.bot, "bot", "", "`bot` that takes the other seats: "+app.BotWords())
	fs.StringVar(&o.flags.Delay, "delay", "", "input delay in `frames`, auto, or auto:MIN-MAX (default 3)")
	fs.Var(&o.flags.Set, "set", "room `option`, K=V; may be repeated:\n"+session.OptionHelp())
	fs.StringVar(&o.name, "name", "", "your `name`")
	fs.BoolVar(&o.verbose, "v", false, "log everything, not only warnings")
	ownFlags(fs, &o)
	if err := app.Parse(fs, args, usage, os.Stdout); err != nil {
		return err
	}
	if err := complete(&o); err != nil {
		return err
	}
	if err := o.check(app.Given(fs)); err != nil {
		return err
	}
	return show(ctx, &o)
}

// check refuses flags that contradict each other before anything is opened.
func (o *options) check(given map[string]bool) error {
	switch {
	case o.host && o.relay != "":
		return app.Usagef("-host runs a relay here, -relay plays on another: give one of them")
	case o.watch && o.room == "":
		return app.Usagef("-watch needs -room, and -relay unless it is on this network: say which match to watch")
	case o.watch && o.host:
		return app.Usagef("-watch and -host: who hosts a room plays in it; leave one of them out")
	case o.watch && o.bot != "":
		return app.Usagef("-watch and -bot: a spectator brings nobody to play; leave one of them out")
	case o.watch && app.IsOriginal(o.relay):
		return app.Usagef("-watch: a relay of the original system has no spectators; leave it out")
	case given["listen"] && !o.host:
		return app.Usagef("-listen is for -host: give both")
	case given["after"] && o.screenshot == "":
		return app.Usagef("-after is for -screenshot: give both")
	case o.report != "" && !o.direct():
		return app.Usagef("-report is for a match that the flags ask for: add -bot, -host or -relay")
	case o.ca != "" && !o.away() && o.direct():
		return app.Usagef("-tls-ca needs -relay: it is for relays with wss:// addresses")
	case o.record != "" && !o.direct():
		return app.Usagef("-record is for a match that the flags ask for: add -bot, -host or -relay")
	case o.after < 0 || o.after > 3600:
		return app.Usagef("-after %v: write seconds from 0 to 3600", o.after)
	case o.room != "" && o.away() && o.relay == "" && !app.HasLAN:
		return app.Usagef("-room needs -relay: say on which relay the room is")
	case len(o.name) > protocol.MaxName:
		return app.Usagef("-name: use at most %d letters", protocol.MaxName)
	}
	if _, err := o.dialer(); err != nil {
		return err
	}
	if _, _, err := o.flags.Room("slime"); err != nil {
		return err
	}
	if o.bot != "" {
		name := o.flags.Env
		if name == "" {
			name = "slime"
		}
		if _, err := env.NewBot(o.bot, name); err != nil {
			return &app.UsageError{Err: err}
		}
	}
	if err := app.CheckRecord(o.record, 1); err != nil {
		return err
	}
	return app.CheckReport(o.report, ".json")
}

// direct reports whether the flags say what to play, so that no menu is needed.
func (o *options) direct() bool {
	return o.host || o.relay != "" || o.room != "" || o.bot != "" || o.screenshot != ""
}

// away reports whether the match is on another's relay.
func (o *options) away() bool { return o.relay != "" || o.room != "" && !o.host }

// dialer reaches that relay: the one that was named, or the one on the local network.
func (o *options) dialer() (app.Dialer, error) {
	switch {
	case len(o.near) > 0:
		return app.NewDialer(o.ca, o.near...)
	case o.relay == "" && o.away():
		return app.LANDialer(o.ca)
	}
	return app.NewDialer(o.ca, o.relay)
}

func show(ctx context.Context, o *options) error {
	var played *table   // the match that the flags asked for
	var chosen []*table // those that the menu asked for
	var so scene.Options
	var near app.Nearby
	defer near.Close()
	if inPage || !o.direct() { // a page shows the menu when its first match is over
		so.Defaults = scene.Choice{Name: o.name, Env: o.flags.Env, Relay: o.relay}
		if so.Defaults.Env == "" {
			so.Defaults.Env = "slime" // the one that everybody understands at first sight
		}
		if app.HasLAN {
			so.Nearby = func() (list []scene.Relay) {
				for _, r := range near.Relays() {
					list = append(list, scene.Relay(r))
				}
				return list
			}
		}
		so.Start = func(c scene.Choice) (scene.Match, sampler, error) {
			n := o.choose(c)
			if n.relay != "" {
				n.near = near.Addresses(n.relay)
			}
			near.Close() // the menu, when it comes back, looks anew
			t, err := sit(ctx, n)
			if err != nil {
				return nil, nil, err
			}
			chosen = append(chosen, t)
			present(t)
			return t, t.sampler, nil
		}
	}
	so.Touch, so.Drawn, so.Tell = touchScreen(), drawn, tell
	saving(&so)
	game, err := scene.New(so)
	if err != nil {
		return err
	}
	if o.direct() {
		if played, err = sit(ctx, o); err != nil {
			return err
		}
		present(played)
		game.ShowMatch(played, played.sampler)
	}
	var shotErr error
	if o.screenshot != "" {
		game.Screenshot(o.screenshot, time.Duration(o.after*float64(time.Second)), func(err error) {
			shotErr = err
			game.Quit()
		})
	}
	stop := context.AfterFunc(ctx, game.Quit)
	defer stop()
	err = scene.Run(game, scene.Window{Fullscreen: o.fullscreen})
	if err != nil {
		err = &app.UsageError{Err: err}
	}
	for _, t := range chosen {
		// How it ended was on the screen. The others hear the goodbye before this program is gone.
		_ = t.finish()
	}
	if played != nil {
		end := played.finish()
		if err == nil {
			err = end
		}
		if rerr := app.WriteReport(o.report, played.human.Report(), os.Stdout); err == nil {
			err = rerr
		}
	}
	return errors.Join(err, shotErr)
}

// choose turns the menu's answer into the flags that would have said the same.
func (o *options) choose(c scene.Choice) *options {
	n := *o
	n.name, n.flags.Env, n.bot, n.relay, n.room, n.watch = c.Name, c.Env, "", "", "", false
	switch c.Action {
	case scene.PlayBot:
		n.bot = c.Bot
	case scene.Host:
		n.relay = c.Relay
		n.host = c.Relay == ""
	case scene.Join, scene.Watch:
		n.watch = c.Action == scene.Watch
		n.relay, n.room, n.flags.Env = c.Relay, c.Room, ""
	}
	return &n
}
