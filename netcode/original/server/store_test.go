//go:build !js

package server

import (
	"bytes"
	"encoding/csv"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/vmihailenco/msgpack/v5"

	"tandem/netcode/original/lobby"
	"tandem/netcode/original/wire"
)

// No id that a stranger chooses leads out of its folder, hides a file or names a device.
func TestUploadNames(t *testing.T) {
	for id, want := range map[string]string{
		"alice":                  "alice",
		"5f2b-99_x.Y":            "5f2b-99_x.Y",
		"":                       "_",
		".":                      "%2E",
		"..":                     "%2E%2E",
		".hidden":                "%2Ehidden",
		"../../etc/passwd":       "%2E.%2F..%2Fetc%2Fpasswd",
		`..\x`:                   `%2E.%5Cx`,
		"a/b":                    "a%2Fb",
		"a\x00b\n":               "a%00b%0A",
		"C:x":                    "C%3Ax",
		"con":                    "_con",
		"Nul.txt":                "_Nul.txt",
		"com1":                   "_com1",
		"computer":               "computer",
		"trailing.":              "trailing%2E",
		"a b%2E":                 "a%20b%252E",
		"żółw":                   "%C5%BC%C3%B3%C5%82w",
		strings.Repeat("x", 200): strings.Repeat("x", maxName),
	} {
		if got := fileName(id); got != want {
			t.Errorf("%q becomes %q, want %q", id, got, want)
		}
	}
}

func FuzzUploadName(f *testing.F) {
	for _, id := range []string{"alice", "../x", `\\host\share`, "CON.", "a\xffb", "%2e%2e"} {
		f.Add(id)
	}
	f.Fuzz(func(t *testing.T, id string) {
		name := fileName(id)
		if name == "" || len(name) > maxName+1 || name[0] == '.' || strings.ContainsAny(name, "/\\:\x00<>|*?\" ") || !filepath.IsLocal(name) {
			t.Errorf("%q becomes %q", id, name)
		}
	})
}

func record(t *testing.T, v any) []byte {
	t.Helper()
	b, err := msgpack.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// Nothing is overwritten, nothing is left half written, and what is no table is kept as it came.
func TestUploadsAreKept(t *testing.T) {
	dir := t.TempDir()
	s := newStore(dir, 0)
	save := func(u *lobby.Upload, want, content string) {
		t.Helper()
		path, err := s.save(u)
		if err != nil || path != filepath.Join(dir, "game", want) {
			t.Fatalf("saved as %q, %v; want %q", path, err, want)
		}
		if got, err := os.ReadFile(path); err != nil || string(got) != content {
			t.Errorf("%s holds %q, %v", want, got, err)
		}
	}
	globals := wire.MapValue(wire.Field{Key: "focus", Value: wire.BoolValue(true)})
	one := &lobby.Upload{SceneID: "game", Subject: "../alice", Game: record(t, map[string]any{"t": []any{1, 2.5, nil, "a,b"}}), Globals: globals}
	save(one, "%2E.%2Falice.csv", "t\n1\n2.5\n\n\"a,b\"\n")
	two := &lobby.Upload{SceneID: "game", Subject: "../alice", Game: record(t, map[string]any{"t": []int{9}}), Globals: globals}
	save(two, "%2E.%2Falice-2.csv", "t\n9\n")
	save(one, "%2E.%2Falice-3.csv", "t\n1\n2.5\n\n\"a,b\"\n")
	save(&lobby.Upload{SceneID: "game", Subject: "b", Game: []byte("no record")}, "b.msgpack", "no record")
	save(&lobby.Upload{SceneID: "game", Subject: "c", Game: record(t, []int{1})}, "c.msgpack", string(record(t, []int{1})))
	save(&lobby.Upload{SceneID: "game", Subject: "d", Answers: mustValue(t, `{"age":30,"why":"fun, mostly","list":[1,2]}`)}, "d.csv",
		"age,why,list\n30,\"fun, mostly\",\"[1,2]\"\n")
	if got, err := os.ReadFile(filepath.Join(dir, "game", "%2E.%2Falice-2_globals.json")); err != nil || string(got) != `{"focus":true}` {
		t.Errorf("the globals are %q, %v", got, err)
	}
	left, err := filepath.Glob(filepath.Join(dir, "game", ".*"))
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %q, %v", left, err)
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 1 {
		t.Errorf("beside the scene's folder there are %v, %v", entries, err)
	}
}

// smallDisk is a file on a disk that takes no more than what is left of it.
type smallDisk struct {
	*os.File
	left *int
}

var errFull = errors.New("no space left on device")

func (f smallDisk) Write(b []byte) (int, error) {
	n, err := f.File.Write(b[:min(len(b), *f.left)])
	*f.left -= n
	if err == nil && n < len(b) {
		err = errFull
	}
	return n, err
}

// A disk that is full leaves nothing of an upload, wherever it filled up, and takes no name away.
func TestUploadsOnAFullDisk(t *testing.T) {
	dir := t.TempDir()
	u := &lobby.Upload{SceneID: "game", Subject: "alice", Game: record(t, map[string]any{"t": []int{1, 2, 3}}),
		Globals: wire.MapValue(wire.Field{Key: "focus", Value: wire.BoolValue(true)})}
	const table, globals = "t\n1\n2\n3\n", `{"focus":true}`
	s := newStore(dir, 0)
	left := 0
	s.create = func(dir string) (part, error) {
		f, err := os.CreateTemp(dir, ".*.part")
		return smallDisk{f, &left}, err
	}
	for space := range len(table) + len(globals) {
		left = space
		if path, err := s.save(u); !errors.Is(err, errFull) || path != "" {
			t.Fatalf("with %d bytes left: %q, %v", space, path, err)
		}
		if files, err := os.ReadDir(filepath.Join(dir, "game")); err != nil || len(files) > 0 {
			t.Fatalf("with %d bytes left there is %v, %v", space, files, err)
		}
	}
	if s.used != 0 {
		t.Errorf("%d bytes are counted", s.used)
	}
	left = 1000
	if path, err := s.save(u); err != nil || filepath.Base(path) != "alice.csv" {
		t.Errorf("when there is room again: %q, %v", path, err)
	}
	// A name of which another file is taken is nobody's.
	for _, taken := range []string{"alice-2_globals.json", "alice-3.csv"} {
		if err := os.WriteFile(filepath.Join(dir, "game", taken), []byte("mine"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if path, err := s.save(u); err != nil || filepath.Base(path) != "alice-4.csv" {
		t.Errorf("beside others' files: %q, %v", path, err)
	}
	files, err := os.ReadDir(filepath.Join(dir, "game"))
	var names []string
	for _, f := range files {
		names = append(names, f.Name())
	}
	if want := "alice-2_globals.json alice-3.csv alice-4.csv alice-4_globals.json alice.csv alice_globals.json"; err != nil || strings.Join(names, " ") != want {
		t.Errorf("there are %q, %v", names, err)
	}
}

func mustValue(t *testing.T, text string) wire.Value {
	t.Helper()
	v, err := wire.JSONValue([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// The original's own kind of record: nested maps become dotted names, short columns are padded.
func TestUploadTable(t *testing.T) {
	v := mustValue(t, `{"observations":{},"actions":{"agent_left":[0,1],"agent_right":[2]},"infos":{"agent_left":{"x":[0.5,1e-7]}},"t":[0,1,2],"player_subjects":{"agent_left":"alice"},"none":null}`)
	got, err := gameTable(v.AppendMsgpack(nil))
	want := "actions.agent_left,actions.agent_right,infos.agent_left.x,t,player_subjects.agent_left,none\n0,2,0.5,0,alice,\n1,,1e-7,1,,\n,,,2,,\n"
	if err != nil || string(got) != want {
		t.Errorf("%q, %v; want %q", got, err, want)
	}
}

func TestUploadsAreLimited(t *testing.T) {
	s := newStore(t.TempDir(), 100)
	u := &lobby.Upload{SceneID: "game", Subject: "a", Game: record(t, map[string]any{"t": strings.Repeat("x", 60)})}
	if _, err := s.save(u); err != nil {
		t.Fatal(err)
	}
	if _, err := s.save(u); err == nil || !strings.Contains(err.Error(), "more are not kept") {
		t.Errorf("more than the limit: %v", err)
	}
	if path, err := newStore("", 0).save(u); path != "" || err != nil {
		t.Errorf("without a folder: %q, %v", path, err)
	}
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := newStore(file, 0).save(u); err == nil {
		t.Error("a file was taken for a folder")
	}
	if err := (&Options{Data: file}).CheckData(); err == nil || !strings.Contains(err.Error(), "choose another") {
		t.Errorf("a file as folder: %v", err)
	}
	// A short record that would pad to a huge table is kept as it is.
	wide := map[string]any{"long": make([]int, 100_000)}
	for i := range 200 {
		wide[string(rune('a'+i%26))+strings.Repeat("x", i/26)] = []int{}
	}
	path, err := newStore(t.TempDir(), 0).save(&lobby.Upload{SceneID: "game", Subject: "w", Game: record(t, wide)})
	if err != nil || !strings.HasSuffix(path, ".msgpack") {
		t.Errorf("a wide record is kept as %q, %v", path, err)
	}
}

// Whatever is uploaded makes a table that reads back, or none.
func FuzzUploadTable(f *testing.F) {
	f.Add([]byte{0x81, 0xa1, 't', 0x93, 1, 2, 3})
	f.Add([]byte{0x82, 0xa1, 'a', 0x80, 0xa1, 'b', 0x81, 0xa1, 'c', 0xc4, 1, 0xff})
	f.Fuzz(func(t *testing.T, data []byte) {
		table, err := gameTable(data)
		if err != nil {
			return
		}
		if _, err := csv.NewReader(bytes.NewReader(table)).ReadAll(); err != nil {
			t.Errorf("%x becomes %q: %v", data, table, err)
		}
	})
}
