package session

import (
	"slices"
	"time"
)

// window keeps the delays of the last few seconds and tells their upper quantiles. It is a ring:
// when it is full, the oldest sample goes, whatever its age.
//
// What arrives together had to wait for one and the same reason: the line delivered nothing for a
// while. Such a run would fill the upper ranks with one outage. The only outage of a window counts as
// a single sample, so that one which does not come again lengthens nothing. It may be several runs: the
// answer to a ping comes at once, and the relay's word of the inputs that waited with it behind that of
// others.
type window struct {
	span    time.Duration
	ring    [windowSize]delayed
	head    int // of the oldest
	n       int
	since   int // samples since the last look for a shift
	arrived time.Duration
	run     uint32

	all    [windowSize]time.Duration // every sample's delay, ascending: kept in order, for sorting costs a hundred times more
	sorted [windowSize]time.Duration // all; of a single outage only the longest
	kept   int                       // of sorted
	outage bool                      // there was just one
	stale  bool                      // sorted is of other samples
}

// delayed is one sample: when it was learnt, the delay, and when and with which others it arrived.
type delayed struct {
	at, delay time.Duration
	arrived   time.Duration
	run       uint32
}

// windowSize bounds a window: at 30 samples per second, and a few more from pings, 512 hold 16 s.
const windowSize = 512

const (
	// together is how close to each other two messages arrive that waited for the same reason. Inputs
	// leave a frame apart, which no line that delivers makes half as long twice in a row.
	together = FrameInterval / 2
	// outageLeast is how many messages a line must hold up at once for that to be an outage, and no
	// jitter: three are a silence of 100 ms.
	outageLeast = 3
	// baseRuns is how many runs tell what a line takes at its best: few, so that another route is known
	// before many inputs are late.
	baseRuns = 5
	// outageFrom is from how many samples on one outage is taken for an exception, though there are
	// too few to leave one out by rank: two seconds of play.
	outageFrom = 60
)

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

// add takes the delay of a message that arrived, on whatever clock, at arrived.
func (w *window) add(now, delay, arrived time.Duration) {
	if d := arrived - w.arrived; w.n == 0 || d > together || d < -together {
		w.run++
	}
	w.arrived = arrived
	if w.n == windowSize {
		w.drop()
	}
	w.ring[(w.head+w.n)%windowSize] = delayed{now, delay, arrived, w.run}
	k, _ := slices.BinarySearch(w.all[:w.n], delay)
	copy(w.all[k+1:w.n+1], w.all[k:w.n])
	w.all[k] = delay
	w.n++
	w.shift()
	w.stale = true
}

// drop forgets the oldest sample.
func (w *window) drop() {
	cutOut(w.all[:w.n], w.get(0))
	w.head = (w.head + 1) % windowSize
	w.n--
	w.stale = true
}

// cutOut takes one v out of a sorted list: what comes behind it moves up.
func cutOut(sorted []time.Duration, v time.Duration) {
	k, _ := slices.BinarySearch(sorted, v)
	copy(sorted[k:], sorted[k+1:])
}

// get returns the k-th sample's delay, the oldest being 0.
func (w *window) get(k int) time.Duration { return w.ring[(w.head+k)%windowSize].delay }

func (w *window) clear() { w.head, w.n, w.since, w.stale = 0, 0, 0, true }

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
		for w.n > shiftNew {
			w.drop()
		}
	}
}

// expire drops the samples that are older than the window's span.
func (w *window) expire(now time.Duration) {
	for w.n > 0 && now-w.ring[w.head].at > w.span {
		w.drop()
	}
}

// order brings sorted up to date.
func (w *window) order(now time.Duration) {
	w.expire(now)
	if !w.stale || w.n == 0 {
		return
	}
	w.stale = false
	lowest, longest := w.all[0], w.all[w.n-1]
	worst := w.n - 1
	for w.get(worst) < longest {
		worst--
	}
	s := w.spellOf(worst)
	w.outage = s.size >= outageLeast && !w.another(s, lowest+(longest-lowest)/2)
	w.kept = copy(w.sorted[:], w.all[:w.n])
	if !w.outage {
		return
	}
	for k := range w.n {
		if k != worst && s.has(w.arrivedAt(k)) {
			cutOut(w.sorted[:w.kept], w.get(k))
			w.kept--
		}
	}
}

// runOf returns where the run of the k-th sample begins, and its size.
func (w *window) runOf(k int) (from, size int) {
	run := func(k int) uint32 { return w.ring[(w.head+k)%windowSize].run }
	for from = k; from > 0 && run(from-1) == run(k); from-- {
	}
	for size = 1; from+size < w.n && run(from+size) == run(k); size++ {
	}
	return from, size
}

// arrivedAt returns when the k-th sample arrived.
func (w *window) arrivedAt(k int) time.Duration { return w.ring[(w.head+k)%windowSize].arrived }

// spell is what arrived together, in one run or several: from when to when, and the size of the longest.
type spell struct {
	from, to time.Duration
	size     int
}

// has reports whether what arrived at a time is part of the spell.
func (s *spell) has(arrived time.Duration) bool {
	return arrived >= s.from-together && arrived <= s.to+together
}

// spellOf returns the spell of the k-th sample.
func (w *window) spellOf(k int) spell {
	first, size := w.runOf(k)
	s := spell{from: w.arrivedAt(k), to: w.arrivedAt(k)}
	for k := first; k < first+size; k++ {
		s.from, s.to = min(s.from, w.arrivedAt(k)), max(s.to, w.arrivedAt(k))
	}
	for grown := true; grown; {
		grown = false
		for k := range w.n {
			if at := w.arrivedAt(k); s.has(at) && (at < s.from || at > s.to) {
				s.from, s.to, grown = min(s.from, at), max(s.to, at), true
			}
		}
	}
	for k := 0; k < w.n; {
		_, size := w.runOf(k)
		if s.has(w.arrivedAt(k)) {
			s.size = max(s.size, size)
		}
		k += size
	}
	return s
}

// another reports whether a run besides those of the spell was an outage that delayed something by more
// than least.
func (w *window) another(s spell, least time.Duration) bool {
	for k := 0; k < w.n; {
		_, size := w.runOf(k)
		if size >= outageLeast && !s.has(w.arrivedAt(k)) {
			for i := range size {
				if w.get(k+i) > least {
					return true
				}
			}
		}
		k += size
	}
	return false
}

// upper returns the delay that at most the share over of the samples exceeds, one outage apart. ok is
// false when there are no samples.
func (w *window) upper(now time.Duration, over float64) (v time.Duration, ok bool) {
	w.order(now)
	if w.n == 0 {
		return 0, false
	}
	return w.sorted[w.top(over)], true
}

// top is where in sorted the quantile lies.
func (w *window) top(over float64) int {
	rank := int(over * float64(w.n))
	if rank == 0 && w.outage && w.n >= outageFrom {
		rank = 1
	}
	return max(w.kept-1-rank, 0)
}

// base returns what the line takes at its best now: the shortest delay of the last few runs.
func (w *window) base() time.Duration {
	if w.n == 0 {
		return 0
	}
	best, runs, run := w.get(w.n-1), 0, uint32(0)
	for k := w.n - 1; k >= 0; k-- {
		s := &w.ring[(w.head+k)%windowSize]
		if s.run != run || runs == 0 {
			if runs++; runs > baseRuns {
				break
			}
			run = s.run
		}
		best = min(best, s.delay)
	}
	return best
}

// cautious is upper with an allowance for what a young window has not seen yet: the distance
// from the mean to the maximum, less and less until the window has full samples.
func (w *window) cautious(now time.Duration, over float64, full int) (v time.Duration, ok bool) {
	v, ok = w.upper(now, over)
	if !ok || w.n >= full {
		return v, ok
	}
	return v + w.spread(now)*time.Duration(full-w.n)/time.Duration(full), true
}

// least is the smallest sample, 0 without any.
func (w *window) least() time.Duration {
	if w.n == 0 {
		return 0
	}
	return w.all[0]
}

// spread is the distance from the mean to the maximum, one outage apart.
func (w *window) spread(now time.Duration) time.Duration {
	w.order(now)
	if w.n == 0 {
		return 0
	}
	sum := time.Duration(0)
	for _, v := range w.sorted[:w.kept] {
		sum += v
	}
	return max(0, w.sorted[w.top(0)]-sum/time.Duration(w.kept))
}

// worth returns the delay between lo and hi to allow for where each frame of delay has to save at least
// the share least of the samples from being late: where the sum of both costs is lowest.
func (w *window) worth(now, lo, hi time.Duration, least float64) time.Duration {
	w.order(now)
	if w.n == 0 || least <= 0 {
		return hi
	}
	cost := func(d time.Duration, later int) float64 {
		return float64(d)/float64(FrameInterval) + float64(later)/(least*float64(w.n))
	}
	best, later := lo, 0
	for later < w.kept && w.sorted[w.kept-1-later] > lo {
		later++
	}
	lowest := cost(lo, later)
	for ; later > 0; later-- {
		d := w.sorted[w.kept-later]
		if d > hi {
			break
		}
		if c := cost(d, later-1); c < lowest {
			best, lowest = d, c
		}
	}
	return best
}

// slew is a value that follows a target: upward at once, downward by at most slewShare of the time
// that passes, so that what it shifts (the playout, the sampling) never runs faster than 5 %; faster
// where it is far above, which an outage or another route has left behind.
type slew struct {
	value time.Duration
	at    time.Duration
	set   bool
}

const (
	// slewJump is from where on a lower target is no change of the line but of a clock (a computer slept
	// and its clock stood still): to follow it at 5 % would take more than ten seconds.
	slewJump = 500 * time.Millisecond
	// slewShare is 1/20: the ±5 % by which play may run fast without being noticed.
	slewShare = 20
	// slewFar is a distance that every key press feels; so far away it goes faster, at slewFarShare.
	slewFar      = 50 * time.Millisecond
	slewFarShare = 5
)

func (s *slew) toward(now, target time.Duration) {
	gap := s.value - target
	if !s.set || gap <= 0 || gap > slewJump {
		s.value, s.at, s.set = target, now, true
		return
	}
	share := time.Duration(slewShare)
	if gap > slewFar {
		share = slewFarShare
	}
	s.value = max(target, s.value-(now-s.at)/share)
	s.at = now
}

// clock estimates the relay's clock from pings: relay time = local time + offset. It trusts the
// round trip that was shortest, because its two halves can differ least.
type clock struct {
	samples [clockSamples]clockSample
	n       int
	offset  time.Duration
	of      clockSample   // what offset is of
	rtt     time.Duration // the latest
}

type clockSample struct{ at, rtt, offset time.Duration }

const (
	// clockSamples is how many pings are remembered: at one per second, the last 16 seconds, in which
	// clocks that differ by 200 ppm drift apart by 3 ms.
	clockSamples = 16
	// driftShare is 1/5000, or 200 ppm: by how much of a time two computers' clocks drift apart in it at
	// worst.
	driftShare = 5000
)

func (c *clock) add(now, sent, relay time.Duration) {
	s := clockSample{at: now, rtt: now - sent}
	s.offset = relay - sent - s.rtt/2
	if c.n > 0 && (s.offset-c.offset).Abs() > s.rtt/2+c.bound(now) {
		c.n = 0 // no two ways explain that: one of the clocks was set, or stood still
	}
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
	c.offset, c.of = best.offset, best
}

// known reports whether the offset is of the clocks as they run now.
func (c *clock) known() bool { return c.n > 0 }

// bound is by how much the offset may be off, either way: a ping took one way between nothing and all of its
// round trip, which of it nobody can tell, and clocks drift.
func (c *clock) bound(now time.Duration) time.Duration {
	return c.of.rtt/2 + (now-c.of.at)/driftShare + tenth
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
