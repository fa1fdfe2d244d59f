package app

import (
	"context"
	"log/slog"

	"tandem/netcode/transport"
)

// Embedded is a relay inside this program, which a page has none of: nobody could reach it.
type Embedded struct{ URL, Addr, Pin string }

// Embed refuses.
func Embed(string, *slog.Logger) (*Embedded, error) {
	return nil, Usagef("a page cannot run a relay: open it from the relay that you want to play on")
}

// EmbedOriginal refuses as well.
func EmbedOriginal(addr string, log *slog.Logger) (*Embedded, error) { return Embed(addr, log) }

// Dial is never called: there is no Embedded.
func (*Embedded) Dial(context.Context) (transport.Conn, error) { return nil, transport.ErrClosed }

// Stop is never called either.
func (*Embedded) Stop() error { return nil }
