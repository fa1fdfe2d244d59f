package session

import "time"

// window keeps the samples of the last few seconds and tells their upper quantiles. It is a ring:
// when it is full, the oldest sample goes, whatever its age.
type window struct {
	span  time.Duration
	at    [windowSize]time.Duration
	value [windowSize]time.Duration
	head  int // of the oldest
	n     int
	since int // samples since the last look for a shift
}

// windowSize bounds a window: at 30 samples per second, and a few more from pings, 512 hold 16 s.
const windowSize = 512

// windowRanks bounds how far from the maximum a quantile may lie: 1 − q of windowSize.
const windowRanks = 16

// A line counts as changed for the better (another route, a download that ended) when shiftNew
// samples in a row lie clearly below shiftOld samples that came before, shiftGap apart because a
// line changes over a few messages. It takes about a second of play. Without this, what is past
// would be waited for until it leaves the window. A line with spikes keeps its memory, because
// between the spikes it is not below what it always was.
const (
	shiftNew = 20
	shiftGap = 10
	shiftOld = 60
	// shiftLeast is a gain that is worth forgetting for: what a player could notice.
	shiftLeast = 5 * time.Millisecond
)

func (w *window) add(now, v time.Duration) {
	defer w.shift()
	if w.n == windowSize {
		w.head = (w.head + 1) % windowSize
		w.n--
	}
	i := (w.head + w.n) % windowSize
	w.at[i], w.value[i] = now, v
	w.n++
}

// get returns the k-th sample, the oldest being 0.
func (w *window) get(k int) time.Duration { return w.value[(w.head+k)%windowSize] }

func (w *window) clear() { w.head, w.n, w.since = 0, 0, 0 }

// shift forgets all but the newest samples when the line has become better.
func (w *window) shift() {
	w.since++
	if w.since < shiftGap || w.n < shiftNew+shiftGap+shiftOld/2 {
		return
	}
	w.since = 0
	fresh := w.n - shiftNew
	highest, sum := w.get(fresh), time.Duration(0)
	for k := fresh; k < w.n; k++ {
		highest = max(highest, w.get(k))
		sum += w.get(k)
	}
	now := sum / shiftNew
	until := fresh - shiftGap
	from := max(0, until-shiftOld)
	sum, low := 0, 0
	for k := from; k < until; k++ {
		sum += w.get(k)
		if w.get(k) <= highest {
			low++
		}
	}
	n := until - from
	before := sum / time.Duration(n)
	if before-now > shiftLeast && highest < now+(before-now)/4 && low <= n/10 {
		w.head = (w.head + fresh) % windowSize
		w.n = shiftNew
	}
}

// cautious is upper with an allowance for what a young window has not seen yet: the distance
// from the mean to the maximum, less and less until the window has full samples.
func (w *window) cautious(now time.Duration, over float64, full int) (v time.Duration, ok bool) {
	v, ok = w.upper(now, over)
	if !ok || w.n >= full {
		return v, ok
	}
	return v + w.spread()*time.Duration(full-w.n)/time.Duration(full), true
}

// spread is the distance from the mean to the maximum.
func (w *window) spread() time.Duration {
	if w.n == 0 {
		return 0
	}
	highest, sum := w.get(0), time.Duration(0)
	for k := range w.n {
		highest = max(highest, w.get(k))
		sum += w.get(k)
	}
	return highest - sum/time.Duration(w.n)
}

// expire drops the samples that are older than the window's span.
func (w *window) expire(now time.Duration) {
	for w.n > 0 && now-w.at[w.head] > w.span {
		w.head = (w.head + 1) % windowSize
		w.n--
	}
}

// upper returns the value that at most the share over of the samples exceeds. ok is false when
// there are no samples.
func (w *window) upper(now time.Duration, over float64) (v time.Duration, ok bool) {
	w.expire(now)
	if w.n == 0 {
		return 0, false
	}
	rank := min(int(over*float64(w.n)), windowRanks-1)
	// The rank+1 largest values, descending. A window holds few samples and the ranks are fewer:
	// inserting beats sorting, and allocates nothing.
	var top [windowRanks]time.Duration
	kept := 0
	for k := range w.n {
		x := w.get(k)
		if kept > rank && x <= top[rank] {
			continue
		}
		i := min(kept, rank)
		for ; i > 0 && top[i-1] < x; i-- {
			top[i] = top[i-1]
		}
		top[i] = x
		kept = min(kept+1, rank+1)
	}
	return top[rank], true
}

// slew is a value that follows a target: upward at once, downward by at most slewShare of the time
// that passes, so that what it shifts (the playout, the sampling) never runs faster than 5 %.
type slew struct {
	value time.Duration
	at    time.Duration
	set   bool
}

// slewJump is from where on a lower target is no change of the line but of a clock (a computer slept
// and its clock stood still): to follow it at 5 % would take more than ten seconds.
const slewJump = 500 * time.Millisecond

// slewShare is 1/20: the ±5 % by which play may run fast without being noticed.
const slewShare = 20

func (s *slew) toward(now, target time.Duration) {
	if !s.set || target >= s.value || s.value-target > slewJump {
		s.value, s.at, s.set = target, now, true
		return
	}
	s.value = max(target, s.value-(now-s.at)/slewShare)
	s.at = now
}

// clock estimates the relay's clock from pings: relay time = local time + offset. It trusts the
// round trip that was shortest, because its two halves can differ least.
type clock struct {
	samples [clockSamples]clockSample
	n       int
	offset  time.Duration
	rtt     time.Duration // the latest
}

type clockSample struct{ at, rtt, offset time.Duration }

// clockSamples is how many pings are remembered: at one per second, the last 16 seconds, in which
// clocks that differ by 200 ppm drift apart by 3 ms.
const clockSamples = 16

func (c *clock) add(now, sent, relay time.Duration) {
	s := clockSample{at: now, rtt: now - sent}
	s.offset = relay - sent - s.rtt/2
	c.samples[c.n%clockSamples] = s
	c.n++
	c.rtt = s.rtt
	best := s
	for _, o := range c.samples[:min(c.n, clockSamples)] {
		// Drift makes an old sample worth less: by 100 ppm of its age.
		if o.rtt+(now-o.at)/10_000 < best.rtt+(now-best.at)/10_000 {
			best = o
		}
	}
	c.offset = best.offset
}

// best returns the shortest round trip that is remembered.
func (c *clock) best() time.Duration {
	best := c.rtt
	for _, o := range c.samples[:min(c.n, clockSamples)] {
		best = min(best, o.rtt)
	}
	return best
}

func (c *clock) clear() { c.n = 0 }
