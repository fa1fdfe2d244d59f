package client

import (
	"time"

	"tandem/env"
	"tandem/game/original"
	"tandem/game/solo"
	"tandem/netcode/original/peer"
	"tandem/netcode/protocol"
	"tandem/netcode/session"
	"tandem/netcode/session/options"
	"tandem/netcode/session/replica"
)

// player is what decides for a seat: a session.Peer, an original peer.Peer against a relay of the original
// system, or a solo.Peer for somebody who plays alone.
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

// queued is what a client of queue mode has besides.
type queued struct {
	peer    *peer.Peer // nil in sequenced play
	states  *original.Exchange
	record  *peer.Record
	answers peer.Answers             // for the next Update
	told    peer.Answers             // those of the present one
	actions [protocol.MaxSeats]uint8 // of the step that is played
}

// newPlayer makes what the config asks for.
func (c *Client) newPlayer() player {
	switch {
	case c.cfg.Alone != nil:
		c.alone.peer = solo.New(*c.cfg.Alone)
		c.recorded = c.alone.peer
		return c.alone.peer
	case c.cfg.Queue != nil:
		c.queue.peer = peer.New(*c.cfg.Queue)
		return c.queue.peer
	}
	c.sequenced = session.NewPeer(c.cfg.Peer)
	c.recorded = c.sequenced
	return c.sequenced
}

// queueIn adds to an Update what queue mode wants to know.
func (c *Client) queueIn(in *session.In) {
	q := &c.queue
	if q.peer == nil {
		return
	}
	q.told, q.answers = q.answers, peer.Answers{}
	told := &q.told
	if c.match != nil {
		told.Episode, _ = c.match.Episode()
		told.EpisodeStep = c.match.EpisodeStep()
	}
	in.Other = told
}

// queueReset prepares for a match whose players are known now.
func (c *Client) queueReset() {
	q := &c.queue
	if q.peer == nil {
		return
	}
	var err error
	if !q.peer.Ours() {
		err = original.Follow(c.match, original.Seed(q.peer.EnvironmentCode()))
	}
	if err == nil {
		q.states, err = original.NewExchange(c.match, q.peer.Players(), q.peer.Ours(), uint32(q.peer.Seed()))
	}
	if err != nil {
		c.unfit = err
		return
	}
	c.roomTold()
	seats := len(c.match.Spec().Agents)
	c.stats.inQueueMode = true
	c.stats.queueMode.Original = !q.peer.Ours()
	q.record = peer.NewRecord(seats)
	began, at := c.cfg.Wall(), c.now() // rows must not go back where the clock on the wall does
	c.match.OnStep(func(r *env.StepResult) {
		episode, _ := c.match.Episode()
		q.record.Add(q.actions[:], r.Rewards, r.Terminated, r.Truncated, episode, c.match.EpisodeStep(), began.Add(c.now()-at).UnixMilli())
	})
}

// queueCommand does what only queue mode orders. Its answers belong to the next Update.
func (c *Client) queueCommand(cmd *replica.Command) {
	q := &c.queue
	if q.states == nil {
		return
	}
	order := cmd.Other.(*peer.Order)
	if cmd.Kind == peer.CommandExport {
		q.answers.Exported = q.states.Export(cmd.Frame, order)
		return
	}
	q.answers.Imported = q.states.Import(order.Data)
	c.stats.imported(&q.answers.Imported)
	c.show(true)
}

// queueEvent notes what only queue mode tells. It reports whether the peer waits for an answer.
func (c *Client) queueEvent(e *session.Event) (again bool) {
	switch e.Kind {
	case peer.EventUpload:
		if c.queue.record != nil {
			data, kept := c.queue.record.Encode(c.queue.peer.Who())
			if lost := c.queue.record.Len() - kept; lost > 0 {
				c.cfg.Log.Warn("the game's record is too long for the relay: its last steps are not uploaded", "steps", lost)
			}
			c.queue.answers.Upload = data
			return true
		}
	case peer.EventDefect:
		c.cfg.Log.Info("the other side brings a defect of the original", "what", e.Text)
	case peer.EventAsked:
		c.cfg.Log.Info("full state asked for", "frame", e.Frame, "reason", e.Text)
	case peer.EventStateTaken:
		if e.Text != "" {
			c.cfg.Log.Warn("the host's state was refused", "frame", e.Frame, "reason", e.Text)
		}
	}
	return false
}
