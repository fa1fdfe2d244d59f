package transport

import (
	"sync"

	"tandem/netcode/transport/repeat"
)

// packets are buffers for what leaves.
var packets = sync.Pool{New: func() any { b := make([]byte, 0, repeat.MaxPacket+repeat.Overhead); return &b }}

// flush has sent what is there to send. The caller may wait for the WebSocket to take it only where mayWait.
//
// Any way may take a packet late, or never, and whoever flushes must not wait for it: so each has a pump, and
// at most one goroutine of a connection waits for each way.
func (c *mixed) flush(mayWait bool) {
	c.mu.Lock()
	if c.freed {
		c.mu.Unlock()
		return
	}
	now, here := c.now(), false
	for i := range c.pumping {
		w := repeat.Way(i)
		if c.pumping[w] || !c.end.Pending(now, w) {
			continue
		}
		c.pumping[w], c.since[w] = true, now
		if w == repeat.Socket && mayWait && c.line == nil {
			here = true // with a line what is stuck in the WebSocket can still leave on that
			continue
		}
		go c.pumps[w]()
	}
	c.arm(now)
	c.mu.Unlock()
	if here {
		c.pump(repeat.Socket)
	}
}

// pump hands over what there is for a way, each packet built when the one before was taken. flush has taken
// note that it runs.
func (c *mixed) pump(w repeat.Way) {
	b := packets.Get().(*[]byte)
	defer packets.Put(b)
	c.mu.Lock()
	defer c.mu.Unlock()
	defer func() {
		c.pumping[w] = false
		c.arm(c.now())
	}()
	for {
		now := c.now()
		packet, ok := c.end.Packet(now, w, (*b)[:0])
		if !ok {
			return
		}
		*b = packet
		line, socket := c.line, c.socket
		c.since[w] = now
		c.arm(now)
		c.mu.Unlock()
		var err error
		switch {
		case w == repeat.Socket && socket != nil:
			err = socket.Write(packet)
		case w == repeat.Stream && line != nil:
			if err = line.packet(packet); err != nil {
				line.close(true) // the far end may have stopped this direction only
			}
		case w == repeat.Datagram && line != nil:
			line.datagram(packet)
		}
		c.mu.Lock()
		if w == repeat.Datagram && line != nil && line == c.line {
			c.end.Count(line.losses())
		}
		if err != nil && line == c.line && socket == c.socket {
			return // its reader hears of it, too
		}
	}
}
