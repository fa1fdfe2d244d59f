//go:build !windows && !js

package transport

import "syscall"

const (
	errReset           = syscall.ECONNRESET
	errRefused         = syscall.ECONNREFUSED
	errNetUnreachable  = syscall.ENETUNREACH
	errHostUnreachable = syscall.EHOSTUNREACH
	errNetDown         = syscall.ENETDOWN
	errNoAddress       = syscall.EADDRNOTAVAIL
)
