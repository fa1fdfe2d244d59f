// Package transport carries ordered binary messages between a client and a relay: over WebSocket
// from a native program (Dial, Upgrade), over the browser's WebSocket (Dial, built for js), and in
// memory (Pipe). It knows nothing of what the messages say.
//
// # A connection's life
//
//	open --Close--> closed           this end's calls answer ErrClosed
//	open --far end closes--> over    calls answer a *CloseError with its code and reason, once
//	                                 everything that was sent before has been read
//	open --line breaks, Abort--> over  calls answer a *CloseError with CodeAbnormal
//	open --limit--> over             ErrTooBig, ErrText, ErrReadTimeout, ErrWriteTimeout: this end
//	                                 has closed the connection with a code that says so
//
// There is no way back from closed or over: make a new connection. Close is to be called in every
// case; it releases what is left.
//
// # Who may call what
//
// Read belongs to one goroutine and Write to one (in practice a Sender's). Close, Abort and Remote
// may be called from any goroutine at any time, also while Read or Write block: both then return.
// A message that Read returned is valid until the next Read; Write does not keep its argument.
//
// # Codes
//
// 1000 to 1015 are WebSocket's own, see Code. An application closes with 1000 or with 4000 to 4999,
// and the far end finds code and reason (at most 123 bytes of it) in its *CloseError. A page in a
// browser may not send 1001 to 1015; what it sends instead is translated back by the receiver.
// Over the limit is 1009, text 1003, silence 1008.
//
// # Sender
//
// A Sender owns the writing side and makes it non-blocking: two bounded queues, Ordered before
// Bulk. Messages must tell their own end (msgpack arrays do): Ordered ones that wait together leave
// as one WebSocket message.
package transport
