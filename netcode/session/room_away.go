package session

import "time"

// Players who look elsewhere: their page is hidden, or their window minimised. In a match nobody waits
// for them; a match that has not begun does, for as long as the room's options say.

// awayEvery bounds how often changes of who is away are told, so that somebody who flickers crowds
// nobody's line. A quarter of a second is less than it takes to read a name.
const awayEvery = 250 * time.Millisecond

// holdStart notes that a match that could begin waits for those who are away, or does not any more.
func (r *Room) holdStart(now time.Duration, couldBegin bool) {
	held := couldBegin && r.seats.anybodyAway()
	switch {
	case held && r.startHeld == 0:
		r.startHeld = now + r.cfg.AwayWait
	case !held && r.startHeld != 0:
		r.startHeld = 0
	default:
		return
	}
	r.awayNews.Changed()
}

// unhold forgets that a start was held: there is a match, or word of one, and its roster tells who is away.
func (r *Room) unhold() {
	r.startHeld = 0
	r.awayNews.Forget()
}

// holdLeft is for how many milliseconds the start is still held.
func (r *Room) holdLeft() uint32 {
	return uint32(max(0, r.startHeld-r.out.now).Milliseconds())
}

// tellAway tells everybody who is away and how long the start waits, when that has changed.
func (r *Room) tellAway(now time.Duration) {
	if r.awayNews.Take(now, awayEvery) && r.phase != roomOver {
		r.crowd()
	}
}
