package client

import (
	"strings"
	"testing"
)

// conditioned is a report on which each kind of condition can be tried.
func conditioned() *Report {
	r := &Report{Frames: 900, Executed: 882, Substituted: 18, LongestRun: 7, Verified: 30, StepsPerS: 30,
		InputDelay: Percentiles{P50: 52, P95: 80, P99: 121.5, N: 882, Of: 900},
		Slack:      Percentiles{P50: 9, Min: -31, P01: -30, P1: -2.5, N: 900, Of: 900, low: true},
		Interval:   Interval{P50: 33.3, P99: 60, N: 899}, Stalls: Stalls{Count: 2, MS: 300}, Rewards: map[string]float64{"a": 0, "b": 0}}
	r.Verdict = r.Judge()
	return r
}

func TestConditions(t *testing.T) {
	r := conditioned()
	for text, want := range map[string]string{
		"substituted>1%":           "substituted>1%: it is 2 %",
		"substituted>=2%":          "it is 2 %",
		"substituted>2%":           "",
		" substituted > 17 ":       "substituted > 17: it is 18",
		"substituted=18":           "it is 18",
		"substituted!=18":          "",
		"longest_run>6":            "it is 7",
		"input_delay.p50<60ms":     "it is 52 ms",
		"input_delay.p99>0.12s":    "it is 121.5 ms",
		"input_delay.p99>0.1215 s": "",
		"slack.min<0ms":            "it is -31 ms",
		"slack.p1<-3ms":            "",
		"stall_time>1%":            "it is 1 %",
		"stall_time>0.3s":          "",
		"frame_interval.p99>50ms":  "it is 60 ms",
		"desyncs>0":                "",
		"verdict>green":            "it is amber",
		"verdict=red":              "",
		"action_latency.p50>10s":   "that was not measured",
		"missing>1%":               "that was not measured",
		"rtt.p99<1ms":              "that was not measured",
	} {
		c, err := ParseCondition(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if got := c.Check(r); want == "" && got != "" || !strings.HasSuffix(got, want) {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
	watching := &Report{Seat: -1, Frames: 900, Agent: "spectator"}
	if c, err := ParseCondition("substituted>1%"); err != nil || c.Check(watching) != "" {
		t.Errorf("a spectator is blamed for inputs: %q, %v", c.Check(watching), err)
	}
}

func TestConditionsAreRefusedInWords(t *testing.T) {
	for text, want := range map[string]string{
		"":                            "write METRIC>VALUE",
		"substituted":                 "write METRIC>VALUE",
		"substitute>1%":               `there is no metric "substitute"; there are substituted, longest_run,`,
		">1%":                         `there is no metric ""`,
		"substituted>":                `"" is not a number`,
		"substituted>1ms":             "compared with values like 10, 1%",
		"substituted!1":               "! stands only in !=",
		"substituted>>1":              "is not a number",
		"input_delay.p95>120":         "compared with values like 120ms, 1.5s",
		"input_delay.p95>5%":          "compared with values like 120ms, 1.5s",
		"input_delay>5ms":             "there is no metric",
		"longest_run>5%":              "compared with values like 10,",
		"verdict>bad":                 "green, amber or red",
		"verdict>1":                   "green, amber or red",
		"substituted>1e3":             "is not a number",
		"substituted>0x10":            "is not a number",
		"substituted>nan":             "is not a number",
		"substituted>inf%":            "is not a number",
		"substituted>1 %%":            "compared with values like",
		"substituted>999999999999999": "is not a number",
	} {
		if _, err := ParseCondition(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
	for _, name := range Conditions() {
		if strings.ContainsAny(name, "<>=! ") {
			t.Errorf("the metric %q could not be written", name)
		}
	}
}

// FuzzCondition: whatever is written is refused in words, or is a condition that can be checked and read
// again as it is written.
func FuzzCondition(f *testing.F) {
	for _, s := range []string{"substituted>1%", "input_delay.p95 >= 1.5s", "verdict!=green", "slack.min<-3ms", ">", "=1", "stalls>0", "rtt.p50>٣ms"} {
		f.Add(s)
	}
	r := conditioned()
	f.Fuzz(func(t *testing.T, s string) {
		c, err := ParseCondition(s)
		if err != nil {
			if err.Error() == "" || strings.Contains(err.Error(), "strconv") {
				t.Errorf("%q: %v", s, err)
			}
			return
		}
		said := c.Check(r)
		again, err := ParseCondition(c.String())
		if err != nil || again.Check(r) != said {
			t.Errorf("%q is read as %q: %v", s, c.String(), err)
		}
	})
}

// TestVerdictIsOneLine reads a verdict as people do: sentences in one line, each with one full stop.
func TestVerdictIsOneLine(t *testing.T) {
	r := Report{Frames: 457, End: "left", EndText: "Ada left the match; it ends after 15.2 s.", Reconnects: 2}
	words := r.Judge().String()
	if !strings.Contains(words, "it ends after 15.2 s; ") || strings.Contains(words, "..") || !strings.HasSuffix(words, ".") {
		t.Errorf("the verdict reads %q", words)
	}
}
