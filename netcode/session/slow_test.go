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
