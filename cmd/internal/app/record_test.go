package app

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tandem/netcode/protocol"
	"tandem/netcode/recording"
)

func header(room string) *recording.Header {
	return &recording.Header{Program: "test", Protocol: protocol.Version, Owner: recording.OwnerSeat, Room: room,
		Seats: []recording.Seat{{Name: "Ann"}}, Began: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)}
}

func TestSafeName(t *testing.T) {
	for in, want := range map[string]string{
		"lusab-babad": "lusab-babad", "../../etc/passwd": "______etc_passwd", "": "room_", "con": "room_con", "NUL": "room_NUL", "com7": "room_com7", "rec": "rec",
		"-rf /": "_rf__", "a.b:c|d": "a_b_c_d", "Zoë’s room": "Zo__s_room", strings.Repeat("x", 300): strings.Repeat("x", 64),
	} {
		if got := SafeName(in); got != want {
			t.Errorf("SafeName(%q) is %q, want %q", in, got, want)
		}
	}
}

func TestRecordFolder(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a", "b")
	open, err := RecordFolder(dir, DefaultRecordLimit)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for range 3 {
		f, err := open(header("../room"))
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, filepath.Base(f.(*limitedFile).Name()))
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range names {
		if ok, err := filepath.Match("20260102-030405-????????.tandem", name); !ok || err != nil {
			t.Errorf("a recording is named %s, %v", name, err)
		}
	}
	if files, err := os.ReadDir(dir); err != nil || len(files) != 3 {
		t.Errorf("the folder holds %v, %v", files, err)
	}
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := RecordFolder(file, DefaultRecordLimit); err == nil || !strings.Contains(err.Error(), "-record") {
		t.Errorf("a file in the folder's place: %v", err)
	}
}

func TestCheckRecord(t *testing.T) {
	dir := t.TempDir()
	there := filepath.Join(dir, "there.tandem")
	if err := os.WriteFile(there, []byte("precious"), 0o644); err != nil {
		t.Fatal(err)
	}
	for file, words := range map[string]string{
		"": "", filepath.Join(dir, "new.tandem"): "", there: "exists", dir: "that is a folder",
		filepath.Join(dir, "missing", "x.tandem"): "folder that exists", filepath.Join(there, "x"): "cannot be written",
	} {
		err := CheckRecord(file, 1)
		if (words == "") != (err == nil) || err != nil && !strings.Contains(err.Error(), words) {
			t.Errorf("%q: %v, want words with %q", file, err, words)
		}
	}
	second := filepath.Join(dir, "two-1.tandem")
	if err := os.WriteFile(second, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := CheckRecord(filepath.Join(dir, "two.tandem"), 2); err == nil || !strings.Contains(err.Error(), second) {
		t.Errorf("the second player's file is there: %v", err)
	}
	if _, err := RecordFile(there)(header("r")); err == nil {
		t.Error("a file that is there is opened")
	}
	if data, err := os.ReadFile(there); err != nil || string(data) != "precious" {
		t.Errorf("the file that was there holds %q, %v", data, err)
	}
}

func TestSeatFile(t *testing.T) {
	for _, c := range []struct {
		file            string
		player, players int
		want            string
	}{
		{"out.tandem", 0, 1, "out.tandem"}, {"out.tandem", 1, 2, "out-1.tandem"}, {"d.x/out", 2, 3, "d.x/out-2"}, {"", 1, 2, ""},
	} {
		if got := SeatFile(c.file, c.player, c.players); got != c.want {
			t.Errorf("%+v: %q", c, got)
		}
	}
}

// TestDesyncFolder: a later version of a report takes the place of the first, and the folder keeps the
// newest reports only.
func TestDesyncFolder(t *testing.T) {
	d := &DesyncFolder{Dir: filepath.Join(t.TempDir(), "desync")}
	report := func(n int) *recording.DesyncReport {
		return &recording.DesyncReport{Header: *header("r"), Frame: uint32(n), Own: []byte{1}, Written: time.Date(2026, 1, 1, 0, n, 0, 0, time.UTC)}
	}
	r := report(0)
	where, err := d.Keep(r)
	if err != nil {
		t.Fatal(err)
	}
	r.Other = []byte{2}
	if again, err := d.Keep(r); err != nil || again != where {
		t.Errorf("%s, %v, want %s", again, err, where)
	}
	f, err := os.Open(where)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if got, err := recording.ReadDesyncReport(f); err != nil || len(got.Other) != 1 {
		t.Errorf("%+v, %v", got, err)
	}
	for n := 1; n < 70; n++ {
		if _, err := d.Keep(report(n)); err != nil {
			t.Fatal(err)
		}
	}
	files, err := filepath.Glob(filepath.Join(d.Dir, "*"))
	if err != nil || len(files) != keptDesyncs || !strings.HasSuffix(files[0], "frame20.json") {
		t.Errorf("%d files are kept, the first %s, %v", len(files), files[0], err)
	}
	if !strings.HasSuffix(files[len(files)-1], "frame69.json") {
		t.Errorf("the newest is %s", files[len(files)-1])
	}
}
