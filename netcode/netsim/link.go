package netsim

import (
	"errors"
	"math"
	"math/rand/v2"
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
	steps   Schedule
	step    int // index of the step in force, −1 before the first
	cur     line
	cuts    []outage
	rng     *rand.PCG
	entries []entry // FIFO; entries[:head] are done
	head    int
	arena   []byte // the messages' bytes, in order
	freed   int    // arena[:freed] is done
	busy    bool   // Receive is handing out a slice of arena: nothing may move

	idleAt time.Duration // when the line has sent all it was given (bandwidth)
	lastAt time.Duration // the latest delivery so far: nothing overtakes it
	deadTo time.Duration // what is sent before this is lost: a cut came before an earlier message arrived
	lost   uint64
}

type entry struct {
	at       time.Duration
	from, to int // in arena
}

// line holds a Spec's numbers ready for use.
type line struct {
	half, jitter, stall, tail float64 // ns
	stallShare, tailExp       float64
	tailMax                   float64
	nsPerByte                 float64
}

func newLine(s Spec) line {
	l := line{
		half:       float64(s.RTT) / 2,
		jitter:     float64(s.Jitter),
		stall:      float64(s.StallFor),
		stallShare: s.StallPercent / 100,
		tail:       float64(s.TailScale),
		tailMax:    TailCap * float64(s.TailScale),
	}
	if s.TailShape > 0 {
		l.tailExp = -1 / s.TailShape
	}
	if s.Bandwidth > 0 {
		l.nsPerByte = 8e9 / float64(s.Bandwidth)
	}
	return l
}

// NewLink returns a link with the conditions of spec. Give the two directions of a connection
// different seeds.
func NewLink(spec Spec, seed uint64) *Link {
	return NewScheduledLink(Schedule{{Spec: spec}}, seed)
}

// NewScheduledLink returns a link whose conditions change in time. A schedule that Validate
// refuses gives a link whose behaviour is not defined, but no panic.
func NewScheduledLink(sc Schedule, seed uint64) *Link {
	return &Link{
		steps: sc,
		step:  -1,
		cuts:  sc.outages(),
		// The second word only has to be some constant: it picks PCG's stream.
		rng: rand.NewPCG(seed, 0x9e3779b97f4a7c15),
	}
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
	return nil
}

// schedule decides when a message of n bytes sent now is delivered, and whether it arrives at all:
// one that is under way when the line is cut does not.
func (l *Link) schedule(now time.Duration, n int) (at time.Duration, arrives bool, err error) {
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
	for l.step+1 < len(l.steps) && l.steps[l.step+1].At <= now {
		l.step++
		l.cur = newLine(l.steps[l.step].Spec)
	}
	delay := l.delay()
	start := max(now, l.idleAt)
	l.idleAt = start + time.Duration(float64(n)*l.cur.nsPerByte)
	at = max(l.idleAt+delay, l.lastAt)
	if at >= cutAt {
		// Lost with everything after it until the line is back, which starts afresh then.
		l.lost++
		l.deadTo, l.idleAt = cutAt, 0
		return 0, false, nil
	}
	l.lastAt = at
	return at, true, nil
}

// delay draws one message's delay without the bandwidth's part. Every message takes three numbers
// whatever the conditions are, so that a change of one condition leaves the others' draws alone.
func (l *Link) delay() time.Duration {
	jitter, stall, tail := l.uniform(), l.uniform(), l.uniform()
	c := &l.cur
	d := max(c.half+c.jitter*(jitter-0.5), 0)
	if stall < c.stallShare {
		d += c.stall
	}
	if c.tail > 0 {
		// 1−U is in (0, 1]: a power of zero would be infinite.
		d += min(c.tail*(math.Pow(1-tail, c.tailExp)-1), c.tailMax)
	}
	return time.Duration(d)
}

// uniform draws from [0, 1) with the 53 bits that a float64 holds exactly.
func (l *Link) uniform() float64 { return float64(l.rng.Uint64()>>11) / (1 << 53) }

// Next tells when the earliest message that is under way arrives; false when none is.
func (l *Link) Next() (time.Duration, bool) {
	if l.head == len(l.entries) {
		return 0, false
	}
	return l.entries[l.head].at, true
}

// Receive hands every message that has arrived by now to f, in order, and tells how many there
// were. The slice is valid during the call only. f may call Send on this link.
func (l *Link) Receive(now time.Duration, f func(data []byte)) int {
	n := 0
	l.busy = true
	for l.head < len(l.entries) && l.entries[l.head].at <= now {
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
	if l.head == len(l.entries) || l.entries[l.head].at > now {
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
	l.idleAt, l.lastAt, l.deadTo = 0, 0, 0
}

// Down tells whether the line is cut at now.
func (l *Link) Down(now time.Duration) bool {
	for _, c := range l.cuts {
		if now >= c.from && now < c.to {
			return true
		}
	}
	return false
}

// Len is how many messages are under way.
func (l *Link) Len() int { return len(l.entries) - l.head }

// Bytes is how many bytes are under way.
func (l *Link) Bytes() int { return len(l.arena) - l.freed }

// Lost is how many messages were taken but never arrive, because of a cut or a Reset.
func (l *Link) Lost() uint64 { return l.lost }

func (l *Link) clear() {
	l.entries, l.head = l.entries[:0], 0
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
	l.head, l.freed = 0, 0
}
