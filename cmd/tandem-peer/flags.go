package main

import (
	"slices"
	"strings"

	"tandem/cmd/internal/app"
	"tandem/netcode/netsim"
)

// A flag that would do nothing is refused: whoever gave it takes what it promises for done.

// alone are the flags of a -sync-test without a relay.
var alone = []string{"sync-test", "env", "env-opt", "set", "frames", "seed", "players", "bot", "v"}

// checkAlone refuses what needs a session, where there is none.
func (o *request) checkAlone(given map[string]bool) error {
	if len(o.failIf) > 0 {
		return app.Usagef("-fail-if is about a match; -sync-test without -relay plays none: leave one of the two out")
	}
	var idle []string
	for name := range given {
		if !slices.Contains(alone, name) {
			idle = append(idle, "-"+name)
		}
	}
	if len(idle) > 0 {
		slices.Sort(idle)
		return app.Usagef("-sync-test without -relay has no session, so there is nothing for %s to do: add -relay embedded, or leave it out", strings.Join(idle, ", "))
	}
	return nil
}

// checkIdle refuses what does nothing where and how this is played.
func (o *request) checkIdle(given map[string]bool, queued bool) error {
	embedded := o.relay == "embedded"
	switch {
	case o.ca != "" && embedded:
		return app.Usagef("-tls-ca is for relays with wss:// addresses, and not for the one in this process: leave it out")
	case given["keep-seat"] && o.keep && (embedded || o.watch || queued):
		return app.Usagef("-keep-seat is for players on another's relay of Tandem: nobody comes back here; leave it out")
	case queued && given["transport"]:
		return app.Usagef("-transport: queue mode goes by Socket.IO alone; leave it out")
	case queued && o.desync != "":
		return app.Usagef("-desync: in queue mode there are no reports of desyncs, -report counts them; leave it out")
	}
	return nil
}

// checkWatch refuses what a spectator cannot want.
func (o *request) checkWatch(given map[string]bool, queued bool) error {
	switch {
	case !o.watch:
	case queued:
		return app.Usagef("-watch: the original system has no spectators; leave it out")
	case o.relay == "embedded":
		return app.Usagef("-watch: nobody else plays on a relay in this process; name another with -relay")
	case o.room == "":
		return app.Usagef("-watch needs -room: say which match to watch")
	case given["bot"]:
		return app.Usagef("-watch and -bot: a spectator does not play; leave one of them out")
	}
	return nil
}

// checkLines refuses a line for a seat that is not played here.
func (o *request) checkLines() error {
	for _, text := range o.net {
		if s, err := netsim.ParseSpec(text); err == nil && s.OneSeat && s.Seat >= o.players {
			return app.Usagef("-net %s: the %d players of this process are seat=0 to seat=%d", text, o.players, o.players-1)
		}
	}
	return nil
}
