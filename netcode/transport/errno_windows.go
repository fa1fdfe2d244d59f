package transport

import "syscall"

// Windows reports Winsock's numbers, which package syscall's portable names do not match.
const (
	errReset           = syscall.Errno(10054) // WSAECONNRESET
	errRefused         = syscall.Errno(10061) // WSAECONNREFUSED
	errNetUnreachable  = syscall.Errno(10051) // WSAENETUNREACH
	errHostUnreachable = syscall.Errno(10065) // WSAEHOSTUNREACH
	errNetDown         = syscall.Errno(10050) // WSAENETDOWN
	errNoAddress       = syscall.Errno(10049) // WSAEADDRNOTAVAIL
)
