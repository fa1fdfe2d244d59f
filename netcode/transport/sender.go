package transport

import (
	"errors"
	"sync"
	"time"
)

// Class says how urgent a message is.
type Class uint8

const (
	// Ordered messages leave first, in the order in which they were sent.
	Ordered Class = iota
	// Bulk messages leave one at a time when no Ordered one waits, in order among themselves.
	// Ordered messages overtake them; while Ordered ones keep waiting, Bulk ones do not leave.
	Bulk
)

var (
	// ErrQueueFull: the message was not taken, because too much waits already.
	ErrQueueFull = errors.New("the send queue is full")
	// ErrEmpty: a message without bytes would vanish in a batch.
	ErrEmpty = errors.New("an empty message cannot be sent")
)

// SenderOptions adjust a Sender. The zero value means the defaults.
type SenderOptions struct {
	// MaxMessages and MaxBytes bound what waits, in each class.
	MaxMessages int
	MaxBytes    int

	// BatchBytes is the size up to which waiting Ordered messages leave as one. A single message
	// may be larger. It must not be above the far end's MaxMessage.
	BatchBytes int

	// BatchWindow is how long an Ordered message waits for company. 0 means not at all: only what
	// waits anyway, because the line is busy, is put together.
	BatchWindow time.Duration

	// CloseTimeout bounds how long Close tries to send what waits.
	CloseTimeout time.Duration
}

const (
	// DefaultMaxMessages is half a minute of bundles: a seat that far behind is dropped anyway.
	DefaultMaxMessages = 1024
	// DefaultMaxBytes has room for a whole snapshot (64 KiB) several times over.
	DefaultMaxBytes = 256 << 10
	// DefaultBatchBytes is the size of the largest ordinary message; it must stay below
	// DefaultMaxMessage, the receiver's limit.
	DefaultBatchBytes = 4 << 10
	// DefaultCloseTimeout is what a program that ends can afford.
	DefaultCloseTimeout = time.Second
)

func (o SenderOptions) withDefaults() SenderOptions {
	for _, f := range []struct {
		v   *int
		def int
	}{{&o.MaxMessages, DefaultMaxMessages}, {&o.MaxBytes, DefaultMaxBytes}, {&o.BatchBytes, DefaultBatchBytes}} {
		if *f.v <= 0 {
			*f.v = f.def
		}
	}
	if o.CloseTimeout <= 0 {
		o.CloseTimeout = DefaultCloseTimeout
	}
	o.BatchWindow = max(o.BatchWindow, 0)
	return o
}

// Depth is what waits in a Sender. What is being written at the moment does not count.
type Depth struct {
	Ordered, OrderedBytes int
	Bulk, BulkBytes       int
}

// Messages is the sum of both classes.
func (d Depth) Messages() int { return d.Ordered + d.Bulk }

// Bytes is the sum of both classes.
func (d Depth) Bytes() int { return d.OrderedBytes + d.BulkBytes }

// Sent counts what a Sender has written.
type Sent struct {
	Frames   uint64 // calls of Conn.Write: WebSocket messages
	Messages uint64
	Bytes    uint64 // before WebSocket's framing
}

// Sender owns the writing side of a Conn: nobody else may call its Write. Send queues a message and
// returns at once; a goroutine writes. All methods may be called from any goroutine.
type Sender struct {
	conn Conn
	opts SenderOptions
	wake chan struct{} // one token: something changed
	done chan struct{}

	mu      sync.Mutex
	ordered queue
	bulk    queue
	firstAt time.Time // when the oldest waiting Ordered message came; kept only with a BatchWindow
	sent    Sent
	closing bool
	killer  *time.Timer // once closing: closes the connection under a flush that takes too long
	code    Code
	reason  string
	err     error // why it ended
}

// NewSender starts the goroutine that writes to conn. It ends by Close, which closes conn, or when
// a write fails: Read then fails too, and the caller closes conn as after every error of Read.
func NewSender(conn Conn, opts SenderOptions) *Sender {
	s := &Sender{
		conn: conn,
		opts: opts.withDefaults(),
		wake: make(chan struct{}, 1),
		done: make(chan struct{}),
	}
	go s.run()
	return s
}

// Send puts a copy of msg in the queue of its class. It never blocks. The error is ErrQueueFull,
// ErrEmpty, ErrClosed after Close, or why the connection failed; msg is then not sent.
func (s *Sender) Send(class Class, msg []byte) error {
	if len(msg) == 0 {
		return ErrEmpty
	}
	s.mu.Lock()
	switch {
	case s.err != nil:
		err := s.err
		s.mu.Unlock()
		return err
	case s.closing:
		s.mu.Unlock()
		return ErrClosed
	}
	q := &s.ordered
	if class == Bulk {
		q = &s.bulk
	}
	if q.messages() >= s.opts.MaxMessages || q.waiting()+len(msg) > s.opts.MaxBytes {
		s.mu.Unlock()
		return ErrQueueFull
	}
	if s.opts.BatchWindow > 0 && class != Bulk && q.messages() == 0 {
		s.firstAt = time.Now()
	}
	q.push(msg)
	s.mu.Unlock()
	s.poke()
	return nil
}

// SetBatchWindow changes how long an Ordered message waits for company. What waits without a window
// so far leaves as it would have.
func (s *Sender) SetBatchWindow(window time.Duration) {
	s.mu.Lock()
	if s.opts.BatchWindow <= 0 {
		s.firstAt = time.Time{} // not kept without a window: what waits now is due
	}
	s.opts.BatchWindow = window
	s.mu.Unlock()
	s.poke() // a shorter window may be over already
}

// Depth tells what waits.
func (s *Sender) Depth() Depth {
	s.mu.Lock()
	defer s.mu.Unlock()
	return Depth{s.ordered.messages(), s.ordered.waiting(), s.bulk.messages(), s.bulk.waiting()}
}

// Sent tells what was written so far.
func (s *Sender) Sent() Sent {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.sent
}

// Close lets the goroutine send what waits, for at most CloseTimeout, and then close the connection
// with code and reason. It returns at once; Done tells when all is over. Only the first counts.
// After a failed write it closes the connection all the same, in the background.
func (s *Sender) Close(code Code, reason string) {
	closeConn := func() {
		// Err reports a code that cannot be sent, where the goroutine gets to close by itself.
		_ = s.conn.Close(code, reason) // it is given up
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closing {
		return
	}
	s.closing = true
	s.code, s.reason = code, reason
	if s.err != nil {
		go closeConn()
		return
	}
	// The writing goroutine meets the closed connection and reports it.
	s.killer = time.AfterFunc(s.opts.CloseTimeout, closeConn)
	s.poke()
}

// Done is closed when nothing more will be written: after a Close the connection is closed then,
// after a failed write the reader is about to see why.
func (s *Sender) Done() <-chan struct{} { return s.done }

// Err is nil while the Sender works, ErrClosed after a Close that sent everything, and else why
// messages were lost.
func (s *Sender) Err() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.err
}

func (s *Sender) poke() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}
