//rules: drawing env/slime/game.go

package slime

type game struct{ angle, x float64 }

func (g *game) step() {
	g.x += g.speed()
	g.x += bend(g.angle) // want
	f := g.look          // want
	f()
	g.x += float64(sides)
	g.x += wobble // want
}

func (g *game) speed() float64 { return 1 }
