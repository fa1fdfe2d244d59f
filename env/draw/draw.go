// Package draw is the picture of an environment as data.
//
// A List holds what is to be seen: circles, polygons, lines, rectangles, sprites and texts in
// coordinates from 0 to 1, with palette roles instead of colours and names instead of images. Only
// the renderer knows pixels and what colour a role has; what a name looks like is said in
// tandem/env/sprite. Items keep their ID from frame to frame, which is how the
// renderer interpolates between two states.
package draw

// Kind is the shape of an item.
type Kind uint8

const (
	Circle  Kind = iota // centre X,Y, radius R
	Polygon             // Points(item), filled
	Line                // from X,Y to X2,Y2, width W
	Rect                // top left X,Y, size W×H
	Sprite              // named Name, top left X,Y, size W×H
	Text                // Name is the text, centred at X,Y, letters R high
)

// Role is a palette role. The renderer's palette gives each one a colour.
type Role uint8

const (
	Background Role = iota
	Ground
	GroundEdge
	Net
	Ball
	BallShadow
	EyeWhite
	Pupil
	Glow   // an active power-up
	Floor  // walkable ground of a grid game
	Wall   // what blocks the way
	Marker // an arrow that points to something outside the picture
	Ink    // text
	Seat0  // the colour of the first seat; Seat0+i is that of seat i
	Seat1
	Seat2
	Seat3
	Seat4
	Seat5
	Seat6
	Seat7
	NumRoles
)

// Seat returns the role of a seat's colour; seats beyond the eighth repeat.
func Seat(i int) Role { return Seat0 + Role(i%8) }

// teams are the colours of teams: warm ones against cold ones.
var teams = [2][3]Role{{Seat0, Seat6, Seat4}, {Seat1, Seat5, Seat3}}

// TeamSeat returns the role of the colour of a team's member, both counted from 0: those of one team are
// alike, so that one sees who plays with whom. Beyond two teams of three they repeat.
func TeamSeat(team, member int) Role { return teams[team%2][member%3] }

// Item is one thing to draw. X, X2, R, W are fractions of the picture's width, Y and Y2 of its
// height, H of its height; x grows to the right and y downward.
type Item struct {
	ID    string // the same thing has the same ID in every frame; a constant string, so that no frame allocates
	Kind  Kind
	Role  Role
	Depth int8 // higher is nearer; equal depths keep the list's order

	X, Y, X2, Y2 float64
	R, W, H      float64

	Name  string  // Sprite: the sprite's name; Text: the text
	Alpha float64 // 1 is opaque

	// Snap says that the thing did not move here from where it was in the previous frame (a new
	// serve, a teleport): the renderer shows it here at once.
	Snap bool

	first, count int // its points
}

// Point is a corner of a polygon, in fractions of the picture's width and height.
type Point struct{ X, Y float64 }

// List is one picture. The zero value is ready; Reset keeps the memory for the next picture.
type List struct {
	Items  []Item
	points []Point
}

// Reset empties the list.
func (l *List) Reset() {
	l.Items = l.Items[:0]
	l.points = l.points[:0]
}

// Add appends an item.
func (l *List) Add(it Item) { l.Items = append(l.Items, it) }

// AddPolygon appends a polygon item without corners; Point adds them.
func (l *List) AddPolygon(it Item) {
	it.Kind = Polygon
	it.first, it.count = len(l.points), 0
	l.Items = append(l.Items, it)
}

// Point adds a corner to the polygon that was added last.
func (l *List) Point(x, y float64) {
	l.points = append(l.points, Point{x, y})
	l.Items[len(l.Items)-1].count++
}

// Points returns the corners of a polygon of this list. The slice is the list's own.
func (l *List) Points(it *Item) []Point { return l.points[it.first : it.first+it.count] }

// CopyFrom makes l equal to src, reusing l's memory.
func (l *List) CopyFrom(src *List) {
	l.Items = append(l.Items[:0], src.Items...)
	l.points = append(l.points[:0], src.points...)
}
