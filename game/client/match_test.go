package client_test

import (
	"sync/atomic"
	"testing"
	"time"

	"tandem/game/client"
	"tandem/netcode/protocol"
)

// together checks that all seats ended well with the same state after so many frames; 0 takes any.
func together(t *testing.T, frames uint32, seats []*client.Client, ends []<-chan result) []client.Report {
	t.Helper()
	var reports []client.Report
	for i, end := range ends {
		r := <-end
		if r.code(t) != protocol.CodeOK || (frames > 0 && r.Frames != frames) {
			t.Errorf("seat %d ended with %+v", i, r.End)
		}
		rep := seats[i].Report()
		if rep.FinalHash == "" || (i > 0 && rep.FinalHash != reports[0].FinalHash) || rep.Frames != r.Frames || rep.Desyncs != 0 || rep.End != "ok" {
			t.Errorf("seat %d of seat 0's %v reports %+v", i, reports, rep)
		}
		reports = append(reports, rep)
	}
	return reports
}

func TestWholeMatch(t *testing.T) {
	for _, c := range []struct {
		env    string
		words  []string
		seats  int
		frames uint32
	}{
		{"slime", []string{"episodes=2", "max_steps=120"}, 2, 0},
		{"slime/boost", []string{"--", "frames=200"}, 2, 200},
		{"slime/doubles", []string{"episodes=2", "max_steps=100"}, 4, 0},
		{"overcooked/party_8", []string{"--", "frames=120"}, 8, 120},
		{"testenv", []string{"seats=5", "episode_steps=50", "episodes=2"}, 5, 50 + 10 + 50},
		{"testenv", []string{"seats=1", "--", "frames=90"}, 1, 90},
		{"testenv", []string{"--", "frames=150", "delay=auto"}, 2, 150},
	} {
		t.Run(c.env, func(t *testing.T) {
			at(t, c.env, c.words, func(t *testing.T, tab *table) {
				var seats []*client.Client
				var ends []<-chan result
				for i := range c.seats {
					s, end := tab.seat(tab.config(i))
					seats, ends = append(seats, s), append(ends, end)
				}
				for i, r := range together(t, c.frames, seats, ends) {
					if r.Substituted != 0 || r.Stalls.Count != 0 || r.StepsPerS < 29.9 || r.StepsPerS > 30.1 {
						t.Errorf("seat %d, on a perfect line: %+v", i, r)
					}
				}
			})
		})
	}
}

// stallAt is the sample at which a test's process stands still.
const stallAt = 60

// TestStandingStill stops one client for 2 s in mid-game, as SIGSTOP or a lid does: its goroutine is
// blocked while its messages pile up. The other plays on at its pace, and both end in the same state.
func TestStandingStill(t *testing.T) {
	for _, delay := range []string{"delay=3", "delay=auto"} {
		at(t, "slime", []string{"--", "frames=300", delay}, func(t *testing.T, tab *table) {
			stopped := tab.config(1)
			wrap(&stopped, func(n, a int) int {
				if n == stallAt {
					time.Sleep(2 * time.Second) // virtual
				}
				return a
			})
			a, endA := tab.seat(tab.config(0))
			b, endB := tab.seat(stopped)
			reports := together(t, 300, []*client.Client{a, b}, []<-chan result{endA, endB})
			if r := reports[0]; r.Stalls.Count != 0 || r.Substituted != 0 {
				t.Errorf("%s: the other's play was touched: %+v", delay, r)
			}
			if r := reports[1]; r.Stalls.Count != 1 || r.Stalls.MS < 1800 || r.Substituted < 50 || r.Substituted > 70 {
				t.Errorf("%s: who stood still for 2 s reports %+v", delay, r)
			}
		})
	}
}

// TestClockStandsStill stops one client for 2 s together with its clock, as a suspended virtual
// machine is: it cannot know that time has passed but from the relay.
func TestClockStandsStill(t *testing.T) {
	at(t, "testenv", []string{"--", "frames=600"}, func(t *testing.T, tab *table) {
		var lost atomic.Int64
		suspended := tab.config(1)
		suspended.Now = func() time.Time { return time.Now().Add(-time.Duration(lost.Load())) }
		wrap(&suspended, func(n, a int) int {
			if n == stallAt {
				time.Sleep(2 * time.Second) // virtual
				lost.Store(int64(2 * time.Second))
			}
			return a
		})
		a, endA := tab.seat(tab.config(0))
		b, endB := tab.seat(suspended)
		reports := together(t, 600, []*client.Client{a, b}, []<-chan result{endA, endB})
		if r := reports[0]; r.Substituted != 0 || r.Stalls.Count != 0 {
			t.Errorf("the other's play was touched: %+v", r)
		}
		if r := reports[1]; r.Substituted < 50 {
			t.Errorf("who stood still for 2 s reports %+v", r)
		}
	})
}

// TestFlawEndsInWords plays the environment that differs on purpose.
func TestFlawEndsInWords(t *testing.T) {
	at(t, "testenv", []string{"flaw=1", "--", "frames=90"}, func(t *testing.T, tab *table) {
		a, endA := tab.seat(tab.config(0))
		_, endB := tab.seat(tab.config(1))
		for _, end := range []<-chan result{endA, endB} {
			if r := <-end; r.code(t) != protocol.CodeDesync {
				t.Errorf("ended with %+v", r.End)
			}
		}
		if r := a.Report(); r.Desyncs == 0 || r.Verified < r.Desyncs {
			t.Errorf("reports %d desyncs of %d hashes", r.Desyncs, r.Verified)
		}
		v := until(t, a, "closed", closed)
		if v.Headline != "The games differ" || v.Detail == "" || v.Desyncs == 0 {
			t.Errorf("the screen says %q, %q, %d desyncs", v.Headline, v.Detail, v.Desyncs)
		}
	})
}
