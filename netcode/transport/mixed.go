package transport

import (
	"errors"
	"fmt"
	"math"
	"sync"
	"sync/atomic"
	"time"

	"tandem/netcode/transport/repeat"
)

// deafAfter is when a client without a WebSocket gives up a relay that answers nothing, so that its program
// can come back by another way; brokenAfter where its WebSocket has just broken, as it does when the relay
// dies. They must stay below the 5 s after which a room gives up a seat.
const deafAfter, brokenAfter = 3 * time.Second, time.Second

const never = time.Duration(math.MaxInt64)

// line is a connection that carries datagrams and, beside them, a stream of packets: QUIC for programs,
// WebTransport for pages.
type line interface {
	// datagram sends a packet that may get lost; also one that there is no room for, or no line any more,
	// which who receives hears. It keeps nothing of the packet.
	datagram(packet []byte)
	// packet sends one on the stream, and waits until there is room. One goroutine calls it.
	packet(packet []byte) error
	// losses counts the bytes that have left, and those of them that are taken for lost; 0 where it cannot
	// tell.
	losses() (sent, lost uint64)
	// hear waits for a datagram, read for a packet of the stream, of at most limit bytes (ErrTooBig). What
	// they return is valid until the next call; a goroutine each calls them.
	hear() ([]byte, error)
	read(limit int) ([]byte, error)
	// close ends it; abort says that not all was said. Anybody may call it, and more than once.
	close(abort bool)
	// over is closed when it has ended.
	over() <-chan struct{}
	// carrier names it, see Carrier.
	carrier() string
}

// socket is a WebSocket whose messages are packets.
type socket interface {
	Conn
	Aborter
}

// mixed is a Conn whose messages travel in datagrams and on the stream of a line, and over a WebSocket, see
// package repeat, which decides on which.
type mixed struct {
	mixedConfig
	start time.Time

	news, room, said chan struct{} // a token each: something came, there may be room, all may be said
	stop             chan struct{} // this end is closing: err is set
	over             chan struct{} // the connection is released
	begun            atomic.Bool   // it is ending
	hurry            chan struct{} // a token: it is to end at once
	pumps            [len(repeat.Busy{})]func()
	err              error

	readTime, writeTime *time.Timer
	buf                 []byte

	mu      sync.Mutex
	end     *repeat.End
	line    line
	socket  socket
	pumping repeat.Busy
	since   [len(repeat.Busy{})]time.Duration // when the packet that leaves on a way was handed over
	lost    error                             // why the last way went
	broke   error                             // what the far end has done wrong on it
	heard   time.Duration
	asked   time.Duration // since when there is something that the far end has not acknowledged
	cut     bool          // the last thing that happened to a way is that the WebSocket broke
	cutAt   time.Duration
	closing bool
	freed   bool // nothing more is done
	timer   *time.Timer
}

// mixedConfig says which end of a connection a mixed is, and where.
type mixedConfig struct {
	Options
	remote string
	client bool
	always bool // datagrams are in use whenever there are any
	packet int  // the largest that a datagram carries; 0: as repeat says
	// late is how much longer than ReadTimeout Read waits for what has arrived already, where one thread
	// does everything and may have had no time for it.
	late time.Duration
	gone func() // hears that the connection is released; may be nil
}

func newMixed(cfg mixedConfig) *mixed {
	c := &mixed{mixedConfig: cfg, start: time.Now(),
		news: make(chan struct{}, 1), room: make(chan struct{}, 1), said: make(chan struct{}, 1),
		stop: make(chan struct{}), over: make(chan struct{}), hurry: make(chan struct{}, 1),
		end: repeat.New(repeat.Config{MaxMessage: cfg.MaxMessage, MaxPacket: cfg.packet, Always: cfg.always})}
	for w := range c.pumps {
		c.pumps[w] = func() { c.pump(repeat.Way(w)) }
	}
	// It is started only when the field is set: its function looks at it.
	c.timer = time.AfterFunc(time.Hour, c.tick)
	c.buf = make([]byte, 0, firstBuffer) // a message without bytes is no nil
	return c
}

func (c *mixed) now() time.Duration { return time.Since(c.start) }

// Remote is the far end's address when it connected.
func (c *mixed) Remote() string { return c.remote }

// Carrier names what carries small messages at the moment.
func (c *mixed) Carrier() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.line != nil && c.end.Uses(c.now()) {
		return c.line.carrier()
	}
	return CarrierWebSocket
}

// Read waits for the next message.
func (c *mixed) Read() ([]byte, error) {
	for {
		now := c.now()
		c.mu.Lock()
		if c.closing {
			c.mu.Unlock()
			<-c.over
			return nil, c.err
		}
		var kind repeat.Kind
		c.buf, kind = c.end.Next(now, c.buf[:0])
		code, reason, _ := c.end.Ended()
		lost, heard := c.lostNow(), c.heard
		c.arm(now)
		c.mu.Unlock()
		switch {
		case kind == repeat.Message:
			return c.buf, nil
		case kind == repeat.Goodbye:
			c.finish(&CloseError{Code: Code(code), Reason: reason}, 0, "", false)
		case kind == repeat.TooBig:
			c.refuse(refuseBig(c.MaxMessage))
		case lost != nil:
			c.finish(lost, 0, "", false)
		default:
			var silence time.Duration
			if c.ReadTimeout > 0 {
				silence = heard + c.ReadTimeout - now
				if silence <= 0 {
					silence += c.late
				}
				if silence <= 0 {
					c.refuse(refuseSilence(c.ReadTimeout))
					continue
				}
			}
			expired := arm(&c.readTime, silence)
			select {
			case <-c.news:
			case <-c.stop:
			case <-expired:
			}
			disarm(c.readTime)
		}
	}
}

// Write sends data as one message, in order.
func (c *mixed) Write(data []byte) error { return c.write(false, data) }

// WriteBulk sends data as one message that those of Write may overtake, and that overtakes none.
func (c *mixed) WriteBulk(data []byte) error { return c.write(true, data) }

func (c *mixed) write(bulk bool, data []byte) error {
	expired := (<-chan time.Time)(nil)
	for {
		now := c.now()
		c.mu.Lock()
		switch code, reason, ended := c.end.Ended(); {
		case c.closing:
			c.mu.Unlock()
			<-c.over
			return c.err
		case ended:
			c.mu.Unlock()
			return &CloseError{Code: Code(code), Reason: reason}
		}
		if err := c.lostNow(); err != nil {
			c.mu.Unlock()
			return err
		}
		if c.end.Room(bulk, len(data)) {
			c.asks(now)
			c.end.Write(now, bulk, data)
			c.arm(now)
			c.mu.Unlock()
			disarm(c.writeTime)
			c.flush(true)
			return nil
		}
		c.mu.Unlock()
		if expired == nil {
			expired = arm(&c.writeTime, c.WriteTimeout)
		}
		select {
		case <-c.room:
		case <-c.stop:
		case <-expired:
			c.finish(writeTimedOut(c.WriteTimeout), 0, "", true)
		}
	}
}

// Close says goodbye, waits for the answer, and releases the connection.
func (c *mixed) Close(code Code, reason string) error {
	code, reason, err := goodbye(code, reason)
	c.finish(ErrClosed, code, reason, false)
	return err
}

// Abort ends the connection without a goodbye.
func (c *mixed) Abort() { c.finish(ErrClosed, 0, "", true) }

func (c *mixed) refuse(r refusal) { c.finish(r.err, r.code, r.reason, false) }

// lostNow is an error when there is no way any more. mu is held.
func (c *mixed) lostNow() error {
	if c.end.Ways() > 0 {
		return nil
	}
	if c.broke != nil {
		return c.broke
	}
	var closed *CloseError
	if errors.As(c.lost, &closed) {
		return closed
	}
	return &CloseError{Code: CodeAbnormal, Err: c.lost}
}

// finish ends the connection once, see wsConn.finish.
func (c *mixed) finish(err error, code Code, reason string, abort bool) {
	if !c.begun.Swap(true) {
		c.release(err, code, reason, abort)
	} else if abort {
		select {
		case c.hurry <- struct{}{}:
		default:
		}
	}
	<-c.over
}

func (c *mixed) release(err error, code Code, reason string, abort bool) {
	now := c.now()
	c.mu.Lock()
	c.err, c.closing = err, true
	if code != 0 {
		c.asks(now)
		c.end.Goodbye(now, uint16(code), reason)
		c.arm(now)
	}
	c.mu.Unlock()
	close(c.stop)
	if !abort {
		c.flush(false)
	}
	if code != 0 {
		c.linger()
	}
	c.mu.Lock()
	c.freed = true
	c.timer.Stop()
	line, socket := c.line, c.socket
	c.mu.Unlock()
	if line != nil {
		line.close(abort)
	}
	if socket != nil && abort {
		socket.Abort()
	} else if socket != nil {
		go func() { _ = socket.Close(CodeNormal, "") }() // what there was to say was said
	}
	if c.gone != nil {
		c.gone()
	}
	close(c.over)
}

// linger waits until the far end has everything, or is gone, for a moment.
func (c *mixed) linger() {
	late := time.NewTimer(closeWait)
	defer late.Stop()
	for {
		c.mu.Lock()
		done := c.end.Empty() || c.end.Ways() == 0
		c.mu.Unlock()
		if done {
			return
		}
		select {
		case <-c.said:
		case <-c.hurry:
			return
		case <-late.C:
			return
		}
	}
}

// tick does what the passing of time asks for.
func (c *mixed) tick() {
	now := c.now()
	c.mu.Lock()
	if c.freed {
		c.mu.Unlock()
		return
	}
	c.end.Look(now)
	line, stuck, deaf := c.line, c.stuckAt() <= now, c.deafAt() <= now
	c.mu.Unlock()
	switch {
	case line != nil && stuck:
		c.dropLine(line, writeTimedOut(c.WriteTimeout))
	case line != nil && deaf:
		line.close(true)
	}
	c.flush(false)
}

// asks takes note that something is about to be said that the far end has to acknowledge. mu is held.
func (c *mixed) asks(now time.Duration) {
	if c.end.Empty() {
		c.asked = now
	}
}

// deafAt is when a client gives its line up where nothing comes until then. mu is held.
func (c *mixed) deafAt() time.Duration {
	if !c.client || c.line == nil || c.socket != nil || c.end.Empty() {
		return never
	}
	// A WebSocket that broke long ago tells nothing about the line.
	at := max(c.heard, c.asked)
	if soon := max(at, c.cutAt) + brokenAfter; c.cut && soon < c.cutAt+deafAfter {
		return soon
	}
	return at + deafAfter
}

// stuckAt is when a line is given up that does not take a packet until then, as a WebSocket is. mu is held.
func (c *mixed) stuckAt() time.Duration {
	at := never
	for _, w := range []repeat.Way{repeat.Datagram, repeat.Stream} {
		if c.line != nil && c.pumping[w] && c.WriteTimeout > 0 {
			at = min(at, c.since[w]+c.WriteTimeout)
		}
	}
	return at
}

// arm sets the timer to the next deadline. mu is held.
func (c *mixed) arm(now time.Duration) {
	if c.freed {
		return
	}
	// What is due on a way that is being written to waits for its pump, which takes it when it can.
	at := min(c.end.Deadline(now, c.pumping), c.deafAt(), c.stuckAt())
	c.timer.Reset(max(at-now, time.Millisecond))
}

// receive takes a packet.
func (c *mixed) receive(w repeat.Way, packet []byte) {
	now := c.now()
	c.mu.Lock()
	if c.freed {
		c.mu.Unlock()
		return
	}
	err := c.end.Receive(now, w, packet)
	c.heard = now
	c.end.Look(now)
	c.arm(now)
	c.mu.Unlock()
	c.poke()
	if err != nil {
		if !c.begun.Load() {
			go c.refuse(refusePacket(err)) // it waits for the answer, which comes here
		}
		return
	}
	c.flush(false)
}

func refusePacket(err error) refusal {
	if errors.Is(err, repeat.ErrFlood) {
		return refusal{CodePolicy, err.Error(), fmt.Errorf("%w: %w", ErrIdleFrames, err)}
	}
	return refusal{CodeProtocolError, err.Error(), fmt.Errorf("%w: %w", ErrPacket, err)}
}

// poke wakes whoever waits for anything.
func (c *mixed) poke() {
	for _, ch := range []chan struct{}{c.news, c.room, c.said} {
		select {
		case ch <- struct{}{}:
		default:
		}
	}
}
