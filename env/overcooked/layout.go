package overcooked

import "fmt"

// kind is what a cell is made of. It never changes during a game.
type kind uint8

const (
	free kind = iota // floor: the only kind that can be walked on, where nothing lies on it
	wall
	counter
	onionStack
	plateStack
	pot
	delivery
)

// item is what hands hold and what counters and floor cells carry.
type item uint8

const (
	nothing item = iota
	onion
	plate
	soup
	numItems
)

// Directions, as the states and infos number them.
const (
	right = iota
	down
	left
	up
)

// legend gives the characters of a map their kind. A '+' is floor where a cook starts.
func legend(c byte) (kind, bool) {
	switch c {
	case ' ', '+':
		return free, true
	case '#':
		return wall, true
	case 'C':
		return counter, true
	case 'O':
		return onionStack, true
	case '=':
		return plateStack, true
	case 'U':
		return pot, true
	case '@':
		return delivery, true
	}
	return 0, false
}

// layout is a kitchen without what changes in it. Cells are numbered row by row.
type layout struct {
	name  string // registered name without the family: "cramped_room"
	title string
	id    int // the info layout_id, and the place in the reference's one-hot
	seats int

	grid       []string
	rows, cols int
	kinds      []kind // by cell
	step       [4]int // from a cell to its neighbour, by direction

	floor  []int // cells by kind, row by row
	spawns []int
	pots   []int
	potAt  []int8 // by cell: the index of its pot, or -1

	view *view // what observations need
	ways *ways // what the cook needs
}

// newLayout reads a map. A map that breaks what the rules rely on is a programming error and panics.
func newLayout(id int, name, title string, seats int, grid ...string) *layout {
	l := &layout{
		name: name, title: title, id: id, seats: seats,
		grid: grid, rows: len(grid), cols: len(grid[0]),
	}
	l.step = [4]int{right: 1, down: l.cols, left: -1, up: -l.cols}
	for r, line := range grid {
		if len(line) != l.cols {
			panic(fmt.Sprintf("overcooked: %s: row %d has another length", name, r))
		}
		for c := range line {
			k, ok := legend(line[c])
			if !ok {
				panic(fmt.Sprintf("overcooked: %s: unknown %q", name, line[c]))
			}
			cell := len(l.kinds)
			l.kinds = append(l.kinds, k)
			l.potAt = append(l.potAt, -1)
			edge := r == 0 || c == 0 || r == l.rows-1 || c == l.cols-1
			switch {
			case edge && k != wall:
				panic(fmt.Sprintf("overcooked: %s: the wall has a gap", name)) // cells in front of a cook must exist
			case k == free:
				l.floor = append(l.floor, cell)
			case k == pot:
				l.potAt[cell] = int8(len(l.pots))
				l.pots = append(l.pots, cell)
			}
			if line[c] == '+' {
				l.spawns = append(l.spawns, cell)
			}
		}
	}
	if len(l.spawns) != 0 && len(l.spawns) != seats || len(l.floor) < seats {
		panic(fmt.Sprintf("overcooked: %s: no place for %d cooks", name, seats))
	}
	l.view = newView(l)
	l.ways = newWays(l)
	return l
}

func (l *layout) row(cell int) int { return cell / l.cols }
func (l *layout) col(cell int) int { return cell % l.cols }

// cellsOf returns the cells of a kind, row by row.
func (l *layout) cellsOf(k kind) []int {
	var cells []int
	for cell, have := range l.kinds {
		if have == k {
			cells = append(cells, cell)
		}
	}
	return cells
}

// carries reports whether an item can lie on the cell.
func (l *layout) carries(cell int) bool { return l.kinds[cell] == counter || l.kinds[cell] == free }
