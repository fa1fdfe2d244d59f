//lint:file-ignore U1000 the msgpack library reads the _msgpack fields by reflection

package protocol

import (
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"reflect"
	"strconv"
	"strings"
	"testing"
)

// What the table says, by number, for the tests of the wire.
var typeNames, coldFields = func() (map[Type]string, map[Type]int) {
	names, fields := map[Type]string{}, map[Type]int{}
	for t := range Type(NumTypes) {
		if r := t.row(); r.name != "" {
			names[t] = r.name
			if r.cold != nil {
				fields[t] = r.cold.fields
			}
		}
	}
	return names, fields
}()

// A constant without a row would be a message that nobody can send, and a row without a constant one that
// nobody can receive.
func TestEveryTypeHasACompleteRow(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "table.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	types, names := map[Type]string{}, map[string]Type{}
	ast.Inspect(file, func(n ast.Node) bool {
		if c, ok := n.(*ast.ValueSpec); ok && strings.HasPrefix(c.Names[0].Name, "Type") {
			v, err := strconv.ParseUint(c.Values[0].(*ast.BasicLit).Value, 10, 8)
			if err != nil || types[Type(v)] != "" {
				t.Errorf("%s needs a number of its own", c.Names[0])
			}
			types[Type(v)] = c.Names[0].Name
		}
		return true
	})
	for typ := range Type(NumTypes) {
		row, constant := typ.row(), types[typ]
		switch {
		case typ == 0 || typ.Reserved():
			if constant != "" || !reflect.ValueOf(*row).IsZero() {
				t.Errorf("%d is no number for a message", uint8(typ))
			}
			continue
		case (constant == "") != (row.name == ""):
			t.Errorf("%s needs both a constant (%q) and a row with a name (%q)", typ, constant, row.name)
			continue
		case row.name == "":
			continue // free
		case names[row.name] != 0:
			t.Errorf("%s is the name of both %d and %d", row.name, names[row.name], uint8(typ))
		case (row.read == nil) == (row.cold == nil):
			t.Errorf("%s is read either by hand or by the library", typ)
		case row.cold != nil:
			head, _ := row.cold.message.Elem().FieldByName("_msgpack")
			if head.Tag.Get("msgpack") != ",as_array" || row.cold.fields < 1 || row.cold.fields > 15 {
				t.Errorf("%s has to be an array of 1 to 15 fields", typ)
			}
			if typeOf(row.cold.create()) != typ {
				t.Errorf("%s shares its struct with %s", typ, typeOf(row.cold.create()))
			}
		}
		names[row.name] = typ
	}
	if len(types) != len(names) || len(types) == 0 {
		t.Errorf("%d constants and %d rows", len(types), len(names))
	}
}

// A struct and its row are all that a new message needs.
func TestRowAlone(t *testing.T) {
	type wave struct {
		_msgpack struct{} `msgpack:",as_array"`
		Seat     uint8
		Text     string
		Frames   []uint32
	}
	const typ = firstReserved - 1
	table[typ] = row{name: "wave", class: Bulk, cold: cold(func(m *wave) error { return first(seats(m.Seat), words("text", m.Text, MaxText)) })}
	defer func() { table[typ] = row{} }()

	sent := &wave{Seat: 1, Text: "hi", Frames: []uint32{900, 1}}
	var d Decoder
	d.Reset(Append(nil, sent))
	if got, err := d.Next(); got != typ || err != nil || !reflect.DeepEqual(d.Cold, sent) {
		t.Errorf("%v, %v: %+v, want %+v", got, err, d.Cold, sent)
	}
	if typ.String() != "wave" || typ.Class() != Bulk {
		t.Errorf("%s of class %d", typ, typ.Class())
	}
	d.Reset(Append(nil, &wave{Seat: MaxSeats}))
	var e *Error
	if _, err := d.Next(); !errors.As(err, &e) || e.Code != CodeMalformed || !strings.Contains(e.Text, "seat") {
		t.Errorf("seat %d: %v", MaxSeats, err)
	}
}
