package scene

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/rivo/uniseg"
)

// A letter is what people take for one: an é of two characters, an emoji joined of five. Carets stand
// between letters, and what is too long is cut between them.

// letterAfter returns where the letter that begins at a place of a text ends.
func letterAfter(text []rune, at int) int {
	letter, _, _, _ := uniseg.FirstGraphemeClusterInString(string(text[at:]), -1)
	return at + utf8.RuneCountInString(letter)
}

// letterBefore returns where the letter that ends at a place of a text begins.
func letterBefore(text []rune, at int) int {
	from := 0
	for next := 0; next < at; next = letterAfter(text, next) {
		from = next
	}
	return from
}

// letterEnds returns where each letter of a text ends, in bytes.
func letterEnds(s string) (ends []int) {
	at := 0
	for state := -1; s != ""; {
		var letter string
		letter, s, _, state = uniseg.FirstGraphemeClusterInString(s, state)
		at += len(letter)
		ends = append(ends, at)
	}
	return ends
}

// oneLine replaces what would break a line, and leaves out what cannot be seen: names come from other
// people. A picture of several parts, as an emoji with its colour, is its first part: the typeface has
// none, and would show a box for each.
func oneLine(s string) string {
	if strings.IndexFunc(s, func(r rune) bool { return r > unicode.MaxLatin1 || !unicode.IsPrint(r) }) < 0 {
		return s
	}
	var b strings.Builder
	at := 0
	for _, end := range letterEnds(s) {
		for i, r := range s[at:end] {
			switch {
			case i > 0 && unicode.Is(unicode.So, first(s[at:])), unicode.Is(unicode.Cf, r), unicode.Is(unicode.Variation_Selector, r):
			case unicode.IsPrint(r):
				b.WriteRune(r)
			default:
				b.WriteByte(' ')
			}
		}
		at = end
	}
	return b.String()
}

func first(s string) rune {
	r, _ := utf8.DecodeRuneInString(s)
	return r
}
