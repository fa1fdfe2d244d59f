//rules: separation env/slime/state.go

package slime

import (
	"tandem/env"
	"tandem/netcode"          // want
	"tandem/netcode/protocol" // want
)
