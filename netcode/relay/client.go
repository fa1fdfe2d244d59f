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

// client is one connection. Its goroutine reads; a Sender writes once it is in a room.
type client struct {
	id     session.ConnID
	server *Server
	conn   transport.Conn
	log    *slog.Logger
	sender *transport.Sender
	room   *room // guarded by server.mu
}

func (c *client) serve() {
	join, ok := c.handshake()
	if !ok {
		return
	}
	r, refused := c.server.roomFor(c, join)
	if refused != nil {
		c.server.turnAway(c.conn, nil, refused)
		return
	}
	c.sender = transport.NewSender(c.conn, transport.SenderOptions{BatchWindow: r.batchWindow})
	if !r.post(event{client: c, input: session.RoomInput{Kind: session.InputJoin, Conn: c.id, Join: join}}) {
		r.tooLate(c)
		<-c.sender.Done()
		return
	}
	for {
		data, err := c.conn.Read()
		if err != nil {
			c.log.Debug("connection over", "error", err)
			c.tellWhy(err)
			r.post(event{client: c, input: session.RoomInput{Kind: session.InputClosed, Conn: c.id}})
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

// handshake reads hello and join. It answers false when the connection was refused or lost.
func (c *client) handshake() (*protocol.Join, bool) {
	// The transport's own limit in time is made for play; a stranger gets less.
	limit := time.AfterFunc(handshakeTimeout, func() {
		c.hangUp(protocol.CodeSilent, fmt.Sprintf("nobody joined a room within %v", handshakeTimeout))
	})
	defer limit.Stop()
	hs := session.Handshake{Program: c.server.opts.Program}
	for {
		data, err := c.conn.Read()
		if err != nil {
			c.log.Debug("no handshake", "error", err)
			c.tellWhy(err)
			c.hangUp(protocol.CodeGone, "the connection is over")
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

// tellWhy logs why the transport refused what the far end sent, where that is its fault.
func (c *client) tellWhy(err error) {
	if errors.Is(err, transport.ErrTooBig) || errors.Is(err, transport.ErrText) {
		c.log.Info("refused", "code", protocol.CodeTooLarge.String(), "reason", err.Error())
	}
}

// hangUp closes a connection that has no Sender yet.
func (c *client) hangUp(code protocol.Code, words string) {
	if err := c.conn.Close(closeCode(code), words); err != nil {
		c.log.Debug("close", "error", err)
	}
}

// close ends the connection with a reason once what is queued has left.
func (c *client) close(code protocol.Code, words string) { c.sender.Close(closeCode(code), words) }
