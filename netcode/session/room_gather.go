package session

import (
	"fmt"
	"slices"
	"time"

	"tandem/netcode/protocol"
	"tandem/netcode/session/options"
	"tandem/netcode/session/replica"
)

// A relay that was restarted has forgotten its rooms. Those who played hold tokens in which the room
// is described, and the bundles of their match. The room is put together from them:
//
//	Gather    each who comes back says how many bundles it has; until all are back, or for 10 s
//	Collect   the one with most of them tells the log
//	Paused    the epoch is raised, the others get what they miss, and play goes on
//
// Nothing above the highest bundle that anybody brought back ever happened, as far as this room is
// concerned: a seat that comes later with more begins again from a snapshot or from the seed. What is
// told must be what was claimed before anybody else's claim was known, and most of those who are back
// must have had it: one of them cannot have the others play something else than they have played.
const (
	// gatherTime is how long the relay waits for all before it goes on with those that are there.
	gatherTime = 10 * time.Second
	// collectTime is how long the one who tells the log may be silent.
	collectTime = 5 * time.Second
	// collectLimit is how long one seat may take to tell it in all: seven hours of two seats' play at
	// the pace at which peers tell.
	collectLimit = 30 * time.Second
	// rebuiltTime is how long those who are there have to catch up and say ready.
	rebuiltTime = 10 * time.Second
)

// restore is what a room knows while it is put together again.
type restore struct {
	until  time.Duration
	claims [protocol.MaxSeats]claim
	donor  int                              // seat that tells the log
	failed uint16                           // seats that did not
	limit  [protocol.MaxSeats]time.Duration // until when a seat may tell it; 0 before it was asked

	outvoted uint16 // seats that told what most others know otherwise
	anyway   bool   // no two know the same: the best of them is taken
}

// claim is what a returning seat says it has.
type claim struct {
	past
	match int // whose seed that is
}

// RestoreRoom makes a room again from a token that this relay signed before it was restarted. It
// waits for the others who sat in it.
func RestoreRoom(sealed, key []byte, random func() uint64) (*Room, error) {
	t, ok := open(key, sealed)
	if !ok || t.standIn {
		return nil, fmt.Errorf("the seat's token is not of this relay")
	}
	cfg, err := t.config()
	if err != nil {
		return nil, fmt.Errorf("the seat's token holds options of another version (%w)", err)
	}
	cfg.Seed = t.seed
	r, err := NewRoom(t.room, cfg, key, random)
	if err != nil {
		return nil, err
	}
	r.id, r.made = t.id, t.made
	r.phase, r.restored = roomGather, true
	r.restore.donor = -1
	return r, nil
}

// InPlay reports whether a match is on, also in a pause.
func (r *Room) InPlay() bool { return r.phase == roomPlaying || r.phase == roomPaused }

// GivesWayTo reports whether the code of this room belongs to the one that a ticket is of, while it is not
// long ago that the relay was restarted: to those who bring a token, and of several rooms to the latest
// that was made under it.
func (r *Room) GivesWayTo(t *Ticket) bool {
	return t.Room == r.code && t.ID != r.id && !t.StandIn && (!r.restored || t.made > r.made)
}

// joinRestored takes back whoever holds a token of the room.
func (r *Room) joinRestored(now time.Duration, c ConnID, m *protocol.Join, t token, held bool) {
	if !held || t.standIn || t.seed != r.seed {
		// Whoever brings the room back may be a moment behind: that nobody sits here yet means nothing.
		r.refuse(c, protocol.Errorf(protocol.CodeBusy, "Room %s is being restored after a restart of the relay: try again in ten seconds.", r.code))
		return
	}
	seat := &r.seats[t.seat]
	if seat.taken {
		latest := seat.shown
		if latest == 0 { // who has it came to the lobby
			latest = seat.serial
		}
		switch {
		case seat.owner != t.owner && t.serial < latest:
			r.refuse(c, protocol.Errorf(protocol.CodeSeat, "Seat %d of room %s was given to somebody else since you left it.", t.seat, r.code))
			return
		case seat.owner == t.owner && t.serial < seat.serial && m.Back:
			r.refuse(c, takenOver())
			return
		}
		if !r.mayReturn(now, c, seat) {
			return
		}
		if seat.present {
			r.refuse(seat.conn, takenOver())
		}
		if t.seat == r.restore.donor { // what its older connection was asked for is not coming
			r.donorFailed(now)
		}
	}
	seat.admit(now, c, m)
	if !seat.taken || seat.owner != t.owner {
		seat.shown = t.serial
	}
	if !seat.taken || m.Name != seat.asked {
		seat.asked, seat.name = m.Name, r.distinct(t.seat, m.Name, "")
	}
	seat.taken, seat.owner, seat.serial, seat.ready = true, t.owner, r.turn(t.serial, m.Back), false
	claim := claim{past: pastOf(m), match: -1}
	for n := 0; n <= protocol.MaxEpoch && m.Seed != 0; n++ {
		if MatchSeed(r.seed, n) == m.Seed {
			claim.match = n
			break
		}
	}
	if claim.match < 0 || claim.base > claim.have || r.cfg.Frames > 0 && claim.have > r.cfg.Frames {
		claim.past = past{} // of no match of this room
	}
	r.restore.claims[t.seat] = claim
	r.restore.failed &^= 1 << t.seat &^ r.restore.outvoted
	if !r.seats[r.host].present {
		r.host = t.seat
	}
	r.elect(t.seat)
	r.event(RoomEvent{Kind: RoomSeated, Seat: t.seat, Text: seat.name})
}

// unclaim notes that a seat is gone again before the room was there.
func (r *Room) unclaim(now time.Duration, s int, own bool) {
	r.restore.claims[s] = claim{match: -1}
	if own {
		seat := &r.seats[s]
		seat.owner, seat.left = r.draw(), true
	}
	if s == r.host {
		r.handOver()
	}
	if s == r.restore.donor {
		r.donorFailed(now)
	}
}

// gather waits for all, then asks the one who knows most.
func (r *Room) gather(now time.Duration) {
	if r.phase == roomCollect {
		if now >= r.restore.until {
			r.donorFailed(now)
		}
		return
	}
	if r.restore.until == 0 {
		r.restore.until = now + gatherTime
	}
	all := true
	for i := range r.seats {
		all = all && (r.seats[i].present || r.seats[i].left)
	}
	if !all && now < r.restore.until {
		return
	}
	best := r.knowsMost(now)
	if best < 0 && r.restore.outvoted != 0 && !r.restore.anyway {
		r.restore.anyway = true
		r.restore.failed &^= r.restore.outvoted
		best = r.knowsMost(now)
	}
	if best < 0 {
		r.begun(now)
		return
	}
	c := &r.restore.claims[best]
	r.log.Reset(len(r.seats), c.base)
	if c.have == 0 { // it had begun, and no frame of it had closed
		r.told(now, best)
		return
	}
	if r.restore.limit[best] == 0 {
		r.restore.limit[best] = now + collectLimit
	}
	r.phase = roomCollect
	r.restore.donor, r.restore.until = best, min(now+collectTime, r.restore.limit[best])
	r.send(r.seats[best].conn, protocol.TypeRequestLog, protocol.Append(r.buf, &protocol.RequestLog{Epoch: c.epoch, Frames: c.have}))
}

// knowsMost returns the seat that should tell the log; -1 when nobody is left who could.
func (r *Room) knowsMost(now time.Duration) int {
	best := -1
	for i := range r.seats {
		c, limit := &r.restore.claims[i], r.restore.limit[i]
		if !r.seats[i].present || c.epoch == 0 || c.match < 0 || r.restore.failed&(1<<i) != 0 || limit != 0 && now >= limit {
			continue
		}
		if best < 0 || c.newer(&r.restore.claims[best]) {
			best = i
		}
	}
	return best
}

// newer reports whether c is further than o: in the epoch, because an older one was overruled, then
// in bundles. The last epoch there is cannot be gone on from.
func (c *claim) newer(o *claim) bool {
	switch {
	case (c.epoch >= protocol.MaxEpoch) != (o.epoch >= protocol.MaxEpoch):
		return o.epoch >= protocol.MaxEpoch
	case c.epoch != o.epoch:
		return c.epoch > o.epoch
	case c.have != o.have:
		return c.have > o.have
	}
	return c.base < o.base // whoever knows the beginning, too
}

// donorFailed goes back to choosing, without the one who did not tell.
func (r *Room) donorFailed(now time.Duration) {
	r.restore.failed |= 1 << r.restore.donor
	r.restore.donor = -1
	r.phase = roomGather
	r.restore.until = now // who was not there so far is not waited for again
	if r.humans() == 0 {
		r.restore.until = now + gatherTime
	}
}

// remembered takes a run of the log from the one who tells it.
func (r *Room) remembered(now time.Duration, s int, m *protocol.History) *protocol.Error {
	if r.phase != roomCollect || s != r.restore.donor {
		return nil // asked for and not needed any more
	}
	c := &r.restore.claims[s]
	if m.Epoch != c.epoch || !replica.Sound(m.Data, r.cfg.Players, r.cfg.Actions) {
		return protocol.Errorf(protocol.CodeMalformed, "A history that is none of this match.")
	}
	if m.Frame != r.log.End() || m.Frame+uint32(len(m.Data)/r.log.Stride()) > c.have {
		return protocol.Errorf(protocol.CodeUnexpected, "A history of frame %d where frame %d was due.", m.Frame, r.log.End())
	}
	r.used = true
	r.log.Append(m.Data)
	r.restore.until = min(now+collectTime, r.restore.limit[s])
	if r.log.End() < c.have {
		return nil
	}
	if r.log.Sum(c.base, c.have) != c.sum {
		return protocol.Errorf(protocol.CodeMalformed, "A history that is not the one that was spoken of.")
	}
	r.told(now, s)
	return nil
}

// told goes on with the history that a seat has told, unless more of those who are back know another.
// A history that is the beginning of it agrees; one that is longer, of another match, or from before
// what was told does not.
func (r *Room) told(now time.Duration, s int) {
	c := &r.restore.claims[s]
	votes := 0
	for i := range r.seats {
		o := &r.restore.claims[i]
		if !r.seats[i].present || o.epoch == 0 || o.match < 0 || o.have == 0 && i != s {
			continue // knows nothing
		}
		if o.match == c.match && o.base >= c.base && o.have <= c.have && r.log.Sum(o.base, o.have) == o.sum || i == s {
			votes++
		} else {
			votes--
		}
	}
	if votes < 0 && !r.restore.anyway {
		r.restore.outvoted |= 1 << s
		r.restore.donor = s
		r.donorFailed(now)
		return
	}
	r.rebuilt(now, c)
}

// begun goes on with a room of which nobody remembers a match: it is a lobby.
func (r *Room) begun(now time.Duration) {
	for i := range r.seats {
		if r.restore.failed&(1<<i) != 0 || r.restore.limit[i] != 0 {
			r.end(protocol.CodeGone, "The match could not be restored after the restart of the relay: nobody who knew it stayed long enough to tell.")
			return
		}
	}
	r.phase = roomLobby
	r.restore = restore{donor: -1}
	for i := range r.seats {
		if s := &r.seats[i]; !s.present {
			s.taken, s.left = false, false
		}
	}
	r.empty = r.Taken() == 0
	r.roster(protocol.TypeWaitingRoom)
}

// rebuilt goes on with the match that the log tells of.
func (r *Room) rebuilt(now time.Duration, c *claim) {
	if c.epoch >= protocol.MaxEpoch {
		r.end(protocol.CodeRoomOver, "This room has been restored as often as it can; host a new one.")
		return
	}
	r.epoch = c.epoch + 1
	r.fork = fork{epoch: c.epoch, frames: c.have}
	r.matchSeed, r.matches = c.seed, c.match+1
	r.next = c.have
	r.forgetHashes()
	r.resetWitness()
	claims := r.restore.claims
	r.restore = restore{donor: -1}
	missing := -1
	for i := range r.seats {
		s := &r.seats[i]
		present, left, lead := s.present, s.left, s.lead
		s.beginMatch(now, r.cfg.Population == options.PredictedAction)
		s.present, s.left, s.lead, s.ready = present, left, lead, false
		if !present && !left && r.cfg.MinPlayers == 0 {
			s.taken = true // its player may still come
			if s.name == "" {
				s.name, s.forgotten = fmt.Sprintf("Player %d", i+1), true
			}
			if missing < 0 {
				missing = i
			}
		}
	}
	r.pauseFor, r.pauseUntil = r.host, now+rebuiltTime
	r.pauseText = "The relay was restarted; the match goes on in a moment."
	if missing >= 0 {
		r.pauseFor, r.pauseUntil = missing, now+max(rebuiltTime, r.cfg.Pause)
	}
	r.phase = roomPaused
	r.firstF, r.firstC, r.held = r.next, now.Truncate(time.Microsecond), 0
	r.slot = [slots]inputSlot{}
	r.event(RoomEvent{Kind: RoomRestored, Frame: r.next})
	r.roster(protocol.TypeGameReady)
	for i := range r.seats {
		if s := &r.seats[i]; s.present {
			r.feed(now, &s.line, i, claims[i].past)
		}
	}
	for _, w := range slices.Clone(r.watchers) { // who came while it was a lobby
		r.feed(now, &w.line, -1, past{})
	}
	if missing >= 0 && r.cfg.Disconnect == options.DisconnectEnd {
		r.end(protocol.CodeGone, fmt.Sprintf("%s did not come back after the relay was restarted; the match ends after %s.", r.seats[missing].name, seconds(r.next)))
	}
}
