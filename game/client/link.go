package client

import (
	"context"
	"errors"
	"time"

	"tandem/netcode/protocol"
	"tandem/netcode/transport"
)

// link is one connection to the relay: a goroutine that reads, and a Sender that writes. When it
// breaks, the client may make another.
type link struct {
	conn   transport.Conn
	sender *transport.Sender
	inbox  chan []byte
	broken chan error    // why the reader has ended; it sends this last
	over   chan struct{} // nobody takes what is read any more
}

// dialled is what became of an attempt to connect again.
type dialled struct {
	conn transport.Conn
	err  error
}

// redialWait is how long the client waits before each attempt to connect again: at once, because
// most breaks are short, then longer, because a relay that restarts is not helped by a crowd. The
// last one repeats until the peer gives up.
var redialWait = []time.Duration{50 * time.Millisecond, 250 * time.Millisecond, 500 * time.Millisecond, time.Second, 2 * time.Second}

// open starts the goroutines of a connection.
func (c *Client) open(conn transport.Conn) {
	l := &link{conn: conn, sender: transport.NewSender(conn, c.senderOptions()),
		inbox: make(chan []byte, inboxSize), broken: make(chan error, 1), over: make(chan struct{})}
	if c.match != nil {
		l.sender.SetBatchWindow(c.peer.Room().BatchWindow)
	}
	c.link = l
	c.work.Go(func() { c.read(l) })
}

// senderOptions let messages leave together where the relay can tell them apart again.
func (c *Client) senderOptions() transport.SenderOptions {
	if c.guest != nil {
		return c.guest.SenderOptions()
	}
	return transport.SenderOptions{}
}

// read hands what arrives to the loop until the connection is over.
func (c *Client) read(l *link) {
	for {
		data, err := l.conn.Read()
		if err != nil {
			l.broken <- err
			return
		}
		var b []byte
		select {
		case b = <-c.free:
		default:
		}
		select {
		case l.inbox <- append(b[:0], data...):
		case <-l.over:
			return
		}
	}
}

// shut ends the connection with a goodbye, in the background.
func (c *Client) shut(code protocol.Code, words string) {
	l := c.link
	if l == nil {
		return
	}
	c.link = nil
	close(l.over)
	l.sender.Close(transport.Code(protocol.CloseBase+uint16(code)), words)
	c.work.Go(func() { <-l.sender.Done() })
}

// redial tries to connect again after a while, in the background; the loop hears of it.
func (c *Client) redial(ctx context.Context) {
	wait := redialWait[min(c.attempts, len(redialWait)-1)]
	c.attempts++
	c.work.Go(func() {
		t := time.NewTimer(wait)
		defer t.Stop()
		select {
		case <-t.C:
		case <-ctx.Done():
			return
		}
		conn, err := c.cfg.Dial(ctx)
		select {
		case c.again <- dialled{conn, err}:
		case <-ctx.Done():
			if err == nil {
				hangUp(conn)
			}
		}
	})
}

func hangUp(conn transport.Conn) {
	// The far end learns no more from a code than from the silence, and nobody is left to tell.
	_ = conn.Close(transport.CodeNormal, "")
}

// loss says why the connection is over, with the relay's code where it gave one. final says that the relay
// wants it so: connecting again would be no use.
func (c *Client) loss(err error) (code protocol.Code, text string, final bool) {
	var ce *transport.CloseError
	if !errors.As(err, &ce) {
		return protocol.CodeGone, c.words.RelayLostBy(err.Error()), false
	}
	// A match that went well ends with end_game; a close alone never means that.
	if ce.Code > protocol.CloseBase && ce.Code < protocol.CloseBase+256 {
		code := protocol.Code(ce.Code - protocol.CloseBase)
		text := ce.Reason
		if text == "" {
			text = c.words.RelayClosed(code)
		}
		return code, text, code != protocol.CodeGone && code != protocol.CodeSlow && code != protocol.CodeSilent && code != protocol.CodeBusy
	}
	if ce.Code == transport.CodeTooBig || ce.Code == transport.CodeUnsupported {
		return protocol.CodeTooLarge, c.words.RelayRefused(ce.Reason), true
	}
	return protocol.CodeGone, c.words.RelayLost, false
}
