package client

import (
	"tandem/netcode/protocol"
	"tandem/netcode/session"
	"tandem/netcode/session/replica"
	"tandem/netcode/transport"
)

// apply does what the peer ordered. It reports whether there are answers for it.
func (c *Client) apply(out *session.Out) (answers bool) {
	c.stats.meters.advance(c.now())
	for i := range out.Send {
		p := &out.Send[i]
		c.stats.sent(p.Type, p.Name, len(p.Data))
		if c.link == nil {
			continue
		}
		class := transport.Ordered
		if p.Class == protocol.Bulk {
			class = transport.Bulk
		}
		if err := c.link.sender.Send(class, p.Data); err != nil {
			// The reader learns why the connection is over and says so in words.
			c.cfg.Log.Debug("not sent", "type", p.Type.String(), "error", err)
		}
	}
	// Events first: one of them makes the match that a command may be for.
	for i := range out.Events {
		if c.handle(&out.Events[i]) {
			answers = true
		}
	}
	for i := range out.Commands {
		if c.match != nil && c.execute(&out.Commands[i]) {
			answers = true
		}
	}
	c.publish()
	c.tickRecord()
	return answers
}

func (c *Client) execute(cmd *replica.Command) (answers bool) {
	if c.unfit != nil {
		return false
	}
	over := c.exec.Finished()
	if cmd.Kind == replica.CommandReset {
		if c.resetGuest(); c.unfit != nil {
			return false
		}
		c.stats.begin(cmd, c.match.Frame(), c.match.Scores())
	}
	if c.guest != nil {
		if c.guest.Execute(cmd) {
			c.show(true)
		}
		if cmd.Kind >= replica.CommandOther {
			return true
		}
	}
	answers = c.exec.Execute(cmd)
	switch cmd.Kind {
	case replica.CommandReset:
		c.rematch.Store(false)
		c.record.Reset(c.now(), c.recorded, c.match, cmd)
		c.evidence.reset()
		c.scene.apart = false
		c.show(true)
	case replica.CommandStep:
		if over {
			break // frames behind the end change nothing
		}
		if c.stats.counted(cmd) {
			c.stats.step(c.now(), cmd)
		}
		c.stepped(cmd)
		c.scene.apart = c.scene.apart || !equal(c.match.Scores())
		c.show(c.match.Fresh())
	case replica.CommandLoad:
		if c.exec.Loaded() {
			state := c.match.AppendState(nil)
			c.otherState(cmd.Frame, c.words.StateThatWins, state) // a report of the difference shows both
			c.record.Load(c.now(), c.recorded, c.match, cmd.Frame, state)
		}
		c.show(true)
	case replica.CommandEvidence:
		if state, err := c.exec.Checked(cmd.Snap); err == nil {
			c.otherState(cmd.Snap.Frame, c.words.StateOfOther, state)
		} else {
			c.cfg.Log.Warn("what another seat had cannot be shown", "frame", cmd.Snap.Frame, "error", err)
		}
	}
	if c.exec.Finished() && !over {
		_, final := c.exec.Final()
		c.stats.finish(final)
	}
	return answers
}

// handle notes an event. It reports whether the peer should be asked again at once.
func (c *Client) handle(e *session.Event) (again bool) {
	if e.Warning != nil {
		e.Text = c.words.Warning(*e.Warning)
	}
	c.stats.event(e)
	c.record.Event(c.now(), c.recorded, e)
	switch e.Kind {
	case session.EventSeated, session.EventSpectating:
		return c.seated()
	case session.EventVerified, session.EventOutlier:
		if e.Mask != 0 {
			c.cfg.Log.Error("desync", "frame", e.Frame, "seats", e.Mask, "sections", e.Sections, "judged by", e.Judge.String())
			if e.Kind == session.EventVerified {
				c.desync(e)
			} else {
				c.judged(e)
			}
		}
	case session.EventRTT:
		if c.link != nil {
			c.stats.report.Transport = transport.Carrier(c.link.conn)
		}
	case session.EventBegun:
		c.cfg.Log.Info("the running match was joined by a snapshot", "frame", e.Frame)
	case session.EventLoaded:
		c.cfg.Log.Warn("the state here differed and was replaced by a snapshot", "frame", e.Frame)
	case session.EventRebuilt:
		c.cfg.Log.Warn("the state here was of no use: the match is simulated again from its beginning", "frames", e.Frame)
	case session.EventRewound:
		c.cfg.Log.Warn("the match is played again from its beginning: what came last did not reach the others", "frames", e.Frame)
		c.note(c.now(), c.words.Rewound)
	case session.EventStandIn:
		c.asked = append(c.asked, *e)
	case session.EventMatchOver:
		c.cfg.Log.Info("match over", "reason", e.Text, "frames", e.Frame)
		c.scene.pause, c.scene.againUntil = "", c.now()+e.Dur
		c.stats.report.End, c.stats.report.EndText = e.Code.String(), e.Text
		c.stats.report.Matches++
	case session.EventWarning, session.EventBusy:
		if e.Text != "" {
			c.cfg.Log.Warn(e.Text)
		}
	case session.EventDelay:
		c.cfg.Log.Info("input delay", "frame", e.Frame, "delay", e.Text)
		c.delayed()
	case session.EventRoster:
		c.stats.roster(c.peer.Roster())
		c.people()
	case session.EventHUD:
		// The relay's word about the waiting room. In play it is the host's HUD text, of which the last may come
		// after the end.
		if !c.playing() && c.peer.State() != session.PeerClosed {
			c.cfg.Log.Warn(e.Text)
			c.scene.told = e.Text
		}
	case session.EventCutOff:
		c.cfg.Log.Warn("cut off", "reason", e.Text)
		c.scene.pause, c.scene.pauseUntil, c.scene.own = e.Text, 0, true
		c.scene.restarting = e.Code == protocol.CodeBusy
	case session.EventReturned:
		c.cfg.Log.Info("returned to the seat")
		c.scene.pause, c.scene.own = "", false
	case session.EventPaused:
		c.cfg.Log.Info("paused", "seat", e.Seat, "reason", e.Text)
		c.scene.pause, c.scene.pauseUntil = e.Text, e.At
	case session.EventResumed:
		c.cfg.Log.Info("resumed", "frame", e.Frame)
		c.scene.pause = ""
		c.scene.starting = e.At
		c.stats.resumed(e.Frame)
	case session.EventEnd:
		c.finalDesync(e)
		c.cfg.Log.Info("ended", "code", e.Code.String(), "reason", e.Text, "frames", e.Frame)
	default:
		return c.guest != nil && c.guest.Event(e, c.cfg.Log)
	}
	return false
}
