package client_test

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"tandem/game/client"
	"tandem/game/sim"
	"tandem/netcode/protocol"
	"tandem/netcode/recording"
	"tandem/netcode/relay"
	"tandem/netcode/session"
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
			for i, c := range all {
				until(t, c, "over", func(v *client.View) bool { return over(v) && c.Report().Matches == match+1 })
				synctest.Wait() // for the disk
				saved := shelves[i].tapes[0].saved()
				if ends, err := endsOf(t, saved); err != io.EOF || !slices.Equal(ends, []uint32{70, 70}[:match+1]) {
					t.Errorf("client %d, whose room waits for another match, can save ends %v, %v", i, ends, err)
				}
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
		for i := range all {
			if ends, err := endsOf(t, shelves[i].tapes[0].data); err != io.EOF || !slices.Equal(ends, []uint32{70, 70}) {
				t.Errorf("recording %d has ends %v, %v", i, ends, err)
			}
		}
	})
}

// Where another player sits down between two matches of a room, the rows of each have the name of who played it.
func TestRecordingOfARematchWithAnother(t *testing.T) {
	at(t, "slime", []string{"--", "frames=70", "rematch_ms=20000"}, func(t *testing.T, tab *table) {
		shelves := []*shelf{{}, {}, {}, {}}
		tab.restart(func(o *relay.Options) { o.Record = shelves[3].open })
		host, guest, other := tab.config(0), tab.config(1), tab.config(1)
		other.Peer.Name = "another"
		for _, c := range []*client.Config{&host, &guest, &other} {
			c.Peer.Again = true
		}
		all, ends := tab.recorded(shelves, host, guest)
		over := func(v *client.View) bool { return v.Phase == client.Finished && v.Again > 0 }
		until(t, all[0], "over", over)
		until(t, all[1], "over", over)
		all[1].Leave()
		<-ends[1]
		third, thirdEnd := tab.recorded(shelves[2:], other)
		all[0].Again()
		until(t, all[0], "in the second match", frame(1))
		until(t, all[0], "over again", func(v *client.View) bool { return over(v) && all[0].Report().Matches == 2 })
		until(t, third[0], "over", over)
		all[0].Leave()
		third[0].Leave()
		<-ends[0]
		<-thirdEnd[0]
		tab.server.Close()
		want := append(shelves[1].rows(t), shelves[2].rows(t)...)
		for _, i := range []int{0, 3} {
			rows := shelves[i].rows(t)
			if len(rows) != 140 {
				t.Fatalf("export %d has %d rows", i, len(rows))
			}
			for k, row := range rows {
				if name := row[len(row)-1]; name != []string{"p1", "another"}[k/70] || !slices.Equal(row, want[k]) {
					t.Fatalf("row %d of export %d is %q, that of who played it %q", k, i, row, want[k])
				}
			}
		}
	})
}

// saved is what a page lets its player save of the recording at this moment.
func (d *tape) saved() []byte {
	d.mu.Lock()
	defer d.mu.Unlock()
	return recording.Sealed(d.data)
}

// endsOf returns after how many frames the matches of a recording ended, as it says, and how reading it
// ended. Each must have its frames before its end, and one end.
func endsOf(t *testing.T, data []byte) (ends []uint32, err error) {
	t.Helper()
	r, err := recording.NewReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	frames := uint32(0)
	for {
		rec, err := r.Next()
		if err != nil {
			return ends, err
		}
		switch rec.Kind {
		case recording.KindReset:
			frames = 0
		case recording.KindBundle:
			frames++
		case recording.KindEnd:
			if rec.Frame != frames || rec.Code != protocol.CodeOK {
				t.Errorf("the end is said to be after %d frames (%v), and stands behind %d", rec.Frame, rec.Code, frames)
			}
			ends = append(ends, rec.Frame)
		}
	}
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
		if r := all[2].Report(); r.Resyncs != 0 {
			t.Errorf("the late joiner reports %d repairs", r.Resyncs)
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

// Who was away for so long that a snapshot brings it back (its computer slept) has what it played before in
// its data, as the others have it, and what it missed is told: by its report, which knows of one break and of
// nothing that was undone, and by its data.
func TestRecordingOfALongAbsence(t *testing.T) {
	at(t, "testenv", []string{"--", "frames=4400", "on_disconnect=bot", "spectators=1"}, func(t *testing.T, tab *table) {
		const begin = 100 // samples before it sleeps
		shelves := []*shelf{{}, {}, {}, {}}
		tab.restart(func(o *relay.Options) { o.Record = shelves[3].open })
		host, guest, watch := tab.config(0), tab.config(1), tab.spectator("Eve")
		host.StandIn = func(m *sim.Match, seat int) (session.Sampler, error) { return sim.NewBotInput("random", m, seat, 1) }
		sleep := func() { time.Sleep(120 * time.Second) } // virtual
		wrap(&guest, func(n, a int) int {
			if n == begin {
				sleep()
			}
			return a
		})
		// The spectator's program stops, too: its clock is what it asks for most.
		var asleep atomic.Bool
		watch.Now = func() time.Time {
			if asleep.CompareAndSwap(true, false) {
				sleep()
			}
			return time.Now()
		}
		all, ends := tab.recorded(shelves, host, guest, watch)
		until(t, all[0], "on", frame(begin))
		asleep.Store(true)
		for n := uint32(1000); n < 4400; n += 1000 {
			until(t, all[0], "far", frame(n))
		}
		reports := together(t, 4400, all, ends)
		tab.server.Close()
		longest := shelves[0].rows(t)
		if len(longest) != 4400 {
			t.Fatalf("who was there has %d rows", len(longest))
		}
		for i, c := range all[1:] {
			r, rows := reports[i+1], shelves[i+1].rows(t)
			first, missing := 0, 0
			for k, row := range rows {
				f, err := strconv.Atoi(row[0])
				if err != nil || f >= 4400 || !slices.Equal(row, longest[f]) {
					t.Fatalf("row %d of %s is %q, the host's %q (%v)", k, r.Agent, row, longest[f], err)
				}
				if missing == 0 && f == k {
					first = f + 1
				}
				missing = f - k
			}
			if first < begin-20 || first > begin+60 || missing < 3400 || missing > 3800 || len(rows) != 4400-missing {
				t.Errorf("%s has %d rows, the frames before %d and all but %d", r.Agent, len(rows), first, missing)
			}
			if len(shelves[i+1].tapes) != 1 {
				t.Fatalf("%s has %d recordings", r.Agent, len(shelves[i+1].tapes))
			}
			words := fmt.Sprintf("lacks %d frames (%d to %d)", missing, first, first+missing-1)
			p := shelves[i+1].tapes[0].replay(t)
			if err := p.Lack(nil); err == nil || !strings.Contains(err.Error(), words) {
				t.Errorf("the data of %s say %v, want %q", r.Agent, err, words)
			}
			absent := missing
			if r.Seat < 0 {
				absent = 0 // a spectator has no inputs
			}
			// Until its line broke it was told live of what it missed, and what came as history it missed as well.
			lost := r.Absent + r.Substituted
			if r.Rewinds != 0 || r.Resyncs != 0 || r.Reconnects != 1 || r.Absent < absent*19/20 || lost < absent || lost > absent*21/20 || r.Frames != 4400 {
				t.Errorf("%s, who missed %d frames, reports %d rewinds, %d repairs, %d returns, %d absent", r.Agent, missing, r.Rewinds, r.Resyncs, r.Reconnects, r.Absent)
			}
			if v := r.Verdict.String(); !strings.Contains(v, "the connection broke once") || strings.Contains(v, "did not reach the others") {
				t.Errorf("the verdict on %s: %s", r.Agent, v)
			}
			var v client.View
			if c.View(time.Now(), &v); strings.Contains(v.Notice, "put back") {
				t.Errorf("%s is told %q", r.Agent, v.Notice)
			}
		}
		if r := reports[1]; r.Inputs() < 4300 || r.Inputs() > 4400 || r.Interval.N > int64(4400-r.Absent)+100 || math.Abs(r.StepsPerS-30) > 2 || r.Stalls.Longest < 100_000 {
			t.Errorf("of 4400 frames %d inputs are reported, %d intervals, %.1f frames a second, %.0f ms without a picture", r.Inputs(), r.Interval.N, r.StepsPerS, r.Stalls.Longest)
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
