package app

import (
	"context"
	"log/slog"

	"tandem/netcode/protocol"
	"tandem/netcode/relay"
	"tandem/netcode/transport"
)

// Embedded is a relay inside this page: nobody outside can reach it.
type Embedded struct {
	URL    string
	Addr   string
	Pin    string
	Server *relay.Server
}

// Embed starts a relay. A page cannot listen, so the address is ignored.
func Embed(_ string, log *slog.Logger) (*Embedded, error) {
	return &Embedded{URL: "this page", Addr: "this page",
		Server: relay.New(relay.Options{Program: Program("tandem-relay"), Log: log})}, nil
}

// EmbedOriginal refuses: a page cannot listen for clients of the original system.
func EmbedOriginal(string, *slog.Logger) (*Embedded, error) {
	return nil, Usagef("a page cannot run a relay of the original system")
}

// Dial connects to the relay in memory.
func (e *Embedded) Dial(context.Context) (transport.Conn, error) {
	opts := transport.Options{MaxMessage: protocol.MaxFrame}
	near, far := transport.PipeOptions(opts, opts)
	go e.Server.ServeConn(far)
	return near, nil
}

// Stop ends the relay and tells its players.
func (e *Embedded) Stop() error {
	e.Server.Close()
	return nil
}
