package main

import (
	"bytes"
	"encoding/csv"
	"slices"
	"strings"
	"testing"

	_ "tandem/env/all"
	"tandem/game/sim"
	"tandem/netcode/recording"
	"tandem/netcode/session/options"
)

// memory is a recording in memory.
type memory struct{ bytes.Buffer }

func (m *memory) Truncate(n int64) error { m.Buffer.Truncate(int(n)); return nil }
func (m *memory) Close() error           { return nil }

// What a page saves is opened by a click: a name in it is never a formula. What is missing is told.
func TestRowsOfAPage(t *testing.T) {
	cfg := options.DefaultConfig()
	if _, err := sim.Configure(&cfg, "testenv", nil); err != nil {
		t.Fatal(err)
	}
	file := &memory{}
	h := &recording.Header{Owner: recording.OwnerSeat, Options: cfg.Words(), Seats: []recording.Seat{{Agent: "agent_0", Name: "=cmd|' /C calc'!A0"}, {Agent: "agent_1", Name: "Bo"}}}
	w, err := recording.Start(func() (recording.File, error) { return file, nil }, h, 0, func(err error) { t.Error(err) })
	if err != nil {
		t.Fatal(err)
	}
	w.Reset(0, 1, 7)
	for range 20 {
		w.Bundle(0, []uint8{1, 1}, 0, 0, 0)
	}
	w.End(0, 0, 20, "")
	w.Close()
	<-w.Done()
	for _, c := range []struct {
		data []byte
		lack string
	}{{file.Bytes(), ""}, {file.Bytes()[:file.Len()-1], "cut off"}} {
		rows, lack, err := rowsOf(c.data)
		if err != nil {
			t.Fatal(err)
		}
		table, err := csv.NewReader(bytes.NewReader(rows)).ReadAll()
		if err != nil || len(table) != 21 {
			t.Fatal(len(table), err)
		}
		at := slices.Index(table[0], "player_subjects.agent_0")
		if got := table[1][at]; got != "'"+h.Seats[0].Name || table[1][at+1] != "Bo" {
			t.Errorf("the names are saved as %q", table[1][at:at+2])
		}
		if (lack == nil) != (c.lack == "") || lack != nil && !strings.Contains(lack.Error(), c.lack) {
			t.Errorf("missing is %v, want %q", lack, c.lack)
		}
	}
}
