// Command tandem plays in a window, or in a web page.
package main

import (
	"context"
	"errors"
	"os"
	"time"

	"tandem/cmd/internal/app"
	"tandem/env"
	_ "tandem/env/all" // every environment and bot
	"tandem/game/scene"
	"tandem/game/sound"
	"tandem/netcode/protocol"
	"tandem/netcode/transport"
)

// request says what to play, whoever said it: the command line, a page's address, or the menu.
type request struct {
	relay      string
	ca         string
	by         transport.By // "" where nobody said
	near       []string     // every address of the relay, where it was found on the local network
	room       string
	watch      bool
	host       bool // the relay is to be in this program
	listen     string
	bot        string
	name       string // "" where nobody said one
	players    int    // people at this window; 0 is one
	fullscreen bool
	screenshot string
	after      float64
	report     string
	record     string
	verbose    bool
	unseen     func(headline, detail string) // tells what happens while nobody looks
	flags      app.RoomFlags
}

// opening is a part of the menu to begin with instead of a match, because something is open yet.
type opening struct {
	at   scene.Action
	note string // what is wrong, or ""
}

// firstEnv is the environment of whoever names none: one that everybody understands at first sight.
const firstEnv = "slime"

// valid refuses what nothing can be played with before anything is opened.
func (o *request) valid() error {
	var err error
	if o.name, err = protocol.PlayerName(o.name); err != nil {
		return app.Usagef("name: %w", err)
	}
	if _, err := o.dialer(); err != nil {
		return err
	}
	if _, _, err := o.flags.Room(firstEnv); err != nil {
		return err
	}
	if o.bot != "" {
		if o.alone() {
			if err := checkAlone(&o.flags); err != nil {
				return err
			}
		}
		if _, err := env.NewBot(o.bot, or(o.flags.Env, firstEnv)); err != nil {
			return &app.UsageError{Err: err}
		}
	}
	return nil
}

func or(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// direct reports whether it is said what to play, so that no menu is needed.
func (o *request) direct() bool { return o.host || o.away() || o.bot != "" }

// away reports whether the match is on another's relay.
func (o *request) away() bool { return o.relay != "" || o.room != "" && !o.host }

// alone reports whether every other seat is a bot of this program.
func (o *request) alone() bool { return !o.host && !o.away() }

// opens reports whether this player is to open a room.
func (o *request) opens() bool { return o.host || o.relay != "" && o.room == "" }

// nameless reports whether others are to play with somebody who has no name.
func (o *request) nameless() bool { return o.name == "" && !o.watch && (o.away() || o.host) }

// dialer reaches that relay: the one that was named, or the one on the local network.
func (o *request) dialer() (app.Dialer, error) {
	switch {
	case len(o.near) > 0:
		return app.NewDialer(o.by, o.ca, o.near...)
	case o.relay == "" && o.away():
		return app.LANDialer(o.by, o.ca)
	}
	return app.NewDialer(o.by, o.ca, o.relay)
}

// show plays in the window until it is closed. first, where it is not nil, comes before the match that
// was asked for.
func show(ctx context.Context, o *request, first *opening) error {
	if first == nil && o.nameless() {
		first = &opening{at: scene.Join}
		if o.opens() {
			first.at = scene.Host
		}
	}
	var played *table   // the match that was asked for
	var chosen []*table // those that the menu asked for
	so := scene.Options{HomeRelay: inPage, Named: called}
	var near app.Nearby
	defer near.Close()
	if inPage || first != nil || !o.direct() { // a page shows the menu when its first match is over
		so.Defaults = scene.Choice{Name: o.name, Env: or(o.flags.Env, firstEnv), Relay: o.relay, Room: o.room}
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
			if err := n.valid(); err != nil {
				return nil, nil, err
			}
			if n.relay != "" && !inPage {
				n.near = near.Addresses(n.relay)
			}
			near.Close() // the menu, when it comes back, looks anew
			t, err := sit(ctx, n)
			if err != nil {
				return nil, nil, err
			}
			if first != nil && played == nil {
				played = t
			} else {
				chosen = append(chosen, t)
			}
			called(n.name)
			if inPage {
				*o = n.next()
			}
			present(t)
			return t, t.sampler, nil
		}
	}
	so.Watch = func(m scene.Match) (scene.Match, error) {
		t, err := sit(ctx, m.(*table).asked.toWatch())
		if err != nil {
			return nil, err
		}
		chosen = append(chosen, t)
		present(t)
		return t, nil
	}
	so.Touch, so.Drawn, so.Tell, so.Mirror = touchScreen(), drawn, tell, mirror
	so.Sound, so.ReducedMotion = sound.New(app.Log(o.verbose)), reducedMotion()
	saving(&so)
	game, err := scene.New(so)
	if err != nil {
		return err
	}
	hear(game)
	o.unseen = unseen(game)
	switch {
	case first != nil:
		game.ShowMenu(first.at, first.note)
	case o.direct():
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
		err = errors.Join(err, app.WriteReport(o.report, played.human.Report(), os.Stdout))
	}
	return errors.Join(err, shotErr)
}

// choose turns the menu's answer into the options that say the same. What was asked for beside it holds
// where it is about the same room or game: somebody who joins with a code plays by the rules of that room.
func (o *request) choose(c scene.Choice) *request {
	n := *o
	n.name, n.relay, n.room, n.host, n.watch, n.bot = c.Name, c.Relay, "", false, false, ""
	switch c.Action {
	case scene.PlayBot:
		n.relay, n.bot, n.players = "", c.Bot, 0
		n.flags.Delay, n.flags.Set = "", keptAlone(n.flags.Set) // the rest is about matches with others
	case scene.Host:
		n.relay = or(home(), c.Relay)
		n.host = n.relay == ""
		if o.opens() {
			n.bot, n.room = o.bot, o.room
		}
	case scene.Join, scene.Watch:
		n.relay, n.room, n.watch = or(home(), c.Relay), c.Room, c.Action == scene.Watch
		if c.Room == o.room && !n.watch {
			n.bot = o.bot
		} else {
			n.flags = app.RoomFlags{}
		}
		if n.watch {
			n.players = 0
		}
		return &n
	}
	if c.Env != or(o.flags.Env, firstEnv) {
		n.flags.EnvOpts = nil // another game has others
	}
	n.flags.Env = c.Env
	n.bot = botFor(n.bot, n.flags.Env)
	return &n
}

// botFor returns the bot, or where that does not play the environment the one that does best there: who has
// asked for company has some, also in another game.
func botFor(bot, environment string) string {
	if bot != "" {
		if _, err := env.NewBot(bot, environment); err != nil {
			return env.DefaultBot(environment)
		}
	}
	return bot
}

// next is what the menu goes on from in a page: its address was about the first match alone.
func (o *request) next() request { return request{name: o.name, verbose: o.verbose, unseen: o.unseen} }

// toWatch asks for the same room without a seat in it.
func (o *request) toWatch() *request {
	n := *o
	n.watch, n.bot, n.players, n.flags = true, "", 0, app.RoomFlags{}
	return &n
}
