package sim

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"tandem/netcode/recording"
)

// A Table is a recording as rows of data, one per frame of the match, with the dotted column names
// of the original's data logger: actions.<agent>, rewards.<agent>, infos.<agent>.<key> …
//
// Two recordings of one match, whoever made them, give equal tables but for the columns whose names
// begin with "local.": those hold what only the owner of the recording can know.

// ColumnType is how a column's values are meant.
type ColumnType uint8

// The types of columns.
const (
	IntColumn ColumnType = iota
	FloatColumn
	BoolColumn
	TextColumn
)

// LocalPrefix begins the names of the columns that differ from one owner's recording to another's.
const LocalPrefix = "local."

// Column is one column of a table.
type Column struct {
	Name string
	Type ColumnType
}

// Local reports whether the column holds what only the owner of the recording knows.
func (c Column) Local() bool { return strings.HasPrefix(c.Name, LocalPrefix) }

// Cell is one value: of its column's type, or none.
type Cell struct {
	None  bool
	Int   int64
	Float float64
	Bool  bool
	Text  string
}

// pendingRows is for how many frames a row waits for the latencies that are measured after it was
// played: more than a peer remembers.
const pendingRows = 300

// Table reads rows from a replay.
type Table struct {
	Columns []Column
	// Replay is what the rows come from; its Check tells about hashes.
	Replay *Replay
	// Cut is set, at the end, when the file was cut off or damaged there, or is not proven to be whole.
	Cut *recording.Damage
	// Safe has WriteCSV keep spreadsheets from running names as formulas; without it names are exact.
	Safe bool

	seats   int
	holders []holders // of each match
	match   matches
	voids   voids
	latency int // index of the first latency column
	rows    [][]Cell
	frames  []uint32 // of rows
	free    [][]Cell
	done    bool
}

// NewTable begins a table of a recording, which is read twice: first for whose the seats were, and for what
// did not happen.
func NewTable(src io.ReadSeeker) (*Table, error) {
	r, err := recording.NewReader(src)
	if err != nil {
		return nil, err
	}
	holders, voids, err := readAhead(r)
	if err != nil {
		return nil, err
	}
	if _, err := src.Seek(0, io.SeekStart); err != nil {
		return nil, fmt.Errorf("a recording is read twice, which this is not made for (%w): copy it to a file", err)
	}
	if r, err = recording.NewReader(src); err != nil {
		return nil, err
	}
	p, err := NewReplay(r)
	if err != nil {
		return nil, err
	}
	t := &Table{Replay: p, seats: len(p.Header.Seats), holders: holders, voids: voids}
	spec := p.match.spec
	add := func(typ ColumnType, name string) { t.Columns = append(t.Columns, Column{name, typ}) }
	each := func(typ ColumnType, group string) {
		for _, a := range spec.Agents {
			add(typ, group+"."+a)
		}
	}
	add(IntColumn, "frame")
	add(IntColumn, "episode_num")
	add(IntColumn, "t")
	add(BoolColumn, "hold")
	each(IntColumn, "actions")
	each(BoolColumn, "substituted")
	each(FloatColumn, "rewards")
	each(BoolColumn, "terminateds")
	each(BoolColumn, "truncateds")
	for _, a := range spec.Agents {
		for _, key := range spec.Infos {
			add(FloatColumn, "infos."+a+"."+key)
		}
	}
	each(TextColumn, "player_subjects")
	add(IntColumn, LocalPrefix+"epoch")
	add(IntColumn, LocalPrefix+"timestamp")
	add(FloatColumn, LocalPrefix+"held_ms")
	t.latency = len(t.Columns)
	each(FloatColumn, LocalPrefix+"latency_ms")
	add(BoolColumn, LocalPrefix+"delay_exceeded")
	return t, nil
}

// Next returns the next row, valid until the call after; io.EOF after the last. An error says why
// there are no more rows; those before are right.
func (t *Table) Next() ([]Cell, error) {
	for {
		if len(t.rows) > 0 && (t.done || len(t.rows) > pendingRows) {
			row := t.rows[0]
			t.rows, t.frames = t.rows[1:], t.frames[1:]
			t.free = append(t.free, row)
			return row, nil
		}
		if t.done {
			return nil, io.EOF
		}
		rec, err := t.Replay.Next()
		var d *recording.Damage
		switch {
		case err == io.EOF:
			t.done = true
		case errors.As(err, &d):
			t.done, t.Cut = true, d
		case err != nil:
			return nil, err
		default:
			t.record(rec)
		}
	}
}

func (t *Table) record(rec *recording.Record) {
	switch rec.Kind {
	case recording.KindReset:
		t.match.reset(rec.Seed)
	case recording.KindBundle:
		if !t.voids.next() && t.Replay.Played {
			t.row(rec)
		}
	case recording.KindDelay:
		if row := t.measured(rec.Frame, t.Replay.Header.Seat, rec); row != nil {
			row[len(row)-1] = Cell{Bool: rec.Exceeded}
		}
	case recording.KindLatency:
		t.measured(rec.Frame, rec.Seat, rec)
	}
}

// measured fills in a latency of a row that is still here, and returns the row.
func (t *Table) measured(frame uint32, seat int, rec *recording.Record) (row []Cell) {
	if seat < 0 {
		return nil
	}
	for i := len(t.frames) - 1; i >= 0; i-- {
		if t.frames[i] == frame {
			t.rows[i][t.latency+seat] = Cell{Float: tenths(rec.Dur)}
			return t.rows[i]
		}
	}
	return nil
}

// tenths is a time in milliseconds, as exactly as it was recorded.
func tenths[D ~int64](d D) float64 { return float64(int64(d)/100_000) / 10 }

func (t *Table) row(rec *recording.Record) {
	var row []Cell
	if n := len(t.free); n > 1 { // the last one handed out is still looked at
		row, t.free = t.free[0][:0], t.free[1:]
	}
	f := &t.Replay.Frame
	flag := func(b bool) { row = append(row, Cell{Bool: b}) }
	row = append(row, Cell{Int: int64(f.Frame)}, Cell{Int: int64(f.Episode)}, Cell{Int: int64(f.Step)})
	flag(f.Holding)
	for _, a := range f.Actions {
		row = append(row, Cell{Int: int64(a)})
	}
	for i := range t.seats {
		flag(f.Substituted&(1<<i) != 0)
	}
	for _, v := range f.Rewards {
		row = append(row, Cell{Float: v})
	}
	for _, b := range f.Terminated {
		flag(b)
	}
	for _, b := range f.Truncated {
		flag(b)
	}
	for _, list := range f.Infos {
		for _, v := range list {
			row = append(row, Cell{Float: v, None: f.Holding})
		}
	}
	for seat := range t.seats {
		row = append(row, Cell{Text: t.holders[t.match.n].at(seat, f.Frame)})
	}
	row = append(row, Cell{Int: int64(rec.Epoch)}, Cell{Int: t.Replay.Header.Began.Add(rec.At).UnixMilli()}, Cell{Float: tenths(rec.Dur)})
	for range t.seats + 1 { // what is measured comes later
		row = append(row, Cell{None: true})
	}
	t.rows, t.frames = append(t.rows, row), append(t.frames, f.Frame)
}

// format writes a cell as text, the way the original's tables have it.
func (c *Column) format(v *Cell) string {
	switch {
	case v.None:
		return ""
	case c.Type == IntColumn:
		return strconv.FormatInt(v.Int, 10)
	case c.Type == FloatColumn:
		return strconv.FormatFloat(v.Float, 'g', -1, 64)
	case c.Type == BoolColumn && v.Bool:
		return "True"
	case c.Type == BoolColumn:
		return "False"
	}
	return v.Text
}

// defused is a text that no spreadsheet takes for a formula: an apostrophe stands before what would
// begin one (OWASP, CSV injection).
func defused(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return "'" + s
	}
	return s
}

// WriteCSV writes the rest of the table.
func (t *Table) WriteCSV(w io.Writer) error {
	out := csv.NewWriter(w)
	text := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		text[i] = c.Name
	}
	if err := out.Write(text); err != nil {
		return err
	}
	for {
		row, err := t.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			out.Flush() // the rows before are right
			return errors.Join(err, out.Error())
		}
		for i := range row {
			text[i] = t.Columns[i].format(&row[i])
			if t.Safe && t.Columns[i].Type == TextColumn {
				text[i] = defused(text[i])
			}
		}
		if err := out.Write(text); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}
