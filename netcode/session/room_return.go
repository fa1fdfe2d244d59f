package session

import (
	"fmt"
	"time"

	"tandem/netcode/protocol"
	"tandem/netcode/session/options"
	"tandem/netcode/session/recovery"
	"tandem/netcode/session/timing"
)

// Coming back, coming late, and the pause that waits for somebody.

const (
	// resumeCountdown is from "everybody is back" to the next frame: long enough for hands to find
	// the keys.
	resumeCountdown = time.Second
	// historyBurst and historyEvery pace what a returning seat has missed, so that it neither fills
	// its send queue nor crowds out the room: 240 KiB a second is an hour of two seats in two seconds.
	historyBurst = 12 << 10
	historyEvery = 50 * time.Millisecond
	// worthSnapshot is how many bytes of history a snapshot must save: one burst. Below it the log is
	// as fast, and leaves the peer with the whole match.
	worthSnapshot = historyBurst
)

// comeBack seats the connection of a player who holds a seat's token.
func (r *Room) comeBack(now time.Duration, c ConnID, s int, m *protocol.Join) {
	seat := &r.seats[s]
	if seat.present {
		// The newer connection has the seat; the older one must not fight for it.
		e := takenOver()
		if seat.bot {
			e = protocol.Errorf(protocol.CodeTakenOver, "The player is back; the bot may go.")
		}
		r.refuse(seat.conn, e)
		r.abandon(now, s) // what was under way on the older connection
	}
	r.void(s)
	seat.admit(now, c, m)
	seat.bot, seat.ready, seat.away, seat.unloads, seat.forgotten = false, false, false, false, false
	// A new process counts its snapshots from the beginning, and a bot that was here counted its own.
	r.states.Renew(s)
	seat.slacks.List, seat.times.List = seat.slacks.List[:0], seat.times.List[:0]
	if !r.idle() && !r.seats[r.host].present {
		r.makeHost(s)
	}
	r.elect(s)
	r.event(RoomEvent{Kind: RoomSeated, Seat: s, Text: seat.name})
	if r.phase == roomLobby {
		r.roster(protocol.TypeWaitingRoom)
		return
	}
	if r.phase == roomAfter {
		r.roster(protocol.TypeWaitingRoom)
	} else {
		r.roster(protocol.TypeGameReady)
	}
	r.feed(now, &seat.link, s, recovery.PastOf(m))
}

// feed brings a connection to where the match is: from the bundles it has, from a snapshot where
// that is shorter, or from the seed. seat is -1 for a spectator.
func (r *Room) feed(now time.Duration, l *link, seat int, p recovery.Past) {
	from := p.Have
	if t := (recovery.Timeline{Epoch: r.epoch, Seed: r.matchSeed, Fork: r.fork}); !t.Shares(&p, &r.log) {
		from = 0
	}
	if seat >= 0 && from < p.Have {
		r.event(RoomEvent{Kind: RoomRewound, Seat: seat, Frame: p.Have})
	}
	l.behind, l.sendAt, l.state = true, now, nil
	var k *sharedState
	if r.phase != roomAfter || from < r.log.Base() { // nobody waits for a state any more once the end is known
		k = r.keptFor(now, l, from)
	}
	if k != nil {
		l.await(now, k)
		l.sendFrom = k.Frame + 1
		r.tellStart(now, l, l.sendFrom, true, from)
		return
	}
	if from < r.log.Base() {
		r.refuse(l.conn, protocol.Errorf(protocol.CodeBusy, "The match cannot be caught up with just now: the relay was restarted and nobody can tell its beginning. Try again in a few seconds."))
		r.leave(now, l, seat, protocol.CodeBusy, false)
		return
	}
	l.sendFrom = from
	r.tellStart(now, l, from, false, from)
}

// tellStart tells a connection where its bundles begin, how many of its own are of this match and, in a
// pause, that there is one. After the match it tells the end as well, so that nobody who catches up with it
// takes a gap between two parts of its history for the present.
func (r *Room) tellStart(now time.Duration, l *link, from uint32, snapshot bool, kept uint32) {
	if s := r.seats.of(l.conn); s >= 0 {
		r.seats[s].ready = false // it says so again once it has caught up
	}
	r.send(l.conn, protocol.TypeStart, protocol.Append(r.buf, r.startMessage(from, snapshot, kept)))
	if r.phase == roomPaused {
		r.send(l.conn, protocol.TypePause, protocol.Append(r.buf, r.pauseMessage()))
	}
	if r.phase == roomAfter {
		end := r.ending
		end.AgainMS = uint32(max(0, r.again-now).Milliseconds())
		r.send(l.conn, protocol.TypeEndGame, protocol.Append(r.buf, &end))
	}
	if r.hud != "" {
		r.send(l.conn, protocol.TypeHUDSync, protocol.Append(r.buf, &protocol.HUDSync{Text: r.hud}))
	}
}

// history sends those who come back the bundles they have missed. They get new bundles once they
// have all before them, so that every peer sees every bundle in order.
func (r *Room) history(now time.Duration) {
	if r.phase != roomPlaying && r.phase != roomPaused && r.phase != roomAfter {
		return
	}
	for _, l := range r.links() {
		r.tellState(now, l)
		r.catchUp(now, l)
	}
}

func (r *Room) catchUp(now time.Duration, l *link) {
	if !l.present || !l.behind || l.stuckAt != 0 || now < l.sendAt {
		return
	}
	for sent := 0; l.sendFrom < r.next && sent < historyBurst; {
		data := r.log.Run(l.sendFrom, r.next)
		r.send(l.conn, protocol.TypeHistory, protocol.Append(r.buf, &protocol.History{Epoch: r.epoch, Frame: l.sendFrom, Data: data}))
		l.sendFrom += uint32(len(data) / r.log.Stride())
		sent += len(data)
	}
	l.sendAt = now + historyEvery
	if l.sendFrom >= r.next {
		l.behind = false
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
	length := min(r.cfg.Pause, options.MaxPause-seat.paused-(now-seat.goneAt))
	if length <= 0 {
		return false
	}
	if until := now + length; r.phase != roomPaused || until > r.pauseUntil {
		r.pauseUntil, r.pauseFor = until, s
		r.pauseText = fmt.Sprintf("%s; the match waits for %d s.", seat.loss(), int((length+time.Second-1)/time.Second))
	}
	r.halt()
	r.event(RoomEvent{Kind: RoomPaused, Seat: s, Frame: r.next})
	return true
}

// halt stops the frame clock: inputs above the last frame are void.
func (r *Room) halt() {
	r.phase = roomPaused
	r.slot = [slots]inputSlot{}
	r.broadcast(protocol.TypePause, protocol.Append(r.buf, r.pauseMessage()))
}

func (r *Room) pauseMessage() *protocol.Pause {
	return &protocol.Pause{Epoch: r.epoch, Frames: r.next, Seat: uint8(r.pauseFor), Until: r.pauseUntil.Microseconds(),
		Text: protocol.Clip(r.pauseText, protocol.MaxText)}
}

// awaited reports whether the match waits for a seat in the pause.
func (r *Room) awaited(s int) bool {
	seat := &r.seats[s]
	switch {
	case !seat.taken || seat.finished && !seat.present:
		return false
	case seat.present:
		return seat.behind || !seat.ready && !seat.finished
	}
	// Somebody must be there, whoever is gone.
	return !seat.left && (r.cfg.Disconnect == options.DisconnectPause || r.seats.humans() == 0)
}

// paused looks whether everybody is back, or the time is over.
func (r *Room) paused(now time.Duration) {
	lead := time.Duration(0)
	anybody, late := false, false
	for i := range r.seats {
		s := &r.seats[i]
		if r.awaited(i) {
			if now < r.pauseUntil {
				return
			}
			late = true
			continue
		}
		if s.present {
			anybody = true
			lead = max(lead, s.lead)
		}
	}
	// Where the room plays on without who is gone, it plays on without who is there and not ready, too.
	if late && (!anybody || r.cfg.Disconnect != options.DisconnectSubstitute && r.cfg.Disconnect != options.DisconnectBot) {
		r.end(protocol.CodeGone, fmt.Sprintf("%s did not come back; the match ends after %s.", r.seats[r.pauseFor].name, seconds(r.next)))
		return
	}
	if !anybody {
		r.end(protocol.CodeGone, "Everybody is gone.")
		return
	}
	r.phase = roomPlaying
	if r.finish != 0 {
		r.finish = now // who has finished waits for who was gone
	}
	r.clock = timing.Frames{First: r.next, Close: (now + lead + resumeCountdown).Truncate(time.Microsecond)}
	for i := range r.seats {
		s := &r.seats[i]
		s.lastFrame, s.repeats, s.late, s.lateAt = 0, 0, false, r.next
		if s.goneAt != 0 {
			s.paused += now - s.goneAt + resumeCountdown
			s.goneAt = 0
		}
		s.slacks.List, s.times.List = s.slacks.List[:0], s.times.List[:0]
	}
	r.broadcast(protocol.TypeResume, protocol.Append(r.buf, &protocol.Resume{Epoch: r.epoch, Frame: r.next, Close: r.clock.Close.Microseconds()}))
	r.event(RoomEvent{Kind: RoomResumed, Frame: r.next})
	r.maybeFinish(now)
}
