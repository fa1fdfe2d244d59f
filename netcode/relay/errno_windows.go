package relay

import "syscall"

// Windows reports Winsock's numbers, which package syscall's portable names do not match.
const (
	errInUse  = syscall.Errno(10048) // WSAEADDRINUSE
	errDenied = syscall.Errno(10013) // WSAEACCES
)
