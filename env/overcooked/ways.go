package overcooked

// ways is what the cook knows of a layout before a game: which cells belong together, and what can
// be done from where.
type ways struct {
	region []int8   // by cell: the connected floor it belongs to, or -1
	beside []uint16 // by cell: the regions next to it, one bit each

	// By cell: in a blind alley, which one can only leave the way one came. Who is in there goes
	// first, for nobody can pass.
	blind []bool

	// What each region is next to.
	hasPot, hasDelivery []bool
	shared              []int // counters between regions, over which things can be handed
	stations            [delivery + 1][]int
}

func newWays(l *layout) *ways {
	w := &ways{region: make([]int8, len(l.kinds)), beside: make([]uint16, len(l.kinds))}
	for cell := range w.region {
		w.region[cell] = -1
	}
	regions := 0
	for _, start := range l.floor {
		if w.region[start] >= 0 {
			continue
		}
		w.region[start] = int8(regions)
		for queue := []int{start}; len(queue) > 0; queue = queue[1:] {
			for _, step := range l.step {
				if c := queue[0] + step; l.kinds[c] == free && w.region[c] < 0 {
					w.region[c] = int8(regions)
					queue = append(queue, c)
				}
			}
		}
		regions++
	}
	w.hasPot, w.hasDelivery = make([]bool, regions), make([]bool, regions)
	for cell, k := range l.kinds {
		if l.row(cell) == 0 || l.col(cell) == 0 || l.row(cell) == l.rows-1 || l.col(cell) == l.cols-1 {
			continue
		}
		count := 0
		for _, step := range l.step {
			r := w.region[cell+step]
			if r < 0 || w.beside[cell]&(1<<r) != 0 {
				continue
			}
			w.beside[cell] |= 1 << r
			count++
			w.hasPot[r] = w.hasPot[r] || k == pot
			w.hasDelivery[r] = w.hasDelivery[r] || k == delivery
		}
		if k == counter && count > 1 {
			w.shared = append(w.shared, cell)
		}
	}
	for k := range w.stations {
		w.stations[k] = l.cellsOf(kind(k))
	}
	w.blind = blindAlleys(l, w.region)
	return w
}

// blindAlleys finds the cells that remain of no region when ends are cut off again and again. A
// region that would be gone is all ways and no alley.
func blindAlleys(l *layout, region []int8) []bool {
	blind := make([]bool, len(l.kinds))
	for changed := true; changed; {
		changed = false
		for _, cell := range l.floor {
			ways := 0
			for _, step := range l.step {
				if n := cell + step; region[n] >= 0 && !blind[n] {
					ways++
				}
			}
			if ways <= 1 && !blind[cell] {
				blind[cell], changed = true, true
			}
		}
	}
	for _, cell := range l.floor {
		left := false
		for _, other := range l.floor {
			left = left || region[other] == region[cell] && !blind[other]
		}
		if !left {
			for _, other := range l.floor {
				if region[other] == region[cell] {
					blind[other] = false
				}
			}
		}
	}
	return blind
}

// regions returns the bits of the regions for which has says yes.
func regions(has []bool) (mask uint16) {
	for r, yes := range has {
		if yes {
			mask |= 1 << r
		}
	}
	return mask
}
