package magpies

// The garden: '#' is a hedge, a digit the nest of a seat. It is the same from every corner.
const (
	rows, cols = 9, 15
	cells      = rows * cols
	maxSeats   = 8
)

var garden = [rows]string{
	"0......4......2",
	".##.#.....#.##.",
	".#.....#.....#.",
	".....#...#.....",
	"6..#.......#..7",
	".....#...#.....",
	".#.....#.....#.",
	".##.#.....#.##.",
	"3......5......1",
}

var (
	hedge [cells]bool
	nests [maxSeats]uint8 // cells
	owner [cells]int      // whose nest the cell is; -1: nobody's
)

func init() {
	for cell := range cells {
		c := garden[cell/cols][cell%cols]
		hedge[cell] = c == '#'
		owner[cell] = -1
		if c >= '0' && c < '0'+maxSeats {
			nests[c-'0'] = uint8(cell)
			owner[cell] = int(c - '0')
		}
	}
}

// neighbour is the cell that a hop leads to; ok is false where the garden ends or a hedge stands.
func neighbour(cell uint8, dir int) (to uint8, ok bool) {
	row, col := int(cell)/cols, int(cell)%cols
	switch dir {
	case up:
		row--
	case down:
		row++
	case left:
		col--
	case right:
		col++
	}
	if row < 0 || row >= rows || col < 0 || col >= cols || hedge[row*cols+col] {
		return cell, false
	}
	return uint8(row*cols + col), true
}
