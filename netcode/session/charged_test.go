package session_test

import (
	"testing"
	"time"

	"tandem/netcode/protocol"
	"tandem/netcode/session"
)

// What looks like an answer and is of no use to the room is charged to whoever says it, however it came to
// look like one.
func TestUselessAnswersAreCharged(t *testing.T) {
	equal := func(int, uint32) uint64 { return 5 }
	for name, row := range map[string]func(t *testing.T) (d *driver, conn session.ConnID, say func(i int) []byte){
		"a state of another epoch": func(t *testing.T) (*driver, session.ConnID, func(int) []byte) {
			d := crowded(t).d
			d.join(10, protocol.Join{Room: "test", Seat: -1, Watch: true})
			q := d.asked(1)
			if q == nil {
				t.Fatal("no state was asked for")
			}
			return d, 1, func(int) []byte {
				return protocol.Append(nil, &protocol.SnapshotChunk{Epoch: q.Epoch + 1, ID: q.ID, Kind: q.Kind, Frame: q.Frame, Hash: 5, Size: 1, Data: []byte{1}})
			}
		},
		"a recheck of another epoch": func(t *testing.T) (*driver, session.ConnID, func(int) []byte) {
			d := newDriver(t, 2, "on_disconnect=substitute").start()
			d.playTo(30, func(seat int, _ uint32) uint64 { return uint64(5 + seat) })
			q := d.asked(1)
			if q == nil || q.Kind != protocol.KindRecheck {
				t.Fatalf("asked for %+v", q)
			}
			return d, 1, func(int) []byte {
				return protocol.Append(nil, &protocol.Rechecked{Epoch: q.Epoch + 1, ID: q.ID, OK: true, Hash: 5})
			}
		},
		"a hash after the match": func(t *testing.T) (*driver, session.ConnID, func(int) []byte) {
			d := newDriver(t, 2, "on_disconnect=substitute", "frames=60", "rematch_ms=60000")
			for i := range 2 {
				d.join(session.ConnID(i+1), protocol.Join{Room: "test", Seat: int8(i), Again: true})
			}
			d.begin()
			d.playTo(60, nil)
			for i := range 2 {
				d.message(session.ConnID(i+1), protocol.Append(nil, &protocol.Finished{Epoch: d.epoch, Frames: 60, Hash: 5}))
			}
			if d.count(2, protocol.TypeEndGame) != 1 || d.out.Over {
				t.Fatalf("the match has not ended, or the room does not stay: %+v", d.got)
			}
			return d, 1, func(int) []byte {
				return protocol.AppendStateHash(nil, &protocol.StateHash{Epoch: d.epoch, Frame: 59, Total: 5})
			}
		},
		"a hash while a log is told": func(t *testing.T) (*driver, session.ConnID, func(int) []byte) {
			d, tokens := restoring(t, 2)
			p := past{epoch: 1, have: 2000}
			for i, token := range tokens {
				d.join(session.ConnID(11+i), p.join(d, token))
			}
			if d.count(11, protocol.TypeRequestLog) != 1 {
				t.Fatal("the log is not asked for")
			}
			data := p.data(2, 0, 100)
			data[0] = protocol.FlagHash
			d.message(11, protocol.Append(nil, &protocol.History{Epoch: 1, Data: data}))
			return d, 12, func(int) []byte {
				return protocol.AppendStateHash(nil, &protocol.StateHash{Epoch: d.room.Epoch(), Frame: 0, Total: 5})
			}
		},
		"all hashes again, of another state each time": func(t *testing.T) (*driver, session.ConnID, func(int) []byte) {
			d := newDriver(t, 2, "on_disconnect=substitute").start()
			d.playTo(3000, equal)
			return d, 1, func(i int) []byte {
				frame, loads := uint32(29+30*(i%100)), uint32(1+i/100)
				return protocol.AppendStateHash(nil, &protocol.StateHash{Epoch: d.epoch, Frame: frame, Loads: loads, Total: 5})
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			d, conn, say := row(t)
			for i := range 10_000 {
				if d.message(conn, say(i)); len(d.out.Close) > 0 {
					break
				}
			}
			d.refused(conn, protocol.CodeTooFrequent)
		})
	}
}

// Whoever has loaded a state hashes the frames behind it once more: those few come out of what anybody may
// say, and bring nobody near its end.
func TestHashesBehindALoadedStateFit(t *testing.T) {
	d := newDriver(t, 2, "on_disconnect=substitute").start()
	hash := func(frame, loads uint32) {
		d.message(1, protocol.AppendStateHash(nil, &protocol.StateHash{Epoch: d.epoch, Frame: frame, Loads: loads, Total: 5}))
		if len(d.out.Close) > 0 {
			t.Fatalf("after %v the seat is refused: %+v", d.now, d.out.Close)
		}
	}
	loads := uint32(0)
	for f := uint32(0); f < 3000; f++ {
		d.at(f, time.Millisecond)
		d.action(1, f+3, 1)
		d.message(2, ping())
		if f%30 != 29 {
			continue
		}
		if f > 240 { // it loads the oldest state that anybody waits for, every second
			loads++
			for old := f - 240; old < f; old += 30 {
				hash(old, loads)
			}
		}
		hash(f, loads)
	}
}
