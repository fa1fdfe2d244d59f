package protocol

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/rivo/uniseg"
)

// MaxName and MaxLetters bound a player's name, in bytes and in letters as people count them (grapheme
// clusters): 32 letters of any script that takes up to 4 bytes for each. Letters of many parts, as
// joined emoji are, meet the bytes first; the longest roster stays within MaxFrame (TestLongestRoster).
const (
	MaxName    = 128
	MaxLetters = 32
)

// PlayerName returns a name as it is kept: without the spaces around it, and empty where nothing of it
// can be seen. The error says what is wrong with it, and what to do. This is the only rule for names:
// text fields, flags, pages and the wire all ask it.
func PlayerName(name string) (string, error) {
	if !utf8.ValidString(name) {
		return "", fmt.Errorf("a name is written in UTF-8; this one is not")
	}
	name = strings.TrimFunc(name, unicode.IsSpace)
	seen := false
	for _, r := range name {
		if Control(r) {
			return "", fmt.Errorf("a name has neither line breaks nor other control characters; leave out %+q", r)
		}
		seen = seen || unicode.IsPrint(r) && r != ' '
	}
	switch n := Letters(name); {
	case !seen:
		return "", nil
	case n > MaxLetters:
		return "", fmt.Errorf("a name has at most %d letters; this one has %d", MaxLetters, n)
	case len(name) > MaxName:
		return "", fmt.Errorf("a name has at most %d bytes; the letters of this one take %d: use fewer", MaxName, len(name))
	}
	return name, nil
}

// Alike reports whether people take two names for one: they differ in case, in kinds of space, or in what
// cannot be seen. Letters of two scripts that look the same are told apart.
func Alike(a, b string) bool { return strings.EqualFold(looks(a), looks(b)) }

func looks(name string) string {
	return strings.Join(strings.Fields(strings.Map(func(r rune) rune {
		if unicode.In(r, unicode.Cf, unicode.Variation_Selector, unicode.Other_Default_Ignorable_Code_Point) {
			return -1
		}
		return r
	}, name)), " ")
}

// Letters returns how many letters a text has, as people count them.
func Letters(s string) (n int) {
	for state := -1; s != ""; n++ {
		_, s, _, state = uniseg.FirstGraphemeClusterInString(s, state)
	}
	return n
}

// NameWith returns a name with something behind it, shortened by whole letters until both are a name
// together.
func NameWith(name, tail string) string {
	letters, bytes := MaxLetters-Letters(tail), MaxName-len(tail)
	rest, end := name, 0
	for state := -1; rest != ""; letters-- {
		var letter string
		letter, rest, _, state = uniseg.FirstGraphemeClusterInString(rest, state)
		if letters <= 0 || end+len(letter) > bytes {
			break
		}
		end += len(letter)
	}
	return strings.TrimRightFunc(name[:end], unicode.IsSpace) + tail
}

// Control reports whether a character can garble a terminal or a line of text: it steers, breaks the
// line, or turns the direction of what follows it. What joins letters and parts them (as in Persian
// words and emoji) does not.
func Control(r rune) bool {
	return unicode.IsControl(r) || r == '\u2028' || r == '\u2029' || r >= '\u202a' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069'
}

// Distinct puts the lowest number behind a name with which nobody has it.
func Distinct(name string, taken func(string) bool) string {
	it := name
	for n := 2; taken(it); n++ {
		it = NameWith(name, fmt.Sprintf(" %d", n))
	}
	return it
}

// Clip shortens s to at most n bytes without cutting a character in two.
func Clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && s[n]&0xc0 == 0x80 {
		n--
	}
	return s[:n]
}
