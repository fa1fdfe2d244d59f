//go:build !js

package peer

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"

	"tandem/netcode/original/socket"
	"tandem/netcode/original/wire"
	"tandem/netcode/transport"
)

// conn is a Socket as a transport.Conn whose messages are frames.
type conn struct {
	s    *socket.Socket
	enc  wire.Encoder // as the server writes
	json bool
	buf  []byte
}

// Read waits for the next event. Acknowledgements are passed over: this side asks for none.
func (c *conn) Read() ([]byte, error) {
	for {
		p, err := c.s.Read()
		if err != nil {
			return nil, closed(err)
		}
		if p.Type != wire.Event {
			continue
		}
		var attachments [][]byte
		c.buf, attachments, err = c.enc.Append(c.buf[:0], p)
		if err != nil || len(attachments) > 0 {
			continue // nothing that a player receives has binary data
		}
		return c.buf, nil
	}
}

// closed says in a transport's words why a Socket is over.
func closed(err error) error {
	code := transport.CodeAbnormal
	switch {
	case errors.Is(err, socket.ErrPeerClosed), errors.Is(err, socket.ErrClosed):
		code = transport.CodeNormal
	case errors.Is(err, wire.ErrTooBig):
		code = transport.CodeTooBig
	}
	return &transport.CloseError{Code: code, Reason: err.Error()}
}

// Write sends one frame. It does not block.
func (c *conn) Write(frame []byte) error {
	message, attachments, err := c.split(frame)
	if err != nil {
		return err
	}
	return c.s.SendEncoded(message, attachments...)
}

func (c *conn) split(frame []byte) (message []byte, attachments [][]byte, err error) {
	if !c.json {
		return frame, nil, nil
	}
	end := bytes.IndexByte(frame, 0)
	if end < 0 {
		return frame, nil, nil
	}
	message = frame[:end]
	for rest := frame[end:]; len(rest) > 0; {
		if len(rest) < 5 || rest[0] != 0 || uint64(binary.BigEndian.Uint32(rest[1:])) > uint64(len(rest)-5) {
			return nil, nil, fmt.Errorf("a frame whose binary data are cut off")
		}
		n := binary.BigEndian.Uint32(rest[1:])
		attachments = append(attachments, rest[5:5+n])
		rest = rest[5+n:]
	}
	return message, attachments, nil
}

// Close leaves. Socket.IO has no codes: the far end hears the reason alone.
func (c *conn) Close(_ transport.Code, reason string) error { return c.s.Close(reason) }

// Remote is the far end's address.
func (c *conn) Remote() string { return c.s.Remote() }

// Abort ends the connection without a goodbye.
func (c *conn) Abort() { c.s.Abort() }
