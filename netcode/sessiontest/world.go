// Package sessiontest runs whole sessions in virtual time: one Room and its Peers over simulated
// links, from one seed, thousands of times faster than real time. It is for tests; everything that
// decides is the real code, and every message takes its real bytes over the link.
package sessiontest

import (
	"fmt"
	"math/rand/v2"
	"time"

	"tandem/netcode/netsim"
	"tandem/netcode/protocol"
	"tandem/netcode/session"
)

// Game executes a peer's commands: an environment, or something that stands for one.
type Game interface {
	session.Sampler
	// Reset begins the match.
	Reset(seed uint64)
	// Step plays one frame.
	Step(c *session.Command)
	// Hash is the hash of the state as it is now.
	Hash() session.Hash
	// Over reports that the match has ended by its own rules, and after how many frames.
	Over() (frames uint32, over bool)
}

// Node is one peer with its clock, its line and its computer's habits.
type Node struct {
	Peer *session.Peer
	Game Game
	// Tick is the interval at which this peer's computer runs Update; 0 means whenever there is
	// something to do, as a well-behaved driver does.
	Tick time.Duration
	// HUD is the text the peer would show if it is the host.
	HUD string
	// OnStep is called after every step.
	OnStep func(n *Node, c *session.Command)
	// OnEvent is called for every event. at is world time.
	OnEvent func(n *Node, at time.Duration, e *session.Event)

	Index int
	Clock netsim.Clock
	Up    *netsim.Link
	Down  *netsim.Link

	asleep   time.Duration // until when the process stands still
	wake     time.Duration
	inbox    [][]byte
	free     [][]byte
	hashes   []session.Hash
	finished bool
	frames   uint32
	final    uint64
	shake    session.Handshake
	conn     session.ConnID
	gone     bool
	joined   bool
	batch    []byte
	Steps    int
}

// World is a room, its peers and the time.
type World struct {
	Now   time.Duration
	Seed  uint64
	Room  *session.Room
	Nodes []*Node
	Rand  *rand.Rand
	// OnRoom is called for every event of the room.
	OnRoom func(at time.Duration, e *session.RoomEvent)
	// OnClose is called for every connection the room closes.
	OnClose func(n *Node, c session.RoomClose)
	// RelayTick delays the room's timer, as a busy relay would; 0 for none.
	RelayTick time.Duration

	conns    session.ConnID
	roomWake time.Duration
	inputs   []session.RoomInput
	down     [][]byte
	over     bool
}

// Line is a seat's line and clock.
type Line struct {
	Net   netsim.Schedule
	Clock netsim.Clock
	Tick  time.Duration
}

// NewWorld makes a room of cfg and one peer per line, which connect at once.
func NewWorld(seed uint64, cfg session.Config, lines []Line, game func(seat int) Game) *World {
	w := &World{Seed: seed, Rand: rand.New(rand.NewPCG(seed, 0x7a6e)), Now: time.Second}
	cfg.Players = len(lines)
	room, err := session.NewRoom("test", cfg, []byte("key"), func() uint64 { return w.Rand.Uint64() })
	if err != nil {
		panic(err)
	}
	w.Room = room
	for i, l := range lines {
		w.Nodes = append(w.Nodes, &Node{
			Peer: session.NewPeer(session.PeerConfig{Program: "test", Name: fmt.Sprintf("p%d", i), Room: "test", Seat: i}),
			Game: game(i), Tick: l.Tick, Clock: l.Clock, Index: i,
			Up: netsim.NewScheduledLink(l.Net, w.Rand.Uint64()), Down: netsim.NewScheduledLink(l.Net, w.Rand.Uint64()),
			wake: w.Now, conn: session.ConnID(i + 1),
		})
	}
	w.conns = session.ConnID(len(lines))
	w.down = make([][]byte, len(lines))
	w.roomWake = w.Now
	return w
}

// Sleep makes a node's process stand still until a world time, as SIGSTOP or a lid does.
func (w *World) Sleep(n int, until time.Duration) { w.Nodes[n].asleep = until }

// Send does what a call on a node's peer (other than Update) ordered.
func (w *World) Send(n int, out *session.Out) {
	node := w.Nodes[n]
	for _, p := range out.Send {
		_ = node.Up.Send(w.Now, p.Data) // a cut line loses it, as it loses all else
	}
}

// Disconnect breaks a node's connection: both sides are told, and what is under way is lost.
func (w *World) Disconnect(i int) {
	n := w.Nodes[i]
	if n.gone {
		return
	}
	n.gone = true
	n.Up.Reset()
	n.Down.Reset()
	if n.joined {
		w.inputs = append(w.inputs, session.RoomInput{Kind: session.InputClosed, Conn: n.conn})
	}
	w.act(n, n.Peer.CutOff(n.Clock.Local(w.Now), protocol.CodeGone, "The connection is lost."))
	w.runRoom()
}

// HalfOpen breaks a node's connection without the relay noticing, as a cable that is pulled does:
// what the relay sends is lost, and only silence or a newer connection tells it.
func (w *World) HalfOpen(i int) {
	n := w.Nodes[i]
	n.gone = true
	n.Up.Reset()
	n.Down.Reset()
	w.act(n, n.Peer.CutOff(n.Clock.Local(w.Now), protocol.CodeGone, "The connection is lost."))
}

// Reconnect gives a node that was disconnected a new connection.
func (w *World) Reconnect(i int) {
	n := w.Nodes[i]
	w.Disconnect(i) // a peer may have left its line by itself
	n.gone, n.joined, n.shake = false, false, session.Handshake{}
	w.conns++
	n.conn = w.conns
	w.act(n, n.Peer.Connected(n.Clock.Local(w.Now)))
}

// Restart replaces a node's process by a fresh one that remembers nothing but its token, and
// connects it.
func (w *World) Restart(i int, game Game) {
	n := w.Nodes[i]
	w.Disconnect(i)
	n.Peer = session.NewPeer(session.PeerConfig{Program: "test", Name: fmt.Sprintf("p%d", i), Room: "test", Seat: i, Token: n.Peer.Token()})
	n.Game, n.hashes, n.finished = game, nil, false
	n.gone, n.joined, n.shake = false, false, session.Handshake{}
	w.conns++
	n.conn = w.conns
	n.wake = w.Now
}

func (w *World) nodeOf(c session.ConnID) *Node {
	for _, n := range w.Nodes {
		if n.conn == c {
			return n
		}
	}
	return nil
}

// Run plays until the world time reaches until, or every peer is closed; it reports the latter.
func (w *World) Run(until time.Duration) bool {
	for w.Now < until {
		next := until
		open := false
		for _, n := range w.Nodes {
			if n.Peer.State() != session.PeerClosed {
				open = true
			}
			next = min(next, w.due(n))
			if at, ok := n.Up.Next(); ok && !n.gone {
				next = min(next, at)
			}
		}
		if !open {
			return true
		}
		if !w.over {
			next = min(next, w.roomWake)
		}
		w.Now = max(w.Now, next)
		w.deliver()
		for _, n := range w.Nodes {
			if w.Now >= w.due(n) {
				w.runNode(n)
			}
		}
	}
	return false
}

// due is when a node's process runs next.
func (w *World) due(n *Node) time.Duration {
	if n.gone || n.Peer.State() == session.PeerClosed {
		return 1<<62 - 1
	}
	at := n.wake
	if n.Tick == 0 {
		if d, ok := n.Down.Next(); ok {
			at = min(at, d)
		}
	}
	return max(at, n.asleep)
}

// deliver hands what has arrived at the relay to the room, and runs it when it is time.
func (w *World) deliver() {
	for _, n := range w.Nodes {
		if n.gone {
			continue
		}
		n.Up.Receive(w.Now, func(data []byte) {
			if n.joined {
				w.inputs = append(w.inputs, session.RoomInput{Kind: session.InputMessage, Conn: n.conn, Data: append([]byte(nil), data...)})
				return
			}
			reply, join, refused := n.shake.Receive(data)
			if refused != nil {
				reply = protocol.Append(reply, &protocol.Refusal{Code: refused.Code, Text: refused.Text})
			}
			if len(reply) > 0 {
				_ = n.Down.Send(w.Now, reply)
			}
			if join != nil {
				n.joined = true
				w.inputs = append(w.inputs, session.RoomInput{Kind: session.InputJoin, Conn: n.conn, Join: join})
			}
		})
	}
	if len(w.inputs) > 0 || w.Now >= w.roomWake {
		w.runRoom()
	}
}

func (w *World) runRoom() {
	out := w.Room.Update(session.RoomIn{Now: w.Now, Inputs: w.inputs})
	w.inputs = w.inputs[:0]
	// What leaves together travels together, as it does behind a send queue.
	for _, p := range out.Send {
		n := w.nodeOf(p.Conn)
		if n == nil {
			continue // a connection that is no more
		}
		if len(w.down[n.Index])+len(p.Data) > protocol.MaxFrame {
			w.flush(n)
		}
		w.down[n.Index] = append(w.down[n.Index], p.Data...)
	}
	for _, n := range w.Nodes {
		w.flush(n)
	}
	for _, c := range out.Close {
		if n := w.nodeOf(c.Conn); n != nil && w.OnClose != nil {
			w.OnClose(n, c)
		}
	}
	if w.OnRoom != nil {
		for i := range out.Events {
			w.OnRoom(w.Now, &out.Events[i])
		}
	}
	w.over = out.Over
	w.roomWake = out.Wake + w.RelayTick
}

// flush puts what waits for a node on its line.
func (w *World) flush(n *Node) {
	b := w.down[n.Index]
	if len(b) > 0 && !n.gone {
		_ = n.Down.Send(w.Now, b) // a cut line loses it: that is the test
	}
	w.down[n.Index] = b[:0]
}

func (w *World) runNode(n *Node) {
	now := n.Clock.Local(w.Now)
	n.Down.Receive(w.Now, func(data []byte) {
		var b []byte
		if k := len(n.free); k > 0 {
			b, n.free = n.free[k-1], n.free[:k-1]
		}
		n.inbox = append(n.inbox, append(b[:0], data...))
	})
	for again := true; again; {
		in := session.In{Now: now, Messages: n.inbox, Input: n.Game, Prepared: true, Hashes: n.hashes,
			Finished: n.finished, Frames: n.frames, Final: n.final, HUD: n.HUD}
		out := n.Peer.Update(in)
		n.free = append(n.free, n.inbox...)
		n.inbox = n.inbox[:0]
		n.hashes = n.hashes[:0]
		again = w.act(n, out) || out.Behind
	}
}

// act does what a peer ordered; it reports whether there are answers that should not wait.
func (w *World) act(n *Node, out *session.Out) (answers bool) {
	n.batch = n.batch[:0]
	for _, p := range out.Send {
		n.batch = append(n.batch, p.Data...)
	}
	if len(n.batch) > 0 && !n.gone {
		_ = n.Up.Send(w.Now, n.batch)
	}
	for i := range out.Commands {
		c := &out.Commands[i]
		if c.Kind == session.CommandReset {
			n.Game.Reset(c.Seed)
			continue
		}
		if n.finished {
			continue
		}
		n.Game.Step(c)
		n.Steps++
		if n.OnStep != nil {
			n.OnStep(n, c)
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
	if n.OnEvent != nil {
		for i := range out.Events {
			n.OnEvent(n, w.Now, &out.Events[i])
		}
	}
	wake := n.Clock.Global(out.Wake)
	if n.Tick > 0 {
		wake = w.Now + n.Tick
	}
	n.wake = max(wake, w.Now+1)
	return answers
}
