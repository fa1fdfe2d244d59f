package client

import (
	"sync/atomic"

	"tandem/game/sim"
	"tandem/game/solo"
	"tandem/netcode/protocol"
)

// Who plays alone has a solo.Peer, and no relay: every other seat is a bot that this client asks by itself.

// aloneState is what a client of somebody who plays alone has besides.
type aloneState struct {
	peer    *solo.Peer // nil where others may play
	stopped atomic.Bool
}

// sitAlone begins the match: nobody has to be waited for, so the first look at it shows it.
func (c *Client) sitAlone() {
	c.stats.report.Alone = true
	c.advance()
}

// seatBots makes the bots of the other seats.
func (c *Client) seatBots() bool {
	var bots []solo.Bot
	for seat := 1; seat < len(c.match.Spec().Agents); seat++ {
		b, err := sim.NewBotInput(c.cfg.Alone.Bot, c.match, seat, 0)
		if err != nil {
			c.unfit, c.unfitFor = err, protocol.CodeEnvironment
			return false
		}
		bots = append(bots, b)
	}
	c.alone.peer.Seats(bots)
	c.scene.delay = c.words.AloneNoDelay
	return true
}

// think lets the bots decide. It is not done under the lock: a bot that takes long must not keep the screen
// waiting.
func (c *Client) think() {
	if c.alone.peer != nil {
		c.alone.peer.Think()
	}
}

// Pause stops a match that is played alone, or lets it go on from where it stopped. So does SetAway stop it,
// for which only Pause(false) or Again lets it go on: whoever comes back says when. Where others play it
// changes nothing. It may be called from any goroutine.
func (c *Client) Pause(on bool) {
	c.stop(on)
	c.wakeUp()
}

func (c *Client) stop(on bool) {
	if c.alone.peer != nil {
		c.alone.stopped.Store(on)
	}
}
