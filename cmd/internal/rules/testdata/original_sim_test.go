//rules: original game/sim/play_test.go

package sim_test

import (
	"tandem/game/original" // want
	"tandem/game/sim"
	"tandem/netcode/original/peer" // want
)
