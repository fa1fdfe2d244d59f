//rules: table env/overcooked/sprites/steam.go

package sprites

import (
	"math"

	"tandem/env" // want
	"tandem/env/draw"
	"tandem/env/overcooked" // want
	"tandem/env/sprite"
	"tandem/game/render" // want
)
