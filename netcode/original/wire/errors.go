package wire

import (
	"errors"
	"fmt"
)

// The kinds of refusal; test with errors.Is. The error's text says what exactly was wrong.
var (
	// ErrMalformed: bytes that are no packet, or a packet whose parts contradict each other.
	ErrMalformed = errors.New("malformed")
	// ErrTooBig: over a limit in size, depth or number.
	ErrTooBig = errors.New("too big")
	// ErrUnexpected: a good packet that has no place at this moment or in this direction.
	ErrUnexpected = errors.New("unexpected")
)

// Error is a refusal: its kind for programs and words for people.
type Error struct {
	Kind error // one of the Err values, of this package or of socket
	Text string
}

// Error returns the words.
func (e *Error) Error() string { return e.Text }

// Unwrap returns the kind.
func (e *Error) Unwrap() error { return e.Kind }

func malformed(format string, args ...any) error {
	return &Error{ErrMalformed, fmt.Sprintf(format, args...)}
}

func tooBig(format string, args ...any) error {
	return &Error{ErrTooBig, fmt.Sprintf(format, args...)}
}

func unexpected(format string, args ...any) error {
	return &Error{ErrUnexpected, fmt.Sprintf(format, args...)}
}
