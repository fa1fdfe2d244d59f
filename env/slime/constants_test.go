package slime

import (
	"math"
	"testing"
)

// The bits of the reference's float64 constants, as Python's left-to-right evaluation gives them.
// Go's exact constants round to the same numbers, which is luck and not a rule.
func TestConstantsHaveTheReferencesBits(t *testing.T) {
	for _, c := range []struct {
		name string
		got  float64
		want uint64
	}{
		{"groundHeight", groundHeight, 0x3ff8000000000000},
		{"dt", dt, 0x3fa1111111111111},
		{"gravity", gravity, 0xc0360ccccccccccd},
		{"gravityStep", gravityStep, 0xbfe7851eb851eb85},
		{"nudge", nudge, 0x3fb999999999999a},
		{"nudgeEps", nudgeEps, 0x3f6b4e81b4e81b4f},
		{"-wallXPut", -wallXPut, 0xc0377f258bf258bf},
		{"wallXPut", wallXPut, 0x40377f258bf258bf},
		{"floorYPut", floorYPut, 0x400006d3a06d3a07},
		{"ceilYPut", ceilYPut, 0x4047bf92c5f92c60},
		{"netSidePut", netSidePut, 0x3ff00da740da740e},
		{"-netSidePut", -netSidePut, 0xbff00da740da740e},
		{"jumpHeight", jumpHeight, 0x3ff80da740da740e},
	} {
		if got := math.Float64bits(c.got); got != c.want {
			t.Errorf("%s = %v has bits %016x, want %016x", c.name, c.got, got, c.want)
		}
	}
	for _, c := range []struct {
		name      string
		got, want float64
	}{
		{"wallX", wallX, 23.5}, {"floorY", floorY, 2}, {"ceilingY", ceilingY, 47.5}, {"netSideX", netSideX, 1},
		{"slimeInner", slimeInner, 2}, {"slimeOuter", slimeOuter, 22.5},
		{"slimeTouch", slimeTouch, 4}, {"stubTouch", stubTouch, 1},
		{"limit²", ballSpeed * ballSpeed, 506.25}, {"boosted limit²", ballSpeed * boostFactor * ballSpeed * boostFactor, 1139.0625},
	} {
		if c.got != c.want {
			t.Errorf("%s = %v, want %v", c.name, c.got, c.want)
		}
	}
}
