//go:build !js

package relay

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"
	"golang.org/x/net/netutil"
)

// What goes on inside a relay is its operator's business. It has a port of its own, whose connections
// and requests take nothing from the players' limits:
//
//	GET /metrics   for Prometheus
//	GET /healthz   {"status":"ok","program":…,"up_s":…,"rooms":…,"connections":…}
//
// On the players' port /healthz says "ok" alone.

const (
	// monitorLines is how many connections the operator's port has at one time: a few scrapers' and a
	// browser's. More of them wait.
	monitorLines = 32
	// monitorTimeout is how long a request or its answer may take.
	monitorTimeout = 10 * time.Second
	// goingDown is what /healthz says, with 503, from the moment at which a relay is asked to end.
	goingDown = "shutting down"
	// elsewhere is what the players' port says of /metrics.
	elsewhere = "The metrics are not here, on the players' port: the relay serves them on an address of their own, where it was started with -metrics ADDR."
)

// ListenMetrics opens the operator's port, for ServeMetrics. A port alone, with or without a colon, is
// one that only this computer reaches: 127.0.0.1. Its errors say what to do.
func ListenMetrics(addr string) (net.Listener, error) {
	host, port, err := net.SplitHostPort(addr)
	if _, number := strconv.Atoi(addr); number == nil {
		host, port, err = "", addr, nil
	}
	if err == nil && host == "" {
		addr = net.JoinHostPort("127.0.0.1", port)
	}
	return listenFor(addr, "-metrics", "-metrics PORT or -metrics HOST:PORT, for example -metrics 9100")
}

// ServeMetrics has Serve and ServeTLS serve the operator's port, too. They close it last, so that the end
// of the matches can be watched. It is to be called before them.
func (s *Server) ServeMetrics(ln net.Listener) { s.operators = ln }

// monitor serves the operator's port until the function that it returns is called.
func (s *Server) monitor() (stop func()) {
	if s.operators == nil {
		return func() {}
	}
	hs := &http.Server{Handler: s.Monitor(), ReadTimeout: monitorTimeout, WriteTimeout: monitorTimeout, IdleTimeout: idleTimeout,
		MaxHeaderBytes: maxHeader, ErrorLog: slog.NewLogLogger(s.opts.Log.Handler(), slog.LevelDebug)}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		if err := hs.Serve(netutil.LimitListener(s.operators, monitorLines)); !errors.Is(err, http.ErrServerClosed) {
			s.opts.Log.Error("metrics are not served any more; the matches go on", "error", err)
		}
	}()
	return func() {
		if err := hs.Close(); err != nil {
			s.opts.Log.Debug("closing the port of the metrics", "error", err)
		}
		<-ended
	}
}

// Monitor answers what operators ask: see ServeMetrics.
func (s *Server) Monitor() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(s.metrics.registry, promhttp.HandlerOpts{MaxRequestsInFlight: monitorLines}))
	mux.HandleFunc("GET /healthz", s.serveDetail)
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "There are two pages here: /metrics and /healthz.", http.StatusNotFound)
	})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !s.misdirected(w, r, false) { // a page that reads this computer's ports through its visitor's browser
			mux.ServeHTTP(w, r)
		}
	})
}

// health is the relay's own opinion of itself.
func (s *Server) health() (word string, status int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stopping {
		return goingDown, http.StatusServiceUnavailable
	}
	return "ok", http.StatusOK
}

// serveHealth answers whoever only wants to know whether a relay is there: load balancers, and strangers.
func (s *Server) serveHealth(w http.ResponseWriter, _ *http.Request) {
	word, status := s.health()
	h := w.Header()
	h.Set("Content-Type", "text/plain; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	if _, err := fmt.Fprintln(w, word); err != nil {
		s.opts.Log.Debug("healthz", "error", err)
	}
}

func (s *Server) serveDetail(w http.ResponseWriter, _ *http.Request) {
	word, status := s.health()
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	if err := json.NewEncoder(w).Encode(map[string]any{"status": word, "program": s.opts.Program,
		"up_s": int((s.opts.Now() - s.started).Seconds()), "rooms": s.Rooms(), "connections": s.Connections()}); err != nil {
		s.opts.Log.Debug("healthz", "error", err)
	}
}

// serveElsewhere stands where the metrics are looked for first, also because the original's pages take any
// name for a subject's.
func serveElsewhere(w http.ResponseWriter, _ *http.Request) {
	http.Error(w, elsewhere, http.StatusNotFound)
}
