package scene

import (
	"image/color"

	"tandem/env"
	"tandem/env/draw"
	"tandem/game/render"
)

// The colours of panels and words. What belongs to the game comes from its palette.
var (
	palette = &render.Dusk

	ink      = palette.Roles[draw.Ink]
	accent   = palette.Roles[draw.Marker]
	soft     = color.RGBA{0xB9, 0xB5, 0xDA, 0xFF} // words of the second rank
	hintInk  = color.RGBA{0x8E, 0x89, 0xBE, 0xFF} // an example in an empty field
	panel    = color.RGBA{0x15, 0x17, 0x33, 0xFF}
	outline  = color.RGBA{0x4A, 0x46, 0x80, 0xFF}
	control  = color.RGBA{0x2E, 0x2B, 0x5C, 0xFF} // a button that is not chosen
	sunken   = color.RGBA{0x0B, 0x0D, 0x1F, 0xFF} // where text is entered
	onAccent = color.RGBA{0x1C, 0x14, 0x05, 0xFF} // words on the accent colour
	alarm    = color.RGBA{0xFF, 0x9C, 0x7A, 0xFF} // words about something wrong
	shade    = color.RGBA{0x05, 0x06, 0x12, 0xFF} // laid over a picture that is not being played
)

// colour is an opaque one.
type colour = color.RGBA

// seatColour is the colour of a seat of the game, or of one in general where spec is nil.
func seatColour(spec *env.Spec, seat int) color.RGBA { return palette.Roles[spec.Colour(seat)] }
