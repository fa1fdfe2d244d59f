package client

import (
	"time"

	"tandem/netcode/session"
)

const (
	// awayWorthTelling is an absence that a player may have seen the effects of: shorter ones, as
	// from a look at another tab, are told by nobody.
	awayWorthTelling = time.Second
	// stoodStill is how long the loop must not have run to say that the device slept. It wakes at
	// least once a second while it can; hidden pages' timers are allowed to be as slow as that.
	stoodStill = 3 * time.Second
)

// absence is how long nobody was at the controls, or this program could not run. It is guarded by
// Client.mu.
type absence struct {
	away  bool
	since time.Duration
	last  time.Duration // of the loop
}

// watchAbsence notes when the player is away and says on return what happened meanwhile.
func (c *Client) watchAbsence(now time.Duration) {
	a := &c.absence
	slept := now - a.last
	a.last = now
	if c.alone.peer != nil {
		return // the match has stood still meanwhile
	}
	switch away := c.away.Load(); {
	case away && !a.away:
		a.away, a.since = true, now
	case !away && a.away:
		a.away = false
		c.tellAbsence(now, now-a.since, awayWorthTelling, false)
	case !away && slept >= stoodStill:
		c.tellAbsence(now, slept, stoodStill, true)
	}
}

func (c *Client) tellAbsence(now, length, least time.Duration, slept bool) {
	st := c.peer.State()
	playing := st == session.PeerPlaying || st == session.PeerFinished
	if length >= least && playing && c.scene.frame > 0 {
		c.note(now, c.words.Absence(slept, length))
	}
}

// unseen is what was said while nobody looked. It belongs to the client's goroutine.
type unseen struct {
	view View
	told [2]string
}

// tellUnseen says in words what a screen would show, while nobody looks and nothing is drawn.
func (c *Client) tellUnseen() {
	u := &c.unseen
	if c.cfg.Unseen == nil {
		return
	}
	if !c.away.Load() {
		u.told = [2]string{}
		return
	}
	c.View(c.cfg.Now(), &u.view)
	now := [2]string{u.view.Headline, u.view.Detail}
	if now != u.told {
		u.told = now
		c.cfg.Unseen(now[0], now[1])
	}
}
