//go:build !js

package relay

import (
	"net/http"

	"github.com/prometheus/client_golang/prometheus"

	"tandem/netcode/protocol"
)

// Front serves another protocol on the relay's port. Its connections count among the relay's, and end with
// it.
type Front interface {
	// Routes adds the paths that it serves.
	Routes(mux *http.ServeMux)
	// Home answers GET / where no page is served.
	Home(w http.ResponseWriter, r *http.Request)
	// Plays reports whether a request is of somebody who plays by its protocol, and not for a page.
	Plays(r *http.Request) bool
	// Counts reports whether the front itself counts the requests of whoever sends this one.
	Counts(r *http.Request) bool
	// Connections returns how many connections it has.
	Connections() int
	// Close ends them all with a reason, and returns when that is done.
	Close()
}

// Options returns what the server was made with, the defaults filled in, but not its key.
func (s *Server) Options() Options {
	o := s.opts
	o.Key = nil
	return o
}

// Registry is where a Front registers its metrics.
func (s *Server) Registry() prometheus.Registerer { return s.metrics.registry }

// Admit counts a connection of a Front in; release gives it back.
func (s *Server) Admit(remote string) (release func(), refusal *protocol.Error) {
	n := s.Connections()
	if n >= s.opts.MaxConns {
		return nil, protocol.Errorf(protocol.CodeServerFull, "The relay is full: it serves %d connections already. Try again later, or use another relay.", n)
	}
	release, no := s.admission.conn(placeOf(remote), s.opts.Now(), s.opts.MaxConns, s.opts.MaxConns-n)
	if no != nil {
		return nil, no.refusal(protocol.CodeConnectLimit, "connections", "Close some")
	}
	return release, nil
}

// Refused counts and logs that a Front has sent somebody away.
func (s *Server) Refused(remote string, code protocol.Code, reason string) {
	s.refused(remote, code, reason)
}

// Dropped counts a connection that a Front has cut off because it did not keep up.
func (s *Server) Dropped() { s.metrics.drop() }
