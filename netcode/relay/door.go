//go:build !js

package relay

import (
	"errors"
	"io"
	"net"
	"sync"
	"syscall"

	"tandem/netcode/protocol"
)

// spareLines are TCP connections above MaxConns for those that are being told that the relay is full,
// and for whoever asks for metrics then.
const spareLines = 64

// door is a listener that lets so many TCP connections in, per address and in total, before anything
// is read from them: a request that never ends costs a goroutine and its buffers. What comes above
// that is closed without a word, because words would cost what is to be saved.
type door struct {
	net.Listener
	server *Server
	total  chan struct{} // a token for every line
}

func (s *Server) door(ln net.Listener) *door {
	return &door{Listener: ln, server: s, total: make(chan struct{}, s.opts.MaxConns+spareLines)}
}

// Accept waits for the next connection that is let in.
func (d *door) Accept() (net.Conn, error) {
	for {
		c, err := d.Listener.Accept()
		if err != nil {
			return nil, err
		}
		if line := d.admit(c); line != nil {
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
	return &line{Conn: c, reader: newReader(c), release: func() { release(); <-d.total }}
}

// line is a TCP connection that was let in.
type line struct {
	net.Conn
	reader  io.Reader // nil where Conn reads by itself
	release func()
	once    sync.Once
}

// Read reads what arrives.
func (l *line) Read(b []byte) (int, error) {
	if l.reader == nil {
		return l.Conn.Read(b)
	}
	return l.reader.Read(b)
}

// SyscallConn lets Socket.IO's sockets write without waiting.
func (l *line) SyscallConn() (syscall.RawConn, error) {
	c, ok := l.Conn.(syscall.Conn)
	if !ok {
		return nil, errors.ErrUnsupported
	}
	return c.SyscallConn()
}

// Close closes the connection and frees its place.
func (l *line) Close() error {
	l.once.Do(l.release)
	return l.Conn.Close()
}
