//go:build !js

package programs

import (
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// replay runs tandem-replay and returns its exit code and what it says.
func replay(t *testing.T, args ...string) (code int, out, errs string) {
	t.Helper()
	p := begin(t, nil, "tandem-replay", args...)
	code = p.wait()
	return code, p.out.String(), p.errs.String()
}

// only returns the single file that matches.
func only(t *testing.T, pattern string) string {
	t.Helper()
	files, err := filepath.Glob(pattern)
	if err != nil || len(files) != 1 {
		t.Fatalf("%s: %v, %v", pattern, files, err)
	}
	return files[0]
}

// rowsOf exports a recording and returns its rows without the local columns.
func rowsOf(t *testing.T, file string, flags ...string) [][]string {
	t.Helper()
	code, out, errs := replay(t, append([]string{"export", file, "-o", "-"}, flags...)...)
	if code != 0 {
		t.Fatalf("exporting %s: %d, %s", file, code, errs)
	}
	rows, err := csv.NewReader(strings.NewReader(out)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	shared := make([][]string, len(rows))
	for k, name := range rows[0] {
		if !strings.HasPrefix(name, "local.") {
			for r := range rows {
				shared[r] = append(shared[r], rows[r][k])
			}
		}
	}
	return shared
}

// cutOff reads a recording that is not whole: each command says so and exits with 3, -partial accepts it.
// It returns how many frames could be played again and how many rows were exported.
func cutOff(t *testing.T, file string) (frames, rows int) {
	t.Helper()
	code, out, errs := replay(t, "verify", file)
	if _, err := fmt.Sscanf(out, file+": %d frames", &frames); err != nil || code != partial ||
		!strings.Contains(out, "All are equal as far as it goes.") || !strings.Contains(errs, fmt.Sprintf("cut off at frame %d of what was played", frames)) {
		t.Errorf("verify: %d, %v: %s%s", code, err, out, errs)
	}
	for _, args := range [][]string{{"info", file}, {"export", file}} {
		if code, _, errs := replay(t, args...); code != partial || !strings.Contains(errs, "cut off at frame") || !strings.Contains(errs, "-partial") {
			t.Errorf("%s: %d, %s", args[0], code, errs)
		}
	}
	if data, err := os.ReadFile(strings.TrimSuffix(file, filepath.Ext(file)) + ".csv"); err != nil || strings.Count(string(data), "\n") != frames+1 {
		t.Errorf("the rows that are there were not exported: %d bytes, %v", len(data), err)
	}
	for _, args := range [][]string{{"verify", file, "-partial"}, {"info", "-partial", file}} {
		if code, out, errs := replay(t, args...); code != 0 || !strings.Contains(out, "Note: the recording is cut off") {
			t.Errorf("%v: %d, %s%s", args, code, out, errs)
		}
	}
	return frames, len(rowsOf(t, file, "-partial")) - 1
}

// TestRecordings: two players, one over a bad line, and the relay record a match. All three can be
// verified, and their data are equal.
func TestRecordings(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	_, addr := relayServer(t, "-record", filepath.Join(dir, "relay"))
	files := []string{filepath.Join(dir, "a.tandem"), filepath.Join(dir, "b.tandem")}
	var peers []*process
	for i, name := range []string{"Ann", "Bob"} {
		args := []string{"-relay", addr, "-room", "rec", "-env", "slime", "-name", name, "-frames", "150", "-set", "countdown_ms=300",
			"-env-opt", "lives=2", "-record", files[i]}
		if i == 1 {
			args = append(args, "-net", "rtt=100ms,jitter=75ms")
		}
		p := begin(t, nil, "tandem-peer", args...)
		p.says(&p.errs, "of room rec")
		peers = append(peers, p)
	}
	for _, p := range peers {
		if code := p.wait(); code != 0 {
			t.Fatalf("exit code %d:\n%s", code, p.errs.String())
		}
	}
	files = append(files, only(t, filepath.Join(dir, "relay", "*.tandem")))
	for deadline := time.Now().Add(patience); ; time.Sleep(20 * time.Millisecond) { // the relay's disk may be behind the players
		if _, out, _ := replay(t, "info", files[2]); strings.Contains(out, "The recording is whole") || time.Now().After(deadline) {
			break
		}
	}
	var want [][]string
	for _, file := range files {
		if code, out, errs := replay(t, "verify", file); code != 0 || !strings.Contains(out, "150 frames of slime") || !strings.Contains(out, "All are equal") {
			t.Errorf("verify %s: %d, %s%s", file, code, out, errs)
		}
		if code, out, errs := replay(t, "info", file); code != 0 || !strings.Contains(out, "(Bob)") || !strings.Contains(out, "150 (0 to 149)") || !strings.Contains(out, "end (ok)") || !strings.HasSuffix(out, "\nThe recording is whole.\n") {
			t.Errorf("info %s: %d, %s%s", file, code, out, errs)
		}
		rows := rowsOf(t, file)
		if want == nil {
			want = rows
		}
		if len(rows) != 151 || len(want) != len(rows) {
			t.Fatalf("%s has %d rows", file, len(rows))
		}
		for r := range rows {
			if a, b := strings.Join(rows[r], ","), strings.Join(want[r], ","); a != b {
				t.Fatalf("row %d of %s is %s, that of %s is %s", r, file, a, files[0], b)
			}
		}
	}
	out := filepath.Join(dir, "a.parquet")
	if code, _, errs := replay(t, "export", files[0], "-o", out); code != 0 {
		t.Errorf("parquet: %d, %s", code, errs)
	}
	if data, err := os.ReadFile(out); err != nil || len(data) < 1000 || string(data[:4]) != "PAR1" || string(data[len(data)-4:]) != "PAR1" {
		t.Errorf("the parquet file has %d bytes, %v", len(data), err)
	}
	// Nothing is overwritten: neither by a second recording nor by an export.
	p := begin(t, nil, "tandem-peer", "-relay", "embedded", "-env", "slime", "-players", "1", "-record", files[0])
	if code := p.wait(); code != usage {
		t.Errorf("exit code %d: %s", code, p.errs.String())
	}
	if code, _, errs := replay(t, "export", files[0], "-o", files[1]); code != usage || !strings.Contains(errs, "that is a recording") {
		t.Errorf("an export over a recording: %d, %s", code, errs)
	}
}

// TestDesyncIsTold plays the environment that drifts on purpose: the exit status, the reports and the
// recordings name where the games parted.
func TestDesyncIsTold(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	p := begin(t, nil, "tandem-peer", "-relay", "embedded", "-env", "testenv", "-env-opt", "drift=40", "-frames", "75",
		"-set", "countdown_ms=0", "-delay", "30", "-record", filepath.Join(dir, "d.tandem"))
	if code := p.wait(); code != failed || !strings.Contains(p.errs.String(), "final states differ") || !strings.Contains(p.errs.String(), "tandem-desync-") {
		t.Fatalf("exit code %d:\n%s", code, p.errs.String())
	}
	// The states after frame 59 are compared, and on a busy machine others before: slow frames ask for it.
	files, err := filepath.Glob(filepath.Join(dir, "tandem-desync-*-seat0-frame*.json"))
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	_, text, _ := strings.Cut(slices.Min(files), "-frame") // their names begin with the time
	frame, err := strconv.Atoi(strings.TrimSuffix(text, ".json"))
	if err != nil || frame < 39 || frame > 59 {
		t.Fatalf("the first of %q is of frame %d, %v", files, frame, err)
	}
	report := func(seat int) string {
		return only(t, filepath.Join(dir, fmt.Sprintf("tandem-desync-*-seat%d-frame%d.json", seat, frame)))
	}
	one, other := report(0), report(1)
	code, out, errs := replay(t, "info", one)
	for _, words := range []string{fmt.Sprint("After frame ", frame), "the environment is not deterministic", "What differs: floats", "1 value that differs is marked", "\n*   floats.float[2]", "seat 1, agent_1", fmt.Sprintf("frame %d ", frame), fmt.Sprintf("The last %d bundles", min(frame+1, 60))} {
		if code != 0 || !strings.Contains(out, words) {
			t.Fatalf("info: %d, want words with %q:\n%s%s", code, words, out, errs)
		}
	}
	code, out, errs = replay(t, "info", one, other)
	marked := 0
	for line := range strings.SplitSeq(out, "\n") {
		if strings.HasPrefix(line, "*") {
			marked++
			if !strings.HasPrefix(line, "*   floats.float[2]") || len(strings.Fields(line)) != 4 {
				t.Errorf("marked as different: %q", line)
			}
		}
	}
	if code != 0 || marked != 1 {
		t.Errorf("info of both: %d, %d values marked:\n%s%s", code, marked, out, errs)
	}
	if code, _, errs := replay(t, "verify", filepath.Join(dir, "d-1.tandem")); code != failed || !strings.Contains(errs, fmt.Sprint("after frame ", frame)) || !strings.Contains(errs, `"floats"`) {
		t.Errorf("verify: %d, %s", code, errs)
	}
}

// TestSyncTest: what is deterministic passes, what is not is named.
func TestSyncTest(t *testing.T) {
	t.Parallel()
	p := begin(t, nil, "tandem-peer", "-sync-test", "-env", "overcooked/cramped_room")
	if code := p.wait(); code != 0 || !strings.Contains(p.errs.String(), "1350 frames") {
		t.Errorf("%d: %s", code, p.errs.String())
	}
	p = begin(t, nil, "tandem-peer", "-sync-test", "-env", "testenv", "-env-opt", "drift=40")
	p.sentence(failed, `frame 39, stepped again from its snapshot: section "floats", floats.float[2]: `)
}

// TestWrongReplays: each ends in one sentence.
func TestWrongReplays(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write := func(name, data string) string {
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, []byte(data), 0o644); err != nil {
			t.Fatal(err)
		}
		return file
	}
	text, empty, future := write("notes.txt", "frame,actions\n"), write("empty.tandem", ""), write("future.tandem", "tandem recording 7\n")
	torn, json := write("torn.tandem", "tandem recording 1\n\x01"), write("report.json", "{}")
	for _, c := range []struct {
		code  int
		args  []string
		words string
	}{
		{usage, nil, "say what to do"},
		{usage, []string{"play", text}, `no command "play"`},
		{usage, []string{"verify"}, "needs one recording"},
		{usage, []string{"verify", text, text}, "needs one recording"},
		{usage, []string{"verify", text, "-format", "csv"}, "-format"},
		{usage, []string{"verify", filepath.Join(dir, "missing")}, "no such file"},
		{usage, []string{"verify", dir}, "folder"},
		{usage, []string{"export", text, "-format", "xml"}, "csv or parquet"},
		{failed, []string{"verify", text}, "not a recording"},
		{failed, []string{"info", empty}, "is empty"},
		{failed, []string{"verify", empty}, "before its header"},
		{failed, []string{"export", torn}, "cut off"},
		{failed, []string{"export", torn, "-partial"}, "cut off"}, // nothing of it can be used
		{failed, []string{"verify", future}, "update this program"},
		{failed, []string{"info", json}, "not a desync report"},
		{usage, []string{"info", text, text}, "not a desync report"},
	} {
		begin(t, nil, "tandem-replay", c.args...).sentence(c.code, c.words)
	}
}
