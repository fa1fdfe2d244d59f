package session_test

import (
	"fmt"
	"testing"
	"time"

	"tandem/netcode/protocol"
	"tandem/netcode/session"
	"tandem/netcode/session/replica"
)

// steadyRoom is a room in play whose seats' inputs all arrive in time, one Update per input as in
// the worst case of no two arriving together.
type steadyRoom struct {
	*driver
	n      int
	frame  uint32
	inputs []session.RoomInput
	bufs   [][]byte
	bytes  int
}

func newSteadyRoom(tb testing.TB, n int) *steadyRoom {
	d := newDriver(tb, n).start()
	s := &steadyRoom{driver: d, n: n, inputs: make([]session.RoomInput, 1), bufs: make([][]byte, n)}
	for i := range s.bufs {
		s.bufs[i] = make([]byte, 0, 64)
	}
	d.now = d.close - 50*ms
	return s
}

// play closes one frame.
func (s *steadyRoom) play() {
	s.now = s.close + session.FrameTime(int64(s.frame)) - 50*ms
	for i := range s.n {
		b := protocol.AppendAction(s.bufs[i][:0], &protocol.Action{Epoch: s.epoch, Frame: s.frame, Action: uint8(i % 7)})
		s.inputs[0] = session.RoomInput{Kind: session.InputMessage, Conn: session.ConnID(i + 1), Data: b}
		out := s.room.Update(session.RoomIn{Now: s.now, Inputs: s.inputs})
		for k := range out.Send {
			s.bytes += len(out.Send[k].Data)
		}
	}
	s.frame++
}

// steadyPeer is a peer in play that gets a bundle for every frame.
type steadyPeer struct {
	peer   *session.Peer
	now    time.Duration
	frame  uint32
	n      int
	msgs   [][]byte
	hashes []replica.Hash
	steps  int
}

type constant int

func (c constant) Sample() int { return int(c) }

func newSteadyPeer(tb testing.TB, n int) *steadyPeer {
	p := session.NewPeer(session.PeerConfig{Room: "r", Seat: -1})
	s := &steadyPeer{peer: p, now: time.Second, n: n, msgs: make([][]byte, 1), hashes: make([]replica.Hash, 0, 1)}
	give := func(frames ...[]byte) { p.Update(session.In{Now: s.now, Messages: frames, Prepared: true}) }
	give()
	give(protocol.Append(nil, &protocol.Welcome{Magic: protocol.Magic, Version: protocol.Version}))
	give(protocol.Append(nil, &protocol.HostElected{Room: "r", Seed: 1, Token: []byte{1}, Options: []string{"env=fold", "actions=7", fmt.Sprintf("players=%d", n), "frames=100000000"}}))
	for range 3 {
		s.now += 200 * ms
		give(protocol.AppendPong(nil, &protocol.Pong{Sent: (s.now - ms).Microseconds(), Now: s.now.Microseconds()}))
	}
	s.now += ms
	give(protocol.Append(nil, &protocol.Start{Epoch: 1, Seed: 1, Close: (s.now + 200*ms).Microseconds()}))
	if p.State() != session.PeerPlaying {
		tb.Fatalf("the peer is in state %d: %+v", p.State(), p.End())
	}
	s.now += 200 * ms
	return s
}

// play steps one frame.
func (s *steadyPeer) play() {
	b := s.msgs[0][:0]
	m := protocol.Bundle{Epoch: 1, Frame: s.frame, Seats: s.n, Early: 10}
	if (s.frame+1)%30 == 0 {
		m.Flags = protocol.FlagHash
	}
	b = protocol.AppendBundle(b, &m)
	if (s.frame+1)%10 == 0 {
		b = protocol.AppendPong(b, &protocol.Pong{Sent: (s.now - ms).Microseconds(), Now: s.now.Microseconds()})
	}
	s.msgs[0] = b
	out := s.peer.Update(session.In{Now: s.now, Messages: s.msgs, Input: constant(3), Prepared: true, Answers: replica.Answers{Hashes: s.hashes}})
	s.hashes = s.hashes[:0]
	for i := range out.Commands {
		if out.Commands[i].Hash {
			s.hashes = append(s.hashes, replica.Hash{Frame: out.Commands[i].Frame, Count: 3})
		}
		s.steps++
	}
	s.frame++
	s.now += session.FrameTime(1)
}

// In steady state neither side allocates. (The relay's log grows by a few bytes per frame; append
// does that so rarely that the average is nothing.)
func TestSteadyStateDoesNotAllocate(t *testing.T) {
	for _, n := range []int{2, 8} {
		room := newSteadyRoom(t, n)
		peer := newSteadyPeer(t, n)
		for range 300 {
			room.play()
			peer.play()
		}
		if a := testing.AllocsPerRun(3000, room.play); a != 0 {
			t.Errorf("%d seats: the room allocates %v times per frame", n, a)
		}
		if a := testing.AllocsPerRun(3000, peer.play); a != 0 {
			t.Errorf("%d seats: the peer allocates %v times per frame", n, a)
		}
		if room.room.Frames() != room.frame || peer.steps < 3000 {
			t.Fatalf("the steady state does not play: %d of %d frames, %d steps", room.room.Frames(), room.frame, peer.steps)
		}
	}
}

func BenchmarkRoomFrame(b *testing.B) {
	for _, n := range []int{2, 8} {
		b.Run(fmt.Sprintf("%d seats", n), func(b *testing.B) {
			s := newSteadyRoom(b, n)
			b.ReportAllocs()
			for b.Loop() {
				s.play()
			}
		})
	}
}

func BenchmarkPeerFrame(b *testing.B) {
	for _, n := range []int{2, 8} {
		b.Run(fmt.Sprintf("%d seats", n), func(b *testing.B) {
			s := newSteadyPeer(b, n)
			b.ReportAllocs()
			for b.Loop() {
				s.play()
			}
		})
	}
}
