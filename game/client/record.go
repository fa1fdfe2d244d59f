package client

import (
	"time"

	"tandem/game/sim"
	"tandem/netcode/protocol"
	"tandem/netcode/session/replica"
)

// recordGrace is how long the end of a match waits for the disk to take the end of its recording.
const recordGrace = 2 * time.Second

func (c *Client) initRecord() {
	if c.cfg.Record == nil {
		return
	}
	c.record = &sim.Recorder{Open: c.cfg.Record, Program: c.cfg.Peer.Program, Wall: c.cfg.Wall,
		Trouble: func(err error) { c.trouble.Store(&err) }}
}

// tickRecord lets the recording go to the disk, and tells once what is wrong with it.
func (c *Client) tickRecord() {
	c.record.Tick(c.now())
	if err := c.trouble.Swap(nil); err != nil {
		c.recordErr = *err
		c.cfg.Log.Warn((*err).Error())
		c.note(c.now(), (*err).Error())
	}
}

// endRecord closes the recording and waits for the disk, but not for ever.
func (c *Client) endRecord() {
	done := c.record.Close()
	if done == nil {
		return
	}
	timer := time.NewTimer(recordGrace)
	defer timer.Stop()
	select {
	case <-done:
	case <-timer.C:
		err := error(&protocol.Error{Code: protocol.CodeInternal, Text: c.words.DiskNotTaking})
		c.trouble.CompareAndSwap(nil, &err)
	}
	c.locked(c.tickRecord)
}

// RecordErr returns why there is no whole recording, once Run has returned; nil when there is, or
// none was asked for.
func (c *Client) RecordErr() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.recordErr
}

// stepped keeps what there is to keep of a frame that was stepped.
func (c *Client) stepped(cmd *replica.Command) {
	now := c.now()
	c.record.Step(now, c.recorded, c.match, cmd)
	c.evidence.step(cmd)
	if cmd.Hash || c.exec.Finished() {
		h := c.match.Hash()
		h.Frame = cmd.Frame
		c.record.Hash(now, c.peer.Seat(), &h)
		if c.exec.Finished() {
			c.evidence.final = append(c.evidence.final[:0], c.match.Hashed()...)
		}
	}
}

// checked is the match under -sync-test.
type checked struct {
	*sim.Match
	test   *sim.SyncTest
	client *Client
}

// Step steps the match and checks the frame; what is wrong ends the client's match.
func (g *checked) Step(cmd *replica.Command) {
	if err := g.test.Step(g.Match, cmd); err != nil {
		g.client.unfit, g.client.unfitFor = err, protocol.CodeDesync
	}
}
