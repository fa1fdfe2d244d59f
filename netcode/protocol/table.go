package protocol

import (
	"fmt"
	"reflect"
)

// Type is a message's number on the wire.
type Type uint8

// The messages. What each of them says, and what it is called in the original system, stands above its
// struct; all else in its row below.
const (
	TypeHello         Type = 1
	TypeWelcome       Type = 2
	TypeJoin          Type = 3
	TypeHostElected   Type = 4
	TypeWaitingRoom   Type = 5
	TypeGameReady     Type = 6
	TypeStart         Type = 7
	TypeAction        Type = 8
	TypeBundle        Type = 9
	TypeFrameSync     Type = 10
	TypeStateHash     Type = 11
	TypeVerifyState   Type = 12
	TypeHUDUpdate     Type = 13
	TypeHUDSync       Type = 14
	TypeEndGame       Type = 15
	TypeError         Type = 16
	TypeReady         Type = 17
	TypeFinished      Type = 18
	TypePing          Type = 19
	TypePong          Type = 20
	TypeLeave         Type = 21
	TypeActionBatch   Type = 22
	TypeAway          Type = 23
	TypePause         Type = 24
	TypeResume        Type = 25
	TypeRequestResync Type = 26
	TypeRequestState  Type = 27
	TypeSnapshotChunk Type = 28
	TypeHostChanged   Type = 29
	TypeSpectator     Type = 30
	TypeRequestLog    Type = 31
	TypeSetOption     Type = 32
	TypeHistory       Type = 33
	TypeRechecked     Type = 34
	TypeRequestHash   Type = 35
	TypeStandIn       Type = 36

	// Numbers from firstReserved up to the last one are refused by this version and used by later
	// ones.
	firstReserved Type = 40
	lastReserved  Type = 47
)

// NumTypes is one more than the highest number in use or reserved; arrays of counters have this size.
const NumTypes = int(lastReserved) + 1

// row is all that there is to know about a message. It has either read or cold.
type row struct {
	name  string
	class Class
	grows bool                // later versions may append to it
	read  func(*Decoder, int) // a hot one, of so many elements, into its field of the decoder
	cold  *codec
}

// table has the rows of all messages, by number; the others are empty, as that of 0 always is.
var table = [NumTypes]row{
	TypeAction:      {name: "player_action", read: (*Decoder).action},
	TypeActionBatch: {name: "action_batch", read: (*Decoder).actionBatch},
	TypeBundle:      {name: "bundle", read: (*Decoder).bundle},
	TypeFrameSync:   {name: "frame_sync", read: (*Decoder).frameSync},
	TypeStateHash:   {name: "state_hash", class: Bulk, read: (*Decoder).stateHash},
	TypeVerifyState: {name: "verify_state", class: Bulk, read: (*Decoder).verifyState},
	TypePing:        {name: "ping", read: (*Decoder).ping},
	TypePong:        {name: "pong", read: (*Decoder).pong},

	TypeHello: {name: "hello", grows: true, cold: cold(func(m *Hello) error {
		return first(text("magic", m.Magic, len(Magic)), words("program", m.Program, MaxProgram))
	})},
	TypeWelcome: {name: "welcome", grows: true, cold: cold(func(m *Welcome) error {
		return first(text("magic", m.Magic, len(Magic)), words("program", m.Program, MaxProgram))
	})},
	TypeJoin: {name: "join", cold: cold(func(m *Join) (err error) {
		if m.Name, err = PlayerName(m.Name); err != nil {
			return err
		}
		return first(valid("seat", m.Seat >= -1 && m.Seat < MaxSeats), epoch(m.Epoch), frames(m.Have),
			words("room", m.Room, MaxRoom), text("token", string(m.Token), MaxToken), options(m.Create), options(m.Require))
	})},
	TypeHostElected: {name: "host_elected", cold: cold(func(m *HostElected) error {
		return first(seats(m.Seat, m.HostSeat), words("room", m.Room, MaxRoom), text("token", string(m.Token), MaxToken), options(m.Options))
	})},
	TypeSpectator: {name: "spectator", cold: cold(func(m *Spectator) error {
		return first(seats(m.HostSeat), words("room", m.Room, MaxRoom), options(m.Options))
	})},
	TypeWaitingRoom: {name: "waiting_room", cold: cold(func(m *WaitingRoom) error {
		return first(roster(m.Seats), watchers(m.Watching, m.Watchers))
	})},
	TypeReady: {name: "ready", cold: cold[Ready](nil)},
	TypeGameReady: {name: "game_ready", cold: cold(func(m *GameReady) error {
		return first(roster(m.Seats), watchers(m.Watching, m.Watchers))
	})},
	TypeStart: {name: "start", cold: cold(func(m *Start) error {
		return first(epoch(m.Epoch), frames(m.Frame, m.From, m.Kept), valid("frame of the snapshot", !m.Snapshot || m.From > 0))
	})},
	TypePause: {name: "pause", cold: cold(func(m *Pause) error {
		return first(epoch(m.Epoch), frames(m.Frames), seats(m.Seat), words("text", m.Text, MaxText))
	})},
	TypeResume:      {name: "resume", cold: cold(func(m *Resume) error { return first(epoch(m.Epoch), frames(m.Frame)) })},
	TypeHostChanged: {name: "host_changed", cold: cold(func(m *HostChanged) error { return seats(m.Seat) })},
	TypeHistory: {name: "history", cold: cold(func(m *History) error {
		return first(epoch(m.Epoch), frames(m.Frame), valid("length", len(m.Data) <= MaxHistory))
	})},
	TypeHUDUpdate: {name: "hud_update", class: Bulk, cold: cold(func(m *HUDUpdate) error { return words("text", m.Text, MaxText) })},
	TypeHUDSync:   {name: "hud_sync", class: Bulk, cold: cold(func(m *HUDSync) error { return words("text", m.Text, MaxText) })},
	TypeFinished:  {name: "finished", cold: cold(func(m *Finished) error { return first(epoch(m.Epoch), frames(m.Frames)) })},
	TypeEndGame:   {name: "end_game", cold: cold(func(m *EndGame) error { return words("text", m.Text, MaxText) })},
	TypeError:     {name: "error", cold: cold(func(m *Refusal) error { return words("text", m.Text, MaxText) })},
	TypeLeave:     {name: "leave", cold: cold(func(m *Leave) error { return words("text", m.Text, MaxText) })},
	TypeAway:      {name: "away", cold: cold[Away](nil)},
	TypeSetOption: {name: "set_option", cold: cold(func(m *SetOption) error {
		return first(epoch(m.Epoch), frames(m.Frame), words("option", m.Option, MaxOption))
	})},
	TypeRequestLog: {name: "request_log", cold: cold(func(m *RequestLog) error { return first(epoch(m.Epoch), frames(m.Frames)) })},
	TypeRequestState: {name: "request_full_state", cold: cold(func(m *RequestState) error {
		return first(epoch(m.Epoch), frames(m.Frame, m.BaseFrame), valid("kind", m.Kind < numKinds))
	})},
	TypeSnapshotChunk: {name: "snapshot_chunk", class: Bulk, cold: cold(func(m *SnapshotChunk) error {
		return first(epoch(m.Epoch), frames(m.Frame, m.BaseFrame), valid("kind", m.Kind < KindRecheck),
			valid("size", m.Size <= MaxSnapshot && len(m.Data) <= MaxChunk && (m.Size > 0) == (len(m.Data) > 0)),
			valid("offset", uint64(m.Offset)+uint64(len(m.Data)) <= uint64(m.Size)))
	})},
	TypeRequestResync: {name: "request_resync", cold: cold(func(m *RequestResync) error {
		return first(epoch(m.Epoch), words("text", m.Text, MaxText))
	})},
	TypeRechecked:   {name: "rechecked", cold: cold(func(m *Rechecked) error { return epoch(m.Epoch) })},
	TypeRequestHash: {name: "request_hash", cold: cold(func(m *RequestHash) error { return epoch(m.Epoch) })},
	TypeStandIn: {name: "stand_in", cold: cold(func(m *StandIn) error {
		return first(seats(m.Seat), text("token", string(m.Token), MaxToken))
	})},
}

// codec makes a cold message and judges it.
type codec struct {
	message reflect.Type // a pointer to its struct
	fields  int          // elements behind the type
	check   func(any) error
}

// cold makes the codec of a message. check says which field is beyond its limits; it is nil where none has any.
func cold[M any](check func(*M) error) *codec {
	return &codec{
		message: reflect.TypeFor[*M](),
		fields:  reflect.TypeFor[M]().NumField() - 1, // all but _msgpack
		check: func(m any) error {
			if check == nil {
				return nil
			}
			return check(m.(*M))
		},
	}
}

func (c *codec) create() any { return reflect.New(c.message.Elem()).Interface() }

// row returns an empty one for a number that no message has.
func (t Type) row() *row {
	if int(t) >= len(table) {
		t = 0
	}
	return &table[t]
}

// typeOf returns the type of a cold message, given as a pointer to its struct, and 0 for anything else.
func typeOf(m any) Type {
	message := reflect.TypeOf(m)
	for t := range table {
		if c := table[t].cold; c != nil && c.message == message {
			return Type(t)
		}
	}
	return 0
}

// String returns the message's name.
func (t Type) String() string {
	if name := t.row().name; name != "" {
		return name
	}
	return fmt.Sprintf("type(%d)", uint8(t))
}

// Reserved reports whether the number is kept for a later version.
func (t Type) Reserved() bool { return t >= firstReserved && t <= lastReserved }

// Class says what a message may be overtaken by.
type Class uint8

const (
	// Ordered messages keep their order among each other, always.
	Ordered Class = iota
	// Bulk messages (hashes, HUD text, snapshot chunks) may be overtaken by ordered ones.
	Bulk
)

// Class returns the message's class.
func (t Type) Class() Class { return t.row().class }
