//rules: meeting, table game/scene/play.go

package scene

import (
	"tandem/env"
	"tandem/env/draw"
	"tandem/game/client"
	"tandem/netcode/session" // want

	"github.com/hajimehoshi/ebiten/v2"
	"github.com/hajimehoshi/ebiten/v2/inpututil"
)
