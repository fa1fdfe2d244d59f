package peer

import (
	"fmt"
	"math"
	"time"

	"tandem/netcode/original/wire"
	"tandem/netcode/session"
	"tandem/netcode/session/options"
	"tandem/netcode/session/replica"
)

// moved takes over what the driver tells about the match and about the last commands.
func (p *Peer) moved(now time.Duration, in *session.In) {
	if p.state != session.PeerPlaying && p.state != session.PeerFinished {
		return
	}
	told := answers(in)
	if told.Episode != p.episode {
		p.episode = told.Episode
		if !p.play.Tagged {
			// As the original: frames count from 0 in every episode.
			p.flush(now, true)
			p.rebase(0, p.due(p.number))
			p.number, p.sampled = 0, int64(p.play.Delay)
			p.mine.clear()
		}
	}
	p.atStep = told.EpisodeStep
	p.exported(now, told.Exported)
	p.imported(now, &told.Imported)
	p.ownHashes(now, in.Hashes)
	if in.Finished && !p.finished {
		p.finished, p.finishedAt, p.state = true, now, session.PeerFinished
		p.hurry = p.hurry || p.closing.ending
		p.flush(now, true)
		p.lastHash(in.Frames, in.Final)
	}
}

// frame plays one frame when it is due.
func (p *Peer) frame(now time.Duration, in *session.In) {
	p.resyncs(now)
	p.flush(now, false)
	if p.sync.waiting() || p.state != session.PeerPlaying {
		return
	}
	p.pace(now)
	if p.follows() {
		p.follow(now, in.Input)
		return
	}
	due := p.due(p.number)
	if now < due {
		return
	}
	// After a stall of this computer a few frames are made good; the rest of its time is lost. Played
	// out at once, the actions of that time would wait in the others' queues for ever, unless they
	// belong to their frames. Where this player closes frames, those of that time would be closed
	// before the others could have said anything.
	limit := session.FrameTime(stepsAtOnce)
	switch {
	case p.play.HostCloses && p.number < p.closing.since:
		limit = session.FrameTime(closedWindow) // the host before has closed them: nobody has to say anything
	case p.play.Tagged && !p.play.HostCloses:
		limit = session.FrameTime(tagWindow)
	}
	if now-due > limit {
		due = now - session.FrameTime(stepsAtOnce)
		p.rebase(p.number, due)
	}
	hold := p.hold(now, due)
	if p.closes() && !hold {
		p.closeDue(now)
	}
	p.sampled = max(p.sampled, p.number) // a state from far ahead may have been taken over
	p.sampleTo(now, p.number+int64(p.play.Delay), in.Input)
	if hold {
		return
	}
	if p.closes() {
		p.sayClosedNow(now)
	}
	p.step(now)
	switch {
	case !p.play.FixedStep:
		p.rebase(p.number, now+session.FrameTime(1))
	case p.held(now, due):
		p.rebase(p.number, now+session.FrameTime(1))
	}
	p.out.Behind = now >= p.due(p.number)
}

// hold reports whether a tagged frame waits for somebody's action: by up to Grace, where the option
// late_policy says so.
func (p *Peer) hold(now, due time.Duration) bool {
	if !p.play.Tagged || p.room.Late != options.LateWait || now-due >= p.room.Grace {
		return false
	}
	return p.missing()
}

func (p *Peer) held(now, due time.Duration) bool {
	return p.play.Tagged && p.room.Late == options.LateWait && now-due > session.FrameTime(1)/2 && now-due <= p.room.Grace+session.FrameTime(1)
}

// heldUntil is when a frame that waits is stepped at the latest; 0 when none waits.
func (p *Peer) heldUntil(now time.Duration) time.Duration {
	if due := p.due(p.number); now >= due && p.hold(now, due) {
		return due + p.room.Grace
	}
	return 0
}

// missing reports whether a tagged frame lacks somebody's action.
func (p *Peer) missing() bool {
	if p.number < int64(p.play.Delay) {
		return false
	}
	for i := range p.seats {
		if i == p.seat {
			continue
		}
		if _, ok := p.others[i].tags.get(p.number); !ok {
			return true
		}
	}
	return false
}

// sampleTo takes the own action of every frame up to that one that has none yet, and sends it.
func (p *Peer) sampleTo(now time.Duration, ahead int64, input session.Sampler) {
	for p.sampled <= ahead {
		frame := p.sampled
		p.sampled++
		a := p.room.DefaultAction
		if input != nil {
			if v, _ := session.SampleFor(input, uint32(frame)); v >= 0 && v < p.room.Actions {
				a = uint8(v)
			}
		}
		p.mine.put(frame, a, now)
		p.event(session.Event{Kind: EventSampled, Frame: uint32(frame)})
		p.closeEarly()
		p.queueSend(now, frame, a)
	}
}

// step orders one frame.
func (p *Peer) step(now time.Duration) {
	c := replica.Command{Kind: replica.CommandStep, Frame: p.key()}
	depth := 0
	for i := range p.seats {
		if i == p.seat && !p.follows() && (!p.play.HostCloses || p.number >= p.closing.since) {
			a, ok := p.mine.get(p.number)
			if !ok {
				a = p.room.DefaultAction // before the first own action can take effect
			} else {
				p.event(session.Event{Kind: session.EventInputDelay, Frame: c.Frame, Dur: now - p.mine.when(p.number)})
			}
			c.Actions[i] = a
			continue
		}
		a, substituted, waiting := p.take(now, i)
		depth = max(depth, waiting)
		c.Actions[i] = a
		if substituted {
			c.Substituted |= 1 << i
			p.missed++
			if i == p.seat {
				p.event(session.Event{Kind: session.EventSubstituted, Frame: c.Frame})
			} else {
				p.event(session.Event{Kind: EventMissing, Seat: i, Frame: c.Frame})
			}
			p.trouble(now)
		}
		p.others[i].used.put(p.number, a, now)
	}
	p.event(session.Event{Kind: session.EventQueue, Frame: c.Frame, N: depth})
	p.number++
	p.steps++
	p.judge()
	c.Hash = p.hashDue()
	p.out.Commands = append(p.out.Commands, c)
	p.blindHash()
}

// key names the frame that is stepped next: its number, and the episode where numbers begin anew.
func (p *Peer) key() uint32 {
	if p.play.Tagged {
		return uint32(p.number)
	}
	return uint32(p.episode)<<episodeShift | uint32(p.number)&(1<<episodeShift-1)
}

// episodeShift leaves room for episodes of 2.4 hours.
const episodeShift = 18

// judge warns, in words and numbers, when the delay is too short for the line. Without tags nobody can
// tell a late action from one that is early.
func (p *Peer) judge() {
	if !p.play.Tagged || p.steps%judgeEvery != 0 {
		return
	}
	share := float64(p.missed) / float64(judgeEvery*max(1, p.seats-1))
	p.missed = 0
	bad := share > missedShare
	if bad == p.warned && !bad {
		return
	}
	p.warned = bad
	words := ""
	if bad {
		lag := 0.0
		for i := range p.seats {
			s := &p.others[i]
			if p.follows() {
				lag = max(lag, (s.lead+s.theirs)/2)
			} else {
				lag = max(lag, s.lead)
			}
		}
		switch need := int(math.Ceil(lag)) + 1; {
		case need > options.MaxDelay:
			words = fmt.Sprintf("%.0f %% of the actions come too late: this line needs an input delay of about %d frames, and a game has %d at most. Use a better line.",
				100*share, need, options.MaxDelay)
		case need > p.play.Delay:
			words = fmt.Sprintf("%.0f %% of the actions come too late: this line needs an input delay of about %d frames, the game has %d. Start again with -delay %d.",
				100*share, need, p.play.Delay, need)
		default:
			words = fmt.Sprintf("%.0f %% of the actions come too late, though the input delay of %d frames is long enough for this line: one of the computers is too busy, or a line stands still at times.",
				100*share, p.play.Delay)
		}
	}
	p.event(session.Event{Kind: session.EventWarning, Text: words})
}

// take is another seat's action for the frame that is stepped: the oldest of its queue, or, where
// frames are tagged, the one for this frame. waiting is how many there were.
func (p *Peer) take(now time.Duration, seat int) (a uint8, substituted bool, waiting int) {
	s := &p.others[seat]
	if p.play.Tagged {
		if p.number < int64(p.play.Delay) {
			return p.room.DefaultAction, false, 0 // nobody's action can take effect yet
		}
		waiting = int(max(0, min(s.newest-p.number+1, tagWindow)))
		if p.follows() {
			waiting = int(max(0, p.closing.below-p.number))
		}
		if p.closing.replaced(p.number)&(1<<seat) != 0 {
			a, _ := s.tags.get(p.number)
			return a, true, waiting
		}
		if seat == p.seat { // what the host has closed
			a, _ := s.tags.get(p.number)
			if p.mine.has(p.number) {
				p.event(session.Event{Kind: session.EventInputDelay, Frame: p.key(), Dur: now - p.mine.when(p.number)})
			}
			return a, false, waiting
		}
		if a, ok := s.tags.get(p.number); ok {
			p.executed(now, seat, a, p.number, s.tags.when(p.number))
			return a, false, waiting
		}
	} else if waiting = s.queue.n; waiting > 0 {
		e := s.queue.pop()
		p.executed(now, seat, e.action, e.frame, e.at)
		return e.action, false, waiting
	}
	return p.substitute(s), true, waiting
}

// executed keeps the books of another's action that is stepped now. Its latency is what it waited
// here, and both halves of its way: the other's round trip to the relay and the own, halved.
func (p *Peer) executed(now time.Duration, seat int, a uint8, frame int64, arrived time.Duration) {
	s := &p.others[seat]
	if !p.play.HostCloses {
		s.last, s.known, s.repeats = a, true, 0
	}
	theirs := s.rtt
	if theirs == 0 {
		theirs = p.rtt
	}
	if p.rtt > 0 {
		p.event(session.Event{Kind: session.EventLatency, Seat: seat, Frame: uint32(frame), Dur: now - arrived + (p.rtt+theirs)/2})
	}
}

// substitute is action_population_method's answer to an empty queue.
func (p *Peer) substitute(s *other) uint8 {
	s.repeats++
	a := s.last
	switch {
	case !s.known || p.room.Population == options.DefaultAction:
		return p.room.DefaultAction
	case p.ours && s.repeats > repeatLimit:
		return p.room.DefaultAction // the original goes on for ever
	case p.room.Population == options.PredictedAction:
		a = s.guess.Predict(uint32(s.repeats))
	}
	if p.room.IsOneShot(a) {
		return p.room.DefaultAction
	}
	return a
}

// otherAction puts what another player did where it belongs.
func (p *Peer) otherAction(now time.Duration, e *wire.OtherPlayerAction) {
	seat := p.seatOf(e.PlayerID)
	if seat < 0 || seat == p.seat || p.state < session.PeerPlaying {
		p.invalidMessage()
		return
	}
	s := &p.others[seat]
	frame := e.Frame
	if e.Odd.Is || frame > math.MaxUint32 {
		p.invalidMessage()
		if p.play.Tagged {
			return
		}
		frame = s.newest + 1 // an original player queues it all the same
	}
	s.heardAt = now
	if p.state == session.PeerFinished {
		return // it still plays: see stays
	}
	var b Beside
	if p.ours && e.Action.Kind() == wire.Map {
		b = readBeside(e.Action)
	}
	if b.N == 0 {
		p.arrived(now, seat, frame, number(e.Action))
	}
	for i := range b.N {
		p.arrived(now, seat, frame+int64(i), int(b.Actions[i]))
	}
	last := frame + int64(max(b.N, 1)-1)
	if b.N > 0 {
		p.hearClosed(now, seat, &b, last)
		p.hearBeside(now, seat, &b)
	}
	p.closeEarly()
	p.measureLead(now, seat, last)
}

// arrived takes one action of another seat. What is no action of the game counts as the default: the
// queue must stay as long as the other's game.
func (p *Peer) arrived(now time.Duration, seat int, frame int64, action int) {
	s := &p.others[seat]
	if action < 0 || action >= p.room.Actions {
		p.invalidMessage()
		action = int(p.room.DefaultAction)
	}
	a := uint8(action)
	if s.guess != nil {
		s.guess.Observe(a, 1)
	}
	if p.play.HostCloses {
		p.noted(now, s, frame, a)
		return
	}
	s.newest = max(s.newest, frame)
	if !p.play.Tagged {
		s.newest = frame
		s.queue.push(queued{frame, a, now}, p.play.Ordered)
		p.overflow(now, s)
		return
	}
	if frame > p.number+tagWindow || frame < p.number-tagWindow {
		s.newest = min(s.newest, p.number+tagWindow)
		return // of nobody who plays with us
	}
	s.tags.put(frame, a, now)
	if frame < p.number {
		p.tooLate(now, seat, frame, a)
	}
}

// tooLate compares an action with what was taken in its place. Where they are the same, nothing has
// happened.
func (p *Peer) tooLate(now time.Duration, seat int, frame int64, a uint8) {
	used, ok := p.others[seat].used.get(frame)
	if !ok || used == a || frame < p.sync.from {
		return
	}
	p.sync.wrong++
	if p.play.Predictive && (p.sync.asks == 0 || now-p.sync.lastAsk >= lateGap) {
		p.ask(now, reasonLate)
	}
}

// overflow asks for a state when a queue has passed the threshold.
func (p *Peer) overflow(now time.Duration, s *other) {
	if s.queue.n <= p.sync.threshold {
		return
	}
	if p.play.RecentFirst {
		s.queue.keep(keepRecent)
	}
	p.ask(now, reasonOverflow)
}

// clearQueues forgets what waits, as the original does around a full state. Tagged actions belong to
// their frames and stay.
func (p *Peer) clearQueues() {
	for i := range p.others {
		p.others[i].queue.grow()
	}
}

// queueSend sends an own action, with company where it may wait for some.
func (p *Peer) queueSend(now time.Duration, frame int64, a uint8) {
	if p.pendingN > 0 && (p.pendingF+int64(p.pendingN) != frame || p.pendingN == MaxBeside) {
		p.flush(now, true)
	}
	if p.pendingN == 0 {
		p.pendingF, p.pendingAt = frame, now
	}
	p.pending[p.pendingN] = a
	p.pendingN++
	p.flush(now, false)
}

// flush sends the actions that have waited long enough.
func (p *Peer) flush(now time.Duration, all bool) {
	if p.pendingN == 0 || !all && now < p.pendingAt+p.play.Batch {
		return
	}
	b := &p.beside
	b.N = 0
	if p.ours {
		p.sayBeside(b)
	}
	if n := p.pendingN; n > 1 || b.N > 0 {
		b.Actions, b.N = p.pending, n
	}
	p.pendingN = 0
	a, err := &p.codec.action, error(nil)
	a.GameID, a.PlayerID, a.Frame, a.Timestamp = p.game, p.players[p.seat], p.pendingF, float64(now.Milliseconds())
	if a.Action, err = p.codec.value(p.pending[0], b); err != nil {
		p.unwritable(err)
		return
	}
	p.say(a)
}

// The pace. Each player measures by how many frames the other's actions lag behind its own frames;
// half the difference between both is by how much it is ahead, whatever the line's delay.

// measureLead notes how far behind an action that has just come is.
func (p *Peer) measureLead(now time.Duration, seat int, frame int64) {
	s := &p.others[seat]
	lag := float64(p.clock(now) - (frame - int64(p.play.Delay)))
	limit := 10.0 * session.FrameRate
	if !p.play.Tagged {
		limit = session.FrameRate // what is further away counts in another episode
	}
	if math.Abs(lag) > limit {
		return
	}
	// Rounded frames jump by one; the mean of some tells more.
	if s.leadN == 0 {
		s.lead = lag
	}
	s.lead += (lag - s.lead) / 8
	s.spread += (math.Abs(lag-s.lead) - s.spread) / 16
	if s.leadN++; s.leadN%leadEvery == 0 {
		p.lead = true
	}
}

const (
	// paceShare: the clock is corrected by at most 1/20 of the time that passes, as in sequenced play.
	paceShare = 20
	// paceJump is from how many frames on a correction is made at once: to play five seconds too fast
	// is worse than a jump.
	paceJump = 10
)

// pace slows down whoever is ahead, and speeds up who is behind.
func (p *Peer) pace(now time.Duration) {
	passed := now - p.paced
	p.paced = now
	if !p.play.FrameSync || p.closes() {
		return // the others keep to who closes frames
	}
	ahead, n := 0.0, 0
	for i := range p.seats {
		s := &p.others[i]
		if i == p.seat || !s.haveTop || s.leadN < leadEvery || p.follows() && p.players[i] != p.hostID {
			continue
		}
		ahead += (s.lead - s.theirs) / 2
		if p.follows() {
			ahead -= p.standAhead(s)
		}
		n++
	}
	if n == 0 {
		return
	}
	ahead /= float64(n)
	if math.Abs(ahead) < 0.25 {
		return
	}
	shift := time.Duration(ahead * float64(session.FrameTime(1)))
	if math.Abs(ahead) < paceJump || !p.play.Tagged {
		limit := min(passed, session.FrameTime(1)) / paceShare
		shift = min(max(shift, -limit), limit)
	}
	p.shift(shift)
}

// shift moves all frames in time. What was measured was measured before.
func (p *Peer) shift(by time.Duration) {
	p.base += by
	for i := range p.others {
		p.others[i].lead -= float64(by) / float64(session.FrameTime(1))
		p.others[i].theirs += float64(by) / float64(session.FrameTime(1))
	}
}
