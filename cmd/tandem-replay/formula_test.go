//go:build !js

package main

import (
	"encoding/csv"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// A name that a spreadsheet would run as a formula is data: exact, or made safe where that is asked for.
func TestFormulasInNames(t *testing.T) {
	dir := t.TempDir()
	for i, c := range []struct{ name, safe string }{
		{"=SUM(A1)", "'=SUM(A1)"}, {"+1", "'+1"}, {"-1", "'-1"}, {"@x", "'@x"}, {"a=1", "a=1"}, {`a"b,c`, `a"b,c`}, {"'=1", "'=1"},
	} {
		file := filepath.Join(dir, string(rune('a'+i))+".tandem")
		if err := os.WriteFile(file, recorded(t, 40, c.name, "other"), 0o600); err != nil {
			t.Fatal(err)
		}
		for _, way := range []struct {
			want  string
			flags []string
		}{{c.name, nil}, {c.safe, []string{"-csv-safe"}}} {
			out := filepath.Join(dir, "out.csv")
			args := append([]string{"export"}, way.flags...) // the file follows a flag that takes no value
			if err := run(t.Context(), append(args, file, "-o", out)); err != nil {
				t.Fatal(err)
			}
			data, err := os.ReadFile(out)
			if err != nil {
				t.Fatal(err)
			}
			rows, err := csv.NewReader(strings.NewReader(string(data))).ReadAll()
			if err != nil {
				t.Fatal(err)
			}
			at := slices.IndexFunc(rows[0], func(s string) bool { return strings.HasPrefix(s, "player_subjects.") })
			if got := rows[1][at]; got != way.want {
				t.Errorf("%q %v: %q, want %q", c.name, way.flags, got, way.want)
			}
		}
	}
	err := run(t.Context(), []string{"export", "-csv-safe", "-format", "parquet", filepath.Join(dir, "a.tandem")})
	if err == nil || !strings.Contains(err.Error(), "leave it out") {
		t.Errorf("-csv-safe for parquet: %v", err)
	}
}
