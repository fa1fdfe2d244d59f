package sessiontest

import (
	"fmt"
	"time"

	"tandem/netcode/protocol"
	"tandem/netcode/session"
	"tandem/netcode/session/options"
	"tandem/netcode/session/replica"
)

// What must hold whatever happens:
//
//   - Nobody steps a frame with another action vector than the room closed it with, steps one twice
//     or skips one, between a reset or a loaded state and the next.
//   - Every state is the one that those vectors lead to, but for a game in which a bit was turned
//     over; that one is found, named and repaired within repairTime of quiet play.
//   - Nobody whose state was right is named by a majority, a witness or a recheck.
//   - What did not happen after all (the relay was restarted, and nobody who came back knew it) is
//     taken back in words: EventRewound comes with every reset within a match.
//   - Frames close in time while the room plays; no pause is longer than its seats may cost; who is
//     there is up to date currentTime after the last fault; everybody ends.
//   - Nobody honest is refused for what they send, and nobody honest refuses what they get.
//   - What the room and the peers hold for others is bounded.
const (
	// repairTime: an interval of hashes (up to 2 s), a recheck and a transfer (3 s each), twice, as
	// the first donor may be gone.
	repairTime = 20 * time.Second
	// currentTime: 5 s until a silence is noticed, 10 s in which a restarted relay waits, a restored
	// room's 10 s, and the same again for whoever was refused as too early.
	currentTime = 40 * time.Second
	// currentFrames is how far behind the room a peer that is up to date may be: the longest lead that
	// a frame may close early by, and the slowest line.
	currentFrames = 120
	// stuckTime is for how long a room in which everybody is there may do nothing.
	stuckTime = 30 * time.Second
)

// timeline is a match as the room has it: with a new epoch after every restart of the relay.
type timeline struct {
	seed  uint64
	epoch uint8
	chain []uint64 // hash of all action vectors up to each frame
	state []uint64 // that they lead to
	fold  Fold
	right bool // somebody ended with the state that it leads to
	wrong bool // somebody did not
}

func (t *timeline) add(b *protocol.Bundle) {
	chain := uint64(0)
	if n := len(t.chain); n > 0 {
		chain = t.chain[n-1]
	}
	cmd := replica.Command{Frame: b.Frame, Actions: b.Actions, Substituted: b.Substituted}
	t.fold.Step(&cmd)
	t.chain = append(t.chain, link(chain, &cmd))
	t.state = append(t.state, t.fold.State)
}

// link adds one step to the hash of all before it.
func link(chain uint64, c *replica.Command) uint64 {
	chain = Mix(chain ^ uint64(c.Frame)<<16 ^ uint64(c.Substituted))
	for i := 0; i < protocol.MaxSeats; i += 8 {
		var v uint64
		for k, a := range c.Actions[i : i+8] {
			v |= uint64(a) << (8 * k)
		}
		chain = Mix(chain ^ v)
	}
	return chain
}

// track is what is known of one node's game.
type track struct {
	seed      uint64
	next      uint32 // frame to be stepped next
	again     uint32 // frames below this are stepped again, behind a loaded state
	chain     uint64
	line      *timeline
	spoiled   bool // a bit of its state was turned over
	spoiledAt time.Duration
	resets    int // within a match
	rewinds   int
	judged    [1024]struct {
		frame uint32
		epoch uint8
		good  bool
	}
	since time.Duration // when it was last not connected or not playing
}

// checker watches a world.
type checker struct {
	err       error
	seen      map[string]int
	lines     []*timeline
	closed    int
	steps     int
	dirty     bool          // states may differ: somebody's was spoiled, or somebody lies
	guess     bool          // the host's state was taken for want of a better one
	disturbed time.Duration // when the last thing was done

	phase     string        // of the room, as its events tell
	since     time.Duration // since when
	from      uint32        // frame with which the play began
	held      time.Duration // since then
	lead      time.Duration // until the first frame, at most
	pausedFor time.Duration // of this match
	idle      time.Duration // since when everybody is ready and nothing happens
}

func (c *chaos) fail(format string, args ...any) {
	if c.err == nil {
		c.err = fmt.Errorf("at %.3f s: %s", c.w.Now.Seconds(), fmt.Sprintf(format, args...))
	}
}

// latest returns the newest timeline of a match and epoch.
func (c *chaos) latest(seed uint64, epoch uint8) *timeline {
	for i := len(c.lines) - 1; i >= 0; i-- {
		if t := c.lines[i]; t.seed == seed && t.epoch == epoch {
			return t
		}
	}
	return nil
}

// begin begins the timeline of a match that starts, or that is put together again.
func (c *chaos) begin() *timeline {
	room := c.w.Room
	t := &timeline{seed: room.MatchSeed(), epoch: room.Epoch(), fold: Fold{Seats: c.cfg.Players}}
	t.fold.Reset(t.seed)
	c.lines = append(c.lines, t)
	if len(c.lines) > 6 {
		c.lines = append(c.lines[:0], c.lines[len(c.lines)-6:]...)
	}
	return t
}

// restored copies the bundles that a restarted relay was told.
func (c *chaos) restored(frames uint32) {
	t := c.begin()
	for f := range frames {
		b, ok := c.w.Room.Log(f)
		if ok {
			t.add(&b)
			continue
		}
		// Its teller began behind a snapshot: what is before is that of the epoch before.
		old := c.older(t, f)
		if old == nil {
			if !c.forged() {
				c.fail("a restored room does not know frame %d, and nobody ever did", f)
			}
			c.lines = c.lines[:len(c.lines)-1]
			return
		}
		t.chain = append(t.chain, old.chain[f])
		t.state = append(t.state, old.state[f])
		t.fold.State, t.fold.Frames = old.state[f], f+1
	}
}

// older finds a timeline of an earlier epoch of the same match that has a frame.
func (c *chaos) older(t *timeline, f uint32) *timeline {
	for i := len(c.lines) - 2; i >= 0; i-- {
		if o := c.lines[i]; o.seed == t.seed && o.epoch < t.epoch && int(f) < len(o.chain) {
			return o
		}
	}
	return nil
}

func (c *chaos) forged() bool {
	for _, a := range c.actors {
		if a.forge != 0 {
			return true
		}
	}
	return false
}

func (c *chaos) setPhase(p string) { c.phase, c.since, c.held = p, c.w.Now, 0 }

func (c *chaos) relayStopped() { c.setPhase("down") }

// frozen allows for the time in which the relay stood still.
func (c *chaos) frozen(d time.Duration) { c.held += d }

func (c *chaos) onRoom(_ time.Duration, e *session.RoomEvent) {
	switch e.Kind {
	case session.RoomClosed:
		c.closed++
		c.held += time.Duration(e.N) * 100 * time.Microsecond
		b, ok := c.w.Room.Log(e.Frame)
		t := c.latest(c.w.Room.MatchSeed(), c.w.Room.Epoch())
		if !ok || t == nil || int(e.Frame) != len(t.chain) {
			c.fail("the room closed frame %d out of order", e.Frame)
			return
		}
		t.add(&b)
	case session.RoomStarted:
		c.seen["start"]++
		c.begin()
		c.setPhase("play")
		c.from, c.pausedFor = 0, 0
		c.lead = c.cfg.Countdown + session.FrameTime(options.MaxDelay)
	case session.RoomRestored:
		c.seen["restored"]++
		c.restored(e.Frame)
		c.setPhase("pause")
		c.pausedFor = 0
	case session.RoomPaused:
		if c.phase != "pause" {
			c.seen["pause"]++
			c.setPhase("pause")
		}
	case session.RoomResumed:
		c.seen["resume"]++
		c.pausedFor += c.w.Now - c.since
		c.setPhase("play")
		c.from = e.Frame
		c.lead = 2*time.Second + session.FrameTime(options.MaxDelay)
	case session.RoomMatchOver:
		c.seen["match over"]++
		c.setPhase("after")
	case session.RoomEnded:
		c.seen["ended "+e.Code.String()]++
		c.setPhase("over")
		if e.Code == protocol.CodeDesync && !c.dirty {
			c.fail("the match ended with different states, though nobody touched them: %s", e.Text)
		}
	case session.RoomRewound:
		c.seen["room rewound"]++
	case session.RoomSnapshot:
		c.seen["snapshot"]++
	case session.RoomTransferFailed:
		c.seen["transfer failed"]++
	case session.RoomDesync:
		c.seen["desync by "+e.Text]++
		c.named(e)
	}
}

// named checks that whom the room names has another state.
func (c *chaos) named(e *session.RoomEvent) {
	if !c.dirty {
		c.fail("states differ after frame %d at seats %b, though nobody touched them", e.Frame, e.Mask)
		return
	}
	switch e.Text {
	case protocol.JudgeMajority.String(), protocol.JudgeWitness.String(), protocol.JudgeRecheck.String():
	default:
		if e.Text == protocol.JudgeHost.String() || e.Text == protocol.JudgeUnsure.String() {
			c.guesses()
		}
		return
	}
	for _, a := range c.actors {
		seat := a.n.Peer.Seat()
		if a.hostile || a.n.Gone() || seat < 0 || e.Mask&(1<<seat) == 0 || a.n.Peer.Epoch() != c.w.Room.Epoch() {
			continue
		}
		j := a.judged[e.Frame%uint32(len(a.judged))]
		if j.frame == e.Frame && j.epoch == c.w.Room.Epoch() && j.good && !c.guess {
			c.fail("seat %d was named the outlier at frame %d by %s, and was right", seat, e.Frame, e.Text)
		}
	}
}

// guesses notes that a state was taken for want of a better one. From then on nobody can tell which states
// are right, and none is checked any more.
func (c *chaos) guesses() {
	if !c.guess {
		c.guess = true
		c.seen["guess"]++
	}
}

// refused checks that nobody honest is refused for what they send.
func (c *chaos) refused(a *actor, e session.RoomClose) {
	c.seen["refused "+e.Code.String()]++
	if a.hostile {
		return
	}
	for _, b := range c.actors {
		if b.thief && e.Code == protocol.CodeTakenOver && !b.n.Gone() && b.n.Peer.Seat() == a.n.Peer.Seat() && len(a.n.Config.Token) == 0 {
			c.fail("node %d has lost seat %d to node %d, which has a token of another room", a.n.Index, a.n.Peer.Seat(), b.n.Index)
		}
	}
	switch e.Code {
	case protocol.CodeMalformed, protocol.CodeTooLarge, protocol.CodeTooFrequent, protocol.CodeUnexpected, protocol.CodeWindow,
		protocol.CodeNotHost, protocol.CodeReserved, protocol.CodeInternal, protocol.CodeSpectator, protocol.CodeVersion:
		c.fail("node %d (seat %d) was refused with %s: %s", a.n.Index, a.n.Peer.Seat(), e.Code, e.Text)
	case protocol.CodeDesync:
		if !c.dirty {
			c.fail("node %d (seat %d) was refused with %s: %s", a.n.Index, a.n.Peer.Seat(), e.Code, e.Text)
		}
	}
}

// fresh forgets a process that was killed.
func (c *chaos) fresh(a *actor) {
	a.track = track{since: c.w.Now}
}

func (c *chaos) step(a *actor, cmd *replica.Command) {
	c.steps++
	if a.hostile {
		a.next = cmd.Frame + 1
		return
	}
	f := cmd.Frame
	if f != a.next {
		c.fail("node %d stepped frame %d where %d was due", a.n.Index, f, a.next)
		return
	}
	if cmd.Again != (f < a.again) {
		c.fail("node %d stepped frame %d, again: %v, of %d", a.n.Index, f, cmd.Again, a.again)
		return
	}
	a.next++
	a.chain = link(a.chain, cmd)
	t := c.lineOf(a, f)
	if t == nil {
		c.fail("node %d stepped frame %d of epoch %d with another action vector than the room's: %v, substituted %b", a.n.Index, f, a.n.Peer.Epoch(), cmd.Actions[:c.cfg.Players], cmd.Substituted)
		return
	}
	good := a.n.Game.(*Fold).State == t.state[f]
	a.judge(f, good)
	switch {
	case !good && !a.spoiled && !c.guess:
		c.fail("node %d has another state after frame %d than its actions lead to", a.n.Index, f)
	}
}

// judge notes whether the state after a frame was right. Whoever was wrong may still be told so when
// the state has been replaced.
func (a *actor) judge(f uint32, good bool) {
	j, epoch := &a.judged[f%uint32(len(a.judged))], a.n.Peer.Epoch()
	if j.frame == f && j.epoch == epoch {
		good = good && j.good
	}
	j.frame, j.epoch, j.good = f, epoch, good
}

// lineOf finds the timeline on which a node's history up to frame f lies: the one it was on, or a
// newer one that has the same history.
func (c *chaos) lineOf(a *actor, f uint32) *timeline {
	seed, epoch := a.n.Peer.MatchSeed(), a.n.Peer.Epoch()
	on := func(t *timeline) bool {
		return t != nil && t.seed == seed && int(f) < len(t.chain) && t.chain[f] == a.chain
	}
	if a.line != nil && a.line.epoch == epoch && on(a.line) {
		return a.line
	}
	for i := len(c.lines) - 1; i >= 0; i-- {
		if t := c.lines[i]; t.epoch == epoch && on(t) {
			a.line = t
			return t
		}
	}
	return nil
}

func (c *chaos) command(a *actor, cmd *replica.Command) {
	if a.hostile {
		return
	}
	switch cmd.Kind {
	case replica.CommandReset:
		if a.seed == cmd.Seed && a.next > 0 {
			a.resets++
		}
		a.seed, a.next, a.again, a.chain, a.spoiled = cmd.Seed, 0, 0, 0, false
	case replica.CommandLoad:
		if !a.n.Exec.Loaded() {
			c.seen["not loaded"]++
			return
		}
		c.seen["loaded"]++
		t := c.latest(a.n.Peer.MatchSeed(), a.n.Peer.Epoch())
		f := cmd.Frame
		if t == nil || int(f) >= len(t.chain) {
			c.fail("node %d loaded the state after frame %d, which the room never closed", a.n.Index, f)
			return
		}
		a.again = max(a.again, a.next)
		a.next, a.chain, a.line = f+1, t.chain[f], t
		was := a.spoiled
		a.spoiled = a.n.Game.(*Fold).State != t.state[f]
		if was && !a.spoiled {
			c.seen["repaired"]++
		}
		if a.spoiled && !c.guess && c.alone(a) {
			c.guesses() // it was the only state there is
		}
		if a.spoiled && !c.guess {
			c.fail("node %d loaded a state after frame %d that no game had", a.n.Index, f)
		}
		a.judge(f, !a.spoiled)
	case replica.CommandRecheck:
		c.seen["recheck"]++
	}
}

func (c *chaos) event(a *actor, e *session.Event) {
	switch e.Kind {
	case session.EventStandIn:
		c.standIn(e)
	case session.EventRewound, session.EventRebuilt:
		a.rewinds++
		c.seen["rewound"]++
	case session.EventMatchOver:
		a.matches++
		c.finished(a, e.Code, e.Frame)
	case session.EventEnd:
		c.seen["end "+e.Code.String()]++
		c.finished(a, e.Code, e.Frame)
		if a.hostile {
			return
		}
		switch e.Code {
		case protocol.CodeMalformed, protocol.CodeTooLarge, protocol.CodeTooFrequent, protocol.CodeUnexpected, protocol.CodeWindow,
			protocol.CodeNotHost, protocol.CodeReserved, protocol.CodeInternal, protocol.CodeSpectator, protocol.CodeVersion, protocol.CodeOptions:
			c.fail("node %d (seat %d) ended with %s: %s", a.n.Index, a.n.Peer.Seat(), e.Code, e.Text)
		}
	}
}

// finished checks the state of somebody who has played a match to its end.
func (c *chaos) finished(a *actor, code protocol.Code, frames uint32) {
	if code != protocol.CodeOK || a.hostile || a.next == 0 {
		return
	}
	t := a.line
	if frames != c.cfg.Frames || a.next != frames || t == nil || len(t.chain) < int(frames) || t.chain[frames-1] != a.chain {
		c.fail("node %d ended well after %d frames of %d, having stepped %d", a.n.Index, frames, c.cfg.Frames, a.next)
		return
	}
	// One whose state nobody could compare with theirs may end with a wrong one.
	if good := a.n.Game.(*Fold).State == t.state[frames-1]; a.n.Peer.Seat() >= 0 && !c.guess {
		t.right, t.wrong = t.right || good, t.wrong || !good
		if t.right && t.wrong {
			c.fail("node %d ended well with another state than others", a.n.Index)
		}
	}
	if l := c.latest(t.seed, t.epoch); l != t {
		c.fail("node %d ended well on another timeline than the room's", a.n.Index)
	}
	c.seen["finished"]++
}
