package scene

import (
	"fmt"
	"image"

	"github.com/hajimehoshi/ebiten/v2"
)

// Window says what the window is like.
type Window struct {
	Title      string // "Tandem" when empty
	Width      int    // in device-independent pixels; 0 for the usual size
	Height     int
	Fullscreen bool
}

// The window's sizes, in device-independent pixels. The smallest is the one the screens are laid
// out for and tested at; the usual one shows a 12:5 court and its score line with room to spare and
// fits on a small laptop.
const (
	minWidth, minHeight     = 480, 320
	usualWidth, usualHeight = 1024, 680
)

// Run opens the window and shows g in it until the player is done. It must be called from the main
// goroutine, once. When no window can be opened, the error says so in words.
func Run(g *Game, w Window) error {
	if w.Title == "" {
		w.Title = "Tandem"
	}
	if w.Width <= 0 || w.Height <= 0 {
		w.Width, w.Height = usualWidth, usualHeight
	}
	ebiten.SetWindowTitle(w.Title)
	if !inPage { // which has its own
		ebiten.SetWindowIcon([]image.Image{icon(16), icon(32), icon(48), icon(128)})
	}
	ebiten.SetWindowResizingMode(ebiten.WindowResizingModeEnabled)
	ebiten.SetWindowSizeLimits(minWidth, minHeight, -1, -1)
	ebiten.SetWindowSize(max(w.Width, minWidth), max(w.Height, minHeight))
	ebiten.SetFullscreen(w.Fullscreen)
	// Closing the window leaves the match first. And a window in the background goes on drawing:
	// two of them side by side on one screen is how a game is tried out.
	ebiten.SetWindowClosingHandled(true)
	ebiten.SetRunnableOnUnfocused(true)
	// Every screen covers the whole window.
	ebiten.SetScreenClearedEveryFrame(false)
	err := ebiten.RunGameWithOptions(g, &ebiten.RunGameOptions{X11ClassName: "Tandem", X11InstanceName: "tandem"})
	if err != nil {
		g.drop(nil)
		if g.drawn == 0 {
			return fmt.Errorf("no window could be opened: this needs a screen (on Linux, DISPLAY must name one): %w", err)
		}
	}
	return err
}
