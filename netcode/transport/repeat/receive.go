package repeat

import (
	"encoding/binary"
	"time"
)

// slot is a message that came and was not handed out.
type slot struct {
	have  bool
	kind  byte
	big   bool
	after uint64
	data  []byte
}

// incoming is a class's messages that came.
type incoming struct {
	ring  []slot // by number, modulo its length, a power of two
	next  uint64 // the number of the next to hand out
	whole uint64 // all before it have come
	bytes int    // of those that wait
	last  bool   // the far end's goodbye is among those before whole: no more follows
}

func (q *incoming) at(n uint64) *slot { return &q.ring[n&uint64(len(q.ring)-1)] }

// done is what is acknowledged: what was handed out; and once the far end has said goodbye everything that
// has come, as it waits for nothing else.
func (e *End) done(class int) uint64 {
	if e.in[ordered].last {
		return e.in[class].whole
	}
	return e.in[class].next
}

// fit makes room for a number.
func (q *incoming) fit(n uint64) {
	size := uint64(max(16, len(q.ring)))
	for n-q.next >= size {
		size *= 2
	}
	if size == uint64(len(q.ring)) {
		return
	}
	old := *q
	q.ring = make([]slot, size)
	for k := old.next; k < old.next+uint64(len(old.ring)); k++ {
		*q.at(k) = *old.at(k)
	}
}

// Receive takes a packet that came on a way. An error says what the far end has done wrong: the
// conversation is to be ended. The packet may be used again afterwards.
func (e *End) Receive(now time.Duration, w Way, packet []byte) error {
	r := reader{packet}
	flags, ok := r.byte()
	var head [4]uint64
	for i := range head {
		if ok {
			head[i], ok = r.uint()
		}
	}
	number, seen := head[0], head[1]
	if !ok || flags > wantsFlag || (number != 0) != (w == Datagram) || seen > e.number {
		return ErrMalformed
	}
	used := e.Uses(now)
	e.farWants = flags&wantsFlag != 0
	if number > e.seen {
		if number > e.seen+1 && e.seen > 0 {
			e.troubled, e.trouble = true, now // datagrams are lost, or overtaken
		}
		e.seen = number
	}
	if seen > e.seenByFar {
		e.seenByFar = seen
		if e.silent && seen >= e.silentAt {
			e.silent, e.probeAt = false, never
		}
	}
	if !e.acked(now, ordered, head[2]) || !e.acked(now, bulk, head[3]) {
		return ErrMalformed
	}
	news := false
	for len(r.rest) > 0 {
		fresh, err := e.take(now, w, &r)
		if err != nil {
			return err
		}
		news = news || fresh
	}
	if news && w == Socket {
		e.arrival(now)
	}
	e.move(now, used)
	if news {
		return nil
	}
	e.tokens = max(0, e.tokens-idlePerSecond*(now-e.at).Seconds()) + 1
	e.at = now
	if e.tokens > idleBurst {
		return ErrFlood
	}
	return nil
}

// take takes an entry; fresh tells that it was not there before.
func (e *End) take(now time.Duration, w Way, r *reader) (fresh bool, err error) {
	kind, ok := r.byte()
	if !ok || kind > kindGoodbye {
		return false, ErrMalformed
	}
	number, ok := r.uint()
	if !ok {
		return false, ErrMalformed
	}
	after := uint64(0)
	class := ordered
	if kind == kindBulk {
		class = bulk
	}
	if kind != kindOrdered {
		if after, ok = r.uint(); !ok {
			return false, ErrMalformed
		}
	}
	data, ok := r.bytes()
	if !ok || kind == kindGoodbye && len(data) < 2 {
		return false, ErrMalformed
	}
	q := &e.in[class]
	if w != Datagram || e.ackAt == never {
		e.ackBy = w
	}
	if e.ackAt == never {
		e.ackAt = now + AckDelay // of a copy, too: the acknowledgement may have been lost
	}
	if number < q.whole {
		return false, nil
	}
	if number-q.next >= windowMessages {
		return false, ErrWindow
	}
	q.fit(number)
	s := q.at(number)
	if s.have {
		return false, nil
	}
	if q.last {
		return false, ErrMalformed // behind the goodbye
	}
	if big := kind != kindGoodbye && len(data) > e.cfg.MaxMessage; big {
		*s = slot{have: true, big: true, kind: kind, after: after, data: s.data[:0]}
	} else {
		if q.bytes+len(data) > windowBytes && q.bytes > 0 && kind != kindGoodbye {
			return false, ErrWindow
		}
		*s = slot{have: true, kind: kind, after: after, data: append(s.data[:0], data...)}
	}
	q.bytes += len(s.data)
	for !q.last && q.whole-q.next < uint64(len(q.ring)) && q.at(q.whole).have {
		q.last = q.at(q.whole).kind == kindGoodbye
		q.whole++
	}
	if e.in[ordered].last {
		e.ackAt = now // the far end waits for it
	}
	return true, nil
}

// Ended reports whether the far end's goodbye has come, with everything before it.
func (e *End) Ended() (code uint16, reason string, ok bool) {
	q := &e.in[ordered]
	if !q.last {
		return 0, "", false
	}
	bye := q.at(q.whole - 1)
	if e.in[bulk].whole < bye.after {
		return 0, "", false
	}
	return binary.BigEndian.Uint16(bye.data), string(bye.data[2:]), true
}

// Next appends the next message in order to b. After a Goodbye or TooBig it answers the same again.
func (e *End) Next(now time.Duration, b []byte) ([]byte, Kind) {
	q, o := &e.in[ordered], &e.in[bulk]
	bye := q.last && q.next+1 == q.whole
	switch {
	case q.next < q.whole && !bye:
		return e.hand(now, q, b)
	case o.next < o.whole && (bye || o.at(o.next).after <= q.next):
		return e.hand(now, o, b)
	case bye && o.next >= q.at(q.next).after:
		return b, Goodbye
	}
	return b, None
}

func (e *End) hand(now time.Duration, q *incoming, b []byte) ([]byte, Kind) {
	s := q.at(q.next)
	if s.big {
		return b, TooBig
	}
	b = append(b, s.data...)
	q.bytes -= len(s.data)
	s.have, s.data = false, keep(s.data)
	q.next++
	if e.ackAt == never {
		e.ackAt = now + AckDelay
	}
	return b, Message
}

// reader reads a packet.
type reader struct{ rest []byte }

func (r *reader) byte() (byte, bool) {
	if len(r.rest) == 0 {
		return 0, false
	}
	b := r.rest[0]
	r.rest = r.rest[1:]
	return b, true
}

func (r *reader) uint() (uint64, bool) {
	v, n := binary.Uvarint(r.rest)
	if n <= 0 || v > 1<<62 {
		return 0, false
	}
	r.rest = r.rest[n:]
	return v, true
}

func (r *reader) bytes() ([]byte, bool) {
	n, ok := r.uint()
	if !ok || n > uint64(len(r.rest)) {
		return nil, false
	}
	b := r.rest[:n]
	r.rest = r.rest[n:]
	return b, true
}
