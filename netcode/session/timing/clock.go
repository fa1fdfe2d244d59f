package timing

import "time"

// Clock estimates the relay's clock from pings: relay time = local time + offset. It trusts the
// round trip that was shortest, because its two halves can differ least.
type Clock struct {
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
	// DriftShare is 1/5000, or 200 ppm: by how much of a time two computers' clocks drift apart in it at
	// worst.
	DriftShare = 5000
	// wireUnit is how exactly times travel.
	wireUnit = 100 * time.Microsecond
)

// Add takes the answer to a ping: when it was sent and came back by this clock, and the relay's time in it.
func (c *Clock) Add(now, sent, relay time.Duration) {
	s := clockSample{at: now, rtt: now - sent}
	s.offset = relay - sent - s.rtt/2
	if c.n > 0 && (s.offset-c.offset).Abs() > s.rtt/2+c.Bound(now) {
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

// Offset is what has to be added to the local time to have the relay's.
func (c *Clock) Offset() time.Duration { return c.offset }

// RTT returns the latest round trip.
func (c *Clock) RTT() time.Duration { return c.rtt }

// Known reports whether the offset is of the clocks as they run now.
func (c *Clock) Known() bool { return c.n > 0 }

// Bound is by how much the offset may be off, either way: a ping took one way between nothing and all of its
// round trip, which of it nobody can tell, and clocks drift.
func (c *Clock) Bound(now time.Duration) time.Duration {
	return c.of.rtt/2 + (now-c.of.at)/DriftShare + wireUnit
}

// Best returns the shortest round trip that is remembered.
func (c *Clock) Best() time.Duration {
	best := c.rtt
	for _, o := range c.samples[:min(c.n, clockSamples)] {
		best = min(best, o.rtt)
	}
	return best
}

// Clear forgets all pings.
func (c *Clock) Clear() { c.n = 0 }
