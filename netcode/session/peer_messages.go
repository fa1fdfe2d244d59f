package session

import (
	"cmp"
	"fmt"
	"time"

	"tandem/netcode/protocol"
	"tandem/netcode/session/options"
	"tandem/netcode/session/replica"
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
		m := p.dec.Cold.(*protocol.WaitingRoom)
		p.startHeld = 0
		if m.HoldMS > 0 {
			p.startHeld = now + time.Duration(m.HoldMS)*time.Millisecond
		}
		p.setRoster(m.Seats, m.Watching, m.Watchers)
	case protocol.TypeGameReady:
		m := p.dec.Cold.(*protocol.GameReady)
		p.startHeld = 0
		p.holders.Take(m.Seats)
		p.setRoster(m.Seats, m.Watching, m.Watchers)
	case protocol.TypeStart:
		p.start(now, p.dec.Cold.(*protocol.Start))
	case protocol.TypeBundle:
		p.bundle(now)
	case protocol.TypeHistory:
		p.history(p.dec.Cold.(*protocol.History))
	case protocol.TypeSpectator:
		p.spectating(now, p.dec.Cold.(*protocol.Spectator))
	case protocol.TypeSnapshotChunk:
		p.snapshotChunk(now, p.dec.Cold.(*protocol.SnapshotChunk))
	case protocol.TypeRequestState:
		p.requestState(p.dec.Cold.(*protocol.RequestState))
	case protocol.TypeRequestLog:
		p.requestLog(now, p.dec.Cold.(*protocol.RequestLog))
	case protocol.TypeStandIn:
		m := p.dec.Cold.(*protocol.StandIn)
		p.event(Event{Kind: EventStandIn, Seat: int(m.Seat), Token: m.Token})
	case protocol.TypePause:
		p.pause(now, p.dec.Cold.(*protocol.Pause))
	case protocol.TypeResume:
		p.resumed(now, p.dec.Cold.(*protocol.Resume))
	case protocol.TypeHostChanged:
		p.hostChanged(int(p.dec.Cold.(*protocol.HostChanged).Seat))
	case protocol.TypeFrameSync:
		p.frameSync(now)
	case protocol.TypeVerifyState:
		p.verdict(now, &p.dec.VerifyState)
	case protocol.TypeHUDSync:
		p.event(Event{Kind: EventHUD, Text: p.dec.Cold.(*protocol.HUDSync).Text})
	case protocol.TypePong:
		p.pong(now)
	case protocol.TypeSetOption:
		p.setOption(p.dec.Cold.(*protocol.SetOption))
	case protocol.TypeEndGame:
		p.endGame(p.dec.Cold.(*protocol.EndGame))
	case protocol.TypeError:
		m := p.dec.Cold.(*protocol.Refusal)
		// The seat waits for whoever can come back. Who does may find its own old connections in the
		// way, until the relay has noticed that they are dead; a spectator whose relay was restarted
		// has to wait until the players have brought their room back.
		again := false
		switch m.Code {
		case protocol.CodeSilent, protocol.CodeSlow, protocol.CodeBusy:
			again = true
		case protocol.CodeConnectLimit, protocol.CodeServerFull:
			again = p.resume != PeerGreeting
		case protocol.CodeNoRoom:
			again = p.cfg.Watch && p.resume != PeerGreeting
		}
		if again {
			p.cut(now, m.Code, m.Text)
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
	p.state, p.embedded = PeerJoining, m.Embedded
	j := &protocol.Join{Room: p.cfg.Room, Seat: int8(p.cfg.Seat), Name: p.cfg.Name, Token: p.cfg.Token,
		Create: p.cfg.Create, Require: p.cfg.Require, Watch: p.cfg.Watch, Zstd: p.cfg.Zstd, Again: p.cfg.Again}
	if p.resume != PeerGreeting {
		j.Room, j.Seat, j.Token, j.Create, j.Require, j.Back = p.code, int8(p.seat), p.token, nil, nil, true
		if !p.cfg.Watch && p.seat < len(p.roster) && p.roster[p.seat].Name != "" && !p.roster[p.seat].Bot {
			j.Name = p.roster[p.seat].Name // as the room has decided, also where the relay has forgotten it
		}
		if p.matchSeed != 0 && !p.arrival.needed {
			j.Epoch, j.Have, j.Seed = p.epoch, p.nextBundl, p.matchSeed
			j.Base, j.Sum = p.log.Base(), p.log.Sum(p.log.Base(), p.nextBundl)
		}
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
	if p.state >= PeerSeated && p.state < PeerCutOff && int(m.Seat) == p.seat && m.Room == p.code && m.Seed == p.seed {
		p.token = m.Token // a fresh one for the same seat
		return
	}
	if p.state != PeerJoining {
		p.refuse(protocol.CodeUnexpected, "The relay seated this player twice.")
		return
	}
	cfg, err := options.ParseConfig(m.Options)
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

func (p *Peer) setRoster(seats []protocol.RosterEntry, watching uint8, watchers []string) {
	for i := range seats {
		if s := &seats[i]; s.Taken && s.Name == "" {
			s.Name = cmp.Or(p.holders.Of(i).Name, fmt.Sprintf("Player %d", i+1))
		}
	}
	p.roster, p.watching, p.watchers = seats, int(watching), watchers
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
	p.clock.Add(now, sent, relay)
	p.downlink.Add(now, now-relay, now)
	p.uplink.Add(now, relay-sent, relay)
	p.event(Event{Kind: EventRTT, Dur: p.clock.RTT()})
	if best := p.clock.Best(); p.clock.RTT() > 2*best && p.clock.RTT()-best > spike {
		p.askHash(now)
	}
}

func (p *Peer) start(now time.Duration, m *protocol.Start) {
	if m.Close < 0 || m.Seed == 0 {
		p.refuse(protocol.CodeUnexpected, "The relay started a match that cannot be.")
		return
	}
	if e := p.ending; e != nil && p.cfg.Watch && m.Epoch > p.epoch {
		// The players have begun another match; who watches has not seen all of this one yet.
		p.ending = nil
		if p.finishMatch(now, e); p.state == PeerClosed {
			return
		}
	}
	unsure := p.standing.unsure()
	p.standing = p.standing.told()
	// What the relay tells somebody who comes back holds, whatever epoch it calls it: it may have been
	// restarted and told of the match by somebody of an older one.
	if m.Seed == p.matchSeed && (m.Epoch >= p.epoch || unsure) && p.epoch > 0 {
		switch {
		case (p.state == PeerFinished || p.state == PeerAfter) && m.From == p.nextBundl && !m.Snapshot:
			// The connection may have taken the report with it, or the relay has forgotten it.
			p.state = PeerFinished
			p.epoch, p.last.Epoch = m.Epoch, m.Epoch
			p.send(protocol.TypeFinished, protocol.Append(p.buf, &p.last))
			return
		case p.state == PeerPlaying && unsure && m.From == p.nextBundl && !m.Snapshot:
			p.paused = false // a pause that is still on is told next
			p.epoch, p.askedState = m.Epoch, 0
			p.setClock(m.Frame, m.Close, m.Held) // of the match this peer is in the middle of
			p.nextSample = max(m.Frame, p.nextBundl)
			return
		case (p.state == PeerPlaying || p.state == PeerFinished) && (m.From == 0 || m.Snapshot):
			// What it has is not what happened, or cannot be used, or the others are far ahead: it begins again.
			kept := p.holds(m, unsure)
			switch {
			case p.arrival.needed: // it has nothing yet
			case !unsure:
				p.event(Event{Kind: EventRebuilt, Frame: p.nextStep})
			case kept < p.nextStep:
				p.event(Event{Kind: EventRewound, Frame: kept})
			}
			p.loads++ // what it hashed so far was of that
			p.beginMatch(now, m, kept)
			p.standing = catchingUp
			return
		}
	}
	late := p.state == PeerSeated || p.state == PeerReady && m.Frame > 0 || p.state == PeerPlaying && p.standing.returning() ||
		p.state == PeerFinished // told of a running match
	if p.state != PeerReady && p.state != PeerAfter && !late || m.Epoch <= p.epoch && !unsure {
		p.refuse(protocol.CodeUnexpected, "The relay started a match that was not agreed.")
		return
	}
	if p.standing = inStep; late {
		p.standing = catchingUp
	}
	p.beginMatch(now, m, 0)
}

// holds returns how far what this peer has played is the match that a start begins again: frames before the
// one returned have happened.
func (p *Peer) holds(m *protocol.Start, unsure bool) uint32 {
	switch {
	case p.arrival.needed && m.Epoch == p.epoch: // nothing has come since this was told
		return p.kept
	case unsure:
		return min(m.Kept, p.nextStep)
	}
	return p.nextStep // nothing is undone on a line that has not broken
}

// beginMatch begins a match at its first frame, or behind a snapshot that is on its way. Of what was played of
// it before, the frames before kept hold.
func (p *Peer) beginMatch(now time.Duration, m *protocol.Start, kept uint32) {
	if m.From > 0 && !m.Snapshot {
		p.refuse(protocol.CodeUnexpected, fmt.Sprintf("The relay starts the match at frame %d and tells no state.", m.From))
		return
	}
	if m.Seed != p.matchSeed { // whose the seats were in the match before says nothing of this one
		p.holders.Begin(p.roster)
	}
	p.state = PeerPlaying
	p.epoch, p.matchSeed = m.Epoch, m.Seed
	p.nextStep, p.nextBundl, p.nextSample, p.kept = m.From, m.From, 0, kept
	p.finished, p.paused, p.wantsAgain, p.ending, p.historyEnd = false, false, false, nil, 0
	p.arrival, p.askedState = arrival{needed: m.Snapshot, heard: now}, 0
	p.steers = false
	p.undecided, p.retryFrom, p.ways = 0, 0, [history]way{}
	p.slacks, p.late, p.lateHere, p.exceeded = 0, 0, 0, 0
	if p.warned {
		p.warned = false
		p.event(Event{Kind: EventWarning}) // it was of the match before
	}
	p.hashed.Clear()
	p.sampledFor = [history]uint32{}
	p.setClock(m.Frame, m.Close, m.Held)
	p.delay = [2]options.Delay{p.room.Delay, p.room.Delay}
	p.pending.Clear()
	p.log.Reset(p.room.Players, m.From)
	p.times.Own.List = p.times.Own.List[:0]
	p.updatePlayout(now)
	p.out.Commands = append(p.out.Commands, replica.Command{Kind: replica.CommandReset, Seed: m.Seed, Frame: m.From, Kept: kept})
	p.event(Event{Kind: EventStarting, At: p.PlayoutTime(m.Frame)})
}

// endGame takes the relay's word that the match is over. What was played is stepped to its end first.
func (p *Peer) endGame(m *protocol.EndGame) {
	p.ending = &End{Code: m.Code, Text: m.Text, Frames: m.Frames, Again: time.Duration(m.AgainMS) * time.Millisecond}
}

// finishMatch leaves the room behind the match, or stays in it for another one.
func (p *Peer) finishMatch(now time.Duration, e *End) {
	if e.Again > 0 && p.cfg.Again && p.state >= PeerSeated && p.state < PeerCutOff {
		p.state = PeerAfter
		p.wantsAgain, p.paused, p.standing = false, false, p.standing.over()
		p.end = *e
		p.event(Event{Kind: EventMatchOver, Text: e.Text, Frame: e.Frames, Dur: e.Again, Code: e.Code})
		return
	}
	if p.state == PeerAfter && e.Code == protocol.CodeRoomOver {
		e.Code, e.Frames = protocol.CodeOK, p.end.Frames // the match itself ended well
	}
	p.close(e.Code, e.Text, e.Frames)
}

func (p *Peer) bundle(now time.Duration) {
	m := &p.dec.Bundle
	if m.Epoch < p.epoch || p.state == PeerFinished || p.state == PeerAfter {
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
	if p.pending.Len() == maxPending {
		p.refuse(protocol.CodeSlow, "This computer fell more than two hours behind the match.")
		return
	}
	p.frames.Held += time.Duration(m.Hold) * tenth
	p.push(m)
	p.arrived(now, m)
	if now >= p.unsettled && m.Early < protocol.MaxEarly {
		sent := p.frames.Closes(m.Frame) - time.Duration(m.Early)*time.Millisecond
		p.downlink.Add(now, now-sent, now)
	}
	if p.seat >= 0 && m.Substituted&(1<<p.seat) != 0 && p.steers && m.Frame >= p.steersFrom {
		p.substituted(now, m.Frame)
	}
}

// push queues a bundle for its playout.
func (p *Peer) push(m *protocol.Bundle) {
	p.pending.Push(m)
	p.log.Add(m)
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
		sent := p.frames.Closes(m.Frame) + time.Duration(m.Offset)*tenth
		p.downlink.Add(now, now-sent, now)
	}
	for i, s := range m.Own.List {
		if s != protocol.NoTime {
			p.slack(now, m.Own.First+uint32(i), time.Duration(s)*tenth)
		}
	}
	p.hear(now, m.Others)
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
