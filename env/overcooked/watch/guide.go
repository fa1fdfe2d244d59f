package watch

import (
	"tandem/env/draw"
	"tandem/env/watch"
)

// guide shows a cook the next step towards a served soup, from what they carry and what is in the pots.
type guide struct {
	kitchen kitchen
	was, is scene
	done    bool
}

// Next returns what the cook of a seat is to do, until they have served a soup.
func (g *guide) Next(l *draw.List, seat int, fresh bool) (watch.Hint, bool) {
	g.was = g.is
	g.is.read(l)
	if fresh {
		g.was = g.is
		g.kitchen.cols = 0 // the cook may be in another part of it
	}
	if seat < 0 || seat >= g.is.cooks {
		return watch.Hint{}, false
	}
	g.done = g.done || g.was.cooks > 0 && served(&g.was, &g.is, seat)
	if g.done {
		return watch.Hint{}, true
	}
	if g.kitchen.cols == 0 {
		g.kitchen.read(l)
		if g.kitchen.cols == 0 {
			return watch.Hint{}, false
		}
		if at := g.kitchen.cell(&g.is.cook[seat]); at >= 0 {
			g.kitchen.walk(at)
		}
	}
	g.kitchen.look(l)
	return g.step(seat), false
}

// step is the next one.
func (g *guide) step(seat int) watch.Hint {
	c := &g.is.cook[seat]
	x, y := c.X+c.W/2, c.Y+c.H/2
	at := func(name, text string, suits func(int) bool) watch.Hint {
		if cell := g.kitchen.nearest(name, x, y, suits); cell >= 0 {
			cx, cy := g.kitchen.middle(cell)
			return watch.Hint{Text: text, Button: true, X: cx, Y: cy}
		}
		return watch.Hint{}
	}
	// handOver leads to a counter that somebody else can reach, for a cook who cannot go on alone.
	handOver := func(text string) watch.Hint {
		return at("counter", text, func(cell int) bool { return !g.kitchen.taken[cell] && g.kitchen.beside(cell, false) })
	}
	first := func(hints ...watch.Hint) watch.Hint {
		for _, h := range hints {
			if h.Text != "" {
				return h
			}
		}
		return watch.Hint{Text: "Help your team-mates", X: x, Y: y}
	}
	potWith := func(text string, suits func(stage int) bool) watch.Hint {
		return at("pot", text, func(cell int) bool { return suits(g.stageAt(cell)) })
	}
	// plain is a hint that does not end with the button.
	plain := func(h watch.Hint) watch.Hint {
		h.Button = false
		return h
	}
	// putDown leads to a free counter, with a hint about a pot that cannot take what the cook carries.
	putDown := func(pot watch.Hint) watch.Hint {
		if pot.Text == "" {
			return pot
		}
		return plain(at("counter", pot.Text, func(cell int) bool { return !g.kitchen.taken[cell] }))
	}
	switch g.is.held[seat] {
	case onion:
		return first(potWith("Put the onion into the pot", func(s int) bool { return s < 3 }),
			putDown(potWith("The pot is full: put the onion on a counter, and fetch a dish", func(s int) bool { return s >= 3 })),
			handOver("Hand the onion over the counter"))
	case dish:
		return first(potWith("Dish up the soup", func(s int) bool { return s == 4 }),
			plain(potWith("Wait beside the pot until the soup is done", func(s int) bool { return s == 3 })),
			handOver("Hand the dish over the counter"),
			putDown(potWith("First the pot needs three onions: put the dish down", func(s int) bool { return s < 3 })))
	case soup:
		return first(at("delivery", "Serve the soup at the hatch", nil), handOver("Hand the soup over the counter"))
	}
	for p := range g.is.pots {
		if stage(g.is.inside[p]) >= 3 {
			if h := at("dish_stack", "Fetch a dish", nil); h.Text != "" {
				return h
			}
		}
	}
	return first(at("onion_stack", "Take an onion", nil), at("dish_stack", "Fetch a dish", nil))
}

// stageAt is how far the pot in a cell is.
func (g *guide) stageAt(cell int) int {
	for p := range g.is.pots {
		if g.kitchen.cell(&g.is.pot[p]) == cell {
			return stage(g.is.inside[p])
		}
	}
	return 0
}
