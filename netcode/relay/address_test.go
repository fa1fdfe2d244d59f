//go:build !js

package relay

import (
	"net/netip"
	"slices"
	"strings"
	"testing"
)

func TestPlaceOf(t *testing.T) {
	for remote, want := range map[string]string{
		"203.0.113.7:5000":         "203.0.113.7/32",
		"203.0.113.7":              "203.0.113.7/32",
		"[::ffff:203.0.113.7]:80":  "203.0.113.7/32",
		"[2001:db8:1:2:3:4:5:6]:9": "2001:db8:1:2::/64",
		"2001:db8:1:2::1":          "2001:db8:1:2::/64",
		"[2001:db8:1:2::1]":        "2001:db8:1:2::/64",
		"[fe80::1%eth0]:80":        "fe80::/64",
		"pipe":                     "invalid Prefix",
		"":                         "invalid Prefix",
	} {
		if got := placeOf(remote).String(); got != want {
			t.Errorf("%q counts as %s, want %s", remote, got, want)
		}
	}
}

func TestParseProxies(t *testing.T) {
	got, err := ParseProxies(" 127.0.0.1, ::1,10.1.2.3/8 ,::ffff:192.0.2.1")
	want := []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32"), netip.MustParsePrefix("::1/128"),
		netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("192.0.2.1/32")}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("%v, %v", got, err)
	}
	for _, bad := range []string{"localhost", "10.0.0.0/99", "1.2.3", "*"} {
		if _, err := ParseProxies(bad); err == nil || !strings.Contains(err.Error(), bad) {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

// TestBehind believes proxies that are trusted, and nobody else.
func TestBehind(t *testing.T) {
	proxies, err := ParseProxies("127.0.0.1,10.0.0.0/8")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		remote    string
		forwarded []string
		want      string
	}{
		{"203.0.113.7:1", nil, "203.0.113.7:1"},
		{"203.0.113.7:1", []string{"198.51.100.1"}, "203.0.113.7:1"}, // says so itself
		{"127.0.0.1:1", nil, "127.0.0.1:1"},
		{"127.0.0.1:1", []string{"198.51.100.1"}, "198.51.100.1"},
		{"[::ffff:127.0.0.1]:1", []string{"198.51.100.1:77"}, "198.51.100.1"},
		{"127.0.0.1:1", []string{"6.6.6.6, 198.51.100.1, 10.0.0.2"}, "198.51.100.1"}, // 6.6.6.6 is made up
		{"127.0.0.1:1", []string{"6.6.6.6", "198.51.100.1", "10.0.0.2"}, "198.51.100.1"},
		{"127.0.0.1:1", []string{"10.0.0.3, 10.0.0.2"}, "10.0.0.3"}, // a client inside
		{"127.0.0.1:1", []string{"unknown"}, "127.0.0.1:1"},
		{"127.0.0.1:1", []string{"198.51.100.1, unknown, 10.0.0.2"}, "10.0.0.2"},
		{"127.0.0.1:1", []string{""}, "127.0.0.1:1"},
		{"127.0.0.1:1", []string{"2001:db8::1"}, "2001:db8::1"},
		{"pipe", []string{"198.51.100.1"}, "pipe"},
	} {
		if got := behind(proxies, c.remote, c.forwarded); got != c.want {
			t.Errorf("%s with %q is %s, want %s", c.remote, c.forwarded, got, c.want)
		}
	}
}
