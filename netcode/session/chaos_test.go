package session_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tandem/netcode/internal/race"
	"tandem/netcode/protocol"
	"tandem/netcode/sessiontest"
)

var (
	chaosSeeds  = flag.Int("chaos-seeds", 1000, "how many scripts TestChaos plays")
	chaosFails  = flag.Int("chaos-fails", 1, "after how many failed scripts TestChaos gives up")
	chaosSave   = flag.String("chaos-save", "", "folder into which the shortened scripts that fail are written")
	chaosFrames = flag.Int("chaos-frames", 0, "play long scripts until so many frames were stepped (TestChaosForLong)")
)

// class is what an error says without its numbers.
func class(err error) string {
	if err == nil {
		return ""
	}
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return -1
		}
		return r
	}, strings.SplitN(err.Error(), "\n", 2)[0])
}

// shorter leaves out whatever a script does not need to fail in the same way.
func shorter(s *sessiontest.Script, err error) *sessiontest.Script {
	for again := true; again; {
		again = false
		for i := len(s.Ops) - 1; i >= 0; i-- {
			if t := s.Without(i); class(sessiontest.Play(t).Err) == class(err) {
				s, again = t, true
			}
		}
	}
	return s
}

func chaosFailed(t *testing.T, test string, s *sessiontest.Script, err error) {
	t.Helper()
	small := shorter(s, err)
	if *chaosSave != "" {
		if err := os.WriteFile(filepath.Join(*chaosSave, fmt.Sprintf("seed-%d.txt", s.Seed)), []byte(small.String()), 0o644); err != nil {
			t.Error(err)
		}
	}
	t.Errorf("seed %d: %v\n%s\nWithout what it does not need, the script is\n%sand says: %v", s.Seed, err, replay(test, s.Seed), small, sessiontest.Play(small).Err)
}

// Scripts that once failed, each with the remark what was wrong.
func TestChaosFound(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/chaos/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no scripts: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			t.Parallel()
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			s, err := sessiontest.ParseScript(string(text))
			if err != nil {
				t.Fatal(err)
			}
			if out := sessiontest.Play(s); out.Err != nil {
				t.Error(out.Err)
			}
		})
	}
}

// Scripts of everything that can go wrong, on real peers and a real room in virtual time; see
// package sessiontest for what happens and what must hold.
func TestChaos(t *testing.T) {
	t.Parallel()
	first, n := uint64(1), *chaosSeeds
	if *seedFlag != 0 {
		first, n = *seedFlag, 1
	}
	switch {
	case race.Enabled:
		n = min(n, 10)
	case testing.Short():
		n = min(n, 100)
	}
	seen := map[string]int{}
	frames, steps, failed := 0, 0, 0
	sums := newSums(t, "chaos")
	for seed := first; seed < first+uint64(n); seed++ {
		s := sessiontest.NewScript(seed, 900)
		out := sessiontest.Play(s)
		if n == 1 {
			t.Log(s)
		}
		if out.Err != nil {
			chaosFailed(t, "TestChaos", s, out.Err)
			if failed++; failed == *chaosFails {
				return
			}
		}
		sums.add(seed, out.Sum)
		frames, steps = frames+out.Frames, steps+out.Steps
		for k, v := range out.Seen {
			seen[k] += v
		}
	}
	sums.done()
	t.Logf("%d scripts, %d frames, %d steps: %v", n, frames, steps, seen)
	if n < 1000 {
		return
	}
	// A script that tests nothing proves nothing.
	for _, k := range strings.Split("start,settled,restored,displaced,pause,resume,match over,rewound,snapshot,loaded,repaired,stand-in,finished,recheck,"+
		"desync by "+protocol.JudgeMajority.String()+",desync by "+protocol.JudgeRecheck.String()+",desync by "+protocol.JudgeWitness.String(), ",") {
		if seen[k] == 0 {
			t.Errorf("in %d scripts there was no %q", n, k)
		}
	}
	// Nor does one in which nobody can tell any more which states are right: 3 in 1000 as the scripts are.
	if most := n / 100; seen["guess"] > most {
		t.Errorf("in %d of %d scripts a state was guessed, and none is checked from then on; at most %d should", seen["guess"], n, most)
	}
}

// Long matches, one script after another, until so many frames have been stepped as -chaos-frames
// says: the run that is made before a release.
func TestChaosForLong(t *testing.T) {
	if *chaosFrames == 0 {
		t.Skip("only with -chaos-frames N")
	}
	frames, steps, told := 0, 0, 0
	seed := max(1, *seedFlag)
	for ; steps < *chaosFrames; seed++ {
		s := sessiontest.NewScript(seed, longMatch)
		out := sessiontest.Play(s)
		if out.Err != nil {
			chaosFailed(t, "TestChaosForLong -chaos-frames 1", s, out.Err)
			return
		}
		frames, steps = frames+out.Frames, steps+out.Steps
		if told++; told%100 == 0 {
			t.Logf("so far %d frames were closed and %d stepped in %d scripts", frames, steps, told)
		}
	}
	t.Logf("%d frames were closed and %d stepped in %d scripts, without a violation", frames, steps, seed-max(1, *seedFlag))
}

// longMatch is about how long a match of TestChaosForLong is, in frames: twenty minutes.
const longMatch = 36000

// How many frames peers step in a second of wall time, with everything that goes wrong.
func BenchmarkChaos(b *testing.B) {
	frames, steps := 0, 0
	seed := uint64(0)
	for b.Loop() {
		seed++
		out := sessiontest.Play(sessiontest.NewScript(seed, 900))
		if out.Err != nil {
			b.Fatal(out.Err)
		}
		frames, steps = frames+out.Frames, steps+out.Steps
	}
	b.ReportMetric(float64(frames)/b.Elapsed().Seconds(), "frames/s")
	b.ReportMetric(float64(steps)/b.Elapsed().Seconds(), "steps/s")
}
