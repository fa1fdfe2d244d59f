package session

import (
	"fmt"
	"strings"
	"time"

	"tandem/netcode/protocol"
)

// Who sits where, who is host, and who leaves.

func (r *Room) join(now time.Duration, c ConnID, m *protocol.Join) {
	if r.phase == roomOver || r.empty {
		r.refuse(c, protocol.Errorf(protocol.CodeRoomOver, "The match of room %s is over; host a new one.", r.code))
		return
	}
	if t, ok := open(r.key, m.Token); ok && t.room == r.code && t.seat < len(r.seats) {
		if seat := &r.seats[t.seat]; seat.taken && seat.owner == t.owner {
			r.comeBack(now, c, t.seat, m)
			return
		}
	}
	if words := r.cfg.Contradiction(m.Require); words != "" {
		r.refuse(c, protocol.Errorf(protocol.CodeOptions, "Room %s: %s.", r.code, words))
		return
	}
	if r.phase != roomLobby {
		r.refuse(c, protocol.Errorf(protocol.CodeRoomStarted, "The match of room %s has begun with all its seats taken; wait for its end or host a new one.", r.code))
		return
	}
	s := int(m.Seat)
	switch {
	case s >= len(r.seats):
		r.refuse(c, protocol.Errorf(protocol.CodeSeat, "Room %s has seats 0 to %d, you asked for %d.", r.code, len(r.seats)-1, s))
		return
	case s >= 0 && r.seats[s].taken:
		r.refuse(c, protocol.Errorf(protocol.CodeSeat, "Seat %d of room %s is taken; leave the choice to the relay or take another.", s, r.code))
		return
	case s < 0:
		for s = 0; s < len(r.seats) && r.seats[s].taken; s++ {
		}
		if s == len(r.seats) {
			r.refuse(c, protocol.Errorf(protocol.CodeRoomFull, "Room %s is full: all its %d seats are taken. Host a room of your own, or join another.", r.code, len(r.seats)))
			return
		}
	}
	if r.Taken() == 0 {
		r.host = s
	}
	seat := &r.seats[s]
	*seat = roomSeat{conn: c, taken: true, present: true, name: m.Name, heard: now,
		tokens: bucketBurst, filled: now, slacks: seat.slacks, times: seat.times, owner: r.draw()}
	seat.slacks.List, seat.times.List = seat.slacks.List[:0], seat.times.List[:0]
	if seat.name == "" {
		seat.name = fmt.Sprintf("Player %d", s+1)
	}
	r.elect(s)
	r.event(RoomEvent{Kind: RoomSeated, Seat: s, Text: seat.name})
	r.roster(protocol.TypeWaitingRoom)
}

func (r *Room) elect(s int) {
	r.send(r.seats[s].conn, protocol.TypeHostElected, protocol.Append(r.buf, &protocol.HostElected{
		IsHost: s == r.host, Seat: uint8(s), HostSeat: uint8(r.host), Room: r.code, Seed: r.seed,
		Token: seal(r.key, token{seat: s, owner: r.seats[s].owner, room: r.code}), Options: r.cfg.Words(),
	}))
}

func (r *Room) roster(t protocol.Type) {
	entries := make([]protocol.RosterEntry, len(r.seats))
	needed := 0
	for i := range r.seats {
		s := &r.seats[i]
		if !s.taken {
			needed++
			continue
		}
		entries[i] = protocol.RosterEntry{Name: s.name, Taken: true, Ready: s.ready, Host: i == r.host}
	}
	if t == protocol.TypeGameReady {
		r.broadcast(t, protocol.Append(r.buf, &protocol.GameReady{Seats: entries}))
		return
	}
	r.broadcast(t, protocol.Append(r.buf, &protocol.WaitingRoom{Needed: uint8(needed), Seats: entries}))
}

// unseat takes a seat from its connection. own says that the player left by their own act.
func (r *Room) unseat(now time.Duration, s int, code protocol.Code, own bool) {
	seat := &r.seats[s]
	name := seat.name
	r.event(RoomEvent{Kind: RoomUnseated, Seat: s, Code: code})
	seat.present = false
	if r.phase == roomLobby {
		seat.taken, seat.ready = false, false
		if s == r.host {
			r.handOver()
		}
		r.empty = r.Taken() == 0
		r.roster(protocol.TypeWaitingRoom)
		return
	}
	if r.phase == roomOver {
		return
	}
	if own {
		seat.owner = r.draw() // nobody comes back from an act of their own
	}
	seat.behind = false
	pauses := r.cfg.Disconnect == DisconnectPause && !own && !seat.finished
	if r.presentMask() == 0 && !pauses {
		r.end(protocol.CodeGone, "Everybody is gone.")
		return
	}
	if s == r.host {
		r.handOver()
	}
	if pauses {
		seat.ready = false
		if r.pause(now, s) {
			return
		}
	}
	if r.cfg.Disconnect == DisconnectSubstitute || seat.finished {
		r.verdicts()
		r.maybeFinish(now)
		return
	}
	if own {
		r.end(protocol.CodeLeft, fmt.Sprintf("%s left the match; it ends after %s.", name, seconds(r.next)))
	} else {
		r.end(protocol.CodeGone, fmt.Sprintf("The connection of %s is gone; the match ends after %s.", name, seconds(r.next)))
	}
}

func seconds(frames uint32) string { return fmt.Sprintf("%.1f s", float64(frames)/FrameRate) }

// handOver makes the first seat that is there the host.
func (r *Room) handOver() {
	for i := range r.seats {
		if r.seats[i].taken && r.seats[i].present {
			r.host = i
			r.broadcast(protocol.TypeHostChanged, protocol.Append(r.buf, &protocol.HostChanged{Seat: uint8(i)}))
			return
		}
	}
}

// setOption lets the host change the input delay in mid-match, from a frame on that is announced to
// all.
func (r *Room) setOption(s int, m *protocol.SetOption) *protocol.Error {
	if r.phase == roomOver || m.Epoch < r.epoch {
		return nil
	}
	if s != r.host {
		return protocol.Errorf(protocol.CodeNotHost, "Only the host changes the room's options.")
	}
	if name, _, _ := strings.Cut(m.Option, "="); name != "delay" {
		return protocol.Errorf(protocol.CodeOptions, "Room option %q cannot be changed in mid-match; the input delay can.", name)
	}
	if r.phase == roomLobby || m.Epoch != r.epoch {
		return protocol.Errorf(protocol.CodeUnexpected, "Room options are changed while a match is played.")
	}
	cfg := r.cfg
	if err := cfg.Set(m.Option); err != nil {
		return protocol.Errorf(protocol.CodeOptions, "%v", err)
	}
	r.cfg = cfg
	r.broadcast(protocol.TypeSetOption, protocol.Append(r.buf, &protocol.SetOption{
		Epoch: r.epoch, Frame: r.next + optionAhead, Option: m.Option}))
	return nil
}
