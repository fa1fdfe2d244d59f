//rules: table, banned, meeting netcode/session/peer_test.go

package session_test

import (
	"math/rand/v2"
	"os"
	"sync"

	"tandem/netcode/netsim"
	"tandem/netcode/sessiontest"
)
