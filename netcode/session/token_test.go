package session_test

import (
	"slices"
	"testing"
	"time"

	"tandem/netcode/protocol"
	"tandem/netcode/session"
	"tandem/netcode/session/options"
	"tandem/netcode/session/roster"
)

// A token of an earlier room takes no seat of a later one, though its code and seed are the same and its
// serial is higher.
func TestTokenOfAnEarlierRoom(t *testing.T) {
	old := &driver{t: t, now: time.Second, room: earlier(t)}
	old.join(1, protocol.Join{Room: "test", Seat: 0})
	stolen := old.token(1)
	for c := session.ConnID(2); c < 10; c++ { // each drives the serial up
		old.join(c, protocol.Join{Room: "test", Token: stolen})
		stolen = old.token(c)
	}
	for name, restored := range map[string]bool{"in play": false, "restored": true} {
		t.Run(name, func(t *testing.T) {
			d := newDriver(t, 2, "seed=7", "on_disconnect=substitute")
			d.join(1, protocol.Join{Room: "test", Seat: 0})
			mine := d.token(1)
			d.join(2, protocol.Join{Room: "test", Seat: 1})
			theirs := d.token(2)
			if restored {
				room, err := session.RestoreRoom(mine, []byte("key"), func() uint64 { return d.random })
				if err != nil {
					t.Fatal(err)
				}
				d.room = room
				d.join(11, protocol.Join{Room: "test", Seat: -1, Token: mine, Back: true})
				d.join(13, protocol.Join{Room: "test", Seat: -1, Token: stolen, Have: 1 << 20, Epoch: 9, Seed: 7})
				d.refused(13, protocol.CodeBusy)
				d.join(12, protocol.Join{Room: "test", Seat: -1, Token: theirs, Back: true})
			} else {
				d.begin()
			}
			d.join(14, protocol.Join{Room: "test", Seat: 0, Token: stolen})
			d.refused(14, protocol.CodeSeat)
			d.join(15, protocol.Join{Room: "test", Seat: -1, Token: stolen, Back: true})
			if d.count(15, protocol.TypeHostElected) != 0 || len(d.out.Close) != 1 || d.out.Close[0].Conn != 15 {
				t.Errorf("the thief is seated, or somebody else is closed: %+v", d.out.Close)
			}
			if n := d.room.Taken(); n != 2 {
				t.Errorf("%d seats are taken", n)
			}
		})
	}
}

// earlier is a room of the same code and seed as newDriver's with seed=7.
func earlier(t *testing.T) *session.Room {
	cfg := options.DefaultConfig()
	cfg.Env, cfg.Actions, cfg.Players, cfg.DefaultAction, cfg.Seed = "fold", 7, 2, 6, 7
	room, err := session.NewRoom("test", cfg, []byte("key"), func() uint64 { return 98 })
	if err != nil {
		t.Fatal(err)
	}
	return room
}

// Whoever comes back to a room that is no more gets no seat among strangers who have its code, though there
// is a free one; whoever's token of this very room has expired does.
func TestNoSeatAmongStrangers(t *testing.T) {
	old := &driver{t: t, now: time.Second, room: earlier(t)}
	old.join(1, protocol.Join{Room: "test", Seat: 0})
	foreign := old.token(1)
	d := newDriver(t, 3, "seed=7")
	d.wall = time.Date(2026, 5, 6, 7, 8, 9, 0, time.UTC)
	d.join(1, protocol.Join{Room: "test", Seat: 0})
	d.join(2, protocol.Join{Room: "test", Seat: 1})
	own := d.token(2)
	for c, token := range [][]byte{3: foreign, 4: []byte("of a relay with another key")} {
		if token == nil {
			continue
		}
		d.join(session.ConnID(c), protocol.Join{Room: "test", Seat: 2, Token: token, Back: true})
		d.refused(session.ConnID(c), protocol.CodeRoomOver)
		if n := d.room.Taken(); n != 2 {
			t.Errorf("%d seats are taken", n)
		}
	}
	d.join(5, protocol.Join{Room: "test", Seat: 2, Token: foreign}) // not back: as anybody who knows the code
	d.token(5)
	d.do(session.RoomInput{Kind: session.InputClosed, Conn: 2})
	d.wall = d.wall.Add(30 * time.Hour)
	d.join(6, protocol.Join{Room: "test", Seat: 1, Token: own, Back: true})
	d.token(6)
}

// A token proves nothing after a day; a room that lives knows its players all the same.
func TestTokenExpires(t *testing.T) {
	wall := time.Date(2026, 5, 6, 7, 8, 9, 0, time.UTC)
	d := newDriver(t, 2, "on_disconnect=substitute")
	d.wall = wall
	d.join(1, protocol.Join{Room: "test", Seat: 0})
	token := d.token(1)
	for after, want := range map[time.Duration]bool{0: true, -time.Hour: true, time.Hour: true, 24*time.Hour - 1: true, 24 * time.Hour: false, 9000 * time.Hour: false} {
		if ticket, ok := roster.ReadTicket([]byte("key"), token, wall.Add(after)); ok != want || ticket.Room != "test" || ticket.ID != d.room.ID() {
			t.Errorf("after %v: %v, %+v", after, ok, ticket)
		}
	}
	d.join(2, protocol.Join{Room: "test", Seat: 1})
	d.begin()
	d.wall = wall.Add(30 * time.Hour)
	d.do(session.RoomInput{Kind: session.InputClosed, Conn: 1})
	d.join(3, protocol.Join{Room: "test", Seat: -1, Token: token, Back: true})
	d.token(3) // it is seated
}

// The clock on the wall may be set back and forward in mid-match: nobody notices.
func TestWallClockJumps(t *testing.T) {
	wall := time.Date(2026, 5, 6, 7, 8, 9, 0, time.UTC)
	d := newDriver(t, 2, "on_disconnect=substitute")
	d.wall = wall
	d.join(1, protocol.Join{Room: "test", Seat: 0})
	token := d.token(1)
	d.join(2, protocol.Join{Room: "test", Seat: 1})
	d.begin()
	for i, jump := range []time.Duration{-time.Hour, time.Hour, 0} {
		d.wall = wall.Add(jump)
		d.playTo(d.room.Frames()+30, func(int, uint32) uint64 { return 5 })
		conn := session.ConnID(10 + i)
		d.join(conn, protocol.Join{Room: "test", Seat: -1, Token: token, Back: true})
		token = d.token(conn)
		if room, err := session.RestoreRoom(token, []byte("key"), func() uint64 { return 5 }); err != nil || room.ID() != d.room.ID() {
			t.Errorf("%v: the room cannot be brought back: %v", jump, err)
		}
	}
}

// Who is in a room has a fresh token once an hour, and when the clock on the wall was set: a relay that is
// restarted after days of play, or has learnt only lately what day it is, knows them again.
func TestTokensAreRenewed(t *testing.T) {
	for name, jumps := range map[string][]time.Duration{
		"set forward":  {30 * 24 * time.Hour},
		"set back":     {-30 * 24 * time.Hour},
		"played on":    {50 * time.Minute, 50 * time.Minute, 50 * time.Minute},
		"a day of it":  slices.Repeat([]time.Duration{30 * time.Minute}, 60),
		"not an hour":  {59 * time.Minute},
		"back a bit":   {-59 * time.Minute},
		"there and to": {2 * time.Hour, -2 * time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDriver(t, 2, "on_disconnect=substitute")
			d.wall = time.Date(2026, 5, 6, 7, 8, 9, 0, time.UTC)
			var tokens [2][]byte
			for i := range tokens {
				conn := session.ConnID(i + 1)
				d.join(conn, protocol.Join{Room: "test", Seat: int8(i)})
				tokens[i] = d.token(conn)
			}
			d.begin()
			given := 0
			for _, jump := range jumps {
				d.wall = d.wall.Add(jump)
				d.do()
				for i := range tokens {
					if conn := session.ConnID(i + 1); d.count(conn, protocol.TypeHostElected) > 0 {
						tokens[i] = d.token(conn)
						given++
					}
				}
				for _, token := range tokens {
					if _, ok := roster.ReadTicket([]byte("key"), token, d.wall.Add(23*time.Hour)); !ok && jump > 0 {
						t.Errorf("after %v a token is not good for a day", jump)
					}
					if room, err := session.RestoreRoom(token, []byte("key"), func() uint64 { return 5 }); err != nil || room.ID() != d.room.ID() {
						t.Errorf("the room cannot be brought back: %v", err)
					}
				}
			}
			if want := map[string]int{"set forward": 2, "set back": 2, "played on": 2, "a day of it": 60, "there and to": 4}[name]; given != want {
				t.Errorf("%d tokens were given, want %d", given, want)
			}
		})
	}
}
