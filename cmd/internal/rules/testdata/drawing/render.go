package slime

import "math"

const sides = 3

var wobble = math.Sin(1)

func bend(x float64) float64 { return math.Cos(x) }

func (g *game) look() { g.step() }
