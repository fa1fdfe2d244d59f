package session

import (
	"math/bits"
	"time"

	"tandem/netcode/protocol"
	"tandem/netcode/session/recovery"
	"tandem/netcode/session/verify"
)

// Where states differ or are missing, a snapshot of the state that holds travels from somebody who
// has it, through the relay, to whoever needs it. The relay never looks inside.

const (
	// fetchTime is how long a snapshot may take from one who has it before another is asked: the
	// slowest playable round trip, and the line's bandwidth for 64 KiB.
	fetchTime = 3 * time.Second
	// fetchLimit is how long it may take from one donor in all, however it dribbles.
	fetchLimit = 15 * time.Second
	// maxEvidence is how many states a match's epoch lets others look at: who differs for ever gives no more to learn.
	maxEvidence = 8
	// maxTransfers bounds the snapshots under way in a room: one per seat and a few spectators.
	maxTransfers = 2 * protocol.MaxSeats
	// byWitness is the donor of the witness's snapshots.
	byWitness = -1
)

// fetch asks somebody who has a state for it, on behalf of l. based allows a difference
// to the last verified state.
func (r *Room) fetch(now time.Duration, kind protocol.StateKind, state verify.State, l *link, seat int, based bool) bool {
	if r.moving.full() {
		return false
	}
	t := transfer{kind: kind, state: state, zstd: l.zstd, to: l.conn, seat: seat}
	if based && seat >= 0 {
		t.base = r.states.BaseFor(seat, state.Frame)
	}
	if !r.ask(now, &t) {
		return false
	}
	r.moving.list = append(r.moving.list, t)
	return true
}

// ask asks the next possible donor of a transfer; false when there is none left.
func (r *Room) ask(now time.Duration, t *transfer) bool {
	t.offset, t.until, t.limit = 0, now+fetchTime, now+fetchLimit
	r.moving.lastID++
	t.id = r.moving.lastID
	if r.witness.on && t.kind == protocol.KindLoad && t.donor != byWitness && t.tried == 0 {
		t.donor = byWitness
		r.witnessSave(t)
		return true
	}
	donor := -1
	for i := range r.seats {
		s := &r.seats[i]
		if i == t.seat || t.tried&(1<<i) != 0 || !s.present || s.behind || s.state != nil || !r.states.Has(i, t.state) {
			continue
		}
		if donor < 0 || i == r.host {
			donor = i
		}
	}
	if donor < 0 {
		return false
	}
	t.donor = donor
	t.tried |= 1 << donor
	r.send(r.seats[donor].conn, protocol.TypeRequestState, protocol.Append(r.buf, &protocol.RequestState{Epoch: r.epoch, ID: t.id,
		Kind: t.kind, Frame: t.state.Frame, HasBase: t.base.OK, BaseFrame: t.base.Frame, BaseHash: t.base.Hash, Zstd: t.zstd}))
	return true
}

// repair gets the state that holds to all who differ from it, and shows those who were right what
// the others had.
func (r *Room) repair(now time.Duration, m *protocol.VerifyState) {
	right := m.Compared &^ m.Differing
	for i := range r.seats {
		if m.Differing&(1<<i) == 0 || !r.seats[i].present || r.seats[i].finished || r.moving.underWay(r.seats[i].conn, protocol.KindLoad) {
			continue
		}
		r.fetch(now, protocol.KindLoad, verify.State{Frame: m.Frame, Hash: m.Total}, &r.seats[i].link, i, true)
		if right == 0 {
			continue
		}
		// The evidence: for one seat that was right, so that a report has both sides.
		k := bits.TrailingZeros16(right)
		h := r.states.HashOf(i, m.Frame)
		if h != 0 && r.moving.evidence < maxEvidence && !r.moving.underWay(r.seats[k].conn, protocol.KindEvidence) {
			r.moving.evidence++
			// Whole: a difference is to frames played again, which come out differently where this is for.
			r.fetch(now, protocol.KindEvidence, verify.State{Frame: m.Frame, Hash: h}, &r.seats[k].link, k, false)
		}
	}
}

// chunk passes a piece of a snapshot on to the one who waits for it.
func (r *Room) chunk(now time.Duration, s int, m *protocol.SnapshotChunk) *protocol.Error {
	i := r.moving.find(m.ID, s)
	if i < 0 || m.Epoch != r.epoch {
		return nil // given up meanwhile
	}
	t := &r.moving.list[i]
	r.used = true // once per question: it is over, or comes nearer
	if m.Size == 0 {
		r.failed(now, i, "it cannot be had")
		return nil
	}
	if m.Offset == 0 {
		t.size, t.based, t.packed = m.Size, m.HasBase, m.Packed
	}
	if m.Size != t.size || m.HasBase != t.based || m.Packed != t.packed || m.Frame != t.state.Frame || m.Hash != t.state.Hash || m.Kind != t.kind || m.Offset != t.offset || m.Packed && !t.zstd ||
		m.HasBase && (!t.base.OK || m.BaseFrame != t.base.Frame || m.BaseHash != t.base.Hash) {
		r.failed(now, i, "it is not the one that was asked for")
		return nil
	}
	t.offset += uint32(len(m.Data))
	t.until = min(now+fetchTime, t.limit)
	r.deliver(now, i, m)
	return nil
}

// deliver sends a chunk on, and forgets the transfer behind the last one.
func (r *Room) deliver(now time.Duration, i int, m *protocol.SnapshotChunk) {
	t := &r.moving.list[i]
	if t.kept != nil {
		r.store(now, i, m)
		return
	}
	r.send(t.to, protocol.TypeSnapshotChunk, protocol.Append(r.buf, m))
	if t.offset == m.Size {
		if l, _ := r.linkOf(t.to); l != nil && t.kind == protocol.KindLoad {
			l.loading.State, l.loading.based = t.state, m.HasBase
		}
		r.event(RoomEvent{Kind: RoomSnapshot, Seat: t.seat, Frame: t.state.Frame, N: int(m.Size)})
		r.moving.drop(i)
	}
}

// failed asks the next donor; a receiver that has nothing else gets the log.
func (r *Room) failed(now time.Duration, i int, why string) {
	t := r.moving.list[i]
	r.event(RoomEvent{Kind: RoomTransferFailed, Seat: t.seat, Frame: t.state.Frame, Text: why})
	if t.kept != nil { // nobody may have begun with what it lacks now
		t.kept.size, t.kept.Data = 0, t.kept.Data[:0]
	}
	asked := r.ask(now, &t)
	if asked {
		r.moving.list[i] = t
	} else {
		r.moving.drop(i)
	}
	if t.kept != nil {
		r.askedAgain(now, t.kept, t.id, asked)
	}
}

// refeed tells somebody who waits for a snapshot in vain to begin at the beginning.
func (r *Room) refeed(now time.Duration, c ConnID) {
	l, s := r.linkOf(c)
	if l == nil || r.phase != roomPlaying && r.phase != roomPaused && r.phase != roomAfter {
		return
	}
	if r.log.Base() > 0 {
		r.refuse(c, protocol.Errorf(protocol.CodeBusy, "Nobody could tell the state of the match; try again in a few seconds."))
		r.leave(now, l, s, protocol.CodeBusy, false)
		return
	}
	l.behind, l.sendFrom, l.sendAt = true, 0, now
	r.anew(s)
	r.tellStart(now, l, 0, false, 0)
}

// anew notes that a seat is told to begin the match again: the hashes that it sent before are of the
// state that it gives up, those that are on their way, too.
func (r *Room) anew(s int) {
	if s >= 0 {
		r.void(s)
		r.states.Restart(s)
	}
}

// abandon forgets what a seat was to send or to get: its connection is gone.
func (r *Room) abandon(now time.Duration, s int) {
	for i := len(r.moving.list) - 1; i >= 0; i-- {
		if i >= len(r.moving.list) {
			continue // what failed took somebody else's with it
		}
		switch t := &r.moving.list[i]; {
		case t.seat == s:
			r.moving.drop(i)
		case t.donor == s:
			r.failed(now, i, "its donor is gone")
		}
	}
	r.conclude(r.states.Excuse(r.moment(), s))
}

// expire gives up what took too long.
func (r *Room) expire(now time.Duration) {
	for i := len(r.moving.list) - 1; i >= 0; i-- {
		if i < len(r.moving.list) && now >= r.moving.list[i].until {
			r.failed(now, i, "it took too long")
		}
	}
	r.conclude(r.states.Expire(r.moment()))
}

// resync answers a connection that could not use its snapshot, or found by itself that it differs.
func (r *Room) resync(now time.Duration, l *link, s int, m *protocol.RequestResync) {
	if m.Epoch != r.epoch || r.phase != roomPlaying && r.phase != roomPaused {
		return
	}
	r.event(RoomEvent{Kind: RoomTransferFailed, Seat: s, Text: m.Text})
	if l.state != nil || r.moving.underWay(l.conn, protocol.KindLoad) {
		return
	}
	if l.resyncs++; l.resyncs > maxResyncs {
		r.refuse(l.conn, protocol.Errorf(protocol.CodeDesync, "The state of the match could not be brought in order at your end after %d tries: the environment is not deterministic there, or another version of it runs.", maxResyncs))
		r.leave(now, l, s, protocol.CodeDesync, false)
		return
	}
	switch last := &l.loading; {
	case m.ID == 0:
		r.anew(s)
		r.feed(now, l, s, recovery.Past{})
	case last.based:
		last.based = false
		if !r.fetch(now, protocol.KindLoad, last.State, l, s, false) {
			r.refeed(now, l.conn)
		}
	default: // from the beginning: it is the one thing that needs nobody else's state
		r.moving.distrust(m.ID)
		r.refeed(now, l.conn)
	}
}

// maxResyncs bounds how often one connection may ask for what it was sent already.
const maxResyncs = 8
