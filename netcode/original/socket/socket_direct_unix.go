//go:build unix && !linux

package socket

import (
	"errors"
	"syscall"
)

// writeFD writes what the system takes without waiting.
var writeFD = func(fd uintptr, b []byte) (n int, err error) {
	for n < len(b) {
		m, err := syscall.Write(int(fd), b[n:])
		switch {
		case errors.Is(err, syscall.EINTR):
		case errors.Is(err, syscall.EAGAIN):
			return n, nil
		case err != nil:
			return n, err
		case m <= 0:
			return n, nil
		default:
			n += m
		}
	}
	return n, nil
}
