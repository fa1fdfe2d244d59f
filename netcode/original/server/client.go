//go:build !js

package server

import (
	"bufio"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/time/rate"

	"tandem/netcode/original/lobby"
	"tandem/netcode/original/socket"
	"tandem/netcode/original/wire"
	"tandem/netcode/protocol"
	"tandem/netcode/transport"
)

// Limits of what one client of the original system may send. A message costs one token for every
// tokenBytes begun.
const (
	// messageRate is the same as a native seat's: three times what play needs at its busiest.
	messageRate = 90
	// messageBurst is more than a line can hold back before its missing pongs end it, and what the
	// original's relay is known to bear: 2,000 messages at once.
	messageBurst = 2100
	// tokenBytes is a native message's limit. A full state of 8 KB costs two or three tokens, an upload
	// of 1 MB 245.
	tokenBytes = 4096
)

// client is one connection. The Socket writes; what comes is read by a goroutine, and while the
// client does nothing but play by a loop, which costs less.
type client struct {
	all    *Server
	id     lobby.Conn
	remote string
	socket *socket.Socket // nil before the upgrade; guarded by all.mu until then
	log    *slog.Logger
	bucket *rate.Limiter
	joined bool // the namespace
	// release gives the address's connection back.
	release func()
	game    atomic.Pointer[game]
	line    *loopConn // nil where it is always read by a goroutine
	// parked is set while the loop reads. Whoever unsets it goes on with a goroutine.
	parked   atomic.Bool
	tooOften bool   // the loop has found the bucket empty
	read     uint64 // parked: messages that were read

	action wire.PlayerAction // read into again and again
}

// Routes serves the original system's paths.
func (o *Server) Routes(mux *http.ServeMux) {
	for _, method := range []string{"GET ", "POST ", "OPTIONS "} {
		mux.HandleFunc(method+socket.DefaultPath, o.serve)
	}
	mux.HandleFunc("GET /{subject}", o.visit)
}

// serve makes a connection of a request and reads it to its end.
func (o *Server) serve(w http.ResponseWriter, r *http.Request) {
	refuse := func(status int, e *protocol.Error) {
		o.server.Refused(r.RemoteAddr, e.Code, e.Text)
		(&socket.QueryError{Status: status, Code: 4, Words: e.Text}).WriteTo(w)
	}
	if err := transport.CheckOrigin(r, o.limits.Origins); err != nil {
		refuse(http.StatusForbidden, protocol.Errorf(protocol.CodeOrigin, "%v", err))
		return
	}
	if !allowOrigin(w, r) {
		return
	}
	q := r.URL.Query()
	if q.Has("sid") {
		o.polls.Serve(&adopting{w, nil}, r)
		return
	}
	c := &client{all: o, remote: r.RemoteAddr, bucket: rate.NewLimiter(messageRate, messageBurst)}
	if e := o.admit(c); e != nil {
		refuse(http.StatusServiceUnavailable, e)
		return
	}
	opts := o.opts.socket
	opts.Detect, opts.Compression = true, o.opts.Compression
	if o.opts.PingInterval > 0 {
		opts.PingInterval = o.opts.PingInterval
	}
	if o.opts.PingTimeout > 0 {
		opts.PingTimeout = o.opts.PingTimeout
	}
	opts.CheckOrigin = func(*http.Request) bool { return true } // checked above, by the relay's own list
	env := q.Get("env")
	opts.Accept = func(auth wire.Value) error {
		if v, ok := auth.Get("env"); ok {
			env, _ = v.Text()
		}
		return checkEnv(env)
	}
	opts.OnEnd = func() { c.goOn(nil) }
	var conn *socket.Socket
	var err error
	polls := q.Get("transport") == "polling"
	if polls {
		conn, err = o.polls.Open(w, r, opts)
	} else {
		conn, err = socket.Upgrade(&adopting{w, c}, r, opts)
	}
	if err != nil {
		o.dismiss(c)
		o.server.Refused(r.RemoteAddr, protocol.CodeMalformed, err.Error())
		return
	}
	if !c.begin(conn) {
		o.dismiss(c)
		return
	}
	if polls { // its request is answered: more will come
		go c.run(nil)
	} else {
		c.run(nil)
	}
}

// Plays reports whether a request is for Socket.IO.
func (o *Server) Plays(r *http.Request) bool {
	return strings.Contains(r.URL.Path, socket.DefaultPath)
}

// Counts reports whether a request is of a session that polls, which counts its requests by itself.
func (o *Server) Counts(r *http.Request) bool {
	return strings.HasSuffix(r.URL.Path, socket.DefaultPath) && o.polls.Counts(r.URL.Query().Get("sid"), time.Now())
}

// allowOrigin lets a page of another origin that may use the relay read what polling answers; false where
// its browser only asked whether it may.
func allowOrigin(w http.ResponseWriter, r *http.Request) bool {
	h := w.Header()
	h.Add("Vary", "Origin")
	if origin := r.Header.Get("Origin"); origin != "" {
		h.Set("Access-Control-Allow-Origin", origin)
	}
	if r.Method != http.MethodOptions {
		return true
	}
	h.Set("Access-Control-Allow-Methods", "GET, POST")
	h.Set("Access-Control-Allow-Headers", "Content-Type")
	h.Set("Access-Control-Max-Age", "86400")
	w.WriteHeader(http.StatusNoContent)
	return false
}

// adopting gives a connection to a loop when it stops being HTTP's, or guards it where no loop counts its
// frames.
type adopting struct {
	http.ResponseWriter
	c *client // nil for a session that began by polling: a goroutine reads it to its end
}

// Hijack takes the connection over.
func (a *adopting) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, rw, err := http.NewResponseController(a.ResponseWriter).Hijack()
	if err != nil {
		return nil, nil, err
	}
	if a.c != nil {
		conn = a.c.all.loopFor(a.c.id).adopt(conn)
		if a.c.line, _ = conn.(*loopConn); a.c.line != nil {
			return conn, rw, nil
		}
	}
	return transport.Guard(conn), rw, nil
}

// Unwrap lets a poll set deadlines.
func (a *adopting) Unwrap() http.ResponseWriter { return a.ResponseWriter }

// checkEnv refuses environments that a stock client cannot play here. Most name none.
func checkEnv(env string) error {
	if env == "" || env == "slime" {
		return nil
	}
	return fmt.Errorf("this relay plays only Slime Volleyball (env slime) with clients of the original system, not %.40q: use a Tandem client for it", env)
}

// begin takes the connection; false when the relay has begun to stop meanwhile.
func (c *client) begin(conn *socket.Socket) bool {
	c.all.mu.Lock()
	c.socket = conn
	stopping := c.all.closed
	c.all.mu.Unlock()
	if stopping {
		c.hangUp(shutdownWords)
	}
	return !stopping
}

// run deals with p, if any, and reads until the connection is over or the loop takes it.
func (c *client) run(p *wire.Packet) {
	parked := false
	defer func() {
		if !parked {
			c.all.dismiss(c)
		}
	}()
	defer c.all.rescue(nil, c)
	defer func() {
		if !parked {
			c.leave("the connection is over")
		}
	}()
	for {
		if p != nil && !c.handle(p) {
			return
		}
		if parked = c.park(); parked {
			return
		}
		var err error
		if p, err = c.socket.Read(); err != nil {
			if errors.Is(err, transport.ErrIdleFrames) {
				c.all.server.Refused(c.remote, protocol.CodeTooFrequent, err.Error())
			}
			c.log.Debug("connection over", "error", err)
			return
		}
	}
}

// handle deals with a packet; false when the client has been sent away.
func (c *client) handle(p *wire.Packet) bool {
	if c.tooOften || !c.allow(p.Size) {
		words := fmt.Sprintf("more than %d messages a second", messageRate)
		c.all.server.Refused(c.remote, protocol.CodeTooFrequent, words)
		c.hangUp(words)
		return false
	}
	c.receive(p)
	return true
}

// allow takes the tokens of a message from the bucket.
func (c *client) allow(size int) bool {
	return c.bucket.AllowN(time.Now(), 1+size/tokenBytes)
}

// park hands a client that plays to the loop. True means that somebody else reads now.
func (c *client) park() bool {
	if c.line == nil || c.game.Load() == nil {
		return false
	}
	c.parked.Store(true)
	// The connection may end here, and goOn go on in another goroutine.
	c.read = c.socket.Taken()
	return c.line.park(c.read, c.ready, c.tend) || !c.parked.CompareAndSwap(true, false)
}

// goOn takes a parked client back: a goroutine deals with p and with what comes after it.
func (c *client) goOn(p *wire.Packet) {
	if c.parked.CompareAndSwap(true, false) {
		c.line.unpark()
		c.socket.Untend()
		go c.run(p)
	}
}

// tend is called by the loop every now and then while it reads.
func (c *client) tend(now time.Time) {
	defer c.all.rescue(nil, c)
	if !c.parked.Load() {
		return
	}
	if c.socket.Tend(now); !c.parked.Load() { // goOn may have come between
		c.socket.Untend()
	}
}

// ready is called by the loop with something to read. Only what is done without waiting is done here:
// whole messages that are actions of a game.
func (c *client) ready() {
	defer c.all.rescue(nil, c)
	before := c.read
	messages, only := c.line.whole()
	if !only {
		c.goOn(nil)
		return
	}
	for n := messages - before; n > 0; n-- {
		var p *wire.Packet
		var err error
		m := c.line.single()
		if m != nil && c.socket.TakeAction(m, &c.action) { // nearly always
			if !c.allow(len(m)) {
				c.tooOften = true
				c.goOn(&wire.Packet{Type: wire.Event, Name: actionIn})
				return
			}
			c.act(len(m))
			continue
		}
		if m != nil {
			p, err = c.socket.TakeText(m)
		} else {
			p, err = c.socket.ReadMessage()
		}
		switch {
		case err != nil:
			c.goOn(nil)
			return
		case p == nil:
		case p.Type != wire.Event || p.Name != actionIn:
			c.goOn(p)
			return
		case !c.allow(p.Size):
			c.tooOften = true
			c.goOn(p)
			return
		default:
			c.receive(p)
		}
	}
	c.read = messages
}

func (c *client) receive(p *wire.Packet) {
	switch p.Type {
	case wire.Connect:
		c.joined = true
		c.all.decide(func(l *lobby.Lobby) *lobby.LobbyOut { return l.Connected(c.id, c.socket.SID()) })
	case wire.Disconnect:
		c.leave("it left")
	case wire.Event:
		c.event(p)
	}
}

// event passes an event on to who it is for.
func (c *client) event(p *wire.Packet) {
	if p.Name == c.action.Name() { // thirty times a second
		if err := wire.Decode(p, &c.action); err != nil {
			c.refuse(p, err)
			return
		}
		c.act(p.Size)
		return
	}
	e, err := wire.DecodeEvent(p, wire.FromClient)
	if err != nil {
		c.refuse(p, err)
		return
	}
	c.all.counts.received(p.Name, p.Size)
	switch e.(type) {
	case *wire.StateHash, *wire.RequestResync, *wire.SendFullState, *wire.HUDUpdate:
		c.inGame(e)
		return
	case *wire.AdvanceScene:
		c.withGame(func(g *lobby.Game) *lobby.GameOut { return g.Finish(time.Now(), c.id) })
	case *wire.LeaveGame:
		c.withGame(func(g *lobby.Game) *lobby.GameOut { return g.Leave(c.id, "left") })
	}
	c.inLobby(e)
}

// act passes the action on that was read into c.action.
func (c *client) act(size int) {
	c.all.counts.received(actionIn, size)
	c.inGame(&c.action)
}

// refuse counts an event that is not understood. The original ignores those, too.
func (c *client) refuse(p *wire.Packet, err error) {
	reason := "malformed"
	if errors.Is(err, wire.ErrUnexpected) {
		reason = "unknown"
	}
	c.all.counts.ignored(reason)
	c.log.Info("ignored", "event", p.Name, "reason", reason, "error", err)
}

func (c *client) withGame(decide func(*lobby.Game) *lobby.GameOut) {
	if g := c.game.Load(); g != nil {
		g.do(func() *lobby.GameOut { return decide(g.state) })
	}
}

// inGame is an event of a game in play. Outside of one it means nothing: the last actions of a game
// that is over come so.
func (c *client) inGame(e wire.Payload) {
	g := c.game.Load()
	if g == nil {
		c.all.counts.note(lobby.NoteMisplaced)
		c.log.Debug("ignored", "event", e.Name(), "reason", "no game")
		return
	}
	g.receive(c, e)
}

func (c *client) inLobby(e wire.Payload) {
	upload := c.all.decide(func(l *lobby.Lobby) *lobby.LobbyOut { return l.Receive(time.Now(), c.id, e) })
	if upload == nil {
		return
	}
	// Only this client waits for the disk.
	path, err := c.all.store.save(upload)
	switch {
	case err != nil:
		c.all.counts.ignored("not_stored")
		c.log.Error("an upload is lost", "subject", upload.Subject, "scene", upload.SceneID, "error", err)
	case path == "":
		c.log.Warn("an upload is not kept: no folder is set (-original-data)", "subject", upload.Subject)
	default:
		c.log.Info("stored", "subject", upload.Subject, "file", path)
	}
}

// leave takes the client out of everything.
func (c *client) leave(why string) {
	if !c.joined {
		return
	}
	c.joined = false
	defer c.all.decide(func(l *lobby.Lobby) *lobby.LobbyOut { return l.Gone(time.Now(), c.id) })
	c.withGame(func(g *lobby.Game) *lobby.GameOut { return g.Leave(c.id, why) })
	c.game.Store(nil)
}

// hangUp says goodbye. It waits until what was sent has left, two seconds at most.
func (c *client) hangUp(words string) {
	if err := c.socket.Close(words); err != nil {
		c.log.Debug("close", "error", err)
	}
}
