//go:build !js

package relay

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"

	"tandem/netcode/protocol"
)

// What a page is told is what its WebSocket would meet.
func TestWhy(t *testing.T) {
	s := New(Options{Hosts: []string{"play.example"}, Origins: []string{"https://listed.example"}, TrustedProxies: []netip.Prefix{netip.MustParsePrefix("10.0.0.9/32")}})
	defer s.Close()
	for _, c := range []struct {
		name, host, remote, forwarded string
		own                           string // the request's own Origin: a page elsewhere asks
		query                         string
		admits                        bool
		words                         string
	}{
		{"the relay's own", "play.example", "10.0.0.1:1", "", "", "origin=http://play.example&protocol=2", true, "no WebSocket comes through"},
		{"by https through a proxy", "play.example", "10.0.0.1:1", "", "", "origin=https://play.example&protocol=2", true, "no WebSocket comes through"},
		{"the proxy hides the name", "127.0.0.1:7777", "10.0.0.1:1", "", "", "origin=https://play.example&protocol=2", false, `is called "127.0.0.1:7777" by the proxy`},
		{"a trusted proxy tells it elsewhere", "127.0.0.1:7777", "10.0.0.9:1", "play.example", "", "origin=https://play.example&protocol=2", true, "no WebSocket"},
		{"another does not count", "127.0.0.1:7777", "10.0.0.8:1", "play.example", "", "origin=https://play.example&protocol=2", false, "by the proxy"},
		{"a stranger's", "play.example", "10.0.0.1:1", "", "https://evil.example", "origin=https://evil.example&protocol=2", false, `Pages from "https://evil.example" may not`},
		{"a listed one", "play.example", "10.0.0.1:1", "", "https://listed.example", "origin=https://listed.example&protocol=2", true, "no WebSocket"},
		{"an older one", "play.example", "10.0.0.1:1", "", "", fmt.Sprint("origin=http://play.example&protocol=", protocol.Version-1), false, "Reload the page"},
		{"no page", "play.example", "10.0.0.1:1", "", "", "", true, "no WebSocket"},
		{"a file", "play.example", "10.0.0.1:1", "", "", "origin=null", false, `Pages from "null" may not`},
		{"nonsense", "play.example", "10.0.0.1:1", "", "", "origin=%ff%00&protocol=x", false, "may not use this relay"},
	} {
		r := httptest.NewRequest("GET", "http://"+c.host+"/ws/why?"+c.query, nil)
		r.RemoteAddr = c.remote
		if c.forwarded != "" {
			r.Header.Set("X-Forwarded-Host", c.forwarded)
		}
		if c.own != "" {
			r.Header.Set("Origin", c.own)
		}
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		var got struct {
			Admits bool
			Words  string
		}
		if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || w.Code != 200 {
			t.Fatalf("%s: %d, %v", c.name, w.Code, err)
		}
		if got.Admits != c.admits || !strings.Contains(got.Words, c.words) {
			t.Errorf("%s: %v, %q; want %v, %q", c.name, got.Admits, got.Words, c.admits, c.words)
		}
	}
}

// The operator reads about each page once, and nobody can fill the log.
func TestHints(t *testing.T) {
	var log bytes.Buffer
	s := New(Options{Log: slog.New(slog.NewTextHandler(&log, nil))})
	defer s.Close()
	for i := range 100 {
		for range 2 {
			r := httptest.NewRequest("GET", "http://127.0.0.1:7777/ws", nil)
			r.Header.Set("Origin", fmt.Sprintf("https://page%d.example", i))
			s.ServeHTTP(httptest.NewRecorder(), r)
		}
	}
	if n := strings.Count(log.String(), "level=WARN"); n != maxHints {
		t.Errorf("%d hints, want %d:\n%s", n, maxHints, log.String())
	}
}

// Below its base path the relay is the same as above it, so that it does not matter whether a proxy takes
// the path off.
func TestBasePath(t *testing.T) {
	s := New(Options{BasePath: "/lab/tandem", Front: visitors})
	defer s.Close()
	for _, c := range []struct {
		path   string
		status int
		to     string
	}{
		{"/healthz", 200, ""}, {"/lab/tandem/healthz", 200, ""}, {"/lab/tandem/ws/why", 200, ""},
		{"/lab/tandem", 302, "tandem/"}, {"/lab/tandem?room=CODE&x", 302, "tandem/?room=CODE&x"},
		{"/lab/tandem/ws", 400, ""}, {"/lab/tandem/ann", 200, ""}, {"/lab/tandemic/healthz", 404, ""}, {"/lab", 200, ""}, // a subject
		{"/lab/tandem/", 302, "./"},
	} {
		w := httptest.NewRecorder()
		s.ServeHTTP(w, httptest.NewRequest("GET", "http://relay.example"+c.path, nil))
		if to := w.Header().Get("Location"); w.Code != c.status || !strings.HasPrefix(to, c.to) || (to == "") != (c.to == "") {
			t.Errorf("%s: %d, %q; want %d, %q", c.path, w.Code, to, c.status, c.to)
		}
	}
}
