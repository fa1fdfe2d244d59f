package client_test

import (
	"bytes"
	"encoding/csv"
	"slices"
	"sync"
	"testing"
	"testing/synctest"

	"tandem/game/client"
	"tandem/game/sim"
	"tandem/netcode/recording"
	"tandem/netcode/relay"
)

// shelf holds recordings in the order in which they began.
type shelf struct {
	mu    sync.Mutex
	tapes []*tape
}

func (s *shelf) open(*recording.Header) (recording.File, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := &tape{}
	s.tapes = append(s.tapes, t)
	return t, nil
}

// rows is what all recordings of a shelf export, apart from what only their owner measured. Every
// hash in them must hold.
func (s *shelf) rows(t *testing.T) (rows [][]string) {
	t.Helper()
	for _, d := range s.tapes {
		table, err := sim.NewTable(bytes.NewReader(d.data))
		if err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		if err := table.WriteCSV(&b); err != nil {
			t.Fatal(err)
		}
		if c := table.Replay.Check; c.Different != 0 || c.Unknown != 0 || c.Compared == 0 {
			t.Errorf("the hashes of a recording of %s say %+v, first %v", table.Replay.Header.Owner, c, c.First)
		}
		all, err := csv.NewReader(&b).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range all[1:] {
			var shared []string
			for k, c := range table.Columns {
				if !c.Local() {
					shared = append(shared, row[k])
				}
			}
			rows = append(rows, shared)
		}
	}
	return rows
}

// equalEnds asks of several exports that each is the end of the longest, and of that one that it has
// so many rows.
func equalEnds(t *testing.T, want int, shelves ...*shelf) {
	t.Helper()
	longest := shelves[0].rows(t)
	if len(longest) != want {
		t.Fatalf("the first export has %d rows, want %d", len(longest), want)
	}
	for i, s := range shelves[1:] {
		rows := s.rows(t)
		if len(rows) == 0 || len(rows) > want {
			t.Fatalf("export %d has %d rows of %d", i+1, len(rows), want)
		}
		for k, row := range rows {
			if at := want - len(rows) + k; !slices.Equal(row, longest[at]) {
				t.Fatalf("row %d of export %d is %q, the first has %q", at, i+1, row, longest[at])
			}
		}
	}
}

// recorded seats one client after another, each of which records on a shelf of its own.
func (tab *table) recorded(shelves []*shelf, configs ...client.Config) (all []*client.Client, ends []<-chan result) {
	for i, cfg := range configs {
		cfg.Record = shelves[i].open
		c, end := tab.seat(cfg)
		all, ends = append(all, c), append(ends, end)
		synctest.Wait()
	}
	return all, ends
}

// Recordings of players, of a spectator and of the relay of two matches in one room hold the same.
func TestRecordingsOfARematch(t *testing.T) {
	at(t, "slime", []string{"--", "frames=70", "rematch_ms=20000"}, func(t *testing.T, tab *table) {
		shelves := []*shelf{{}, {}, {}, {}}
		tab.restart(func(o *relay.Options) { o.Record = shelves[3].open })
		configs := []client.Config{tab.config(0), tab.config(1), tab.spectator("Eve")}
		for i := range configs {
			configs[i].Peer.Again = true
		}
		all, ends := tab.recorded(shelves, configs...)
		over := func(v *client.View) bool { return v.Phase == client.Finished && v.Again > 0 }
		for match := range 2 {
			for _, c := range all {
				until(t, c, "over", func(v *client.View) bool { return over(v) && c.Report().Matches == match+1 })
			}
			if match == 0 {
				all[0].Again()
				all[1].Again()
			}
		}
		for i, c := range all {
			c.Leave()
			<-ends[i]
		}
		tab.server.Close()
		equalEnds(t, 140, shelves...)
	})
}

// Who joins late, by a snapshot, records from there on what the others do.
func TestRecordingOfALateJoiner(t *testing.T) {
	at(t, "testenv", []string{"seats=3", "--", "frames=3200", "min_players=2"}, func(t *testing.T, tab *table) {
		shelves := []*shelf{{}, {}, {}, {}}
		tab.restart(func(o *relay.Options) { o.Record = shelves[3].open })
		all, ends := tab.recorded(shelves, tab.config(0), tab.config(1))
		for n := uint32(1000); n <= 3000; n += 1000 { // a minute of virtual time is until's patience
			until(t, all[0], "far", frame(n))
		}
		late, lateEnd := tab.recorded(shelves[2:], tab.config(2))
		all, ends = append(all, late...), append(ends, lateEnd...)
		together(t, 3200, all, ends)
		if r := all[2].Report(); r.Resyncs != 1 {
			t.Errorf("the late joiner loaded %d states", r.Resyncs)
		}
		tab.server.Close()
		equalEnds(t, 3200, shelves[0], shelves[1], shelves[2], shelves[3])
		names := map[string]int{}
		for _, row := range shelves[0].rows(t) {
			names[row[len(row)-1]]++ // the last seat's player
		}
		if n := names["p2"]; len(names) != 2 || n < 1 || n > 500 || names[""] != 3200-n {
			t.Errorf("the last seat was of %v", names)
		}
		if n := len(shelves[2].rows(t)); n > 500 {
			t.Errorf("the late joiner recorded %d frames", n)
		}
	})
}

// A relay that is restarted in mid-match leaves two recordings, the players one each; the later one
// of the relay has all of it, as they have.
func TestRecordingsOfARestart(t *testing.T) {
	at(t, "slime", []string{"--", "frames=300", "spectators=1"}, func(t *testing.T, tab *table) {
		before, after := &shelf{}, &shelf{}
		shelves := []*shelf{{}, {}, {}}
		tab.restart(func(o *relay.Options) { o.Record = before.open })
		all, ends := tab.recorded(shelves, tab.config(0), tab.config(1), tab.spectator("Eve"))
		for _, c := range all {
			until(t, c, "playing", frame(120))
		}
		tab.restart(func(o *relay.Options) { o.Record = after.open })
		together(t, 300, all, ends)
		tab.server.Close()
		if all[0].Report().Reconnects == 0 {
			t.Error("the players did not notice the restart")
		}
		equalEnds(t, 300, shelves[0], shelves[1], shelves[2], after)
		whole, part := after.rows(t), before.rows(t)
		if len(part) < 120 || len(part) >= 300 {
			t.Fatalf("the relay recorded %d frames before it was restarted", len(part))
		}
		for k, row := range part {
			if !slices.Equal(row, whole[k]) {
				t.Fatalf("row %d was %q before the restart, and is %q", k, row, whole[k])
			}
		}
	})
}
