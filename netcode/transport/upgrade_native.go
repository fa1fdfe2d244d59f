//go:build !js

package transport

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/gorilla/websocket"
)

// Upgrade turns an HTTP request into the relay's end of a connection. When it cannot, it has
// answered the request with a status and a plain text sentence (403 for an Origin that is neither
// the relay's own nor in Options.Origins, else mostly 400), and the error tells the same.
func Upgrade(w http.ResponseWriter, r *http.Request, opts Options) (Conn, error) {
	opts = opts.withDefaults()
	if offered := websocket.Subprotocols(r); len(offered) > 0 {
		// A browser would kill a connection that ignores the protocols it asked for, without a
		// word to its user; so say it here.
		err := fmt.Errorf("subprotocols are not used here, %q was asked for", offered)
		http.Error(w, err.Error(), http.StatusBadRequest)
		return nil, err
	}
	if !originAllowed(r, opts.Origins) {
		err := fmt.Errorf("pages from %q may not use this relay", clipReason(r.Header.Get("Origin")))
		http.Error(w, err.Error(), http.StatusForbidden)
		return nil, err
	}
	up := websocket.Upgrader{
		HandshakeTimeout: opts.HandshakeTimeout,
		ReadBufferSize:   ioBuffer,
		WriteBufferSize:  ioBuffer,
		CheckOrigin:      func(*http.Request) bool { return true }, // checked above, in better words
		Error: func(w http.ResponseWriter, r *http.Request, status int, reason error) {
			words := "this address speaks WebSocket only: connect with a Tandem client"
			if websocket.IsWebSocketUpgrade(r) {
				words = strings.TrimPrefix(reason.Error(), "websocket: ")
			}
			w.Header().Set("Sec-Websocket-Version", "13")
			http.Error(w, words, status)
		},
	}
	ws, err := up.Upgrade(w, r, nil)
	if err != nil {
		return nil, fmt.Errorf("no WebSocket connection from %s: %w", r.RemoteAddr, err)
	}
	return newWSConn(ws, opts, r.RemoteAddr), nil
}

// originAllowed tells whether a page may connect. Native clients send no Origin and may: the
// header protects people's browsers, it does not authenticate anybody.
func originAllowed(r *http.Request, list []string) bool {
	header := r.Header["Origin"]
	if len(header) == 0 {
		return true
	}
	if len(header) > 1 {
		return false
	}
	o, err := url.Parse(header[0])
	if err != nil {
		return false
	}
	if o.Host != "" && strings.EqualFold(o.Host, r.Host) {
		return true
	}
	for _, pattern := range list {
		if originMatches(o, pattern) {
			return true
		}
	}
	return false
}

// originMatches compares an origin with an entry of Options.Origins. "https://*.example.org"
// matches every host below example.org, but not example.org itself.
func originMatches(o *url.URL, pattern string) bool {
	if pattern == "*" {
		return true
	}
	scheme, host, ok := strings.Cut(strings.TrimSuffix(pattern, "/"), "://")
	if !ok || o.Host == "" || !strings.EqualFold(scheme, o.Scheme) {
		return false
	}
	if suffix, ok := strings.CutPrefix(host, "*."); ok {
		return len(o.Host) > len(suffix)+1 && strings.EqualFold(o.Host[len(o.Host)-len(suffix)-1:], "."+suffix)
	}
	return strings.EqualFold(host, o.Host)
}
