package transport

import (
	"sync"
	"time"
)

// inbox is a bounded queue of messages between one goroutine that puts and one that takes. Its
// buffers go round between two channels, so steady traffic allocates nothing.
type inbox struct {
	free chan []byte // empty buffers; a put takes one
	full chan []byte // messages in order
	max  int         // size of the largest message; a larger one is kept as max+1 bytes

	last    []byte      // what take handed out: goes back to free at the next take
	timer   *time.Timer // take's, made when it first has to wait
	putTime *time.Timer // put's

	once  sync.Once
	ended chan struct{} // closed when nothing more will be put
	err   error         // why; set before ended is closed
}

func newInbox(messages, maxMessage int) *inbox {
	in := &inbox{
		free:  make(chan []byte, messages),
		full:  make(chan []byte, messages),
		max:   maxMessage,
		ended: make(chan struct{}),
	}
	for range messages {
		in.free <- nil
	}
	return in
}

// end says that nothing more comes; what was put before can still be taken. The first reason stays.
func (in *inbox) end(err error) {
	in.once.Do(func() {
		in.err = err
		close(in.ended)
	})
}

// tryPut copies data into the queue, or answers false when there is no room. It never blocks.
func (in *inbox) tryPut(data []byte) bool {
	select {
	case buf := <-in.free:
		in.put(buf, data)
		return true
	default:
		return false
	}
}

// putWait is tryPut that waits for room: until stop1 or stop2 is closed, or for timeout unless it
// is 0. timedOut tells the latter.
func (in *inbox) putWait(data []byte, timeout time.Duration, stop1, stop2 <-chan struct{}) (ok, timedOut bool) {
	if in.tryPut(data) {
		return true, false
	}
	expired := arm(&in.putTime, timeout)
	defer disarm(in.putTime)
	select {
	case buf := <-in.free:
		in.put(buf, data)
		return true, false
	case <-stop1:
	case <-stop2:
	case <-expired:
		return false, true
	}
	return false, false
}

// put fills a buffer that came from free; full has room for every buffer there is.
func (in *inbox) put(buf, data []byte) {
	if len(data) > in.max {
		data = data[:in.max+1] // enough for the reader to see that it was too big
	}
	if buf == nil {
		buf = make([]byte, 0, 64)
	}
	in.full <- append(buf[:0], data...)
}

// take waits for the next message. ok is false when closed was closed, the inbox has ended and is
// empty, or timeout (unless 0) went by, which timedOut tells.
func (in *inbox) take(timeout time.Duration, closed <-chan struct{}) (msg []byte, ok, timedOut bool) {
	if in.last != nil {
		in.free <- in.last
		in.last = nil
	}
	select {
	case <-closed:
		return nil, false, false
	default:
	}
	select {
	case in.last = <-in.full:
		return in.last, true, false
	default:
	}
	expired := arm(&in.timer, timeout)
	defer disarm(in.timer)
	select {
	case <-closed:
	case in.last = <-in.full:
		return in.last, true, false
	case <-in.ended:
		// Both may have been ready: a message that was put before the end comes first.
		select {
		case in.last = <-in.full:
			return in.last, true, false
		default:
		}
	case <-expired:
		return nil, false, true
	}
	return nil, false, false
}

// arm starts *t, made at the first use; no duration means a channel that never fires.
func arm(t **time.Timer, d time.Duration) <-chan time.Time {
	if d <= 0 {
		return nil
	}
	if *t == nil {
		*t = time.NewTimer(d)
	} else {
		(*t).Reset(d)
	}
	return (*t).C
}

func disarm(t *time.Timer) {
	if t != nil {
		t.Stop()
	}
}
