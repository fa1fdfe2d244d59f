package recording_test

import (
	"bytes"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"tandem/netcode/recording"
)

func desyncReport() *recording.DesyncReport {
	return &recording.DesyncReport{Header: *header(2), Written: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), Epoch: 1, Frame: 29,
		Differing: []int{0, 1}, Sections: []string{"floats"}, Own: []byte{1, 2, 3}, Other: []byte{1, 2, 4}, OtherOf: "seat 1",
		Fields:  []recording.Field{{Name: "floats.float[2]", Own: "0.25", Other: "0.5", Differs: true}},
		Bundles: []recording.ReportBundle{{Frame: 29, Actions: []int{1, 0}, Substituted: []int{1}}}, Words: "The states differ."}
}

func TestDesyncReportIsReadAgain(t *testing.T) {
	want := desyncReport()
	data, err := want.Encode()
	if err != nil {
		t.Fatal(err)
	}
	got, err := recording.ReadDesyncReport(bytes.NewReader(data))
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%v\n%+v, want\n%+v", err, got, want)
	}
}

// TestDesyncReportIsBounded: however large a state is, a report can be read again, and what differs
// comes first.
func TestDesyncReportIsBounded(t *testing.T) {
	r := desyncReport()
	r.Own, r.Other = make([]byte, recording.MaxState), make([]byte, recording.MaxState)
	r.Fields, r.Bundles = nil, nil
	for i := range recording.MaxState {
		r.Fields = append(r.Fields, recording.Field{Name: fmt.Sprintf("a.long.name.of.a.field[row %d column %d]", i, i), Own: "0.12345678901234567", Other: "0.12345678901234567"})
	}
	r.Fields[recording.MaxState-1].Differs = true
	for i := range 200 {
		r.Bundles = append(r.Bundles, recording.ReportBundle{Frame: uint32(i), Actions: make([]int, 16), Substituted: make([]int, 16)})
	}
	data, err := r.Encode()
	if err != nil {
		t.Fatal(err)
	}
	got, err := recording.ReadDesyncReport(bytes.NewReader(data))
	if err != nil {
		t.Fatalf("%d bytes: %v", len(data), err)
	}
	if len(got.Bundles) != recording.ReportBundles || got.Bundles[recording.ReportBundles-1].Frame != 199 || !got.Fields[0].Differs {
		t.Errorf("%d bundles up to frame %d, first field %+v", len(got.Bundles), got.Bundles[len(got.Bundles)-1].Frame, got.Fields[0])
	}
	r.Own = append(r.Own, 0)
	if _, err := r.Encode(); err == nil {
		t.Error("a state that is too large is written")
	}
}

func TestDesyncReportRefuses(t *testing.T) {
	good, err := desyncReport().Encode()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ data, words string }{
		{"", "not a desync report"},
		{"{}", "not a desync report"},
		{"[1]", "not a desync report"},
		{string(good[:len(good)/2]), "damaged"},
		{strings.Replace(string(good), `"tandem_desync_report": 1`, `"tandem_desync_report": 2`, 1), "update this program"},
		{strings.Replace(string(good), `"owner": "seat"`, `"owner": "cat"`, 1), "owner"},
		{strings.Repeat(" ", 3<<20), "more than"},
	} {
		if _, err := recording.ReadDesyncReport(strings.NewReader(c.data)); err == nil || !strings.Contains(err.Error(), c.words) {
			t.Errorf("%.60q: %v, want words with %q", c.data, err, c.words)
		}
	}
}

func FuzzDesyncReport(f *testing.F) {
	data, err := desyncReport().Encode()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := recording.ReadDesyncReport(bytes.NewReader(data))
		if err != nil {
			return
		}
		if _, err := r.Encode(); err != nil {
			t.Errorf("what was read cannot be written: %v", err)
		}
	})
}
