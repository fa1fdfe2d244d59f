package client_test

import (
	"bytes"
	"context"
	"log/slog"
	"testing"
	"time"

	"tandem/game/client"
	"tandem/netcode/netsim"
	"tandem/netcode/transport"
)

// Who comes late, to play or to watch, by a snapshot or by the log, has nothing repaired and misses
// nothing: no figure of a fault counts it, nothing is warned of, and what is measured is play, not the
// catching up.
func TestComingLateIsNoFault(t *testing.T) {
	for _, c := range []struct {
		name string
		from uint32
	}{{"by a snapshot", 3000}, {"by the log", 300}} {
		t.Run(c.name, func(t *testing.T) {
			at(t, "testenv", []string{"seats=3", "--", "frames=3300", "min_players=2", "spectators=1", "delay=3"}, func(t *testing.T, tab *table) {
				a, endA := tab.seat(tab.config(0))
				b, endB := tab.seat(tab.config(1))
				for n := uint32(300); n <= c.from; n += 300 { // a minute of virtual time is until's patience
					until(t, a, "far", frame(n))
				}
				var words bytes.Buffer
				late, watch := tab.config(2), tab.spectator("Eve")
				late.Log = slog.New(slog.NewTextHandler(&words, &slog.HandlerOptions{Level: slog.LevelWarn}))
				watch.Log = late.Log
				shaper, err := netsim.NewShaper(netsim.Schedule{{Spec: netsim.Spec{RTT: 60 * time.Millisecond}}}, 1)
				if err != nil {
					t.Fatal(err)
				}
				late.Dial = func(ctx context.Context) (transport.Conn, error) {
					conn, err := tab.dial(ctx)
					if err != nil {
						return nil, err
					}
					return shaper.Wrap(conn)
				}
				l, endL := tab.seat(late)
				e, endE := tab.seat(watch)
				for i, r := range together(t, 3300, []*client.Client{a, b, l, e}, []<-chan result{endA, endB, endL, endE}) {
					faults := r.Desyncs + r.Resyncs + r.Rewinds + r.Reconnects + r.LinkWarnings + r.Substituted + r.Stalls.Count
					if faults != 0 || r.SyncsPerMin != 0 {
						t.Errorf("seat %d reports faults: %+v", i, r)
					}
					if r.StepsPerS < 29.5 || r.StepsPerS > 30.5 || r.Interval.P50 < 33 || r.Queue.Max > 20 || r.Latency.P99 > 140 {
						t.Errorf("seat %d measured the catching up: %+v", i, r)
					}
				}
				if words.Len() > 0 {
					t.Errorf("who came late was warned: %s", words.String())
				}
			})
		})
	}
}
