package app

import (
	"strings"
	"testing"
)

func TestWhyAddress(t *testing.T) {
	for relay, want := range map[string]string{
		"ws://127.0.0.1:7777/ws":         "http://127.0.0.1:7777/ws/why?origin=http%3A%2F%2Fa.example&protocol=2",
		"wss://play.example/tandem/ws":   "https://play.example/tandem/ws/why?origin=http%3A%2F%2Fa.example&protocol=2",
		"wss://[::1]:7777/tandem/ws?a=b": "https://[::1]:7777/tandem/ws/why?origin=http%3A%2F%2Fa.example&protocol=2",
		"ws://a b":                       "",
	} {
		if got := whyAddress(relay, "http://a.example"); got != want {
			t.Errorf("%s is asked about at %q, want %q", relay, got, want)
		}
	}
}

// Every answer that is not the relay's says who gave it; silence says nothing.
func TestWhyWords(t *testing.T) {
	for _, c := range []struct {
		status int
		body   string
		words  string
		admits bool
	}{
		{200, `{"admits":false,"words":"Pages may not."}`, "Pages may not.", false},
		{200, `{"admits":true,"words":"No WebSocket comes through."}`, "No WebSocket comes through.", true},
		{200, "<!doctype html>", "no relay answers at play.example/tandem/ws (HTTP 200)", false},
		{200, `{}`, "no relay answers", false},
		{404, "not found", "no relay answers at play.example/tandem/ws (HTTP 404)", false},
		{502, "<h1>Bad gateway</h1>", "the relay behind it does not (HTTP 502)", false},
		{0, "", "", false},
	} {
		words, admits := whyWords("wss://play.example/tandem/ws", c.status, c.body)
		if admits != c.admits || (words == "") != (c.words == "") || !strings.Contains(words, c.words) {
			t.Errorf("HTTP %d, %s: %q, %v", c.status, c.body, words, admits)
		}
		if strings.Contains(words, " -") {
			t.Errorf("a page's words name a flag: %q", words)
		}
	}
}
