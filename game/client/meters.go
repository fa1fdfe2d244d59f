package client

import (
	"math"
	"slices"
	"time"

	"tandem/netcode/session"
)

// TraceLen is the length of a trace in slots of SlotTime: 20 seconds.
const (
	TraceLen = 80
	SlotTime = 250 * time.Millisecond
)

// nowSlots is how many slots make the value of the moment: a second. It changes once per slot, so
// that the digits can be read.
const nowSlots = int(time.Second / SlotTime)

// jitterSpan is how many round trips the jitter looks at: 20 seconds of them.
const jitterSpan = 20

// Trace is a figure's value of the moment and what it was before.
type Trace struct {
	Known bool // something was measured lately
	Now   float64
	Past  [TraceLen]float32 // oldest first; NaN where nothing was measured
}

// fold is how the samples of one slot become one value.
type fold uint8

const (
	mean fold = iota
	highest
	lowest
	latest
	rate // their sum, per second; no sample is 0
)

// meter collects one figure. Its ring never grows.
type meter struct {
	value float64 // of the open slot
	n     int     // samples of the open slot
	ring  [TraceLen]float32
	known bool
	now   float64
}

// meters collects every figure. The open slot is the one that advance last came to; closed slots
// are in the rings, the oldest at head.
type meters struct {
	of   [NumFigures]meter
	slot int64
	head int
	line timeline // every slot since the beginning

	rtts    [jitterSpan]time.Duration
	numRTTs int
	checked uint32 // frame of the last comparison
	checks  bool   // there was one
}

func (m *meters) init() {
	for f := range m.of {
		for i := range m.of[f].ring {
			m.of[f].ring[i] = float32(math.NaN())
		}
	}
}

// advance closes the slots that have passed by now. A clock that went back closes nothing.
func (m *meters) advance(now time.Duration) {
	slot := int64(now / SlotTime)
	// After a long sleep everything in the rings is too old; more rounds would change nothing.
	n := min(slot-m.slot, TraceLen+1)
	if n <= 0 {
		return
	}
	skipped := slot - m.slot - n
	m.slot = slot
	for i := range n {
		for f := range m.of {
			m.of[f].close(Figure(f), m.head)
		}
		m.line.slot(&m.of, m.head)
		if i == 0 {
			m.line.skip(skipped)
		}
		m.head = (m.head + 1) % TraceLen
	}
	for f := range m.of {
		m.of[f].settle(Figure(f), m.head)
	}
}

// close writes the open slot into the ring at i and opens the next.
func (t *meter) close(f Figure, i int) {
	v := math.NaN()
	switch way := figures[f].fold; {
	case way == rate:
		v = t.value * float64(nowSlots)
	case t.n == 0:
	case way == mean:
		v = t.value / float64(t.n)
	default:
		v = t.value
	}
	t.ring[i] = float32(v)
	t.value, t.n = 0, 0
}

// settle finds the value of the moment: over the figure's last slots, or, when nothing was measured
// in them, the newest slot that has something and is no older than the figure's Quiet.
func (t *meter) settle(f Figure, head int) {
	slots := max(figures[f].slots, 1)
	way, sum, n := figures[f].fold, 0.0, 0
	t.known = false
	for k := range max(slots, int(f.Quiet()/SlotTime)) {
		v := float64(t.ring[(head+TraceLen-1-k)%TraceLen])
		if k >= slots && n > 0 {
			break
		}
		if math.IsNaN(v) {
			continue
		}
		switch {
		case n == 0:
			sum = v
		case way == highest:
			sum = max(sum, v)
		case way == lowest:
			sum = min(sum, v)
		default:
			sum += v
		}
		n++
		if k >= slots {
			break
		}
	}
	if n == 0 {
		return
	}
	if way == mean || way == rate {
		sum /= float64(n)
	}
	t.known, t.now = true, sum
}

func (m *meters) add(f Figure, v float64) {
	t := &m.of[f]
	t.n++
	switch way := figures[f].fold; {
	case way == mean || way == rate:
		t.value += v
	case t.n == 1 || way == latest || way == highest && v > t.value || way == lowest && v < t.value:
		t.value = v
	}
}

// step notes the time since the step before.
func (m *meters) step(interval time.Duration) {
	m.add(FrameInterval, millis(interval))
	if interval > stallLimit {
		m.add(StallTime, millis(interval-session.FrameTime(1)))
	}
}

// event takes what an event tells.
func (m *meters) event(e *session.Event) {
	for f := range figures {
		if from := figures[f].from; from != nil {
			if v, ok := from(m, e); ok {
				m.add(Figure(f), v)
			}
		}
	}
}

// jitter takes a round trip and returns the 95th percentile of the last ones minus their median.
func (m *meters) jitter(rtt time.Duration) time.Duration {
	m.rtts[m.numRTTs%jitterSpan] = rtt
	m.numRTTs++
	sorted := m.rtts // a copy: their order says which is the oldest
	n := min(m.numRTTs, jitterSpan)
	list := sorted[:n]
	slices.Sort(list)
	return list[(n*95+99)/100-1] - list[(n+1)/2-1]
}

// checkGap takes the frame of a comparison and returns how many lie between it and the one before.
func (m *meters) checkGap(frame uint32) (gap float64, ok bool) {
	gap, ok = float64(frame)-float64(m.checked), m.checks && frame > m.checked
	m.checked, m.checks = frame, true
	return gap, ok
}

// copyTo writes the figures into traces.
func (m *meters) copyTo(traces *[NumFigures]Trace) {
	for f := range m.of {
		t, from := &traces[f], &m.of[f]
		t.Known, t.Now = from.known, from.now
		n := copy(t.Past[:], from.ring[m.head:])
		copy(t.Past[n:], from.ring[:m.head])
	}
}

func millis(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
