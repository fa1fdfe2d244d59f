package assets

import (
	"io/fs"
	"strings"
	"testing"
)

func TestEveryForeignWorkHasItsLicence(t *testing.T) {
	text, err := fs.ReadFile(Licences(), "go-fonts.txt")
	if err != nil {
		t.Fatal(err)
	}
	// The condition of the licence itself: the notice and the disclaimer go along with a binary.
	for _, need := range []string{"Bigelow & Holmes", "Redistributions in binary form", "DISCLAIMER"} {
		if !strings.Contains(string(text), need) {
			t.Errorf("the fonts' licence lacks %q", need)
		}
	}
}
