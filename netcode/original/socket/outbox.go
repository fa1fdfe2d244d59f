package socket

// outbox is what waits to be written: messages back to back in one buffer, so that waiting costs no
// allocation. Two of them take turns: one fills while the other is written.
type outbox struct {
	bytes []byte
	sizes []size
}

type size struct {
	n    int
	kind kind
}

// kind is what a message is to WebSocket.
type kind uint8

const (
	textMessage kind = iota
	binaryMessage
	pong    // the answer to WebSocket's own ping
	goodbye // the answer to the far end's
)

func dataKind(binary bool) kind {
	if binary {
		return binaryMessage
	}
	return textMessage
}

// keepBuffer is the largest buffer that is kept for reuse: bursts of states should not stay in
// memory for as long as their connection.
const keepBuffer = 64 << 10

func (o *outbox) add(k kind, data []byte) {
	o.bytes = append(o.bytes, data...)
	o.sizes = append(o.sizes, size{len(data), k})
}

func (o *outbox) reset() {
	if cap(o.bytes) > keepBuffer {
		o.bytes = nil
	}
	o.bytes, o.sizes = o.bytes[:0], o.sizes[:0]
}
