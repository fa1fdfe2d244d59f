package transport

import (
	"errors"
	"fmt"
	"strconv"
	"time"
	"unicode/utf8"
)

// Code says why a connection was closed. Codes below 4000 are WebSocket's own (RFC 6455 §7.4);
// 4000 to 4999 belong to the application: the protocol's error codes travel there.
type Code uint16

const (
	CodeNormal        Code = 1000 // done, nothing is wrong
	CodeGoingAway     Code = 1001 // the program ends, the page unloads
	CodeProtocolError Code = 1002 // broken WebSocket framing
	CodeUnsupported   Code = 1003 // a text message: only binary ones are understood
	CodeNoStatus      Code = 1005 // never sent: the far end closed without giving a code
	CodeAbnormal      Code = 1006 // never sent: the connection broke off without a goodbye
	CodePolicy        Code = 1008 // silent for too long, and whatever has no code of its own
	CodeTooBig        Code = 1009 // a message over the receiver's limit
	CodeInternal      Code = 1011 // the sender of the code has a fault
	CodeRestart       Code = 1012 // the relay restarts: come back with the token
	CodeTryLater      Code = 1013 // the relay is full: come back later

	CodeApplication Code = 4000 // the first of the application's codes
	codeLast        Code = 4999
)

// maxReason is what a close message has room for: a control frame carries 125 bytes, two of them
// the code.
const maxReason = 123

var codeWords = map[Code]string{
	CodeNormal:        "normal end",
	CodeGoingAway:     "going away",
	CodeProtocolError: "protocol error",
	CodeUnsupported:   "unsupported kind of message",
	CodeNoStatus:      "no code given",
	CodeAbnormal:      "broken off",
	CodePolicy:        "against the rules",
	CodeTooBig:        "message too big",
	CodeInternal:      "internal fault",
	CodeRestart:       "restarting",
	CodeTryLater:      "try again later",
}

// String is the number, and the words for WebSocket's own codes.
func (c Code) String() string {
	if w, ok := codeWords[c]; ok {
		return strconv.Itoa(int(c)) + " " + w
	}
	return strconv.Itoa(int(c))
}

// Sendable tells whether a close message may carry c.
func (c Code) Sendable() bool {
	switch c {
	case CodeNormal, CodeGoingAway, CodeProtocolError, CodeUnsupported, CodePolicy, CodeTooBig,
		CodeInternal, CodeRestart, CodeTryLater:
		return true
	}
	// 3000 to 3999 belong to registered protocols, and browserShift needs some of them.
	return c >= CodeApplication && c <= codeLast
}

// A browser lets a page close with 1000 and 3000..4999 only. The js client therefore says 3001 to
// 3015 where it means 1001 to 1015, and every receiver translates it back.
const browserShift = 2000

// browserCode is the code that a page is allowed to send for c.
func browserCode(c Code) Code {
	if c > 1000 && c <= 1015 {
		return c + browserShift
	}
	return c
}

// receivedCode undoes browserCode.
func receivedCode(c Code) Code {
	if c > 1000+browserShift && c <= 1015+browserShift {
		return c - browserShift
	}
	return c
}

// CloseError is Read's and Write's answer once the far end has closed the connection, or once it
// broke off (Code is then CodeAbnormal and Err, where known, the cause).
type CloseError struct {
	Code   Code
	Reason string
	Err    error
}

func (e *CloseError) Error() string {
	switch {
	case e.Code == CodeAbnormal && e.Err != nil:
		return "the connection broke off: " + e.Err.Error()
	case e.Code == CodeAbnormal && e.Reason != "":
		return "the connection broke off: " + e.Reason
	case e.Code == CodeAbnormal:
		return "the connection broke off"
	case e.Reason != "":
		return fmt.Sprintf("the far end closed the connection: %s (code %s)", e.Reason, e.Code)
	}
	return fmt.Sprintf("the far end closed the connection (code %s)", e.Code)
}

func (e *CloseError) Unwrap() error { return e.Err }

// What this end finds out by itself; test with errors.Is.
var (
	// ErrClosed: this end has closed the connection, or is closing it.
	ErrClosed = errors.New("this end closed the connection")
	// ErrTooBig: a message over Options.MaxMessage arrived.
	ErrTooBig = errors.New("message too big")
	// ErrIdleFrames: more WebSocket frames that carry no message arrived than any program has to send.
	ErrIdleFrames = errors.New("too many WebSocket frames without a message in them")
	// ErrPacket: the far end broke the protocol of datagrams.
	ErrPacket = errors.New("the far end broke the protocol of datagrams")
	// ErrText: a text message arrived.
	ErrText = errors.New("text message refused: only binary messages are understood")
	// ErrReadTimeout: nothing arrived for Options.ReadTimeout.
	ErrReadTimeout = errors.New("nothing arrived in time")
	// ErrWriteTimeout: the far end took nothing for Options.WriteTimeout.
	ErrWriteTimeout = errors.New("the far end took nothing in time")
	// ErrOrigin: a web page asked that may not (CheckOrigin, Upgrade).
	ErrOrigin = errors.New("origin refused")
)

// refusal is why this end ends a connection: what the far end is told, and what the caller gets.
type refusal struct {
	code   Code
	reason string
	err    error
}

func refuseBig(limit int) refusal {
	reason := fmt.Sprintf("a message may have at most %d bytes", limit)
	return refusal{CodeTooBig, reason, fmt.Errorf("%w: %s", ErrTooBig, reason)}
}

func refuseText() refusal {
	return refusal{CodeUnsupported, "only binary messages are understood", ErrText}
}

func refuseSilence(d time.Duration) refusal {
	return refusal{CodePolicy, fmt.Sprintf("nothing arrived for %v", d),
		fmt.Errorf("%w: silence for %v", ErrReadTimeout, d)}
}

// idlePerSecond is how many WebSocket frames without a message a far end may send for long, see guard.
const idlePerSecond = 4

func refuseIdle() refusal {
	reason := fmt.Sprintf("more than %d control frames, or small parts of messages, a second", idlePerSecond)
	return refusal{CodePolicy, reason, fmt.Errorf("%w: %s", ErrIdleFrames, reason)}
}

func writeTimedOut(d time.Duration) error {
	return fmt.Errorf("%w: blocked for %v", ErrWriteTimeout, d)
}

// goodbye makes code and reason fit a close message. The error reports a code that does not fit.
func goodbye(code Code, reason string) (Code, string, error) {
	var err error
	if !code.Sendable() {
		err = fmt.Errorf("close code %d cannot be sent: use 1000 or 4000 to 4999 (sent %s instead)", code, CodeInternal)
		code = CodeInternal
	}
	return code, clipReason(reason), err
}

// clipReason cuts a reason to what a close message carries, at a rune's border, and makes it
// valid UTF-8, which WebSocket demands.
func clipReason(s string) string {
	if !utf8.ValidString(s) {
		s = string([]rune(s)) // each bad byte becomes U+FFFD
	}
	if len(s) <= maxReason {
		return s
	}
	n := maxReason
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}
