package client

import (
	"log/slog"
	"time"

	"tandem/game/sim"
	"tandem/game/solo"
	"tandem/netcode/protocol"
	"tandem/netcode/session"
	"tandem/netcode/session/options"
	"tandem/netcode/session/replica"
	"tandem/netcode/transport"
)

// player is what decides for a seat: a session.Peer, a solo.Peer for somebody who plays alone, or a Guest.
type player interface {
	Update(session.In) *session.Out
	Leave(now time.Duration) *session.Out
	Abort(code protocol.Code, words string) *session.Out
	Lost(code protocol.Code, words string) *session.Out
	CutOff(now time.Duration, code protocol.Code, words string) *session.Out
	Connected(now time.Duration) *session.Out
	SetDelay(value string) *session.Out

	State() session.PeerState
	Seat() int
	Seed() uint64
	IsHost() bool
	Room() *options.Config
	Code() string
	Roster() []protocol.RosterEntry
	End() session.End
	PlayoutTime(frame uint32) time.Duration
}

// Guest is a player of another system, where no relay closes frames: its commands, events and answers go
// beyond a session's. A Client calls it on one goroutine at a time.
type Guest interface {
	player
	// SenderOptions say how its messages leave.
	SenderOptions() transport.SenderOptions
	// Tell completes what the next Update is told.
	Tell(in *session.In)
	// Reset prepares a match whose players are known now; wall is the time of day, which does not go back.
	// The error says why this program cannot play it.
	Reset(m *sim.Match, wall func() time.Time) error
	// Execute sees every command before it is carried out, and carries those from replica.CommandOther on
	// out itself. It reports whether it has replaced the match's state.
	Execute(cmd *replica.Command) (replaced bool)
	// Event hears what a session does not tell. It reports whether it has an answer for the next Update.
	Event(e *session.Event, log *slog.Logger) (answers bool)
	// Done reports whether the game is played and its record uploaded, so that it only stays for the others.
	Done() bool
	// Figures is what it has measured; nil before the first match.
	Figures() *QueueReport
}

// newPlayer makes what the config asks for.
func (c *Client) newPlayer() player {
	switch {
	case c.cfg.Alone != nil:
		c.alone.peer = solo.New(*c.cfg.Alone)
		c.recorded = c.alone.peer
		return c.alone.peer
	case c.cfg.Guest != nil:
		c.guest = c.cfg.Guest
		return c.guest
	}
	c.sequenced = session.NewPeer(c.cfg.Peer)
	c.recorded = c.sequenced
	return c.sequenced
}

// resetGuest has a guest prepare the match that begins.
func (c *Client) resetGuest() {
	if c.guest == nil {
		return
	}
	began, at := c.cfg.Wall(), c.now()
	wall := func() time.Time { return began.Add(c.now() - at) } // people may set the clock on the wall back
	if c.unfit = c.guest.Reset(c.match, wall); c.unfit == nil {
		c.roomTold()
	}
}
