package replica

import (
	"tandem/netcode/protocol"
)

// Snapshot is a complete state after a frame, as it travels: whole, or as a difference to a state
// that the receiver has, packed where that helps. Peer and Room move the bytes and never
// read them; the Executor makes and uses them.
type Snapshot struct {
	ID   uint32
	Kind protocol.StateKind

	Frame uint32 // the state is that after this frame
	Hash  uint64 // xxh3-64 of the whole state, checked before it is used

	// HasBase: the receiver has the state after BaseFrame, whose hash is BaseHash. In a request it
	// allows a difference; in an answer it says that Data is one: to the state that the frames behind
	// the base lead to when they are simulated again. Where the game is as deterministic as it should
	// be, nothing is left to send.
	HasBase   bool
	BaseFrame uint32
	BaseHash  uint64

	// Zstd allows packing in a request; Packed says that Data is packed.
	Zstd   bool
	Packed bool

	Data []byte // nil in an answer: the state cannot be had

	Log *Log // of the match, for simulating frames again; valid while the command is executed
}

// Loaded tells what became of a CommandLoad.
type Loaded struct {
	ID   uint32
	OK   bool
	Text string // why not, for the log
}

// Rechecked answers a CommandRecheck.
type Rechecked struct {
	ID   uint32
	OK   bool
	Hash uint64 // of the state after the frame, simulated again
}

// Recheck is what a CommandRecheck has to do: simulate the frames behind Base (or, without HasBase,
// from the match's seed) up to and with Frame again, aside, and tell the hash of the state then.
type Recheck struct {
	ID      uint32
	Frame   uint32
	HasBase bool
	Base    uint32 // a frame that was verified
	Log     *Log   // valid while the command is executed
}

// Chunks hands a snapshot out in pieces; one without data says that it cannot be had.
func (s *Snapshot) Chunks(epoch uint8, emit func(*protocol.SnapshotChunk)) {
	m := protocol.SnapshotChunk{Epoch: epoch, ID: s.ID, Kind: s.Kind, Frame: s.Frame, Hash: s.Hash, HasBase: s.HasBase,
		BaseFrame: s.BaseFrame, BaseHash: s.BaseHash, Packed: s.Packed, Size: uint32(len(s.Data))}
	if len(s.Data) == 0 || len(s.Data) > protocol.MaxSnapshot {
		m.Size = 0
		emit(&m)
		return
	}
	for m.Offset < m.Size {
		m.Data = s.Data[m.Offset:min(m.Offset+protocol.MaxChunk, m.Size)]
		emit(&m)
		m.Offset += uint32(len(m.Data))
	}
}

// Assembly puts the chunks of one snapshot together.
type Assembly struct {
	snap *Snapshot
	size uint32
}

// Add takes the next chunk. It returns the snapshot when it is whole, and false when the chunk does
// not continue what came before: the snapshot is lost then.
func (a *Assembly) Add(m *protocol.SnapshotChunk) (whole *Snapshot, ok bool) {
	if m.Offset == 0 {
		a.size = m.Size
		a.snap = &Snapshot{ID: m.ID, Kind: m.Kind, Frame: m.Frame, Hash: m.Hash, HasBase: m.HasBase,
			BaseFrame: m.BaseFrame, BaseHash: m.BaseHash, Packed: m.Packed}
	}
	s := a.snap
	if s == nil || s.ID != m.ID || a.size != m.Size || int(m.Offset) != len(s.Data) || s.Frame != m.Frame || s.Hash != m.Hash {
		a.snap = nil
		return nil, false
	}
	s.Data = append(s.Data, m.Data...)
	if len(s.Data) < int(a.size) {
		return nil, true
	}
	a.snap = nil
	return s, true
}

// Size is how many bytes of a snapshot that is not whole are here.
func (a *Assembly) Size() int {
	if a.snap == nil {
		return 0
	}
	return len(a.snap.Data)
}
