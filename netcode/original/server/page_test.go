//go:build !js

package server

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"tandem/netcode/original/wire"
	"tandem/netcode/protocol"
	"tandem/netcode/relay"
)

func TestOriginalPages(t *testing.T) {
	s := newRelayed(relay.Options{Origins: []string{"https://play.example.org"}}, Options{})
	defer s.Close()
	get := func(method, path, origin string) (int, string) {
		r := httptest.NewRequest(method, path, nil)
		if origin != "" {
			r.Header.Set("Origin", origin)
		}
		rec := httptest.NewRecorder()
		s.ServeHTTP(rec, r)
		return rec.Code, rec.Body.String()
	}
	for _, c := range []struct {
		method, path, origin string
		status               int
		says                 string
	}{
		{"GET", "/alice-1", "", http.StatusOK, "Welcome, alice-1"},
		{"GET", "/%3Cscript%3E", "", http.StatusOK, "Welcome, &lt;script&gt;"},
		{"GET", "/" + strings.Repeat("x", wire.MaxIdentifier+1), "", http.StatusNotFound, ""},
		{"GET", "/%ff", "", http.StatusNotFound, ""},
		{"GET", "/a/b", "", http.StatusNotFound, ""},
		{"POST", "/alice", "", http.StatusMethodNotAllowed, ""},
		{"GET", "/healthz", "", http.StatusOK, "ok\n"},
		{"GET", "/socket.io/?EIO=3&transport=websocket", "", http.StatusBadRequest, `{"code":5,"message":"Unsupported protocol version"}`},
		{"GET", "/socket.io/?EIO=4&transport=pigeon", "", http.StatusBadRequest, "Transport unknown"},
		{"GET", "/socket.io/?EIO=4&transport=polling&sid=x", "", http.StatusBadRequest, "Session ID unknown"},
		{"POST", "/socket.io/?EIO=4&transport=polling", "", http.StatusBadRequest, "Bad handshake method"},
		{"GET", "/socket.io/?EIO=4&transport=polling", "https://evil.example", http.StatusForbidden, "evil.example"},
		{"POST", "/socket.io/?EIO=4&transport=polling&sid=x", "https://evil.example", http.StatusForbidden, "evil.example"},
		{"GET", "/socket.io/?EIO=4&transport=websocket", "https://evil.example", http.StatusForbidden, "evil.example"},
	} {
		status, body := get(c.method, c.path, c.origin)
		if status != c.status || !strings.Contains(body, c.says) {
			t.Errorf("%s %.40s answers %d %q, want %d with %q", c.method, c.path, status, body, c.status, c.says)
		}
	}
	refusals(t, s, protocol.CodeOrigin, "3")
	off := relay.New(relay.Options{})
	defer off.Close()
	for _, path := range []string{"/", "/alice"} {
		rec := httptest.NewRecorder()
		if off.ServeHTTP(rec, httptest.NewRequest("GET", path, nil)); rec.Code != http.StatusNotFound {
			t.Errorf("without the option %s answers %d", path, rec.Code)
		}
	}
}

// What the paths answer is the same whether nobody is here or two play, and whether there is a folder.
func TestPathsTellNothing(t *testing.T) {
	walk := func(busy bool) (list []string) {
		front := Options{}
		if busy {
			front.Data = filepath.Join(t.TempDir(), "folder")
		}
		s, addr := onPort(t, relay.Options{BasePath: "/base"}, front)
		if busy {
			a, b := match(t, addr)
			a.say(a.action(0))
			b.await("pyodide_other_player_action")
		}
		for _, base := range []string{"", "/base"} {
			for _, path := range []string{"/socket.io/", "/socket.io/?EIO=4&transport=polling&sid=1", "/socket.io/?EIO=3&transport=polling", "/ann", "/folder", "/a/b"} {
				for _, method := range []string{"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE"} {
					r := httptest.NewRequest(method, base+path, nil)
					r.Host, r.RemoteAddr = "localhost", "192.168.1.9:5"
					w := httptest.NewRecorder()
					s.ServeHTTP(w, r)
					list = append(list, fmt.Sprintf("%s %s: %d %v %s", method, base+path, w.Code, w.Header(), w.Body))
				}
			}
		}
		return list
	}
	idle, busy := walk(false), walk(true)
	for i := range idle {
		if idle[i] != busy[i] || strings.Contains(busy[i], "tandem_") {
			t.Errorf("whether something goes on shows:\n%s\n%s", idle[i], busy[i])
		}
	}
}

// A page that forges a proxy's mark, from a computer that is no proxy, neither begins nor goes on to poll:
// a browser can be led to any name (DNS rebinding). A named proxy's do.
func TestForgedPolls(t *testing.T) {
	proxies, err := relay.ParseProxies("172.17.0.2")
	if err != nil {
		t.Fatal(err)
	}
	s := newRelayed(relay.Options{BasePath: "/base", TrustedProxies: proxies}, Options{})
	defer s.Close()
	const poll, lan = "/socket.io/?EIO=4&transport=polling", "192.168.1.9:5"
	for name, c := range map[string]struct {
		from, method, path, mark string
		admitted                 bool
	}{
		"begins":              {lan, "GET", poll, "X-Forwarded-For", false},
		"sends":               {lan, "POST", poll + "&sid=1", "X-Forwarded-For", false},
		"below the path":      {lan, "GET", "/base" + poll, "X-Forwarded-For", false},
		"by another spelling": {lan, "GET", "/%73ocket.io/?EIO=4&transport=polling", "X-Forwarded-For", false},
		"by a longer path":    {lan, "GET", "/socket.io/x?EIO=4&transport=polling", "X-Forwarded-For", false},
		"with another mark":   {lan, "GET", poll, "Forwarded", false},
		"by a named proxy":    {"172.17.0.2:5", "GET", poll, "X-Forwarded-For", true},
		"a page, not a poll":  {lan, "GET", "/ann", "X-Forwarded-For", true},
	} {
		r := httptest.NewRequest(c.method, c.path, nil)
		r.RemoteAddr, r.Host = c.from, "evil.example"
		r.Header.Set(c.mark, "1")
		w := httptest.NewRecorder()
		if s.ServeHTTP(w, r); (w.Code != http.StatusMisdirectedRequest) != c.admitted {
			t.Errorf("%s: %d %s", name, w.Code, w.Body)
		}
	}
}

// TestOriginalHome opens the relay without naming a subject.
func TestOriginalHome(t *testing.T) {
	s := newRelayed(relay.Options{}, Options{})
	defer s.Close()
	uuid4 := regexp.MustCompile(`^\./[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)
	seen := map[string]bool{}
	for range 8 {
		rec := httptest.NewRecorder()
		s.ServeHTTP(rec, httptest.NewRequest("GET", "/", nil))
		to := rec.Header().Get("Location")
		if rec.Code != http.StatusFound || !uuid4.MatchString(to) || seen[to] {
			t.Fatalf("/ answers %d and leads to %q after %v", rec.Code, to, seen)
		}
		seen[to] = true
		page := httptest.NewRecorder()
		if s.ServeHTTP(page, httptest.NewRequest("GET", to[1:], nil)); page.Code != http.StatusOK || !strings.Contains(page.Body.String(), to[2:]) {
			t.Errorf("%s answers %d %q", to, page.Code, page.Body)
		}
	}
	s.Handle("GET /{$}", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "the game") }))
	rec := httptest.NewRecorder()
	if s.ServeHTTP(rec, httptest.NewRequest("GET", "/", nil)); rec.Code != http.StatusOK || rec.Body.String() != "the game" {
		t.Errorf("where a page is served / answers %d %q", rec.Code, rec.Body)
	}
}
