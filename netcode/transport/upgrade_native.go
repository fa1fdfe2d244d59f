//go:build !js

package transport

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"strings"

	"github.com/gorilla/websocket"
)

// Upgrade turns an HTTP request into the relay's end of a connection. When it cannot, it has
// answered the request with a status and a plain text sentence (403 for an Origin that is neither
// the relay's own nor in Options.Origins, else mostly 400), and the error tells the same.
func Upgrade(w http.ResponseWriter, r *http.Request, opts Options) (Conn, error) {
	c, err := upgrade(w, r, opts.withDefaults(), nil)
	if err != nil {
		return nil, err
	}
	return c, nil
}

// upgrade is Upgrade with an answer that has a header besides.
func upgrade(w http.ResponseWriter, r *http.Request, opts Options, header http.Header) (*wsConn, error) {
	if offered := websocket.Subprotocols(r); len(offered) > 0 {
		// A browser would kill a connection that ignores the protocols it asked for, without a
		// word to its user; so say it here.
		err := fmt.Errorf("subprotocols are not used here, %q was asked for", offered)
		http.Error(w, err.Error(), http.StatusBadRequest)
		return nil, err
	}
	if err := CheckOrigin(r, opts.Origins); err != nil {
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
			} else if Stripped(r) {
				words = "a proxy in between does not pass the headers Upgrade and Connection on"
			}
			w.Header().Set("Sec-Websocket-Version", "13")
			http.Error(w, words, status)
		},
	}
	ws, err := up.Upgrade(guarding{w}, r, header)
	if err != nil {
		return nil, fmt.Errorf("no WebSocket connection from %s: %w", r.RemoteAddr, err)
	}
	return newWSConn(ws, opts, r.RemoteAddr), nil
}

// Stripped reports whether a request was for a WebSocket when it left its client, and a proxy has taken
// that off it.
func Stripped(r *http.Request) bool {
	return r.Header.Get("Sec-Websocket-Key") != "" && !websocket.IsWebSocketUpgrade(r)
}

// guarding guards a connection when it stops being HTTP's.
type guarding struct{ http.ResponseWriter }

// Hijack takes the connection over.
func (g guarding) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, rw, err := http.NewResponseController(g.ResponseWriter).Hijack()
	if err != nil {
		return nil, nil, err
	}
	return Guard(conn), rw, nil
}

// CheckOrigin answers an error, in words for the page's user and the relay's operator, when a request
// comes from a web page that may not use the relay: neither its own page nor one of list. Test with
// errors.Is(err, ErrOrigin).
func CheckOrigin(r *http.Request, list []string) error {
	header := r.Header["Origin"]
	switch {
	case len(header) == 0:
		return nil
	case len(header) > 1:
		return fmt.Errorf("%w: the request names %d of them", ErrOrigin, len(header))
	case header[0] == "" || !allows(list, header[0], r.Host):
		return fmt.Errorf("%w: pages from %q may not use this relay unless its operator lists them with -origins", ErrOrigin, clipReason(header[0]))
	}
	return nil
}
