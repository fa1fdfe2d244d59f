package words

import (
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// languages are those that a player can choose.
var languages = []*Language{English}

// A text that no example shows has not been looked at with its values.
func TestEveryTextHasAnExample(t *testing.T) {
	shown := append(examples(t, English), ruleExamples(t, English)...)
	slot := regexp.MustCompile(`\\\{[^}]*\}`)
	for name, text := range texts(English) {
		if !strings.Contains(text, "{") {
			continue // a field is its own example
		}
		pattern := regexp.MustCompile(slot.ReplaceAllString(regexp.QuoteMeta(text), "(?s:.*)"))
		if !slices.ContainsFunc(shown, func(e example) bool { return pattern.MatchString(e.want) }) {
			t.Errorf("no example shows %s: %q", name, text)
		}
	}
}

// texts are a language's, by the names of their fields.
func texts(l *Language) map[string]string {
	list := map[string]string{}
	for v, i := reflect.ValueOf(l).Elem(), 0; i < v.NumField(); i++ {
		if v.Field(i).Kind() == reflect.String {
			list[v.Type().Field(i).Name] = v.Field(i).String()
		}
	}
	return list
}

// Every language has every text, with the same values.
func TestLanguagesAreComplete(t *testing.T) {
	slot := regexp.MustCompile(`\{([a-z]+)`)
	values := func(text string) (names []string) {
		for _, m := range slot.FindAllStringSubmatch(text, -1) {
			names = append(names, m[1])
		}
		slices.Sort(names)
		return slices.Compact(names)
	}
	english := texts(English)
	for _, l := range languages {
		for name, text := range texts(l) {
			if text == "" || !slices.Equal(values(text), values(english[name])) {
				t.Errorf("%s: %s is %q, in English %q", l.Name, name, text, english[name])
			}
		}
	}
}

func TestFill(t *testing.T) {
	for _, c := range []struct {
		text   template
		values []any
		want   string
	}{
		{"nothing", nil, "nothing"},
		{"{a} and {b}", []any{"b", "two", "a", "one"}, "one and two"},
		{"{a}{a}", []any{"a", 3}, "33"},
		{"{who}", []any{"who", "{n|trap}"}, "{n|trap}"},
		{"{n|one|#}: {n}", []any{"n", 1}, "one: 1"},
		{"{n|one|#}: {n}", []any{"n", 2}, "2: 2"},
		{"{n|always}", []any{"n", 5}, "always"},
	} {
		if got := English.fill(c.text, c.values...); got != c.want {
			t.Errorf("%q with %v: %q, want %q", c.text, c.values, got, c.want)
		}
	}
}

// A language of three plural forms and a decimal comma, as Polish has them.
func TestOtherGrammar(t *testing.T) {
	polish := *English
	polish.decimal = ","
	polish.plural = func(n int) int {
		switch {
		case n == 1:
			return 0
		case n%10 >= 2 && n%10 <= 4 && n%100/10 != 1:
			return 1
		}
		return 2
	}
	polish.frames, polish.timeLeft = "{n|# klatka|# klatki|# klatek}", "zostało {seconds} s"
	for n, want := range map[int64]string{1: "1 klatka", 3: "3 klatki", 12: "12 klatek", 22: "22 klatki"} {
		if got := polish.Frames(n); got != want {
			t.Errorf("%d: %q, want %q", n, got, want)
		}
	}
	if got := polish.TimeLeft(15); got != "zostało 1,5 s" {
		t.Error(got)
	}
}

// What a headline says does not stand there again under it.
func TestUnsaid(t *testing.T) {
	for _, c := range []struct{ headline, detail, want string }{
		{"The relay is being restarted", "The relay is being restarted; the match goes on when it is back. Your seat is kept.", "The match goes on when it is back. Your seat is kept."},
		{"The relay is shutting down", "The relay is shutting down; try again in a minute.", "Try again in a minute."},
		{"A player left", "a player left.", ""},
		{"Connection lost", "Connection lost: über alles", "Über alles"},
		{"The relay is busy", "The relay is busy with others.", "The relay is busy with others."},
		{"The match has ended", "The match has ended", ""},
		{"You", "Your seat was taken.", "Your seat was taken."},
		{"", "Nothing above.", "Nothing above."},
		{"A long headline", "Short", "Short"},
		{"Paused", "", ""},
	} {
		if got := Unsaid(c.headline, c.detail); got != c.want {
			t.Errorf("under %q: %q becomes %q, want %q", c.headline, c.detail, got, c.want)
		}
	}
}
