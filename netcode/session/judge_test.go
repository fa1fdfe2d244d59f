package session

import (
	"strings"
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
	late := func() string {
		p.slacks, p.late, p.out.Events = warnEvery, warnEvery, nil
		p.judge(now)
		if len(p.out.Events) == 0 {
			return ""
		}
		return p.out.Events[0].Text
	}
	add(&p.uplink, now, apart+100*time.Millisecond)
	add(&p.downlink, now-playoutSpan-time.Second, 100*time.Millisecond-apart)
	if words := late(); words != "" {
		t.Errorf("with nothing heard for longer than %v it says %q", playoutSpan, words)
	}
	add(&p.downlink, now, 900*time.Millisecond-apart)
	if words := late(); !strings.Contains(words, "this link needs an input delay of 31 frames") {
		t.Errorf("with both ways known it says %q", words)
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
		words         string
	}{
		"a link that delays unevenly": {10 * time.Millisecond, 0, 0, false, "One of your inputs came too late: the link delays"},
		"a link that needs more":      {200 * time.Millisecond, 0, 9, false, "Your inputs begin to come too late: this link needs"},
		"a busy computer":             {10 * time.Millisecond, 20 * time.Millisecond, 140, true, "One of your inputs came too late: this computer"},
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
		said := func() string {
			if len(p.out.Events) == 0 {
				return ""
			}
			return p.out.Events[len(p.out.Events)-1].Text
		}
		for range warnEvery + row.since {
			p.judged(now, 0, false, false)
		}
		if p.judged(now, 0, true, row.here); !strings.HasPrefix(said(), row.words) || strings.Contains(said(), "%") {
			t.Errorf("%s: it says %q", name, said())
		}
		// Five seconds later it is a share.
		for i := range warnEvery {
			p.judged(now, 0, i%3 == 0, row.here)
		}
		if row.words[0] == 'O' && !strings.HasPrefix(said(), "33 % of your inputs come too late") {
			t.Errorf("%s: after 50 late inputs of 150 it says %q", name, said())
		}
	}
}
