package replica

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"
	"strings"
	"testing"
)

func TestDelta(t *testing.T) {
	for seed := range uint64(2000) {
		r := rand.New(rand.NewPCG(seed, 3))
		base := make([]byte, r.IntN(400))
		for i := range base {
			if r.IntN(2) == 0 {
				base[i] = byte(r.Uint32())
			}
		}
		state := append([]byte(nil), base...)
		for range r.IntN(20) {
			if len(state) > 0 {
				state[r.IntN(len(state))] = byte(r.Uint32())
			}
		}
		switch r.IntN(4) {
		case 0:
			state = append(state, make([]byte, r.IntN(30))...)
		case 1:
			state = state[:r.IntN(len(state)+1)]
		}
		for _, b := range [][]byte{base, nil} {
			got, err := applyDelta(nil, b, appendDelta(nil, b, state))
			if err != nil || !bytes.Equal(got, state) {
				t.Fatalf("seed %d: %v; %d bytes, want %d", seed, err, len(got), len(state))
			}
		}
	}
}

// A damaged difference is refused or leads to another state, whose hash tells; it never panics and
// never unfolds without bounds.
func FuzzApplyDelta(f *testing.F) {
	f.Add([]byte("base"), appendDelta(nil, []byte("base"), []byte("bass")))
	f.Add([]byte{}, binary.AppendUvarint(nil, maxState+1))
	f.Add([]byte{}, []byte{5, 0, 0})
	f.Fuzz(func(t *testing.T, base, delta []byte) {
		out, err := applyDelta(nil, base, delta)
		if err == nil && len(out) > maxState {
			t.Errorf("%d bytes", len(out))
		}
	})
}

// tally is a Game of two numbers.
type tally struct{ sum, frames uint64 }

func (g *tally) Reset(seed uint64) { g.sum, g.frames = seed, 0 }
func (g *tally) Step(c *Command)   { g.sum = g.sum*31 + uint64(c.Actions[0]); g.frames++ }
func (g *tally) Hash() Hash        { return Hash{Total: g.sum ^ g.frames<<32, Count: 1} }
func (g *tally) AppendState(b []byte) []byte {
	return binary.LittleEndian.AppendUint64(binary.LittleEndian.AppendUint64(b, g.sum), g.frames)
}
func (g *tally) SetState(b []byte) error {
	if len(b) != 16 {
		return errDelta
	}
	g.sum, g.frames = binary.LittleEndian.Uint64(b), binary.LittleEndian.Uint64(b[8:])
	return nil
}
func (g *tally) Over() (uint32, bool) { return uint32(g.frames), false }

// A snapshot that cannot be used leaves the state as it was, and says why.
func TestLoadRefuses(t *testing.T) {
	play := func() *Executor {
		x := &Executor{Game: &tally{}}
		x.Execute(&Command{Kind: CommandReset, Seed: 7})
		for f := range uint32(10) {
			x.Execute(&Command{Kind: CommandStep, Frame: f, Hash: f%3 == 0})
		}
		return x
	}
	donor := play()
	ask := func(frame uint32) Snapshot {
		donor.Answered()
		donor.Execute(&Command{Kind: CommandSave, Snap: &Snapshot{ID: 5, Frame: frame}})
		return donor.said.Snapshots[0]
	}
	if s := ask(4); s.Data != nil {
		t.Errorf("a state that was not kept is handed out: %+v", s)
	}
	for name, damage := range map[string]func(*Snapshot){
		"hash":    func(s *Snapshot) { s.Hash++ },
		"base":    func(s *Snapshot) { s.HasBase, s.BaseFrame = true, 77 },
		"packed":  func(s *Snapshot) { s.Packed = true },
		"damaged": func(s *Snapshot) { s.Data = s.Data[:len(s.Data)-1] },
		"have":    func(s *Snapshot) { s.Data = appendDelta(nil, nil, []byte("short")) },
	} {
		x := play()
		before := x.Game.AppendState(nil)
		s := ask(6)
		s.Data = append([]byte(nil), s.Data...)
		damage(&s)
		x.Execute(&Command{Kind: CommandLoad, Frame: 6, Snap: &s})
		if l := x.said.Loaded[0]; l.OK || l.Text == "" || l.ID != 5 || !bytes.Equal(x.Game.AppendState(nil), before) {
			t.Errorf("%s: %+v, state changed: %v", name, l, !bytes.Equal(x.Game.AppendState(nil), before))
		} else if name == "base" && !strings.Contains(l.Text, "frame 77") {
			t.Errorf("%s: %q", name, l.Text)
		}
	}
	x := play()
	s := ask(6)
	x.Execute(&Command{Kind: CommandLoad, Frame: 6, Snap: &s})
	if !x.Loaded() || x.Game.(*tally).frames != 7 {
		t.Errorf("loaded %+v, %+v", x.said.Loaded, x.Game)
	}
}

// A state that is only shown is looked at before: what a liar or a bad memory sends is no evidence.
func TestCheckedStates(t *testing.T) {
	x := &Executor{Game: &tally{}, Fresh: func() (Game, error) { return &tally{}, nil }}
	x.Execute(&Command{Kind: CommandReset, Seed: 9})
	x.Execute(&Command{Kind: CommandStep, Hash: true})
	state := x.State(0)
	shown := &Snapshot{Hash: x.Game.Hash().Total, Data: appendDelta(nil, nil, state)}
	if got, err := x.Checked(shown); err != nil || !bytes.Equal(got, state) {
		t.Errorf("%x, %v; want %x", got, err, state)
	}
	x.Execute(&Command{Kind: CommandStep, Frame: 1})
	before := x.Game.Hash()
	for name, s := range map[string]*Snapshot{
		"another hash": {Hash: shown.Hash + 1, Data: shown.Data},
		"no state":     {Hash: shown.Hash, Data: appendDelta(nil, nil, []byte("?"))},
		"no base":      {Hash: shown.Hash, Data: shown.Data, HasBase: true, BaseFrame: 77},
	} {
		if _, err := x.Checked(s); err == nil {
			t.Errorf("%s: it is shown", name)
		}
	}
	if x.Game.Hash() != before {
		t.Error("looking has changed the match")
	}
	x.Fresh = nil
	if _, err := x.Checked(shown); err == nil {
		t.Error("it is shown, though nothing can check it")
	}
}
