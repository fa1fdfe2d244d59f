package envtest

import "testing"

// Fewer reports whether a test that plays many games should play only some of them: under the race
// detector, which makes a step about ten times as long, and with -short, as on an emulated
// processor. What every processor must compute alike is tested in full everywhere.
func Fewer() bool { return underRace || testing.Short() }

// underRace is set where the race detector is on.
var underRace bool

// Games is n, or few where fewer games are to be played.
func Games(n, few int) int {
	if Fewer() {
		return few
	}
	return n
}
