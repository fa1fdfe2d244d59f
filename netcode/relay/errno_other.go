//go:build !windows

package relay

import "syscall"

const (
	errInUse  = syscall.EADDRINUSE
	errDenied = syscall.EACCES
)
