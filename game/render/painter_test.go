package render

import (
	"image"
	"image/color"
	"strings"
	"testing"

	"github.com/hajimehoshi/ebiten/v2"

	"tandem/env/draw"
	"tandem/env/sprite"
	"tandem/game/render/rendertest"
)

func newPainter(t *testing.T) (*Canvas, *Painter) {
	t.Helper()
	c, err := NewCanvas()
	if err != nil {
		t.Fatal(err)
	}
	return c, NewPainter(c, &Dusk)
}

// paint draws cur into the whole of a fresh image.
func paint(t *testing.T, w, h int, aspect float64, cur *draw.List) (*image.RGBA, image.Rectangle) {
	t.Helper()
	c, p := newPainter(t)
	img := ebiten.NewImage(w, h)
	defer img.Deallocate()
	c.Begin(img)
	pic := p.Paint(img.Bounds(), aspect, &draw.List{}, cur, 1)
	c.End()
	return rendertest.Pixels(img), pic
}

func same(a, b color.RGBA) bool {
	d := func(x, y uint8) int { return max(int(x)-int(y), int(y)-int(x)) }
	return d(a.R, b.R) <= 1 && d(a.G, b.G) <= 1 && d(a.B, b.B) <= 1 && d(a.A, b.A) <= 1
}

func wantPixel(t *testing.T, img *image.RGBA, what string, x, y int, want color.RGBA) {
	t.Helper()
	if got := img.RGBAAt(x, y); !same(got, want) {
		t.Errorf("%s: pixel %d,%d is %v, want %v", what, x, y, got, want)
	}
}

func TestFit(t *testing.T) {
	for _, c := range []struct {
		area   image.Rectangle
		aspect float64
		want   image.Rectangle
	}{
		{image.Rect(0, 0, 600, 250), 2.4, image.Rect(0, 0, 600, 250)},
		{image.Rect(10, 20, 610, 420), 2.4, image.Rect(10, 95, 610, 345)},
		{image.Rect(0, 0, 1000, 250), 2.4, image.Rect(200, 0, 800, 250)},
		{image.Rect(0, 0, 390, 844), 1, image.Rect(0, 227, 390, 617)},
	} {
		if got := Fit(c.area, c.aspect); got != c.want {
			t.Errorf("Fit(%v, %v) = %v, want %v", c.area, c.aspect, got, c.want)
		}
	}
	if got := Fit(image.Rect(5, 5, 5, 9), 2); !got.Empty() {
		t.Errorf("Fit of nothing is %v, want nothing", got)
	}
}

func TestShapesHaveTheirColoursAndPlaces(t *testing.T) {
	l := &draw.List{}
	l.Add(draw.Item{ID: "ball", Kind: draw.Circle, Role: draw.Ball, X: .25, Y: .5, R: .05, Alpha: 1})
	l.Add(draw.Item{ID: "net", Kind: draw.Line, Role: draw.Net, X: .5, Y: .5, X2: .5, Y2: 1, W: .05, Alpha: 1})
	l.Add(draw.Item{ID: "wall", Kind: draw.Rect, Role: draw.Wall, X: .7, Y: .2, W: .1, H: .2, Alpha: 1})
	l.AddPolygon(draw.Item{ID: "slime", Role: draw.Seat1, Alpha: 1})
	l.Point(.8, .9)
	l.Point(.9, .6)
	l.Point(1, .9)
	img, pic := paint(t, 400, 400, 2, l)
	if want := image.Rect(0, 100, 400, 300); pic != want {
		t.Fatalf("picture at %v, want %v", pic, want)
	}
	roles := &Dusk.Roles
	wantPixel(t, img, "the ball's centre", 100, 200, roles[draw.Ball])
	wantPixel(t, img, "inside the ball", 100+18, 200, roles[draw.Ball])
	wantPixel(t, img, "beside the ball", 100+22, 200, Dusk.backdrop(.5025))
	wantPixel(t, img, "the net", 200, 250, roles[draw.Net])
	wantPixel(t, img, "above the net", 200, 195, Dusk.backdrop(.4775))
	wantPixel(t, img, "the wall's first pixel", 280, 140, roles[draw.Wall])
	wantPixel(t, img, "the wall's last pixel", 319, 179, roles[draw.Wall])
	wantPixel(t, img, "right of the wall", 320, 160, Dusk.backdrop(.3025))
	wantPixel(t, img, "the slime", 360, 260, roles[draw.Seat1])
	wantPixel(t, img, "the upper bar", 200, 50, Dusk.Bar)
	wantPixel(t, img, "the last line of the upper bar", 200, 99, Dusk.Bar)
	wantPixel(t, img, "the lower bar", 200, 350, Dusk.Bar)
}

func TestNothingIsDrawnOutsideThePicture(t *testing.T) {
	l := &draw.List{}
	l.Add(draw.Item{ID: "ball", Kind: draw.Circle, Role: draw.Ball, X: .5, Y: 0, R: .1, Alpha: 1})
	img, _ := paint(t, 400, 400, 2, l)
	wantPixel(t, img, "the half inside", 200, 110, Dusk.Roles[draw.Ball])
	wantPixel(t, img, "the half outside", 200, 90, Dusk.Bar)
}

// At every scale the edge of a circle is one or two mixed pixels wide: smooth, and never the blur
// of a picture that was drawn small and enlarged.
func TestEdgesAreCrispAtAnyScale(t *testing.T) {
	l := &draw.List{}
	l.Add(draw.Item{ID: "wall", Kind: draw.Rect, Role: draw.Pupil, X: 0, Y: 0, W: 1, H: 1, Alpha: 1})
	l.Add(draw.Item{ID: "ball", Kind: draw.Circle, Role: draw.EyeWhite, X: .503, Y: .5, R: .2, Alpha: 1})
	for _, w := range []int{120, 480, 1920} {
		img, _ := paint(t, w, w, 1, l)
		mixed, light := 0, 0
		for x := range w {
			switch got := img.RGBAAt(x, w/2); {
			case same(got, Dusk.Roles[draw.EyeWhite]):
				light++
			case !same(got, Dusk.Roles[draw.Pupil]):
				mixed++
			}
		}
		if mixed < 1 || mixed > 4 {
			t.Errorf("width %d: %d mixed pixels on the two edges of a circle, want 1 to 4", w, mixed)
		}
		if want := int(.4 * float64(w)); light < want-3 || light > want+1 {
			t.Errorf("width %d: the circle is %d pixels wide, want about %d", w, light, want)
		}
	}
}

func TestDentedPolygonIsNotFilledAcross(t *testing.T) {
	l := &draw.List{}
	l.AddPolygon(draw.Item{ID: "arrow", Role: draw.Marker, Alpha: 1})
	for _, p := range []draw.Point{{X: .1, Y: .1}, {X: .5, Y: .6}, {X: .9, Y: .1}, {X: .5, Y: .9}} {
		l.Point(p.X, p.Y)
	}
	img, _ := paint(t, 200, 200, 1, l)
	wantPixel(t, img, "the body of the arrow", 100, 150, Dusk.Roles[draw.Marker])
	wantPixel(t, img, "its dent", 100, 60, Dusk.backdrop(.3025))
}

// Sprites beside a display list are drawn in their seat's colour, also when the sheets that they were
// drawn from are given up in the same frame.
func TestSpriteBesideAList(t *testing.T) {
	c, p := newPainter(t)
	img := ebiten.NewImage(300, 100)
	defer img.Deallocate()
	for round := range 3 {
		for len(p.sprites.sheets) <= maxSheets*min(round, 1) { // in later rounds there are too many
			p.sprites.sheets = append(p.sprites.sheets, &sheet{image: ebiten.NewImage(8, 8), side: 8, y: 8})
		}
		img.Clear()
		c.Begin(img)
		p.Sprite("hat_south", draw.Seat0, 0, 0, 100, 100, 1)
		p.Sprite("hat_south", draw.Seat3, 100, 0, 100, 100, 1)
		p.Paint(image.Rect(200, 0, 300, 100), 1, &draw.List{}, &draw.List{}, 1)
		c.End()
		pixels := rendertest.Pixels(img)
		wantPixel(t, pixels, "the hat of seat 0", 50, 18, Dusk.Roles[draw.Seat0])
		wantPixel(t, pixels, "beside it", 5, 5, color.RGBA{})
		wantPixel(t, pixels, "the hat of seat 3, between its stripes", 144, 18, Dusk.Roles[draw.Seat3])
	}
	if err := p.Err(); err != nil {
		t.Error(err)
	}
	c.Begin(img)
	p.Sprite("helmet", draw.Seat0, 0, 0, 100, 100, 1)
	c.End()
	if err := p.Err(); err == nil || !strings.Contains(err.Error(), "helmet") {
		t.Errorf("after an unknown sprite: %v", err)
	}
}

func TestPolygonOfEitherDirectionLooksTheSame(t *testing.T) {
	corners := []draw.Point{{X: .2, Y: .2}, {X: .8, Y: .3}, {X: .6, Y: .9}}
	var pictures [2]*image.RGBA
	for dir := range pictures {
		l := &draw.List{}
		l.AddPolygon(draw.Item{ID: "p", Role: draw.Ball, Alpha: 1})
		for i := range corners {
			if dir == 1 {
				i = len(corners) - 1 - i
			}
			l.Point(corners[i].X, corners[i].Y)
		}
		pictures[dir], _ = paint(t, 100, 100, 1, l)
	}
	different := 0
	for i := range pictures[0].Pix {
		if a, b := pictures[0].Pix[i], pictures[1].Pix[i]; max(a, b)-min(a, b) > 2 {
			different++
		}
	}
	if different > 0 {
		t.Errorf("%d bytes differ", different)
	}
}

func TestHigherDepthIsNearer(t *testing.T) {
	l := &draw.List{}
	box := func(role draw.Role, depth int8) {
		l.Add(draw.Item{Kind: draw.Rect, Role: role, Depth: depth, X: 0, Y: 0, W: 1, H: 1, Alpha: 1})
	}
	box(draw.Ball, 2)
	box(draw.Net, -1)
	box(draw.Wall, 2)
	box(draw.Floor, 0)
	img, _ := paint(t, 10, 10, 1, l)
	wantPixel(t, img, "the last of the highest", 5, 5, Dusk.Roles[draw.Wall])
}

func TestTransparencyBlends(t *testing.T) {
	l := &draw.List{}
	l.Add(draw.Item{Kind: draw.Rect, Role: draw.Pupil, W: 1, H: 1, Alpha: 1})
	l.Add(draw.Item{Kind: draw.Circle, Role: draw.EyeWhite, X: .5, Y: .5, R: .3, Alpha: .5})
	img, _ := paint(t, 50, 50, 1, l)
	p := Dusk.Roles[draw.Pupil]
	half := func(v uint8) uint8 { return uint8((int(v) + 255) / 2) }
	wantPixel(t, img, "half white on dark", 25, 25, color.RGBA{half(p.R), half(p.G), half(p.B), 255})
}

func TestTextIsCentredAndOfItsHeight(t *testing.T) {
	l := &draw.List{}
	l.Add(draw.Item{Kind: draw.Rect, Role: draw.Pupil, W: 1, H: 1, Alpha: 1})
	l.Add(draw.Item{Kind: draw.Text, Role: draw.EyeWhite, Name: "H", X: .5, Y: .5, R: .25, Alpha: 1})
	img, _ := paint(t, 400, 400, 1, l)
	ink := image.Rectangle{}
	for y := range 400 {
		for x := range 400 {
			if img.RGBAAt(x, y).R > 128 {
				ink = ink.Union(image.Rect(x, y, x+1, y+1))
			}
		}
	}
	if ink.Dy() < 98 || ink.Dy() > 102 {
		t.Errorf("letters are %d pixels high, want 100", ink.Dy())
	}
	mid := ink.Min.Add(ink.Max).Div(2)
	if d := mid.Sub(image.Pt(200, 200)); d.X < -4 || d.X > 4 || d.Y < -2 || d.Y > 2 {
		t.Errorf("the text's middle is %v, want 200,200", mid)
	}
}

func TestUnknownSpriteIsShownAndReported(t *testing.T) {
	c, p := newPainter(t)
	l := &draw.List{}
	l.Add(draw.Item{Kind: draw.Sprite, Name: "wall", X: 0, Y: 0, W: .5, H: 1, Alpha: 1})
	img := ebiten.NewImage(80, 40)
	draws := func() *image.RGBA {
		c.Begin(img)
		p.Paint(img.Bounds(), 2, &draw.List{}, l, 1)
		c.End()
		return rendertest.Pixels(img)
	}
	wantPixel(t, draws(), "a known sprite", 20, 20, sprite.RGB(0x2B2950))
	if err := p.Err(); err != nil {
		t.Fatalf("with known sprites alone: %v", err)
	}
	l.Add(draw.Item{Kind: draw.Sprite, Name: "dragon", X: .5, Y: 0, W: .5, H: 1, Alpha: 1})
	pix := draws()
	wantPixel(t, pix, "an unknown one has a cross", 60, 20, Dusk.Roles[draw.Marker])
	draws()
	if err := p.Err(); err == nil || strings.Count(err.Error(), "dragon") != 1 {
		t.Errorf("error %v, want one that names the dragon once", err)
	}
}

func TestPaintingAllocatesNothingOfItsOwn(t *testing.T) {
	c, p := newPainter(t)
	img := ebiten.NewImage(300, 200)
	prev, cur := court(.2, .1), court(.4, .3)
	once := func() {
		c.Begin(img)
		p.Paint(img.Bounds(), 2.4, prev, cur, .5)
		c.End()
	}
	for range 10 {
		once()
	}
	// Ebitengine itself may allocate a little when it queues draw calls; the painter adds nothing
	// to it, so a whole picture stays below this.
	if n := testing.AllocsPerRun(50, once); n > 4 {
		t.Errorf("%v allocations per picture", n)
	}
}

// The height of capitals is a constant in the painter; this is where it comes from.
func TestCapHeight(t *testing.T) {
	c, _ := newPainter(t)
	if got := c.Face(Bold, 1000).capital / 1000; got < capHeight-.01 || got > capHeight+.01 {
		t.Errorf("capitals are %v em high, the constant says %v", got, capHeight)
	}
}
