package socket

import (
	"syscall"
	"unsafe"
)

// writeFD writes what the system takes without waiting. The socket does not block, so the scheduler
// need not be told: telling it wakes the runtime's monitor after every pause, which at a relay's pace
// costs more than the writing.
var writeFD = func(fd uintptr, b []byte) (n int, err error) {
	for n < len(b) {
		m, _, errno := syscall.RawSyscall(syscall.SYS_WRITE, fd, uintptr(unsafe.Pointer(&b[n])), uintptr(len(b)-n))
		switch {
		case errno == syscall.EINTR:
		case errno == syscall.EAGAIN:
			return n, nil
		case errno != 0:
			return n, errno
		case m == 0:
			return n, nil
		default:
			n += int(m)
		}
	}
	return n, nil
}
