package session_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"tandem/netcode/protocol"
	"tandem/netcode/session"
	"tandem/netcode/session/options"
	"tandem/netcode/session/replica"
	"tandem/netcode/sessiontest"
)

// record checks, for every seat, that frames are stepped in order without a gap, and that each is
// stepped with the room's action vector, whatever happens to connections. A process that starts
// afresh begins again at frame 0.
type record struct {
	t    *testing.T
	w    *sessiontest.World
	next []uint32
	seen [][]uint64 // state after each frame, per seat
	seed uint64
	name string
}

func recordWorld(t *testing.T, w *sessiontest.World, seed uint64, name string) *record {
	r := &record{t: t, w: w, seed: seed, name: name, next: make([]uint32, len(w.Nodes)), seen: make([][]uint64, len(w.Nodes))}
	for i := range w.Nodes {
		r.follow(i)
	}
	return r
}

// follow watches a node that has just been added, or all of them at the beginning.
func (r *record) follow(i int) {
	n := r.w.Nodes[i]
	if i == len(r.next) {
		r.next, r.seen = append(r.next, 0), append(r.seen, nil)
	}
	n.OnStep = r.step(i)
	n.OnCommand = func(n *sessiontest.Node, c *replica.Command) {
		switch c.Kind {
		case replica.CommandReset:
			r.restarted(i)
		case replica.CommandLoad:
			// What follows the snapshot is stepped from it.
			r.next[i] = c.Frame + 1
			r.seen[i] = append(r.seen[i], make([]uint64, max(0, int(c.Frame+1)-len(r.seen[i])))...)[:c.Frame+1]
			r.seen[i][c.Frame] = n.Game.(*sessiontest.Fold).State
		}
	}
}

func (r *record) step(i int) func(*sessiontest.Node, *replica.Command) {
	return func(n *sessiontest.Node, c *replica.Command) {
		if c.Frame != r.next[i] {
			r.t.Fatalf("seed %d: seat %d stepped frame %d where %d was due; %s", r.seed, i, c.Frame, r.next[i], replay(r.name, r.seed))
		}
		r.next[i]++
		r.seen[i] = append(r.seen[i], n.Game.(*sessiontest.Fold).State)
	}
}

// restarted notes that a seat's process begins again from nothing.
func (r *record) restarted(i int) {
	r.next[i], r.seen[i] = 0, nil
}

// check compares every seat with a reference run of the room's bundles.
func (r *record) check(cfg options.Config) {
	r.t.Helper()
	ref := sessiontest.NewFold(r.w.Room.Config().Players, cfg.Actions, cfg.Frames, 0)
	ref.Reset(r.w.Room.MatchSeed())
	for f := range r.w.Room.Frames() {
		b, ok := r.w.Room.Log(f)
		if !ok {
			r.t.Fatalf("seed %d: the room has no bundle %d", r.seed, f)
		}
		ref.Step(&replica.Command{Frame: f, Actions: b.Actions})
		for i := range r.seen {
			if int(f) < len(r.seen[i]) && r.seen[i][f] != 0 && r.seen[i][f] != ref.State {
				r.t.Fatalf("seed %d: seat %d differs from the room's bundles at frame %d; %s", r.seed, i, f, replay(r.name, r.seed))
			}
		}
	}
}

// at runs f when the first node steps a frame.
func at(w *sessiontest.World, node int, frame uint32, f func()) {
	n := w.Nodes[node]
	step := n.OnStep
	done := false
	n.OnStep = func(n *sessiontest.Node, c *replica.Command) {
		if step != nil {
			step(n, c)
		}
		if c.Frame == frame && !done {
			done = true
			f()
		}
	}
}

// A connection that breaks in mid-match pauses the match; the player comes back to the seat with
// what was missed, and the match goes on where it stopped.
func TestComeBackWithinThePause(t *testing.T) {
	for _, seed := range matchSeeds() {
		if seed > 50 {
			break
		}
		r := rand.New(rand.NewPCG(seed, 3))
		cfg := matchConfig(600)
		if r.IntN(2) == 0 {
			cfg.Delay = options.AutoDelay
		}
		w := foldWorld(seed, cfg, sessiontest.DrawLine(r), sessiontest.DrawLine(r), sessiontest.DrawLine(r))
		rec := recordWorld(t, w, seed, "TestComeBackWithinThePause")
		paused, resumed := 0, 0
		w.OnRoom = func(_ time.Duration, e *session.RoomEvent) {
			switch e.Kind {
			case session.RoomPaused:
				paused++
			case session.RoomResumed:
				resumed++
			case session.RoomDesync, session.RoomRefused:
				t.Errorf("seed %d: %+v", seed, *e)
			}
		}
		cut := r.IntN(3)
		var back time.Duration
		at(w, (cut+1)%3, uint32(100+r.IntN(300)), func() { back = w.Now + time.Duration(100+r.IntN(7000))*ms })
		for !w.Run(w.Now+50*ms) && w.Now < 3*time.Minute {
			switch {
			case back > 0 && w.Nodes[cut].Peer.State() == session.PeerPlaying && paused == 0:
				w.Disconnect(cut)
			case back > 0 && w.Now >= back:
				w.Reconnect(cut)
				back = -1
			}
		}
		for i, n := range w.Nodes {
			if e := n.Peer.End(); e.Code != protocol.CodeOK || e.Frames != 600 {
				t.Fatalf("seed %d: seat %d ended with %+v; %s", seed, i, e, replay("TestComeBackWithinThePause", seed))
			}
		}
		if paused == 0 || resumed == 0 {
			t.Fatalf("seed %d: %d pauses, %d resumes", seed, paused, resumed)
		}
		rec.check(cfg)
	}
}

// A process that was killed comes back by its token: it rebuilds the match from seed and history.
func TestComeBackAfterARestart(t *testing.T) {
	t.Parallel()
	for _, policy := range []string{"pause", "substitute"} {
		for _, seed := range matchSeeds() {
			if seed > 30 {
				break
			}
			r := rand.New(rand.NewPCG(seed, 4))
			cfg := matchConfig(1500)
			if err := cfg.Set("on_disconnect=" + policy); err != nil {
				t.Fatal(err)
			}
			w := foldWorld(seed, cfg, sessiontest.DrawLine(r), sessiontest.DrawLine(r))
			rec := recordWorld(t, w, seed, "TestComeBackAfterARestart")
			at(w, 0, 900, func() {
				rec.restarted(1)
				w.Restart(1, sessiontest.NewFold(2, cfg.Actions, cfg.Frames, seed+77))
			})
			if !w.Run(5 * time.Minute) {
				t.Fatalf("%s, seed %d: no end; %s", policy, seed, replay("TestComeBackAfterARestart", seed))
			}
			for i, n := range w.Nodes {
				if e := n.Peer.End(); e.Code != protocol.CodeOK || e.Frames != 1500 {
					t.Fatalf("%s, seed %d: seat %d ended with %+v", policy, seed, i, e)
				}
			}
			if len(rec.seen[1]) != 1500 {
				t.Fatalf("%s, seed %d: the returner stepped %d frames", policy, seed, len(rec.seen[1]))
			}
			rec.check(cfg)
		}
	}
}

// Nobody comes back: the match ends after the pause, in words, for whoever stayed.
func TestPauseEnds(t *testing.T) {
	w := foldWorld(3, matchConfig(900), lan(), lan())
	var cutAt, endAt time.Duration
	at(w, 0, 200, func() { cutAt = w.Now })
	w.Nodes[0].OnEvent = func(_ *sessiontest.Node, now time.Duration, e *session.Event) {
		if e.Kind == session.EventEnd {
			endAt = now
		}
	}
	for !w.Run(w.Now+20*ms) && w.Now < time.Minute {
		if cutAt > 0 {
			w.Disconnect(1)
		}
		if w.Nodes[0].Peer.State() == session.PeerClosed {
			break
		}
	}
	if e := w.Nodes[0].Peer.End(); e.Code != protocol.CodeGone || e.Text == "" || e.Frames < 195 || e.Frames > 205 {
		t.Errorf("ended with %+v", e)
	}
	if waited := endAt - cutAt; waited < 9*time.Second || waited > 12*time.Second {
		t.Errorf("the match waited %v, want the pause of 10 s", waited)
	}
}

// One seat may not hold the others up for ever: its pauses add up to 20 s at most.
func TestPausesAddUp(t *testing.T) {
	cfg := matchConfig(100000)
	w := foldWorld(4, cfg, lan(), lan())
	var cuts int
	var backAt time.Duration
	w.Run(8 * time.Second)
	for w.Now < 3*time.Minute && w.Nodes[0].Peer.State() != session.PeerClosed {
		w.Run(w.Now + 100*ms)
		switch {
		case w.Nodes[1].Peer.State() == session.PeerPlaying && w.Now > backAt+3*time.Second:
			w.Disconnect(1)
			cuts++
			backAt = w.Now + 8*time.Second
		case w.Nodes[1].Peer.State() == session.PeerCutOff && w.Now >= backAt:
			w.Reconnect(1)
		}
	}
	if e := w.Nodes[0].Peer.End(); e.Code != protocol.CodeGone || cuts != 3 {
		t.Errorf("after %d cuts: %+v, want the match to end in the third pause", cuts, e)
	}
}

// A newer connection of the same player takes the seat; the older one is told and stays away.
func TestTakeOver(t *testing.T) {
	d := newDriver(t, 2, "on_disconnect=substitute")
	d.join(1, protocol.Join{Seat: 0})
	var tok []byte
	for _, h := range d.got {
		if m, ok := h.dec.Cold.(*protocol.HostElected); ok {
			tok = append([]byte(nil), m.Token...)
		}
	}
	d.join(2, protocol.Join{Seat: 1})
	d.join(3, protocol.Join{Seat: -1, Token: tok})
	d.refused(1, protocol.CodeTakenOver)
	if d.count(3, protocol.TypeHostElected) != 1 {
		t.Fatal("the newer connection has no seat")
	}
	// A token somebody made up, or of another room, opens nothing.
	bad := append([]byte(nil), tok...)
	bad[3] ^= 1
	d.join(4, protocol.Join{Seat: -1, Token: bad})
	d.refused(4, protocol.CodeRoomFull)
	// Whoever left by their own act has no seat to come back to.
	d.message(3, protocol.Append(nil, &protocol.Leave{}))
	d.random = 100
	d.join(5, protocol.Join{Seat: 0})
	d.join(6, protocol.Join{Seat: -1, Token: tok})
	d.refused(6, protocol.CodeRoomFull)
}

// The host's connection breaks: the next seat becomes host at once and everybody is told.
func TestHostMigratesInMidMatch(t *testing.T) {
	w := foldWorld(6, matchConfig(600), lan(), lan(), lan())
	at(w, 1, 150, func() { w.Disconnect(0) })
	w.Run(12 * time.Second)
	if !w.Nodes[1].Peer.IsHost() || w.Nodes[2].Peer.IsHost() {
		t.Fatalf("hosts: %v %v", w.Nodes[1].Peer.IsHost(), w.Nodes[2].Peer.IsHost())
	}
	w.Reconnect(0)
	if !w.Run(time.Minute) || w.Nodes[0].Peer.End().Code != protocol.CodeOK {
		t.Fatalf("ended with %+v", w.Nodes[0].Peer.End())
	}
	if w.Nodes[0].Peer.IsHost() {
		t.Error("the old host is host again")
	}
}

// Many seeds of everything at once: cuts, returns, restarts and stalls of random seats at random
// times, on bad lines. Nobody steps another vector, skips a frame or steps one twice.
func TestConnectionsComeAndGo(t *testing.T) {
	for _, seed := range matchSeeds() {
		r := rand.New(rand.NewPCG(seed, 9))
		players := 2 + r.IntN(3)
		cfg := matchConfig(900)
		if r.IntN(2) == 0 {
			cfg.Delay = options.AutoDelay
		}
		if r.IntN(2) == 0 {
			cfg.Disconnect = options.DisconnectSubstitute
		}
		lines := make([]sessiontest.Line, players)
		for i := range lines {
			lines[i] = sessiontest.DrawLine(r)
		}
		w := foldWorld(seed, cfg, lines...)
		rec := recordWorld(t, w, seed, "TestConnectionsComeAndGo")
		w.OnRoom = func(_ time.Duration, e *session.RoomEvent) {
			if e.Kind == session.RoomDesync {
				t.Fatalf("seed %d: %+v", seed, *e)
			}
		}
		trace := ""
		for !w.Run(w.Now+time.Duration(50+r.IntN(1500))*ms) && w.Now < 5*time.Minute {
			i := r.IntN(players)
			st := w.Nodes[i].Peer.State()
			switch r.IntN(12) {
			case 0:
				if st >= session.PeerSeated && st < session.PeerCutOff {
					trace += fmt.Sprintf(" %v: cut %d;", w.Now, i)
					w.Disconnect(i)
				}
			case 1, 2, 3, 4, 5:
				if st == session.PeerCutOff {
					trace += fmt.Sprintf(" %v: reconnect %d;", w.Now, i)
					w.Reconnect(i)
				}
			case 6:
				if st == session.PeerPlaying {
					trace += fmt.Sprintf(" %v: restart %d;", w.Now, i)
					rec.restarted(i)
					w.Restart(i, sessiontest.NewFold(players, cfg.Actions, cfg.Frames, seed))
					w.Nodes[i].OnStep = rec.step(i)
				}
			case 7:
				w.Sleep(i, w.Now+time.Duration(r.IntN(2500))*ms)
			}
		}
		rec.check(cfg)
		for i, n := range w.Nodes {
			e := n.Peer.End()
			if n.Peer.State() != session.PeerClosed || (e.Code != protocol.CodeOK && e.Code != protocol.CodeGone && e.Code != protocol.CodeRoomOver && e.Code != protocol.CodeSilent && e.Code != protocol.CodeRoomStarted) {
				t.Fatalf("seed %d: seat %d is in state %d and ended with %+v after%s; %s", seed, i, n.Peer.State(), e, trace, replay("TestConnectionsComeAndGo", seed))
			}
		}
	}
}

// A seat that a newer program has taken over is not taken back by the older one, also where that one
// had lost its connection before: a tab in the background that was duplicated, say, and whose network
// comes and goes. Only being started anew, an act of its player, makes it the newer one.
func TestTakenOverWhileCutOff(t *testing.T) {
	for _, restarted := range []bool{false, true} {
		cfg := matchConfig(1500)
		cfg.Disconnect = options.DisconnectSubstitute
		w := foldWorld(4, cfg, lan(), lan())
		r := recordWorld(t, w, 4, "TestTakenOverWhileCutOff")
		at(w, 0, 200, func() { w.HalfOpen(1) })
		at(w, 0, 500, func() { // by now the relay has given the silent one up
			if w.Nodes[1].Peer.State() != session.PeerCutOff {
				t.Errorf("the first program is %v", w.Nodes[1].Peer.State())
			}
			token := append([]byte(nil), w.Nodes[1].Peer.Token()...)
			w.Add(session.PeerConfig{Program: "test", Name: "twin", Room: "test", Seat: -1, Token: token}, lan(), newFold(w, 1500, 50))
			r.follow(2)
		})
		// The newer one keeps the seat, even when it loses its connection, too.
		at(w, 0, 600, func() { w.Disconnect(2) })
		at(w, 0, 650, func() { w.Reconnect(2) })
		at(w, 0, 700, func() { w.Reconnect(1) })
		if restarted {
			at(w, 0, 1000, func() {
				w.Nodes[1].Config.Token = w.Nodes[1].Peer.Token()
				w.Restart(1, newFold(w, 1500, 51))
			})
		}
		if !w.Run(5 * time.Minute) {
			t.Fatal("the match did not end")
		}
		stays, goes := 2, 1
		if restarted {
			stays, goes = 1, 2
		}
		ended(t, w, 0, stays)
		r.check(cfg)
		if end := w.Nodes[goes].Peer.End(); end.Code != protocol.CodeTakenOver {
			t.Errorf("restarted %v: the one who gave the seat away ended with %+v", restarted, end)
		}
	}
}

// After a restart of the relay it is the same, whoever comes first.
func TestTakenOverBeforeARestart(t *testing.T) {
	for _, first := range []int{1, 2} {
		cfg := matchConfig(1500)
		w := foldWorld(6, cfg, lan(), lan())
		r := recordWorld(t, w, 6, "TestTakenOverBeforeARestart")
		at(w, 0, 200, func() { w.HalfOpen(1) })
		at(w, 0, 210, func() {
			token := append([]byte(nil), w.Nodes[1].Peer.Token()...)
			w.Add(session.PeerConfig{Program: "test", Name: "twin", Room: "test", Seat: -1, Token: token}, lan(), newFold(w, 1500, 50))
			r.follow(2)
		})
		stopped := false
		at(w, 0, 500, func() { w.StopRelay(); stopped = true })
		for !stopped {
			w.Run(w.Now + 100*ms)
		}
		w.Run(w.Now + time.Second)
		w.StartRelay()
		order := []int{first, 3 - first, 0}
		for _, i := range order {
			w.Reconnect(i)
			w.Run(w.Now + 500*ms)
		}
		if !w.Run(5 * time.Minute) {
			t.Fatal("the match did not end")
		}
		ended(t, w, 0, 2)
		r.check(cfg)
		if end := w.Nodes[1].Peer.End(); end.Code != protocol.CodeTakenOver {
			t.Errorf("first %d: the older one ended with %+v", first, end)
		}
	}
}
