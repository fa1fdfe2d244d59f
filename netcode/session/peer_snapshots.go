package session

import (
	"fmt"
	"time"

	"tandem/netcode/protocol"
	"tandem/netcode/session/options"
	"tandem/netcode/session/replica"
	"tandem/netcode/session/verify"
)

const (
	// spike is how much longer than the shortest a round trip must be to be looked at.
	spike = 50 * time.Millisecond
	// slowUpdate is how late an Update must come for states to be looked at closely (B3): three
	// frames, where a player sees that the picture stood still.
	slowUpdate = 100 * time.Millisecond
	// awaitTimeout is after how long without a piece of it a promised state counts as lost: the relay
	// has asked three others for it by then.
	awaitTimeout = 10 * time.Second
	// askHashEvery bounds how often a peer asks for a hash.
	askHashEvery = time.Second
)

// askHash asks the relay to bring the next hash forward.
func (p *Peer) askHash(now time.Duration) {
	if p.state != PeerPlaying || p.cfg.Watch || p.standing.returning() || p.askedFor != 0 && now-p.askedFor < askHashEvery {
		return
	}
	p.askedFor = now
	p.send(protocol.TypeRequestHash, protocol.Append(p.buf, &protocol.RequestHash{Epoch: p.epoch}))
}

// verdict takes the relay's comparison of a frame's hashes.
func (p *Peer) verdict(now time.Duration, m *protocol.VerifyState) {
	if m.Epoch != p.epoch || p.state != PeerPlaying && p.state != PeerFinished {
		return
	}
	kind := EventVerified
	if m.Differing != 0 && p.undecided == m.Frame+1 && m.By != protocol.JudgeNone {
		kind = EventOutlier
	}
	if m.Differing != 0 && m.By == protocol.JudgeNone {
		p.undecided = m.Frame + 1
	}
	p.event(Event{Kind: kind, Frame: m.Frame, Mask: m.Differing, Sections: m.Sections, Judge: m.By})
	own, known := p.hashed.At(m.Frame)
	switch {
	case m.Total == 0 || !known:
	case own.Hash == m.Total: // the state that holds, whoever differs
		p.out.Commands = append(p.out.Commands, replica.Command{Kind: replica.CommandVerified, Frame: m.Frame})
	case p.cfg.Watch && p.state == PeerPlaying && !p.arrival.blocks() && (p.askedState == 0 || now-p.askedState > awaitTimeout):
		// Nobody compares a spectator's state but the spectator, who asks once: until the answer comes, all
		// that follows differs, too.
		p.askedState = max(now, 1)
		p.event(Event{Kind: EventVerified, Frame: m.Frame, Mask: m.Compared, Sections: m.Sections, Judge: m.By})
		p.send(protocol.TypeRequestResync, protocol.Append(p.buf, &protocol.RequestResync{Epoch: p.epoch, Text: "a spectator's state differs"}))
		p.hashed.Forget(m.Frame)
	}
}

// requestState orders the executor to hand out a state, or to simulate one again.
func (p *Peer) requestState(m *protocol.RequestState) {
	if m.Epoch != p.epoch || p.state != PeerPlaying && p.state != PeerFinished || p.cfg.Watch {
		return
	}
	if m.Kind == protocol.KindRecheck {
		r := &replica.Recheck{ID: m.ID, Frame: m.Frame, HasBase: m.HasBase, Base: m.BaseFrame, Log: &p.log}
		if !m.HasBase && p.log.Base() > 0 { // what it began with will do, if it is still there
			r.HasBase, r.Base = true, p.log.Base()-1
		}
		if m.Frame >= p.nextStep || r.HasBase && (r.Base >= r.Frame || r.Base+1 < p.log.Base()) {
			p.sendRechecked(&replica.Rechecked{ID: m.ID})
			return
		}
		p.out.Commands = append(p.out.Commands, replica.Command{Kind: replica.CommandRecheck, Recheck: r})
		return
	}
	p.out.Commands = append(p.out.Commands, replica.Command{Kind: replica.CommandSave, Snap: &replica.Snapshot{ID: m.ID, Kind: m.Kind, Frame: m.Frame,
		HasBase: m.HasBase, BaseFrame: m.BaseFrame, BaseHash: m.BaseHash, Zstd: m.Zstd, Log: &p.log}})
}

// answers takes what the executor answers to commands.
func (p *Peer) answers(now time.Duration, in *In) {
	for i := range in.Snapshots {
		in.Snapshots[i].Chunks(p.epoch, func(m *protocol.SnapshotChunk) {
			p.send(protocol.TypeSnapshotChunk, protocol.Append(p.buf, m))
		})
	}
	for i := range in.Rechecked {
		p.sendRechecked(&in.Rechecked[i])
	}
	for i := range in.Loaded {
		p.loaded(&in.Loaded[i])
	}
}

func (p *Peer) sendRechecked(r *replica.Rechecked) {
	p.send(protocol.TypeRechecked, protocol.Append(p.buf, &protocol.Rechecked{Epoch: p.epoch, ID: r.ID, OK: r.OK, Hash: r.Hash}))
}

// snapshotChunk puts a snapshot together that is meant for this peer.
func (p *Peer) snapshotChunk(now time.Duration, m *protocol.SnapshotChunk) {
	if m.Epoch != p.epoch || p.state != PeerPlaying {
		return
	}
	p.arrival.heard = now
	s, ok := p.arrival.parts.Add(m)
	switch {
	case !ok || s == nil:
		return // the relay sees to it that it is sent again
	case s.Kind == protocol.KindEvidence:
		s.Log = &p.log
		p.out.Commands = append(p.out.Commands, replica.Command{Kind: replica.CommandEvidence, Snap: s})
		return
	case p.arrival.loading:
		return
	case p.arrival.needed:
		if s.Frame+1 != p.log.Base() {
			p.cannotUse(s.ID, "it is not of the frame before the first bundle")
			return
		}
		p.load(s)
		return
	}
	p.arrival.snap = s
}

// loadWaiting loads a snapshot once everything before it has been stepped, unless it is what the peer
// has already. That shows only in the Update after the one that stepped its frame, once the hash of it
// has been taken.
func (p *Peer) loadWaiting() {
	s := p.arrival.snap
	if s == nil || s.Frame >= p.nextStep || p.arrival.blocks() {
		return
	}
	p.arrival.snap = nil
	if s.Frame+1 < p.log.Base() {
		p.cannotUse(s.ID, "it is older than the bundles that are kept")
		return
	}
	if p.hashed.Has(verify.State{Frame: s.Frame, Hash: s.Hash}) {
		return // what it has already
	}
	p.load(s)
}

func (p *Peer) load(s *replica.Snapshot) {
	p.arrival.loading, p.arrival.snap = true, s
	s.Log = &p.log
	p.out.Commands = append(p.out.Commands, replica.Command{Kind: replica.CommandLoad, Frame: s.Frame, Snap: s})
}

// loaded goes on from the state that was loaded: what was stepped behind it is stepped again.
func (p *Peer) loaded(l *replica.Loaded) {
	s := p.arrival.snap
	if !p.arrival.loading || s.ID != l.ID {
		return // of a match that is over
	}
	p.arrival.loading, p.arrival.snap = false, nil
	if !l.OK {
		p.cannotUse(l.ID, l.Text)
		return
	}
	p.hashed.Replace(verify.State{Frame: s.Frame, Hash: s.Hash})
	p.loads++
	if p.arrival.needed {
		p.arrival.needed = false
		p.event(Event{Kind: EventBegun, Frame: s.Frame})
		return
	}
	p.event(Event{Kind: EventLoaded, Frame: s.Frame})
	for f := s.Frame + 1; f < p.nextStep; f++ {
		b, ok := p.log.Get(f)
		if !ok {
			p.refuse(protocol.CodeInternal, fmt.Sprintf("The bundle of frame %d is not kept: this program made an error.", f))
			return
		}
		p.out.Commands = append(p.out.Commands, replica.Command{Kind: replica.CommandStep, Frame: f, Actions: b.Actions,
			Substituted: b.Substituted, Hash: b.Flags&protocol.FlagHash != 0, Again: true})
	}
}

// await asks again for a state without which nothing can be stepped, when nothing of it comes any more.
func (p *Peer) await(now time.Duration) {
	if p.arrival.needed && !p.arrival.loading && now-p.arrival.heard > awaitTimeout {
		p.arrival.heard = now
		p.cannotUse(0, "the state that was promised did not come")
	}
}

// cannotUse tells the relay that a snapshot was of no use.
func (p *Peer) cannotUse(id uint32, why string) {
	p.send(protocol.TypeRequestResync, protocol.Append(p.buf, &protocol.RequestResync{Epoch: p.epoch, ID: id, Text: protocol.Clip(why, protocol.MaxText)}))
}

// requestLog begins to tell the log.
func (p *Peer) requestLog(now time.Duration, m *protocol.RequestLog) {
	if m.Frames > p.log.End() || m.Epoch != p.epoch || p.log.End() == p.log.Base() {
		return // it asks for what was not offered
	}
	p.telling.Begin(now, m.Epoch, &p.log, m.Frames)
}

func (p *Peer) tellLog(now time.Duration) {
	if p.state < PeerSeated || p.state >= PeerCutOff {
		p.telling.Stop()
	}
	for {
		epoch, frame, run, ok := p.telling.Next(now, &p.log)
		if !ok {
			return
		}
		p.send(protocol.TypeHistory, protocol.Append(p.buf, &protocol.History{Epoch: epoch, Frame: frame, Data: run}))
	}
}

// spectating begins to watch, or goes on with it.
func (p *Peer) spectating(now time.Duration, m *protocol.Spectator) {
	cfg, err := options.ParseConfig(m.Options)
	switch {
	case p.state != PeerJoining || !p.cfg.Watch || m.Seed == 0:
		p.refuse(protocol.CodeUnexpected, "The relay admitted a spectator who is none.")
		return
	case err != nil:
		p.refuse(protocol.CodeOptions, "The relay's room has options this program does not understand ("+err.Error()+"): update the older of the two.")
		return
	}
	p.nextPing = now
	if p.resume != PeerGreeting {
		if m.Room != p.code || m.Seed != p.seed {
			p.close(protocol.CodeRoomOver, "The room that was watched is over.", p.nextStep)
			return
		}
		p.state = p.resume
		if p.state == PeerPlaying || p.state == PeerFinished {
			p.standing = seatedAgain
		}
		p.resume = PeerGreeting
		p.event(Event{Kind: EventReturned, Seat: -1})
		return
	}
	p.room, p.code, p.seed = cfg, m.Room, m.Seed
	p.state = PeerSeated
	p.event(Event{Kind: EventSpectating, Seat: -1, Text: p.code})
}
