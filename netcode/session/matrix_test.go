package session_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"tandem/netcode/netsim"
	"tandem/netcode/session"
	"tandem/netcode/session/options"
	"tandem/netcode/session/replica"
	"tandem/netcode/sessiontest"
)

// measured is what a seat saw of a match.
type measured struct {
	delays      []time.Duration
	intervals   []time.Duration
	substituted int
	frames      int
	last        time.Duration
}

func (m *measured) watch(w *sessiontest.World, n *sessiontest.Node) {
	n.OnStep = func(*sessiontest.Node, *replica.Command) {
		if m.frames > 0 {
			m.intervals = append(m.intervals, w.Now-m.last)
		}
		m.last = w.Now
		m.frames++
	}
	n.OnEvent = func(_ *sessiontest.Node, _ time.Duration, e *session.Event) {
		switch e.Kind {
		case session.EventInputDelay:
			m.delays = append(m.delays, e.Dur)
		case session.EventSubstituted:
			m.substituted++
		}
	}
}

func quantile(list []time.Duration, q float64) time.Duration {
	if len(list) == 0 {
		return 0
	}
	s := slices.Clone(list)
	slices.Sort(s)
	return s[min(len(s)-1, int(q*float64(len(s))))]
}

func replay(test string, seed uint64) string {
	return fmt.Sprintf("replay with: go test ./netcode/session -run %s -seed %d", test, seed)
}

// A step from 50 to 200 ms and back in mid-game: few inputs are late, the delay settles within five
// seconds both times, and it does not oscillate.
func TestStepOfRoundTrip(t *testing.T) {
	t.Parallel()
	near, far := netsim.Spec{RTT: 50 * ms, Jitter: 4 * ms}, netsim.Spec{RTT: 200 * ms, Jitter: 4 * ms}
	runs := matchSeeds()
	for _, seed := range runs[:min(len(runs), 100)] {
		cfg := matchConfig(1500)
		cfg.Delay = options.AutoDelay
		up, down := 20*time.Second, 35*time.Second
		stepped := sessiontest.Line{Net: netsim.Schedule{{Spec: near}, {At: up, Spec: far}, {At: down, Spec: near}}}
		w := foldWorld(seed, cfg, lan(), stepped)
		var late int
		var goodWorst, goodLast time.Duration
		type sample struct{ at, delay time.Duration }
		var delays []sample
		w.Nodes[0].OnStep = func(*sessiontest.Node, *replica.Command) {
			if goodLast > 0 {
				goodWorst = max(goodWorst, w.Now-goodLast)
			}
			goodLast = w.Now
		}
		w.Nodes[1].OnEvent = func(_ *sessiontest.Node, at time.Duration, e *session.Event) {
			switch e.Kind {
			case session.EventSubstituted:
				late++
			case session.EventInputDelay:
				delays = append(delays, sample{at, e.Dur})
			}
		}
		if !w.Run(2 * time.Minute) {
			t.Fatalf("seed %d: no end", seed)
		}
		if late > 15 {
			t.Errorf("seed %d: %d late inputs, want at most 15", seed, late)
		}
		if goodWorst > 45*ms {
			t.Errorf("seed %d: the good seat waited %v", seed, goodWorst)
		}
		turns, direction := 0, 0
		for i, d := range delays {
			if d.at > up+5*time.Second && d.at < down && (d.delay < 200*ms || d.delay > 235*ms) {
				t.Errorf("seed %d: %v after the step up the delay is %v", seed, d.at-up, d.delay)
				break
			}
			if d.at > down+5*time.Second && (d.delay < 50*ms || d.delay > 85*ms) {
				t.Errorf("seed %d: %v after the step down the delay is %v", seed, d.at-down, d.delay)
				break
			}
			// A turn is a change of direction of more than 15 ms between half-seconds.
			if i%15 == 0 && i > 0 {
				diff := d.delay - delays[i-15].delay
				switch {
				case diff > 15*ms && direction <= 0:
					direction, turns = 1, turns+1
				case diff < -15*ms && direction >= 0:
					direction, turns = -1, turns+1
				}
			}
		}
		if turns > 2 {
			t.Errorf("seed %d: the delay turned %d times, want up once and down once", seed, turns)
		}
		if t.Failed() {
			t.Fatal(replay("TestStepOfRoundTrip", seed))
		}
	}
}

// Clocks that run 200 ppm apart and a computer that sleeps for 3 s, with its clock or without: the
// match goes on and the delay comes back.
func TestSkewAndSleep(t *testing.T) {
	t.Parallel()
	runs := matchSeeds()
	for _, seed := range runs[:min(len(runs), 100)] {
		for k, mode := range []options.Delay{{Frames: 4}, {Mode: options.DelayAuto, Max: options.MaxDelay}, {Frames: 4}, {Mode: options.DelayAuto, Max: options.MaxDelay}} {
			cfg := matchConfig(1800)
			cfg.Delay = mode
			w := foldWorld(seed, cfg, line("rtt=40ms,jitter=10ms,skew=200"), line("rtt=40ms,jitter=10ms,skew=-200"))
			var m [2]measured
			var after []time.Duration
			for i, n := range w.Nodes {
				m[i].watch(w, n)
			}
			step, event := w.Nodes[1].OnStep, w.Nodes[1].OnEvent
			var woke time.Duration
			w.Nodes[1].OnStep = func(n *sessiontest.Node, c *replica.Command) {
				step(n, c)
				if c.Frame == 600 {
					woke = w.Now + 3*time.Second
					w.Sleep(1, woke)
					if k >= 2 {
						n.Clock.Offset -= 3 * time.Second // its clock slept, too
					}
				}
			}
			w.Nodes[1].OnEvent = func(n *sessiontest.Node, at time.Duration, e *session.Event) {
				event(n, at, e)
				if e.Kind == session.EventInputDelay && woke > 0 && at > woke+5*time.Second {
					after = append(after, e.Dur)
				}
			}
			if !w.Run(2 * time.Minute) {
				t.Fatalf("seed %d: no end", seed)
			}
			if a, b := w.Nodes[0].Game.Hash(), w.Nodes[1].Game.Hash(); a.Total != b.Total {
				t.Fatalf("seed %d: the states differ", seed)
			}
			if m[0].substituted > 18 {
				t.Errorf("seed %d, %s: %d inputs of the seat that stayed awake were late", seed, mode, m[0].substituted)
			}
			if worst := quantile(m[0].intervals, 1); worst > 50*ms {
				t.Errorf("seed %d, %s: the seat that stayed awake waited %v", seed, mode, worst)
			}
			if p50 := quantile(after, 0.5); len(after) < 500 || p50 > 140*ms {
				t.Errorf("seed %d, %s: after the sleep the delay is %v over %d inputs", seed, mode, p50, len(after))
			}
			if t.Failed() {
				t.Fatal(replay("TestSkewAndSleep", seed))
			}
		}
	}
}
