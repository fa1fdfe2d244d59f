package sessiontest

import (
	"encoding/binary"
	"errors"
	"math/rand/v2"

	"tandem/netcode/session/replica"
)

// Fold is the strictest game there is: its state is a hash of every action vector it was ever
// stepped with, in order, so that two of them agree only if they stepped exactly the same.
type Fold struct {
	State   uint64
	Frames  uint32
	Limit   uint32 // frames of a match
	Seats   int
	Actions int

	rng  *rand.Rand
	held int
	left int
}

// NewFold returns a game of limit frames whose player presses keys as a person does: holding an
// action for a while.
func NewFold(seats, actions int, limit uint32, seed uint64) *Fold {
	return &Fold{Limit: limit, Seats: seats, Actions: actions, rng: rand.New(rand.NewPCG(seed, 0xf01d))}
}

// Reset begins the match.
func (f *Fold) Reset(seed uint64) { f.State, f.Frames = Mix(seed), 0 }

// Step folds one action vector into the state.
func (f *Fold) Step(c *replica.Command) {
	f.State = Mix(f.State ^ uint64(c.Frame))
	for _, a := range c.Actions[:f.Seats] {
		f.State = Mix(f.State ^ uint64(a))
	}
	f.Frames++
}

// Hash is the state itself.
func (f *Fold) Hash() replica.Hash {
	h := replica.Hash{Total: f.State, Count: 1}
	h.Sections[0] = uint32(f.State)
	return h
}

// AppendState writes the state, the frame and the rest of the few bytes that a game has.
func (f *Fold) AppendState(buf []byte) []byte {
	buf = binary.LittleEndian.AppendUint64(buf, f.State)
	return binary.LittleEndian.AppendUint32(buf, f.Frames)
}

// SetState reads what AppendState wrote.
func (f *Fold) SetState(data []byte) error {
	if len(data) != 12 {
		return errors.New("a Fold's state has 12 bytes")
	}
	f.State, f.Frames = binary.LittleEndian.Uint64(data), binary.LittleEndian.Uint32(data[8:])
	return nil
}

// Fresh makes another game of the same kind, whose player is nobody.
func (f *Fold) Fresh() replica.Game {
	return &Fold{Limit: f.Limit, Seats: f.Seats, Actions: f.Actions}
}

// Over ends the match at its limit.
func (f *Fold) Over() (uint32, bool) { return f.Frames, f.Limit > 0 && f.Frames >= f.Limit }

// Sample holds an action for 1 to 12 samples, then takes another.
func (f *Fold) Sample() int {
	if f.left == 0 {
		f.held, f.left = f.rng.IntN(f.Actions), 1+f.rng.IntN(12)
	}
	f.left--
	return f.held
}

// Mix is the finaliser of splitmix64 (Steele, Lea, Flood 2014): every input bit reaches all.
func Mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}
