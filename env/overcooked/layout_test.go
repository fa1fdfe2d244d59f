package overcooked

import (
	"strings"
	"testing"
)

// What every kitchen must let its cooks do, whoever starts where.
func TestLayoutsWork(t *testing.T) {
	for _, l := range layouts {
		w := l.ways
		// Every station can be used from somewhere.
		for _, k := range []kind{onionStack, plateStack, pot, delivery} {
			cells := l.cellsOf(k)
			if len(cells) == 0 {
				t.Errorf("%s: no station of kind %d", l.name, k)
			}
			for _, cell := range cells {
				if w.beside[cell] == 0 {
					t.Errorf("%s: nobody reaches (%d,%d)", l.name, l.row(cell), l.col(cell))
				}
			}
		}
		// From each region where cooks can start, every kind of station is in reach, or a counter over
		// which a region that has it can hand the thing on.
		starts := l.spawns
		if len(starts) == 0 {
			starts = l.floor
		}
		for _, start := range starts {
			own := uint16(1) << w.region[start]
			handing := own
			for _, c := range w.shared {
				if w.beside[c]&own != 0 {
					handing |= w.beside[c]
				}
			}
			for _, k := range []kind{onionStack, plateStack, pot, delivery} {
				there := false
				for _, cell := range l.cellsOf(k) {
					there = there || w.beside[cell]&handing != 0
				}
				if !there {
					t.Errorf("%s: from (%d,%d) there is no way to a station of kind %d", l.name, l.row(start), l.col(start), k)
				}
			}
		}
	}
}

// In our own kitchens every cook reaches every single station itself, and there is enough of each.
func TestParties(t *testing.T) {
	for _, l := range layouts[referenceLayouts:] {
		if len(l.spawns) != l.seats {
			t.Errorf("%s: %d markers for %d cooks", l.name, len(l.spawns), l.seats)
		}
		for _, cell := range l.floor {
			if l.ways.region[cell] != 0 {
				t.Errorf("%s: (%d,%d) is cut off", l.name, l.row(cell), l.col(cell))
			}
			if l.ways.blind[cell] {
				t.Errorf("%s: (%d,%d) is a blind alley", l.name, l.row(cell), l.col(cell))
			}
		}
		for k, least := range map[kind]int{
			pot: l.seats * 3 / 4, onionStack: (l.seats + 1) / 2, plateStack: 1, delivery: 1, counter: 2 * l.seats,
		} {
			if n := len(l.cellsOf(k)); n < least {
				t.Errorf("%s: %d stations of kind %d, want %d", l.name, n, k, least)
			}
		}
		// One cook who stands still anywhere cuts nobody off.
		e := newTest(t, l.name)
		p := newPlan(l)
		p.env = e
		for _, blocked := range l.floor {
			for cell := range p.open {
				p.open[cell] = e.walkable(cell) && cell != blocked
			}
			start := l.floor[0]
			if start == blocked {
				start = l.floor[1]
			}
			p.queue = append(p.queue[:0], start)
			d := make(distances, len(l.kinds))
			p.spread(d)
			for _, cell := range l.floor {
				if cell != blocked && d[cell] == far {
					t.Errorf("%s: a cook at (%d,%d) cuts off (%d,%d)", l.name, l.row(blocked), l.col(blocked), l.row(cell), l.col(cell))
				}
			}
		}
	}
}

func TestRegions(t *testing.T) {
	for name, want := range map[string]struct{ regions, shared int }{
		"cramped_room":          {1, 0},
		"asymmetric_advantages": {2, 0},
		"coordination_ring":     {1, 0},
		"forced_coordination":   {2, 3},
		"counter_circuit":       {1, 0},
		"party_8":               {1, 0},
	} {
		l := newTest(t, name).layout
		if n := len(l.ways.hasPot); n != want.regions || len(l.ways.shared) != want.shared {
			t.Errorf("%s: %d regions, %d shared counters, want %+v", name, n, len(l.ways.shared), want)
		}
	}
}

// A map that the rules cannot play is refused when the program starts.
func TestBadLayouts(t *testing.T) {
	for name, grid := range map[string][]string{
		"uneven":         {"####", "#  #", "#####"},
		"unknown letter": {"####", "# x#", "####"},
		"open wall":      {"####", "#   ", "####"},
		"counter at the edge": {
			"##C#", "#  #", "####"},
		"too small":        {"###", "# #", "###"},
		"a marker missing": {"####", "#+ #", "####"},
	} {
		func() {
			defer func() {
				if r := recover(); r == nil || !strings.Contains(r.(string), "overcooked: test") {
					t.Errorf("%s: %v", name, r)
				}
			}()
			newLayout(9, "test", "Test", 2, grid...)
		}()
	}
}
