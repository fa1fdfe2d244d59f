package wire

import (
	"bytes"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Kind is what a Value holds.
type Kind uint8

// The kinds. A number written without fraction and exponent is an Int, also if it is too large for
// int64; undefined counts as Null.
const (
	Null Kind = iota
	Bool
	Int
	Float
	String
	Bytes
	Array
	Map
)

var kindNames = [...]string{"null", "bool", "int", "float", "string", "bytes", "array", "map"}

// String returns the kind's name.
func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return "kind(" + strconv.Itoa(int(k)) + ")"
}

// Value is a payload whose meaning is left alone: the bytes as they arrived, in either parser's
// form, readable on demand and convertible to the other form. Its bytes were checked when it was
// made, so reading cannot fail other than by asking for the wrong kind. The zero Value is null.
//
// A Value from a packet shares the packet's memory: Clone it to keep it.
type Value struct {
	raw  []byte
	atts [][]byte // JSON: the attachments that placeholders stand for
	form form
}

// form tells how raw is written. Its zero value fits the zero Value's empty bytes.
type form uint8

const (
	formJSON form = iota
	formMsgpack
)

// Constructors. Each makes a Value of its own memory.

// NullValue is null.
func NullValue() Value { return Value{} }

// UndefinedValue is what msgpack alone has beside null.
func UndefinedValue() Value { return Value{raw: []byte("\xd4\x00\x00"), form: formMsgpack} }

// BoolValue is true or false.
func BoolValue(b bool) Value { return Value{raw: appendMsgBool(nil, b), form: formMsgpack} }

// IntValue is a whole number.
func IntValue(n int64) Value { return Value{raw: appendMsgInt(nil, n), form: formMsgpack} }

// FloatValue is a number that stays a float, also if it has no fraction.
func FloatValue(f float64) Value { return Value{raw: appendMsgFloat(nil, f), form: formMsgpack} }

// StringValue is a text. Bytes that are no UTF-8 become U+FFFD.
func StringValue(s string) Value { return Value{raw: appendMsgString(nil, s), form: formMsgpack} }

// BytesValue is binary data: an attachment in JSON, bin in msgpack.
func BytesValue(b []byte) Value { return Value{raw: appendMsgBytes(nil, b), form: formMsgpack} }

// ArrayValue holds items in order.
func ArrayValue(items ...Value) Value {
	raw := appendMsgArray(nil, len(items))
	for _, v := range items {
		raw = v.appendMsgpack(raw)
	}
	return Value{raw: raw, form: formMsgpack}
}

// Field is one entry of a map.
type Field struct {
	Key   string
	Value Value
}

// MapValue holds fields in order.
func MapValue(fields ...Field) Value {
	raw := appendMsgMap(nil, len(fields))
	for _, f := range fields {
		raw = f.Value.appendMsgpack(appendMsgString(raw, f.Key))
	}
	return Value{raw: raw, form: formMsgpack}
}

// JSONValue is a JSON text, checked and copied.
func JSONValue(text []byte) (Value, error) {
	if err := checkJSON(text); err != nil {
		return Value{}, err
	}
	return Value{raw: bytes.Clone(trimJSON(text)), form: formJSON}, nil
}

// SharedJSON is JSONValue without the copy: the text must stay what it is for as long as the Value is
// used.
func SharedJSON(text []byte) (Value, error) {
	if err := checkJSON(text); err != nil {
		return Value{}, err
	}
	return Value{raw: trimJSON(text), form: formJSON}, nil
}

// MsgpackValue is one msgpack value, checked and copied.
func MsgpackValue(data []byte) (Value, error) {
	if err := checkMsgpack(data, 0); err != nil {
		return Value{}, err
	}
	return Value{raw: bytes.Clone(data), form: formMsgpack}, nil
}

// Clone returns a copy with memory of its own.
func (v Value) Clone() Value {
	v.raw = bytes.Clone(v.raw)
	if v.atts != nil {
		atts := make([][]byte, len(v.atts))
		for i, a := range v.atts {
			atts[i] = bytes.Clone(a)
		}
		v.atts = atts
	}
	return v
}

// Size is the number of bytes the value takes as it is written, attachments not counted.
func (v Value) Size() int { return len(v.raw) }

// Kind tells what v holds.
func (v Value) Kind() Kind {
	if len(v.raw) == 0 {
		return Null
	}
	if v.form == formMsgpack {
		return msgKind(v.raw[0])
	}
	switch c := v.raw[0]; c {
	case 'n':
		return Null
	case 't', 'f':
		return Bool
	case '"':
		return String
	case '[':
		return Array
	case '{':
		if v.atts != nil {
			if _, ok := placeholder(v.raw); ok {
				return Bytes
			}
		}
		return Map
	}
	if bytes.ContainsAny(v.raw, ".eE") {
		return Float
	}
	return Int
}

// IsNull tells whether v is null, undefined or the zero Value.
func (v Value) IsNull() bool { return v.Kind() == Null }

// Bool returns a bool's value.
func (v Value) Bool() (b, ok bool) {
	if v.Kind() != Bool {
		return false, false
	}
	return v.raw[0] == 't' || v.raw[0] == 0xc3, true
}

// Int returns a whole number: an Int that fits, or a Float without fraction of at most 2^53, since
// a sender in JavaScript does not tell them apart.
func (v Value) Int() (int64, bool) {
	switch v.Kind() {
	case Int:
		if v.form == formMsgpack {
			return msgInt(v.raw)
		}
		return jsonInt(v.raw)
	case Float:
		f, _ := v.Float()
		if f == math.Trunc(f) && math.Abs(f) <= 1<<53 {
			return int64(f), true
		}
	}
	return 0, false
}

// Float returns a number of either kind.
func (v Value) Float() (float64, bool) {
	switch v.Kind() {
	case Int, Float:
		if v.form == formMsgpack {
			return msgFloat(v.raw), true
		}
		// The grammar was checked; what is out of range becomes an infinity.
		f, _ := strconv.ParseFloat(string(v.raw), 64)
		return f, true
	}
	return 0, false
}

// Text returns a string's value.
func (v Value) Text() (string, bool) {
	b, ok := v.text()
	return string(b), ok
}

// text is Text without a copy where there are no escapes.
func (v Value) text() ([]byte, bool) {
	if v.Kind() != String {
		return nil, false
	}
	if v.form == formMsgpack {
		b, _ := msgBody(v.raw)
		return b, true
	}
	return unquote(v.raw), true
}

// Bytes returns binary data; it shares memory with v.
func (v Value) Bytes() ([]byte, bool) {
	if v.Kind() != Bytes {
		return nil, false
	}
	if v.form == formMsgpack {
		b, _ := msgBody(v.raw)
		return b, true
	}
	num, ok := placeholder(v.raw)
	if !ok || num >= len(v.atts) {
		return nil, false
	}
	return v.atts[num], true
}

// Items calls yield with the items of an array until it answers false; it can be ranged over. There
// are none in any other kind.
func (v Value) Items(yield func(Value) bool) {
	if v.Kind() != Array {
		return
	}
	for c := openCursor(v); ; {
		item, ok := c.item()
		if !ok || !yield(item) {
			return
		}
	}
}

// Fields calls yield with the fields of a map until it answers false; it can be ranged over. There
// are none in any other kind.
func (v Value) Fields(yield func(string, Value) bool) {
	if v.Kind() != Map {
		return
	}
	for c := openCursor(v); ; {
		key, item, ok := c.field()
		if !ok || !yield(string(key), item) {
			return
		}
	}
}

// Get returns the field of a map; of a key that occurs twice, the last, as every reader does.
func (v Value) Get(key string) (Value, bool) {
	var found Value
	ok := false
	if v.Kind() != Map {
		return found, false
	}
	for c := openCursor(v); ; {
		k, item, more := c.field()
		if !more {
			return found, ok
		}
		if string(k) == key {
			found, ok = item, true
		}
	}
}

// AppendJSON appends v as JSON text. Binary data has no place in a bare text: it becomes null.
func (v Value) AppendJSON(dst []byte) []byte { return v.appendJSON(dst, nil) }

// AppendMsgpack appends v as msgpack.
func (v Value) AppendMsgpack(dst []byte) []byte { return v.appendMsgpack(dst) }

// String returns v as text for logs and tests; binary data shows as its size.
func (v Value) String() string {
	if v.Kind() == Bytes {
		b, _ := v.Bytes()
		return "bytes(" + strconv.Itoa(len(b)) + ")"
	}
	return string(v.AppendJSON(nil))
}

// appendJSON appends v as JSON text; binary data goes to atts and leaves a placeholder.
func (v Value) appendJSON(dst []byte, atts *[][]byte) []byte {
	if v.form == formJSON && v.atts == nil {
		if len(v.raw) == 0 {
			return append(dst, "null"...)
		}
		return append(dst, v.raw...)
	}
	switch v.Kind() {
	case Bytes:
		b, _ := v.Bytes()
		if atts == nil {
			return append(dst, "null"...)
		}
		dst = append(dst, `{"_placeholder":true,"num":`...)
		dst = strconv.AppendInt(dst, int64(len(*atts)), 10)
		*atts = append(*atts, b)
		return append(dst, '}')
	case Array:
		dst = append(dst, '[')
		c := openCursor(v)
		for n := 0; ; n++ {
			item, ok := c.item()
			if !ok {
				return append(dst, ']')
			}
			if n > 0 {
				dst = append(dst, ',')
			}
			dst = item.appendJSON(dst, atts)
		}
	case Map:
		dst = append(dst, '{')
		c := openCursor(v)
		for n := 0; ; n++ {
			key, item, ok := c.field()
			if !ok {
				return append(dst, '}')
			}
			if n > 0 {
				dst = append(dst, ',')
			}
			dst = append(appendJSONString(dst, key), ':')
			dst = item.appendJSON(dst, atts)
		}
	}
	if v.form == formJSON {
		return append(dst, v.raw...)
	}
	return appendMsgAsJSON(dst, v.raw)
}

// appendMsgpack appends v as msgpack.
func (v Value) appendMsgpack(dst []byte) []byte {
	if v.form == formMsgpack {
		return append(dst, v.raw...)
	}
	switch v.Kind() {
	case Null:
		return append(dst, 0xc0)
	case Bool:
		return appendMsgBool(dst, v.raw[0] == 't')
	case Int:
		if n, ok := jsonInt(v.raw); ok {
			return appendMsgInt(dst, n)
		}
		if n, err := strconv.ParseUint(string(v.raw), 10, 64); err == nil {
			return appendMsgUint(dst, n)
		}
		f, _ := v.Float()
		return appendMsgFloat(dst, f)
	case Float:
		f, _ := v.Float()
		return appendMsgFloat(dst, f)
	case String:
		return appendMsgText(dst, unquote(v.raw))
	case Bytes:
		b, _ := v.Bytes()
		return appendMsgBytes(dst, b)
	case Array:
		n := 0
		for c := openCursor(v); ; n++ {
			if _, ok := c.item(); !ok {
				break
			}
		}
		dst = appendMsgArray(dst, n)
		for c := openCursor(v); ; {
			item, ok := c.item()
			if !ok {
				return dst
			}
			dst = item.appendMsgpack(dst)
		}
	}
	n := 0
	for c := openCursor(v); ; n++ {
		if _, _, ok := c.field(); !ok {
			break
		}
	}
	dst = appendMsgMap(dst, n)
	for c := openCursor(v); ; {
		key, item, ok := c.field()
		if !ok {
			return dst
		}
		dst = item.appendMsgpack(appendMsgText(dst, key))
	}
}

// cursor walks over the items of an array or the fields of a map.
type cursor struct {
	v Value
	i int
	n int // msgpack: how many remain
}

func openCursor(v Value) cursor {
	if v.form == formMsgpack {
		n, i := msgCount(v.raw)
		return cursor{v: v, i: i, n: n}
	}
	return cursor{v: v, i: 1}
}

// next cuts the next value out. It relies on bytes that were checked.
func (c *cursor) next() Value {
	start, end := c.i, 0
	if c.v.form == formMsgpack {
		end = skipCheckedMsgpack(c.v.raw, c.i)
	} else {
		start = skipSpace(c.v.raw, c.i)
		end = skipCheckedJSON(c.v.raw, start)
	}
	c.i = end
	return Value{raw: c.v.raw[start:end:end], atts: c.v.atts, form: c.v.form}
}

// more tells whether a value follows, and moves behind a comma.
func (c *cursor) more() bool {
	if c.v.form == formMsgpack {
		c.n--
		return c.n >= 0
	}
	c.i = skipSpace(c.v.raw, c.i)
	switch c.v.raw[c.i] {
	case ',':
		c.i++
	case ']', '}':
		return false
	}
	return true
}

func (c *cursor) item() (Value, bool) {
	if !c.more() {
		return Value{}, false
	}
	return c.next(), true
}

// field returns the key's text, decoded.
func (c *cursor) field() ([]byte, Value, bool) {
	if !c.more() {
		return nil, Value{}, false
	}
	key := c.next()
	name, ok := key.text()
	if !ok { // msgpack allows whole numbers as keys: JavaScript makes texts of them
		name = key.AppendJSON(nil)
	}
	if c.v.form == formJSON {
		c.i = skipSpace(c.v.raw, c.i) + 1 // the colon
	}
	return name, c.next(), true
}

// cleanText makes s valid UTF-8.
func cleanText(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	return strings.ToValidUTF8(s, "\uFFFD")
}
