package recording_test

import (
	"testing"
	"time"

	"tandem/netcode/protocol"
	"tandem/netcode/recording"
)

// TestSteadyStateAllocatesNothing: recording leaves the garbage collector alone.
func TestSteadyStateAllocatesNothing(t *testing.T) {
	w, err := recording.Start(discard{}.open, header(2), 0, nil)
	if err != nil {
		t.Fatal(err)
	}
	w.Reset(0, 1, 9)
	feed := frames(w)
	for range 100_000 {
		feed()
	}
	if n := testing.AllocsPerRun(20_000, feed); n != 0 {
		t.Errorf("%v allocations per frame", n)
	}
	finish(t, w)
}

// discard is a disk that takes everything at once.
type discard struct{}

func (d discard) open() (recording.File, error) { return d, nil }

func (discard) Write(p []byte) (int, error) { return len(p), nil }
func (discard) Truncate(int64) error        { return nil }
func (discard) Close() error                { return nil }

// frames returns what a peer of two seats records per frame.
func frames(w *recording.Writer) func() {
	now := time.Duration(0)
	actions := []uint8{1, 2}
	h := recording.Hash{Total: 1, Count: 5}
	f := uint32(0)
	return func() {
		now += time.Second / 30
		flags := uint8(0)
		if f%30 == 29 {
			flags = protocol.FlagHash
		}
		w.Bundle(now, actions, 0, flags, 0)
		w.Delay(now, f, 80*ms, false)
		w.Latency(now, f, 1, 90*ms)
		if flags != 0 {
			w.Hash(now, f, 0, &h)
		}
		w.Tick(now)
		if f%300 == 0 {
			w.Drain()
		}
		f++
	}
}

// BenchmarkFrame is what a frame of two seats costs its peer, and how many bytes it takes.
func BenchmarkFrame(b *testing.B) {
	disk := &counter{}
	w, err := recording.Start(disk.open, header(2), 0, func(err error) { b.Fatal(err) })
	if err != nil {
		b.Fatal(err)
	}
	w.Reset(0, 1, 9)
	feed := frames(w)
	b.ReportAllocs()
	for b.Loop() {
		feed()
	}
	w.Close()
	<-w.Done()
	b.ReportMetric(float64(disk.n)/float64(b.N), "B/frame")
}

type counter struct {
	discard
	n int
}

func (c *counter) open() (recording.File, error) { return c, nil }

func (c *counter) Write(p []byte) (int, error) { c.n += len(p); return len(p), nil }
