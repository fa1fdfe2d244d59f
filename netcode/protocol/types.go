package protocol

import "fmt"

// Version is the protocol's version. Raise it with every change that an older program would
// misread, and add a line to the history in doc.go.
const Version = 2

// Magic opens hello and welcome, so that a stranger on the port is recognised at once.
const Magic = "tandem"

// Limits. The frame limit bounds what a connection may make the other side hold; the others keep a
// room's texts on a screen.
const (
	MaxFrame   = 4096 // bytes of one transport message, both ways; a start burst of a 16-seat room needs about 1.5 KiB
	MaxSeats   = 16   // seats of a room; the mask of a bundle has a bit for each
	MaxAction  = 127  // the largest action: one byte of msgpack
	MaxEpoch   = 127  // rematches and rebuilds of one room; one byte of msgpack
	MaxProgram = 64   // bytes of a program's name and version
	MaxRoom    = 32   // bytes of a room code
	MaxText    = 512  // bytes of a reason or a HUD text
	MaxToken   = 1024 // bytes of a seat token: the options of a room are inside
	MaxOptions = 64   // room options of one join
	MaxOption  = 256  // bytes of one option, "name=value"
	MaxBatch   = 64   // frames of one action_batch: more than the relay's window of ±60
	MaxList    = 64   // times of one frame_sync list
	MaxBound   = 1e5  // 0.1 ms by which they may be off: a round trip of 20 s
	MaxHashes  = 32   // sections of a state
	MaxEarly   = 127  // ms a bundle can say it left early; this value means "or more"
	MaxFrameNo = 1<<31 - 1
	MaxHistory = 3 << 10 // bytes of bundles in one history: with its header within MaxFrame

	// A snapshot travels in chunks, so that an action never waits behind more than one of them.
	MaxChunk    = 3 << 10  // bytes of a snapshot in one chunk: with its header within MaxFrame
	MaxSnapshot = 64 << 10 // bytes of a whole snapshot on the wire

	MaxSpectators = 64 // who only watch, per room
	MaxWatchers   = 8  // of them are told by name: more than a waiting room shows
)

// Type is a message's number on the wire.
type Type uint8

// The messages. The original system's event name stands behind those that have one there.
const (
	TypeHello       Type = 1
	TypeWelcome     Type = 2
	TypeJoin        Type = 3  // join_game
	TypeHostElected Type = 4  // pyodide_host_elected
	TypeWaitingRoom Type = 5  // waiting_room
	TypeGameReady   Type = 6  // pyodide_game_ready
	TypeStart       Type = 7  // start_game
	TypeAction      Type = 8  // pyodide_player_action
	TypeBundle      Type = 9  // pyodide_other_player_action
	TypeFrameSync   Type = 10 // pyodide_frame_sync
	TypeStateHash   Type = 11 // pyodide_state_hash
	TypeVerifyState Type = 12 // pyodide_verify_state
	TypeHUDUpdate   Type = 13 // pyodide_hud_update
	TypeHUDSync     Type = 14 // pyodide_hud_sync
	TypeEndGame     Type = 15 // end_game
	TypeError       Type = 16
	TypeReady       Type = 17
	TypeFinished    Type = 18
	TypePing        Type = 19 // ping
	TypePong        Type = 20 // pong
	TypeLeave       Type = 21 // leave_game
	TypeActionBatch Type = 22 // pyodide_action_batch
	TypeAway        Type = 23
	TypePause       Type = 24
	TypeResume      Type = 25
	TypeHostChanged Type = 29 // pyodide_host_changed
	TypeSetOption   Type = 32
	TypeHistory     Type = 33

	TypeRequestResync Type = 26 // pyodide_request_resync
	TypeRequestState  Type = 27 // pyodide_request_full_state
	TypeSnapshotChunk Type = 28 // pyodide_send_full_state, pyodide_apply_full_state
	TypeSpectator     Type = 30
	TypeRequestLog    Type = 31
	TypeRechecked     Type = 34
	TypeRequestHash   Type = 35
	TypeStandIn       Type = 36

	// Numbers from firstReserved up to the last one are refused by this version and used by later
	// ones.
	firstReserved Type = 40
	lastReserved  Type = 47
)

var typeNames = map[Type]string{
	TypeHello: "hello", TypeWelcome: "welcome", TypeJoin: "join", TypeHostElected: "host_elected",
	TypeWaitingRoom: "waiting_room", TypeGameReady: "game_ready", TypeStart: "start",
	TypeAction: "player_action", TypeBundle: "bundle", TypeFrameSync: "frame_sync",
	TypeStateHash: "state_hash", TypeVerifyState: "verify_state", TypeHUDUpdate: "hud_update",
	TypeHUDSync: "hud_sync", TypeEndGame: "end_game", TypeError: "error", TypeReady: "ready",
	TypeFinished: "finished", TypePing: "ping", TypePong: "pong", TypeLeave: "leave",
	TypeActionBatch: "action_batch", TypeAway: "away", TypePause: "pause", TypeResume: "resume",
	TypeRequestResync: "request_resync", TypeRequestState: "request_full_state",
	TypeSnapshotChunk: "snapshot_chunk", TypeHostChanged: "host_changed",
	TypeSpectator: "spectator", TypeRequestLog: "request_log", TypeSetOption: "set_option",
	TypeHistory: "history", TypeRechecked: "rechecked", TypeRequestHash: "request_hash",
	TypeStandIn: "stand_in",
}

// NumTypes is one more than the highest number in use or reserved; arrays of counters have this size.
const NumTypes = int(lastReserved) + 1

// String returns the message's name.
func (t Type) String() string {
	if n, ok := typeNames[t]; ok {
		return n
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
func (t Type) Class() Class {
	switch t {
	case TypeStateHash, TypeHUDUpdate, TypeHUDSync, TypeVerifyState, TypeSnapshotChunk:
		return Bulk
	}
	return Ordered
}
