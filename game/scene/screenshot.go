package scene

import (
	"fmt"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"time"

	"github.com/hajimehoshi/ebiten/v2"
)

// shot is a picture that somebody waits for.
type shot struct {
	file  string
	keep  func(*image.RGBA) error // instead of the file
	after time.Duration
	done  func(error)
}

// Screenshot writes the first frame that is drawn at least after the given time, counted from the
// first frame of all, to a PNG file, and calls done from the window's goroutine with what went
// wrong, in words, or nil. A file that exists is replaced only by a complete picture.
func (g *Game) Screenshot(file string, after time.Duration, done func(error)) {
	g.shots = append(g.shots, shot{file: file, after: after, done: done})
}

// capture takes the pictures that are due. It is called at the end of Draw, so there is always
// something on the screen.
func (g *Game) capture(screen *ebiten.Image, now time.Time) {
	for i := 0; i < len(g.shots); {
		s := g.shots[i]
		if now.Sub(g.begun) < s.after {
			i++
			continue
		}
		g.shots = append(g.shots[:i], g.shots[i+1:]...)
		img := image.NewRGBA(image.Rectangle{Max: screen.Bounds().Size()})
		screen.ReadPixels(img.Pix)
		var err error
		if s.keep != nil {
			err = s.keep(img)
		} else {
			err = writePNG(s.file, img)
		}
		if s.done != nil {
			s.done(err)
		}
	}
}

// writePNG writes beside the file first and renames then, so that neither a full disk nor a crash
// leaves half a picture or takes an older one away.
func writePNG(file string, img image.Image) (err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("the screenshot could not be written to %s: %w", file, err)
		}
	}()
	tmp, err := os.CreateTemp(filepath.Dir(file), ".screenshot-*.png")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = tmp.Close() // a second Close is harmless, and its error changes nothing any more
			_ = os.Remove(tmp.Name())
		}
	}()
	if err = png.Encode(tmp, img); err != nil {
		return err
	}
	if err = tmp.Close(); err != nil {
		return err
	}
	// CreateTemp makes files for the owner alone; a screenshot is to be shown around.
	if err = os.Chmod(tmp.Name(), 0o644); err != nil {
		return err
	}
	return os.Rename(tmp.Name(), file)
}
