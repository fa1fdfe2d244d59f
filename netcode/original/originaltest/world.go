// Package originaltest plays whole games of queue mode in virtual time: peers on lines with latency, jitter
// and loss, around a relay that does what the original's does (StockRelay).
package originaltest

import (
	"fmt"
	"math/rand/v2"
	"time"

	"tandem/netcode/netsim"
	"tandem/netcode/original/peer"
	"tandem/netcode/original/wire"
	"tandem/netcode/protocol"
	"tandem/netcode/session"
	"tandem/netcode/session/replica"
	"tandem/netcode/sessiontest"
)

// Game executes the commands of a peer of queue mode.
type Game interface {
	sessiontest.Game
	// Where tells the episode and how many steps it has had.
	Where() (episode, step int)
	// Export is the full state in the original's field names.
	Export(p *peer.Peer, frame uint32, o *peer.Order) []byte
	// Import takes one over.
	Import(p *peer.Peer, data []byte) peer.Imported
}

// Line is a player's line, clock and computer.
type Line struct {
	Net   netsim.Schedule
	Clock netsim.Clock
	Line  LineOptions
	// Tick is how often this computer's loop comes round, as a browser's animation frames do; 0 runs
	// Update whenever there is something to do.
	Tick time.Duration
	// Late, if above 0, makes the loop one of timers, as a page's is: it runs when its timer fires and
	// not when a message comes, and timers fire up to Late too late. Slow is the share of them that take
	// SlowFor longer: a garbage collection, another tab.
	Late    time.Duration
	Slow    float64
	SlowFor time.Duration
}

// Node is one player of a World.
type Node struct {
	Peer  *peer.Peer
	Game  Game
	Index int
	Clock netsim.Clock
	// OnStep is called after every step, OnEvent for every event, OnSend for every message. at is
	// world time.
	OnStep  func(n *Node, at time.Duration, c *replica.Command)
	OnEvent func(n *Node, at time.Duration, e *session.Event)
	OnSend  func(n *Node, p *session.Packet)

	Up, Down *SendQueue

	line     Line
	rng      *rand.Rand
	wake     time.Duration
	asleep   time.Duration
	inbox    [][]byte
	free     [][]byte
	hashes   []replica.Hash
	finished bool
	frames   uint32
	final    uint64
	exported []byte
	imported peer.Imported
	answers  peer.Answers
	started  time.Duration // world time of the first Update
}

// World is a relay of the original's kind and players of queue mode, in virtual time.
type World struct {
	Now   time.Duration
	Seed  uint64
	Relay *StockRelay
	Nodes []*Node
	Rand  *rand.Rand
}

// NewWorld makes a relay and one player per line; they connect startGap apart.
func NewWorld(seed uint64, relay StockOptions, lines []Line, config func(seat int) peer.Config, game func(seat int) Game) *World {
	w := &World{Seed: seed, Rand: rand.New(rand.NewPCG(seed, 0x90e)), Now: time.Second}
	w.Relay = NewStockRelay(relay, len(lines), w.Rand)
	for i, l := range lines {
		cfg := config(i)
		cfg.Parser = relay.Parser
		w.Nodes = append(w.Nodes, &Node{
			Peer: peer.New(cfg), Game: game(i), Index: i, Clock: l.Clock, line: l,
			rng: rand.New(rand.NewPCG(w.Rand.Uint64(), 1)),
			Up:  NewSendQueue(netsim.NewScheduledLink(l.Net, w.Rand.Uint64()), l.Line), Down: NewSendQueue(netsim.NewDownLink(l.Net, w.Rand.Uint64()), l.Line),
			wake: w.Now,
		})
		w.Nodes[i].started = w.Now
	}
	return w
}

// Sleep makes a node's process stand still until a world time.
func (w *World) Sleep(i int, until time.Duration) { w.Nodes[i].asleep = until }

// Run plays until the world time reaches until, or every peer is closed; it reports the latter.
func (w *World) Run(until time.Duration) bool {
	for w.Now < until {
		next, open := until, false
		for _, n := range w.Nodes {
			if n.Peer.State() != session.PeerClosed {
				open = true
			}
			next = min(next, w.due(n), n.Up.Due(), n.Down.Pump())
		}
		if !open {
			return true
		}
		w.Now = max(w.Now, next)
		for _, n := range w.Nodes {
			n.Up.Receive(w.Now, func(frame []byte) { w.Relay.Receive(w.Now, n.Index, frame, w.toNode) })
		}
		for _, n := range w.Nodes {
			n.Down.Move(w.Now)
			if w.Now >= w.due(n) {
				w.runNode(n)
			}
		}
	}
	return false
}

func (w *World) toNode(to int, bulk bool, frame []byte) {
	w.Nodes[to].Down.Send(w.Now, bulk, frame)
}

// Inject hands a frame to a node as if the relay had sent it.
func (w *World) Inject(i int, frame []byte) { w.toNode(i, false, frame) }

// NameHost lets the relay name another host, and tell those players alone, or all if none are given.
func (w *World) NameHost(to int, told ...int) {
	if len(told) == 0 {
		for i := range w.Nodes {
			told = append(told, i)
		}
	}
	w.Relay.nameHost(to, told, w.Relay.teller(w.toNode))
}

// Drop breaks a player's line. The relay lets the others play on.
func (w *World) Drop(i int) {
	n := w.Nodes[i]
	n.Peer.Lost(protocol.CodeGone, "the line broke")
	w.Relay.drop(i)
}

// due is when a node's process runs next.
func (w *World) due(n *Node) time.Duration {
	if n.Peer.State() == session.PeerClosed {
		return never
	}
	at := n.wake
	if n.line.Tick == 0 && n.line.Late == 0 {
		at = min(at, n.Down.Due())
	}
	return max(at, n.asleep)
}

func (w *World) runNode(n *Node) {
	n.Down.Receive(w.Now, func(data []byte) {
		var b []byte
		if k := len(n.free); k > 0 {
			b, n.free = n.free[k-1], n.free[:k-1]
		}
		n.inbox = append(n.inbox, append(b[:0], data...))
	})
	now := n.Clock.Local(w.Now)
	for again := true; again; {
		in := session.In{Now: now, Messages: n.inbox, Input: n.Game, Prepared: true,
			Answers: replica.Answers{Hashes: n.hashes, Finished: n.finished, Frames: n.frames, Final: n.final}, HUD: "Score: 00", Other: &n.answers}
		n.answers.Exported, n.answers.Imported = n.exported, n.imported
		n.answers.Episode, n.answers.EpisodeStep = n.Game.Where()
		n.imported = peer.Imported{}
		out := n.Peer.Update(in)
		n.exported = nil
		n.free = append(n.free, n.inbox...)
		n.inbox, n.hashes = n.inbox[:0], n.hashes[:0]
		again = w.act(n, out) || out.Behind
		n.wake = max(n.Clock.Global(out.Wake), w.Now+1)
	}
	switch l := &n.line; {
	case l.Late > 0:
		n.wake += time.Duration(n.rng.Int64N(int64(l.Late)))
		if n.rng.Float64() < l.Slow {
			n.wake += l.SlowFor
		}
	case l.Tick > 0:
		n.wake = w.Now + l.Tick
	}
}

// act does what a peer ordered; it reports whether there are answers that should not wait.
func (w *World) act(n *Node, out *session.Out) (answers bool) {
	for i := range out.Send {
		p := &out.Send[i]
		if n.OnSend != nil {
			n.OnSend(n, p)
		}
		n.Up.Send(w.Now, p.Class != 0, p.Data)
	}
	for i := range out.Commands {
		c := &out.Commands[i]
		switch c.Kind {
		case replica.CommandReset:
			n.Game.Reset(c.Seed)
		case peer.CommandExport:
			n.exported, answers = n.Game.Export(n.Peer, c.Frame, c.Other.(*peer.Order)), true
		case peer.CommandImport:
			n.imported, answers = n.Game.Import(n.Peer, c.Other.(*peer.Order).Data), true
		case replica.CommandStep:
			if n.finished {
				continue
			}
			n.Game.Step(c)
			if n.OnStep != nil {
				n.OnStep(n, w.Now, c)
			}
			if c.Hash {
				h := n.Game.Hash()
				h.Frame = c.Frame
				n.hashes = append(n.hashes, h)
				answers = true
			}
			if frames, over := n.Game.Over(); over {
				n.finished, n.frames, n.final = true, frames, n.Game.Hash().Total
				answers = true
			}
		}
	}
	if n.OnEvent != nil {
		for i := range out.Events {
			n.OnEvent(n, w.Now, &out.Events[i])
		}
	}
	return answers
}

// Parser is that of the relay.
func (w *World) Parser() wire.Parser { return w.Relay.opts.Parser }

// Describe says where the world stands, for the messages of tests.
func (w *World) Describe() string {
	s := fmt.Sprintf("seed %d at %v:", w.Seed, w.Now)
	for _, n := range w.Nodes {
		s += fmt.Sprintf(" seat %d state %d frame %d %q;", n.Index, n.Peer.State(), n.Peer.Frame(), n.Peer.End().Text)
	}
	return s
}
