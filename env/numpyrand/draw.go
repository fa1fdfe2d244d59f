package numpyrand

import "math"

// Float64 returns a number in [0, 1), a multiple of 2⁻⁵³.
func (g *PCG64) Float64() float64 {
	return float64(g.Next64()>>11) * (1.0 / (1 << 53))
}

// Uniform returns a number in [a, b): a + (b−a)·Float64(), the product rounded before the sum.
func (g *PCG64) Uniform(a, b float64) float64 {
	span := b - a
	return a + float64(span*g.Float64())
}

// Below returns a number in 0..n−1 by Lemire's method on 32-bit words. n = 1 draws nothing. It
// panics unless 1 ≤ n < 2³².
func (g *PCG64) Below(n int) int {
	if n < 1 || uint64(n) > math.MaxUint32 {
		panic("numpyrand: Below of a number outside 1..2³²−1")
	}
	if n == 1 {
		return 0
	}
	return int(g.below(uint32(n)))
}

func (g *PCG64) below(bound uint32) uint32 {
	m := uint64(g.Next32()) * uint64(bound)
	if uint32(m) < bound {
		// −bound mod bound = (2³² − bound) mod bound, the words that would make some results
		// more frequent than others.
		for threshold := -bound % bound; uint32(m) < threshold; {
			m = uint64(g.Next32()) * uint64(bound)
		}
	}
	return uint32(m >> 32)
}

// upTo returns a number in 0..limit: words masked to the limit's length, until one fits.
func (g *PCG64) upTo(limit uint32) uint32 {
	mask := limit
	mask |= mask >> 1
	mask |= mask >> 2
	mask |= mask >> 4
	mask |= mask >> 8
	mask |= mask >> 16
	for {
		if v := g.Next32() & mask; v <= limit {
			return v
		}
	}
}

// Shuffle permutes s in place as numpy's Generator.shuffle permutes a list. Fewer than two
// elements draw nothing.
func Shuffle[T any](g *PCG64, s []T) {
	for i := len(s) - 1; i > 0; i-- {
		j := g.upTo(uint32(i))
		s[i], s[j] = s[j], s[i]
	}
}
