package session

import (
	"time"

	"tandem/netcode/protocol"
	"tandem/netcode/session/options"
	"tandem/netcode/session/recovery"
	"tandem/netcode/session/timing"
)

// How a match begins and ends, and what comes after it.

// MatchSeed returns the seed of the n-th match of a room, from 0: the room's own, then the finaliser
// of splitmix64 (Steele, Lea, Flood 2014) over it and n. It is never 0.
func MatchSeed(room uint64, n int) uint64 {
	if n == 0 {
		return room
	}
	x := room + uint64(n)*0xd1342543de82ef95 // another odd step than the episodes' of one match
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return max(x^x>>31, 1)
}

// maybeStart starts the match when it may begin and nobody who is away holds it any longer.
func (r *Room) maybeStart(now time.Duration) {
	lead, ok := r.agreed()
	r.holdStart(now, ok)
	if !ok || now < r.startHeld {
		return
	}
	if r.epoch >= protocol.MaxEpoch {
		r.end(protocol.CodeRoomOver, "This room has played as many matches as it can; host a new one.")
		return
	}
	r.begin(now, lead)
}

// agreed reports whether enough seats are taken and everybody who sits is ready, and the longest lead
// that one of them needs.
func (r *Room) agreed() (lead time.Duration, ok bool) {
	taken := 0
	for i := range r.seats {
		s := &r.seats[i]
		if !s.taken {
			continue
		}
		if !s.ready {
			return 0, false
		}
		taken++
		lead = max(lead, s.lead)
	}
	need := r.cfg.MinPlayers
	if need == 0 {
		need = len(r.seats)
	}
	return lead, taken >= need
}

// begin starts the next match.
func (r *Room) begin(now, lead time.Duration) {
	r.phase = roomPlaying
	r.epoch++
	r.matchSeed = MatchSeed(r.seed, r.matches)
	r.matches++
	r.next, r.finish = 0, 0
	r.fork, r.wish = recovery.Fork{}, ""
	r.unhold()
	r.log.Reset(len(r.seats), 0)
	r.slot = [slots]inputSlot{}
	r.forgetHashes()
	for i := range r.seats {
		r.seats[i].beginMatch(now, r.cfg.Population == options.PredictedAction)
	}
	for _, w := range r.watchers {
		w.behind = false
	}
	r.resetWitness()
	// Whole microseconds, because that is what travels: all must compute the same closes.
	r.clock = timing.Frames{Close: (now + lead + r.cfg.Countdown).Truncate(time.Microsecond)}
	r.roster(protocol.TypeGameReady)
	r.broadcast(protocol.TypeStart, protocol.Append(r.buf, r.startMessage(0, false, 0)))
	r.event(RoomEvent{Kind: RoomStarted})
}

// startMessage tells the frame clock to somebody whose bundles begin with frame from, and of whose own those
// before frame kept are of this match.
func (r *Room) startMessage(from uint32, snapshot bool, kept uint32) *protocol.Start {
	return &protocol.Start{Epoch: r.epoch, Frame: r.clock.First, Close: r.clock.Close.Microseconds(), Held: uint32(r.clock.Held / tenth),
		Seed: r.matchSeed, From: from, Snapshot: snapshot, Kept: kept}
}

// matchOver ends a match that ended as it should: the room stays for another one, if it may.
func (r *Room) matchOver(now time.Duration, words string) {
	stay := false
	for i := range r.seats {
		stay = stay || r.seats[i].present && r.seats[i].again && !r.seats[i].bot
	}
	if r.cfg.Rematch <= 0 || !stay || r.epoch >= protocol.MaxEpoch {
		r.end(protocol.CodeOK, words)
		return
	}
	r.phase = roomAfter
	r.hudNews.Forget()
	r.again = now + r.cfg.Rematch
	r.ending = protocol.EndGame{Code: protocol.CodeOK, Frames: r.seats.matchFrames(r.next), Text: words, AgainMS: uint32(r.cfg.Rematch.Milliseconds())}
	r.moving.clear()
	r.states.Forget()
	r.dropKept()
	r.broadcast(protocol.TypeEndGame, protocol.Append(r.buf, &r.ending))
	for i := range r.seats {
		s := &r.seats[i]
		s.ready, s.ended = false, s.owner
		goes := s.bot || !s.again
		if s.present && goes {
			r.out.Close = append(r.out.Close, RoomClose{Conn: s.conn, Code: protocol.CodeOK, Text: words})
		}
		if !s.present || goes {
			s.taken, s.present, s.bot, s.left = false, false, false, false
		}
	}
	if !r.seats[r.host].present {
		r.handOver()
	}
	r.roster(protocol.TypeWaitingRoom)
	r.event(RoomEvent{Kind: RoomMatchOver, Text: words, Frame: r.ending.Frames})
}

// finally closes a room in which nobody wanted another match, or not all.
func (r *Room) finally() {
	r.end(protocol.CodeRoomOver, "Not everybody wanted another match in time; the room is closed.")
}

// end ends the room, and the match in play with it.
func (r *Room) end(code protocol.Code, words string) {
	if r.phase == roomOver {
		return
	}
	inMatch := !r.idle()
	r.phase = roomOver
	words = protocol.Clip(words, protocol.MaxText)
	frames := r.seats.matchFrames(r.next)
	r.ending = protocol.EndGame{Code: code, Frames: frames, Text: words}
	r.broadcast(protocol.TypeEndGame, protocol.Append(r.buf, &r.ending))
	r.closeAll(code, words)
	if inMatch {
		r.event(RoomEvent{Kind: RoomEnded, Code: code, Text: words, Frame: frames})
	}
}

func (r *Room) closeAll(code protocol.Code, words string) {
	for i := range r.seats {
		if r.seats[i].present {
			r.out.Close = append(r.out.Close, RoomClose{Conn: r.seats[i].conn, Code: code, Text: words})
		}
	}
	for _, w := range r.watchers {
		r.out.Close = append(r.out.Close, RoomClose{Conn: w.conn, Code: code, Text: words})
	}
}

// interrupt closes all connections of a relay that is about to be started again: who holds a token
// comes back, and the room is put together from what they remember.
func (r *Room) interrupt() {
	words := "The relay is being restarted; the match goes on when it is back."
	if r.idle() {
		words = "The relay is being restarted; the room is back when it is."
	}
	r.phase = roomOver
	r.broadcast(protocol.TypeError, protocol.Append(r.buf, &protocol.Refusal{Code: protocol.CodeBusy, Text: words}))
	r.closeAll(protocol.CodeBusy, words)
}
