package protocol

import (
	"bytes"
	"encoding/binary"
	"io"

	"github.com/vmihailenco/msgpack/v5"
)

// Decoder reads the messages of one transport frame, one after the other. It is reused: the hot
// messages are decoded into its fields, which are valid until the next call of Next.
type Decoder struct {
	Action      Action
	ActionBatch ActionBatch // Actions points into the frame
	Bundle      Bundle
	FrameSync   FrameSync
	StateHash   StateHash
	VerifyState VerifyState
	Ping        Ping
	Pong        Pong
	Cold        any // a pointer to any other message's struct, freshly allocated

	r       reader
	whole   int
	begin   int
	scratch []byte
}

// Reset starts reading a frame. The slice must stay unchanged while it is read.
func (d *Decoder) Reset(frame []byte) {
	d.r = reader{b: frame}
	d.whole = len(frame)
	d.begin = 0
}

// Next reads the next message and returns its type: io.EOF when the frame is at its end, otherwise
// an *Error that says why the message is refused. After an error the rest of the frame is lost,
// because nobody can tell where the next message begins.
func (d *Decoder) Next() (Type, error) {
	if d.whole > MaxFrame {
		return 0, Errorf(CodeTooLarge, "a message of %d bytes is over the limit of %d", d.whole, MaxFrame)
	}
	if len(d.r.b) == 0 {
		return 0, io.EOF
	}
	d.begin = d.whole - len(d.r.b)
	d.r.bad = false
	n := d.r.arrayLen()
	t := Type(d.r.uint(255))
	if d.r.bad || n == 0 {
		return 0, Errorf(CodeMalformed, "the message does not begin as an array with a type number")
	}
	if t.Reserved() {
		return t, Errorf(CodeReserved, "%s belongs to a later version than %d", t, Version)
	}
	d.Cold = nil
	row := t.row()
	if row.read == nil {
		return t, d.cold(row, t, n)
	}
	row.read(d, n)
	if d.r.bad {
		return t, Errorf(CodeMalformed, "%s is cut off, of a wrong type or out of range", t)
	}
	return t, nil
}

// Size returns the bytes of the message that Next read last.
func (d *Decoder) Size() int { return d.whole - len(d.r.b) - d.begin }

func (d *Decoder) action(n int) {
	d.r.expect(n == 4)
	d.Action.Epoch = uint8(d.r.uint(MaxEpoch))
	d.Action.Frame = uint32(d.r.uint(MaxFrameNo))
	d.Action.Action = uint8(d.r.uint(MaxAction))
}

func (d *Decoder) actionBatch(n int) {
	d.r.expect(n == 4)
	m := &d.ActionBatch
	m.Epoch = uint8(d.r.uint(MaxEpoch))
	m.Frame = uint32(d.r.uint(MaxFrameNo))
	m.Actions = d.r.bin(MaxBatch)
	d.r.expect(len(m.Actions) > 0)
	for _, a := range m.Actions {
		d.r.expect(a <= MaxAction)
	}
}

func (d *Decoder) bundle(n int) {
	m := &d.Bundle
	m.Epoch = uint8(d.r.uint(MaxEpoch))
	m.Frame = uint32(d.r.uint(MaxFrameNo))
	m.Early = uint8(d.r.uint(MaxEarly))
	meta := d.r.uint(1<<(flagBits+MaxSeats) - 1)
	m.Flags = uint8(meta & (1<<flagBits - 1))
	m.Substituted = uint16(meta >> flagBits)
	m.Seats = n - 5
	m.Hold = 0
	if m.Flags&FlagHold != 0 {
		m.Seats--
	}
	d.r.expect(m.Seats >= 1 && m.Seats <= MaxSeats)
	if d.r.bad {
		m.Seats = 0
		return
	}
	d.r.expect(m.Substituted>>m.Seats == 0)
	for i := range m.Actions[:m.Seats] {
		m.Actions[i] = uint8(d.r.uint(MaxAction))
	}
	if m.Flags&FlagHold != 0 {
		m.Hold = uint32(d.r.uint(1<<31 - 1))
	}
}

func (d *Decoder) frameSync(n int) {
	d.r.expect(n == 8)
	m := &d.FrameSync
	m.Epoch = uint8(d.r.uint(MaxEpoch))
	m.Frame = uint32(d.r.uint(MaxFrameNo))
	m.Offset = int32(d.r.intIn(-1<<31, 1<<31-1))
	d.times(&m.Own)
	k := d.r.arrayLen()
	d.r.expect(k <= MaxSeats)
	if d.r.bad {
		k = 0
	}
	if cap(m.Others) < k {
		others := make([]Times, MaxSeats)
		copy(others, m.Others)
		m.Others = others
	}
	m.Others = m.Others[:k]
	for i := range m.Others {
		d.r.expect(d.r.arrayLen() == 4)
		m.Others[i].Seat = uint8(d.r.uint(MaxSeats - 1))
		d.times(&m.Others[i])
	}
}

func (d *Decoder) times(t *Times) {
	t.First = uint32(d.r.uint(MaxFrameNo))
	k := d.r.arrayLen()
	d.r.expect(k <= MaxList)
	if d.r.bad {
		k = 0
	}
	if cap(t.List) < k {
		t.List = make([]int32, 0, MaxList)
	}
	t.List = t.List[:k]
	for i := range t.List {
		t.List[i] = int32(d.r.intIn(-1<<31, 1<<31-1))
	}
	t.Bound = uint32(d.r.uint(MaxBound))
}

func (d *Decoder) stateHash(n int) {
	d.r.expect(n == 6)
	m := &d.StateHash
	m.Epoch = uint8(d.r.uint(MaxEpoch))
	m.Frame = uint32(d.r.uint(MaxFrameNo))
	m.Loads = uint32(d.r.uint(1<<32 - 1))
	m.Total = d.r.uint(1<<64 - 1)
	raw := d.r.bin(4 * MaxHashes)
	d.r.expect(len(raw)%4 == 0)
	m.Count = len(raw) / 4
	for i := range m.Sections[:m.Count] {
		m.Sections[i] = binary.LittleEndian.Uint32(raw[4*i:])
	}
}

func (d *Decoder) verifyState(n int) {
	d.r.expect(n == 8)
	m := &d.VerifyState
	m.Epoch = uint8(d.r.uint(MaxEpoch))
	m.Frame = uint32(d.r.uint(MaxFrameNo))
	m.Compared = uint16(d.r.uint(1<<MaxSeats - 1))
	m.Differing = uint16(d.r.uint(1<<MaxSeats - 1))
	m.Sections = uint32(d.r.uint(1<<MaxHashes - 1))
	m.Total = d.r.uint(1<<64 - 1)
	m.By = Judge(d.r.uint(uint64(numJudges - 1)))
}

func (d *Decoder) ping(n int) {
	d.r.expect(n == 2)
	d.Ping.Sent = d.r.int()
}

func (d *Decoder) pong(n int) {
	d.r.expect(n == 3)
	d.Pong.Sent = d.r.int()
	d.Pong.Now = d.r.int()
}

// What a cold message may hold. Ours have a list of up to MaxOptions texts, and a roster of entries;
// later versions may append more to hello and welcome.
const (
	maxElements = 2 * MaxOptions
	maxNested   = 8
)

func (d *Decoder) cold(row *row, t Type, n int) error {
	if row.cold == nil {
		return Errorf(CodeMalformed, "there is no message number %d", uint8(t))
	}
	want := row.cold.fields + 1
	if n != want && !(row.grows && n > want && n < 16) {
		return Errorf(CodeMalformed, "%s has %d elements, want %d", t, n, want)
	}
	// The library believes every length and makes room for it at once: what is handed to it must be
	// there, and not be more than a message may have.
	begin := d.r.b
	for range want - 1 {
		d.r.value(maxNested)
	}
	fields := begin[:len(begin)-len(d.r.b)]
	for range n - want {
		d.r.value(maxNested)
	}
	if d.r.bad {
		return Errorf(CodeMalformed, "%s is cut off, or has a length in it that cannot be", t)
	}
	// It reads an array of the fields alone.
	d.scratch = append(d.scratch[:0], 0x90|byte(want-1))
	d.scratch = append(d.scratch, fields...)
	m := row.cold.create()
	src := bytes.NewReader(d.scratch)
	if err := msgpack.NewDecoder(src).Decode(m); err != nil {
		return Errorf(CodeMalformed, "%s cannot be read: %v", t, err)
	}
	if src.Len() != 0 {
		return Errorf(CodeMalformed, "%s has fields of other types", t)
	}
	if err := row.cold.check(m); err != nil {
		return Errorf(CodeMalformed, "%s: %v", t, err)
	}
	d.Cold = m
	return nil
}
