package session

import (
	"fmt"
	"slices"
	"time"

	"tandem/netcode/protocol"
	"tandem/netcode/session/options"
	"tandem/netcode/session/recovery"
	"tandem/netcode/session/roster"
	"tandem/netcode/session/timing"
)

// A relay that was restarted has forgotten its rooms. Those who played hold tokens in which the room
// is described, and the bundles of their match. The room is put together from them (package recovery):
//
//	Restoring  each who comes back says how many bundles it has; until all are back, or for 10 s; then the
//	           one with most of them tells the log
//	Paused     the epoch is raised, the others get what they miss, and play goes on

// rebuiltTime is how long those who are there have to catch up and say ready.
const rebuiltTime = 10 * time.Second

// RestoreRoom makes a room again from a token that this relay signed before it was restarted. It
// waits for the others who sat in it.
func RestoreRoom(sealed, key []byte, random func() uint64) (*Room, error) {
	t, ok := roster.Open(key, sealed)
	if !ok || t.StandIn {
		return nil, fmt.Errorf("the seat's token is not of this relay")
	}
	cfg, err := t.Config()
	if err != nil {
		return nil, fmt.Errorf("the seat's token holds options of another version (%w)", err)
	}
	cfg.Seed = t.Seed
	r, err := NewRoom(t.Room, cfg, key, random)
	if err != nil {
		return nil, err
	}
	r.id, r.made = t.ID, t.Made
	r.restored = true
	r.restoring(0)
	return r, nil
}

// restoring begins to put the room together; until says until when to wait for all, where it is not 0.
func (r *Room) restoring(until time.Duration) {
	r.phase = roomRestoring
	r.recovery = recovery.New(len(r.seats), r.cfg.Actions, &r.log)
	r.recovery.WaitUntil(until)
}

// InPlay reports whether a match is on, also in a pause.
func (r *Room) InPlay() bool { return r.phase == roomPlaying || r.phase == roomPaused }

// GivesWayTo reports whether the code of this room belongs to the one that a ticket is of, while it is not
// long ago that the relay was restarted: to those who bring a token, and of several rooms to the latest
// that was made under it.
func (r *Room) GivesWayTo(t *roster.Ticket) bool {
	return t.Room == r.code && t.ID != r.id && !t.StandIn && (!r.restored || t.Made > r.made)
}

// joinRestored takes back whoever holds a token of the room.
func (r *Room) joinRestored(now time.Duration, c ConnID, m *protocol.Join, t roster.Token, held bool) {
	if !held || t.StandIn || t.Seed != r.seed {
		// Whoever brings the room back may be a moment behind: that nobody sits here yet means nothing.
		r.refuse(c, protocol.Errorf(protocol.CodeBusy, "Room %s is being restored after a restart of the relay: try again in ten seconds.", r.code))
		return
	}
	seat := &r.seats[t.Seat]
	if seat.taken {
		latest := seat.shown
		if latest == 0 { // who has it came to the lobby
			latest = seat.serial
		}
		switch {
		case seat.owner != t.Owner && t.Serial < latest:
			r.refuse(c, protocol.Errorf(protocol.CodeSeat, "Seat %d of room %s was given to somebody else since you left it.", t.Seat, r.code))
			return
		case seat.owner == t.Owner && t.Serial < seat.serial && m.Back:
			r.refuse(c, takenOver())
			return
		}
		if !r.mayReturn(now, c, seat) {
			return
		}
		if seat.present {
			r.refuse(seat.conn, takenOver())
		}
		r.recovery.Interrupt(now, t.Seat, r.seats.humans()) // what its older connection was asked for is not coming
	}
	seat.admit(now, c, m)
	if !seat.taken || seat.owner != t.Owner {
		seat.shown = t.Serial
	}
	if !seat.taken || m.Name != seat.asked {
		seat.asked, seat.name = m.Name, r.seats.distinct(t.Seat, m.Name, "")
	}
	seat.taken, seat.owner, seat.serial, seat.ready = true, t.Owner, r.turn(t.Serial, m.Back), false
	r.recovery.Claim(t.Seat, recovery.PastOf(m), r.matchOf(m.Seed), r.cfg.Frames)
	if !r.seats[r.host].present {
		r.host = t.Seat
	}
	r.elect(t.Seat)
	r.event(RoomEvent{Kind: RoomSeated, Seat: t.Seat, Text: seat.name})
}

// matchOf returns which match of the room a seed is that of; -1 where it is none.
func (r *Room) matchOf(seed uint64) int {
	for n := 0; n <= protocol.MaxEpoch && seed != 0; n++ {
		if MatchSeed(r.seed, n) == seed {
			return n
		}
	}
	return -1
}

// withdraw notes that a seat is gone again before the room was there.
func (r *Room) withdraw(now time.Duration, s int, own bool) {
	if own {
		seat := &r.seats[s]
		seat.owner, seat.left = r.draw(), true
	}
	if s == r.host {
		r.handOver()
	}
	r.recovery.Withdraw(now, s, r.seats.humans())
}

// restore waits for those who remember the match, asks the one who knows most, and goes on with what is told.
func (r *Room) restore(now time.Duration) {
	left := uint16(0)
	for i := range r.seats {
		if r.seats[i].left {
			left |= 1 << i
		}
	}
	result, from := r.recovery.Update(now, r.seats.humans(), left)
	r.recovered(now, result, from)
}

func (r *Room) recovered(now time.Duration, result recovery.Result, from recovery.Source) {
	switch result {
	case recovery.AskedFor:
		r.send(r.seats[from.Seat].conn, protocol.TypeRequestLog, protocol.Append(r.buf, &protocol.RequestLog{Epoch: from.Epoch, Frames: from.Have}))
	case recovery.Unknown:
		r.nothingToRestore()
	case recovery.Lost:
		r.end(protocol.CodeGone, "The match could not be restored after the restart of the relay: nobody who knew it stayed long enough to tell.")
	case recovery.Rebuilt:
		r.rebuilt(now, from)
	}
}

// remembered takes a run of the log from the one who tells it.
func (r *Room) remembered(now time.Duration, s int, m *protocol.History) *protocol.Error {
	if r.phase != roomRestoring || s != r.recovery.Teller() {
		return nil // asked for and not needed any more
	}
	result, from, refused := r.recovery.Take(now, m, r.seats.humans())
	if refused != nil {
		return refused
	}
	r.used = true
	r.recovered(now, result, from)
	return nil
}

// nothingToRestore goes on with a room of which nobody remembers a match: it is a lobby.
func (r *Room) nothingToRestore() {
	r.phase, r.recovery = roomLobby, nil
	for i := range r.seats {
		if s := &r.seats[i]; !s.present {
			s.taken, s.left = false, false
		}
	}
	r.empty = r.seats.taken() == 0
	r.roster(protocol.TypeWaitingRoom)
}

// rebuilt goes on with the match that the log tells of.
func (r *Room) rebuilt(now time.Duration, from recovery.Source) {
	if from.Epoch >= protocol.MaxEpoch {
		r.end(protocol.CodeRoomOver, "This room has been restored as often as it can; host a new one.")
		return
	}
	r.epoch = from.Epoch + 1
	r.fork.Epoch, r.fork.Frames = from.Epoch, from.Have
	r.matchSeed, r.matches = from.Seed, from.Match+1
	r.next = from.Have
	r.forgetHashes()
	r.resetWitness()
	remembered := r.recovery
	r.recovery = nil
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
	r.clock = timing.Frames{First: r.next, Close: now.Truncate(time.Microsecond)}
	r.slot = [slots]inputSlot{}
	r.event(RoomEvent{Kind: RoomRestored, Frame: r.next})
	r.roster(protocol.TypeGameReady)
	for i := range r.seats {
		if s := &r.seats[i]; s.present {
			r.feed(now, &s.link, i, remembered.Claimed(i))
		}
	}
	for _, w := range slices.Clone(r.watchers) { // who came while it was a lobby
		r.feed(now, &w.link, -1, recovery.Past{})
	}
	if missing >= 0 && r.cfg.Disconnect == options.DisconnectEnd {
		r.end(protocol.CodeGone, fmt.Sprintf("%s did not come back after the relay was restarted; the match ends after %s.", r.seats[missing].name, seconds(r.next)))
	}
}
