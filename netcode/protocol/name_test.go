package protocol

import (
	"strings"
	"testing"
)

// family is one letter to people, of 7 characters and 25 bytes.
const family = "👨‍👩‍👧‍👦"

func TestPlayerName(t *testing.T) {
	for _, c := range []struct{ name, want, words string }{
		{"Константин Константинович", "Константин Константинович", ""},
		{"Μαρία-Ελένη", "Μαρία-Ελένη", ""},
		{"می\u200cخواهم", "می\u200cخواهم", ""},
		{"👩🏽‍🚀 crew", "👩🏽‍🚀 crew", ""},
		{"Zoë\u00a0Müller", "Zoë\u00a0Müller", ""},
		{"Ann (bot)", "Ann (bot)", ""},
		{"=SUM(A1)", "=SUM(A1)", ""},
		{"  Lee  ", "Lee", ""},
		{"\u00a0Lee\n", "Lee", ""},
		{"", "", ""},
		{" \u00a0\u3000", "", ""},
		{"\u200d\u200c", "", ""},
		{strings.Repeat("ж", MaxLetters), strings.Repeat("ж", MaxLetters), ""},
		{strings.Repeat("e\u0301", MaxLetters), strings.Repeat("e\u0301", MaxLetters), ""},
		{strings.Repeat("👩", MaxLetters), strings.Repeat("👩", MaxLetters), ""},
		{strings.Repeat(family, 5), strings.Repeat(family, 5), ""},
		{strings.Repeat(family, 6), "", "at most 128 bytes; the letters of this one take 150"},
		{"0123456789012345678901234567890123", "", "at most 32 letters; this one has 34"},
		{"two\nlines", "", `leave out '\n'`},
		{"a\x1b[2J", "", `leave out '\x1b'`},
		{"\u202eeno", "", `leave out '\u202e'`},
		{"\xff", "", "UTF-8"},
	} {
		got, err := PlayerName(c.name)
		if got != c.want || (err == nil) != (c.words == "") || err != nil && !strings.Contains(err.Error(), c.words) {
			t.Errorf("%q: %q, %v; want %q, %q", c.name, got, err, c.want, c.words)
		}
		// The same on the wire, both ways.
		enc := Append(nil, &Join{Name: c.name})
		var d Decoder
		d.Reset(enc)
		if _, err := d.Next(); (err == nil) != (c.words == "") || err == nil && d.Cold.(*Join).Name != c.want {
			t.Errorf("a join of %q: %v, %v", c.name, d.Cold, err)
		}
		for _, m := range []any{&WaitingRoom{Seats: []RosterEntry{{Name: c.name}}}, &GameReady{Watching: 1, Watchers: []string{c.name}}} {
			d = Decoder{}
			switch m := m.(type) {
			case *WaitingRoom:
				d.Reset(Append(nil, m))
			case *GameReady:
				d.Reset(Append(nil, m))
			}
			if _, err := d.Next(); (err == nil) != (c.words == "") {
				t.Errorf("a roster with %q: %v", c.name, err)
			}
		}
		// What is said about people has their names in it.
		d = Decoder{}
		d.Reset(Append(nil, &EndGame{Text: c.want + " left the match."}))
		if _, err := d.Next(); err != nil {
			t.Errorf("the end by %q: %v", c.want, err)
		}
	}
}

func TestAlike(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{"Ada", "ada", true}, {"Ada", "Ado", false}, {"Ada", "", false},
		{"Ada", "A\u200bda", true},       // zero width space
		{"Ada", "Ada\u200d", true},       // joiner
		{"Ada", "A\u00adda", true},       // soft hyphen
		{"Ada", "\u2060Ada\ufeff", true}, // word joiner, byte order mark
		{"Ada", "Ada\ufe0f", true},       // variation selector
		{"Ada", "A\u115fda", true},       // Hangul filler
		{"Ada B", "Ada\u00a0 B", true},
		{"Ada B", "AdaB", false},
		{"ΑΣ", "ας", true},
	} {
		if got := Alike(c.a, c.b); got != c.want || Alike(c.b, c.a) != got {
			t.Errorf("%+q and %+q: %v", c.a, c.b, got)
		}
	}
}

func TestNameWith(t *testing.T) {
	for _, c := range []struct{ name, want string }{
		{"Lee", "Lee 2"},
		{strings.Repeat("x", 32), strings.Repeat("x", 30) + " 2"},
		{strings.Repeat("x", 29) + " x", strings.Repeat("x", 29) + " 2"},
		{strings.Repeat(family, 5), strings.Repeat(family, 5) + " 2"},
		{strings.Repeat(family, 5) + "xyz", strings.Repeat(family, 5) + "x 2"},
	} {
		got := NameWith(c.name, " 2")
		if _, err := PlayerName(got); got != c.want || err != nil {
			t.Errorf("%q: %q, want %q (%v)", c.name, got, c.want, err)
		}
	}
}

// The longest roster has to be one message.
func TestLongestRoster(t *testing.T) {
	name := strings.Repeat("👩", MaxLetters)
	m := GameReady{Seats: make([]RosterEntry, MaxSeats), Watching: MaxSpectators, Watchers: make([]string, MaxWatchers)}
	for i := range m.Seats {
		m.Seats[i] = RosterEntry{Name: name, Taken: true, Ready: true, Bot: true, Since: MaxFrameNo}
	}
	for i := range m.Watchers {
		m.Watchers[i] = name
	}
	if n := len(Append(nil, &m)); n > MaxFrame {
		t.Errorf("%d bytes, of which a message may have %d", n, MaxFrame)
	}
}
