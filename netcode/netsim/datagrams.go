package netsim

import "time"

// datagrams is a transport that sends small messages in packets which repeat everything that is not
// acknowledged, as far as one packet holds it, oldest first; once more after a short silence, twice where many
// packets are lost, and then at growing distances. What is too large for that goes by a stream beside them. Messages arrive in order.
type datagrams struct {
	path    *path
	arrived func(at time.Duration)
	stream  *tcp
	small   fifo[waiting] // not acknowledged, or behind one that is not
	large   fifo[bool]    // messages of the stream: whether they have come
	order   fifo[bool]    // messages that have not been handed out: whether they are the stream's
	first   int           // number of the first of small
	next    int           // number of the first of small that was not handed out
	flights fifo[packet]
	acks    fifo[packet]
	came    []bool // by number of small, from first: in the receiver's hands

	silentAt time.Duration // when what is not acknowledged leaves again
	copies   int
	lost     float64 // share of the packets, lately
}

// waiting is a small message.
type waiting struct {
	n     int
	acked bool
}

// packet holds the small messages from, … to−1, those of them that fitted and were not acknowledged.
type packet struct {
	at       time.Duration
	from, to int
}

const (
	// packetBytes is what one packet carries: QUIC's 1,200 bytes have room for it.
	packetBytes = 1100
	// entryBytes is what a message takes in a packet beside its own bytes.
	entryBytes = 4
	// onceMore is the silence after which a second copy leaves, and a third where at least lossMuch of the
	// last lossMemory packets were lost; before there were any, lossFirst is taken for it.
	onceMore   = 6 * time.Millisecond
	lossFirst  = 0.05
	lossMuch   = 0.015
	lossMemory = 512
	// ackWait is how long an acknowledgement waits on average for a message to ride on: half a frame.
	ackWait = 17 * time.Millisecond
	// leastRepeat and mostRepeat bound when the copies after that leave.
	leastRepeat = 50 * time.Millisecond
	mostRepeat  = time.Second
)

func newDatagrams(p *path, arrived func(time.Duration)) *datagrams {
	d := &datagrams{path: p, arrived: arrived}
	d.stream = newTCP(p, func(at time.Duration) {
		for i := range d.large.len() {
			if done := d.large.at(i); !*done {
				*done = true
				break
			}
		}
		d.hand(at)
	})
	d.reset()
	return d
}

func (d *datagrams) reset() {
	d.stream.reset()
	d.small.clear()
	d.large.clear()
	d.order.clear()
	d.flights.clear()
	d.acks.clear()
	d.came = d.came[:0]
	d.first, d.next, d.silentAt, d.copies, d.lost = 0, 0, never, 0, lossFirst
}

func (d *datagrams) send(now time.Duration, n int) {
	if n+entryBytes > packetBytes || d.load()+n+entryBytes > packetBytes {
		d.large.push(false)
		d.order.push(true)
		d.stream.send(now, n)
		return
	}
	d.order.push(false)
	d.small.push(waiting{n: n})
	d.came = append(d.came, false)
	d.copies = 0
	d.leave(now)
}

// load is what is not acknowledged.
func (d *datagrams) load() (n int) {
	for i := range d.small.len() {
		if w := d.small.at(i); !w.acked {
			n += w.n + entryBytes
		}
	}
	return n
}

// leave sends all that is not acknowledged.
func (d *datagrams) leave(now time.Duration) {
	at, ok := d.path.packet(now, d.load())
	lost := 1.0
	if ok {
		d.flights.push(packet{at, d.first, d.first + d.small.len()})
		lost = 0
	}
	d.lost += (lost - d.lost) / lossMemory
	d.copies++
	quick := 1
	if d.lost >= lossMuch {
		quick = 2
	}
	wait := onceMore
	if d.copies > quick {
		wait = min(max(2*time.Duration(d.path.cur.half)+2*d.path.cur.back, leastRepeat)<<min(d.copies-quick-1, 5), mostRepeat)
	}
	d.silentAt = now + wait
}

func (d *datagrams) due() time.Duration {
	at := min(d.silentAt, d.stream.due())
	if d.flights.len() > 0 {
		at = min(at, d.flights.at(0).at)
	}
	if d.acks.len() > 0 {
		at = min(at, d.acks.at(0).at)
	}
	return at
}

func (d *datagrams) work(now time.Duration) {
	switch {
	case d.flights.len() > 0 && d.flights.at(0).at <= now:
		p := d.flights.pop()
		for i := max(p.from, d.first); i < p.to; i++ {
			d.came[i-d.first] = true
		}
		d.hand(now)
		d.path.at(now)
		p.at = now + ackWait + d.path.cur.back
		if n := d.acks.len(); n > 0 {
			p.at = max(p.at, d.acks.at(n-1).at)
		}
		d.acks.push(p)
	case d.acks.len() > 0 && d.acks.at(0).at <= now:
		p := d.acks.pop()
		for i := max(p.from, d.first); i < p.to; i++ {
			d.small.at(i - d.first).acked = true
		}
		d.forget()
		if d.load() == 0 {
			d.silentAt = never
		}
	case d.stream.due() <= now:
		d.stream.work(now)
	default:
		d.leave(now)
	}
}

// hand gives out what has come and has nothing missing before it.
func (d *datagrams) hand(now time.Duration) {
	for d.order.len() > 0 {
		if *d.order.at(0) {
			if !*d.large.at(0) {
				return
			}
			d.large.pop()
		} else {
			if !d.came[d.next-d.first] {
				return
			}
			d.next++
		}
		d.order.pop()
		d.arrived(now)
	}
	d.forget()
}

// forget drops the small messages that are acknowledged and handed out.
func (d *datagrams) forget() {
	n := 0
	for d.small.len() > 0 && d.first < d.next && d.small.at(0).acked {
		d.small.pop()
		d.first++
		n++
	}
	d.came = d.came[:copy(d.came, d.came[n:])]
}
