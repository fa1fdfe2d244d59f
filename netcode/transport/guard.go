//go:build !js

package transport

import (
	"encoding/binary"
	"net"
	"syscall"
	"time"
)

// WebSocket frames that carry nothing for whoever counts messages: control frames, which the library
// answers by itself, and the parts of a message, which may be as many as it has bytes, and more where
// they are empty. A program pings once in some seconds, and parts a message where it fills a buffer.
const (
	idleBurst = 32 // beyond idlePerSecond
	// partSize is the payload from which on a part of a message is worth its head.
	partSize = 512
	// lingerBytes is how much is read and forgotten of a connection that was refused in mid-flood, so that
	// the goodbye is not destroyed by a reset.
	lingerBytes = 256 << 10
)

// Frames follows the borders of the WebSocket frames in a stream of bytes (RFC 6455, section 5.2),
// without a look at what is in them. Its zero value is at the beginning of a stream.
type Frames struct {
	head  [14]byte
	n     int    // bytes of head that are there
	rest  uint64 // bytes of the payload that are missing
	open  bool   // a message has begun whose last frame has not come
	after bool   // a control frame is the last thing that came
	whole uint64 // messages that are complete

	used float64 // of the allowance of idle frames
	at   time.Time
	idle int // since the last look at the allowance
}

// Whole tells how many messages are complete.
func (f *Frames) Whole() uint64 { return f.whole }

// Clean reports whether the stream ends with a whole message.
func (f *Frames) Clean() bool { return f.n == 0 && !f.open && !f.after }

// Add takes the next bytes.
func (f *Frames) Add(b []byte) {
	for len(b) > 0 {
		if f.rest > 0 {
			k := min(f.rest, uint64(len(b)))
			f.rest -= k
			b = b[k:]
		} else {
			f.head[f.n] = b[0]
			f.n++
			b = b[1:]
			if f.n < 2 || f.n < f.size() {
				continue
			}
			f.rest = f.payload()
			f.begin()
		}
		if f.rest == 0 {
			f.end()
		}
	}
}

// Allowed reports whether the idle frames so far are no more than a program has to send.
func (f *Frames) Allowed() bool {
	if f.idle == 0 {
		return f.used <= idleBurst
	}
	now := time.Now()
	f.used = max(0, f.used-idlePerSecond*now.Sub(f.at).Seconds()) + float64(f.idle)
	f.at, f.idle = now, 0
	return f.used <= idleBurst
}

// size is how long the head is, once its first two bytes are there.
func (f *Frames) size() int {
	n := 2
	switch f.head[1] & 0x7f {
	case 126:
		n += 2
	case 127:
		n += 8
	}
	if f.head[1]&0x80 != 0 {
		n += 4 // the mask
	}
	return n
}

func (f *Frames) payload() uint64 {
	switch n := f.head[1] & 0x7f; n {
	case 126:
		return uint64(binary.BigEndian.Uint16(f.head[2:]))
	case 127:
		return binary.BigEndian.Uint64(f.head[2:])
	default:
		return uint64(n)
	}
}

const final, control = 0x80, 0x08 // bits of a head's first byte

// begin is the end of a frame's head.
func (f *Frames) begin() {
	first := f.head[0]
	if first&control != 0 || first&final == 0 && f.rest < partSize {
		f.idle++
	}
}

// end is the end of a frame.
func (f *Frames) end() {
	f.n = 0
	f.after = f.head[0]&control != 0
	if f.after {
		return
	}
	f.open = f.head[0]&final == 0
	if !f.open {
		f.whole++
	}
}

// guard reads a connection and ends it with ErrIdleFrames, once. What is read behind that is raw, for
// whoever lets a goodbye arrive.
type guard struct {
	net.Conn
	frames Frames
	over   bool
}

// plainGuard is a guard of a connection whose descriptor others may use.
type plainGuard struct {
	*guard
	syscall.Conn
}

// Guard counts the WebSocket frames that come on a connection, and ends it where they are many and carry
// nothing. To be called before the first frame is read.
func Guard(c net.Conn) net.Conn {
	g := &guard{Conn: c}
	if raw, ok := c.(syscall.Conn); ok {
		return plainGuard{g, raw}
	}
	return g
}

// Read reads.
func (g *guard) Read(b []byte) (int, error) {
	n, err := g.Conn.Read(b)
	if g.over {
		return n, err
	}
	g.frames.Add(b[:n])
	if !g.frames.Allowed() {
		g.over = true
		return 0, ErrIdleFrames
	}
	return n, err
}

// Linger reads and forgets what a refused connection still sends, within bounds: closing a connection
// with unread bytes resets it, and a reset can destroy the goodbye on its way. The deadline for reading
// must be set.
func Linger(c net.Conn) {
	var b [4096]byte
	for left := lingerBytes; left > 0; {
		n, err := c.Read(b[:])
		if err != nil {
			return
		}
		left -= n
	}
}
