package session_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"tandem/netcode/session"
	"tandem/netcode/session/options"
	"tandem/netcode/session/replica"
	"tandem/netcode/sessiontest"
)

// figured plays a match and holds every figure that its peers tell to what really happened.
func figured(t *testing.T, w *sessiontest.World, wholly bool) {
	t.Helper()
	type told struct {
		seat int
		at   time.Duration
		e    session.Event
	}
	var list []told
	for i, n := range w.Nodes {
		n.OnEvent = func(_ *sessiontest.Node, at time.Duration, e *session.Event) {
			switch e.Kind {
			case session.EventLatency, session.EventPath, session.EventInputDelay:
				list = append(list, told{i, at, *e})
			}
		}
	}
	truth := sessiontest.Watch(w)
	if !w.Run(3 * time.Minute) {
		t.Fatal("the match did not end")
	}
	off := func(a, b time.Duration) time.Duration { return (a - b).Abs() }
	n := make([]map[session.EventKind]int, len(w.Nodes))
	for i := range n {
		n[i] = map[session.EventKind]int{}
	}
	for k := range list {
		i, e := list[k].seat, &list[k].e
		n[i][e.Kind]++
		from := i
		if e.Kind == session.EventLatency {
			from = e.Seat
		}
		whole, ok := truth.Latency(from, i, e.Frame)
		if !ok {
			t.Fatalf("seat %d tells of seat %d's input for frame %d, which was not executed: %+v", i, from, e.Frame, *e)
		}
		// Two computers' clocks may differ by 200 ppm in the length of a second.
		rough := whole/5000 + 100*time.Microsecond
		s := &truth.Seats[i]
		closed := truth.Closed[e.Frame]
		switch e.Kind {
		case session.EventInputDelay:
			if off(e.Dur, whole) > rough {
				t.Fatalf("seat %d, frame %d: an input delay of %v, in truth %v", i, e.Frame, e.Dur, whole)
			}
		case session.EventLatency:
			if off(e.Dur, whole) > e.Bound {
				t.Fatalf("seat %d, frame %d: a latency of %v ± %v, in truth %v", i, e.Frame, e.Dur, e.Bound, whole)
			}
		case session.EventPath:
			p := &e.Path
			if p.Sum() != e.Dur || off(e.Dur-p.Sample, whole) > rough {
				t.Fatalf("seat %d, frame %d: the parts %+v make %v of %v, in truth %v", i, e.Frame, *p, p.Sum(), e.Dur, whole)
			}
			if up := s.Reached[e.Frame] - s.Sampled[e.Frame]; off(p.Up, up) > e.Bound+rough {
				t.Fatalf("seat %d, frame %d: %v ± %v up, in truth %v", i, e.Frame, p.Up, e.Bound, up)
			}
			// A bundle tells in whole milliseconds how early its frame closed.
			if waited := closed - s.Reached[e.Frame]; off(p.Others, waited) > e.Bound+rough+time.Millisecond {
				t.Fatalf("seat %d, frame %d: %v for the others, in truth %v", i, e.Frame, p.Others, waited)
			}
			if p.Sample < 0 || p.Due < 0 || p.Timer < 0 {
				t.Fatalf("seat %d, frame %d: it waited %+v", i, e.Frame, *p)
			}
		}
	}
	if !wholly {
		return
	}
	for i := range w.Nodes {
		executed, others := 0, 0
		for f := range truth.Seats[i].Stepped {
			for s := range w.Nodes {
				if _, ok := truth.Latency(s, i, f); ok && s == i {
					executed++
				} else if ok {
					others++
				}
			}
		}
		for kind, all := range map[session.EventKind]int{session.EventInputDelay: executed, session.EventLatency: others, session.EventPath: executed} {
			// What is sampled last is told when there is nobody any more who would.
			if got := n[i][kind]; got > all || all-got > 70 {
				t.Errorf("seat %d: %d events of kind %d for %d inputs", i, got, kind, all)
			}
		}
	}
}

// Every figure that a peer tells is true, on every link: it is of an input that was executed, its parts add
// up, and its error is within the bound that is told with it. None is left out.
func TestFiguresAreTrue(t *testing.T) {
	t.Parallel()
	most := 10
	if testing.Short() {
		most = 1
	}
	for _, row := range sessiontest.Links() {
		t.Run(row.Name, func(t *testing.T) {
			runs := matchSeeds()
			for _, seed := range runs[:min(len(runs), most)] {
				for _, delay := range []string{"auto", "0", "3", "8"} {
					cfg := matchConfig(900)
					if err := cfg.Set("delay=" + delay); err != nil {
						t.Fatal(err)
					}
					figured(t, foldWorld(seed, cfg, row.Seats[0], row.Seats[1]), true)
					if t.Failed() {
						t.Fatal(replay("TestFiguresAreTrue", seed), "delay", delay)
					}
				}
			}
		})
	}
}

// The same over links and clocks that are drawn, with computers that stand still.
func TestFiguresAreTrueAnywhere(t *testing.T) {
	t.Parallel()
	for _, seed := range matchSeeds() {
		r := rand.New(rand.NewPCG(seed, 77))
		cfg := matchConfig(900)
		cfg.Delay = options.Delay{Frames: r.IntN(8)}
		if r.IntN(2) == 0 {
			cfg.Delay = options.AutoDelay
		}
		w := foldWorld(seed, cfg, sessiontest.DrawLine(r), sessiontest.DrawLine(r), sessiontest.DrawLine(r))
		for _, n := range w.Nodes {
			n.OnStep = func(*sessiontest.Node, *replica.Command) {}
		}
		stall(w, r)
		figured(t, w, false)
		if t.Failed() {
			t.Fatal(replay("TestFiguresAreTrueAnywhere", seed))
		}
	}
}

// Who loses every input has no figure that looks well: nothing is told of inputs that were replaced.
func TestNothingIsToldOfReplacedInputs(t *testing.T) {
	cfg := matchConfig(600)
	if err := cfg.Set("delay=strict:3"); err != nil {
		t.Fatal(err)
	}
	slow := line("rtt=60ms")
	slow.Net = append(slow.Net, line("rtt=400ms").Net...) // once strict has let it in
	slow.Net[1].At = 6 * time.Second
	w := foldWorld(1, cfg, lan(), slow)
	replaced, told, last := 0, 0, uint32(0)
	w.Nodes[0].OnEvent = func(_ *sessiontest.Node, _ time.Duration, e *session.Event) {
		if e.Kind == session.EventLatency {
			told++
			last = e.Frame
		}
	}
	w.Nodes[1].OnEvent = func(_ *sessiontest.Node, _ time.Duration, e *session.Event) {
		if e.Kind == session.EventSubstituted {
			replaced++
		}
	}
	if !w.Run(time.Minute) {
		t.Fatal("no end")
	}
	if replaced < 500 || told+replaced > 600 {
		t.Errorf("%d inputs were replaced and the latency of %d told, up to frame %d", replaced, told, last)
	}
}
