package netsim

import (
	"math"
	"math/rand/v2"
	"time"
)

// path is one direction for packets: it delays, queues and loses them, and never lets one overtake another.
type path struct {
	steps, back Schedule
	step        int // index of the step in force, −1 before the first
	cur         line
	rng         *rand.PCG
	losses      *rand.PCG // of its own, so that what is lost leaves the delays alone
	bad         bool      // a burst lasts
	badAt       time.Duration

	idleAt time.Duration // when the line has sent all it was given (bandwidth)
	lastAt time.Duration // the latest delivery so far: nothing overtakes it
}

// line holds a Spec's numbers ready for use.
type line struct {
	half, jitter, stall, tail float64 // ns
	stallShare, tailExp       float64
	tailMax                   float64
	nsPerByte                 float64
	loss, burst               float64 // chances: that a packet is lost by itself, and in a burst
	forget                    float64 // bursts: how fast what was says less about what is, per ns
	buffer                    time.Duration
	loadAt, loadTo            time.Duration
	back                      time.Duration // the other direction's delay
}

// newPath makes a path whose steps are the conditions of one direction, and back those of the other.
func newPath(steps, back Schedule, seed uint64) path {
	// The second words only have to be some constants: they pick PCG's streams.
	return path{steps: steps, back: back, step: -1, rng: rand.NewPCG(seed, 0x9e3779b97f4a7c15), losses: rand.NewPCG(seed, 0x6c62272e07bb0142)}
}

func newLine(s, back *Spec) line {
	l := line{
		half:       float64(s.RTT) / 2,
		jitter:     float64(s.Jitter),
		stall:      float64(s.StallFor),
		stallShare: s.StallPercent / 100,
		tail:       float64(s.TailScale),
		tailMax:    TailCap * float64(s.TailScale),
		loss:       s.LossPercent / 100,
		buffer:     s.Buffer,
		loadAt:     s.LoadAt,
		loadTo:     s.LoadAt + s.LoadFor,
		back:       back.RTT / 2,
	}
	if s.TailShape > 0 {
		l.tailExp = -1 / s.TailShape
	}
	if s.Bandwidth > 0 {
		l.nsPerByte = 8e9 / float64(s.Bandwidth)
	}
	if share := s.BurstPercent / 100; share > 0 && s.BurstFor > 0 {
		// Gilbert: bursts end with the rate 1/BurstFor, and begin with that which gives them their share.
		l.burst, l.forget = share, 1/(float64(s.BurstFor)*(1-share))
	}
	return l
}

// at takes the conditions of a time.
func (p *path) at(now time.Duration) {
	for p.step+1 < len(p.steps) && p.steps[p.step+1].At <= now {
		p.step++
		p.cur = newLine(&p.steps[p.step].Spec, &p.back[p.step].Spec)
	}
}

// packet sends n bytes and tells when they arrive, or that they do not.
func (p *path) packet(now time.Duration, n int) (at time.Duration, arrives bool) {
	p.at(now)
	delay, lost := p.delay(), p.loses(now)
	start := max(now, p.idleAt)
	wait := p.loaded(now)
	if p.cur.buffer > 0 && start-now+wait > p.cur.buffer {
		return 0, false // there is no room for it
	}
	p.idleAt = start + time.Duration(float64(n)*p.cur.nsPerByte)
	at = max(p.idleAt+wait+delay, p.lastAt)
	if lost {
		return 0, false
	}
	p.lastAt = at
	return at, true
}

// Path is one direction for packets, as a Link is for messages: for a line between real programs.
type Path struct{ path }

// NewPath returns a direction with the conditions of spec.
func NewPath(spec Spec, d Direction, seed uint64) *Path {
	own, back, _ := Schedule{{Spec: spec}}.way(d)
	return &Path{newPath(own, back, seed)}
}

// Packet sends n bytes at a time and tells when they arrive, or that they do not. Times never go back, and no
// packet overtakes another.
func (p *Path) Packet(now time.Duration, n int) (at time.Duration, arrives bool) {
	return p.packet(now, n)
}

// loses draws whether a packet is lost on its way.
func (p *path) loses(now time.Duration) bool {
	c := &p.cur
	if c.loss == 0 && c.burst == 0 {
		return false
	}
	alone, burst := uniform(p.losses), uniform(p.losses)
	if c.burst > 0 {
		was := 0.0
		if p.bad {
			was = 1
		}
		p.bad = burst < c.burst+(was-c.burst)*math.Exp(-float64(now-p.badAt)*c.forget)
		p.badAt = now
	}
	return p.bad && c.burst > 0 || alone < c.loss
}

// The transfer that loads a line fills its buffer within loadFills, gives way by a third when it is full, as
// TCP's cubic does, and has filled it again after loadAgain.
const (
	loadFills = 500 * time.Millisecond
	loadAgain = 3 * time.Second
	loadLow   = 0.7
)

// loaded is how long somebody else's packets keep one waiting.
func (p *path) loaded(now time.Duration) time.Duration {
	c := &p.cur
	if c.buffer == 0 || now < c.loadAt {
		return 0
	}
	fill := func(since time.Duration) time.Duration {
		if since < loadFills {
			return time.Duration(float64(c.buffer) * float64(since) / float64(loadFills))
		}
		part := float64((since-loadFills)%loadAgain) / float64(loadAgain)
		return time.Duration(float64(c.buffer) * (loadLow + (1-loadLow)*part))
	}
	if now < c.loadTo {
		return fill(now - c.loadAt)
	}
	if c.loadTo == c.loadAt {
		return 0
	}
	return max(0, fill(c.loadTo-c.loadAt)-(now-c.loadTo)) // what is left drains
}

// delay draws one packet's delay without the queue's part. Every packet takes three numbers
// whatever the conditions are, so that a change of one condition leaves the others' draws alone.
func (p *path) delay() time.Duration {
	jitter, stall, tail := uniform(p.rng), uniform(p.rng), uniform(p.rng)
	c := &p.cur
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
func uniform(rng *rand.PCG) float64 { return float64(rng.Uint64()>>11) / (1 << 53) }

// fifo is a queue that does not allocate once it has grown.
type fifo[T any] struct {
	items []T
	head  int
}

func (q *fifo[T]) len() int    { return len(q.items) - q.head }
func (q *fifo[T]) at(i int) *T { return &q.items[q.head+i] }

func (q *fifo[T]) push(x T) {
	if q.head > 0 && len(q.items) == cap(q.items) {
		q.items = q.items[:copy(q.items, q.items[q.head:])]
		q.head = 0
	}
	q.items = append(q.items, x)
}

func (q *fifo[T]) pop() T {
	x := q.items[q.head]
	q.head++
	if q.head == len(q.items) {
		q.clear()
	}
	return x
}

func (q *fifo[T]) clear() { q.items, q.head = q.items[:0], 0 }
