//rules: table, banned env/slime/game.go

package slime

import (
	"fmt"
	"math"
	"math/rand"    // want banned
	"math/rand/v2" // want banned
	"os"           // want banned
	"sync"         // want banned
	"time"         // want banned

	"tandem/assets" // want table
	"tandem/env"
	"tandem/env/draw"
	"tandem/env/numpyrand"
	"tandem/env/slime/sprites" // want table
	"tandem/env/sprite"        // want table
	"tandem/env/testenv"       // want table
	"tandem/envelope"          // want table
	"tandem/game/render"       // want table
	"tandem/netcode/protocol"  // want table

	"github.com/zeebo/xxh3" // want table
)
