package wire

import (
	"strconv"
)

// PID is a player's id: a key of the scene's policy_mapping. It is a string or a whole number, and
// stays what it was. PIDs are comparable; the zero PID is the empty string, which is not valid.
type PID struct {
	text  string
	num   int64
	isInt bool
}

// StringPID is an id like "agent_left".
func StringPID(s string) PID { return PID{text: s} }

// IntPID is an id like 0.
func IntPID(n int64) PID { return PID{num: n, isInt: true} }

// Int returns a number's value.
func (p PID) Int() (int64, bool) { return p.num, p.isInt }

// IsZero tells whether there is no id.
func (p PID) IsZero() bool { return p == PID{} }

// String is the id as it is written where it is a key of a map: there numbers become strings.
func (p PID) String() string {
	if p.isInt {
		return strconv.FormatInt(p.num, 10)
	}
	return p.text
}

// Value is the id as a payload.
func (p PID) Value() Value {
	if p.isInt {
		return IntValue(p.num)
	}
	return StringValue(p.text)
}

// read takes an id from a payload. A PID that holds the same text already keeps it, which saves an
// allocation.
func (p *PID) read(v Value) error {
	if text, ok := v.text(); ok {
		if len(text) == 0 || len(text) > MaxPID {
			return malformed("must have 1 to %d bytes", MaxPID)
		}
		if p.isInt || p.text != string(text) {
			*p = PID{text: string(text)}
		}
		return nil
	}
	if n, ok := v.Int(); ok {
		*p = PID{num: n, isInt: true}
		return nil
	}
	return malformed("must be a string or a whole number, not a %s", v.Kind())
}
