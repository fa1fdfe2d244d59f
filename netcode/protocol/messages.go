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
//	[2, "tandem", version, program, ping_ms, timeout_ms]
type Welcome struct {
	_msgpack  struct{} `msgpack:",as_array"`
	Magic     string
	Version   uint32
	Program   string
	PingMS    uint32 // how often the peer should be heard at least
	TimeoutMS uint32 // silence after which either side gives the other up
}

// Join asks for a seat (the original's join_game), peer → relay.
//
//	[3, room, seat, name, token, [option…], [option…], epoch, have]
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
}

// HostElected seats a player (pyodide_host_elected), relay → the joining peer.
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
	Name     string
	Taken    bool
	Ready    bool
	Host     bool
}

// WaitingRoom tells who is there (waiting_room), relay → everybody, at every change before the start.
//
//	[5, needed, [[name, taken, ready, host]…]]
type WaitingRoom struct {
	_msgpack struct{} `msgpack:",as_array"`
	Needed   uint8    // players that are still missing
	Seats    []RosterEntry
}

// Ready says that the peer can start: environment made, clock settled; peer → relay.
//
//	[17, lead]
type Ready struct {
	_msgpack struct{} `msgpack:",as_array"`
	Lead     uint32   // 0.1 ms; how long before a frame's close the peer samples it
}

// GameReady says that everybody is (pyodide_game_ready), relay → everybody.
//
//	[6, [[name, taken, ready, host]…]]
type GameReady struct {
	_msgpack struct{} `msgpack:",as_array"`
	Seats    []RosterEntry
}

// Start fixes the frame clock of an epoch (start_game), relay → everybody, and again → a peer that
// comes back in mid-match.
//
//	[7, epoch, frame, close_us, held]
type Start struct {
	_msgpack struct{} `msgpack:",as_array"`
	Epoch    uint8
	Frame    uint32 // the frame whose close is told: the first of the match, or the first after a pause
	Close    int64  // µs on the relay's clock: when that frame closes, C(Frame), holds not counted
	Held     uint32 // 0.1 ms by which holds have moved all closes since
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

// History is a run of bundles that a returning peer has missed, relay → that peer.
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
//	[15, code, frames, text]
type EndGame struct {
	_msgpack struct{} `msgpack:",as_array"`
	Code     Code
	Frames   uint32 // length of the match in frames
	Text     string // one sentence for people
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
//	[23, away, text]
type Away struct {
	_msgpack struct{} `msgpack:",as_array"`
	Away     bool
	Text     string
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
