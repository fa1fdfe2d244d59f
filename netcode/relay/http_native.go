//go:build !js

package relay

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"path"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"tandem/netcode/protocol"
	"tandem/netcode/transport"
)

// What HTTP may take. Once it is a peer's, a connection has the times of its transport instead.
const (
	// maxHeader is for a browser's cookies and more.
	maxHeader = 16 << 10
	// pageTimeout is how long an answer may take: the browser's client over a slow connection.
	pageTimeout = 5 * time.Minute
	// idleTimeout is how long a connection without a request is kept.
	idleTimeout = 30 * time.Second
)

// web serves the relay's HTTP.
type web struct {
	mux   *http.ServeMux
	hints hints
	proxy proxyHint
	hosts hosts
	cert  *Certificate // of ServeTLS; nil without TLS

	datagrams     *transport.Datagrams // nil where they are not taken
	datagramConns atomic.Int32         // QUIC connections

	operators net.Listener // of ServeMetrics; nil without
}

func (s *Server) routes() {
	s.mux, s.hosts = http.NewServeMux(), newHosts(&s.opts)
	s.mux.HandleFunc("GET /ws", s.serveWS)
	s.mux.HandleFunc("GET /ws/why", s.serveWhy)
	s.mux.HandleFunc("GET /healthz", s.serveHealth)
	s.mux.HandleFunc("GET /metrics", serveElsewhere)
	if s.opts.Front != nil {
		s.front = s.opts.Front(s)
		s.front.Routes(s.mux)
	}
}

// Handle serves pattern, as http.ServeMux reads it, with h. It is to be called before Serve.
func (s *Server) Handle(pattern string, h http.Handler) {
	s.mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
		h.ServeHTTP(w, r)
		if n, err := strconv.ParseInt(w.Header().Get("Content-Length"), 10, 64); err == nil && r.Method != http.MethodHead {
			s.admission.had(placeOf(r.RemoteAddr), s.opts.Now(), n)
		}
	})
}

// tooMany answers a request of an address that makes too many, and reports whether it is one. Polls of
// somebody who is here are counted by what is in them.
func (s *Server) tooMany(w http.ResponseWriter, r *http.Request) bool {
	if s.front != nil && s.front.Counts(r) || s.admission.mayAsk(placeOf(r.RemoteAddr), s.opts.Now()) {
		return false
	}
	words := errAsks.Error()
	s.refused(r.RemoteAddr, protocol.CodeTooFrequent, words)
	w.Header().Set("Retry-After", "5")
	w.Header().Set("Connection", "close") // another one is counted as well
	http.Error(w, words, http.StatusTooManyRequests)
	return true
}

// ServeHTTP answers players: /ws, /healthz, a Front's paths and what Handle has added, also
// below BasePath. Nothing of it tells what goes on inside.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.strict(w, r)
	if s.misdirected(w, r, s.idle(r)) {
		return
	}
	s.proxy.look(s, r)
	if at, ok := addressOf(r.RemoteAddr); ok && trusted(s.opts.TrustedProxies, at) {
		if name := r.Header.Get("X-Forwarded-Host"); name != "" {
			r.Host = name // what the proxy was called
		}
	}
	r.RemoteAddr = behind(s.opts.TrustedProxies, r.RemoteAddr, r.Header.Values("X-Forwarded-For"))
	if s.tooMany(w, r) {
		return
	}
	if base := s.opts.BasePath; base != "" {
		if r.URL.Path == base { // relative links of the page need the slash
			toFolder(w, r)
			return
		}
		if strings.HasPrefix(r.URL.Path, base+"/") {
			http.StripPrefix(base, http.HandlerFunc(s.serveBelow)).ServeHTTP(w, r)
			return
		}
	}
	s.serveBelow(w, r)
}

// toFolder sends to the same address with a slash at its end.
func toFolder(w http.ResponseWriter, r *http.Request) {
	to := path.Base(r.URL.Path) + "/"
	if r.URL.RawQuery != "" {
		to += "?" + r.URL.RawQuery
	}
	relative(w, to)
}

// relative sends a browser to an address that is relative to the one it asked for: what a proxy has put
// in front of that, only the browser knows.
func relative(w http.ResponseWriter, to string) {
	w.Header().Set("Location", to)
	w.WriteHeader(http.StatusFound)
}

func (s *Server) serveBelow(w http.ResponseWriter, r *http.Request) {
	if s.front != nil && r.Method == http.MethodGet && r.URL.Path == "/" {
		if _, taken := s.mux.Handler(r); taken == "" {
			s.front.Home(w, r)
			return
		}
	}
	s.mux.ServeHTTP(w, r)
}

// Listen opens the players' port; its errors say what to do.
func Listen(addr string) (net.Listener, error) {
	return listenFor(addr, "-listen", "-listen HOST:PORT, for example -listen :7777")
}

// listenFor opens the port that a flag names. example is how to write the flag.
func listenFor(addr, flag, example string) (net.Listener, error) {
	ln, err := net.Listen("tcp", addr)
	if err == nil {
		return ln, nil
	}
	if errors.Is(err, errInUse) {
		return nil, fmt.Errorf("the address %s is in use: stop the program that uses it, or choose another port with %s", addr, flag)
	}
	if errors.Is(err, errDenied) {
		return nil, fmt.Errorf("this user may not listen on %s: choose a port from 1024 up with %s", addr, flag)
	}
	return nil, fmt.Errorf("cannot listen on %s (%w): write %s", addr, err, example)
}

// Serve answers connections of ln until ctx ends, then tells every player why and returns.
func (s *Server) Serve(ctx context.Context, ln net.Listener) error { return s.serve(ctx, s.limit(ln)) }

// ServeTLS is Serve for wss:// and https:// addresses.
func (s *Server) ServeTLS(ctx context.Context, ln net.Listener, cert *Certificate) error {
	s.cert = cert
	return s.serve(ctx, tls.NewListener(s.limit(ln), cert.Config()))
}

func (s *Server) serve(ctx context.Context, ln net.Listener) error {
	hs := &http.Server{Handler: s, ReadTimeout: s.opts.HandshakeTimeout, WriteTimeout: pageTimeout,
		IdleTimeout: idleTimeout, MaxHeaderBytes: maxHeader,
		// What strangers do wrong is no news.
		ErrorLog: slog.NewLogLogger(s.opts.Log.Handler(), slog.LevelDebug)}
	defer s.monitor()()
	failed := make(chan error, 1)
	go func() { failed <- hs.Serve(ln) }()
	if s.datagrams != nil {
		var work sync.WaitGroup
		work.Go(func() { s.datagrams.Serve(ctx, s.ServeConn) })
		defer func() {
			if err := s.datagrams.Close(); err != nil {
				s.opts.Log.Debug("closing the port for datagrams", "error", err)
			}
			work.Wait()
		}()
	}
	select {
	case err := <-failed:
		s.Close()
		return fmt.Errorf("the relay stopped: %w", err)
	case <-ctx.Done():
	}
	if len(s.opts.Key) > 0 {
		s.Restart() // whoever starts it again finds the matches where they were
	} else {
		s.Close()
	}
	sctx, cancel := context.WithTimeout(context.Background(), shutdownGrace)
	defer cancel()
	err := hs.Shutdown(sctx)
	if errors.Is(err, context.DeadlineExceeded) {
		// A page that loads slowly, or a connection on which nothing was asked for yet: browsers keep some in
		// reserve. They get no more time, and that they were there is no fault of this relay.
		err = hs.Close()
	}
	if err != nil {
		return fmt.Errorf("stopping the relay: %w", err)
	}
	return nil
}

func (s *Server) serveWS(w http.ResponseWriter, r *http.Request) {
	s.hint(r)
	conn, err := s.datagrams.Upgrade(w, r, transport.Options{MaxMessage: protocol.MaxFrame, Origins: s.opts.Origins})
	if errors.Is(err, transport.ErrJoined) {
		return
	}
	if errors.Is(err, transport.ErrOrigin) {
		s.refused(r.RemoteAddr, protocol.CodeOrigin, err.Error())
		return
	}
	if err != nil {
		s.refused(r.RemoteAddr, protocol.CodeMalformed, err.Error())
		return
	}
	s.ServeConn(conn)
}
