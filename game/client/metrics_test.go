package client

import (
	"slices"
	"strings"
	"testing"

	"tandem/netcode/session"
)

// A row is all that a metric needs to be in every place where metrics are.
func TestAMetricIsDeclaredOnce(t *testing.T) {
	row := Metric{Key: "waves", Name: "Waves", Help: "to the other players", Share: true,
		Count: func(r *Report) (float64, float64, bool) { return float64(r.Pauses), float64(r.Frames), r.Frames > 0 }}
	numbers = append(numbers, row)
	defer func() { numbers = numbers[:len(numbers)-1] }()
	if !slices.ContainsFunc(Metrics(), func(m *Metric) bool { return m.Key == "waves" && m.Help == row.Help }) {
		t.Error("the report's page does not have it")
	}
	if !slices.Contains(Conditions(), "waves") {
		t.Error("there is no condition on it")
	}
	c, err := ParseCondition("waves>1%")
	if err != nil {
		t.Fatal(err)
	}
	if got := c.Check(&Report{Frames: 100, Pauses: 2}); got != "waves>1%: it is 2 %" {
		t.Errorf("of 2 %%: %q", got)
	}
	if got := c.Check(&Report{Frames: 100, Pauses: 1}); got != "" {
		t.Errorf("of 1 %%: %q", got)
	}
}

func TestEveryMetricIsWhole(t *testing.T) {
	keys := map[string]bool{}
	for _, m := range Metrics() {
		if m.Key == "" || m.Name == "" || m.Help == "" || keys[m.Key] || strings.ContainsAny(m.Key, " .<>=!") || (m.Count == nil) == (m.Spread == nil) {
			t.Errorf("%q: %+v", m.Key, m)
		}
		keys[m.Key] = true
	}
	for f := range NumFigures {
		m := f.About()
		if m.Name == "" || m.Unit == "" || m.Help == "" || m.Panel && m.Least <= 0 || !m.Panel && f != LatencyBound {
			t.Errorf("figure %d: %+v", f, m)
		}
	}
}

// What an event tells is where a figure's row says it is, and nowhere else.
func TestFiguresTakeTheirEvents(t *testing.T) {
	for _, c := range []struct {
		event session.Event
		known []Figure
	}{
		{session.Event{Kind: session.EventRTT, Dur: 5}, []Figure{RoundTrip, Jitter}},
		{session.Event{Kind: session.EventSlack, Dur: 5}, []Figure{Slack}},
		{session.Event{Kind: session.EventInputDelay, Dur: 5}, []Figure{InputDelay, SubstitutedShare}},
		{session.Event{Kind: session.EventLatency, Dur: 5}, []Figure{ActionLatency}},
		{session.Event{Kind: session.EventLatency, Dur: 5, Bound: 1}, []Figure{ActionLatency, LatencyBound}},
		{session.Event{Kind: session.EventQueue, N: 1}, []Figure{QueueDepth}},
		{session.Event{Kind: session.EventSubstituted}, []Figure{SubstitutedShare}},
		{session.Event{Kind: session.EventReceived, N: 7}, []Figure{BytesIn}},
		{session.Event{Kind: session.EventRoster}, nil},
	} {
		m := newMeters()
		m.event(&c.event)
		for f := range NumFigures {
			if (m.of[f].n > 0) != slices.Contains(c.known, f) {
				t.Errorf("event %d: %s has %d samples", c.event.Kind, f.About().Name, m.of[f].n)
			}
		}
	}
}
