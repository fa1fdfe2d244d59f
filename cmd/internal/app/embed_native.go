//go:build !js

package app

import (
	"context"
	"log/slog"

	"tandem/netcode/original/server"
	"tandem/netcode/protocol"
	"tandem/netcode/relay"
	"tandem/netcode/transport"
)

// Embedded is a relay inside this process.
type Embedded struct {
	URL    string // for peers of this process
	Addr   string // what it listens on
	Pin    string // of its certificate for datagrams, see transport.Pin; "" where it takes none
	Server *relay.Server

	cancel context.CancelFunc
	done   chan error
}

// Embed starts a relay on addr.
func Embed(addr string, log *slog.Logger) (*Embedded, error) { return embed(addr, log, nil) }

// EmbedOriginal starts a relay that clients of the original system can use, too.
func EmbedOriginal(addr string, log *slog.Logger) (*Embedded, error) {
	return embed(addr, log, server.New(server.Options{}))
}

func embed(addr string, log *slog.Logger, front func(*relay.Server) relay.Front) (*Embedded, error) {
	ln, err := relay.Listen(addr)
	if err != nil {
		return nil, &UsageError{err}
	}
	ctx, cancel := context.WithCancel(context.Background())
	e := &Embedded{Server: relay.New(relay.Options{Program: Program("tandem"), Embedded: true, Log: log, Front: front}), Addr: ln.Addr().String(),
		cancel: cancel, done: make(chan error, 1)}
	e.URL = "ws://" + Loopback(e.Addr)
	if err := e.Server.TakeDatagrams(ln, nil); err != nil {
		log.Warn("datagrams are not used; everything travels by WebSocket", "reason", err)
	}
	e.Pin = e.Server.Pin()
	go func() { e.done <- e.Server.Serve(ctx, ln) }()
	return e, nil
}

// Stop ends the relay and tells its players.
func (e *Embedded) Stop() error {
	e.cancel()
	return <-e.done
}

// Dial connects to the relay as any peer does.
func (e *Embedded) Dial(ctx context.Context) (transport.Conn, error) {
	return transport.Dial(ctx, e.URL, transport.Options{MaxMessage: protocol.MaxFrame})
}
