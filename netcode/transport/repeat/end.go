package repeat

import (
	"errors"
	"math"
	"time"
)

// Way is how a packet travels.
type Way int

// The ways, see the package.
const (
	Datagram Way = iota
	Stream
	Socket
	ways
)

// Kind is what Next hands out.
type Kind uint8

// What there can be: a message, the far end's goodbye, or a message above Config.MaxMessage.
const (
	None Kind = iota
	Message
	Goodbye
	TooBig
)

const (
	// MaxPacket is the largest packet of Datagram: a QUIC packet of 1,200 bytes, which every network
	// carries, has room for it.
	MaxPacket = 1100
	// MaxBatch is the size up to which several messages leave in one packet of Stream or Socket. One message
	// may be larger.
	MaxBatch = 4 << 10
	// OnceMore is after how long a silence what is unacknowledged leaves a second time, and on a line that
	// loses much a third. Longer than the time between two messages of one frame, much shorter than a frame:
	// a lost packet costs this.
	OnceMore = 6 * time.Millisecond
	// AckDelay is how long an acknowledgement waits for a message to ride on: one frame and a little, so
	// that in play nothing leaves for its sake.
	AckDelay = 40 * time.Millisecond
	// Peace is for how long datagrams stay in use after the last sign of trouble.
	Peace = 2 * time.Minute

	// windowMessages and windowBytes bound what is unacknowledged, and so what the far end has to keep, in
	// each class. A snapshot (64 KiB) fits.
	windowMessages = 512
	windowBytes    = 128 << 10
	// keepBytes is how much memory of a message that is done with is kept for another one.
	keepBytes = 512

	// The copy after that leaves after about two round trips, and so on at twice the distance.
	minRepeat, maxRepeat = 50 * time.Millisecond, time.Second
	// firstRTT is what a round trip is taken for before one was measured.
	firstRTT = 300 * time.Millisecond
	// stallSlack is what an acknowledgement may be late beyond what acknowledgements take, with the rides
	// they wait for, before it is a sign of trouble.
	stallSlack = 20 * time.Millisecond
	// A flow of messages at least flowLength long, then nothing for pauseLength, then pauseBurst more at
	// once: a socket that waited for a retransmission. It may come and go before an acknowledgement is late.
	flowLength  = 10
	pauseLength = 60 * time.Millisecond
	pauseBurst  = 2
	atOnce      = 5 * time.Millisecond
	// silentCopies and silentAfter are when datagrams are given up: so many copies of a message without an
	// answer, for so long.
	silentCopies = 3
	silentAfter  = 100 * time.Millisecond
	// probeEvery is how often silent datagrams are tried.
	probeEvery = 500 * time.Millisecond
	// keepSocket is how often a socket that is not in use says that it is alive: proxies cut after 60 s.
	keepSocket = 15 * time.Second

	// Packets that bring no message: copies and acknowledgements. A program sends at most two copies for each
	// of 90 messages a second, and 25 acknowledgements; after an outage those of some seconds come at once.
	idlePerSecond = 220
	idleBurst     = 660

	never = time.Duration(math.MaxInt64)
)

// What a far end does wrong.
var (
	ErrMalformed = errors.New("a packet cannot be read")
	ErrWindow    = errors.New("more messages at once than the far end agreed to")
	ErrFlood     = errors.New("too many packets without a message in them")
)

// Config adjusts an End.
type Config struct {
	MaxMessage int  // a larger message is handed out as TooBig
	MaxPacket  int  // the largest packet of this end's Datagram; 0 or more than MaxPacket: that
	Always     bool // datagrams are in use whenever there are any
}

// End is one end of a conversation. It belongs to one caller at a time.
type End struct {
	cfg  Config
	open [ways]bool
	out  [2]outgoing // ordered, bulk
	in   [2]incoming

	number    uint64        // of the last datagram that left
	seen      uint64        // the highest that came
	seenByFar uint64        // the highest that the far end has seen
	repeatAt  time.Duration // when what is unacknowledged on Datagram leaves again
	repeats   int           // since the last fresh message
	ackAt     time.Duration // when an acknowledgement leaves by itself
	ackBy     Way           // on which way: the one on which a message came, which tells when it is lost
	socketAt  time.Duration // when the socket has to say that it is alive

	flow     int           // messages that came by Socket without a pause
	came     time.Duration // when the last did
	pauseEnd time.Duration // when the first after a pause did
	atPause  int           // how many have come with it

	farWants  bool
	trouble   time.Duration // when the last sign was seen
	troubled  bool
	silent    bool   // datagrams are not answered
	silentAt  uint64 // the first number of a probe since
	probeAt   time.Duration
	rtt, vary time.Duration // of acknowledgements, with what they wait for a ride
	least     time.Duration // of those that waited least
	measured  bool

	losses losses

	tokens float64 // used of the allowance of idle packets
	at     time.Duration
}

// New makes an end without any way.
func New(cfg Config) *End {
	if cfg.MaxPacket <= 0 || cfg.MaxPacket > MaxPacket {
		cfg.MaxPacket = MaxPacket
	}
	return &End{cfg: cfg, pauseEnd: never, ackAt: never, probeAt: never, socketAt: never}
}

// Open adds a way. Datagram and Stream are to be opened together.
func (e *End) Open(now time.Duration, w Way) {
	e.open[w] = true
	switch w {
	case Datagram:
		e.silent, e.probeAt = false, never
	case Socket:
		e.socketAt = now + keepSocket
	case Stream:
	}
	e.reroute(now)
}

// Shut takes a way away. What is under way on it leaves on another.
func (e *End) Shut(now time.Duration, w Way) {
	e.open[w] = false
	switch w {
	case Datagram:
		e.probeAt = never
	case Socket:
		e.socketAt, e.silent = never, false // there is nothing else
	case Stream:
	}
	e.reroute(now)
}

// Ways tells how many there are.
func (e *End) Ways() (n int) {
	for _, open := range e.open {
		if open {
			n++
		}
	}
	return n
}

// Wants reports whether this end wishes datagrams.
func (e *End) Wants(now time.Duration) bool {
	return e.cfg.Always || e.troubled && now-e.trouble < Peace
}

// Uses reports whether small messages leave as datagrams.
func (e *End) Uses(now time.Duration) bool {
	if !e.open[Datagram] {
		return false
	}
	if !e.open[Socket] {
		return true
	}
	return !e.silent && (e.Wants(now) || e.farWants)
}

// reliable is the way of what does not go as a datagram.
func (e *End) reliable(now time.Duration) Way {
	switch {
	case e.open[Socket] && (!e.open[Stream] || !e.Uses(now)):
		return Socket
	case e.open[Stream]:
		return Stream
	}
	return ways
}

// reroute finds another way for what is under way on one that is gone.
func (e *End) reroute(now time.Duration) {
	if !e.open[e.ackBy] {
		e.ackBy = e.reliable(now) % ways
	}
	for class := range e.out {
		q := &e.out[class]
		for n := q.base; n < q.next; n++ {
			if s := q.at(n); s.way == ways || !e.open[s.way] {
				e.assign(now, class, s)
			}
		}
	}
}

// assign gives a message its way.
func (e *End) assign(now time.Duration, class int, s *sent) {
	s.leave(e)
	s.moved = s.moved || s.copies > 0
	s.way, s.left, s.copies = e.reliable(now), false, 0
	if class == ordered && e.Uses(now) && e.out[ordered].load+s.size() <= e.cfg.MaxPacket-maxHead {
		s.way = Datagram
		e.out[ordered].load += s.size()
		e.out[ordered].flying++
		e.repeatAt = now // it is fresh
		e.repeats = -1
	}
}

// arrival watches how messages come by Socket.
func (e *End) arrival(now time.Duration) {
	gap := now - e.came
	e.came = now
	switch {
	case gap >= pauseLength:
		e.pauseEnd, e.atPause = never, 0
		if e.flow >= flowLength {
			e.pauseEnd = now
		}
		e.flow = 0
	case e.pauseEnd != never && now-e.pauseEnd <= atOnce:
		if e.atPause++; e.atPause >= pauseBurst {
			e.pauseEnd = never
			e.alarm(now)
		}
	default:
		e.pauseEnd = never
		e.flow = min(e.flow+1, flowLength)
	}
}

// alarm is a sign of trouble: datagrams come into use, for what is under way, too.
func (e *End) alarm(now time.Duration) {
	e.troubled, e.trouble = true, now
	e.move(now, false)
}

// move takes what waits on Socket to the datagrams that have come into use.
func (e *End) move(now time.Duration, used bool) {
	if used || !e.Uses(now) {
		return
	}
	for class := range e.out {
		q := &e.out[class]
		for n := q.base; n < q.next; n++ {
			if s := q.at(n); s.way == Socket {
				e.assign(now, class, s)
			}
		}
	}
}

// quiet gives datagrams up, as long as there is a socket.
func (e *End) quiet(now time.Duration) {
	e.silent, e.silentAt, e.probeAt = true, e.number+1, now+probeEvery
	for class := range e.out {
		q := &e.out[class]
		for n := q.base; n < q.next; n++ {
			if s := q.at(n); s.way == Datagram || s.way == Stream {
				e.assign(now, class, s)
			}
		}
	}
}

// stallAfter is when an acknowledgement is overdue.
func (e *End) stallAfter() time.Duration {
	if !e.measured {
		return 2*firstRTT + AckDelay
	}
	return max(e.rtt+4*e.vary, e.least+AckDelay) + stallSlack
}

// sample takes how long an acknowledgement took.
func (e *End) sample(d time.Duration) {
	if !e.measured {
		e.rtt, e.vary, e.least, e.measured = d, d/2, d, true
		return
	}
	if e.least += (d - e.least) / 256; d < e.least { // it forgets slowly: the way may get longer
		e.least = d
	}
	off := d - e.rtt
	e.rtt += off / 8
	if off < 0 {
		off = -off
	}
	e.vary += (off - e.vary) / 4
}

// backoff is how long after the copy of a number the next one leaves.
func (e *End) backoff() time.Duration {
	rtt := firstRTT
	if e.measured {
		rtt = e.rtt
	}
	d := min(max(2*rtt, minRepeat), maxRepeat)
	for i := 1; i < e.repeats && d < maxRepeat; i++ {
		d *= 2
	}
	return min(d, maxRepeat)
}
