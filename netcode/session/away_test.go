package session_test

import (
	"testing"
	"time"

	"tandem/netcode/protocol"
	"tandem/netcode/session"
	"tandem/netcode/session/options"
	"tandem/netcode/sessiontest"
)

// inMatch reports whether a node's match has begun.
func inMatch(w *sessiontest.World, i int) bool { return w.Nodes[i].Peer.State() == session.PeerPlaying }

// A host whose page is hidden, as when it sends the invitation, holds the start. The others know whom
// they wait for and how long at most, and it begins as soon as the host looks again.
func TestHiddenHostHoldsTheStart(t *testing.T) {
	for _, spec := range []string{"rtt=2ms", "rtt=300ms,jitter=50ms"} {
		w := sessiontest.NewWorld(1, matchConfig(90), nil, nil)
		host := w.Add(session.PeerConfig{Program: "test", Name: "Ann", Room: "test", Seat: -1}, line(spec), newFold(w, 90, 1))
		w.Run(w.Now + 5*time.Second)
		host.Away = true
		hide(w, 0)
		w.Run(w.Now + 10*time.Second)
		friend := w.Add(session.PeerConfig{Program: "test", Name: "Bo", Room: "test", Seat: -1}, line(spec), newFold(w, 90, 2))
		w.Run(w.Now + 73*time.Second)
		kept(t, w, session.PeerReady)
		for i, n := range w.Nodes { // both read it
			left := n.Peer.StartHeld() - n.Clock.Local(w.Now)
			r := n.Peer.Roster()
			if left < 40*time.Second || left > 50*time.Second || !r[0].Away || r[1].Away || !r[0].Ready || !r[1].Ready {
				t.Errorf("%s: node %d reads that the start is held for %v more; the roster is %+v", spec, i, left, r)
			}
		}
		host.Away = false
		w.Run(w.Now + 2*time.Second)
		if !inMatch(w, 0) || !inMatch(w, 1) || friend.Peer.Roster()[0].Away || friend.Peer.StartHeld() != 0 {
			t.Fatalf("%s: it does not begin when the host looks again: %v, %v, %+v", spec, host.Peer.State(), friend.Peer.State(), friend.Peer.Roster())
		}
		if !w.Run(w.Now + time.Minute) {
			t.Fatalf("%s: the match did not end", spec)
		}
		ended(t, w, 0, 1)
	}
}

// The others do not wait for ever: at the room's limit the match begins without those who are away. A
// limit of 0 waits for nobody.
func TestStartWithoutThoseWhoAreAway(t *testing.T) {
	for _, limit := range []time.Duration{options.DefaultConfig().AwayWait, 0, 10 * time.Second} {
		cfg := matchConfig(90)
		cfg.AwayWait = limit
		w := foldWorld(1, cfg, lan(), lan())
		w.Nodes[0].Away = true
		var began time.Duration
		w.OnRoom = func(at time.Duration, e *session.RoomEvent) {
			if e.Kind == session.RoomStarted {
				began = at
			}
		}
		from := w.Now
		if !w.Run(w.Now + 5*time.Minute) {
			t.Fatal("the match did not end")
		}
		ended(t, w, 0, 1)
		if d := began - from; d < limit || d > limit+5*time.Second {
			t.Errorf("it began after %v, the limit is %v", d, limit)
		}
	}
}

// Who is away holds the next match as well, also beyond the time that the room stays open for one:
// all have said that they want it.
func TestHiddenPlayerHoldsARematch(t *testing.T) {
	cfg := matchConfig(90)
	cfg.Rematch, cfg.AwayWait = 20*time.Second, time.Minute
	w := sessiontest.NewWorld(1, cfg, nil, nil)
	for i := range 2 {
		w.Add(session.PeerConfig{Program: "test", Room: "test", Seat: i, Again: true}, lan(), newFold(w, 90, uint64(i)))
	}
	w.Run(w.Now + 10*time.Second)
	kept(t, w, session.PeerAfter)
	w.Nodes[0].Again, w.Nodes[1].Again, w.Nodes[1].Away = true, true, true
	w.Run(w.Now + 50*time.Second)
	kept(t, w, session.PeerAfter)
	if w.Over() || !w.Nodes[0].Peer.Roster()[1].Away || w.Nodes[0].Peer.StartHeld() == 0 {
		t.Fatalf("the room is over: %v; the roster is %+v", w.Over(), w.Nodes[0].Peer.Roster())
	}
	w.Nodes[1].Away = false
	w.Run(w.Now + 2*time.Second)
	if !inMatch(w, 0) || !inMatch(w, 1) {
		t.Fatalf("the second match has not begun: %v, %v", w.Nodes[0].Peer.State(), w.Nodes[1].Peer.State())
	}
}

// Nobody is waited for who has gone, and the limit is each hold's own.
func TestHoldEndsWithWhoHolds(t *testing.T) {
	cfg := matchConfig(90)
	cfg.Players, cfg.MinPlayers = 3, 2
	w := sessiontest.NewWorld(1, cfg, nil, nil)
	for i := range 2 {
		w.Add(session.PeerConfig{Program: "test", Room: "test", Seat: i}, lan(), newFold(w, 90, uint64(i)))
	}
	w.Nodes[0].Away = true
	w.Run(w.Now + 100*time.Second)
	kept(t, w, session.PeerReady)
	w.Send(0, w.Nodes[0].Peer.Leave(w.Now)) // one of two who are needed
	w.Run(w.Now + time.Second)
	if s := w.Nodes[1].Peer.StartHeld(); s != 0 || w.Over() {
		t.Fatalf("the start is held until %v by nobody; over: %v", s, w.Over())
	}
	late := w.Add(session.PeerConfig{Program: "test", Room: "test", Seat: 2}, lan(), newFold(w, 90, 3))
	late.Away = true
	w.Run(w.Now + 100*time.Second)
	if s := late.Peer.State(); s != session.PeerReady {
		t.Fatalf("a second hold is charged with the first: %v", s)
	}
	late.Away = false
	w.Run(w.Now + 2*time.Second)
	if !inMatch(w, 1) || !inMatch(w, 2) {
		t.Error("the match does not begin")
	}
}

// Somebody who flickers between here and away crowds nobody's line.
func TestAwayIsToldAtAPace(t *testing.T) {
	d := newDriver(t, 2)
	d.join(1, protocol.Join{Room: "test", Seat: 0})
	d.join(2, protocol.Join{Room: "test", Seat: 1})
	told, away := 0, false
	for range 80 { // a second, below the message limit
		d.now += 12500 * time.Microsecond
		away = !away
		d.message(1, protocol.Append(nil, &protocol.Away{Away: away}))
		for _, h := range d.got {
			if h.conn == 2 && h.typ == protocol.TypeWaitingRoom {
				told++
			}
		}
	}
	if told < 3 || told > 5 {
		t.Errorf("the other was told %d times in a second", told)
	}
	// What was said last is told in the end, when it is due, without anything else happening.
	d.message(1, protocol.Append(nil, &protocol.Away{Away: true}))
	d.now += 13 * time.Millisecond
	d.message(1, protocol.Append(nil, &protocol.Away{Away: false}))
	d.now += 13 * time.Millisecond
	d.message(1, protocol.Append(nil, &protocol.Away{Away: true}))
	d.now = d.out.Wake
	d.do()
	last := false
	for _, h := range d.got {
		if h.conn == 2 && h.typ == protocol.TypeWaitingRoom {
			last = h.dec.Cold.(*protocol.WaitingRoom).Seats[0].Away
		}
	}
	if !last {
		t.Errorf("that the player is away is not told when it is due: %+v", d.got)
	}
}
