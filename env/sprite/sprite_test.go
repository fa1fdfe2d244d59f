package sprite_test

import (
	"fmt"
	"image/color"
	"reflect"
	"strings"
	"testing"

	"tandem/env/draw"
	"tandem/env/sprite"
)

// words is a surface that says what is drawn on it.
type words struct{}

func (words) Rect(x, y, w, h float64, _ color.RGBA, _ float64) {
	fmt.Printf("rectangle at %.0f, %.0f, %.0f wide, %.0f high\n", x, y, w, h)
}

func (words) RoundRect(x, y, w, h, r float64, _ color.RGBA, _ float64) {
	fmt.Printf("rectangle at %.0f, %.0f, %.0f wide, %.0f high, corners %.0f\n", x, y, w, h, r)
}

func (words) Circle(x, y, r float64, c color.RGBA, _ float64) {
	fmt.Printf("circle at %.0f, %.0f, radius %.0f, #%02X%02X%02X\n", x, y, r, c.R, c.G, c.B)
}

func (words) Ellipse(x, y, rx, ry, from, to float64, _ color.RGBA, _ float64) {
	fmt.Printf("ellipse at %.0f, %.0f, radii %.0f and %.0f, from %v to %v\n", x, y, rx, ry, from, to)
}

func (words) Line(x1, y1, x2, y2, w float64, _ color.RGBA, _ float64) {
	fmt.Printf("line from %.0f, %.0f to %.0f, %.0f, width %.0f\n", x1, y1, x2, y2, w)
}

func (words) Polygon(corners []draw.Point, _ color.RGBA, _ float64) {
	fmt.Printf("polygon %.0f\n", corners)
}

// A pictures package registers what it can draw from init; the renderer does the rest.
func Example() {
	// In env/garden/sprites:
	sprite.Register(sprite.Picture{Name: "garden_cherry", Tinted: true, Paint: func(p *sprite.Pen) {
		p.Stroke(0.06, sprite.RGB(0x3C7A3C), 0.5, 0.5, 0.7, 0.1) // the stalk
		p.Circle(0.5, 0.6, 0.3, p.Colour())
	}})

	// In the renderer, for an item with the role of the second seat, 100 pixels wide:
	roles := [draw.NumRoles]color.RGBA{draw.Seat1: sprite.RGB(0x8FD2FF)}
	picture, _ := sprite.Lookup("garden_cherry")
	picture.Paint(sprite.NewPen(words{}, 0, 0, 100, 100, &roles, draw.Seat1))
	// Output:
	// circle at 50, 50, radius 3, #3C7A3C
	// circle at 70, 10, radius 3, #3C7A3C
	// line from 50, 50 to 70, 10, width 6
	// circle at 50, 60, radius 30, #8FD2FF
}

// shapes counts what is drawn, and where.
type shapes struct {
	words    // for what is not counted
	polygons [][]draw.Point
	x        []float64
}

func (s *shapes) Polygon(corners []draw.Point, _ color.RGBA, _ float64) {
	s.polygons = append(s.polygons, corners)
}

func (s *shapes) Circle(x, _, _ float64, _ color.RGBA, _ float64) { s.x = append(s.x, x) }

func (s *shapes) RoundRect(x, _, w, _, _ float64, _ color.RGBA, _ float64) { s.x = append(s.x, x, x+w) }

// What is drawn in a mirror lies as far from the right side as it would from the left.
func TestMirror(t *testing.T) {
	var roles [draw.NumRoles]color.RGBA
	paint := func(mirror bool) *shapes {
		s := &shapes{}
		p := sprite.NewPen(s, 10, 0, 100, 50, &roles, draw.Seat0)
		p.Mirror = mirror
		p.Circle(0.25, 0.5, 0.1, color.RGBA{})
		p.Round(0.125, 0, 0.25, 1, 0.1, color.RGBA{})
		p.Polygon(color.RGBA{}, 0, 0, 0.5, 0, 0, 1)
		return s
	}
	plain, mirrored := paint(false), paint(true)
	if want := []float64{35, 22.5, 47.5}; !reflect.DeepEqual(plain.x, want) {
		t.Errorf("drawn at %v, want %v", plain.x, want)
	}
	if want := []float64{85, 72.5, 97.5}; !reflect.DeepEqual(mirrored.x, want) {
		t.Errorf("mirrored at %v, want %v", mirrored.x, want)
	}
	if want := [][]draw.Point{{{X: 110}, {X: 60}, {X: 110, Y: 50}}}; !reflect.DeepEqual(mirrored.polygons, want) {
		t.Errorf("mirrored polygon %v, want %v", mirrored.polygons, want)
	}
}

func TestRegisterRefuses(t *testing.T) {
	nothing := func(*sprite.Pen) {}
	sprite.Register(sprite.Picture{Name: "test_once", Paint: nothing})
	for want, p := range map[string]sprite.Picture{
		"test_once is registered twice": {Name: "test_once", Paint: nothing},
		"needs a name":                  {Paint: nothing},
		"a function that paints":        {Name: "test_blank"},
	} {
		func() {
			defer func() {
				if got := fmt.Sprint(recover()); !strings.Contains(got, want) {
					t.Errorf("panic %q, want words with %q", got, want)
				}
			}()
			sprite.Register(p)
		}()
	}
	if _, ok := sprite.Lookup("test_blank"); ok {
		t.Error("a picture that cannot be drawn is registered")
	}
}
