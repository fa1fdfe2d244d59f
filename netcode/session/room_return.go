package session

import (
	"fmt"
	"time"

	"tandem/netcode/protocol"
)

// Coming back, and the pause that waits for it.

const (
	// maxPause is the longest pause there is; a seat may cost it once per match in total.
	maxPause = 20 * time.Second
	// resumeCountdown is from "everybody is back" to the next frame: long enough for hands to find
	// the keys.
	resumeCountdown = time.Second
	// historyBurst and historyEvery pace what a returning seat has missed, so that it neither fills
	// its send queue nor crowds out the room: 240 KiB a second is an hour of two seats in two seconds.
	historyBurst = 12 << 10
	historyEvery = 50 * time.Millisecond
)

// comeBack seats the connection of a player who holds a seat's token.
func (r *Room) comeBack(now time.Duration, c ConnID, s int, m *protocol.Join) {
	seat := &r.seats[s]
	if seat.present {
		// The newer connection has the seat; the older one must not fight for it.
		r.refuse(seat.conn, protocol.Errorf(protocol.CodeTakenOver, "Your seat was taken over by a newer connection of yours."))
	}
	seat.conn, seat.present, seat.away, seat.ready, seat.heard = c, true, false, false, now
	seat.tokens, seat.filled = bucketBurst, now
	seat.slacks.List, seat.times.List = seat.slacks.List[:0], seat.times.List[:0]
	r.elect(s)
	r.event(RoomEvent{Kind: RoomSeated, Seat: s, Text: seat.name})
	if r.phase == roomLobby {
		r.roster(protocol.TypeWaitingRoom)
		return
	}
	from := m.Have
	if m.Epoch != r.epoch || from > r.next {
		from = 0
	}
	seat.behind, seat.sendFrom, seat.sendAt = true, from, now
	r.roster(protocol.TypeGameReady)
	r.send(c, protocol.TypeStart, protocol.Append(r.buf, &protocol.Start{Epoch: r.epoch, Frame: r.firstF,
		Close: r.firstC.Microseconds(), Held: uint32(r.held / tenth)}))
	if r.phase == roomPaused {
		r.send(c, protocol.TypePause, protocol.Append(r.buf, r.pauseMessage()))
	}
}

// history sends returning seats the bundles they have missed. A seat gets new bundles once it has
// all before them, so that every peer sees every bundle in order.
func (r *Room) history(now time.Duration) {
	for i := range r.seats {
		s := &r.seats[i]
		if !s.present || !s.behind || now < s.sendAt {
			continue
		}
		for sent := 0; s.sendFrom < r.next && sent < historyBurst; {
			data := r.log.run(s.sendFrom, r.next)
			r.send(s.conn, protocol.TypeHistory, protocol.Append(r.buf, &protocol.History{Epoch: r.epoch, Frame: s.sendFrom, Data: data}))
			s.sendFrom += uint32(len(data) / r.log.stride())
			sent += len(data)
		}
		s.sendAt = now + historyEvery
		if s.sendFrom >= r.next {
			s.behind = false
		}
	}
}

// pause stops the frame clock for a seat whose player is gone; false when that seat has used up its
// time.
func (r *Room) pause(now time.Duration, s int) bool {
	seat := &r.seats[s]
	// The time counts from the first break until play goes on, however often the seat comes and goes
	// meanwhile.
	if seat.goneAt == 0 {
		seat.goneAt = now
	}
	length := min(r.cfg.Pause, maxPause-seat.paused-(now-seat.goneAt))
	if length <= 0 {
		return false
	}
	if r.phase != roomPaused {
		r.phase = roomPaused
		r.pauseUntil = 0
	}
	if until := now + length; until > r.pauseUntil {
		r.pauseUntil, r.pauseFor, r.pauseLength = until, s, length
	}
	for i := range r.slot {
		r.slot[i] = inputSlot{} // inputs above the last frame are void
	}
	r.broadcast(protocol.TypePause, protocol.Append(r.buf, r.pauseMessage()))
	r.event(RoomEvent{Kind: RoomPaused, Seat: s, Frame: r.next})
	return true
}

func (r *Room) pauseMessage() *protocol.Pause {
	return &protocol.Pause{Epoch: r.epoch, Frames: r.next, Seat: uint8(r.pauseFor), Until: r.pauseUntil.Microseconds(),
		Text: clip(fmt.Sprintf("The connection of %s is gone; the match waits for %d s.", r.seats[r.pauseFor].name, int((r.pauseLength+time.Second-1)/time.Second)), protocol.MaxText)}
}

// paused looks whether everybody is back, or the time is over.
func (r *Room) paused(now time.Duration) {
	lead := time.Duration(0)
	for i := range r.seats {
		s := &r.seats[i]
		if !s.taken {
			continue
		}
		if !s.present || s.behind || !s.ready {
			if now >= r.pauseUntil {
				r.end(protocol.CodeGone, fmt.Sprintf("%s did not come back; the match ends after %s.", r.seats[r.pauseFor].name, seconds(r.next)))
			}
			return
		}
		lead = max(lead, s.lead)
	}
	r.phase = roomPlaying
	if r.finish != 0 {
		r.finish = now // who has finished waits for who was gone
	}
	r.firstF, r.held = r.next, 0
	r.firstC = (now + lead + resumeCountdown).Truncate(time.Microsecond)
	for i := range r.seats {
		s := &r.seats[i]
		s.lastFrame, s.repeats, s.late, s.told = 0, 0, false, r.next
		if s.goneAt != 0 {
			s.paused += now - s.goneAt + resumeCountdown
			s.goneAt = 0
		}
		s.slacks.List, s.times.List = s.slacks.List[:0], s.times.List[:0]
	}
	r.broadcast(protocol.TypeResume, protocol.Append(r.buf, &protocol.Resume{Epoch: r.epoch, Frame: r.next, Close: r.firstC.Microseconds()}))
	r.event(RoomEvent{Kind: RoomResumed, Frame: r.next})
}
