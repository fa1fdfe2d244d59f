package client

import (
	"math"
	"time"

	"tandem/netcode/session"
	"tandem/netcode/session/options"
)

const (
	// noticeTime is how long a notice stays: long enough to read ten words while playing.
	noticeTime = 4 * time.Second
	// askAgain is how long a change of the input delay may stay without an answer before the next
	// one is asked for all the same. Until then changes wait and only the last counts: a key that is
	// held down repeats faster than the relay answers.
	askAgain = time.Second
)

// control is what the player wants of the room. It is guarded by Client.mu.
type control struct {
	wish    string        // delay to ask for; "" for none
	target  options.Delay // of the wish, or of what was asked for last
	asked   bool          // and not answered yet
	askedAt time.Duration

	notice string
	until  time.Duration // the notice is shown before
}

// SetDelay asks for another input delay of the room; value is what the room option delay takes
// ("4", "auto", "auto:1-12"). Only the host's wish counts; what comes of it is told by View.Notice.
// It may be called from any goroutine.
func (c *Client) SetDelay(value string) {
	var cfg options.Config
	err := cfg.Set("delay=" + value)
	c.locked(func() {
		switch {
		case !c.mayChange():
		case err != nil:
			c.note(c.now(), err.Error())
		default:
			c.control.wish, c.control.target = value, cfg.Delay
		}
	})
	c.wakeUp()
}

// StepDelay asks for an input delay that is by frames longer, or shorter when by is below 0. An
// automatic delay becomes a fixed one, from what it has been lately. It may be called from any
// goroutine.
func (c *Client) StepDelay(by int) {
	c.locked(func() {
		if !c.mayChange() {
			return
		}
		frames := c.delayFrames() + by
		switch {
		case frames < 0:
			c.note(c.now(), c.words.DelayLeast)
			return
		case frames > options.MaxDelay:
			c.note(c.now(), c.words.DelayMost())
			return
		}
		d := options.Delay{Frames: frames}
		if c.peer.Room().Delay.Mode == options.DelayStrict {
			d.Mode = options.DelayStrict
		}
		c.control.wish, c.control.target = d.String(), d
	})
	c.wakeUp()
}

// delayFrames is the input delay that a step starts from.
func (c *Client) delayFrames() int {
	d := c.peer.Room().Delay
	if c.control.wish != "" || c.control.asked && c.now() < c.control.askedAt+askAgain {
		d = c.control.target
	}
	m := &c.stats.meters.of[InputDelay]
	if d.Mode != options.DelayAuto || !m.known {
		return d.Frames
	}
	return min(int(math.Round(m.now/millis(session.FrameTime(1)))), options.MaxDelay)
}

// mayChange reports whether this player may change the input delay now, and tells why not.
func (c *Client) mayChange() bool {
	switch {
	case c.alone.peer != nil:
		c.note(c.now(), c.words.AloneAtOnce)
	case c.peer.State() != session.PeerPlaying:
		c.note(c.now(), c.words.DelayLater)
	case !c.peer.IsHost():
		host := ""
		for _, r := range c.peer.Roster() {
			if r.Host {
				host = r.Name
			}
		}
		c.note(c.now(), c.words.DelayIsHosts(host))
	default:
		return true
	}
	return false
}

// order passes the wish on to the relay.
func (c *Client) order(now time.Duration) {
	w := &c.control
	if w.wish == "" || w.asked && now < w.askedAt+askAgain {
		return
	}
	value := w.wish
	w.wish, w.asked, w.askedAt = "", true, now
	c.apply(c.peer.SetDelay(value))
}

// delayed takes the relay's word on the input delay.
func (c *Client) delayed() {
	c.control.asked = false
	c.roomTold()
	c.note(c.now(), c.words.DelayNow(c.peer.Room().Delay))
}

// note shows words for a while.
func (c *Client) note(now time.Duration, words string) {
	c.control.notice, c.control.until = words, now+noticeTime
}

// Note shows words to the player for a while.
func (c *Client) Note(words string) {
	c.locked(func() { c.note(c.now(), words) })
}

// SetAway says whether nobody can be at the controls, because the page is hidden: nobody waits for
// this seat's inputs then, and what is missing is the default action. It does not wait and may be
// called from any goroutine, also from a browser's callback.
func (c *Client) SetAway(away bool) {
	c.away.Store(away)
	if away {
		c.stop(true)
	}
	c.wakeUp()
}

// SetUnloads says that the page is being closed, left or loaded again, so that the others read that its
// player has closed the game and not that a connection broke; or that it was kept and is back. It is
// like SetAway otherwise. A browser goes on with closing a page only when every goroutine waits for
// something, so that what there is to say leaves before.
func (c *Client) SetUnloads(unloads bool) {
	c.unloads.Store(unloads)
	c.wakeUp()
}

// wakeUp makes the loop look again.
func (c *Client) wakeUp() {
	select {
	case c.wake <- struct{}{}:
	default: // it is about to
	}
}
