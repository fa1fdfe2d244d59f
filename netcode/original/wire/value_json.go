package wire

import (
	"math"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// checkJSON tells whether text is one JSON value within MaxDepth, in valid UTF-8.
func checkJSON(text []byte) error {
	if !utf8.Valid(text) {
		return malformed("a JSON text that is no UTF-8")
	}
	i, err := skipJSON(text, 0, 0)
	if err != nil {
		return err
	}
	if i = skipSpace(text, i); i != len(text) {
		return malformed("JSON: %d bytes behind the value", len(text)-i)
	}
	return nil
}

// trimJSON cuts the white space around a checked text.
func trimJSON(b []byte) []byte {
	i := skipSpace(b, 0)
	return b[i:skipCheckedJSON(b, i)]
}

func skipSpace(b []byte, i int) int {
	for i < len(b) && (b[i] == ' ' || b[i] == '\n' || b[i] == '\t' || b[i] == '\r') {
		i++
	}
	return i
}

// skipJSON returns the index behind the value that begins at i.
func skipJSON(b []byte, i, depth int) (int, error) {
	i = skipSpace(b, i)
	if i == len(b) {
		return 0, malformed("JSON: the text ends where a value should be")
	}
	if depth > MaxDepth {
		return 0, tooBig("JSON: nested more than %d deep", MaxDepth)
	}
	switch c := b[i]; {
	case c == '{':
		return skipJSONList(b, i+1, depth, '}')
	case c == '[':
		return skipJSONList(b, i+1, depth, ']')
	case c == '"':
		return skipJSONString(b, i)
	case c == 't':
		return skipWord(b, i, "true")
	case c == 'f':
		return skipWord(b, i, "false")
	case c == 'n':
		return skipWord(b, i, "null")
	case c == '-' || c >= '0' && c <= '9':
		return skipNumber(b, i)
	}
	return 0, malformed("JSON: a value cannot begin with %q", b[i])
}

// skipJSONList skips what follows an opening bracket.
func skipJSONList(b []byte, i, depth int, end byte) (int, error) {
	var err error
	if i = skipSpace(b, i); i < len(b) && b[i] == end {
		return i + 1, nil
	}
	for {
		if end == '}' {
			if i = skipSpace(b, i); i == len(b) || b[i] != '"' {
				return 0, malformed("JSON: a map's key must be a string")
			}
			if i, err = skipJSONString(b, i); err != nil {
				return 0, err
			}
			if i = skipSpace(b, i); i == len(b) || b[i] != ':' {
				return 0, malformed("JSON: no colon behind a key")
			}
			i++
		}
		if i, err = skipJSON(b, i, depth+1); err != nil {
			return 0, err
		}
		if i = skipSpace(b, i); i == len(b) {
			return 0, malformed("JSON: no closing %q", end)
		}
		switch b[i] {
		case ',':
			i++
		case end:
			return i + 1, nil
		default:
			return 0, malformed("JSON: %q where a comma or %q should be", b[i], end)
		}
	}
}

func skipWord(b []byte, i int, word string) (int, error) {
	if len(b)-i < len(word) || string(b[i:i+len(word)]) != word {
		return 0, malformed("JSON: a broken %q", word)
	}
	return i + len(word), nil
}

func skipNumber(b []byte, i int) (int, error) {
	digits := func() bool {
		start := i
		for i < len(b) && b[i] >= '0' && b[i] <= '9' {
			i++
		}
		return i > start
	}
	if b[i] == '-' {
		i++
	}
	if i < len(b) && b[i] == '0' {
		i++
	} else if !digits() {
		return 0, malformed("JSON: a number without digits")
	}
	if i < len(b) && b[i] == '.' {
		i++
		if !digits() {
			return 0, malformed("JSON: a number without digits behind the point")
		}
	}
	if i < len(b) && (b[i] == 'e' || b[i] == 'E') {
		i++
		if i < len(b) && (b[i] == '+' || b[i] == '-') {
			i++
		}
		if !digits() {
			return 0, malformed("JSON: a number without digits in its exponent")
		}
	}
	return i, nil
}

func skipJSONString(b []byte, i int) (int, error) {
	for i++; i < len(b); i++ {
		switch c := b[i]; {
		case c == '"':
			return i + 1, nil
		case c < ' ':
			return 0, malformed("JSON: a bare control character in a string")
		case c == '\\':
			if i++; i == len(b) {
				return 0, malformed("JSON: a string without end")
			}
			switch b[i] {
			case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
			case 'u':
				if _, ok := hex4(b, i+1); !ok {
					return 0, malformed("JSON: a broken \\u escape")
				}
				i += 4
			default:
				return 0, malformed("JSON: an unknown escape \\%c", b[i])
			}
		}
	}
	return 0, malformed("JSON: a string without end")
}

// skipCheckedJSON is skipJSON for bytes that were checked: it only counts brackets.
func skipCheckedJSON(b []byte, i int) int {
	depth := 0
	for i < len(b) {
		switch b[i] {
		case '"':
			for i++; b[i] != '"'; i++ {
				if b[i] == '\\' {
					i++
				}
			}
			i++
			if depth == 0 {
				return i
			}
			continue
		case '{', '[':
			depth++
		case '}', ']':
			if depth == 0 {
				return i // a number or word ends here
			}
			if depth--; depth == 0 {
				return i + 1
			}
		case ',', ':', ' ', '\n', '\t', '\r':
			if depth == 0 {
				return i
			}
		}
		i++
	}
	return i
}

func hex4(b []byte, i int) (rune, bool) {
	if len(b)-i < 4 {
		return 0, false
	}
	var r rune
	for _, c := range b[i : i+4] {
		switch {
		case c >= '0' && c <= '9':
			c -= '0'
		case c|0x20 >= 'a' && c|0x20 <= 'f':
			c = c | 0x20 - 'a' + 10
		default:
			return 0, false
		}
		r = r<<4 | rune(c)
	}
	return r, true
}

// unquote returns the text of a checked JSON string: a part of it where there are no escapes. Half
// of a surrogate pair becomes U+FFFD.
func unquote(raw []byte) []byte {
	body := raw[1 : len(raw)-1]
	i := 0
	for i < len(body) && body[i] != '\\' {
		i++
	}
	if i == len(body) {
		return body
	}
	out := append(make([]byte, 0, len(body)), body[:i]...)
	for i < len(body) {
		c := body[i]
		if c != '\\' {
			out = append(out, c)
			i++
			continue
		}
		i += 2
		switch c := body[i-1]; c {
		case 'b':
			out = append(out, '\b')
		case 'f':
			out = append(out, '\f')
		case 'n':
			out = append(out, '\n')
		case 'r':
			out = append(out, '\r')
		case 't':
			out = append(out, '\t')
		case 'u':
			r, _ := hex4(body, i)
			i += 4
			if utf16.IsSurrogate(r) {
				second := rune(0)
				if i+1 < len(body) && body[i] == '\\' && body[i+1] == 'u' {
					second, _ = hex4(body, i+2)
				}
				if r = utf16.DecodeRune(r, second); r != utf8.RuneError {
					i += 6
				}
			}
			out = utf8.AppendRune(out, r)
		default:
			out = append(out, c)
		}
	}
	return out
}

// jsonInt reads a checked JSON number without fraction and exponent.
func jsonInt(raw []byte) (int64, bool) {
	negative := raw[0] == '-'
	digits := raw
	if negative {
		digits = raw[1:]
	}
	if len(digits) > 18 {
		n, err := strconv.ParseInt(string(raw), 10, 64)
		return n, err == nil
	}
	var n int64
	for _, c := range digits {
		n = n*10 + int64(c-'0')
	}
	if negative {
		n = -n
	}
	return n, true
}

// placeholder reads {"_placeholder":true,"num":N}, keys in any order and others ignored. It is none
// unless _placeholder is true and N a whole number that is not negative.
func placeholder(raw []byte) (num int, ok bool) {
	num = -1
	v := Value{raw: raw, form: formJSON}
	for c := openCursor(v); ; {
		key, item, more := c.field()
		if !more {
			return num, ok && num >= 0
		}
		switch string(key) {
		case "_placeholder":
			ok, _ = item.Bool()
		case "num":
			num = -1
			if n, isInt := item.Int(); isInt && n >= 0 && n <= math.MaxInt32 {
				num = int(n)
			}
		}
	}
}

const hexDigits = "0123456789abcdef"

// appendJSONString quotes s, valid UTF-8, as JavaScript does: nothing is escaped that need not be.
func appendJSONString[T string | []byte](dst []byte, s T) []byte {
	dst = append(dst, '"')
	start := 0
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c >= ' ' && c != '"' && c != '\\' {
			continue
		}
		dst = append(dst, s[start:i]...)
		start = i + 1
		switch c {
		case '"', '\\':
			dst = append(dst, '\\', c)
		case '\b':
			dst = append(dst, `\b`...)
		case '\f':
			dst = append(dst, `\f`...)
		case '\n':
			dst = append(dst, `\n`...)
		case '\r':
			dst = append(dst, `\r`...)
		case '\t':
			dst = append(dst, `\t`...)
		default:
			dst = append(dst, `\u00`...)
			dst = append(dst, hexDigits[c>>4], hexDigits[c&15])
		}
	}
	return append(append(dst, s[start:]...), '"')
}

// appendJSONFloat writes f in the fewest digits that read back the same; what JSON cannot write is
// null. keep marks a float without fraction as one; JavaScript would write an integer.
func appendJSONFloat(dst []byte, f float64, keep bool) []byte {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return append(dst, "null"...)
	}
	if a := math.Abs(f); a != 0 && (a < 1e-6 || a >= 1e21) {
		// strconv writes 1e-07, JavaScript 1e-7
		dst = strconv.AppendFloat(dst, f, 'e', -1, 64)
		if n := len(dst); n >= 4 && dst[n-4] == 'e' && dst[n-2] == '0' {
			dst[n-2] = dst[n-1]
			dst = dst[:n-1]
		}
		return dst
	}
	if f == 0 && !keep {
		return append(dst, '0') // also for -0
	}
	dst = strconv.AppendFloat(dst, f, 'f', -1, 64)
	if keep && f == math.Trunc(f) {
		dst = append(dst, ".0"...)
	}
	return dst
}
