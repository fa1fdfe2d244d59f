//go:build !js

package socketio

import (
	"errors"
	"net"
	"time"
	"unicode/utf8"

	"github.com/gorilla/websocket"

	"tandem/netcode/transport"
)

// run owns the writing side: it writes what waits, keeps the machine's time, and at the end says
// goodbye and releases everything.
func (s *Socket) run() {
	defer close(s.done)
	defer s.ws.Close()
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
		over, code, reason := s.err, s.code, s.reason
		next := s.machine.Next()
		s.mu.Unlock()

		if err := s.writeAll(&batch, over != nil); err != nil {
			s.breakOff(writeError(err, s.opts.WriteTimeout))
			return
		}
		if over != nil {
			s.goodbye(code, reason)
			return
		}
		if next.IsZero() {
			next = now.Add(time.Hour)
		}
		s.mu.Lock()
		more := len(s.pending.sizes) > 0 || s.err != nil
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

// writeAll writes and empties b.
func (s *Socket) writeAll(b *outbox, over bool) error {
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
		kind := websocket.TextMessage
		if m.binary {
			kind = websocket.BinaryMessage
		}
		if s.opts.Compression {
			s.ws.EnableWriteCompression(m.n >= s.opts.CompressAbove)
		}
		wait := s.opts.WriteTimeout
		if over {
			wait = min(wait, closeWait)
		}
		// It only stores the time.
		_ = s.ws.SetWriteDeadline(time.Now().Add(wait))
		if err := s.ws.WriteMessage(kind, rest[:m.n]); err != nil {
			return err
		}
		rest = rest[m.n:]
	}
	return nil
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
	_ = s.ws.NetConn().SetReadDeadline(time.Now().Add(closeWait))
	patience := time.NewTimer(closeWait)
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
	until := time.Now().Add(closeWait)
	_ = s.ws.NetConn().SetReadDeadline(until)
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
	s = cleanText(s)
	if len(s) <= 123 {
		return s
	}
	n := 123
	for !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}
