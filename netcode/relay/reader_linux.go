package relay

import (
	"io"
	"sync"
	"syscall"
	"unsafe"
)

// reader reads a TCP connection without telling the scheduler: the socket does not block, and telling
// it wakes the runtime's monitor after every pause. For small messages at a steady pace that is a good
// part of a relay's work.
type reader struct {
	raw syscall.RawConn
	try func(fd uintptr) bool

	mu  sync.Mutex
	buf []byte
	n   int
	err error
}

// newReader returns nil where c is no plain connection.
func newReader(c any) io.Reader {
	s, ok := c.(syscall.Conn)
	if !ok {
		return nil
	}
	raw, err := s.SyscallConn()
	if err != nil {
		return nil // it is closed; reading it will tell
	}
	r := &reader{raw: raw}
	r.try = r.tryOnce
	return r
}

func (r *reader) tryOnce(fd uintptr) bool {
	for {
		n, _, errno := syscall.RawSyscall(syscall.SYS_READ, fd, uintptr(unsafe.Pointer(&r.buf[0])), uintptr(len(r.buf)))
		switch {
		case errno == syscall.EINTR:
			continue
		case errno == syscall.EAGAIN:
			return false // wait
		case errno != 0:
			r.err = errno
		case n == 0:
			r.err = io.EOF
		default:
			r.n = int(n)
		}
		return true
	}
}

// Read waits for what arrives next.
func (r *reader) Read(b []byte) (int, error) {
	if len(b) == 0 {
		return 0, nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.buf, r.n, r.err = b, 0, nil
	err := r.raw.Read(r.try)
	r.buf = nil
	if err != nil {
		return 0, err
	}
	return r.n, r.err
}
