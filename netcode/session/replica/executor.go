package replica

import (
	"fmt"

	"tandem/netcode/protocol"
)

// Game is what an Executor drives: an environment with the match around it. It is deterministic:
// equal seeds and actions lead to equal states.
type Game interface {
	// Reset begins the match.
	Reset(seed uint64)
	// Step plays one frame.
	Step(c *Command)
	// Hash is the hash of the state as it is now.
	Hash() Hash
	// AppendState appends the complete state.
	AppendState(buf []byte) []byte
	// SetState replaces the state by one that AppendState wrote. What does not fit is refused and
	// leaves the state as it was.
	SetState(data []byte) error
	// Over reports that the match has ended by its own rules, and after how many frames.
	Over() (frames uint32, over bool)
}

// Packer packs snapshots; zstd is one. Both append to dst; false or an error when it is of no use.
type Packer interface {
	Pack(dst, src []byte) ([]byte, bool)
	Unpack(dst, src []byte, limit int) ([]byte, error)
}

// Executor does what the commands of a Peer, or of a Room with a witness, order, and keeps the
// states that snapshots are made of. It is not safe for concurrent use.
type Executor struct {
	Game Game
	// Fresh makes another Game of the same room, for simulating frames again; nil: rechecks are
	// answered with "cannot".
	Fresh func() (Game, error)
	// Packer is used where the receiver allows it; nil for none.
	Packer Packer

	recent   [recentStates]kept // of the last hashed frames
	verified [verifiedStates]kept
	nRecent  int
	nVerify  int

	seed      uint64
	said      Answers
	buf, work []byte
}

const (
	// recentStates is how many hashed states are kept: at one in five frames, when states have
	// differed, for five seconds, longer than a verdict and a request for the state take.
	recentStates = 32
	// verifiedStates is how many states that all agreed on are kept, as bases of differences.
	verifiedStates = 3
)

type kept struct {
	used  bool
	frame uint32
	hash  uint64
	data  []byte
}

func (k *kept) set(frame uint32, hash uint64, data []byte) {
	k.used, k.frame, k.hash = true, frame, hash
	k.data = append(k.data[:0], data...)
}

// Finished reports that the match has ended by its own rules.
func (x *Executor) Finished() bool { return x.said.Finished }

// Final returns the frames and the hash with which the match ended.
func (x *Executor) Final() (frames uint32, hash uint64) { return x.said.Frames, x.said.Final }

// Loaded reports whether the last CommandLoad replaced the state.
func (x *Executor) Loaded() bool {
	return len(x.said.Loaded) > 0 && x.said.Loaded[len(x.said.Loaded)-1].OK
}

// Answers returns what there is to answer. Its slices are valid until Answered.
func (x *Executor) Answers() Answers { return x.said }

// Answered forgets what Answers has handed out; call it once the Update that took them is over.
func (x *Executor) Answered() {
	a := &x.said
	a.Hashes, a.Snapshots, a.Loaded, a.Rechecked = a.Hashes[:0], a.Snapshots[:0], a.Loaded[:0], a.Rechecked[:0]
}

// Execute does what a command orders. It reports whether the session should hear the answer at once.
func (x *Executor) Execute(c *Command) (answers bool) {
	switch c.Kind {
	case CommandReset:
		x.reset(c.Seed)
	case CommandStep:
		return x.step(c)
	case CommandSave:
		x.save(c.Snap)
		return true
	case CommandLoad:
		x.load(c.Snap)
		return true
	case CommandVerified:
		x.verify(c.Frame)
	case CommandRecheck:
		x.recheck(c.Recheck)
		return true
	}
	return false
}

func (x *Executor) reset(seed uint64) {
	x.seed, x.said.Finished = seed, false
	for i := range x.recent {
		x.recent[i].used = false
	}
	for i := range x.verified {
		x.verified[i].used = false
	}
	x.Answered()
	x.Game.Reset(seed)
}

func (x *Executor) step(c *Command) (answers bool) {
	if x.said.Finished {
		return false // everybody ends with the same frame
	}
	x.Game.Step(c)
	if c.Hash {
		h := x.Game.Hash()
		h.Frame = c.Frame
		x.said.Hashes = append(x.said.Hashes, h)
		x.buf = x.Game.AppendState(x.buf[:0])
		x.keep(c.Frame, h.Total, x.buf)
		answers = true
	}
	return x.over() || answers
}

func (x *Executor) over() bool {
	frames, over := x.Game.Over()
	if over {
		x.said.Finished, x.said.Frames, x.said.Final = true, frames, x.Game.Hash().Total
	}
	return over
}

// keep remembers a hashed state in place of the oldest, or of the same frame's.
func (x *Executor) keep(frame uint32, hash uint64, data []byte) {
	for i := range x.recent {
		if x.recent[i].used && x.recent[i].frame == frame {
			x.recent[i].set(frame, hash, data)
			return
		}
	}
	x.recent[x.nRecent%recentStates].set(frame, hash, data)
	x.nRecent++
}

// State returns the kept state after a frame; nil when it is not kept.
func (x *Executor) State(frame uint32) []byte {
	if k := x.find(frame); k != nil {
		return k.data
	}
	return nil
}

func (x *Executor) find(frame uint32) *kept {
	for _, ring := range [][]kept{x.recent[:], x.verified[:]} {
		for i := range ring {
			if ring[i].used && ring[i].frame == frame {
				return &ring[i]
			}
		}
	}
	return nil
}

func (x *Executor) verify(frame uint32) {
	k := x.find(frame)
	if k == nil {
		return
	}
	for i := range x.verified {
		if x.verified[i].used && x.verified[i].frame == frame {
			return
		}
	}
	x.verified[x.nVerify%verifiedStates].set(k.frame, k.hash, k.data)
	x.nVerify++
}

// save answers with the state that is asked for, as short as the receiver can read it.
func (x *Executor) save(s *Snapshot) {
	out := Snapshot{ID: s.ID, Kind: s.Kind, Frame: s.Frame}
	if k := x.find(s.Frame); k != nil {
		out.Hash = k.hash
		var base []byte
		if b := x.find(s.BaseFrame); s.HasBase && b != nil && b.hash == s.BaseHash {
			if g, err := x.replay(b, s.Frame, s.Log); err == nil {
				base = g.AppendState(nil)
				out.HasBase, out.BaseFrame, out.BaseHash = true, b.frame, b.hash
			} // otherwise the whole state will do
		}
		out.Data = appendDelta(nil, base, k.data)
		if s.Zstd && x.Packer != nil {
			if packed, ok := x.Packer.Pack(nil, out.Data); ok && len(packed) < len(out.Data) {
				out.Data, out.Packed = packed, true
			}
		}
	}
	x.said.Snapshots = append(x.said.Snapshots, out)
}

// Unfold returns the whole state that a snapshot holds; its hash is the caller's to check.
func (x *Executor) Unfold(s *Snapshot) ([]byte, error) {
	data := s.Data
	if s.Packed {
		if x.Packer == nil {
			return nil, fmt.Errorf("the snapshot is packed, which this program did not allow")
		}
		var err error
		if data, err = x.Packer.Unpack(nil, data, maxState); err != nil {
			return nil, fmt.Errorf("the snapshot cannot be unpacked: %w", err)
		}
	}
	var base []byte
	if s.HasBase {
		b := x.find(s.BaseFrame)
		if b == nil || b.hash != s.BaseHash {
			return nil, fmt.Errorf("no base: the state after frame %d is not kept here", s.BaseFrame)
		}
		g, err := x.replay(b, s.Frame, s.Log)
		if err != nil {
			return nil, fmt.Errorf("no base: %w", err)
		}
		base = g.AppendState(nil)
	}
	return applyDelta(nil, base, data)
}

// Checked is Unfold that looks, in another Game, whether the state leads to the hash that the snapshot
// names: for showing a state that is not loaded.
func (x *Executor) Checked(s *Snapshot) ([]byte, error) {
	state, err := x.Unfold(s)
	if err != nil {
		return nil, err
	}
	if x.Fresh == nil {
		return nil, fmt.Errorf("this program cannot check another's state")
	}
	g, err := x.Fresh()
	if err != nil {
		return nil, err
	}
	g.Reset(x.seed)
	if err := g.SetState(state); err != nil {
		return nil, err
	}
	if got := g.Hash().Total; got != s.Hash {
		return nil, fmt.Errorf("the snapshot's state has hash %016x, it should have %016x", got, s.Hash)
	}
	return state, nil
}

// load replaces the state, if the snapshot leads to the hash that it names; otherwise the state
// stays as it was.
func (x *Executor) load(s *Snapshot) {
	answer := Loaded{ID: s.ID}
	state, err := x.Unfold(s)
	if err == nil {
		x.work = x.Game.AppendState(x.work[:0])
		if err = x.Game.SetState(state); err == nil {
			if got := x.Game.Hash().Total; got != s.Hash {
				err = fmt.Errorf("the snapshot's state has hash %016x, it should have %016x", got, s.Hash)
				if back := x.Game.SetState(x.work); back != nil {
					err = fmt.Errorf("%w; and the old state cannot be restored: %w", err, back)
				}
			}
		}
	}
	if err != nil {
		answer.Text = err.Error()
	} else {
		answer.OK = true
		for i := range x.recent {
			if x.recent[i].frame >= s.Frame {
				x.recent[i].used = false // of the state that was replaced
			}
		}
		x.keep(s.Frame, s.Hash, state)
		x.said.Finished = false
		x.over()
	}
	x.said.Loaded = append(x.said.Loaded, answer)
}

// recheck simulates frames again in another Game, from a verified state or from the seed.
func (x *Executor) recheck(r *Recheck) {
	answer := Rechecked{ID: r.ID}
	hash, err := x.again(r)
	if err == nil {
		answer.OK, answer.Hash = true, hash
	}
	x.said.Rechecked = append(x.said.Rechecked, answer)
}

func (x *Executor) again(r *Recheck) (uint64, error) {
	var base *kept
	if r.HasBase {
		if base = x.find(r.Base); base == nil {
			return 0, fmt.Errorf("the state after frame %d is not kept", r.Base)
		}
	}
	g, err := x.replay(base, r.Frame, r.Log)
	if err != nil {
		return 0, err
	}
	return g.Hash().Total, nil
}

// replay simulates the frames behind base, or all from the seed when it is nil, up to and with frame
// in another Game.
func (x *Executor) replay(base *kept, frame uint32, log *Log) (Game, error) {
	if x.Fresh == nil || log == nil {
		return nil, fmt.Errorf("this program cannot simulate frames again")
	}
	g, err := x.Fresh()
	if err != nil {
		return nil, err
	}
	g.Reset(x.seed)
	from := uint32(0)
	if base != nil {
		if err := g.SetState(base.data); err != nil {
			return nil, err
		}
		from = base.frame + 1
	}
	for f := from; f <= frame; f++ {
		b, ok := log.Get(f)
		if !ok {
			return nil, fmt.Errorf("the bundle of frame %d is not kept", f)
		}
		g.Step(commandOf(&b))
	}
	return g, nil
}

// commandOf makes the command that steps a bundle.
func commandOf(b *protocol.Bundle) *Command {
	return &Command{Kind: CommandStep, Frame: b.Frame, Actions: b.Actions, Substituted: b.Substituted}
}
