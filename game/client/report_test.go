package client_test

import (
	"encoding/json"
	"math"
	"slices"
	"testing"
	"time"

	"tandem/game/client"
)

// TestReportKeys holds the report to its documented layout: scripts read these names.
func TestReportKeys(t *testing.T) {
	data, err := json.Marshal(client.Report{})
	if err != nil {
		t.Fatal(err)
	}
	var report map[string]json.RawMessage
	if err := json.Unmarshal(data, &report); err != nil {
		t.Fatal(err)
	}
	for key, inner := range map[string][]string{
		"seat": nil, "agent": nil, "frames": nil, "steps_per_s": nil, "desyncs": nil, "resyncs": nil, "substituted": nil,
		"stalls":            {"count", "ms", "longest_ms"},
		"input_delay_ms":    {"p50", "p95", "p99"},
		"action_latency_ms": {"p50", "p95", "p99"},
		"rtt_ms":            {"p50", "p99", "n", "of", "coverage"},
		"bytes":             {"in", "out", "by_type"},
		"queue_depth":       {"avg", "max", "n"},
		"frame_interval_ms": {"p50", "p99", "stddev", "n"},
		"rewards":           nil, "final_hash": nil,
		// beyond what the layout asks for at least:
		"room": nil, "env": nil, "seed": nil, "hashes_verified": nil, "slack_ms": {"p50", "p99"}, "delay": nil, "executed": nil, "verdict": {"level", "reasons", "advice"}, "absent": nil, "longest_run": nil, "delay_exceeded": nil,
		"others_substituted": nil, "others_inputs": nil, "end": nil, "end_text": nil, "link_warnings": nil, "busy_warnings": nil, "stood_still": nil, "overslept_ms": {"p50", "p95", "p99"}, "reconnects": nil, "pauses": nil, "rewinds": nil, "matches": nil, "desync_rate": nil, "syncs_per_minute": nil,
	} {
		raw, ok := report[key]
		if !ok {
			t.Errorf("the report has no %q", key)
			continue
		}
		delete(report, key)
		if inner == nil {
			continue
		}
		var fields map[string]json.RawMessage
		if err := json.Unmarshal(raw, &fields); err != nil {
			t.Errorf("%s: %v", key, err)
		}
		for _, f := range inner {
			if _, ok := fields[f]; !ok {
				t.Errorf("the report's %q has no %q", key, f)
			}
		}
	}
	for key := range report {
		t.Errorf("the report has a %q that this test does not know", key)
	}
}

// TestReportIsSane plays a match over a perfect line, where every number can be foretold.
func TestReportIsSane(t *testing.T) {
	at(t, "slime", []string{"episodes=2", "max_steps=150", "--", "delay=3"}, func(t *testing.T, tab *table) {
		a, endA := tab.seat(tab.config(0))
		b, endB := tab.seat(tab.config(1))
		early := a.Report() // before anything: nothing is asked for that is not there
		if early.Frames != 0 || early.FinalHash != "" || early.Seat > 0 {
			t.Errorf("before the match: %+v", early)
		}
		together(t, 0, []*client.Client{a, b}, []<-chan result{endA, endB})
		for i, c := range []*client.Client{a, b} {
			r := c.Report()
			if r.Seat != i || r.Agent != []string{"agent_left", "agent_right"}[i] || r.Env != "slime" || r.Room != "r" {
				t.Errorf("seat %d calls itself %d, %q in %q of room %q", i, r.Seat, r.Agent, r.Env, r.Room)
			}
			if len(r.FinalHash) != 16 || len(r.Rewards) != 2 || r.Rewards["agent_left"] != -r.Rewards["agent_right"] {
				t.Errorf("seat %d: hash %q, rewards %v", i, r.FinalHash, r.Rewards)
			}
			if want := int(r.Frames) / 30; r.Verified < want || r.Verified > want+1 {
				t.Errorf("seat %d: %d hashes of %d frames were verified", i, r.Verified, r.Frames)
			}
			// Delay 3, and a line without delay: 100 ms from sample to step, for both alike.
			for name, p := range map[string]client.Percentiles{"input delay": r.InputDelay, "action latency": r.Latency} {
				if math.Abs(p.P50-100) > 2 || p.P95 < p.P50 || p.P99 < p.P95 || p.P99 > 110 || p.N < int64(r.Frames)/2 {
					t.Errorf("seat %d: %s %+v", i, name, p)
				}
			}
			if r.Executed+r.Substituted < int(r.Frames)-1 || r.InputDelay.Of != int64(r.Inputs()) || r.InputDelay.Coverage() < 0.99 || r.Latency.Of < int64(r.Frames)-5 || r.Latency.Coverage() < 0.9 {
				t.Errorf("seat %d: %d executed, input delay %+v, latency %+v", i, r.Executed, r.InputDelay, r.Latency)
			}
			if !r.Latency.Bounded() || r.Latency.Bound > 5 || r.InputDelay.Bounded() {
				t.Errorf("seat %d: the latency is known to %v ms", i, r.Latency.Bound)
			}
			if w := r.Waterfall; w == nil || w.N < int64(r.Frames)*8/10 || math.Abs(w.Whole-w.Sample-100) > 3 || math.Abs(w.Sample-16.7) > 1 || math.Abs(w.Up)+math.Abs(w.Down) > 2 {
				t.Errorf("seat %d: waterfall %+v", i, w)
			}
			if r.RTT.P99 > 1 || r.RTT.N < 3 {
				t.Errorf("seat %d: round trip %+v", i, r.RTT)
			}
			if math.Abs(r.Interval.P50-33.3) > 0.7 || r.Interval.P99 < r.Interval.P50 || r.Interval.Stddev > 5 {
				t.Errorf("seat %d: intervals %+v", i, r.Interval)
			}
			if r.Queue.Avg < 1 || r.Queue.Avg > 5 || r.Queue.Max < 1 || r.Queue.Max > 10 {
				t.Errorf("seat %d: queue %+v", i, r.Queue)
			}
			sum := 0
			for _, n := range r.Bytes.ByType {
				sum += n
			}
			if sum != r.Bytes.In+r.Bytes.Out || r.Bytes.In == 0 || r.Bytes.Out == 0 || r.Bytes.ByType["bundle"] > 12*int(r.Frames) {
				t.Errorf("seat %d: bytes %+v", i, r.Bytes)
			}
			for _, kind := range []string{"hello", "welcome", "join", "host_elected", "ready", "start", "player_action", "bundle", "frame_sync", "state_hash", "verify_state", "ping", "pong", "finished", "end_game"} {
				if r.Bytes.ByType[kind] == 0 {
					t.Errorf("seat %d: no bytes of %s", i, kind)
				}
			}
			if _, err := json.Marshal(r); err != nil {
				t.Errorf("seat %d: %v", i, err) // a number that JSON has no word for
			}
		}
	})
}

// TestWatching calls View and Report all the time from other goroutines while a match runs.
func TestWatching(t *testing.T) {
	at(t, "slime", []string{"--", "frames=90"}, func(t *testing.T, tab *table) {
		cfg := tab.config(0)
		cfg.Screen = true
		var order []string
		cfg.OnSeated = func(code string, seat int) { order = append(order, code) }
		c, end := tab.seat(cfg)
		_, endB := tab.seat(tab.config(1))
		stop := make(chan struct{})
		var phases []client.Phase
		go func() {
			var v client.View
			for {
				select {
				case <-stop:
					return
				case <-time.After(time.Second / 120):
				}
				c.View(time.Now(), &v)
				if len(phases) == 0 || phases[len(phases)-1] != v.Phase {
					phases = append(phases, v.Phase)
				}
				if v.Headline == "" && v.Phase != client.Playing {
					t.Errorf("nothing is said in phase %v", v.Phase)
				}
				if r := c.Report(); r.Frames < v.Frame {
					t.Errorf("the report is behind the view: %d < %d", r.Frames, v.Frame)
				}
			}
		}()
		<-end
		<-endB
		time.Sleep(time.Second)
		close(stop)
		want := []client.Phase{client.Waiting, client.Countdown, client.Playing, client.Finished}
		if !slices.Equal(phases, want) {
			t.Errorf("the phases were %v, want %v", phases, want)
		}
		if !slices.Equal(order, []string{"r"}) {
			t.Errorf("OnSeated was called with %q, want once", order)
		}
	})
}

// A break of the connection and frames that were undone are two things, each told for itself.
func TestVerdictTellsBreaksFromRewinds(t *testing.T) {
	for _, c := range []struct {
		reconnects, rewinds int
		want                []string
	}{
		{1, 0, []string{"the connection broke once"}},
		{2, 0, []string{"the connection broke 2 times"}},
		{0, 1, []string{"the match was put back once: what had been played last here did not reach the others"}},
		{1, 1, []string{"the connection broke once", "the match was put back once: what had been played last here did not reach the others"}},
	} {
		r := client.Report{Frames: 300, Executed: 300, Verified: 10, Reconnects: c.reconnects, Rewinds: c.rewinds}
		r.InputDelay.N, r.InputDelay.P50 = 300, 50
		if v := r.Judge(); v.Level != client.Amber || !slices.Equal(v.Reasons, c.want) {
			t.Errorf("%d breaks, %d rewinds: %s", c.reconnects, c.rewinds, v)
		}
	}
}
