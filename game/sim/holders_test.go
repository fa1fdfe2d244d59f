package sim

import (
	"testing"
)

// A seat changes hands, and the word of it may come in any order and more than once.
func TestHolders(t *testing.T) {
	h := holders{
		{{Name: "Ann"}},
		{{}, {Name: "Cleo", Since: 300}},
		{{Name: "Bob"}, {Name: "Dora", Since: 500}, {Name: "Cleo", Since: 200}, {Name: "Dorothea", Since: 500}},
	}
	for _, c := range []struct {
		seat  int
		frame uint32
		want  string
	}{
		{0, 0, "Ann"}, {0, 9000, "Ann"},
		{1, 299, ""}, {1, 300, "Cleo"},
		{2, 0, "Bob"}, {2, 199, "Bob"}, {2, 200, "Cleo"}, {2, 499, "Cleo"}, {2, 500, "Dorothea"}, {2, 9000, "Dorothea"},
		{3, 0, ""},
	} {
		if got := h.at(c.seat, c.frame); got != c.want {
			t.Errorf("seat %d was %q's at frame %d, want %q's", c.seat, got, c.frame, c.want)
		}
	}
}
