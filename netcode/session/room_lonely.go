package session

import (
	"time"

	"tandem/netcode/protocol"
)

// A room in which one person waits for others takes a place that others may need: it ends after
// lonelyFor, and says so when lonelyWarning is left. Half an hour is for a friend who has to finish
// something first.
const (
	lonelyFor     = 30 * time.Minute
	lonelyWarning = 5 * time.Minute
)

// lonely ends a lobby to which nobody has come.
func (r *Room) lonely(now time.Duration) {
	if r.phase != roomLobby || r.seats.taken() != 1 || len(r.seats) < 2 {
		r.alone, r.aloneTold = 0, false
		return
	}
	if r.alone == 0 {
		r.alone = now
	}
	switch waited := now - r.alone; {
	case waited >= lonelyFor:
		r.end(protocol.CodeRoomOver, "Nobody else came within 30 minutes, so the room has ended; host a new one when your friend is there.")
	case waited >= lonelyFor-lonelyWarning && !r.aloneTold:
		r.aloneTold = true
		r.broadcast(protocol.TypeHUDSync, protocol.Append(r.buf, &protocol.HUDSync{
			Text: "Nobody has joined for 25 minutes. If nobody does, the room ends in 5 minutes."}))
	}
}
