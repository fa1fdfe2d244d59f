package numpyrand

import (
	"encoding/binary"
	"errors"
	"math/bits"
)

// The multiplier of the 128-bit linear congruential step.
const (
	mulHi = 2549297995355413924
	mulLo = 4865540595714422341
)

// PCG64 is one generator. The zero value is not seeded: use New, Seed, SeedWords or ParseState.
type PCG64 struct {
	stateHi, stateLo uint64
	incHi, incLo     uint64 // odd

	// Next32 uses a 64-bit word in two halves; half is the one not used yet, 0 where there is none.
	half    uint32
	hasHalf bool
}

// New returns the generator of numpy.random.default_rng(seed).
func New(seed uint64) PCG64 {
	var g PCG64
	g.Seed(seed)
	return g
}

// Seed restarts the generator from seed.
func (g *PCG64) Seed(seed uint64) {
	words := [2]uint32{uint32(seed), uint32(seed >> 32)}
	g.SeedWords(words[:])
}

// SeedWords restarts the generator from a seed of any length, given as 32-bit words, least
// significant first.
func (g *PCG64) SeedWords(words []uint32) {
	u := SeedSequence(words)
	*g = PCG64{
		incHi: u[2]<<1 | u[3]>>63,
		incLo: u[3]<<1 | 1,
	}
	g.advance()
	var carry uint64
	g.stateLo, carry = bits.Add64(g.stateLo, u[1], 0)
	g.stateHi, _ = bits.Add64(g.stateHi, u[0], carry)
	g.advance()
}

func (g *PCG64) advance() {
	hi, lo := bits.Mul64(g.stateLo, mulLo)
	hi += g.stateHi*mulLo + g.stateLo*mulHi
	var carry uint64
	g.stateLo, carry = bits.Add64(lo, g.incLo, 0)
	g.stateHi, _ = bits.Add64(hi, g.incHi, carry)
}

// SeedFrame restarts the generator for one frame: the same seed and frame give the same numbers, whatever
// was drawn for other frames.
func (g *PCG64) SeedFrame(seed uint64, frame uint32) {
	g.SeedWords([]uint32{uint32(seed), uint32(seed >> 32), frame})
}

// Next64 returns the next 64 random bits. It leaves a half-used word alone, as numpy does.
func (g *PCG64) Next64() uint64 {
	g.advance()
	return bits.RotateLeft64(g.stateHi^g.stateLo, -int(g.stateHi>>58))
}

// Next32 returns the next 32 random bits: the low half of a word, then its high half.
func (g *PCG64) Next32() uint32 {
	if g.hasHalf {
		v := g.half
		g.half, g.hasHalf = 0, false
		return v
	}
	w := g.Next64()
	g.half, g.hasHalf = uint32(w>>32), true
	return uint32(w)
}

// StateSize is the number of bytes that AppendState writes.
const StateSize = 4*8 + 1 + 4

// AppendState appends the generator's position, little endian: state (high, low) and increment
// (high, low) as uint64, whether there is a half-used word as uint8 (0 or 1), and its unused half
// as uint32 (0 where there is none).
func (g *PCG64) AppendState(buf []byte) []byte {
	le := binary.LittleEndian
	buf = le.AppendUint64(buf, g.stateHi)
	buf = le.AppendUint64(buf, g.stateLo)
	buf = le.AppendUint64(buf, g.incHi)
	buf = le.AppendUint64(buf, g.incLo)
	var has uint8
	if g.hasHalf {
		has = 1
	}
	buf = append(buf, has)
	return le.AppendUint32(buf, g.half)
}

// Errors of ParseState.
var (
	errSize = errors.New("a generator's position has 37 bytes")
	errInc  = errors.New("a generator's increment is odd")
	errFlag = errors.New("the half-word flag of a generator is 0 or 1")
	errHalf = errors.New("a generator without a half-used word stores 0 for it")
)

// ParseState reads what AppendState wrote. Bytes that no generator writes are refused.
func ParseState(data []byte) (PCG64, error) {
	if len(data) != StateSize {
		return PCG64{}, errSize
	}
	le := binary.LittleEndian
	g := PCG64{
		stateHi: le.Uint64(data),
		stateLo: le.Uint64(data[8:]),
		incHi:   le.Uint64(data[16:]),
		incLo:   le.Uint64(data[24:]),
		hasHalf: data[32] == 1,
		half:    le.Uint32(data[33:]),
	}
	switch {
	case g.incLo&1 == 0:
		return PCG64{}, errInc
	case data[32] > 1:
		return PCG64{}, errFlag
	case !g.hasHalf && g.half != 0:
		return PCG64{}, errHalf
	}
	return g, nil
}

// HasHalf reports whether half of a 64-bit word waits to be used by Next32.
func (g *PCG64) HasHalf() bool { return g.hasHalf }
