package relay

import (
	"fmt"
	"sync"
	"testing"
	"testing/synctest"

	"tandem/netcode/protocol"
	"tandem/netcode/session"
	"tandem/netcode/transport"
)

func TestMatchOverSockets(t *testing.T) {
	_, addr := listen(t, Options{})
	pair(t, "sockets", 1, func() transport.Conn { return connect(t, addr) })
}

func TestMatchOverPipes(t *testing.T) {
	virtual(t, Options{}, func(t *testing.T, s *Server) {
		pair(t, "pipes", 2, func() transport.Conn { return dial(s) })
	})
}

func TestThreeRoomsAtOnce(t *testing.T) {
	virtual(t, Options{}, func(t *testing.T, s *Server) {
		var rooms sync.WaitGroup
		for i := range 3 {
			rooms.Go(func() { pair(t, fmt.Sprintf("room%d", i), uint64(10*i), func() transport.Conn { return dial(s) }) })
		}
		rooms.Wait()
	})
}

func TestCodeIsUsableAgain(t *testing.T) {
	virtual(t, Options{}, func(t *testing.T, s *Server) {
		for i := range 3 {
			pair(t, "again", uint64(i), func() transport.Conn { return dial(s) })
			// The second player is told the end before its room is forgotten; joining at that very
			// moment makes a new room. The next round is that joining.
		}
		synctest.Wait()
		if n := s.Rooms(); n != 0 {
			t.Errorf("%d rooms are left after all matches", n)
		}
	})
}

// TestEndedRoomDoesNotTakeItsCodeAlong joins while the ended room is still in the table: the player
// must get the code that was asked for, or two friends would never meet.
func TestEndedRoomDoesNotTakeItsCodeAlong(t *testing.T) {
	virtual(t, Options{}, func(t *testing.T, s *Server) {
		cfg, err := session.ParseConfig(roomOptions())
		if err != nil {
			t.Fatal(err)
		}
		state, err := session.NewRoom("friends", cfg, nil, func() uint64 { return 1 })
		if err != nil {
			t.Fatal(err)
		}
		ended := newRoom(s, state)
		close(ended.done)
		s.rooms["friends"] = ended
		pair(t, "friends", 5, func() transport.Conn { return dial(s) })
	})
}

func TestRoomWithoutSeatedPlayersEnds(t *testing.T) {
	virtual(t, Options{MaxRooms: 1}, func(t *testing.T, s *Server) {
		for range 3 { // if the refused maker's room stayed, the next would find the relay full
			p := newPlayer(session.PeerConfig{Room: "mine", Seat: -1, Create: roomOptions(), Require: []string{"frames=7"}}, 1)
			if end := p.play(dial(s)); end.Code != protocol.CodeOptions {
				t.Errorf("ended with %+v, want %s", end, protocol.CodeOptions)
			}
			synctest.Wait()
			if n := s.Rooms(); n != 0 {
				t.Fatalf("%d rooms are left although nobody got a seat", n)
			}
		}
	})
}

func TestLeavingTellsTheOther(t *testing.T) {
	virtual(t, Options{}, func(t *testing.T, s *Server) {
		a := newPlayer(session.PeerConfig{Room: "r", Seat: -1, Name: "Ann", Create: roomOptions()}, 1)
		b := newPlayer(session.PeerConfig{Room: "r", Seat: -1, Name: "Bob", Create: roomOptions()}, 2)
		a.onStep = func(frame uint32) {
			if frame == 20 {
				close(a.leave)
			}
		}
		endA, endB := start(a, dial(s)), start(b, dial(s))
		if end := <-endA; end.Code != protocol.CodeLeft {
			t.Errorf("who left ended with %+v", end)
		}
		end := <-endB
		if end.Code != protocol.CodeLeft || end.Text == "" || end.Frames == 0 || end.Frames >= 60 {
			t.Errorf("the other ended with %+v, want %s in words", end, protocol.CodeLeft)
		}
	})
}

// TestMatchGoesOnWithoutOne breaks one player's line in mid-game in a room that plays on.
func TestMatchGoesOnWithoutOne(t *testing.T) {
	virtual(t, Options{}, func(t *testing.T, s *Server) {
		opts := roomOptions("on_disconnect=substitute")
		a := newPlayer(session.PeerConfig{Room: "r", Seat: 0, Create: opts}, 1)
		b := newPlayer(session.PeerConfig{Room: "r", Seat: 1, Create: opts}, 2)
		lineB := dial(s)
		b.onStep = func(frame uint32) {
			if frame == 20 {
				lineB.(transport.Aborter).Abort()
			}
		}
		endA, endB := start(a, dial(s)), start(b, lineB)
		if end := <-endB; end.Code != protocol.CodeGone {
			t.Errorf("who lost the line ended with %+v", end)
		}
		if end := <-endA; end.Code != protocol.CodeOK || end.Frames != 60 {
			t.Errorf("the other ended with %+v, want the whole match", end)
		}
		if a.subs != 0 {
			t.Errorf("%d inputs of the player with a good line were substituted", a.subs)
		}
	})
}
