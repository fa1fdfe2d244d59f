package assets

import (
	"io/fs"
	"strings"
	"testing"
)

// The condition of each licence itself: its notice and disclaimer go along with a binary.
func TestEveryForeignWorkHasItsLicence(t *testing.T) {
	for file, needs := range map[string][]string{
		"go-fonts.txt": {"Bigelow & Holmes", "Redistributions in binary form", "DISCLAIMER"},
		"oto.txt":      {"Apache License", "Disclaimer of Warranty"},
		"pulse.txt":    {"Permission is hereby granted", "WITHOUT WARRANTY OF ANY KIND"},
	} {
		text, err := fs.ReadFile(Licences(), file)
		if err != nil {
			t.Fatal(err)
		}
		for _, need := range needs {
			if !strings.Contains(string(text), need) {
				t.Errorf("%s lacks %q", file, need)
			}
		}
	}
}
