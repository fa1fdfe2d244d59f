package timing

import (
	"slices"
	"time"
)

// Window keeps the delays of the last few seconds and tells their upper quantiles. It is a ring:
// when it is full, the oldest sample goes, whatever its age.
//
// What arrives together had to wait for one and the same reason: the line delivered nothing for a
// while. Such a run would fill the upper ranks with one outage. The only outage of a window counts as
// a single sample, so that one which does not come again lengthens nothing. It may be several runs: the
// answer to a ping comes at once, and the relay's word of the inputs that waited with it behind that of
// others.
type Window struct {
	Span    time.Duration // how old a sample gets
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

// Add takes the delay of a message that arrived, on whatever clock, at arrived.
func (w *Window) Add(now, delay, arrived time.Duration) {
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
func (w *Window) drop() {
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
func (w *Window) get(k int) time.Duration { return w.ring[(w.head+k)%windowSize].delay }

// Len returns how many samples there are.
func (w *Window) Len() int { return w.n }

// Clear forgets all samples.
func (w *Window) Clear() { w.head, w.n, w.since, w.stale = 0, 0, 0, true }

// shift forgets all but the newest samples when the line has become better.
func (w *Window) shift() {
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
func (w *Window) expire(now time.Duration) {
	for w.n > 0 && now-w.ring[w.head].at > w.Span {
		w.drop()
	}
}

// order brings sorted up to date.
func (w *Window) order(now time.Duration) {
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
	half := lowest + (longest-lowest)/2
	s := w.spellOf(worst, half, longest-lowest)
	w.outage = s.size >= outageLeast && !w.another(s, half)
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
func (w *Window) runOf(k int) (from, size int) {
	run := func(k int) uint32 { return w.ring[(w.head+k)%windowSize].run }
	for from = k; from > 0 && run(from-1) == run(k); from-- {
	}
	for size = 1; from+size < w.n && run(from+size) == run(k); size++ {
	}
	return from, size
}

// arrivedAt returns when the k-th sample arrived.
func (w *Window) arrivedAt(k int) time.Duration { return w.ring[(w.head+k)%windowSize].arrived }

// spell is what arrived together, in one run or several: from when to when, and the size of the longest.
type spell struct {
	from, to time.Duration
	size     int
}

// has reports whether what arrived at a time is part of the spell.
func (s *spell) has(arrived time.Duration) bool {
	return arrived >= s.from-together && arrived <= s.to+together
}

// spellOf returns the spell of the k-th sample. What was under way before the line fell silent may arrive alone,
// a frame before the rest: what took longer than slow belongs to the spell, too, as long as all of it arrives
// within most, which nothing that one silence held up exceeds.
func (w *Window) spellOf(k int, slow, most time.Duration) spell {
	first, size := w.runOf(k)
	s := spell{from: w.arrivedAt(k), to: w.arrivedAt(k)}
	for k := first; k < first+size; k++ {
		s.from, s.to = min(s.from, w.arrivedAt(k)), max(s.to, w.arrivedAt(k))
	}
	for grown := true; grown; {
		grown = false
		for k := range w.n {
			at := w.arrivedAt(k)
			from, to := min(s.from, at), max(s.to, at)
			late := w.get(k) > slow && to-from <= min(most, s.to-s.from+FrameInterval+together)
			if (at < s.from || at > s.to) && (s.has(at) || late) {
				s.from, s.to, grown = from, to, true
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
func (w *Window) another(s spell, least time.Duration) bool {
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

// Upper returns the delay that at most the share over of the samples exceeds, one outage apart. ok is
// false when there are no samples.
func (w *Window) Upper(now time.Duration, over float64) (v time.Duration, ok bool) {
	w.order(now)
	if w.n == 0 {
		return 0, false
	}
	return w.sorted[w.top(over)], true
}

// top is where in sorted the quantile lies.
func (w *Window) top(over float64) int {
	rank := int(over * float64(w.n))
	if rank == 0 && w.outage && w.n >= outageFrom {
		rank = 1
	}
	return max(w.kept-1-rank, 0)
}

// Base returns what the line takes at its best now: the shortest delay of the last few runs.
func (w *Window) Base() time.Duration {
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

// Cautious is upper with an allowance for what a young window has not seen yet: the distance
// from the mean to the maximum, less and less until the window has full samples.
func (w *Window) Cautious(now time.Duration, over float64, full int) (v time.Duration, ok bool) {
	v, ok = w.Upper(now, over)
	if !ok || w.n >= full {
		return v, ok
	}
	return v + w.Spread(now)*time.Duration(full-w.n)/time.Duration(full), true
}

// Least is the smallest sample, 0 without any.
func (w *Window) Least() time.Duration {
	if w.n == 0 {
		return 0
	}
	return w.all[0]
}

// Spread is the distance from the mean to the maximum, one outage apart.
func (w *Window) Spread(now time.Duration) time.Duration {
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

// Worth returns the delay between lo and hi to allow for where each frame of delay has to save at least
// the share least of the samples from being late: where the sum of both costs is lowest.
func (w *Window) Worth(now, lo, hi time.Duration, least float64) time.Duration {
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
