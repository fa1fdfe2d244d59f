// Package sprite is how an environment brings pictures of its own.
//
// A display list (tandem/env/draw) names sprites; what a name looks like is said here, by a function
// that draws it with a Pen: shapes in fractions of the sprite's square, in colours of its own and of
// the palette. The renderer calls it once for each size and role that is shown, and keeps the pixels.
// So a sprite is crisp at every size, no image file has to be loaded, and a program without a window
// knows the names and draws nothing.
//
// # Adding an environment with pictures
//
// The pictures lie in a package beside the environment, env/NAME/sprites, which imports this one and
// registers them from an init function; env/overcooked/sprites is an example. They are separate
// because every peer must execute an environment alike, while a picture may use all of package math.
// One import in tandem/env/all switches them on, as it does the environment:
//
//	_ "tandem/env/garden"
//	_ "tandem/env/garden/sprites"
//
// Nothing else has to know them. The tests of tandem/env/all say when a display list or a seat's icon
// names a sprite that nobody has registered, and those of tandem/game/render paint each at several
// sizes and say when nothing of it can be seen.
package sprite

import "slices"

// Picture is how a sprite is drawn.
type Picture struct {
	// Name is what display lists call it. All environments share the names, so one that others might
	// want too begins with the environment's.
	Name string

	// Paint draws it. It must draw the same whenever it is called.
	Paint func(*Pen)

	// Tile says that it covers its square. Squares side by side then share an edge on a whole
	// pixel, so that no seam shows; other pictures keep their shape and are moved instead.
	Tile bool

	// Tinted says that the role of the item colours it: Paint uses Pen.Colour or Pen.Seat.
	Tinted bool
}

// The registry is filled by init functions and only read afterwards.
var registry = map[string]Picture{}

// Register adds pictures. It is called from init functions; a name that is taken is a programming
// error and panics.
func Register(pictures ...Picture) {
	for _, p := range pictures {
		if p.Name == "" || p.Paint == nil {
			panic("sprite: Register needs a name and a function that paints")
		}
		if _, taken := registry[p.Name]; taken {
			panic("sprite: " + p.Name + " is registered twice")
		}
		registry[p.Name] = p
	}
}

// Lookup returns the picture of a name, and whether there is one.
func Lookup(name string) (p Picture, ok bool) {
	p, ok = registry[name]
	return p, ok
}

// Names returns the registered names, sorted.
func Names() []string {
	names := make([]string, 0, len(registry))
	for n := range registry {
		names = append(names, n)
	}
	slices.Sort(names)
	return names
}
