package verify

import (
	"testing"
	"time"

	"tandem/netcode/protocol"
)

// disputed returns a comparison in which the seats have told these hashes of a frame and nobody can judge
// them, and the questions that are asked.
func disputed(t *testing.T, frame uint32, totals ...uint64) (*Comparison, []Question) {
	t.Helper()
	c := begun(len(totals))
	return c, dispute(t, c, frame, totals...)
}

func dispute(t *testing.T, c *Comparison, frame uint32, totals ...uint64) []Question {
	t.Helper()
	for seat, total := range totals {
		tell(t, c, seat, frame, total)
	}
	v, ok := c.Next(all(len(totals), frame+1))
	if !ok || v.By != protocol.JudgeNone {
		t.Fatalf("%+v %v, want a verdict that nobody can judge", v, ok)
	}
	list, ok := c.Ask(0, 5, &v)
	if !ok {
		t.Fatal("nothing is asked")
	}
	return list
}

func TestRecheckNamesTheOutlier(t *testing.T) {
	type answer struct {
		ok   bool
		hash uint64
	}
	for name, tc := range map[string]struct {
		answers []answer // to a dispute between 7 and 8
		host    int
		by      protocol.Judge
		differs uint16
		total   uint64
	}{
		"the first contradicts itself":  {[]answer{{true, 9}, {true, 8}}, 0, protocol.JudgeRecheck, 1, 8},
		"the second contradicts itself": {[]answer{{true, 7}, {true, 7}}, 1, protocol.JudgeRecheck, 2, 7},
		"both are sure":                 {[]answer{{true, 7}, {true, 8}}, 1, protocol.JudgeHost, 1, 8},
		"both contradict themselves":    {[]answer{{true, 1}, {true, 2}}, 0, protocol.JudgeHost, 2, 7},
		"one cannot answer":             {[]answer{{true, 7}, {}}, 1, protocol.JudgeUnsure, 1, 8},
	} {
		c, asked := disputed(t, 29, 7, 8)
		if len(asked) != 2 || asked[0].Base.OK {
			t.Fatalf("%s: asked %+v, want both, from the beginning", name, asked)
		}
		m := all(2, 30)
		m.Host = tc.host
		for seat, a := range tc.answers {
			if v, ok := c.Decide(m); ok {
				t.Errorf("%s: %+v before all have answered", name, v)
			}
			if !c.Asks(seat, 5) || c.Asks(seat, 4) {
				t.Errorf("%s: seat %d is not asked", name, seat)
			}
			c.Answer(seat, a.ok, a.hash)
		}
		v, ok := c.Decide(m)
		if !ok || v.By != tc.by || v.Differing != tc.differs || v.Total != tc.total || v.Frame != 29 {
			t.Errorf("%s: %+v %v", name, v, ok)
		}
		if c.Asks(0, 5) {
			t.Errorf("%s: it asks on", name)
		}
	}
}

// One question at a time; who does not answer in time is decided without, and so is who is gone.
func TestRecheckEnds(t *testing.T) {
	c, _ := disputed(t, 29, 7, 8)
	if _, ok := c.Ask(0, 6, &protocol.VerifyState{}); ok {
		t.Error("a second question while one is open")
	}
	m := all(2, 30)
	c.Answer(0, true, 7)
	m.Now = recheckTime - 1
	if v, ok := c.Expire(m); ok || c.Until(time.Hour) != recheckTime {
		t.Errorf("%+v before its time, which is %v", v, c.Until(time.Hour))
	}
	m.Now = recheckTime
	if v, ok := c.Expire(m); !ok || v.By != protocol.JudgeUnsure || v.Differing != 2 {
		t.Errorf("%+v %v", v, ok)
	}
	c, _ = disputed(t, 29, 7, 8)
	c.Answer(1, true, 8)
	if v, ok := c.Excuse(m, 0); !ok || v.By != protocol.JudgeUnsure {
		t.Errorf("%+v %v once the other is gone", v, ok)
	}
	// Who has another state by now is not named.
	c, _ = disputed(t, 29, 7, 8)
	c.Answer(1, true, 8)
	if v, ok := c.Void(m, 0); !ok || v.Compared != 2 || v.Differing != 0 || v.By != protocol.JudgeRecheck {
		t.Errorf("%+v %v once one has loaded a state", v, ok)
	}
	c, _ = disputed(t, 29, 7, 8)
	c.Void(m, 0)
	if v, ok := c.Void(m, 1); ok {
		t.Errorf("%+v, though all have other states by now", v)
	}
}

// Nobody simulates more than MaxReplay frames: from a state that is known to hold, or that they have loaded,
// else they are not asked. Who has contradicted themselves ever since does so again.
func TestRecheckIsBounded(t *testing.T) {
	c, _ := disputed(t, 29, 7, 8)
	c.Answer(0, true, 9)
	c.Answer(1, true, 8)
	m := all(2, 30)
	if v, _ := c.Decide(m); v.Differing != 1 {
		t.Fatalf("%+v, want seat 0 named", v)
	}
	c.Loaded(1, 1, State{100, 3})
	asked := dispute(t, c, MaxReplay+50, 7, 8)
	if len(asked) != 1 || asked[0].Seat != 1 || asked[0].Base.State != (State{100, 3}) {
		t.Fatalf("asked %+v, want seat 1 from what it has loaded", asked)
	}
	c.Answer(1, true, 8)
	if v, ok := c.Decide(m); !ok || v.By != protocol.JudgeRecheck || v.Differing != 1 {
		t.Errorf("%+v %v, want seat 0 named unasked", v, ok)
	}
	c.Renew(0) // another process sits there now
	dispute(t, c, MaxReplay+80, 7, 8)
	c.Answer(1, true, 8)
	if v, ok := c.Decide(m); !ok || v.By != protocol.JudgeUnsure {
		t.Errorf("%+v %v, want nobody named for what another did", v, ok)
	}
}
