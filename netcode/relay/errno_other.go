//go:build !windows && !js

package relay

import "syscall"

const (
	errInUse  = syscall.EADDRINUSE
	errDenied = syscall.EACCES
)
