//go:build !unix && !js

package socket

// writeFD: elsewhere everything goes through the writer.
var writeFD func(fd uintptr, b []byte) (n int, err error)
