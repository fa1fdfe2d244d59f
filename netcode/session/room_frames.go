package session

import (
	"fmt"
	"time"

	"tandem/netcode/protocol"
	"tandem/netcode/session/options"
)

// action takes one seat's input for one frame. The first input for a frame wins.
func (r *Room) action(now time.Duration, s int, epoch uint8, frame uint32, a uint8) *protocol.Error {
	if r.phase == roomOver || r.phase == roomPaused || r.phase == roomAfter || epoch < r.epoch {
		return nil // sent before its sender could know
	}
	if r.phase != roomPlaying || epoch != r.epoch {
		return protocol.Errorf(protocol.CodeUnexpected, "An input for epoch %d, which has not begun.", epoch)
	}
	if int(a) >= r.cfg.Actions {
		return protocol.Errorf(protocol.CodeMalformed, "Action %d is outside the %d actions of %s.", a, r.cfg.Actions, r.cfg.Env)
	}
	if frame > r.next+frameWindow {
		return protocol.Errorf(protocol.CodeWindow, "An input for frame %d, more than %d ahead of the open frame %d.", frame, frameWindow, r.next)
	}
	seat := &r.seats[s]
	if frame+frameWindow < r.next {
		return nil // what a stalled peer still had to say
	}
	push(&seat.slacks, frame, int32((r.clock.Announced(frame)-now)/tenth))
	if frame+1 > seat.lastFrame {
		if seat.predictor != nil {
			seat.predictor.Observe(a, frame+1-seat.lastFrame)
		}
		seat.last, seat.lastFrame = a, frame+1
		seat.repeats = 0
	}
	if frame < r.next {
		r.event(RoomEvent{Kind: RoomLate, Seat: s, Frame: frame})
		seat.late = true
		return nil
	}
	slot := &r.slot[frame%slots]
	if slot.have&(1<<s) == 0 {
		slot.have |= 1 << s
		slot.actions[s] = a
		if now > r.clock.Closes(frame) {
			slot.late |= 1 << s
		}
	}
	return nil
}

// push appends the time of one more frame. Frames that are left out have none; whoever goes back, or far
// ahead, starts the list anew: times are a measurement, not a record.
func push(t *protocol.Times, frame uint32, v int32) {
	if next := t.First + uint32(len(t.List)); frame < next || frame >= t.First+protocol.MaxList {
		t.List = t.List[:0]
	}
	if len(t.List) == 0 {
		t.First = frame
	}
	for frame > t.First+uint32(len(t.List)) {
		t.List = append(t.List, protocol.NoTime)
	}
	t.List = append(t.List, v)
}

// closeFrames closes every frame whose time has come: at once when the input of every seat that is
// at its controls is there, at C(F) otherwise, or a little later where the room waits.
func (r *Room) closeFrames(now time.Duration) {
	for r.phase == roomPlaying && !r.complete() {
		slot := &r.slot[r.next%slots]
		closes := r.clock.Closes(r.next)
		// Where nobody is at the controls, time alone closes frames.
		complete := slot.have != 0 && r.missing(now, slot) == 0
		if now < closes-earliest {
			return // whatever has come: nobody plays the future
		}
		if !complete && now < max(closes, r.holdUntil(now)) {
			return
		}
		r.closeFrame(now, slot, closes)
	}
}

// earliest is how long before its time a frame may close: the longest input delay, and a third of a
// second for the links. Without it one seat could play on alone, minutes ahead, while nobody else is
// at the controls.
const earliest = (options.MaxDelay + 10) * time.Second / FrameRate

// missing returns the seats whose input for the open frame is waited for and not there.
func (r *Room) missing(now time.Duration, slot *inputSlot) (seats uint16) {
	for i := range r.seats {
		if s := &r.seats[i]; slot.have&(1<<i) == 0 && s.present && !s.away && !s.behind && (now-s.heard < quiet || r.cfg.Late == options.LateHold) {
			seats |= 1 << i
		}
	}
	return seats
}

func (r *Room) closeFrame(now time.Duration, slot *inputSlot, closes time.Duration) {
	m := protocol.Bundle{Epoch: r.epoch, Frame: r.next, Seats: len(r.seats)}
	if now > closes && r.cfg.Late != options.LateSubstitute {
		closes = r.hold(now, closes, slot, &m)
	}
	for i := range r.seats {
		if slot.have&(1<<i) != 0 {
			m.Actions[i] = slot.actions[i]
			continue
		}
		m.Substituted |= 1 << i
		m.Actions[i] = r.substitute(i)
	}
	if m.Substituted&r.seats.steering() != 0 {
		r.states.Soon(r.next) // what was not meant to happen is looked at closely (B3)
	}
	if early := closes - now; early > 0 {
		// Rounded up: a downlink measured a millisecond too long costs nothing, one too short a
		// hiccup.
		m.Early = uint8(min((early+time.Millisecond-1)/time.Millisecond, protocol.MaxEarly))
	}
	if r.states.Due(now, r.next) {
		m.Flags |= protocol.FlagHash
	}
	*slot = inputSlot{}
	r.log.Add(&m)
	r.next++
	r.broadcast(protocol.TypeBundle, protocol.AppendBundle(r.buf, &m))
	r.event(RoomEvent{Kind: RoomClosed, Frame: m.Frame, Mask: m.Substituted & r.seats.steering(), N: int(m.Hold)})
	if r.next%syncEvery == 0 {
		r.frameSync(now)
	}
}

// substitute chooses the action of a seat whose input is missing.
func (r *Room) substitute(s int) uint8 {
	seat := &r.seats[s]
	if !seat.present || seat.away || seat.behind || seat.lastFrame == 0 || seat.repeats >= maxRepeat {
		return r.cfg.DefaultAction
	}
	seat.repeats++
	a := r.cfg.DefaultAction
	switch {
	case seat.predictor != nil:
		a = seat.predictor.Predict(r.next + 1 - seat.lastFrame)
	case r.cfg.Population == options.PreviousAction:
		a = seat.last
	}
	if r.cfg.IsOneShot(a) {
		return r.cfg.DefaultAction
	}
	return a
}

// frameSync tells every seat the slack of its inputs and when the others sampled theirs.
func (r *Room) frameSync(now time.Duration) {
	m := protocol.FrameSync{Epoch: r.epoch, Frame: r.next,
		Offset: int32((now - r.clock.Closes(r.next)) / tenth)}
	var others [protocol.MaxSeats]protocol.Times
	for i := range r.seats {
		if !r.seats[i].present || r.seats[i].behind {
			continue
		}
		m.Own = r.seats[i].slacks
		m.Others = others[:0]
		for k := range r.seats {
			if k != i && len(r.seats[k].times.List) > 0 {
				t := r.seats[k].times
				t.Seat = uint8(k)
				t.List = t.List[:min(len(t.List), othersTimes)]
				m.Others = append(m.Others, t)
			}
		}
		r.send(r.seats[i].conn, protocol.TypeFrameSync, protocol.AppendFrameSync(r.buf, &m))
	}
	m.Own, m.Others = protocol.Times{}, others[:0]
	for k := range r.seats {
		if t := r.seats[k].times; len(r.watchers) > 0 && len(t.List) > 0 {
			t.Seat = uint8(k)
			t.List = t.List[:min(len(t.List), othersTimes)]
			m.Others = append(m.Others, t)
		}
	}
	for i := range r.watchers {
		if w := r.watchers[i]; w.present && !w.behind {
			r.send(w.conn, protocol.TypeFrameSync, protocol.AppendFrameSync(r.buf, &m))
		}
	}
	for i := range r.seats {
		r.seats[i].slacks.List = r.seats[i].slacks.List[:0]
		r.seats[i].times.List, r.seats[i].times.Bound = r.seats[i].times.List[:0], 0
	}
}

// tellLate tells a seat at once that its inputs come late, so that it need not wait for the next
// frame_sync to sample earlier: three frames apart at most, while it goes on.
func (r *Room) tellLate(now time.Duration) {
	for i := range r.seats {
		s := &r.seats[i]
		if !s.late || !s.present || r.next-s.lateAt < tellEvery {
			continue
		}
		s.late, s.lateAt = false, r.next
		m := protocol.FrameSync{Epoch: r.epoch, Frame: r.next, Offset: int32((now - r.clock.Closes(r.next)) / tenth), Own: s.slacks}
		r.send(s.conn, protocol.TypeFrameSync, protocol.AppendFrameSync(r.buf, &m))
		s.slacks.List = s.slacks.List[:0]
	}
}

// othersTimes is how many times of each other seat go into a message: 16 seats must fit, at five bytes each.
const othersTimes = 44

// tellEvery bounds how often a seat is told: every third frame.
const tellEvery = 3

// sampledTimes keeps when a seat sampled its inputs, for the others' next frame_sync.
func (r *Room) sampledTimes(s int) {
	m := &r.dec.FrameSync
	if r.phase != roomPlaying || m.Epoch != r.epoch {
		return
	}
	t := &r.seats[s].times
	for i, v := range m.Own.List {
		push(t, m.Own.First+uint32(i), v)
	}
	t.Bound = max(t.Bound, m.Own.Bound)
}

// finishedSeat notes that a seat's match is over by its own rules.
func (r *Room) finishedSeat(now time.Duration, s int, m *protocol.Finished) *protocol.Error {
	seat := &r.seats[s]
	if r.phase == roomOver || m.Epoch < r.epoch {
		return nil
	}
	if r.phase == roomAfter {
		return nil // the others' reports were enough
	}
	if r.phase != roomPlaying && r.phase != roomPaused || m.Frames > r.next || (r.cfg.Frames > 0 && m.Frames != r.cfg.Frames) {
		return protocol.Errorf(protocol.CodeUnexpected, "The match cannot have ended after frame %d.", m.Frames)
	}
	if seat.finished {
		if seat.frames != m.Frames || seat.final != m.Hash {
			return protocol.Errorf(protocol.CodeUnexpected, "The match ended twice, and differently.")
		}
		return nil // said again after a lost connection
	}
	seat.finished, seat.frames, seat.final = true, m.Frames, m.Hash
	if m.Frames > 0 {
		r.out.Hashes = append(r.out.Hashes, SeatHash{s, protocol.StateHash{Epoch: m.Epoch, Frame: m.Frames - 1, Total: m.Hash}})
	}
	if r.finish == 0 {
		r.finish, r.reached, r.waits = now, r.finishing().reached, 0
		r.states.Soon(r.next) // it shows who is past this end
	}
	r.maybeFinish(now)
	return nil
}

// finishing is how far the seats are when some have reported the match's end.
type finishing struct {
	last    uint32 // the longest match that was reported
	done    int    // seats that have reported
	others  int    // players who were seen to play on past it
	late    int    // one of those who were not seen there yet, or -1
	reached uint32 // grows as they come nearer
}

func (r *Room) finishing() finishing {
	e := finishing{late: -1}
	for i := range r.seats {
		if s := &r.seats[i]; s.present && s.finished {
			e.last = max(e.last, s.frames)
			e.done++
		}
	}
	for i := range r.seats {
		switch s := &r.seats[i]; {
		case !s.present || s.finished:
		case s.behind:
			e.late = i
			e.reached += r.states.Reached(i) + s.sendFrom
		case r.states.Reached(i) <= e.last:
			e.late = i
			e.reached += r.states.Reached(i)
		case s.ready && !s.bot:
			e.others++
		}
	}
	return e
}

// unfinished decides what becomes of a match of which some have reported the end and some have not for
// a while. Who was seen to play on past that end differs, and where no fewer do than have finished, the
// end that was reported is not the match's: anybody could end it for all with a word. The rest are late,
// which is no difference of states: they are waited for as long as they come nearer.
func (r *Room) unfinished(now time.Duration) {
	e := r.finishing()
	switch {
	case e.others == 0 && e.late >= 0 && e.reached > r.reached && r.waits < maxWaits:
		r.finish, r.reached = now, e.reached
		r.waits++
	case e.others == 0 && e.late >= 0:
		r.end(protocol.CodeSlow, fmt.Sprintf("The match is over after %s; %s had not got to its end.", seconds(e.last), r.seats[e.late].name))
	case e.done > e.others:
		r.end(protocol.CodeDesync, "Not everybody reported the end of the match; it is closed.")
	default:
		r.finish = 0
		for i := range r.seats {
			if s := &r.seats[i]; s.present && s.finished {
				r.expel(now, &s.link, i, protocol.Errorf(protocol.CodeDesync, "Your match was over after %s, the others play on: your games were not the same.", seconds(s.frames)))
			}
		}
	}
}

// maybeFinish ends the match when every present seat has reported its end.
func (r *Room) maybeFinish(now time.Duration) {
	first := -1
	var present, differing uint16
	for i := range r.seats {
		s := &r.seats[i]
		if !s.present {
			continue
		}
		if !s.finished {
			return
		}
		present |= 1 << i
		if first < 0 {
			first = i
		} else if s.frames != r.seats[first].frames || s.final != r.seats[first].final {
			differing |= 1<<i | 1<<first
		}
	}
	if first < 0 || r.phase != roomPlaying && r.phase != roomPaused {
		return
	}
	frames, final := r.seats[first].frames, r.seats[first].final
	by := protocol.JudgeAll
	if w := &r.witness; w.on {
		if !w.finished {
			return // it is as far as the bundles are; a moment more
		}
		by = protocol.JudgeWitness
		frames, final, differing = w.frames, w.final, 0
		for i := range r.seats {
			if s := &r.seats[i]; s.present && (s.frames != frames || s.final != final) {
				differing |= 1 << i
			}
		}
	}
	if differing != 0 && by == protocol.JudgeAll {
		final, by = 0, protocol.JudgeNone
	}
	r.verdict(&protocol.VerifyState{Epoch: r.epoch, Frame: frames, Compared: present, Differing: differing, Total: final, By: by})
	if differing != 0 {
		r.end(protocol.CodeDesync, "The players' final states differ: their games were not the same.")
		return
	}
	r.matchOver(now, fmt.Sprintf("The match is over after %s.", seconds(frames)))
}
