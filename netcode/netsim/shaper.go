package netsim

import (
	"fmt"
	"slices"
	"sync"
	"time"

	"tandem/netcode/transport"
)

// Shaper is a seat's line over real connections, one after the other: a cut that begins on one
// connection refuses the next ones until it is over. Its methods may be called from any goroutine.
type Shaper struct {
	sc      Schedule
	seed    uint64
	perfect bool // at all times

	mu    sync.Mutex
	start time.Time // of the first connection
	count uint64    // connections so far
}

// NewShaper returns a Shaper for a schedule (one Step for conditions that do not change). Its time
// starts with the first connection.
func NewShaper(sc Schedule, seed uint64) (*Shaper, error) {
	if err := sc.Validate(); err != nil {
		return nil, err
	}
	perfect := !slices.ContainsFunc(sc, func(st Step) bool { return !st.Spec.Perfect() })
	return &Shaper{sc: sc, seed: seed, perfect: perfect}, nil
}

// Wrap shapes both directions of conn, which belongs to the result from then on. While the line is
// cut it ends conn and answers ErrLinkDown. On an error conn is closed. A perfect line costs nothing: conn
// itself is the answer.
func (s *Shaper) Wrap(conn transport.Conn) (transport.Conn, error) {
	if s.perfect {
		return conn, nil
	}
	s.mu.Lock()
	if s.start.IsZero() {
		s.start = time.Now()
	}
	start, n := s.start, s.count
	s.count++
	s.mu.Unlock()

	cuts := s.sc.outages()
	now := time.Since(start)
	if down(cuts, now) {
		abort(conn)
		return nil, fmt.Errorf("%w: %s is not reachable", ErrLinkDown, conn.Remote())
	}
	by := OverTCP
	switch transport.Carrier(conn) {
	case transport.CarrierQUIC, transport.CarrierWebTransport:
		by = OverDatagrams
	}
	// Every connection draws its own numbers; up and down differ in the last bit.
	seed := s.seed + 2*n
	return newShaped(conn, start, nextCut(cuts, now),
		newLink(s.sc, Upwards, by, seed), newLink(s.sc, Downwards, by, seed+1)), nil
}

func down(cuts []outage, now time.Duration) bool {
	for _, c := range cuts {
		if now >= c.from && now < c.to {
			return true
		}
	}
	return false
}

// nextCut is when the line is cut next after now; false when never.
func nextCut(cuts []outage, now time.Duration) (at time.Duration) {
	at = never
	for _, c := range cuts {
		if c.from > now {
			at = min(at, c.from)
		}
	}
	return at
}

// abort ends a connection as a broken line does, where it can.
func abort(conn transport.Conn) {
	if a, ok := conn.(transport.Aborter); ok {
		a.Abort()
		return
	}
	// Some other implementation: a goodbye is the next best. It reports nothing that matters
	// here, and may block.
	go func() { _ = conn.Close(transport.CodeGoingAway, "the line was cut") }()
}
