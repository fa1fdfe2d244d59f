//go:build !js

package programs

import (
	"strings"
	"testing"
)

// TestWitness plays two matches on a relay that simulates them too: one as it should be, and one of an
// environment that comes out differently in every process. The witness says so, and supplies its state.
func TestWitness(t *testing.T) {
	t.Parallel()
	server, addr := relayServer(t, "-witness")
	good := pairUp(t, addr, "good", 150, [2]string{"", "rtt=100ms,jitter=40ms"})
	bad := pairUp(t, addr, "bad", 90, [2]string{}, "-env", "testenv", "-env-opt", "drift=20", "-desync", t.TempDir())
	for i := range 2 {
		good.begin(i)
		bad.begin(i)
	}
	good.parity()
	for i, p := range bad.peers {
		code := p.wait()
		if r := readReport(t, bad.reports[i]).Seats[0]; code != failed || r.End != "desync" || r.Resyncs == 0 || !strings.Contains(p.errs.String(), `"judged by"="the witness"`) {
			t.Errorf("player %d ended with %d, reports %+v and says:\n%s", i, code, r, p.errs.String())
		}
	}
	judged := 0
	for line := range strings.Lines(server.errs.String()) {
		if !strings.Contains(line, "msg=desync") {
			continue
		}
		judged++
		if !strings.Contains(line, " room=bad ") || !strings.Contains(line, `by="the witness"`) {
			t.Errorf("the relay says %q", line)
		}
	}
	// What went out and had not come in is the witness's.
	in, out := counted(t, addr, `messages_total{direction="in",type="snapshot_chunk"}`), counted(t, addr, `messages_total{direction="out",type="snapshot_chunk"}`)
	if judged == 0 || out < in+2 {
		t.Errorf("%d frames were judged; %d pieces of states came in, %d went out", judged, in, out)
	}
}
