//rules: math env/slime/game.go

package slime

import (
	"math"
	. "math"
)

var power = math.Pow // want

func speed(x, y float64) float64 {
	a := math.Sqrt(float64(x*x)+float64(y*y)) + math.Abs(x)*math.Pi
	b := math.Hypot(x, y)  // want
	c := Tanh(x)           // want
	d := math.FMA(x, y, a) // want
	return a + b + c + d + math.MaxFloat64 + math.Floor(x)
}
