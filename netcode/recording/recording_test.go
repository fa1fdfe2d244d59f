package recording_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"tandem/netcode/protocol"
	"tandem/netcode/recording"
)

const ms = time.Millisecond

// memory is a disk that can be full, slow or broken.
type memory struct {
	mu     sync.Mutex
	data   []byte
	limit  int // bytes it takes; 0 for any number
	stuck  chan struct{}
	closed bool
	cut    error // what Truncate answers
}

var errFull = errors.New("no space left on device")

func (m *memory) Write(p []byte) (int, error) {
	if m.stuck != nil {
		<-m.stuck
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.limit > 0 && len(m.data)+len(p) > m.limit {
		n := max(0, m.limit-len(m.data))
		m.data = append(m.data, p[:n]...) // as a disk does that fills up in the middle of a write
		return n, errFull
	}
	m.data = append(m.data, p...)
	return len(p), nil
}

func (m *memory) Truncate(size int64) error {
	if m.cut != nil {
		return m.cut
	}
	m.data = m.data[:size]
	return nil
}

func (m *memory) open() (recording.File, error) { return m, nil }

func (m *memory) Close() error { m.closed = true; return nil }

func header(seats int) *recording.Header {
	h := &recording.Header{Program: "test", Protocol: protocol.Version, Owner: recording.OwnerSeat, Seat: 0, Room: "room", Seed: 1<<63 + 5,
		Env: "testenv", EnvVersion: 1, EnvOptions: "seats=2", Options: []string{"env=testenv", "players=2"},
		Began: time.Date(2026, 1, 2, 3, 4, 5, 600, time.UTC)}
	for i := range seats {
		h.Seats = append(h.Seats, recording.Seat{Agent: fmt.Sprint("agent_", i), Name: fmt.Sprint("name ", i)})
	}
	return h
}

// copyOf keeps a record beyond its reader's next.
func copyOf(r *recording.Record) recording.Record {
	c := *r
	c.State = bytes.Clone(r.State)
	return c
}

// readAll returns the records that can be read and what ended the reading (nil for a whole file).
func readAll(t *testing.T, data []byte) (*recording.Header, []recording.Record, error) {
	t.Helper()
	r, err := recording.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil, nil, err
	}
	var out []recording.Record
	for {
		rec, err := r.Next()
		if err == io.EOF {
			return r.Header, out, nil
		}
		if err != nil {
			return r.Header, out, err
		}
		out = append(out, copyOf(rec))
	}
}

func finish(t *testing.T, w *recording.Writer) {
	t.Helper()
	w.Close()
	if err := w.Err(); err != nil {
		t.Fatal(err)
	}
}

// write feeds a writer with random records and returns what must be read again.
func write(w *recording.Writer, rng *rand.Rand, seats, n int) (want []recording.Record) {
	now := time.Duration(rng.Int64N(int64(time.Hour))).Truncate(ms)
	epoch, begun := uint8(0), false
	add := func(r recording.Record) {
		r.Epoch = epoch
		want = append(want, r)
	}
	for range n {
		now += time.Duration(rng.IntN(400)) * ms / 10
		w.Tick(now)
		w.Drain()
		next := w.Next()
		kind := rng.IntN(20)
		switch {
		case !begun && kind < 15 || kind == 0:
			begun = true
			epoch++
			seed := rng.Uint64()
			w.Reset(now, epoch, seed)
			add(recording.Record{Kind: recording.KindReset, Seed: seed})
		case !begun || kind == 1:
			begun = true
			state := make([]byte, rng.IntN(500))
			if rng.IntN(50) == 0 {
				state = make([]byte, recording.MaxState)
			}
			for i := range state {
				state[i] = byte(rng.Uint32())
			}
			frame := rng.Uint32N(1 << 20)
			w.Snapshot(now, frame, state)
			add(recording.Record{Kind: recording.KindSnapshot, Frame: frame, State: state})
		case kind == 2:
			epoch++
			w.Epoch(now, epoch)
			add(recording.Record{Kind: recording.KindEpoch})
		case kind < 12:
			r := recording.Record{Kind: recording.KindBundle, Frame: next, At: now}
			for i := range seats {
				r.Actions[i] = uint8(rng.IntN(protocol.MaxAction + 1))
			}
			if rng.IntN(3) == 0 {
				r.Substituted = uint16(rng.Uint32()) & (1<<seats - 1)
			}
			if rng.IntN(3) == 0 {
				r.Flags = protocol.FlagHash
			}
			if rng.IntN(3) == 0 {
				r.Dur = time.Duration(rng.IntN(10_000)) * ms / 10
			}
			w.Bundle(now, r.Actions[:seats], r.Substituted, r.Flags, r.Dur)
			add(r)
		case kind == 12:
			r := recording.Record{Kind: recording.KindHash, Frame: rng.Uint32N(next + 1), Seat: rng.IntN(seats+1) - 1}
			r.Hash = recording.Hash{Total: rng.Uint64(), Count: rng.IntN(protocol.MaxHashes + 1)}
			for i := range r.Hash.Count {
				r.Hash.Sections[i] = rng.Uint32()
			}
			w.Hash(now, r.Frame, r.Seat, &r.Hash)
			add(r)
		case kind == 13:
			r := recording.Record{Kind: recording.KindDelay, Frame: rng.Uint32N(next + 1), Dur: time.Duration(rng.IntN(9000)) * ms / 10, Exceeded: rng.IntN(2) == 0}
			w.Delay(now, r.Frame, r.Dur, r.Exceeded)
			add(r)
		case kind == 14:
			r := recording.Record{Kind: recording.KindLatency, Frame: rng.Uint32N(next + 1), Seat: rng.IntN(seats), Dur: time.Duration(rng.IntN(9000)-200) * ms / 10}
			w.Latency(now, r.Frame, r.Seat, r.Dur)
			add(r)
		case kind == 15:
			r := recording.Record{Kind: recording.KindEpisode, Frame: next, N: rng.IntN(100)}
			w.Episode(now, r.Frame, r.N)
			add(r)
		case kind == 16:
			r := recording.Record{Kind: recording.KindDesync, Frame: next, Mask: uint16(rng.Uint32()), Sections: rng.Uint32(), At: now}
			w.Desync(now, r.Frame, r.Mask, r.Sections)
			add(r)
		case kind == 17:
			r := recording.Record{Kind: recording.KindNote, Note: recording.NotePause, Frame: next, Seat: rng.IntN(seats+1) - 1, Text: "Zoë's connection is gone", At: now}
			w.Note(now, r.Note, r.Frame, r.Seat, r.Text)
			add(r)
		default:
			r := recording.Record{Kind: recording.KindEnd, Code: protocol.CodeGone, Frame: next, Text: "", At: now}
			w.End(now, r.Code, r.Frame, r.Text)
			add(r)
		}
	}
	return want
}

// untimed forgets the time of records that carry none.
func untimed(list []recording.Record) []recording.Record {
	for i := range list {
		switch list[i].Kind {
		case recording.KindBundle, recording.KindDesync, recording.KindNote, recording.KindEnd:
		default:
			list[i].At = 0
		}
	}
	return list
}

func TestWhatIsWrittenIsRead(t *testing.T) {
	for seed := range uint64(60) {
		rng := rand.New(rand.NewPCG(seed, 1))
		seats := 1 + rng.IntN(protocol.MaxSeats)
		disk := &memory{}
		h := header(seats)
		w, err := recording.Start(disk.open, h, 0, func(err error) { t.Errorf("seed %d: %v", seed, err) })
		if err != nil {
			t.Fatal(err)
		}
		want := write(w, rng, seats, 300)
		finish(t, w)
		gotHeader, got, err := readAll(t, disk.data)
		if err != nil || !disk.closed {
			t.Fatalf("seed %d: %v, closed %v", seed, err, disk.closed)
		}
		if !reflect.DeepEqual(gotHeader, h) {
			t.Fatalf("seed %d: the header is\n%+v, want\n%+v", seed, gotHeader, h)
		}
		got, want = untimed(got), untimed(want)
		for i := range want {
			if len(want[i].State) == 0 {
				want[i].State = nil
			}
			if i < len(got) && len(got[i].State) == 0 {
				got[i].State = nil
			}
			if i >= len(got) || !reflect.DeepEqual(got[i], want[i]) {
				t.Fatalf("seed %d: record %d of %d is\n%+v, want\n%+v", seed, i, len(got), got[min(i, len(got)-1)], want[i])
			}
		}
		if len(got) != len(want) {
			t.Fatalf("seed %d: %d records, want %d", seed, len(got), len(want))
		}
	}
}

// TestLayout fixes the bytes, so that a change of the format shows.
func TestLayout(t *testing.T) {
	disk := &memory{}
	w, err := recording.Start(disk.open, header(2), 5*time.Second, nil)
	if err != nil {
		t.Fatal(err)
	}
	w.Reset(5*time.Second, 1, 0x0102030405060708)
	w.Bundle(5*time.Second+100*ms, []uint8{3, 4}, 0, 0, 0)
	w.Bundle(5*time.Second+133*ms, []uint8{5, 6}, 2, protocol.FlagHash, 5*ms)
	w.Delay(5*time.Second+133*ms, 1, 80*ms, true)
	h := recording.Hash{Total: 0x1122334455667788, Count: 1}
	h.Sections[0] = 0xaabbccdd
	w.Hash(5*time.Second+133*ms, 1, 0, &h)
	w.Latency(5*time.Second+133*ms, 0, 1, 70*ms)
	w.End(5*time.Second+133*ms, protocol.CodeOK, 2, "ok")
	finish(t, w)
	line, rest, _ := bytes.Cut(disk.data, []byte("\n"))
	if string(line) != "tandem recording 2" {
		t.Errorf("the first line is %q", line)
	}
	n := int(rest[0]) | int(rest[1])<<8
	if rest[8] != '{' || rest[8+n-1] != '}' {
		t.Errorf("the first block is %q", rest[8:8+n])
	}
	const want = "38000000" + "CHECKSUM" + // length, checksum
		"00" + "01" + "00" + // time 0, epoch 1, frame 0 is next
		"01" + "01" + "0807060504030201" + // reset: epoch, seed
		"03" + "e807" + "0304" + // bundle 0: 100 ms later, actions
		"73" + "ca02" + "02" + "01" + "32" + "0506" + // bundle 1: 33 ms later, mask, flags, hold, actions
		"35" + "c00c" + // delay of frame 1: 80 ms, longer than the fixed one
		"14" + "00" + "8877665544332211" + "01" + "ddccbbaa" + // hash of frame 1, seat 0
		"06" + "01" + "04" + "f80a" + // latency of seat 1, 2 frames back, 70 ms
		"0b" + "00" + "00" + "02" + "02" + "6f6b" // end: code, time, frames, text
	sealed := disk.data[:len(line)+1+8+n+len(want)/2]
	sum := sha256.Sum256(sealed)
	seal := "25000000" + "CHECKSUM" + "000000" + "0d" + "02" + hex.EncodeToString(sum[:]) // frames, sum of all before it
	got := hex.EncodeToString(rest[8+n:])
	if got[:8]+"CHECKSUM"+got[16:len(want)] != want {
		t.Errorf("the second block is\n%s, want\n%s", got, want)
	}
	if got = got[len(want):]; got[:8]+"CHECKSUM"+got[16:] != seal {
		t.Errorf("the last block is\n%s, want\n%s", got, seal)
	}
}

// TestFlushedEverySecond: what is a second old is on the disk, whatever follows.
func TestFlushedEverySecond(t *testing.T) {
	disk := &memory{}
	w, err := recording.Start(disk.open, header(2), 0, nil)
	if err != nil {
		t.Fatal(err)
	}
	w.Reset(0, 1, 9)
	w.Bundle(0, []uint8{1, 2}, 0, 0, 0)
	w.Tick(999 * ms)
	w.Tick(time.Second) // nothing else happens: a pause
	for until := time.Now().Add(time.Minute); time.Now().Before(until); {
		if disk.mu.Lock(); len(disk.data) > 0 {
			_, got, err := readAll(t, bytes.Clone(disk.data))
			if partial(err) && len(got) == 2 {
				disk.mu.Unlock()
				finish(t, w)
				return
			}
		}
		disk.mu.Unlock()
		time.Sleep(ms) // the disk's goroutine is a real one
	}
	t.Fatal("what is a second old is not on the disk")
}

// TestFullDisk: the recording ends with the last whole block, it is told once, and the writer's
// caller never notices.
func TestFullDisk(t *testing.T) {
	said := 0
	defer func() {
		if said < 20 {
			t.Errorf("only %d recordings say why they end", said)
		}
	}()
	for limit := 1; limit < 3000; limit += 37 {
		for _, cut := range []error{nil, errors.New("cannot be cut")} {
			disk := &memory{limit: limit, cut: cut}
			var told []error
			w, err := recording.Start(disk.open, header(2), 0, func(err error) { told = append(told, err) })
			if err != nil {
				t.Fatal(err)
			}
			w.Reset(0, 1, 9)
			for f := range 2000 {
				w.Bundle(time.Duration(f)*time.Second/30, []uint8{1, 2}, 0, 0, 0)
			}
			w.Close()
			err = w.Err()
			if !errors.Is(err, errFull) || len(told) != 1 || !errors.Is(told[0], errFull) || !strings.Contains(told[0].Error(), "play goes on") {
				t.Fatalf("limit %d: %v, told %v", limit, err, told)
			}
			_, got, err := readAll(t, disk.data)
			if !partial(err) {
				t.Fatalf("limit %d: %v", limit, err)
			}
			// Often the sentence that says why still fits where the block did not.
			if n := len(got) - 1; n >= 0 && got[n].Kind == recording.KindStopped {
				said++
				if got = got[:n]; cut != nil || !strings.Contains(err.Error(), "no space left") || strings.Contains(err.Error(), "killed") {
					t.Fatalf("limit %d: %v", limit, err)
				}
			}
			if cut == nil && len(got) > 0 && strings.Contains(err.Error(), "middle of a block") {
				t.Fatalf("limit %d: the torn end was not cut off: %v", limit, err)
			}
			if n := uint32(len(got)) - 1; len(got) > 0 && !strings.Contains(err.Error(), fmt.Sprintf("cut off at frame %d of what was played", n)) {
				t.Fatalf("limit %d, %d frames: %v", limit, n, err)
			}
			for i := range got[min(1, len(got)):] {
				if got[i+1].Frame != uint32(i) {
					t.Fatalf("limit %d: record %d is of frame %d", limit, i+1, got[i+1].Frame)
				}
			}
			if limit > 1500 && len(got) < 100 {
				t.Fatalf("limit %d: only %d records", limit, len(got))
			}
			if !disk.closed {
				t.Fatalf("limit %d: the file stays open", limit)
			}
		}
	}
}

// TestStuckDisk: a disk that takes nothing costs no frame, a bounded memory, and in the end the
// recording, which says so itself.
func TestStuckDisk(t *testing.T) {
	disk := &memory{stuck: make(chan struct{})}
	told := make(chan error, 10)
	w, err := recording.Start(disk.open, header(2), 0, func(err error) { told <- err })
	if err != nil {
		t.Fatal(err)
	}
	w.Reset(0, 1, 9)
	for f := range 30 * 600 { // ten minutes
		w.Bundle(time.Duration(f)*time.Second/30, []uint8{1, 2}, 0, 0, 0)
	}
	w.Close()
	close(disk.stuck) // the disk comes back
	if err := w.Err(); err == nil || !strings.Contains(err.Error(), "taken nothing") {
		t.Fatal(err)
	}
	if len(told) != 1 {
		t.Fatalf("told %d times", len(told))
	}
	_, got, err := readAll(t, disk.data)
	last := got[len(got)-1]
	if !partial(err) || !strings.Contains(err.Error(), "taken nothing") || last.Kind != recording.KindStopped || !strings.Contains(last.Text, "taken nothing") {
		t.Fatalf("%v, the last record is %+v", err, last)
	}
	if len(got) < 30*50 || len(got) > 30*80 {
		t.Errorf("%d records were kept, want about a minute", len(got))
	}
}

func TestFileThatCannotBeMade(t *testing.T) {
	told := make(chan error, 10)
	w, err := recording.Start(func() (recording.File, error) { return nil, errFull }, header(2), 0, func(err error) { told <- err })
	if err != nil {
		t.Fatal(err)
	}
	w.Reset(0, 1, 9)
	for f := range 30 * 600 {
		w.Bundle(time.Duration(f)*time.Second/30, []uint8{1, 2}, 0, 0, 0)
	}
	w.Close()
	if err := w.Err(); !errors.Is(err, errFull) || len(told) != 1 || !strings.Contains(err.Error(), "no recording") {
		t.Errorf("%v, told %d times", err, len(told))
	}
}

func TestStateTooLarge(t *testing.T) {
	disk := &memory{}
	w, err := recording.Start(disk.open, header(2), 0, nil)
	if err != nil {
		t.Fatal(err)
	}
	w.Snapshot(0, 5, make([]byte, recording.MaxState))
	w.Snapshot(0, 6, make([]byte, recording.MaxState+1))
	w.Bundle(0, []uint8{1, 2}, 0, 0, 0)
	w.Close()
	if err := w.Err(); err == nil || !strings.Contains(err.Error(), "more than a recording holds") {
		t.Fatal(err)
	}
	if _, got, err := readAll(t, disk.data); !partial(err) || len(got) != 2 || got[1].Kind != recording.KindStopped {
		t.Fatalf("%d records, %v", len(got), err)
	}
}

func TestReaderRefuses(t *testing.T) {
	for _, c := range []struct{ data, words string }{
		{"", "before its header"},
		{"tandem rec", "before its header"},
		{"frame,actions\n0,1\n", "not a recording"},
		{"tandem recording x\n", "no version"},
		{"tandem recording 99\n", "update this program"},
		{"tandem recording 2\n", "before its header"},
		{"tandem recording 1\n", "before its header"},
		{"tandem recording 1\n\xff\xff\xff\xff", "cut off"},
		{"tandem recording 1\n\xff\xff\xff\xff\x00\x00\x00\x00", "no block has"},
		{"tandem recording 1\n\x02\x00\x00\x00\x00\x00\x00\x00{}", "checksum"},
	} {
		if _, _, err := readAll(t, []byte(c.data)); err == nil || !strings.Contains(err.Error(), c.words) {
			t.Errorf("%q: %v, want words with %q", c.data, err, c.words)
		}
	}
	for _, change := range []func(*recording.Header){
		func(h *recording.Header) { h.Seats = nil },
		func(h *recording.Header) { h.Owner = "nobody" },
		func(h *recording.Header) { h.Seat = 2 },
		func(h *recording.Header) { h.Owner = recording.OwnerRelay },
		func(h *recording.Header) { h.Options = []string{strings.Repeat("x", 1<<20)} },
	} {
		h := header(2)
		change(h)
		if _, err := recording.Start((&memory{}).open, h, 0, nil); err == nil {
			t.Errorf("the header %.200v is accepted", h)
		}
	}
}
