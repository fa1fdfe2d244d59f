//go:build !js

package socket

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/gorilla/websocket"

	"tandem/netcode/original/wire"
	"tandem/netcode/transport"
)

// Polls serves clients that begin by long polling, as io() without options does: a GET waits for packets, a
// POST brings some, and sooner or later most go on as a WebSocket.
//
//	GET  ?EIO=4&transport=polling             0{"sid":…,"upgrades":["websocket"],…}     Open
//	GET  ?EIO=4&transport=polling&sid=S       packets, with 0x1e between them; 6 when it is to come back
//	POST ?EIO=4&transport=polling&sid=S       packets; ok
//	GET  ?EIO=4&transport=websocket&sid=S     2probe ► 3probe ► 5: from here on it is a WebSocket
//
// A packet is what a WebSocket's text message would be; what would be a binary message is b and base64. A
// session is found by its id, which nobody can guess, and ends with its Socket. The zero value is ready.
type Polls struct {
	mu   sync.Mutex
	byID map[string]*polled
}

// polled is one session.
type polled struct {
	line   *pollLine
	socket *Socket
	opts   Options
	// used of pollBurst, as of at; guarded by Polls.mu
	used float64
	at   time.Time
}

const (
	// pollRate is four times the requests of a player whose every action is one and brings one, and pollBurst
	// what a line holds back before its session is given up.
	pollRate  = 250
	pollBurst = 2100
	// upgradeTimeout is how long a client may take from its WebSocket to its last word about it, as in the
	// stock server.
	upgradeTimeout = 10 * time.Second
	// bodyTimeout is for the body of a POST: 1 MB over a line of a megabit a second.
	bodyTimeout = 10 * time.Second
)

// Open begins a session. Its request is answered with the greeting, and the Socket is the same as
// Upgrade's. When it cannot, it has answered the request.
func (p *Polls) Open(w http.ResponseWriter, r *http.Request, opts Options) (*Socket, error) {
	opts = opts.withDefaults()
	refused := CheckQuery(r.URL.Query())
	if refused == nil && r.Method != http.MethodGet {
		refused = &QueryError{http.StatusBadRequest, 2, "Bad handshake method"}
	}
	if refused != nil {
		refused.WriteTo(w)
		return nil, refused
	}
	opts.upgrades = true
	if opts.NewID == nil {
		opts.NewID = newID
	}
	m, out := NewServer(opts.Config, time.Now())
	session := &polled{line: newPollLine(r.RemoteAddr), opts: opts, at: time.Now()}
	ended := opts.OnEnd
	opts.OnEnd = func() {
		p.mu.Lock()
		delete(p.byID, m.engineSID)
		p.mu.Unlock()
		if ended != nil {
			ended()
		}
	}
	s := newSocket(session.line, m, opts)
	session.socket = s
	p.mu.Lock()
	if p.byID == nil {
		p.byID = map[string]*polled{}
	}
	p.byID[m.engineSID] = session
	p.mu.Unlock()
	s.order(out)
	go s.run()
	_ = session.poll(w, r) // nobody else knows the session yet, so there is nothing to refuse
	return s, nil
}

// Counts counts a request of the session of that sid, whatever it asks, and reports whether that has taken
// it: not where there is no such session, or where it makes too many, which ends it. What is in the requests
// is for whoever reads the Socket to count.
func (p *Polls) Counts(sid string, now time.Time) bool {
	p.mu.Lock()
	session := p.byID[sid]
	allowed := session != nil && session.allow(now)
	p.mu.Unlock()
	if session == nil || allowed {
		return allowed
	}
	session.socket.end(fmt.Errorf("%w: more than %d requests a second", transport.ErrIdleFrames, pollRate))
	return false
}

// allow counts a request; false when there are too many.
func (p *polled) allow(now time.Time) bool {
	p.used = max(0, p.used-pollRate*now.Sub(p.at).Seconds()) + 1
	p.at = now
	return p.used <= pollBurst
}

// Serve answers a request of a session that was opened: one with a sid.
func (p *Polls) Serve(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	refused := CheckQuery(q)
	if refused == nil {
		p.mu.Lock()
		session := p.byID[q.Get("sid")]
		p.mu.Unlock()
		switch polling := q.Get("transport") == "polling"; {
		case session == nil:
			refused = &QueryError{http.StatusBadRequest, 1, "Session ID unknown"}
		case !polling && r.Method == http.MethodGet:
			refused = session.upgrade(w, r)
		case r.Method == http.MethodGet:
			refused = session.poll(w, r)
		case polling && r.Method == http.MethodPost:
			refused = session.post(w, r)
		default:
			refused = &QueryError{http.StatusBadRequest, 2, "Bad handshake method"}
		}
	}
	if refused != nil {
		refused.WriteTo(w)
	}
}

var badRequest = &QueryError{http.StatusBadRequest, 3, "Bad request"}

// poll answers a GET with what is to be sent, and waits for it if need be.
func (p *polled) poll(w http.ResponseWriter, r *http.Request) *QueryError {
	payload, err := p.line.take(r.Context())
	switch {
	case errors.Is(err, errOverlap):
		p.socket.end(unexpected("two polls at the same time"))
		return badRequest
	case errors.Is(err, errUpgraded):
		return badRequest
	case err != nil: // its asker is gone
		p.socket.end(fmt.Errorf("%w: %w", ErrPeerClosed, &transport.CloseError{Code: transport.CodeAbnormal, Reason: "it hung up while it polled"}))
		return nil
	}
	rc := http.NewResponseController(w)
	_ = rc.SetWriteDeadline(time.Now().Add(p.opts.WriteTimeout)) // where there is none to be had, the system's holds
	defer func() { _ = rc.SetWriteDeadline(time.Time{}) }()      // likewise; the connection may serve again
	w.Header().Set("Content-Type", "text/plain; charset=UTF-8")
	w.Header().Set("Cache-Control", "no-store")
	_, err = w.Write(payload)
	if err == nil {
		err = rc.Flush()
	}
	if err != nil { // what was taken is lost
		p.socket.end(writeError(err, p.opts.WriteTimeout))
	}
	p.line.taken()
	return nil
}

// post takes packets in.
func (p *polled) post(w http.ResponseWriter, r *http.Request) *QueryError {
	if strings.HasPrefix(r.Header.Get("Content-Type"), "application/octet-stream") {
		return badRequest // version 3's
	}
	if err := p.line.beginPost(); err != nil {
		if errors.Is(err, errOverlap) {
			p.socket.end(unexpected("two posts at the same time"))
		}
		return badRequest
	}
	defer p.line.endPost()
	rc := http.NewResponseController(w)
	_ = rc.SetReadDeadline(time.Now().Add(bodyTimeout)) // where there is none to be had, the system's holds
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, wire.MaxMessage))
	_ = rc.SetReadDeadline(time.Time{}) // likewise; the connection may serve again
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		p.socket.end(tooBig("a post of more than %d bytes", wire.MaxMessage))
		return &QueryError{http.StatusRequestEntityTooLarge, 3, "Bad request"}
	case err != nil:
		p.socket.end(fmt.Errorf("%w: %w", ErrPeerClosed, &transport.CloseError{Code: transport.CodeAbnormal, Reason: "it hung up in the middle of a post"}))
		return badRequest
	}
	if err := p.line.feed(body); err != nil {
		p.socket.end(err)
		return badRequest
	}
	w.Header().Set("Content-Type", "text/html") // as the stock server: some browsers offer to save plain text
	w.Header().Set("Cache-Control", "no-store")
	_, _ = io.WriteString(w, "ok") // who asked is gone
	return nil
}

// upgrade goes on as a WebSocket when the client has found that one works.
func (p *polled) upgrade(w http.ResponseWriter, r *http.Request) *QueryError {
	if !p.line.beginUpgrade() {
		return badRequest
	}
	attached := false
	ws, err := upgrader(p.opts).Upgrade(w, r, nil)
	if err != nil {
		_, _ = p.line.endUpgrade(nil, 0) // nothing is written
		return nil                       // it is answered
	}
	defer func() {
		if !attached {
			_ = ws.Close() // it is given up
		}
	}()
	until := time.Now().Add(upgradeTimeout)
	_ = ws.NetConn().SetReadDeadline(until) // a closed connection says so when it is used
	_ = ws.SetWriteDeadline(until)          // it only stores the time
	ws.SetReadLimit(maxProbe + 1)
	expect := func(want string) bool {
		kind, message, err := ws.ReadMessage()
		return err == nil && kind == websocket.TextMessage && string(message) == want
	}
	works := expect("2probe") && ws.WriteMessage(websocket.TextMessage, []byte("3probe")) == nil
	if works {
		p.line.hurry() // the client waits for the answer to its poll
		works = expect("5")
	}
	if !works {
		_, _ = p.line.endUpgrade(nil, 0) // nothing is written; its client may try again as soon as it is closed
		return nil
	}
	_ = ws.NetConn().SetReadDeadline(time.Time{}) // as above
	ws.SetReadLimit(0)
	p.socket.handle(ws)
	if attached, err = p.line.endUpgrade(ws, p.opts.WriteTimeout); err != nil {
		p.socket.end(writeError(err, p.opts.WriteTimeout))
	}
	if attached {
		p.socket.mu.Lock()
		p.socket.direct = newDirect(ws.NetConn())
		p.socket.mu.Unlock()
	}
	return nil
}

// line is what a Socket writes to and reads from: a WebSocket, or a pollLine, which may become one.
type line interface {
	NextReader() (kind int, r io.Reader, err error)
	WriteMessage(kind int, data []byte) error
	WriteControl(kind int, data []byte, until time.Time) error
	EnableWriteCompression(bool)
	SetWriteDeadline(time.Time) error
	NetConn() net.Conn
	RemoteAddr() net.Addr
	Close() error
}

var (
	errOverlap  = errors.New("another request is being served")
	errUpgraded = errors.New("this session is a WebSocket")
)
