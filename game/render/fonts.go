package render

import (
	"fmt"
	"image"
	"math"

	"github.com/hajimehoshi/ebiten/v2"
	"golang.org/x/image/font"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"

	"tandem/assets"
)

// Style is a cut of the game's typeface.
type Style uint8

const (
	Regular Style = iota
	Bold
	Mono // bold, every letter of one width
	numStyles
)

// Fonts hands out the typeface at any size.
//
// Letters are drawn by golang.org/x/image once and kept in sheets, from which Canvas cuts them like
// everything else it draws. Ebitengine's own text package shapes scripts that the Go fonts (Latin,
// Greek, Cyrillic, without kerning) do not have, and reads fonts with pictures in them; a browser would
// have to load more than a megabyte for that.
type Fonts struct {
	fonts  [numStyles]*opentype.Font
	faces  map[faceKey]*Face
	sheets []*sheet
}

type faceKey struct {
	style    Style
	quarters int // size in quarters of a pixel
}

// NewFonts reads the embedded fonts.
func NewFonts() (*Fonts, error) {
	f := &Fonts{faces: map[faceKey]*Face{}}
	for style, data := range [numStyles][]byte{assets.FontRegular, assets.FontBold, assets.FontMono} {
		src, err := opentype.Parse(data)
		if err != nil {
			return nil, fmt.Errorf("the embedded font %d cannot be read: %w", style, err)
		}
		f.fonts[style] = src
	}
	return f, nil
}

const (
	// maxFaces bounds the sizes kept, as maxSheets bounds the sheets of their letters. A window that is
	// being resized asks for new ones all the time.
	maxFaces = 256
)

// tidy forgets everything when there is too much of it. Nothing that was handed out before may be
// used after it.
func (f *Fonts) tidy() {
	if len(f.faces) < maxFaces && len(f.sheets) < maxSheets {
		return
	}
	clear(f.faces)
	for _, s := range f.sheets {
		s.image.Deallocate()
	}
	f.sheets = f.sheets[:0]
}

// Face is the typeface at one size.
type Face struct {
	fonts    *Fonts
	face     font.Face
	advances map[rune]fixed.Int26_6
	letters  map[letterKey]letter

	ascent, descent, capital float64 // pixels above the baseline, below it, and of a capital
}

// Face returns the font at a size in pixels. Sizes are rounded to a quarter of a pixel, so that a
// growing window does not fill the sheets with sizes nobody can tell apart.
func (f *Fonts) Face(style Style, size float64) *Face {
	key := faceKey{style, max(int(math.Round(size*4)), 1)}
	face, ok := f.faces[key]
	if !ok {
		// At 72 dots per inch a point is a pixel. NewFace's error is always nil.
		x, _ := opentype.NewFace(f.fonts[style], &opentype.FaceOptions{Size: float64(key.quarters) / 4, DPI: 72})
		m := x.Metrics()
		face = &Face{fonts: f, face: x, advances: map[rune]fixed.Int26_6{}, letters: map[letterKey]letter{},
			ascent: pixels(m.Ascent), descent: pixels(m.Descent), capital: math.Abs(pixels(m.CapHeight))}
		f.faces[key] = face
	}
	return face
}

func pixels(v fixed.Int26_6) float64 { return float64(v) / 64 }

// advance is how far a letter moves on. One that the font lacks is a box.
func (f *Face) advance(r rune) fixed.Int26_6 {
	a, ok := f.advances[r]
	if !ok {
		a, _ = f.face.GlyphAdvance(r)
		f.advances[r] = a
	}
	return a
}

func (f *Face) width(s string) float64 {
	var w fixed.Int26_6
	for _, r := range s {
		w += f.advance(r)
	}
	return pixels(w)
}

// Width returns how wide a line of text is.
func (f *Fonts) Width(s string, style Style, size float64) float64 {
	return f.Face(style, size).width(s)
}

// Height returns the distance from the top of the tallest letter to the bottom of the deepest.
func (f *Fonts) Height(style Style, size float64) float64 {
	face := f.Face(style, size)
	return face.ascent + face.descent
}

// capHeight is the height of a capital letter of the Go fonts in ems; see TestCapHeight.
const capHeight = 0.7227

// letterKey is a letter and where between two pixels it begins, in quarters: letters on whole pixels
// alone stand unevenly.
type letterKey struct {
	r       rune
	quarter uint8
}

// letter is where a letter's picture is, and where it goes from the point on the baseline where the
// letter begins, rounded down.
type letter struct {
	sheet *ebiten.Image // nil for one without a picture, as a space is
	at    image.Rectangle
	dx    int
	dy    int
}

// letter returns the picture of a letter that begins at x, and the pixel x is in.
func (f *Face) letter(r rune, x fixed.Int26_6) (letter, int) {
	x += 8 // to the nearest quarter
	key := letterKey{r, uint8(x & 63 >> 4)}
	l, ok := f.letters[key]
	if !ok {
		l = f.draw(key)
		f.letters[key] = l
	}
	return l, x.Floor()
}

func (f *Face) draw(key letterKey) letter {
	at, mask, from, _, _ := f.face.Glyph(fixed.Point26_6{X: fixed.Int26_6(key.quarter) << 4}, key.r)
	if at.Empty() {
		return letter{}
	}
	pix := make([]byte, 0, 4*at.Dx()*at.Dy())
	for y := range at.Dy() {
		for x := range at.Dx() {
			_, _, _, a := mask.At(from.X+x, from.Y+y).RGBA()
			c := byte(a >> 8)
			pix = append(pix, c, c, c, c)
		}
	}
	img, place := f.fonts.place(at.Dx(), at.Dy())
	img.SubImage(place).(*ebiten.Image).WritePixels(pix)
	return letter{sheet: img, at: place, dx: at.Min.X, dy: at.Min.Y}
}

// place finds room for a picture on the latest sheet, or on a new one. A letter that is larger than a
// sheet has one of its size.
func (f *Fonts) place(w, h int) (*ebiten.Image, image.Rectangle) {
	if n := len(f.sheets); n > 0 {
		if at := f.sheets[n-1].room(w, h); !at.Empty() {
			return f.sheets[n-1].image, at
		}
	}
	side := max(sheetSide, w, h)
	s := &sheet{image: ebiten.NewImage(side, side), side: side}
	f.sheets = append(f.sheets, s)
	return s.image, s.room(w, h)
}
