package netsim

import "time"

// tcp is a TCP connection's sending half as far as it decides when messages arrive: a stream in segments,
// of which the receiver hands out what is whole from the beginning; selective acknowledgements; loss
// detected by time (RACK, RFC 8985), by a probe, or by the timer (RFC 6298, with Linux's least of 200 ms);
// and a congestion window (RFC 5681) that halves to 0.7 and grows only where it was the limit.
//
// It leaves out what does not matter here: acknowledgements are never lost and take the other direction's
// plain delay, since the next one says the same; there is no handshake, no receive window and no Nagle.
type tcp struct {
	path    *path
	arrived func(at time.Duration)

	written, cut int64       // bytes of the stream: given, and made segments of
	ends         fifo[int64] // where messages end that have not arrived
	segs         fifo[segment]
	first        int // number of the first of segs
	next         int // number of the first that the receiver lacks
	flights      fifo[flight]
	acks         fifo[flight]

	window, threshold float64
	limited           bool // the window was the limit when something was last to be sent
	recovering        bool
	until             int // number of the segment with which recovery ends

	srtt, vary, least time.Duration
	newest            time.Duration // when the last-sent of the acknowledged segments left
	progress          time.Duration // the last acknowledgement, or the first segment after a pause
	lastSent          time.Duration
	backoff           uint
	probed            bool // since the last acknowledgement
	suspectAt         time.Duration
}

// segment is a piece of the stream that is not acknowledged with all before it.
type segment struct {
	to                   int64
	n                    int
	sent                 time.Duration
	times                int
	received, acked, out bool // out: under way as far as the sender knows
}

// flight is a segment, or its acknowledgement, under way.
type flight struct {
	at, sent time.Duration
	seg      int
	fresh    bool // sent once
}

const (
	// segmentBytes is what a segment carries at most: Ethernet's 1500 less the headers.
	segmentBytes = 1448
	firstWindow  = 10 // RFC 6928
	leastWindow  = 2
	windowFalls  = 0.7 // cubic
	leastTimeout = 200 * time.Millisecond
	mostTimeout  = 10 * time.Second
	probeSlack   = 2 * time.Millisecond
	framing      = 6 // bytes of WebSocket's head with its mask
	unknownRTT   = time.Second
)

func newTCP(p *path, arrived func(time.Duration)) *tcp {
	t := &tcp{path: p, arrived: arrived}
	t.reset()
	return t
}

func (t *tcp) reset() {
	t.written, t.cut, t.first, t.next = 0, 0, 0, 0
	t.ends.clear()
	t.segs.clear()
	t.flights.clear()
	t.acks.clear()
	t.window, t.threshold = firstWindow, 1<<20
	t.limited, t.recovering, t.probed = false, false, false
	t.srtt, t.vary, t.least, t.newest, t.backoff, t.suspectAt = 0, 0, never, -1, 0, never
}

func (t *tcp) send(now time.Duration, n int) {
	if t.srtt == 0 { // the handshake's
		t.path.at(now)
		t.sample(max(time.Duration(t.path.cur.half)+t.path.cur.back, time.Millisecond))
	}
	t.written += int64(n + framing)
	t.ends.push(t.written)
	t.transmit(now)
}

// transmit sends what the window lets: what was lost first.
func (t *tcp) transmit(now time.Duration) {
	out := 0
	for i := range t.segs.len() {
		if t.segs.at(i).out {
			out++
		}
	}
	t.limited = false
	for i := range t.segs.len() {
		s := t.segs.at(i)
		if s.out || s.acked {
			continue
		}
		if float64(out) >= t.window && out > 0 {
			t.limited = true
			return
		}
		t.put(now, i)
		out++
	}
	for t.cut < t.written {
		if float64(out) >= t.window {
			t.limited = true
			return
		}
		n := min(t.written-t.cut, segmentBytes)
		t.cut += n
		if t.segs.len() == 0 {
			t.progress = now
		}
		t.segs.push(segment{to: t.cut, n: int(n)})
		t.put(now, t.segs.len()-1)
		out++
	}
}

// put sends segment i of segs.
func (t *tcp) put(now time.Duration, i int) {
	s := t.segs.at(i)
	s.sent, s.out = now, true
	s.times++
	t.lastSent = now
	if at, ok := t.path.packet(now, s.n); ok {
		t.flights.push(flight{at: at, sent: now, seg: t.first + i, fresh: s.times == 1})
	}
}

func (t *tcp) timeout() time.Duration {
	return min((t.srtt+max(4*t.vary, leastTimeout))<<min(t.backoff, 6), mostTimeout)
}

// timer is when something is sent because no acknowledgement comes.
func (t *tcp) timer() time.Duration {
	if t.segs.len() == 0 {
		return never
	}
	at := max(t.progress, t.segs.at(0).sent) + t.timeout()
	if !t.probed && !t.recovering && t.backoff == 0 {
		probe := 2*t.srtt + probeSlack
		if t.segs.len() == 1 {
			probe = 2*t.srtt + leastTimeout // the far end may wait with its acknowledgement
		}
		at = min(at, t.lastSent+probe)
	}
	return min(at, t.suspectAt)
}

func (t *tcp) due() time.Duration {
	at := t.timer()
	if t.flights.len() > 0 {
		at = min(at, t.flights.at(0).at)
	}
	if t.acks.len() > 0 {
		at = min(at, t.acks.at(0).at)
	}
	return at
}

func (t *tcp) work(now time.Duration) {
	switch {
	case t.flights.len() > 0 && t.flights.at(0).at <= now:
		t.land(now, t.flights.pop())
	case t.acks.len() > 0 && t.acks.at(0).at <= now:
		t.acknowledge(now, t.acks.pop())
	case t.suspectAt <= now:
		t.detect(now)
	case max(t.progress, t.segs.at(0).sent)+t.timeout() <= now:
		t.expire(now)
	default: // a probe: what is acknowledged then tells what was lost
		t.probed = true
		i := t.segs.len() - 1
		for t.segs.at(i).acked {
			i--
		}
		t.put(now, i)
	}
}

// land is the receiver's part.
func (t *tcp) land(now time.Duration, f flight) {
	if f.seg >= t.first {
		t.segs.at(f.seg - t.first).received = true
	}
	whole := int64(-1)
	for t.next < t.first+t.segs.len() && t.segs.at(t.next-t.first).received {
		whole = t.segs.at(t.next - t.first).to
		t.next++
	}
	for t.ends.len() > 0 && *t.ends.at(0) <= whole {
		t.ends.pop()
		t.arrived(now)
	}
	t.path.at(now)
	at := now + t.path.cur.back
	if n := t.acks.len(); n > 0 {
		at = max(at, t.acks.at(n-1).at)
	}
	f.at = at
	t.acks.push(f)
}

func (t *tcp) acknowledge(now time.Duration, f flight) {
	t.newest = max(t.newest, f.sent)
	if f.fresh {
		t.sample(now - f.sent)
	}
	if f.seg >= t.first {
		s := t.segs.at(f.seg - t.first)
		if !s.acked {
			s.acked, s.out = true, false
			t.progress, t.backoff, t.probed = now, 0, false
			switch {
			case !t.limited:
			case t.window < t.threshold:
				t.window++
			default:
				t.window += 1 / t.window
			}
		}
	}
	for t.segs.len() > 0 && t.segs.at(0).acked {
		t.segs.pop()
		t.first++
	}
	if t.recovering && t.first >= t.until {
		t.recovering = false
	}
	t.detect(now)
}

// detect finds segments that are lost because others, sent later, have arrived, and it is time enough.
func (t *tcp) detect(now time.Duration) {
	t.suspectAt = never
	lost := false
	for i := range t.segs.len() {
		s := t.segs.at(i)
		if !s.out || s.sent >= t.newest {
			continue
		}
		if at := s.sent + t.srtt + t.least/4; at > now {
			t.suspectAt = min(t.suspectAt, at)
			continue
		}
		s.out, lost = false, true
	}
	if lost && !t.recovering {
		t.recovering, t.until = true, t.first+t.segs.len()
		t.threshold = max(t.window*windowFalls, leastWindow)
		t.window = t.threshold
	}
	t.transmit(now)
}

// expire takes everything for lost.
func (t *tcp) expire(now time.Duration) {
	if t.backoff == 0 {
		t.threshold = max(t.window/2, leastWindow)
	}
	t.window = 1
	t.backoff++
	t.recovering, t.until = true, t.first+t.segs.len()
	for i := range t.segs.len() {
		t.segs.at(i).out = false
	}
	t.suspectAt = never
	t.progress = now
	t.transmit(now)
}

// sample takes a round trip.
func (t *tcp) sample(d time.Duration) {
	t.least = min(t.least, d)
	if t.srtt == 0 {
		t.srtt, t.vary = d, d/2
		return
	}
	off := d - t.srtt
	if off < 0 {
		off = -off
	}
	t.vary += (off - t.vary) / 4
	t.srtt += (d - t.srtt) / 8
}
