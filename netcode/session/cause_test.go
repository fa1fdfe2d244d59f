package session_test

import (
	"testing"
	"time"

	"tandem/netcode/protocol"
	"tandem/netcode/session"
	"tandem/netcode/sessiontest"
)

// A delay of 0 is as soon as everybody's input is there: the round trip and what is uneven about it, and
// not an input that can never be in time.
func TestDelayZero(t *testing.T) {
	for _, c := range []struct {
		name   string
		delay  string
		lines  [2]string
		budget [2]time.Duration
	}{
		{"LAN", "0", [2]string{"rtt=2ms", "rtt=2ms"}, [2]time.Duration{15 * ms, 15 * ms}},
		{"internet", "0", [2]string{"rtt=2ms", "rtt=60ms,jitter=20ms"}, [2]time.Duration{47 * ms, 105 * ms}},
		{"overseas", "auto:0-0", [2]string{"rtt=200ms", "rtt=30ms"}, [2]time.Duration{245 * ms, 75 * ms}},
	} {
		t.Run(c.name, func(t *testing.T) {
			cfg := matchConfig(900)
			if err := cfg.Set("delay=" + c.delay); err != nil {
				t.Fatal(err)
			}
			w := foldWorld(5, cfg, line(c.lines[0]), line(c.lines[1]))
			var m [2]measured
			for i, n := range w.Nodes {
				m[i].watch(w, n)
			}
			if !w.Run(time.Minute) || w.Nodes[0].Peer.End().Code != protocol.CodeOK {
				t.Fatalf("ended with %+v", w.Nodes[0].Peer.End())
			}
			for i := range m {
				if p50 := quantile(m[i].delays, 0.5); p50 > c.budget[i] || m[i].substituted > 9 {
					t.Errorf("seat %d: %d of 900 inputs substituted, input delay %v, want at most %v", i, m[i].substituted, p50, c.budget[i])
				}
			}
		})
	}
}

// A computer that runs the program late is not called a slow link, a slow link not a busy computer, and
// the link's need is told without what this computer adds.
func TestSlowLinkOrBusyComputer(t *testing.T) {
	seldom := func(late time.Duration, one int) func(*sessiontest.World) func() time.Duration {
		return func(w *sessiontest.World) func() time.Duration {
			return func() time.Duration {
				if w.Rand.IntN(one) == 0 {
					return late/2 + time.Duration(w.Rand.Int64N(int64(late)))
				}
				return 0
			}
		}
	}
	for _, c := range []struct {
		name  string
		line  string
		delay string
		busy  func(*sessiontest.World) func() time.Duration
		kind  session.EventKind
		want  session.Warning // of a link
	}{
		{"busy, on a LAN", "rtt=1ms", "3", seldom(200*ms, 10), session.EventBusy, session.Warning{}},
		{"busy at times, on a LAN", "rtt=1ms", "1", seldom(120*ms, 15), session.EventBusy, session.Warning{}},
		{"a slow link", "rtt=150ms", "1", nil, session.EventWarning, session.Warning{Why: session.LinkOverFixed, Need: 5, Room: 1}},
		{"a slow link at a screen's ticks", "rtt=150ms", "1", seldom(12*ms, 1), session.EventWarning, session.Warning{Why: session.LinkOverFixed, Need: 5, Room: 1}},
		{"a slow link and a busy computer", "rtt=300ms", "1", seldom(120*ms, 12), session.EventWarning, session.Warning{Why: session.LinkOverFixed, Need: 10, Room: 1}},
	} {
		t.Run(c.name, func(t *testing.T) {
			cfg := matchConfig(1800)
			if err := cfg.Set("delay=" + c.delay); err != nil {
				t.Fatal(err)
			}
			w := foldWorld(3, cfg, lan(), line(c.line))
			if c.busy != nil {
				w.Nodes[1].Busy = c.busy(w)
			}
			told := map[session.EventKind][]session.Warning{}
			w.Nodes[1].OnEvent = func(_ *sessiontest.Node, _ time.Duration, e *session.Event) {
				if e.Warning != nil {
					told[e.Kind] = append(told[e.Kind], *e.Warning)
				}
			}
			if !w.Run(2*time.Minute) || w.Nodes[0].Peer.End().Code != protocol.CodeOK {
				t.Fatalf("ended with %+v", w.Nodes[0].Peer.End())
			}
			if len(told) != 1 || len(told[c.kind]) == 0 {
				t.Fatalf("warned of the link %+v, of the computer %+v", told[session.EventWarning], told[session.EventBusy])
			}
			for _, w := range told[c.kind] {
				link := session.Warning{Why: w.Why, Need: w.Need, Room: w.Room}
				if c.kind == session.EventWarning && link != c.want || c.kind == session.EventBusy && (w.Why < session.BusyLate || w.Busy == 0) {
					t.Errorf("warned of %+v, want %+v", w, c.want)
				}
			}
		})
	}
}

// Who closes the lid for a while, or looks at another page, has no busy computer.
func TestStandingStillIsNotBusy(t *testing.T) {
	for _, c := range []struct {
		name    string
		disturb func(w *sessiontest.World, n *sessiontest.Node)
	}{
		{"stands still for 3 s", func(w *sessiontest.World, n *sessiontest.Node) { w.Sleep(n.Index, w.Now+3*time.Second) }},
		{"hidden for the rest", func(_ *sessiontest.World, n *sessiontest.Node) { n.Away, n.Timers = true, time.Second }},
	} {
		for _, delay := range []string{"3", "auto"} {
			t.Run(c.name+", delay "+delay, func(t *testing.T) {
				cfg := matchConfig(1800)
				if err := cfg.Set("delay=" + delay); err != nil {
					t.Fatal(err)
				}
				w := foldWorld(3, cfg, lan(), lan())
				w.Nodes[1].Busy = func() time.Duration { return time.Duration(w.Rand.Int64N(int64(8 * ms))) }
				w.Nodes[1].OnEvent = func(_ *sessiontest.Node, _ time.Duration, e *session.Event) {
					if e.Warning != nil {
						t.Errorf("told: %+v", *e.Warning)
					}
				}
				at(w, 0, 600, func() { c.disturb(w, w.Nodes[1]) })
				if !w.Run(2 * time.Minute) {
					t.Fatal("the match did not end")
				}
			})
		}
	}
}

// A delay that follows the link follows this computer as well: one that always runs a little late has
// its inputs there in time.
func TestDelayFollowsTheComputer(t *testing.T) {
	for _, delay := range []string{"0", "auto"} {
		for _, late := range []time.Duration{8 * ms, 40 * ms} {
			cfg := matchConfig(1800)
			if err := cfg.Set("delay=" + delay); err != nil {
				t.Fatal(err)
			}
			w := foldWorld(3, cfg, lan(), lan())
			w.Nodes[1].Busy = func() time.Duration { return time.Duration(w.Rand.Int64N(int64(late))) }
			var m measured
			m.watch(w, w.Nodes[1])
			if !w.Run(2 * time.Minute) {
				t.Fatal("the match did not end")
			}
			if p50 := quantile(m.delays, 0.5); m.substituted > 36 || p50 > 3*late+15*ms {
				t.Errorf("delay %s, up to %v late: %d of 1800 inputs substituted, input delay %v", delay, late, m.substituted, p50)
			}
		}
	}
}

// What a match was warned of ends with it: the next begins without, and is judged by its own inputs alone.
func TestAWarningEndsWithItsMatch(t *testing.T) {
	cfg := matchConfig(400)
	if err := cfg.Set("delay=1"); err != nil {
		t.Fatal(err)
	}
	w := foldWorld(3, cfg)
	for i, link := range []session.PeerConfig{{Seat: 0}, {Seat: 1}} {
		link.Program, link.Room, link.Again = "test", "test", true
		w.Add(link, line([...]string{"rtt=1ms", "rtt=150ms"}[i]), newFold(w, 400, uint64(i)))
		w.Nodes[i].Again = true
	}
	type told struct {
		match int
		frame uint32
		warns bool
	}
	var heard []told
	over := 0
	w.Nodes[1].OnEvent = func(n *sessiontest.Node, _ time.Duration, e *session.Event) {
		switch e.Kind {
		case session.EventWarning, session.EventBusy:
			heard = append(heard, told{over, n.Peer.Frame(), e.Warning != nil})
		case session.EventMatchOver:
			over++
		}
	}
	for over < 2 {
		if w.Now > 2*time.Minute || w.Run(w.Now+100*ms) {
			t.Fatalf("%d matches, then %+v", over, w.Nodes[1].Peer.End())
		}
	}
	if len(heard) < 3 || !heard[0].warns || heard[0].match != 0 {
		t.Fatalf("heard %+v", heard)
	}
	second := heard[0:]
	for second[0].match == 0 {
		second = second[1:]
	}
	// Five seconds of its own are what a judgement takes.
	if second[0].warns || second[0].frame != 0 || !second[1].warns || second[1].frame < 140 {
		t.Errorf("the second match heard %+v", second)
	}
}
