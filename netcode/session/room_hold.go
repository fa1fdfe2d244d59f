package session

import (
	"time"

	"tandem/netcode/protocol"
	"tandem/netcode/session/options"
)

// With late_policy=wait the relay holds a frame for a late input. One bad link must not slow the
// others down for long: a seat may cost holdLimit in any holdSeconds, and is substituted beyond that.
// With late_policy=hold it holds every frame until it has the input of all who are there, for matches
// that must not depend on how fast anything is.
const (
	holdSeconds = 10
	holdLimit   = time.Second
)

// holdCost is what a seat has cost the others lately, per second of the relay's clock.
type holdCost struct {
	second [holdSeconds + 1]int64
	cost   [holdSeconds + 1]time.Duration
}

func (h *holdCost) add(now, length time.Duration) {
	sec := int64(now / time.Second)
	i := sec % int64(len(h.second))
	if h.second[i] != sec {
		h.second[i], h.cost[i] = sec, 0
	}
	h.cost[i] += length
}

// budget is how much the seat may still cost now.
func (h *holdCost) budget(now time.Duration) time.Duration {
	sec := int64(now / time.Second)
	left := holdLimit
	for i := range h.second {
		if sec-h.second[i] <= holdSeconds {
			left -= h.cost[i]
		}
	}
	return max(0, left)
}

// holdUntil returns until when the open frame is held for the seats whose input is missing; its
// close where nothing is held.
func (r *Room) holdUntil(now time.Duration) time.Duration {
	closes := r.clock.Closes(r.next)
	if r.cfg.Late == options.LateSubstitute {
		return closes
	}
	until := closes
	missing := r.missing(now, &r.slot[r.next%slots])
	if r.cfg.Late == options.LateHold && missing != 0 {
		return max(closes, now+quiet) // its input, or word that the seat is gone, comes before that or later
	}
	for i := range r.seats {
		if missing&(1<<i) != 0 {
			until = max(until, closes+min(r.cfg.Grace, r.seats[i].holds.budget(now)))
		}
	}
	return until
}

// hold moves this frame's close, and all after it, to now, says so in the bundle and charges the
// seats that were waited for. It returns the new close.
func (r *Room) hold(now, closes time.Duration, slot *inputSlot, m *protocol.Bundle) time.Duration {
	// Whole tenths of a millisecond, because that is what travels: all must compute the same closes.
	// A relay that was itself late does not put that down to a seat: what the seats may cost bounds it.
	waited := slot.late | r.missing(now, slot)
	allowed := time.Duration(0)
	for i := range r.seats {
		if waited&(1<<i) != 0 {
			allowed = max(allowed, min(r.cfg.Grace, r.seats[i].holds.budget(now)))
			if r.cfg.Late == options.LateHold {
				allowed = now - closes
			}
		}
	}
	length := min(now-closes, allowed).Truncate(tenth)
	if length <= 0 {
		return closes
	}
	r.clock.Held += length
	m.Flags |= protocol.FlagHold
	m.Hold = uint32(length / tenth)
	for i := range r.seats {
		if waited&(1<<i) != 0 {
			r.seats[i].holds.add(now, length)
		}
	}
	return closes + length
}
