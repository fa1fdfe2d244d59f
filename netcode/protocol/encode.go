package protocol

import (
	"bytes"
	"encoding/binary"
	"fmt"

	"github.com/vmihailenco/msgpack/v5"
)

// AppendAction appends a player_action.
func AppendAction(b []byte, m *Action) []byte {
	b = append(b, 0x94, byte(TypeAction))
	b = appendUint(b, uint64(m.Epoch))
	b = appendUint(b, uint64(m.Frame))
	return append(b, m.Action&0x7f)
}

// AppendActionBatch appends an action_batch.
func AppendActionBatch(b []byte, m *ActionBatch) []byte {
	b = append(b, 0x94, byte(TypeActionBatch))
	b = appendUint(b, uint64(m.Epoch))
	b = appendUint(b, uint64(m.Frame))
	b = append(b, 0xc4, byte(len(m.Actions)))
	return append(b, m.Actions...)
}

// AppendBundle appends a bundle.
func AppendBundle(b []byte, m *Bundle) []byte {
	n := 5 + m.Seats
	if m.Flags&FlagHold != 0 {
		n++
	}
	b = appendArrayLen(b, n)
	b = append(b, byte(TypeBundle))
	b = appendUint(b, uint64(m.Epoch))
	b = appendUint(b, uint64(m.Frame))
	b = appendUint(b, uint64(m.Early))
	b = appendUint(b, uint64(m.Flags)|uint64(m.Substituted)<<flagBits)
	for _, a := range m.Actions[:m.Seats] {
		b = append(b, a&0x7f)
	}
	if m.Flags&FlagHold != 0 {
		b = appendUint(b, uint64(m.Hold))
	}
	return b
}

// AppendFrameSync appends a frame_sync.
func AppendFrameSync(b []byte, m *FrameSync) []byte {
	b = append(b, 0x98, byte(TypeFrameSync))
	b = appendUint(b, uint64(m.Epoch))
	b = appendUint(b, uint64(m.Frame))
	b = appendInt(b, int64(m.Offset))
	b = appendTimes(b, &m.Own)
	b = appendArrayLen(b, len(m.Others))
	for i := range m.Others {
		b = append(b, 0x94, m.Others[i].Seat&0x7f)
		b = appendTimes(b, &m.Others[i])
	}
	return b
}

func appendTimes(b []byte, t *Times) []byte {
	b = appendUint(b, uint64(t.First))
	b = appendArrayLen(b, len(t.List))
	for _, v := range t.List {
		b = appendInt(b, int64(v))
	}
	return appendUint(b, uint64(t.Bound))
}

// AppendStateHash appends a state_hash.
func AppendStateHash(b []byte, m *StateHash) []byte {
	b = append(b, 0x96, byte(TypeStateHash))
	b = appendUint(b, uint64(m.Epoch))
	b = appendUint(b, uint64(m.Frame))
	b = appendUint(b, uint64(m.Loads))
	b = appendUint(b, m.Total)
	b = append(b, 0xc4, byte(4*m.Count))
	for _, h := range m.Sections[:m.Count] {
		b = binary.LittleEndian.AppendUint32(b, h)
	}
	return b
}

// AppendVerifyState appends a verify_state.
func AppendVerifyState(b []byte, m *VerifyState) []byte {
	b = append(b, 0x98, byte(TypeVerifyState))
	b = appendUint(b, uint64(m.Epoch))
	b = appendUint(b, uint64(m.Frame))
	b = appendUint(b, uint64(m.Compared))
	b = appendUint(b, uint64(m.Differing))
	b = appendUint(b, uint64(m.Sections))
	b = appendUint(b, m.Total)
	return append(b, byte(m.By)&0x7f)
}

// AppendPing appends a ping.
func AppendPing(b []byte, m *Ping) []byte {
	return appendInt(append(b, 0x92, byte(TypePing)), m.Sent)
}

// AppendPong appends a pong.
func AppendPong(b []byte, m *Pong) []byte {
	b = appendInt(append(b, 0x93, byte(TypePong)), m.Sent)
	return appendInt(b, m.Now)
}

// Append appends a cold message, given as a pointer to its struct. Anything else is a programming
// error and panics.
func Append(b []byte, m any) []byte {
	t := typeOf(m)
	if t == 0 {
		panic(fmt.Sprintf("protocol: Append of %T", m))
	}
	b = appendArrayLen(b, t.row().cold.fields+1)
	buf := bytes.NewBuffer(b)
	enc := msgpack.GetEncoder()
	defer msgpack.PutEncoder(enc)
	enc.Reset(buf)
	enc.UseCompactInts(true)
	if err := enc.Encode(m); err != nil {
		// Marshalling into memory of structs made of integers, strings and bytes cannot fail.
		panic(fmt.Sprintf("protocol: %s: %v", t, err))
	}
	// The library has written an array of at most 15 fields, whose header is one byte: that of the type.
	buf.Bytes()[len(b)] = byte(t)
	return buf.Bytes()
}

func appendArrayLen(b []byte, n int) []byte {
	if n < 16 {
		return append(b, 0x90|byte(n))
	}
	return append(b, 0xdc, byte(n>>8), byte(n))
}

func appendUint(b []byte, v uint64) []byte {
	switch {
	case v < 0x80:
		return append(b, byte(v))
	case v < 1<<8:
		return append(b, 0xcc, byte(v))
	case v < 1<<16:
		return append(b, 0xcd, byte(v>>8), byte(v))
	case v < 1<<32:
		return append(b, 0xce, byte(v>>24), byte(v>>16), byte(v>>8), byte(v))
	}
	return binary.BigEndian.AppendUint64(append(b, 0xcf), v)
}

func appendInt(b []byte, v int64) []byte {
	switch {
	case v >= 0:
		return appendUint(b, uint64(v))
	case v >= -32:
		return append(b, byte(v))
	case v >= -1<<7:
		return append(b, 0xd0, byte(v))
	case v >= -1<<15:
		return append(b, 0xd1, byte(v>>8), byte(v))
	case v >= -1<<31:
		return append(b, 0xd2, byte(v>>24), byte(v>>16), byte(v>>8), byte(v))
	}
	return binary.BigEndian.AppendUint64(append(b, 0xd3), uint64(v))
}
