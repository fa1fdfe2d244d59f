package socket

import "time"

const (
	// maxRefusal bounds the words of a CONNECT_ERROR that are repeated to a person.
	maxRefusal = 256

	// maxProbe bounds the payload of an Engine.IO ping, which is sent back: "probe" is the only one.
	maxProbe = 32

	// DefaultPingInterval and DefaultPingTimeout are a server's, and the original's: a page that loads
	// Pyodide answers nothing for 5 to 15 s. So a dead connection is known after 45 s at most.
	DefaultPingInterval = 25 * time.Second
	DefaultPingTimeout  = 20 * time.Second

	// DefaultConnectTimeout is how long a connection may live without a namespace, as in the
	// original. On a client it bounds the whole greeting.
	DefaultConnectTimeout = 45 * time.Second
)
