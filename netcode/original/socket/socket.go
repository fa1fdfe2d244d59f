//go:build !js

package socket

import (
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/gorilla/websocket"

	"tandem/netcode/original/wire"
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

	// OnEnd, if set, is called once everything is released.
	OnEnd func()

	closeWait time.Duration // tests take more than closeWait

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
	if o.closeWait <= 0 {
		o.closeWait = closeWait
	}
	return o
}

// Socket is a Machine on a WebSocket, or on a session that polls. One goroutine calls Read, without which nothing works:
// pings are answered there. All other methods may be called from any goroutine and never block,
// except Close.
type Socket struct {
	ws   line
	opts Options

	readMu sync.Mutex // held while something reads from ws
	buf    []byte
	taken  uint64         // messages read
	failed bool           // ReadMessage has met an error
	early  []*wire.Packet // what Read hands out first
	kept   []*wire.Packet // join: what arrives before the answer to CONNECT

	mu       sync.Mutex // guards what follows
	machine  *Machine
	pending  outbox
	sleeps   time.Time                     // until when the writer sleeps if nothing wakes it
	tended   bool                          // somebody calls Tend, so the writer need not keep the time
	direct   *direct                       // nil where everything goes through the writer
	busy     bool                          // the writer writes
	rest     []byte                        // the end of a frame that direct began
	restSize int                           // of the message it belongs to
	waiting  struct{ messages, bytes int } // pending, and what is being written
	broken   error                         // why nothing can be written any more; reading may go on
	err      error                         // why it is over, or is about to be
	code     transport.Code                // what the far end is told; 0 nothing
	reason   string

	wake chan struct{}
	done chan struct{} // everything is released
}

func newSocket(ws line, m *Machine, opts Options) *Socket {
	s := &Socket{
		ws: ws, opts: opts, machine: m,
		buf:  make([]byte, 512),
		wake: make(chan struct{}, 1),
		done: make(chan struct{}),
	}
	if ws, ok := ws.(*websocket.Conn); ok {
		s.handle(ws)
	}
	return s
}

// handle deals with what a WebSocket does by itself.
func (s *Socket) handle(ws *websocket.Conn) {
	if s.opts.Compression {
		// The level is a constant that the library knows: it cannot fail.
		_ = ws.SetCompressionLevel(1) // 1 is a level
	}
	// Answers wait in line with everything else: nothing may come between the parts of a frame.
	ws.SetPingHandler(func(data string) error {
		s.control(pong, []byte(data))
		return nil
	})
	ws.SetCloseHandler(func(code int, _ string) error {
		s.control(goodbye, websocket.FormatCloseMessage(code, ""))
		return nil
	})
}

// control adds an answer of WebSocket's own, unless so much waits that nobody takes it.
func (s *Socket) control(k kind, data []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err == nil && s.waiting.messages < s.opts.MaxMessages {
		s.push(k, data)
		s.poke()
	}
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
func (s *Socket) Read() (*wire.Packet, error) {
	s.readMu.Lock()
	if len(s.early) > 0 {
		p := s.early[0]
		s.early = s.early[1:]
		s.readMu.Unlock()
		return p, nil
	}
	if s.failed {
		s.readMu.Unlock()
		<-s.done
		return nil, s.Err()
	}
	for {
		p, err := s.read()
		if err != nil {
			s.readMu.Unlock()
			s.end(err)
			<-s.done
			return nil, s.Err()
		}
		if p != nil {
			s.readMu.Unlock()
			return p, nil
		}
	}
}

// ReadMessage is for whoever knows that a whole message is there: it reads one and does not wait. The
// packet is nil where the message is none, or only a part of one. After an error Read tells why the
// connection is over.
func (s *Socket) ReadMessage() (*wire.Packet, error) {
	if !s.readMu.TryLock() {
		return nil, ErrClosed // what is left is read by the goodbye
	}
	defer s.readMu.Unlock()
	p, err := s.read()
	if err != nil {
		s.failed = true
		s.end(err)
	}
	return p, err
}

// TakeText is ReadMessage for whoever has read the next message from the connection already: a text
// that came uncompressed in one frame. Its bytes are the Socket's from now on, until the next Read.
func (s *Socket) TakeText(message []byte) (*wire.Packet, error) {
	if !s.readMu.TryLock() {
		return nil, ErrClosed
	}
	defer s.readMu.Unlock()
	p, err := s.take(false, message)
	if err != nil {
		s.failed = true
		s.end(err)
	}
	return p, err
}

// TakeAction is TakeText for a message that mostly is a PlayerAction of a stock page. It answers false
// where it is not, or where it is not its turn; then e is undefined, and TakeText takes the message.
func (s *Socket) TakeAction(message []byte, e *wire.PlayerAction) bool {
	if !wire.QuickAction(message, e) || !s.readMu.TryLock() {
		return false
	}
	defer s.readMu.Unlock()
	s.mu.Lock()
	ok := s.err == nil && s.machine.takesEvents()
	s.mu.Unlock()
	if ok {
		s.taken++
	}
	return ok
}

// Taken counts the messages that were read.
func (s *Socket) Taken() uint64 {
	s.readMu.Lock()
	defer s.readMu.Unlock()
	return s.taken
}

// Err is nil while the connection lives, and then why it does not.
func (s *Socket) Err() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.err
}

// read reads a message. The packet is nil where it is none.
func (s *Socket) read() (*wire.Packet, error) {
	kind, r, err := s.ws.NextReader()
	if err != nil {
		return nil, readError(err)
	}
	n, err := s.fill(r)
	switch {
	case err != nil:
		return nil, readError(err)
	case n > wire.MaxMessage:
		return nil, tooBig("a message of more than %d bytes", wire.MaxMessage)
	}
	return s.take(kind == websocket.BinaryMessage, s.buf[:n])
}

func (s *Socket) take(binary bool, message []byte) (*wire.Packet, error) {
	s.taken++
	if !binary && !utf8.Valid(message) {
		return nil, malformed("a text message that is no UTF-8")
	}
	return s.receive(binary, message)
}

func (s *Socket) receive(binary bool, message []byte) (*wire.Packet, error) {
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
	for n <= wire.MaxMessage {
		if n == len(s.buf) {
			s.buf = append(s.buf, make([]byte, min(len(s.buf), wire.MaxMessage+1-len(s.buf)))...)
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

// order executes what the machine answered. The writer is woken only where it has something to do:
// most messages of a client change nothing for it. mu is held.
func (s *Socket) order(out Out) {
	s.note(out)
	if next := s.machine.Next(); len(out.Send) > 0 || s.err != nil || !s.tended && !next.IsZero() && next.Before(s.sleeps) {
		s.poke()
	}
}

// note adds what the machine wants sent, and takes note of the end. mu is held.
func (s *Socket) note(out Out) {
	for _, f := range out.Send {
		s.push(dataKind(f.Binary), f.Data)
	}
	if out.Err != nil {
		s.endLocked(out.Err)
	}
}

// Tend does what the time demands in the writer's place, which would have to be woken for it. Whoever
// has begun with it calls it ten times a second, and Untend in the end.
func (s *Socket) Tend(now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tended = true
	if next := s.machine.Next(); s.err != nil || next.IsZero() || now.Before(next) {
		return
	}
	out := s.machine.Tick(now)
	s.note(out)
	if s.err != nil || len(out.Send) > 0 && !s.writeNow() {
		s.poke()
	}
}

// Untend lets the writer keep the time again.
func (s *Socket) Untend() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.tended {
		s.tended = false
		s.poke()
	}
}

// push adds a message to what waits. mu is held.
func (s *Socket) push(k kind, data []byte) {
	s.pending.add(k, data)
	s.waiting.messages++
	s.waiting.bytes += len(data)
}

// Emit sends an event of the original. The error is ErrNotConnected, ErrQueueFull, what is wrong
// with p, or why the connection is over; p is then not sent.
func (s *Socket) Emit(p wire.Payload) error {
	return s.write(func(dst []byte) ([]byte, [][]byte, error) {
		return s.machine.enc.AppendEvent(dst, p)
	})
}

// EmitValues sends any event.
func (s *Socket) EmitValues(name string, args ...wire.Value) error {
	return s.Send(&wire.Packet{Type: wire.Event, Name: name, Args: args})
}

// Send sends an Event or an Ack.
func (s *Socket) Send(p *wire.Packet) error {
	if p.Type != wire.Event && p.Type != wire.Ack || p.Namespace != "" && p.Namespace != wire.Root {
		return unexpected("only events and acknowledgements in the root namespace are sent by hand")
	}
	return s.write(func(dst []byte) ([]byte, [][]byte, error) { return s.machine.enc.Append(dst, p) })
}

// SendEncoded sends a packet that an Encoder of this Socket's parser and role has written, with its
// attachments.
func (s *Socket) SendEncoded(message []byte, attachments ...[]byte) error {
	if len(message) > wire.MaxMessage {
		return tooBig("a message of %d bytes, %d are allowed", len(message), wire.MaxMessage)
	}
	return s.write(func(dst []byte) ([]byte, [][]byte, error) { return append(dst, message...), attachments, nil })
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
	s.pending.sizes = append(s.pending.sizes, size{len(all) - before, dataKind(s.machine.enc.Binary())})
	s.waiting.messages++
	s.waiting.bytes += len(all) - before
	for _, a := range atts {
		s.push(binaryMessage, a)
	}
	if !s.writeNow() {
		s.poke()
	}
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
	_ = s.ws.NetConn().Close() // it is given up
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
	case errors.Is(err, wire.ErrTooBig):
		s.code, s.reason = transport.CodeTooBig, err.Error()
	case errors.Is(err, ErrTimeout), errors.Is(err, transport.ErrIdleFrames):
		s.code, s.reason = transport.CodePolicy, err.Error()
	case errors.Is(err, wire.ErrMalformed), errors.Is(err, wire.ErrUnexpected):
		s.code, s.reason = transport.CodeProtocolError, err.Error()
	}
	if said != nil {
		s.code = 0 // nobody is there to be told
	}
	until := time.Now().Add(s.opts.closeWait)
	// They fail on a closed connection only, which ends all the same.
	_ = s.ws.NetConn().SetWriteDeadline(until) // a closed connection says so when it is used
	_ = s.ws.NetConn().SetReadDeadline(until)  // a closed connection says so when it is used
}

// readError puts the library's errors in words.
func readError(err error) error {
	var closed *websocket.CloseError
	switch {
	case errors.Is(err, transport.ErrIdleFrames):
		return err
	case errors.As(err, &closed) && closed.Code != websocket.CloseAbnormalClosure:
		e := &transport.CloseError{Code: transport.Code(closed.Code), Reason: closed.Text}
		return fmt.Errorf("%w: %w", ErrPeerClosed, e)
	case errors.As(err, &closed), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, net.ErrClosed):
		return fmt.Errorf("%w: %w", ErrPeerClosed, &transport.CloseError{Code: transport.CodeAbnormal, Reason: "it hung up"})
	}
	return fmt.Errorf("%w: %w", ErrPeerClosed, &transport.CloseError{Code: transport.CodeAbnormal, Err: err})
}
