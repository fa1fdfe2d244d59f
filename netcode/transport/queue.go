package transport

// queue is a first-in-first-out of messages in one growing byte slice. Its memory is reused; the
// Sender bounds what waits in it.
type queue struct {
	bytes []byte
	sizes []int
	freed int // bytes[:freed] has left
	head  int // sizes[:head] have left
}

func (q *queue) messages() int { return len(q.sizes) - q.head }
func (q *queue) waiting() int  { return len(q.bytes) - q.freed }

func (q *queue) push(msg []byte) {
	// Move what waits to the front where that keeps the slices from growing, and only when at
	// least half is free, so that moving costs no more than a constant per byte.
	full := len(q.bytes)+len(msg) > cap(q.bytes) && q.freed*2 >= len(q.bytes) ||
		len(q.sizes) == cap(q.sizes) && q.head*2 >= len(q.sizes)
	if full && q.head > 0 {
		q.bytes = q.bytes[:copy(q.bytes, q.bytes[q.freed:])]
		q.sizes = q.sizes[:copy(q.sizes, q.sizes[q.head:])]
		q.freed, q.head = 0, 0
	}
	q.bytes = append(q.bytes, msg...)
	q.sizes = append(q.sizes, len(msg))
}

// pop appends to dst the first message, and those after it as long as the whole stays within
// limit bytes. It tells how many it took.
func (q *queue) pop(dst []byte, limit int) ([]byte, int) {
	n, size := 0, 0
	for q.head+n < len(q.sizes) {
		next := q.sizes[q.head+n]
		if n > 0 && size+next > limit {
			break
		}
		size += next
		n++
	}
	dst = append(dst, q.bytes[q.freed:q.freed+size]...)
	q.freed += size
	q.head += n
	if q.head == len(q.sizes) {
		q.bytes, q.sizes, q.freed, q.head = q.bytes[:0], q.sizes[:0], 0, 0
	}
	return dst, n
}
