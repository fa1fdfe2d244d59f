package relay

import (
	"crypto/rand"
	"encoding/binary"
	"log/slog"
	"net/netip"
	"strings"
	"sync"
	"time"

	"tandem/netcode/protocol"
	"tandem/netcode/recording"
	"tandem/netcode/session"
	"tandem/netcode/session/options"
	"tandem/netcode/session/replica"
	"tandem/netcode/session/roster"
	"tandem/netcode/transport"
)

// Options adjust a Server. The zero value means the defaults.
type Options struct {
	Program  string // name and version, told to peers
	Embedded bool   // the relay is inside a player's program, and its rooms end with that
	MaxRooms int    // rooms at one time; default 1000
	MaxConns int    // connections at one time; default 16 per room
	// ConnsPerAddress and RoomsPerAddress limit what one IPv4 address, or one IPv6 network of /64,
	// may have at one time; defaults 128 and 64, negative means no limit. The networks around it (/24;
	// /56, /48) may have a few times that, and all of them less as the relay fills.
	ConnsPerAddress int
	RoomsPerAddress int
	// TrustedProxies are believed when they say whom they speak for (X-Forwarded-For).
	TrustedProxies []netip.Prefix
	// BasePath, "/tandem", is a path below which everything is served as well: that of a proxy which
	// passes it on. One that takes it off needs nothing here.
	BasePath string
	// HandshakeTimeout is how long a connection may take to say hello and join, and before that to
	// send its HTTP request; default 10 s.
	HandshakeTimeout time.Duration
	Origins          []string            // web pages that may connect, besides those from the relay itself
	Hosts            []string            // names that browsers may reach the relay by, besides those it knows; see ParseHosts
	Log              *slog.Logger        // default: discard
	Front            func(*Server) Front // makes what else listens on the port; nil for nothing
	// Key signs the tokens that bring players back to their seats. With one that outlives the relay's
	// process, rooms outlive it, too: they are put together again from what their players remember.
	// Default: drawn, and forgotten with the Server.
	Key []byte
	// Witness makes the relay's own simulation of a room; nil for none. A room whose environment
	// this program lacks does without, and the error says so in the log.
	Witness func(*options.Config) (*replica.Executor, error)
	// Now is the relay's monotonic clock; default: time since New.
	Now func() time.Duration
	// Record makes the file that a match is recorded in; nil for no recordings. It is called on
	// goroutines of its own.
	Record func(*recording.Header) (recording.File, error)
	// Wall is the clock on the wall, for recordings and for how old a token is; default: time.Now.
	Wall func() time.Time
	// Scarce reports that memory is nearly used up: there are no new rooms then. nil: there is enough.
	Scarce func() bool
	// Random supplies 64 random bits, for room codes, seeds and tokens; default: crypto/rand. It is
	// called from several goroutines.
	Random func() uint64
}

const (
	defaultMaxRooms = 1000
	connsPerRoom    = protocol.MaxSeats
	// restartWindow is for how long after the start of a relay whose key is kept a room that somebody has
	// opened meanwhile gives way to one that its players bring back: twice as long as they try.
	restartWindow = time.Minute
	// shutdownGrace is how long a stopping relay lets goodbyes leave.
	shutdownGrace = 2 * time.Second
	// handshakeTimeout is what the slowest link and a person who reads a certificate's warning need.
	handshakeTimeout = 10 * time.Second
)

// Server holds the rooms of one relay. It is safe for concurrent use.
type Server struct {
	opts      Options
	metrics   *metrics
	admission *admission
	key       []byte // signs tokens; as long-lived as this server
	web              // what serves HTTP
	front     Front  // nil without one

	mu         sync.Mutex
	rooms      map[string]*room
	ended      ended
	conns      map[session.ConnID]*client
	nextConn   session.ConnID
	started    time.Duration
	stopping   bool
	restarting bool           // it is to be started again
	work       sync.WaitGroup // room and connection goroutines
	closing    sync.Once
	leave      chan struct{} // closed when everything is asked to end
	closed     chan struct{} // set by closing; closed when work is done
}

// New returns a server without rooms.
func New(opts Options) *Server {
	if opts.Program == "" {
		opts.Program = "tandem-relay"
	}
	if opts.MaxRooms == 0 {
		opts.MaxRooms = defaultMaxRooms
	}
	if opts.MaxConns == 0 {
		opts.MaxConns = opts.MaxRooms * connsPerRoom
	}
	if opts.Log == nil {
		opts.Log = slog.New(slog.DiscardHandler)
	}
	if opts.Now == nil {
		start := time.Now()
		opts.Now = func() time.Duration { return time.Since(start) }
	}
	if opts.Wall == nil {
		opts.Wall = time.Now
	}
	if opts.Random == nil {
		opts.Random = randomBits
	}
	if opts.HandshakeTimeout == 0 {
		opts.HandshakeTimeout = handshakeTimeout
	}
	opts.Log = slog.New(newLogLimiter(opts.Log.Handler(), opts.Now))
	s := &Server{opts: opts, admission: newAdmission(opts.ConnsPerAddress, opts.RoomsPerAddress), rooms: map[string]*room{}, conns: map[session.ConnID]*client{}, leave: make(chan struct{})}
	s.metrics, s.started = newMetrics(s), opts.Now()
	s.key = opts.Key
	for len(s.key) < KeySize && len(opts.Key) == 0 {
		s.key = binary.LittleEndian.AppendUint64(s.key, opts.Random())
	}
	s.routes()
	return s
}

// KeySize is the length of a Server's key in bytes.
const KeySize = 32

func randomBits() uint64 {
	var b [8]byte
	// crypto/rand.Read never fails: it ends the program rather than answer predictable bytes.
	_, _ = rand.Read(b[:])
	return binary.LittleEndian.Uint64(b[:])
}

// Restart is Close for a relay that will be started again with the same key: matches are interrupted,
// not ended, and go on when their players have come back.
func (s *Server) Restart() { s.close(true) }

// Close ends every room with a reason, lets the goodbyes leave for at most two seconds, and returns
// when every goroutine of the server has ended. Of several calls of Close and Restart the first
// decides which it is, and all of them wait.
func (s *Server) Close() { s.close(false) }

func (s *Server) close(restart bool) {
	s.closing.Do(func() { s.stop(restart) })
	done := s.closed
	select {
	case <-done:
		return
	case <-time.After(shutdownGrace):
	}
	s.mu.Lock()
	for _, c := range s.conns {
		s.giveUp(c)
	}
	s.mu.Unlock()
	<-done
}

// giveUp ends a connection without a goodbye. That may take a moment, where what was said last still waits
// for the connection, and nobody else must wait for it: neither a room's match nor the other connections. The
// caller's work, or the connection's, is not done yet.
func (s *Server) giveUp(c *client) {
	if a, ok := c.conn.(transport.Aborter); ok {
		s.work.Go(a.Abort)
	}
}

// stop asks everything to end, and closes s.closed when it has.
func (s *Server) stop(restart bool) {
	s.mu.Lock()
	s.stopping, s.restarting = true, restart
	for _, r := range s.rooms {
		r.restart.Store(restart)
		r.requestStop()
	}
	for _, c := range s.conns {
		if c.room == nil { // it has no room that would tell it
			e := s.leaving()
			s.work.Go(func() { c.hangUp(e.Code, e.Text) })
		}
	}
	if s.front != nil {
		s.work.Go(s.front.Close)
	}
	s.mu.Unlock()
	close(s.leave)
	s.closed = make(chan struct{})
	go func() { s.work.Wait(); close(s.closed) }()
}

// ServeConn serves one connection, wherever it comes from, until it is closed.
func (s *Server) ServeConn(conn transport.Conn) {
	c := &client{server: s, conn: conn, place: placeOf(conn.Remote())}
	if refused := s.admit(c); refused != nil {
		s.turnAway(conn, nil, refused)
		return
	}
	defer s.dismiss(c)
	c.serve()
}

// leaving is what newcomers are told while everything ends. Whoever loses the connection to a relay that is
// restarted may be here again before the relay is gone, and must go on trying.
func (s *Server) leaving() *protocol.Error {
	if s.restarting {
		return protocol.Errorf(protocol.CodeBusy, "The relay is starting again; try again in a moment.")
	}
	return protocol.Errorf(protocol.CodeShutdown, "The relay is shutting down; try again in a minute.")
}

// admit counts a connection in and gives it its number.
func (s *Server) admit(c *client) *protocol.Error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stopping {
		return s.leaving()
	}
	if len(s.conns) >= s.opts.MaxConns {
		return protocol.Errorf(protocol.CodeServerFull, "The relay is full: it serves %d connections already. Try again later, or use another relay.", s.opts.MaxConns)
	}
	var no *full
	if c.release, no = s.admission.conn(c.place, s.opts.Now(), s.opts.MaxConns, s.opts.MaxConns-len(s.conns)); no != nil {
		return no.refusal(protocol.CodeConnectLimit, "connections", "Close some")
	}
	s.nextConn++
	c.id = s.nextConn
	c.log = s.opts.Log.With("conn", c.id, "remote", c.conn.Remote())
	s.conns[c.id] = c
	s.work.Add(1)
	return nil
}

// refusal tells a network what it has enough of.
func (f *full) refusal(code protocol.Code, what, advice string) *protocol.Error {
	switch {
	case f.wait > 0:
		return protocol.Errorf(code, "%s has made many %s in a short time: wait %d s and try again.", f.network, what, int(f.wait.Seconds())+1)
	case f.limit == 0:
		return protocol.Errorf(code, "The relay is nearly full, and keeps its last places for people from elsewhere: %s has %s on it already. Try again later, or use another relay.", lower(f.network), what)
	}
	return protocol.Errorf(code, "%s has as many %s as this relay allows (%d). %s, or ask its operator.", f.network, what, f.limit, advice)
}

// lower begins a sentence's words in its middle.
func lower(s string) string { return strings.ToLower(s[:1]) + s[1:] }

func (s *Server) dismiss(c *client) {
	c.release()
	s.mu.Lock()
	delete(s.conns, c.id)
	s.mu.Unlock()
	s.work.Done()
}

// roomFor finds the room that a client's join asks for, or makes it.
func (s *Server) roomFor(c *client, j *protocol.Join) (*room, *protocol.Error) {
	code, refused := readCode(j.Room)
	if refused != nil {
		return nil, refused
	}
	if j.Watch {
		j.Create = nil // who watches opens no room
	}
	if code.key == "" && (len(j.Create) == 0 || j.Watch) {
		return nil, protocol.Errorf(protocol.CodeNoRoom, "Give the room's code, or host a room of your own.")
	}
	if !s.admission.mayJoin(c.place, s.opts.Now()) {
		return nil, protocol.Errorf(protocol.CodeBusy, "Your address joins rooms more than %d times a second: try again in a few seconds.", joinsPerSecond)
	}
	ticket, signed := roster.ReadTicket(s.key, j.Token, s.opts.Wall())
	signed = signed && ticket.Room == code.shown
	s.mu.Lock()
	defer s.mu.Unlock()
	if code.key != "" {
		r := s.rooms[code.key]
		if r != nil && r.ended() {
			s.ended.add(r.state.ID(), r.how) // a token must not bring it back before it is forgotten
			r = nil
		}
		if signed && (r == nil || s.displaces(r, &ticket, j)) {
			if r, refused := s.restore(c, code, &ticket, j); r != nil || refused != nil {
				return r, refused
			}
		}
		if r != nil { // also where nothing could be made to take its place
			if !(signed && ticket.ID == r.state.ID()) && !r.mayCome(c.place, s.opts.Now()) {
				return nil, protocol.Errorf(protocol.CodeBusy, "Your address has come to room %s too often: try again in a few seconds.", code.shown)
			}
			c.room = r
			return r, nil
		}
		if len(j.Create) == 0 && signed && s.ended.has(ticket.ID) {
			return nil, s.ended.words(ticket.ID, code.shown) // who was there guesses nothing
		}
		if len(j.Create) == 0 {
			refused := code.unknown()
			if !signed {
				if c.penalty = s.admission.tried(c.place, s.opts.Now()); c.penalty > 0 {
					refused.Code = protocol.CodeTries
					refused.Text += " Many wrong codes were tried from your address, so the answer to one more takes a while; a right one is answered at once."
				}
			}
			return nil, refused
		}
	}
	if s.stopping {
		return nil, s.leaving()
	}
	if len(s.rooms) >= s.opts.MaxRooms {
		return nil, protocol.Errorf(protocol.CodeServerFull, "The relay is full: it holds %d rooms already. Try again later, or use another relay.", s.opts.MaxRooms)
	}
	if s.opts.Scarce != nil && s.opts.Scarce() {
		s.opts.Log.Warn("memory is nearly used up, so no new rooms are taken: give the relay more (GOMEMLIMIT, or the limit of its service), or lower -max-rooms", "rooms", len(s.rooms))
		return nil, protocol.Errorf(protocol.CodeServerFull, "The relay is almost out of memory and takes no new rooms. Try again later, or use another relay.")
	}
	cfg, err := options.ParseConfig(j.Create)
	if err != nil {
		return nil, protocol.Errorf(protocol.CodeOptions, "The room cannot be made: %v.", err)
	}
	if cfg.Authority == options.AuthorityWitness && s.opts.Witness == nil {
		return nil, protocol.Errorf(protocol.CodeOptions, "The room cannot be made: authority=witness needs a relay with a witness, which whoever runs this one can give it.")
	}
	// A room under the code that was asked for has ended and is about to be forgotten; codes that
	// are drawn must be free.
	for code.key == "" {
		if drawn, ok := roomCode(s.opts.Random()); ok {
			if code, _ = readCode(drawn); s.rooms[code.key] != nil {
				code = typed{}
			}
		}
	}
	rm, err := session.NewRoom(code.shown, cfg, s.key, s.opts.Random)
	if err != nil {
		return nil, protocol.Errorf(protocol.CodeOptions, "The room cannot be made: %v.", err)
	}
	return s.open(c, code, rm)
}

// open starts the goroutine of a room that c has made.
func (s *Server) open(c *client, code typed, rm *session.Room) (*room, *protocol.Error) {
	release, no := s.admission.room(c.place, s.opts.Now(), s.opts.MaxRooms, s.opts.MaxRooms-len(s.rooms))
	if no != nil {
		return nil, no.refusal(protocol.CodeRoomLimit, "rooms", "End one first")
	}
	r := newRoom(s, rm)
	r.key, r.release, r.maker = code.key, release, c.id
	r.addWitness()
	s.rooms[code.key], c.room = r, r
	s.work.Add(1)
	go r.run()
	return r, nil
}

// displaces reports whether a room gives way to the one that a join's ticket is of. Nobody knows whether
// that one had ended before the restart; so a match in play gives way only to somebody who says that they
// are in the middle of another.
func (s *Server) displaces(r *room, t *roster.Ticket, j *protocol.Join) bool {
	return len(s.opts.Key) > 0 && s.opts.Now()-s.started < restartWindow && !s.ended.has(t.ID) && r.state.GivesWayTo(t) &&
		(j.Have > 0 || !r.inPlay.Load())
}

// restore makes a room again for somebody who holds a token of it, because this relay was restarted
// since. A room that has ended on this relay stays ended; one that is in its place gives way.
func (s *Server) restore(c *client, code typed, t *roster.Ticket, j *protocol.Join) (*room, *protocol.Error) {
	if t.StandIn || j.Watch || s.ended.has(t.ID) {
		return nil, nil
	}
	other := s.rooms[code.key] // it gives way, or has ended and is about to be forgotten
	if s.stopping || len(s.rooms) >= s.opts.MaxRooms && other == nil {
		return nil, nil // it is told why as any other is
	}
	rm, err := session.RestoreRoom(j.Token, s.key, s.opts.Random)
	if err != nil {
		s.opts.Log.Warn("a room cannot be restored", "room", code.shown, "error", err)
		return nil, nil
	}
	s.opts.Log.Info("restoring a room", "room", code.shown)
	r, refused := s.open(c, code, rm)
	if r != nil && other != nil && !other.ended() {
		s.opts.Log.Info("a room gives way to one that was there before the restart", "room", code.shown)
		s.ended.add(other.state.ID(), "")
		other.displaced.Store(true)
		other.requestStop()
	}
	return r, refused
}

// forget drops a room that has ended.
func (s *Server) forget(r *room) {
	s.mu.Lock()
	if s.rooms[r.key] == r {
		delete(s.rooms, r.key)
	}
	s.ended.add(r.state.ID(), r.how)
	s.mu.Unlock()
	r.release()
	s.work.Done()
}

// Rooms returns how many rooms there are.
func (s *Server) Rooms() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.rooms)
}

// Connections returns how many connections there are, a Front's included.
func (s *Server) Connections() int {
	others := 0
	if s.front != nil {
		others = s.front.Connections()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.conns) + others
}

// refused counts and logs a refusal.
func (s *Server) refused(remote string, code protocol.Code, reason string) {
	s.metrics.refused(code)
	s.opts.Log.Info("refused", "remote", remote, "code", code.String(), "reason", reason)
}

// turnAway sends what is left to say and a refusal, and closes.
func (s *Server) turnAway(conn transport.Conn, reply []byte, e *protocol.Error) {
	s.refused(conn.Remote(), e.Code, e.Text)
	reply = protocol.Append(reply, &protocol.Refusal{Code: e.Code, Text: e.Text})
	if err := conn.Write(reply); err != nil {
		s.opts.Log.Debug("refusal not delivered", "error", err)
	}
	if err := conn.Close(closeCode(e.Code), e.Text); err != nil {
		s.opts.Log.Debug("close", "error", err)
	}
}

func closeCode(c protocol.Code) transport.Code {
	if c == protocol.CodeOK {
		return transport.CodeNormal
	}
	return transport.Code(protocol.CloseBase + uint16(c))
}
