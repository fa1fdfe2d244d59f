//go:build !js

package main

import (
	"encoding/json"
	"fmt"
	"io"

	"github.com/parquet-go/parquet-go"

	"tandem/cmd/internal/app"
	"tandem/game/sim"
)

// columns is a parquet group whose fields keep their order: the library's own sorts them by name.
type columns struct {
	parquet.Group
	order []string
}

func (c columns) Fields() []parquet.Field {
	byName := map[string]parquet.Field{}
	for _, f := range c.Group.Fields() {
		byName[f.Name()] = f
	}
	list := make([]parquet.Field, len(c.order))
	for i, name := range c.order {
		list[i] = byName[name]
	}
	return list
}

// rowsPerWrite is how many rows are handed to the library at a time.
const rowsPerWrite = 1024

// writeParquet writes the rest of a table: the same columns as in CSV, with types, and the
// recording's header as the file's metadata "tandem.session".
func writeParquet(t *sim.Table, w io.Writer) error {
	group := columns{Group: parquet.Group{}}
	for _, c := range t.Columns {
		var node parquet.Node
		switch c.Type {
		case sim.IntColumn:
			node = parquet.Int(64)
		case sim.FloatColumn:
			node = parquet.Leaf(parquet.DoubleType)
		case sim.BoolColumn:
			node = parquet.Leaf(parquet.BooleanType)
		case sim.TextColumn:
			node = parquet.String()
		}
		group.Group[c.Name] = parquet.Optional(node)
		group.order = append(group.order, c.Name)
	}
	header, err := json.Marshal(t.Replay.Header)
	if err != nil {
		return err
	}
	out := parquet.NewWriter(w, parquet.NewSchema("frame", group), parquet.Compression(&parquet.Snappy),
		parquet.KeyValueMetadata("tandem.session", string(header)), parquet.CreatedBy("tandem-replay", app.Version, ""))
	batch := make([]parquet.Row, 0, rowsPerWrite)
	flush := func() error {
		if _, err := out.WriteRows(batch); err != nil {
			return fmt.Errorf("parquet: %w", err)
		}
		batch = batch[:0]
		return nil
	}
	for {
		row, err := t.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return err
		}
		values := make(parquet.Row, len(row))
		for i := range row {
			values[i] = parquetValue(t.Columns[i].Type, &row[i], i)
		}
		if batch = append(batch, values); len(batch) == rowsPerWrite {
			if err := flush(); err != nil {
				return err
			}
		}
	}
	if err := flush(); err != nil {
		return err
	}
	return out.Close()
}

func parquetValue(typ sim.ColumnType, c *sim.Cell, column int) parquet.Value {
	var v parquet.Value
	switch {
	case c.None:
		return parquet.NullValue().Level(0, 0, column)
	case typ == sim.IntColumn:
		v = parquet.Int64Value(c.Int)
	case typ == sim.FloatColumn:
		v = parquet.DoubleValue(c.Float)
	case typ == sim.BoolColumn:
		v = parquet.BooleanValue(c.Bool)
	default:
		v = parquet.ByteArrayValue([]byte(c.Text))
	}
	return v.Level(0, 1, column)
}
