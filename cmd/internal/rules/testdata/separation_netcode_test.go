//rules: separation netcode/relay/relay_test.go

package relay

import (
	"tandem/env"         // want
	"tandem/env/testenv" // want
	"tandem/game/sim"
	"tandem/netcode/session"
)
