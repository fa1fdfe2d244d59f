package client

import "tandem/netcode/session"

// About is what a figure is called and means, wherever it is shown.
type About struct{ Name, Unit, Help string }

var abouts = [NumFigures]About{
	RoundTrip:        {"Round trip", "ms", "to the relay and back"},
	Jitter:           {"Jitter p95−p50", "ms", "how uneven the round trip is"},
	Slack:            {"Slack", "ms", "how long before its frame's close an own input was at the relay; below 0 it was late"},
	InputDelay:       {"Input delay", "ms", "from sampling an own input to stepping with it"},
	ActionLatency:    {"Action latency", "ms", "from another player's sampling to stepping with it here; ± is by how much it may be off, for nobody can tell a link's two ways apart"},
	LatencyBound:     {"Latency ±", "ms", "by how much the action latency may be off, either way"},
	FrameInterval:    {"Frame interval", "ms", "between two steps; 33.3 is even play"},
	QueueDepth:       {"Queue depth", "bundles", "that waited when a frame was stepped, its own included"},
	SubstitutedShare: {"Substituted", "%", "of the own inputs came too late and were replaced, for everybody alike"},
	StallTime:        {"Stalls", "ms per second", "what intervals over 100 ms had above a frame's length"},
	BytesIn:          {"In", "bytes per second", "of messages, before the transport's framing"},
	BytesOut:         {"Out", "bytes per second", "of messages, before the transport's framing"},
	CheckGap:         {"Hash every", "frames", "between two comparisons of states"},
}

// About returns what the figure is called and means.
func (f Figure) About() About { return abouts[f] }

// Distribution is a figure of which a report has percentiles.
type Distribution struct {
	Key string // in JSON without its _ms, and in conditions
	About
	Of func(r *Report) Percentiles
}

// Distributions are those of a report.
var Distributions = []Distribution{
	{"input_delay", InputDelay.About(), func(r *Report) Percentiles { return r.InputDelay }},
	{"action_latency", ActionLatency.About(), func(r *Report) Percentiles { return r.Latency }},
	{"rtt", RoundTrip.About(), func(r *Report) Percentiles { return r.RTT }},
	{"slack", Slack.About(), func(r *Report) Percentiles { return r.Slack }},
	{"overslept", About{"Lateness here", "ms", "how much later than it was due this computer ran the program; a link has no part in it"},
		func(r *Report) Percentiles { return r.Overslept }},
}

// Count is a figure that is one number, out of so many where that says more.
type Count struct {
	Key string // as in JSON, and in conditions
	About
	Shared bool // of so many: a share of them says more
	Of     func(r *Report) (n, of float64, known bool)
}

// Counts are those of a report.
var Counts = []Count{
	{"substituted", SubstitutedShare.of("inputs"), true, func(r *Report) (float64, float64, bool) {
		return float64(r.Substituted), float64(r.Inputs()), r.Inputs() > 0
	}},
	{"longest_run", About{"Longest run", "frames", "of replaced inputs without one that counted"}, false, func(r *Report) (float64, float64, bool) {
		return float64(r.LongestRun), 0, r.Inputs() > 0
	}},
	{"absent", About{"Absent", "frames", "played while the connection was lost"}, true, func(r *Report) (float64, float64, bool) {
		return float64(r.Absent), float64(r.Inputs()), r.Inputs() > 0
	}},
	{"delay_exceeded", About{"Delay exceeded", "inputs", "took longer than the frames that the room has fixed; with delay=auto none is fixed"}, true, func(r *Report) (float64, float64, bool) {
		return float64(r.Exceeded), float64(r.InputDelay.N), r.InputDelay.N > 0
	}},
	{"others_substituted", About{"Others' substituted", "inputs", "of the other players that were replaced"}, true, func(r *Report) (float64, float64, bool) {
		return float64(r.OthersLost), float64(r.OthersInputs), r.OthersInputs > 0
	}},
	{"missing", About{"Missing", "actions", "of others, that were not there when their frame was stepped; queue mode alone"}, true, func(r *Report) (float64, float64, bool) {
		if r.QueueMode == nil {
			return 0, 0, false
		}
		return float64(r.QueueMode.Missing), float64(r.Others()), r.Others() > 0
	}},
	{"desyncs", About{"Desyncs", "", "comparisons that found another state here"}, true, func(r *Report) (float64, float64, bool) {
		return float64(r.Desyncs), float64(r.Verified), r.Frames > 0
	}},
	{"hashes_verified", About{"Comparisons", "", "of state hashes at equal frames"}, false, func(r *Report) (float64, float64, bool) {
		return float64(r.Verified), 0, r.Frames > 0
	}},
	{"resyncs", About{"Resyncs", "", "repairs of a state that differed; in queue mode, full states sent or taken over"}, false, func(r *Report) (float64, float64, bool) {
		return float64(r.Resyncs), 0, r.Frames > 0
	}},
	{"stalls", About{"Stalls", "", "times that the picture stood still for more than 100 ms"}, false, func(r *Report) (float64, float64, bool) {
		return float64(r.Stalls.Count), 0, r.Interval.N > 0
	}},
	{"stall_time", About{"Stall time", "ms", "that the picture stood still, longer than a frame"}, true, func(r *Report) (float64, float64, bool) {
		return r.Stalls.MS, r.played(), r.Interval.N > 0
	}},
	{"steps_per_s", About{"Speed", "frames per second", "30 is even play; pauses are left out"}, false, func(r *Report) (float64, float64, bool) {
		return r.StepsPerS, 0, r.StepsPerS > 0
	}},
	{"reconnects", About{"Breaks", "", "of the connection that were mended"}, false, func(r *Report) (float64, float64, bool) {
		return float64(r.Reconnects), 0, r.Frames > 0
	}},
	{"pauses", About{"Pauses", "", "announced"}, false, func(r *Report) (float64, float64, bool) { return float64(r.Pauses), 0, r.Frames > 0 }},
	{"rewinds", About{"Rewinds", "", "times that frames were undone after a relay's restart"}, false, func(r *Report) (float64, float64, bool) {
		return float64(r.Rewinds), 0, r.Frames > 0
	}},
}

// of is the figure in another unit.
func (f Figure) of(unit string) About {
	a := f.About()
	a.Unit = unit
	return a
}

// played is for how long frames were stepped, in ms.
func (r *Report) played() float64 { return float64(r.Interval.N) * 1000 / session.FrameRate }
