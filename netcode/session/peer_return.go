package session

import (
	"fmt"
	"time"

	"tandem/netcode/protocol"
	"tandem/netcode/session/options"
	"tandem/netcode/session/replica"
	"tandem/netcode/session/timing"
)

// setClock takes the frame clock: frame closes at close µs, and holds have moved it since.
func (p *Peer) setClock(frame uint32, close int64, held uint32) {
	p.frames = timing.Frames{First: frame, Close: time.Duration(close) * time.Microsecond, Held: time.Duration(held) * tenth}
	p.nextSample = max(p.nextSample, frame)
	p.times.Own.List = p.times.Own.List[:0]
	p.forgetOthers()
}

// returned takes the seat again after the connection was lost.
func (p *Peer) returned(now time.Duration, cfg *options.Config, m *protocol.HostElected) {
	if m.Room != p.code || int(m.Seat) != p.seat || m.Seed != p.seed || p.cfg.Watch {
		p.refuse(protocol.CodeUnexpected, "The relay gave another seat back than the one that was lost.")
		return
	}
	p.token, p.host = m.Token, m.IsHost
	if cfg.Delay != p.room.Delay {
		p.room.Delay = cfg.Delay
		p.delay = [2]options.Delay{cfg.Delay, cfg.Delay}
		p.event(Event{Kind: EventDelay, Frame: p.nextBundl, Text: cfg.Delay.String()})
	}
	p.nextPing = now
	p.wantsAgain = false
	p.state, p.standing = p.resume, inStep
	switch p.resume {
	case PeerPlaying:
		p.standing = seatedAgain
	case PeerFinished, PeerAfter:
		p.standing = seatedAfter
	}
	if p.resume == PeerReady {
		p.state = PeerSeated // and says ready again
	}
	p.resume, p.steers = PeerGreeting, false
	p.event(Event{Kind: EventReturned, Seat: p.seat})
}

// history takes bundles that were missed. They are long due: Update steps as many as it may.
func (p *Peer) history(m *protocol.History) {
	if p.state == PeerFinished || p.state == PeerAfter || m.Epoch < p.epoch {
		return
	}
	stride := p.log.Stride()
	if p.state != PeerPlaying || m.Epoch != p.epoch || m.Frame != p.nextBundl || len(m.Data)%stride != 0 {
		p.refuse(protocol.CodeUnexpected, fmt.Sprintf("The relay sent the history of frame %d where frame %d was due.", m.Frame, p.nextBundl))
		return
	}
	for data := m.Data; len(data) > 0; data = data[stride:] {
		b := replica.ReadBundle(p.nextBundl, p.room.Players, data[:stride])
		b.Epoch = p.epoch
		for _, a := range b.Actions[:b.Seats] {
			if int(a) >= p.room.Actions {
				p.refuse(protocol.CodeUnexpected, fmt.Sprintf("The relay's history has action %d, which %s does not have.", a, p.room.Env))
				return
			}
		}
		if p.pending.Len() == maxPending {
			p.refuse(protocol.CodeSlow, "The match is too long to be caught up with.")
			return
		}
		p.nextBundl++
		p.push(&b)
	}
	p.historyEnd = p.nextBundl
}

// sayReady tells the relay that a returning peer has caught up, unless there is nothing left to be ready for:
// after the end it would ask for another match. One that comes into the middle of a match
// must hold a strict delay like those who began it.
func (p *Peer) sayReady(now time.Duration, prepared bool) {
	if p.standing != catchingUp || p.ending != nil || !prepared || p.pongs == 0 || p.pending.Len() > caughtUp || p.arrival.blocks() {
		return
	}
	if p.room.Delay.Mode == options.DelayStrict && !p.fits && !p.cfg.Watch {
		if p.fits = p.knowsLink(now); !p.fits {
			return
		}
	}
	p.standing = inStep
	if p.cfg.Watch {
		return
	}
	p.send(protocol.TypeReady, protocol.Append(p.buf, &protocol.Ready{Lead: p.readyLead(now)}))
}

func (p *Peer) pause(now time.Duration, m *protocol.Pause) {
	if m.Epoch != p.epoch || p.state != PeerPlaying && p.state != PeerFinished {
		return // of a match that is over for this peer
	}
	p.paused = true // who has finished waits for the others, and is told why
	until := time.Duration(m.Until)*time.Microsecond - p.clock.Offset()
	p.event(Event{Kind: EventPaused, Seat: int(m.Seat), Text: m.Text, At: until})
}

func (p *Peer) resumed(now time.Duration, m *protocol.Resume) {
	if p.state == PeerFinished && m.Epoch == p.epoch {
		p.paused = false
		p.event(Event{Kind: EventResumed, Frame: m.Frame, At: now})
	}
	if m.Epoch != p.epoch || p.state != PeerPlaying {
		return
	}
	// Who is still told what is before it (a spectator: nobody waits for those) has fewer.
	if m.Frame < p.nextBundl || m.Close < 0 {
		p.refuse(protocol.CodeUnexpected, fmt.Sprintf("The relay resumes at frame %d, this peer has the bundles before frame %d.", m.Frame, p.nextBundl))
		return
	}
	p.paused = false
	p.nextSample = m.Frame // what was sampled above the pause is void
	p.setClock(m.Frame, m.Close, 0)
	p.updatePlayout(now)
	p.event(Event{Kind: EventResumed, Frame: m.Frame, At: p.PlayoutTime(m.Frame)})
}

func (p *Peer) hostChanged(seat int) {
	p.host = seat == p.seat
	for i := range p.roster {
		p.roster[i].Host = i == seat
	}
	p.event(Event{Kind: EventRoster})
}
