//go:build !js

package relay

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"tandem/netcode/protocol"
	"tandem/netcode/session"
	"tandem/netcode/transport"
)

func hello(version uint32) []byte {
	return protocol.Append(nil, &protocol.Hello{Magic: protocol.Magic, Version: version, Program: "test"})
}

// answers reads until the connection is over: the messages, and why it ended.
func answers(t *testing.T, conn transport.Conn) (list []any, end *transport.CloseError) {
	t.Helper()
	for {
		data, err := conn.Read()
		if err != nil {
			if !errors.As(err, &end) {
				t.Fatalf("the relay did not close the connection: %v", err)
			}
			return list, end
		}
		var dec protocol.Decoder
		dec.Reset(append([]byte(nil), data...))
		for {
			if _, err := dec.Next(); err != nil {
				break
			}
			list = append(list, dec.Cold)
		}
	}
}

// refusedWith checks that a connection hears a code in words and is closed with the same code.
func refusedWith(t *testing.T, conn transport.Conn, code protocol.Code, words string) {
	t.Helper()
	list, end := answers(t, conn)
	var told *protocol.Refusal
	for _, m := range list {
		if r, ok := m.(*protocol.Refusal); ok {
			told = r
		}
	}
	if told == nil || told.Code != code || !strings.Contains(told.Text, words) {
		t.Errorf("the relay said %+v, want %s with %q", told, code, words)
	}
	if end.Code != closeCode(code) {
		t.Errorf("closed with %d (%s), want %d", end.Code, end.Reason, closeCode(code))
	}
}

func write(t *testing.T, conn transport.Conn, data []byte) {
	t.Helper()
	if err := conn.Write(data); err != nil {
		t.Fatal(err)
	}
}

func TestStrangersAreTurnedAway(t *testing.T) {
	join := protocol.Append(nil, &protocol.Join{Room: "r", Seat: -1})
	for _, c := range []struct {
		name  string
		say   []byte
		code  protocol.Code
		words string
	}{
		{"garbage", []byte("GET / HTTP/1.1\r\n"), protocol.CodeMalformed, ""},
		{"empty array", []byte{0x90}, protocol.CodeMalformed, ""},
		{"cut off hello", hello(protocol.Version)[:5], protocol.CodeMalformed, ""},
		{"join before hello", join, protocol.CodeUnexpected, "join"},
		{"other magic", protocol.Append(nil, &protocol.Hello{Magic: "tendam", Version: 1}), protocol.CodeUnexpected, "Tandem"},
		{"older version", hello(protocol.Version - 1), protocol.CodeVersion, "update the other side"},
		{"newer version", hello(protocol.Version + 1), protocol.CodeVersion, "update"},
		{"hello twice", append(hello(protocol.Version), hello(protocol.Version)...), protocol.CodeUnexpected, "hello"},
		{"ready before join", append(hello(protocol.Version), protocol.Append(nil, &protocol.Ready{})...), protocol.CodeUnexpected, "ready"},
		{"no such room", append(hello(protocol.Version), join...), protocol.CodeNoRoom, `no room "r"`},
		{"no code", append(hello(protocol.Version), protocol.Append(nil, &protocol.Join{Seat: -1})...), protocol.CodeNoRoom, "Give the room's code"},
		{"bad code", append(hello(protocol.Version), protocol.Append(nil, &protocol.Join{Room: "a/b", Seat: -1})...), protocol.CodeNoRoom, "letters"},
		{"bad options", append(hello(protocol.Version), protocol.Append(nil, &protocol.Join{Room: "r", Seat: -1, Create: []string{"delay=never"}})...), protocol.CodeOptions, "delay"},
		{"no environment", append(hello(protocol.Version), protocol.Append(nil, &protocol.Join{Room: "r", Seat: -1, Create: []string{"delay=3"}})...), protocol.CodeOptions, "environment"},
	} {
		t.Run(c.name, func(t *testing.T) {
			virtual(t, Options{}, func(t *testing.T, s *Server) {
				conn := dial(s)
				write(t, conn, c.say)
				refusedWith(t, conn, c.code, c.words)
				if n := s.Rooms(); n != 0 {
					t.Errorf("%d rooms were made", n)
				}
			})
		})
	}
}

// TestVersionsMeetInWords lets a peer of another version see both sides' words: the welcome comes
// with the refusal.
func TestVersionsMeetInWords(t *testing.T) {
	virtual(t, Options{}, func(t *testing.T, s *Server) {
		conn := dial(s)
		write(t, conn, hello(protocol.Version+1))
		list, _ := answers(t, conn)
		if len(list) != 2 {
			t.Fatalf("the relay said %v, want welcome and error", list)
		}
		if w, ok := list[0].(*protocol.Welcome); !ok || w.Version != protocol.Version {
			t.Errorf("the first answer is %+v, want the welcome", list[0])
		}
	})
}

func TestRoomRefusals(t *testing.T) {
	virtual(t, Options{}, func(t *testing.T, s *Server) {
		a := newPlayer(session.PeerConfig{Room: "r", Seat: 0, Create: roomOptions("players=1", "frames=0")}, 1)
		endA := start(a, dial(s))
		<-a.seated
		b := newPlayer(session.PeerConfig{Room: "wide", Seat: 0, Create: roomOptions()}, 2)
		endB := start(b, dial(s))
		<-b.seated
		for _, c := range []struct {
			cfg   session.PeerConfig
			code  protocol.Code
			words string
		}{
			{session.PeerConfig{Room: "wide", Seat: 0}, protocol.CodeSeat, "taken"},
			{session.PeerConfig{Room: "wide", Seat: 5}, protocol.CodeSeat, "seats 0 to 1"},
			{session.PeerConfig{Room: "wide", Seat: -1, Require: []string{"delay=9"}}, protocol.CodeOptions, "delay=auto"},
			{session.PeerConfig{Room: "wide", Seat: -1, Require: []string{"colour=red"}}, protocol.CodeOptions, "colour"},
		} {
			if end := newPlayer(c.cfg, 3).play(dial(s)); end.Code != c.code || !strings.Contains(end.Text, c.words) {
				t.Errorf("%+v ended with %+v, want %s with %q", c.cfg, end, c.code, c.words)
			}
		}
		time.Sleep(5 * time.Second) // virtual: the one-seat match has begun by now
		if end := newPlayer(session.PeerConfig{Room: "r", Seat: -1}, 4).play(dial(s)); end.Code != protocol.CodeRoomStarted {
			t.Errorf("joining a match in play ended with %+v", end)
		}
		close(a.leave)
		close(b.leave)
		<-endA
		<-endB
	})
}

func TestFullRoom(t *testing.T) {
	virtual(t, Options{}, func(t *testing.T, s *Server) {
		a := newPlayer(session.PeerConfig{Room: "r", Seat: -1, Create: roomOptions("players=1", "countdown_ms=60000")}, 1)
		// Seated, but not ready: the room stays in its lobby.
		conn := dial(s)
		write(t, conn, append(hello(protocol.Version), protocol.Append(nil, &protocol.Join{Room: "r", Seat: -1, Create: a.cfg.Create})...))
		synctest.Wait()
		if end := newPlayer(session.PeerConfig{Room: "r", Seat: -1}, 2).play(dial(s)); end.Code != protocol.CodeRoomFull || !strings.Contains(end.Text, "full") {
			t.Errorf("ended with %+v, want %s", end, protocol.CodeRoomFull)
		}
		if err := conn.Close(transport.CodeNormal, ""); err != nil {
			t.Error(err)
		}
	})
}

func TestServerFullOfRooms(t *testing.T) {
	virtual(t, Options{MaxRooms: 1}, func(t *testing.T, s *Server) {
		a := newPlayer(session.PeerConfig{Room: "one", Seat: -1, Create: roomOptions()}, 1)
		endA := start(a, dial(s))
		<-a.seated
		b := newPlayer(session.PeerConfig{Room: "two", Seat: -1, Create: roomOptions()}, 2)
		if end := b.play(dial(s)); end.Code != protocol.CodeServerFull || !strings.Contains(end.Text, "1 rooms") {
			t.Errorf("the second room ended with %+v", end)
		}
		// The room that exists still takes players.
		c := newPlayer(session.PeerConfig{Room: "one", Seat: -1, Create: roomOptions()}, 3)
		if end := c.play(dial(s)); end.Code != protocol.CodeOK {
			t.Errorf("joining the room that exists ended with %+v", end)
		}
		<-endA
	})
}

func TestServerFullOfConnections(t *testing.T) {
	virtual(t, Options{MaxConns: 2}, func(t *testing.T, s *Server) {
		idle := []transport.Conn{dial(s), dial(s)}
		synctest.Wait()
		refusedWith(t, dial(s), protocol.CodeServerFull, "2 connections")
		if err := idle[0].Close(transport.CodeNormal, ""); err != nil {
			t.Error(err)
		}
		synctest.Wait()
		conn := dial(s)
		write(t, conn, hello(protocol.Version))
		if _, err := conn.Read(); err != nil {
			t.Errorf("a connection in the place of one that left: %v", err)
		}
	})
}

// TestSilentStranger connects and says nothing, or says hello and no more.
func TestSilentStranger(t *testing.T) {
	for _, greet := range []bool{false, true} {
		virtual(t, Options{}, func(t *testing.T, s *Server) {
			conn := dial(s)
			if greet {
				write(t, conn, hello(protocol.Version))
			}
			began := time.Now()
			_, end := answers(t, conn)
			if end.Code != closeCode(protocol.CodeSilent) || !strings.Contains(end.Reason, "joined") {
				t.Errorf("greeted %v: closed with %d, %q", greet, end.Code, end.Reason)
			}
			if waited := time.Since(began); waited != handshakeTimeout {
				t.Errorf("greeted %v: closed after %v, want %v", greet, waited, handshakeTimeout)
			}
		})
	}
}

// TestHalfOpen has a line go dead in mid-game, without a word and without an error: the room gives
// the seat up after its limit, and the other player hears of it.
func TestHalfOpen(t *testing.T) {
	virtual(t, Options{}, func(t *testing.T, s *Server) {
		opts := roomOptions("frames=0")
		a := newPlayer(session.PeerConfig{Room: "r", Seat: 0, Name: "Ann", Create: opts}, 1)
		b := newPlayer(session.PeerConfig{Room: "r", Seat: 1, Name: "Bob", Create: opts}, 2)
		dead := make(chan struct{})
		b.onStep = func(frame uint32) {
			if frame == 20 {
				<-dead
			}
		}
		endA, endB := start(a, dial(s)), start(b, dial(s))
		end := <-endA
		if end.Code != protocol.CodeGone || !strings.Contains(end.Text, "Bob") {
			t.Errorf("the other player ended with %+v", end)
		}
		close(dead)
		<-endB
	})
}
