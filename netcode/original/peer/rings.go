package peer

import "time"

// queued is one action that waits in a queue.
type queued struct {
	frame  int64
	action uint8
	at     time.Duration // of its arrival
}

// fifo is a bounded queue of actions.
type fifo struct {
	ring [slots]queued
	head int
	n    int
}

func (q *fifo) grow() { q.head, q.n = 0, 0 }

func (q *fifo) at(k int) *queued { return &q.ring[(q.head+k)%slots] }

// push appends an action; a queue that is full loses its oldest. ordered keeps the queue in the order
// of frames, those of equal frames in the order of their arrival.
func (q *fifo) push(e queued, ordered bool) {
	if q.n == slots {
		q.pop()
	}
	*q.at(q.n) = e
	q.n++
	for k := q.n - 1; ordered && k > 0 && q.at(k-1).frame > e.frame; k-- {
		*q.at(k), *q.at(k - 1) = *q.at(k - 1), *q.at(k)
	}
}

func (q *fifo) pop() queued {
	e := *q.at(0)
	q.head = (q.head + 1) % slots
	q.n--
	return e
}

// keep drops all but the newest n.
func (q *fifo) keep(n int) (dropped int) {
	for q.n > n {
		q.pop()
		dropped++
	}
	return dropped
}

// tags holds actions by the frame they are for.
type tags struct {
	frame  [tagSlots]int64
	action [tagSlots]uint8
	at     [tagSlots]time.Duration
}

func (t *tags) clear() {
	for i := range t.frame {
		t.frame[i] = -1
	}
}

func (t *tags) put(frame int64, a uint8, at time.Duration) {
	i := frame % tagSlots
	t.frame[i], t.action[i], t.at[i] = frame, a, at
}

func (t *tags) get(frame int64) (a uint8, ok bool) {
	i := frame % tagSlots
	return t.action[i], t.frame[i] == frame
}

// set replaces the action of a frame; when it came stays what it was.
func (t *tags) set(frame int64, a uint8, at time.Duration) {
	if !t.has(frame) {
		t.put(frame, a, at)
	}
	t.action[frame%tagSlots] = a
}

func (t *tags) has(frame int64) bool { return t.frame[frame%tagSlots] == frame }

func (t *tags) when(frame int64) time.Duration { return t.at[frame%tagSlots] }
