package rendertest

import (
	"fmt"
	"image"
	"os"
	"testing"

	"github.com/hajimehoshi/ebiten/v2"
)

// Main runs m inside a game and ends the process.
func Main(m *testing.M) {
	g := &game{m: m, code: 1}
	ebiten.SetWindowSize(320, 240)
	ebiten.SetWindowTitle("tandem tests")
	if err := ebiten.RunGameWithOptions(g, &ebiten.RunGameOptions{InitUnfocused: true}); err != nil {
		fmt.Fprintf(os.Stderr, "These tests draw, and no window could be opened (%v).\n"+
			"On a machine without a screen run them under xvfb-run:\n"+
			"  xvfb-run -a -s \"-screen 0 1024x768x24\" go test ./game/...\n", err)
		os.Exit(1)
	}
	os.Exit(g.code)
}

type game struct {
	m    *testing.M
	code int
}

func (g *game) Update() error {
	g.code = g.m.Run()
	return ebiten.Termination
}

func (g *game) Draw(*ebiten.Image) {}

func (g *game) Layout(w, h int) (int, int) { return w, h }

// Pixels reads what has been drawn.
func Pixels(img *ebiten.Image) *image.RGBA {
	out := image.NewRGBA(image.Rectangle{Max: img.Bounds().Size()})
	img.ReadPixels(out.Pix)
	return out
}
