// Package repeat carries ordered messages over several ways at once, of which one loses, doubles and
// reorders what it carries. It is one end of such a conversation, without clock, network or goroutine:
// packets and the time are handed in, packets are taken out.
//
// # Ways
//
//	Datagram  small packets, each with everything of its way that is not acknowledged
//	Stream    reliable and ordered; comes and goes together with Datagram (one QUIC connection has both)
//	Socket    reliable and ordered by itself (a WebSocket)
//
// A message has a number, and the far end hands messages out by number, whatever way they came and
// however often. So an end may change the way at any time, and what is under way then simply leaves once
// more on another.
//
// A small ordered message leaves on Datagram while datagrams are in use, as long as all that is
// unacknowledged there fits into one packet; and once more after OnceMore,
// when nothing has left since; on a line that loses many packets twice more.
// Everything else leaves on Stream, or on Socket where datagrams are not in use. Bulk messages are ordered
// among themselves, may be overtaken by ordered ones, and never overtake one.
//
// # When datagrams are in use
//
//	Always      while there are any
//	else        from the first sign of trouble (an acknowledgement that is overdue on Socket, messages
//	            that come there at once after a pause, a gap in the far end's datagrams) for Peace since the last one; or while the far end wishes it;
//	            or while there is no Socket
//	never       after they were silent, until a probe was answered; with a Socket only
//
// # Packet
//
//	flags    1 byte   1: this end wishes datagrams
//	number   uvarint  of the datagram, from 1; 0 on the other ways
//	seen     uvarint  highest number of a datagram that came
//	acks     uvarint  ordered messages that were handed out; then bulk messages
//	entries  until the end of the packet:
//	  kind   1 byte   0 ordered, 1 bulk, 2 goodbye (an ordered message: two bytes code, then the reason)
//	  number uvarint  among ordered or bulk messages, from 0
//	  after  uvarint  bulk: ordered messages that come before it; goodbye: bulk messages that do
//	  length uvarint
//	  data   length bytes
package repeat
