package replica

import (
	"time"

	"tandem/netcode/protocol"
)

// CommandKind is what an executor has to do.
type CommandKind uint8

const (
	CommandReset    CommandKind = iota // begin a match from Seed; Frame is stepped first, behind a snapshot where it is not 0
	CommandStep                        // step Frame with Actions
	CommandSave                        // hand out the state after Snap.Frame, if it is kept and has that hash
	CommandLoad                        // replace the state by that of Snap, if its hash is right
	CommandVerified                    // the state after Frame was found equal at all seats: keep it as a base
	CommandRecheck                     // simulate frames again, aside
	CommandEvidence                    // Snap is what another seat had where states differed; for a report

	CommandOther CommandKind = 64 // from here on: what a peer of another protocol orders, with Other
)

// Command is an order. Commands must be executed, all of them, in their order.
type Command struct {
	Kind        CommandKind
	Seed        uint64
	Frame       uint32
	Actions     [protocol.MaxSeats]uint8
	Substituted uint16
	Kept        uint32        // CommandReset: where the same match is begun again, those before this frame have happened
	Hold        time.Duration // by which the frame was held for a late input
	Hash        bool          // hash the state after this step, keep it, and hand the hash to the next Update
	// Again says that this frame was stepped before, from a state that has been replaced since.
	Again   bool
	Past    bool      // this frame was played before this peer was there, or while it was cut off
	Own     bool      // the own seat's action is the one that this peer has sampled for the frame
	Snap    *Snapshot // CommandSave, CommandLoad, CommandEvidence
	Recheck *Recheck  // CommandRecheck
	Other   any       // of a peer of another protocol
}

// Answers is what an Executor has to say between two Updates of a session.
type Answers struct {
	Hashes    []Hash      // of CommandStep, where a hash was asked for
	Snapshots []Snapshot  // of CommandSave
	Loaded    []Loaded    // of CommandLoad
	Rechecked []Rechecked // of CommandRecheck

	// Finished tells that the match ended by its own rules after Frames frames, and Final is the hash of the
	// state then.
	Finished bool
	Frames   uint32
	Final    uint64
}

// Hash is the hash of the state after a frame, as the executor of Step commands computed it.
type Hash struct {
	Frame    uint32
	Total    uint64
	Sections [protocol.MaxHashes]uint32
	Count    int
}
