package wire

import (
	"encoding/binary"
	"math"
	"strconv"
	"sync"
)

// fields walks over the fields of one payload, in the order in which they are written: either it
// writes them or it reads and checks them. So one description of an event serves both ways and
// both parsers.
type fields struct {
	err error // the first; everything after it is skipped

	// writing
	writing bool
	msgpack bool
	buf     []byte
	start   int // where the map began
	n       int // fields so far
	atts    [][]byte

	// reading
	entries []entry
}

type entry struct {
	key   []byte
	value Value
	taken bool
}

var fieldsPool = sync.Pool{New: func() any { return new(fields) }}

// maxEntries bounds the fields of one payload: the scene metadata of the original has 57.
const maxEntries = 256

// release puts f back without what it refers to.
func (f *fields) release() {
	clear(f.entries)
	*f = fields{entries: f.entries[:0]}
	fieldsPool.Put(f)
}

// open begins a map when writing, or splits one when reading.
func (f *fields) open(v Value) {
	if f.writing {
		f.start, f.n = len(f.buf), 0
		if f.msgpack {
			f.buf = append(f.buf, 0x80) // close sets the number
		} else {
			f.buf = append(f.buf, '{')
		}
		return
	}
	if v.Kind() != Map {
		f.err = malformed("the payload must be a map, not a %s", v.Kind())
		return
	}
	for c := openCursor(v); ; {
		key, item, ok := c.field()
		if !ok {
			return
		}
		if len(f.entries) == maxEntries {
			f.err = tooBig("more than %d fields", maxEntries)
			return
		}
		f.entries = append(f.entries, entry{key: key, value: item})
	}
}

// close ends the map that open began.
func (f *fields) close() {
	switch {
	case !f.writing:
	case !f.msgpack:
		f.buf = append(f.buf, '}')
	case f.n <= 15:
		f.buf[f.start] |= byte(f.n)
	default:
		f.buf = append(f.buf, 0, 0)
		copy(f.buf[f.start+3:], f.buf[f.start+1:len(f.buf)-2])
		f.buf[f.start] = 0xde
		binary.BigEndian.PutUint16(f.buf[f.start+1:], uint16(f.n))
	}
}

// key begins a field when writing. It answers whether to go on.
func (f *fields) key(key string) bool {
	if f.err != nil {
		return false
	}
	f.n++
	if f.msgpack {
		f.buf = appendMsgString(f.buf, key)
		return true
	}
	if f.n > 1 {
		f.buf = append(f.buf, ',')
	}
	f.buf = append(appendJSONString(f.buf, cleanText(key)), ':')
	return true
}

// get finds a field when reading; of a key that occurs twice, the last.
func (f *fields) get(key string) (Value, bool) {
	if f.err != nil {
		return Value{}, false
	}
	for i := len(f.entries) - 1; i >= 0; i-- {
		if e := &f.entries[i]; string(e.key) == key {
			e.taken = true
			return e.value, true
		}
	}
	return Value{}, false
}

// must is get for a field that has to be there.
func (f *fields) must(key string) (Value, bool) {
	v, ok := f.get(key)
	if !ok && f.err == nil {
		f.err = malformed("%s is missing", key)
	}
	return v, ok
}

// fail notes what is wrong with a field.
func (f *fields) fail(key, format string, args ...any) {
	if f.err == nil {
		f.err = malformed(key+" "+format, args...)
	}
}

func (f *fields) wrongKind(key string, want string, v Value) {
	f.fail(key, "must be %s, not a %s", want, v.Kind())
}

// text is a string of at most limit bytes that must be there; it may be empty.
func (f *fields) text(key string, p *string, limit int) {
	if f.writing {
		if len(*p) > limit {
			f.fail(key, "has %d bytes, %d are allowed", len(*p), limit)
		}
		if f.key(key) {
			f.putText(*p)
		}
		return
	}
	if v, ok := f.must(key); ok {
		f.readText(key, v, p, limit)
	}
}

// id is a text that may not be empty.
func (f *fields) id(key string, p *string, limit int) {
	f.text(key, p, limit)
	if *p == "" {
		f.fail(key, "is empty")
	}
}

// anyText is a string that may be missing, null, or any other kind, which then counts as empty: for
// fields that nobody relies on.
func (f *fields) anyText(key string, p *string, limit int) {
	if f.writing {
		f.text(key, p, limit)
		return
	}
	*p = ""
	if v, ok := f.get(key); ok && v.Kind() == String {
		f.readText(key, v, p, limit)
	}
}

func (f *fields) putText(s string) {
	if f.msgpack {
		f.buf = appendMsgString(f.buf, s)
	} else {
		f.buf = appendJSONString(f.buf, cleanText(s))
	}
}

func (f *fields) readText(key string, v Value, p *string, limit int) {
	text, ok := v.text()
	switch {
	case !ok:
		f.wrongKind(key, "a string", v)
	case len(text) > limit:
		f.fail(key, "has %d bytes, %d are allowed", len(text), limit)
	case *p != string(text): // the same text costs no allocation
		*p = string(text)
	}
}

// flag is a bool that must be there.
func (f *fields) flag(key string, p *bool) {
	if f.writing {
		if f.key(key) {
			if f.msgpack {
				f.buf = appendMsgBool(f.buf, *p)
			} else {
				f.buf = strconv.AppendBool(f.buf, *p)
			}
		}
		return
	}
	if v, ok := f.must(key); ok {
		if *p, ok = v.Bool(); !ok {
			f.wrongKind(key, "a bool", v)
		}
	}
}

// anyFlag is a bool that may be missing or anything else, which then counts as false: for fields that
// nobody relies on.
func (f *fields) anyFlag(key string, p *bool) {
	if f.writing {
		f.flag(key, p)
		return
	}
	v, _ := f.get(key)
	*p, _ = v.Bool()
}

// integer is a whole number from low to high.
func (f *fields) integer(key string, p *int64, low, high int64) {
	if f.writing {
		if f.key(key) {
			f.putInt(*p)
		}
	} else if v, ok := f.must(key); ok {
		if *p, ok = v.Int(); !ok {
			f.fail(key, "must be a whole number within 64 bits, not a %s", v.Kind())
		}
	}
	if f.err == nil && (*p < low || *p > high) {
		f.fail(key, "is %d, allowed is %d to %d", *p, low, high)
	}
}

func (f *fields) putInt(n int64) {
	if f.msgpack {
		f.buf = appendMsgInt(f.buf, n)
	} else {
		f.buf = strconv.AppendInt(f.buf, n, 10)
	}
}

// number is a finite number of either kind. It is written as JavaScript does: without fraction, as
// a whole number.
func (f *fields) number(key string, p *float64) {
	if f.writing {
		if math.IsNaN(*p) || math.IsInf(*p, 0) {
			f.fail(key, "is %v", *p)
		}
		if f.key(key) {
			f.putNumber(*p)
		}
		return
	}
	if v, ok := f.must(key); ok {
		if *p, ok = v.Float(); !ok || math.IsNaN(*p) || math.IsInf(*p, 0) {
			f.fail(key, "must be a finite number, not %s", clip(v.String()))
		}
	}
}

// anyNumber is a number that may be missing or anything else, which then counts as 0: for fields that
// nobody relies on.
func (f *fields) anyNumber(key string, p *float64) {
	if f.writing {
		f.number(key, p)
		return
	}
	v, _ := f.get(key)
	if x, ok := v.Float(); ok && !math.IsNaN(x) && !math.IsInf(x, 0) {
		*p = x
	} else {
		*p = 0
	}
}

func (f *fields) putNumber(x float64) {
	switch {
	case x == math.Trunc(x) && math.Abs(x) < 1<<53:
		f.putInt(int64(x))
	case f.msgpack:
		f.buf = appendMsgFloat(f.buf, x)
	default:
		f.buf = appendJSONFloat(f.buf, x, false)
	}
}

// Number is a number that may be absent.
type Number struct {
	Value float64
	OK    bool
}

// maybe is a number that may be missing, null or anything else, which then counts as absent. Where it is
// absent, null is written if asNull is set, else nothing.
func (f *fields) maybe(key string, p *Number, asNull bool) {
	if f.writing {
		if p.OK {
			f.number(key, &p.Value)
		} else if asNull {
			f.value(key, &Value{}, math.MaxInt)
		}
		return
	}
	v, _ := f.get(key)
	x, ok := v.Float()
	if *p = (Number{x, true}); !ok || math.IsNaN(x) || math.IsInf(x, 0) {
		*p = Number{}
	}
}

// pid is a player's id that must be there.
func (f *fields) pid(key string, p *PID) {
	if f.writing {
		if p.IsZero() || len(p.text) > MaxPID {
			f.fail(key, "must have 1 to %d bytes", MaxPID)
		}
		if f.key(key) {
			f.putPID(*p)
		}
		return
	}
	if v, ok := f.must(key); ok {
		if err := p.read(v); err != nil {
			f.fail(key, "%s", err.Error())
		}
	}
}

func (f *fields) putPID(p PID) {
	if p.isInt {
		f.putInt(p.num)
	} else {
		f.putText(p.text)
	}
}

// value is a payload that is left alone; null if it is missing. limit bounds its size as it is
// written, attachments not counted.
func (f *fields) value(key string, p *Value, limit int) {
	if !f.writing {
		*p, _ = f.get(key)
	}
	if p.Size() > limit {
		f.fail(key, "has %d bytes, %d are allowed", p.Size(), limit)
	}
	if !f.writing || !f.key(key) {
		return
	}
	if f.msgpack {
		f.buf = p.appendMsgpack(f.buf)
	} else {
		f.buf = p.appendJSON(f.buf, &f.atts)
	}
}

// object is a value that must be a map.
func (f *fields) object(key string, p *Value, limit int) {
	if !f.writing {
		if _, ok := f.must(key); !ok {
			return
		}
	}
	f.value(key, p, limit)
	if f.err == nil && p.Kind() != Map {
		f.wrongKind(key, "a map", *p)
	}
}
