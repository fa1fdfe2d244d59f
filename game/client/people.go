package client

import (
	"slices"

	"tandem/game/words"
	"tandem/netcode/protocol"
	"tandem/netcode/session"
)

// What is told about the people of a room: who is missing, who watches, who comes and goes, and who wants
// another match.

// inProgram reports whether the relay is inside a player's program, which takes the room along when
// it ends.
func (c *Client) inProgram() bool {
	return c.sequenced != nil && !c.cfg.HostsRelay && c.sequenced.RelayEmbedded()
}

// waiting is what the room waits for.
func (c *Client) waiting(v *View) words.Waiting {
	taken, unready := 0, false
	for i, r := range c.peer.Roster() {
		if r.Taken {
			taken++
			unready = unready || !r.Ready && i != v.Seat
		}
	}
	need := len(v.Players)
	if n := c.peer.Room().MinPlayers; n > 0 {
		need = n
	}
	return words.Waiting{Missing: need - taken, Full: taken == len(v.Players), Unready: unready && (v.Watching || c.peer.State() == session.PeerReady),
		Watching: v.Watching, Held: c.held(v.Seat), Told: c.scene.told, Invite: c.scene.invite, Room: v.Room}
}

// held is whom a match waits for that could begin; nil where it waits for nobody.
func (c *Client) held(seat int) *words.Held {
	if c.sequenced == nil || c.sequenced.StartHeld() == 0 {
		return nil
	}
	h := &words.Held{Self: c.away.Load(), Left: c.sequenced.StartHeld() - c.now()}
	for i, r := range c.peer.Roster() {
		switch {
		case !r.Taken || i == seat:
		case r.Away:
			h.Away = append(h.Away, r.Name)
		default:
			h.Here = append(h.Here, r.Name)
		}
	}
	return h
}

// startsWithout tells, while a match is about to begin, who will not be at the controls.
func (c *Client) startsWithout(v *View) {
	if c.away.Load() {
		v.Headline, v.Detail = c.words.BeginsWithout, c.words.ComeBack
		return
	}
	var away []string
	for _, r := range c.peer.Roster() {
		if r.Taken && r.Away {
			away = append(away, r.Name)
		}
	}
	v.Detail = c.words.StartsWithout(away)
}

// wantAgain is who wants to play again.
func (c *Client) wantAgain(v *View) words.Again {
	a := words.Again{Seats: len(v.Players), Asked: v.AgainAsked, Watching: v.Watching, Held: c.held(v.Seat), Room: v.Room, Left: v.Again}
	for i, r := range c.peer.Roster() {
		if !r.Taken {
			continue
		}
		a.Here++
		if r.Ready && i != v.Seat {
			a.Want = append(a.Want, r.Name)
		}
	}
	return a
}

// NameFits reports whether a text can stand in the field for a player's name.
func NameFits(text string) bool {
	_, err := protocol.PlayerName(text)
	return err == nil
}

// present reports whether a seat's player is there: in a match, one whose connection is lost, or who
// is still catching up, is not.
func (c *Client) present(r *protocol.RosterEntry) bool {
	if c.sequenced == nil || !c.playing() {
		return r.Taken
	}
	return r.Taken && r.Ready
}

func (c *Client) playing() bool {
	st := c.peer.State()
	return st == session.PeerPlaying || st == session.PeerFinished || st == session.PeerCutOff
}

// people takes the roster, and tells who has come or gone in mid-match.
func (c *Client) people() {
	if c.sequenced == nil {
		return
	}
	s, now := &c.scene, c.peer.Roster()
	s.watchers = c.words.Watchers(c.sequenced.Watchers())
	if c.playing() && s.frame > 0 && len(s.roster) == len(now) {
		for i := range now {
			if told := c.words.Change(&s.roster[i], &now[i], i == c.peer.Seat(), c.peer.Room().Disconnect); told != "" {
				c.note(c.now(), told)
			}
		}
	}
	if others(now) {
		s.told = "" // it was about a room to which nobody comes
	}
	s.roster = slices.Clone(now)
}

// others reports whether more than one seat is taken.
func others(roster []protocol.RosterEntry) bool {
	taken := 0
	for i := range roster {
		if roster[i].Taken {
			taken++
		}
	}
	return taken > 1
}
