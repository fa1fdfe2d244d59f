//go:build !js

package transport

import (
	"errors"
	"net"
)

// roaming is a UDP socket on which a packet that finds no way is lost, as any packet may be: between one
// network and the next there is none for a moment, and QUIC takes an error of the socket for its end.
type roaming struct{ *net.UDPConn }

// WriteTo sends a packet.
func (r roaming) WriteTo(b []byte, to net.Addr) (int, error) {
	n, err := r.UDPConn.WriteTo(b, to)
	return sent(n, err, len(b))
}

// WriteMsgUDP sends a packet with what the system is to do with it.
func (r roaming) WriteMsgUDP(b, oob []byte, to *net.UDPAddr) (n, oobn int, err error) {
	n, oobn, err = r.UDPConn.WriteMsgUDP(b, oob, to)
	n, err = sent(n, err, len(b))
	return n, oobn, err
}

// sent is what to say of a packet: all of it has left where it found no way.
func sent(n int, err error, whole int) (int, error) {
	for _, none := range []error{errNetUnreachable, errHostUnreachable, errNetDown, errNoAddress} {
		if errors.Is(err, none) {
			return whole, nil
		}
	}
	return n, err
}
