package transport

import (
	"context"
	"errors"
	"time"

	"tandem/netcode/transport/repeat"
)

// inner are the options, without defaults to come, of a WebSocket that carries packets: it may be silent
// while others are not.
func inner(opts Options) Options {
	opts.MaxMessage = max(opts.MaxMessage, repeat.MaxBatch) + repeat.Overhead
	opts.ReadTimeout = 0
	return opts
}

// keep sees to it that a connection has a line, as long as it is there. It waits for first where dial
// fails at once, for again where a line has ended, then for longer and longer, at most for most.
func (c *mixed) keep(dial func(context.Context) (line, error), first, again, most time.Duration) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go func() {
		select {
		case <-c.stop:
			cancel()
		case <-ctx.Done():
		}
	}()
	for wait := first; ctx.Err() == nil; wait = min(2*wait, most) {
		if l, err := dial(ctx); err == nil {
			c.addLine(l)
			<-l.over()
			wait = again
		}
		t := time.NewTimer(wait)
		select {
		case <-t.C:
		case <-c.stop:
			t.Stop()
			return
		}
	}
}

// addLine takes a line in, in place of one that was there, and reads from it.
func (c *mixed) addLine(l line) {
	now := c.now()
	c.mu.Lock()
	if c.freed { // a connection that is closing still has its reason to tell
		c.mu.Unlock()
		l.close(true)
		return
	}
	old := c.line
	if old != nil {
		c.end.Shut(now, repeat.Datagram)
		c.end.Shut(now, repeat.Stream)
	}
	c.line, c.heard, c.cut = l, now, false
	c.since = [len(c.since)]time.Duration{now, now, now} // a pump may still wait for the old one
	c.end.Open(now, repeat.Stream)
	c.end.Open(now, repeat.Datagram)
	c.arm(now)
	c.mu.Unlock()
	if old != nil {
		old.close(true)
	}
	go c.readDatagrams(l)
	go c.readStream(l)
	c.flush(false)
}

func (c *mixed) readDatagrams(l line) {
	for {
		b, err := l.hear()
		if err != nil {
			c.dropLine(l, err)
			return
		}
		c.receive(repeat.Datagram, b)
	}
}

func (c *mixed) readStream(l line) {
	for {
		b, err := l.read(inner(c.Options).MaxMessage)
		switch {
		case errors.Is(err, ErrTooBig):
			c.refuse(refuseBig(c.MaxMessage))
			return
		case err != nil:
			c.dropLine(l, err)
			return
		}
		c.receive(repeat.Stream, b)
	}
}

// dropLine takes note that a line is over.
func (c *mixed) dropLine(l line, err error) {
	l.close(true)
	c.mu.Lock()
	if c.line == l {
		now := c.now()
		c.line, c.lost = nil, err
		c.end.Shut(now, repeat.Datagram)
		c.end.Shut(now, repeat.Stream)
		c.arm(now)
	}
	c.mu.Unlock()
	c.poke()
	c.flush(false)
}

// addSocket takes a WebSocket in, in place of one that was there, and reads from it.
func (c *mixed) addSocket(ws socket) {
	now := c.now()
	c.mu.Lock()
	if c.freed {
		c.mu.Unlock()
		ws.Abort()
		return
	}
	old := c.socket
	if old != nil {
		c.end.Shut(now, repeat.Socket)
	}
	c.socket, c.heard, c.cut = ws, now, false
	c.end.Open(now, repeat.Socket)
	c.arm(now)
	c.mu.Unlock()
	if old != nil {
		old.Abort()
	}
	go c.readSocket(ws)
	c.flush(false)
}

func (c *mixed) readSocket(ws socket) {
	for {
		b, err := ws.Read()
		switch {
		case err == nil:
			c.receive(repeat.Socket, b)
			continue
		case errors.Is(err, ErrTooBig):
			c.punish(ws, refuseBig(c.MaxMessage))
		case errors.Is(err, ErrText):
			c.punish(ws, refuseText())
		case errors.Is(err, ErrIdleFrames):
			c.punish(ws, refuseIdle())
		}
		c.dropSocket(ws, err)
		return
	}
}

// punish ends the connection for what came on a WebSocket, on which the far end has been told already.
func (c *mixed) punish(ws socket, r refusal) {
	c.mu.Lock()
	c.broke = r.err
	if c.socket == ws {
		c.end.Shut(c.now(), repeat.Socket)
	}
	c.mu.Unlock()
	c.refuse(r)
}

// dropSocket takes note that a WebSocket is over.
func (c *mixed) dropSocket(ws socket, err error) {
	ws.Abort()
	c.mu.Lock()
	if c.socket == ws {
		now := c.now()
		c.socket, c.lost = nil, err
		c.cut, c.cutAt = err != nil, now
		c.end.Shut(now, repeat.Socket)
		c.arm(now)
	}
	c.mu.Unlock()
	c.poke()
	c.flush(false)
}
