//go:build !js

package relay

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"tandem/netcode/transport"
)

// TestHosts calls the relay by names that are its own, and as a page does that has its name answered with
// an address of the local network.
func TestHosts(t *testing.T) {
	origins := []string{"https://study.example.org:8443", "https://*.uni.example"}
	names, err := ParseHosts(" Play.example.org., *.games.example ,")
	if err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	s := New(Options{Origins: origins, Hosts: names, Log: slog.New(slog.NewTextHandler(&log, nil))})
	defer s.Close()
	status := func(from, host string, headers ...string) int {
		r := httptest.NewRequest("GET", "/healthz", nil)
		r.RemoteAddr, r.Host = from, host
		for i := 0; i < len(headers); i += 2 {
			r.Header.Set(headers[i], headers[i+1])
		}
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		if w.Code == http.StatusMisdirectedRequest && !strings.Contains(w.Body.String(), "-hosts "+hostName(host)) {
			t.Errorf("%s is told %q", host, w.Body)
		}
		return w.Code
	}
	const lan = "192.168.1.9:5"
	for _, host := range []string{"192.168.1.5:7777", "127.0.0.1", "[::1]:7777", "[fe80::1%25eth0]:7777", "localhost:7777", "tandem.localhost", "gamebox:7777",
		"Gamebox.local", "box.fritz.box", "relay.home.arpa.", "play.example.org:7777", "PLAY.example.org", "a.games.example", "study.example.org", "x.uni.example"} {
		if got := status(lan, host); got != http.StatusOK {
			t.Errorf("%s answers %d", host, got)
		}
	}
	if log.Len() > 0 {
		t.Errorf("the log says %s", &log)
	}
	for _, from := range []string{lan, "127.0.0.1:5", "[fe80::2%eth0]:5", "10.0.0.1:5", "100.64.0.9:5"} {
		for _, host := range []string{"evil.example", "evil.example:7777", "games.example", "play.example.org.evil.example"} {
			if got := status(from, host, "Origin", "http://"+host); got != http.StatusMisdirectedRequest {
				t.Errorf("%s from %s answers %d", host, from, got)
			}
		}
	}
	if got := log.String(); strings.Count(got, "level=WARN") != 1 {
		t.Errorf("the log says %s", got)
	}
	for what, got := range map[string]int{
		"from the internet":              status("203.0.113.1:5", "any.example"),
		"a proxy on this computer":       status("127.0.0.1:5", "any.example", "X-Forwarded-For", "203.0.113.1"),
		"a proxy that names its host":    status("172.17.0.1:5", "any.example", "X-Forwarded-Host", "any.example"),
		"a program that opens WebSocket": status(lan, "any.example", "Upgrade", "websocket"),
	} {
		if got != http.StatusOK {
			t.Errorf("%s: %d", what, got)
		}
	}
	if got := status(lan, "any.example", "Upgrade", "websocket", "Origin", "http://any.example"); got != http.StatusMisdirectedRequest {
		t.Errorf("a page that opens a WebSocket under another name is answered %d", got)
	}
	for _, bad := range []string{"https://play.example.org", "play.example.org:7777", "a.example/x", "*.*.example", "two names"} {
		if _, err := ParseHosts(bad); err == nil || !strings.Contains(err.Error(), "write it without scheme") {
			t.Errorf("-hosts %s: %v", bad, err)
		}
	}
	open := New(Options{Origins: []string{"*"}})
	defer open.Close()
	if !open.hosts.knows("any.example", nil) {
		t.Error("a relay for any page's use is called by any name")
	}
}

// TestForgedMarks calls a relay as a script does that has its page's name answered with the relay's address: it
// marks what it fetches as a proxy would. It gets what says nothing, as through a proxy that nobody has named,
// and neither plays nor reads what goes on.
func TestForgedMarks(t *testing.T) {
	proxies, err := ParseProxies("172.17.0.2, 127.0.0.1")
	if err != nil {
		t.Fatal(err)
	}
	s := New(Options{Front: visitors, BasePath: "/base", TrustedProxies: proxies})
	defer s.Close()
	monitor := s.Monitor()
	page := []string{"Origin", "http://evil.example"}
	forged := []string{"X-Forwarded-For", "1"}
	upgrade := []string{"Upgrade", "websocket", "Connection", "Upgrade", "Sec-Websocket-Version", "13", "Sec-Websocket-Key", "AAAAAAAAAAAAAAAAAAAAAA=="}
	const poll, lan, refused = "/socket.io/?EIO=4&transport=polling", "192.168.1.9:5", http.StatusMisdirectedRequest
	for _, c := range []struct {
		name     string
		h        http.Handler
		from     string
		method   string
		path     string
		headers  [][]string
		admitted bool
	}{
		{"a script polls", s, lan, "GET", poll, [][]string{forged}, false},
		{"a script sends", s, lan, "POST", poll + "&sid=1", [][]string{forged, page}, false},
		{"below the path", s, lan, "GET", "/base" + poll, [][]string{forged}, false},
		{"by another spelling", s, lan, "GET", "/%73ocket.io/?EIO=4&transport=polling", [][]string{forged}, false},
		{"by a longer path", s, lan, "GET", "/socket.io/x?EIO=4&transport=polling", [][]string{forged}, false},
		{"with another mark", s, lan, "GET", poll, [][]string{{"Forwarded", "for=1"}}, false},
		{"a script reads metrics", monitor, lan, "GET", "/metrics", [][]string{forged}, false},
		{"a script reads the details", monitor, lan, "GET", "/healthz", [][]string{{"X-Real-Ip", "1"}}, false},
		{"a page's WebSocket, unmarked", s, lan, "GET", "/ws", [][]string{upgrade, page}, false},
		{"polling by a named proxy", s, "172.17.0.2:5", "GET", poll, [][]string{forged}, true},
		{"metrics by a named proxy", monitor, "172.17.0.2:5", "GET", "/metrics", [][]string{forged}, true},
		{"WebSocket by another proxy", s, lan, "GET", "/ws", [][]string{upgrade, page, forged}, true},
		{"the page by another proxy", s, lan, "GET", "/", [][]string{forged}, true},
		{"the question why by another proxy", s, lan, "GET", "/ws/why", [][]string{forged}, true},
	} {
		r := httptest.NewRequest(c.method, c.path, nil)
		r.RemoteAddr, r.Host = c.from, "evil.example"
		for _, h := range c.headers {
			for i := 0; i < len(h); i += 2 {
				r.Header.Set(h[i], h[i+1])
			}
		}
		w := httptest.NewRecorder()
		c.h.ServeHTTP(w, r)
		if (w.Code != refused) != c.admitted {
			t.Errorf("%s: %d %s", c.name, w.Code, w.Body)
		}
		if words := "-trusted-proxies 192.168.1.9"; !c.admitted && strings.Contains(w.Body.String(), words) != (len(r.Header.Get("Sec-Websocket-Key")) == 0) {
			t.Errorf("%s: it is told %s", c.name, w.Body)
		}
	}
	r := httptest.NewRequest("CONNECT", "/ws", nil)
	r.RemoteAddr, r.Host = lan, "evil.example"
	r.Header.Set("X-Forwarded-For", "1")
	if err := s.admitPage(r); !errors.Is(err, transport.ErrOrigin) {
		t.Errorf("a page's WebTransport, marked: %v", err)
	}
}

// A firewall's inside has public addresses with IPv6.
func TestPublicNeighbours(t *testing.T) {
	s := New(Options{})
	defer s.Close()
	for _, c := range []struct {
		here, from string
		want       int
	}{
		{"[2001:db8:1:2::5]:7777", "[2001:db8:1:2::9]:5", 421},
		{"[2001:db8:1:2::5]:7777", "[2001:db8:1:3::9]:5", 200},
		{"203.0.113.5:7777", "203.0.113.5:5", 421},
		{"203.0.113.5:7777", "203.0.113.6:5", 200},
	} {
		here, err := net.ResolveTCPAddr("tcp", c.here)
		if err != nil {
			t.Fatal(err)
		}
		r := httptest.NewRequestWithContext(context.WithValue(t.Context(), http.LocalAddrContextKey, here), "GET", "/healthz", nil)
		r.RemoteAddr, r.Host = c.from, "evil.example"
		w := httptest.NewRecorder()
		if s.ServeHTTP(w, r); w.Code != c.want {
			t.Errorf("from %s to %s: %d", c.from, c.here, w.Code)
		}
	}
}

// TestCertificateNames: a relay is known by the names of its certificate, browsers are told to come by
// https, and what does not authenticate what it encrypts is not spoken.
func TestCertificateNames(t *testing.T) {
	data, key := issue(t, 1, noon.Add(-time.Hour), noon.Add(time.Hour), "play.example.org", "*.games.example")
	dir := t.TempDir()
	cert, err := LoadCertificate(save(t, filepath.Join(dir, "cert.pem"), data), save(t, filepath.Join(dir, "key.pem"), key),
		func() time.Time { return noon }, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	s := New(Options{})
	defer s.Close()
	s.cert = cert
	for host, want := range map[string]int{"play.example.org": 200, "a.games.example:7777": 200, "example.org": 421, "evil.example": 421} {
		r := httptest.NewRequest("GET", "/healthz", nil)
		r.RemoteAddr, r.Host, r.TLS = "10.0.0.7:5", host, &tls.ConnectionState{}
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		if w.Code != want || !strings.HasPrefix(w.Header().Get("Strict-Transport-Security"), "max-age=") {
			t.Errorf("%s answers %d, %v", host, w.Code, w.Header())
		}
	}
	for _, c := range []struct{ host, tls string }{{"play.example.org", ""}, {"localhost", "yes"}} {
		r := httptest.NewRequest("GET", "/healthz", nil)
		if r.Host, r.TLS = c.host, nil; c.tls != "" {
			r.TLS = &tls.ConnectionState{}
		}
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		if got := w.Header().Get("Strict-Transport-Security"); got != "" {
			t.Errorf("%s (TLS %q) answers %s", c.host, c.tls, got)
		}
	}
	for _, suite := range cert.Config().CipherSuites {
		if name := tls.CipherSuiteName(suite); !strings.Contains(name, "GCM") && !strings.Contains(name, "POLY1305") {
			t.Errorf("the relay speaks %s", name)
		}
	}
	client, server := net.Pipe()
	go func() {
		_ = tls.Server(server, cert.Config()).HandshakeContext(t.Context()) // it refuses, which the client hears
		_ = server.Close()
	}()
	old := &tls.Config{InsecureSkipVerify: true, MaxVersion: tls.VersionTLS12, CipherSuites: []uint16{tls.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA}}
	if err := tls.Client(client, old).HandshakeContext(t.Context()); err == nil {
		t.Error("the relay speaks a suite of the old kind")
	}
}

// refusing is a listener of a process that may open no more files, and then of one that may.
type refusing struct {
	net.Listener
	errs []error
}

func (l *refusing) Accept() (net.Conn, error) {
	if len(l.errs) == 0 {
		return nil, net.ErrClosed
	}
	err := l.errs[0]
	l.errs = l.errs[1:]
	return nil, err
}

func TestNoMoreFiles(t *testing.T) {
	var log bytes.Buffer
	s := New(Options{Log: slog.New(slog.NewTextHandler(&log, nil))})
	defer s.Close()
	full := &net.OpError{Op: "accept", Err: os.NewSyscallError("accept4", syscall.EMFILE)}
	d := s.limit(&refusing{errs: []error{full}})
	if _, err := d.Accept(); !errors.Is(err, syscall.EMFILE) {
		t.Errorf("the server is told %v", err)
	}
	if !strings.Contains(log.String(), "Raise its limit (ulimit -n") {
		t.Errorf("the log says %s", &log)
	}
}
