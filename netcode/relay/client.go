package relay

import (
	"errors"
	"fmt"
	"log/slog"
	"time"

	"tandem/netcode/protocol"
	"tandem/netcode/session"
	"tandem/netcode/transport"
)

// maxGreetings is how many transport messages a connection may send before it has joined: hello and
// join, and pings for as long as the handshake may take.
const maxGreetings = 64

// client is one connection. Its goroutine reads; a Sender writes once it is in a room.
type client struct {
	id     session.ConnID
	server *Server
	conn   transport.Conn
	log    *slog.Logger
	sender *transport.Sender // made by the room's goroutine when it takes the client, under server.mu
	room   *room             // guarded by server.mu
	slow   bool              // it does not take what it is sent; belongs to the room's goroutine

	penalty time.Duration // for how long the answer to its wrong code is held back
	place   place         // what limits per address count it by
	release func()        // gives its place in them back
}

func (c *client) serve() {
	join, ok := c.handshake()
	if !ok {
		return
	}
	r, refused := c.enter(join)
	if refused != nil {
		c.serveTime()
		c.server.turnAway(c.conn, nil, refused)
		return
	}
	for {
		data, err := c.conn.Read()
		if err != nil {
			c.log.Debug("connection over", "error", err)
			c.tellWhy(err)
			if r.post(event{client: c, input: session.RoomInput{Kind: session.InputClosed, Conn: c.id, Unloads: unloads(err)}}) {
				// A connection that is half open may still carry this to a player who is about to come back: the room
				// has not ended.
				c.close(protocol.CodeGone, "the connection is over")
			}
			break
		}
		buf := r.buffer()
		if !r.post(event{client: c, input: session.RoomInput{Kind: session.InputMessage, Conn: c.id, Data: append(buf, data...)}}) {
			break
		}
	}
	// The connection is over, or the room is and has said why; only the first close counts.
	c.close(protocol.CodeRoomOver, "the room has ended")
	<-c.sender.Done()
}

// serveTime holds the answer to a wrong code back, as long as the relay runs. Nobody reads here: that the
// far end has hung up does not give the place of its connection back.
func (c *client) serveTime() {
	if c.penalty <= 0 {
		return
	}
	over := time.NewTimer(c.penalty)
	defer over.Stop()
	select {
	case <-over.C:
	case <-c.server.leave:
	}
}

// enter brings the client into the room its join asks for. A room that ends meanwhile does not take
// it: then there is no such room any more, and it is looked for, or made, again.
func (c *client) enter(join *protocol.Join) (*room, *protocol.Error) {
	ended := false
	for {
		r, refused := c.server.roomFor(c, join)
		if refused != nil {
			if ended && refused.Code == protocol.CodeNoRoom {
				refused = protocol.Errorf(protocol.CodeRoomOver, "The match of room %s has just ended; host a new one.", join.Room)
			}
			return nil, refused
		}
		if r.join(c, join) {
			return r, nil
		}
		ended = true
	}
}

// handshake reads hello and join. It answers false when the connection was refused or lost.
func (c *client) handshake() (*protocol.Join, bool) {
	// The transport's own limit in time is made for play; a stranger gets less.
	patience := c.server.opts.HandshakeTimeout
	limit := time.AfterFunc(patience, func() {
		words := fmt.Sprintf("nobody joined a room within %v", patience)
		c.server.refused(c.conn.Remote(), protocol.CodeSilent, words)
		c.hangUp(protocol.CodeSilent, words)
	})
	defer limit.Stop()
	hs := session.Handshake{Program: c.server.opts.Program, Embedded: c.server.opts.Embedded}
	for n := 0; ; n++ {
		data, err := c.conn.Read()
		if err != nil {
			c.log.Debug("no handshake", "error", err)
			c.tellWhy(err)
			c.hangUp(protocol.CodeGone, "the connection is over")
			return nil, false
		}
		if n == maxGreetings {
			c.server.turnAway(c.conn, nil, protocol.Errorf(protocol.CodeTooFrequent, "More than %d messages without joining a room: say hello, then join.", maxGreetings))
			return nil, false
		}
		reply, join, refused := hs.Receive(data)
		if refused != nil {
			c.server.turnAway(c.conn, reply, refused)
			return nil, false
		}
		if len(reply) > 0 {
			if err := c.conn.Write(reply); err != nil {
				c.log.Debug("handshake", "error", err)
				c.server.turnAway(c.conn, nil, protocol.Errorf(protocol.CodeGone, "The connection broke."))
				return nil, false
			}
		}
		if join != nil {
			return join, true
		}
	}
}

// tellWhy counts and logs why the transport refused what the far end sent, where that is its fault.
// The transport has told the far end.
func (c *client) tellWhy(err error) {
	code := protocol.CodeOK
	switch {
	case errors.Is(err, transport.ErrTooBig):
		code = protocol.CodeTooLarge
	case errors.Is(err, transport.ErrIdleFrames):
		code = protocol.CodeTooFrequent
	case errors.Is(err, transport.ErrText), errors.Is(err, transport.ErrPacket):
		code = protocol.CodeMalformed
	case errors.Is(err, transport.ErrReadTimeout):
		code = protocol.CodeSilent
	case errors.Is(err, transport.ErrWriteTimeout):
		code = protocol.CodeSlow
	default:
		return
	}
	c.server.refused(c.conn.Remote(), code, err.Error())
}

// unloads reports whether a browser has closed a connection because its page is gone. A browser that
// closes a tab gives a busy page no time to say so itself; its goodbye has this code all the same
// (RFC 6455 §7.4.1). No other program sends it.
func unloads(err error) bool {
	var closed *transport.CloseError
	return errors.As(err, &closed) && closed.Code == transport.CodeGoingAway
}

// hangUp closes a connection that has no Sender yet.
func (c *client) hangUp(code protocol.Code, words string) {
	if err := c.conn.Close(closeCode(code), words); err != nil {
		c.log.Debug("close", "error", err)
	}
}

// close ends the connection with a reason once what is queued has left.
func (c *client) close(code protocol.Code, words string) { c.sender.Close(closeCode(code), words) }
