package session_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"tandem/netcode/protocol"
	"tandem/netcode/session"
	"tandem/netcode/session/options"
	"tandem/netcode/session/replica"
	"tandem/netcode/sessiontest"
)

// ended checks that every node's match ended as it should, in the same state.
func ended(t *testing.T, w *sessiontest.World, nodes ...int) {
	t.Helper()
	for _, i := range nodes {
		n := w.Nodes[i]
		if end := n.Peer.End(); end.Code != protocol.CodeOK {
			t.Errorf("node %d ended with %+v", i, end)
		}
		a, b := n.Game.(*sessiontest.Fold), w.Nodes[nodes[0]].Game.(*sessiontest.Fold)
		if a.State != b.State || a.Frames != b.Frames {
			t.Errorf("node %d is in state %x after %d frames, node %d in %x after %d", i, a.State, a.Frames, nodes[0], b.State, b.Frames)
		}
	}
}

func newFold(w *sessiontest.World, limit uint32, seed uint64) *sessiontest.Fold {
	return sessiontest.NewFold(w.Room.Config().Players, 7, limit, seed)
}

func watcher() session.PeerConfig {
	return session.PeerConfig{Program: "test", Name: "w", Room: "test", Watch: true}
}

// A newcomer takes the seat of a player who left, in mid-match, from the log: one player alone cannot
// verify a state. A spectator comes at the same time.
func TestLateJoinFromTheLog(t *testing.T) {
	cfg := matchConfig(4000)
	cfg.Disconnect = options.DisconnectSubstitute
	w := foldWorld(1, cfg, lan(), lan())
	r := recordWorld(t, w, 1, "TestLateJoinFromTheLog")
	at(w, 0, 1000, func() { w.Send(1, w.Nodes[1].Peer.Leave(w.Now)) })
	at(w, 0, 3000, func() {
		w.Add(session.PeerConfig{Program: "test", Name: "new", Room: "test", Seat: -1}, lan(), newFold(w, 4000, 77))
		r.follow(2)
		w.Add(watcher(), lan(), newFold(w, 4000, 78))
		r.follow(3)
	})
	if !w.Run(5 * time.Minute) {
		t.Fatal("the match did not end")
	}
	ended(t, w, 0, 2, 3)
	r.check(cfg)
	if w.Nodes[2].Peer.Seat() != 1 || w.Nodes[3].Peer.Seat() != -1 {
		t.Errorf("seats %d and %d, want 1 and -1", w.Nodes[2].Peer.Seat(), w.Nodes[3].Peer.Seat())
	}
	acted := 0
	for f := uint32(3200); f < 4000; f++ {
		if b, _ := w.Room.Log(f); b.Substituted&2 == 0 {
			acted++
		}
	}
	if acted < 700 {
		t.Errorf("the newcomer's input counts in %d of 800 frames", acted)
	}
}

// Where others can vouch for a state, whoever comes late gets a snapshot instead of a long log; and
// who cannot get it gets the log all the same.
func TestLateJoinFromASnapshot(t *testing.T) {
	for _, fails := range []bool{false, true} {
		cfg := matchConfig(5000)
		cfg.Disconnect = options.DisconnectSubstitute
		w := foldWorld(2, cfg, lan(), lan(), lan())
		r := recordWorld(t, w, 2, "TestLateJoinFromASnapshot")
		snapshots, failed := 0, 0
		w.OnRoom = func(_ time.Duration, e *session.RoomEvent) {
			switch e.Kind {
			case session.RoomSnapshot:
				snapshots++
			case session.RoomTransferFailed:
				failed++
			}
		}
		at(w, 0, 100, func() { w.Send(2, w.Nodes[2].Peer.Leave(w.Now)) })
		at(w, 0, 4000, func() {
			if fails {
				for _, n := range w.Nodes[:2] { // their executors keep nothing
					*n.Exec = replica.Executor{Game: n.Game}
				}
			}
			w.Add(watcher(), lan(), newFold(w, 5000, 78))
			r.follow(3)
		})
		if !w.Run(5 * time.Minute) {
			t.Fatal("the match did not end")
		}
		ended(t, w, 0, 1, 3)
		r.check(cfg)
		if !fails && (snapshots != 1 || failed != 0 || len(r.seen[3]) < 3000 || r.seen[3][100] != 0) {
			t.Errorf("%d snapshots, %d failed; the spectator stepped from the beginning: %v", snapshots, failed, r.seen[3][100] != 0)
		}
		if fails && (failed == 0 || r.seen[3][100] == 0) {
			t.Errorf("no state can be had, but %d attempts failed and the log was used: %v", failed, r.seen[3][100] != 0)
		}
	}
}

// Spectators see everything and can do nothing.
func TestSpectatorsCannotAct(t *testing.T) {
	for name, data := range map[string][]byte{
		"an input":   protocol.AppendAction(nil, &protocol.Action{Epoch: 1}),
		"a hash":     protocol.AppendStateHash(nil, &protocol.StateHash{Epoch: 1}),
		"ready":      protocol.Append(nil, &protocol.Ready{}),
		"the end":    protocol.Append(nil, &protocol.Finished{Epoch: 1}),
		"HUD text":   protocol.Append(nil, &protocol.HUDUpdate{}),
		"an option":  protocol.Append(nil, &protocol.SetOption{Option: "delay=5"}),
		"a snapshot": protocol.Append(nil, &protocol.SnapshotChunk{}),
		"a log":      protocol.Append(nil, &protocol.History{}),
		"a recheck":  protocol.Append(nil, &protocol.Rechecked{}),
		"a wish":     protocol.Append(nil, &protocol.RequestHash{}),
		"join again": protocol.Append(nil, &protocol.Join{}),
		"a batch":    protocol.AppendActionBatch(nil, &protocol.ActionBatch{Epoch: 1, Actions: []byte{1}}),
	} {
		d := newDriver(t, 2).start()
		d.at(0, -50*ms).join(9, protocol.Join{Room: "test", Seat: -1, Watch: true})
		if d.room.Watching() != 1 || d.count(9, protocol.TypeSpectator) != 1 || d.count(9, protocol.TypeStart) != 1 {
			t.Fatalf("%s: the spectator was not admitted: %+v", name, d.got)
		}
		d.message(9, data)
		d.refused(9, protocol.CodeSpectator)
		if b := d.action(1, 0, 1).action(2, 0, 2).bundles(1); len(b) != 1 || b[0].Substituted != 0 || d.room.Watching() != 0 {
			t.Errorf("%s: the players' frame is %+v", name, b)
		}
	}
	d := newDriver(t, 2, "spectators=1").start()
	d.join(8, protocol.Join{Room: "test", Watch: true}).join(9, protocol.Join{Room: "test", Watch: true})
	d.refused(9, protocol.CodeRoomFull)
}

// What the host has on its screen is told to whoever comes later, also by a relay that was started anew
// or that lost it with the host's line: only what changes is sent, and none of it does.
func TestHostsTextComesBack(t *testing.T) {
	const text = "Score: 01"
	for name, c := range map[string]struct {
		hide  func(w *sessiontest.World) // so that the room does not know it
		again []int
	}{
		"the relay was started anew, the host back first": {(*sessiontest.World).StopRelay, []int{0, 1}},
		"the relay was started anew, the host back last":  {(*sessiontest.World).StopRelay, []int{1, 0}},
		"the host's line broke as it was sent": {func(w *sessiontest.World) {
			w.Nodes[0].HUD, w.Nodes[1].HUD = "Score: 02", "Score: 02"
			w.OnBatch = func(n *sessiontest.Node, data []byte) []byte {
				if n.Index == 0 {
					return nil
				}
				return data
			}
			w.Run(w.Now + 100*ms)
			w.OnBatch = nil
			w.HalfOpen(0)
		}, []int{0}},
	} {
		w := foldWorld(7, matchConfig(900), lan(), lan())
		w.Nodes[0].HUD, w.Nodes[1].HUD = text, text
		here := false
		at(w, 1, 300, func() { here = true })
		for !here && !w.Run(w.Now+50*ms) {
		}
		c.hide(w)
		w.Run(w.Now + time.Second)
		if w.RelayDown() {
			w.StartRelay()
		}
		for _, i := range c.again {
			w.Reconnect(i)
			w.Run(w.Now + 300*ms)
		}
		w.Run(w.Now + 2*time.Second)
		n, told := w.Add(watcher(), lan(), newFold(w, 900, 5)), ""
		n.OnEvent = func(_ *sessiontest.Node, _ time.Duration, e *session.Event) {
			if e.Kind == session.EventHUD {
				told = e.Text
			}
		}
		w.Run(w.Now + 2*time.Second)
		if told != w.Nodes[0].HUD {
			t.Errorf("%s: who comes later is told %q, want %q", name, told, w.Nodes[0].HUD)
		}
		if w.Run(w.Now + 2*time.Minute); w.Room == nil || w.Room.Frames() != 900 {
			t.Errorf("%s: the match did not end", name)
		}
	}
}

// The relay is killed in mid-match and started again: the players bring the room back, and play goes
// on behind the last bundle that any of them has. A spectator comes back, too.
func TestRelayRestart(t *testing.T) {
	t.Parallel()
	for _, seed := range matchSeeds()[:min(20, len(matchSeeds()))] {
		cfg := matchConfig(1500)
		r0 := rand.New(rand.NewPCG(seed, 11))
		w := foldWorld(seed, cfg, sessiontest.DrawLine(r0), sessiontest.DrawLine(r0), sessiontest.DrawLine(r0))
		r := recordWorld(t, w, seed, "TestRelayRestart")
		w.Add(watcher(), lan(), newFold(w, 1500, 5))
		r.follow(3)
		restored := 0
		w.OnRoom = func(_ time.Duration, e *session.RoomEvent) {
			if e.Kind == session.RoomRestored {
				restored++
			}
		}
		down := false
		at(w, 1, 500, func() { down = true })
		for !down && !w.Run(w.Now+50*ms) {
		}
		for range 2 { // and once more, before it is really back
			w.StopRelay()
			w.Run(w.Now + time.Second)
			w.StartRelay()
			for i := range w.Nodes {
				w.Reconnect(i)
				w.Run(w.Now + 700*ms)
			}
		}
		for range 30 { // the room was not there yet
			if w.Nodes[3].Peer.State() == session.PeerCutOff {
				w.Reconnect(3)
				w.Run(w.Now + time.Second)
			}
		}
		if !w.Run(w.Now + 5*time.Minute) {
			t.Fatalf("the match did not end; %s", replay("TestRelayRestart", seed))
		}
		ended(t, w, 0, 1, 2, 3)
		r.check(cfg)
		if restored == 0 || w.Room.Frames() != 1500 {
			t.Errorf("restored %d times, %d frames; %s", restored, w.Room.Frames(), replay("TestRelayRestart", seed))
		}
		if t.Failed() {
			t.Fatal(replay("TestRelayRestart", seed))
		}
	}
}

// Whoever comes back after the others have gone on with less than it has begins again.
func TestReturnsWithMoreThanTheRoomKnows(t *testing.T) {
	cfg := matchConfig(1500)
	cfg.Disconnect = options.DisconnectSubstitute
	w := foldWorld(3, cfg, lan(), lan(), lan())
	r := recordWorld(t, w, 3, "TestReturnsWithMoreThanTheRoomKnows")
	down := false
	// Seat 2 has the newest bundles: the others' lines break a little before the relay dies.
	at(w, 2, 500, func() { w.Nodes[0].Down.Reset(); w.Nodes[1].Down.Reset(); w.HalfOpen(0); w.HalfOpen(1) })
	at(w, 2, 530, func() { down = true })
	for !down && !w.Run(w.Now+20*ms) {
	}
	w.StopRelay()
	w.StartRelay()
	w.Reconnect(0)
	w.Reconnect(1)
	rewound := 0
	w.Nodes[2].OnEvent = func(_ *sessiontest.Node, _ time.Duration, e *session.Event) {
		if e.Kind == session.EventRewound {
			rewound++
		}
	}
	w.Run(w.Now + 15*time.Second) // the others do not wait for ever
	w.Reconnect(2)
	if !w.Run(w.Now + 5*time.Minute) {
		t.Fatal("the match did not end")
	}
	ended(t, w, 0, 1, 2)
	r.check(cfg)
	if rewound != 1 {
		t.Errorf("the player who had more was told so %d times, want once", rewound)
	}
}

// Those who want to may play another match in the same room, with another seed.
func TestRematch(t *testing.T) {
	cfg := matchConfig(300)
	w := foldWorld(4, cfg)
	for i := range 2 {
		w.Add(session.PeerConfig{Program: "test", Name: "p", Room: "test", Seat: i, Again: true}, lan(), newFold(w, 300, uint64(i)))
	}
	w.Add(watcher(), lan(), newFold(w, 300, 9))
	over, states := 0, map[uint64]bool{}
	w.Nodes[0].OnEvent = func(n *sessiontest.Node, _ time.Duration, e *session.Event) {
		if e.Kind == session.EventMatchOver {
			over++
			states[n.Game.(*sessiontest.Fold).State] = true
		}
	}
	for range 3 {
		for i := range w.Nodes {
			w.Nodes[i].Again = true
		}
		for before := over; over == before; {
			if w.Now > 10*time.Minute {
				t.Fatalf("no end after %d matches", over)
			}
			if w.Run(w.Now + 100*ms) {
				t.Fatalf("closed after %d matches: %+v, %+v", over, w.Nodes[0].Peer.End(), w.Nodes[1].Peer.End())
			}
			if w.Nodes[0].Peer.State() == session.PeerPlaying {
				w.Nodes[0].Again, w.Nodes[1].Again = false, false
			}
		}
		if w.Nodes[1].Game.(*sessiontest.Fold).State != w.Nodes[0].Game.(*sessiontest.Fold).State {
			t.Fatalf("match %d ended differently", over)
		}
	}
	if over != 3 || len(states) != 3 {
		t.Errorf("%d matches with %d different ends, want 3 with 3", over, len(states))
	}
	if !w.Run(w.Now + 2*time.Minute) {
		t.Fatal("the room did not close")
	}
	for i, n := range w.Nodes[:2] {
		if end := n.Peer.End(); end.Code != protocol.CodeOK || end.Frames != 300 {
			t.Errorf("seat %d ended with %+v", i, end)
		}
	}
}

// A page that is loaded again while the result is shown has its seat and the result again, and nobody says for
// its player that they want another match.
func TestRestartAfterTheEnd(t *testing.T) {
	for _, frames := range []uint32{1, 300, 9000} {
		w := foldWorld(4, matchConfig(frames))
		for i := range 2 {
			w.Add(session.PeerConfig{Program: "test", Name: "p", Room: "test", Seat: -1, Again: true}, lan(), newFold(w, frames, uint64(i)))
		}
		over := func() bool {
			return w.Nodes[0].Peer.State() == session.PeerAfter && w.Nodes[1].Peer.State() == session.PeerAfter
		}
		until := func(what string, is func() bool) {
			t.Helper()
			for deadline := w.Now + 10*time.Minute; !is(); {
				if w.Now > deadline || w.Run(w.Now+100*ms) {
					t.Fatalf("%d frames: not %s: %v, %+v; %v, %+v", frames, what, w.Nodes[0].Peer.State(), w.Nodes[0].Peer.End(), w.Nodes[1].Peer.State(), w.Nodes[1].Peer.End())
				}
			}
		}
		until("over", over)
		for _, i := range []int{0, 1, 1} { // the host, the other, and once more
			seat, state := w.Nodes[i].Peer.Seat(), w.Nodes[i].Game.(*sessiontest.Fold).State
			w.Disconnect(i)
			w.Run(w.Now + 200*ms)
			w.Restart(i, newFold(w, frames, uint64(i)))
			until("over again", func() bool { return over() && !w.Nodes[i].Gone() })
			w.Run(w.Now + 2*time.Second)
			if got := w.Nodes[i].Game.(*sessiontest.Fold).State; !over() || got != state || w.Nodes[i].Peer.Seat() != seat {
				t.Fatalf("%d frames: restarted, node %d has seat %d and the state %x, had %d and %x", frames, i, w.Nodes[i].Peer.Seat(), got, seat, state)
			}
			for s, entry := range w.Nodes[1-i].Peer.Roster() {
				if entry.Ready || !entry.Taken {
					t.Errorf("%d frames: node %d restarted, and of seat %d the other hears %+v", frames, i, s, entry)
				}
			}
		}
		w.Nodes[0].Again, w.Nodes[1].Again = true, true
		until("another match", func() bool { return w.Nodes[0].Peer.State() == session.PeerPlaying })
		w.Nodes[0].Again, w.Nodes[1].Again = false, false
		until("over", over)
		if w.Nodes[0].Game.(*sessiontest.Fold).State != w.Nodes[1].Game.(*sessiontest.Fold).State {
			t.Errorf("%d frames: the other match ended differently", frames)
		}
	}
}

// With on_disconnect=bot the host lets a bot play for whoever is gone, until the player is back.
func TestStandIn(t *testing.T) {
	cfg := matchConfig(2000)
	cfg.Disconnect = options.DisconnectBot
	w := foldWorld(5, cfg, lan(), lan())
	r := recordWorld(t, w, 5, "TestStandIn")
	bots := 0
	w.Nodes[0].OnEvent = func(_ *sessiontest.Node, _ time.Duration, e *session.Event) {
		if e.Kind == session.EventStandIn {
			bots++
			w.Add(session.PeerConfig{Program: "test", Name: "bot", Room: "test", Seat: e.Seat, Token: e.Token}, lan(), newFold(w, 2000, 50))
			r.follow(len(w.Nodes) - 1)
		}
	}
	at(w, 0, 300, func() { w.Disconnect(1) })
	at(w, 0, 1000, func() { w.Reconnect(1) })
	if !w.Run(5 * time.Minute) {
		t.Fatal("the match did not end")
	}
	ended(t, w, 0, 1)
	r.check(cfg)
	if bots != 1 || w.Nodes[2].Peer.End().Code != protocol.CodeTakenOver {
		t.Errorf("%d bots; the first ended with %+v", bots, w.Nodes[2].Peer.End())
	}
	played := 0
	for f := uint32(400); f < 1000; f++ {
		if b, _ := w.Room.Log(f); b.Substituted&2 == 0 {
			played++
		}
	}
	if played < 550 {
		t.Errorf("the bot's input counts in %d of 600 frames", played)
	}
}
