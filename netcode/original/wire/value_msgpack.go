package wire

import (
	"encoding/binary"
	"math"
	"strconv"
	"unicode/utf8"
)

// The msgpack formats in use, by their first byte:
//
//	00..7f  int 0..127      c0     nil              ca cb  float32, float64
//	80..8f  map, ≤15        c2 c3  false, true      cc..cf uint 8 16 32 64
//	90..9f  array, ≤15      c4..c6 bin 8 16 32      d0..d3 int 8 16 32 64
//	a0..bf  string, ≤31     d9..db string 8 16 32   dc dd  array 16 32
//	e0..ff  int -32..-1     de df  map 16 32        d4 00 00  ext type 0: undefined
//
// Every other extension is refused.

func msgKind(c byte) Kind {
	switch {
	case c <= 0x7f || c >= 0xe0 || c >= 0xcc && c <= 0xd3:
		return Int
	case c <= 0x8f || c == 0xde || c == 0xdf:
		return Map
	case c <= 0x9f || c == 0xdc || c == 0xdd:
		return Array
	case c <= 0xbf || c >= 0xd9 && c <= 0xdb:
		return String
	case c == 0xc2 || c == 0xc3:
		return Bool
	case c >= 0xc4 && c <= 0xc6:
		return Bytes
	case c == 0xca || c == 0xcb:
		return Float
	}
	return Null
}

// checkMsgpack tells whether data is one msgpack value of known formats within MaxDepth, its
// outermost array or map counting as depth.
func checkMsgpack(data []byte, depth int) error {
	i, err := skipMsgpack(data, 0, depth)
	if err == nil && i != len(data) {
		err = malformed("msgpack: %d bytes behind the value", len(data)-i)
	}
	return err
}

// msgHead describes the value that begins with b[0]: head is the number of bytes of its head, n the
// number of bytes of its body, or of items where it is an array or map. ok is false where the head
// is cut off or its format unknown.
func msgHead(b []byte) (head, n int, ok bool) {
	if len(b) == 0 {
		return 0, 0, false
	}
	sized := func(width int) (int, int, bool) {
		if len(b) < 1+width {
			return 0, 0, false
		}
		switch width {
		case 1:
			return 2, int(b[1]), true
		case 2:
			return 3, int(binary.BigEndian.Uint16(b[1:])), true
		}
		size := binary.BigEndian.Uint32(b[1:])
		return 5, int(min(size, math.MaxInt32)), true
	}
	switch c := b[0]; {
	case c <= 0x7f, c >= 0xe0, c == 0xc0, c == 0xc2, c == 0xc3:
		return 1, 0, true
	case c <= 0x9f:
		return 1, int(c & 0x0f), true
	case c <= 0xbf:
		return 1, int(c & 0x1f), true
	case c >= 0xc4 && c <= 0xc6:
		return sized(1 << (c - 0xc4))
	case c == 0xca:
		return 1, 4, true
	case c == 0xcb:
		return 1, 8, true
	case c >= 0xcc && c <= 0xcf:
		return 1, 1 << (c - 0xcc), true
	case c >= 0xd0 && c <= 0xd3:
		return 1, 1 << (c - 0xd0), true
	case c == 0xd4:
		return 1, 2, len(b) >= 2 && b[1] == 0
	case c >= 0xd9 && c <= 0xdb:
		return sized(1 << (c - 0xd9))
	case c == 0xdc, c == 0xde:
		return sized(2)
	case c == 0xdd, c == 0xdf:
		return sized(4)
	}
	return 0, 0, false
}

// skipMsgpack returns the index behind the value that begins at i.
func skipMsgpack(b []byte, i, depth int) (int, error) {
	head, n, ok := msgHead(b[i:])
	if !ok {
		if i == len(b) {
			return 0, malformed("msgpack: cut off")
		}
		return 0, malformed("msgpack: cut off, or an unknown format %#02x", b[i])
	}
	if depth > MaxDepth {
		return 0, tooBig("msgpack: nested more than %d deep", MaxDepth)
	}
	kind := msgKind(b[i])
	i += head
	if kind != Array && kind != Map {
		if len(b)-i < n {
			return 0, malformed("msgpack: a %s is cut off", kind)
		}
		if kind == String && !utf8.Valid(b[i:i+n]) {
			return 0, malformed("msgpack: a string that is no UTF-8")
		}
		return i + n, nil
	}
	if n > len(b)-i { // an item takes a byte at least
		return 0, malformed("msgpack: an %s of %d items is cut off", kind, n)
	}
	var err error
	for range n {
		if kind == Map {
			if i == len(b) {
				return 0, malformed("msgpack: a map is cut off")
			}
			if k := msgKind(b[i]); k != String && k != Int {
				return 0, malformed("msgpack: a map's key is a %s", k)
			}
			if i, err = skipMsgpack(b, i, depth+1); err != nil {
				return 0, err
			}
		}
		if i, err = skipMsgpack(b, i, depth+1); err != nil {
			return 0, err
		}
	}
	return i, nil
}

// skipCheckedMsgpack is skipMsgpack for bytes that were checked.
func skipCheckedMsgpack(b []byte, i int) int {
	for left := 1; left > 0; left-- {
		head, n, _ := msgHead(b[i:])
		switch msgKind(b[i]) {
		case Array:
			left += n
		case Map:
			left += 2 * n
		default:
			i += n
		}
		i += head
	}
	return i
}

// msgCount returns the number of items of an array or map, and where the first begins.
func msgCount(b []byte) (n, start int) {
	head, n, _ := msgHead(b)
	return n, head
}

// msgBody returns the bytes of a string or bin that begins at b[0], and where it ends.
func msgBody(b []byte) ([]byte, int) {
	head, n, _ := msgHead(b)
	return b[head : head+n], head + n
}

// msgUint reads the digits of an int: for a negative one its two's complement.
func msgUint(b []byte) (n uint64, negative bool) {
	switch c := b[0]; {
	case c <= 0x7f:
		return uint64(c), false
	case c >= 0xe0:
		return uint64(int64(int8(c))), true
	case c == 0xcc:
		return uint64(b[1]), false
	case c == 0xcd:
		return uint64(binary.BigEndian.Uint16(b[1:])), false
	case c == 0xce:
		return uint64(binary.BigEndian.Uint32(b[1:])), false
	case c == 0xcf:
		return binary.BigEndian.Uint64(b[1:]), false
	case c == 0xd0:
		n = uint64(int64(int8(b[1])))
	case c == 0xd1:
		n = uint64(int64(int16(binary.BigEndian.Uint16(b[1:]))))
	case c == 0xd2:
		n = uint64(int64(int32(binary.BigEndian.Uint32(b[1:]))))
	default:
		n = binary.BigEndian.Uint64(b[1:])
	}
	return n, int64(n) < 0
}

func msgInt(b []byte) (int64, bool) {
	n, negative := msgUint(b)
	return int64(n), negative || n <= math.MaxInt64
}

// msgFloat reads a number of either kind.
func msgFloat(b []byte) float64 {
	switch b[0] {
	case 0xca:
		return float64(math.Float32frombits(binary.BigEndian.Uint32(b[1:])))
	case 0xcb:
		return math.Float64frombits(binary.BigEndian.Uint64(b[1:]))
	}
	n, negative := msgUint(b)
	if negative {
		return float64(int64(n))
	}
	return float64(n)
}

// appendMsgAsJSON writes a msgpack value that is no bin, array or map as JSON text.
func appendMsgAsJSON(dst, raw []byte) []byte {
	switch msgKind(raw[0]) {
	case Bool:
		return strconv.AppendBool(dst, raw[0] == 0xc3)
	case Int:
		n, negative := msgUint(raw)
		if negative {
			return strconv.AppendInt(dst, int64(n), 10)
		}
		return strconv.AppendUint(dst, n, 10)
	case Float:
		return appendJSONFloat(dst, msgFloat(raw), true)
	case String:
		body, _ := msgBody(raw)
		return appendJSONString(dst, body)
	}
	return append(dst, "null"...)
}

func appendMsgBool(dst []byte, b bool) []byte {
	if b {
		return append(dst, 0xc3)
	}
	return append(dst, 0xc2)
}

func appendMsgUint(dst []byte, n uint64) []byte {
	switch {
	case n <= 0x7f:
		return append(dst, byte(n))
	case n <= math.MaxUint8:
		return append(dst, 0xcc, byte(n))
	case n <= math.MaxUint16:
		return binary.BigEndian.AppendUint16(append(dst, 0xcd), uint16(n))
	case n <= math.MaxUint32:
		return binary.BigEndian.AppendUint32(append(dst, 0xce), uint32(n))
	}
	return binary.BigEndian.AppendUint64(append(dst, 0xcf), n)
}

// appendMsgInt writes the smallest form.
func appendMsgInt(dst []byte, n int64) []byte {
	switch {
	case n >= 0:
		return appendMsgUint(dst, uint64(n))
	case n >= -32:
		return append(dst, byte(n))
	case n >= math.MinInt8:
		return append(dst, 0xd0, byte(n))
	case n >= math.MinInt16:
		return binary.BigEndian.AppendUint16(append(dst, 0xd1), uint16(n))
	case n >= math.MinInt32:
		return binary.BigEndian.AppendUint32(append(dst, 0xd2), uint32(n))
	}
	return binary.BigEndian.AppendUint64(append(dst, 0xd3), uint64(n))
}

func appendMsgFloat(dst []byte, f float64) []byte {
	return binary.BigEndian.AppendUint64(append(dst, 0xcb), math.Float64bits(f))
}

// appendMsgSize writes a head: the short form below small, else the first of the wide forms (8 bits
// where there is one, 16, 32) that fits.
func appendMsgSize(dst []byte, n, small int, short, wide8, wide16, wide32 byte) []byte {
	switch {
	case n < small:
		return append(dst, short|byte(n))
	case n <= math.MaxUint8 && wide8 != 0:
		return append(dst, wide8, byte(n))
	case n <= math.MaxUint16:
		return binary.BigEndian.AppendUint16(append(dst, wide16), uint16(n))
	}
	return binary.BigEndian.AppendUint32(append(dst, wide32), uint32(n))
}

func appendMsgString(dst []byte, s string) []byte {
	s = cleanText(s)
	return append(appendMsgSize(dst, len(s), 32, 0xa0, 0xd9, 0xda, 0xdb), s...)
}

// appendMsgText is appendMsgString for valid UTF-8.
func appendMsgText(dst, s []byte) []byte {
	return append(appendMsgSize(dst, len(s), 32, 0xa0, 0xd9, 0xda, 0xdb), s...)
}

func appendMsgBytes(dst, b []byte) []byte {
	return append(appendMsgSize(dst, len(b), 0, 0, 0xc4, 0xc5, 0xc6), b...)
}

func appendMsgArray(dst []byte, n int) []byte {
	return appendMsgSize(dst, n, 16, 0x90, 0, 0xdc, 0xdd)
}

func appendMsgMap(dst []byte, n int) []byte {
	return appendMsgSize(dst, n, 16, 0x80, 0, 0xde, 0xdf)
}
