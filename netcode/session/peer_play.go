package session

import (
	"fmt"
	"time"

	"tandem/netcode/protocol"
)

const (
	// playoutSpan and playoutOver: the playout waits for all but 2 % of the downlink delays of the
	// last 5 s.
	playoutSpan = 5 * time.Second
	playoutOver = 0.02
	// uplinkSpan and uplinkOver: adaptive sampling keeps the late share at 0.5 % of the inputs of
	// the last 16 s (about as many as a window holds: on a heavy-tailed line fewer would not tell).
	// uplinkFull is how many inputs it takes to trust that, uplinkSpan/2 of them.
	uplinkSpan = 16 * time.Second
	uplinkOver = 0.005
	uplinkFull = 240
	// uplinkMargin is what an input should be early by, beyond the quantile: timers and schedulers
	// are about that exact.
	uplinkMargin = 4 * time.Millisecond
	// lateMemory is over how many inputs the late share is averaged: twice as many as may hold one
	// late input.
	lateMemory = 400
	// lateApart is how many frames apart late inputs must be to count as two: when the line changes,
	// a whole run of them is late for one reason, and the quantile has seen it.
	lateApart = 15
	// warnLate is the share of late inputs above which a fixed delay is called too short.
	warnLate = 0.05
	// warnEvery is after how many inputs that is judged: five seconds of play.
	warnEvery = 150
)

func (p *Peer) play(now time.Duration, in *In) {
	p.updatePlayout(now)
	p.sayReady(now, in.Prepared)
	if !p.paused && !p.returning && !p.cfg.Watch {
		p.sample(now, in.Input)
	}
	p.step(now)
	p.await(now)
	// What the executor says of a match before this one is not meant.
	if in.Finished && in.Frames <= p.nextStep && !p.finished && p.loading == 0 {
		p.finished = true
		p.state = PeerFinished
		p.last = protocol.Finished{Epoch: p.epoch, Frames: in.Frames, Hash: in.Final}
		if !p.cfg.Watch && !p.unsure { // else the start that is still to come asks for it
			p.send(protocol.TypeFinished, protocol.Append(p.buf, &p.last))
		}
	}
}

// restartEstimates forgets what was measured: the local clock may have stood still, so that old
// and new samples do not compare.
func (p *Peer) restartEstimates() {
	p.downlink.clear()
	p.uplink.clear()
	p.clock.clear()
	p.playout.set = false
	p.lead.set = false
	p.nextPing = min(p.nextPing, p.lastUpdate)
}

// updatePlayout moves P(F) − C(F) after the downlink and S(F) after the uplink.
func (p *Peer) updatePlayout(now time.Duration) {
	if target, ok := p.downlink.upper(now, playoutOver); ok {
		p.playout.toward(now, target)
	}
	switch {
	case p.room.Delay.Mode != DelayAdaptive:
		p.lead.set = false
	case p.uplink.n > 0 || p.clock.n > 0: // else nothing is known that a lead could follow
		p.lead.toward(now, p.leadTarget(now))
	}
}

// delayAt is the input delay that holds for a frame.
func (p *Peer) delayAt(frame uint32) Delay {
	if frame < p.delayFrom {
		return p.delay[0]
	}
	return p.delay[1]
}

// leadTarget is C(F) − S(F) for the adaptive delay, on mixed clocks: relay minus local. Before any
// slack is known the uplink is taken to be half the round trip.
func (p *Peer) leadTarget(now time.Duration) time.Duration {
	up, ok := p.uplink.cautious(now, uplinkOver, uplinkFull)
	if !ok {
		up = p.clock.offset + p.clock.rtt/2
	}
	// A quantile is what was; what is late now says that it is not enough, as on a line with a heavy
	// tail, where the next worst is far beyond the worst so far.
	if over := p.lateShare/uplinkOver - 1; ok && over > 0 {
		up += time.Duration(min(over/2, 1) * float64(p.uplink.spread()))
	}
	lead := up + uplinkMargin
	// The bounds are on the delay from sampling to playout, P(F) − S(F).
	lo := FrameTime(int64(p.room.Delay.Min)) - p.playout.value
	hi := FrameTime(int64(p.room.Delay.Max)) - p.playout.value
	return min(max(lead, lo), hi)
}

// sampleTime returns S(frame) on the local clock.
func (p *Peer) sampleTime(frame uint32) time.Duration {
	d := p.delayAt(frame)
	if d.Mode == DelayAdaptive {
		return p.closeTime(frame) - p.lead.value
	}
	return p.PlayoutTime(frame) - FrameTime(int64(d.Frames))
}

// readyLead is how long before a frame's close this peer expects to sample it, in 0.1 ms.
func (p *Peer) readyLead(now time.Duration) uint32 {
	p.updatePlayout(now)
	lead := FrameTime(int64(p.room.Delay.Frames))
	if p.room.Delay.Mode == DelayAdaptive {
		lead = p.clock.rtt + uplinkMargin
	}
	return uint32(lead / tenth)
}

// sample takes the input of every frame whose time has come. Frames that are due together (the
// lead has grown, or the caller was late) get one sample and travel in one message; a one-shot
// action counts once, in the first of them.
func (p *Peer) sample(now time.Duration, input Sampler) {
	if p.allSampled() {
		return
	}
	due := uint32(0)
	// Never beyond what the relay takes, whatever a local clock that jumped may say.
	for p.nextSample+due < p.nextBundl+frameWindow && p.sampleTime(p.nextSample+due) <= now {
		due++
	}
	if due == 0 {
		return
	}
	// What is closed already cannot be filled any more.
	if closed := p.nextBundl; closed > p.nextSample {
		skip := min(closed-p.nextSample, due)
		p.skipSamples(skip)
		due -= skip
	}
	if due > maxGapFill {
		p.skipSamples(due - maxGapFill)
		due = maxGapFill
	}
	if due == 0 {
		return
	}
	a, meant := p.read(now, input)
	var batch [maxGapFill]byte
	for i := range due {
		if i > 0 && p.room.IsOneShot(a) {
			a = p.room.DefaultAction
		}
		batch[i] = a
		p.remember(now, meant, p.nextSample+i, a)
	}
	if due == 1 {
		p.send(protocol.TypeAction, protocol.AppendAction(p.buf, &protocol.Action{Epoch: p.epoch, Frame: p.nextSample, Action: a}))
	} else {
		p.send(protocol.TypeActionBatch, protocol.AppendActionBatch(p.buf, &protocol.ActionBatch{Epoch: p.epoch, Frame: p.nextSample, Actions: batch[:due]}))
	}
	p.nextSample += due
}

// allSampled reports whether every frame of a match of fixed length has its input.
func (p *Peer) allSampled() bool { return p.room.Frames > 0 && p.nextSample >= p.room.Frames }

// skipSamples passes over frames that will never be sampled.
func (p *Peer) skipSamples(n uint32) {
	for range min(n, history) {
		p.sampled[p.nextSample%history] = p.room.DefaultAction
		p.sampledAt[p.nextSample%history] = 0
		p.nextSample++
		n--
	}
	p.nextSample += n
	p.times.Own.List = p.times.Own.List[:0]
}

// read returns the action to send now and when the player meant it.
func (p *Peer) read(now time.Duration, input Sampler) (a uint8, meant time.Duration) {
	a, meant = p.room.DefaultAction, now
	if input != nil {
		if v := input.Sample(); v >= 0 && v < p.room.Actions {
			a = uint8(v)
		}
	}
	if p.retryFrom != 0 {
		if now < p.retryFrom+resendOneShot && !p.room.IsOneShot(a) {
			a, meant = p.retry, p.retryFrom
		}
		p.retryFrom = 0
	}
	return a, meant
}

func (p *Peer) remember(now, meant time.Duration, frame uint32, a uint8) {
	p.sampled[frame%history] = a
	p.sampledAt[frame%history] = now
	p.meantAt[frame%history] = meant
	l := &p.times.Own
	if len(l.List) == 0 {
		l.First = frame
	}
	if len(l.List) < protocol.MaxList {
		l.List = append(l.List, int32((now+p.clock.offset-p.announced(frame))/tenth))
	}
}

// slack learns the uplink delay from how long before its frame's close an input arrived.
func (p *Peer) slack(now time.Duration, frame uint32, slack time.Duration) {
	if frame >= p.nextSample || p.nextSample-frame > history {
		return
	}
	p.event(Event{Kind: EventSlack, Frame: frame, Dur: slack})
	at := p.sampledAt[frame%history]
	if at == 0 {
		return
	}
	p.uplink.add(now, p.announced(frame)-slack-at)
	p.slacks++
	isLate := 0.0
	if slack < 0 {
		p.late++
		if frame-p.lastLate > lateApart {
			isLate = 1
		}
		p.lastLate = frame
	}
	p.lateShare += (isLate - p.lateShare) / lateMemory
	if p.slacks >= warnEvery {
		p.judge(now)
	}
}

// judge warns, in words and numbers, when a fixed delay is too short for the link, and says when
// it is well again.
func (p *Peer) judge(now time.Duration) {
	share := float64(p.late) / float64(p.slacks)
	p.slacks, p.late = 0, 0
	up, _ := p.uplink.upper(now, uplinkOver)
	need := up + p.playout.value + uplinkMargin // the two clocks cancel
	frames := int((need + FrameTime(1) - 1) / FrameTime(1))
	// A computer that stood still is late, too, but no delay would have helped it.
	bad := p.room.Delay.Mode == DelayFixed && share > warnLate && frames > p.room.Delay.Frames
	if bad == p.warned && !bad {
		return
	}
	p.warned = bad
	words := ""
	if bad {
		words = fmt.Sprintf("%.0f %% of your inputs come too late: this link needs an input delay of %d frames (%d ms), the room has %d.",
			100*share, frames, FrameTime(int64(frames)).Milliseconds(), p.room.Delay.Frames)
	}
	p.event(Event{Kind: EventWarning, Text: words})
}

// step plays out the bundles whose time has come.
func (p *Peer) step(now time.Duration) {
	p.loadWaiting()
	for n := 0; p.pendLen > 0 && n < stepsPerUpdate && !p.awaiting && p.loading == 0; n++ {
		due := p.dueTime(p.nextStep)
		if p.ending != nil {
			due = min(due, now) // nothing follows that it could be in time for
		}
		if now < due {
			return
		}
		m := &p.pending[p.pendHead]
		p.out.Commands = append(p.out.Commands, Command{
			Kind: CommandStep, Frame: m.Frame, Actions: m.Actions, Substituted: m.Substituted, Hold: time.Duration(m.Hold) * tenth,
			Hash: m.Flags&protocol.FlagHash != 0,
		})
		p.pendHead = (p.pendHead + 1) % len(p.pending)
		p.pendLen--
		p.stepped(now, due, m)
		p.out.Behind = (now-due > farBehind || p.ending != nil) && p.pendLen > 0
	}
}

// stepped keeps the books of a frame that is stepped now.
func (p *Peer) stepped(now, due time.Duration, m *protocol.Bundle) {
	f := m.Frame
	p.nextStep = f + 1
	p.steppedAt[f%history] = now
	p.event(Event{Kind: EventQueue, Frame: f, N: p.pendLen + 1})
	if at := p.sampledAt[f%history]; at != 0 && f < p.nextSample && p.seat >= 0 && m.Substituted&(1<<p.seat) == 0 {
		p.event(Event{Kind: EventInputDelay, Frame: f, Dur: now - at})
	}
	// What is caught up with says nothing about time, and would be more than the relay takes.
	if p.nextStep%syncEvery == 0 && now-due < farBehind && !p.cfg.Watch {
		p.times.Epoch, p.times.Frame = p.epoch, f
		p.times.Offset = int32((now + p.clock.offset - p.closeTime(f)) / tenth)
		p.send(protocol.TypeFrameSync, protocol.AppendFrameSync(p.buf, &p.times))
		p.times.Own.List = p.times.Own.List[:0]
	}
}

// syncEvery is how many frames lie between two frame_syncs.
const syncEvery = 10

// hashes reports the hashes that Step commands asked for.
func (p *Peer) hashes(list []Hash) {
	if p.state != PeerPlaying && p.state != PeerFinished {
		return
	}
	for i := range list {
		h := &list[i]
		if p.loading != 0 {
			continue // of a state that is being replaced
		}
		at := &p.hashed[h.Frame%ownHashes]
		at.frame, at.total, at.known = h.Frame, h.Total, true
		if p.unsure || h.Frame < p.told || h.Frame+uint32(hashesBehind*p.room.HashEvery) < p.nextBundl || p.cfg.Watch {
			continue // the relay does not wait for who catches up, and so many hashes would be a flood
		}
		m := protocol.StateHash{Epoch: p.epoch, Frame: h.Frame, Loads: p.loads, Total: h.Total, Sections: h.Sections, Count: h.Count}
		p.send(protocol.TypeStateHash, protocol.AppendStateHash(p.buf, &m))
	}
}

// hashesBehind is how many hash intervals behind the newest bundle a hash is still of use.
const hashesBehind = 8

// ownHashes is for how many frames a peer remembers what it hashed: as far as verdicts lie behind
// on the slowest link.
const ownHashes = 256
