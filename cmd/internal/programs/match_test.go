//go:build !js

package programs

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tandem/game/client"
)

// TestEmbedded plays everything in one process.
func TestEmbedded(t *testing.T) {
	file := filepath.Join(t.TempDir(), "f.json")
	// The longest delay there is, far above what a busy machine makes of its timers: no input is late but
	// where everything stands still.
	p := begin(t, nil, "tandem-peer", "-relay", "embedded", "-players", "2", "-env", "slime", "-bot", "random",
		"-frames", "90", "-delay", "30", "-report", file)
	if code := p.wait(); code != 0 {
		t.Fatalf("exit code %d:\n%s", code, p.errs.String())
	}
	r := readReport(t, file)
	if len(r.Seats) != 2 || r.Machine.OS == "" || r.Relay.Address == "" {
		t.Fatalf("the report is %+v", r)
	}
	for i, s := range r.Seats {
		if s.Seat != i || s.Frames != 90 || s.Desyncs != 0 || s.Substituted != 0 && s.Stalls.Count == 0 || s.End != "ok" || s.FinalHash == "" || s.FinalHash != r.Seats[0].FinalHash || s.Verified < 2 {
			t.Errorf("seat %d reports %+v", i, s)
		}
	}
	if p.out.String() != "" || strings.Count(p.errs.String(), "\n") != 5 {
		t.Errorf("it says:\n%s%s, want the seed, and a verdict and a line of figures per seat", p.out.String(), p.errs.String())
	}
}

// TestEmbeddedQueueMode plays the original's way in one process: page visit, scenes, waiting room, game,
// upload.
func TestEmbeddedQueueMode(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "f.json")
	p := begin(t, nil, "tandem-peer", "-relay", "embedded", "-mode", "queue", "-frames", "90", "-delay", "30", "-report", file)
	if code := p.wait(); code != 0 {
		t.Fatalf("exit code %d:\n%s", code, p.errs.String())
	}
	for i, s := range readReport(t, file).Seats {
		if s.Frames != 90 || s.Desyncs != 0 || s.End != "ok" || s.QueueMode == nil || s.QueueMode.Original || s.QueueMode.Invalid != 0 ||
			s.Bytes.ByType["pyodide_player_action"] == 0 || s.Bytes.ByType["emit_remote_game_data"] == 0 || s.Bytes.ByType["pyodide_state_hash"] != 0 {
			t.Errorf("player %d reports %+v, %+v", i, s, s.QueueMode)
		}
	}
}

// TestSeedRepeats plays the same seed twice: equal matches. Idle players send the same whenever
// they are asked, so that the seed alone decides.
func TestSeedRepeats(t *testing.T) {
	t.Parallel()
	hash := func(seed string) string {
		file := filepath.Join(t.TempDir(), "f.json")
		p := begin(t, nil, "tandem-peer", "-relay", "embedded", "-env", "testenv", "-bot", "idle", "-seed", seed,
			"-frames", "30", "-set", "countdown_ms=0", "-report", file)
		if code := p.wait(); code != 0 {
			t.Fatalf("exit code %d:\n%s", code, p.errs.String())
		}
		return readReport(t, file).Seats[0].FinalHash
	}
	if a, b, c := hash("7"), hash("7"), hash("8"); a != b || a == c {
		t.Errorf("seed 7 gives %s and %s, seed 8 gives %s", a, b, c)
	}
}

// TestReportToStandardOutput keeps standard output free of everything else.
func TestReportToStandardOutput(t *testing.T) {
	t.Parallel()
	p := begin(t, nil, "tandem-peer", "-relay", "embedded", "-players", "3", "-env", "testenv", "-frames", "10", "-set", "countdown_ms=0", "-report", "-")
	if code := p.wait(); code != 0 {
		t.Fatalf("exit code %d:\n%s", code, p.errs.String())
	}
	file := filepath.Join(t.TempDir(), "f.json")
	if err := os.WriteFile(file, []byte(p.out.String()), 0o644); err != nil {
		t.Fatal(err)
	}
	if r := readReport(t, file); len(r.Seats) != 3 || r.Seats[2].Frames != 10 {
		t.Errorf("the report is %+v", r)
	}
}

// TestReportPage asks for the report as a page: it is whole, and says how it went.
func TestReportPage(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "out.html")
	p := begin(t, nil, "tandem-peer", "-relay", "embedded", "-env", "testenv", "-frames", "60", "-set", "countdown_ms=0", "-report", file)
	if code := p.wait(); code != 0 {
		t.Fatalf("exit code %d:\n%s", code, p.errs.String())
	}
	page, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"<!DOCTYPE html>", "All states were the same", "<svg", "</html>"} {
		if !strings.Contains(string(page), want) {
			t.Errorf("%q is not on the page", want)
		}
	}
	if left, err := filepath.Glob(filepath.Join(filepath.Dir(file), "*")); err != nil || len(left) != 1 {
		t.Errorf("beside the report there is %v, %v", left, err)
	}
}

// TestDesyncFails plays the environment that differs on purpose: exit 1, and the report tells.
func TestDesyncFails(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "f.json")
	p := begin(t, nil, "tandem-peer", "-relay", "embedded", "-env", "testenv", "-env-opt", "flaw=1", "-frames", "60", "-desync", filepath.Dir(file), "-set", "countdown_ms=0", "-report", file)
	if code := p.wait(); code != failed || !strings.Contains(p.errs.String(), "differ") {
		t.Errorf("exit code %d:\n%s", code, p.errs.String())
	}
	for _, s := range readReport(t, file).Seats {
		if s.Desyncs == 0 || s.End != "desync" {
			t.Errorf("seat %d reports %d desyncs and the end %q", s.Seat, s.Desyncs, s.End)
		}
	}
}

// TestOneCannotPlay has one of two players in a process lose its line before the match: the other
// must not wait for ever.
func TestOneCannotPlay(t *testing.T) {
	t.Parallel()
	p := begin(t, nil, "tandem-peer", "-relay", "embedded", "-env", "slime", "-net", "drop=0s/10s,seat=1")
	p.sentence(failed, "")
}

// TestWindow plays with a bot in the window until a picture is saved.
func TestWindow(t *testing.T) {
	if os.Getenv("DISPLAY") == "" {
		t.Skip("this machine has no screen: DISPLAY is not set")
	}
	t.Parallel()
	dir := t.TempDir()
	picture, file := filepath.Join(dir, "a.png"), filepath.Join(dir, "f.json")
	p := begin(t, nil, "tandem", "-bot", "random", "-set", "countdown_ms=0", "-screenshot", picture, "-after", "6", "-report", file)
	if code := p.wait(); code != 0 || p.errs.String() != "" {
		t.Errorf("exit code %d:\n%s", code, p.errs.String())
	}
	if info, err := os.Stat(picture); err != nil || info.Size() == 0 {
		t.Errorf("no picture was saved: %v", err)
	}
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var r client.Report
	if err := json.Unmarshal(data, &r); err != nil {
		t.Fatal(err)
	}
	if r.Env != "slime" || r.Frames == 0 || r.Desyncs != 0 {
		t.Errorf("the report is %+v", r)
	}
}
