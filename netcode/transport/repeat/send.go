package repeat

import (
	"encoding/binary"
	"time"
)

const (
	ordered = 0
	bulk    = 1

	kindOrdered = 0
	kindBulk    = 1
	kindGoodbye = 2

	wantsFlag = 1

	// maxHead is what a packet's head takes at most, maxEntry an entry's beside its data; smallEntry that
	// of an entry of Datagram, whose length has two bytes.
	maxHead    = 1 + 4*binary.MaxVarintLen64
	maxEntry   = 1 + 3*binary.MaxVarintLen64
	smallEntry = 1 + binary.MaxVarintLen64 + 2
)

// Overhead is what a packet with one message takes besides the message.
const Overhead = maxHead + maxEntry

// sent is a message that is not acknowledged.
type sent struct {
	number uint64
	after  uint64
	kind   byte
	data   []byte
	way    Way // ways where there is none at the moment
	left   bool
	copies int           // how often it has left on this way
	first  time.Duration // when for the first time
	moved  bool          // it had left on another
}

// size is what it takes in a datagram at most.
func (s *sent) size() int { return smallEntry + len(s.data) }

// leave takes it off the datagrams.
func (s *sent) leave(e *End) {
	if s.way == Datagram {
		e.out[ordered].load -= s.size()
		e.out[ordered].flying--
	}
	s.way = ways
}

// outgoing is a class's messages that are not acknowledged.
type outgoing struct {
	ring   []sent // by number, modulo its length, a power of two
	base   uint64 // the oldest that is not acknowledged
	next   uint64 // the number of the next message
	bytes  int    // of all that are there
	load   int    // of those on Datagram, with their heads
	flying int    // how many those are
}

func (q *outgoing) at(n uint64) *sent { return &q.ring[n&uint64(len(q.ring)-1)] }

func (q *outgoing) grow() {
	if q.next-q.base < uint64(len(q.ring)) {
		return
	}
	old := q.ring
	q.ring = make([]sent, max(16, 2*len(old)))
	for i := range old {
		*q.at(old[i].number) = old[i]
	}
}

// Room reports whether a message of that size may be written; until then what is under way has to be
// acknowledged. The last place is for a goodbye.
func (e *End) Room(inBulk bool, size int) bool {
	q := &e.out[class(inBulk)]
	return q.next-q.base < windowMessages-1 && (q.bytes == 0 || q.bytes+size <= windowBytes)
}

func class(inBulk bool) int {
	if inBulk {
		return bulk
	}
	return ordered
}

// Write takes a message; there must be Room for it. inBulk lets ordered ones overtake it.
func (e *End) Write(now time.Duration, inBulk bool, data []byte) {
	kind := byte(kindOrdered)
	if inBulk {
		kind = kindBulk
	}
	e.write(now, class(inBulk), kind, data)
}

// Goodbye ends what this end has to say. It needs no Room.
func (e *End) Goodbye(now time.Duration, code uint16, reason string) {
	e.write(now, ordered, kindGoodbye, append(binary.BigEndian.AppendUint16(nil, code), reason...))
}

func (e *End) write(now time.Duration, class int, kind byte, data []byte) {
	q := &e.out[class]
	q.grow()
	s := q.at(q.next)
	*s = sent{number: q.next, kind: kind, data: append(s.data[:0], data...), way: ways}
	switch kind {
	case kindBulk:
		s.after = e.out[ordered].next
	case kindGoodbye:
		s.after = e.out[bulk].next
	}
	q.next++
	q.bytes += len(data)
	e.assign(now, class, s)
}

// keep is a message's memory when the message is done with: what a small one took is kept for the next, but
// what a large one did is not, or the far end could have every place of a ring hold a large one's.
func keep(data []byte) []byte {
	if cap(data) > keepBytes {
		return nil
	}
	return data
}

// Empty reports whether everything was acknowledged, a goodbye too.
func (e *End) Empty() bool {
	return e.out[ordered].base == e.out[ordered].next && e.out[bulk].base == e.out[bulk].next
}

// acked takes the far end's word for how many messages of a class it has handed out.
func (e *End) acked(now time.Duration, class int, n uint64) bool {
	q := &e.out[class]
	if n > q.next {
		return false
	}
	for ; q.base < n; q.base++ {
		s := q.at(q.base)
		if s.left && !s.moved && (s.way == Socket || s.way == Datagram) {
			e.sample(now - s.first)
		}
		s.leave(e)
		q.bytes -= len(s.data)
		s.data = keep(s.data)
	}
	return true
}

// Busy tells of each way whether it is being written to: then no packet can be taken out for it.
type Busy [ways]bool

// Deadline is when there is something to do at the latest: to take packets out, at least.
func (e *End) Deadline(now time.Duration, busy Busy) time.Duration {
	at := never
	if e.open[e.ackBy] && !busy[e.ackBy] {
		at = e.ackAt
	}
	if !busy[Socket] {
		at = min(at, e.socketAt)
	}
	if e.open[Datagram] && !busy[Datagram] {
		at = min(at, e.probeAt)
		if e.out[ordered].flying > 0 {
			at = min(at, e.repeatAt)
		}
	}
	if s := e.flown(); s != nil {
		at = min(at, s.first+e.silence())
	}
	if s := e.oldest(); s != nil {
		at = min(at, s.first+e.stallAfter())
	}
	return at
}

// oldest is the ordered message on Socket whose acknowledgement would tell of trouble; nil where it would
// change nothing.
func (e *End) oldest() *sent {
	q := &e.out[ordered]
	if q.base == q.next || !e.open[Datagram] || e.silent {
		return nil
	}
	if s := q.at(q.base); s.way == Socket && s.left {
		return s
	}
	return nil
}

// Look notices what the passing of time tells. To be called before packets are taken out.
func (e *End) Look(now time.Duration) {
	if s := e.oldest(); s != nil && now-s.first >= e.stallAfter() {
		e.alarm(now)
	}
	if s := e.flown(); s != nil && now-s.first >= e.silence() {
		e.quiet(now)
	}
}

// flown is the message on Datagram whose silence would make this end give datagrams up; nil while there is
// none, or nothing else to take.
func (e *End) flown() *sent {
	q := &e.out[ordered]
	if e.silent || !e.open[Socket] || q.flying == 0 {
		return nil
	}
	if s := q.at(q.base); s.way == Datagram && s.copies >= silentCopies {
		return s
	}
	return nil
}

func (e *End) silence() time.Duration { return max(silentAfter, e.stallAfter()) }

// Packet appends the next packet for a way to b, if there is one. On Stream and Socket it is to be taken
// only when the one before was written.
func (e *End) Packet(now time.Duration, w Way, b []byte) ([]byte, bool) {
	if !e.open[w] {
		return b, false
	}
	if w == Datagram {
		return e.datagram(now, b)
	}
	if s := e.waiting(w); s != nil {
		b = e.head(now, w, b)
		// What waits together leaves together: what has moved from another way is mostly there already, and
		// packets without news are counted.
		for room := MaxBatch; s != nil && room >= 0; s = e.waiting(w) {
			if room -= maxEntry + len(s.data); room < 0 && room+maxEntry+len(s.data) < MaxBatch {
				break
			}
			b = e.entry(now, s, b)
			s.left = true
		}
		return b, true
	}
	if e.asks(now, w) {
		return e.head(now, w, b), true
	}
	return b, false
}

// Pending reports whether Packet has one for a way.
func (e *End) Pending(now time.Duration, w Way) bool {
	if w == Datagram {
		return e.open[w] && e.due(now)
	}
	return e.open[w] && (e.waiting(w) != nil || e.asks(now, w))
}

// due reports whether a datagram is.
func (e *End) due(now time.Duration) bool {
	return now >= e.probeAt || e.out[ordered].flying > 0 && now >= e.repeatAt || e.ackBy == Datagram && now >= e.ackAt
}

// waiting is the first message that has not left on its way; nil where all have.
func (e *End) waiting(w Way) *sent {
	for class := range e.out {
		q := &e.out[class]
		for n := q.base; n < q.next; n++ {
			if s := q.at(n); s.way == w && !s.left {
				return s
			}
		}
	}
	return nil
}

// asks reports whether a packet is due that carries no message.
func (e *End) asks(now time.Duration, w Way) bool {
	return w == e.ackBy && now >= e.ackAt || w == Socket && now >= e.socketAt
}

// datagram appends a packet with everything that is unacknowledged on Datagram.
func (e *End) datagram(now time.Duration, b []byte) ([]byte, bool) {
	if !e.due(now) {
		return b, false
	}
	q := &e.out[ordered]
	e.number++
	b = e.head(now, Datagram, b)
	if now >= e.probeAt {
		e.probeAt = now + probeEvery
	}
	if q.flying == 0 {
		return b, true
	}
	for n := q.base; n < q.next; n++ {
		if s := q.at(n); s.way == Datagram {
			b = e.entry(now, s, b)
			s.left = true
		}
	}
	e.repeats++
	if e.repeats == 0 || e.repeats == 1 && e.lossy() {
		e.repeatAt = now + OnceMore
	} else {
		e.repeatAt = now + e.backoff()
	}
	return b, true
}

func (e *End) head(now time.Duration, w Way, b []byte) []byte {
	flags, number := byte(0), uint64(0)
	if e.Wants(now) {
		flags |= wantsFlag
	}
	if w == Datagram {
		number = e.number
	}
	if w == Socket {
		e.socketAt = now + keepSocket
	}
	if w != Datagram || e.ackBy == Datagram {
		e.ackAt = never
	}
	b = append(b, flags)
	b = binary.AppendUvarint(b, number)
	b = binary.AppendUvarint(b, e.seen)
	b = binary.AppendUvarint(b, e.done(ordered))
	return binary.AppendUvarint(b, e.done(bulk))
}

func (e *End) entry(now time.Duration, s *sent, b []byte) []byte {
	if s.copies == 0 {
		s.first = now
	}
	s.copies++
	b = append(b, s.kind)
	b = binary.AppendUvarint(b, s.number)
	if s.kind != kindOrdered {
		b = binary.AppendUvarint(b, s.after)
	}
	b = binary.AppendUvarint(b, uint64(len(s.data)))
	return append(b, s.data...)
}
