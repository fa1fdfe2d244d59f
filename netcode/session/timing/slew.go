package timing

import "time"

// Slew is a value that follows a target: upward at once, downward by at most slewShare of the time
// that passes, so that what it shifts (the playout, the sampling) never runs faster than 5 %; faster
// where it is far above, which an outage or another route has left behind.
type Slew struct {
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

// Value returns where it is.
func (s *Slew) Value() time.Duration { return s.value }

// Clear lets the next target be followed at once.
func (s *Slew) Clear() { s.set = false }

// Toward moves the value to a target.
func (s *Slew) Toward(now, target time.Duration) {
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
