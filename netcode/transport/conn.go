package transport

import "time"

// Conn is an ordered stream of binary messages in both directions.
//
// One goroutine reads and one writes (in practice a Sender does); Close and Remote may be called
// from any goroutine at any time. After an error from Read the connection is over: every later call
// answers the same error, and Close releases what is left. After an error from Write nothing can be
// written any more, and Read fails soon: at once or after it has handed out what had arrived.
type Conn interface {
	// Read waits for the next message. The slice belongs to the connection and is valid until the
	// next Read. It is empty, not nil, for a message without bytes.
	Read() ([]byte, error)

	// Write sends data as one message. It may block until the far end takes it, at most for
	// Options.WriteTimeout. data may be reused as soon as Write returns.
	Write(data []byte) error

	// Close says goodbye with a code and a reason, waits at most a second for the answer, and
	// releases the connection. What was written before arrives first. Only the first Close (or the
	// first failure) decides what the far end hears; a later one waits for it and returns nil. A
	// code that no close message can carry is replaced by CodeInternal and reported.
	Close(code Code, reason string) error

	// Remote names the far end for logs and messages: an address, or "pipe".
	Remote() string
}

// Aborter is implemented by the connections of this package. Abort ends the connection without a
// goodbye, as a broken line does: the far end's Read answers a *CloseError with CodeAbnormal. It
// never blocks and may be called from any goroutine.
type Aborter interface{ Abort() }

// BulkWriter is implemented by connections on which messages of Bulk need not wait for each other.
// WriteBulk is Write for a message that those of Write may overtake, and that overtakes none.
type BulkWriter interface{ WriteBulk(data []byte) error }

// Options adjust one end of a connection. The zero value means the defaults; a negative duration
// means no limit in time.
type Options struct {
	// MaxMessage is the size in bytes of the largest message that Read accepts. A larger one ends
	// the connection with CodeTooBig.
	MaxMessage int

	// ReadTimeout ends the connection when nothing arrived for so long.
	ReadTimeout time.Duration

	// WriteTimeout ends the connection when the far end takes nothing for so long.
	WriteTimeout time.Duration

	// HandshakeTimeout bounds connecting, TLS and the HTTP upgrade together.
	HandshakeTimeout time.Duration

	// Origin is sent by Dial as the Origin header; a browser sends its own and ignores it.
	Origin string

	// Origins is Upgrade's allow-list for requests that carry an Origin header (browsers do,
	// native clients do not): "https://play.example.org", "https://*.example.org", or "*" for
	// any. A page served from the relay's own address is always allowed.
	Origins []string
}

const (
	// DefaultMaxMessage holds the largest message of the protocol: 4 KiB, and a batch of several,
	// which has at most DefaultBatchBytes. It must not be below DefaultBatchBytes.
	DefaultMaxMessage = 9 << 10

	// DefaultReadTimeout is a last resort against connections that died silently. Peers send
	// something every second; it must stay above the 5 s of silence after which a room calls a
	// seat gone, so that the room and not the transport decides.
	DefaultReadTimeout = 30 * time.Second

	// DefaultWriteTimeout is how long the far end may take nothing at all before it is given up.
	// It must stay below the 30 s after which a slow seat is dropped.
	DefaultWriteTimeout = 10 * time.Second

	// DefaultHandshakeTimeout is what a person will wait for a wrong address to be reported.
	DefaultHandshakeTimeout = 5 * time.Second

	// closeWait bounds the closing handshake: long enough for a round trip across the world and a
	// retransmission, short enough for a program that wants to end.
	closeWait = time.Second

	// firstBuffer is what Read's buffer starts with; it grows to MaxMessage when it must.
	firstBuffer = 512
)

// withDefaults returns o with every zero field filled in and "no limit" durations as zero.
func (o Options) withDefaults() Options {
	if o.MaxMessage <= 0 {
		o.MaxMessage = DefaultMaxMessage
	}
	o.ReadTimeout = orDefault(o.ReadTimeout, DefaultReadTimeout)
	o.WriteTimeout = orDefault(o.WriteTimeout, DefaultWriteTimeout)
	o.HandshakeTimeout = orDefault(o.HandshakeTimeout, DefaultHandshakeTimeout)
	return o
}

func orDefault(d, def time.Duration) time.Duration {
	switch {
	case d == 0:
		return def
	case d < 0:
		return 0
	}
	return d
}
