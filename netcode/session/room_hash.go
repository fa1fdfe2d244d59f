package session

import (
	"time"

	"tandem/netcode/protocol"
	"tandem/netcode/session/verify"
)

// What follows from the seats' hashes; package verify compares them.

// forgetHashes begins a match or an epoch: nothing is compared across it.
func (r *Room) forgetHashes() {
	r.states.Begin(r.epoch, r.next, r.cfg.HashEvery)
	r.moving.clear()
	r.dropKept()
}

func (r *Room) stateHash(s int) *protocol.Error {
	m := &r.dec.StateHash
	if r.phase == roomOver || r.phase == roomAfter || m.Epoch < r.epoch {
		return nil
	}
	if r.phase == roomLobby || m.Epoch != r.epoch || m.Frame >= r.next {
		return protocol.Errorf(protocol.CodeUnexpected, "A hash of frame %d, which has not closed.", m.Frame)
	}
	if b, ok := r.log.Get(m.Frame); ok && b.Flags&protocol.FlagHash == 0 {
		return nil // nobody asked: it would only crowd out what others were asked for
	}
	switch loads := r.states.Loads(s); {
	case m.Loads < loads:
		return nil // of a state that it has replaced since
	case m.Loads > loads:
		r.states.Loaded(s, m.Loads, r.seats[s].loading.State)
		r.void(s)
	}
	r.conclude(r.states.Displace(r.moment(), m.Frame))
	first, ok := r.states.Tell(s, m)
	if first {
		r.used = true
	}
	if !ok {
		return nil // so old that its frame was given up
	}
	r.out.Hashes = append(r.out.Hashes, SeatHash{s, *m})
	r.verdicts()
	return nil
}

// moment is what a comparison of states must know of the room now.
func (r *Room) moment() verify.Moment {
	return verify.Moment{Now: r.out.now, Next: r.next, Telling: r.seats.hashing(), Witness: r.witness.on, Beginning: r.log.Base() == 0, Host: r.host}
}

// void forgets what a seat has hashed: it has another state now, or somebody else sits there.
func (r *Room) void(s int) { r.conclude(r.states.Void(r.moment(), s)) }

// verdicts judges every frame whose hashes are complete, or have been waited for long enough.
func (r *Room) verdicts() {
	for {
		v, ok := r.states.Next(r.moment())
		if !ok {
			return
		}
		r.conclude(v, true)
	}
}

// conclude carries a verdict out, where there is one.
func (r *Room) conclude(v protocol.VerifyState, ok bool) {
	if !ok {
		return
	}
	r.verdict(&v)
	if v.By == protocol.JudgeNone {
		r.askAgain(r.out.now, &v)
		return
	}
	r.repair(r.out.now, &v)
	r.states.Settle(&v)
}

func (r *Room) verdict(m *protocol.VerifyState) {
	r.broadcast(protocol.TypeVerifyState, protocol.AppendVerifyState(r.buf, m))
	r.event(RoomEvent{Kind: RoomVerified, Frame: m.Frame, Mask: m.Compared})
	if m.Differing != 0 {
		r.event(RoomEvent{Kind: RoomDesync, Frame: m.Frame, Mask: m.Differing, Sections: m.Sections, Text: m.By.String()})
	}
}

// askAgain lets all who were compared simulate the frames since the last verified one again.
func (r *Room) askAgain(now time.Duration, v *protocol.VerifyState) {
	questions, ok := r.states.Ask(now, r.moving.lastID+1, v)
	if !ok {
		return
	}
	r.moving.lastID++
	for _, q := range questions {
		r.send(r.seats[q.Seat].conn, protocol.TypeRequestState, protocol.Append(r.buf, &protocol.RequestState{Epoch: r.epoch, ID: r.moving.lastID,
			Kind: protocol.KindRecheck, Frame: v.Frame, HasBase: q.Base.OK, BaseFrame: q.Base.Frame, BaseHash: q.Base.Hash}))
	}
	r.conclude(r.states.Decide(r.moment()))
}

// rechecked takes a seat's answer.
func (r *Room) rechecked(s int, m *protocol.Rechecked) {
	if m.Epoch != r.epoch || !r.states.Asks(s, m.ID) {
		return
	}
	r.used = true
	r.states.Answer(s, m.OK, m.Hash)
	r.conclude(r.states.Decide(r.moment()))
}
