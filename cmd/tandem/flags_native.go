//go:build !js

package main

import (
	"context"
	"flag"
	"os"
	"strings"

	"tandem/cmd/internal/app"
	"tandem/env"
	"tandem/game/input"
	"tandem/netcode/session/options"
	"tandem/netcode/transport"
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

func run(ctx context.Context, args []string) error {
	var o request
	fs := flag.NewFlagSet("tandem", flag.ContinueOnError)
	fs.StringVar(&o.relay, "relay", "", "relay's `address`: HOST, HOST:PORT or a ws:// or wss:// URL (default port 7777,\nin a URL its scheme's); with -room alone, the relay on this network")
	fs.StringVar(&o.ca, "tls-ca", "", "PEM `file` with certificates to trust besides the system's, for wss:// relays")
	o.by = transport.Auto
	fs.Var(&o.by, "transport", app.TransportHelp)
	fs.StringVar(&o.room, "room", "", "room's `code`")
	fs.BoolVar(&o.watch, "watch", false, "watch the match of -room, without a part in it")
	fs.StringVar(&o.flags.Env, "env", "", "`environment`: "+strings.Join(env.Offered(), ", "))
	fs.Var(&o.flags.EnvOpts, "env-opt", "environment `option`, K=V; may be repeated")
	fs.BoolVar(&o.host, "host", false, "run a relay in this program and open a room on it")
	fs.StringVar(&o.bot, "bot", "", "`bot` that takes the other seats: "+app.BotWords())
	fs.StringVar(&o.flags.Delay, "delay", "", "input delay: auto (the default), `frames` (more where a link needs it), strict:FRAMES or auto:MIN-MAX")
	fs.Var(&o.flags.Set, "set", "room `option`, K=V; may be repeated:\n"+options.OptionHelp())
	fs.StringVar(&o.name, "name", "", "your `name` (default: your user name)")
	fs.BoolVar(&o.verbose, "v", false, "log everything, not only warnings")
	fs.StringVar(&o.listen, "listen", ":"+app.DefaultPort, "`address` the relay of -host listens on")
	fs.IntVar(&o.players, "players", 1, "`people` at this window: 2 share its keyboard and gamepads, and have a seat each")
	fs.BoolVar(&o.fullscreen, "fullscreen", false, "begin in full screen")
	fs.StringVar(&o.screenshot, "screenshot", "", "save a picture to this PNG `file` and quit")
	fs.Float64Var(&o.after, "after", 5, "`seconds` until the picture of -screenshot")
	fs.StringVar(&o.report, "report", "", "write what was measured to this JSON `file` at the end (- for standard output)")
	fs.StringVar(&o.record, "record", "", "record the match in this `file`; tandem-replay reads it")
	if err := app.Parse(fs, args, usage, os.Stdout); err != nil {
		return err
	}
	if err := o.check(app.Given(fs)); err != nil {
		return err
	}
	if o.name == "" {
		o.name = userName()
	}
	return show(ctx, &o, nil)
}

// check refuses flags that contradict each other before anything is opened.
func (o *request) check(given map[string]bool) error {
	switch {
	case o.host && o.relay != "":
		return app.Usagef("-host runs a relay here, -relay plays on another: give one of them")
	case o.watch && o.room == "":
		return app.Usagef("-watch needs -room, and -relay unless it is on this network: say which match to watch")
	case o.watch && o.host:
		return app.Usagef("-watch and -host: the host of a room plays in it; leave one of them out")
	case o.watch && o.bot != "":
		return app.Usagef("-watch and -bot: a spectator brings nobody to play; leave one of them out")
	case o.watch && app.IsOriginal(o.relay):
		return app.Usagef("-watch: a relay of the original system has no spectators; leave it out")
	case o.players < 1 || o.players > input.MaxPeople:
		return app.Usagef("-players %d: at one window there is room for 1 or 2", o.players)
	case o.players > 1 && (o.watch || app.IsOriginal(o.relay)):
		return app.Usagef("-players 2 is for matches that two people play: leave -watch out, and relays of the original system, which put strangers together")
	case o.players > 1 && !o.host && !o.away():
		return app.Usagef("-players 2 needs -host, or the -relay or -room where the two play: each has a seat of their own there")
	case given["listen"] && !o.host:
		return app.Usagef("-listen is for -host: give both")
	case given["after"] && o.screenshot == "":
		return app.Usagef("-after is for -screenshot: give both")
	case o.report != "" && !o.direct():
		return app.Usagef("-report is for a match that the flags ask for: add -bot, -host or -relay")
	case o.ca != "" && !o.away() && o.direct():
		return app.Usagef("-tls-ca needs -relay: it is for relays with wss:// addresses")
	case given["transport"] && !o.away() && o.direct():
		return app.Usagef("-transport needs -relay: nothing travels within this computer; leave it out")
	case given["transport"] && app.IsOriginal(o.relay):
		return app.Usagef("-transport: a relay of the original system speaks Socket.IO alone; leave it out")
	case o.record != "" && !o.direct():
		return app.Usagef("-record is for a match that the flags ask for: add -bot, -host or -relay")
	case o.after < 0 || o.after > 3600:
		return app.Usagef("-after %v: write seconds from 0 to 3600", o.after)
	}
	if err := o.valid(); err != nil {
		return err
	}
	if err := app.CheckRecord(o.record, 1); err != nil {
		return err
	}
	return app.CheckReport(o.report, ".json")
}
