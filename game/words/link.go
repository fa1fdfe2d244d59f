package words

import (
	"time"

	"tandem/netcode/protocol"
	"tandem/netcode/session"
)

// RelayLostBy says that the connection is lost, with the system's reason.
func (l *Language) RelayLostBy(reason string) string { return l.fill(l.relayLostBy, "reason", reason) }

// RelayClosed says that the relay closed the connection, where it has not said why.
func (l *Language) RelayClosed(c protocol.Code) string {
	return l.fill(l.relayClosed, "code", c.String())
}

// RelayRefused says that the relay refused a message as no message of this program's may be.
func (l *Language) RelayRefused(reason string) string {
	return l.fill(l.relayRefused, "reason", reason)
}

// CutOff is a connection that is lost and may come back.
type CutOff struct {
	Restarting string // what the relay has said about its restart, or ""
	Watching   bool
	InProgram  bool // the relay is inside another player's program
}

// CutOff says what is done about it.
func (l *Language) CutOff(c CutOff) string {
	seat := l.SeatKept
	if c.Watching {
		seat = l.WatchingResumes
	}
	switch {
	case c.Restarting != "":
		return c.Restarting + " " + seat
	case c.InProgram:
		return l.ReconnectingHost
	}
	return l.Reconnecting + " " + seat
}

// End is how a player's part in a match ended otherwise than it should.
type End struct {
	Code      protocol.Code
	Text      string // what the relay or the player's own side has said
	Own       bool   // the player left, or the own connection broke
	Seated    bool   // there was a seat, or a match that was watched
	Watching  bool
	Played    bool   // frames were stepped
	InProgram bool   // the relay is inside another player's program
	Outdated  string // what to do about a relay of another version, where that is more than Text
}

// End says how it ended in a few words, and what more there is to know.
func (l *Language) End(e End) (headline, detail string) {
	headline, detail = l.MatchEnded, e.Text
	switch e.Code {
	case protocol.CodeLeft:
		headline = l.PlayerLeft
		if e.Own {
			headline = l.YouLeft
		}
	case protocol.CodeGone, protocol.CodeSilent:
		switch own := e.Own || e.Code == protocol.CodeSilent; {
		case !own:
			headline = l.PlayerGone
		case !e.Seated:
			headline = l.CouldNotReach
		default:
			headline = l.Disconnected
			if e.InProgram {
				detail += " " + l.GoneWithHost
			}
		}
	case protocol.CodeShutdown:
		headline = l.ShuttingDown
		if e.InProgram {
			headline, detail = l.HostQuit, l.GoneWithHost
		}
	case protocol.CodeVersion:
		headline = l.VersionsDiffer
		if e.Outdated != "" {
			detail = e.Outdated
		}
	case protocol.CodeTakenOver:
		headline = l.JoinedAgain
	case protocol.CodeBusy:
		headline = l.RelayBusy
	case protocol.CodeRoomOver:
		headline = l.RoomClosed
	case protocol.CodeDesync:
		headline = l.GamesDiffer
	default:
		switch {
		case e.Played:
		case e.Watching:
			headline = l.CouldNotWatch
		default:
			headline = l.CouldNotJoin
		}
	}
	return headline, detail
}

// NoRelay says what an answer by HTTP tells about an address where a relay should be; "" where it tells
// nothing.
func (l *Language) NoRelay(address string, status int) string {
	switch {
	case status >= 500:
		return l.fill(l.relayDown, "status", status)
	case status > 0:
		return l.fill(l.relayUnled, "address", address, "status", status)
	}
	return ""
}

// Warning says what is wrong with the own inputs, and why.
func (l *Language) Warning(w session.Warning) string {
	late := l.InputsLateNow
	switch {
	case w.Of > 0:
		late = l.fill(l.inputsLate, "percent", l.Number(100*float64(w.Late)/float64(w.Of), 0))
	case w.Late == 1:
		late = l.OneInputLate
	}
	link := func(t template, what string) string {
		return l.fill(t, "what", what, "n", w.Need, "ms", int(session.FrameTime(int64(w.Need)).Milliseconds()), "room", w.Room)
	}
	busy := func(what string) string {
		return l.fill(l.busy, "what", what, "ms", int(w.Busy/time.Millisecond))
	}
	switch w.Why {
	case session.LinkOverStrict:
		return link(l.linkStrict, l.InputsLateNow)
	case session.LinkOverFixed:
		return link(l.linkBeyond, "")
	case session.LinkOverMost:
		return link(l.linkMost, late)
	case session.BusyLate:
		return busy(late)
	case session.BusySlow:
		return busy(l.InputsTakeLong)
	}
	return l.fill(l.linkUneven, "what", late)
}
