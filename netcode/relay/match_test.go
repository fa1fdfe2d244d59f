//go:build !js

package relay

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"tandem/netcode/protocol"
	"tandem/netcode/session"
	"tandem/netcode/session/options"
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

// TestCriterion7ThreeRoomsOfTwoMatches has three rooms on one relay, opened seconds apart and in play at
// once, in each of which two matches are played. Everybody in a room has the same of each, and no two
// matches are the same.
func TestCriterion7ThreeRoomsOfTwoMatches(t *testing.T) {
	virtual(t, Options{}, func(t *testing.T, s *Server) {
		const rooms, matches, frames = 3, 2, 450
		opts := roomOptions(fmt.Sprintf("frames=%d", frames), "rematch_ms=20000")
		var players [rooms][2]*player
		var ends [rooms][2]<-chan session.End
		for r := range rooms {
			for i := range players[r] {
				p := newPlayer(session.PeerConfig{Room: fmt.Sprintf("room%d", r), Seat: -1, Again: true, Create: opts}, uint64(10*r+i))
				p.matches = matches
				players[r][i], ends[r][i] = p, start(p, dial(s))
			}
			time.Sleep(4 * time.Second) // virtual
		}
		counts(t, s, "tandem_matches_total 3\n")
		counts(t, s, "tandem_rooms 3\n") // the first room's first match lasts for 15 s
		all := map[uint64]string{}
		for r := range rooms {
			a, b := players[r][0], players[r][1]
			for i := range ends[r] {
				if end := <-ends[r][i]; end.Code != protocol.CodeOK || end.Frames != frames {
					t.Errorf("room %d: player %d ended with %+v", r, i, end)
				}
			}
			if len(a.finals) != matches || !slices.Equal(a.finals, b.finals) || a.subs+b.subs != 0 {
				t.Errorf("room %d: the matches ended with %x and %x, %d and %d inputs were substituted", r, a.finals, b.finals, a.subs, b.subs)
			}
			for m, state := range a.finals {
				name := fmt.Sprintf("match %d of room %d", m, r)
				if other, same := all[state]; same {
					t.Errorf("%s and %s are the same", other, name)
				}
				all[state] = name
			}
		}
		counts(t, s, "tandem_matches_total 6\n")
		counts(t, s, "tandem_desyncs_total 0\n")
	})
}

// TestCriterion7TwelveClientsMakeSixGames has twelve players come at once with six codes between them.
func TestCriterion7TwelveClientsMakeSixGames(t *testing.T) {
	virtual(t, Options{}, func(t *testing.T, s *Server) {
		const games = 6
		var players [2 * games]*player
		var ends [2 * games]<-chan session.End
		for i := range players {
			players[i] = newPlayer(session.PeerConfig{Room: fmt.Sprintf("game%d", i%games), Seat: -1, Create: roomOptions()}, uint64(i))
			ends[i] = start(players[i], dial(s))
		}
		for i, p := range players {
			if code, want := <-p.seated, fmt.Sprintf("game%d", i%games); code != want {
				t.Errorf("who asked for %s is in %s", want, code)
			}
		}
		if n := s.Rooms(); n != games {
			t.Errorf("%d rooms, want %d", n, games)
		}
		for i := range players {
			if end := <-ends[i]; end.Code != protocol.CodeOK || end.Frames != 60 {
				t.Errorf("player %d ended with %+v", i, end)
			}
		}
		for i := range games {
			a, b := players[i], players[i+games]
			if a.game.State != b.game.State || a.peer.Seat()+b.peer.Seat() != 1 {
				t.Errorf("game %d: states %x and %x at seats %d and %d", i, a.game.State, b.game.State, a.peer.Seat(), b.peer.Seat())
			}
		}
		counts(t, s, fmt.Sprintf("tandem_matches_total %d\n", games))
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

// TestReturnAfterTheEnd has a player come back with its token when the match is over: it is told how it
// ended, and no stranger is.
func TestReturnAfterTheEnd(t *testing.T) {
	virtual(t, Options{}, func(t *testing.T, s *Server) {
		a := newPlayer(session.PeerConfig{Room: "friends", Seat: -1, Name: "a", Create: roomOptions()}, 1)
		b := newPlayer(session.PeerConfig{Room: "friends", Seat: -1, Name: "b", Create: roomOptions()}, 2)
		endA, endB := start(a, dial(s)), start(b, dial(s))
		how := (<-endA).Text
		<-endB
		synctest.Wait()
		if n := s.Rooms(); n != 0 || how == "" {
			t.Fatalf("%d rooms are left, and it ended with %q", n, how)
		}
		join := func(token []byte) session.End {
			return <-start(newPlayer(session.PeerConfig{Room: "friends", Seat: -1, Token: token}, 3), dial(s))
		}
		if end := join(b.peer.Token()); end.Code != protocol.CodeRoomOver || !strings.Contains(end.Text, how) || strings.Contains(end.Text, "Check the code") {
			t.Errorf("who comes back is told %+v, want %q", end, how)
		}
		for _, token := range [][]byte{nil, []byte("let me in, please, let me in")} {
			if end := join(token); end.Code != protocol.CodeNoRoom || !strings.Contains(end.Text, "Check the code") {
				t.Errorf("a stranger is told %+v", end)
			}
		}
	})
}

// idleRoom puts a room into the table whose goroutine does not run yet.
func idleRoom(t *testing.T, s *Server, code string) *room {
	t.Helper()
	cfg, err := options.ParseConfig(roomOptions())
	if err != nil {
		t.Fatal(err)
	}
	state, err := session.NewRoom(code, cfg, s.key, func() uint64 { return 1 })
	if err != nil {
		t.Fatal(err)
	}
	r := newRoom(s, state)
	r.key, r.release = code, func() {}
	s.mu.Lock()
	s.rooms[code] = r
	s.mu.Unlock()
	return r
}

// TestEndedRoomDoesNotTakeItsCodeAlong joins while the ended room is still in the table: the player
// must get the code that was asked for, or two friends would never meet.
func TestEndedRoomDoesNotTakeItsCodeAlong(t *testing.T) {
	virtual(t, Options{}, func(t *testing.T, s *Server) {
		idleRoom(t, s, "friends").leave()
		pair(t, "friends", 5, func() transport.Conn { return dial(s) })
	})
}

// TestJoinBesideTheEnd has two friends wait to be taken by a room that ends instead: they must meet
// in a new room of that code, and who can make none is told why.
func TestJoinBesideTheEnd(t *testing.T) {
	virtual(t, Options{}, func(t *testing.T, s *Server) {
		r := idleRoom(t, s, "friends")
		a := newPlayer(session.PeerConfig{Room: "friends", Seat: -1, Create: roomOptions()}, 1)
		b := newPlayer(session.PeerConfig{Room: "friends", Seat: -1, Create: roomOptions()}, 2)
		endA, endB := start(a, dial(s)), start(b, dial(s))
		synctest.Wait()
		if n := len(r.inbox); n != 2 {
			t.Fatalf("%d joins wait, want 2", n)
		}
		r.leave()
		for _, c := range []<-chan session.End{endA, endB} {
			if end := <-c; end.Code != protocol.CodeOK || end.Frames != 60 {
				t.Errorf("ended with %+v", end)
			}
		}
		r = idleRoom(t, s, "guests")
		guest := newPlayer(session.PeerConfig{Room: "guests", Seat: -1}, 1)
		end := start(guest, dial(s))
		synctest.Wait()
		r.leave()
		if end := <-end; end.Code != protocol.CodeRoomOver || !strings.Contains(end.Text, "just ended") {
			t.Errorf("who can make no room ended with %+v", end)
		}
		if r.join(&client{}, &protocol.Join{}) || r.post(event{}) {
			t.Error("a room that has ended took something")
		}
	})
}

// TestJoinBehindTheLastLeave has a join wait right behind the leaving of the room's last player, so
// that one reading of the inbox could take both.
func TestJoinBehindTheLastLeave(t *testing.T) {
	virtual(t, Options{}, func(t *testing.T, s *Server) {
		r := idleRoom(t, s, "friends")
		near, far := transport.PipeOptions(connOptions, connOptions)
		last := &client{id: 1 << 30, server: s, conn: far, log: s.opts.Log}
		r.maker = last.id
		r.inbox <- event{client: last, taken: make(chan struct{}, 1), input: session.RoomInput{
			Kind: session.InputJoin, Conn: last.id, Join: &protocol.Join{Room: "friends", Seat: -1},
		}}
		r.inbox <- event{client: last, input: session.RoomInput{Kind: session.InputClosed, Conn: last.id}}
		p := newPlayer(session.PeerConfig{Room: "friends", Seat: -1, Create: roomOptions()}, 1)
		q := newPlayer(session.PeerConfig{Room: "friends", Seat: -1, Create: roomOptions()}, 2)
		endP := start(p, dial(s))
		synctest.Wait()
		s.work.Add(1)
		go r.run()
		endQ := start(q, dial(s))
		for _, c := range []<-chan session.End{endP, endQ} {
			if end := <-c; end.Code != protocol.CodeOK || end.Frames != 60 {
				t.Errorf("ended with %+v", end)
			}
		}
		near.(transport.Aborter).Abort()
		last.close(protocol.CodeGone, "")
		<-last.sender.Done()
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
