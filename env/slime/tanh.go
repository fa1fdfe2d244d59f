package slime

import "math"

// tanh returns the hyperbolic tangent. Unlike math.Tanh, which some processors compute in assembly,
// it gives the same bits everywhere: it uses + − × ÷ in a fixed order, and an exact scaling by a
// power of two. Its absolute error is below 4e-16 (at most two units of the last place near ±1).
//
// tanh(x) = (1 − e)/(1 + e) with e = exp(−2x) for x > 0; the function is odd.
func tanh(x float64) float64 {
	switch {
	case x != x:
		return x
	case x < 0:
		return -tanhPositive(-x)
	default:
		return tanhPositive(x)
	}
}

// Above this, 1 − tanh is less than half a unit of the last place of 1.
const tanhSaturation = 20

func tanhPositive(x float64) float64 {
	if x >= tanhSaturation {
		return 1
	}
	e := expNegative(float64(-2 * x))
	return (1 - e) / (1 + e)
}

// ln 2 as the sum of a number with 21 trailing zero bits, whose product with a small integer is
// exact, and the rest.
const (
	ln2Hi = 0x1.62e42feep-1
	ln2Lo = 0x1.a39ef35793c76p-33
)

// expTerms is the number of terms of the exponential series. On |r| ≤ (ln 2)/2 the first one left
// out is below 0.35¹⁴/14! < 5e-18.
const expTerms = 13

// expNegative returns exp(y) for −40 ≤ y ≤ 0: y = k·ln 2 + r, exp(y) = 2ᵏ·exp(r).
func expNegative(y float64) float64 {
	k := math.Floor(float64(y/math.Ln2) + 0.5)
	r := y - float64(k*ln2Hi)
	r -= float64(k * ln2Lo)

	sum := 1.0 // Horner: 1 + r/1·(1 + r/2·(1 + …))
	for n := expTerms; n > 0; n-- {
		sum = 1 + float64(r/float64(n)*sum)
	}
	scale := math.Float64frombits(uint64(1023+int64(k)) << 52) // 2ᵏ
	return float64(sum * scale)
}
