package session

import (
	"fmt"
	"strings"
	"time"

	"tandem/netcode/protocol"
	"tandem/netcode/session/options"
	"tandem/netcode/session/recovery"
	"tandem/netcode/session/roster"
)

// Who sits where, who is host, and who leaves.

func (r *Room) join(now time.Duration, c ConnID, m *protocol.Join) {
	if r.phase == roomOver || r.empty {
		r.refuse(c, protocol.Errorf(protocol.CodeRoomOver, "The match of room %s is over; host a new one.", r.code))
		return
	}
	t, held := roster.Open(r.key, m.Token)
	ours := held && t.Room == r.code && t.ID == r.id
	held = ours && t.Seat < len(r.seats) && !m.Watch
	if held && t.Expired(r.wall) { // the room itself may know better
		s := &r.seats[t.Seat]
		held = s.taken && s.owner == t.Owner && !t.StandIn
	}
	if r.phase == roomRestoring {
		r.joinRestored(now, c, m, t, held)
		return
	}
	if r.phase == roomLobby && r.restored && r.matches == 0 && held && !t.StandIn && t.Seed == r.seed && m.Have > 0 {
		// Nobody who came back in time remembered a match; this one does.
		r.restoring(now)
		r.unhold()
		r.joinRestored(now, c, m, t, held)
		return
	}
	if m.Back && len(m.Token) > 0 && !ours && !m.Watch {
		// Whoever lost a seat must not get one among strangers instead, who have only the code in common.
		r.refuse(c, protocol.Errorf(protocol.CodeRoomOver, "The room %s that you were in is no more: another one has its code now.", r.code))
		return
	}
	if held {
		seat := &r.seats[t.Seat]
		restored := t.Seed == r.seed && (seat.owner == 0 || seat.owner != t.Owner && seat.shown != 0 && t.Serial > seat.shown)
		switch {
		case seat.taken && !t.StandIn && (seat.owner == t.Owner || restored):
			// A restored room does not know the owner of a seat until that one is back.
			if m.Back && seat.owner == t.Owner && t.Serial < seat.serial {
				r.refuse(c, takenOver())
				return
			}
			if !r.mayReturn(now, c, seat) {
				return
			}
			if restored {
				seat.shown = t.Serial
			}
			seat.owner, seat.serial = t.Owner, r.turn(t.Serial, m.Back)
			if m.Name != "" && m.Name != seat.asked {
				seat.asked, seat.name = m.Name, r.seats.distinct(t.Seat, m.Name, "")
			}
			r.comeBack(now, c, t.Seat, m)
			return
		case r.phase == roomAfter && !t.StandIn && !seat.taken && t.Owner == seat.ended:
			if r.mayCome(now, c) {
				r.seatPlayer(now, c, t.Seat, m, true)
			}
			return
		case t.StandIn && seat.botOwner == t.Owner && !r.idle() && !seat.finished && (!seat.present || seat.bot):
			if r.mayCome(now, c) {
				r.seatBot(now, c, t.Seat, m)
			}
			return
		case t.StandIn:
			r.refuse(c, protocol.Errorf(protocol.CodeSeat, "Seat %d of room %s needs no bot any more.", t.Seat, r.code))
			return
		}
	}
	if !r.mayCome(now, c) {
		return
	}
	if words := r.cfg.Contradiction(m.Require); words != "" {
		r.refuse(c, protocol.Errorf(protocol.CodeOptions, "Room %s: %s.", r.code, words))
		return
	}
	if m.Watch {
		r.watch(now, c, m)
		return
	}
	s, e := r.freeSeat(now, int(m.Seat))
	if e != nil {
		r.refuse(c, e)
		return
	}
	r.seatPlayer(now, c, s, m, false)
}

// mayCome counts somebody who is no seat's player, and refuses where too many come.
func (r *Room) mayCome(now time.Duration, c ConnID) bool {
	if r.comers.take(now, comeRate, comeBurst) {
		return true
	}
	r.refuse(c, protocol.Errorf(protocol.CodeBusy, "Too many come to room %s at once: try again in a few seconds.", r.code))
	return false
}

// mayReturn counts a return to a seat, and refuses it where its player comes back too often.
func (r *Room) mayReturn(now time.Duration, c ConnID, s *roomSeat) bool {
	if s.returns.take(now, returnRate, returnBurst) {
		return true
	}
	r.refuse(c, protocol.Errorf(protocol.CodeBusy, "You have come back to room %s too often in a short time: try again in a few seconds.", r.code))
	return false
}

// takenOver tells a connection that its player sits at another one now.
func takenOver() *protocol.Error {
	return protocol.Errorf(protocol.CodeTakenOver, "Your seat was taken over by a newer connection of yours.")
}

// turn returns the serial of a seat's token after a return. A program that has lost its connection
// keeps the one it has; one that has just been started has a newer one, so that an older program, to
// which the token was given as well, does not take the seat back when it connects again by itself.
func (r *Room) turn(serial uint32, back bool) uint32 {
	r.serial = max(r.serial, serial)
	if back {
		return serial
	}
	r.serial++
	return r.serial
}

// freeSeat finds a seat for a newcomer: the one that is wanted, or the first where want is below 0.
func (r *Room) freeSeat(now time.Duration, want int) (int, *protocol.Error) {
	switch {
	case want >= len(r.seats):
		return 0, protocol.Errorf(protocol.CodeSeat, "Room %s has seats 0 to %d, you asked for %d.", r.code, len(r.seats)-1, want)
	case want >= 0 && !r.vacant(now, want):
		return 0, protocol.Errorf(protocol.CodeSeat, "Seat %d of room %s is taken; leave the choice to the relay or take another.", want, r.code)
	case want >= 0:
		return want, nil
	}
	for s := range r.seats {
		if r.vacant(now, s) {
			return s, nil
		}
	}
	full, started, watch := protocol.CodeRoomFull, protocol.CodeRoomStarted, " You can watch its match."
	if len(r.watchers) >= r.cfg.Spectators {
		full, started, watch = protocol.CodeCrowded, protocol.CodeCrowded, ""
	}
	if r.idle() {
		return 0, protocol.Errorf(full, "Room %s is full: all its %d seats are taken. Host a room of your own, or join another.%s", r.code, len(r.seats), watch)
	}
	return 0, protocol.Errorf(started, "The match of room %s has begun with all its seats taken; wait for its end or host a new one.%s", r.code, watch)
}

// vacant reports whether a newcomer may have a seat. In mid-match it is one that nobody took, whose
// player left by their own act, or whose player has been gone for longer than anybody waits.
func (r *Room) vacant(now time.Duration, s int) bool {
	seat := &r.seats[s]
	switch {
	case !seat.taken:
		return true
	case r.idle() || seat.finished || seat.present && !seat.bot:
		return false
	}
	return seat.left || r.phase == roomPlaying && now-seat.absent > r.cfg.Pause
}

// seatPlayer gives a free seat to a newcomer, or back to whoever had it when the latest match ended, who is
// told its end.
func (r *Room) seatPlayer(now time.Duration, c ConnID, s int, m *protocol.Join, had bool) {
	seat := &r.seats[s]
	if seat.present {
		r.refuse(seat.conn, protocol.Errorf(protocol.CodeTakenOver, "A player took the seat that this bot kept warm."))
		r.abandon(now, s)
	}
	if r.seats.taken() == 0 {
		r.host = s
	}
	r.serial++
	r.void(s)
	seat.admit(now, c, m)
	before := ""
	if !r.idle() && seat.taken {
		before = seat.name
	}
	seat.asked, seat.name = m.Name, r.seats.distinct(s, m.Name, before)
	seat.taken, seat.bot, seat.ready, seat.left, seat.away, seat.unloads, seat.forgotten = true, false, false, false, false, false, false
	seat.owner, seat.serial, seat.shown, seat.returns = r.draw(), r.serial, 0, allowance{}
	seat.slacks.List, seat.times.List = seat.slacks.List[:0], seat.times.List[:0]
	if r.phase == roomPlaying || r.phase == roomPaused {
		if r.seats.humans() == 1<<s && s != r.host {
			r.makeHost(s) // the only one here
		}
	}
	r.elect(s)
	r.event(RoomEvent{Kind: RoomSeated, Seat: s, Text: seat.name})
	if r.idle() {
		r.roster(protocol.TypeWaitingRoom)
		if had {
			seat.ended = seat.owner // and may come back once more
		}
		if r.phase == roomAfter && (had || m.Have > 0 && m.Seed == r.matchSeed) {
			r.feed(now, &seat.link, s, recovery.PastOf(m)) // the end it has missed, or a page that is loaded again has forgotten
		}
		return
	}
	seat.lastFrame, seat.repeats, seat.goneAt, seat.since, seat.played = 0, 0, 0, r.next, false
	r.states.Renew(s)
	r.roster(protocol.TypeGameReady)
	r.feed(now, &seat.link, s, recovery.Past{})
}

// seatBot lets a stand-in play for somebody who is gone.
func (r *Room) seatBot(now time.Duration, c ConnID, s int, m *protocol.Join) {
	seat := &r.seats[s]
	if seat.present {
		r.refuse(seat.conn, protocol.Errorf(protocol.CodeTakenOver, "Another bot took this seat over."))
		r.abandon(now, s)
	}
	r.void(s)
	seat.admit(now, c, m)
	seat.bot, seat.ready, seat.away, seat.unloads = true, false, false, false
	seat.lastFrame, seat.repeats = 0, 0
	r.states.Renew(s)
	if !seat.taken {
		seat.taken, seat.left, seat.name, seat.since = true, true, fmt.Sprintf("Seat %d", s+1), r.next // anybody may have it
	}
	r.elect(s)
	r.event(RoomEvent{Kind: RoomSeated, Seat: s, Text: seat.name + " (bot)"})
	r.roster(protocol.TypeGameReady)
	r.feed(now, &seat.link, s, recovery.Past{})
}

// askBots is how long the host has to bring a stand-in before it is asked again.
const askBots = 5 * time.Second

// standIns asks the host for bots for the seats whose players are gone.
func (r *Room) standIns(now time.Duration) {
	if r.cfg.Disconnect != options.DisconnectBot || r.phase != roomPlaying {
		return
	}
	host := &r.seats[r.host]
	if !host.present || host.behind || host.bot {
		return
	}
	for i := range r.seats {
		s := &r.seats[i]
		if s.present || s.finished || s.botAsked != 0 && now-s.botAsked < askBots {
			continue
		}
		s.botAsked, s.botOwner = now, r.draw()
		r.send(host.conn, protocol.TypeStandIn, protocol.Append(r.buf, &protocol.StandIn{Seat: uint8(i),
			Token: r.seal(roster.Token{StandIn: true, Seat: i, Owner: s.botOwner})}))
	}
}

func (r *Room) elect(s int) {
	seat := &r.seats[s]
	t := roster.Token{Seat: s, Serial: seat.serial, Owner: seat.owner, Options: strings.Join(r.cfg.Special(), "\n")}
	if seat.bot {
		t = roster.Token{StandIn: true, Seat: s, Owner: seat.botOwner}
	}
	r.send(seat.conn, protocol.TypeHostElected, protocol.Append(r.buf, &protocol.HostElected{
		IsHost: s == r.host, Seat: uint8(s), HostSeat: uint8(r.host), Room: r.code, Seed: r.seed,
		Token: r.seal(t), Options: r.cfg.Words(),
	}))
}

// renew gives everybody who is here a fresh token once an hour, or where the clock on the wall has been
// set: a token must not be older than its room believes when the relay is restarted.
func (r *Room) renew() {
	if age := r.wall.Sub(r.sealed); age > -roster.Renewal && age < roster.Renewal {
		return
	}
	r.sealed = r.wall
	for i := range r.seats {
		if r.seats[i].present {
			r.elect(i)
		}
	}
}

// seal signs a token of this room.
func (r *Room) seal(t roster.Token) []byte {
	t.ID, t.Made, t.Expires, t.Seed, t.Room = r.id, r.made, r.wall.Add(roster.Life).Unix(), r.seed, r.code
	return t.Seal(r.key)
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
		name := s.name
		if s.forgotten {
			name = ""
		}
		entries[i] = protocol.RosterEntry{Name: name, Taken: true, Ready: s.ready && s.present, Host: i == r.host, Bot: s.bot, Since: s.since, Away: s.away && s.present}
	}
	watchers := make([]string, 0, protocol.MaxWatchers)
	for _, w := range r.watchers[:min(len(r.watchers), cap(watchers))] {
		watchers = append(watchers, w.name)
	}
	watching := uint8(len(r.watchers))
	if t == protocol.TypeGameReady {
		r.broadcast(t, protocol.Append(r.buf, &protocol.GameReady{Seats: entries, Watching: watching, Watchers: watchers}))
		return
	}
	r.broadcast(t, protocol.Append(r.buf, &protocol.WaitingRoom{Needed: uint8(needed), Seats: entries, Watching: watching, Watchers: watchers,
		HoldMS: r.holdLeft()}))
}

// unseat takes a seat from its connection. own says that the player left by their own act.
func (r *Room) unseat(now time.Duration, s int, code protocol.Code, own bool) {
	seat := &r.seats[s]
	name := seat.name
	wasBot := seat.bot
	r.event(RoomEvent{Kind: RoomUnseated, Seat: s, Code: code})
	seat.present, seat.behind, seat.stuckAt, seat.absent = false, false, 0, now
	seat.bot = false
	r.abandon(now, s)
	switch {
	case r.phase == roomOver:
		return
	case r.idle():
		seat.taken, seat.ready = false, false
		if s == r.host {
			r.handOver()
		}
		r.empty = r.seats.taken() == 0
		r.roster(protocol.TypeWaitingRoom)
		return
	case r.phase == roomRestoring:
		r.withdraw(now, s, own)
		return
	}
	if wasBot {
		seat.botAsked = now // a moment, before the host is asked again
		r.verdicts()
		r.maybeFinish(now)
		return
	}
	if own {
		seat.owner, seat.shown, seat.left = r.draw(), 0, true // nobody comes back from an act of their own
	}
	if !seat.played { // somebody who came in mid-match and went before they had a part in it
		seat.taken, seat.ready = false, false
	}
	if s == r.host {
		r.handOver()
	}
	if r.seats.humans() == 0 {
		r.deserted(now, s, own || !seat.played)
		return
	}
	if !seat.played {
		r.crowd()
		r.verdicts()
		r.maybeFinish(now)
		return
	}
	if seat.finished {
		r.verdicts()
		r.maybeFinish(now)
		return
	}
	if r.cfg.Disconnect == options.DisconnectPause && !own {
		seat.ready = false
		if r.pause(now, s) {
			r.crowd()
			return
		}
	}
	if r.cfg.Disconnect == options.DisconnectSubstitute || r.cfg.Disconnect == options.DisconnectBot {
		r.roster(protocol.TypeGameReady)
		r.verdicts()
		r.maybeFinish(now)
		return
	}
	if own {
		r.end(protocol.CodeLeft, fmt.Sprintf("%s left the match; it ends after %s.", name, seconds(r.next)))
	} else {
		r.end(protocol.CodeGone, fmt.Sprintf("%s; the match ends after %s.", seat.loss(), seconds(r.next)))
	}
}

// deserted decides what becomes of a match in which nobody is left: it waits for those who can come
// back, whatever the room does when one of several is gone.
func (r *Room) deserted(now time.Duration, last int, own bool) {
	for i := range r.seats {
		s := &r.seats[i]
		if s.taken && !s.left && !s.finished {
			who := i
			if !own {
				who = last
			}
			if r.cfg.Disconnect != options.DisconnectEnd && !r.seats[who].left && r.pause(now, who) {
				return
			}
			break
		}
	}
	r.end(protocol.CodeGone, "Everybody is gone.")
}

func seconds(frames uint32) string { return fmt.Sprintf("%.1f s", float64(frames)/FrameRate) }

// handOver makes the first seat whose player is there the host.
func (r *Room) handOver() {
	for i := range r.seats {
		if s := &r.seats[i]; s.taken && s.present && !s.bot {
			r.makeHost(i)
			return
		}
	}
}

func (r *Room) makeHost(s int) {
	r.host = s
	for i := range r.seats {
		r.seats[i].botAsked = 0
	}
	r.broadcast(protocol.TypeHostChanged, protocol.Append(r.buf, &protocol.HostChanged{Seat: uint8(s)}))
}

// setOption lets the host change the input delay in mid-match, from a frame on that is announced to
// all.
func (r *Room) setOption(s int, m *protocol.SetOption) *protocol.Error {
	// What is of a match that is over, or that a restart of the relay has undone, was sent before its
	// sender could know.
	if r.phase == roomOver || r.phase == roomAfter || m.Epoch != r.epoch || r.phase == roomLobby && m.Epoch > 0 {
		return nil
	}
	if s != r.host {
		return protocol.Errorf(protocol.CodeNotHost, "Only the host changes the room's options.")
	}
	if name, _, _ := strings.Cut(m.Option, "="); name != "delay" {
		return protocol.Errorf(protocol.CodeOptions, "Room option %q cannot be changed in mid-match; the input delay can.", name)
	}
	if r.phase == roomLobby {
		return protocol.Errorf(protocol.CodeUnexpected, "Room options are changed while a match is played.")
	}
	cfg := r.cfg
	if err := cfg.Set(m.Option); err != nil {
		return protocol.Errorf(protocol.CodeOptions, "%v", err)
	}
	r.wish = m.Option
	return nil
}

// hostSays tells everybody what the host has said: the last of it, and not faster than anybody could
// follow, so that a host that talks without end fills nobody's line.
func (r *Room) hostSays(now time.Duration) {
	if r.hudNews.Take(now, hudEvery) {
		r.broadcast(protocol.TypeHUDSync, protocol.Append(r.buf, &protocol.HUDSync{Text: r.hud}))
	}
	if r.wish == "" || now < r.wishedAt || r.phase != roomPlaying && r.phase != roomPaused {
		return
	}
	if err := r.cfg.Set(r.wish); err == nil { // it was tried when it came
		r.broadcast(protocol.TypeSetOption, protocol.Append(r.buf, &protocol.SetOption{
			Epoch: r.epoch, Frame: r.next + optionAhead, Option: r.wish}))
	}
	r.wish, r.wishedAt = "", now+FrameTime(optionAhead)
}
