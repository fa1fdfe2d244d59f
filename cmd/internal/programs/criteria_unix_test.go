//go:build unix

package programs

import (
	"strings"
	"testing"
)

// TestCriterion5Killed kills a player in mid-game: the partner is told, and keeps what was played.
func TestCriterion5Killed(t *testing.T) {
	const before = 120
	for name, c := range map[string]struct {
		options []string
		words   string
		pauses  int
	}{
		"end":   {[]string{"-set", "on_disconnect=end"}, "connection of bob", 0},
		"pause": {[]string{"-set", "on_disconnect=pause", "-set", "pause_ms=3000"}, "bob did not come back", 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, addr := relayServer(t)
			g := pairUp(t, addr, "cut", 3000, [2]string{"rtt=100ms", "rtt=100ms"}, c.options...)
			for i := range g.peers {
				g.begin(i)
				g.seated(i)
			}
			intoPlay(t, addr, before)
			kill(t, g.peers[1])
			killed := counted(t, addr, "frames_total")
			if code := g.peers[0].wait(); code != failed || !strings.Contains(g.peers[0].errs.String(), c.words) {
				t.Errorf("the partner ended with %d:\n%s", code, g.peers[0].errs.String())
			}
			r := readReport(t, g.reports[0]).Seats[0]
			// Frames are the clock: 15 s are 450 of them.
			if frames := int(r.Frames); r.End != "gone" || frames < before || frames > killed+15*30 || r.Pauses != c.pauses {
				t.Errorf("killed about frame %d: the partner reports %+v", killed, r)
			}
			rows, others := g.rows(0), g.rows(1, "-partial")
			if len(rows) != int(r.Frames)+1 {
				t.Errorf("the partner keeps %d rows of %d frames", len(rows)-1, r.Frames)
			}
			// Who was killed may lack the last second on disk, and has nothing else.
			if len(others) > len(rows) || len(others) < before/2 {
				t.Fatalf("who was killed has %d rows, the partner %d", len(others), len(rows))
			}
			for i := range others {
				if others[i] != rows[i] {
					t.Fatalf("row %d is %s and %s", i, rows[i], others[i])
				}
			}
		})
	}
}
