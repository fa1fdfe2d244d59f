//go:build !js

// Package server serves clients of the original system on a relay's port, as its Front: their page visits,
// their Socket.IO connections, by WebSocket or polling, and the games that package lobby decides.
//
//	GET /SUBJECT      the page visit with which a client begins
//	GET /             sends to a fresh SUBJECT, unless a page is served there
//	/socket.io/       its connection
//
//	server.go        connections, the lobby and games, behind their locks
//	client.go        one connection: what it sends, within limits
//	loop_linux.go    one goroutine that reads hundreds of connections in play
//	store.go         what they upload
package server

import (
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"sync"
	"time"

	"tandem/netcode/original/lobby"
	"tandem/netcode/original/socket"
	"tandem/netcode/original/wire"
	"tandem/netcode/protocol"
	"tandem/netcode/relay"
)

// Options adjust what clients of the original system meet; see package lobby.
type Options struct {
	// Data is the folder for what they upload; "" keeps nothing.
	Data string
	// DataLimit is how many bytes may be written there; default 10 GB.
	DataLimit int64
	// Compression accepts permessage-deflate where it is offered. It saves bytes and costs processor
	// time for every message, since browsers then compress the smallest ones, too.
	Compression bool
	// PingInterval and PingTimeout: so often a connection is pinged, and so long an answer may take. The
	// defaults are the original's, 25 s and 20 s; shorter ones find a dead connection sooner, and cut off
	// pages that are busy loading Pyodide.
	PingInterval, PingTimeout time.Duration

	socket socket.Options     // tests change its times
	fault  func(wire.Payload) // tests break a game with it
}

const shutdownWords = "The relay is shutting down."

// Server is what clients of the original system talk to, on a relay's port. The lobby and every
// game have a lock instead of a goroutine: whoever reads a message passes it on by itself, and since
// sending never waits, nobody waits for a lock longer than for a few copies. A game's lock is taken
// before mu.
type Server struct {
	server *relay.Server
	limits relay.Options // the relay's
	opts   Options
	log    *slog.Logger
	counts *metrics
	store  *store
	polls  socket.Polls
	work   sync.WaitGroup // readers

	mu      sync.Mutex
	lobby   *lobby.Lobby
	clients map[lobby.Conn]*client
	games   map[*game]struct{}
	last    lobby.Conn
	loops   []*loop
	alarm   alarm
	closed  bool
}

// New returns what makes a relay's Front (relay.Options.Front).
func New(opts Options) func(*relay.Server) relay.Front {
	return func(s *relay.Server) relay.Front { return newServer(s, opts) }
}

func newServer(s *relay.Server, opts Options) *Server {
	limits := s.Options()
	o := &Server{
		server: s, opts: opts, limits: limits, log: limits.Log.With("part", "original"),
		clients: map[lobby.Conn]*client{}, games: map[*game]struct{}{},
	}
	scenes, err := lobby.SlimeScenes()
	if err == nil {
		o.lobby, err = lobby.NewLobby(lobby.Config{Scenes: scenes, MaxGames: limits.MaxRooms, Random: limits.Random})
	}
	if err != nil {
		panic(fmt.Sprintf("relay: what is built in does not read: %v", err))
	}
	o.store = newStore(o.opts.Data, o.opts.DataLimit)
	o.counts = newMetrics(o)
	o.alarm.run = o.tick
	return o
}

// alarm runs something when a time has come; its owner's lock guards it.
type alarm struct {
	at    time.Time // zero while it is off
	timer *time.Timer
	run   func()
}

// set moves the alarm; a time of zero switches it off.
func (a *alarm) set(at time.Time) {
	if at.Equal(a.at) {
		return
	}
	a.at = at
	switch {
	case at.IsZero():
		if a.timer != nil {
			a.timer.Stop()
		}
	case a.timer == nil:
		a.timer = time.AfterFunc(time.Until(at), a.run)
	default:
		a.timer.Reset(time.Until(at))
	}
}

func (o *Server) tick() {
	defer o.rescue(nil, nil)
	o.decide(func(l *lobby.Lobby) *lobby.LobbyOut {
		o.alarm.at = time.Time{} // it has rung
		return l.Tick(time.Now())
	})
}

// decide lets the lobby decide, does it, and answers what is to be kept.
func (o *Server) decide(decide func(*lobby.Lobby) *lobby.LobbyOut) *lobby.Upload {
	o.mu.Lock()
	defer o.mu.Unlock()
	out := decide(o.lobby)
	o.dispatch(out)
	return out.Store
}

// admit counts a connection in and gives it its number.
func (o *Server) admit(c *client) *protocol.Error {
	var no *protocol.Error
	if c.release, no = o.server.Admit(c.remote); no != nil {
		return no
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closed {
		c.release()
		return protocol.Errorf(protocol.CodeShutdown, "%s", shutdownWords)
	}
	o.last++
	c.id = o.last
	c.log = o.log.With("conn", c.id, "remote", c.remote)
	o.clients[c.id] = c
	o.work.Add(1)
	return nil
}

func (o *Server) dismiss(c *client) {
	c.release()
	o.mu.Lock()
	delete(o.clients, c.id)
	o.mu.Unlock()
	o.work.Done()
}

// dispatch does what the lobby answered. mu is held.
func (o *Server) dispatch(out *lobby.LobbyOut) {
	if out.Begin != nil {
		o.beginGame(out.Begin)
	}
	for _, x := range out.Send {
		if c := o.clients[x.To]; c != nil {
			c.emit(x.Event)
		}
	}
	o.note(out.Notes)
	o.alarm.set(o.lobby.Next())
}

// beginGame hands the game to its players' readers. mu is held.
func (o *Server) beginGame(state *lobby.Game) {
	g := &game{all: o, state: state}
	g.alarm.run = g.tick
	o.games[g] = struct{}{}
	for _, p := range state.Players() {
		if c := o.clients[p.Conn]; c != nil {
			g.clients = append(g.clients, c)
		}
	}
	// Only now: from here on its players' messages go to the game.
	for _, c := range g.clients {
		c.game.Store(g)
	}
}

// note counts, and logs what is worth a line.
func (o *Server) note(notes []lobby.Note) {
	for i := range notes {
		n := &notes[i]
		o.counts.note(n.Kind)
		switch {
		case n.Kind == lobby.NoteRegistered:
			o.log.Info("registered", "conn", n.Conn, "subject", n.Text)
		case n.Kind == lobby.NoteStarted, n.Kind == lobby.NoteEnded:
			o.log.Info("game "+n.Kind.String(), "game", n.Game, "reason", n.Text)
		case n.Kind == lobby.NoteDesync, n.Kind == lobby.NoteResync, n.Kind == lobby.NoteResyncFailed:
			o.log.Warn(n.Kind.String(), "game", n.Game, "frame", n.Frame, "reason", n.Text)
		case n.Kind.Ignored():
			o.log.Info("ignored", "conn", n.Conn, "game", n.Game, "reason", n.Kind.String(), "text", n.Text)
		}
	}
}

// Close ends every game and connection with a reason, and returns when the readers have ended.
func (o *Server) Close() {
	o.decide(func(l *lobby.Lobby) *lobby.LobbyOut { return l.Close(shutdownWords) })
	o.mu.Lock()
	o.closed = true
	var games []*game
	for g := range o.games {
		games = append(games, g)
	}
	var clients []*client
	for _, c := range o.clients {
		if c.socket != nil { // else it hangs up by itself, see begin
			clients = append(clients, c)
		}
	}
	o.mu.Unlock()
	for _, g := range games {
		g.do(func() *lobby.GameOut { return g.state.End(shutdownWords) })
	}
	for _, c := range clients {
		o.work.Go(func() { c.hangUp(shutdownWords) })
	}
	o.work.Wait()
	for _, l := range o.loops { // nobody is added any more
		l.close()
	}
}

// loopLines is how many connections have a loop to themselves: at thirty messages a second each, they
// take a part of a processor.
const loopLines = 512

// loopFor finds the loop of a connection. Who comes together plays together, so they share one.
func (o *Server) loopFor(id lobby.Conn) *loop {
	o.mu.Lock()
	defer o.mu.Unlock()
	k := int(id/loopLines) % runtime.GOMAXPROCS(0)
	if k < len(o.loops) {
		return o.loops[k]
	}
	l := newLoop()
	o.loops = append(o.loops, l)
	return l
}

// rescue keeps a fault of this program from costing more than one game or one connection. It is to be
// deferred.
func (o *Server) rescue(g *game, c *client) {
	v := recover()
	if v == nil {
		return
	}
	o.log.Error("failed", "panic", fmt.Sprint(v))
	if g != nil {
		g.fail()
	}
	if c != nil {
		c.socket.Abort()
	}
}

// count tells how many connections, waiting players and games there are.
func (o *Server) count() (conns, waiting, games int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return len(o.clients), o.lobby.Waiting(), o.lobby.Games()
}

// Connections returns how many connections there are.
func (o *Server) Connections() int {
	n, _, _ := o.count()
	return n
}

// game runs one game.
type game struct {
	all     *Server
	clients []*client

	mu    sync.Mutex
	state *lobby.Game
	alarm alarm
	over  bool
}

func (g *game) tick() {
	g.do(func() *lobby.GameOut {
		g.alarm.at = time.Time{} // it has rung
		return g.state.Tick(time.Now())
	})
}

// do lets the game decide, and does it.
func (g *game) do(decide func() *lobby.GameOut) {
	defer g.all.rescue(g, nil) // behind the lock
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.over {
		g.dispatch(decide())
	}
}

// receive is do for an event, thirty times a second and player.
func (g *game) receive(c *client, e wire.Payload) {
	defer g.all.rescue(g, nil)
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.over {
		return
	}
	if g.all.opts.fault != nil {
		g.all.opts.fault(e)
	}
	g.dispatch(g.state.Receive(time.Now(), c.id, e))
}

// fail ends a game in which a fault has happened: what it would decide is not asked any more.
func (g *game) fail() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.over {
		return
	}
	g.over = true
	g.alarm.set(time.Time{})
	g.all.endGame(g)
	for _, c := range g.clients {
		c.emit(&wire.EndGame{Message: "The relay made an error; this game cannot go on."})
	}
}

// dispatch does what the game answered. mu is held.
func (g *game) dispatch(out *lobby.GameOut) {
	if out.Over {
		// Before its players are told: they may join the next one at once.
		g.over = true
		g.all.endGame(g)
	}
	for _, x := range out.Send {
		for _, c := range g.clients {
			if c.id == x.To {
				c.emit(x.Event)
			}
		}
	}
	g.all.note(out.Notes)
	g.alarm.set(g.state.Next())
}

func (o *Server) endGame(g *game) {
	for _, c := range g.clients {
		c.game.CompareAndSwap(g, nil)
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	delete(o.games, g)
	o.lobby.GameOver(g.state)
}

// emit sends an event. A client that does not take what it is sent is cut off; its reader then tells
// the others.
func (c *client) emit(e wire.Payload) {
	switch err := c.socket.Emit(e); {
	case err == nil:
		c.all.counts.sent(e.Name())
	case errors.Is(err, socket.ErrQueueFull):
		c.all.server.Dropped()
		c.log.Warn("connection does not keep up")
		c.socket.Abort()
	case errors.Is(err, wire.ErrTooBig):
		// A state that was almost too large in one parser is so in the other.
		c.all.counts.ignored("too_big")
		c.log.Warn("not delivered", "event", e.Name(), "error", err)
	default:
		c.log.Debug("not delivered", "event", e.Name(), "error", err) // it is over, as its reader tells
	}
}
