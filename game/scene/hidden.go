package scene

import "github.com/hajimehoshi/ebiten/v2"

// A window that is minimised is what a hidden page is: nobody is at the controls, and nothing is drawn.
// What happens is told by the title, which the task bar shows.

// hiddenTicks is how often a second a minimised window looks whether it is seen again: of what a window costs
// that nobody sees, asking the system at the usual rate was the most.
const hiddenTicks = 10

// hide notes that the window is minimised, or seen again.
func (g *Game) hide(hidden bool) {
	if hidden == g.hidden {
		return
	}
	g.hidden = hidden
	ebiten.SetTPS(ebiten.DefaultTPS)
	if hidden {
		ebiten.SetTPS(hiddenTicks)
	}
	g.naming.Lock()
	g.unseen = hidden
	if !hidden {
		ebiten.SetWindowTitle(g.caption)
	}
	g.naming.Unlock()
	if g.current != nil && g.sampler != nil {
		g.sampler.Release()
		g.current.SetAway(hidden)
		g.unlooked.Store(true)
	}
}

// Unseen makes the title of a minimised window say what happens; of any other it changes nothing. It may
// be called from any goroutine.
func (g *Game) Unseen(headline, _ string) {
	g.naming.Lock()
	defer g.naming.Unlock()
	if g.unseen {
		ebiten.SetWindowTitle(headline + " – " + g.caption)
	}
}
