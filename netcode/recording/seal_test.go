package recording_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"tandem/netcode/recording"
)

// partial reports whether reading ended with the word that the file is right but may not be whole.
func partial(err error) bool {
	var d *recording.Damage
	return errors.As(err, &d) && d.Partial
}

// recorded is a recording of so many frames of two seats, a block a second.
func recorded(t *testing.T, frames int) []byte {
	t.Helper()
	disk := &memory{}
	w, err := recording.Start(disk.open, header(2), 0, nil)
	if err != nil {
		t.Fatal(err)
	}
	w.Reset(0, 1, 9)
	for f := range frames {
		w.Bundle(time.Duration(f)*time.Second/30, []uint8{1, 2}, 0, 0, 0)
	}
	finish(t, w)
	return disk.data
}

// blocksOf is where a recording's blocks begin, and its end.
func blocksOf(data []byte) (at []int) {
	for n := bytes.IndexByte(data, '\n') + 1; n < len(data); n += 8 + int(binary.LittleEndian.Uint32(data[n:])) {
		at = append(at, n)
	}
	return append(at, len(data))
}

// TestEveryCut: a file that is cut off anywhere, between two blocks too, gives every record of the blocks
// before, and says that it is not whole and where it ends.
func TestEveryCut(t *testing.T) {
	data := recorded(t, 200)
	_, whole, err := readAll(t, data)
	if err != nil || len(whole) != 201 {
		t.Fatalf("%d records, %v", len(whole), err)
	}
	most := 0
	for n := range len(data) {
		_, got, err := readAll(t, data[:n])
		words := "before its header"
		switch {
		case len(got) > 0:
			words = fmt.Sprintf("cut off at frame %d of what was played", len(got)-1)
		case n >= blocksOf(data)[1]:
			words = "before its first frame"
		case n > 19:
			words = "cut off"
		}
		if !partial(err) || !strings.Contains(err.Error(), words) {
			t.Fatalf("cut at %d: %v, want words with %q", n, err, words)
		}
		if len(got) < most {
			t.Fatalf("cut at %d: %d records, at a byte before %d", n, len(got), most)
		}
		most = len(got)
		for i := range got {
			if !reflect.DeepEqual(got[i], whole[i]) {
				t.Fatalf("cut at %d: record %d differs", n, i)
			}
		}
	}
	if most != len(whole) || len(blocksOf(data)) < 8 {
		t.Errorf("%d records, %d blocks: the test writes too little", most, len(blocksOf(data)))
	}
}

// TestEveryFlip: no changed bit and no changed byte goes unnoticed, and nothing before its block is lost.
func TestEveryFlip(t *testing.T) {
	data := recorded(t, 60)
	_, whole, err := readAll(t, data)
	if err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(1, 1))
	for n := range data {
		flips := []byte{0xff, byte(1 + rng.IntN(255))}
		for bit := range 8 {
			flips = append(flips, 1<<bit)
		}
		if n < 20 { // what no checksum covers
			for b := range 255 {
				flips = append(flips, byte(b+1))
			}
		}
		for _, flip := range flips {
			bad := bytes.Clone(data)
			bad[n] ^= flip
			_, got, err := readAll(t, bad)
			if err == nil {
				t.Fatalf("byte %d is changed by %#x, and nothing is said", n, flip)
			}
			for i := range got {
				if !reflect.DeepEqual(got[i], whole[i]) {
					t.Fatalf("byte %d is changed by %#x, and record %d read differently", n, flip, i)
				}
			}
		}
	}
}

// TestSealCountsEverything: blocks that are right by themselves but are missing, twice there, exchanged
// or from another recording do not pass, nor does anything behind the seal.
func TestSealCountsEverything(t *testing.T) {
	data, other := recorded(t, 200), recorded(t, 201)
	at, end := blocksOf(data), blocksOf(other)
	block := func(i int) []byte { return data[at[i]:at[i+1]] }
	n := len(at) - 1 // blocks: header, frames, seal
	join := func(parts ...[]byte) []byte { return bytes.Join(parts, nil) }
	for name, bad := range map[string][]byte{
		"the block before the seal is missing": join(data[:at[n-2]], block(n-1)),
		"a block is missing":                   join(data[:at[2]], data[at[3]:]),
		"a block is there twice":               join(data[:at[3]], block(2), data[at[3]:]),
		"another's seal":                       join(data[:at[n-1]], other[end[len(end)-2]:]),
		"two seals":                            join(data, block(n-1)),
		"a byte behind it":                     join(data, []byte{7}),
		"zeros behind it":                      join(data, make([]byte, 4096)),
		"a match behind it":                    join(data, data[at[1]:]),
		"a record in the seal's block":         join(data[:at[n-1]], recording.Block(append(bytes.Clone(block(n - 1)[8:]), 1, 1, 0, 0, 0, 0, 0, 0, 0, 0))),
	} {
		_, _, err := readAll(t, bad)
		var d *recording.Damage
		if !errors.As(err, &d) || d.Partial {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Zeros at the end are what a file system leaves after a loss of power.
func TestZeroTail(t *testing.T) {
	data := recorded(t, 30)
	at := blocksOf(data)
	_, got, err := readAll(t, append(data[:at[len(at)-2]:at[len(at)-2]], make([]byte, 4096)...))
	if len(got) != 31 || !partial(err) {
		t.Errorf("%d records, %v", len(got), err)
	}
}

// TestUnsealedFormat: what an older program wrote is read to its end, and says that nothing proves that it
// is whole.
func TestUnsealedFormat(t *testing.T) {
	data := recorded(t, 60)
	at := blocksOf(data)
	old := bytes.Replace(data[:at[len(at)-2]], []byte("recording 2\n"), []byte("recording 1\n"), 1)
	_, got, err := readAll(t, old)
	if len(got) != 61 || !partial(err) || !strings.Contains(err.Error(), "format 1") || !strings.Contains(err.Error(), "nothing proves that it is whole") {
		t.Errorf("%d records, %v", len(got), err)
	}
	if _, _, err := readAll(t, old[:len(old)-1]); !partial(err) || !strings.Contains(err.Error(), "cut off at frame 30") {
		t.Error(err)
	}
	if _, _, err := readAll(t, bytes.Replace(data, []byte("recording 2\n"), []byte("recording 1\n"), 1)); err == nil || partial(err) {
		t.Errorf("a seal in format 1: %v", err)
	}
}

// TestSealedCopy: a copy of a recording whose writer is still there is whole where the match has ended, and
// not in the middle of one.
func TestSealedCopy(t *testing.T) {
	disk := &memory{}
	w, err := recording.Start(disk.open, header(2), 0, nil)
	if err != nil {
		t.Fatal(err)
	}
	state := func() (n int, err error) {
		w.Drain()
		disk.mu.Lock()
		defer disk.mu.Unlock()
		before := bytes.Clone(disk.data)
		_, got, err := readAll(t, recording.Sealed(disk.data))
		if !bytes.Equal(before, disk.data) {
			t.Fatal("the recording itself has changed")
		}
		return len(got), err
	}
	w.Reset(0, 1, 9)
	w.Bundle(0, []uint8{1, 2}, 0, 0, 0)
	w.Tick(time.Second)
	if n, err := state(); n > 2 || !partial(err) {
		t.Fatalf("in mid-match: %d records, %v", n, err)
	}
	w.End(time.Second, 0, 1, "")
	for until := time.Now().Add(time.Minute); ; {
		if n, err := state(); err == nil && n == 3 {
			break
		} else if time.Now().After(until) {
			t.Fatalf("at the end: %d records, %v", n, err)
		}
		time.Sleep(ms) // the disk's goroutine is a real one
	}
	w.Reset(2*time.Second, 2, 10)
	w.Bundle(2*time.Second, []uint8{1, 2}, 0, 0, 0)
	w.Close()
	<-w.Done()
	if n, err := state(); err != nil || n != 5 {
		t.Fatalf("closed by its writer: %d records, %v", n, err)
	}
	at := blocksOf(disk.data)
	disk.data = disk.data[:at[len(at)-2]]
	if n, err := state(); n != 5 || !partial(err) {
		t.Fatalf("in the next match: %d records, %v", n, err)
	}
	disk.data = disk.data[:at[len(at)-3]-1]
	if n, err := state(); n != 2 || !partial(err) {
		t.Fatalf("torn: %d records, %v", n, err)
	}
}

// TestSealThatDoesNotFit: a disk that fills up with the last block leaves a recording that says so.
func TestSealThatDoesNotFit(t *testing.T) {
	whole := recorded(t, 60)
	at := blocksOf(whole)
	for limit := at[len(at)-2]; limit < len(whole); limit++ {
		disk := &memory{limit: limit}
		told := 0
		w, err := recording.Start(disk.open, header(2), 0, func(error) { told++ })
		if err != nil {
			t.Fatal(err)
		}
		w.Reset(0, 1, 9)
		for f := range 60 {
			w.Bundle(time.Duration(f)*time.Second/30, []uint8{1, 2}, 0, 0, 0)
		}
		w.Close()
		if err := w.Err(); !errors.Is(err, errFull) || told != 1 {
			t.Fatalf("limit %d: %v, told %d times", limit, err, told)
		}
		_, got, err := readAll(t, disk.data)
		got = slices.DeleteFunc(got, func(r recording.Record) bool { return r.Kind == recording.KindStopped }) // its last words may fit
		if len(got) != 61 || !partial(err) {
			t.Fatalf("limit %d: %d records, %v", limit, len(got), err)
		}
	}
}
