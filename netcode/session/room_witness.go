package session

import (
	"time"

	"tandem/netcode/protocol"
	"tandem/netcode/session/options"
	"tandem/netcode/session/replica"
	"tandem/netcode/session/verify"
)

// The witness is the same simulation run inside the relay. The room orders it about as a Peer orders
// its executor, by commands; what it hashes and saves comes back with the next Update.

// witnessStep bounds the frames that one Update orders, so that a restored room does not hold up the
// others that share its processor.
const witnessStep = 256

// witness is what the room knows of it.
type witness struct {
	on       bool
	there    bool // it could be on
	begun    bool
	next     uint32 // frame to order next
	finished bool
	frames   uint32
	final    uint64
	saves    []replica.Snapshot // asked for, to be ordered
	shown    uint32             // authority: frame of the last state that was sent
}

// WithWitness makes the room run its match by the executor of its commands. Call it before the
// first Update.
func (r *Room) WithWitness() { r.witness.on, r.witness.there = true, true }

// DropWitness makes the room do without: its simulation has failed.
func (r *Room) DropWitness() {
	r.witness = witness{}
	for i := len(r.moving.list) - 1; i >= 0; i-- {
		if r.moving.list[i].donor == byWitness {
			r.moving.list[i].until = 0 // another is asked in the next Update
		}
	}
}

// Witnessed reports whether the room has a witness.
func (r *Room) Witnessed() bool { return r.witness.on }

func (r *Room) resetWitness() {
	w := &r.witness
	w.begun, w.next, w.finished, w.saves, w.shown = false, 0, false, w.saves[:0], 0
	w.on = w.there && r.log.Base() == 0 // else nobody can tell it the beginning; the next match has one
}

// witnessed takes what the witness answers.
func (r *Room) witnessed(now time.Duration, in *RoomIn) {
	w := &r.witness
	if !w.on || r.phase != roomPlaying && r.phase != roomPaused {
		return
	}
	for i := range in.Hashes {
		h := &in.Hashes[i]
		r.conclude(r.states.Displace(r.moment(), h.Frame))
		if r.states.Witness(&protocol.StateHash{Epoch: r.epoch, Frame: h.Frame, Total: h.Total, Sections: h.Sections, Count: h.Count}) {
			r.authority(now, verify.State{Frame: h.Frame, Hash: h.Total})
		}
	}
	if len(in.Hashes) > 0 {
		r.verdicts()
	}
	for i := range in.Snapshots {
		r.witnessSaved(now, &in.Snapshots[i])
	}
	if in.Finished && !w.finished {
		w.finished, w.frames, w.final = true, in.Frames, in.Final
		r.maybeFinish(now)
	}
}

// authority sends the witness's state to everybody, once a second, if the room wants it so. Who has
// the same state ignores it.
func (r *Room) authority(now time.Duration, state verify.State) {
	if r.cfg.Authority != options.AuthorityWitness || state.Frame < r.witness.shown+FrameRate && r.witness.shown != 0 {
		return
	}
	if state.Frame+authorityBehind < r.next {
		return // the witness catches up; nobody remembers any more that they had the same state
	}
	r.witness.shown = state.Frame
	for i := range r.seats {
		s := &r.seats[i]
		if s.present && !s.behind && !s.finished && !r.moving.underWay(s.conn, protocol.KindLoad) {
			r.fetch(now, protocol.KindLoad, state, &s.link, i, true)
		}
	}
}

// authorityBehind is how many frames behind the newest a state of the witness may be to be sent: so few
// that the peers still know what they hashed, whatever their link.
const authorityBehind = verify.MemoryFrames / 2

// witnessSave has the witness save the state of a transfer.
func (r *Room) witnessSave(t *transfer) {
	r.witness.saves = append(r.witness.saves, replica.Snapshot{ID: t.id, Kind: t.kind, Frame: t.state.Frame, Hash: t.state.Hash,
		HasBase: t.base.OK, BaseFrame: t.base.Frame, BaseHash: t.base.Hash, Zstd: t.zstd})
}

// witnessSaved sends a state on its way.
func (r *Room) witnessSaved(now time.Duration, s *replica.Snapshot) {
	at := r.moving.find(s.ID, byWitness)
	if at < 0 {
		return
	}
	if len(s.Data) == 0 || len(s.Data) > protocol.MaxSnapshot || s.Hash != r.moving.list[at].state.Hash {
		r.failed(now, at, "the witness does not have it")
		return
	}
	s.Chunks(r.epoch, func(m *protocol.SnapshotChunk) {
		if at < len(r.moving.list) && r.moving.list[at].id == s.ID {
			r.moving.list[at].offset += uint32(len(m.Data))
			r.deliver(now, at, m)
		}
	})
}

// driveWitness orders the frames that have closed.
func (r *Room) driveWitness() {
	w := &r.witness
	if !w.on || r.phase != roomPlaying && r.phase != roomPaused {
		return
	}
	if !w.begun {
		w.begun = true
		r.out.Commands = append(r.out.Commands, replica.Command{Kind: replica.CommandReset, Seed: r.matchSeed})
	}
	for n := 0; n < witnessStep && w.next < r.next; n++ {
		b, _ := r.log.Get(w.next)
		r.out.Commands = append(r.out.Commands, replica.Command{Kind: replica.CommandStep, Frame: w.next, Actions: b.Actions,
			Substituted: b.Substituted, Hash: b.Flags&protocol.FlagHash != 0})
		w.next++
	}
	for i := range w.saves {
		s := w.saves[i]
		s.Log = &r.log
		r.out.Commands = append(r.out.Commands, replica.Command{Kind: replica.CommandSave, Snap: &s})
	}
	w.saves = w.saves[:0]
}
