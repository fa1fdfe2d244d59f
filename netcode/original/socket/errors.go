package socket

import (
	"errors"
	"fmt"

	"tandem/netcode/original/wire"
)

// The kinds of an end that the wire does not know; test with errors.Is.
var (
	// ErrTimeout: the far end was silent for too long.
	ErrTimeout = errors.New("timed out")
	// ErrRefused: the far end refuses the namespace.
	ErrRefused = errors.New("refused")
	// ErrClosed: this end closed the connection.
	ErrClosed = errors.New("this end closed the connection")
	// ErrPeerClosed: the far end closed the connection.
	ErrPeerClosed = errors.New("the far end closed the connection")
	// ErrQueueFull: the message was not taken, because too much waits already.
	ErrQueueFull = errors.New("the send queue is full")
	// ErrNotConnected: nothing can be sent before the namespace is connected, or after it was left.
	ErrNotConnected = errors.New("the namespace is not connected")
)

func malformed(format string, args ...any) error {
	return &wire.Error{Kind: wire.ErrMalformed, Text: fmt.Sprintf(format, args...)}
}

func tooBig(format string, args ...any) error {
	return &wire.Error{Kind: wire.ErrTooBig, Text: fmt.Sprintf(format, args...)}
}

func unexpected(format string, args ...any) error {
	return &wire.Error{Kind: wire.ErrUnexpected, Text: fmt.Sprintf(format, args...)}
}

func timedOut(format string, args ...any) error {
	return &wire.Error{Kind: ErrTimeout, Text: fmt.Sprintf(format, args...)}
}
