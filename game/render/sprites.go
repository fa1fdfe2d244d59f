package render

import (
	"image"
	"math"

	"github.com/hajimehoshi/ebiten/v2"

	"tandem/env/draw"
	"tandem/env/sprite"
)

// Sizes of the sheets that sprites are drawn on, in pixels, and how many there are before all are
// given up. One window's picture needs one or two of them; a window that is being resized asks for
// new sizes all the time.
const (
	sheetSide  = 1024
	largeSheet = 2048
	largeFrom  = 200 // side of a sprite that goes on a large sheet
	maxSheets  = 8
)

// maxSprite bounds the side of a sprite, in pixels, whatever size a display list asks for.
const maxSprite = largeSheet

// sprites draws pictures at the size they are shown and keeps them, side by side on few images: so
// the pictures of a whole display list reach the screen in one draw call.
type sprites struct {
	canvas  *Canvas
	palette *Palette
	kept    map[spriteKey]part
	sheets  []*sheet
}

type spriteKey struct {
	name string
	w, h int
	role draw.Role
}

// part is where a sprite is.
type part struct {
	sheet *ebiten.Image
	at    image.Rectangle
}

// sheet is an image that is filled row by row.
type sheet struct {
	image *ebiten.Image
	side  int
	x, y  int // the next free place
	row   int // height of the row
}

// newSprites shares the fonts and the white pixel of canvas, but none of the shapes that it has
// collected for the image under construction.
func newSprites(canvas *Canvas, palette *Palette) *sprites {
	own := &Canvas{nested: true, Fonts: canvas.Fonts, white: canvas.white, triangles: canvas.triangles}
	return &sprites{canvas: own, palette: palette, kept: map[spriteKey]part{}}
}

// begin starts a display list on c.
func (s *sprites) begin(c *Canvas) {
	if len(s.sheets) <= maxSheets {
		return
	}
	c.flush() // what was drawn of the sheets before must be drawn while they are there
	for _, sh := range s.sheets {
		sh.image.Deallocate()
	}
	s.sheets = s.sheets[:0]
	clear(s.kept)
}

// paint draws a sprite into a rectangle of c, and reports whether there is a picture for it.
func (s *sprites) paint(c *Canvas, it *draw.Item, role draw.Role, x, y, w, h float64) bool {
	pic, ok := sprite.Lookup(it.Name)
	if !ok {
		return false
	}
	x0, y0, x1, y1 := whole(x), whole(y), whole(x+w), whole(y+h)
	if !pic.Tile {
		// Of one size wherever it is, so that it does not change shape while it moves.
		rw, rh := whole(w), whole(h)
		x0, y0 = whole(x+(w-rw)/2), whole(y+(h-rh)/2)
		x1, y1 = x0+rw, y0+rh
	}
	if !(x1 > x0) || !(y1 > y0) {
		return true
	}
	key := spriteKey{name: it.Name, w: int(min(x1-x0, maxSprite)), h: int(min(y1-y0, maxSprite))}
	if pic.Tinted {
		key.role = role
	}
	from, ok := s.kept[key]
	if !ok {
		from = s.make(pic, key)
		s.kept[key] = from
	}
	c.cut(from.sheet, from.at, x0, y0, x1-x0, y1-y0, it.Alpha)
	return true
}

// whole rounds to a whole pixel. Where one tile ends and the next begins is computed in two ways,
// whose last bits differ; a middle of a pixel must not become two different whole ones.
func whole(v float64) float64 { return math.Floor(v + 0.5 + 1e-6) }

func (s *sprites) make(pic sprite.Picture, key spriteKey) part {
	free := s.room(key.w, key.h)
	s.canvas.Begin(free.sheet)
	s.canvas.Clip(free.at)
	pic.Paint(sprite.NewPen(s.canvas, float64(free.at.Min.X), float64(free.at.Min.Y),
		float64(key.w), float64(key.h), &s.palette.Roles, key.role))
	s.canvas.End()
	return free
}

// room returns a free part of a sheet.
func (s *sprites) room(w, h int) part {
	side := sheetSide
	if max(w, h) >= largeFrom {
		side = largeSheet
	}
	for _, sh := range s.sheets {
		if sh.side == side {
			if at := sh.room(w, h); !at.Empty() {
				return part{sh.image, at}
			}
		}
	}
	sh := &sheet{image: ebiten.NewImage(side, side), side: side}
	s.sheets = append(s.sheets, sh)
	return part{sh.image, sh.room(w, h)}
}

// room returns an empty rectangle when there is none.
func (s *sheet) room(w, h int) image.Rectangle {
	x, y, row := s.x, s.y, s.row
	if x+w > s.side {
		x, y, row = 0, y+row+1, 0
	}
	if x+w > s.side || y+h > s.side {
		return image.Rectangle{}
	}
	s.x, s.y, s.row = x+w+1, y, max(row, h)
	return image.Rect(x, y, x+w, y+h)
}
