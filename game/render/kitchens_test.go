package render

import (
	"fmt"
	"image"
	"math"
	"testing"

	"github.com/hajimehoshi/ebiten/v2"

	"tandem/env"
	"tandem/env/draw"
	"tandem/env/overcooked"
	"tandem/env/sprite"
	"tandem/game/render/rendertest"
)

// What a player has to see in a kitchen, asked of its sprites as the renderer paints them.

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

func TestEverySpriteOfAKitchenHasAPicture(t *testing.T) {
	bright := Dusk // any pixel that a sprite covers differs from this
	bright.Roles[draw.Background], bright.Horizon = sprite.RGB(0xFFFFFF), sprite.RGB(0xFFFFFF)
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
		plain.Roles[draw.Seat(i)] = sprite.RGB(0xA0A0A0)
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
