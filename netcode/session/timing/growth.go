package timing

import "time"

// Growth sees a queue build up on the line: each message takes longer than the one before it. What has
// arrived tells of the time when it was sent, a whole such delay ago; who waits for it is late until the
// queue has stopped growing. So Growth tells what messages will take that are sent until the next are known.
//
// A stall looks otherwise: what it held up arrives together, the first with the longest delay. Jitter seldom
// grows so often in a row, and nothing is foretold while messages are in time.
type Growth struct {
	first, last sent
	n           int           // messages of the streak
	known       time.Duration // when the last was
	late        bool          // the last
}

// sent is a message: when it was sent, and how long it took.
type sent struct{ at, delay time.Duration }

const (
	// growthShare is 1/64: of the time between two messages the later must take so much longer.
	growthShare = 64
	// growthLeast and growthTotal are how many messages in a row must grow, and by how much together.
	growthLeast = 4
	growthTotal = 12 * time.Millisecond
	// growthNext is until when after the last word of messages the next is there, while they come late.
	growthNext = 100 * time.Millisecond
	// growthFor is for how long after the last word a growth is believed in.
	growthFor = time.Second
)

// Add takes a message that is known of now, in the order of sending, and whether it came late. at is when it was
// sent, on the same clock; the delays may be on mixed clocks.
func (g *Growth) Add(now, at, delay time.Duration, late bool) {
	m := sent{at, delay}
	g.late = late
	switch {
	case g.n > 0 && at <= g.last.at: // left together with the one before
		return
	case g.n > 0 && delay-g.last.delay > (at-g.last.at)/growthShare:
		g.n++
	default:
		g.first, g.n = m, 1
	}
	g.last, g.known = m, now
}

// Ahead returns what messages will take until the next are known. ok is false where no queue builds up, or
// where enough is allowed for it.
func (g *Growth) Ahead(now time.Duration) (delay time.Duration, ok bool) {
	total := g.last.delay - g.first.delay
	if !g.late || g.n < growthLeast || total < growthTotal || now-g.known > growthFor {
		return 0, false
	}
	rate := min(1, float64(total)/float64(g.last.at-g.first.at))
	return g.last.delay + time.Duration(rate*float64(g.known+growthNext-g.last.at)), true
}

// Clear forgets all messages.
func (g *Growth) Clear() { g.n = 0 }
