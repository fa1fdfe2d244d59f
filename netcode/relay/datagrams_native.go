//go:build !js

package relay

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"

	"tandem/netcode/protocol"
	"tandem/netcode/transport"
)

// TakeDatagrams lets programs use QUIC, and pages WebTransport, on the number of players' port over UDP, too.
// cert is that of their WebSockets; without one, and for pages where no authority vouches for it, the relay
// makes its own, whose sums it tells them by the WebSocket. It is to be called before Serve, which answers
// there from then on. Without it everything goes on by WebSocket.
func (s *Server) TakeDatagrams(players net.Listener, cert *Certificate) error {
	at, ok := players.Addr().(*net.TCPAddr)
	if !ok {
		return fmt.Errorf("%s has no port number", players.Addr())
	}
	network := "udp" // one socket for IPv4 and IPv6, where TCP has one
	if at.IP.To4() != nil {
		network = "udp4"
	}
	socket, err := net.ListenUDP(network, &net.UDPAddr{IP: at.IP, Port: at.Port, Zone: at.Zone})
	if err != nil {
		if errors.Is(err, errInUse) {
			return fmt.Errorf("port %d is in use for UDP by another program", at.Port)
		}
		return err
	}
	options := transport.DatagramOptions{Options: transport.Options{MaxMessage: protocol.MaxFrame, HandshakeTimeout: s.opts.HandshakeTimeout},
		Admit: s.admitDatagrams, Page: s.admitPage, Refused: s.refusedDatagrams}
	own, err := newOwnCertificates(cert, s.opts.Wall)
	if err == nil {
		options.Config = &tls.Config{GetCertificate: own.choose}
		options.Sum, options.PageSums = own.sum(), own.pageSums
		s.datagrams, err = transport.ListenDatagrams(socket, options)
	}
	if err != nil {
		_ = socket.Close() // it is given up
	}
	return err
}

// Pin names the relay's own certificate for datagrams, see transport.Pin; "" where it has none.
func (s *Server) Pin() string { return s.datagrams.Pin() }

// admitDatagrams admits QUIC connections: they count as TCP connections do.
func (s *Server) admitDatagrams(remote string) func() {
	release := s.admission.connect(placeOf(remote), s.opts.Now())
	if release == nil {
		s.refused(remote, protocol.CodeConnectLimit, "too many QUIC connections from one address")
		return nil
	}
	if int(s.datagramConns.Add(1)) > s.opts.MaxConns+spareConns {
		s.datagramConns.Add(-1)
		release()
		s.refused(remote, protocol.CodeServerFull, "too many QUIC connections")
		return nil
	}
	return func() {
		s.datagramConns.Add(-1)
		release()
	}
}

// errAsks refuses an address that makes too many requests.
var errAsks = errors.New("your address asks for more than this relay answers at once: try again in a few seconds")

// admitPage admits a page's request for WebTransport, as for all others.
func (s *Server) admitPage(r *http.Request) error {
	if words := s.stray(r, false); words != "" {
		return fmt.Errorf("%w: %s", transport.ErrOrigin, words)
	}
	if !s.admission.mayAsk(placeOf(r.RemoteAddr), s.opts.Now()) {
		return errAsks
	}
	return transport.CheckOrigin(r, s.opts.Origins)
}

// refusedDatagrams counts what was refused on the port for datagrams.
func (s *Server) refusedDatagrams(remote string, err error) {
	code := protocol.CodeTooFrequent
	if errors.Is(err, transport.ErrOrigin) {
		code = protocol.CodeOrigin
	}
	s.refused(remote, code, err.Error())
}
