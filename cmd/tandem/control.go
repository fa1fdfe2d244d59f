package main

import (
	"net"

	"tandem/game/words"
)

// SetDelay, StepDelay, SetAway, Pause and SetUnloads hand the person's wishes to their seat.
func (t *table) SetDelay(value string)   { t.human.SetDelay(value) }
func (t *table) StepDelay(by int)        { t.human.StepDelay(by) }
func (t *table) SetAway(away bool)       { t.human.SetAway(away) }
func (t *table) Pause(on bool)           { t.human.Pause(on) }
func (t *table) SetUnloads(unloads bool) { t.human.SetUnloads(unloads) }

// invite says how friends come to the room: by the menu, or by a command. It is "" where nobody
// can, because the relay is this program's own and not open to others.
func (t *table) invite(o *request, code string) string {
	relay := o.relay
	if o.watch {
		return ""
	}
	if link := link(relay, code); link != "" {
		return words.English.Invite(link, "", code)
	}
	if relay == "" {
		if o.room != "" && !o.host {
			return "" // friends on this network find the relay as this player did
		}
		if !o.host {
			return ""
		}
		_, port, err := net.SplitHostPort(t.relay.Addr)
		if err != nil { // in a browser's page there is nothing to connect to
			return ""
		}
		relay = net.JoinHostPort(localAddresses()[0], port)
	}
	return words.English.Invite("", relay, code)
}
