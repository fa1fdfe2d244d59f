package session_test

import (
	"testing"
	"time"

	"tandem/netcode/protocol"
	"tandem/netcode/session"
	"tandem/netcode/session/options"
	"tandem/netcode/session/replica"
	"tandem/netcode/sessiontest"
)

// Nobody plays the future: however far ahead one seat sends its inputs while the others are away,
// quiet or gone, frames close at most one longest delay early.
func TestOneSeatCannotFastForward(t *testing.T) {
	for name, leave := range map[string]func(d *driver){
		"away":  func(d *driver) { d.message(2, protocol.Append(nil, &protocol.Away{Away: true})) },
		"quiet": func(d *driver) { d.now += 2 * time.Second },
		"gone":  func(d *driver) { d.do(session.RoomInput{Kind: session.InputClosed, Conn: 2}) },
	} {
		t.Run(name, func(t *testing.T) {
			d := newDriver(t, 2, "on_disconnect=substitute").start()
			d.at(0, 0)
			leave(d)
			begin := d.room.Frames()
			for range 90 {
				d.message(1, protocol.AppendActionBatch(nil, &protocol.ActionBatch{Epoch: d.epoch, Frame: d.room.Frames(), Actions: make([]byte, 60)}))
			}
			due := uint32((d.now - d.close) / session.FrameTime(1))
			if got := d.room.Frames(); got > due+options.MaxDelay+12 {
				t.Errorf("frame %d is closed where %d is due (%d at the start)", got, due, begin)
			}
		})
	}
}

// The host may change the delay while the match is paused: it holds when play goes on, for the seat
// that was gone, too.
func TestDelayChangedWhileASeatIsGone(t *testing.T) {
	for _, policy := range []string{"pause", "substitute"} {
		cfg := matchConfig(600)
		if err := cfg.Set("on_disconnect=" + policy); err != nil {
			t.Fatal(err)
		}
		w := foldWorld(12, cfg, lan(), lan())
		rec := recordWorld(t, w, 12, "TestDelayChangedWhileASeatIsGone")
		at(w, 0, 200, func() { w.Disconnect(1) })
		w.Run(12 * time.Second)
		w.Send(0, w.Nodes[0].Peer.SetDelay("7"))
		w.Run(13 * time.Second)
		w.Reconnect(1)
		if !w.Run(2*time.Minute) || w.Nodes[0].Peer.End().Code != protocol.CodeOK || w.Nodes[1].Peer.End().Code != protocol.CodeOK {
			t.Fatalf("%s: ended with %+v and %+v", policy, w.Nodes[0].Peer.End(), w.Nodes[1].Peer.End())
		}
		if d := w.Nodes[1].Peer.Room().Delay.Frames; d != 7 {
			t.Errorf("%s: who was gone plays with a delay of %d, want 7", policy, d)
		}
		rec.check(cfg)
	}
}

// A line that breaks again while the seat is being taken back is one more break, not the end.
func TestBreaksAgainOnTheWayBack(t *testing.T) {
	w := foldWorld(13, matchConfig(600), line("rtt=100ms"), line("rtt=100ms"))
	rec := recordWorld(t, w, 13, "TestBreaksAgainOnTheWayBack")
	at(w, 0, 200, func() { w.Disconnect(1) })
	w.Run(12 * time.Second)
	for range 3 {
		w.Reconnect(1)
		w.Run(w.Now + 60*ms)
		w.Disconnect(1)
		w.Run(w.Now + 200*ms)
	}
	w.Reconnect(1)
	if !w.Run(2*time.Minute) || w.Nodes[1].Peer.End().Code != protocol.CodeOK {
		t.Fatalf("ended with %+v", w.Nodes[1].Peer.End())
	}
	rec.check(matchConfig(600))
}

// A computer that slept for longer than the relay waits for a sign of life comes back within the
// pause.
func TestSleepLongerThanTheSilenceLimit(t *testing.T) {
	w := foldWorld(14, matchConfig(600), lan(), lan())
	rec := recordWorld(t, w, 14, "TestSleepLongerThanTheSilenceLimit")
	at(w, 0, 200, func() { w.Sleep(1, w.Now+7*time.Second) })
	for !w.Run(w.Now+100*ms) && w.Now < 2*time.Minute {
		if w.Nodes[1].Peer.State() == session.PeerCutOff {
			w.Reconnect(1)
		}
	}
	for i, n := range w.Nodes {
		if e := n.Peer.End(); e.Code != protocol.CodeOK {
			t.Fatalf("seat %d ended with %+v", i, e)
		}
	}
	rec.check(matchConfig(600))
}

// A seat that hears of a pause, but not of its end because its line broke unnoticed, comes back by a
// newer connection and plays on.
func TestTakesOverAfterTheResume(t *testing.T) {
	w := foldWorld(15, matchConfig(900), lan(), lan(), lan())
	rec := recordWorld(t, w, 15, "TestTakesOverAfterTheResume")
	resumed := 0
	w.OnRoom = func(_ time.Duration, e *session.RoomEvent) {
		if e.Kind == session.RoomResumed {
			resumed++
		}
	}
	at(w, 1, 200, func() { w.Disconnect(0) }) // pauses; seat 1 hears of it
	w.Run(12 * time.Second)
	w.HalfOpen(1)
	w.Reconnect(0)
	w.Run(13500 * ms)
	if resumed != 1 {
		t.Fatalf("%d resumes before seat 1 is back, want 1: the test tests nothing", resumed)
	}
	w.Reconnect(1)
	late := 0
	w.Nodes[2].OnStep = func(n *sessiontest.Node, c *replica.Command) {
		if c.Frame > 400 && c.Substituted&2 != 0 {
			late++
		}
		rec.step(2)(n, c)
	}
	if !w.Run(2*time.Minute) || w.Nodes[1].Peer.End().Code != protocol.CodeOK {
		t.Fatalf("ended with %+v", w.Nodes[1].Peer.End())
	}
	if late > 5 {
		t.Errorf("%d inputs of the returner did not count", late)
	}
	rec.check(matchConfig(900))
}

// A seat that comes and goes without ever being ready does not hold the match for longer than its
// time.
func TestComingAndGoingDoesNotPauseForEver(t *testing.T) {
	d := newDriver(t, 2)
	d.join(1, protocol.Join{Seat: 0})
	d.join(2, protocol.Join{Seat: 1})
	var tok []byte
	for _, h := range d.got {
		if m, ok := h.dec.Cold.(*protocol.HostElected); ok && h.conn == 2 {
			tok = append([]byte(nil), m.Token...)
		}
	}
	d.message(1, protocol.Append(nil, &protocol.Ready{}))
	d.message(2, protocol.Append(nil, &protocol.Ready{}))
	d.now += 5 * time.Second
	begin := d.now
	conn := session.ConnID(2)
	for range 40 {
		d.do(session.RoomInput{Kind: session.InputClosed, Conn: conn})
		if d.out.Over {
			break
		}
		conn++
		d.join(conn, protocol.Join{Token: tok})
		for range 9 {
			d.now += time.Second
			d.message(1, protocol.AppendPing(nil, &protocol.Ping{}))
			if d.out.Over {
				break
			}
			d.message(conn, protocol.AppendPing(nil, &protocol.Ping{}))
		}
	}
	if !d.out.Over || d.now-begin > 25*time.Second {
		t.Errorf("paused for %v, over: %v", d.now-begin, d.out.Over)
	}
}

// A finished player whose line breaks before end_game comes back and says so again.
func TestFinishedPlayerComesBack(t *testing.T) {
	w := foldWorld(16, matchConfig(300), lan(), line("rtt=400ms"))
	cut := false
	for !w.Run(w.Now+5*ms) && w.Now < time.Minute {
		if !cut && w.Nodes[0].Peer.State() == session.PeerFinished {
			cut = true
			w.Disconnect(0)
			w.Run(w.Now + 10*ms)
			w.Reconnect(0)
		}
	}
	if !cut {
		t.Fatal("seat 0 was not finished before seat 1")
	}
	for i, n := range w.Nodes {
		if e := n.Peer.End(); e.Code != protocol.CodeOK {
			t.Errorf("seat %d ended with %+v", i, e)
		}
	}
}

// An end that cannot be, and a message without bytes, cost the one who sends them the seat and
// nobody else anything.
func TestFalseEndAndEmptyMessage(t *testing.T) {
	for name, data := range map[string][]byte{
		"false end": protocol.Append(nil, &protocol.Finished{Epoch: 1, Frames: 0}),
		"empty":     {},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDriver(t, 3, "on_disconnect=substitute", "frames=9000").start()
			d.at(0, -50*ms).message(2, data)
			if len(d.out.Close) != 1 || d.out.Close[0].Conn != 2 {
				t.Fatalf("closed %+v, want connection 2", d.out.Close)
			}
			d.action(1, 0, 1)
			if b := d.action(3, 0, 2).bundles(1); len(b) != 1 || b[0].Actions[2] != 2 {
				t.Errorf("the others got %+v", b)
			}
		})
	}
}

// A long match is caught up with without more messages than a seat may send.
func TestCatchingUpIsNotAFlood(t *testing.T) {
	cfg := matchConfig(6000)
	cfg.HashEvery = 1
	cfg.Disconnect = options.DisconnectSubstitute
	w := foldWorld(17, cfg, lan(), lan())
	rec := recordWorld(t, w, 17, "TestCatchingUpIsNotAFlood")
	at(w, 0, 5000, func() {
		rec.restarted(1)
		w.Restart(1, sessiontest.NewFold(2, cfg.Actions, cfg.Frames, 5))
	})
	if !w.Run(5*time.Minute) || w.Nodes[1].Peer.End().Code != protocol.CodeOK {
		t.Fatalf("ended with %+v", w.Nodes[1].Peer.End())
	}
	rec.check(cfg)
}
