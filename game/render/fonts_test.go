package render

import (
	"image"
	"image/color"
	"testing"

	"github.com/hajimehoshi/ebiten/v2"
)

// Letters reach the image in their colour, where they belong, and nothing else does.
func TestText(t *testing.T) {
	c, err := NewCanvas()
	if err != nil {
		t.Fatal(err)
	}
	img := ebiten.NewImage(300, 80)
	defer img.Deallocate()
	red := color.RGBA{200, 40, 20, 255}
	const words, size = "Illness Ågj", 40.0
	for _, align := range []Align{Left, Center, Right} {
		img.Clear()
		w := c.Width(words, Bold, size)
		x := map[Align]float64{Left: 10, Center: 150, Right: 290}[align]
		left := map[Align]float64{Left: 10, Center: 150 - w/2, Right: 290 - w}[align]
		c.Begin(img)
		if got := c.Text(words, Bold, size, x, 10, align, red, 1); got != w {
			t.Errorf("drawn %v wide, measured %v", got, w)
		}
		c.End()
		ink := image.Rectangle{}
		full := 0
		for y := range 80 {
			for x := range 300 {
				p := img.At(x, y).(color.RGBA)
				if p.A == 0 {
					continue
				}
				ink = ink.Union(image.Rect(x, y, x+1, y+1))
				if p == red {
					full++
				}
				if int(p.R) > int(p.A)*200/255+2 || int(p.G) > int(p.A)*40/255+2 {
					t.Fatalf("at %d, %d the letters are %v", x, y, p)
				}
			}
		}
		if float64(ink.Min.X) < left-1 || float64(ink.Max.X) > left+w+1 || float64(ink.Dx()) < w*0.9 {
			t.Errorf("ink from %d to %d, want from %.0f to %.0f", ink.Min.X, ink.Max.X, left, left+w)
		}
		if float64(ink.Min.Y) < 10-1 || float64(ink.Max.Y) > 10+c.Height(Bold, size)+1 || float64(ink.Dy()) < size*0.9 {
			t.Errorf("ink from %d to %d, the line goes from 10 to %.0f", ink.Min.Y, ink.Max.Y, 10+c.Height(Bold, size))
		}
		if full < 500 {
			t.Errorf("%d pixels have the whole colour", full)
		}
	}
}

// However many sizes are asked for, what is kept stays bounded, and a text is drawn the same before
// and after everything was forgotten.
func TestFontsAreBounded(t *testing.T) {
	c, err := NewCanvas()
	if err != nil {
		t.Fatal(err)
	}
	img := ebiten.NewImage(200, 60)
	defer img.Deallocate()
	draw := func() []byte {
		img.Clear()
		c.Begin(img)
		c.Text("Tandem 0123", Regular, 24.25, 5, 5, Left, color.RGBA{255, 255, 255, 255}, 1)
		c.End()
		pix := make([]byte, 4*200*60)
		img.ReadPixels(pix)
		return pix
	}
	first := draw()
	for i := range 3 * maxFaces {
		c.Begin(img)
		c.Text("resizing", Bold, 8+float64(i)/4, 0, 0, Left, color.RGBA{255, 255, 255, 255}, 1)
		c.End()
		if len(c.faces) > maxFaces || len(c.sheets) > maxSheets+1 {
			t.Fatalf("%d faces and %d sheets are kept", len(c.faces), len(c.sheets))
		}
	}
	if string(draw()) != string(first) {
		t.Error("the same text looks different after a while")
	}
}
