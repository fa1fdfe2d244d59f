// Package sessiontest runs whole sessions in virtual time: one Room and its Peers over simulated
// links, from one seed, thousands of times faster than real time. It is for tests; everything that
// decides is the real code, and every message takes its real bytes over the link.
//
//	world.go            peers, room, links and clocks
//	world_room.go       what the relay does for the room
//	sums.go             the sum of all outputs
//	fold.go             a game whose state is a hash of all its actions
//	hostile.go          messages that nobody should send
//	chaos_script.go     scripts of what goes wrong, from a seed or as text
//	chaos.go            plays a script
//	invariants.go       what must hold of every frame and state
//	chaos_bounds.go     what must hold of times and memory
//	draw.go             lines between a LAN and a bad link
//
// A script that fails is shortened and printed; put it into netcode/session/testdata/chaos with a remark
// when its cause is mended.
package sessiontest

import (
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/zeebo/xxh3"

	"tandem/netcode/netsim"
	"tandem/netcode/protocol"
	"tandem/netcode/session"
	"tandem/netcode/session/options"
	"tandem/netcode/session/replica"
)

// Game is what a peer plays, and who plays it: an environment, or something that stands for one.
type Game interface {
	session.Sampler
	replica.Game
}

// Node is one peer with its clock, its line and its computer's habits.
type Node struct {
	Peer *session.Peer
	Game Game
	Exec *replica.Executor
	// Tick is the interval at which this peer's computer runs Update; 0 means whenever there is
	// something to do, as a well-behaved driver does.
	Tick time.Duration
	// Timers is how rarely this peer's timers fire, while arrivals still wake it: a minute in a page that
	// has been hidden for five; 0 means when they should. They are set anew at every Update.
	Timers time.Duration
	// Busy tells how much later than due this peer's computer runs it the next time, whatever wakes it; nil
	// for an idle computer.
	Busy func() time.Duration
	// HUD is the text the peer would show if it is the host.
	HUD string
	// Again says that this player wants another match after one.
	Again bool
	// Away says that nobody is at this player's controls.
	Away bool
	// Config is what the peer wanted when it first connected.
	Config session.PeerConfig
	// OnStep is called after every step that changed the game.
	OnStep func(n *Node, c *replica.Command)
	// OnCommand is called for every other command, after it was executed.
	OnCommand func(n *Node, c *replica.Command)
	// OnEvent is called for every event. at is world time.
	OnEvent func(n *Node, at time.Duration, e *session.Event)
	// OnSend is called for every message.
	OnSend func(n *Node, p *session.Packet)

	Index int
	Clock netsim.Clock
	Up    *netsim.Link
	Down  *netsim.Link

	asleep time.Duration // until when the process stands still
	wake   time.Duration
	behind time.Duration // what Busy said
	inbox  [][]byte
	free   [][]byte
	shake  session.Handshake
	conn   session.ConnID
	gone   bool
	joined bool
	batch  []byte
	Steps  int
	spun   int // like World.spun
}

// World is a room, its peers and the time.
type World struct {
	Now   time.Duration
	Seed  uint64
	Room  *session.Room // nil while the relay is down, and after its restart until somebody brings it back
	Nodes []*Node
	// Witness runs the match inside the relay; nil for none.
	Witness *replica.Executor
	Rand    *rand.Rand
	// OnRoom is called for every event of the room.
	OnRoom func(at time.Duration, e *session.RoomEvent)
	// OnRoomOut is called with everything the room decides.
	OnRoomOut func(at time.Duration, out *session.RoomOut)
	// OnClose is called for every connection the room closes.
	OnClose func(n *Node, c session.RoomClose)
	// OnBatch may replace the bytes that a node sends together, as a hostile program would; nil for honest ones.
	OnBatch func(n *Node, data []byte) []byte
	// OnArrival is called for everything that a node's line brings to the relay.
	OnArrival func(n *Node)
	// Lose says which of the room's messages get lost on the way to a node, as those do for which its send
	// queue has no place; nil for none.
	Lose func(n *Node, t protocol.Type) bool
	// RelayTick delays the room's timer, as a busy relay would; 0 for none.
	RelayTick time.Duration

	// OnDisplaced is called when a room gives way to one from before the relay was restarted.
	OnDisplaced func()
	// Wall is the relay's clock on the wall when the world began; add to it to set that clock.
	Wall time.Time

	// Stay lets time pass though every peer is closed: others may come.
	Stay bool

	key       []byte
	first     uint64 // number of the first room
	cfg       options.Config
	started   time.Duration   // when the relay was started again; 0 before
	ended     map[uint64]bool // rooms that have ended since
	halted    bool            // the relay is down
	displaced bool            // the room is told to give way
	asleep    time.Duration   // until when it stands still
	restart   bool            // it is told that it will be started again
	feedback  replica.Answers
	conns     session.ConnID
	roomWake  time.Duration
	inputs    []session.RoomInput
	down      [][]byte
	over      bool
	spun      int // Updates of the room in a row that did nothing and asked for another at once

	outputs xxh3.Hasher
}

// mostSpins is how many Updates in a row may do nothing and ask for the next one at once: one that looks
// again at what another has changed, and no loop. On a real computer such a room, or peer, takes all of a
// processor.
const mostSpins = 10

// spin counts such Updates of a node, or of the room where that is -1, and ends the test on the one that is
// too many.
func spin(count *int, node int, idle bool, wake, now time.Duration) {
	if !idle || wake > now {
		*count = 0
		return
	}
	if *count++; *count > mostSpins {
		panic(fmt.Sprintf("node %d (-1: the room) does nothing and wants to be updated again at once, %d times in a row at %v", node, *count, now))
	}
}

// Line is a seat's line and clock.
type Line struct {
	Net   netsim.Schedule
	Down  netsim.Schedule // from the relay to the seat, where that is not like the way up
	Clock netsim.Clock
	Tick  time.Duration
}

// NewWorld makes a room of cfg and one peer per line, which connect at once. Without lines the
// room has as many seats as cfg says, and is empty.
func NewWorld(seed uint64, cfg options.Config, lines []Line, game func(seat int) Game) *World {
	w := &World{Seed: seed, Rand: rand.New(rand.NewPCG(seed, 0x7a6e)), Now: time.Second, key: []byte("key"),
		Wall: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), ended: map[uint64]bool{}}
	if len(lines) > 0 && (cfg.Players < len(lines) || cfg.MinPlayers == 0) {
		cfg.Players = len(lines)
	}
	w.cfg = cfg
	w.Room = w.newRoom(cfg)
	for i, l := range lines {
		w.Add(session.PeerConfig{Program: "test", Name: fmt.Sprintf("p%d", i), Room: "test", Seat: i}, l, game(i))
	}
	w.roomWake = w.Now
	return w
}

// newRoom makes a room. Rooms are numbered beside the generator from which all else of a seed follows.
func (w *World) newRoom(cfg options.Config) *session.Room {
	w.first++
	numbered := false
	room, err := session.NewRoom("test", cfg, w.key, func() uint64 {
		if !numbered {
			numbered = true
			return w.first<<32 + w.Seed
		}
		return w.Rand.Uint64()
	})
	if err != nil {
		panic(err)
	}
	return room
}

// wall is the relay's clock on the wall.
func (w *World) wall() time.Time { return w.Wall.Add(w.Now) }

// OldToken returns a seat's token of a room of this world's code and seed that was an hour ago, whose
// serial was driven up.
func (w *World) OldToken(seat int) []byte {
	cfg := w.cfg
	if w.Room != nil {
		cfg.Seed = w.Room.Seed()
	}
	room := w.newRoom(cfg)
	var token []byte
	for i := range 30 {
		out := room.Update(session.RoomIn{Now: time.Duration(i) * time.Second, Wall: w.wall().Add(-time.Hour), Inputs: []session.RoomInput{
			{Kind: session.InputJoin, Conn: session.ConnID(2*i + 1), Join: &protocol.Join{Room: "test", Seat: int8(seat)}},
			{Kind: session.InputJoin, Conn: session.ConnID(2*i + 2), Join: &protocol.Join{Room: "test", Seat: int8((seat + 1) % cfg.Players)}},
		}})
		for _, p := range out.Send {
			if p.Type == protocol.TypeHostElected && p.Conn == session.ConnID(2*i+1) {
				var d protocol.Decoder
				d.Reset(p.Data)
				if _, err := d.Next(); err != nil {
					panic(err)
				}
				token = d.Cold.(*protocol.HostElected).Token
			}
		}
		room.Update(session.RoomIn{Now: time.Duration(i) * time.Second, Inputs: []session.RoomInput{{Kind: session.InputClosed, Conn: session.ConnID(2*i + 1)}}})
	}
	return token
}

// Add lets one more peer connect: somebody who comes late, a spectator, a stand-in.
func (w *World) Add(cfg session.PeerConfig, l Line, game Game) *Node {
	w.conns++
	if l.Down == nil {
		l.Down = l.Net
	}
	n := &Node{Config: cfg, Peer: session.NewPeer(cfg), Game: game, Exec: w.executor(game), Tick: l.Tick, Clock: l.Clock, Index: len(w.Nodes),
		Up: netsim.NewScheduledLink(l.Net, w.Rand.Uint64()), Down: netsim.NewDownLink(l.Down, w.Rand.Uint64()),
		wake: w.Now, conn: w.conns}
	w.Nodes = append(w.Nodes, n)
	w.down = append(w.down, nil)
	return n
}

// SetGame gives a node another game before it has begun.
func (w *World) SetGame(i int, g Game) { w.Nodes[i].Game, w.Nodes[i].Exec = g, w.executor(g) }

// Fresh makes another game of the kind of g, for simulating frames again.
type Fresh interface{ Fresh() replica.Game }

func (w *World) executor(g replica.Game) *replica.Executor {
	x := &replica.Executor{Game: g}
	if f, ok := g.(Fresh); ok {
		x.Fresh = func() (replica.Game, error) { return f.Fresh(), nil }
	}
	return x
}

// AddWitness makes the relay simulate the match itself. Call it before Run.
func (w *World) AddWitness(g replica.Game) {
	w.Witness = w.executor(g)
	w.Room.WithWitness()
}

// StopRelay kills the relay: every connection breaks and every room is forgotten.
func (w *World) StopRelay() {
	w.Room, w.halted, w.over = nil, true, false
	w.inputs = w.inputs[:0]
	for _, n := range w.Nodes {
		w.Disconnect(n.Index)
	}
}

// StartRelay starts it again, with the same key.
func (w *World) StartRelay() {
	w.halted, w.started = false, w.Now
	clear(w.ended)
}

// RelayDown reports whether the relay is stopped.
func (w *World) RelayDown() bool { return w.halted }

// Sleep makes a node's process stand still until a world time, as SIGSTOP or a lid does.
func (w *World) Sleep(n int, until time.Duration) { w.Nodes[n].asleep = until }

// Send does what a call on a node's peer (other than Update) ordered.
func (w *World) Send(n int, out *session.Out) {
	node := w.Nodes[n]
	for _, p := range out.Send {
		w.note('<', node, p.Data)
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
	if n.joined && w.Room != nil {
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
	cfg := n.Config
	if token := n.Peer.Token(); len(token) > 0 {
		cfg.Token = token
	}
	n.Peer = session.NewPeer(cfg)
	n.Game, n.Exec = game, w.executor(game)
	n.gone, n.joined, n.shake = false, false, session.Handshake{}
	w.conns++
	n.conn = w.conns
	n.wake = w.Now
}

// HangUp closes a node's connection from the relay's end, as a relay does that has refused it. final
// says that the peer need not come back.
func (w *World) HangUp(i int, code protocol.Code, words string, final bool) {
	n := w.Nodes[i]
	if !final || n.gone {
		w.Disconnect(i)
		return
	}
	n.gone = true
	n.Up.Reset()
	n.Down.Reset()
	w.act(n, n.Peer.Lost(code, words))
	if n.joined && w.Room != nil {
		w.inputs = append(w.inputs, session.RoomInput{Kind: session.InputClosed, Conn: n.conn})
		w.runRoom()
	}
}

// Gone reports whether a node has no connection.
func (n *Node) Gone() bool { return n.gone }

// Drained reports whether all that was sent to a node has arrived.
func (n *Node) Drained() bool {
	_, waiting := n.Down.Next()
	return !waiting && len(n.inbox) == 0
}

// Conn names the node's newest connection.
func (n *Node) Conn() session.ConnID { return n.conn }

// Inject sends bytes from a node's line that its peer never wrote.
func (w *World) Inject(i int, data []byte) {
	if n := w.Nodes[i]; !n.gone {
		_ = n.Up.Send(w.Now, data) // a cut or full line loses it
	}
}

// Slow tells the room that a node does not take what it is sent, or does again.
func (w *World) Slow(i int, slow bool) {
	kind := session.InputTakes
	if slow {
		kind = session.InputSlow
	}
	if n := w.Nodes[i]; n.joined && !n.gone && w.Room != nil {
		w.inputs = append(w.inputs, session.RoomInput{Kind: kind, Conn: n.conn})
		w.runRoom()
	}
}

// SleepRelay makes the relay's process stand still until a world time.
func (w *World) SleepRelay(until time.Duration) { w.asleep = until }

// ShutRelay stops the relay as an operator does who will start it again: everybody is told.
func (w *World) ShutRelay() {
	w.restart, w.asleep = true, 0
	w.runRoom()
	w.Room, w.halted, w.restart, w.over = nil, true, false, false
	w.inputs = w.inputs[:0]
}

// Over reports whether the room has ended or was given up.
func (w *World) Over() bool { return w.over }

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
		if !open && !w.Stay {
			return true
		}
		if !w.over && w.Room != nil {
			next = min(next, max(w.roomWake, w.asleep))
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
	if n.Peer.State() == session.PeerClosed {
		return 1<<62 - 1
	}
	at := n.wake
	if n.Tick == 0 && !n.gone {
		if d, ok := n.Down.Next(); ok {
			at = min(at, d)
		}
	}
	return max(at+n.behind, n.asleep)
}

// deliver hands what has arrived at the relay to the room, and runs it when it is time.
func (w *World) deliver() {
	for _, n := range w.Nodes {
		if n.gone {
			continue
		}
		n.Up.Receive(w.Now, func(data []byte) {
			if w.OnArrival != nil {
				w.OnArrival(n)
			}
			if n.joined {
				w.inputs = append(w.inputs, session.RoomInput{Kind: session.InputMessage, Conn: n.conn, Data: append([]byte(nil), data...)})
				return
			}
			if w.halted {
				return // nobody listens
			}
			reply, join, refused := n.shake.Receive(data)
			if refused != nil {
				reply = protocol.Append(reply, &protocol.Refusal{Code: refused.Code, Text: refused.Text})
			}
			if len(reply) > 0 {
				_ = n.Down.Send(w.Now, reply)
			}
			if join != nil {
				w.find(n, join)
			}
			if join != nil && w.Room != nil {
				n.joined = true
				w.inputs = append(w.inputs, session.RoomInput{Kind: session.InputJoin, Conn: n.conn, Join: join})
			}
		})
	}
	if w.Room != nil && (len(w.inputs) > 0 || w.Now >= w.roomWake) {
		w.runRoom()
	}
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
		in := session.In{Now: now, Messages: n.inbox, Input: n.Game, Prepared: true, Again: n.Again, Away: n.Away, HUD: n.HUD}
		in.Answers = n.Exec.Answers()
		out := n.Peer.Update(in)
		n.Exec.Answered()
		spin(&n.spun, n.Index, len(in.Messages)+len(out.Send)+len(out.Commands) == 0, out.Wake, now)
		n.free = append(n.free, n.inbox...)
		n.inbox = n.inbox[:0]
		again = w.act(n, out) || out.Behind
	}
}

// sendUp puts a node's batch on its line.
func (w *World) sendUp(n *Node) {
	if w.OnBatch != nil {
		n.batch = w.OnBatch(n, n.batch)
	}
	if len(n.batch) > 0 && !n.gone {
		w.note('<', n, n.batch)
		_ = n.Up.Send(w.Now, n.batch)
	}
}

// act does what a peer ordered; it reports whether there are answers that should not wait.
func (w *World) act(n *Node, out *session.Out) (answers bool) {
	n.batch = n.batch[:0]
	for i := range out.Send {
		p := &out.Send[i]
		if n.OnSend != nil {
			n.OnSend(n, p)
		}
		if len(n.batch)+len(p.Data) > protocol.MaxFrame {
			w.sendUp(n)
			n.batch = n.batch[:0]
		}
		n.batch = append(n.batch, p.Data...)
	}
	w.sendUp(n)
	for i := range out.Commands {
		c := &out.Commands[i]
		over := n.Exec.Finished()
		if n.Exec.Execute(c) {
			answers = true
		}
		switch {
		case c.Kind != replica.CommandStep:
			if n.OnCommand != nil {
				n.OnCommand(n, c)
			}
		case !over:
			n.Steps++
			w.noteStep(n, c)
			if n.OnStep != nil {
				n.OnStep(n, c)
			}
		}
	}
	if n.OnEvent != nil {
		for i := range out.Events {
			n.OnEvent(n, w.Now, &out.Events[i])
		}
	}
	wake := n.Clock.Global(out.Wake)
	switch {
	case n.Tick > 0:
		wake = w.Now + n.Tick
	case n.Timers > 0:
		wake = w.Now + n.Timers
	}
	n.wake = max(wake, w.Now+1)
	if n.Busy != nil {
		n.behind = n.Busy()
	}
	return answers
}
