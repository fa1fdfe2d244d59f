package session_test

import (
	"strings"
	"testing"
	"time"

	"tandem/netcode/protocol"
	"tandem/netcode/session"
	"tandem/netcode/session/options"
	"tandem/netcode/session/replica"
	"tandem/netcode/session/timing"
	"tandem/netcode/sessiontest"
)

// With late_policy=wait a frame is held for a late input, all closes move by the hold, and the
// bundle announces it; without it the frame closes in time.
func TestWaitHoldsTheFrame(t *testing.T) {
	d := newDriver(t, 2, "late_policy=wait", "grace_ms=80").start()
	d.at(0, -20*ms).action(1, 0, 1)
	if len(d.at(0, 30*ms).bundles(1)) != 0 {
		t.Fatal("the frame was not held")
	}
	b := d.action(2, 0, 2).bundles(1)
	if len(b) != 1 || b[0].Substituted != 0 || b[0].Hold != 300 || b[0].Actions[1] != 2 {
		t.Fatalf("got %+v, want a hold of 30 ms", b)
	}
	// The next frame closes 30 ms later than it was announced.
	d.action(1, 1, 1)
	if len(d.at(1, 29*ms).bundles(1)) != 0 {
		t.Fatal("the hold did not move the next close")
	}
	// And nobody is waited for longer than the grace.
	if len(d.at(1, 30*ms+79*ms).bundles(1)) != 0 {
		t.Fatal("closed before the grace was over")
	}
	b = d.at(1, 30*ms+80*ms).bundles(1)
	if len(b) != 1 || b[0].Substituted != 2 || b[0].Hold != 800 {
		t.Fatalf("got %+v, want the grace and a substitute", b)
	}
}

// With late_policy=hold a frame waits for the input of all who are there, for as long as it takes; whose
// connection is gone is not waited for.
func TestHoldWaitsForEverybody(t *testing.T) {
	d := newDriver(t, 2, "late_policy=hold", "on_disconnect=substitute").start()
	d.at(0, -20*ms).action(1, 0, 1)
	for late := time.Duration(0); late < 4*time.Second; late += 100 * ms {
		d.message(1, protocol.AppendPing(nil, &protocol.Ping{}))
		if len(d.at(0, late).bundles(1)) != 0 {
			t.Fatalf("the frame was closed without its input after %v", late)
		}
	}
	b := d.at(0, 4*time.Second).action(2, 0, 2).bundles(1)
	if len(b) != 1 || b[0].Substituted != 0 || b[0].Hold != 40_000 || b[0].Actions[1] != 2 {
		t.Fatalf("got %+v, want a hold of 4 s", b)
	}
	d.action(1, 1, 1)
	if len(d.at(1, 4*time.Second-ms).bundles(1)) != 0 {
		t.Fatal("the hold did not move the next close")
	}
	closed := 0
	for late := 4 * time.Second; late < 14*time.Second && closed == 0; late += 100 * ms {
		d.message(1, protocol.AppendPing(nil, &protocol.Ping{}))
		closed += len(d.at(1, late).bundles(1))
	}
	if closed == 0 {
		t.Fatal("a seat that has been silent for ten seconds is waited for still")
	}
}

// A seat may hold the others up for one second in ten; after that it is substituted in time.
func TestWaitHasABudget(t *testing.T) {
	d := newDriver(t, 2, "late_policy=wait", "grace_ms=100").start()
	held, frame := time.Duration(0), uint32(0)
	d.onBundle = func(conn session.ConnID, b *protocol.Bundle) {
		if conn == 1 {
			held += time.Duration(b.Hold) * 100 * time.Microsecond
		}
	}
	for end := d.close + 10*time.Second; d.now < end; d.now += 5 * ms {
		d.message(2, protocol.AppendPing(nil, &protocol.Ping{})) // alive, but its inputs never come
		for d.room.Frames() >= frame {
			d.action(1, frame, 1)
			frame++
		}
	}
	if held < 900*ms || held > time.Second {
		t.Errorf("held for %v in 10 s, want all of the budget of 1 s and no more", held)
	}
}

// Whole matches under wait: all step the same, and a line that stalls now and then for less than
// the grace has no input substituted.
func TestWaitInVirtualTime(t *testing.T) {
	for _, seed := range matchSeeds()[:1+len(matchSeeds())/20] {
		cfg := matchConfig(600)
		cfg.Late, cfg.Grace, cfg.Delay = options.LateWait, 200*ms, options.Delay{Mode: options.DelayStrict, Frames: 5}
		w := foldWorld(seed, cfg, lan(), line("rtt=90ms,jitter=40ms,stall=1%/60ms"))
		var m [2]measured
		for i, n := range w.Nodes {
			m[i].watch(w, n)
		}
		if !w.Run(2*time.Minute) || w.Nodes[0].Game.Hash().Total != w.Nodes[1].Game.Hash().Total {
			t.Fatalf("seed %d: the match did not end well", seed)
		}
		if m[0].substituted+m[1].substituted > 0 {
			t.Errorf("seed %d: %d and %d inputs were substituted although the relay waits", seed, m[0].substituted, m[1].substituted)
		}
	}
}

// A seat that is away takes the default action at once and nobody waits for it; when it is back its
// inputs count again.
func TestAway(t *testing.T) {
	d := newDriver(t, 2).start()
	d.at(0, -50*ms).action(2, 0, 3)
	d.action(1, 0, 1)
	d.message(2, protocol.Append(nil, &protocol.Away{Away: true}))
	b := d.action(1, 1, 1).bundles(1)
	if len(b) != 1 || b[0].Actions[1] != 6 || b[0].Substituted != 2 {
		t.Fatalf("away: %+v, want the default action before the frame's time", b)
	}
	d.message(2, protocol.Append(nil, &protocol.Away{Away: false}))
	if len(d.action(1, 2, 1).bundles(1)) != 0 {
		t.Fatal("back: not waited for")
	}
	if b = d.action(2, 2, 5).bundles(1); len(b) != 1 || b[0].Actions[1] != 5 {
		t.Fatalf("back: %+v", b)
	}
}

// The others do not wait for a seat that has said nothing for a second.
func TestQuietSeatIsNotWaitedFor(t *testing.T) {
	d := newDriver(t, 2).start()
	for f := uint32(0); f < 90; f++ {
		early := len(d.at(f, -20*ms).action(1, f, 1).bundles(1))
		if f > 40 && early != 1 {
			t.Fatalf("frame %d waited for a seat that is silent", f)
		}
		d.at(f, 0)
	}
}

func TestDelayIsChangedInMidMatch(t *testing.T) {
	for _, tc := range []struct{ from, to string }{{"3", "6"}, {"6", "2"}, {"3", "auto"}, {"auto", "5"}} {
		cfg := matchConfig(900)
		if err := cfg.Set("delay=" + tc.from); err != nil {
			t.Fatal(err)
		}
		w := foldWorld(5, cfg, lan(), line("rtt=30ms"))
		var after []time.Duration
		announced := uint32(0)
		for i, n := range w.Nodes {
			n.OnEvent = func(n *sessiontest.Node, _ time.Duration, e *session.Event) {
				switch {
				case e.Kind == session.EventDelay:
					announced = e.Frame
				case e.Kind == session.EventInputDelay && announced > 0 && e.Frame > announced+150 && i == 1:
					after = append(after, e.Dur)
				case e.Kind == session.EventSubstituted:
					t.Errorf("%s to %s: seat %d's input of frame %d was substituted", tc.from, tc.to, i, e.Frame)
				}
			}
		}
		w.Nodes[0].OnStep = func(n *sessiontest.Node, c *replica.Command) {
			if c.Frame == 300 {
				w.Send(n.Index, n.Peer.SetDelay(tc.to))
			}
		}
		if !w.Run(time.Minute) || w.Nodes[0].Game.Hash().Total != w.Nodes[1].Game.Hash().Total {
			t.Fatalf("%s to %s: the match did not end well", tc.from, tc.to)
		}
		lo, hi := time.Duration(0), 60*ms
		if tc.to != "auto" {
			if err := cfg.Set("delay=" + tc.to); err != nil {
				t.Fatal(err)
			}
			lo = session.FrameTime(int64(cfg.Delay.Frames)) - 2*ms
			hi = lo + 4*ms
		}
		p50 := quantile(after, 0.5)
		if announced < 300 || len(after) < 300 || p50 < lo || p50 > hi {
			t.Errorf("%s to %s, announced for frame %d: the delay is %v over %d inputs, want %v to %v", tc.from, tc.to, announced, p50, len(after), lo, hi)
		}
	}
}

func TestOnlyTheHostChangesOptions(t *testing.T) {
	set := func(d *driver, conn session.ConnID, option string) {
		d.message(conn, protocol.Append(nil, &protocol.SetOption{Epoch: d.epoch, Option: option}))
	}
	d := newDriver(t, 2).start()
	set(d, 2, "delay=5")
	d.refused(2, protocol.CodeNotHost)
	d = newDriver(t, 2).start()
	set(d, 1, "players=5")
	d.refused(1, protocol.CodeOptions)
	d = newDriver(t, 2).start()
	set(d, 1, "delay=500")
	d.refused(1, protocol.CodeOptions)
	d = newDriver(t, 2).start()
	set(d, 1, "delay=5")
	for _, h := range d.got {
		if m, ok := h.dec.Cold.(*protocol.SetOption); ok && (m.Frame != d.room.Frames()+10 || !strings.Contains(m.Option, "5")) {
			t.Errorf("announced %+v", m)
		}
	}
	if d.count(1, protocol.TypeSetOption) != 1 || d.count(2, protocol.TypeSetOption) != 1 {
		t.Error("the change was not announced to both")
	}
}

// A player with a rhythm is predicted better than repetition does; one without is not predicted
// worse.
func TestPredictor(t *testing.T) {
	var rhythm []uint8
	for i := range 3000 {
		rhythm = append(rhythm, []uint8{1, 1, 1, 5, 5, 5}[i%6])
	}
	j := timing.Judge(rhythm, 1)
	if j.Predicted < j.Actions*95/100 || j.Repeated > j.Actions*70/100 {
		t.Errorf("rhythm: %+v", j)
	}
	f := sessiontest.NewFold(1, 7, 1, 3)
	var random []uint8
	for range 20000 {
		random = append(random, uint8(f.Sample()))
	}
	if j := timing.Judge(random, 1); j.Predicted < j.Repeated*98/100 {
		t.Errorf("no rhythm: %+v, want no worse than repetition", j)
	}
}

// Under action_population_method=predicted all peers still step the same: the guess is the relay's.
func TestPredictedSubstitutes(t *testing.T) {
	cfg := matchConfig(900)
	cfg.Population = options.PredictedAction
	cfg.Delay = options.Delay{Mode: options.DelayAuto, Max: 3} // less than the line needs
	w := foldWorld(9, cfg, lan(), line("rtt=200ms,stall=10%/200ms"))
	var m [2]measured
	for i, n := range w.Nodes {
		m[i].watch(w, n)
	}
	if !w.Run(2*time.Minute) || w.Nodes[0].Game.Hash().Total != w.Nodes[1].Game.Hash().Total {
		t.Fatal("the match did not end well")
	}
	if m[1].substituted < 100 {
		t.Fatalf("only %d inputs were substituted: the test tests nothing", m[1].substituted)
	}
}
