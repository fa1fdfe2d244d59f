package peer

import (
	"time"

	"tandem/netcode/session"
)

// Closing. A relay of the original passes actions on and decides nothing, so between peers of ours the
// host does what the relay does in sequenced play: beside its own actions it says which frames are
// closed and what everybody's actions in them are, with those marked that were not there in time. The
// others step what the host has closed and nothing else, their own actions included; so nothing that
// comes late, twice or in another order can make states differ, and nobody waits for anybody but the
// host.

const (
	// closedWindow is how many closed frames a player may be behind: what is further away is made good
	// by a full state. The rings of actions must have room for as many.
	closedWindow = 900
	// hostWindow is how far ahead of the host's frame an action may be: the way to the host and back
	// on a line of two seconds, the longest delay, and room.
	hostWindow = 8 * session.FrameRate
	// silentFrames is how much longer than the way takes the host may say nothing before the others
	// stop taking new actions: those would be old when they count.
	silentFrames = session.FrameRate / 2
	// playoutLimit bounds by how much a frame is shown later than it was due so that all of them are
	// shown evenly.
	playoutLimit = time.Second / 2
	// MaxClosed is how many actions of closed frames one message holds: 9 frames of eight players. What
	// is left goes with the next.
	MaxClosed = 64
	// hostSilence is how long a player may wait for the host until the game is over for it. The relay
	// notices a connection that is gone, most within 45 s.
	hostSilence = 20 * time.Second
	// stallStep bounds how much of it counts at once: a computer that stood still has waited for nobody
	// meanwhile.
	stallStep = time.Second
	// hostWarning is from when on a player is told that the game waits for the host.
	hostWarning = time.Second
)

// StandIn marks an action of Beside.Closed that the host has put in the place of one that was not
// there.
const StandIn = 0x80

// closing is what is known of closed frames.
type closing struct {
	below int64 // frames below this one are closed

	// Which seats' actions were replaced, by frame.
	frame [tagSlots]int64
	mask  [tagSlots]uint32

	said  int64 // of the host: below which frame it has said so
	since int64 // of the host: frames below this one were closed by the host before it

	// Of the others.
	from int64 // what is closed is known from this frame on
	lost bool  // the own state may be none of the host's: a full one must come first

	// A relay may name another host; see newHost.
	term  int  // how often it has
	fresh bool // of the others: the new host has not said anything yet

	// Of the others: by how much later than it is due a frame is closed; mean and mean deviation.
	late, dev time.Duration
	lastGap   time.Duration
	gaps      int
	stalled   time.Duration // how long this player has waited for the host
	stalledAt time.Duration // when that was looked at last
	warned    bool
	ending    bool // the relay has ended the game: it is over once the closed frames are stepped
	endText   string
}

func (c *closing) reset(delay int) {
	*c = closing{below: int64(delay), said: int64(delay)}
	for i := range c.frame {
		c.frame[i] = -1
	}
}

// settle forgets what was replaced from a frame on.
func (c *closing) settle(from int64) {
	for i := range c.frame {
		if c.frame[i] >= from {
			c.frame[i] = -1
		}
	}
}

func (c *closing) replaced(frame int64) uint32 {
	if i := frame % tagSlots; c.frame[i] == frame {
		return c.mask[i]
	}
	return 0
}

func (c *closing) replace(frame int64, seat int) {
	i := frame % tagSlots
	if c.frame[i] != frame {
		c.frame[i], c.mask[i] = frame, 0
	}
	c.mask[i] |= 1 << seat
}

// follows reports whether this player steps what the host has closed.
func (p *Peer) follows() bool { return p.play.HostCloses && !p.host && p.seats > 1 }

// closes reports whether this player closes frames.
func (p *Peer) closes() bool { return p.play.HostCloses && !p.follows() }

// noted takes an action of another player. The first one for a frame counts, and none for a frame that
// is closed; but what that player did last is what it may be doing now.
func (p *Peer) noted(now time.Duration, s *other, frame int64, a uint8) {
	window := int64(hostWindow)
	if p.follows() {
		window += closedWindow
	}
	if frame > p.number+window || frame < p.number-closedWindow {
		return // of nobody who plays with us
	}
	if frame >= s.newest {
		s.newest = frame
		s.last, s.known, s.repeats = a, true, 0
	}
	if frame >= p.closing.below && !s.tags.has(frame) {
		s.tags.put(frame, a, now)
	}
}

// closeEarly closes the frames for which every action is there.
func (p *Peer) closeEarly() {
	if !p.closes() {
		return
	}
	for p.closing.below < p.sampled {
		for i := range p.seats {
			if i != p.seat && !p.others[i].tags.has(p.closing.below) {
				return
			}
		}
		p.closing.below++
	}
}

// closeDue closes every frame up to the one that is stepped now, whatever is missing.
func (p *Peer) closeDue(now time.Duration) {
	c := &p.closing
	for ; c.below <= p.number; c.below++ {
		for i := range p.seats {
			s := &p.others[i]
			if i == p.seat || s.tags.has(c.below) {
				continue
			}
			a := p.substitute(s)
			s.tags.put(c.below, a, now)
			c.replace(c.below, i)
		}
	}
}

// sayClosed puts what is closed beside an action.
func (p *Peer) sayClosed(b *Beside) {
	if !p.closes() {
		return
	}
	c := &p.closing
	b.N, b.HasClosed, b.Term, b.ClosedN = 1, true, c.term, 0
	for ; c.said < c.below && b.ClosedN+p.seats-1 <= MaxClosed; c.said++ {
		mask := c.replaced(c.said)
		for i := range p.seats {
			if i == p.seat {
				continue
			}
			a, _ := p.others[i].tags.get(c.said)
			if mask&(1<<i) != 0 {
				a |= StandIn
			}
			b.Closed[b.ClosedN] = a
			b.ClosedN++
		}
	}
	b.Below = c.said
}

// sayClosedNow says what nobody would hear otherwise before the next action: beside the last one, which
// everybody has.
func (p *Peer) sayClosedNow(now time.Duration) {
	a, ok := p.mine.get(p.sampled - 1)
	for before := int64(-1); ok && p.closing.said <= p.number && p.closing.said > before; {
		before = p.closing.said
		p.queueSend(now, p.sampled-1, a)
		p.flush(now, true)
	}
}

// hearClosed takes the host's word. newest is the newest action that came with it: nothing beyond it
// can be closed.
func (p *Peer) hearClosed(now time.Duration, seat int, b *Beside, newest int64) {
	c := &p.closing
	switch {
	case !b.HasClosed || !p.play.HostCloses || p.state != session.PeerPlaying:
		return
	case b.Term > c.term:
		p.endNow("The relay has named another host and did not tell this player: the game cannot go on.")
		return
	case b.Term < c.term || !p.follows() || p.players[seat] != p.hostID:
		return // the word of one that is host no more
	}
	each := p.seats - 1
	first := b.Below - int64(b.ClosedN/each)
	switch {
	case b.ClosedN%each != 0 || first < 0 || b.Below > newest+1 || b.Below > p.number+closedWindow:
		p.gap(now)
		return
	case c.fresh:
		c.fresh = false
		if first != c.below {
			p.lose(first)
		}
	}
	if b.Below <= c.below {
		return // said before
	}
	if first > c.below { // some words are missing: what is known begins anew
		c.from = first
		p.gap(now)
	}
	for k, a := range b.Closed[:b.ClosedN] {
		frame, i := first+int64(k/each), k%each
		if i >= seat {
			i++
		}
		if frame < c.below {
			continue
		}
		if a&StandIn != 0 {
			c.replace(frame, i)
			a &^= StandIn
		}
		if int(a) >= p.room.Actions {
			a = p.room.DefaultAction // of no host of ours
			p.invalidMessage()
		}
		p.others[i].tags.set(frame, a, now)
	}
	c.below = b.Below
	late := min(max(now-p.due(c.below-1), 0), playoutLimit)
	c.late += (late - c.late) / 16
	c.dev += (max(late-c.late, c.late-late) - c.dev) / 16
}

// playout is by how much later than it was due a frame is shown, so that those whose closing takes
// longer come as evenly as the others.
func (p *Peer) playout() time.Duration {
	if !p.follows() {
		return 0
	}
	return min(p.closing.late+2*p.closing.dev, playoutLimit)
}

// gap asks for a state where frames have passed unheard.
func (p *Peer) gap(now time.Duration) {
	c := &p.closing
	if c.gaps == 0 || now-c.lastGap >= lateGap {
		c.gaps++
		c.lastGap = now
		p.ask(now, reasonBehind)
	}
}

// clock is the number of the frame that is due now, or was due last, whether or not it can be stepped.
func (p *Peer) clock(now time.Duration) int64 {
	if !p.follows() {
		return p.number
	}
	// due is rounded: the estimate may be one off.
	n := p.baseFrame + int64((now-p.base)*session.FrameRate/time.Second)
	for p.due(n+1) <= now {
		n++
	}
	for p.due(n) > now {
		n--
	}
	return n
}

// follow plays the frames that the host has closed, and takes own actions by the own clock meanwhile.
func (p *Peer) follow(now time.Duration, input session.Sampler) {
	c := &p.closing
	clock := p.clock(now)
	host := &p.others[max(p.seatOf(p.hostID), 0)]
	if limit := c.below + silentFrames + int64((p.rtt+host.rtt)*session.FrameRate/time.Second); clock > limit {
		clock = limit
		p.rebase(clock, now)
	}
	// The host takes its own action for a frame before it closes it: its clock is at least there.
	if host := c.below - 1 - int64(p.play.Delay); clock < host-paceJump {
		clock = host
		p.rebase(clock, now)
	}
	p.sampled = max(p.sampled, c.below) // those are closed
	p.sampleTo(now, clock+int64(p.play.Delay), input)
	lacks := p.lacks()
	switch {
	case c.ending && (p.number >= c.below || lacks):
		p.endNow(c.endText)
		return
	case lacks:
		p.gap(now)
		p.stall(now, host)
		return
	case p.number >= c.below:
		p.stall(now, host)
		return
	case now < p.due(p.number)+p.playout() && !c.ending:
		return
	}
	p.step(now)
	c.stalled = 0
	if c.warned {
		c.warned = false
		p.event(session.Event{Kind: session.EventWarning})
	}
	p.out.Behind = c.ending || p.number < c.below && now >= p.due(p.number)+p.playout()
}

// lacks reports whether the next frame is closed and cannot be stepped: this player has slept for too
// long, or words of the host are missing.
func (p *Peer) lacks() bool {
	c := &p.closing
	if c.lost || p.number < c.from {
		return true
	}
	if p.number >= c.below || p.number < int64(p.play.Delay) {
		return false
	}
	for i := range p.seats {
		if !p.others[i].tags.has(p.number) {
			return true
		}
	}
	return false
}

// stall tells the player that the game waits for the host, and ends it when that lasts: a host may be
// gone, and it may also say everything but what is waited for.
func (p *Peer) stall(now time.Duration, host *other) {
	c := &p.closing
	if c.stalled > 0 {
		c.stalled += min(now-c.stalledAt, stallStep)
	} else {
		c.stalled = 1
	}
	c.stalledAt = now
	silent := now-host.heardAt > hostWarning
	switch {
	case c.stalled > hostSilence && silent:
		p.endNow("The host has said nothing for 20 s: the game is over.")
	case c.stalled > hostSilence:
		p.endNow("The host has not let the game go on for 20 s: it is over.")
	case c.stalled > hostWarning && !c.warned:
		c.warned = true
		words := "The game waits for the host."
		if silent {
			words = "The game waits for the host, who says nothing at present."
		}
		p.event(session.Event{Kind: session.EventWarning, Text: words})
	}
}

// followWake is when follow has something to do.
func (p *Peer) followWake() time.Duration {
	w := p.due(p.sampled - int64(p.play.Delay))
	if p.number < p.closing.below && !p.lacks() {
		w = min(w, p.due(p.number)+p.playout())
	}
	return w
}

// standAhead is by how many frames this player's clock should run ahead of the host's: by nothing
// where the delay covers the way to the host, and by what is lacking where it does not. margin covers
// what comes later than usual.
func (p *Peer) standAhead(s *other) float64 {
	const margin = 1
	way := (s.lead + s.theirs) / 2
	return min(max(0, way+2*s.spread+margin-float64(p.play.Delay)), hostWindow/2)
}

// endLater keeps the relay's word that the game is over until the frames that are closed are played:
// the host may have finished already. It reports whether there are any.
func (p *Peer) endLater(words string) bool {
	c := &p.closing
	if p.state == session.PeerPlaying && p.follows() && p.number < c.below && !c.ending {
		c.ending, c.endText = true, words
	}
	return c.ending
}

// leadFor tells which seat's lead is said next: the host says each player its own.
func (p *Peer) leadFor() int {
	for range p.seats {
		p.leadSeat = (p.leadSeat + 1) % p.seats
		if p.leadSeat != p.seat && p.others[p.leadSeat].leadN > 0 {
			return p.leadSeat
		}
	}
	return -1
}

// Another host. The original never names one in mid-game, but a relay may. All hear of it at the same
// place of what the relay passes on, so all that follow know of the same frames that they are closed:
// those stay as they are, and the new host closes the next ones. Only the one that was host may have
// gone on from there, with words that nobody heeds any more. Whoever finds that the first word of the
// new host does not continue what it knows takes that host's state over before it plays on. Words and
// states say by a term which host they are from, so those that are still on their way count for nothing.

// newHost does what follows for this player. Its role has changed; was tells whether it was host.
func (p *Peer) newHost(now time.Duration, was bool) {
	c, y := &p.closing, &p.sync
	c.term++
	y.toExport, y.state, y.asked, y.full = false, nil, 0, false
	if !p.play.HostCloses {
		return
	}
	c.stalled, c.gaps, c.fresh = 0, 0, !p.host
	if p.host {
		p.takeOver()
	} else if was {
		// What nobody has heard of and this player has not stepped is not closed.
		c.below = max(c.said, p.number)
		for frame := p.number; frame < c.below; frame++ {
			a, ok := p.mine.get(frame)
			if !ok {
				a = p.room.DefaultAction
			}
			p.others[p.seat].tags.set(frame, a, now)
		}
	}
}

// takeOver makes this player close frames.
func (p *Peer) takeOver() {
	c := &p.closing
	if c.ending {
		p.endNow(c.endText)
		return
	}
	known := !c.lost && p.number >= c.from
	for frame := p.number; known && frame < c.below; frame++ {
		for i := range p.seats {
			known = known && (frame < int64(p.play.Delay) || p.others[i].tags.has(frame))
		}
	}
	if !known { // it goes on from what it has; the others take its state
		c.below = max(p.number, int64(p.play.Delay))
		c.settle(p.number)
		for i := range p.others {
			p.others[i].tags.clear()
		}
	}
	// Frames go on being shown as they were.
	p.shift(min(c.late+2*c.dev, playoutLimit))
	c.late, c.dev = 0, 0
	c.lost, c.from = false, 0
	c.since, c.said = c.below, c.below
	p.sampled = max(p.sampled, c.below)
	p.sync.full = true
	if c.warned {
		c.warned = false
		p.event(session.Event{Kind: session.EventWarning})
	}
}

// lose gives up what this player knows of closed frames, because the new host begins at another one.
// What it knows of actions from there on may be what the old host put in their place.
func (p *Peer) lose(first int64) {
	c := &p.closing
	c.lost, c.from, c.below = true, max(first, c.below), first
	c.settle(first)
	for i := range p.others {
		p.others[i].tags.clear()
	}
}

// markBits is how many bits of a full state's mark count the states of one host. The rest is its term.
const markBits = 20

// nextMark names the next state that this host sends.
func (p *Peer) nextMark() uint32 {
	if term := uint32(p.closing.term) & (1<<(31-markBits) - 1); p.play.HostCloses && p.sync.mark>>markBits != term {
		return term<<markBits + 1
	}
	return p.sync.mark + 1
}

// stale reports whether a state is none that this player may take over: one of a host before, or one
// that no peer of ours has sent.
func (p *Peer) stale(mark int64) bool {
	return p.play.HostCloses && (mark < 0 || uint32(mark)>>markBits != uint32(p.closing.term)&(1<<(31-markBits)-1))
}
