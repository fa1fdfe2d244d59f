//go:build !js

package relay

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"

	"tandem/netcode/protocol"
	"tandem/netcode/transport"
)

// A browser does not tell a page why a WebSocket was refused. The page asks
//
//	GET /ws/why?origin=https%3A%2F%2Fplay.example&protocol=2
//
// by the same way, and gets the relay's opinion as JSON: {"admits": BOOL, "words": "..."}. It holds no
// secret, and pages from anywhere may read it.
//
// What is usually in the way is a proxy: one that hides the name it was called by, so that the page
// seems to be a stranger's, or one that takes the wish for a WebSocket off the request.

// maxHints bounds the lines about this in the log: an operator needs one of each kind, and whoever
// sends requests must not write them.
const maxHints = 8

// hints are told to the operator once each.
type hints struct {
	mu   sync.Mutex
	told map[string]bool
}

// first reports whether a hint is new.
func (h *hints) first(hint string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.told[hint] || len(h.told) >= maxHints {
		return false
	}
	if h.told == nil {
		h.told = map[string]bool{}
	}
	h.told[hint] = true
	return true
}

// hint tells the operator why pages cannot connect, and what to do, where a request shows that.
func (s *Server) hint(r *http.Request) {
	switch {
	case transport.CheckOrigin(r, s.opts.Origins) != nil:
		origin := strings.Join(r.Header["Origin"], ", ")
		if s.hints.first(origin + "\n" + r.Host) {
			s.opts.Log.Warn("a page was refused, because it does not come from the name that this relay was called by; "+
				"if a proxy is in between, let it pass the name on (nginx: proxy_set_header Host $http_host), else list the page with -origins",
				"page", origin, "called", r.Host, "remote", r.RemoteAddr)
		}
	case transport.Stripped(r):
		if s.hints.first("stripped") {
			s.opts.Log.Warn("a WebSocket was asked for through a proxy that does not pass the headers Upgrade and Connection on "+
				"(nginx: proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection $connection_upgrade)", "remote", r.RemoteAddr)
		}
	}
}

// serveWhy tells a page whether the relay would admit it, or why not.
func (s *Server) serveWhy(w http.ResponseWriter, r *http.Request) {
	answer := struct {
		Admits bool   `json:"admits"`
		Words  string `json:"words"`
	}{}
	answer.Words, answer.Admits = s.why(r)
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Access-Control-Allow-Origin", "*")
	if err := json.NewEncoder(w).Encode(&answer); err != nil {
		s.opts.Log.Debug("why", "error", err)
	}
}

func (s *Server) why(r *http.Request) (words string, admits bool) {
	q := r.URL.Query()
	origin := q.Get("origin")
	asked := &http.Request{Host: r.Host, RemoteAddr: r.RemoteAddr, Header: http.Header{}}
	if origin != "" {
		asked.Header.Set("Origin", origin)
	}
	version, err := strconv.ParseUint(q.Get("protocol"), 10, 32)
	switch {
	case transport.CheckOrigin(asked, s.opts.Origins) != nil && r.Header.Get("Origin") == "" && sameHost(origin):
		// A browser names no origin where a page asks its own server.
		s.hint(asked)
		return fmt.Sprintf("The page comes from %s, but the relay is called %q by the proxy in front of it, and takes the page for a stranger's. "+
			"Whoever runs the relay has to let the proxy pass the name on.", origin, r.Host), false
	case transport.CheckOrigin(asked, s.opts.Origins) != nil:
		s.hint(asked)
		return fmt.Sprintf("Pages from %q may not use this relay, unless whoever runs it allows them to.", origin), false
	case err == nil && version != protocol.Version:
		return "The game on this page and the relay are of different versions. Reload the page to get the relay's.", false
	}
	return "The relay is there and takes this page, but no WebSocket comes through to it: a proxy in between has to pass the headers Upgrade and Connection on.", true
}

// sameHost reports whether an origin can be the address of a page at all.
func sameHost(origin string) bool {
	u, err := url.Parse(origin)
	return err == nil && u.Host != "" && len(origin) < 300
}
