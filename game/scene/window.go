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
	g.caption = w.Title
	ebiten.SetWindowTitle(w.Title)
	if !inPage { // which has its own
		ebiten.SetWindowIcon([]image.Image{icon(16), icon(32), icon(48), icon(128)})
	}
	ebiten.SetWindowResizingMode(ebiten.WindowResizingModeEnabled)
	w.Width, w.Height = max(w.Width, minWidth), max(w.Height, minHeight)
	least := image.Pt(minWidth, minHeight)
	if m := ebiten.Monitor(); m != nil && !inPage {
		var size image.Point
		width, height := m.Size()
		size, least = windowFor(image.Pt(w.Width, w.Height), image.Pt(width, height))
		w.Width, w.Height = size.X, size.Y
	}
	ebiten.SetWindowSizeLimits(least.X, least.Y, -1, -1)
	ebiten.SetWindowSize(w.Width, w.Height)
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

// windowFor returns a window's size as a screen has room for it, in the same proportion, and the smallest size
// it may then be given. All are in device-independent pixels, of which a screen at 200 % has half as many
// a side as it has pixels.
func windowFor(window, screen image.Point) (size, least image.Point) {
	size, least = window, image.Pt(minWidth, minHeight)
	if screen.X <= 0 || screen.Y <= 0 {
		return size, least // not known
	}
	// What bars and the window's own frame leave of a screen.
	room := image.Pt(screen.X*95/100, screen.Y*85/100)
	if size.X > room.X {
		size = image.Pt(room.X, max(1, size.Y*room.X/size.X))
	}
	if size.Y > room.Y {
		size = image.Pt(max(1, size.X*room.Y/size.Y), room.Y)
	}
	return size, image.Pt(min(least.X, size.X), min(least.Y, size.Y))
}
