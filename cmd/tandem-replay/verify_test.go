//go:build !js

package main

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tandem/cmd/internal/app"
	"tandem/game/sim"
	"tandem/netcode/recording"
	"tandem/netcode/session"
	"tandem/netcode/session/options"
	"tandem/netcode/session/replica"
)

// played makes a recording of a match of n frames with a hash of every tenth, in which a second is what
// goes to the disk at once.
func played(t *testing.T, n int) []byte {
	t.Helper()
	cfg := options.DefaultConfig()
	spec, err := sim.Configure(&cfg, "testenv", nil)
	if err != nil {
		t.Fatal(err)
	}
	m, err := sim.NewMatch(&cfg)
	if err != nil {
		t.Fatal(err)
	}
	h := &recording.Header{Owner: recording.OwnerRelay, Seat: recording.NoSeat, Env: cfg.Env, Options: cfg.Words()}
	h.Seats = make([]recording.Seat, len(spec.Agents))
	file := &memory{}
	w, err := recording.Start(func() (recording.File, error) { return file, nil }, h, 0, func(err error) { t.Error(err) })
	if err != nil {
		t.Fatal(err)
	}
	m.Reset(7)
	w.Reset(0, 1, 7)
	for f := range uint32(n) {
		c := replica.Command{Frame: f}
		c.Actions[0] = uint8(f % 5)
		m.Step(&c)
		at := session.FrameTime(int64(f))
		w.Bundle(at, c.Actions[:], 0, 0, 0)
		if f%10 == 9 {
			hash := m.Hash()
			w.Hash(at, f, 0, &recording.Hash{Total: hash.Total, Sections: hash.Sections, Count: hash.Count})
		}
	}
	w.End(session.FrameTime(int64(n)), 0, uint32(n), "")
	w.Close()
	if err := w.Err(); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

// exit is the exit status of verify and export for a file with these bytes, and their words.
func exit(t *testing.T, data []byte, partial bool) (status [2]int, words [2]string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "a.tandem")
	if err := os.WriteFile(file, data, 0o644); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	for i, err := range []error{verify(&out, file, partial), export(file, "csv", file+".csv", partial, false)} {
		var p *app.PartialError
		switch {
		case err == nil:
		case errors.As(err, &p):
			status[i] = app.ExitPartial
		default:
			status[i] = app.ExitFailed
		}
		if err != nil {
			words[i] = err.Error()
		}
	}
	words[0] += out.String()
	return status, words
}

// TestIncompleteIsTold: a recording that lost its end, wherever it was cut, exits with 3 and says at
// which frame; -partial accepts it.
func TestIncompleteIsTold(t *testing.T) {
	data := played(t, 70)
	if status, words := exit(t, data, false); status != [2]int{} || !strings.Contains(words[0], "70 frames of testenv played again, 7 hashes compared.\nAll are equal.") {
		t.Fatal(status, words)
	}
	at := bytes.IndexByte(data, '\n') + 1
	var blocks []int
	for n := at; n < len(data); n += 8 + int(data[n]) + int(data[n+1])<<8 {
		blocks = append(blocks, n)
	}
	if len(blocks) < 5 {
		t.Fatalf("%d blocks", len(blocks))
	}
	for i, words := range []string{"at frame 30 of", "at frame 60 of", "at frame 70 of"} {
		for _, extra := range []int{0, 1, 20} {
			cut := data[:blocks[2+i]+extra]
			status, said := exit(t, cut, false)
			for k := range said {
				if status[k] != app.ExitPartial || !strings.Contains(said[k], "cut off "+words) || !strings.Contains(said[k], "-partial") {
					t.Errorf("cut at block %d and %d bytes: %v, %q", i, extra, status, said)
				}
			}
			if strings.Contains(said[0], "All are equal.") {
				t.Errorf("verify says %q of a part", said[0])
			}
			if status, said := exit(t, cut, true); status != [2]int{} || !strings.Contains(said[0], "Note: the recording is cut off "+words) {
				t.Errorf("-partial: %v, %q", status, said)
			}
		}
	}
	old := bytes.Replace(data[:blocks[4]], []byte("recording 2\n"), []byte("recording 1\n"), 1)
	if status, said := exit(t, old, false); status != [2]int{app.ExitPartial, app.ExitPartial} || !strings.Contains(said[1], "nothing proves that it is whole; all of the 70 frames") {
		t.Errorf("the older format: %v, %q", status, said)
	}
	if status, said := exit(t, old, true); status != [2]int{} {
		t.Errorf("the older format: %v, %q", status, said)
	}
}

// TestHolesAreTold: a recording whose owner came back behind what it had missed, and one whose match went on
// without it to the end, exit with 3 and say which frames are not there; -partial accepts them.
func TestHolesAreTold(t *testing.T) {
	cfg := options.DefaultConfig()
	if _, err := sim.Configure(&cfg, "testenv", nil); err != nil {
		t.Fatal(err)
	}
	m, err := sim.NewMatch(&cfg)
	if err != nil {
		t.Fatal(err)
	}
	const never = 1 << 20
	record := func(kept, behind, from, to, end uint32) []byte {
		file := &memory{}
		r, err := recording.NewReader(bytes.NewReader(played(t, 1)))
		if err != nil {
			t.Fatal(err)
		}
		w, err := recording.Start(func() (recording.File, error) { return file, nil }, r.Header, 0, nil)
		if err != nil {
			t.Fatal(err)
		}
		m.Reset(7)
		w.Reset(0, 1, 7)
		for f := range to {
			if f == behind {
				w.Note(0, recording.NoteKept, kept, recording.NoSeat, "")
				w.Reset(0, 1, 7)
			}
			if f == from && from > behind {
				w.Snapshot(0, from-1, m.AppendState(nil))
			}
			c := replica.Command{Frame: f}
			c.Actions[0] = uint8(f % 5)
			m.Step(&c)
			if f < behind || f >= from {
				w.Bundle(0, c.Actions[:], 0, 0, 0)
				hash := m.Hash()
				w.Hash(0, f, 0, &recording.Hash{Total: hash.Total, Sections: hash.Sections, Count: hash.Count})
			}
		}
		w.End(0, 0, end, "")
		w.Close()
		<-w.Done()
		return file.Bytes()
	}
	for name, c := range map[string]struct {
		data  []byte
		words string
	}{
		"in the middle": {record(30, 30, 80, 120, 120), "lacks 50 frames (30 to 79)"},
		"at the end":    {record(0, never, 0, 90, 120), "lacks 30 frames (90 to 119)"},
		"both":          {record(20, 30, 80, 90, 120), "lacks 90 frames (20 to 79, 90 to 119)"},
	} {
		status, said := exit(t, c.data, false)
		for k := range said {
			if status[k] != app.ExitPartial || !strings.Contains(said[k], c.words) || !strings.Contains(said[k], "-partial") || strings.Contains(said[k], "All are equal.") {
				t.Errorf("%s: %v, %q", name, status, said)
			}
		}
		if status, said := exit(t, c.data, true); status != [2]int{} || !strings.Contains(said[0], "Note: the recording "+c.words) {
			t.Errorf("%s, -partial: %v, %q", name, status, said)
		}
		r, err := recording.NewReader(bytes.NewReader(c.data))
		if err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		var p *app.PartialError
		if err := infoRecording(&out, r, false); !errors.As(err, &p) || !strings.Contains(err.Error(), c.words) {
			t.Errorf("%s: info says %v", name, err)
		}
	}
	if status, said := exit(t, record(0, never, 0, 120, 120), false); status != [2]int{} {
		t.Errorf("without a hole: %v, %q", status, said)
	}
}

// TestNothingIsNotEqual: a part in which no hash stands is not said to be equal to anything.
func TestNothingIsNotEqual(t *testing.T) {
	data := recorded(t, 40)
	data = data[:len(data)-60]
	status, words := exit(t, data, false)
	if status[0] != app.ExitPartial || !strings.Contains(words[0], "0 hashes compared") || strings.Contains(words[0], "All are equal") {
		t.Errorf("%v, %q", status, words)
	}
	if status, words := exit(t, data, true); status[0] != app.ExitFailed || !strings.Contains(words[0], "holds no hash") {
		t.Errorf("-partial: %v, %q", status, words)
	}
}

// TestNoFlipVerifies: whichever bit of a recording is changed, verify does not exit with 0.
func TestNoFlipVerifies(t *testing.T) {
	data := played(t, 35)
	for n := range data {
		for bit := range 8 {
			data[n] ^= 1 << bit
			r, err := recording.NewReader(bytes.NewReader(data))
			if err == nil {
				err = check(io.Discard, "a.tandem", r, false)
			}
			if err == nil {
				t.Fatalf("bit %d of byte %d of %d is changed, and all is well", bit, n, len(data))
			}
			data[n] ^= 1 << bit
		}
	}
}

// TestDifferenceComesBeforeTheCut: -partial accepts no state that differs.
func TestDifferenceComesBeforeTheCut(t *testing.T) {
	data := played(t, 70)
	r, err := recording.NewReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	file := &memory{}
	w, err := recording.Start(func() (recording.File, error) { return file, nil }, r.Header, 0, nil)
	if err != nil {
		t.Fatal(err)
	}
	w.Reset(0, 1, 7)
	for range 10 {
		w.Bundle(0, []uint8{1, 1}, 0, 0, 0)
	}
	w.Hash(0, 9, 0, &recording.Hash{Total: 1})
	w.Bundle(2*time.Second, []uint8{1, 1}, 0, 0, 0)
	w.Close()
	<-w.Done()
	cut := file.Bytes()
	for _, data := range [][]byte{cut, cut[:len(cut)-1], cut[:len(cut)-60]} {
		for _, partial := range []bool{false, true} {
			if status, words := exit(t, data, partial); status != [2]int{app.ExitFailed, app.ExitFailed} || !strings.Contains(words[0], "differ") || !strings.Contains(words[1], "differ") {
				t.Errorf("%d of %d bytes: %v, %q", len(data), len(cut), status, words)
			}
		}
	}
}
