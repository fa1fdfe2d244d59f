package session

import (
	"tandem/netcode/protocol"
	"tandem/netcode/session/options"
	"tandem/netcode/session/timing"
	"testing"
	"time"
)

func TestClipKeepsCharactersWhole(t *testing.T) {
	for _, tc := range []struct {
		in   string
		n    int
		want string
	}{{"abc", 5, "abc"}, {"abc", 2, "ab"}, {"aé", 2, "a"}, {"é", 1, ""}, {"日本", 4, "日"}} {
		if got := protocol.Clip(tc.in, tc.n); got != tc.want {
			t.Errorf("protocol.Clip(%q, %d) = %q, want %q", tc.in, tc.n, got, tc.want)
		}
	}
}

// A page that was frozen has heard nothing for seconds: only one way of its link is known, and the relay's
// clock, which began long before this one's, must not pass for the link's delay.
func TestHalfALinkIsNotJudged(t *testing.T) {
	const apart, now = 500 * time.Second, 100 * time.Second
	p := &Peer{room: options.DefaultConfig()}
	p.downlink.Span, p.uplink.Span, p.oversleeps.Span = playoutSpan, uplinkSpan, uplinkSpan
	add := func(w *timing.Window, at, delay time.Duration) {
		for i := range warnEvery {
			w.Add(at, delay, at+time.Duration(i)*FrameInterval)
		}
	}
	late := func() *Warning {
		p.slacks, p.late, p.out.Events = warnEvery, warnEvery, nil
		p.judge(now)
		if len(p.out.Events) == 0 {
			return nil
		}
		return p.out.Events[0].Warning
	}
	add(&p.uplink, now, apart+100*time.Millisecond)
	add(&p.downlink, now-playoutSpan-time.Second, 100*time.Millisecond-apart)
	if w := late(); w != nil {
		t.Errorf("with nothing heard for longer than %v it warns of %+v", playoutSpan, *w)
	}
	add(&p.downlink, now, 900*time.Millisecond-apart)
	if w := late(); w == nil || w.Why != LinkOverMost || w.Need != 31 {
		t.Errorf("with both ways known it warns of %+v", w)
	}
}

// Who plays with an exact delay hears of the first input that came too late at once, and not that all of
// them do.
func TestOneLateInputIsNotAShare(t *testing.T) {
	now := 100 * time.Second
	for name, row := range map[string]struct {
		up, overslept time.Duration
		since         int // inputs since they were judged last
		here          bool
		why           Why
		late          int
	}{
		"a link that delays unevenly": {10 * time.Millisecond, 0, 0, false, LinkUneven, 1},
		"a link that needs more":      {200 * time.Millisecond, 0, 9, false, LinkOverStrict, 1},
		"a busy computer":             {10 * time.Millisecond, 20 * time.Millisecond, 140, true, BusyLate, 1},
	} {
		p := &Peer{room: options.DefaultConfig()}
		p.room.Delay = options.Delay{Mode: options.DelayStrict, Frames: 3}
		p.downlink.Span, p.uplink.Span, p.oversleeps.Span = playoutSpan, uplinkSpan, uplinkSpan
		for i := range warnEvery {
			at := now + time.Duration(i-warnEvery)*FrameInterval
			p.uplink.Add(now, row.up, at)
			p.downlink.Add(now, 10*time.Millisecond, at)
			p.oversleeps.Add(now, row.overslept, at)
		}
		said := func() Warning {
			if len(p.out.Events) == 0 {
				t.Fatalf("%s: there is no warning", name)
			}
			return *p.out.Events[len(p.out.Events)-1].Warning
		}
		for range warnEvery + row.since {
			p.judged(now, 0, false, false)
		}
		if p.judged(now, 0, true, row.here); said().Why != row.why || said().Late != row.late || said().Of != 0 {
			t.Errorf("%s: it warns of %+v", name, said())
		}
		// Five seconds later it is a share.
		for i := range warnEvery {
			p.judged(now, 0, i%3 == 0, row.here)
		}
		if w := said(); row.why != LinkOverStrict && (w.Late != 50 || w.Of != 150) {
			t.Errorf("%s: after 50 late inputs of 150 it warns of %+v", name, w)
		}
	}
}
