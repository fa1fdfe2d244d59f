package sessiontest

import (
	"time"

	"tandem/netcode/protocol"
	"tandem/netcode/session"
)

// inspect checks what must hold at any time.
func (c *chaos) inspect() {
	now := c.w.Now
	everybody := true // who is not gone for ever is connected
	for _, a := range c.actors {
		st := a.n.Peer.State()
		if a.resets > a.rewinds && !a.hostile {
			c.fail("node %d began the match anew %d times and was told of %d", a.n.Index, a.resets, a.rewinds)
		}
		playing := st == session.PeerPlaying && !a.n.Gone()
		if !playing {
			a.track.since = now
		}
		if st < session.PeerSeated || st == session.PeerCutOff || a.killed {
			everybody = everybody && (a.forever || st == session.PeerClosed)
		}
		if a.hostile {
			continue
		}
		quiet := now - max(c.disturbed, c.calmSince(), a.track.since)
		if a.spoiled && !c.guess && c.phase == "play" && quiet > repairTime && now-a.spoiledAt > repairTime && c.compared(a) {
			c.fail("node %d (seat %d) differs since %.3f s and is not repaired", a.n.Index, a.n.Peer.Seat(), a.spoiledAt.Seconds())
		}
		if playing && c.phase == "play" && quiet > currentTime && c.w.Room != nil && !c.w.Over() {
			if have := a.n.Peer.Frame(); have+currentFrames < c.w.Room.Frames() {
				c.fail("node %d is at frame %d, the room at %d, and nothing happened for %v", a.n.Index, have, c.w.Room.Frames(), quiet)
			}
		}
		switch {
		case st != session.PeerCutOff && st != session.PeerGreeting && st != session.PeerJoining || a.killed:
			a.lost = 0
		case a.lost == 0:
			a.lost = now
		case c.helpless(a):
			a.lost = now // it may come in as soon as somebody can tell
		case now-max(a.lost, a.away, a.n.asleep, c.disturbed) > currentTime+5*time.Second+c.liars():
			c.fail("node %d is in state %d since %.3f s", a.n.Index, st, a.lost.Seconds())
		}
	}
	c.frames(now)
	c.bounds()
	if now > c.calm+c.longest() {
		c.fail("nothing ends: the room is in phase %q since %.3f s, at frame %d", c.phase, c.since.Seconds(), c.roomFrames())
	}
	c.lobby(now, everybody)
}

// helpless reports whether those who play are all hostile: after a restart of the relay they alone know the
// state of the match, and need tell it nobody.
func (c *chaos) helpless(a *actor) bool {
	if c.phase != "play" {
		return false
	}
	seated := false
	for _, b := range c.actors {
		if b == a || b.n.Gone() || b.n.Peer.Seat() < 0 || b.n.Peer.State() != session.PeerPlaying {
			continue
		}
		if !b.hostile {
			return false
		}
		seated = true
	}
	return seated
}

// liars is how long those who lie about their history can hold up a relay that was restarted: it waits
// 5 s for the log of each, one after the other.
func (c *chaos) liars() (d time.Duration) {
	for _, a := range c.actors {
		if a.hostile && !a.n.Gone() {
			d += 5 * time.Second
		}
	}
	return d
}

// calmSince is when the room last began to play.
func (c *chaos) calmSince() time.Duration { return c.since }

// compared reports whether a node's state is compared with anybody's who was right.
func (c *chaos) compared(a *actor) bool {
	if c.w.Witness != nil && c.w.Room.Witnessed() {
		return true
	}
	for _, b := range c.actors {
		if b != a && !b.hostile && !b.spoiled && b.n.Peer.Seat() >= 0 && b.n.Peer.State() == session.PeerPlaying && !b.n.Gone() && c.w.Now-b.track.since > repairTime {
			return true
		}
	}
	return false
}

// alone reports whether the only state that a node can get is a spoiled one, or one from somebody hostile,
// which may be anything.
func (c *chaos) alone(a *actor) bool {
	spoiled := false
	for _, b := range c.actors {
		if b == a || b.n.Gone() || b.n.Peer.Seat() < 0 || b.n.Peer.State() != session.PeerPlaying {
			continue
		}
		if b.next == 0 {
			continue // it waits for a state itself
		}
		if !b.hostile && !b.spoiled {
			return false
		}
		spoiled = true
	}
	return spoiled
}

// frames checks that the room closes them in time.
func (c *chaos) frames(now time.Duration) {
	room := c.w.Room
	if room == nil || c.w.Over() || now < c.w.asleep {
		return
	}
	switch c.phase {
	case "play":
		due := now - c.since - c.lead - c.held - c.cfg.Grace - 100*ms - c.s.Tick
		if want := int64(due) * session.FrameRate / int64(time.Second); want > int64(room.Frames()-c.from) && room.Frames() < c.cfg.Frames {
			c.fail("the room has closed %d frames since %.3f s, %d are due", room.Frames()-c.from, c.since.Seconds(), want)
		}
	case "pause":
		if limit := time.Duration(c.cfg.Players)*22*time.Second + 15*time.Second + c.held; now-c.since > limit {
			c.fail("the room has paused since %.3f s", c.since.Seconds())
		}
	}
}

// A peer that is awake and waits for no state holds back the bundles that are not due yet: for as long as
// its line has delayed any of late, and those that closed early. A relay that stands still counts as a
// slow line until its bundles have left the window of measurements, settleTime.
const (
	// heldFrames is twice what 1000 scripts come to (30), two seconds.
	heldFrames = 60
	// settleTime is the 5 s of the window, and a second to be up to date again.
	settleTime = 6 * time.Second
)

// bounds checks that nobody holds more for others than they may. That a log holds no more than a match
// shows that each begins with an empty one.
func (c *chaos) bounds() {
	if r := c.w.Room; r != nil {
		h := r.Holds()
		if h.Transfers > 2*protocol.MaxSeats || h.Watchers > c.cfg.Spectators || h.Log > int(c.cfg.Frames)*(c.cfg.Players+3) {
			c.fail("the room holds %+v", h)
		}
	}
	for _, a := range c.actors {
		h := a.n.Peer.Holds()
		settled := c.w.Now-max(c.disturbed, c.calmSince(), a.track.since, a.n.asleep) > settleTime // which playing is part of
		if settled && !a.hostile && !h.Waits {
			c.seen["settled"]++
			if h.Bundles > heldFrames {
				c.fail("node %d holds back %d bundles, though it is awake and waits for nothing", a.n.Index, h.Bundles)
			}
		}
		if h.Snapshot > protocol.MaxSnapshot || h.Log > int(c.cfg.Frames)*(c.cfg.Players+3) {
			c.fail("node %d holds %+v", a.n.Index, h)
		}
		if a.n.Down.Bytes() > 1<<19 || a.n.Up.Bytes() > 1<<19 {
			c.fail("%d and %d bytes are under way from and to node %d", a.n.Up.Bytes(), a.n.Down.Bytes(), a.n.Index)
		}
	}
}

// lobby checks that a match begins when all who are needed are there, and ends a lobby in which
// somebody is missing for good.
func (c *chaos) lobby(now time.Duration, everybody bool) {
	room := c.w.Room
	waiting := room != nil && !c.w.Over() && (c.phase == "" || c.phase == "down") && everybody && now > c.calm
	if !waiting {
		c.idle = 0
		return
	}
	if c.idle == 0 {
		c.idle = now
	}
	if now-c.idle < stuckTime {
		return
	}
	need := c.cfg.MinPlayers
	if need == 0 {
		need = c.cfg.Players
	}
	honest := true
	for _, a := range c.actors {
		honest = honest && !a.hostile
	}
	if honest && room.Taken() >= need {
		c.fail("%d players are there, %d are needed, and nothing begins", room.Taken(), need)
	}
	// Somebody is missing for good: the others give up.
	for _, a := range c.actors {
		if a.n.Peer.State() != session.PeerClosed && !a.killed {
			c.seen["gave up"]++
			c.w.act(a.n, a.n.Peer.Leave(a.n.Clock.Local(now)))
		}
	}
}

// longest is how long it may take from the last fault to the end of everything.
func (c *chaos) longest() time.Duration {
	match := session.FrameTime(int64(c.cfg.Frames)) + c.cfg.Rematch + time.Duration(c.cfg.Players)*22*time.Second
	return time.Duration(c.s.Again)*match + 3*time.Minute
}

func (c *chaos) roomFrames() uint32 {
	if c.w.Room == nil {
		return 0
	}
	return c.w.Room.Frames()
}
