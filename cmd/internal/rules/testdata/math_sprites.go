//rules: math, drawing env/overcooked/sprites/steam.go

package sprites

import "math"

func curl(x float64) float64 { return math.Sin(x) }

func curls(x float64) float64 { return curl(x) + curl(-x) }
