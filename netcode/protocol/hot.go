package protocol

// The hot messages: many per second and peer. They are plain structs that the caller reuses.

// Action is one seat's input for one frame (pyodide_player_action), peer → relay. The seat is that
// of the connection; it is never read from a message.
//
//	[8, epoch, frame, action]                                       at most 9 bytes
type Action struct {
	Epoch  uint8
	Frame  uint32
	Action uint8
}

// ActionBatch is a run of inputs for consecutive frames (pyodide_action_batch), peer → relay: the
// frames that a longer input delay has to fill at once.
//
//	[22, epoch, frame, bin: one byte per frame]
type ActionBatch struct {
	Epoch   uint8
	Frame   uint32 // of the first action
	Actions []byte // 1 to MaxBatch
}

// Bundle is the relay's final word on one frame (pyodide_other_player_action), relay → everybody.
//
//	[9, epoch, frame, early, meta, action…]                   two seats: at most 12 bytes
//	[9, epoch, frame, early, meta, action…, hold]             when FlagHold is set
//
// early: whole milliseconds, rounded up, that the bundle left before C(frame), 0 to MaxEarly; at
// MaxEarly it left that early or earlier. meta: flags | substituted << 2, a bit per seat.
type Bundle struct {
	Epoch       uint8
	Frame       uint32
	Early       uint8
	Flags       uint8
	Substituted uint16 // seats whose action the relay had to choose
	Actions     [MaxSeats]uint8
	Seats       int    // how many of Actions count
	Hold        uint32 // 0.1 ms by which this frame and all after it close later; 0 without FlagHold
}

// Flags of a bundle.
const (
	FlagHash uint8 = 1 << iota // hash the state after this frame and send state_hash
	FlagHold                   // the frame was held for a late input; Hold says for how long
	flagBits = 2
)

// FrameSync ties frames to time (pyodide_frame_sync), both ways, every 10 frames.
//
//	[10, epoch, frame, offset, first, [time…], bound, [[seat, first, [time…], bound]…]]
//
// Times are 0.1 ms; NoTime stands for a frame of which there is none. From the relay: offset is the relay's now minus C(frame), the list holds the
// slack (C minus arrival; negative when late) of the receiver's inputs for frames first, first+1 …,
// and the last array the other seats' sampling times. From a peer: frame is its last step, offset
// when that happened minus C(frame), and the list when it sampled its inputs, minus their C; on the
// relay's clock as the peer knows it. How exactly it knows that depends on its link, whose two ways nobody
// can tell apart: bound is by how much its times may be off, either way; 0 from the relay about slack.
//
// Of epoch 0 it is of no match and says nothing: the relay sends it to whom it has had nothing to say
// for a second. Any message makes a peer ping if that is due, however rarely its timers run.
type FrameSync struct {
	Epoch  uint8
	Frame  uint32
	Offset int32
	Own    Times
	Others []Times // at most MaxSeats; reused by the decoder
}

// Times is a run of times for consecutive frames, in 0.1 ms from each frame's close.
type Times struct {
	Seat  uint8 // not written for FrameSync.Own
	First uint32
	List  []int32 // at most MaxList; NoTime where there is none
	Bound uint32  // by how much each may be off, at most MaxBound
}

// NoTime stands in a list of times for a frame that has none: nothing was sampled for it.
const NoTime int32 = -1 << 31

// StateHash is the hash of the sender's state after a frame (pyodide_state_hash), peer → relay.
//
//	[11, epoch, frame, loads, total, bin: 4 bytes little endian per section]
type StateHash struct {
	Epoch    uint8
	Frame    uint32
	Loads    uint32 // snapshots the sender has loaded; a load voids its own earlier hashes
	Total    uint64 // xxh3-64 of the whole state
	Sections [MaxHashes]uint32
	Count    int // how many of Sections count
}

// VerifyState is the relay's verdict on the hashes of a frame (pyodide_verify_state), relay →
// everybody.
//
//	[12, epoch, frame, compared, differing, sections, total, by]
type VerifyState struct {
	Epoch     uint8
	Frame     uint32
	Compared  uint16 // seats whose hashes were compared (with a witness's, where there is one)
	Differing uint16 // seats outside the majority; all compared ones when there is none; 0 when equal
	Sections  uint32 // sections that differ, a bit each
	Total     uint64 // the hash that holds; 0 while nobody can tell
	By        Judge  // who says so
}

// Judge says on whose word a verdict rests.
type Judge uint8

const (
	JudgeNone     Judge = iota // nobody yet: the seats simulate the frames again, and a second verdict follows
	JudgeAll                   // all are equal
	JudgeMajority              // more than half are equal
	JudgeWitness               // the relay's own simulation
	JudgeRecheck               // who simulated the frames again and came to another state was wrong
	JudgeHost                  // all are sure of what they have: the environment is not deterministic, the host's holds
	JudgeUnsure                // not all could simulate the frames again, and who could is sure: the host's holds
	numJudges
)

var judgeNames = [numJudges]string{"nobody yet", "all", "the majority", "the witness", "a recheck", "the host, because the environment is not deterministic",
	"the host, because not everybody could play the frames again"}

// String names the judge in words that follow "by".
func (j Judge) String() string {
	if j < numJudges {
		return judgeNames[j]
	}
	return "an unknown judge"
}

// Ping asks for the relay's time (ping), peer → relay.
//
//	[19, sent]
type Ping struct{ Sent int64 } // µs on the sender's clock

// Pong answers a Ping at once (pong), relay → peer.
//
//	[20, sent, now]
type Pong struct {
	Sent int64 // of the ping
	Now  int64 // µs on the relay's clock
}
