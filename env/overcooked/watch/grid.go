package watch

import (
	"math"
	"strings"

	"tandem/env/draw"
)

// kitchen is what a picture of one shows, by cell.
type kitchen struct {
	cols, rows int
	names      []string // of what stands there: the last sprite of the kitchen itself
	taken      []bool   // something lies there now
	reach      []bool   // floor that the cook can walk to
	queue      []int
}

// read takes the kitchen from a picture. What stands in it never changes, so this is done once an episode.
func (k *kitchen) read(l *draw.List) {
	*k = kitchen{}
	for i := range l.Items {
		it := &l.Items[i]
		if it.Kind != draw.Sprite || !fixed(it.Name) {
			continue
		}
		if k.cols == 0 {
			k.cols, k.rows = int(math.Round(1/it.W)), int(math.Round(1/it.H))
			k.names = make([]string, k.cols*k.rows)
			k.reach = make([]bool, k.cols*k.rows)
			k.taken = make([]bool, k.cols*k.rows)
		}
		if c := k.cell(it); c >= 0 {
			k.names[c] = it.Name
		}
	}
}

// look notices in every picture where something lies.
func (k *kitchen) look(l *draw.List) {
	clear(k.taken)
	for i := range l.Items {
		if it := &l.Items[i]; strings.HasPrefix(it.ID, "item@") {
			if c := k.cell(it); c >= 0 {
				k.taken[c] = true
			}
		}
	}
}

// fixed reports whether a sprite is part of the kitchen.
func fixed(name string) bool {
	switch name {
	case "floor", "wall", "counter", "onion_stack", "dish_stack", "delivery", "pot":
		return true
	}
	return false
}

// cell is where an item is, by its middle, or -1.
func (k *kitchen) cell(it *draw.Item) int {
	c, r := int((it.X+it.W/2)*float64(k.cols)), int((it.Y+it.H/2)*float64(k.rows))
	if c < 0 || r < 0 || c >= k.cols || r >= k.rows {
		return -1
	}
	return r*k.cols + c
}

// middle is a cell's, in fractions of the picture.
func (k *kitchen) middle(cell int) (x, y float64) {
	return (float64(cell%k.cols) + 0.5) / float64(k.cols), (float64(cell/k.cols) + 0.5) / float64(k.rows)
}

// next calls f with the cells beside one.
func (k *kitchen) next(cell int, f func(int)) {
	c, r := cell%k.cols, cell/k.cols
	if c > 0 {
		f(cell - 1)
	}
	if c < k.cols-1 {
		f(cell + 1)
	}
	if r > 0 {
		f(cell - k.cols)
	}
	if r < k.rows-1 {
		f(cell + k.cols)
	}
}

// walk finds the floor that can be reached from a cell.
func (k *kitchen) walk(from int) {
	clear(k.reach)
	k.reach[from] = true
	k.queue = append(k.queue[:0], from)
	for len(k.queue) > 0 {
		cell := k.queue[0]
		k.queue = k.queue[1:]
		k.next(cell, func(to int) {
			if k.names[to] == "floor" && !k.reach[to] {
				k.reach[to] = true
				k.queue = append(k.queue, to)
			}
		})
	}
}

// nearest returns the cell of a name nearest to a place that the cook can stand beside and that suits, or -1.
func (k *kitchen) nearest(name string, x, y float64, suits func(cell int) bool) int {
	best, least := -1, math.Inf(1)
	for cell, n := range k.names {
		if n != name || !k.beside(cell, true) || suits != nil && !suits(cell) {
			continue
		}
		cx, cy := k.middle(cell)
		if d := math.Hypot((cx-x)*float64(k.cols), (cy-y)*float64(k.rows)); d < least {
			best, least = cell, d
		}
	}
	return best
}

// beside reports whether floor is beside a cell that the cook can reach, or that they cannot.
func (k *kitchen) beside(cell int, reached bool) bool {
	is := false
	k.next(cell, func(at int) { is = is || k.names[at] == "floor" && k.reach[at] == reached })
	return is
}
