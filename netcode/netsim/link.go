package netsim

import (
	"errors"
	"math"
	"time"
)

// MaxQueue bounds what is under way on a Link, in messages and in bytes. It is reached only when
// a sender outruns the line for a long time: 64 kbit/s take more than two minutes for the bytes.
const (
	MaxQueueMessages = 1 << 16
	MaxQueueBytes    = 1 << 20
)

var (
	// ErrLinkFull: the message was not taken, because too much is under way (see MaxQueueBytes).
	ErrLinkFull = errors.New("netsim: the link's queue is full")
	// ErrLinkDown: the message was not taken, because the line is cut.
	ErrLinkDown = errors.New("netsim: the link is down")
)

// Link is one direction of a line on a virtual clock: Send puts a message in, Receive takes out
// what has arrived. It reads no clock: every call is told the time since the link's start, which
// must never go back. A Link is not safe for concurrent use.
//
// The same seed and the same calls give the same deliveries. (With tail=, whose power function may
// differ in the last bit between processors, the same processor is needed too.)
type Link struct {
	path    path
	carrier carrier // what repeats lost packets; nil where none are lost
	cuts    []outage
	entries []entry // FIFO; entries[:head] are done
	head    int
	known   int    // entries[:known] have a time of arrival
	arena   []byte // the messages' bytes, in order
	freed   int    // arena[:freed] is done
	busy    bool   // Receive is handing out a slice of arena: nothing may move

	cutAt  time.Duration // carrier: the end of the last cut that was seen
	deadTo time.Duration // what is sent before this is lost: a cut came before an earlier message arrived
	lost   uint64        // how many messages were taken but never arrive, because of a cut or a Reset
}

type entry struct {
	at       time.Duration
	from, to int // in arena
}

// carrier is what brings messages over a path that loses packets.
type carrier interface {
	// send takes a message of n bytes; those before it arrive first.
	send(now time.Duration, n int)
	// due is when the carrier has something to do next, at the latest; never for nothing.
	due() time.Duration
	// work does what is due.
	work(now time.Duration)
	// reset forgets everything, as a new connection does.
	reset()
}

// NewScheduledLink returns a link from the seat to the relay whose conditions change in time. Give the two
// directions of a connection different seeds. A schedule that Validate refuses gives a link whose behaviour
// is not defined, but no panic.
func NewScheduledLink(sc Schedule, seed uint64) *Link { return newLink(sc, Upwards, OverDefault, seed) }

// NewDownLink is NewScheduledLink for the way from the relay to the seat.
func NewDownLink(sc Schedule, seed uint64) *Link { return newLink(sc, Downwards, OverDefault, seed) }

// newLink returns a link whose messages travel by by, unless the schedule says something else.
func newLink(sc Schedule, d Direction, by Carrier, seed uint64) *Link {
	own, back, lossy := sc.way(d)
	l := &Link{path: newPath(own, back, seed), cuts: sc.outages()}
	if !lossy {
		return l
	}
	if sc.datagrams(by) {
		l.carrier = newDatagrams(&l.path, l.arrived)
	} else {
		l.carrier = newTCP(&l.path, l.arrived)
	}
	return l
}

// Send puts a copy of data on the line at time now. It answers ErrLinkDown while the line is cut
// and ErrLinkFull when too much is under way; the message is then not sent.
func (l *Link) Send(now time.Duration, data []byte) error {
	at, arrives, err := l.schedule(now, len(data))
	if err != nil || !arrives {
		return err
	}
	l.makeRoom(len(data))
	from := len(l.arena)
	l.arena = append(l.arena, data...)
	l.entries = append(l.entries, entry{at, from, from + len(data)})
	if l.carrier != nil {
		l.carrier.send(now, len(data))
		return nil
	}
	l.known = len(l.entries)
	return nil
}

// arrived notes when the next message arrives.
func (l *Link) arrived(at time.Duration) {
	l.entries[l.known].at = at
	l.known++
}

// schedule decides when a message of n bytes sent now is delivered, and whether it arrives at all:
// one that is under way when the line is cut does not. Where packets are lost, the carrier decides instead,
// and at is the earliest.
func (l *Link) schedule(now time.Duration, n int) (at time.Duration, arrives bool, err error) {
	l.advance(now)
	cutAt := time.Duration(math.MaxInt64)
	for _, c := range l.cuts {
		if now >= c.from && now < c.to {
			return 0, false, ErrLinkDown
		}
		if now < c.from && c.from < cutAt {
			cutAt = c.from
		}
	}
	if now < l.deadTo {
		l.lost++
		return 0, false, nil
	}
	if l.Len() >= MaxQueueMessages || l.Bytes()+n > MaxQueueBytes {
		return 0, false, ErrLinkFull
	}
	if l.carrier != nil {
		l.path.at(now)
		return now + time.Duration(l.path.cur.half), true, nil
	}
	at, _ = l.path.packet(now, n)
	if at >= cutAt {
		// Lost with everything after it until the line is back, which starts afresh then.
		l.lost++
		l.deadTo, l.path.idleAt, l.path.lastAt = cutAt, 0, 0
		return 0, false, nil
	}
	return at, true, nil
}

// advance lets the carrier do what is due by now. A cut takes what is under way.
func (l *Link) advance(now time.Duration) {
	if l.carrier == nil {
		return
	}
	for _, c := range l.cuts {
		if now >= c.from && l.cutAt <= c.from {
			l.run(c.from - 1)
			l.cutAt = c.to
			l.lost += uint64(len(l.entries) - l.known)
			l.entries = l.entries[:l.known]
			l.arena = l.arena[:l.freed]
			if l.known > 0 {
				l.arena = l.arena[:l.entries[l.known-1].to]
			}
			l.carrier.reset()
		}
	}
	l.run(now)
}

func (l *Link) run(now time.Duration) {
	for at := l.carrier.due(); at <= now; at = l.carrier.due() {
		l.carrier.work(at)
	}
}

// Next tells when there is something to receive, or something is decided about that; false when nothing is
// under way.
func (l *Link) Next() (time.Duration, bool) {
	switch {
	case l.head == len(l.entries):
		return 0, false
	case l.head < l.known:
		return l.entries[l.head].at, true
	}
	at := l.carrier.due()
	for _, c := range l.cuts { // which takes what is under way
		if c.from >= l.cutAt {
			at = min(at, c.from)
		}
	}
	return at, at != never
}

// Receive hands every message that has arrived by now to f, in order, and tells how many there
// were. The slice is valid during the call only. f may call Send on this link.
func (l *Link) Receive(now time.Duration, f func(data []byte)) int {
	n := 0
	l.advance(now)
	l.busy = true
	for l.head < l.known && l.entries[l.head].at <= now {
		e := l.entries[l.head]
		l.head++
		n++
		f(l.arena[e.from:e.to:e.to])
		l.freed = e.to
	}
	l.busy = false
	if l.head == len(l.entries) {
		l.clear()
	}
	return n
}

// pop appends the first message that has arrived by now to buf, for callers that cannot handle it
// on the spot.
func (l *Link) pop(now time.Duration, buf []byte) ([]byte, bool) {
	l.advance(now)
	if l.head == l.known || l.entries[l.head].at > now {
		return buf, false
	}
	e := l.entries[l.head]
	buf = append(buf, l.arena[e.from:e.to]...)
	l.head++
	l.freed = e.to
	if l.head == len(l.entries) {
		l.clear()
	}
	return buf, true
}

// Reset loses everything that is under way, as a broken connection does. The random numbers go on.
func (l *Link) Reset() {
	l.lost += uint64(l.Len())
	l.clear()
	l.path.idleAt, l.path.lastAt, l.deadTo = 0, 0, 0
	if l.carrier != nil {
		l.carrier.reset()
	}
}

// Len is how many messages are under way.
func (l *Link) Len() int { return len(l.entries) - l.head }

// Bytes is how many bytes are under way.
func (l *Link) Bytes() int { return len(l.arena) - l.freed }

func (l *Link) clear() {
	l.entries, l.head, l.known = l.entries[:0], 0, 0
	l.arena, l.freed = l.arena[:0], 0
}

// makeRoom moves what is under way to the front where that saves the buffers from growing and at
// least half of them is done, so that the cost of moving stays proportional to the traffic.
func (l *Link) makeRoom(n int) {
	if l.busy {
		return // a slice of the arena is in use: let append grow instead
	}
	entriesFull := len(l.entries) == cap(l.entries) && l.head*2 >= len(l.entries)
	arenaFull := len(l.arena)+n > cap(l.arena) && l.freed*2 >= len(l.arena)
	if l.head == 0 || !entriesFull && !arenaFull {
		return
	}
	keep := copy(l.arena, l.arena[l.freed:])
	l.arena = l.arena[:keep]
	live := copy(l.entries, l.entries[l.head:])
	l.entries = l.entries[:live]
	for i := range l.entries {
		l.entries[i].from -= l.freed
		l.entries[i].to -= l.freed
	}
	l.known -= l.head
	l.head, l.freed = 0, 0
}
