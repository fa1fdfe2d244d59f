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

// spareConns are TCP connections above MaxConns for those that are being told that the relay is full.
const spareConns = 64

// A connection costs a fifth of a millisecond before anybody plays on it, and several at once are paid for by
// those who play: a hundred in one moment hold a frame's inputs up. So they are let in one after the other,
// a whole class in the tenth of a second.
const (
	letInEvery = time.Millisecond
	letInBurst = 8
)

// listener lets so many TCP connections in, per address and in total, before anything
// is read from them: a request that never ends costs a goroutine and its buffers. What comes above
// that is closed without a word, because words would cost what is to be saved.
type listener struct {
	net.Listener
	server *Server
	total  chan struct{} // a token for every connection
	pace   *rate.Limiter
}

// limit puts the relay's limits before a listener.
func (s *Server) limit(ln net.Listener) *listener {
	return &listener{Listener: ln, server: s, total: make(chan struct{}, s.opts.MaxConns+spareConns), pace: rate.NewLimiter(rate.Every(letInEvery), letInBurst)}
}

// Accept waits for the next connection that is let in.
func (l *listener) Accept() (net.Conn, error) {
	for {
		c, err := l.Listener.Accept()
		if err != nil {
			if errors.Is(err, syscall.EMFILE) || errors.Is(err, syscall.ENFILE) { // the caller tries again in a moment
				l.server.opts.Log.Warn("no more connections can be taken: the system allows this program no more open files. Raise its limit (ulimit -n, or LimitNOFILE= of its service), or lower -max-rooms", "error", err)
			}
			return nil, err
		}
		if conn := l.admit(c); conn != nil {
			time.Sleep(l.pace.Reserve().Delay())
			return conn, nil
		}
		_ = c.Close() // there is nobody to tell
	}
}

func (l *listener) admit(c net.Conn) net.Conn {
	remote := c.RemoteAddr().String()
	p := placeOf(remote)
	if a, ok := addressOf(remote); ok && trusted(l.server.opts.TrustedProxies, a) {
		p = place{} // it speaks for many
	}
	release := l.server.admission.connect(p, l.server.opts.Now())
	if release == nil {
		l.server.refused(remote, protocol.CodeConnectLimit, "too many TCP connections from one address")
		return nil
	}
	select {
	case l.total <- struct{}{}:
	default:
		release()
		l.server.refused(remote, protocol.CodeServerFull, "too many TCP connections")
		return nil
	}
	return &Conn{Conn: c, reader: newReader(c), release: func() { release(); <-l.total }}
}

// Conn is a TCP connection that was let in.
type Conn struct {
	net.Conn
	reader  io.Reader // nil where Conn reads by itself
	release func()
	once    sync.Once
}

// Read reads what arrives.
func (c *Conn) Read(b []byte) (int, error) {
	if c.reader == nil {
		return c.Conn.Read(b)
	}
	return c.reader.Read(b)
}

// SyscallConn lets whoever takes the connection over write without waiting.
func (c *Conn) SyscallConn() (syscall.RawConn, error) {
	s, ok := c.Conn.(syscall.Conn)
	if !ok {
		return nil, errors.ErrUnsupported
	}
	return s.SyscallConn()
}

// Close closes the connection and frees its place.
func (c *Conn) Close() error {
	c.once.Do(c.release)
	return c.Conn.Close()
}
