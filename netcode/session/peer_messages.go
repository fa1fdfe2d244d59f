package session

import (
	"fmt"
	"time"

	"tandem/netcode/protocol"
)

// handle acts on the message of type t that the decoder holds. A message that has no place in the
// current state is the relay's fault and ends the session in words, except where a race makes it
// legal: what was sent before the sender could know.
func (p *Peer) handle(now time.Duration, t protocol.Type) {
	switch t {
	case protocol.TypeWelcome:
		p.welcome(p.dec.Cold.(*protocol.Welcome))
	case protocol.TypeHostElected:
		p.elected(now, p.dec.Cold.(*protocol.HostElected))
	case protocol.TypeWaitingRoom:
		p.setRoster(p.dec.Cold.(*protocol.WaitingRoom).Seats)
	case protocol.TypeGameReady:
		p.setRoster(p.dec.Cold.(*protocol.GameReady).Seats)
	case protocol.TypeStart:
		p.start(now, p.dec.Cold.(*protocol.Start))
	case protocol.TypeBundle:
		p.bundle(now)
	case protocol.TypeHistory:
		p.history(p.dec.Cold.(*protocol.History))
	case protocol.TypePause:
		p.pause(now, p.dec.Cold.(*protocol.Pause))
	case protocol.TypeResume:
		p.resumed(now, p.dec.Cold.(*protocol.Resume))
	case protocol.TypeHostChanged:
		p.hostChanged(int(p.dec.Cold.(*protocol.HostChanged).Seat))
	case protocol.TypeFrameSync:
		p.frameSync(now)
	case protocol.TypeVerifyState:
		m := &p.dec.VerifyState
		if m.Epoch == p.epoch {
			p.event(Event{Kind: EventVerified, Frame: m.Frame, Mask: m.Differing, Sections: m.Sections})
		}
	case protocol.TypeHUDSync:
		p.event(Event{Kind: EventHUD, Text: p.dec.Cold.(*protocol.HUDSync).Text})
	case protocol.TypePong:
		p.pong(now)
	case protocol.TypeSetOption:
		p.setOption(p.dec.Cold.(*protocol.SetOption))
	case protocol.TypeEndGame:
		m := p.dec.Cold.(*protocol.EndGame)
		p.close(m.Code, m.Text, m.Frames)
	case protocol.TypeError:
		m := p.dec.Cold.(*protocol.Refusal)
		if m.Code == protocol.CodeSilent || m.Code == protocol.CodeSlow {
			p.cut(now, m.Code, m.Text) // the seat waits for whoever can come back
			return
		}
		p.close(m.Code, m.Text, p.nextStep)
	default:
		p.refuse(protocol.CodeUnexpected, fmt.Sprintf("The relay sent %s, which only peers send.", t))
	}
}

func (p *Peer) welcome(m *protocol.Welcome) {
	if p.state != PeerGreeting || m.Magic != protocol.Magic {
		p.refuse(protocol.CodeUnexpected, "What answers at that address is no Tandem relay.")
		return
	}
	if m.Version != protocol.Version {
		p.refuse(protocol.CodeVersion, versionWords("The relay", m.Version))
		return
	}
	p.state = PeerJoining
	j := &protocol.Join{Room: p.cfg.Room, Seat: int8(p.cfg.Seat), Name: p.cfg.Name, Token: p.cfg.Token,
		Create: p.cfg.Create, Require: p.cfg.Require}
	if p.resume != PeerGreeting {
		j.Room, j.Seat, j.Token, j.Create, j.Require = p.code, int8(p.seat), p.token, nil, nil
		j.Epoch, j.Have = p.epoch, p.nextBundl
	}
	p.send(protocol.TypeJoin, protocol.Append(p.buf, j))
}

// versionWords tells which side is older and what to do about it.
func versionWords(who string, theirs uint32) string {
	if theirs > protocol.Version {
		return fmt.Sprintf("%s speaks protocol version %d, this program version %d: update this program.", who, theirs, protocol.Version)
	}
	return fmt.Sprintf("%s speaks protocol version %d, this program version %d: update the other side.", who, theirs, protocol.Version)
}

func (p *Peer) elected(now time.Duration, m *protocol.HostElected) {
	if p.state != PeerJoining {
		p.refuse(protocol.CodeUnexpected, "The relay seated this player twice.")
		return
	}
	cfg, err := ParseConfig(m.Options)
	if err != nil {
		p.refuse(protocol.CodeOptions, "The relay's room has options this program does not understand ("+err.Error()+"): update the older of the two.")
		return
	}
	if int(m.Seat) >= cfg.Players || m.Seed == 0 {
		p.refuse(protocol.CodeUnexpected, "The relay gave a seat or a seed that cannot be.")
		return
	}
	if p.resume != PeerGreeting {
		p.returned(now, &cfg, m)
		return
	}
	p.room, p.code, p.seed = cfg, m.Room, m.Seed
	p.seat, p.host, p.token = int(m.Seat), m.IsHost, m.Token
	p.state = PeerSeated
	p.nextPing = now
	p.event(Event{Kind: EventSeated, Seat: p.seat, Text: p.code})
}

func (p *Peer) setRoster(seats []protocol.RosterEntry) {
	p.roster = seats
	p.event(Event{Kind: EventRoster})
}

func (p *Peer) pong(now time.Duration) {
	m := &p.dec.Pong
	sent := time.Duration(m.Sent) * time.Microsecond
	if p.state < PeerSeated || sent > now || m.Now < 0 {
		p.refuse(protocol.CodeUnexpected, "The relay answered a ping that was never sent.")
		return
	}
	if now < p.unsettled {
		return
	}
	p.pongs++
	relay := time.Duration(m.Now) * time.Microsecond
	p.clock.add(now, sent, relay)
	p.downlink.add(now, now-relay)
	p.uplink.add(now, relay-sent)
	p.event(Event{Kind: EventRTT, Dur: p.clock.rtt})
}

func (p *Peer) start(now time.Duration, m *protocol.Start) {
	if p.returning && m.Epoch == p.epoch && p.epoch > 0 && m.Close >= 0 {
		p.paused = false                     // a pause that is still on is told next
		p.setClock(m.Frame, m.Close, m.Held) // of the match this peer is in the middle of
		p.nextSample = max(m.Frame, p.nextBundl)
		p.state = PeerPlaying
		return
	}
	if p.state == PeerFinished && m.Epoch == p.epoch {
		// The connection may have taken the report with it.
		p.send(protocol.TypeFinished, protocol.Append(p.buf, &p.last))
		p.send(protocol.TypeReady, protocol.Append(p.buf, &protocol.Ready{}))
		return
	}
	// A peer that has lost its memory is told of a running match before it is ready.
	forgetful := p.state == PeerSeated && (len(p.cfg.Token) > 0 || p.cutOffAt > 0)
	if p.state != PeerReady && !forgetful || m.Epoch <= p.epoch || m.Close < 0 {
		p.refuse(protocol.CodeUnexpected, "The relay started a match that was not agreed.")
		return
	}
	p.returning = forgetful
	p.state = PeerPlaying
	p.epoch = m.Epoch
	p.nextStep, p.nextBundl = 0, 0
	p.setClock(m.Frame, m.Close, m.Held)
	p.delay = [2]Delay{p.room.Delay, p.room.Delay}
	p.pendHead, p.pendLen = 0, 0
	p.times.Own.List = p.times.Own.List[:0]
	p.updatePlayout(now)
	p.out.Commands = append(p.out.Commands, Command{Kind: CommandReset, Seed: p.seed})
	p.event(Event{Kind: EventStarting, At: p.PlayoutTime(m.Frame)})
}

func (p *Peer) bundle(now time.Duration) {
	m := &p.dec.Bundle
	if m.Epoch < p.epoch || p.state == PeerFinished {
		return // of a match that is over
	}
	if p.state != PeerPlaying || m.Epoch != p.epoch || m.Frame != p.nextBundl || m.Seats != p.room.Players {
		p.refuse(protocol.CodeUnexpected, fmt.Sprintf("The relay sent frame %d of epoch %d where frame %d of epoch %d was due.", m.Frame, m.Epoch, p.nextBundl, p.epoch))
		return
	}
	for _, a := range m.Actions[:m.Seats] {
		if int(a) >= p.room.Actions {
			p.refuse(protocol.CodeUnexpected, fmt.Sprintf("The relay sent action %d, which %s does not have.", a, p.room.Env))
			return
		}
	}
	p.nextBundl++
	if p.pendLen == maxPending {
		p.refuse(protocol.CodeSlow, "This computer fell more than two hours behind the match.")
		return
	}
	p.held += time.Duration(m.Hold) * tenth
	p.push(m)
	if now >= p.unsettled && m.Early < protocol.MaxEarly {
		sent := p.closeTime(m.Frame) - time.Duration(m.Early)*time.Millisecond
		p.downlink.add(now, now-sent)
	}
	if m.Substituted&(1<<p.seat) != 0 {
		p.substituted(now, m.Frame)
	}
}

// push queues a bundle for its playout.
func (p *Peer) push(m *protocol.Bundle) {
	if p.pendLen == len(p.pending) {
		bigger := make([]protocol.Bundle, 2*len(p.pending))
		for i := range p.pendLen {
			bigger[i] = p.pending[(p.pendHead+i)%len(p.pending)]
		}
		p.pending, p.pendHead = bigger, 0
	}
	p.pending[(p.pendHead+p.pendLen)%len(p.pending)] = *m
	p.pendLen++
}

// substituted notes that the own input for a frame did not count. A one-shot action that was lost
// this way is sent again, for as long as the player can still mean it.
func (p *Peer) substituted(now time.Duration, frame uint32) {
	p.event(Event{Kind: EventSubstituted, Frame: frame})
	if frame >= p.nextSample || p.nextSample-frame > history {
		return
	}
	a := p.sampled[frame%history]
	if at := p.meantAt[frame%history]; p.room.IsOneShot(a) && now < at+resendOneShot {
		p.retry, p.retryFrom = a, at
	}
}

func (p *Peer) frameSync(now time.Duration) {
	m := &p.dec.FrameSync
	if p.state != PeerPlaying || m.Epoch != p.epoch {
		return
	}
	if now >= p.unsettled {
		sent := p.closeTime(m.Frame) + time.Duration(m.Offset)*tenth
		p.downlink.add(now, now-sent)
	}
	for i, s := range m.Own.List {
		p.slack(now, m.Own.First+uint32(i), time.Duration(s)*tenth)
	}
	for i := range m.Others {
		o := &m.Others[i]
		for k, v := range o.List {
			f := o.First + uint32(k)
			if int(o.Seat) == p.seat || f >= p.nextStep || p.nextStep-f > history {
				continue
			}
			executed := p.steppedAt[f%history] + p.clock.offset - p.announced(f)
			p.event(Event{Kind: EventLatency, Seat: int(o.Seat), Frame: f, Dur: executed - time.Duration(v)*tenth})
		}
	}
}

// tenth is the unit of times on the wire.
const tenth = 100 * time.Microsecond

// setOption takes an announced change of the input delay.
func (p *Peer) setOption(m *protocol.SetOption) {
	if p.state != PeerPlaying || m.Epoch != p.epoch {
		return
	}
	if err := p.room.Set(m.Option); err != nil {
		p.refuse(protocol.CodeOptions, "The relay announced an option this program does not understand: "+err.Error()+".")
		return
	}
	p.delay[0] = p.delayAt(m.Frame)
	p.delay[1], p.delayFrom = p.room.Delay, m.Frame
	p.event(Event{Kind: EventDelay, Frame: m.Frame, Text: p.room.Delay.String()})
}
