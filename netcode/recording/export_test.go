package recording

import "runtime"

// Drain waits until the disk has taken what was handed to it: tests write an hour in a moment.
func (w *Writer) Drain() {
	for len(w.disk.queue) > 0 {
		runtime.Gosched()
	}
}

// Block makes a block of a payload, for tests that need its checksum to be right.
func Block(payload []byte) []byte {
	b := append(make([]byte, blockHead), payload...)
	seal(b)
	return b
}
