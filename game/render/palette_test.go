package render

import (
	"image/color"
	"math"
	"testing"

	"tandem/env/draw"
)

// luminance is the relative luminance of WCAG 2: how light a colour is on a grey screen.
func luminance(c color.RGBA) float64 {
	lin := func(v uint8) float64 {
		f := float64(v) / 255
		if f <= 0.04045 {
			return f / 12.92
		}
		return math.Pow((f+0.055)/1.055, 2.4)
	}
	return 0.2126*lin(c.R) + 0.7152*lin(c.G) + 0.0722*lin(c.B)
}

func contrast(a, b color.RGBA) float64 {
	la, lb := luminance(a), luminance(b)
	return (max(la, lb) + 0.05) / (min(la, lb) + 0.05)
}

func TestEveryRoleHasAColour(t *testing.T) {
	for r := draw.Role(0); r < draw.NumRoles; r++ {
		if Dusk.Roles[r].A != 0xff {
			t.Errorf("role %d has no opaque colour", r)
		}
	}
}

func TestTheTwoSidesDifferInGreyToo(t *testing.T) {
	if c := contrast(Dusk.Roles[draw.Seat0], Dusk.Roles[draw.Seat1]); c < 2 {
		t.Errorf("the first two seats have a contrast of %.2f, want 2 at least", c)
	}
}

func TestEverythingStandsOutFromTheSky(t *testing.T) {
	roles := []draw.Role{draw.Ball, draw.Net, draw.Glow, draw.Marker, draw.Ink}
	for i := range 8 {
		roles = append(roles, draw.Seat(i))
	}
	for _, r := range roles {
		for _, y := range []float64{0, 1} {
			if c := contrast(Dusk.Roles[r], Dusk.backdrop(y)); c < 2.9 {
				t.Errorf("role %d has a contrast of %.2f at height %v of the sky, want about 3", r, c, y)
			}
		}
	}
}
