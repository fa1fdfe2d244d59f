// Package socket connects programs by the original system's wire (package wire): over a WebSocket, or by long
// polling first (Polls). A stock Socket.IO client can talk to a Socket that Upgrade made, and a Socket that Dial
// made to a stock server.
//
//	Socket      one connection: reads, one writer, a bounded queue, the clock     (not for js)
//	Polls       sessions that poll, each as a line that looks like a WebSocket    (not for js)
//	Machine     every rule of the protocol, both sides; no clock, no I/O
//
// A server with Config.Detect answers each client in the parser of its first packet.
//
// # A server's states
//
//	            greeting sent                CONNECT: 40{"sid"}
//	upgrade ───────────────► connecting ──────────────────────────► connected
//	                           │    ▲  DISCONNECT                     │   │
//	                           │    └─────────────────────────────────┘   │
//	                           ▼ ConnectTimeout                           ▼ Close, 1, missed pong, refusal
//	                          over ◄───────────────────────────────────── over
//
// # A client's states
//
//	       0{…}: 40 sent               40{"sid"}
//	opening ───────────► connecting ─────────────► connected
//	   │                     │ 44, silence, refusal    │ 41, 1, silence, refusal, Close
//	   ▼                     ▼                         ▼
//	  over                  over                      over
//
// A client that hears nothing for pingInterval + pingTimeout of the greeting gives up. A server that
// gets no pong within PingTimeout does; other messages do not stand in for it.
//
// # Strictness
//
// The stock server and the original disagree about malformed input; every real client is content
// with the stricter of the two, which this package is. It closes the connection with a reason
// (1002 malformed or out of place, 1009 too big, 1008 silent) on
//
//	a type digit other than 0..6, an empty text message, text that does not begin with a digit
//	any packet but CONNECT for a namespace that is not joined, so an event before CONNECT too
//	a ping, an open or an upgrade packet from a client; a second CONNECT
//	broken JSON, broken msgpack, a payload of the wrong kind, a reserved or numeric event name
//	a binary message without a header; text where an attachment should be (Engine.IO's own packets
//	may come between); a placeholder out of range or named twice
//	a message over MaxMessage, and everything over the other limits
//
// It answers and goes on where the namespace is unknown (44/x,{"message":"Invalid namespace"}), and
// does nothing on a noop, on a pong nobody asked for, on unknown keys. An event right behind 40 is
// fine, since 40 has been dealt with by then. An event with an unknown name is a matter for the
// program: DecodeEvent answers ErrUnexpected. EIO other than 4 is HTTP 400 (CheckQuery).
//
// A client is as strict towards a server, but ignores other namespaces, as the stock client does,
// and takes events before the answer to its CONNECT: a server may send them while it decides.
//
// # Memory
//
// A Socket keeps one incoming message and Options.MaxBytes of outgoing ones; a session that polls one post and
// one answer besides.
package socket
