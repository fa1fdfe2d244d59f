package session

import "tandem/netcode/protocol"

// bundleQueue is a queue of bundles. It grows as it must, and its memory is used again.
type bundleQueue struct {
	ring []protocol.Bundle
	head int
	n    int
}

// Len returns how many wait.
func (q *bundleQueue) Len() int { return q.n }

// Clear empties the queue.
func (q *bundleQueue) Clear() { q.head, q.n = 0, 0 }

// Push appends a bundle.
func (q *bundleQueue) Push(m *protocol.Bundle) {
	if q.n == len(q.ring) {
		bigger := make([]protocol.Bundle, max(64, 2*len(q.ring)))
		for i := range q.n {
			bigger[i] = q.ring[(q.head+i)%len(q.ring)]
		}
		q.ring, q.head = bigger, 0
	}
	q.ring[(q.head+q.n)%len(q.ring)] = *m
	q.n++
}

// Front returns the bundle that has waited longest, of one or more. It is valid until the next Push.
func (q *bundleQueue) Front() *protocol.Bundle { return &q.ring[q.head] }

// Pop removes it.
func (q *bundleQueue) Pop() {
	q.head = (q.head + 1) % len(q.ring)
	q.n--
}
