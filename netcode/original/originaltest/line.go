package originaltest

import (
	"time"

	"tandem/netcode/netsim"
)

const never = time.Duration(1<<62 - 1)

// LineOptions say how messages get onto a line.
type LineOptions struct {
	// Priority lets bulk messages leave only when nothing else waits (E2). It tells where the line is
	// narrow: Bandwidth, in bits per second, is then this queue's to keep, not the link's.
	Priority bool
	// Chunk cuts bulk messages into pieces of so many bytes, between which others may leave; 0 for none.
	Chunk     int
	Bandwidth int64
	// Poll carries messages as HTTP long-polling does (E1 off): those of one direction that wait leave
	// together, and the next ones not before the last request has come back, one Poll later.
	Poll time.Duration
	// Header is what every message costs beside its own bytes.
	Header int
}

// SendQueue is one direction of a player's line: a send queue in front of a link.
type SendQueue struct {
	opts LineOptions
	link *netsim.Link

	urgent, bulk [][]byte
	free         [][]byte
	idle         time.Duration // when the next message may leave
	left         int           // bytes of the first bulk message that have left in pieces

	// What has left.
	Messages int
	Bytes    int
}

// NewSendQueue puts a send queue in front of a link.
func NewSendQueue(link *netsim.Link, opts LineOptions) *SendQueue {
	return &SendQueue{opts: opts, link: link}
}

// Send queues a message.
func (l *SendQueue) Send(now time.Duration, bulk bool, data []byte) {
	var b []byte
	if k := len(l.free); k > 0 {
		b, l.free = l.free[k-1], l.free[:k-1]
	}
	b = append(b[:0], data...)
	if bulk && l.opts.Priority {
		l.bulk = append(l.bulk, b)
	} else {
		l.urgent = append(l.urgent, b)
	}
	l.Move(now)
}

// Move puts on the link what may leave by now.
func (l *SendQueue) Move(now time.Duration) {
	for len(l.urgent)+len(l.bulk) > 0 && now >= l.idle {
		q := &l.urgent
		if len(*q) == 0 {
			q = &l.bulk
		}
		if l.opts.Poll > 0 {
			n := 0
			for len(l.urgent) > 0 {
				n += l.pop(now, &l.urgent)
			}
			for len(l.bulk) > 0 {
				n += l.pop(now, &l.bulk)
			}
			l.idle = now + l.opts.Poll
			if l.opts.Bandwidth > 0 {
				l.idle += l.takes(n)
			}
			return
		}
		if rest := len((*q)[0]) - l.left; q == &l.bulk && l.opts.Chunk > 0 && l.opts.Bandwidth > 0 && rest > l.opts.Chunk {
			l.left += l.opts.Chunk
			l.idle = max(l.idle, now) + l.takes(l.opts.Chunk)
			continue
		}
		n := l.pop(now, q)
		if q == &l.bulk {
			n -= l.left
			l.left = 0
		}
		if l.opts.Bandwidth > 0 {
			l.idle = max(l.idle, now) + l.takes(n)
		}
	}
}

// takes is how long so many bytes are on their way onto the line.
func (l *SendQueue) takes(n int) time.Duration {
	return time.Duration(int64(n) * 8 * int64(time.Second) / l.opts.Bandwidth)
}

func (l *SendQueue) pop(now time.Duration, q *[][]byte) int {
	b := (*q)[0]
	*q = (*q)[1:]
	l.Messages++
	l.Bytes += len(b) + l.opts.Header
	_ = l.link.Send(now, b) // a cut line loses it, as it loses all else
	l.free = append(l.free, b)
	return len(b) + l.opts.Header
}

// Due is when something arrives or may leave.
func (l *SendQueue) Due() time.Duration {
	at := l.Pump()
	if d, ok := l.link.Next(); ok {
		at = min(at, d)
	}
	return at
}

// Pump is when something may leave.
func (l *SendQueue) Pump() time.Duration {
	if len(l.urgent)+len(l.bulk) > 0 {
		return l.idle
	}
	return never
}

// Receive hands out what has arrived.
func (l *SendQueue) Receive(now time.Duration, f func([]byte)) {
	l.Move(now)
	l.link.Receive(now, f)
}
