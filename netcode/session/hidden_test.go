package session_test

import (
	"testing"
	"time"

	"tandem/netcode/protocol"
	"tandem/netcode/session"
	"tandem/netcode/sessiontest"
)

// hide lets a node's timers fire once a minute from now on.
func hide(w *sessiontest.World, nodes ...int) {
	for _, i := range nodes {
		w.Nodes[i].Timers = time.Minute
	}
}

// kept checks that nobody was sent away, and that every node is in a state and knows its seat.
func kept(t *testing.T, w *sessiontest.World, state session.PeerState) {
	t.Helper()
	for i, n := range w.Nodes {
		if n.Gone() || n.Peer.State() != state {
			t.Errorf("node %d is in state %v, gone %v, want %v: %+v", i, n.Peer.State(), n.Gone(), state, n.Peer.End())
		}
	}
}

// Pages that are hidden for minutes run their timers once a minute. They keep their places in the
// waiting room by what the room says to them, and it says no more than it must.
func TestHiddenInTheLobby(t *testing.T) {
	for _, spec := range []string{"rtt=2ms", "rtt=120ms,jitter=30ms", "rtt=600ms"} {
		cfg := matchConfig(90)
		cfg.Players, cfg.MinPlayers, cfg.Spectators = 3, 3, 1
		w := sessiontest.NewWorld(1, cfg, nil, nil)
		for i := range 2 {
			w.Add(session.PeerConfig{Program: "test", Room: "test", Seat: i}, line(spec), newFold(w, 90, uint64(i)))
		}
		spectator := w.Add(watcher(), line(spec), newFold(w, 90, 78))
		w.Run(w.Now + 5*time.Second)
		hide(w, 0, 1, 2)
		for _, n := range w.Nodes {
			n.OnEvent = func(n *sessiontest.Node, at time.Duration, e *session.Event) {
				if e.Kind == session.EventCutOff {
					t.Errorf("%s: node %d was cut off at %v: %s", spec, n.Index, at, e.Text)
				}
			}
		}
		sent := 0
		w.OnRoomOut = func(_ time.Duration, out *session.RoomOut) { sent += len(out.Send) }
		w.Run(w.Now + 10*time.Minute)
		if taken, watching := w.Room.Taken(), w.Room.Watching(); taken != 2 || watching != 1 || w.Over() {
			t.Fatalf("%s: after ten minutes %d seats are taken and %d watch; over: %v", spec, taken, watching, w.Over())
		}
		if most := 3 * 2 * 600; sent > most {
			t.Errorf("%s: the room said %d things in ten minutes, at most %d are needed", spec, sent, most)
		}
		// The third player comes, and the match is played to its end by all.
		w.Add(session.PeerConfig{Program: "test", Name: "late", Room: "test", Seat: -1}, line(spec), newFold(w, 90, 79))
		if !w.Run(w.Now + time.Minute) {
			t.Fatalf("%s: the match did not end", spec)
		}
		ended(t, w, 0, 1, 3)
		if end := spectator.Peer.End(); end.Code != protocol.CodeOK {
			t.Errorf("%s: the spectator ended with %+v", spec, end)
		}
	}
}

// The same in a pause: who waits hidden is still there when the other comes back.
func TestHiddenInAPause(t *testing.T) {
	cfg := matchConfig(900)
	cfg.Spectators, cfg.Pause = 1, 20*time.Second
	w := foldWorld(1, cfg, lan(), lan())
	w.Add(watcher(), lan(), newFold(w, 900, 78))
	at(w, 0, 300, func() {
		hide(w, 0, 2)
		w.Disconnect(1)
	})
	w.Run(w.Now + 30*time.Second)
	if s := w.Nodes[0].Peer.State(); s != session.PeerPlaying || w.Nodes[0].Peer.Frame() > 320 {
		t.Fatalf("in the pause, who waits is in state %v at frame %d: %+v", s, w.Nodes[0].Peer.Frame(), w.Nodes[0].Peer.End())
	}
	w.Reconnect(1)
	if !w.Run(w.Now + 2*time.Minute) {
		t.Fatal("the match did not end")
	}
	ended(t, w, 0, 1, 2)
}

// And after a match, for as long as a room stays open for another one.
func TestHiddenAfterTheMatch(t *testing.T) {
	cfg := matchConfig(90)
	cfg.Spectators, cfg.Rematch = 1, 10*time.Minute
	w := sessiontest.NewWorld(1, cfg, nil, nil)
	for i := range 2 {
		w.Add(session.PeerConfig{Program: "test", Room: "test", Seat: i, Again: true}, lan(), newFold(w, 90, uint64(i)))
	}
	spectator := watcher()
	spectator.Again = true
	w.Add(spectator, lan(), newFold(w, 90, 78))
	w.Run(w.Now + 10*time.Second)
	kept(t, w, session.PeerAfter)
	hide(w, 0, 1, 2)
	w.Run(w.Now + 9*time.Minute)
	kept(t, w, session.PeerAfter)
	if taken, watching := w.Room.Taken(), w.Room.Watching(); taken != 2 || watching != 1 {
		t.Errorf("after nine minutes %d seats are taken and %d watch", taken, watching)
	}
}
