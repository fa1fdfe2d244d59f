package session

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
)

// The window's quantile against sorting everything.
func TestWindowUpper(t *testing.T) {
	for seed := range uint64(50) {
		r := rand.New(rand.NewPCG(seed, 1))
		w := window{span: 5 * time.Second}
		type sample struct{ at, v time.Duration }
		var all []sample
		now := time.Duration(0)
		for range 600 {
			now += together + 1 + time.Duration(r.Int64N(int64(80*time.Millisecond))) // no two arrive together
			v := time.Duration(r.Int64N(1000))
			w.add(now, v, now)
			all = append(all, sample{now, v})
			for _, over := range []float64{0, 0.005, 0.02, 0.05} {
				var in []time.Duration
				for _, s := range all[max(0, len(all)-windowSize):] {
					if now-s.at <= w.span {
						in = append(in, s.v)
					}
				}
				slices.Sort(in)
				want := in[len(in)-1-int(over*float64(len(in)))]
				if got, ok := w.upper(now, over); !ok || got != want {
					t.Fatalf("seed %d, %d samples, over %v: %v, want %v", seed, len(in), over, got, want)
				}
			}
		}
		if _, ok := w.upper(now+time.Minute, 0); ok {
			t.Fatal("samples do not expire")
		}
	}
}

// What arrives together after a silence counts as one sample; once it happens again, in full.
func TestWindowOutage(t *testing.T) {
	const ms = time.Millisecond
	w := window{span: 16 * time.Second}
	now := time.Duration(0)
	calm := func(n int) {
		for range n {
			now += FrameInterval
			w.add(now, 3*ms, now)
		}
	}
	outage := func() {
		over := now + 250*ms
		for ; now < over; now += FrameInterval {
			w.add(over, over-now, over)
		}
	}
	want := func(when string, d time.Duration) {
		t.Helper()
		if got, _ := w.cautious(now, 0.005, 0); got != d {
			t.Errorf("%s: %v, want %v", when, got, d)
		}
	}
	calm(60)
	outage()
	want("the first outage, two seconds into the match", 3*ms)
	calm(240)
	want("while its samples are there", 3*ms)
	outage()
	if got, _ := w.upper(now, 0.005); got < 200*ms {
		t.Errorf("after the second outage: %v, want what it took", got)
	}
	calm(512)
	want("when both are out of the window", 3*ms)
}

// A ping that waited with the inputs is of the same outage, though its answer comes before the relay tells
// of them, behind inputs from before it.
func TestWindowOutageWithAPing(t *testing.T) {
	const ms = time.Millisecond
	for _, tc := range []struct {
		n    int
		ping time.Duration // how long it waited
	}{{100, 250 * ms}, {100, 100 * ms}, {200, 250 * ms}, {200, 40 * ms}, {300, 250 * ms}, {300, 180 * ms}} {
		w := window{span: 16 * time.Second}
		now := time.Duration(0)
		for range tc.n {
			now += FrameInterval
			w.add(now, 3*ms, now)
		}
		before, over := now, now+250*ms
		w.add(over, tc.ping, over)
		for k := range 3 {
			w.add(over, 3*ms, before+time.Duration(k-2)*FrameInterval)
		}
		for now = before + FrameInterval; now < over; now += FrameInterval {
			w.add(over, over-now, over)
		}
		for _, k := range []int{0, 90} {
			for range k {
				now += FrameInterval
				w.add(now, 3*ms, now)
			}
			if got, _ := w.cautious(now, 0.005, 0); got != 3*ms {
				t.Errorf("%d samples, a ping that waited %v, %d samples later: %v", tc.n, tc.ping, k, got)
			}
		}
	}
}

// More delay than what a bad link needs has to save a share of the inputs with every frame of it.
func TestWindowWorth(t *testing.T) {
	const ms = time.Millisecond
	for _, tc := range []struct {
		every int // so many inputs take 200 ms
		want  time.Duration
	}{{4, 200 * ms}, {12, 200 * ms}, {30, 50 * ms}, {100, 50 * ms}} {
		w := window{span: time.Minute}
		for i := range 480 {
			d := 50 * ms
			if i%tc.every == 0 {
				d = 200 * ms
			}
			now := time.Duration(i) * FrameInterval
			w.add(now, d, now)
		}
		// Four and a half frames more are worth it from 4.5 % of late inputs on.
		if got := w.worth(16*time.Second, 50*ms, 300*ms, 0.01); got != tc.want {
			t.Errorf("every %d. input takes 200 ms: %v, want %v", tc.every, got, tc.want)
		}
		if got := w.worth(16*time.Second, 50*ms, 300*ms, 0); got != 300*ms {
			t.Errorf("where nothing has to be worth it: %v", got)
		}
	}
}

// A slew follows upward at once and downward by at most 5 % of the time that passes, by 20 % from afar.
func TestSlew(t *testing.T) {
	const ms = time.Millisecond
	var s slew
	s.toward(0, 100*ms)
	s.toward(time.Second, 200*ms)
	if s.value != 200*ms {
		t.Fatalf("upward: %v", s.value)
	}
	for i := range 100 {
		before := s.value
		most := 500 * time.Microsecond
		if before-100*ms > slewFar {
			most = 2 * ms
		}
		s.toward(time.Second+time.Duration(i+1)*10*ms, 100*ms)
		if drop := before - s.value; drop != most {
			t.Fatalf("fell from %v by %v in 10 ms, want %v", before, drop, most)
		}
	}
	if s.value != 112500*time.Microsecond {
		t.Fatalf("after one second: %v, want 112.5 ms", s.value)
	}
}

func TestClipKeepsCharactersWhole(t *testing.T) {
	for _, tc := range []struct {
		in   string
		n    int
		want string
	}{{"abc", 5, "abc"}, {"abc", 2, "ab"}, {"aé", 2, "a"}, {"é", 1, ""}, {"日本", 4, "日"}} {
		if got := clip(tc.in, tc.n); got != tc.want {
			t.Errorf("clip(%q, %d) = %q, want %q", tc.in, tc.n, got, tc.want)
		}
	}
}

// A page that was frozen has heard nothing for seconds: only one way of its link is known, and the relay's
// clock, which began long before this one's, must not pass for the link's delay.
func TestHalfALinkIsNotJudged(t *testing.T) {
	const apart, now = 500 * time.Second, 100 * time.Second
	p := &Peer{room: DefaultConfig()}
	p.downlink.span, p.uplink.span, p.oversleeps.span = playoutSpan, uplinkSpan, uplinkSpan
	add := func(w *window, at, delay time.Duration) {
		for i := range warnEvery {
			w.add(at, delay, at+time.Duration(i)*FrameInterval)
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
		p := &Peer{room: DefaultConfig()}
		p.room.Delay = Delay{Mode: DelayStrict, Frames: 3}
		p.downlink.span, p.uplink.span, p.oversleeps.span = playoutSpan, uplinkSpan, uplinkSpan
		for i := range warnEvery {
			at := now + time.Duration(i-warnEvery)*FrameInterval
			p.uplink.add(now, row.up, at)
			p.downlink.add(now, 10*time.Millisecond, at)
			p.oversleeps.add(now, row.overslept, at)
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
