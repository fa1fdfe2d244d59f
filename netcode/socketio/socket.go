//go:build !js

package socketio

import (
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/gorilla/websocket"

	"tandem/netcode/transport"
)

// Options adjust a Socket. The zero value means the defaults.
type Options struct {
	Config // of the protocol; a server's NewID may be left out

	// Compression accepts (server) or offers (client) permessage-deflate, without context takeover.
	// Messages of CompressAbove bytes and more are then sent compressed; the default is what the
	// stock library uses, 1024. A frame's actions are smaller: they would grow.
	Compression   bool
	CompressAbove int

	// MaxMessages and MaxBytes bound what waits to be sent.
	MaxMessages int
	MaxBytes    int

	// WriteTimeout ends the connection when the far end takes nothing for so long.
	WriteTimeout time.Duration

	// HandshakeTimeout bounds connecting, TLS, the HTTP upgrade and, on a client, the greeting.
	HandshakeTimeout time.Duration

	Native // what only one of the sides uses
}

const (
	// DefaultMaxMessages is ten seconds of a player's traffic at 30 Hz many times over; a burst of
	// 2,000 messages must fit.
	DefaultMaxMessages = 4096

	// DefaultMaxBytes has room for the largest packet there can be, with its attachments, and more.
	// It must not be below MaxMessage + MaxAttachmentBytes.
	DefaultMaxBytes = 4 << 20

	// DefaultCompressAbove is the stock library's threshold.
	DefaultCompressAbove = 1024

	// closeWait bounds the end: sending what waits, and the closing handshake.
	closeWait = time.Second

	// maxEarly is how many events a client keeps that arrive before the answer to its CONNECT.
	maxEarly = 32

	// ioBuffer holds a few actions; larger messages take several reads.
	ioBuffer = 4 << 10
)

func (o Options) withDefaults() Options {
	for _, f := range []struct {
		v   *int
		def int
	}{{&o.MaxMessages, DefaultMaxMessages}, {&o.MaxBytes, DefaultMaxBytes}, {&o.CompressAbove, DefaultCompressAbove}} {
		if *f.v <= 0 {
			*f.v = f.def
		}
	}
	if o.WriteTimeout <= 0 {
		o.WriteTimeout = transport.DefaultWriteTimeout
	}
	if o.HandshakeTimeout <= 0 {
		o.HandshakeTimeout = transport.DefaultHandshakeTimeout
	}
	return o
}

// Socket is a Machine on a real WebSocket. One goroutine calls Read, without which nothing works:
// pings are answered there. All other methods may be called from any goroutine and never block,
// except Close.
type Socket struct {
	ws   *websocket.Conn
	opts Options

	readMu sync.Mutex // held while something reads from ws
	buf    []byte
	early  []*Packet // what Read hands out first
	kept   []*Packet // join: what arrives before the answer to CONNECT

	mu      sync.Mutex // guards what follows
	machine *Machine
	pending outbox
	waiting struct{ messages, bytes int } // pending, and what is being written
	broken  error                         // why nothing can be written any more; reading may go on
	err     error                         // why it is over, or is about to be
	code    transport.Code                // what the far end is told; 0 nothing
	reason  string

	wake chan struct{}
	done chan struct{} // everything is released
}

func newSocket(ws *websocket.Conn, m *Machine, opts Options) *Socket {
	s := &Socket{
		ws: ws, opts: opts, machine: m,
		buf:  make([]byte, 512),
		wake: make(chan struct{}, 1),
		done: make(chan struct{}),
	}
	if opts.Compression {
		// The level is a constant that the library knows: it cannot fail.
		_ = ws.SetCompressionLevel(1)
	}
	return s
}

// Remote is the far end's address.
func (s *Socket) Remote() string { return s.ws.RemoteAddr().String() }

// SID is the session's id in the protocol, "" before the namespace is joined.
func (s *Socket) SID() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.machine.SID()
}

// Depth tells what waits to be written.
func (s *Socket) Depth() (messages, bytes int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.waiting.messages, s.waiting.bytes
}

// Read waits for the next packet: on a server a Connect first, then Events and Acks, a Disconnect
// when the client leaves the namespace; on a client, whose Dial has seen the Connect, Events and
// Acks. A packet is valid until the next Read. After an error the connection is over, and every
// later call answers the same.
func (s *Socket) Read() (*Packet, error) {
	s.readMu.Lock()
	if len(s.early) > 0 {
		p := s.early[0]
		s.early = s.early[1:]
		s.readMu.Unlock()
		return p, nil
	}
	p, err := s.read()
	s.readMu.Unlock()
	if err == nil {
		return p, nil
	}
	s.end(err)
	<-s.done
	return nil, s.Err()
}

// Err is nil while the connection lives, and then why it does not.
func (s *Socket) Err() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.err
}

func (s *Socket) read() (*Packet, error) {
	for {
		kind, r, err := s.ws.NextReader()
		if err != nil {
			return nil, readError(err)
		}
		n, err := s.fill(r)
		switch {
		case err != nil:
			return nil, readError(err)
		case n > MaxMessage:
			return nil, tooBig("a message of more than %d bytes", MaxMessage)
		}
		message, binary := s.buf[:n], kind == websocket.BinaryMessage
		if !binary && !utf8.Valid(message) {
			return nil, malformed("a text message that is no UTF-8")
		}
		p, err := s.receive(binary, message)
		if p != nil || err != nil {
			return p, err
		}
	}
}

func (s *Socket) receive(binary bool, message []byte) (*Packet, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err != nil {
		return nil, nil // too late to be of use: read until the far end says goodbye
	}
	out := s.machine.Receive(time.Now(), binary, message)
	s.order(out)
	if out.Packet != nil {
		return out.Packet, nil // an error, if any, has begun the end: the next Read tells
	}
	return nil, out.Err
}

// fill reads a message into buf, but stops at one byte over the limit, which counts decompressed.
func (s *Socket) fill(r io.Reader) (int, error) {
	if len(s.buf) > keepBuffer {
		s.buf = make([]byte, 512)
	}
	n := 0
	for n <= MaxMessage {
		if n == len(s.buf) {
			s.buf = append(s.buf, make([]byte, min(len(s.buf), MaxMessage+1-len(s.buf)))...)
		}
		m, err := r.Read(s.buf[n:])
		n += m
		if err == io.EOF {
			return n, nil
		}
		if err != nil {
			return n, err
		}
	}
	return n, nil
}

// order executes what the machine answered. mu is held.
func (s *Socket) order(out Out) {
	for _, f := range out.Send {
		s.push(f.Binary, f.Data)
	}
	if out.Err != nil {
		s.endLocked(out.Err)
	}
	s.poke()
}

// push adds a message to what waits. mu is held.
func (s *Socket) push(binary bool, data []byte) {
	s.pending.add(binary, data)
	s.waiting.messages++
	s.waiting.bytes += len(data)
}

// Emit sends an event of the original. The error is ErrNotConnected, ErrQueueFull, what is wrong
// with p, or why the connection is over; p is then not sent.
func (s *Socket) Emit(p Payload) error {
	return s.write(func(dst []byte) ([]byte, [][]byte, error) {
		return s.machine.enc.AppendEvent(dst, p)
	})
}

// EmitValues sends any event.
func (s *Socket) EmitValues(name string, args ...Value) error {
	return s.Send(&Packet{Type: Event, Name: name, Args: args})
}

// Send sends an Event or an Ack.
func (s *Socket) Send(p *Packet) error {
	if p.Type != Event && p.Type != Ack || p.Namespace != "" && p.Namespace != Root {
		return unexpected("only events and acknowledgements in the root namespace are sent by hand")
	}
	return s.write(func(dst []byte) ([]byte, [][]byte, error) { return s.machine.enc.Append(dst, p) })
}

// write lets encode append a message right behind those that wait, its attachments after it.
func (s *Socket) write(encode func([]byte) ([]byte, [][]byte, error)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.err != nil:
		return s.err
	case s.broken != nil:
		return s.broken
	case s.machine.State() != Connected:
		return ErrNotConnected
	case s.waiting.messages >= s.opts.MaxMessages:
		return ErrQueueFull
	}
	before := len(s.pending.bytes)
	all, atts, err := encode(s.pending.bytes)
	if err != nil {
		return err // what was appended behind before is forgotten
	}
	total, largest := len(all)-before, len(all)-before
	for _, a := range atts {
		total += len(a)
		largest = max(largest, len(a))
	}
	switch {
	case largest > s.machine.Limit():
		return tooBig("a message of %d bytes, the far end takes %d", largest, s.machine.Limit())
	case s.waiting.bytes+total > s.opts.MaxBytes, s.waiting.messages+1+len(atts) > s.opts.MaxMessages:
		return ErrQueueFull
	}
	s.pending.bytes = all
	s.pending.sizes = append(s.pending.sizes, size{len(all) - before, s.machine.enc.Binary()})
	s.waiting.messages++
	s.waiting.bytes += len(all) - before
	for _, a := range atts {
		s.push(true, a)
	}
	s.poke()
	return nil
}

func (s *Socket) poke() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// Close leaves the namespace, sends what waits, says goodbye with a reason (at most 123 bytes of
// it) and releases the connection. It waits for that, a second or two at most. Only the first
// counts.
func (s *Socket) Close(reason string) error {
	s.mu.Lock()
	if s.err == nil {
		s.reason = reason
		s.order(s.machine.Leave())
	}
	s.mu.Unlock()
	<-s.done
	return nil
}

// Abort ends the connection without a goodbye, as a broken line does. It does not wait.
func (s *Socket) Abort() {
	s.mu.Lock()
	if s.err == nil {
		s.err = ErrClosed
	}
	s.mu.Unlock()
	_ = s.ws.NetConn().Close()
	s.poke()
}

func (s *Socket) end(err error) {
	s.mu.Lock()
	s.endLocked(err)
	s.mu.Unlock()
	s.poke()
}

// endLocked notes once why the connection is over, and chooses the goodbye. mu is held.
func (s *Socket) endLocked(err error) {
	if s.err != nil {
		return
	}
	var said *transport.CloseError
	if errors.As(err, &said) && said.Code == transport.CodeAbnormal && s.broken != nil {
		err = s.broken // what came first says more
	}
	s.err = err
	s.machine.state = Over
	switch {
	case errors.Is(err, ErrClosed), errors.Is(err, ErrPeerClosed), errors.Is(err, ErrRefused):
		s.code = transport.CodeNormal
	case errors.Is(err, ErrTooBig):
		s.code, s.reason = transport.CodeTooBig, err.Error()
	case errors.Is(err, ErrTimeout):
		s.code, s.reason = transport.CodePolicy, err.Error()
	case errors.Is(err, ErrMalformed), errors.Is(err, ErrUnexpected):
		s.code, s.reason = transport.CodeProtocolError, err.Error()
	}
	if said != nil {
		s.code = 0 // nobody is there to be told
	}
	until := time.Now().Add(closeWait)
	// They fail on a closed connection only, which ends all the same.
	_ = s.ws.NetConn().SetWriteDeadline(until)
	_ = s.ws.NetConn().SetReadDeadline(until)
}

// readError puts the library's errors in words.
func readError(err error) error {
	var closed *websocket.CloseError
	switch {
	case errors.As(err, &closed) && closed.Code != websocket.CloseAbnormalClosure:
		e := &transport.CloseError{Code: transport.Code(closed.Code), Reason: closed.Text}
		return fmt.Errorf("%w: %w", ErrPeerClosed, e)
	case errors.As(err, &closed), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, net.ErrClosed):
		return fmt.Errorf("%w: %w", ErrPeerClosed, &transport.CloseError{Code: transport.CodeAbnormal, Reason: "it hung up"})
	}
	return fmt.Errorf("%w: %w", ErrPeerClosed, &transport.CloseError{Code: transport.CodeAbnormal, Err: err})
}
