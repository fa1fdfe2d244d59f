package overcooked

// view is what of a layout's observations never changes.
type view struct {
	rows, cols int       // of the map
	base       []float32 // the map of the empty kitchen
	mapAt      []int     // by cell: its first value in the map
	block      int       // values of an agent's block
	features   int       // values behind the map
	near       []nearby  // by cell, for those one can stand on
}

// nearby are the features that depend on nothing but the cell.
type nearby struct {
	counter                              [4]float32 // by side
	plateStacks, onionStacks, deliveries [2 * nearStations]float32
	counters                             [2 * nearCounters]float32
}

// minMap is the side of the reference's map, in which each of its kitchens fits. A larger kitchen
// has a larger map.
const minMap = 12

func newView(l *layout) *view {
	v := &view{
		rows: max(minMap, l.rows), cols: max(minMap, l.cols),
		block: blockOfTwo + 2*(l.seats-2),
		near:  make([]nearby, len(l.kinds)),
	}
	v.features = l.seats*v.block + behaviourWeights + referenceLayouts
	v.base = make([]float32, v.rows*v.cols*channels)
	for cell, k := range l.kinds {
		at := (l.row(cell)*v.cols + l.col(cell)) * channels
		v.mapAt = append(v.mapAt, at)
		v.base[at] = hundredths[kindCode[k]]
	}
	s := newSorter(len(l.kinds))
	for _, cell := range l.floor {
		n := &v.near[cell]
		row, col := l.row(cell), l.col(cell)
		for i, dir := range sides {
			if l.kinds[cell+l.step[dir]] == counter {
				n.counter[i] = 1
			}
		}
		s.closest(n.plateStacks[:], l, l.cellsOf(plateStack), nearStations, row, col)
		s.closest(n.onionStacks[:], l, l.cellsOf(onionStack), nearStations, row, col)
		s.closest(n.deliveries[:], l, l.cellsOf(delivery), nearStations, row, col)
		s.closest(n.counters[:], l, l.cellsOf(counter), nearCounters, row, col)
	}
	return v
}

// found are the items of an observation in progress: on counters and loose on the floor, but not
// in hands or pots.
type found struct {
	layout *layout
	cells  [numItems][]int // by item, row by row
	sorter sorter
}

func newFound(l *layout) found {
	f := found{layout: l, sorter: newSorter(len(l.kinds))}
	for it := range f.cells {
		f.cells[it] = make([]int, 0, len(l.kinds))
	}
	return f
}

func (f *found) collect(e *Env) {
	for it := range f.cells {
		f.cells[it] = f.cells[it][:0]
	}
	for cell, it := range e.items {
		if it != nothing {
			f.cells[it] = append(f.cells[it], cell)
		}
	}
}

func (f *found) closest(dst []float32, it item, n, row, col int) {
	if cells := f.cells[it]; len(cells) > 0 {
		f.sorter.closest(dst, f.layout, cells, n, row, col)
	}
}

// sorter orders cells by distance, with room for all cells of a kitchen.
type sorter struct{ keys, order []int }

func newSorter(cells int) sorter { return sorter{make([]int, cells), make([]int, cells)} }

// closest writes the n cells that are closest to a place, by Manhattan distance, as row and column
// from the cell to the place.
func (s *sorter) closest(dst []float32, l *layout, cells []int, n, row, col int) {
	keys, order := s.keys[:len(cells)], s.order[:len(cells)]
	for i, cell := range cells {
		keys[i] = abs(row-l.row(cell)) + abs(col-l.col(cell))
		order[i] = i
	}
	argsort(keys, order)
	for i, at := range order[:min(n, len(order))] {
		dst[2*i] = float32(row - l.row(cells[at]))
		dst[2*i+1] = float32(col - l.col(cells[at]))
	}
}

func abs(v int) int {
	if v < 0 {
		return -v
	}
	return v
}
