//go:build !js

package relay

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"tandem/netcode/protocol"
	"tandem/netcode/session"
)

// asked is what a handler answers.
func asked(h http.Handler, method, host, path string) (status int, body string) {
	r := httptest.NewRequest(method, path, nil)
	r.Host, r.RemoteAddr = host, "192.168.1.9:5"
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Code, w.Body.String()
}

// Operators are told what goes on; a page that reads this computer's ports by another name is not.
func TestMonitor(t *testing.T) {
	var log bytes.Buffer
	s := New(Options{Program: "tandem-relay 9.9", Log: slog.New(slog.NewTextHandler(&log, nil))})
	h := s.Monitor()
	var detail struct {
		Status, Program    string
		Rooms, Connections int
		Up                 *int `json:"up_s"`
	}
	status, body := asked(h, "GET", "localhost:9100", "/healthz")
	if err := json.Unmarshal([]byte(body), &detail); err != nil || status != 200 || detail.Status != "ok" || detail.Program != "tandem-relay 9.9" || detail.Up == nil {
		t.Errorf("/healthz answers %d %s", status, body)
	}
	if status, body = asked(h, "GET", "192.168.1.5:9100", "/metrics"); status != 200 || !strings.Contains(body, "tandem_rooms 0\n") {
		t.Errorf("/metrics answers %d %s", status, body)
	}
	if status, body = asked(h, "GET", "localhost", "/"); status != 404 || !strings.Contains(body, "/metrics and /healthz") {
		t.Errorf("/ answers %d %s", status, body)
	}
	for _, path := range []string{"/metrics", "/healthz"} {
		if status, body = asked(h, "GET", "evil.example", path); status != http.StatusMisdirectedRequest || strings.Contains(body, "tandem_") {
			t.Errorf("%s by another's name answers %d %s", path, status, body)
		}
		if status, body = asked(h, "POST", "localhost", path); status/100 != 4 || strings.Contains(body, "tandem_") {
			t.Errorf("POST %s answers %d %s", path, status, body)
		}
	}
	s.Close()
	if status, body = asked(h, "GET", "localhost", "/healthz"); status != 503 || !strings.Contains(body, `"status":"shutting down"`) {
		t.Errorf("at the end /healthz answers %d %s", status, body)
	}
	if status, body = asked(s, "GET", "localhost", "/healthz"); status != 503 || body != "shutting down\n" {
		t.Errorf("at the end the players' /healthz answers %d %q", status, body)
	}
}

// strangersWays are the patterns of the players' port. Whoever adds one says with it that it tells nobody
// what goes on inside: TestPlayersPortTellsNothing asks it.
var strangersWays = []string{`"GET /ws"`, `"GET /ws/why"`, `"GET /healthz"`, `"GET /metrics"`, `method+socket.DefaultPath`, `"GET /{subject}"`, `pattern`}

// TestPlayersPortTellsNothing asks everything that the players' port serves, and what is usually looked for
// on servers, of a relay on which nothing happens and of one with players, rooms, refusals and a folder of
// data: their answers do not differ.
func TestPlayersPortTellsNothing(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	fronts, err := filepath.Glob("../original/server/*.go") // whose TestPathsTellNothing asks them
	if err != nil || len(fronts) == 0 {
		t.Fatalf("the original's server is not beside this package any more: %v", err)
	}
	files = append(files, fronts...)
	var found []string
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		pattern := `s\.mux\.Handle(?:Func)?\(([^,]+),`
		if slices.Contains(fronts, file) {
			pattern = `\bmux\.Handle(?:Func)?\(([^,]+),`
		}
		for _, m := range regexp.MustCompile(pattern).FindAllSubmatch(data, -1) {
			found = append(found, string(m[1]))
		}
	}
	slices.Sort(found)
	want := slices.Sorted(slices.Values(strangersWays))
	if !slices.Equal(found, want) {
		t.Errorf("the players' port has the patterns %q, and here are %q", found, want)
	}

	paths := []string{"/ws/", "/ws", "/ws/why", "/ws/why?origin=http://a.example&protocol=1", "/healthz", "/healthz?verbose", "/metrics", "/metrics/", "/metrics?x",
		"/socket.io/", "/socket.io/?EIO=4&transport=polling&sid=1", "/socket.io/?EIO=3&transport=polling", "/ann", "/",
		"/debug/pprof/", "/debug/vars", "/status", "/rooms", "/admin", "/api/rooms", "/config", "/.env", "/relay.key", "/sesame", "/../relay.key"}
	walk := func(busy bool) (list []string) {
		virtual(t, Options{Front: visitors, BasePath: "/base", Program: "test",
			Random: func() uint64 { return 7 }}, func(t *testing.T, s *Server) {
			if busy {
				var ends []<-chan session.End
				for i := range 2 {
					p := newPlayer(session.PeerConfig{Room: "sesame", Seat: i, Name: "Ophelia", Create: roomOptions("frames=0")}, 1)
					ends = append(ends, start(p, dial(s)))
					<-p.seated
				}
				defer func() {
					s.Close()
					for _, c := range ends {
						<-c
					}
				}()
				old := dial(s)
				write(t, old, hello(99))
				refusedWith(t, old, protocol.CodeVersion, "")
			}
			for _, base := range []string{"", "/base"} {
				for _, path := range paths {
					for _, method := range []string{"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE"} {
						r := httptest.NewRequest(method, base+path, nil)
						r.Host, r.RemoteAddr = "localhost", "192.168.1.9:5"
						w := httptest.NewRecorder()
						s.ServeHTTP(w, r)
						list = append(list, fmt.Sprintf("%s %s: %d %v %s", method, base+path, w.Code, w.Header(), w.Body))
					}
				}
			}
			// By WebSocket: a wrong code.
			c := dial(s)
			write(t, c, append(hello(protocol.Version), protocol.Append(nil, &protocol.Join{Room: "gone", Seat: -1})...))
			said, end := answers(t, c)
			for _, m := range said {
				if _, ok := m.(*protocol.Refusal); ok {
					list = append(list, fmt.Sprintf("%+v %+v", m, end))
				}
			}
		})
		return list
	}
	idle, busy := walk(false), walk(true)
	if len(idle) != len(busy) || len(idle) != 2*len(paths)*8+1 {
		t.Fatalf("%d and %d answers", len(idle), len(busy))
	}
	for i := range idle {
		if idle[i] != busy[i] {
			t.Errorf("whether something goes on shows:\n%s\n%s", idle[i], busy[i])
		}
		for _, secret := range []string{"tandem_", "Ophelia", "go1.", "goroutine", "folder", `"rooms"`, `"connections"`} {
			if strings.Contains(busy[i], secret) {
				t.Errorf("%q is told by %s", secret, busy[i])
			}
		}
	}
}

// TestMonitorClosesLast watches the end of a relay on the operators' port.
func TestMonitorClosesLast(t *testing.T) {
	listen := func(f func(string) (net.Listener, error), addr string) net.Listener {
		ln, err := f(addr)
		if err != nil {
			t.Fatal(err)
		}
		return ln
	}
	players, operators := listen(Listen, "127.0.0.1:0"), listen(ListenMetrics, "0")
	s := New(Options{})
	s.ServeMetrics(operators)
	asking, answer := make(chan struct{}), make(chan struct{})
	s.Handle("GET /slow", http.HandlerFunc(func(http.ResponseWriter, *http.Request) { close(asking); <-answer }))
	ctx, cancel := context.WithCancel(t.Context())
	served := make(chan error, 1)
	go func() { served <- s.Serve(ctx, players) }()
	get := func(addr net.Addr, path string) int {
		resp, err := http.Get("http://" + addr.String() + path)
		if err != nil {
			t.Fatal(err)
		}
		if err := resp.Body.Close(); err != nil {
			t.Error(err)
		}
		return resp.StatusCode
	}
	if p, o := get(players.Addr(), "/healthz"), get(operators.Addr(), "/healthz"); p != 200 || o != 200 {
		t.Errorf("/healthz answers %d and %d", p, o)
	}
	last := make(chan struct{})
	go func() { defer close(last); get(players.Addr(), "/slow") }()
	<-asking
	cancel()
	for get(operators.Addr(), "/healthz") != 503 { // until the relay has heard of it; then it waits for the last answer
	}
	if got := get(operators.Addr(), "/metrics"); got != 200 {
		t.Errorf("while the relay ends /metrics answers %d", got)
	}
	close(answer)
	<-last
	if err := <-served; err != nil {
		t.Error(err)
	}
	for _, ln := range []net.Listener{players, operators} {
		if c, err := net.Dial("tcp", ln.Addr().String()); err == nil {
			t.Errorf("%s is still open", ln.Addr())
			_ = c.Close()
		}
	}
}

func TestListenMetrics(t *testing.T) {
	for _, addr := range []string{"0", ":0", "127.0.0.1:0", "localhost:0"} {
		ln, err := ListenMetrics(addr)
		if err != nil {
			t.Errorf("ListenMetrics(%q): %v", addr, err)
			continue
		}
		if at := ln.Addr().(*net.TCPAddr); !at.IP.IsLoopback() {
			t.Errorf("ListenMetrics(%q) listens on %s", addr, at)
		}
		_, again := ListenMetrics(ln.Addr().String())
		if again == nil || !strings.Contains(again.Error(), "in use") || !strings.Contains(again.Error(), "another port with -metrics") {
			t.Errorf("listening twice on a port: %v", again)
		}
		if err := ln.Close(); err != nil {
			t.Error(err)
		}
	}
	for _, addr := range []string{"nowhere", "host.invalid:1", "99999", "127.0.0.1:99999", "-1", ":x", "http://localhost:9100/metrics"} {
		ln, err := ListenMetrics(addr)
		if err == nil {
			t.Errorf("ListenMetrics(%q) worked: %s", addr, ln.Addr())
			continue
		}
		if !strings.Contains(err.Error(), "write -metrics PORT or -metrics HOST:PORT") || !strings.Contains(err.Error(), addr) {
			t.Errorf("ListenMetrics(%q): %v: it does not say what to do", addr, err)
		}
	}
}
