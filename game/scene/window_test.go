package scene

import (
	"image"
	"testing"
)

// A window fits on its screen at every scale, in its own proportion.
func TestWindowFitsTheScreen(t *testing.T) {
	usual := image.Pt(usualWidth, usualHeight)
	for _, c := range []struct {
		name   string
		pixels image.Point
		scale  int // %
		asked  image.Point
		whole  bool // it has room as it was asked for
	}{
		{"a laptop at 100 %", image.Pt(1920, 1080), 100, usual, true},
		{"a laptop at 150 %", image.Pt(1920, 1080), 150, usual, false},
		{"a laptop at 200 %", image.Pt(1920, 1080), 200, usual, false},
		{"a small laptop", image.Pt(1366, 768), 100, usual, false},
		{"a small laptop at 200 %", image.Pt(1366, 768), 200, usual, false},
		{"4K at 200 %", image.Pt(3840, 2160), 200, usual, true},
		{"a tall screen", image.Pt(800, 1600), 100, usual, false},
		{"asked for more than there is", image.Pt(1280, 720), 100, image.Pt(4000, 100), false},
		{"a tiny screen", image.Pt(320, 240), 100, usual, false},
	} {
		screen := c.pixels.Mul(100).Div(c.scale)
		size, least := windowFor(c.asked, screen)
		if size.X > screen.X || size.Y > screen.Y || size.X < 1 || size.Y < 1 || (size == c.asked) != c.whole {
			t.Errorf("%s: a window of %v on %v", c.name, size, screen)
		}
		if least.X > size.X || least.Y > size.Y || least.X > minWidth || least.Y > minHeight {
			t.Errorf("%s: a window of %v cannot be smaller than %v", c.name, size, least)
		}
		// Within a pixel of each side.
		if d := size.X*c.asked.Y - size.Y*c.asked.X; d > c.asked.X+c.asked.Y || -d > c.asked.X+c.asked.Y {
			t.Errorf("%s: %v has another proportion than %v", c.name, size, c.asked)
		}
	}
	if size, _ := windowFor(usual, image.Point{}); size != usual {
		t.Errorf("on an unknown screen it is %v", size)
	}
}
