package client_test

import (
	"strings"
	"testing"

	"tandem/game/client"
)

// What makes a game of queue mode less than it looks is said; what belongs to such a game is not.
func TestFaultsOfQueueMode(t *testing.T) {
	good := client.Report{Frames: 812, Verified: 27, InputDelay: client.Percentiles{N: 812}, Rewards: map[string]float64{"left": 0, "right": 0},
		QueueMode: &client.QueueReport{}}
	for _, c := range []struct {
		words []string
		make  func(r *client.Report)
	}{
		{nil, func(*client.Report) {}},
		{nil, func(r *client.Report) { r.QueueMode = nil; r.Verified = 0 }},
		{nil, func(r *client.Report) { r.QueueMode.Missing = 40 }},
		{[]string{"812 of the other players' 812 actions"}, func(r *client.Report) { r.QueueMode.Missing = 812 }},
		{[]string{"1 of the other players' 812 actions"}, func(r *client.Report) { r.QueueMode.Missing, r.QueueMode.Original = 1, true }},
		{[]string{"never compared"}, func(r *client.Report) { r.Verified = 0 }},
		{nil, func(r *client.Report) { r.Verified, r.QueueMode.Original = 0, true }},
		{[]string{"2 full states had to"}, func(r *client.Report) { r.QueueMode.StatesTaken, r.QueueMode.Needless = 3, 1 }},
		{[]string{"one full state could not"}, func(r *client.Report) { r.QueueMode.StatesRefused = 1 }},
		{[]string{"800 of the 900 own inputs"}, func(r *client.Report) { r.Substituted, r.InputDelay.N = 800, 100 }},
		{[]string{"800 of the other", "never compared"}, func(r *client.Report) { r.QueueMode.Missing, r.Verified = 800, 0 }},
	} {
		r, q := good, *good.QueueMode
		r.QueueMode = &q
		c.make(&r)
		got := r.Faults()
		if len(got) != len(c.words) {
			t.Errorf("want %q, got %q", c.words, got)
			continue
		}
		for i := range got {
			if !strings.Contains(got[i], c.words[i]) {
				t.Errorf("want %q, got %q", c.words, got)
			}
		}
	}
}
