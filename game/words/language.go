package words

import (
	"strconv"
	"strings"
)

// template is a text with values in it: {name} is replaced by a value, and {n|one player|# players} by the form
// that belongs to the number n, in which # is that number.
type template string

// fill puts values into a text. They are given as pairs of a name and a string or an int.
func (l *Language) fill(t template, values ...any) string {
	var b strings.Builder
	for rest := string(t); ; {
		text, after, found := strings.Cut(rest, "{")
		b.WriteString(text)
		if !found {
			return b.String()
		}
		slot, after, _ := strings.Cut(after, "}")
		rest = after
		name, forms, isPlural := strings.Cut(slot, "|")
		for i := 0; i+1 < len(values); i += 2 {
			if values[i] != name {
				continue
			}
			switch v := values[i+1].(type) {
			case string:
				b.WriteString(v)
			case int:
				number := strconv.Itoa(v)
				if isPlural {
					number = strings.ReplaceAll(l.form(strings.Split(forms, "|"), v), "#", number)
				}
				b.WriteString(number)
			}
		}
	}
}

// form chooses the plural form for a number.
func (l *Language) form(forms []string, n int) string {
	return forms[min(l.plural(n), len(forms)-1)]
}

// Number writes a number with so many decimals, -1 for as many as it needs.
func (l *Language) Number(v float64, decimals int) string {
	return strings.Replace(strconv.FormatFloat(v, 'f', decimals, 64), ".", l.decimal, 1)
}

// List writes names as people do: "Ada, Grace and Eve".
func (l *Language) List(names []string) string {
	n := len(names)
	if n == 0 {
		return ""
	}
	if n == 1 {
		return names[0]
	}
	return l.fill(l.and, "list", strings.Join(names[:n-1], ", "), "last", names[n-1])
}
