//go:build !js

package relay

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"

	"tandem/netcode/original"
	"tandem/netcode/socketio"
)

const (
	// defaultDataLimit is what all uploads together may take: ten thousand games of the largest size.
	defaultDataLimit = 10e9
	// maxName bounds a file's name in bytes, below what every file system takes, with room for an ending.
	maxName = 120
	// maxSame is how often one name may be taken.
	maxSame = 10_000
	// maxCells bounds a table: an upload of 1 MB has no more values, but short columns are padded.
	maxCells = 4_000_000
)

// store keeps uploads as the original does: in a folder for every scene a table per subject, and what
// its page said about itself beside it.
//
//	DIR/<scene>/<subject>.csv             the record of a game, or answers
//	DIR/<scene>/<subject>_globals.json
//	DIR/<scene>/<subject>.msgpack         instead of the table, where a record is none
//
// A file is written under another name first and is either there as a whole or not at all. None is
// ever overwritten: a second upload of a subject gets the name <subject>-2.
type store struct {
	dir   string
	limit int64

	mu   sync.Mutex
	used int64
}

func newStore(dir string, limit int64) *store {
	if limit <= 0 {
		limit = defaultDataLimit
	}
	return &store{dir: dir, limit: limit}
}

// CheckData makes the folder for uploads and tells whether it can be written to: better now than after
// the first game.
func (o *OriginalOptions) CheckData() error {
	if o == nil || o.Data == "" {
		return nil
	}
	if err := os.MkdirAll(o.Data, 0o755); err != nil {
		return fmt.Errorf("cannot make the folder (%w): choose another", err)
	}
	f, err := os.CreateTemp(o.Data, ".*.part")
	if err != nil {
		return fmt.Errorf("cannot write there (%w): choose another folder", err)
	}
	return errors.Join(f.Close(), os.Remove(f.Name()))
}

// save writes an upload and answers where; "" where nothing is kept.
func (s *store) save(u *original.Upload) (string, error) {
	if s.dir == "" {
		return "", nil
	}
	ending, data := ".csv", []byte(nil)
	var err error
	if u.Game == nil {
		data, err = answersTable(u.Answers)
	} else if data, err = gameTable(u.Game); err != nil {
		ending, data, err = ".msgpack", u.Game, nil
	}
	if err != nil {
		return "", err
	}
	globals := u.Globals.AppendJSON(nil)
	s.mu.Lock()
	defer s.mu.Unlock()
	size := int64(len(data) + len(globals))
	if s.used+size > s.limit {
		return "", fmt.Errorf("uploads have taken %d bytes since the relay started, more are not kept", s.used)
	}
	dir := filepath.Join(s.dir, fileName(u.SceneID))
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	base, err := reserve(dir, fileName(u.Subject), ending)
	if err != nil {
		return "", err
	}
	s.used += size
	if err := replace(base+"_globals.json", globals); err != nil {
		return "", err
	}
	return base + ending, replace(base+ending, data)
}

// reserve finds a name that nobody has and takes it with an empty file.
func reserve(dir, name, ending string) (base string, err error) {
	for n := 1; n <= maxSame; n++ {
		base = filepath.Join(dir, name)
		if n > 1 {
			base += "-" + strconv.Itoa(n)
		}
		f, err := os.OpenFile(base+ending, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
		if err == nil {
			return base, f.Close()
		}
		if !errors.Is(err, fs.ErrExist) {
			return "", err
		}
	}
	return "", fmt.Errorf("there are %d files of %s already", maxSame, name)
}

// replace writes a file as a whole: what a crash leaves behind ends in .part.
func replace(path string, data []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".*.part")
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err == nil {
		err = f.Sync()
	}
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err == nil {
		err = os.Chmod(f.Name(), 0o644)
	}
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return nil
}

// fileName makes a name of an id that a stranger chose: letters, digits, -, _ and inner dots stay,
// every other byte becomes %XX. So no two ids share a name (but for very long ones, whose names are
// cut), none leaves its folder, and none means anything to an operating system.
func fileName(id string) string {
	var b strings.Builder
	for i := 0; i < len(id); i++ {
		c := id[i]
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '-', c == '_',
			c == '.' && i > 0 && i < len(id)-1:
			b.WriteByte(c)
		default:
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	name := b.String()
	name = name[:min(len(name), maxName)]
	stem, _, _ := strings.Cut(strings.ToUpper(name), ".")
	switch stem {
	case "", "CON", "PRN", "AUX", "NUL":
		return "_" + name
	}
	if len(stem) == 4 && (strings.HasPrefix(stem, "COM") || strings.HasPrefix(stem, "LPT")) {
		return "_" + name // a device, to Windows
	}
	return name
}

// gameTable makes a table of a record: every list is a column under its dotted name, what is not a
// list a column of one value. Columns are padded with nothing to the length of the longest.
func gameTable(record []byte) ([]byte, error) {
	v, err := socketio.MsgpackValue(record)
	if err != nil {
		return nil, err
	}
	if v.Kind() != socketio.Map {
		return nil, fmt.Errorf("a record must be a map, not a %s", v.Kind())
	}
	var t sheet
	t.add("", v)
	return t.encode()
}

// answersTable makes a table of one row.
func answersTable(answers socketio.Value) ([]byte, error) {
	var t sheet
	for key, v := range answers.Fields {
		t.columns = append(t.columns, column{key, []string{cell(v)}})
	}
	return t.encode()
}

type column struct {
	name  string
	cells []string
}

type sheet struct{ columns []column }

func (t *sheet) add(name string, v socketio.Value) {
	switch v.Kind() {
	case socketio.Map:
		for key, field := range v.Fields {
			if name != "" {
				key = name + "." + key
			}
			t.add(key, field)
		}
	case socketio.Array:
		c := column{name: name}
		for item := range v.Items {
			c.cells = append(c.cells, cell(item))
		}
		t.columns = append(t.columns, c)
	default:
		t.columns = append(t.columns, column{name, []string{cell(v)}})
	}
}

// cell writes a value: a text as it is, null as nothing, everything else as JSON.
func cell(v socketio.Value) string {
	if v.IsNull() {
		return ""
	}
	if text, ok := v.Text(); ok {
		return text
	}
	return v.String()
}

func (t *sheet) encode() ([]byte, error) {
	rows := 0
	for i := range t.columns {
		rows = max(rows, len(t.columns[i].cells))
	}
	if rows*len(t.columns) > maxCells {
		return nil, fmt.Errorf("a table of %d columns and %d rows is too large", len(t.columns), rows)
	}
	var out bytes.Buffer
	w := csv.NewWriter(&out)
	line := make([]string, len(t.columns))
	for i := range t.columns {
		line[i] = t.columns[i].name
	}
	err := w.Write(line)
	for row := 0; row < rows && err == nil; row++ {
		for i := range t.columns {
			line[i] = ""
			if c := t.columns[i].cells; row < len(c) {
				line[i] = c[row]
			}
		}
		err = w.Write(line)
	}
	w.Flush()
	return out.Bytes(), errors.Join(err, w.Error())
}
