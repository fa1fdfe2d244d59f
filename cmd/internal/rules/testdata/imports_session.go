//rules: table, banned netcode/session/peer.go

package session

import (
	"fmt"
	"log/slog"     // want banned
	"math/rand/v2" // want banned
	"net"          // want banned
	"sync/atomic"  // want banned
	"time"

	"tandem/netcode/netsim" // want table
	"tandem/netcode/protocol"
	"tandem/netcode/transport" // want table
)
