package session_test

import (
	"testing"
	"time"

	"tandem/netcode/netsim"
	"tandem/netcode/protocol"
	"tandem/netcode/session"
	"tandem/netcode/session/options"
	"tandem/netcode/session/replica"
	"tandem/netcode/sessiontest"
)

// Nobody loses inputs for longer than their line delivered nothing, and all play with little delay.
func TestLinks(t *testing.T) {
	t.Parallel()
	for _, row := range sessiontest.Links() {
		t.Run(row.Name, func(t *testing.T) {
			runs := matchSeeds()
			runs = runs[:min(len(runs), 100)]
			frames := 900
			var share [2]float64
			for _, seed := range runs {
				cfg := matchConfig(uint32(frames))
				w := foldWorld(seed, cfg, row.Seats[0], row.Seats[1])
				var m [2]measured
				var lost [2]losses
				for i, n := range w.Nodes {
					m[i].watch(w, n)
				}
				w.OnArrival = func(n *sessiontest.Node) { lost[n.Index].arrived(w.Now) }
				w.OnRoom = func(at time.Duration, e *session.RoomEvent) {
					if e.Kind == session.RoomClosed {
						for i := range lost {
							lost[i].closed(at, e.Mask&(1<<i) != 0)
						}
					}
				}
				if !w.Run(2 * time.Minute) {
					t.Fatalf("seed %d: the match did not end", seed)
				}
				if a, b := w.Nodes[0].Game.Hash(), w.Nodes[1].Game.Hash(); a.Total != b.Total || w.Nodes[0].Peer.End().Code != protocol.CodeOK {
					t.Fatalf("seed %d: the states differ, %+v", seed, w.Nodes[0].Peer.End())
				}
				for i := range m {
					of := float64(m[i].substituted) / float64(frames)
					share[i] += of / float64(len(runs))
					p50 := quantile(m[i].delays, 0.5)
					p99 := quantile(m[i].intervals, 0.99)
					if of > row.Worst {
						t.Errorf("seed %d, seat %d: %.1f %% substituted", seed, i, 100*of)
					}
					if row.Budget[i] > 0 && p50 > row.Budget[i] {
						t.Errorf("seed %d, seat %d: input delay p50 %v, want at most %v", seed, i, p50, row.Budget[i])
					}
					if i == 0 && p99 > 45*ms {
						t.Errorf("seed %d: the good seat's interval p99 is %v", seed, p99)
					}
					if beyond := lost[i].beyond; beyond > 10 {
						t.Errorf("seed %d, seat %d: a run of substituted inputs is %d frames longer than its line was silent", seed, i, beyond)
					}
					if seed == runs[0] {
						t.Logf("seat %d: substituted %.2f %%, input delay p50 %v p99 %v, interval p99 %v", i, 100*of, p50, quantile(m[i].delays, 0.99), p99)
					}
				}
				if t.Failed() {
					t.Fatal(replay("TestLinks", seed))
				}
			}
			for i := range share {
				t.Logf("seat %d: %.3f %% of all inputs substituted", i, 100*share[i])
				if len(runs) > 5 && share[i] > row.Share {
					t.Errorf("seat %d: %.2f %% of all inputs were substituted, want at most %.2f %%", i, 100*share[i], 100*row.Share)
				}
			}
		})
	}
}

// Three seconds after a silence of 250 ms the delay is what it was, and half of that more at most: on a LAN, and
// where a jitter hides what changed.
func TestOutageIsForgotten(t *testing.T) {
	t.Parallel()
	for _, line := range []string{"rtt=3ms", "rtt=60ms,jitter=10ms"} {
		spec := sessiontest.LineOf(line).Net[0].Spec
		silent := spec
		silent.RTT += 500 * ms
		const begins, forgotten = 11 * time.Second, 14*time.Second + 250*ms
		for _, seed := range matchSeeds()[:min(len(matchSeeds()), 30)] {
			cfg := matchConfig(600)
			w := foldWorld(seed, cfg, sessiontest.LAN(), sessiontest.Line{Net: netsim.Schedule{{Spec: spec}, {At: begins, Spec: silent}, {At: begins + 40*ms, Spec: spec}}})
			before, after, n, substituted := time.Duration(0), time.Duration(0), 0, 0
			w.Nodes[1].OnEvent = func(_ *sessiontest.Node, now time.Duration, e *session.Event) {
				switch {
				case e.Kind == session.EventSubstituted:
					substituted++
				case e.Kind != session.EventInputDelay:
				case now > begins-2*time.Second && now < begins:
					before = max(before, e.Dur)
				case now > forgotten:
					after = max(after, e.Dur)
					n++
				}
			}
			if !w.Run(2*time.Minute) || before == 0 || n < 100 || substituted == 0 {
				t.Fatalf("%s, seed %d: the match did not end, or nothing was measured (%v, %d, %d)", line, seed, before, n, substituted)
			}
			if after > before*3/2 {
				t.Errorf("%s, seed %d: input delay %v before a silence, and still %v three seconds after it\n%s", line, seed, before, after, replay("TestOutageIsForgotten", seed))
			}
		}
	}
}

// losses compares a seat's runs of substituted inputs with the silence of its line.
type losses struct {
	last    time.Duration // arrival
	silence time.Duration // the longest that reaches into the run
	run     int
	beyond  int // the most frames by which a run was longer than that
}

func (l *losses) arrived(now time.Duration) {
	if l.last > 0 && l.run > 0 {
		l.silence = max(l.silence, now-l.last)
	}
	l.last = now
}

func (l *losses) closed(now time.Duration, substituted bool) {
	if !substituted {
		l.run, l.silence = 0, 0
		return
	}
	l.run++
	l.silence = max(l.silence, now-l.last)
	l.beyond = max(l.beyond, l.run-int(l.silence/session.FrameInterval))
}

// After a hold an input is in time that comes before the close as the hold has moved it.
func TestSlackAfterAHold(t *testing.T) {
	t.Parallel()
	for _, seed := range matchSeeds()[:min(len(matchSeeds()), 5)] {
		cfg := matchConfig(600)
		cfg.Late, cfg.Grace = options.LateWait, 400*ms
		late := sessiontest.LAN().Net[0].Spec
		late.RTT += 300 * ms
		good := sessiontest.LAN()
		w := foldWorld(seed, cfg, good, sessiontest.Line{Net: append(good.Net[:1:1], netsim.Step{At: 11 * time.Second, Spec: late}, netsim.Step{At: 11*time.Second + 40*ms, Spec: good.Net[0].Spec})})
		held, slacks := time.Duration(0), 0
		w.Nodes[0].OnStep = func(_ *sessiontest.Node, c *replica.Command) { held += c.Hold }
		w.Nodes[0].OnEvent = func(_ *sessiontest.Node, now time.Duration, e *session.Event) {
			if e.Kind == session.EventSlack && now > 12*time.Second {
				slacks++
				if e.Dur < 0 {
					t.Errorf("seed %d: after holds of %v an input of frame %d is told to be %v late", seed, held, e.Frame, -e.Dur)
				}
			}
		}
		if !w.Run(2*time.Minute) || slacks < 200 || held < 50*ms {
			t.Fatalf("seed %d: %d slacks, held for %v", seed, slacks, held)
		}
	}
}
