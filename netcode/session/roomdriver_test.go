package session_test

import (
	"io"
	"testing"
	"time"

	"tandem/netcode/protocol"
	"tandem/netcode/session"
	"tandem/netcode/session/options"
)

// driver hands a Room inputs by hand and reads what it answers.
type driver struct {
	t     testing.TB
	room  *session.Room
	now   time.Duration
	wall  time.Time
	out   *session.RoomOut
	epoch uint8
	close time.Duration // C(0)
	got   []heard

	random uint64 // what the room's generator answers
	// onBundle is called for every bundle that leaves, whatever the test looks at in between.
	onBundle func(conn session.ConnID, b *protocol.Bundle)
}

// heard is one message that left the room.
type heard struct {
	conn session.ConnID
	typ  protocol.Type
	dec  *protocol.Decoder
}

func newDriver(t testing.TB, players int, words ...string) *driver {
	t.Helper()
	cfg := options.DefaultConfig()
	cfg.Env, cfg.Actions, cfg.Players, cfg.DefaultAction = "fold", 7, players, 6
	cfg.SetOneShot(4)
	for _, o := range words {
		if err := cfg.Set(o); err != nil {
			t.Fatal(err)
		}
	}
	d := &driver{t: t, now: time.Second, random: 99}
	room, err := session.NewRoom("test", cfg, []byte("key"), func() uint64 { return d.random })
	if err != nil {
		t.Fatal(err)
	}
	d.room = room
	return d
}

// do runs one Update and collects what leaves.
func (d *driver) do(inputs ...session.RoomInput) *driver {
	d.t.Helper()
	d.out = d.room.Update(session.RoomIn{Now: d.now, Wall: d.wall, Inputs: inputs})
	d.got = d.got[:0]
	for _, p := range d.out.Send {
		dec := &protocol.Decoder{}
		dec.Reset(append([]byte(nil), p.Data...))
		typ, err := dec.Next()
		if err != nil || typ != p.Type {
			d.t.Fatalf("the room sent %s that reads as %v, %v", p.Type, typ, err)
		}
		if _, err := dec.Next(); err != io.EOF {
			d.t.Fatalf("the room's %s has something behind it: %v", p.Type, err)
		}
		d.got = append(d.got, heard{p.Conn, p.Type, dec})
		if typ == protocol.TypeBundle && d.onBundle != nil {
			d.onBundle(p.Conn, &dec.Bundle)
		}
	}
	return d
}

func (d *driver) join(conn session.ConnID, j protocol.Join) *driver {
	return d.do(session.RoomInput{Kind: session.InputJoin, Conn: conn, Join: &j})
}

func (d *driver) message(conn session.ConnID, data []byte) *driver {
	d.t.Helper()
	return d.do(session.RoomInput{Kind: session.InputMessage, Conn: conn, Data: data})
}

func (d *driver) action(conn session.ConnID, frame uint32, a uint8) *driver {
	d.t.Helper()
	return d.message(conn, protocol.AppendAction(nil, &protocol.Action{Epoch: d.epoch, Frame: frame, Action: a}))
}

// start seats and readies everybody: connection i+1 has seat i.
func (d *driver) start() *driver {
	d.t.Helper()
	n := d.room.Config().Players
	for i := range n {
		d.join(session.ConnID(i+1), protocol.Join{Room: "test", Seat: int8(i)})
	}
	for i := range n {
		d.message(session.ConnID(i+1), protocol.Append(nil, &protocol.Ready{}))
	}
	for _, h := range d.got {
		if h.typ == protocol.TypeStart {
			m := h.dec.Cold.(*protocol.Start)
			d.epoch, d.close = m.Epoch, time.Duration(m.Close)*time.Microsecond
			// Peers ping through the countdown; who is silent is not waited for.
			d.now = d.close - 100*ms
			for i := range n {
				d.message(session.ConnID(i+1), protocol.AppendPing(nil, &protocol.Ping{}))
			}
			return d
		}
	}
	d.t.Fatal("the match did not start")
	return d
}

// at moves the time to an offset from C(frame) and updates.
func (d *driver) at(frame uint32, offset time.Duration) *driver {
	d.t.Helper()
	d.now = d.close + session.FrameTime(int64(frame)) + offset
	return d.do()
}

// bundles returns the bundles that left for a connection.
func (d *driver) bundles(conn session.ConnID) (list []protocol.Bundle) {
	for _, h := range d.got {
		if h.conn == conn && h.typ == protocol.TypeBundle {
			list = append(list, h.dec.Bundle)
		}
	}
	return list
}

// refused checks that a connection was told a code, in words, and closed.
func (d *driver) refused(conn session.ConnID, code protocol.Code) {
	d.t.Helper()
	told, closed := false, false
	for _, h := range d.got {
		if m, ok := h.dec.Cold.(*protocol.Refusal); ok && h.conn == conn && m.Code == code && m.Text != "" {
			told = true
		}
	}
	for _, c := range d.out.Close {
		closed = closed || (c.Conn == conn && c.Code == code)
	}
	if !told || !closed {
		d.t.Errorf("connection %d: told %v, closed %v; want both with %s (%+v)", conn, told, closed, code, d.out.Events)
	}
}

func (d *driver) count(conn session.ConnID, typ protocol.Type) int {
	n := 0
	for _, h := range d.got {
		if h.conn == conn && h.typ == typ {
			n++
		}
	}
	return n
}
