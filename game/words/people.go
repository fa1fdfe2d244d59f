package words

import (
	"strings"
	"time"

	"tandem/netcode/protocol"
	"tandem/netcode/session/options"
)

// Waiting is a room whose match has not begun.
type Waiting struct {
	Missing  int  // players that have to come
	Full     bool // nobody more can
	Unready  bool // the others have to get ready, and nobody waits for this player
	Watching bool
	Held     *Held  // the match could begin, and waits for somebody at another window; nil: it does not
	Told     string // what the relay has said, or ""
	Invite   string // how friends come, or ""
	Room     string // the code
}

// Waiting says what the room waits for, and what can be done about it.
func (l *Language) Waiting(w Waiting) (headline, detail string) {
	if w.Held != nil {
		return l.held(w.Held)
	}
	switch {
	case w.Missing > 0:
		headline = l.fill(l.waitingFor, "n", w.Missing)
	case w.Unready:
		headline = l.WaitingReady
	default:
		headline = l.GettingReady
	}
	switch {
	case w.Watching:
		detail = l.WatchingBefore
	case w.Full:
	case w.Told != "":
		detail = w.Told
	case w.Invite != "":
		detail = w.Invite
	default:
		detail = l.fill(l.tellCode, "code", w.Room)
	}
	return headline, detail
}

// Held is a match that could begin, and waits for players who have another window in front.
type Held struct {
	Here, Away []string // the others
	Self       bool     // this player has
	Left       time.Duration
}

func (l *Language) held(h *Held) (headline, detail string) {
	time := l.roughly(h.Left)
	begins := l.fill(l.beginsYou, "time", time)
	switch {
	case h.Self && len(h.Here) > 0:
		return l.fill(l.othersHere, "who", l.List(h.Here), "n", len(h.Here)), begins
	case len(h.Away) == 0: // this player alone, who may look again already
		return l.BeginComeBack, begins
	}
	who := l.List(h.Away)
	return l.fill(l.waitingBack, "who", who), l.fill(l.beginsThem, "who", who, "n", len(h.Away), "time", time)
}

// roughly writes a time that is left so that its words change rarely: somebody may have them read out.
func (l *Language) roughly(d time.Duration) string {
	if d > 90*time.Second {
		return l.fill(l.minutes, "n", int((d+time.Minute-1)/time.Minute))
	}
	return l.fill(l.seconds, "n", 10*int((max(d, time.Second)+10*time.Second-1)/(10*time.Second)))
}

// StartsWithout says, while a match is about to begin, who of the others will not be at the controls; "" where
// all are.
func (l *Language) StartsWithout(away []string) string {
	if len(away) == 0 {
		return ""
	}
	return l.fill(l.startsWithout, "who", l.List(away), "n", len(away))
}

// Again is a room after a match.
type Again struct {
	Want        []string // the others who want another match
	Here, Seats int
	Asked       bool // this player wants one, too
	Watching    bool
	Held        *Held // as in Waiting
	Room        string
	Left        time.Duration // for which the room waits
}

// Again says who wants to play again; "" where nobody does.
func (l *Language) Again(a Again) string {
	waits := func(what string) string {
		return l.fill(l.roomWaits, "what", what, "s", secondsUp(a.Left))
	}
	switch {
	case a.Held != nil:
		headline, detail := l.held(a.Held)
		return headline + ". " + detail
	case a.Watching:
		return waits(l.WatchNext)
	case a.Here < a.Seats && a.Asked:
		return waits(l.fill(l.someoneLeft, "code", a.Room))
	case a.Here < a.Seats:
		return l.SomeoneLeft
	case a.Asked && len(a.Want) == a.Here-1:
		return l.AllWantAgain
	case a.Asked && len(a.Want) > 0:
		return waits(l.fill(l.youAndThey, "who", l.List(a.Want)))
	case a.Asked:
		return waits(l.YouWantAgain)
	case len(a.Want) > 0:
		return waits(l.fill(l.theyWant, "who", l.List(a.Want), "n", len(a.Want)))
	}
	return ""
}

// Watchers says who watches: so many, of whom some are known by name.
func (l *Language) Watchers(n int, names []string) string {
	known := make([]string, 0, len(names)+1)
	for _, name := range names {
		if name != "" {
			known = append(known, name)
		}
	}
	switch more := n - len(known); {
	case n == 0:
		return ""
	case len(known) == 0:
		return l.fill(l.fewWatch, "n", n)
	case more > 0:
		known = append(known, l.fill(l.moreWatchers, "n", more))
	}
	return l.fill(l.watch, "who", l.List(known), "n", n)
}

// Change says what has become of a seat in mid-match; "" where a pause says it, or nobody needs to know.
func (l *Language) Change(old, now *protocol.RosterEntry, own bool, rule options.Disconnect) string {
	name := now.Name
	person := !now.Bot && !old.Bot
	switch {
	case own && now.Host && !old.Host:
		return l.HostNow
	case own:
		return ""
	case now.Bot && !old.Bot:
		return l.fill(l.botPlays, "name", name)
	case !now.Bot && old.Bot && now.Taken && name == old.Name:
		return l.fill(l.isBack, "name", name)
	case now.Taken && name != old.Name && !now.Bot && old.Name == "":
		return l.fill(l.joins, "name", name)
	case now.Taken && name != old.Name && !now.Bot:
		return l.fill(l.takesSeat, "name", name, "before", old.Name)
	case rule == options.DisconnectPause || rule == options.DisconnectEnd:
		return ""
	case old.Ready && !now.Ready && person && rule == options.DisconnectBot:
		return l.fill(l.goneBotComes, "name", name)
	case old.Ready && !now.Ready && person:
		return l.fill(l.goneOthers, "name", name)
	case now.Ready && !old.Ready && person && now.Taken:
		return l.fill(l.isBack, "name", name)
	}
	return ""
}

// BotName is a bot's name where it might be taken for a person.
func (l *Language) BotName(name string) string { return l.fill(l.botName, "name", name) }

// OtherBot says that another bot takes part than the one that was chosen.
func (l *Language) OtherBot(chosen, bot string) string {
	return l.fill(l.otherBot, "chosen", chosen, "bot", bot)
}

// Player is what somebody without a name is called, by seat.
func (l *Language) Player(seat int) string { return l.fill(l.player, "n", seat+1) }

// Invite says how friends come to a room: by a page's link, or by a relay's address.
func (l *Language) Invite(link, relay, code string) string {
	if link != "" {
		return l.fill(l.openLink, "link", link)
	}
	return l.fill(l.chooseJoin, "relay", relay, "code", code)
}

// RoomOpen says that a room can be joined; the addresses follow.
func (l *Language) RoomOpen(code string) string { return l.fill(l.roomOpen, "code", code) }

// Absence says on somebody's return what happened while they were away, or while the device slept.
func (l *Language) Absence(slept bool, length time.Duration) string {
	t := l.away
	if slept {
		t = l.stoodStill
	}
	return l.fill(t, "s", int(length.Round(time.Second)/time.Second))
}

// PausedFor says why a match is paused, and for how long at most where that is known.
func (l *Language) PausedFor(reason string, left time.Duration) string {
	if left <= 0 {
		return reason
	}
	return l.fill(l.secondsLeft, "reason", reason, "n", secondsUp(left))
}

func secondsUp(d time.Duration) int { return int((max(d, 0) + time.Second - 1) / time.Second) }

// Unsaid is what a sentence says beyond the headline that stands over it: a relay's words are whole sentences,
// and some begin with what the headline says.
func Unsaid(headline, detail string) string {
	if n := len(headline); n == 0 || len(detail) < n || !strings.EqualFold(detail[:n], headline) {
		return detail
	}
	rest := detail[len(headline):]
	more := strings.TrimLeft(rest, ".,;: ")
	if more == rest && rest != "" || strings.HasPrefix(rest, " ") {
		return detail // the sentence goes on: "The relay is busy with others."
	}
	return upper(more)
}
