package session_test

import (
	"slices"
	"testing"
	"time"

	"tandem/netcode/protocol"
	"tandem/netcode/session"
)

// crowd has spectators come to a long match, so many a second for so long, look until they have what
// they begin with, and go. Both players answer what they are asked for; size is that of a state.
type crowd struct {
	d           *driver
	size        int
	questions   [2]int // for a state, per seat
	rosters     int    // told to the first seat
	watched     int
	begun, told int // with a snapshot; whose snapshot came whole
	busy        int
	most        int // chunks that one of them got within 50 ms
}

func crowded(t *testing.T, options ...string) *crowd {
	d := newDriver(t, 2, append([]string{"spectators=8", "on_disconnect=substitute"}, options...)...).start()
	d.playTo(4000, func(int, uint32) uint64 { return 5 })
	return &crowd{d: d}
}

func (c *crowd) come(perSecond int, length time.Duration) {
	d, conn := c.d, session.ConnID(100)
	var here []session.ConnID
	got := map[session.ConnID]int{}
	var answers []session.RoomInput
	last := d.room.Frames()
	next := d.now
	for end := d.now + length; d.now < end && !d.out.Over; d.now += 5 * ms {
		in := slices.Clone(answers)
		answers = answers[:0]
		for f := last; f < d.room.Frames(); f++ {
			b, _ := d.room.Log(f)
			for i := range 2 {
				data := protocol.AppendAction(nil, &protocol.Action{Epoch: d.epoch, Frame: f + 3, Action: 1})
				if b.Flags&protocol.FlagHash != 0 {
					data = protocol.AppendStateHash(data, &protocol.StateHash{Epoch: d.epoch, Frame: f, Total: 5})
				}
				in = append(in, session.RoomInput{Kind: session.InputMessage, Conn: session.ConnID(i + 1), Data: data})
			}
		}
		last = d.room.Frames()
		for d.now >= next {
			next += time.Second / time.Duration(perSecond)
			conn++
			in = append(in, session.RoomInput{Kind: session.InputJoin, Conn: conn, Join: &protocol.Join{Room: "test", Seat: -1, Watch: true}})
			if here = append(here, conn); len(here) > 4 {
				in = append(in, session.RoomInput{Kind: session.InputClosed, Conn: here[0]})
				here = here[1:]
			}
		}
		d.do(in...)
		step := map[session.ConnID]int{}
		for _, h := range d.got {
			switch m := h.dec.Cold.(type) {
			case *protocol.RequestState:
				c.questions[h.conn-1]++
				for at := 0; at < c.size; at += protocol.MaxChunk {
					data := make([]byte, min(protocol.MaxChunk, c.size-at))
					answers = append(answers, session.RoomInput{Kind: session.InputMessage, Conn: h.conn, Data: protocol.Append(nil,
						&protocol.SnapshotChunk{Epoch: m.Epoch, ID: m.ID, Kind: m.Kind, Frame: m.Frame, Hash: 5, Size: uint32(c.size), Offset: uint32(at), Data: data})})
				}
			case *protocol.GameReady:
				if h.conn == 1 {
					c.rosters++
				}
			case *protocol.Spectator:
				c.watched++
			case *protocol.Start:
				if m.Snapshot {
					c.begun++
				}
			case *protocol.Refusal:
				if h.conn <= 2 {
					d.t.Fatalf("at %v: player %d is refused: %s, %s", d.now, h.conn, m.Code, m.Text)
				}
				if m.Code == protocol.CodeBusy {
					c.busy++
				}
			case *protocol.SnapshotChunk:
				step[h.conn] += len(m.Data)
				c.most = max(c.most, step[h.conn])
				if got[h.conn] += len(m.Data); got[h.conn] == c.size {
					c.told++
				}
			}
		}
	}
}

// Somebody who comes to watch and goes again, eighty times a second, costs the players nothing that they
// are charged for: the room asks one of them for a state once, and not everybody who comes is let in.
func TestWatchingInAndOut(t *testing.T) {
	for name, options := range map[string][]string{"default": nil, "to a restart": {"on_disconnect=pause"}} {
		t.Run(name, func(t *testing.T) {
			c := crowded(t, options...)
			c.size = 20 << 10
			c.come(80, 30*time.Second)
			if n := c.questions[0] + c.questions[1]; n != 1 {
				t.Errorf("the players were asked for a state %d times", n)
			}
			if c.rosters > 30*4+2 {
				t.Errorf("in 30 s the players were told %d times who is there", c.rosters)
			}
			if c.watched < 100 || c.watched > 40+4*31 || c.busy < 2000 {
				t.Errorf("%d came to watch and %d were refused as too many", c.watched, c.busy)
			}
			if c.begun != c.watched {
				t.Errorf("%d of %d began with a snapshot", c.begun, c.watched)
			}
		})
	}
}

// Who stays has the shared state whole, in pieces that leave room for the match, however many come at
// once and whenever they do.
func TestSharedStateReachesAll(t *testing.T) {
	c := crowded(t)
	c.size = protocol.MaxSnapshot
	c.come(3, 10*time.Second)
	if c.questions[0]+c.questions[1] != 1 || c.told < 25 || c.most > 12<<10+protocol.MaxChunk {
		t.Errorf("%d and %d questions, %d of %d have it whole, %d bytes left at once", c.questions[0], c.questions[1], c.told, c.watched, c.most)
	}
}

// A kept state that its donor does not tell is asked for at the next one, and those who wait get the match
// from its beginning where nobody tells it.
func TestSharedStateThatDoesNotCome(t *testing.T) {
	d := crowded(t).d
	none := func(conn session.ConnID, id uint32) {
		d.message(conn, protocol.Append(nil, &protocol.SnapshotChunk{Epoch: d.epoch, ID: id, Kind: protocol.KindLoad, Frame: 3989, Hash: 5}))
	}
	d.join(10, protocol.Join{Room: "test", Seat: -1, Watch: true})
	q := d.asked(1)
	d.join(11, protocol.Join{Room: "test", Seat: -1, Watch: true})
	if q == nil || d.asked(1) != nil || d.asked(2) != nil {
		t.Fatal("the first asks for a state, the second shares it")
	}
	none(1, q.ID)
	if q = d.asked(2); q == nil {
		t.Fatal("the other player was not asked")
	}
	none(2, q.ID)
	for conn := session.ConnID(10); conn < 12; conn++ {
		if d.count(conn, protocol.TypeStart) != 1 || d.count(conn, protocol.TypeHistory) == 0 {
			t.Errorf("spectator %d did not get the match: %+v", conn, d.got)
		}
	}
}

// What a seat answers to what the room asked is not charged to it, and nothing else goes free as an
// answer.
func TestAnswersAreNotCharged(t *testing.T) {
	d := crowded(t).d
	d.join(10, protocol.Join{Room: "test", Seat: -1, Watch: true})
	q := d.asked(1)
	if q == nil {
		t.Fatal("no state was asked for")
	}
	chunk := func(size, at, n int) []byte {
		return protocol.Append(nil, &protocol.SnapshotChunk{Epoch: q.Epoch, ID: q.ID, Kind: q.Kind, Frame: q.Frame, Hash: 5,
			Size: uint32(size), Offset: uint32(at), Data: make([]byte, n)})
	}
	d.tooMany(1, func(at int) []byte { return chunk(1000, at, 1) })
	// The same hash again, or of a state that was replaced, or is not there yet.
	for name, m := range map[string]protocol.StateHash{"again": {Frame: 3989}, "other loads": {Frame: 3989, Loads: 7}, "not asked": {Frame: 3988}} {
		c := crowded(t)
		m.Epoch, m.Total = c.d.epoch, 5
		c.d.tooMany(1, func(i int) []byte {
			m.Loads *= uint32(i + 1)
			return protocol.AppendStateHash(nil, &m)
		})
		if t.Failed() {
			t.Fatal(name)
		}
	}
}

// tooMany says one thing after another until it is refused as too frequent, after 300 of them.
func (d *driver) tooMany(conn session.ConnID, say func(int) []byte) {
	d.t.Helper()
	for i := range 301 {
		if d.message(conn, say(i)); len(d.out.Close) > 0 {
			break
		}
	}
	d.refused(conn, protocol.CodeTooFrequent)
}

// A player who comes back ten times a second is told to wait, and the others hear little of it.
func TestReturningAgainAndAgain(t *testing.T) {
	d := newDriver(t, 2, "on_disconnect=substitute")
	d.join(1, protocol.Join{Room: "test", Seat: 0})
	d.join(2, protocol.Join{Room: "test", Seat: 1})
	token := d.token(2)
	d.begin()
	rosters, busy := 0, 0
	for conn := session.ConnID(3); conn < 203; conn++ {
		d.now += 100 * ms
		d.do(session.RoomInput{Kind: session.InputJoin, Conn: conn, Join: &protocol.Join{Room: "test", Token: token, Back: true}},
			session.RoomInput{Kind: session.InputMessage, Conn: 1, Data: ping()})
		rosters += d.count(1, protocol.TypeGameReady)
		for _, h := range d.got {
			if m, ok := h.dec.Cold.(*protocol.Refusal); ok && h.conn == conn && m.Code == protocol.CodeBusy {
				busy++
			}
		}
	}
	if busy < 150 || rosters > 60 {
		t.Errorf("of 200 returns in 20 s %d were refused, and the other player was told %d times", busy, rosters)
	}
	d.now += time.Minute
	d.do(session.RoomInput{Kind: session.InputMessage, Conn: 1, Data: ping()})
	d.join(900, protocol.Join{Room: "test", Token: token, Back: true})
	d.token(900) // it is seated
}
