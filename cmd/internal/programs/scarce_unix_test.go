//go:build unix

package programs

import (
	"strings"
	"testing"
)

// TestScarceMemory: a relay that is almost out of memory takes no new rooms, in words on both sides.
func TestScarceMemory(t *testing.T) {
	t.Parallel()
	relay, addr := relayBy(t, []string{"env", "GOMEMLIMIT=1MiB"})
	begin(t, nil, "tandem-peer", "-relay", addr, "-room", "one", "-env", "testenv").sentence(failed, "almost out of memory")
	if said := relay.says(&relay.errs, "memory is nearly used up"); !strings.Contains(said, "GOMEMLIMIT") {
		t.Errorf("the relay says %s", said)
	}
	_, addr = relayBy(t, []string{"env", "GOMEMLIMIT=10GiB"})
	p := begin(t, nil, "tandem-peer", "-relay", addr, "-room", "one", "-env", "testenv", "-set", "min_players=1", "-frames", "30", "-set", "countdown_ms=0")
	if code := p.wait(); code != 0 {
		t.Errorf("with memory enough a room ends with %d: %s", code, p.errs.String())
	}
}
