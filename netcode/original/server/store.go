//go:build !js

package server

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"

	"tandem/netcode/original/lobby"
	"tandem/netcode/original/wire"
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
// All files of an upload are written under other names first, which begin with a dot and end in .part, and
// are then either there as a whole or not at all. None is ever overwritten: a second upload of a subject
// gets the name <subject>-2.
type store struct {
	dir    string
	limit  int64
	create func(dir string) (part, error) // makes a file under another name

	mu   sync.Mutex
	used int64
}

func newStore(dir string, limit int64) *store {
	if limit <= 0 {
		limit = defaultDataLimit
	}
	return &store{dir: dir, limit: limit, create: func(dir string) (part, error) { return os.CreateTemp(dir, ".*.part") }}
}

// part is a file while it is written. An *os.File is one.
type part interface {
	io.WriteCloser
	Sync() error
	Name() string
}

// CheckData makes the folder for uploads and tells whether it can be written to: better now than after
// the first game.
func (o *Options) CheckData() error {
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
func (s *store) save(u *lobby.Upload) (string, error) {
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
	path, err := s.keep(dir, fileName(u.Subject), file{ending, data}, file{"_globals.json", globals})
	if err == nil {
		s.used += size
	}
	return path, err
}

// file is what is kept of an upload under one ending of its name.
type file struct {
	ending string
	data   []byte
}

// keep writes files as a whole, and only when all of them are on the disk gives them the first name that
// nobody has. It answers where the first one is. Where anything fails nothing is left.
func (s *store) keep(dir, name string, files ...file) (path string, err error) {
	var parts []string
	defer func() {
		for _, part := range parts {
			if rerr := os.Remove(part); rerr != nil && !errors.Is(rerr, fs.ErrNotExist) {
				err = errors.Join(err, rerr)
			}
		}
	}()
	for _, f := range files {
		part, err := s.write(dir, f.data)
		if part != "" {
			parts = append(parts, part)
		}
		if err != nil {
			return "", err
		}
	}
	for n := 1; n <= maxSame; n++ {
		base := filepath.Join(dir, name)
		if n > 1 {
			base += "-" + strconv.Itoa(n)
		}
		err := nameAll(base, parts, files)
		if err == nil {
			return base + files[0].ending, nil
		}
		if !errors.Is(err, fs.ErrExist) {
			return "", err
		}
	}
	return "", fmt.Errorf("there are %d files of %s already", maxSame, name)
}

// write writes a file that has no name yet and answers where it is, also when that failed.
func (s *store) write(dir string, data []byte) (part string, err error) {
	f, err := s.create(dir)
	if err != nil {
		return "", err
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
	return f.Name(), err
}

// nameAll gives all parts their names, or none.
func nameAll(base string, parts []string, files []file) error {
	for i, f := range files {
		if err := nameOne(parts[i], base+f.ending); err != nil {
			for k, named := range files[:i] {
				// Back to the other name, which a link has left where it was.
				rerr := os.Rename(base+named.ending, parts[k])
				if gone := os.Remove(base + named.ending); rerr == nil && !errors.Is(gone, fs.ErrNotExist) {
					rerr = gone
				}
				err = errors.Join(err, rerr)
			}
			return err
		}
	}
	return nil
}

// nameOne names a file, unless there is one of that name. A link does that also where another program
// writes to the folder; not every file system has links.
func nameOne(part, path string) error {
	err := os.Link(part, path)
	if err == nil || errors.Is(err, fs.ErrExist) {
		return err
	}
	if _, err := os.Lstat(path); err == nil {
		return fs.ErrExist
	}
	return os.Rename(part, path)
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
	v, err := wire.MsgpackValue(record)
	if err != nil {
		return nil, err
	}
	if v.Kind() != wire.Map {
		return nil, fmt.Errorf("a record must be a map, not a %s", v.Kind())
	}
	var t sheet
	t.add("", v)
	return t.encode()
}

// answersTable makes a table of one row.
func answersTable(answers wire.Value) ([]byte, error) {
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

func (t *sheet) add(name string, v wire.Value) {
	switch v.Kind() {
	case wire.Map:
		for key, field := range v.Fields {
			if name != "" {
				key = name + "." + key
			}
			t.add(key, field)
		}
	case wire.Array:
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
func cell(v wire.Value) string {
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
