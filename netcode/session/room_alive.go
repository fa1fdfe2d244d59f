package session

import (
	"time"

	"tandem/netcode/protocol"
)

// Who is there: what keeps the room's connections alive, and when they are given up.

// keepAlive is after how long of saying nothing to a connection the room says that it is there. A
// page that is hidden runs its timers once a minute, but at once what the network brings: it answers
// with the ping that is due. A tenth more than the pings are apart, so that it takes nothing where
// timers run; and by less than StandStill, so that the page does not think that it stood still.
const keepAlive = pingInterval + pingInterval/10

// keepAlive says something to whom nothing was said for a while. In play bundles do that.
func (r *Room) keepAlive(now time.Duration) {
	if r.phase == roomOver {
		return
	}
	for i := range r.seats {
		r.nudge(now, &r.seats[i].link)
	}
	for _, w := range r.watchers {
		r.nudge(now, &w.link)
	}
}

// nudge sends a frame_sync of no match, which measures nothing: any message makes a peer look whether
// a ping is due. Who does not take what is sent has enough to take.
func (r *Room) nudge(now time.Duration, l *link) {
	if l.present && l.stuckAt == 0 && now-l.spoken >= keepAlive {
		r.send(l.conn, protocol.TypeFrameSync, protocol.AppendFrameSync(r.buf, &protocol.FrameSync{}))
	}
}

// stoodStill forgives everybody a silence in which this process did not listen: a relay that was
// stopped, or whose page or computer slept, has not heard anybody, and all may be there.
func (r *Room) stoodStill(now time.Duration) {
	if late := now - r.out.Wake; r.updated && late > StandStill {
		for i := range r.seats {
			r.seats[i].heard = max(r.seats[i].heard, now-seatTimeout/2)
		}
		for _, w := range r.watchers {
			w.heard = max(w.heard, now-seatTimeout/2)
		}
	}
	r.updated = true
}

// silence gives up seats that were not heard for too long.
func (r *Room) silence(now time.Duration) {
	for i := range r.seats {
		s := &r.seats[i]
		if s.present && now-s.heard > seatTimeout {
			r.refuse(s.conn, protocol.Errorf(protocol.CodeSilent, "Nothing was heard from you for %d s; the relay took the seat back.", int(seatTimeout.Seconds())))
			r.unseat(now, i, protocol.CodeSilent, false)
		}
	}
	for i := len(r.watchers) - 1; i >= 0; i-- {
		if w := r.watchers[i]; now-w.heard > seatTimeout {
			r.refuse(w.conn, protocol.Errorf(protocol.CodeSilent, "Nothing was heard from you for %d s.", int(seatTimeout.Seconds())))
			r.unwatch(w.conn)
		}
	}
}
