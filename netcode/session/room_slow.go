package session

import (
	"time"

	"tandem/netcode/protocol"
)

// slowTimeout is for how long a seat may leave waiting what is sent to it: a link that is down for
// longer is found by its silence, and who only talks and never listens plays no match.
const slowTimeout = 30 * time.Second

// slow marks a connection that does not take what it is sent; s is its seat, or -1. It gets no more
// bundles, and is not waited for; what it has missed follows from the log.
func (r *Room) slow(now time.Duration, l *link, s int) {
	if l.stuckAt != 0 || (r.phase != roomPlaying && r.phase != roomPaused) {
		return
	}
	l.stuckAt = now
	if !l.behind {
		l.behind, l.sendFrom = true, r.next
	}
	r.event(RoomEvent{Kind: RoomSlow, Seat: s, Frame: r.next})
}

// takes lets the history flow again.
func (r *Room) takes(now time.Duration, l *link) {
	if l.stuckAt == 0 {
		return
	}
	l.stuckAt, l.sendAt = 0, now
}

// dropSlow gives up connections that were stuck for too long.
func (r *Room) dropSlow(now time.Duration) {
	for i := range r.seats {
		r.maybeDrop(now, &r.seats[i].link, i)
	}
	for i := len(r.watchers) - 1; i >= 0; i-- {
		r.maybeDrop(now, &r.watchers[i].link, -1)
	}
}

func (r *Room) maybeDrop(now time.Duration, l *link, s int) {
	if l.present && l.stuckAt != 0 && now-l.stuckAt > slowTimeout {
		r.expel(now, l, s, protocol.Errorf(protocol.CodeSlow, "Your connection did not take what was sent to it for %d s.", int(slowTimeout.Seconds())))
	}
}
