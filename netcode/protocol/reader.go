package protocol

// reader reads msgpack values of a known type. The first one that does not fit sets bad, and every
// read after that returns zero, so that a layout can be read straight through and judged once.
type reader struct {
	b   []byte
	bad bool
}

func (r *reader) expect(ok bool) {
	if !ok {
		r.bad = true
	}
}

func (r *reader) take(n int) []byte {
	if r.bad || len(r.b) < n {
		r.bad = true
		return nil
	}
	p := r.b[:n]
	r.b = r.b[n:]
	return p
}

func (r *reader) arrayLen() int {
	p := r.take(1)
	switch {
	case p == nil:
		return 0
	case p[0]&0xf0 == 0x90:
		return int(p[0] & 0x0f)
	case p[0] == 0xdc:
		if q := r.take(2); q != nil {
			return int(q[0])<<8 | int(q[1])
		}
		return 0
	}
	r.bad = true
	return 0
}

// raw reads an integer of any width as 64 bits and says whether they are those of a negative one. If bad it
// is 0, which is within the limits of uint and int: they need not ask again, and uint is inlined for that.
func (r *reader) raw() (v uint64, negative bool) {
	p := r.take(1)
	if p == nil {
		return 0, false
	}
	c := p[0]
	switch {
	case c < 0x80:
		return uint64(c), false
	case c >= 0xe0:
		return uint64(int64(int8(c))), true
	case c >= 0xcc && c <= 0xcf:
		return r.big(1 << (c - 0xcc)), false
	case c >= 0xd0 && c <= 0xd3:
		width := 1 << (c - 0xd0)
		shift := 64 - 8*width
		s := int64(r.big(width)<<shift) >> shift
		return uint64(s), s < 0
	}
	r.bad = true
	return 0, false
}

func (r *reader) big(width int) uint64 {
	var v uint64
	for _, c := range r.take(width) {
		v = v<<8 | uint64(c)
	}
	return v
}

func (r *reader) uint(limit uint64) uint64 {
	v, negative := r.raw()
	if negative || v > limit {
		r.bad = true
		return 0
	}
	return v
}

func (r *reader) int() int64 {
	v, negative := r.raw()
	if !negative && v > 1<<63-1 {
		r.bad = true
		return 0
	}
	return int64(v)
}

func (r *reader) intIn(lo, hi int64) int64 {
	v := r.int()
	if v < lo || v > hi {
		r.bad = true
		return 0
	}
	return v
}

func (r *reader) bin(limit int) []byte {
	p := r.take(1)
	if p == nil {
		return nil
	}
	n := 0
	switch p[0] {
	case 0xc4:
		n = int(r.big(1))
	case 0xc5:
		n = int(r.big(2))
	default:
		r.bad = true
	}
	if n > limit {
		r.bad = true
	}
	return r.take(n)
}

// value passes over one value of any type, whose arrays and maps lie at most depth deep in each other
// and have at most maxElements each.
func (r *reader) value(depth int) {
	p := r.take(1)
	if p == nil {
		return
	}
	c := p[0]
	switch {
	case c < 0x80 || c >= 0xe0: // a small integer
	case c < 0x90:
		r.values(2*uint64(c&0x0f), depth)
	case c < 0xa0:
		r.values(uint64(c&0x0f), depth)
	case c < 0xc0:
		r.take(int(c & 0x1f))
	case c == 0xc0 || c == 0xc2 || c == 0xc3: // nil, false, true
	case c >= 0xc4 && c <= 0xc6: // bytes
		r.pass(r.big(1 << (c - 0xc4)))
	case c >= 0xc7 && c <= 0xc9: // an extension
		r.pass(r.big(1<<(c-0xc7)) + 1)
	case c == 0xca || c == 0xcb: // a floating-point number
		r.take(4 << (c - 0xca))
	case c >= 0xcc && c <= 0xd3: // an integer
		r.take(1 << (c & 3))
	case c >= 0xd4 && c <= 0xd8: // an extension of fixed length
		r.take(1<<(c-0xd4) + 1)
	case c >= 0xd9 && c <= 0xdb: // a string
		r.pass(r.big(1 << (c - 0xd9)))
	case c == 0xdc || c == 0xdd:
		r.values(r.big(2<<(c-0xdc)), depth)
	case c == 0xde || c == 0xdf:
		r.values(2*r.big(2<<(c-0xde)), depth)
	default:
		r.bad = true
	}
}

func (r *reader) values(n uint64, depth int) {
	if depth == 0 || n > maxElements {
		r.bad = true
	}
	for ; n > 0 && !r.bad; n-- {
		r.value(depth - 1)
	}
}

// pass is take for a length that may be any.
func (r *reader) pass(n uint64) {
	if n > uint64(len(r.b)) {
		r.bad = true
		return
	}
	r.take(int(n))
}
