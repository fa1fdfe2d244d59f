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
	// beyondLeast is by how much a fixed delay must be exceeded for that to be said: less is measuring.
	beyondLeast = time.Millisecond
	// badDelay is how much earlier than its line takes at best a seat may sample for the sake of its last
	// late inputs: from there on each frame of delay must save LateShare of them.
	badDelay = 100 * time.Millisecond
	// lateMemory is over how many inputs the late share is averaged: twice as many as may hold one
	// late input.
	lateMemory = 400
	// lateApart is how many frames apart late inputs must be to count as two: when the line changes,
	// a whole run of them is late for one reason, and the quantile has seen it.
	lateApart = 15
	// warnLate is the share of late inputs above which that is said.
	warnLate = 0.05
	// warnBeyond is the share of inputs beyond a fixed delay above which that is said.
	warnBeyond = 0.5
	// warnEvery is after how many inputs that is judged: five seconds of play.
	warnEvery = 150
)

func (p *Peer) play(now time.Duration, in *In) {
	p.updatePlayout(now)
	if p.sayReady(now, in.Prepared); p.state == PeerClosed {
		return
	}
	if !p.paused && !p.standing.returning() && !p.cfg.Watch {
		p.sample(now, in.Input)
	}
	p.step(now)
	p.await(now)
	// What the executor says of a match before this one is not meant.
	if in.Finished && in.Frames <= p.nextStep && !p.finished && !p.arrival.loading {
		p.finished = true
		p.state = PeerFinished
		p.last = protocol.Finished{Epoch: p.epoch, Frames: in.Frames, Hash: in.Final}
		if !p.cfg.Watch && !p.standing.unsure() { // else the start that is still to come asks for it
			p.send(protocol.TypeFinished, protocol.Append(p.buf, &p.last))
		}
	}
}

// restartEstimates forgets what was measured: the local clock may have stood still, so that old
// and new samples do not compare.
func (p *Peer) restartEstimates() {
	p.downlink.Clear()
	p.uplink.Clear()
	p.growth.Clear()
	p.clock.Clear()
	p.playout.Clear()
	p.lead.Clear()
	p.nextPing = min(p.nextPing, p.lastUpdate)
}

// updatePlayout moves P(F) − C(F) after the downlink and S(F) after the uplink.
func (p *Peer) updatePlayout(now time.Duration) {
	if target, ok := p.downlink.Upper(now, playoutOver); ok {
		p.playout.Toward(now, target)
	}
	if p.uplink.Len() > 0 { // else nothing is known that a lead could follow
		p.lead.Toward(now, p.leadTarget(now))
	}
}

// delayAt is the input delay that holds for a frame.
func (p *Peer) delayAt(frame uint32) options.Delay {
	if frame < p.delayFrom {
		return p.delay[0]
	}
	return p.delay[1]
}

// leadTarget is C(F) − S(F) as the link needs it, on mixed clocks: relay minus local.
func (p *Peer) leadTarget(now time.Duration) time.Duration {
	up, _ := p.uplink.Cautious(now, uplinkOver, uplinkFull)
	// A quantile is what was; what is late now says that it is not enough, as on a line with a heavy
	// tail, where the next worst is far beyond the worst so far.
	if over := p.lateShare/uplinkOver - 1; over > 0 {
		up += time.Duration(min(over/2, 1) * float64(p.uplink.Spread(now)))
	}
	// On a bad link more delay has to be worth it.
	if least := p.uplink.Base() + badDelay; up > least {
		up = p.uplink.Worth(now, least, up, float64(p.room.LateShare)/100)
	}
	if ahead, ok := p.growth.Ahead(now); ok {
		up = max(up, ahead)
	}
	return min(up+uplinkMargin, p.clock.Offset()+FrameTime(int64(p.room.Delay.Most())))
}

// sampleTime returns S(frame) on the local clock.
func (p *Peer) sampleTime(frame uint32) time.Duration {
	d := p.delayAt(frame)
	at := p.PlayoutTime(frame) - FrameTime(int64(d.Least()))
	if d.Mode == options.DelayStrict {
		return at
	}
	return min(at, p.frames.Closes(frame)-p.lead.Value())
}

// needed is the shortest input delay that the link holds as it is now: from sampling to playout. ok is false
// while only one of its ways is known, as when nothing has come for a while: the two clocks, which may
// differ by hours, cancel only where both ways are.
func (p *Peer) needed(now time.Duration) (d time.Duration, ok bool) {
	up, ok := p.uplink.Upper(now, uplinkOver)
	down, both := p.downlink.Upper(now, playoutOver)
	return up + down + uplinkMargin, ok && both
}

// knowsLink reports whether enough pings were answered to begin a match, or to join one. A strict delay
// takes more of them, and a link that cannot hold it ends the peer here.
func (p *Peer) knowsLink(now time.Duration) bool {
	d := p.room.Delay
	if d.Mode != options.DelayStrict {
		return p.pongs >= readyPings
	}
	if p.pongs < fastPings {
		return false
	}
	need, ok := p.needed(now)
	if ok && need > FrameTime(int64(d.Frames)) {
		n := frames(need)
		advice := fmt.Sprintf("Let its host choose delay=strict:%d, or use a better link.", n)
		if n > options.MaxDelay {
			advice = fmt.Sprintf("That is more than a room can have (%d): use a better link.", options.MaxDelay)
		}
		p.refuse(protocol.CodeLink, fmt.Sprintf("This link needs an input delay of %d frames (%d ms), and the room plays with exactly %d. %s",
			n, FrameTime(int64(n)).Milliseconds(), d.Frames, advice))
		return false
	}
	return ok
}

// frames is how many whole frames cover d.
func frames(d time.Duration) int { return int((d + FrameInterval - 1) / FrameInterval) }

// readyLead is how long before a frame's close this peer expects to sample it, in 0.1 ms.
func (p *Peer) readyLead(now time.Duration) uint32 {
	p.updatePlayout(now)
	return uint32(max(FrameTime(int64(p.room.Delay.Least())), p.clock.RTT()+uplinkMargin) / tenth)
}

// sample takes the input of every frame whose time has come. Frames that are due together (the
// lead has grown, or the caller was late) get one sample and travel in one message; a one-shot
// action counts once, in the first of them.
func (p *Peer) sample(now time.Duration, input Sampler) {
	p.unready = false
	_, byFrame := input.(FrameSampler)
	if p.allSampled() {
		return
	}
	if !p.steers {
		p.steers, p.steersFrom = true, max(p.nextSample, p.nextBundl)
		for p.sampleTime(p.steersFrom) < now && p.steersFrom < p.nextBundl+frameWindow {
			p.steersFrom++
		}
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
		p.skipSamples(now, skip)
		due -= skip
	}
	if due > maxGapFill {
		if !byFrame { // what somebody holds now says nothing of so long ago
			p.skipSamples(now, due-maxGapFill)
		}
		due = maxGapFill
	}
	var batch [maxGapFill]byte
	var a uint8
	var meant time.Duration
	once := false
	for i := range due {
		if i == 0 || byFrame {
			var ok bool
			if a, meant, ok = p.read(now, input, p.nextSample+i); !ok {
				p.unready, due = true, i
				break
			}
		}
		batch[i] = a
		if p.room.IsOneShot(a) {
			if once {
				batch[i] = p.room.DefaultAction
			}
			once = true
		}
		p.remember(now, meant, p.nextSample+i, batch[i])
	}
	switch due {
	case 0:
	case 1:
		p.send(protocol.TypeAction, protocol.AppendAction(p.buf, &protocol.Action{Epoch: p.epoch, Frame: p.nextSample, Action: batch[0]}))
	default:
		p.send(protocol.TypeActionBatch, protocol.AppendActionBatch(p.buf, &protocol.ActionBatch{Epoch: p.epoch, Frame: p.nextSample, Actions: batch[:due]}))
	}
	p.nextSample += due
	if due > 0 {
		p.lastSample = now
	}
}

// allSampled reports whether every frame of a match of fixed length has its input.
func (p *Peer) allSampled() bool { return p.room.Frames > 0 && p.nextSample >= p.room.Frames }

// skipSamples passes over frames that will never be sampled. They are as late as any.
func (p *Peer) skipSamples(now time.Duration, n uint32) {
	for range min(n, history) {
		if p.nextSample >= p.steersFrom {
			p.judged(now, p.overslept, true, now-p.sampleTime(p.nextSample) <= p.overslept)
		}
		p.sampled[p.nextSample%history] = p.room.DefaultAction
		p.sampledAt[p.nextSample%history] = 0
		p.nextSample++
		n--
	}
	p.nextSample += n
}

// read returns the action to send for a frame and when the player meant it; ok is false where that is not
// known yet.
func (p *Peer) read(now time.Duration, input Sampler, frame uint32) (a uint8, meant time.Duration, ok bool) {
	a, meant = p.room.DefaultAction, now
	if input != nil {
		v, known := SampleFor(input, frame)
		if !known {
			return a, meant, false
		}
		if v >= 0 && v < p.room.Actions {
			a = uint8(v)
		}
	}
	if p.retryFrom != 0 {
		if now < p.retryFrom+resendOneShot && !p.room.IsOneShot(a) {
			a, meant = p.retry, p.retryFrom
		}
		p.retryFrom = 0
	}
	return a, meant, true
}

func (p *Peer) remember(now, meant time.Duration, frame uint32, a uint8) {
	p.sampled[frame%history] = a
	p.sampledFor[frame%history] = frame + 1
	p.sampledAt[frame%history] = now
	p.meantAt[frame%history] = meant
	p.sampledLate[frame%history] = p.wokeLate(now)
	p.sampledHeld[frame%history] = p.frames.Held
	p.beyond[frame%history] = p.beyondFixed(frame)
	p.wait[frame%history], p.reached[frame%history] = p.waited(now), 0
	if p.clock.Known() {
		l := &p.times.Own
		push(l, frame, int32((now+p.clock.Offset()-p.frames.Announced(frame))/tenth))
		if len(l.List) == 1 {
			l.Bound = 0
		}
		l.Bound = max(l.Bound, uint32(min(p.clock.Bound(now)/tenth+1, protocol.MaxBound)))
	}
}

// wokeLate is how much later than it was due this Update samples.
func (p *Peer) wokeLate(now time.Duration) time.Duration {
	if p.sampleDue == 0 || now-p.sampleDue > StandStill {
		return 0 // nothing was due, or nothing could help
	}
	return max(0, now-p.sampleDue)
}

// beyondFixed reports whether a frame's input is sampled earlier than the room's fixed delay asks for,
// because the link needs it.
func (p *Peer) beyondFixed(frame uint32) bool {
	d := p.delayAt(frame)
	return d.Mode == options.DelayFixed && d.Frames > 0 && p.frames.Closes(frame)-p.lead.Value() < p.PlayoutTime(frame)-FrameTime(int64(d.Frames))-beyondLeast
}

// slack learns the uplink delay from how long before its frame's close, as it was announced, an input arrived.
// Late is what came after the close that was known when it was sampled: holds before had moved that.
func (p *Peer) slack(now time.Duration, frame uint32, slack time.Duration) {
	if frame >= p.nextSample || p.nextSample-frame > history {
		return
	}
	arrived := p.frames.Announced(frame) - slack
	slack += p.sampledHeld[frame%history]
	p.event(Event{Kind: EventSlack, Frame: frame, Dur: slack})
	at := p.sampledAt[frame%history]
	if at == 0 {
		return
	}
	// How late this computer woke up for it counts as the line's: the lead has to cover both.
	p.reached[frame%history] = arrived
	p.path(now, frame)
	p.uplink.Add(now, arrived-at+p.sampledLate[frame%history], arrived)
	p.growth.Add(now, at, arrived-at, slack < 0)
	isLate := 0.0
	if slack < 0 {
		if frame-p.lastLate > lateApart {
			isLate = 1
		}
		p.lastLate = frame
	}
	p.lateShare += (isLate - p.lateShare) / lateMemory
	late := p.sampledLate[frame%history]
	if p.beyond[frame%history] {
		p.exceeded++
	}
	p.judged(now, late, slack < 0, slack+late >= 0)
}

// judged counts an input for the next judgement. here says of a late one that it would not have been, had
// this computer run the program when it was due. A program that stood still, or that nobody looks at, is
// not busy: nothing is said of those inputs.
func (p *Peer) judged(now, overslept time.Duration, late, here bool) {
	if p.away || overslept > StandStill {
		return
	}
	p.slacks++
	if late {
		p.late++
		if here {
			p.lateHere++
		}
	}
	// Who wants an exact delay wants to know at once that it does not hold.
	if p.slacks >= warnEvery || late && !p.warned && p.room.Delay.Mode == options.DelayStrict {
		p.judge(now)
	}
}

// judge warns when many inputs come too late or need more than the room's delay, and says when it is well
// again. It tells a slow link from a computer that is too busy: that wakes this program late, to sample and to
// send as well as to take what comes, and no round trip tells the two apart.
func (p *Peer) judge(now time.Duration) {
	need, known := p.needed(now)
	if !known { // the next input tries again
		return
	}
	of := float64(p.slacks)
	late, here, beyond := float64(p.late)/of, 2*p.lateHere >= p.late, float64(p.exceeded)/of
	w := Warning{Late: p.late}
	if p.slacks >= warnEvery {
		w.Of = p.slacks
	}
	p.slacks, p.late, p.lateHere, p.exceeded = 0, 0, 0, 0
	sending, _ := p.oversleeps.Upper(now, uplinkOver)
	taking, ok := p.oversleeps.Upper(now, playoutOver)
	least := p.uplink.Least() + p.downlink.Least() + uplinkMargin
	room := p.room.Delay
	w.Need, w.Room, w.Busy = frames(max(need-sending-taking, least)), room.Frames, sending
	e, why := Event{Kind: EventWarning}, true
	strict := room.Mode == options.DelayStrict && late > 0
	switch short := w.Need > room.Frames; {
	case strict && short:
		w.Why = LinkOverStrict
	case beyond > warnBeyond && short:
		w.Why = LinkOverFixed
	case ok && (late > warnLate || strict) && here && sending > uplinkMargin:
		e.Kind, w.Why = EventBusy, BusyLate
	case late > warnLate && w.Need > room.Most():
		w.Why, w.Room = LinkOverMost, room.Most()
	case late > warnLate || strict:
		w.Why = LinkUneven
	case ok && taking > FrameInterval:
		e.Kind, w.Why = EventBusy, BusySlow
	default:
		why = false
	}
	if !why && !p.warned {
		return
	}
	if p.warned = why; why {
		warning := w // each event has its own
		e.Warning = &warning
	}
	p.event(e)
}

// step plays out the bundles whose time has come.
func (p *Peer) step(now time.Duration) {
	p.loadWaiting()
	for n := 0; p.pending.Len() > 0 && n < stepsPerUpdate && !p.arrival.blocks(); n++ {
		due := p.dueTime(p.nextStep)
		if p.ending != nil {
			due = min(due, now) // nothing follows that it could be in time for
		}
		if now < due {
			return
		}
		m := p.pending.Front()
		p.out.Commands = append(p.out.Commands, replica.Command{
			Kind: replica.CommandStep, Frame: m.Frame, Actions: m.Actions, Substituted: m.Substituted, Hold: time.Duration(m.Hold) * tenth,
			Hash: m.Flags&protocol.FlagHash != 0, Past: m.Frame < p.historyEnd, Own: p.own(m),
		})
		p.pending.Pop()
		p.stepped(now, due, m)
		p.out.Behind = (now-due > farBehind || p.ending != nil) && p.pending.Len() > 0
	}
}

// own reports whether the own seat's action in a bundle is the one that was sampled here. While its player
// was cut off another may have played the seat, a bot say.
func (p *Peer) own(m *protocol.Bundle) bool {
	at := m.Frame % history
	return p.seat >= 0 && m.Substituted&(1<<p.seat) == 0 && p.sampledFor[at] == m.Frame+1 && p.sampled[at] == m.Actions[p.seat]
}

// stepped keeps the books of a frame that is stepped now.
func (p *Peer) stepped(now, due time.Duration, m *protocol.Bundle) {
	f := m.Frame
	p.nextStep = f + 1
	p.walked(now, due, m)
	// What is caught up with says nothing about time, and would be more than the relay takes.
	if p.nextStep%syncEvery == 0 && now-due < farBehind && !p.cfg.Watch {
		p.times.Epoch, p.times.Frame = p.epoch, f
		p.times.Offset = int32((now + p.clock.Offset() - p.frames.Closes(f)) / tenth)
		p.send(protocol.TypeFrameSync, protocol.AppendFrameSync(p.buf, &p.times))
		p.times.Own.List = p.times.Own.List[:0]
	}
}

// syncEvery is how many frames lie between two frame_syncs.
const syncEvery = 10

// hashes reports the hashes that Step commands asked for.
func (p *Peer) hashes(list []replica.Hash) {
	if p.state != PeerPlaying && p.state != PeerFinished {
		return
	}
	for i := range list {
		h := &list[i]
		if p.arrival.loading {
			continue // of a state that is being replaced
		}
		p.hashed.Add(verify.State{Frame: h.Frame, Hash: h.Total})
		if p.standing.unsure() || h.Frame < p.historyEnd || h.Frame+uint32(hashesBehind*p.room.HashEvery) < p.nextBundl || p.cfg.Watch {
			continue // the relay does not wait for who catches up, and so many hashes would be a flood
		}
		m := protocol.StateHash{Epoch: p.epoch, Frame: h.Frame, Loads: p.loads, Total: h.Total, Sections: h.Sections, Count: h.Count}
		p.send(protocol.TypeStateHash, protocol.AppendStateHash(p.buf, &m))
	}
}

// hashesBehind is how many hash intervals behind the newest bundle a hash is still of use.
const hashesBehind = 8
