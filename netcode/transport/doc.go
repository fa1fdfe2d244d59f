// Package transport carries ordered binary messages between a client and a relay: over WebSocket
// from a native program (Dial, Upgrade), over the browser's WebSocket (Dial, built for js), and in
// memory (Pipe). Beside the WebSocket there may be datagrams (DialBy, Datagrams): programs have them by
// QUIC, pages by WebTransport. It knows nothing of what the messages say.
//
// # Datagrams
//
// A client that wants them says so in the header Tandem-Link: NUMBER, 128 random bits. A relay that has them
// answers with the header Tandem-Datagrams: the SHA-256 of the certificate on the UDP port of the same number, or
// "verified" where that is the WebSocket's own. From then on the WebSocket's messages are packets of
// package repeat. The client's QUIC connection (TLS 1.3, ALPN tandem-datagrams) begins its one stream with
// a version byte and the same NUMBER, which makes both one Conn; the relay answers with its version byte,
// and from there packets with their length before them follow on the stream, and packets as they are in
// datagrams. A QUIC connection whose NUMBER is nobody's is a Conn by itself.
//
// A page asks for /ws?page=NUMBER, and the first message on its WebSocket is the answer, see offer: it cannot
// read headers. It comes to the same UDP port by HTTP/3 (ALPN h3) and opens one WebTransport session at /ws,
// with one stream on which everything is as above. A browser verifies the certificate there as that of any
// https page, or has its SHA-256 from the WebSocket. Pages that came by plain http from another computer have
// no WebTransport: browsers keep it from them.
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
