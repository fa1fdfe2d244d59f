package peer

import (
	"context"

	"tandem/netcode/original/wire"
	"tandem/netcode/transport"
)

// Options adjust a connection; see the native side.
type Options struct {
	Subject string
	Parser  wire.Parser
}

// Dial refuses: a page cannot visit another server's pages in a participant's name.
func Dial(_ context.Context, address string, _ Options) (transport.Conn, error) {
	words := "a relay of the original system cannot be reached from a browser: use the program for this computer, or open the relay's own page"
	return nil, &transport.DialError{Address: address, Words: words, Err: transport.ErrClosed}
}
