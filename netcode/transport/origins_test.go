package transport

import (
	"slices"
	"strings"
	"testing"
)

func TestParseOrigins(t *testing.T) {
	for _, c := range []struct {
		list string
		want []string
		say  string // part of the error
	}{
		{"", nil, ""},
		{" , ", nil, ""},
		{"*", []string{"*"}, ""},
		{"https://Play.example.org/, http://10.0.0.7:8080", []string{"https://play.example.org", "http://10.0.0.7:8080"}, ""},
		{"https://*.example.org:8443,http://[::1]:80", []string{"https://*.example.org:8443", "http://[::1]:80"}, ""},
		{"play.example.org", nil, "no scheme"},
		{"ws://play.example.org", nil, "http://"},
		{"https://", nil, "host"},
		{"https://a:", nil, "host"},
		{"https://a/game", nil, "without a path"},
		{"https://me@a", nil, "without a path or a user"},
		{"https://a.*.org", nil, "first part"},
		{"https://*", nil, "first part"},
		{"https://*.", nil, "host"},
		{"https://[::1", nil, "host"},
		{"null", nil, "no scheme"},
	} {
		got, err := ParseOrigins(c.list)
		if !slices.Equal(got, c.want) || (err == nil) != (c.say == "") || err != nil && !strings.Contains(err.Error(), c.say) {
			t.Errorf("%q: %q, %v; want %q, %q", c.list, got, err, c.want, c.say)
		}
	}
}

// TestAllows names what is compared: scheme, host and port, with the scheme's own port for none.
func TestAllows(t *testing.T) {
	for _, c := range []struct {
		list         []string
		origin, host string
		want         bool
	}{
		{nil, "", "relay:7777", true}, // a native client
		{nil, "http://relay:7777", "relay:7777", true},
		{nil, "http://RELAY:7777", "relay:7777", true},
		{nil, "https://relay", "relay", true}, // TLS ends in a proxy
		{nil, "https://relay", "relay:443", true},
		{nil, "http://relay", "relay:443", false},
		{nil, "http://relay:7778", "relay:7777", false},
		{nil, "http://relay", "relay:7777", false},
		{nil, "http://[::1]", "[::1]:80", true},
		{nil, "http://evil.example", "relay:7777", false},
		{nil, "null", "relay:7777", false},
		{nil, "null", "", false},
		{nil, "file://", "", false},
		{[]string{"https://a.example"}, "https://a.example", "relay", true},
		{[]string{"https://a.example:443"}, "https://a.example", "relay", true},
		{[]string{"https://a.example"}, "https://a.example:444", "relay", false},
		{[]string{"https://a.example"}, "http://a.example", "relay", false},
		{[]string{"https://*.example"}, "https://a.example", "relay", true},
		{[]string{"https://*.example"}, "https://a.b.example", "relay", true},
		{[]string{"https://*.example"}, "https://a.example:8443", "relay", false},
		{[]string{"https://*.example:8443"}, "https://a.example:8443", "relay", true},
		{[]string{"https://*.example"}, "https://.example", "relay", false},
		{[]string{"https://*.example"}, "https://example", "relay", false},
		{[]string{"*"}, "null", "relay", true},
	} {
		if got := allows(c.list, c.origin, c.host); got != c.want {
			t.Errorf("%q from a page of %q at %q: %v", c.list, c.origin, c.host, got)
		}
	}
}
