//go:build !js

package relay

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"tandem/netcode/protocol"
	"tandem/netcode/session"
	"tandem/netcode/session/options"
	"tandem/netcode/transport"
)

// before is a relay's room from before it was restarted: its code is "r". It returns a token of each seat.
func before(t *testing.T, number uint64, made time.Time, key []byte) (tokens [2][]byte) {
	t.Helper()
	cfg, err := options.ParseConfig(roomOptions("seed=7", "rematch_ms=0"))
	if err != nil {
		t.Fatal(err)
	}
	return ofRoom(t, cfg, number, made, key)
}

// ofRoom returns a token of each seat of a room "r" with such options.
func ofRoom(t *testing.T, cfg options.Config, number uint64, made time.Time, key []byte) (tokens [2][]byte) {
	t.Helper()
	rm, err := session.NewRoom("r", cfg, key, func() uint64 { return number })
	if err != nil {
		t.Fatal(err)
	}
	for i := range tokens {
		out := rm.Update(session.RoomIn{Wall: made, Inputs: []session.RoomInput{{Kind: session.InputJoin, Conn: session.ConnID(i + 1), Join: &protocol.Join{Room: "r", Seat: int8(i)}}}})
		for _, p := range out.Send {
			var dec protocol.Decoder
			dec.Reset(p.Data)
			if _, err := dec.Next(); err != nil {
				t.Fatal(err)
			}
			if m, ok := dec.Cold.(*protocol.HostElected); ok {
				tokens[i] = append([]byte(nil), m.Token...)
			}
		}
	}
	return tokens
}

// joins says hello and joins, and returns the connection.
func joins(t *testing.T, s *Server, j *protocol.Join) transport.Conn {
	t.Helper()
	conn := dial(s)
	write(t, conn, append(hello(protocol.Version), protocol.Append(nil, j)...))
	synctest.Wait()
	return conn
}

// seatedIn reads until its player has a seat, and returns the token.
func seatedIn(t *testing.T, conn transport.Conn) []byte {
	t.Helper()
	for {
		data, err := conn.Read()
		if err != nil {
			t.Fatalf("not seated: %v", err)
		}
		var dec protocol.Decoder
		for dec.Reset(data); ; {
			if _, err := dec.Next(); err != nil {
				break
			}
			switch m := dec.Cold.(type) {
			case *protocol.HostElected:
				return append([]byte(nil), m.Token...)
			case *protocol.Refusal:
				t.Fatalf("refused: %s, %s", m.Code, m.Text)
			}
		}
	}
}

// displacedWith reads to the end, which must tell that the code belongs to others.
func displacedWith(t *testing.T, conn transport.Conn) {
	t.Helper()
	list, _ := answers(t, conn)
	for _, m := range list {
		if e, ok := m.(*protocol.EndGame); ok && e.Code == protocol.CodeRoomOver && strings.Contains(e.Text, "host a room under another code") {
			return
		}
	}
	t.Errorf("the squatter was told %+v", list)
}

// After a restart a code belongs to those who bring tokens: who has opened a room of it meanwhile gives
// way, in words, and does not get it back.
func TestSquatterGivesWay(t *testing.T) {
	key := []byte("0123456789abcdef0123456789abcdef")
	for name, playing := range map[string]bool{"in the lobby": false, "in play already": true} {
		t.Run(name, func(t *testing.T) {
			virtual(t, Options{Key: key}, func(t *testing.T, s *Server) {
				tokens := before(t, 5, time.Now().Add(-time.Minute), key)
				options := roomOptions("seed=7", "min_players=1")
				squatter := joins(t, s, &protocol.Join{Room: "r", Seat: 0, Create: options})
				theirs := seatedIn(t, squatter)
				if playing {
					write(t, squatter, protocol.Append(nil, &protocol.Ready{}))
				}
				time.Sleep(2 * time.Second)
				back := &protocol.Join{Room: "r", Seat: -1, Token: tokens[0], Back: true, Create: options}
				if playing { // who was in the middle of a match says so
					back.Epoch, back.Seed, back.Have = 1, 7, 40
				}
				a := joins(t, s, back)
				seatedIn(t, a)
				displacedWith(t, squatter)
				// Neither a new room of the code nor the token of the old one displaces the players.
				refusedWith(t, joins(t, s, &protocol.Join{Room: "r", Seat: -1, Create: options}), protocol.CodeBusy, "")
				refusedWith(t, joins(t, s, &protocol.Join{Room: "r", Seat: 0, Token: theirs, Create: options}), protocol.CodeBusy, "")
				b := joins(t, s, &protocol.Join{Room: "r", Seat: -1, Token: tokens[1], Back: true})
				seatedIn(t, b)
				if s.Rooms() != 1 {
					t.Errorf("there are %d rooms", s.Rooms())
				}
			})
		})
	}
}

// A token of a room in which no match was on, as one that had ended before the restart, does not end the
// match that others play under the code meanwhile: its owner is told like anybody who comes to that match.
func TestMatchStaysThoughATokenIsShown(t *testing.T) {
	key := []byte("0123456789abcdef0123456789abcdef")
	virtual(t, Options{Key: key}, func(t *testing.T, s *Server) {
		tokens := before(t, 5, time.Now().Add(-time.Minute), key)
		opts := roomOptions("seed=7", "frames=600")
		a := newPlayer(session.PeerConfig{Room: "r", Seat: 0, Name: "a", Create: opts}, 1)
		b := newPlayer(session.PeerConfig{Room: "r", Seat: 1, Name: "b", Create: opts}, 2)
		ends := []<-chan session.End{start(a, dial(s)), start(b, dial(s))}
		time.Sleep(8 * time.Second)
		refusedWith(t, joins(t, s, &protocol.Join{Room: "r", Seat: -1, Token: tokens[0], Create: opts}), protocol.CodeRoomStarted, "")
		for _, c := range ends {
			if end := <-c; end.Code != protocol.CodeOK || end.Frames != 600 {
				t.Errorf("a player ended with %+v", end)
			}
		}
	})
}

// Where the room of a token cannot be made again, the one that stands keeps its code, whatever else the
// token's owner would make; and who only wants to watch displaces nobody.
func TestLivingRoomKeepsItsCode(t *testing.T) {
	key := []byte("0123456789abcdef0123456789abcdef")
	virtual(t, Options{Key: key}, func(t *testing.T, s *Server) {
		// A token of another version, with an option that this one does not know.
		cfg, err := options.ParseConfig(roomOptions("seed=7"))
		if err != nil {
			t.Fatal(err)
		}
		cfg.Env = "fold\nno_such_option=1"
		unknown := ofRoom(t, cfg, 5, time.Now().Add(-time.Minute), key)
		known := before(t, 6, time.Now().Add(-time.Minute), key)
		first := joins(t, s, &protocol.Join{Room: "r", Seat: 0, Create: roomOptions()})
		seatedIn(t, first)
		refusedWith(t, joins(t, s, &protocol.Join{Room: "r", Seat: 0, Token: unknown[0], Create: roomOptions()}), protocol.CodeSeat, "")
		watcher := joins(t, s, &protocol.Join{Room: "r", Seat: -1, Watch: true, Token: known[0], Create: roomOptions()})
		for watches := false; !watches; {
			data, err := watcher.Read()
			if err != nil {
				t.Fatal(err)
			}
			var dec protocol.Decoder
			dec.Reset(data)
			if _, err := dec.Next(); err != nil {
				t.Fatal(err)
			}
			switch m := dec.Cold.(type) {
			case *protocol.Spectator:
				watches = true
			case *protocol.Refusal:
				t.Fatalf("who wants to watch is told %s", m.Text)
			}
		}
		seatedIn(t, joins(t, s, &protocol.Join{Room: "r", Seat: 1, Token: unknown[1], Create: roomOptions()}))
		if s.Rooms() != 1 {
			t.Errorf("there are %d rooms", s.Rooms())
		}
		write(t, first, protocol.Append(nil, &protocol.Leave{}))
	})
}

// Of two rooms that were there under one code, one after the other, the later has it, whoever comes first.
func TestLaterRoomHasTheCode(t *testing.T) {
	key := []byte("0123456789abcdef0123456789abcdef")
	virtual(t, Options{Key: key}, func(t *testing.T, s *Server) {
		// Whoever has seen the code made its room a moment before.
		made := time.Now().Add(-time.Minute)
		older, newer := before(t, 5, made, key), before(t, 6, made.Add(time.Millisecond), key)
		thief := joins(t, s, &protocol.Join{Room: "r", Seat: -1, Token: older[0]})
		seatedIn(t, thief)
		a := joins(t, s, &protocol.Join{Room: "r", Seat: -1, Token: newer[0], Back: true})
		seatedIn(t, a)
		displacedWith(t, thief)
		refusedWith(t, joins(t, s, &protocol.Join{Room: "r", Seat: -1, Token: older[1]}), protocol.CodeBusy, "")
	})
}

// A room that stands when the restart is long ago, or on a relay without a key that is kept, stays.
func TestLobbyStays(t *testing.T) {
	key := []byte("0123456789abcdef0123456789abcdef")
	for name, c := range map[string]struct {
		opts Options
		wait time.Duration
		made time.Duration
	}{
		"long after the restart": {Options{Key: key}, restartWindow, -2 * time.Minute},
		"no kept key":            {Options{}, 0, -time.Minute},
		"expired":                {Options{Key: key}, 0, -25 * time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			virtual(t, c.opts, func(t *testing.T, s *Server) {
				tokens := before(t, 5, time.Now().Add(c.made), s.key)
				time.Sleep(c.wait)
				seatedIn(t, joins(t, s, &protocol.Join{Room: "r", Seat: 0, Create: roomOptions()}))
				refusedWith(t, joins(t, s, &protocol.Join{Room: "r", Seat: 0, Token: tokens[0]}), protocol.CodeSeat, "")
			})
		})
	}
}

// One relay with the key of another takes its room over, and both clocks may be an hour apart.
func TestTwoRelaysWithOneKey(t *testing.T) {
	key := []byte("0123456789abcdef0123456789abcdef")
	for _, apart := range []time.Duration{-time.Hour, 0, time.Hour} {
		virtual(t, Options{Key: key, Wall: func() time.Time { return time.Now().Add(apart) }}, func(t *testing.T, s *Server) {
			tokens := before(t, 5, time.Now(), key)
			for _, token := range tokens {
				seatedIn(t, joins(t, s, &protocol.Join{Room: "r", Seat: -1, Token: token, Back: true}))
			}
			if s.Rooms() != 1 {
				t.Errorf("there are %d rooms", s.Rooms())
			}
		})
	}
}
