package client

import (
	"math"
	"testing"
	"time"

	"tandem/env"
	"tandem/game/words"
	"tandem/netcode/session"
	"tandem/netcode/session/replica"
)

func newMeters() *meters {
	m := &meters{}
	m.init()
	return m
}

func (m *meters) traces() *[NumFigures]Trace {
	var t [NumFigures]Trace
	m.copyTo(&t)
	return &t
}

func wantNow(t *testing.T, tr *[NumFigures]Trace, f Figure, want float64) {
	t.Helper()
	if got := tr[f]; !got.Known || math.Abs(got.Now-want) > 0.01 {
		t.Errorf("figure %d: %v (known: %v), want %v", f, got.Now, got.Known, want)
	}
}

func TestNothingIsKnownBeforeItIsMeasured(t *testing.T) {
	m := newMeters()
	m.advance(3 * SlotTime)
	tr := m.traces()
	for f := range tr {
		if figures[f].fold == rate { // nothing received is a rate of 0
			wantNow(t, tr, Figure(f), 0)
		} else if tr[f].Known {
			t.Errorf("figure %d is %v although nothing was measured", f, tr[f].Now)
		}
		if !math.IsNaN(float64(tr[f].Past[0])) {
			t.Errorf("figure %d had the value %v before the beginning", f, tr[f].Past[0])
		}
	}
}

// Each figure makes of several samples what its description says.
func TestFiguresFoldTheirSamples(t *testing.T) {
	m := newMeters()
	feed := func(ms ...float64) {
		for _, v := range ms {
			d := time.Duration(v * float64(time.Millisecond))
			m.event(&session.Event{Kind: session.EventInputDelay, Dur: d})
			m.event(&session.Event{Kind: session.EventLatency, Dur: d})
			m.event(&session.Event{Kind: session.EventSlack, Dur: d})
			m.event(&session.Event{Kind: session.EventQueue, N: int(v)})
			m.event(&session.Event{Kind: session.EventReceived, N: int(v)})
			m.add(BytesOut, 2*v)
			m.step(d)
		}
	}
	feed(30, 10, 20)
	m.advance(SlotTime)
	feed(60, 50, 340)
	m.advance(2 * SlotTime)
	tr := m.traces()
	wantNow(t, tr, InputDelay, 85) // of 20 and 150
	wantNow(t, tr, ActionLatency, 85)
	wantNow(t, tr, Slack, 10)
	wantNow(t, tr, QueueDepth, 340)
	wantNow(t, tr, FrameInterval, 340)
	wantNow(t, tr, BytesIn, (60+450)*4/2)
	wantNow(t, tr, BytesOut, 2*(60+450)*4/2)
	wantNow(t, tr, StallTime, (340-100.0/3)*4/2) // over half a second so far
	for f, want := range map[Figure][2]float32{InputDelay: {20, 150}, Slack: {10, 50}, QueueDepth: {30, 340}, BytesIn: {240, 1800}} {
		if got := [2]float32(tr[f].Past[TraceLen-2:]); got != want {
			t.Errorf("figure %d: the trace ends with %v, want %v", f, got, want)
		}
	}
}

func TestValueOfTheMomentIsThatOfTheLastSecond(t *testing.T) {
	m := newMeters()
	m.add(FrameInterval, 400)
	m.add(RoundTrip, 70)
	for s := range 5 {
		m.advance(time.Duration(s+1) * SlotTime)
		m.add(FrameInterval, 33)
	}
	tr := m.traces()
	wantNow(t, tr, FrameInterval, 33)
	wantNow(t, tr, RoundTrip, 70) // measured more rarely than once a second: the newest counts
	if tr[FrameInterval].Past[TraceLen-5] != 400 {
		t.Error("the trace has forgotten what is no longer the value of the moment")
	}
}

func TestJitterIsTheRoundTripsUpperSpread(t *testing.T) {
	m := newMeters()
	rtts := func(list ...int) {
		for _, ms := range list {
			m.event(&session.Event{Kind: session.EventRTT, Dur: time.Duration(ms) * time.Millisecond})
		}
	}
	rtts(200)
	m.advance(SlotTime)
	wantNow(t, m.traces(), Jitter, 0)
	rtts(40, 40, 40, 40, 40, 40, 40, 40, 40, 40, 40, 40, 40, 40, 40, 40, 40, 40, 65, 400) // 200 is forgotten
	m.advance(2 * SlotTime)
	tr := m.traces()
	wantNow(t, tr, Jitter, 25) // one in twenty is beyond the 95th percentile
	wantNow(t, tr, RoundTrip, 400)
}

func TestShareAndGap(t *testing.T) {
	m := newMeters()
	for i := range 20 {
		for range 9 {
			m.event(&session.Event{Kind: session.EventInputDelay, Dur: time.Millisecond})
		}
		if i%2 == 0 {
			m.event(&session.Event{Kind: session.EventInputDelay, Dur: time.Millisecond})
		} else {
			m.event(&session.Event{Kind: session.EventSubstituted})
		}
		m.advance(time.Duration(i+1) * SlotTime)
	}
	for _, f := range []uint32{29, 59, 64} {
		m.event(&session.Event{Kind: session.EventVerified, Frame: f})
	}
	m.advance(21 * SlotTime)
	tr := m.traces()
	wantNow(t, tr, SubstitutedShare, 5)
	wantNow(t, tr, CheckGap, 5)
}

// What was measured last is no value of the moment for long: three seconds, of a ping a second. After 20
// seconds of nothing, or a clock that jumps, nothing old is left, and a clock that goes back changes nothing.
func TestWhatIsOldIsForgotten(t *testing.T) {
	m := newMeters()
	m.add(RoundTrip, 50)
	m.advance(SlotTime)
	m.advance(0)
	wantNow(t, m.traces(), RoundTrip, 50)
	m.advance(12 * SlotTime)
	wantNow(t, m.traces(), RoundTrip, 50) // 2.75 s old
	m.advance(13 * SlotTime)
	if tr := m.traces()[RoundTrip]; tr.Known {
		t.Errorf("%v is still known after three seconds of silence", tr.Now)
	}
	m.advance(TraceLen * SlotTime)
	if got := m.traces()[RoundTrip].Past[0]; got != 50 {
		t.Errorf("the oldest value is %v, want 50", got)
	}
	m.advance((TraceLen + 1) * SlotTime)
	if tr := m.traces()[RoundTrip]; tr.Known || !math.IsNaN(float64(tr.Past[0])) {
		t.Errorf("what is over 20 s old is still known: %v", tr.Now)
	}
	m.add(RoundTrip, 60)
	m.advance(1000 * time.Hour)
	if tr := m.traces()[RoundTrip]; tr.Known {
		t.Errorf("after a long sleep %v is still known", tr.Now)
	}
}

// What is counted on the screen is of the match that is played; the report is of all. A match that goes on
// after the relay was restarted counts on.
func TestCountsAreOfOneMatch(t *testing.T) {
	c := New(Config{})
	var now time.Duration
	play := func() {
		for _, e := range []session.Event{{Kind: session.EventSubstituted}, {Kind: session.EventVerified}, {Kind: session.EventVerified, Mask: 1}} {
			c.stats.event(&e)
		}
		for range 2 {
			now += time.Second
			c.stats.step(now, &replica.Command{})
		}
	}
	want := func(when string, n int) {
		t.Helper()
		var v View
		c.View(c.start.Add(now), &v)
		if v.Substituted != n || v.Desyncs != n || v.Stalls != n || v.Verified != 2*n {
			t.Errorf("%s: %d substituted, %d desyncs, %d stalls, %d verified; want %d, verified twice that", when, v.Substituted, v.Desyncs, v.Stalls, v.Verified, n)
		}
	}
	begin := func(seed uint64) { c.stats.begin(&replica.Command{Seed: seed}, 0, nil) }
	begin(1)
	play()
	want("in the first match", 1)
	begin(1)
	c.stats.resumed(0)
	play()
	want("after a restart of the relay", 2)
	c.stats.event(&session.Event{Kind: session.EventMatchOver})
	want("at the end", 2)
	begin(2)
	want("at a rematch", 0)
	play()
	want("in the rematch", 1)
	if r := c.Report(); r.Substituted != 3 || r.Desyncs != 3 || r.Stalls.Count != 3 || r.Verified != 6 {
		t.Errorf("the report has %+v", r)
	}
}

func TestMetersAllocateNothing(t *testing.T) {
	c := New(Config{})
	var v View
	var now time.Duration
	e := []session.Event{{Kind: session.EventRTT, Dur: 40 * time.Millisecond}, {Kind: session.EventInputDelay},
		{Kind: session.EventSlack}, {Kind: session.EventQueue, N: 1}, {Kind: session.EventVerified}, {Kind: session.EventLatency}}
	frame := func() {
		now += session.FrameTime(1)
		c.stats.step(now, &replica.Command{})
		for i := range e {
			e[i].Frame++
			c.stats.event(&e[i])
		}
		c.stats.meters.advance(now)
		c.View(c.start.Add(now), &v)
	}
	for range 100 {
		frame()
	}
	if n := testing.AllocsPerRun(500, frame); n != 0 {
		t.Errorf("%v allocations for a frame and its view", n)
	}
	if !v.Figures[RoundTrip].Known || v.Figures[RoundTrip].Now != 40 {
		t.Errorf("the view's round trip is %+v", v.Figures[RoundTrip].Now)
	}
}

func TestResult(t *testing.T) {
	for _, c := range []struct {
		scores   []float64
		together bool
		want     string
	}{
		{nil, false, "The match is over"},
		{[]float64{0, 0}, true, "Together you scored 0"},
		{[]float64{60, 60}, true, "Together you scored 60"},
		{[]float64{0, 0}, false, "A draw"},
		{[]float64{2, 2}, false, "A draw"},
		{[]float64{2, -2}, false, "You won"},
		{[]float64{-2, 2}, false, "Grace won"},
	} {
		v := &View{Scores: c.scores, Together: c.together, Players: []Player{{Name: "Ada", You: true}, {Name: "Grace"}}}
		if got := words.English.Result(v.Result(words.English)); got != c.want {
			t.Errorf("%v, together: %v: %q, want %q", c.scores, c.together, got, c.want)
		}
	}
}

func TestResultOfTeams(t *testing.T) {
	spec := &env.Spec{Teams: []int{0, 1, 0, 1}, TeamTitles: []string{"left side", "right side"}}
	for _, c := range []struct {
		seat   int
		scores []float64
		want   string
	}{
		{0, []float64{1, -1, 1, -1}, "Your side won"},
		{2, []float64{1, -1, 1, -1}, "Your side won"},
		{2, []float64{-1, 1, -1, 1}, "The right side won"},
		{1, []float64{0, 0, 0, 0}, "A draw"},
	} {
		v := &View{Seat: c.seat, Scores: c.scores, Spec: spec, Players: make([]Player, 4)}
		if got := words.English.Result(v.Result(words.English)); got != c.want {
			t.Errorf("seat %d, %v: %q, want %q", c.seat, c.scores, got, c.want)
		}
	}
}

// Equal scores alone make no team: rewards must have been equal all the time, or be so by rule.
func TestTogether(t *testing.T) {
	for _, c := range []struct {
		cooperative, apart bool
		scores             []float64
		want               bool
	}{
		{false, false, []float64{20, 20}, true},
		{false, true, []float64{20, 20}, false},
		{false, false, []float64{0, 0}, false},
		{true, false, []float64{0, 0}, true},
		{true, false, []float64{20}, false},
	} {
		cl := New(Config{})
		cl.scene.spec, cl.scene.apart, cl.scene.scores = &env.Spec{Cooperative: c.cooperative}, c.apart, c.scores
		var v View
		cl.View(cl.start, &v)
		if v.Together != c.want {
			t.Errorf("%+v: together is %v", c, v.Together)
		}
	}
}

// While one change is under way, the next ones wait and become one.
func TestWishesWaitForTheAnswer(t *testing.T) {
	c := New(Config{})
	c.control.wish = "4"
	c.order(0)
	c.control.wish = "5"
	c.order(askAgain / 2)
	if c.control.wish != "5" {
		t.Error("a second change is asked for before the first is answered")
	}
	c.delayed()
	c.order(askAgain / 2)
	if c.control.wish != "" {
		t.Error("an answer does not let the next change go")
	}
	c.control.wish = "6"
	c.order(3 * askAgain / 2)
	if c.control.wish != "" {
		t.Error("a missing answer holds the next change for ever")
	}
}
