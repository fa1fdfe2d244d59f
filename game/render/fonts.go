package render

import (
	"bytes"
	"fmt"
	"math"

	"github.com/hajimehoshi/ebiten/v2/text/v2"

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
type Fonts struct {
	sources [numStyles]*text.GoTextFaceSource
	faces   map[faceKey]*text.GoTextFace
}

type faceKey struct {
	style    Style
	quarters int // size in quarters of a pixel
}

// NewFonts reads the embedded fonts.
func NewFonts() (*Fonts, error) {
	f := &Fonts{faces: map[faceKey]*text.GoTextFace{}}
	for style, data := range [numStyles][]byte{assets.FontRegular, assets.FontBold, assets.FontMono} {
		src, err := text.NewGoTextFaceSource(bytes.NewReader(data))
		if err != nil {
			return nil, fmt.Errorf("the embedded font %d cannot be read: %w", style, err)
		}
		f.sources[style] = src
	}
	return f, nil
}

// maxFaces bounds the sizes kept. A window that is being resized asks for new ones all the time.
const maxFaces = 256

// Face returns the font at a size in pixels. Sizes are rounded to a quarter of a pixel, so that a
// growing window does not fill the glyph cache with sizes nobody can tell apart.
func (f *Fonts) Face(style Style, size float64) *text.GoTextFace {
	key := faceKey{style, max(int(math.Round(size*4)), 1)}
	face, ok := f.faces[key]
	if !ok {
		if len(f.faces) >= maxFaces {
			clear(f.faces)
		}
		face = &text.GoTextFace{Source: f.sources[style], Size: float64(key.quarters) / 4}
		f.faces[key] = face
	}
	return face
}

// Width returns how wide a line of text is.
func (f *Fonts) Width(s string, style Style, size float64) float64 {
	return text.AdvanceAt(s, len(s), f.Face(style, size))
}

// Height returns the distance from the top of the tallest letter to the bottom of the deepest.
func (f *Fonts) Height(style Style, size float64) float64 {
	m := f.Face(style, size).Metrics()
	return m.HAscent + m.HDescent
}

// capHeight is the height of a capital letter of the Go fonts in ems; see TestCapHeight.
const capHeight = 0.7227
