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

	"tandem/env"
	"tandem/env/draw"
	"tandem/env/overcooked"
	"tandem/game/render/rendertest"
)

var sheets = flag.String("pictures", "", "write pictures of all sprites and kitchens into this directory")

var spriteSizes = []int{16, 32, 45, 96}

// over is what is below a sprite in a kitchen.
func over(name string) []string {
	switch name {
	case "pot", "onion", "dish", "soup":
		return []string{"counter"}
	case "pot_onions_1", "pot_onions_2", "pot_cooking", "pot_ready":
		return []string{"counter", "pot"}
	case "chef_north", "chef_east", "chef_south", "chef_west", "hat_north", "hat_east", "hat_south", "hat_west":
		return []string{"floor"}
	}
	return nil
}

func sprite(name string, role draw.Role) draw.Item {
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
		l.Add(sprite(n, role))
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

func TestEverySpriteOfAKitchenHasAPicture(t *testing.T) {
	bright := Dusk // any pixel that a sprite covers differs from this
	bright.Roles[draw.Background], bright.Horizon = rgb(0xFFFFFF), rgb(0xFFFFFF)
	for _, name := range overcooked.SpriteNames() {
		for _, size := range spriteSizes {
			below := over(name)
			got := tile(t, &bright, size, draw.Seat0, append(below, name)...) // reports placeholders
			if share := apart(got, tile(t, &bright, size, draw.Seat0, below...)); share < 0.05 {
				t.Errorf("%s at %d pixels changes %.1f %% of its square", name, size, 100*share)
			}
		}
	}
}

// What a player has to tell apart differs in lightness alone, at every size.
func TestStatesDifferInGrey(t *testing.T) {
	groups := [][][]string{
		{{"chef_north", "hat_north"}, {"chef_east", "hat_east"}, {"chef_south", "hat_south"}, {"chef_west", "hat_west"}},
		{{"pot"}, {"pot", "pot_onions_1"}, {"pot", "pot_onions_2"}, {"pot", "pot_cooking"}, {"pot", "pot_ready"}},
		{{"counter", "onion"}, {"counter", "dish"}, {"counter", "soup"}, {"counter"}},
		{{"floor"}, {"wall"}, {"counter"}, {"onion_stack"}, {"dish_stack"}, {"delivery"}, {"counter", "pot"}},
	}
	for _, group := range groups {
		for _, size := range spriteSizes {
			for i, a := range group {
				for _, b := range group[:i] {
					if share := apart(tile(t, &Dusk, size, draw.Seat0, a...), tile(t, &Dusk, size, draw.Seat0, b...)); share < 0.05 {
						t.Errorf("at %d pixels %v and %v differ in %.1f %% of their square", size, a, b, 100*share)
					}
				}
			}
		}
	}
}

// Food stands out from the counter it lies on and from the floor.
func TestFoodStandsOutInGrey(t *testing.T) {
	mean := func(img *image.RGBA, r image.Rectangle) float64 {
		sum := 0.0
		for y := r.Min.Y; y < r.Max.Y; y++ {
			for x := r.Min.X; x < r.Max.X; x++ {
				sum += luminance(img.RGBAAt(x, y))
			}
		}
		return sum / float64(r.Dx()*r.Dy())
	}
	for _, below := range []string{"counter", "floor"} {
		ground := mean(tile(t, &Dusk, 32, 0, below), image.Rect(4, 4, 28, 28))
		for name, want := range map[string]float64{"onion": 2, "dish": 3, "soup": 1.5} {
			food := mean(tile(t, &Dusk, 32, 0, below, name), image.Rect(8, 8, 24, 24))
			if got := (food + 0.05) / (ground + 0.05); got < want {
				t.Errorf("%s on %s has a contrast of %.2f, want %v", name, below, got, want)
			}
		}
	}
}

// Hats and aprons have the colour of the seat, at every size; nothing else changes with the role.
func TestTintFollowsTheRole(t *testing.T) {
	for i := range 8 {
		role := draw.Seat(i)
		for _, dir := range []string{"north", "east", "south", "west"} {
			for _, part := range []string{"hat_", "chef_"} {
				for _, size := range spriteSizes[1:] {
					img := tile(t, &Dusk, size, role, part+dir)
					n := 0
					for y := range size {
						for x := range size {
							if same(img.RGBAAt(x, y), Dusk.Roles[role]) {
								n++
							}
						}
					}
					if share := float64(n) / float64(size*size); share < 0.006 {
						t.Errorf("%s%s at %d pixels: %.1f %% are of the colour of seat %d", part, dir, size, 100*share, i)
					}
				}
			}
		}
	}
	for _, name := range []string{"onion", "pot", "counter"} {
		a, b := tile(t, &Dusk, 32, draw.Seat0, name), tile(t, &Dusk, 32, draw.Seat1, name)
		if string(a.Pix) != string(b.Pix) {
			t.Errorf("the role changes the %s", name)
		}
	}
}

// With all seats of one colour, hats still tell them apart.
func TestHatsDifferWithoutColours(t *testing.T) {
	plain := Dusk
	for i := range 8 {
		plain.Roles[draw.Seat(i)] = rgb(0xA0A0A0)
	}
	for _, dir := range []string{"north", "east", "south", "west"} {
		for i := range 8 {
			for j := range i {
				a := tile(t, &plain, 32, draw.Seat(i), "floor", "chef_"+dir, "hat_"+dir)
				b := tile(t, &plain, 32, draw.Seat(j), "floor", "chef_"+dir, "hat_"+dir)
				if share := apart(a, b); share < 0.01 {
					t.Errorf("hats of seats %d and %d facing %s differ in %.1f %% of their square", i, j, dir, 100*share)
				}
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
			it := sprite("floor", 0)
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
			if c := pix.RGBAAt(x, y); !same(c, tileDark) && !same(c, tileLight) {
				t.Fatalf("%d×%d tiles in %v: pixel %d,%d is %v", k.cols, k.rows, pic, x, y, c)
			}
		}
	}
}

// midPlay is a kitchen after some steps of cooks at work.
func midPlay(t *testing.T, name string, steps int) (*env.Spec, *draw.List) {
	t.Helper()
	e, err := env.New(name, nil)
	if err != nil {
		t.Fatal(err)
	}
	e.Reset(5)
	actions := make([]int, len(e.Spec().Agents))
	var bots []env.Bot
	for i := range actions {
		b, err := env.NewBot(overcooked.CookHardName, name)
		if err != nil {
			t.Fatal(err)
		}
		b.Reset(uint64(i))
		bots = append(bots, b)
	}
	for step := range steps {
		for i, b := range bots {
			actions[i] = b.Act(e, i, uint32(step))
		}
		e.Step(actions)
	}
	l := &draw.List{}
	e.Render(l)
	return e.Spec(), l
}

var kitchens = []string{"cramped_room", "asymmetric_advantages", "coordination_ring", "forced_coordination",
	"counter_circuit", "party_3", "party_4", "party_8"}

// Every kitchen is drawn in full. With -pictures this writes them, in colour and in grey.
func TestKitchens(t *testing.T) {
	for k, name := range kitchens {
		spec, l := midPlay(t, overcooked.Family+name, 137+31*k)
		for _, width := range []int{320, 640, 1280} {
			c, p := newPainter(t)
			img := ebiten.NewImage(width, int(math.Round(float64(width)/spec.Aspect)))
			c.Begin(img)
			pic := p.Paint(img.Bounds(), spec.Aspect, &draw.List{}, l, 1)
			c.End()
			if err := p.Err(); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			if pic.Empty() {
				t.Errorf("%s: no picture", name)
			}
			if *sheets != "" {
				pix := rendertest.Pixels(img)
				write(t, pix, fmt.Sprintf("%s-%d", name, width))
				if width == 640 {
					write(t, inGrey(pix), name+"-grey")
				}
			}
			img.Deallocate()
		}
	}
}

func inGrey(img *image.RGBA) image.Image {
	out := image.NewGray(img.Rect)
	for i := range out.Pix {
		out.Pix[i] = uint8(math.Round(255 * grey(img.RGBAAt(i%img.Rect.Dx(), i/img.Rect.Dx()))))
	}
	return out
}

// With -pictures this writes every sprite at every size, and the hats of all seats.
func TestSpriteSheet(t *testing.T) {
	if *sheets == "" {
		t.Skip("only with -pictures")
	}
	names := overcooked.SpriteNames()
	sizes := append([]int{}, spriteSizes...)
	sheet := image.NewRGBA(image.Rect(0, 0, 13*100, 2*220))
	place := func(img *image.RGBA, x, y int) {
		for i := range img.Rect.Dx() * img.Rect.Dy() {
			px, py := i%img.Rect.Dx(), i/img.Rect.Dx()
			sheet.SetRGBA(x+px, y+py, img.RGBAAt(px, py))
		}
	}
	for i, n := range names {
		y := 0
		for _, size := range sizes {
			place(tile(t, &Dusk, size, draw.Seat0, append(over(n), n)...), 100*(i%13), y+220*(i/13))
			y += size + 4
		}
	}
	write(t, sheet, "sprites")
	sheet = image.NewRGBA(image.Rect(0, 0, 8*100, 4*134))
	for i := range 8 {
		for d, dir := range []string{"north", "east", "south", "west"} {
			for k, size := range []int{96, 32} {
				place(tile(t, &Dusk, size, draw.Seat(i), "floor", "chef_"+dir, "hat_"+dir), 100*i, 134*d+98*k)
			}
		}
	}
	write(t, sheet, "cooks")
	write(t, inGrey(sheet), "cooks-grey")
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
