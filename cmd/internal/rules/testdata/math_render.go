//rules: math, drawing env/slime/render_eyes.go

package slime

import "math"

func eye(x float64) float64 { return math.Sin(x) }

func eyes(x float64) float64 { return eye(x) + eye(-x) }
