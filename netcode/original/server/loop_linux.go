package server

import (
	"encoding/binary"
	"errors"
	"io"
	"net"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
	"unsafe"

	"tandem/netcode/relay"
	"tandem/netcode/transport"
)

// loop waits for many connections in one goroutine. Where each has a goroutine of its own, a message
// costs waking that goroutine, a thread to run it and the runtime's own poller, all of which together
// cost more than a small message does. A connection is either parked, then the loop reads it and calls
// its ready function with the messages in memory; or somebody reads it as any other connection, and
// the loop only tells when there is something.
type loop struct {
	epoll int
	wake  int // an eventfd, to end it
	done  chan struct{}
	buf   [loopBuffer]byte

	mu    sync.Mutex
	conns map[int32]*loopConn
	tends []*loopConn // used again and again
}

const (
	// loopBuffer takes a dozen actions. What is larger is read by a goroutine.
	loopBuffer = 4 << 10
	loopEvents = 128
	// giveWay is well below the 10 ms after which the runtime takes a processor away.
	giveWay = 8 * time.Millisecond
	// tendEvery is how often parked connections are tended.
	tendEvery = 100 * time.Millisecond
)

// newLoop starts a loop, or answers nil where the system has none to give.
func newLoop() *loop {
	epoll, err := syscall.EpollCreate1(syscall.EPOLL_CLOEXEC)
	if err != nil {
		return nil
	}
	fd, _, errno := syscall.Syscall(syscall.SYS_EVENTFD2, 0, syscall.O_CLOEXEC|syscall.O_NONBLOCK, 0)
	l := &loop{epoll: epoll, wake: int(fd), done: make(chan struct{}), conns: map[int32]*loopConn{}}
	if errno == 0 {
		err = syscall.EpollCtl(epoll, syscall.EPOLL_CTL_ADD, l.wake, &syscall.EpollEvent{Events: syscall.EPOLLIN, Fd: int32(l.wake)})
		if err == nil {
			go l.run()
			return l
		}
		_ = syscall.Close(l.wake) // nothing is lost with it
	}
	_ = syscall.Close(epoll) // nothing is lost with it
	return nil
}

// close ends the loop, whose connections must be closed by then.
func (l *loop) close() {
	if l == nil {
		return
	}
	one := [8]byte{1}                    // any number that is not 0, in any order of bytes
	_, _ = syscall.Write(l.wake, one[:]) // full means that it will wake anyway
	<-l.done
	_ = syscall.Close(l.wake)  // nothing is lost with it
	_ = syscall.Close(l.epoll) // nothing is lost with it
}

func (l *loop) run() {
	defer close(l.done)
	var events [loopEvents]syscall.EpollEvent
	var ready [loopEvents]*loopConn
	turn := time.Now()
	tended := turn
	for {
		// The runtime's monitor takes the processor from a goroutine that has had it for 10 ms, also
		// from one that waits in the system most of the time, and then looks every 20 µs for more: that
		// costs half as much as all the messages. So this one gives way in time.
		now := time.Now()
		if now.Sub(turn) > giveWay {
			turn = now
			runtime.Gosched()
		}
		wait := -1
		if l.some() {
			if wait = int((tendEvery - now.Sub(tended)).Milliseconds()); wait <= 0 {
				tended, wait = now, int(tendEvery.Milliseconds())
				l.tend(now)
			}
		}
		n, err := syscall.EpollWait(l.epoll, events[:], wait)
		if err != nil && !errors.Is(err, syscall.EINTR) {
			return // the descriptor is gone: nobody is parked any more
		}
		l.mu.Lock()
		for i := range max(n, 0) {
			ready[i] = l.conns[events[i].Fd]
		}
		l.mu.Unlock()
		for i := range max(n, 0) {
			if int(events[i].Fd) == l.wake {
				return
			}
			if c := ready[i]; c != nil {
				c.event()
			}
			ready[i] = nil
		}
	}
}

// some tells whether there are connections. The first that comes wakes the loop: it can be written to.
func (l *loop) some() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.conns) > 0
}

// tend calls the tend functions of the connections that are parked.
func (l *loop) tend(now time.Time) {
	l.mu.Lock()
	l.tends = l.tends[:0]
	for _, c := range l.conns {
		l.tends = append(l.tends, c)
	}
	l.mu.Unlock()
	for i, c := range l.tends {
		c.mu.Lock()
		tend := c.tend
		if c.ready == nil {
			tend = nil
		}
		c.mu.Unlock()
		if tend != nil {
			tend(now)
		}
		l.tends[i] = nil
	}
}

// adopt takes a TCP connection out of the runtime's hands. It answers c itself where that cannot be.
func (l *loop) adopt(c net.Conn) net.Conn {
	admitted, ok := c.(*relay.Conn)
	if l == nil || !ok {
		return c
	}
	raw, err := admitted.SyscallConn()
	if err != nil {
		return c
	}
	fd := -1
	if err := raw.Control(func(old uintptr) {
		n, _, errno := syscall.Syscall(syscall.SYS_FCNTL, old, syscall.F_DUPFD_CLOEXEC, 0)
		if errno == 0 {
			fd = int(n)
		}
	}); err != nil || fd < 0 {
		return c
	}
	// A copy of a descriptor shares its state: it does not block either.
	k := &loopConn{loop: l, fd: fd, local: c.LocalAddr(), remote: c.RemoteAddr(), admitted: admitted,
		readable: make(chan struct{}, 1), writable: make(chan struct{}, 1)}
	l.mu.Lock()
	l.conns[int32(fd)] = k
	l.mu.Unlock()
	const edge = 1 << 31 // EPOLLET, which package syscall has as a negative number
	err = syscall.EpollCtl(l.epoll, syscall.EPOLL_CTL_ADD, fd, &syscall.EpollEvent{
		Events: syscall.EPOLLIN | syscall.EPOLLOUT | syscall.EPOLLRDHUP | edge, Fd: int32(fd)})
	if err != nil {
		l.forget(fd)
		_ = syscall.Close(fd) // nothing is lost with it
		return c
	}
	// The connection lives on in the copy.
	_ = admitted.Conn.Close() // it is given up
	return k
}

func (l *loop) forget(fd int) {
	l.mu.Lock()
	delete(l.conns, int32(fd))
	l.mu.Unlock()
}

// loopConn is a connection of a loop.
type loopConn struct {
	loop          *loop
	local, remote net.Addr
	admitted      *relay.Conn // whose place it keeps

	fdMu sync.RWMutex // held while fd is used
	fd   int          // -1 once it is closed

	readable, writable chan struct{} // something has changed
	writing            atomic.Bool   // somebody waits for writable

	mu      sync.Mutex
	ready   func() // parked: what the loop calls; nil while somebody reads
	tend    func(now time.Time)
	news    bool      // an event since the last read; parked: never
	drained bool      // the last read took everything
	rd, wd  time.Time // deadlines
	stash   []byte    // what the loop has read; off of it is handed out
	off     int
	err     error // why nothing comes behind it
	clean   bool  // it begins with a message
	frames  transport.Frames
	refused bool // ErrIdleFrames was answered: what comes is thrown away
}

// event is called by the loop when something has happened. A parked connection is read, and its ready
// function called.
func (c *loopConn) event() {
	if c.writing.Load() {
		poke(c.writable)
	}
	c.mu.Lock()
	ready := c.ready
	if ready == nil {
		c.news = true
		c.mu.Unlock()
		poke(c.readable)
		return
	}
	b := c.loop.buf[:]
	n, err := c.take(b)
	again := errors.Is(err, errAgain) // it can only be written to
	if !again {
		c.keep(b[:n], err)
		c.drained = c.drained && n < len(b)
	}
	c.mu.Unlock()
	if !again {
		ready()
	}
}

// keep keeps what was read for Read. mu is held, and nothing is kept yet.
func (c *loopConn) keep(b []byte, err error) {
	c.stash, c.off, c.err = append(c.stash[:0], b...), 0, err
	c.drained = err == nil
	c.clean = c.frames.Clean()
	if c.count(b) {
		c.stash, c.err, c.drained = c.stash[:0], transport.ErrIdleFrames, false
	}
}

// count follows the frames in what was read; true once, when too many of them carry nothing. mu is held.
func (c *loopConn) count(b []byte) (tooMany bool) {
	if c.refused {
		return false
	}
	c.frames.Add(b)
	c.refused = !c.frames.Allowed()
	return c.refused
}

// park lets the loop read from now on, call ready with what it has read in memory, and call tend every
// tendEvery. It answers false where something may have come already, where a message has come in part,
// or where the reader, who has taken so many messages, has more to take.
func (c *loopConn) park(taken uint64, ready func(), tend func(now time.Time)) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.drained || c.off < len(c.stash) || c.err != nil || !c.frames.Clean() || c.frames.Whole() != taken {
		return false
	}
	if c.news { // mostly of what has been read meanwhile
		var b [512]byte
		n, err := c.take(b[:])
		if !errors.Is(err, errAgain) {
			c.keep(b[:n], err)
			c.drained = c.drained && n < len(b)
			return false
		}
	}
	c.ready, c.tend = ready, tend
	return true
}

// unpark lets the caller read again.
func (c *loopConn) unpark() {
	c.mu.Lock()
	c.ready, c.news = nil, true
	c.mu.Unlock()
}

// whole tells how many messages have come, and whether nothing but whole ones and no error.
func (c *loopConn) whole() (messages uint64, only bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.frames.Whole(), c.drained && c.err == nil && c.frames.Clean()
}

// single hands out what the loop has read, unmasked, where that is one whole text message in one short
// frame: nearly always it is.
func (c *loopConn) single() []byte {
	c.mu.Lock()
	defer c.mu.Unlock()
	const text = 0x81 // and final, with none of the reserved bits
	b := c.stash[c.off:]
	if !c.clean || len(b) < 6 || b[0] != text || b[1]&0x80 == 0 {
		return nil
	}
	n, head := int(b[1]&0x7f), 2
	switch n {
	case 126:
		n, head = int(binary.BigEndian.Uint16(b[2:])), 4
	case 127:
		return nil
	}
	if len(b) != head+4+n {
		return nil
	}
	mask, payload := binary.LittleEndian.Uint32(b[head:]), b[head+4:]
	wide := uint64(mask)<<32 | uint64(mask)
	k := 0
	for ; k+8 <= n; k += 8 {
		binary.LittleEndian.PutUint64(payload[k:], binary.LittleEndian.Uint64(payload[k:])^wide)
	}
	for ; k < n; k++ {
		payload[k] ^= byte(mask >> (8 * (k % 4)))
	}
	c.off = len(c.stash)
	return payload
}

func poke(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// await waits for a poke, or until the time.
func await(c chan struct{}, until time.Time) {
	if until.IsZero() {
		<-c
		return
	}
	timer := time.NewTimer(time.Until(until))
	defer timer.Stop()
	select {
	case <-c:
	case <-timer.C:
	}
}

func past(t time.Time) bool { return !t.IsZero() && !time.Now().Before(t) }

var errAgain = errors.New("not now")

// take reads once, without waiting.
func (c *loopConn) take(b []byte) (n int, err error) { return c.try(syscall.SYS_READ, b) }

// try reads or writes once. The system is called without telling the scheduler, see reader.
func (c *loopConn) try(call uintptr, b []byte) (int, error) {
	c.fdMu.RLock()
	if c.fd < 0 {
		c.fdMu.RUnlock()
		return 0, net.ErrClosed
	}
	n, _, errno := syscall.RawSyscall(call, uintptr(c.fd), uintptr(unsafe.Pointer(&b[0])), uintptr(len(b)))
	for errno == syscall.EINTR {
		n, _, errno = syscall.RawSyscall(call, uintptr(c.fd), uintptr(unsafe.Pointer(&b[0])), uintptr(len(b)))
	}
	c.fdMu.RUnlock()
	switch {
	case errno == syscall.EAGAIN:
		return 0, errAgain
	case errno != 0 && call == syscall.SYS_READ:
		return 0, os.NewSyscallError("read", errno)
	case errno != 0:
		return 0, os.NewSyscallError("write", errno)
	case n == 0 && call == syscall.SYS_READ:
		return 0, io.EOF
	}
	return int(n), nil
}

// Read hands out what the loop has read, and then waits for what comes next.
func (c *loopConn) Read(b []byte) (int, error) {
	if len(b) == 0 {
		return 0, nil
	}
	for {
		c.mu.Lock()
		if c.off < len(c.stash) {
			n := copy(b, c.stash[c.off:])
			c.off += n
			c.mu.Unlock()
			return n, nil
		}
		n, err, until := 0, c.err, c.rd
		switch {
		case err != nil:
			if errors.Is(err, transport.ErrIdleFrames) { // once
				c.err = nil
			}
		case past(until):
			err = os.ErrDeadlineExceeded
		default:
			c.ready, c.news = nil, false
			n, err = c.take(b)
			c.drained = n < len(b)
			if c.count(b[:n]) {
				n, err = 0, transport.ErrIdleFrames
			}
		}
		c.mu.Unlock()
		if !errors.Is(err, errAgain) {
			return n, err
		}
		await(c.readable, until)
	}
}

// Write waits until the system has taken everything, or the deadline.
func (c *loopConn) Write(b []byte) (n int, err error) {
	for n < len(b) {
		c.mu.Lock()
		until := c.wd
		c.mu.Unlock()
		if past(until) {
			return n, os.ErrDeadlineExceeded
		}
		m, err := c.try(syscall.SYS_WRITE, b[n:])
		if errors.Is(err, errAgain) {
			c.writing.Store(true)
			m, err = c.try(syscall.SYS_WRITE, b[n:]) // room may have come before that was known
		}
		n += m
		if errors.Is(err, errAgain) {
			await(c.writable, until)
		} else if err != nil {
			return n, err
		}
		c.writing.Store(false)
	}
	return n, nil
}

// Close closes the connection, wakes who waits and frees its place.
func (c *loopConn) Close() error {
	c.fdMu.Lock()
	fd := c.fd
	c.fd = -1
	if fd < 0 {
		c.fdMu.Unlock()
		return net.ErrClosed
	}
	c.loop.forget(fd) // before the number belongs to somebody else
	err := syscall.Close(fd)
	c.fdMu.Unlock()
	poke(c.readable)
	poke(c.writable)
	_ = c.admitted.Close() // for its place; the connection itself is closed
	return os.NewSyscallError("close", err)
}

// SetDeadline, SetReadDeadline and SetWriteDeadline also hold for who waits already.
func (c *loopConn) SetDeadline(t time.Time) error {
	_ = c.SetReadDeadline(t) // a closed connection says so when it is used
	return c.SetWriteDeadline(t)
}

// SetReadDeadline bounds Read.
func (c *loopConn) SetReadDeadline(t time.Time) error {
	c.mu.Lock()
	c.rd = t
	c.mu.Unlock()
	poke(c.readable)
	return nil
}

// SetWriteDeadline bounds Write.
func (c *loopConn) SetWriteDeadline(t time.Time) error {
	c.mu.Lock()
	c.wd = t
	c.mu.Unlock()
	poke(c.writable)
	return nil
}

// LocalAddr and RemoteAddr are the connection's ends.
func (c *loopConn) LocalAddr() net.Addr { return c.local }

// RemoteAddr is the far end.
func (c *loopConn) RemoteAddr() net.Addr { return c.remote }

// TryWrite writes what the system takes without waiting.
func (c *loopConn) TryWrite(b []byte) (n int, err error) {
	for n < len(b) {
		m, err := c.try(syscall.SYS_WRITE, b[n:])
		n += m
		if errors.Is(err, errAgain) {
			return n, nil
		}
		if err != nil {
			return n, err
		}
	}
	return n, nil
}
