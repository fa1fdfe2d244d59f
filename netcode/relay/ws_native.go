//go:build !js

package relay

import (
	"net/http"

	"tandem/netcode/protocol"
	"tandem/netcode/transport"
)

func (s *Server) routeWS() { s.mux.HandleFunc("GET /ws", s.serveWS) }

func (s *Server) serveWS(w http.ResponseWriter, r *http.Request) {
	conn, err := transport.Upgrade(w, r, transport.Options{MaxMessage: protocol.MaxFrame, Origins: s.opts.Origins})
	if err != nil {
		s.opts.Log.Info("connection refused", "remote", r.RemoteAddr, "error", err)
		return
	}
	s.ServeConn(conn)
}
