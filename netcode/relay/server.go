package relay

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"tandem/netcode/protocol"
	"tandem/netcode/session"
	"tandem/netcode/transport"
)

// Options adjust a Server. The zero value means the defaults.
type Options struct {
	Program  string       // name and version, told to peers
	MaxRooms int          // rooms at one time; default 1000
	MaxConns int          // connections at one time; default 16 per room
	Origins  []string     // web pages that may connect, besides those from the relay itself
	Log      *slog.Logger // default: discard
	// Now is the relay's monotonic clock; default: time since New.
	Now func() time.Duration
	// Random supplies 64 random bits, for room codes, seeds and tokens; default: crypto/rand. It is
	// called from several goroutines.
	Random func() uint64
}

const (
	defaultMaxRooms = 1000
	connsPerRoom    = protocol.MaxSeats
	// shutdownGrace is how long a stopping relay lets goodbyes leave.
	shutdownGrace = 2 * time.Second
	// handshakeTimeout is how long a connection may take to say hello and join.
	handshakeTimeout = 10 * time.Second
	// idleTimeout is how long an HTTP connection without a request is kept; peers' connections are
	// no longer HTTP's.
	idleTimeout = 30 * time.Second
)

// Server holds the rooms of one relay. It is safe for concurrent use.
type Server struct {
	opts    Options
	metrics *metrics
	key     []byte // signs tokens; as long-lived as this server
	mux     *http.ServeMux

	mu       sync.Mutex
	rooms    map[string]*room
	conns    map[session.ConnID]*client
	nextConn session.ConnID
	stopping bool
	work     sync.WaitGroup // room and connection goroutines
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
	if opts.Random == nil {
		opts.Random = randomBits
	}
	s := &Server{opts: opts, mux: http.NewServeMux(), rooms: map[string]*room{}, conns: map[session.ConnID]*client{}}
	s.metrics = newMetrics(s)
	for range 4 {
		s.key = binary.LittleEndian.AppendUint64(s.key, opts.Random())
	}
	s.routeWS()
	s.routeMetrics()
	s.mux.HandleFunc("GET /healthz", s.serveHealth)
	return s
}

func randomBits() uint64 {
	var b [8]byte
	// crypto/rand.Read never fails: it ends the program rather than answer predictable bytes.
	_, _ = rand.Read(b[:])
	return binary.LittleEndian.Uint64(b[:])
}

// ServeHTTP answers /ws and /healthz.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.mux.ServeHTTP(w, r) }

// Listen opens the port; its errors say what to do.
func Listen(addr string) (net.Listener, error) {
	ln, err := net.Listen("tcp", addr)
	if err == nil {
		return ln, nil
	}
	if errors.Is(err, errInUse) {
		return nil, fmt.Errorf("the address %s is in use: stop the program that uses it, or choose another port with -listen", addr)
	}
	if errors.Is(err, errDenied) {
		return nil, fmt.Errorf("this user may not listen on %s: choose a port from 1024 up with -listen", addr)
	}
	return nil, fmt.Errorf("cannot listen on %s (%w): write -listen HOST:PORT, for example -listen :7777", addr, err)
}

// Serve answers connections of ln until ctx ends, then tells every player why and returns.
func (s *Server) Serve(ctx context.Context, ln net.Listener) error {
	hs := &http.Server{Handler: s, ReadHeaderTimeout: handshakeTimeout, IdleTimeout: idleTimeout, MaxHeaderBytes: 16 << 10,
		// What strangers do wrong is no news.
		ErrorLog: slog.NewLogLogger(s.opts.Log.Handler(), slog.LevelDebug)}
	failed := make(chan error, 1)
	go func() { failed <- hs.Serve(ln) }()
	select {
	case err := <-failed:
		s.Close()
		return fmt.Errorf("the relay stopped: %w", err)
	case <-ctx.Done():
	}
	s.Close()
	sctx, cancel := context.WithTimeout(context.Background(), shutdownGrace)
	defer cancel()
	if err := hs.Shutdown(sctx); err != nil {
		return fmt.Errorf("stopping the relay: %w", err)
	}
	return nil
}

// Close ends every room with a reason, lets the goodbyes leave for at most two seconds, and returns
// when every goroutine of the server has ended.
func (s *Server) Close() {
	s.mu.Lock()
	s.stopping = true
	for _, r := range s.rooms {
		r.requestStop()
	}
	for _, c := range s.conns {
		if c.room == nil { // it has no room that would tell it
			s.work.Go(func() { c.hangUp(protocol.CodeShutdown, "the relay is shutting down") })
		}
	}
	s.mu.Unlock()
	done := make(chan struct{})
	go func() { s.work.Wait(); close(done) }()
	select {
	case <-done:
		return
	case <-time.After(shutdownGrace):
	}
	s.mu.Lock()
	for _, c := range s.conns {
		if a, ok := c.conn.(transport.Aborter); ok {
			a.Abort()
		}
	}
	s.mu.Unlock()
	<-done
}

func (s *Server) serveHealth(w http.ResponseWriter, _ *http.Request) {
	s.mu.Lock()
	h := map[string]any{"status": "ok", "rooms": len(s.rooms), "connections": len(s.conns)}
	s.mu.Unlock()
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	if err := json.NewEncoder(w).Encode(h); err != nil {
		s.opts.Log.Debug("healthz", "error", err)
	}
}

// ServeConn serves one connection, wherever it comes from, until it is closed.
func (s *Server) ServeConn(conn transport.Conn) {
	c := &client{server: s, conn: conn}
	if refused := s.admit(c); refused != nil {
		s.turnAway(conn, nil, refused)
		return
	}
	defer s.dismiss(c)
	c.serve()
}

// admit counts a connection in and gives it its number.
func (s *Server) admit(c *client) *protocol.Error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stopping {
		return protocol.Errorf(protocol.CodeShutdown, "The relay is shutting down; try again in a minute.")
	}
	if len(s.conns) >= s.opts.MaxConns {
		return protocol.Errorf(protocol.CodeServerFull, "The relay is full: it serves %d connections already. Try again later, or use another relay.", s.opts.MaxConns)
	}
	s.nextConn++
	c.id = s.nextConn
	c.log = s.opts.Log.With("conn", c.id, "remote", c.conn.Remote())
	s.conns[c.id] = c
	s.work.Add(1)
	return nil
}

func (s *Server) dismiss(c *client) {
	s.mu.Lock()
	delete(s.conns, c.id)
	s.mu.Unlock()
	s.work.Done()
}

// roomFor finds the room that a client's join asks for, or makes it.
func (s *Server) roomFor(c *client, j *protocol.Join) (*room, *protocol.Error) {
	code, err := cleanCode(j.Room)
	if err != nil {
		return nil, protocol.Errorf(protocol.CodeNoRoom, "%v", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if r := s.rooms[code]; r != nil && code != "" && !r.ended() {
		c.room = r
		return r, nil
	}
	if len(j.Create) == 0 {
		if code == "" {
			return nil, protocol.Errorf(protocol.CodeNoRoom, "Give the room's code with -room, or host a room of your own.")
		}
		return nil, protocol.Errorf(protocol.CodeNoRoom, "There is no room %q on this relay. Check the code with your host: a room ends when its players leave.", code)
	}
	if s.stopping {
		return nil, protocol.Errorf(protocol.CodeShutdown, "The relay is shutting down; try again in a minute.")
	}
	if len(s.rooms) >= s.opts.MaxRooms {
		return nil, protocol.Errorf(protocol.CodeServerFull, "The relay is full: it holds %d rooms already. Try again later, or use another relay.", s.opts.MaxRooms)
	}
	cfg, err := session.ParseConfig(j.Create)
	if err != nil {
		return nil, protocol.Errorf(protocol.CodeOptions, "The room cannot be made: %v.", err)
	}
	// A room under the code that was asked for has ended and is about to be forgotten; codes that
	// are drawn must be free.
	for drawn := code == ""; drawn && (code == "" || s.rooms[code] != nil); {
		code = roomCode(uint32(s.opts.Random()))
	}
	rm, err := session.NewRoom(code, cfg, s.key, s.opts.Random)
	if err != nil {
		return nil, protocol.Errorf(protocol.CodeOptions, "The room cannot be made: %v.", err)
	}
	r := newRoom(s, rm)
	s.rooms[code], c.room = r, r
	s.work.Add(1)
	go r.run()
	return r, nil
}

// forget drops a room that has ended.
func (s *Server) forget(r *room) {
	s.mu.Lock()
	if s.rooms[r.state.Code()] == r {
		delete(s.rooms, r.state.Code())
	}
	s.mu.Unlock()
	s.work.Done()
}

// Rooms returns how many rooms there are.
func (s *Server) Rooms() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.rooms)
}

// Connections returns how many connections there are.
func (s *Server) Connections() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.conns)
}

// turnAway sends what is left to say and a refusal, and closes.
func (s *Server) turnAway(conn transport.Conn, reply []byte, e *protocol.Error) {
	s.metrics.refused(e.Code)
	s.opts.Log.Info("refused", "remote", conn.Remote(), "code", e.Code.String(), "reason", e.Text)
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
