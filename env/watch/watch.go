// Package watch is what somebody notices who watches an environment's pictures: a ball bounces, a soup
// is ready. Sounds and effects go by it, and so do the hints for somebody who plays for the first time.
//
// It is told from display lists alone (tandem/env/draw), one after the other, never from the state: who
// watches knows no more than who plays, and a match that is replayed, watched or played by others is
// noticed alike.
//
// # Adding an environment with sounds
//
// What there is to notice lies in a package beside the environment, env/NAME/watch, which registers
// itself from an init function; one import in tandem/env/all switches it on. An environment without one
// is silent.
package watch

import (
	"strings"

	"tandem/env/draw"
)

// Cue is a kind of thing that can be noticed. What it sounds like is for the game to say.
type Cue uint8

const (
	Bounce Cue = iota // something hits something
	Jump              // somebody leaves the ground
	Land              // somebody is back on it
	Point             // a point is made
	Pick              // somebody takes something
	Drop              // somebody puts something down
	Chop              // an ingredient goes into the pot
	Ready             // what was cooked is done
	Serve             // what everything was for: a soup is served, coins are brought home
	Rob               // somebody takes something from somebody else
	NumCues
)

// String returns the cue's name.
func (c Cue) String() string {
	return [...]string{"bounce", "jump", "land", "point", "pick", "drop", "chop", "ready", "serve", "rob"}[c]
}

// Event is something that was noticed.
type Event struct {
	Cue   Cue
	X, Y  float64   // where, in fractions of the picture's width and height
	Role  draw.Role // in whose colour
	Force float64   // how hard, 0 to 1
	ID    string    // of the item that it happened to, or ""
}

// Watcher watches one match.
type Watcher interface {
	// Look is shown the picture of a frame and appends what has happened since the one before. fresh
	// says that it has nothing to do with that one (a start, a reset): nothing has happened then. It
	// does not allocate when dst has room.
	Look(l *draw.List, frame uint32, fresh bool, dst []Event) []Event
}

// Hint says what a player is to do next.
type Hint struct {
	Text   string
	Button bool    // it takes the environment's first extra button
	X, Y   float64 // where, in fractions of the picture's width and height
}

// Guide takes one player through the game once.
type Guide interface {
	// Next returns what the seat is to do in the picture, until it has done everything once. There is
	// nothing to do, and no text, for a seat that the picture does not show. fresh is as a Watcher has it:
	// what is gone since the picture before was not brought anywhere.
	Next(l *draw.List, seat int, fresh bool) (h Hint, done bool)
}

// Registration is what is to be noticed of a family of environments.
type Registration struct {
	Family     string          // the part of the registered names before the slash: "slime"
	NewWatcher func() Watcher  // nil where nothing is heard
	NewGuide   func() Guide    // nil where the game explains itself
	Trails     map[string]bool // the items, by ID, that are fast enough to leave a trail
}

// The registry is filled by init functions and only read afterwards.
var registry = map[string]Registration{}

// Register adds a family. It is called from init functions; one that is taken is a programming error and
// panics.
func Register(r Registration) {
	if _, taken := registry[r.Family]; taken || r.Family == "" {
		panic("watch: " + r.Family + " is registered twice, or has no name")
	}
	registry[r.Family] = r
}

// Lookup returns what is to be noticed of an environment; nothing where nobody has said.
func Lookup(env string) Registration {
	family, _, _ := strings.Cut(env, "/")
	return registry[family]
}
