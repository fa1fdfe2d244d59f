package client_test

import (
	"bytes"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"tandem/env"
	"tandem/game/client"
	"tandem/game/sim"
	"tandem/netcode/protocol"
	"tandem/netcode/recording"
	"tandem/netcode/session"
	"tandem/netcode/session/options"
)

// tape is a recording in memory. It can be full.
type tape struct {
	mu    sync.Mutex
	data  []byte
	limit int
}

var errFull = errors.New("no space left on device")

func (d *tape) Write(p []byte) (int, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.limit > 0 && len(d.data)+len(p) > d.limit {
		return 0, errFull
	}
	d.data = append(d.data, p...)
	return len(p), nil
}
func (d *tape) Truncate(n int64) error                         { d.data = d.data[:n]; return nil }
func (d *tape) Close() error                                   { return nil }
func (d *tape) open(*recording.Header) (recording.File, error) { return d, nil }

func (d *tape) replay(t *testing.T) *sim.Replay {
	t.Helper()
	p, cut := d.replayed(t)
	if cut != nil {
		t.Fatal(cut)
	}
	return p
}

// replayed plays the recording again, as far as it goes.
func (d *tape) replayed(t *testing.T) (*sim.Replay, *recording.Damage) {
	t.Helper()
	r, err := recording.NewReader(bytes.NewReader(d.data))
	if err != nil {
		t.Fatal(err)
	}
	p, err := sim.NewReplay(r)
	if err != nil {
		t.Fatal(err)
	}
	cut, err := p.Verify()
	if err != nil {
		t.Fatal(err)
	}
	return p, cut
}

// TestRecordsTheMatch: the recordings of both seats are whole, their hashes hold, and a connection
// that broke in between has left no hole.
func TestRecordsTheMatch(t *testing.T) {
	at(t, "testenv", []string{"episode_steps=100", "--", "frames=300"}, func(t *testing.T, tab *table) {
		var seats []*client.Client
		var ends []<-chan result
		tapes := []*tape{{}, {}}
		for i := range tapes {
			cfg := tab.config(i)
			cfg.Record = tapes[i].open
			s, end := tab.seat(cfg)
			seats, ends = append(seats, s), append(ends, end)
		}
		until(t, seats[1], "frame 100", frame(100))
		tab.cut(1)
		together(t, 300, seats, ends)
		for i, d := range tapes {
			p := d.replay(t)
			if c := p.Check; c.Frames != 300 || c.Different != 0 || c.Unknown != 0 || c.Compared != 10 || p.Header.Seat != i || p.Header.Seats[1].Name != "p1" {
				t.Errorf("seat %d: %+v of %+v", i, c, p.Header)
			}
			if err := seats[i].RecordErr(); err != nil {
				t.Error(err)
			}
		}
	})
}

// TestFullDiskStopsNobody: the match goes on and ends well; the recording holds what fitted, and the
// player is told.
func TestFullDiskStopsNobody(t *testing.T) {
	at(t, "testenv", []string{"--", "frames=200"}, func(t *testing.T, tab *table) {
		d := &tape{limit: 2500}
		cfg := tab.config(0)
		cfg.Record = d.open
		full, end := tab.seat(cfg)
		other, otherEnd := tab.seat(tab.config(1))
		v := until(t, full, "the notice", func(v *client.View) bool { return v.Notice != "" })
		if !strings.Contains(v.Notice, "play goes on") || !strings.Contains(v.Notice, "no space left") {
			t.Errorf("the notice is %q", v.Notice)
		}
		together(t, 200, []*client.Client{full, other}, []<-chan result{end, otherEnd})
		if err := full.RecordErr(); !errors.Is(err, errFull) {
			t.Errorf("the recording's error is %v", err)
		}
		if p, cut := d.replayed(t); cut == nil || p.Check.Different != 0 || p.Check.Frames < 30 {
			t.Errorf("the recording holds %+v, %v", p.Check, cut)
		}
	})
}

// TestDesyncIsReported plays the environment in which one number drifts: each peer's report names
// the frame, the section, the value, and holds the state and the bundles; the other's state, once it
// is there, shows both values.
func TestDesyncIsReported(t *testing.T) {
	at(t, "testenv", []string{"drift=100", "--", "frames=200"}, func(t *testing.T, tab *table) {
		var mu sync.Mutex
		kept := [2][]recording.DesyncReport{}
		var ends []<-chan result
		tapes := []*tape{{}, {}}
		for i := range 2 {
			cfg := tab.config(i)
			cfg.Record = tapes[i].open
			cfg.KeepDesync = func(r *recording.DesyncReport) (string, error) {
				mu.Lock()
				defer mu.Unlock()
				kept[i] = append(kept[i], *r)
				return "nowhere", nil
			}
			_, end := tab.seat(cfg)
			ends = append(ends, end)
		}
		for _, end := range ends {
			if r := <-end; r.code(t) != protocol.CodeDesync {
				t.Errorf("ended with %+v", r)
			}
		}
		mu.Lock()
		defer mu.Unlock()
		var last [2]recording.DesyncReport // the first report as it was in the end
		for i, list := range kept {
			versions := map[time.Time]int{}
			for _, r := range list {
				versions[r.Written]++
				if r.Written.Equal(list[0].Written) {
					last[i] = r
				}
			}
			if len(versions) != 3 {
				t.Fatalf("seat %d keeps %d reports, want 3 of the many", i, len(versions))
			}
			r := list[0]
			if r.Frame != 119 || r.Majority || len(r.Differing) != 2 || len(r.Sections) != 1 || r.Sections[0] != "floats" || r.Final {
				t.Errorf("seat %d: the verdict is frame %d, %v, %v", i, r.Frame, r.Differing, r.Sections)
			}
			if len(r.Bundles) != 60 || r.Bundles[0].Frame != 60 || r.Bundles[59].Frame != 119 || len(r.Bundles[0].Actions) != 2 {
				t.Errorf("seat %d: the bundles are %+v", i, r.Bundles)
			}
			if len(r.Own) == 0 || !strings.Contains(r.Words, "floats") || r.Header.Seat != i {
				t.Errorf("seat %d: the report is %q, with a state of %d bytes", i, r.Words, len(r.Own))
			}
		}
		// Who was wrong, and what both had, follows: one seat loads the other's state, which is shown
		// what it had.
		for i, r := range last {
			if len(r.Differing) != 1 || r.Judge == "" || !bytes.Equal(r.Other, kept[1-i][0].Own) {
				t.Errorf("seat %d: in the end %v differ, judged by %q; the other's state is %x, not %x (own %x)", i, r.Differing, r.Judge, r.Other, kept[1-i][0].Own, r.Own)
			}
		}
		if bytes.Equal(kept[0][0].Own, kept[1][0].Own) {
			t.Error("both states are equal")
		}
		fields, err := sim.DescribeStates(newSections(t), kept[0][0].Own, kept[1][0].Own)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range fields {
			if f.Differs != (f.Name == "floats.float[2]") {
				t.Errorf("%+v", f)
			}
		}
		for i, d := range tapes {
			first := d.replay(t).Check.First
			if first == nil || first.Frame != 119 || len(first.Sections) != 1 || first.Sections[0] != "floats" {
				t.Errorf("playing seat %d's recording again finds %v", i, first)
			}
		}
	})
}

// spoiler is an input device that damages its own match once, as a fault of memory would.
type spoiler struct {
	session.Sampler
	match *sim.Match
	at    uint32
	done  bool
}

func (s *spoiler) Sample() int {
	if s.match.Begun() && s.match.Frame() >= s.at && !s.done {
		s.done = true
		state := s.match.AppendState(nil)
		_, rest, _ := env.NextSection(state) // match
		_, rest, _ = env.NextSection(rest)   // clock
		rest[2] ^= 1                         // words: the lowest bit of the first
		if err := s.match.SetState(state); err != nil {
			panic(err)
		}
	}
	return s.Sampler.Sample()
}

// TestOutlierIsNamed: one state of three is damaged. Everybody's report names that seat, and the
// recordings of the two others hold.
func TestOutlierIsNamed(t *testing.T) {
	at(t, "testenv", []string{"seats=3", "--", "frames=120"}, func(t *testing.T, tab *table) {
		var mu sync.Mutex
		first := [3]*recording.DesyncReport{}
		var ends []<-chan result
		tapes := []*tape{{}, {}, {}}
		for i := range 3 {
			cfg := tab.config(i)
			cfg.Record = tapes[i].open
			cfg.KeepDesync = func(r *recording.DesyncReport) (string, error) {
				mu.Lock()
				defer mu.Unlock()
				if first[i] == nil || r.Frame < first[i].Frame {
					first[i] = r
				}
				return "nowhere", nil
			}
			if i == 2 {
				input := cfg.Input
				cfg.Input = func(m *sim.Match, seat int) (session.Sampler, error) {
					s, err := input(m, seat)
					return &spoiler{Sampler: s, match: m, at: 40}, err
				}
			}
			_, end := tab.seat(cfg)
			ends = append(ends, end)
		}
		for _, end := range ends {
			<-end
		}
		mu.Lock()
		defer mu.Unlock()
		for i, r := range first {
			if r == nil || r.Frame != 59 || !r.Majority || len(r.Differing) != 1 || r.Differing[0] != 2 || !strings.Contains(r.Words, "that of seat 2 differs") {
				t.Errorf("seat %d reports %+v", i, r)
			}
			found := tapes[i].replay(t).Check.First
			if (found == nil) != (i < 2) || found != nil && (found.Frame != 59 || found.Seat != 2) {
				t.Errorf("playing seat %d's recording again finds %v", i, found)
			}
		}
	})
}

// TestFinalDesyncIsReported: where only the end of the match shows that the states differ, there is a
// report of the last frame.
func TestFinalDesyncIsReported(t *testing.T) {
	at(t, "testenv", []string{"drift=50", "--", "frames=55"}, func(t *testing.T, tab *table) {
		reports := make(chan recording.DesyncReport, 10)
		for i := range 2 {
			cfg := tab.config(i)
			cfg.KeepDesync = func(r *recording.DesyncReport) (string, error) { reports <- *r; return "nowhere", nil }
			_, end := tab.seat(cfg)
			defer func() { <-end }()
		}
		for range 2 {
			if r := <-reports; r.Frame != 54 || !r.Final || len(r.Own) == 0 || len(r.Bundles) != 55 {
				t.Errorf("the report is of frame %d, final %v, with %d bytes and %d bundles", r.Frame, r.Final, len(r.Own), len(r.Bundles))
			}
		}
	})
}

// TestOtherStateCompletesAReport: the state of another side makes the report name both values.
func TestOtherStateCompletesAReport(t *testing.T) {
	at(t, "testenv", []string{"drift=20", "--", "frames=90"}, func(t *testing.T, tab *table) {
		reports := make(chan recording.DesyncReport, 10)
		own := make(chan []byte, 10)
		cfg := tab.config(0)
		cfg.KeepDesync = func(r *recording.DesyncReport) (string, error) { reports <- *r; return "nowhere", nil }
		c, end := tab.seat(cfg)
		cfg = tab.config(1)
		cfg.KeepDesync = func(r *recording.DesyncReport) (string, error) { own <- r.Own; return "nowhere", nil }
		_, otherEnd := tab.seat(cfg)
		first := <-reports
		c.OtherState(first.Frame, "seat 1", <-own)
		c.OtherState(first.Frame+1, "seat 1", nil) // of no report
		r := <-reports
		for r.Other == nil {
			r = <-reports
		}
		if r.Written != first.Written || r.OtherOf != "seat 1" || len(r.Sections) != 1 {
			t.Errorf("the report is %+v", r)
		}
		differ := 0
		for _, f := range r.Fields {
			if f.Differs {
				differ++
				if f.Name != "floats.float[2]" || f.Own == "" || f.Other == "" {
					t.Errorf("%+v", f)
				}
			}
		}
		if differ != 1 {
			t.Errorf("%d values differ", differ)
		}
		<-end
		<-otherEnd
	})
}

func TestSyncTestEndsTheMatch(t *testing.T) {
	at(t, "testenv", []string{"drift=50", "--", "frames=90"}, func(t *testing.T, tab *table) {
		cfg := tab.config(0)
		cfg.SyncTest = true
		_, end := tab.seat(cfg)
		_, otherEnd := tab.seat(tab.config(1))
		r := <-end
		if r.code(t) != protocol.CodeDesync || !strings.Contains(r.Text, "frame 49,") || !strings.Contains(r.Text, "floats.float[2]") {
			t.Errorf("ended with %+v", r.End)
		}
		<-otherEnd
	})
	at(t, "slime", []string{"--", "frames=90"}, func(t *testing.T, tab *table) {
		var seats []*client.Client
		var ends []<-chan result
		for i := range 2 {
			cfg := tab.config(i)
			cfg.SyncTest = true
			s, end := tab.seat(cfg)
			seats, ends = append(seats, s), append(ends, end)
		}
		together(t, 90, seats, ends)
	})
}

// newSections are those of a match of testenv.
func newSections(t *testing.T) []env.Section {
	t.Helper()
	cfg, err := options.ParseConfig(roomWords(t, "testenv", nil))
	if err != nil {
		t.Fatal(err)
	}
	m, err := sim.NewMatch(&cfg)
	if err != nil {
		t.Fatal(err)
	}
	return m.Sections()
}
