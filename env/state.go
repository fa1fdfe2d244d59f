package env

import (
	"encoding/binary"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Section is one named part of a state. Hashes are compared per section, so that a mismatch names
// the part that differs.
type Section struct {
	Name   string
	Fields []Field
}

// Field is one value, or one run of Count values of the same kind, inside a section. Labels and Words
// are for people who read a state; nothing depends on them.
type Field struct {
	Name   string
	Kind   FieldKind
	Count  int      // 0 and 1 both mean a single value
	Labels []string // what each of Count values belongs to ("agent_0", "row 2 column 3"); nil to count them
	Words  []string // what the integers 0, 1, 2 … mean ("nothing", "onion"); nil when they are numbers
}

// FieldKind is how a field is stored. All are little endian.
type FieldKind uint8

const (
	U8 FieldKind = iota
	U16
	U32
	U64
	I32
	F64
)

// Size returns the bytes of one value.
func (k FieldKind) Size() int {
	switch k {
	case U8:
		return 1
	case U16:
		return 2
	case U32, I32:
		return 4
	default:
		return 8
	}
}

// Size returns the length of the section's payload in bytes.
func (s Section) Size() int {
	n := 0
	for _, f := range s.Fields {
		n += f.Kind.Size() * max(f.Count, 1)
	}
	return n
}

// A state is, for each section of the Spec in order, the payload's length as uint16 little endian
// and the payload.
const sectionHeader = 2

// StateSize returns the length of a state in bytes.
func (s *Spec) StateSize() int {
	n := 0
	for _, sec := range s.Sections {
		n += sectionHeader + sec.Size()
	}
	return n
}

// BeginSection starts a section at the end of buf. mark goes to EndSection.
func BeginSection(buf []byte) (out []byte, mark int) {
	return append(buf, 0, 0), len(buf) + sectionHeader
}

// EndSection closes the section that began at mark.
func EndSection(buf []byte, mark int) []byte {
	binary.LittleEndian.PutUint16(buf[mark-sectionHeader:], uint16(len(buf)-mark))
	return buf
}

// AppendF64 appends the bits of v. Both zeros are written as +0, so that states which compare
// equal have equal bytes.
func AppendF64(buf []byte, v float64) []byte {
	return binary.LittleEndian.AppendUint64(buf, math.Float64bits(v+0))
}

// NextSection splits the first section's payload off data. ok is false when data is too short.
func NextSection(data []byte) (payload, rest []byte, ok bool) {
	if len(data) < sectionHeader {
		return nil, nil, false
	}
	n := int(binary.LittleEndian.Uint16(data))
	if len(data) < sectionHeader+n {
		return nil, nil, false
	}
	return data[sectionHeader : sectionHeader+n], data[sectionHeader+n:], true
}

// CheckState reports why data cannot be a state of this Spec: a section that is cut off, missing,
// of another length, or bytes behind the last one. It checks shapes, not values.
func (s *Spec) CheckState(data []byte) error {
	rest := data
	for _, sec := range s.Sections {
		payload, r, ok := NextSection(rest)
		if !ok {
			return fmt.Errorf("state of %s: section %q is cut off", s.Name, sec.Name)
		}
		if len(payload) != sec.Size() {
			return fmt.Errorf("state of %s: section %q has %d bytes, want %d", s.Name, sec.Name, len(payload), sec.Size())
		}
		rest = r
	}
	if len(rest) != 0 {
		return fmt.Errorf("state of %s: %d bytes behind the last section", s.Name, len(rest))
	}
	return nil
}

// Reader reads the values of one section's payload in order. The payload's length has been checked
// by CheckState, so reading past the end is a programming error and panics.
type Reader struct{ b []byte }

// NewReader reads payload.
func NewReader(payload []byte) Reader { return Reader{payload} }

func (r *Reader) U8() uint8 { v := r.b[0]; r.b = r.b[1:]; return v }

func (r *Reader) U16() uint16 {
	v := binary.LittleEndian.Uint16(r.b)
	r.b = r.b[2:]
	return v
}

func (r *Reader) U32() uint32 {
	v := binary.LittleEndian.Uint32(r.b)
	r.b = r.b[4:]
	return v
}

func (r *Reader) U64() uint64 {
	v := binary.LittleEndian.Uint64(r.b)
	r.b = r.b[8:]
	return v
}

func (r *Reader) I32() int32 { return int32(r.U32()) }

func (r *Reader) F64() float64 { return math.Float64frombits(r.U64()) }

// Value is one value of a state, by name.
type Value struct {
	Section int    // index in the list of sections
	Name    string // "ball.vx", "agents.held[agent_0]"
	Text    string
}

// DescribeSections lists every value of a state that consists of these sections, in order. The text
// of a float64 is the shortest that no other float64 has, so equal texts mean equal values.
func DescribeSections(sections []Section, data []byte) ([]Value, error) {
	var out []Value
	rest := data
	for i, sec := range sections {
		payload, r, ok := NextSection(rest)
		if !ok || len(payload) != sec.Size() {
			return nil, fmt.Errorf("a state whose section %q has %d bytes, want %d", sec.Name, len(payload), sec.Size())
		}
		rest = r
		rd := NewReader(payload)
		for _, f := range sec.Fields {
			for k := range max(f.Count, 1) {
				name := sec.Name + "." + f.Name
				switch {
				case k < len(f.Labels):
					name += "[" + f.Labels[k] + "]"
				case f.Count > 1:
					name += "[" + strconv.Itoa(k) + "]"
				}
				out = append(out, Value{Section: i, Name: name, Text: f.text(&rd)})
			}
		}
	}
	if len(rest) > 0 {
		return nil, fmt.Errorf("a state with %d bytes behind its last section", len(rest))
	}
	return out, nil
}

// text reads the field's next value and writes it for people.
func (f *Field) text(rd *Reader) string {
	var v uint64
	switch f.Kind {
	case U8:
		v = uint64(rd.U8())
	case U16:
		v = uint64(rd.U16())
	case U32:
		v = uint64(rd.U32())
	case U64:
		return fmt.Sprintf("%#016x", rd.U64())
	case I32:
		return strconv.Itoa(int(rd.I32()))
	case F64:
		return strconv.FormatFloat(rd.F64(), 'g', -1, 64)
	}
	if v < uint64(len(f.Words)) {
		return f.Words[v]
	}
	return strconv.FormatUint(v, 10)
}

// DescribeState writes the state as text, one line "section.field = value" per value, for reports
// that people read.
func (s *Spec) DescribeState(data []byte) (string, error) {
	if err := s.CheckState(data); err != nil {
		return "", err
	}
	values, err := DescribeSections(s.Sections, data)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	for _, v := range values {
		fmt.Fprintf(&b, "%s = %s\n", v.Name, v.Text)
	}
	return b.String(), nil
}
