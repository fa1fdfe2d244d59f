package sessiontest

import (
	"fmt"
	"math/rand/v2"
	"runtime/debug"
	"slices"
	"time"

	"tandem/netcode/netsim"
	"tandem/netcode/protocol"
	"tandem/netcode/session"
	"tandem/netcode/session/options"
	"tandem/netcode/session/replica"
)

// Outcome is what became of a script.
type Outcome struct {
	Err    error // the first invariant that did not hold
	Frames int   // that the room closed
	Steps  int   // that peers made
	// Sum is of everything that left the room and the peers, see World.Sum.
	Sum uint64
	// Seen counts what happened, by name, so that a test can tell that a script tests something.
	Seen map[string]int
}

// chaos plays one script.
type chaos struct {
	s      *Script
	cfg    options.Config
	w      *World
	r      *rand.Rand
	actors []*actor
	calm   time.Duration
	back   time.Duration // when the relay is started again; 0 while it runs
	squat  uint64        // whoever comes first then; 0 for nobody
	ops    []Op
	checker
}

// actor is a node with the habits of a client: it connects again, wants another match, and leaves
// when the relay closes its connection.
type actor struct {
	n       *Node
	retryAt time.Duration // when a lost connection is tried again; 0 while there is one
	away    time.Duration // until when it cannot connect
	forever bool          // it never comes back
	killed  bool          // its process is dead; away is when it is started again
	awake   time.Duration // when it is back at the controls
	unslow  time.Duration // when it takes again what it is sent
	matches int

	lost    time.Duration // since when it has no seat and wants one; 0 while it has
	closing bool          // the relay has closed the connection
	code    protocol.Code
	words   string
	conn    session.ConnID

	hostile bool // it lies, or is spoken for
	miser   bool
	thief   bool
	churns  time.Duration // until when it comes and goes
	pings   time.Duration // until when it says what it may
	forge   uint64
	track
}

// poll is how often the director looks at what the nodes do by themselves.
const poll = 50 * ms

// Play plays a script and checks every invariant at every step.
func Play(s *Script) (out Outcome) {
	c := &chaos{s: s, r: rand.New(rand.NewPCG(s.Seed, 0xd19ec7)), ops: s.Ops, calm: s.Calm()}
	c.seen = map[string]int{}
	defer func() {
		if p := recover(); p != nil {
			out.Err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
		out.Frames, out.Steps, out.Seen = c.closed, c.steps, c.seen
	}()
	cfg, err := s.Config()
	if err != nil {
		return Outcome{Err: err}
	}
	c.cfg = cfg
	c.w = NewWorld(s.Seed, cfg, nil, nil)
	c.w.RelayTick, c.w.Stay = s.Tick, true
	if s.Witness {
		c.w.AddWitness(NewFold(cfg.Players, cfg.Actions, cfg.Frames, 0))
	}
	c.w.OnRoom = c.onRoom
	c.w.OnClose = c.onClose
	c.w.OnBatch = c.onSend
	c.w.OnDisplaced = func() { c.seen["displaced"]++; c.relayStopped() }
	for i, l := range s.Lines {
		c.add(session.PeerConfig{Seat: i}, l)
	}
	out.Err = c.run()
	out.Sum = c.w.Sum()
	return out
}

// add lets one more node connect.
func (c *chaos) add(cfg session.PeerConfig, l Line) *actor {
	i := len(c.actors)
	cfg.Program, cfg.Name, cfg.Room, cfg.Again = "test", fmt.Sprintf("p%d", i), "test", c.s.Again > 1
	n := c.w.Add(cfg, l, c.game(uint64(i)))
	a := &actor{n: n}
	c.actors = append(c.actors, a)
	n.OnStep = func(_ *Node, cmd *replica.Command) { c.step(a, cmd) }
	n.OnCommand = func(_ *Node, cmd *replica.Command) { c.command(a, cmd) }
	n.OnEvent = func(_ *Node, _ time.Duration, e *session.Event) { c.event(a, e) }
	return a
}

func (c *chaos) game(i uint64) *Fold {
	return NewFold(c.cfg.Players, c.cfg.Actions, c.cfg.Frames, c.s.Seed*31+i)
}

// run plays the script to its end.
func (c *chaos) run() error {
	for c.err == nil {
		next := c.w.Now + poll
		if len(c.ops) > 0 {
			next = min(next, max(c.ops[0].At, c.w.Now))
		}
		c.w.Run(next)
		if c.ended() {
			c.inspect()
			return c.err
		}
		c.w.Now = next
		for len(c.ops) > 0 && c.ops[0].At <= c.w.Now && c.err == nil {
			o := c.ops[0]
			c.ops = c.ops[1:]
			c.do(o)
		}
		c.look()
		c.inspect()
	}
	return c.err
}

// ended reports whether everybody is closed or dead, and nobody comes any more.
func (c *chaos) ended() bool {
	for _, a := range c.actors {
		if a.killed && !a.forever || !a.killed && a.n.Peer.State() != session.PeerClosed {
			return false
		}
	}
	for _, o := range c.ops {
		if o.Kind == OpJoin || o.Kind == OpWatch {
			return false
		}
	}
	return true
}

// do makes one thing happen.
func (c *chaos) do(o Op) {
	c.disturbed = c.w.Now + o.For
	a := c.actors[o.Node%len(c.actors)]
	i := a.n.Index
	playing := a.n.Peer.State() >= session.PeerSeated && a.n.Peer.State() < session.PeerCutOff
	c.seen["op "+string(o.Kind)]++
	switch o.Kind {
	case OpHost:
		for _, h := range c.actors {
			if h.n.Peer.IsHost() && !h.n.Gone() {
				c.cut(h, o.For, false)
			}
		}
	case OpCut, OpHalf:
		c.cut(a, o.For, o.Kind == OpHalf)
	case OpKill:
		if a.killed {
			break
		}
		a.killed, a.forever, a.away = true, o.For == 0, c.w.Now+o.For
		c.w.Disconnect(i)
		c.w.Sleep(i, 1<<62)
	case OpSleep:
		c.w.Sleep(i, max(a.n.asleep, c.w.Now+o.For))
	case OpLid:
		if until := c.w.Now + o.For; !a.killed && until > a.n.asleep {
			a.n.Clock.Offset -= until - max(a.n.asleep, c.w.Now)
			c.w.Sleep(i, until)
		}
	case OpLeave:
		if a.n.Peer.State() != session.PeerClosed && !a.killed && c.w.Now >= a.n.asleep {
			out := a.n.Peer.Leave(a.n.Clock.Local(c.w.Now))
			c.w.act(a.n, out)
		}
	case OpJoin, OpWatch:
		if len(c.actors) < 2*protocol.MaxSeats {
			r := rand.New(rand.NewPCG(o.Arg, 1))
			c.add(session.PeerConfig{Seat: -1, Watch: o.Kind == OpWatch}, randomLine(r))
			c.w.Nodes[len(c.w.Nodes)-1].Clock.Offset += time.Second
		}
	case OpCrash, OpForge, OpSquat:
		if o.Kind == OpSquat {
			c.squat = o.Arg | 1<<40
		}
		if o.Kind == OpForge {
			a.hostile, a.forge, c.dirty = true, o.Arg|1<<40, true
		}
		if c.back == 0 {
			c.w.StopRelay()
			c.back = c.w.Now + o.For
			c.relayStopped()
		}
	case OpBounce:
		if c.back == 0 {
			c.w.ShutRelay()
			c.back = c.w.Now + o.For
			c.relayStopped()
		}
	case OpFreeze:
		c.w.SleepRelay(c.w.Now + o.For)
		c.frozen(o.For)
	case OpFlip:
		if f := a.n.Game.(*Fold); a.n.Peer.State() == session.PeerPlaying && !a.n.Exec.Finished() && a.next > 0 {
			f.State ^= 1 << (o.Arg % 64)
			a.spoiled, a.spoiledAt, c.dirty = true, c.w.Now, true
		}
	case OpAway:
		a.n.Away, a.awake = true, c.w.Now+o.For
	case OpSlow:
		if playing {
			c.w.Slow(i, true)
			a.unslow = c.w.Now + o.For
		}
	case OpDelay:
		for _, h := range c.actors {
			if h.n.Peer.IsHost() && !h.n.Gone() && !h.killed {
				c.w.act(h.n, h.n.Peer.SetDelay(fmt.Sprint(o.Arg)))
			}
		}
	case OpChurn:
		if b := c.stranger(o.Arg, session.PeerConfig{Seat: -1, Watch: true}); b != nil {
			b.churns = c.w.Now + o.For
		}
	case OpPinger:
		a.hostile, c.dirty, a.pings = true, true, c.w.Now+o.For
	case OpThief:
		seat := int(o.Arg) % c.cfg.Players
		if b := c.stranger(o.Arg, session.PeerConfig{Seat: seat, Token: c.w.OldToken(seat)}); b != nil {
			b.thief = true
		}
	case OpMiser:
		a.hostile, a.miser, c.dirty = true, true, true
	case OpClock:
		d := time.Duration(1+o.Arg%3600) * time.Second
		if o.Arg&1 != 0 {
			d = -d
		}
		c.w.Wall = c.w.Wall.Add(d)
	case OpHostile:
		a.hostile, c.dirty = true, true
		r := rand.New(rand.NewPCG(o.Arg, 2))
		n := 1 + int(o.For/(200*ms))
		if r.IntN(10) == 0 {
			n = 500 // a flood
		}
		for range n {
			c.w.Inject(i, hostileBytes(r, a.n))
		}
	}
}

// cut breaks a connection; the node cannot connect again for a while, or never where that is 0.
func (c *chaos) cut(a *actor, length time.Duration, half bool) {
	a.forever = a.forever || length == 0
	a.away = max(a.away, c.w.Now+length)
	if half {
		if !a.n.Gone() {
			c.w.HalfOpen(a.n.Index)
		}
		return
	}
	c.w.Disconnect(a.n.Index)
}

// look does what clients and their users do by themselves.
func (c *chaos) look() {
	w := c.w
	if c.back > 0 && w.Now >= c.back {
		c.back = 0
		w.StartRelay()
		if c.squat != 0 {
			c.stranger(c.squat, session.PeerConfig{Seat: -1, Create: c.s.Options})
			c.squat = 0
		}
	}
	for k := 0; k < len(c.actors) && c.err == nil; k++ {
		a := c.actors[k]
		i, st := a.n.Index, a.n.Peer.State()
		if a.killed {
			if w.Now >= a.away && !a.forever && c.back == 0 {
				a.killed, a.retryAt = false, 0
				w.Sleep(i, 0)
				c.fresh(a)
				w.Restart(i, c.game(uint64(i)))
				a.conn = a.n.Conn()
			}
			continue
		}
		if a.closing && a.conn != a.n.Conn() {
			a.closing = false // of an older connection
		}
		switch {
		case a.closing && !a.n.Gone() && a.n.Drained():
			a.closing = false
			again := a.code == protocol.CodeSilent || a.code == protocol.CodeSlow || a.code == protocol.CodeBusy || a.code == protocol.CodeGone
			w.HangUp(i, a.code, a.words, !again)
		case w.Over() && !a.n.Gone() && !a.closing && a.n.Drained():
			w.HangUp(i, protocol.CodeRoomOver, "the room has ended", true)
		case (st == session.PeerCutOff || st == session.PeerClosed) && !a.n.Gone():
			if _, waiting := a.n.Up.Next(); !waiting || st == session.PeerCutOff {
				w.Disconnect(i) // a client closes the connection that it gives up
			}
		case st == session.PeerCutOff && a.retryAt == 0:
			a.retryAt = w.Now + time.Duration(c.r.IntN(500))*ms
		case st == session.PeerCutOff && w.Now >= max(a.retryAt, a.away) && !a.forever && c.back == 0 && w.Now >= a.n.asleep:
			a.retryAt = 0
			w.Reconnect(i)
		}
		switch {
		case w.Now < a.churns && st != session.PeerClosed && c.back == 0:
			w.Reconnect(i)
			a.closing = false
		case a.churns > 0 && w.Now >= a.churns && st != session.PeerClosed:
			a.churns, a.forever = 0, true
			w.Disconnect(i)
			w.act(a.n, a.n.Peer.Lost(protocol.CodeLeft, "It has seen enough."))
		case w.Now < a.pings && st >= session.PeerSeated && st < session.PeerCutOff && c.back == 0:
			b := protocol.AppendPing(nil, &protocol.Ping{})
			w.Inject(i, protocol.Append(protocol.AppendPing(b, &protocol.Ping{}), &protocol.RequestHash{Epoch: a.n.Peer.Epoch()}))
		}
		if a.n.Away && w.Now >= a.awake {
			a.n.Away = false
		}
		if a.unslow > 0 && w.Now >= a.unslow {
			a.unslow = 0
			w.Slow(i, false)
		}
		a.n.Again = st == session.PeerAfter && a.matches < c.s.Again && w.Now < max(c.calm, 10*time.Minute)
	}
}

// stranger lets somebody come whom nobody has invited; nil where there are too many.
func (c *chaos) stranger(seed uint64, cfg session.PeerConfig) *actor {
	if len(c.actors) >= 64 {
		return nil
	}
	a := c.add(cfg, randomLine(rand.New(rand.NewPCG(seed, 3))))
	a.hostile, c.dirty = true, true
	return a
}

// standIn seats a bot for a seat whose player is gone.
func (c *chaos) standIn(e *session.Event) {
	if len(c.actors) >= 64 {
		return
	}
	token := slices.Clone(e.Token)
	l := Line{Net: netsim.Schedule{{Spec: netsim.Spec{RTT: 20 * ms}}}, Clock: netsim.Clock{Offset: time.Minute}}
	c.add(session.PeerConfig{Seat: e.Seat, Token: token}, l)
	c.seen["stand-in"]++
}

// onClose takes note of a connection that the room has closed.
func (c *chaos) onClose(n *Node, e session.RoomClose) {
	if n.Index >= len(c.actors) {
		return
	}
	a := c.actors[n.Index]
	a.closing, a.code, a.words, a.conn = true, e.Code, e.Text, e.Conn
	c.refused(a, e)
}

// onSend lets a forger rewrite what its peer says.
func (c *chaos) onSend(n *Node, data []byte) []byte {
	if n.Index < len(c.actors) && c.actors[n.Index].forge != 0 && len(data) > 0 {
		return forged(data, c.actors[n.Index].forge)
	}
	if n.Index < len(c.actors) && c.actors[n.Index].miser {
		return withheld(data)
	}
	return data
}
