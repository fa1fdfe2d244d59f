package render

import (
	"flag"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/hajimehoshi/ebiten/v2"

	_ "tandem/env/all"
	"tandem/env/draw"
	"tandem/env/overcooked"
	"tandem/env/sprite"
	"tandem/game/render/rendertest"
)

var sheets = flag.String("pictures", "", "write pictures of all sprites and kitchens into this directory")

var spriteSizes = []int{16, 32, 45, 96}

func spriteItem(name string, role draw.Role) draw.Item {
	return draw.Item{Kind: draw.Sprite, Name: name, Role: role, W: 1, H: 1, Alpha: 1}
}

// painters and tiles are kept from test to test: many compare the same ones.
var (
	painters = map[*Palette]*Painter{}
	tiles    = map[string]*image.RGBA{}
)

// tile paints sprites of one size over each other.
func tile(t *testing.T, palette *Palette, size int, role draw.Role, names ...string) *image.RGBA {
	t.Helper()
	key := fmt.Sprintf("%p %d %d %v", palette, size, role, names)
	if img := tiles[key]; img != nil {
		return img
	}
	p := painters[palette]
	if p == nil {
		c, err := NewCanvas()
		if err != nil {
			t.Fatal(err)
		}
		p = NewPainter(c, palette)
		painters[palette] = p
	}
	l := &draw.List{}
	for _, n := range names {
		l.Add(spriteItem(n, role))
	}
	img := ebiten.NewImage(size, size)
	defer img.Deallocate()
	p.canvas.Begin(img)
	p.Paint(img.Bounds(), 1, &draw.List{}, l, 1)
	p.canvas.End()
	if err := p.Err(); err != nil {
		t.Error(err)
	}
	tiles[key] = rendertest.Pixels(img)
	return tiles[key]
}

func write(t *testing.T, img image.Image, name string) {
	t.Helper()
	f, err := os.Create(filepath.Join(*sheets, name+".png"))
	if err != nil {
		t.Fatal(err)
	}
	if err := png.Encode(f, img); err != nil {
		t.Error(err)
	}
	if err := f.Close(); err != nil {
		t.Error(err)
	}
}

// grey is how light a pixel looks on a grey screen, from 0 to 1, in steps that look even.
func grey(c color.RGBA) float64 { return math.Pow(luminance(c), 1/2.2) }

// apart is the share of pixels that clearly differ on a grey screen.
func apart(a, b *image.RGBA) float64 {
	n, all := 0, a.Rect.Dx()*a.Rect.Dy()
	for i := range all {
		x, y := i%a.Rect.Dx(), i/a.Rect.Dx()
		if math.Abs(grey(a.RGBAAt(x, y))-grey(b.RGBAAt(x, y))) > 0.12 {
			n++
		}
	}
	return float64(n) / float64(all)
}

// Whatever an environment registers shows at every size, on a light ground or on a dark one.
func TestEverySpriteShows(t *testing.T) {
	light, dark := Dusk, Dusk
	light.Roles[draw.Background], light.Horizon = sprite.RGB(0xFFFFFF), sprite.RGB(0xFFFFFF)
	dark.Roles[draw.Background], dark.Horizon = sprite.RGB(0), sprite.RGB(0)
	for _, name := range sprite.Names() {
		for _, size := range spriteSizes {
			most := 0.0
			for _, ground := range []*Palette{&light, &dark} {
				most = max(most, apart(tile(t, ground, size, draw.Seat0, name), tile(t, ground, size, draw.Seat0)))
			}
			if most < 0.05 {
				t.Errorf("%s at %d pixels changes %.1f %% of its square", name, size, 100*most)
			}
		}
	}
}

// Tiles of a size that is not whole meet without a seam, also where their edge falls on the middle
// of a pixel.
func TestTilesLeaveNoSeam(t *testing.T) {
	c, p := newPainter(t)
	img := ebiten.NewImage(1024, 900)
	for _, k := range []struct {
		cols, rows int
		area       image.Rectangle
	}{
		{5, 5, image.Rect(0, 0, 100, 100)},
		{7, 6, image.Rect(180, 75, 844, 644)},
		{11, 7, image.Rect(0, 74, 1024, 644)},
		{17, 9, image.Rect(3, 41, 390, 844)},
	} {
		l := &draw.List{}
		for i := range k.cols * k.rows {
			it := spriteItem("floor", 0)
			it.X, it.Y = float64(i%k.cols)/float64(k.cols), float64(i/k.cols)/float64(k.rows)
			it.W, it.H = 1/float64(k.cols), 1/float64(k.rows)
			l.Add(it)
		}
		c.Begin(img)
		pic := p.Paint(k.area, float64(k.cols)/float64(k.rows), &draw.List{}, l, 1)
		c.End()
		pix := rendertest.Pixels(img)
		for i := range pic.Dx() * pic.Dy() {
			x, y := pic.Min.X+i%pic.Dx(), pic.Min.Y+i/pic.Dx()
			if c := pix.RGBAAt(x, y); !same(c, sprite.RGB(0x38355E)) && !same(c, sprite.RGB(0x403D69)) { // the floor's colours
				t.Fatalf("%d×%d tiles in %v: pixel %d,%d is %v", k.cols, k.rows, pic, x, y, c)
			}
		}
	}
}

// Some 170 sprites take a few draw calls, for which Ebitengine may allocate a little (more under the
// race detector); the painter adds nothing to it.
func TestSpritesAllocateNothingOfTheirOwn(t *testing.T) {
	spec, l := midPlay(t, overcooked.Family+"party_8", 300)
	c, p := newPainter(t)
	img := ebiten.NewImage(800, 600)
	once := func() {
		c.Begin(img)
		p.Paint(img.Bounds(), spec.Aspect, l, l, .5)
		c.End()
	}
	for range 20 {
		once()
	}
	made := len(p.sprites.kept)
	if n := testing.AllocsPerRun(50, once); n > 16 {
		t.Errorf("%v allocations per picture", n)
	}
	if n := len(p.sprites.kept); n != made {
		t.Errorf("%d sprites were kept, then %d", made, n)
	}
}

// A window that is being resized does not fill the memory.
func TestSpritesOfPastSizesAreDropped(t *testing.T) {
	spec, l := midPlay(t, overcooked.Family+"party_8", 300)
	c, p := newPainter(t)
	img := ebiten.NewImage(1600, 1600)
	dropped := false
	for size := 800; size < 1600; size += 16 {
		before := len(p.sprites.sheets)
		c.Begin(img)
		p.Paint(image.Rect(0, 0, size, size), spec.Aspect, &draw.List{}, l, 1)
		c.End()
		after := len(p.sprites.sheets)
		dropped = dropped || after < before
		if after > maxSheets+2 {
			t.Errorf("at %d pixels there are %d sheets", size, after)
		}
	}
	if !dropped {
		t.Error("the test never filled the sheets")
	}
}

// Sprites on one sheet do not reach into each other.
func TestSpritesShareASheetCleanly(t *testing.T) {
	s := &sheet{side: 64}
	var taken []image.Rectangle
	for _, size := range []image.Point{{30, 10}, {20, 25}, {40, 5}, {10, 12}, {64, 10}} {
		at := s.room(size.X, size.Y)
		if at.Size() != size {
			t.Fatalf("no room for %v after %v", size, taken)
		}
		for _, r := range taken {
			if r.Overlaps(at.Inset(-1)) {
				t.Errorf("%v touches %v", at, r)
			}
		}
		taken = append(taken, at)
	}
	if at := s.room(30, 30); !at.Empty() {
		t.Errorf("a full sheet has room at %v", at)
	}
}
