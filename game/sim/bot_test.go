package sim_test

import (
	"io"
	"testing"
	"time"

	"tandem/game/sim"
	"tandem/netcode/recording"
)

// An exact bot decides on the state right before its frame, and on no other.
func TestExactBotInput(t *testing.T) {
	m := newMatch(t, "testenv")
	b, err := sim.NewBotInput("random", m, 0, 1)
	if err != nil {
		t.Fatal(err)
	}
	b.Exact = true
	known := func(frame uint32, want bool) {
		t.Helper()
		if _, ok := b.SampleFrame(frame); ok != want {
			t.Errorf("after %d frames the action for frame %d is known: %v", m.Frame(), frame, ok)
		}
	}
	known(0, false)
	m.Reset(1)
	known(0, true)
	known(1, false)
	acts := newActor(m, 4)
	m.Step(acts.next(m.Frame()))
	known(1, true)
	known(2, false)
}

// TestBotsDrawByFrame: on whatever line a bot plays, a frame's draw is the same; an input that came too
// late changes no other.
func TestBotsDrawByFrame(t *testing.T) {
	for _, bot := range []string{"random", "sticky"} {
		cfg := config(t, "testenv", "episode_steps=1000", "frames=600")
		for _, w := range []string{"delay=auto", "one_shot="} { // one-shot actions are sent again where they came too late
			if err := cfg.Set(w); err != nil {
				t.Fatal(err)
			}
		}
		var first [][]int
		for i, line := range []string{"rtt=20ms", "rtt=120ms,jitter=100ms,stall=5%/400ms"} {
			w := recordWorld(t, uint64(7), cfg, linesOf(t, []string{line}, 2), bot)
			if !w.Run(time.Hour) {
				t.Fatal("no end")
			}
			w.finish()
			var actions [][]int
			substituted := 0
			r := w.relay.reader(t)
			for {
				rec, err := r.Next()
				if err == io.EOF {
					break
				}
				if err != nil {
					t.Fatal(err)
				}
				if rec.Kind != recording.KindBundle {
					continue
				}
				row := []int{int(rec.Actions[0]), int(rec.Actions[1])}
				for s := range row {
					if rec.Substituted&(1<<s) != 0 {
						substituted++
						row[s] = -1
					}
				}
				actions = append(actions, row)
			}
			if first == nil {
				first = actions
			}
			compared := 0
			for f := range min(len(first), len(actions)) {
				for s := range 2 {
					if a, b := first[f][s], actions[f][s]; a >= 0 && b >= 0 {
						if compared++; a != b {
							t.Fatalf("%s, frame %d, seat %d: %d on %s, %d on a good line", bot, f, s, b, line, a)
						}
					}
				}
			}
			if compared < 500 || i == 1 && substituted < 5 {
				t.Fatalf("%s on %s: %d compared, %d substituted", bot, line, compared, substituted)
			}
		}
	}
}
