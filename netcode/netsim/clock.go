package netsim

import (
	"math/bits"
	"time"
)

// Clock is a node's clock: it shows Offset at global time zero and runs Skew parts per million
// faster than global time (slower when negative).
type Clock struct {
	Offset time.Duration
	Skew   int // ppm, more than −1,000,000
}

const million = 1_000_000

// Local is what the node's clock shows at a global time, rounded towards Offset.
func (c Clock) Local(global time.Duration) time.Duration {
	return c.Offset + scale(global, million+c.Skew, million)
}

// Global is when the node's clock shows local: the inverse of Local, to 1 ns.
func (c Clock) Global(local time.Duration) time.Duration {
	return scale(local-c.Offset, million, million+c.Skew)
}

// scale is d·num/den without overflow in between, rounded towards zero. A rate that is no rate
// (num or den not positive) leaves d alone.
func scale(d time.Duration, num, den int) time.Duration {
	if num <= 0 || den <= 0 || num == den {
		return d
	}
	u, negative := uint64(d), d < 0
	if negative {
		u = -u
	}
	hi, lo := bits.Mul64(u, uint64(num))
	if hi >= uint64(den) { // the result would not fit; unreachable for times below centuries
		return d
	}
	q, _ := bits.Div64(hi, lo, uint64(den))
	if negative {
		q = -q
	}
	return time.Duration(q)
}
