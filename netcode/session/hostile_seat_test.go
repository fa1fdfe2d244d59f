package session_test

import (
	"testing"
	"time"

	"tandem/netcode/protocol"
	"tandem/netcode/session"
	"tandem/netcode/session/replica"
	"tandem/netcode/sessiontest"
)

// playTo closes frames up to and without end with nobody's input. Connection i+1 has seat i: each
// pings, and answers what it is asked for with hash.
func (d *driver) playTo(end uint32, hash func(seat int, frame uint32) uint64) *driver {
	d.t.Helper()
	for d.room.Frames() < end {
		f := d.room.Frames()
		d.at(f, time.Millisecond)
		if d.room.Frames() == f {
			d.t.Fatalf("frame %d does not close: %+v", f, d.out.Events)
		}
		b, _ := d.room.Log(f)
		for i := range d.room.Config().Players {
			if b.Flags&protocol.FlagHash != 0 && hash != nil {
				d.message(session.ConnID(i+1), protocol.AppendStateHash(nil, &protocol.StateHash{Epoch: d.epoch, Frame: f, Total: hash(i, f)}))
			} else if f%30 == 0 {
				d.message(session.ConnID(i+1), ping())
			}
		}
	}
	return d
}

func ping() []byte { return protocol.AppendPing(nil, &protocol.Ping{}) }

// asked returns the request for a state that a connection was sent, if it was.
func (d *driver) asked(conn session.ConnID) *protocol.RequestState {
	for _, h := range d.got {
		if m, ok := h.dec.Cold.(*protocol.RequestState); ok && h.conn == conn {
			return m
		}
	}
	return nil
}

// token returns the token that a connection was given in the last Update.
func (d *driver) token(conn session.ConnID) []byte {
	d.t.Helper()
	for _, h := range d.got {
		if m, ok := h.dec.Cold.(*protocol.HostElected); ok && h.conn == conn {
			return append([]byte(nil), m.Token...)
		}
	}
	d.t.Fatalf("connection %d was not seated: %+v", conn, d.out.Events)
	return nil
}

// begin readies connections 1 and 2 and waits for the first frame.
func (d *driver) begin() {
	d.t.Helper()
	for c := session.ConnID(1); c <= 2; c++ {
		d.message(c, protocol.Append(nil, &protocol.Ready{}))
	}
	for _, h := range d.got {
		if m, ok := h.dec.Cold.(*protocol.Start); ok {
			d.epoch, d.close = m.Epoch, time.Duration(m.Close)*time.Microsecond
		}
	}
	for d.now < d.close { // pings through the countdown
		d.message(1, ping())
		d.message(2, ping())
		d.now += 500 * ms
	}
}

// What one seat says as often as it may is not passed on as often: hundreds of messages at once would
// fill the others' send queues, and a full queue costs its owner the connection.
func TestChatterIsNotPassedOn(t *testing.T) {
	d := newDriver(t, 2, "on_disconnect=substitute").start()
	var ready, text, option []byte
	for i := range 90 {
		ready = protocol.Append(ready, &protocol.Ready{Lead: uint32(i)})
		text = protocol.Append(text, &protocol.HUDUpdate{Text: string(rune('a' + i%26))})
		option = protocol.Append(option, &protocol.SetOption{Epoch: d.epoch, Option: "delay=" + string(rune('0'+i%9))})
	}
	d.message(2, ready)
	if n := d.count(1, protocol.TypeGameReady); n > 1 {
		t.Errorf("ready, said 90 times, was passed on %d times", n)
	}
	d.message(1, text)
	texts, options, last := d.count(2, protocol.TypeHUDSync), 0, ""
	d.message(1, option)
	for from := d.now; ; d.now += 10 * ms {
		texts += d.count(2, protocol.TypeHUDSync)
		options += d.count(2, protocol.TypeSetOption)
		for _, h := range d.got {
			if m, ok := h.dec.Cold.(*protocol.SetOption); ok {
				last = m.Option
			}
		}
		if d.now > from+time.Second {
			break
		}
		d.do()
	}
	if texts != 1 || options != 1 || last != "delay=8" {
		t.Errorf("the host's texts were passed on %d times, its options %d times, the last was %q", texts, options, last)
	}
	d.message(1, protocol.Append(nil, &protocol.HUDUpdate{Text: "first"}))
	d.message(1, protocol.Append(nil, &protocol.HUDUpdate{Text: "second"}))
	if d.count(2, protocol.TypeHUDSync) != 0 {
		t.Error("a second text followed at once")
	}
	d.now += 100 * ms
	if d.do(); d.count(2, protocol.TypeHUDSync) != 1 {
		t.Error("the second text did not follow when it was due")
	}
}

// The host's text belongs to its match: what is not told when that ends is not told afterwards, and a room
// that waits takes none.
func TestTextsEndWithTheMatch(t *testing.T) {
	d := newDriver(t, 2, "on_disconnect=substitute", "frames=20", "rematch_ms=20000")
	say := func(text string) {
		d.message(1, protocol.Append(nil, &protocol.HUDUpdate{Text: text}))
	}
	for i := range 2 {
		d.join(session.ConnID(i+1), protocol.Join{Room: "test", Seat: int8(i), Again: true})
	}
	quiet := func(when string) {
		t.Helper()
		for range 10 {
			if n := d.count(2, protocol.TypeHUDSync); n != 0 {
				t.Errorf("%s the other is told %d texts", when, n)
			}
			d.now += 50 * ms
			d.message(1, ping())
			d.message(2, ping())
		}
	}
	say("welcome")
	quiet("in the waiting room")
	d.begin()
	for f := range uint32(20) {
		d.at(f, 0)
	}
	say("2:1")
	if d.count(2, protocol.TypeHUDSync) != 1 {
		t.Error("in play the text is not told")
	}
	say("3:1")
	for i := range 2 {
		d.message(session.ConnID(i+1), protocol.Append(nil, &protocol.Finished{Epoch: d.epoch, Frames: 20, Hash: 5}))
	}
	if d.count(2, protocol.TypeEndGame) != 1 || d.out.Over {
		t.Fatalf("the match has not ended, or the room does not stay: %+v", d.got)
	}
	quiet("after the match")
	say("again?")
	quiet("after the match")
}

// A donor that changes its mind about a snapshot's size, or dribbles it, is given up for another one:
// whoever waits for the state has nothing else.
func TestDonorThatDoesNotDeliver(t *testing.T) {
	odd := func(seat int, _ uint32) uint64 { return []uint64{5, 5, 6}[seat] }
	chunk := func(q *protocol.RequestState, size, offset uint32, n int) []byte {
		return protocol.Append(nil, &protocol.SnapshotChunk{Epoch: 1, ID: q.ID, Kind: q.Kind, Frame: q.Frame, Hash: 5, Size: size, Offset: offset, Data: make([]byte, n)})
	}
	differing := func() (*driver, *protocol.RequestState) {
		d := newDriver(t, 3, "on_disconnect=substitute").start()
		d.playTo(30, odd)
		q := d.asked(1)
		if q == nil || q.Kind != protocol.KindLoad || q.Frame != 29 {
			t.Fatalf("the first seat was asked for %+v", q)
		}
		return d, q
	}
	t.Run("size", func(t *testing.T) {
		d, q := differing()
		d.message(1, chunk(q, 4000, 0, 2000))
		d.message(1, chunk(q, 2001, 2000, 1))
		if d.count(3, protocol.TypeSnapshotChunk) != 0 || d.asked(2) == nil {
			t.Error("a snapshot that ends before its time was passed on, and nobody else was asked")
		}
	})
	t.Run("dribble", func(t *testing.T) {
		d, q := differing()
		from := d.now
		for i := uint32(0); d.asked(2) == nil; i++ {
			if d.now > from+20*time.Second {
				t.Fatal("after 20 s nobody else has been asked")
			}
			for c := session.ConnID(2); c <= 3; c++ {
				d.message(c, ping())
			}
			d.message(1, chunk(q, 60_000, i, 1))
			d.now += 2900 * ms
			d.do()
		}
	})
}

// Whoever takes their own seat over again and again has one snapshot under way, not one each time.
func TestTakeOverForgetsWhatWasUnderWay(t *testing.T) {
	d := newDriver(t, 2, "on_disconnect=substitute")
	d.join(1, protocol.Join{Seat: 0})
	d.join(2, protocol.Join{Seat: 1})
	token := d.token(2)
	d.begin()
	d.playTo(3000, func(int, uint32) uint64 { return 5 })
	for c := session.ConnID(10); c < 20; c++ {
		d.join(c, protocol.Join{Seat: -1, Token: token})
		d.token(c)
		if n := d.room.Holds().Transfers; n != 1 {
			t.Fatalf("%d snapshots are under way after take-over %d", n, c-9)
		}
	}
}

// recount is a game that counts how many frames are simulated again.
type recount struct {
	*sessiontest.Fold
	again *int
}

func (c *recount) Step(s *replica.Command) { c.Fold.Step(s); *c.again++ }

// A seat that lies about its state for as long as the match lasts does not have the others simulate
// more and more of it again.
func TestLyingAboutStatesCostsOthersLittle(t *testing.T) {
	for _, x := range []struct{ players, liar int }{{2, 1}, {2, 0}, {3, 2}} {
		const frames = 3000
		players := x.players
		lines := []sessiontest.Line{lan(), lan(), lan()}[:players]
		w := foldWorld(5, matchConfig(frames), lines...)
		again := make([]int, players)
		loads, evidence := 0, 0
		for i := range players {
			fold := w.Nodes[i].Game.(*sessiontest.Fold)
			w.Nodes[i].Exec.Fresh = func() (replica.Game, error) {
				return &recount{Fold: fold.Fresh().(*sessiontest.Fold), again: &again[i]}, nil
			}
			w.Nodes[i].OnCommand = func(n *sessiontest.Node, c *replica.Command) {
				switch {
				case n.Index == x.liar:
				case c.Kind == replica.CommandLoad:
					loads++
				case c.Kind == replica.CommandEvidence:
					evidence++
				}
			}
		}
		liar := w.Nodes[x.liar]
		w.OnRoom = func(_ time.Duration, e *session.RoomEvent) {
			if e.Kind == session.RoomDesync && e.Mask != 1<<players-1 && e.Mask != 1<<x.liar {
				t.Errorf("%d players: %b is named after frame %d by %s", players, e.Mask, e.Frame, e.Text)
			}
		}
		w.OnBatch = func(n *sessiontest.Node, data []byte) []byte {
			if n != liar {
				return data
			}
			var dec protocol.Decoder
			var out []byte
			dec.Reset(append([]byte(nil), data...))
			for at := 0; at < len(data); at += dec.Size() {
				typ, err := dec.Next()
				if err != nil {
					t.Fatal(err)
				}
				if typ != protocol.TypeStateHash {
					out = append(out, data[at:at+dec.Size()]...)
					continue
				}
				m := dec.StateHash
				m.Total ^= 1
				out = protocol.AppendStateHash(out, &m)
			}
			return out
		}
		if !w.Run(5 * time.Minute) {
			t.Fatal("the match did not end")
		}
		ended(t, w, []int{0, 1, 2}[:players]...)
		for i := range players {
			// 600 hashes, five frames apart.
			if i != x.liar && again[i] > 8*frames {
				t.Errorf("%d players: seat %d simulated %d frames of %d again", players, i, again[i], frames)
			}
		}
		if loads != 0 || evidence > 8 {
			t.Errorf("%d players: the honest loaded %d states and looked at %d", players, loads, evidence)
		}
	}
}

// Hashes of frames that nobody asked for do not crowd out those that others are slow to answer.
func TestHashesThatNobodyAskedFor(t *testing.T) {
	d := newDriver(t, 3, "on_disconnect=substitute").start()
	d.playTo(120, nil)
	d.message(1, protocol.AppendStateHash(nil, &protocol.StateHash{Epoch: d.epoch, Frame: 29, Total: 5}))
	for f := uint32(30); f < 119; f++ {
		if f%30 != 29 {
			d.message(3, protocol.AppendStateHash(nil, &protocol.StateHash{Epoch: d.epoch, Frame: f, Total: 5}))
		}
	}
	d.message(2, protocol.AppendStateHash(nil, &protocol.StateHash{Epoch: d.epoch, Frame: 29, Total: 6}))
	d.message(3, protocol.AppendStateHash(nil, &protocol.StateHash{Epoch: d.epoch, Frame: 29, Total: 6}))
	for _, h := range d.got {
		if h.typ == protocol.TypeVerifyState && h.dec.VerifyState.Differing == 1 {
			return
		}
	}
	t.Errorf("the first seat was not found to differ: %+v", d.out.Events)
}

// A process that was started again counts its snapshots from nothing; its hashes count all the same.
func TestHashesOfANewProcess(t *testing.T) {
	d := newDriver(t, 2, "on_disconnect=substitute")
	d.join(1, protocol.Join{Seat: 0})
	d.join(2, protocol.Join{Seat: 1})
	token := d.token(2)
	d.begin()
	d.playTo(60, func(int, uint32) uint64 { return 5 })
	hash := func(conn session.ConnID, frame, loads uint32) *driver {
		return d.message(conn, protocol.AppendStateHash(nil, &protocol.StateHash{Epoch: d.epoch, Frame: frame, Loads: loads, Total: 5}))
	}
	hash(2, 59, 2)
	d.join(3, protocol.Join{Seat: -1, Token: token})
	d.do() // it is told what it has missed
	d.at(89, time.Millisecond)
	hash(1, 89, 0)
	if hash(3, 89, 0); d.count(1, protocol.TypeVerifyState) != 1 {
		t.Errorf("the new process's hash is not compared: %+v", d.out.Events)
	}
}

// A state that was promised and got lost on the way is asked for again.
func TestPromisedStateGetsLost(t *testing.T) {
	cfg := matchConfig(0)
	cfg.Players, cfg.MinPlayers, cfg.Spectators = 2, 0, 4
	w := foldWorld(12, cfg, lan(), lan())
	w.Run(100 * time.Second)
	node := w.Add(watcher(), lan(), newFold(w, 0, 1))
	lost := 0
	w.Lose = func(n *sessiontest.Node, typ protocol.Type) bool {
		if n != node || typ != protocol.TypeSnapshotChunk || lost > 0 {
			return false
		}
		lost++
		return true
	}
	w.Run(130 * time.Second)
	if lost != 1 {
		t.Fatal("no snapshot was sent: the test shows nothing")
	}
	if behind := w.Nodes[0].Peer.Frame() - node.Peer.Frame(); node.Peer.Frame() == 0 || behind > 30 {
		t.Errorf("the spectator is at frame %d, the players at %d", node.Peer.Frame(), w.Nodes[0].Peer.Frame())
	}
}
