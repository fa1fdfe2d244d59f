package protocol

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"

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
	switch t {
	case TypeAction:
		d.action(n)
	case TypeActionBatch:
		d.actionBatch(n)
	case TypeBundle:
		d.bundle(n)
	case TypeFrameSync:
		d.frameSync(n)
	case TypeStateHash:
		d.stateHash(n)
	case TypeVerifyState:
		d.verifyState(n)
	case TypePing:
		d.r.expect(n == 2)
		d.Ping.Sent = d.r.int()
	case TypePong:
		d.r.expect(n == 3)
		d.Pong.Sent = d.r.int()
		d.Pong.Now = d.r.int()
	default:
		return t, d.cold(t, n)
	}
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

// coldFields holds how many elements each cold message has behind its type.
var coldFields = map[Type]int{
	TypeHello: 3, TypeWelcome: 6, TypeJoin: 15, TypeHostElected: 7, TypeWaitingRoom: 5,
	TypeGameReady: 3, TypeStart: 8, TypeHUDUpdate: 1, TypeHUDSync: 1, TypeEndGame: 4,
	TypeError: 2, TypeReady: 1, TypeFinished: 3, TypeLeave: 1,
	TypeAway: 2, TypeSetOption: 3, TypePause: 5, TypeResume: 3, TypeHostChanged: 1, TypeHistory: 3,
	TypeSpectator: 4, TypeRequestLog: 2, TypeRequestState: 8, TypeSnapshotChunk: 12,
	TypeRequestResync: 3, TypeRechecked: 4, TypeRequestHash: 1, TypeStandIn: 2,
}

func newCold(t Type) any {
	switch t {
	case TypeHello:
		return new(Hello)
	case TypeWelcome:
		return new(Welcome)
	case TypeJoin:
		return new(Join)
	case TypeHostElected:
		return new(HostElected)
	case TypeWaitingRoom:
		return new(WaitingRoom)
	case TypeGameReady:
		return new(GameReady)
	case TypeStart:
		return new(Start)
	case TypeHUDUpdate:
		return new(HUDUpdate)
	case TypeHUDSync:
		return new(HUDSync)
	case TypeEndGame:
		return new(EndGame)
	case TypeError:
		return new(Refusal)
	case TypeReady:
		return new(Ready)
	case TypeFinished:
		return new(Finished)
	case TypeLeave:
		return new(Leave)
	case TypeAway:
		return new(Away)
	case TypeSetOption:
		return new(SetOption)
	case TypePause:
		return new(Pause)
	case TypeResume:
		return new(Resume)
	case TypeHostChanged:
		return new(HostChanged)
	case TypeHistory:
		return new(History)
	case TypeSpectator:
		return new(Spectator)
	case TypeRequestLog:
		return new(RequestLog)
	case TypeRequestState:
		return new(RequestState)
	case TypeSnapshotChunk:
		return new(SnapshotChunk)
	case TypeRequestResync:
		return new(RequestResync)
	case TypeRechecked:
		return new(Rechecked)
	case TypeRequestHash:
		return new(RequestHash)
	case TypeStandIn:
		return new(StandIn)
	}
	return nil
}

// What a cold message may hold. Ours have a list of up to MaxOptions texts, and a roster of entries;
// later versions may append more to hello and welcome.
const (
	maxElements = 2 * MaxOptions
	maxNested   = 8
)

func (d *Decoder) cold(t Type, n int) error {
	m := newCold(t)
	if m == nil {
		return Errorf(CodeMalformed, "there is no message number %d", uint8(t))
	}
	// A later version may append to hello and welcome; all else is exact.
	want := coldFields[t] + 1
	if n != want && !(n > want && n < 16 && (t == TypeHello || t == TypeWelcome)) {
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
	src := bytes.NewReader(d.scratch)
	if err := msgpack.NewDecoder(src).Decode(m); err != nil {
		return Errorf(CodeMalformed, "%s cannot be read: %v", t, err)
	}
	if src.Len() != 0 {
		return Errorf(CodeMalformed, "%s has fields of other types", t)
	}
	if err := check(m); err != nil {
		return Errorf(CodeMalformed, "%s: %v", t, err)
	}
	d.Cold = m
	return nil
}

// check enforces the limits of a cold message.
func check(m any) error {
	switch m := m.(type) {
	case *Hello:
		return first(text("magic", m.Magic, len(Magic)), words("program", m.Program, MaxProgram))
	case *Welcome:
		return first(text("magic", m.Magic, len(Magic)), words("program", m.Program, MaxProgram))
	case *Join:
		if m.Seat < -1 || m.Seat >= MaxSeats || m.Epoch > MaxEpoch || m.Have > MaxFrameNo {
			return errors.New("seat, epoch or frame out of range")
		}
		name, err := PlayerName(m.Name)
		if err != nil {
			return err
		}
		m.Name = name
		return first(words("room", m.Room, MaxRoom),
			text("token", string(m.Token), MaxToken), options(m.Create), options(m.Require))
	case *HostElected:
		if m.Seat >= MaxSeats || m.HostSeat >= MaxSeats {
			return errors.New("the seat is out of range")
		}
		return first(words("room", m.Room, MaxRoom), text("token", string(m.Token), MaxToken), options(m.Options))
	case *WaitingRoom:
		return first(roster(m.Seats), watchers(m.Watching, m.Watchers))
	case *GameReady:
		return first(roster(m.Seats), watchers(m.Watching, m.Watchers))
	case *Start:
		if m.Epoch > MaxEpoch || m.Frame > MaxFrameNo || m.From > MaxFrameNo || m.Kept > MaxFrameNo || (m.Snapshot && m.From == 0) {
			return errors.New("epoch or frame out of range")
		}
	case *Pause:
		if m.Epoch > MaxEpoch || m.Frames > MaxFrameNo || m.Seat >= MaxSeats {
			return errors.New("epoch, frame or seat out of range")
		}
		return words("text", m.Text, MaxText)
	case *Resume:
		if m.Epoch > MaxEpoch || m.Frame > MaxFrameNo {
			return errors.New("epoch or frame out of range")
		}
	case *HostChanged:
		if m.Seat >= MaxSeats {
			return errors.New("the seat is out of range")
		}
	case *History:
		if m.Epoch > MaxEpoch || m.Frame > MaxFrameNo || len(m.Data) > MaxHistory {
			return errors.New("epoch, frame or length out of range")
		}
	case *Finished:
		if m.Epoch > MaxEpoch || m.Frames > MaxFrameNo {
			return errors.New("epoch or frames out of range")
		}
	case *EndGame:
		return words("text", m.Text, MaxText)
	case *Refusal:
		return words("text", m.Text, MaxText)
	case *HUDUpdate:
		return words("text", m.Text, MaxText)
	case *HUDSync:
		return words("text", m.Text, MaxText)
	case *Leave:
		return words("text", m.Text, MaxText)
	case *SetOption:
		if m.Epoch > MaxEpoch || m.Frame > MaxFrameNo {
			return errors.New("epoch or frame out of range")
		}
		return words("option", m.Option, MaxOption)
	case *Spectator:
		if m.HostSeat >= MaxSeats {
			return errors.New("the seat is out of range")
		}
		return first(words("room", m.Room, MaxRoom), options(m.Options))
	case *RequestLog:
		if m.Epoch > MaxEpoch || m.Frames > MaxFrameNo {
			return errors.New("epoch or frame out of range")
		}
	case *RequestState:
		if m.Epoch > MaxEpoch || m.Frame > MaxFrameNo || m.BaseFrame > MaxFrameNo || m.Kind >= numKinds {
			return errors.New("epoch, frame or kind out of range")
		}
	case *SnapshotChunk:
		if m.Epoch > MaxEpoch || m.Frame > MaxFrameNo || m.BaseFrame > MaxFrameNo || m.Kind >= KindRecheck {
			return errors.New("epoch, frame or kind out of range")
		}
		if m.Size > MaxSnapshot || len(m.Data) > MaxChunk || uint64(m.Offset)+uint64(len(m.Data)) > uint64(m.Size) || (m.Size > 0) != (len(m.Data) > 0) {
			return fmt.Errorf("its size or place is out of range: at most %d bytes in chunks of at most %d", MaxSnapshot, MaxChunk)
		}
	case *RequestResync:
		if m.Epoch > MaxEpoch {
			return errors.New("the epoch is out of range")
		}
		return words("text", m.Text, MaxText)
	case *Rechecked:
		if m.Epoch > MaxEpoch {
			return errors.New("the epoch is out of range")
		}
	case *RequestHash:
		if m.Epoch > MaxEpoch {
			return errors.New("the epoch is out of range")
		}
	case *StandIn:
		if m.Seat >= MaxSeats {
			return errors.New("the seat is out of range")
		}
		return text("token", string(m.Token), MaxToken)
	}
	return nil
}

func first(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

func text(what, s string, limit int) error {
	if len(s) > limit {
		return fmt.Errorf("%s is longer than %d bytes", what, limit)
	}
	return nil
}

// words is text that people read: it must not be able to garble a terminal or a screen.
func words(what, s string, limit int) error {
	if err := text(what, s, limit); err != nil {
		return err
	}
	if !utf8.ValidString(s) {
		return fmt.Errorf("%s is not UTF-8", what)
	}
	for _, c := range s {
		if Control(c) && c != '\n' {
			return fmt.Errorf("%s has a control character", what)
		}
	}
	return nil
}

func options(list []string) error {
	if len(list) > MaxOptions {
		return fmt.Errorf("more than %d options", MaxOptions)
	}
	for _, o := range list {
		if len(o) > MaxOption || !utf8.ValidString(o) {
			return fmt.Errorf("an option is longer than %d bytes or not UTF-8", MaxOption)
		}
	}
	return nil
}

func roster(seats []RosterEntry) error {
	if len(seats) > MaxSeats {
		return errors.New("too many seats")
	}
	for _, s := range seats {
		if s.Since > MaxFrameNo {
			return errors.New("the frame is out of range")
		}
		if _, err := PlayerName(s.Name); err != nil {
			return err
		}
	}
	return nil
}

func watchers(n uint8, names []string) error {
	if n > MaxSpectators || len(names) > MaxWatchers || len(names) > int(n) {
		return errors.New("too many spectators")
	}
	for _, s := range names {
		if _, err := PlayerName(s); err != nil {
			return err
		}
	}
	return nil
}
