//go:build !js

package programs

import (
	"encoding/json"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

// repeatable is what a report tells of a match that is to be repeated.
type repeatable struct {
	Seed  string
	Seats []struct {
		Frames      int
		Substituted int
		FinalHash   string `json:"final_hash"`
		Seed        string
	}
}

// TestSeedRepeatsAMatch: 50 matches of bots on a machine that has far too much to do end in the same
// state for the same seed, 0 among them, and the reports name it.
func TestSeedRepeatsAMatch(t *testing.T) {
	t.Parallel()
	defer loaded(2 * runtime.NumCPU())()
	const atOnce = 5
	ends := map[string]string{}
	for range 50 / atOnce {
		var running []*process
		var of []string
		for i := range atOnce {
			args := [][]string{
				{"-seed", "0", "-env", "slime", "-bot", "ace_hard"},
				{"-seed", "1", "-env", "slime", "-bot", "ace_hard"},
				{"-seed", "0", "-env", "slime", "-bot", "random", "-delay", "auto"},
				{"-seed", "18446744073709551615", "-env", "overcooked/cramped_room", "-bot", "cook"},
				{"-seed", "7", "-env", "testenv", "-bot", "sticky"},
			}[i%5]
			of = append(of, strings.Join(args, " "))
			running = append(running, begin(t, nil, "tandem-peer", append(args, "-relay", "embedded", "-frames", "90", "-set", "countdown_ms=0", "-report", "-")...))
		}
		for i, p := range running {
			code := p.wait()
			var r repeatable
			if err := json.Unmarshal([]byte(p.out.String()), &r); err != nil || code != 0 || len(r.Seats) < 2 {
				t.Fatalf("%s: exit code %d, %v: %s", of[i], code, err, p.errs.String())
			}
			seed := strings.Fields(of[i])[1]
			if r.Seed != seed || !strings.Contains(p.errs.String(), "seed "+seed+"\n") {
				t.Fatalf("%s: the report names the seed %q and says %s", of[i], r.Seed, p.errs.String())
			}
			for _, s := range r.Seats {
				if s.Frames != 90 || s.Substituted != 0 || s.FinalHash == "" {
					t.Errorf("%s: %+v", of[i], s)
				}
				if ends[of[i]] == "" {
					ends[of[i]] = s.FinalHash
				}
				if s.FinalHash != ends[of[i]] {
					t.Errorf("%s ended in %s, and in %s before", of[i], s.FinalHash, ends[of[i]])
				}
			}
		}
	}
	var hashes []string
	for _, h := range ends {
		hashes = append(hashes, h)
	}
	slices.Sort(hashes)
	if len(hashes) != 5 || len(slices.Compact(hashes)) != 5 {
		t.Errorf("different seeds and bots end alike: %v", ends)
	}
}

// TestDrawnSeedRepeats: a match for which nobody gave a seed names the one that it drew.
func TestDrawnSeedRepeats(t *testing.T) {
	t.Parallel()
	play := func(args ...string) (r repeatable) {
		t.Helper()
		p := begin(t, nil, "tandem-peer", append(args, "-relay", "embedded", "-env", "testenv", "-frames", "60", "-set", "countdown_ms=0", "-report", "-")...)
		if code := p.wait(); code != 0 {
			t.Fatalf("exit code %d: %s", code, p.errs.String())
		}
		if err := json.Unmarshal([]byte(p.out.String()), &r); err != nil {
			t.Fatal(err)
		}
		return r
	}
	first := play("-set", "late_policy=wait", "-set", "grace_ms=1000")
	again := play("-seed", first.Seed)
	if first.Seed == "" || first.Seats[0].Seed != first.Seed || again.Seats[0].Seed != first.Seed {
		t.Errorf("the first match had seed %q (its room %q), its repetition's room %q", first.Seed, first.Seats[0].Seed, again.Seats[0].Seed)
	}
	begin(t, nil, "tandem-peer", "-relay", "embedded", "-seed", "-1").sentence(usage, "a seed is a whole number from 0")
	// It may be given as an option of the room, too.
	room, own := play("-set", "seed="+first.Seed), play("-set", "seed=7", "-seed", "7")
	if room.Seed != first.Seed || room.Seats[0].FinalHash != again.Seats[0].FinalHash || own.Seed != "7" || own.Seats[0].Seed != "7" {
		t.Errorf("seeds that are given as room options lead to %+v and %+v, want the match of %s", room, own, first.Seed)
	}
	for _, bad := range [][]string{{"-set", "seed=7", "-seed", "8"}, {"-set", "seed=x"}} {
		begin(t, nil, "tandem-peer", append([]string{"-relay", "embedded"}, bad...)...).sentence(usage, "-set seed=")
	}
}

// loaded keeps so many cores busy until it is taken back.
func loaded(cores int) (rest func()) {
	var work sync.WaitGroup
	var over atomic.Bool
	for range cores {
		work.Go(func() {
			for !over.Load() { // it is to be busy
			}
		})
	}
	return func() { over.Store(true); work.Wait() }
}
