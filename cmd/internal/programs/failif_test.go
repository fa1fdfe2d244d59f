//go:build !js

package programs

import (
	"strings"
	"testing"
)

// TestFailIf: -fail-if decides the exit status, says which figure of whom it was, and refuses what it cannot
// judge before anything is played.
func TestFailIf(t *testing.T) {
	t.Parallel()
	match := []string{"-relay", "embedded", "-frames", "30", "-set", "countdown_ms=0", "-seed", "3"}
	for _, c := range []struct {
		args []string
		code int
		say  []string
	}{
		{[]string{"-fail-if", "desyncs>0", "-fail-if", "longest_run > 1000"}, 0, nil},
		{[]string{"-fail-if", "steps_per_s>1", "-fail-if", "desyncs>0"}, 1, []string{"seat 0, agent_left: steps_per_s>1: it is", "seat 1, agent_right: steps_per_s>1: it is"}},
		{[]string{"-fail-if", "missing>0"}, 1, []string{"missing>0: that was not measured"}},
		{[]string{"-fail-if", "luck>1"}, 2, []string{`there is no metric "luck"; there are substituted, `}},
		{[]string{"-fail-if", "substituted>1ms"}, 2, []string{"substituted is compared with values like 10, 1%"}},
	} {
		p := begin(t, nil, "tandem-peer", append(c.args, match...)...)
		if code := p.wait(); code != c.code {
			t.Errorf("%v: exit status %d, want %d: %s", c.args, code, c.code, p.errs.String())
		}
		for _, words := range c.say {
			if !strings.Contains(p.errs.String(), words) {
				t.Errorf("%v: %q is not in %s", c.args, words, p.errs.String())
			}
		}
	}
	p := begin(t, nil, "tandem-peer", "-sync-test", "-env", "slime", "-frames", "30", "-fail-if", "desyncs>0")
	if code := p.wait(); code != 2 || !strings.Contains(p.errs.String(), "-fail-if is about a match") {
		t.Errorf("-sync-test: exit status %d, %s", code, p.errs.String())
	}
}
