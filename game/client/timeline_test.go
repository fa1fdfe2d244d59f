package client

import (
	"math"
	"testing"
	"time"

	"tandem/netcode/session"
)

// A timeline has every slot of the match; of a long one, several in a point.
func TestTimeline(t *testing.T) {
	const long = 3*timelinePoints + 8
	m := newMeters()
	for s := range long {
		ms := time.Duration(s) * time.Millisecond
		m.event(&session.Event{Kind: session.EventLatency, Dur: ms})
		m.add(FrameInterval, float64(s))
		m.add(Slack, float64(s))
		if s%2 == 0 {
			m.event(&session.Event{Kind: session.EventRTT, Dur: ms})
		}
		m.add(BytesOut, 5)
		m.advance(time.Duration(s+1) * SlotTime)
	}
	line := m.line.copied()
	if line.Point != 4*SlotTime || len(line.Of[ActionLatency]) != long/4 {
		t.Fatalf("%d points of %v", len(line.Of[ActionLatency]), line.Point)
	}
	for i := range long / 4 {
		first := float32(4 * i)
		for f, want := range map[Figure]float32{ActionLatency: first + 1.5, FrameInterval: first + 3, Slack: first,
			RoundTrip: first + 2, BytesOut: 5 * float32(time.Second/SlotTime)} {
			if got := line.Of[f][i]; math.Abs(float64(got-want)) > 0.01 {
				t.Fatalf("point %d of figure %d is %v, want %v", i, f, got, want)
			}
		}
		if got := line.Of[InputDelay][i]; !math.IsNaN(float64(got)) {
			t.Fatalf("point %d of what was never measured is %v", i, got)
		}
	}
}

// A process that stood still leaves a gap as long as it was, and nothing in it.
func TestTimelineOfAStoppedProcess(t *testing.T) {
	m := newMeters()
	m.add(FrameInterval, 33)
	m.advance(SlotTime)
	m.advance(101 * SlotTime)
	m.add(FrameInterval, 33)
	m.advance(102 * SlotTime)
	line := m.line.copied()
	if n := len(line.Of[FrameInterval]); n != 102 {
		t.Fatalf("%d points, want 102", n)
	}
	for i, v := range line.Of[FrameInterval] {
		if known := !math.IsNaN(float64(v)); known != (i == 0 || i == 101) {
			t.Errorf("point %d is %v", i, v)
		}
	}
	m.advance(10000 * time.Hour)
	if n := len(m.line.copied().Of[FrameInterval]); n > timelinePoints {
		t.Errorf("%d points", n)
	}
}
