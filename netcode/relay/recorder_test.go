//go:build !js

package relay

import (
	"bytes"
	"io"
	"testing"
	"testing/synctest"
	"time"

	"tandem/netcode/protocol"
	"tandem/netcode/recording"
	"tandem/netcode/session"
	"tandem/netcode/session/options"
)

// memory is a file in memory. It is read once the recording is done.
type memory struct{ bytes.Buffer }

func (m *memory) Truncate(size int64) error { m.Buffer.Truncate(int(size)); return nil }
func (m *memory) Close() error              { return nil }

// longAlone is a match in which somebody has played alone for so many frames, and into which a second player
// has just come. update goes on with it for so long, and records what the room decides.
func longAlone(t *testing.T, frames uint32, rec *Recorder) (room *session.Room, update func(pass time.Duration, inputs ...session.RoomInput)) {
	t.Helper()
	cfg, err := options.ParseConfig(roomOptions("frames=0", "min_players=1", "on_disconnect=substitute"))
	if err != nil {
		t.Fatal(err)
	}
	room, err = session.NewRoom("r", cfg, []byte("key"), counter())
	if err != nil {
		t.Fatal(err)
	}
	now := time.Second
	say := func(conn session.ConnID, data []byte) session.RoomInput {
		return session.RoomInput{Kind: session.InputMessage, Conn: conn, Data: data}
	}
	update = func(pass time.Duration, inputs ...session.RoomInput) {
		now += pass
		rec.Update(now, room, room.Update(session.RoomIn{Now: now, Inputs: append(inputs, say(1, ping()), say(2, ping()))}))
	}
	update(0, session.RoomInput{Kind: session.InputJoin, Conn: 1, Join: &protocol.Join{Room: "r", Seat: 0, Name: "a"}})
	update(0, say(1, protocol.Append(nil, &protocol.Ready{})))
	for room.Frames() < frames {
		update(4 * time.Second)
	}
	update(0, session.RoomInput{Kind: session.InputJoin, Conn: 2, Join: &protocol.Join{Room: "r", Seat: 1, Name: "b"}})
	return room, update
}

// A second player comes into a match that somebody has played alone for two hours: it is recorded from its
// beginning, though the disk is slow to open the file, and no Update writes all of it.
func TestLongBeginningIsRecorded(t *testing.T) {
	for name, goesOn := range map[string]time.Duration{"goes on": 5 * time.Second, "ends at once": 40 * time.Millisecond} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var file memory
				var said logged
				rec := &Recorder{Program: "test", Wall: time.Now, Log: said.log(), Open: func(*recording.Header) (recording.File, error) {
					time.Sleep(200 * time.Millisecond) // virtual
					return &file, nil
				}}
				room, update := longAlone(t, 200_000, rec)
				for range int(goesOn / (10 * time.Millisecond)) {
					before := uint32(0)
					if rec.w != nil {
						before = rec.w.Next()
					}
					update(10 * time.Millisecond)
					time.Sleep(10 * time.Millisecond) // virtual
					if rec.w != nil && rec.w.Next() > before+2*catchUp {
						t.Fatalf("one Update wrote %d frames", rec.w.Next()-before)
					}
				}
				update(0, session.RoomInput{Kind: session.InputMessage, Conn: 1, Data: protocol.Append(nil, &protocol.Leave{})},
					session.RoomInput{Kind: session.InputMessage, Conn: 2, Data: protocol.Append(nil, &protocol.Leave{})})
				<-rec.Done()
				if said.String() != "" {
					t.Errorf("it says\n%s", said.String())
				}
				r, err := recording.NewReader(&file)
				if err != nil {
					t.Fatal(err)
				}
				frames, ended := uint32(0), false
				for {
					x, err := r.Next()
					if err == io.EOF {
						break
					}
					if err != nil {
						t.Fatal(err)
					}
					switch x.Kind {
					case recording.KindBundle:
						frames++
					case recording.KindEnd:
						ended = true
					}
				}
				if frames != room.Frames() || frames < 200_000 || !ended {
					t.Errorf("%d of %d frames are recorded, ended: %v", frames, room.Frames(), ended)
				}
			})
		})
	}
}
