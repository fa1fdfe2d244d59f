package netsim

import (
	"errors"
	"math"
	"sync"
	"time"

	"tandem/netcode/transport"
)

const (
	never = time.Duration(math.MaxInt64)

	// shapedBytes and shapedMessages bound what is under way in each direction; Write blocks, and
	// the far end is not read, until there is room. A TCP connection's buffers hold about as much.
	// They must stay below MaxQueueBytes and MaxQueueMessages less one message.
	shapedBytes    = 256 << 10
	shapedMessages = 4096

	// flushLimit bounds how long Close lets what was written arrive: above any playable delay, and
	// short enough for a program that wants to end.
	flushLimit = 5 * time.Second
)

var errCut = errors.New("netsim: the simulated line was cut")

// shaped is a Conn whose messages are delayed in both directions. Two goroutines move them: pumpUp
// from Write's link to the connection, pumpDown from the connection to Read's link.
type shaped struct {
	conn  transport.Conn
	start time.Time // when the links' time is 0
	up    half
	down  half
	buf   []byte      // what Read handed out
	timer *time.Timer // Read's

	once   sync.Once
	closed chan struct{} // this end has closed, or the line was cut: err is set
	err    error
	code   transport.Code
	reason string
	quitMu sync.Once
	quit   chan struct{} // the goroutines are to end without finishing their work
	done   chan struct{} // pumpUp has ended
	cut    *time.Timer
}

// half is one direction.
type half struct {
	mu    sync.Mutex
	link  *Link
	ended bool          // nothing more comes: endErr after what is under way, at endAt
	endAt time.Duration // when the news of the end arrives
	err   error
	wake  chan struct{} // one token: there is something new
	room  chan struct{} // one token: something left
}

func newShaped(conn transport.Conn, start time.Time, cutAt time.Duration, up, down *Link) *shaped {
	c := &shaped{
		conn:   conn,
		start:  start,
		up:     half{link: up, wake: make(chan struct{}, 1), room: make(chan struct{}, 1)},
		down:   half{link: down, wake: make(chan struct{}, 1), room: make(chan struct{}, 1)},
		closed: make(chan struct{}),
		quit:   make(chan struct{}),
		done:   make(chan struct{}),
	}
	if cutAt != never {
		// Started only when the field is set: its function looks at it.
		c.cut = time.AfterFunc(never, func() {
			c.hangUp(&transport.CloseError{Code: transport.CodeAbnormal, Err: errCut})
		})
		c.cut.Reset(cutAt - c.now())
	}
	go c.pumpUp()
	go c.pumpDown()
	return c
}

func (c *shaped) now() time.Duration { return time.Since(c.start) }

func (c *shaped) Remote() string { return c.conn.Remote() }

// Unwrap returns the connection under the line.
func (c *shaped) Unwrap() transport.Conn { return c.conn }

func poke(ch chan struct{}) {
	select {
	case ch <- struct{}{}:
	default:
	}
}

// put sends data on a direction's line, waiting for room. What a cut loses is not reported: the cut
// ends the connection.
func (c *shaped) put(h *half, data []byte) error {
	for {
		h.mu.Lock()
		if h.link.Len() < shapedMessages && (h.link.Bytes()+len(data) <= shapedBytes || h.link.Len() == 0) {
			err := h.link.Send(c.now(), data)
			h.mu.Unlock()
			poke(h.wake)
			if errors.Is(err, ErrLinkFull) {
				return err // a single message above MaxQueueBytes
			}
			return nil
		}
		h.mu.Unlock()
		select {
		case <-h.room:
		case <-c.closed:
			return c.err
		}
	}
}

// end marks a direction's end, which travels like a message.
func (c *shaped) end(h *half, err error) {
	h.mu.Lock()
	if !h.ended {
		h.ended, h.err = true, err
		h.endAt = c.now()
		if at, arrives, _ := h.link.schedule(h.endAt, 0); arrives {
			h.endAt = at
		}
	}
	h.mu.Unlock()
	poke(h.wake)
}

// next appends to buf the first message that is due; else it tells how long to wait for the next
// event (never: until woken), or that the direction has ended.
func (c *shaped) next(h *half, buf []byte) (msg []byte, ok, over bool, wait time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	now := c.now()
	if msg, ok = h.link.pop(now, buf); ok {
		poke(h.room)
		return msg, true, false, 0
	}
	at, waiting := h.link.Next()
	switch {
	case waiting:
		return buf, false, false, at - now
	case h.ended && h.endAt <= now:
		return buf, false, true, 0
	case h.ended:
		return buf, false, false, h.endAt - now
	}
	return buf, false, false, never
}

// expiry arms a timer that is made at the first use.
func expiry(t **time.Timer, d time.Duration) <-chan time.Time {
	if d == never {
		return nil
	}
	if *t == nil {
		*t = time.NewTimer(d)
	} else {
		(*t).Reset(d)
	}
	return (*t).C
}

func (c *shaped) Read() ([]byte, error) {
	for {
		select {
		case <-c.closed:
			return nil, c.err
		default:
		}
		msg, ok, over, wait := c.next(&c.down, c.buf[:0])
		c.buf = msg
		switch {
		case ok:
			return msg, nil
		case over:
			return nil, c.down.err
		}
		select {
		case <-expiry(&c.timer, wait):
		case <-c.down.wake:
		case <-c.closed:
		}
		if c.timer != nil {
			c.timer.Stop()
		}
	}
}

func (c *shaped) Write(data []byte) error {
	select {
	case <-c.closed:
		return c.err
	default:
	}
	c.up.mu.Lock()
	err := c.up.err
	c.up.mu.Unlock()
	if err != nil {
		return err
	}
	return c.put(&c.up, data)
}

// pumpUp writes what is due to the connection, until Close's goodbye is due or quit.
func (c *shaped) pumpUp() {
	defer close(c.done)
	var (
		buf    []byte
		timer  *time.Timer
		failed bool
	)
	for {
		msg, ok, over, wait := c.next(&c.up, buf[:0])
		buf = msg
		switch {
		case over:
			_ = c.conn.Close(c.code, c.reason) // the code was checked by Close
			return
		case ok && failed:
			continue // there is nobody to take it; Read tells why
		case ok:
			if err := c.conn.Write(msg); err != nil {
				failed = true
				c.up.mu.Lock()
				c.up.err = err
				c.up.mu.Unlock()
			}
			continue
		}
		select {
		case <-expiry(&timer, wait):
		case <-c.up.wake:
		case <-c.quit:
			return
		}
		if timer != nil {
			timer.Stop()
		}
	}
}

// pumpDown reads the connection until it ends.
func (c *shaped) pumpDown() {
	for {
		msg, err := c.conn.Read()
		if err != nil {
			c.end(&c.down, err)
			return
		}
		if err := c.put(&c.down, msg); err != nil {
			if errors.Is(err, ErrLinkFull) {
				c.hangUp(err)
			}
			return
		}
	}
}

// stop decides once why this end is over.
func (c *shaped) stop(err error, code transport.Code, reason string) {
	c.once.Do(func() {
		c.err, c.code, c.reason = err, code, reason
		if c.cut != nil {
			c.cut.Stop()
		}
		close(c.closed)
	})
}

// hangUp ends the connection without a goodbye and without waiting for what is under way.
func (c *shaped) hangUp(err error) {
	c.stop(err, 0, "")
	c.quitMu.Do(func() { close(c.quit) })
	abort(c.conn)
}

// Abort implements transport.Aborter.
func (c *shaped) Abort() { c.hangUp(transport.ErrClosed) }

// Close lets what was written arrive, and the goodbye after it, each with its delay, for at most
// flushLimit; then it closes the connection as that does.
func (c *shaped) Close(code transport.Code, reason string) error {
	var err error
	if !code.Sendable() {
		// The connection's own Close reports it, and replaces the code.
		err = c.closeNow(code, reason)
		return err
	}
	c.stop(transport.ErrClosed, code, reason)
	c.end(&c.up, nil)
	timer := time.NewTimer(flushLimit)
	defer timer.Stop()
	select {
	case <-c.done:
		return nil
	case <-timer.C:
	}
	return c.closeNow(code, reason)
}

func (c *shaped) closeNow(code transport.Code, reason string) error {
	c.stop(transport.ErrClosed, code, reason)
	c.quitMu.Do(func() { close(c.quit) })
	err := c.conn.Close(code, reason)
	<-c.done
	return err
}
