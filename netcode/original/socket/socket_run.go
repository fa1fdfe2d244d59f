//go:build !js

package socket

import (
	"errors"
	"net"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/gorilla/websocket"

	"tandem/netcode/transport"
)

// tendPatience is how late the writer does what Tend should have done.
const tendPatience = 10 * time.Second

// run owns the writing side: it writes what waits, keeps the machine's time, and at the end says
// goodbye and releases everything.
func (s *Socket) run() {
	defer func() {
		close(s.done)
		if s.opts.OnEnd != nil {
			s.opts.OnEnd()
		}
	}()
	defer func() { _ = s.ws.Close() }()
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	var batch outbox
	for {
		s.mu.Lock()
		now := time.Now()
		if s.err == nil {
			if next := s.machine.Next(); !next.IsZero() && !now.Before(next) {
				s.order(s.machine.Tick(now))
			}
		}
		batch, s.pending = s.pending, batch
		rest, restSize := s.rest, s.restSize
		s.rest, s.restSize = nil, 0
		s.busy = true
		over, code, reason, direct := s.err, s.code, s.reason, s.direct != nil
		s.mu.Unlock()

		err := s.finish(rest, restSize, over != nil)
		if err == nil {
			err = s.writeAll(&batch, over != nil, direct)
		}
		if err != nil {
			s.breakOff(writeError(err, s.opts.WriteTimeout))
			return
		}
		if over != nil {
			s.goodbye(code, reason)
			return
		}
		s.mu.Lock()
		next := s.machine.Next()
		if next.IsZero() {
			next = now.Add(time.Hour)
		}
		if s.tended {
			next = next.Add(tendPatience)
		}
		s.sleeps = next
		more := len(s.pending.sizes) > 0 || s.err != nil
		s.busy = more
		s.mu.Unlock()
		if more {
			continue
		}
		timer.Reset(time.Until(next))
		select {
		case <-s.wake:
		case <-timer.C:
		}
	}
}

// finish writes the end of a frame that was begun directly.
func (s *Socket) finish(rest []byte, size int, over bool) error {
	if len(rest) == 0 {
		return nil
	}
	defer func() {
		s.mu.Lock()
		s.waiting.messages--
		s.waiting.bytes -= size
		s.mu.Unlock()
	}()
	// It fails on a closed connection only, as the writing does then.
	_ = s.ws.NetConn().SetWriteDeadline(s.deadline(over)) // a closed connection says so when it is used
	_, err := s.ws.NetConn().Write(rest)
	return err
}

// deadline is until when a message must be written.
func (s *Socket) deadline(over bool) time.Time {
	wait := s.opts.WriteTimeout
	if over {
		wait = min(wait, s.opts.closeWait)
	}
	return time.Now().Add(wait)
}

// writeAll writes and empties b. direct says that others may be written past it.
func (s *Socket) writeAll(b *outbox, over, direct bool) error {
	messages, bytes := len(b.sizes), len(b.bytes)
	defer func() {
		b.reset()
		s.mu.Lock()
		s.waiting.messages -= messages
		s.waiting.bytes -= bytes
		s.mu.Unlock()
	}()
	rest := b.bytes
	for _, m := range b.sizes {
		if err := s.writeOne(m, rest[:m.n], s.deadline(over)); err != nil {
			return err
		}
		rest = rest[m.n:]
	}
	if direct && messages > 0 && !over {
		// What is written directly never waits, so no time-out may be left for it.
		_ = s.ws.NetConn().SetWriteDeadline(time.Time{}) // a closed connection says so when it is used
	}
	return nil
}

func (s *Socket) writeOne(m size, message []byte, until time.Time) error {
	switch m.kind {
	case pong:
		return s.ws.WriteControl(websocket.PongMessage, message, until)
	case goodbye:
		return s.ws.WriteControl(websocket.CloseMessage, message, until)
	}
	if s.opts.Compression {
		s.ws.EnableWriteCompression(m.n >= s.opts.CompressAbove)
	}
	// It only stores the time.
	_ = s.ws.SetWriteDeadline(until) // a closed connection says so when it is used
	if m.kind == binaryMessage {
		return s.ws.WriteMessage(websocket.BinaryMessage, message)
	}
	return s.ws.WriteMessage(websocket.TextMessage, message)
}

// breakOff deals with a write that failed. The far end's last messages and its goodbye may still
// wait to be read, so the reader gets a moment to find them before the connection ends.
func (s *Socket) breakOff(err error) {
	if errors.Is(err, ErrTimeout) {
		s.end(err)
		return
	}
	s.mu.Lock()
	s.broken = err
	s.mu.Unlock()
	_ = s.ws.NetConn().SetReadDeadline(time.Now().Add(s.opts.closeWait)) // a closed connection says so when it is used
	patience := time.NewTimer(s.opts.closeWait)
	defer patience.Stop()
	for s.Err() == nil {
		select {
		case <-s.wake:
		case <-patience.C:
			s.end(err)
		}
	}
}

func (s *Socket) goodbye(code transport.Code, reason string) {
	until := time.Now().Add(s.opts.closeWait)
	_ = s.ws.NetConn().SetReadDeadline(until) // a closed connection says so when it is used
	if code == 0 {
		return
	}
	bye := websocket.FormatCloseMessage(int(code), clipReason(reason))
	if s.ws.WriteControl(websocket.CloseMessage, bye, until) == nil {
		s.drain()
	}
}

// drain reads until the far end has answered the goodbye, or the time is over: closing with unread
// bytes would reset the connection, and a reset can destroy the goodbye on its way.
func (s *Socket) drain() {
	s.readMu.Lock()
	defer s.readMu.Unlock()
	for {
		if _, _, err := s.ws.NextReader(); err != nil {
			if errors.Is(err, transport.ErrIdleFrames) {
				transport.Linger(s.ws.NetConn())
			}
			return
		}
	}
}

func writeError(err error, d time.Duration) error {
	var timeout net.Error
	if errors.As(err, &timeout) && timeout.Timeout() {
		return timedOut("the far end took nothing for %v", d)
	}
	return readError(err)
}

// clipReason cuts a reason to the 123 bytes that a close message carries, at a rune's border.
func clipReason(s string) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	if len(s) <= 123 {
		return s
	}
	n := 123
	for !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}
