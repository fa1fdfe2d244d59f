package session

import (
	"slices"
	"time"

	"tandem/netcode/protocol"
	"tandem/netcode/session/replica"
	"tandem/netcode/session/verify"
)

// Whoever comes late gets a state to begin with. It is asked for once, kept, and shared by all who come
// while the bundles behind it are few: how many come is for strangers to choose, and whoever plays must
// not have to tell each of them.

const (
	// keptBytes is how many bytes of bundles may follow the kept state before a newer one is asked for:
	// one burst of history, a minute and a half of two seats' play.
	keptBytes = historyBurst
	// keptEvery is how long at least lies between two questions for a state to keep.
	keptEvery = time.Second
)

// sharedState is a state that is shared. Its bytes may still be coming.
type sharedState struct {
	replica.Snapshot        // Data is what has come of it
	size             uint32 // of all; 0 before the first piece
}

// whole reports whether all of it is there.
func (k *sharedState) whole() bool { return k.size > 0 && len(k.Data) == int(k.size) }

// keptFor finds the state that a connection begins with, which needs the bundles from frame from on; nil
// where the log is as short. The state may still have to come.
func (r *Room) keptFor(now time.Duration, l *link, from uint32) *sharedState {
	stride := r.log.Stride()
	shorter := func(frame uint32) bool {
		return frame >= from && (from < r.log.Base() || int(r.next-from)*stride > worthSnapshot+int(r.next-frame)*stride)
	}
	i := 0 // those who read packed states share one, the others another
	if l.zstd {
		i = 1
	}
	old, v := r.moving.kept[i], r.states.Holds()
	if old != nil && (!shorter(old.Frame) || old.Frame+1 < r.log.Base()) {
		old = nil
	}
	if old != nil && int(r.next-old.Frame)*stride <= keptBytes {
		return old
	}
	if !v.OK || !shorter(v.Frame) || r.moving.keptAt[i] != 0 && now-r.moving.keptAt[i] < keptEvery {
		return old
	}
	k := &sharedState{Snapshot: replica.Snapshot{Kind: protocol.KindLoad, Frame: v.Frame, Hash: v.Hash}}
	t := transfer{kind: protocol.KindLoad, state: v.State, zstd: l.zstd, seat: -1, kept: k}
	if r.moving.full() || !r.ask(now, &t) {
		return old
	}
	k.ID = t.id
	r.moving.list = append(r.moving.list, t)
	r.moving.kept[i], r.moving.keptAt[i] = k, now
	return k
}

// store adds what has come of a kept state, and lets those who wait for it have it.
func (r *Room) store(now time.Duration, i int, m *protocol.SnapshotChunk) {
	k := r.moving.list[i].kept
	k.size, k.Packed = m.Size, m.Packed
	k.Data = append(k.Data, m.Data...)
	if k.whole() {
		r.moving.drop(i)
	}
	for _, l := range r.links() {
		if l.state == k {
			l.stateAt = max(now, min(l.stateAt, now+historyEvery))
		}
	}
}

// tellState sends the next part of a kept state to one who waits for it, at the pace of history.
func (r *Room) tellState(now time.Duration, l *link) {
	k := l.state
	if !l.present || k == nil || l.stuckAt != 0 || now < l.stateAt {
		return
	}
	m := protocol.SnapshotChunk{Epoch: r.epoch, ID: k.ID, Kind: k.Kind, Frame: k.Frame, Hash: k.Hash, Packed: k.Packed, Size: k.size}
	for sent := 0; int(l.stateSent) < len(k.Data) && sent < historyBurst; sent += len(m.Data) {
		m.Offset = l.stateSent
		m.Data = k.Data[m.Offset:min(int(m.Offset)+protocol.MaxChunk, len(k.Data))]
		r.send(l.conn, protocol.TypeSnapshotChunk, protocol.Append(r.buf, &m))
		l.stateSent += uint32(len(m.Data))
	}
	l.stateAt = now + historyEvery
	if !k.whole() || int(l.stateSent) < len(k.Data) {
		return
	}
	l.state = nil
	l.loading.State, l.loading.based = verify.State{Frame: k.Frame, Hash: k.Hash}, false
	r.event(RoomEvent{Kind: RoomSnapshot, Seat: r.seats.of(l.conn), Frame: k.Frame, N: int(k.size)})
}

// await notes that a connection is to get a kept state.
func (l *link) await(now time.Duration, k *sharedState) {
	l.state, l.stateSent, l.stateAt = k, 0, now
}

// stateDue is when tellState has something to do; w where nothing is before.
func (l *link) stateDue(w time.Duration) time.Duration {
	if l.present && l.state != nil && l.stuckAt == 0 && int(l.stateSent) < len(l.state.Data) {
		return min(w, l.stateAt)
	}
	return w
}

// askedAgain goes on when one who was asked for a kept state did not tell it. Where another was asked,
// those who have a part of it get the other's from its beginning, under its own number; where nobody is
// left, those who wait for it begin with the match.
func (r *Room) askedAgain(now time.Duration, k *sharedState, id uint32, asked bool) {
	k.ID = id
	if !asked {
		r.moving.distrust(id)
	}
	for _, l := range slices.Clone(r.links()) {
		switch {
		case l.state != k:
		case asked:
			l.stateSent = 0
		default:
			l.state = nil
			r.refeed(now, l.conn)
		}
	}
}

// dropKept forgets the states of a match or an epoch that is over.
func (r *Room) dropKept() {
	r.moving.kept, r.moving.keptAt = [2]*sharedState{}, [2]time.Duration{}
	for _, l := range r.links() {
		l.state = nil
	}
}

// links returns the connections of players and spectators; the list is valid until the next call.
func (r *Room) links() []*link {
	r.all = r.all[:0]
	for i := range r.seats {
		if r.seats[i].present {
			r.all = append(r.all, &r.seats[i].link)
		}
	}
	for _, w := range r.watchers {
		r.all = append(r.all, &w.link)
	}
	return r.all
}
