//go:build !js

package relay

import (
	"errors"
	"io"
	"net"
	"sync"
	"syscall"
	"time"

	"golang.org/x/time/rate"

	"tandem/netcode/protocol"
)

// spareLines are TCP connections above MaxConns for those that are being told that the relay is full.
const spareLines = 64

// A connection costs a fifth of a millisecond before anybody plays on it, and several at once are paid for by
// those who play: a hundred in one moment hold a frame's inputs up. So they are let in one after the other,
// a whole class in the tenth of a second.
const (
	letInEvery = time.Millisecond
	letInBurst = 8
)

// door is a listener that lets so many TCP connections in, per address and in total, before anything
// is read from them: a request that never ends costs a goroutine and its buffers. What comes above
// that is closed without a word, because words would cost what is to be saved.
type door struct {
	net.Listener
	server *Server
	total  chan struct{} // a token for every line
	pace   *rate.Limiter
}

func (s *Server) door(ln net.Listener) *door {
	return &door{Listener: ln, server: s, total: make(chan struct{}, s.opts.MaxConns+spareLines), pace: rate.NewLimiter(rate.Every(letInEvery), letInBurst)}
}

// Accept waits for the next connection that is let in.
func (d *door) Accept() (net.Conn, error) {
	for {
		c, err := d.Listener.Accept()
		if err != nil {
			if errors.Is(err, syscall.EMFILE) || errors.Is(err, syscall.ENFILE) { // the caller tries again in a moment
				d.server.opts.Log.Warn("no more connections can be taken: the system allows this program no more open files. Raise its limit (ulimit -n, or LimitNOFILE= of its service), or lower -max-rooms", "error", err)
			}
			return nil, err
		}
		if line := d.admit(c); line != nil {
			time.Sleep(d.pace.Reserve().Delay())
			return line, nil
		}
		_ = c.Close() // there is nobody to tell
	}
}

func (d *door) admit(c net.Conn) net.Conn {
	remote := c.RemoteAddr().String()
	p := placeOf(remote)
	if a, ok := addressOf(remote); ok && trusted(d.server.opts.TrustedProxies, a) {
		p = place{} // it speaks for many
	}
	release := d.server.admission.line(p, d.server.opts.Now())
	if release == nil {
		d.server.refused(remote, protocol.CodeConnectLimit, "too many TCP connections from one address")
		return nil
	}
	select {
	case d.total <- struct{}{}:
	default:
		release()
		d.server.refused(remote, protocol.CodeServerFull, "too many TCP connections")
		return nil
	}
	return &Line{Conn: c, reader: newReader(c), release: func() { release(); <-d.total }}
}

// Line is a TCP connection that was let in.
type Line struct {
	net.Conn
	reader  io.Reader // nil where Conn reads by itself
	release func()
	once    sync.Once
}

// Read reads what arrives.
func (l *Line) Read(b []byte) (int, error) {
	if l.reader == nil {
		return l.Conn.Read(b)
	}
	return l.reader.Read(b)
}

// SyscallConn lets whoever takes the connection over write without waiting.
func (l *Line) SyscallConn() (syscall.RawConn, error) {
	c, ok := l.Conn.(syscall.Conn)
	if !ok {
		return nil, errors.ErrUnsupported
	}
	return c.SyscallConn()
}

// Close closes the connection and frees its place.
func (l *Line) Close() error {
	l.once.Do(l.release)
	return l.Conn.Close()
}
