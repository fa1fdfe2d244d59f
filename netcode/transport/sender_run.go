package transport

import (
	"errors"
	"fmt"
	"time"
)

// errUnsent is part of Err's answer when Close's time ran out or the line broke meanwhile.
var errUnsent = errors.New("closed with messages unsent")

// run is the Sender's goroutine: one frame after the other, until Close or an error.
func (s *Sender) run() {
	defer close(s.done)
	var (
		frame []byte
		timer *time.Timer // for the batch window
	)
	for {
		s.mu.Lock()
		var n int
		var wait time.Duration
		bulk := s.ordered.messages() == 0
		frame, n, wait = s.next(frame[:0])
		over := n == 0 && s.closing
		s.mu.Unlock()

		switch {
		case over:
			s.finish(nil)
			return
		case n == 0:
			expired := arm(&timer, wait)
			select {
			case <-s.wake:
			case <-expired:
			}
			disarm(timer)
			continue
		}
		if err := s.write(bulk, frame); err != nil {
			s.finish(err)
			return
		}
		s.mu.Lock()
		s.sent.Frames++
		s.sent.Messages += uint64(n)
		s.sent.Bytes += uint64(len(frame))
		s.mu.Unlock()
	}
}

func (s *Sender) write(bulk bool, frame []byte) error {
	if b, ok := s.conn.(BulkWriter); ok && bulk {
		return b.WriteBulk(frame)
	}
	return s.conn.Write(frame)
}

// next appends what leaves now to frame and tells how many messages that is. None means: wait for
// a poke, or for the time it answers unless that is 0. s.mu is held.
func (s *Sender) next(frame []byte) (out []byte, n int, wait time.Duration) {
	if s.ordered.messages() == 0 {
		out, n = s.bulk.pop(frame, 0) // one message
		return out, n, 0
	}
	if s.opts.BatchWindow > 0 && !s.closing && s.ordered.waiting() < s.opts.BatchBytes {
		if wait = time.Until(s.firstAt.Add(s.opts.BatchWindow)); wait > 0 {
			return frame, 0, wait
		}
	}
	out, n = s.ordered.pop(frame, s.opts.BatchBytes)
	return out, n, 0
}

// finish ends the Sender. After a failed write nothing is closed here: what the far end has sent
// before it went, and its reason, still wait for the reader, which closes when it has seen them.
func (s *Sender) finish(failed error) {
	s.mu.Lock()
	closing, code, reason, killer := s.closing, s.code, s.reason, s.killer
	switch {
	case failed == nil:
		s.err = ErrClosed
	case closing:
		s.err = fmt.Errorf("%w: %w", errUnsent, failed)
	default:
		s.err = failed
	}
	s.mu.Unlock()
	if !closing {
		return
	}
	killer.Stop()
	if err := s.conn.Close(code, reason); err != nil && failed == nil {
		s.mu.Lock()
		s.err = fmt.Errorf("%w: %w", ErrClosed, err)
		s.mu.Unlock()
	}
}
