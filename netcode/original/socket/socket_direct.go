//go:build !js

package socket

import (
	"encoding/binary"
	"syscall"
)

// maxDirect is the largest message that is written at once by whoever sends it. Larger ones go through
// the writer, which may take its time.
const maxDirect = 16 << 10

// direct writes a server's message in the goroutine that sends it, if the system takes it without
// waiting: most of a relay's work is small messages, and waking the writer for one costs more than
// writing it. Whatever the system does not take is left to the writer. Socket.mu guards it.
type direct struct {
	now   TryWriter // if the connection is one
	raw   syscall.RawConn
	frame []byte
	n     int
	err   error
	try   func(fd uintptr) bool
}

// TryWriter is a connection that writes without waiting by itself: n may be less than there is, then
// the rest would have to wait.
type TryWriter interface {
	TryWrite(b []byte) (n int, err error)
}

// newDirect returns nil where the connection is no plain one: under TLS every byte has its turn.
func newDirect(conn any) *direct {
	if now, ok := conn.(TryWriter); ok {
		return &direct{now: now}
	}
	c, ok := conn.(syscall.Conn)
	if !ok || writeFD == nil {
		return nil
	}
	raw, err := c.SyscallConn()
	if err != nil {
		return nil // it is closed already: the writer will find out
	}
	d := &direct{raw: raw}
	d.try = func(fd uintptr) bool {
		d.n, d.err = writeFD(fd, d.frame)
		return true // never wait
	}
	return d
}

// write sends a whole message as a WebSocket frame. rest is what the system did not take of the frame:
// all of it, or what must be written before anything else.
func (d *direct) write(binary bool, message []byte) (rest []byte) {
	d.frame = append(appendFrameHead(d.frame[:0], binary, len(message)), message...)
	if d.now != nil {
		d.n, _ = d.now.TryWrite(d.frame) // the writer will meet the same error and deal with it
		return d.frame[d.n:]
	}
	d.n, d.err = 0, nil
	if err := d.raw.Write(d.try); err != nil || d.err != nil {
		return d.frame[d.n:] // the writer will meet the same error and deal with it
	}
	return d.frame[d.n:]
}

// appendFrameHead writes the head of an unmasked data frame, as RFC 6455, section 5.2 has it.
func appendFrameHead(dst []byte, isBinary bool, n int) []byte {
	first := byte(0x81) // final, text
	if isBinary {
		first = 0x82
	}
	switch {
	case n < 126:
		return append(dst, first, byte(n))
	case n < 1<<16:
		return binary.BigEndian.AppendUint16(append(dst, first, 126), uint16(n))
	}
	return binary.BigEndian.AppendUint64(append(dst, first, 127), uint64(n))
}

// writeNow tries to send the one message that waits. mu is held.
func (s *Socket) writeNow() (done bool) {
	d, m := s.direct, s.pending.sizes
	if d == nil || s.busy || len(s.rest) > 0 || len(m) != 1 || m[0].n > maxDirect || s.opts.Compression && m[0].n >= s.opts.CompressAbove {
		return false
	}
	rest := d.write(m[0].kind == binaryMessage, s.pending.bytes)
	switch {
	case len(rest) == 0:
		s.waiting.messages--
		s.waiting.bytes -= m[0].n
		s.pending.reset()
		return true
	case len(rest) < len(d.frame):
		// Part of it has left: the frame must be finished first of all. Its message counts as waiting
		// until then.
		s.rest = append([]byte(nil), rest...)
		s.restSize = m[0].n
		s.pending.reset()
	}
	return false
}
