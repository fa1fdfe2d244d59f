package app

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tandem/netcode/recording"
	"tandem/netcode/session"
)

func TestRecordLimitIsRead(t *testing.T) {
	for text, want := range map[string]RecordLimit{
		"0": {}, "10GB": {Bytes: 10e9}, "500MB,oldest": {Bytes: 500e6, Oldest: true}, "1500": {Bytes: 1500}, "3kB": {Bytes: 3000},
	} {
		var l RecordLimit
		if err := l.Set(text); err != nil || l != want || l.String() != text {
			t.Errorf("%s is read as %+v and written as %s, %v", text, l, &l, err)
		}
	}
	for _, text := range []string{"", "GB", "-1", "1.5GB", "10 GB", "10GB,newest", "10GB,", "99999999999TB"} {
		if err := new(RecordLimit).Set(text); err == nil || !strings.Contains(err.Error(), "for example") {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// fill makes recordings of a thousand bytes each and answers why there were no more.
func fill(t *testing.T, dir string, limit RecordLimit, n int) (err error) {
	t.Helper()
	open, err := RecordFolder(dir, limit)
	for i := 0; i < n && err == nil; i++ {
		f, oerr := open(header("secret"))
		if oerr != nil {
			return oerr
		}
		_, err = f.Write(bytes.Repeat([]byte{byte(i)}, 1000))
		if cerr := f.Close(); cerr != nil {
			t.Fatal(cerr)
		}
	}
	return err
}

func held(t *testing.T, dir string) (files int, size int64) {
	t.Helper()
	list, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range list {
		info, err := os.Stat(file)
		if err != nil {
			t.Fatal(err)
		}
		if filepath.Ext(file) == RecordingExt {
			files, size = files+1, size+info.Size()
		}
	}
	return files, size
}

// A folder holds no more than its limit: there are no more recordings, which is said, also at the next
// start; or the oldest give way, and never one that is being written or another file.
func TestRecordLimit(t *testing.T) {
	dir := t.TempDir()
	limit := RecordLimit{Bytes: 5700}
	if err := fill(t, dir, limit, 9000); err == nil || !strings.Contains(err.Error(), "limit of 5700") || !strings.Contains(err.Error(), "move some away") {
		t.Errorf("a flood: %v", err)
	}
	if n, size := held(t, dir); n > 6 || size != 5000 {
		t.Errorf("%d files hold %d bytes", n, size)
	}
	if err := fill(t, dir, RecordLimit{Bytes: 5000}, 1); err == nil || !strings.Contains(err.Error(), "limit of 5kB") {
		t.Errorf("at the next start: %v", err)
	}
	other := filepath.Join(dir, "notes.txt")
	if err := os.WriteFile(other, make([]byte, 100_000), 0o644); err != nil {
		t.Fatal(err)
	}
	limit.Oldest = true
	open, err := RecordFolder(dir, limit)
	if err != nil {
		t.Fatal(err)
	}
	long, err := open(header("r"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := long.Write(make([]byte, 1000)); err != nil {
		t.Fatal(err)
	}
	if err := fill(t, dir, limit, 50); err != nil {
		t.Errorf("where the oldest give way: %v", err)
	}
	if n, size := held(t, dir); n > 6 || size > limit.Bytes {
		t.Errorf("%d files hold %d bytes", n, size)
	}
	if _, err := os.Stat(other); err != nil {
		t.Error(err)
	}
	if err := long.Close(); err != nil {
		t.Fatal(err)
	}
	if err := fill(t, t.TempDir(), RecordLimit{}, 20); err != nil {
		t.Errorf("without a limit: %v", err)
	}
}

// The oldest go first, and a recording in progress stays, however old it is.
func TestOldestGiveWay(t *testing.T) {
	dir := t.TempDir()
	for i := range 5 {
		file := filepath.Join(dir, fmt.Sprintf("%d.tandem", i))
		if err := os.WriteFile(file, make([]byte, 1000), 0o644); err != nil {
			t.Fatal(err)
		}
		at := time.Unix(1_000_000+int64(10*i), 0)
		if err := os.Chtimes(file, at, at); err != nil {
			t.Fatal(err)
		}
	}
	open, err := RecordFolder(dir, RecordLimit{Bytes: 6580, Oldest: true}) // of which 1 % is made free, and 512 are for its last words
	if err != nil {
		t.Fatal(err)
	}
	f, err := open(header("r"))
	if err != nil {
		t.Fatal(err)
	}
	name := f.(*limitedFile).Name()
	for _, want := range []string{"01234", "1234", "234", "34", "4", ""} {
		if _, err := f.Write(make([]byte, 1000)); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(name, time.Unix(0, 0), time.Unix(0, 0)); err != nil {
			t.Fatal(err)
		}
		left := ""
		for i := range 5 {
			if _, err := os.Stat(filepath.Join(dir, fmt.Sprintf("%d.tandem", i))); err == nil {
				left += fmt.Sprint(i)
			}
		}
		if left != want {
			t.Fatalf("%q are left, want %q", left, want)
		}
	}
	if _, err := f.Write(make([]byte, 1000)); err == nil {
		t.Error("one recording may be larger than the limit")
	}
	if err := f.Truncate(5000); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Write(make([]byte, 1000)); err != nil {
		t.Errorf("where it was cut there is room again: %v", err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}

// What gives way makes room for a while: a folder of many recordings is not looked through at every write.
func TestOldestGiveWayForAWhile(t *testing.T) {
	dir := t.TempDir()
	for i := range 1000 {
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("%d.tandem", i)), make([]byte, 100), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	open, err := RecordFolder(dir, RecordLimit{Bytes: 100_000, Oldest: true})
	if err != nil {
		t.Fatal(err)
	}
	f, err := open(header("r"))
	if err != nil {
		t.Fatal(err)
	}
	if n, size := held(t, dir); n < 975 || size > 99_000 {
		t.Errorf("when a recording begins %d files hold %d bytes", n, size)
	}
	for range 10 {
		if _, err := f.Write(make([]byte, 90)); err != nil {
			t.Fatal(err)
		}
	}
	if n, size := held(t, dir); n < 975 || size > 100_000 {
		t.Errorf("ten writes later %d files hold %d bytes", n, size)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}

// A recording that the limit ends says so itself, to whoever reads it later.
func TestLimitIsInTheRecording(t *testing.T) {
	dir := t.TempDir()
	limit := RecordLimit{Bytes: 6000}
	open, err := RecordFolder(dir, limit)
	if err != nil {
		t.Fatal(err)
	}
	h := header("r")
	var told error
	w, err := recording.Start(func() (recording.File, error) { return open(h) }, h, 0, func(err error) { told = err })
	if err != nil {
		t.Fatal(err)
	}
	w.Reset(0, 1, 7)
	for f := range 50 * 30 { // fewer seconds than what may wait for the disk
		w.Bundle(session.FrameTime(int64(f)), []uint8{1}, 1, 0, time.Second)
	}
	w.Close()
	if err := w.Err(); err == nil || told == nil || !strings.Contains(told.Error(), "limit of 6kB") {
		t.Errorf("it ended with %v, told %v", err, told)
	}
	n, size := held(t, dir)
	list, err := filepath.Glob(filepath.Join(dir, "*"+RecordingExt))
	if n != 1 || size > limit.Bytes || size < limit.Bytes/2 || err != nil {
		t.Fatalf("%d files hold %d bytes, %v", n, size, err)
	}
	data, err := os.ReadFile(list[0])
	if err != nil {
		t.Fatal(err)
	}
	r, err := recording.NewReader(bytes.NewReader(data))
	for err == nil {
		_, err = r.Next()
	}
	if d := new(recording.Damage); !errors.As(err, &d) || !d.Partial || !strings.Contains(d.Text, "reached their limit of 6kB") || strings.Contains(d.Text, "killed") {
		t.Errorf("reading it ends with %v", err)
	}
}

// Every recording in progress has room for its last words, however much the others write.
func TestLimitKeepsRoomForLastWords(t *testing.T) {
	dir := t.TempDir()
	limit := RecordLimit{Bytes: 10_000}
	open, err := RecordFolder(dir, limit)
	if err != nil {
		t.Fatal(err)
	}
	var files []recording.File
	for range 3 {
		f, err := open(header("r"))
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, f)
	}
	for _, f := range files {
		for err = nil; err == nil; {
			_, err = f.Write(make([]byte, 100))
		}
		if !strings.Contains(err.Error(), "limit of 10kB") {
			t.Errorf("%v", err)
		}
	}
	for i, f := range files {
		if _, err := f.Write(make([]byte, reserve)); err != nil {
			t.Errorf("recording %d cannot say why it ends: %v", i, err)
		}
		if _, err := f.Write(make([]byte, 10)); err == nil {
			t.Errorf("recording %d goes on", i)
		}
	}
	for _, f := range files {
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if n, size := held(t, dir); n != 3 || size > limit.Bytes || size < limit.Bytes-100 {
		t.Errorf("%d files hold %d bytes", n, size)
	}
}
