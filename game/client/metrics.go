package client

import (
	"time"

	"tandem/netcode/session"
)

// Metric is something that is measured, declared once: reports, their page and its charts, conditions and the
// overlay (F3) take from here what it is called, what it means and how it is drawn.
//
// To add one: a row in numbers or spreads for a figure of the report, or, for one that is measured all the time,
// a Figure and its row in figures, which says what an event tells of it.
type Metric struct {
	Key  string // in conditions, and in a report's JSON (without _ms)
	Name string
	Unit string // "ms", "%", "frames", …
	Help string

	// A report has its distribution, or a number n, out of of where that says more.
	Spread func(r *Report) Percentiles
	Count  func(r *Report) (n, of float64, known bool)
	Share  bool   // a share of of says more than n: a condition may be one
	Things string // what n counts, where the trace has another unit

	// What is measured all the time has a trace.
	from  func(m *meters, e *session.Event) (v float64, ok bool) // what an event tells; nil: the client itself measures it
	fold  fold
	slots int           // that make the value of the moment; 0: one
	quiet time.Duration // see Figure.Quiet; 0: a second
	Panel bool          // the overlay has a row for it
	Least float64       // what its trace is scaled to at least, so that a quiet link looks quiet
	Bad   func(v float64) bool
	Chart bool // the report's page has a chart of it
}

// Figure names something that is measured all the time.
type Figure uint8

// The figures, in the order of the overlay.
const (
	RoundTrip Figure = iota
	Jitter
	Slack
	InputDelay
	ActionLatency
	LatencyBound
	FrameInterval
	QueueDepth
	SubstitutedShare
	StallTime
	BytesIn
	BytesOut
	CheckGap
	NumFigures
)

// figures are what is measured all the time.
var figures = [NumFigures]Metric{
	RoundTrip: {Key: "rtt", Name: "Round trip", Unit: "ms", Help: "to the relay and back",
		from: ofDuration(session.EventRTT), fold: latest, quiet: 3 * time.Second, // a ping a second
		Spread: func(r *Report) Percentiles { return r.RTT }, Panel: true, Least: 50, Chart: true},
	Jitter: {Name: "Jitter p95−p50", Unit: "ms", Help: "how uneven the last 20 round trips were, whatever the distance",
		from: func(m *meters, e *session.Event) (float64, bool) {
			if e.Kind != session.EventRTT {
				return 0, false
			}
			return millis(m.jitter(e.Dur)), true
		}, fold: latest, quiet: 3 * time.Second, Panel: true, Least: 20},
	Slack: {Key: "slack", Name: "Slack", Unit: "ms", Help: "how long before its frame's close an own input was at the relay; below 0 it was late",
		from: ofDuration(session.EventSlack), fold: lowest, slots: nowSlots,
		Spread: func(r *Report) Percentiles { return r.Slack }, Panel: true, Least: 50, Bad: func(v float64) bool { return v < 0 }, Chart: true},
	InputDelay: {Key: "input_delay", Name: "Input delay", Unit: "ms", Help: "from sampling an own input to stepping with it",
		from: ofDuration(session.EventInputDelay), fold: mean, slots: nowSlots,
		Spread: func(r *Report) Percentiles { return r.InputDelay }, Panel: true, Least: 100, Chart: true},
	ActionLatency: {Key: "action_latency", Name: "Action latency", Unit: "ms", Help: "from another player's sampling to stepping with it here; ± is by how much it may be off, for nobody can tell a link's two ways apart",
		from: ofDuration(session.EventLatency), fold: mean, slots: nowSlots,
		Spread: func(r *Report) Percentiles { return r.Latency }, Panel: true, Least: 100, Chart: true},
	LatencyBound: {Name: "Latency ±", Unit: "ms", Help: "by how much the action latency may be off, either way",
		from: func(_ *meters, e *session.Event) (float64, bool) {
			return millis(e.Bound), e.Kind == session.EventLatency && e.Bound > 0
		}, fold: highest, slots: nowSlots},
	FrameInterval: {Name: "Frame interval", Unit: "ms", Help: "between two steps; 33.3 is even play",
		fold: highest, slots: nowSlots, Panel: true, Least: 66, Bad: func(v float64) bool { return v > 100 }, Chart: true},
	QueueDepth: {Name: "Queue depth", Unit: "bundles", Help: "that waited when a frame was stepped, its own included",
		from: func(_ *meters, e *session.Event) (float64, bool) { return float64(e.N), e.Kind == session.EventQueue },
		fold: highest, slots: nowSlots, Panel: true, Least: 4, Chart: true},
	SubstitutedShare: {Key: "substituted", Name: "Substituted", Unit: "%", Help: "of the own inputs came too late and were replaced, for everybody alike",
		from: func(_ *meters, e *session.Event) (float64, bool) {
			if e.Kind == session.EventSubstituted {
				return 100, true
			}
			return 0, e.Kind == session.EventInputDelay
		}, fold: mean, slots: TraceLen,
		Count: func(r *Report) (float64, float64, bool) {
			return float64(r.Substituted), float64(r.Inputs()), r.Inputs() > 0
		}, Share: true, Things: "inputs", Panel: true, Least: 5, Bad: func(v float64) bool { return v > 1 }, Chart: true},
	StallTime: {Name: "Stalls", Unit: "ms per second", Help: "what intervals over 100 ms had above a frame's length",
		fold: rate, slots: nowSlots, Panel: true, Least: 100, Bad: func(v float64) bool { return v > 0 }, Chart: true},
	BytesIn: {Name: "In", Unit: "bytes per second", Help: "of messages, before the transport's framing",
		from: func(_ *meters, e *session.Event) (float64, bool) {
			return float64(e.N), e.Kind == session.EventReceived
		},
		fold: rate, slots: nowSlots, Panel: true, Least: 500, Chart: true},
	BytesOut: {Name: "Out", Unit: "bytes per second", Help: "of messages, before the transport's framing",
		fold: rate, slots: nowSlots, Panel: true, Least: 500, Chart: true},
	CheckGap: {Name: "Hash every", Unit: "frames", Help: "between two comparisons of states",
		from: func(m *meters, e *session.Event) (float64, bool) {
			if e.Kind != session.EventVerified {
				return 0, false
			}
			return m.checkGap(e.Frame)
		}, fold: latest, quiet: TraceLen * SlotTime, Panel: true, Least: 30}, // as often as the room's options say
}

func ofDuration(kind session.EventKind) func(*meters, *session.Event) (float64, bool) {
	return func(_ *meters, e *session.Event) (float64, bool) { return millis(e.Dur), e.Kind == kind }
}

// About returns the figure's declaration.
func (f Figure) About() *Metric { return &figures[f] }

// Quiet is for how long nothing may be measured of a figure before that is a gap: nothing is known then, and
// no line leads across it.
func (f Figure) Quiet() time.Duration {
	if q := figures[f].quiet; q > 0 {
		return q
	}
	return time.Second
}

// Point says what a point of a chart is, of all that was measured in its time; "" where that is plain.
func (m *Metric) Point() string {
	switch m.fold {
	case mean:
		return "the mean of a moment"
	case highest:
		return "the most of a moment"
	case lowest:
		return "the least of a moment"
	}
	return ""
}

// spreads are the other distributions of a report.
var spreads = []Metric{
	{Key: "overslept", Name: "Lateness here", Unit: "ms", Help: "how much later than it was due this computer ran the program; a link has no part in it",
		Spread: func(r *Report) Percentiles { return r.Overslept }},
}

// numbers are the other numbers of a report.
var numbers = []Metric{
	{Key: "longest_run", Name: "Longest run", Unit: "frames", Help: "of replaced inputs without one that counted", Count: func(r *Report) (float64, float64, bool) {
		return float64(r.LongestRun), 0, r.Inputs() > 0
	}},
	{Key: "absent", Name: "Absent", Unit: "frames", Help: "played while the connection was lost", Share: true, Count: func(r *Report) (float64, float64, bool) {
		return float64(r.Absent), float64(r.Inputs()), r.Inputs() > 0
	}},
	{Key: "delay_exceeded", Name: "Delay exceeded", Unit: "inputs", Help: "took longer than the frames that the room has fixed; with delay=auto none is fixed", Share: true, Count: func(r *Report) (float64, float64, bool) {
		return float64(r.Exceeded), float64(r.InputDelay.N), r.InputDelay.N > 0
	}},
	{Key: "others_substituted", Name: "Others' substituted", Unit: "inputs", Help: "of the other players that were replaced", Share: true, Count: func(r *Report) (float64, float64, bool) {
		return float64(r.OthersLost), float64(r.OthersInputs), r.OthersInputs > 0
	}},
	{Key: "missing", Name: "Missing", Unit: "actions", Help: "of others, that were not there when their frame was stepped; queue mode alone", Share: true, Count: func(r *Report) (float64, float64, bool) {
		if r.QueueMode == nil {
			return 0, 0, false
		}
		return float64(r.QueueMode.Missing), float64(r.Others()), r.Others() > 0
	}},
	{Key: "desyncs", Name: "Desyncs", Help: "comparisons that found another state here", Share: true, Count: func(r *Report) (float64, float64, bool) {
		return float64(r.Desyncs), float64(r.Verified), r.Frames > 0
	}},
	{Key: "hashes_verified", Name: "Comparisons", Help: "of state hashes at equal frames", Count: func(r *Report) (float64, float64, bool) {
		return float64(r.Verified), 0, r.Frames > 0
	}},
	{Key: "resyncs", Name: "Resyncs", Help: "repairs of a state that differed; in queue mode, full states sent or taken over", Count: func(r *Report) (float64, float64, bool) {
		return float64(r.Resyncs), 0, r.Frames > 0
	}},
	{Key: "stalls", Name: "Stalls", Help: "times that the picture stood still for more than 100 ms", Count: func(r *Report) (float64, float64, bool) {
		return float64(r.Stalls.Count), 0, r.Interval.N > 0
	}},
	{Key: "stall_time", Name: "Stall time", Unit: "ms", Help: "that the picture stood still, longer than a frame", Share: true, Count: func(r *Report) (float64, float64, bool) {
		return r.Stalls.MS, r.played(), r.Interval.N > 0
	}},
	{Key: "steps_per_s", Name: "Speed", Unit: "frames per second", Help: "30 is even play; pauses are left out", Count: func(r *Report) (float64, float64, bool) {
		return r.StepsPerS, 0, r.StepsPerS > 0
	}},
	{Key: "reconnects", Name: "Breaks", Help: "of the connection that were mended", Count: func(r *Report) (float64, float64, bool) {
		return float64(r.Reconnects), 0, r.Frames > 0
	}},
	{Key: "pauses", Name: "Pauses", Help: "announced", Count: func(r *Report) (float64, float64, bool) { return float64(r.Pauses), 0, r.Frames > 0 }},
	{Key: "rewinds", Name: "Rewinds", Help: "times that frames were undone after a relay's restart", Count: func(r *Report) (float64, float64, bool) {
		return float64(r.Rewinds), 0, r.Frames > 0
	}},
}

// Metrics returns every metric of a report: the numbers first, then the distributions.
func Metrics() (list []*Metric) {
	all := []*Metric{}
	for f := range figures {
		all = append(all, &figures[f])
	}
	for _, more := range [][]Metric{numbers, spreads} {
		for i := range more {
			all = append(all, &more[i])
		}
	}
	for _, m := range all {
		if m.Count != nil {
			list = append(list, m)
		}
	}
	for _, m := range all {
		if m.Spread != nil {
			list = append(list, m)
		}
	}
	return list
}

// played is for how long frames were stepped, in ms.
func (r *Report) played() float64 { return float64(r.Interval.N) * 1000 / session.FrameRate }
