//go:build !js

package main

import (
	"bytes"
	"encoding/csv"
	"io"
	"strconv"
	"testing"
	"time"

	"github.com/parquet-go/parquet-go"

	"tandem/game/sim"
	"tandem/netcode/recording"
	"tandem/netcode/session"
	"tandem/netcode/session/options"
)

// memory is a recording's file.
type memory struct{ bytes.Buffer }

func (m *memory) Truncate(n int64) error { m.Buffer.Truncate(int(n)); return nil }
func (m *memory) Close() error           { return nil }

// recorded makes a recording of a match of n frames, as a seat would.
func recorded(t *testing.T, n int, names ...string) []byte {
	t.Helper()
	cfg := options.DefaultConfig()
	spec, err := sim.Configure(&cfg, "testenv", nil)
	if err != nil {
		t.Fatal(err)
	}
	h := &recording.Header{Program: "test", Owner: recording.OwnerSeat, Seat: 1, Room: "r", Env: cfg.Env, Options: cfg.Words(),
		Began: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)}
	for i, a := range spec.Agents {
		name := "Zoë, \"" + a + "\""
		if i < len(names) {
			name = names[i]
		}
		h.Seats = append(h.Seats, recording.Seat{Agent: a, Name: name})
	}
	file := &memory{}
	w, err := recording.Start(func() (recording.File, error) { return file, nil }, h, 0, func(err error) { t.Error(err) })
	if err != nil {
		t.Fatal(err)
	}
	w.Reset(0, 1, 77)
	for f := range uint32(n) {
		at := session.FrameTime(int64(f) / 30) // a few blocks only: the test writes faster than any disk
		w.Bundle(at, []uint8{uint8(f % 7), uint8(f % 5)}, uint16(f/100%4), 0, 0)
		if f%3 == 0 {
			w.Delay(at, f, time.Duration(f)*100*time.Microsecond, f%2 == 1)
		}
	}
	w.Close()
	if err := w.Err(); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

func tableOf(t *testing.T, data []byte) *sim.Table {
	t.Helper()
	table, err := sim.NewTable(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	return table
}

// TestParquetHoldsWhatCSVHolds reads a Parquet file again: the same columns in the same order, and
// the same values, missing ones included.
func TestParquetHoldsWhatCSVHolds(t *testing.T) {
	const frames = 2500 // more than are written at a time
	data := recorded(t, frames)
	var text, binary bytes.Buffer
	if err := tableOf(t, data).WriteCSV(&text); err != nil {
		t.Fatal(err)
	}
	if err := writeParquet(tableOf(t, data), &binary); err != nil {
		t.Fatal(err)
	}
	want, err := csv.NewReader(&text).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	f, err := parquet.OpenFile(bytes.NewReader(binary.Bytes()), int64(binary.Len()))
	if err != nil {
		t.Fatal(err)
	}
	if header, ok := f.Lookup("tandem.session"); !ok || header == "" {
		t.Error("the file does not hold the session's header")
	}
	for i, c := range f.Root().Columns() {
		if c.Name() != want[0][i] {
			t.Errorf("column %d is %s, want %s", i, c.Name(), want[0][i])
		}
	}
	row := 1
	reader := parquet.NewReader(f)
	defer reader.Close()
	rows := make([]parquet.Row, 100)
	missing := 0
	for {
		n, err := reader.ReadRows(rows)
		for _, r := range rows[:n] {
			for k, v := range r {
				got := ""
				switch {
				case v.IsNull():
					missing++
				case v.Kind() == parquet.Boolean:
					got = map[bool]string{true: "True", false: "False"}[v.Boolean()]
				case v.Kind() == parquet.Double:
					got = strconv.FormatFloat(v.Double(), 'g', -1, 64)
				case v.Kind() == parquet.Int64:
					got = strconv.FormatInt(v.Int64(), 10)
				default:
					got = string(v.ByteArray())
				}
				if got != want[row][k] {
					t.Fatalf("row %d, column %s: %q, want %q", row, want[0][k], got, want[row][k])
				}
			}
			row++
		}
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	// testenv's episodes have 300 steps and holds of 10 frames; the match ends after three.
	if row != len(want) || row != 1+3*300+2*10 || missing == 0 {
		t.Errorf("%d rows, %d values are missing; CSV has %d rows", row, missing, len(want))
	}
}
