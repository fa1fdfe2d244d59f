//go:build !js

package transport

import (
	"errors"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gorilla/websocket"
)

// ioBuffer is the size of a connection's read and write buffers: a batch with its header leaves in
// one system call. A message above it takes several.
const ioBuffer = DefaultBatchBytes + 256

// wsConn is a Conn over gorilla/websocket, for both sides. A message costs one small allocation
// inside the library when it is read, and another when a client writes it.
type wsConn struct {
	ws     *websocket.Conn
	net    net.Conn
	opts   Options
	remote string
	head   int // how much of MaxMessage is a head of this package

	readMu sync.Mutex // held while something reads from ws: Read, or Close's drain
	buf    []byte

	writeMu     sync.Mutex  // the library panics on concurrent writes; nobody should depend on that
	broken      atomic.Bool // a write has failed: writeErr and brokenUntil are set
	writeErr    error
	brokenUntil time.Time // what arrived before can be read until then

	once    sync.Once
	closing atomic.Bool   // finish has begun: err and until are set
	err     error         // what this end's calls answer from then on
	until   time.Time     // when the closing handshake ends at the latest
	over    chan struct{} // the connection is released
}

func newWSConn(ws *websocket.Conn, opts Options, remote string) *wsConn {
	c := &wsConn{
		ws:     ws,
		net:    ws.NetConn(),
		opts:   opts,
		remote: remote,
		buf:    make([]byte, min(firstBuffer, opts.MaxMessage+1)),
		over:   make(chan struct{}),
	}
	ws.SetPingHandler(c.ping)
	return c
}

func (c *wsConn) Remote() string { return c.remote }

// Carrier names what carries messages.
func (c *wsConn) Carrier() string { return CarrierWebSocket }

// ping answers a far end that checks by WebSocket's own means. It runs inside Read, and counts as
// a sign of life.
func (c *wsConn) ping(data string) error {
	c.extend()
	err := c.ws.WriteControl(websocket.PongMessage, []byte(data), time.Now().Add(closeWait))
	if errors.Is(err, websocket.ErrCloseSent) {
		return nil
	}
	var timeout net.Error
	if errors.As(err, &timeout) && timeout.Timeout() {
		return nil // the writer is stuck at the moment; its own deadline decides
	}
	return err
}

// extend allows ReadTimeout from now, or what is left for closing.
func (c *wsConn) extend() {
	var t time.Time
	if c.opts.ReadTimeout > 0 {
		t = time.Now().Add(c.opts.ReadTimeout)
	}
	// An error means that the connection is closed: the read that follows reports it.
	_ = c.net.SetReadDeadline(t) // a closed connection says so when it is used
	// Both flags are set before their deadline is, so whoever comes last sets the right one.
	if c.broken.Load() {
		_ = c.net.SetReadDeadline(c.brokenUntil) // a closed connection says so when it is used
	}
	if c.closing.Load() {
		_ = c.net.SetReadDeadline(c.until) // a closed connection says so when it is used
	}
}

func (c *wsConn) Read() ([]byte, error) {
	c.readMu.Lock()
	msg, err := c.read()
	c.readMu.Unlock()
	// What ends the connection happens without readMu, which draining it needs.
	switch err {
	case nil:
		return msg, nil
	case ErrClosed:
		c.wait()
	case ErrText:
		c.refuse(refuseText())
	case ErrTooBig:
		c.refuse(refuseBig(c.opts.MaxMessage - c.head))
	default:
		if errors.Is(err, ErrIdleFrames) {
			c.refuse(refuseIdle())
			break
		}
		c.failRead(err)
	}
	return nil, c.err
}

// read answers a message, ErrClosed, ErrText, ErrTooBig, or the library's error.
func (c *wsConn) read() ([]byte, error) {
	for {
		if c.closing.Load() {
			return nil, ErrClosed
		}
		c.extend()
		kind, r, err := c.ws.NextReader()
		if err != nil {
			return nil, err
		}
		if kind != websocket.BinaryMessage {
			return nil, ErrText
		}
		n, err := c.fill(r)
		switch {
		case err != nil:
			return nil, err
		case n > c.opts.MaxMessage:
			return nil, ErrTooBig
		case c.closing.Load():
			continue // too late to be of use to anybody
		}
		return c.buf[:n], nil
	}
}

// fill reads a message into buf, but stops at one byte over the limit.
func (c *wsConn) fill(r io.Reader) (int, error) {
	n := 0
	for n <= c.opts.MaxMessage {
		if n == len(c.buf) {
			c.buf = append(c.buf, make([]byte, min(len(c.buf), c.opts.MaxMessage+1-len(c.buf)))...)
		}
		m, err := r.Read(c.buf[n:])
		n += m
		if err == io.EOF {
			return n, nil
		}
		if err != nil {
			return n, err
		}
	}
	return n, nil
}

func (c *wsConn) Write(data []byte) error {
	c.writeMu.Lock()
	defer c.writeMu.Unlock()
	if c.closing.Load() {
		return c.err
	}
	var deadline time.Time
	if c.opts.WriteTimeout > 0 {
		deadline = time.Now().Add(c.opts.WriteTimeout)
	}
	// It only stores the time; the error is always nil.
	_ = c.ws.SetWriteDeadline(deadline) // a closed connection says so when it is used
	err := c.ws.WriteMessage(websocket.BinaryMessage, data)
	if err == nil {
		return nil
	}
	var timeout net.Error
	switch {
	case errors.Is(err, websocket.ErrCloseSent):
		// The reader has answered the far end's goodbye, or refused something, and is about to
		// say which it was.
		c.wait()
		return c.err
	case errors.As(err, &timeout) && timeout.Timeout():
		c.finish(writeTimedOut(c.opts.WriteTimeout), 0, "")
		return c.err
	}
	return c.breakOff(err)
}

// breakOff deals with a write that failed at once. The far end's last messages and its goodbye may
// still wait to be read, so the reader gets a moment to find them before the connection ends.
func (c *wsConn) breakOff(cause error) error {
	if !c.broken.Load() {
		c.writeErr = &CloseError{Code: CodeAbnormal, Err: cause}
		c.brokenUntil = time.Now().Add(closeWait)
		c.broken.Store(true)
		_ = c.net.SetReadDeadline(c.brokenUntil) // a closed connection says so when it is used
	}
	if c.closing.Load() {
		return c.err
	}
	return c.writeErr
}

func (c *wsConn) Close(code Code, reason string) error {
	code, reason, err := goodbye(code, reason)
	c.finish(ErrClosed, code, reason)
	c.wait()
	return err
}

// Abort closes the TCP connection.
func (c *wsConn) Abort() { c.finish(ErrClosed, 0, "") }

func (c *wsConn) wait() { <-c.over }

func (c *wsConn) refuse(r refusal) { c.finish(r.err, r.code, r.reason) }

// failRead ends the connection after the library's read error.
func (c *wsConn) failRead(err error) {
	var (
		closed  *websocket.CloseError
		timeout net.Error
	)
	switch {
	case errors.As(err, &closed) && closed.Code != websocket.CloseAbnormalClosure:
		// The library has answered the goodbye.
		c.finish(&CloseError{Code: receivedCode(Code(closed.Code)), Reason: closed.Text}, 0, "")
	case c.broken.Load():
		c.finish(c.writeErr, 0, "")
	case errors.As(err, &timeout) && timeout.Timeout():
		c.refuse(refuseSilence(c.opts.ReadTimeout))
	case errors.As(err, &closed), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		// The library's name for an end without a goodbye is its own 1006.
		c.finish(&CloseError{Code: CodeAbnormal, Reason: "the far end hung up"}, 0, "")
	default:
		// Broken framing too: the library has then sent 1002.
		c.finish(&CloseError{Code: CodeAbnormal, Err: err}, 0, "")
	}
}

// finish ends the connection once: err is what this end's calls answer from then on, code what the
// far end is told, 0 to hang up without a word. Whoever comes later waits until the first is done.
func (c *wsConn) finish(err error, code Code, reason string) {
	c.once.Do(func() {
		c.err = err
		c.until = time.Now().Add(closeWait)
		c.closing.Store(true)
		defer close(c.over)
		defer func() { _ = c.net.Close() }()
		if code == 0 {
			return
		}
		// A write that is stuck, and the reader, give way within closeWait.
		_ = c.net.SetWriteDeadline(c.until) // a closed connection says so when it is used
		_ = c.net.SetReadDeadline(c.until)  // a closed connection says so when it is used
		bye := websocket.FormatCloseMessage(int(code), reason)
		if c.ws.WriteControl(websocket.CloseMessage, bye, c.until) != nil {
			return // the far end has closed first, or takes nothing: there is nothing to wait for
		}
		c.drain()
	})
}

// drain reads until the far end has answered the goodbye, or the time is over. Closing a TCP
// connection with unread bytes would reset it, and a reset can destroy the goodbye on its way.
func (c *wsConn) drain() {
	c.readMu.Lock()
	defer c.readMu.Unlock()
	for {
		if _, _, err := c.ws.NextReader(); err != nil {
			if errors.Is(err, ErrIdleFrames) {
				Linger(c.net)
			}
			return
		}
	}
}
