//rules: meeting, table game/sim/match.go

package sim

import (
	"tandem/env"
	"tandem/netcode/session"

	"github.com/hajimehoshi/ebiten/v2" // want table
	"github.com/zeebo/xxh3"
)
