package client_test

import (
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"tandem/game/client"
	"tandem/netcode/protocol"
	"tandem/netcode/relay"
)

// wallClock is a clock on the wall that somebody sets while everything runs.
type wallClock struct{ ahead atomic.Int64 }

func (w *wallClock) now() time.Time { return time.Now().Add(time.Duration(w.ahead.Load())) }

func (w *wallClock) set(ahead time.Duration) { w.ahead.Store(int64(ahead)) }

// TestClocksAreSet sets the clocks of the relay and of both players forward and back in mid-match, each by
// itself, while a line breaks and the relay is started again: nobody loses anything.
func TestClocksAreSet(t *testing.T) {
	const frames = 400
	for name, c := range map[string]struct {
		first, second time.Duration // what the clocks are ahead from frame 100 and from frame 200 on
	}{
		"not":              {0, 0},
		"forward and back": {time.Hour, 0},
		"back and forward": {-time.Hour, 0},
		"to and fro":       {time.Hour, -time.Hour},
		"by a month":       {30 * 24 * time.Hour, 30 * 24 * time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			at(t, "testenv", []string{"episode_steps=100", "--", "frames=400"}, func(t *testing.T, tab *table) {
				var clocks [3]wallClock // of the players, and of the relay
				tab.restart(func(o *relay.Options) { o.Wall = clocks[2].now })
				var seats []*client.Client
				var ends []<-chan result
				tapes := []*tape{{}, {}}
				for i := range tapes {
					cfg := tab.config(i)
					cfg.Wall, cfg.Record = clocks[i].now, tapes[i].open
					s, end := tab.seat(cfg)
					seats, ends = append(seats, s), append(ends, end)
				}
				until(t, seats[0], "frame 100", frame(100))
				for i := range clocks {
					clocks[i].set(c.first)
				}
				tab.cut(1)
				until(t, seats[1], "frame 200", frame(200))
				clocks[0].set(c.second)
				clocks[2].set(c.second)
				tab.restart(func(*relay.Options) {})
				back := 0
				for i, r := range together(t, frames, seats, ends) {
					if back += r.Reconnects; r.Rewinds != 0 || r.Resyncs != 0 {
						t.Errorf("seat %d reports %+v", i, r)
					}
				}
				if back != 3 {
					t.Errorf("they came back %d times", back)
				}
				for i, d := range tapes {
					if p := d.replay(t); p.Check.Frames != frames || p.Check.Different != 0 {
						t.Errorf("the recording of seat %d: %+v", i, p.Check)
					}
				}
			})
		})
	}
}

// TestTokenOfYesterday has the relay come back with a clock that is more than a day ahead: nobody who comes
// back proves anything, and hears that there is no such room.
func TestTokenOfYesterday(t *testing.T) {
	at(t, "testenv", []string{"--", "frames=400"}, func(t *testing.T, tab *table) {
		a, endA := tab.seat(tab.config(0))
		_, endB := tab.seat(tab.config(1))
		until(t, a, "frame 100", frame(100))
		tab.restart(func(o *relay.Options) { o.Wall = func() time.Time { return time.Now().Add(25 * time.Hour) } })
		for i, end := range []<-chan result{endA, endB} {
			if r := <-end; r.code(t) != protocol.CodeNoRoom || !strings.Contains(r.Text, "room") || r.Frames < 100 {
				t.Errorf("seat %d ended with %+v", i, r.End)
			}
		}
	})
}
