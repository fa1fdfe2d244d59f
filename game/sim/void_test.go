package sim_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"tandem/netcode/protocol"
	"tandem/netcode/recording"
	"tandem/netcode/session/replica"
)

// TestWhatDidNotHappenIsVoid: a peer that was ahead of a relay which came back loads an earlier state and
// plays on from there, or begins anew; its data hold every frame once, as the match had it.
func TestWhatDidNotHappenIsVoid(t *testing.T) {
	for name, c := range map[string]struct {
		ahead uint32
		anew  int // how often it begins anew; else it loads a snapshot
	}{"a snapshot": {70, 0}, "a snapshot of long ago": {900, 0}, "anew": {70, 1}, "anew, late": {900, 1}, "anew twice": {400, 2}} {
		t.Run(name, func(t *testing.T) { voided(t, c.ahead, c.anew) })
	}
}

func voided(t *testing.T, ahead uint32, anew int) {
	const frames = 1000
	cfg := config(t, "testenv", "frames=1000")
	w, whole, m := recordedPair(t, 4, cfg, "rtt=60ms")
	out := &file{}
	sw, err := recording.Start(func() (recording.File, error) { return out, nil }, w.peers[0].reader(t).Header, 0, nil)
	if err != nil {
		t.Fatal(err)
	}
	m.Reset(w.Room.Seed())
	sw.Reset(0, 1, w.Room.Seed())
	var state []byte
	play := func(from, to uint32, other uint8) {
		for f := from; f < to; f++ {
			b, _ := w.Room.Log(f)
			b.Actions[0] = (b.Actions[0] + other) % 8
			m.Step(&replica.Command{Frame: f, Actions: b.Actions})
			sw.Bundle(0, b.Actions[:], b.Substituted, b.Flags, 0)
			if f == 49 {
				state = m.AppendState(nil)
			}
		}
	}
	play(0, 50, 0)
	play(50, ahead, 1) // what the relay has forgotten
	if anew == 0 {
		if err := m.SetState(state); err != nil {
			t.Fatal(err)
		}
		sw.Epoch(0, 2)
		sw.Snapshot(0, 49, state)
		play(50, frames, 0)
	}
	for i := range anew {
		m.Reset(w.Room.Seed())
		sw.Reset(0, uint8(2+i), w.Room.Seed())
		if i < anew-1 {
			play(0, ahead/2, 2)
		}
	}
	if anew > 0 {
		play(0, frames, 0)
	}
	sw.Close()
	<-sw.Done()
	rows, table := export(t, out)
	if len(rows) != frames+1 || table.Replay.Check.Different != 0 {
		t.Fatalf("%d rows, %+v", len(rows)-1, table.Replay.Check)
	}
	for r := range rows {
		for k, c := range table.Columns {
			if !c.Local() && rows[r][k] != whole[r][k] {
				t.Fatalf("row %d, column %s: %q, want %q", r, c.Name, rows[r][k], whole[r][k])
			}
		}
	}
}

// TestWhatHappenedIsKept: a peer that was away for long, or had to begin again in mid-match, goes on from a
// snapshot ahead of what it has played. That much has happened, as far as its relay says so; the data have it,
// and say what is missing.
func TestWhatHappenedIsKept(t *testing.T) {
	const frames, behind = 600, 400
	cfg := config(t, "testenv", "frames=600")
	w, whole, m := recordedPair(t, 5, cfg, "rtt=60ms")
	for name, c := range map[string]struct {
		undone uint32 // from which frame on it was alone with what it played; it has played 100
		kept   uint32 // what it was told of that; 0: nothing
		twice  bool   // it begins again before the snapshot is there
		from   uint32 // the frames that are missing begin with this one
	}{
		"all of it":            {100, 100, false, 100},
		"not the last of it":   {70, 70, false, 70},
		"all of it, at last":   {100, 100, true, 100},
		"as far as is known":   {100, 30, false, 30},
		"an older recording's": {100, 0, false, 0},
	} {
		t.Run(name, func(t *testing.T) {
			out := &file{}
			sw, err := recording.Start(func() (recording.File, error) { return out, nil }, w.peers[0].reader(t).Header, 0, nil)
			if err != nil {
				t.Fatal(err)
			}
			m.Reset(w.Room.Seed())
			sw.Reset(0, 1, w.Room.Seed())
			var state []byte
			play := func(from, to uint32, other uint8, write bool) {
				for f := from; f < to; f++ {
					b, _ := w.Room.Log(f)
					b.Actions[0] = (b.Actions[0] + other) % 8
					m.Step(&replica.Command{Frame: f, Actions: b.Actions})
					if write {
						sw.Bundle(0, b.Actions[:], b.Substituted, b.Flags, 0)
					}
				}
			}
			play(0, c.undone, 0, true)
			play(c.undone, 100, 1, true)
			m.Reset(w.Room.Seed())
			play(0, behind, 0, false)
			state = m.AppendState(nil)
			for range map[bool]int{false: 1, true: 2}[c.twice] {
				if c.kept > 0 {
					sw.Note(0, recording.NoteKept, c.kept, recording.NoSeat, "")
				}
				sw.Reset(0, 2, w.Room.Seed())
			}
			sw.Snapshot(0, behind-1, state)
			play(behind, frames, 0, true)
			sw.End(0, protocol.CodeOK, frames, "")
			sw.Close()
			<-sw.Done()
			rows, table := export(t, out)
			want := append(slices.Clone(whole[:1+c.from]), whole[1+behind:]...)
			if len(rows) != len(want) || table.Replay.Check.Different != 0 {
				t.Fatalf("%d rows, want %d; %+v", len(rows)-1, len(want)-1, table.Replay.Check)
			}
			for r := range rows {
				for k, col := range table.Columns {
					if !col.Local() && rows[r][k] != want[r][k] {
						t.Fatalf("row %d, column %s: %q, want %q", r, col.Name, rows[r][k], want[r][k])
					}
				}
			}
			missing := fmt.Sprintf("lacks %d frames (%d to %d)", behind-c.from, c.from, behind-1)
			if err := table.Replay.Lack(table.Cut); err == nil || table.Cut != nil || !strings.Contains(err.Error(), missing) {
				t.Errorf("what is missing is told as %v, want %q", err, missing)
			}
		})
	}
}
