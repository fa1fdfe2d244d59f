package relay

import "encoding/binary"

// frames follows the borders of the WebSocket frames in a stream of bytes (RFC 6455, section 5.2),
// without a look at what is in them: whoever reads only whole messages need not wait inside of one.
type frames struct {
	head  [14]byte
	n     int    // bytes of head that are there
	rest  uint64 // bytes of the payload that are missing
	open  bool   // a message has begun whose last frame has not come
	after bool   // a control frame is the last thing that came
	whole uint64 // messages that are complete
}

// clean reports whether the stream ends with a whole message.
func (f *frames) clean() bool { return f.n == 0 && !f.open && !f.after }

// add takes the next bytes.
func (f *frames) add(b []byte) {
	for len(b) > 0 {
		if f.rest > 0 {
			k := min(f.rest, uint64(len(b)))
			f.rest -= k
			b = b[k:]
		} else {
			f.head[f.n] = b[0]
			f.n++
			b = b[1:]
			if f.n < 2 || f.n < f.size() {
				continue
			}
			f.rest = f.payload()
		}
		if f.rest == 0 {
			f.end()
		}
	}
}

// size is how long the head is, once its first two bytes are there.
func (f *frames) size() int {
	n := 2
	switch f.head[1] & 0x7f {
	case 126:
		n += 2
	case 127:
		n += 8
	}
	if f.head[1]&0x80 != 0 {
		n += 4 // the mask
	}
	return n
}

func (f *frames) payload() uint64 {
	switch n := f.head[1] & 0x7f; n {
	case 126:
		return uint64(binary.BigEndian.Uint16(f.head[2:]))
	case 127:
		return binary.BigEndian.Uint64(f.head[2:])
	default:
		return uint64(n)
	}
}

// end is the end of a frame.
func (f *frames) end() {
	f.n = 0
	const final, control = 0x80, 0x08
	f.after = f.head[0]&control != 0
	if f.after {
		return
	}
	f.open = f.head[0]&final == 0
	if !f.open {
		f.whole++
	}
}
