package client_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"tandem/game/client"
	"tandem/netcode/protocol"
	"tandem/netcode/transport"
)

// gusher is a connection that pours out garbage and takes what it is sent only slowly.
type gusher struct {
	closed chan struct{}
	reads  int
}

func (g *gusher) Read() ([]byte, error) {
	select {
	case <-g.closed:
		return nil, transport.ErrClosed
	case <-time.After(100 * time.Microsecond): // virtual
		g.reads++
		return []byte{0xc1}, nil
	}
}

func (g *gusher) Write([]byte) error {
	time.Sleep(500 * time.Millisecond) // virtual: the reader's queue fills over and over meanwhile
	return nil
}

func (g *gusher) Close(transport.Code, string) error {
	close(g.closed)
	return nil
}

func (g *gusher) Remote() string { return "gusher" }

// TestRunEndsUnderAFlood: once the match is over nobody takes what still arrives, and the goroutine
// that reads must end all the same.
func TestRunEndsUnderAFlood(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := &gusher{closed: make(chan struct{})}
		c := client.New(client.Config{Dial: func(context.Context) (transport.Conn, error) { return g, nil }})
		end, err := c.Run(t.Context())
		if end.Code != protocol.CodeMalformed || err == nil {
			t.Errorf("ended with %+v, %v", end, err)
		}
		if g.reads > 1200 { // a queue of 1024, and what came before the end
			t.Errorf("%d messages were taken after the end", g.reads)
		}
	})
}
