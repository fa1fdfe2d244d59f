//go:build !js

package relay

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"tandem/netcode/protocol"
	"tandem/netcode/transport"
)

// What HTTP may take. Once it is a peer's, a connection has the times of its transport instead.
const (
	// maxHeader is for a browser's cookies and more.
	maxHeader = 16 << 10
	// pageTimeout is how long an answer may take: the browser's client over a slow line.
	pageTimeout = 5 * time.Minute
	// idleTimeout is how long a connection without a request is kept.
	idleTimeout = 30 * time.Second
)

// front serves the relay's HTTP.
type front struct{ mux *http.ServeMux }

func (s *Server) routes() {
	s.mux = http.NewServeMux()
	s.mux.HandleFunc("GET /ws", s.serveWS)
	s.mux.HandleFunc("GET /healthz", s.serveHealth)
	s.routeMetrics()
	s.routeOriginal()
}

// Handle serves pattern, as http.ServeMux reads it, with h. It is to be called before Serve.
func (s *Server) Handle(pattern string, h http.Handler) { s.mux.Handle(pattern, h) }

// ServeHTTP answers /ws, /healthz, /metrics, the original system's paths and what Handle has added.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	r.RemoteAddr = behind(s.opts.TrustedProxies, r.RemoteAddr, r.Header.Values("X-Forwarded-For"))
	if s.original != nil && r.Method == http.MethodGet && r.URL.Path == "/" {
		if _, taken := s.mux.Handler(r); taken == "" {
			s.original.home(w, r)
			return
		}
	}
	s.mux.ServeHTTP(w, r)
}

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
func (s *Server) Serve(ctx context.Context, ln net.Listener) error { return s.serve(ctx, s.door(ln)) }

// ServeTLS is Serve for wss:// and https:// addresses.
func (s *Server) ServeTLS(ctx context.Context, ln net.Listener, cert *Certificate) error {
	return s.serve(ctx, tls.NewListener(s.door(ln), cert.Config()))
}

func (s *Server) serve(ctx context.Context, ln net.Listener) error {
	hs := &http.Server{Handler: s, ReadTimeout: s.opts.HandshakeTimeout, WriteTimeout: pageTimeout,
		IdleTimeout: idleTimeout, MaxHeaderBytes: maxHeader,
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
	if len(s.opts.Key) > 0 {
		s.Restart() // whoever starts it again finds the matches where they were
	} else {
		s.Close()
	}
	sctx, cancel := context.WithTimeout(context.Background(), shutdownGrace)
	defer cancel()
	err := hs.Shutdown(sctx)
	if errors.Is(err, context.DeadlineExceeded) {
		// A page that loads slowly, or a line on which nothing was asked for yet: browsers keep some in
		// reserve. They get no more time, and that they were there is no fault of this relay.
		err = hs.Close()
	}
	if err != nil {
		return fmt.Errorf("stopping the relay: %w", err)
	}
	return nil
}

func (s *Server) serveHealth(w http.ResponseWriter, _ *http.Request) {
	h := map[string]any{"status": "ok", "rooms": s.Rooms(), "connections": s.Connections()}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	if err := json.NewEncoder(w).Encode(h); err != nil {
		s.opts.Log.Debug("healthz", "error", err)
	}
}

func (s *Server) serveWS(w http.ResponseWriter, r *http.Request) {
	conn, err := transport.Upgrade(w, r, transport.Options{MaxMessage: protocol.MaxFrame, Origins: s.opts.Origins})
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
