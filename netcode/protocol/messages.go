//lint:file-ignore U1000 the msgpack library reads the _msgpack fields by reflection

package protocol

// The cold messages: sent a few times per match, read and written by the msgpack library as arrays
// in the order of their fields, behind the type number. hello and welcome must never change.

// Hello opens a connection, peer → relay.
//
//	[1, "tandem", version, program]
type Hello struct {
	_msgpack struct{} `msgpack:",as_array"`
	Magic    string
	Version  uint32
	Program  string // name and version of the program, for logs
}

// Welcome answers Hello, relay → peer.
//
//	[2, "tandem", version, program, ping_ms, timeout_ms, embedded]
type Welcome struct {
	_msgpack  struct{} `msgpack:",as_array"`
	Magic     string
	Version   uint32
	Program   string
	PingMS    uint32 // how often the peer should be heard at least
	TimeoutMS uint32 // silence after which either side gives the other up
	Embedded  bool   // the relay is inside a player's program, and its rooms end with that
}

// Join asks for a seat (the original's join_game), peer → relay.
//
//	[3, room, seat, name, token, [option…], [option…], epoch, have, seed, watch, zstd, again, base, sum, back]
type Join struct {
	_msgpack struct{} `msgpack:",as_array"`
	Room     string   // code; "" asks for a new room with a code of the relay's choice
	Seat     int8     // wanted seat, -1 for any
	Name     string   // what the player calls themselves
	Token    []byte   // of an earlier host_elected, to come back to its seat; empty otherwise
	Create   []string // options, "name=value", for a room that does not exist yet; empty: do not create
	Require  []string // options that the room must have, or the join is refused
	Epoch    uint8    // of the match the peer is in the middle of; 0 when it has no state
	Have     uint32   // bundles it has of that epoch: the history it needs begins there
	Seed     uint64   // of the match it is in the middle of; 0 when it has no state
	Watch    bool     // as a spectator: no seat, no say
	Zstd     bool     // it can read snapshots packed with zstd
	Again    bool     // it may stay in the room for another match
	Base     uint32   // frame of the first bundle that it keeps
	Sum      uint64   // of the bundles from Base on and before Have: the first 8 bytes, little endian, of their SHA-256
	Back     bool     // the program that had the seat has lost its connection; false: it has just been started
}

// HostElected seats a player (pyodide_host_elected), relay → the joining peer; and, to one who has that
// seat already, it brings a fresh token.
//
//	[4, is_host, seat, host_seat, room, seed, token, [option…]]
type HostElected struct {
	_msgpack struct{} `msgpack:",as_array"`
	IsHost   bool
	Seat     uint8
	HostSeat uint8
	Room     string
	Seed     uint64 // room seed, never 0; episode seeds are derived from it
	Token    []byte
	Options  []string // of the room, complete
}

// RosterEntry is one seat in waiting_room and game_ready.
type RosterEntry struct {
	_msgpack struct{} `msgpack:",as_array"`
	Name     string   // of its player, also while a bot plays for them; "" where the relay was restarted and does not know it
	Taken    bool
	Ready    bool
	Host     bool
	Bot      bool   // a stand-in plays
	Since    uint32 // frame of the match from which on its player has had it; 0 before the match, from its beginning, and where the relay does not know
	Away     bool   // its player looks elsewhere: a hidden page, a minimised window
}

// WaitingRoom tells who is there (waiting_room), relay → everybody, at every change before the start.
//
//	[5, needed, [[name, taken, ready, host, bot, since, away]…], watching, [name…], hold_ms]
type WaitingRoom struct {
	_msgpack struct{} `msgpack:",as_array"`
	Needed   uint8    // players that are still missing
	Seats    []RosterEntry
	Watching uint8    // how many people watch
	Watchers []string // names of the first of them, MaxWatchers at most
	HoldMS   uint32   // for how long at most the match, which could begin, waits for those who are away; 0: it does not
}

// Ready says that the peer can start: environment made, clock settled; peer → relay.
//
//	[17, lead]
type Ready struct {
	_msgpack struct{} `msgpack:",as_array"`
	Lead     uint32   // 0.1 ms; how long before a frame's close the peer samples it
}

// GameReady says that everybody is (pyodide_game_ready), relay → everybody, and again at every change
// while the match is played.
//
//	[6, [[name, taken, ready, host, bot, since, away]…], watching, [name…]]
type GameReady struct {
	_msgpack struct{} `msgpack:",as_array"`
	Seats    []RosterEntry
	Watching uint8    // how many people watch
	Watchers []string // names of the first of them, MaxWatchers at most
}

// Start fixes the frame clock of an epoch (start_game), relay → everybody, and again → a peer that
// comes back in mid-match.
//
//	[7, epoch, frame, close_us, held, seed, from, snapshot, kept]
//
// From is the frame of the first bundle that follows. A peer that has all bundles before it goes on
// with what it has; any other begins the match anew, from the seed or, with Snapshot, from the
// snapshot of the state before frame From, which is on its way.
type Start struct {
	_msgpack struct{} `msgpack:",as_array"`
	Epoch    uint8
	Frame    uint32 // the frame whose close is told: the first of the match, or the first after a pause
	Close    int64  // µs on the relay's clock: when that frame closes, C(Frame), holds not counted
	Held     uint32 // 0.1 ms by which holds have moved all closes since
	Seed     uint64 // of this match, never 0: a rematch has another than the room
	From     uint32 // frame of the first bundle that follows
	Snapshot bool   // the state before that frame comes as a snapshot
	Kept     uint32 // of what the peer said in its join that it has: frames before this one are this match's
}

// Pause stops the frame clock, relay → everybody: no frame above Frame closes, and inputs for those
// are void.
//
//	[24, epoch, frames, seat, until_us, text]
type Pause struct {
	_msgpack struct{} `msgpack:",as_array"`
	Epoch    uint8
	Frames   uint32 // frames that have closed: Frames−1 is the last
	Seat     uint8  // who is waited for
	Until    int64  // µs on the relay's clock: when the waiting ends
	Text     string // one sentence for people
}

// Resume starts the frame clock again, relay → everybody.
//
//	[25, epoch, frame, close_us]
type Resume struct {
	_msgpack struct{} `msgpack:",as_array"`
	Epoch    uint8
	Frame    uint32 // the first frame after the pause
	Close    int64  // µs on the relay's clock: C(Frame)
}

// HostChanged names the new host (pyodide_host_changed), relay → everybody.
//
//	[29, seat]
type HostChanged struct {
	_msgpack struct{} `msgpack:",as_array"`
	Seat     uint8
}

// History is a run of bundles that a returning peer has missed, relay → that peer; and the answer to
// request_log, peer → relay.
//
//	[33, epoch, frame, bin: per frame flags, substituted (2 bytes little endian), one action per seat]
type History struct {
	_msgpack struct{} `msgpack:",as_array"`
	Epoch    uint8
	Frame    uint32 // of the first bundle
	Data     []byte // at most MaxHistory
}

// HUDUpdate is the host's line of text (pyodide_hud_update), host → relay.
//
//	[13, text]
type HUDUpdate struct {
	_msgpack struct{} `msgpack:",as_array"`
	Text     string
}

// HUDSync is the same for everybody (pyodide_hud_sync), relay → everybody.
//
//	[14, text]
type HUDSync struct {
	_msgpack struct{} `msgpack:",as_array"`
	Text     string
}

// Finished says that the peer's match is over after so many frames; peer → relay.
//
//	[18, epoch, frames, hash]
type Finished struct {
	_msgpack struct{} `msgpack:",as_array"`
	Epoch    uint8
	Frames   uint32 // frames stepped: the last one plus 1
	Hash     uint64 // of the state after the last one
}

// EndGame ends the match for everybody (end_game), relay → everybody.
//
//	[15, code, frames, text, again_ms]
type EndGame struct {
	_msgpack struct{} `msgpack:",as_array"`
	Code     Code
	Frames   uint32 // length of the match in frames
	Text     string // one sentence for people
	AgainMS  uint32 // for how long the room waits for all to say ready again; 0: it closes
}

// Refusal is an error, either way. After one that ends the connection the sender closes it with
// CloseBase + Code.
//
//	[16, code, text]
type Refusal struct {
	_msgpack struct{} `msgpack:",as_array"`
	Code     Code
	Text     string
}

// Leave is a player's own act of leaving (leave_game), peer → relay.
//
//	[21, text]
type Leave struct {
	_msgpack struct{} `msgpack:",as_array"`
	Text     string
}

// Away says that nobody is at this seat's controls for the moment (a hidden page, a sleeping
// computer), or is again; peer → relay. The seat takes the default action at once and nobody waits
// for it.
//
//	[23, away, unloads]
type Away struct {
	_msgpack struct{} `msgpack:",as_array"`
	Away     bool
	Unloads  bool // with Away: the window is being closed, or the page is
}

// SetOption changes a room option in mid-match; host → relay with frame 0 as a wish, relay →
// everybody with the frame from which it holds.
//
//	[32, epoch, frame, "name=value"]
type SetOption struct {
	_msgpack struct{} `msgpack:",as_array"`
	Epoch    uint8
	Frame    uint32
	Option   string
}

// Spectator admits somebody who only watches, relay → the joining peer, in place of host_elected.
//
//	[30, room, host_seat, seed, [option…]]
type Spectator struct {
	_msgpack struct{} `msgpack:",as_array"`
	Room     string
	HostSeat uint8
	Seed     uint64 // room seed, never 0
	Options  []string
}

// RequestLog asks for the bundles of the match, from the first one that the peer has, relay → the
// peer that has most of them: the relay was restarted and has forgotten all. The answers are history.
//
//	[31, epoch, frames]
type RequestLog struct {
	_msgpack struct{} `msgpack:",as_array"`
	Epoch    uint8
	Frames   uint32 // how many bundles are wanted: those before this frame
}

// RequestState asks for the state after a frame (pyodide_request_full_state), relay → peer.
//
//	[27, epoch, id, kind, frame, has_base, base_frame, base_hash, zstd]
type RequestState struct {
	_msgpack  struct{} `msgpack:",as_array"`
	Epoch     uint8
	ID        uint32 // of the answer
	Kind      StateKind
	Frame     uint32
	HasBase   bool   // the receiver has the state below, to which the snapshot may be a difference
	BaseFrame uint32 // KindRecheck: the last verified frame, to begin after
	BaseHash  uint64
	Zstd      bool // the receiver reads zstd
}

// StateKind says what a state is asked for or sent for.
type StateKind uint8

const (
	KindLoad     StateKind = iota // to be played on from: the receiver's state is wrong or missing
	KindEvidence                  // to be looked at: what another seat had where states differed
	KindRecheck                   // request_state only: simulate the frames up to Frame again, answer rechecked
	numKinds
)

// SnapshotChunk is a piece of a snapshot (pyodide_send_full_state, pyodide_apply_full_state), peer →
// relay → peer. Chunks come in order; one with Size 0 says that the state cannot be had.
//
//	[28, epoch, id, kind, frame, hash, has_base, base_frame, base_hash, packed, size, offset, bin]
type SnapshotChunk struct {
	_msgpack  struct{} `msgpack:",as_array"`
	Epoch     uint8
	ID        uint32
	Kind      StateKind
	Frame     uint32 // the state is that after this frame
	Hash      uint64 // xxh3-64 of that state, to be checked before it is used
	HasBase   bool   // the bytes are a difference to the state after BaseFrame
	BaseFrame uint32
	BaseHash  uint64
	Packed    bool   // the bytes are packed with zstd
	Size      uint32 // of the whole, at most MaxSnapshot
	Offset    uint32
	Data      []byte // at most MaxChunk
}

// RequestResync says that the peer needs another state than it has (pyodide_request_resync), peer → relay.
//
//	[26, epoch, id, text]
type RequestResync struct {
	_msgpack struct{} `msgpack:",as_array"`
	Epoch    uint8
	ID       uint32 // of the snapshot that could not be used; 0 when there was none
	Text     string // why, for the log
}

// Rechecked answers a RequestState of KindRecheck, peer → relay.
//
//	[34, epoch, id, ok, hash]
type Rechecked struct {
	_msgpack struct{} `msgpack:",as_array"`
	Epoch    uint8
	ID       uint32
	OK       bool   // false: the frames could not be simulated again
	Hash     uint64 // of the state after the frame that was asked for, simulated again
}

// RequestHash asks that the next hash be brought forward, because something happened here that might
// tear states apart (a slow frame, a spike of the round trip), peer → relay.
//
//	[35, epoch]
type RequestHash struct {
	_msgpack struct{} `msgpack:",as_array"`
	Epoch    uint8
}

// StandIn asks the host to let a bot play a seat whose player is gone, relay → host. The bot is a
// connection of its own, which joins with this token; the player's own return ends it.
//
//	[36, seat, token]
type StandIn struct {
	_msgpack struct{} `msgpack:",as_array"`
	Seat     uint8
	Token    []byte
}
