package client

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"tandem/netcode/protocol"
	"tandem/netcode/session"
	"tandem/netcode/session/options"
)

// What is said about the people of a room: who is missing, who watches, who comes and goes, and who
// wants another match.

// goneWithHost is what became of a room whose relay was inside a player's program.
const goneWithHost = "The room lived inside the program of the player who hosted it, and is gone with it. Host a new one, or meet on a relay of its own (tandem-relay)."

// inProgram reports whether the relay is inside a player's program, which takes the room along when
// it ends.
func (c *Client) inProgram() bool {
	return c.sequenced != nil && !c.cfg.HostsRelay && c.sequenced.RelayEmbedded()
}

// cutOffWords say what is done about a connection that is lost.
func (c *Client) cutOffWords() string {
	seat := "Your seat is kept for a while."
	if c.cfg.Peer.Watch {
		seat = "You go on watching when it is back."
	}
	switch {
	case c.scene.restarting:
		return c.scene.pause + " " + seat
	case c.inProgram():
		return "Trying to reach the relay again. It runs inside the host's program: if that has quit, the room is gone."
	}
	return "Trying to reach the relay again. " + seat
}

// waitingWords say what the room waits for.
func (c *Client) waitingWords(v *View) {
	v.Headline = "Getting ready"
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
	switch missing := need - taken; {
	case missing == 1:
		v.Headline = "Waiting for one more player"
	case missing > 1:
		v.Headline = fmt.Sprintf("Waiting for %d more players", missing)
	case unready && (v.Watching || c.peer.State() == session.PeerReady):
		v.Headline = "Waiting for the others to be ready"
	}
	switch headline, detail := c.heldWords(v.Seat); {
	case headline != "":
		v.Headline, v.Detail = headline, detail
	case v.Watching:
		v.Detail = "You are watching. The match begins when its players are ready."
	case taken == len(v.Players):
	case c.scene.told != "":
		v.Detail = c.scene.told
	case c.scene.invite != "":
		v.Detail = c.scene.invite
	default:
		v.Detail = "Tell your friend the room code: " + v.Room
	}
}

// heldWords say whom a match waits for that could begin; "" where it waits for nobody.
func (c *Client) heldWords(seat int) (headline, detail string) {
	if c.sequenced == nil || c.sequenced.StartHeld() == 0 {
		return "", ""
	}
	var here, away []string
	for i, r := range c.peer.Roster() {
		switch {
		case !r.Taken || i == seat:
		case r.Away:
			away = append(away, r.Name)
		default:
			here = append(here, r.Name)
		}
	}
	begins := func(who string) string {
		return "The match begins without " + who + " in " + roughly(c.sequenced.StartHeld()-c.now()) + "."
	}
	switch {
	case c.away.Load() && len(here) > 0:
		return list(here, areHere(len(here))+": come back to begin"), begins("you")
	case len(away) == 0: // this player alone, who may look again already
		return "Come back to begin", begins("you")
	case len(away) == 1:
		return "Waiting for " + away[0] + " to come back", away[0] + " looks at something else. " + begins("them")
	}
	return "Waiting for " + list(away, " to come back"), "They look at something else. " + begins("them")
}

func areHere(n int) string {
	if n == 1 {
		return " is here"
	}
	return " are here"
}

// withoutWords say, while a match is about to begin, who will not be at the controls.
func (c *Client) withoutWords(v *View) {
	if c.away.Load() {
		v.Headline, v.Detail = "The match begins without you", "Come back to play."
		return
	}
	var away []string
	for _, r := range c.peer.Roster() {
		if r.Taken && r.Away {
			away = append(away, r.Name)
		}
	}
	switch len(away) {
	case 0:
	case 1:
		v.Detail = away[0] + " looks at something else: the match begins without them."
	default:
		v.Detail = list(away, " look at something else: the match begins without them.")
	}
}

// roughly writes a time that is left so that its words change rarely: somebody may have them read out.
func roughly(d time.Duration) string {
	if d > 90*time.Second {
		return fmt.Sprintf("%d minutes", int((d+time.Minute-1)/time.Minute))
	}
	return fmt.Sprintf("%d s", 10*int((max(d, time.Second)+10*time.Second-1)/(10*time.Second)))
}

// againWords say who wants to play again.
func (c *Client) againWords(v *View) string {
	var want []string
	here := 0
	for i, r := range c.peer.Roster() {
		if !r.Taken {
			continue
		}
		here++
		if r.Ready && i != v.Seat {
			want = append(want, r.Name)
		}
	}
	left := fmt.Sprintf(" The room waits for %d s.", int(v.Again.Seconds()+0.999))
	switch headline, detail := c.heldWords(v.Seat); {
	case headline != "":
		return headline + ". " + detail
	case v.Watching:
		return "Stay to watch the next match." + left
	case here < len(v.Players) && v.AgainAsked:
		return "Somebody has left. Whoever joins with the code " + v.Room + " plays the next match." + left
	case here < len(v.Players):
		return "Somebody has left."
	case v.AgainAsked && len(want) == here-1:
		return "Everybody wants another match."
	case v.AgainAsked && len(want) > 0:
		return "You and " + list(want, "") + " want another match." + left
	case v.AgainAsked:
		return "You want another match; the others have not answered yet." + left
	case len(want) == 1:
		return want[0] + " wants another match." + left
	case len(want) > 1:
		return list(want, "") + " want another match." + left
	}
	return ""
}

// NameFits reports whether a text can stand in the field for a player's name.
func NameFits(text string) bool {
	_, err := protocol.PlayerName(text)
	return err == nil
}

// list writes names as people do: "Ada, Grace and Eve", with what follows them.
func list(names []string, tail string) string {
	switch n := len(names); n {
	case 0:
		return ""
	case 1:
		return names[0] + tail
	default:
		return strings.Join(names[:n-1], ", ") + " and " + names[n-1] + tail
	}
}

// watcherWords say who watches.
func watcherWords(n int, names []string) string {
	known := make([]string, 0, len(names)+1)
	for _, name := range names {
		if name != "" {
			known = append(known, name)
		}
	}
	switch more := n - len(known); {
	case n == 0:
		return ""
	case len(known) == 0 && n == 1:
		return "One person watches"
	case len(known) == 0:
		return fmt.Sprintf("%d people watch", n)
	case more == 1:
		known = append(known, "one more")
	case more > 1:
		known = append(known, fmt.Sprintf("%d more", more))
	case n == 1:
		return known[0] + " watches"
	}
	return list(known, " watch")
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
	s.watchers = watcherWords(c.sequenced.Watchers())
	if c.playing() && s.frame > 0 && len(s.roster) == len(now) {
		for i := range now {
			if words := change(&s.roster[i], &now[i], i == c.peer.Seat(), c.peer.Room().Disconnect); words != "" {
				c.note(c.now(), words)
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

// change says what has become of a seat, or nothing where a pause says it, or nobody needs to know.
func change(old, now *protocol.RosterEntry, own bool, rule options.Disconnect) string {
	name, bot := now.Name, now.Bot
	before, wasBot := old.Name, old.Bot
	switch {
	case own && now.Host && !old.Host:
		return "You are the host now."
	case own:
		return ""
	case bot && !wasBot:
		return "A bot plays for " + name + " until they are back."
	case !bot && wasBot && now.Taken && name == before:
		return name + " is back."
	case now.Taken && name != before && !bot && before == "":
		return name + " joins the match."
	case now.Taken && name != before && !bot:
		return name + " takes the seat of " + before + "."
	case rule == options.DisconnectPause || rule == options.DisconnectEnd:
		return ""
	case old.Ready && !now.Ready && !bot && !wasBot && rule == options.DisconnectBot:
		return name + " is gone; a bot is on its way."
	case old.Ready && !now.Ready && !bot && !wasBot:
		return name + " is gone; the match goes on without them."
	case now.Ready && !old.Ready && !bot && !wasBot && now.Taken:
		return name + " is back."
	}
	return ""
}
