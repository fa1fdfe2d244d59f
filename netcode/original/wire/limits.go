package wire

import "time"

// What a far end may ask of this one. Everything is bounded by one of these.
const (
	// MaxMessage is the size in bytes of the largest WebSocket message, both ways: the original's
	// maxPayload, which its clients and relays enforce.
	MaxMessage = 1_000_000

	// MaxAttachments is how many binary messages may follow one header, as in the stock parser.
	MaxAttachments = 10

	// MaxAttachmentBytes bounds the attachments of one packet together. An upload of one game's data
	// is a single attachment and so below MaxMessage; this must not be below it.
	MaxAttachmentBytes = 2_000_000

	// MaxDepth is how deep arrays and maps may nest in a payload. The deepest payload of the original,
	// a full state, nests five deep; every level costs a stack frame and one more pass of conversion.
	MaxDepth = 32

	// MaxArgs is how many arguments an event or acknowledgement may have. The original uses one.
	MaxArgs = 8

	// MaxEventName and MaxNamespace are in bytes; the longest event of the original has 26.
	MaxEventName = 64
	MaxNamespace = 128

	// MaxSID is for session ids; the stock server's have 20 bytes.
	MaxSID = 128
)

const (
	// MinInterval and MaxInterval bound what a server may ask of a client: below is a flood, above
	// a silence nobody would notice.
	MinInterval = 10 * time.Millisecond
	MaxInterval = 10 * time.Minute
)
