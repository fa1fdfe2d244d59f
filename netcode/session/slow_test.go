package session_test

import (
	"testing"
	"time"

	"tandem/netcode/protocol"
	"tandem/netcode/session"
)

// TestSlowSeat has a connection not take what it is sent: it gets nothing more, the other seat plays
// on without waiting, and once it takes again it gets every bundle in order.
func TestSlowSeat(t *testing.T) {
	d := newDriver(t, 2, "on_disconnect=substitute").start()
	next := uint32(0) // the frame that is due on the slow connection
	take := func() {
		t.Helper()
		for _, h := range d.got {
			frame, n := h.dec.Bundle.Frame, uint32(1)
			if m, ok := h.dec.Cold.(*protocol.History); ok {
				frame, n = m.Frame, uint32(len(m.Data)/5) // flags, substituted, two actions
			} else if h.typ != protocol.TypeBundle {
				continue
			}
			if h.conn == 2 && frame != next {
				t.Fatalf("%s of frame %d, where %d was due", h.typ, frame, next)
			}
			if h.conn == 2 {
				next += n
			}
		}
	}
	do := func(in ...session.RoomInput) {
		t.Helper()
		d.do(in...)
		take()
	}
	play := func(upTo uint32) {
		t.Helper()
		for f := d.room.Frames(); f < upTo; f++ {
			d.now = d.close + session.FrameTime(int64(f)) - 20*ms
			do(session.RoomInput{Kind: session.InputMessage, Conn: 2, Data: protocol.AppendPing(nil, &protocol.Ping{})},
				session.RoomInput{Kind: session.InputMessage, Conn: 1, Data: protocol.AppendAction(nil, &protocol.Action{Epoch: d.epoch, Frame: f, Action: 1})})
			d.now += 20 * ms
			do()
		}
	}
	play(10)
	if next == 0 {
		t.Fatal("no bundle came")
	}
	do(session.RoomInput{Kind: session.InputSlow, Conn: 2})
	do(session.RoomInput{Kind: session.InputSlow, Conn: 2}) // it is known
	stuck := next
	play(200)
	if next != stuck {
		t.Errorf("%d frames were sent to a connection that takes nothing", next-stuck)
	}
	if d.room.Frames() != 200 {
		t.Errorf("the room is at frame %d, want 200", d.room.Frames())
	}
	do(session.RoomInput{Kind: session.InputTakes, Conn: 2})
	play(210)
	if next < 209 {
		t.Errorf("after it took again it has %d of 210 frames", next)
	}
	do(session.RoomInput{Kind: session.InputTakes, Conn: 2}, session.RoomInput{Kind: session.InputSlow, Conn: 77}) // nobody's, and nothing new
}

// TestStuckSeatIsDropped leaves a connection stuck for too long, though it talks.
func TestStuckSeatIsDropped(t *testing.T) {
	d := newDriver(t, 2, "on_disconnect=substitute").start()
	d.do(session.RoomInput{Kind: session.InputSlow, Conn: 2})
	since := d.now
	for range 29 {
		d.now += time.Second
		d.message(1, protocol.AppendPing(nil, &protocol.Ping{}))
		d.message(2, protocol.AppendPing(nil, &protocol.Ping{}))
	}
	if len(d.out.Close) != 0 {
		t.Fatalf("dropped after %v: %+v", d.now-since, d.out.Close)
	}
	d.now += 2 * time.Second
	d.message(2, protocol.AppendPing(nil, &protocol.Ping{}))
	d.refused(2, protocol.CodeSlow)
	frames := d.room.Frames()
	d.now += time.Second
	if d.message(1, protocol.AppendPing(nil, &protocol.Ping{})); d.room.Frames() <= frames {
		t.Error("the match stands still")
	}
}

// TestCrowdedOnTheWayBack has a relay refuse a returning player because the address's old connections
// still count: the player tries again. A newcomer hears it at once.
func TestCrowdedOnTheWayBack(t *testing.T) {
	for _, code := range []protocol.Code{protocol.CodeConnectLimit, protocol.CodeServerFull} {
		w := foldWorld(1, matchConfig(3000), lan(), lan())
		w.Run(10 * time.Second)
		p := w.Nodes[0].Peer
		p.CutOff(w.Now, protocol.CodeGone, "gone")
		p.Connected(w.Now)
		refusal := protocol.Append(nil, &protocol.Refusal{Code: code, Text: "full"})
		p.Update(session.In{Now: w.Now, Messages: [][]byte{refusal}})
		if st := p.State(); st != session.PeerCutOff {
			t.Errorf("%s on the way back: state %v, want cut off", code, st)
		}
		q := session.NewPeer(session.PeerConfig{Room: "r"})
		q.Update(session.In{})
		q.Update(session.In{Messages: [][]byte{refusal}})
		if st := q.State(); st != session.PeerClosed || q.End().Code != code {
			t.Errorf("%s at the door: state %v, %+v", code, st, q.End())
		}
	}
}

// Whoever is late at the match's end, on a computer that is too slow, has no other states for that: the
// others wait while they come nearer, and not for ever.
func TestLateAtTheEnd(t *testing.T) {
	const frames = 900
	for _, c := range []struct {
		name  string
		every uint32 // the one who is late tells the next hash after so many frames; 0 for never
		stop  uint32 // so many hashes later the end
		code  protocol.Code
		least time.Duration // until the end
		most  time.Duration
	}{
		{"comes nearer and arrives", 150, 6, protocol.CodeOK, 25 * time.Second, 26 * time.Second},
		{"stands still", 0, 0, protocol.CodeSlow, 10 * time.Second, 11 * time.Second},
		{"stops on the way", 150, 3, protocol.CodeSlow, 20 * time.Second, 31 * time.Second},
		{"comes nearer for ever", 150, 1000, protocol.CodeSlow, 70 * time.Second, 81 * time.Second},
	} {
		d := newDriver(t, 2).start()
		d.playTo(frames, nil)
		end := protocol.Append(nil, &protocol.Finished{Epoch: d.epoch, Frames: frames, Hash: 5})
		began := d.now
		d.message(1, end)
		var got *protocol.EndGame
		over := func() bool {
			for _, h := range d.got {
				if m, ok := h.dec.Cold.(*protocol.EndGame); ok {
					got = m
				}
			}
			return got != nil
		}
		told, hashes := uint32(0), uint32(0)
		for f := d.room.Frames(); d.now < began+2*time.Minute; f++ {
			if d.at(f, time.Millisecond); over() {
				break
			}
			if f%30 == 0 {
				d.message(1, ping())
				d.message(2, ping())
			}
			if c.every == 0 || f%c.every != 0 || hashes == c.stop {
				continue
			}
			for flagged := false; !flagged && told < frames; told++ {
				b, ok := d.room.Log(told)
				if !ok {
					t.Fatalf("%s: frame %d is not in the log", c.name, told)
				}
				if flagged = b.Flags&protocol.FlagHash != 0; flagged {
					d.message(2, protocol.AppendStateHash(nil, &protocol.StateHash{Epoch: d.epoch, Frame: told, Total: 5}))
				}
			}
			if hashes++; hashes == c.stop && c.code == protocol.CodeOK {
				if d.message(2, end); over() {
					break
				}
			}
		}
		if got == nil || got.Code != c.code || d.now-began < c.least || d.now-began > c.most {
			t.Errorf("%s: after %v the match ended with %+v, want %s after %v to %v", c.name, d.now-began, got, c.code, c.least, c.most)
		}
	}
}
