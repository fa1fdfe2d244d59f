//go:build !js

package transport

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"tandem/netcode/internal/race"
)

// TestInNode runs this package's tests, built for js, under node, whose WebSocket is the browsers'.
// A page cannot accept connections, so the test plays the far end: it joins pairs of connections
// and passes on what it reads, goodbyes included (see conn_js_test.go). Without such a node it is
// skipped, or fails where TANDEM_NEED_NODE is set.
func TestInNode(t *testing.T) {
	if testing.Short() {
		t.Skip("builds for js and starts node")
	}
	if race.Enabled {
		t.Skip("js has no race detector: nothing would be found that a plain run does not find")
	}
	lacks := func(format string, args ...any) {
		t.Helper()
		if os.Getenv("TANDEM_NEED_NODE") != "" {
			t.Fatalf(format, args...)
		}
		t.Skipf(format, args...)
	}
	node, err := exec.LookPath("node")
	if err != nil {
		lacks("there is no node")
	}
	root, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		lacks("there is no go command to build with: %v", err)
	}
	const flag = "--experimental-websocket" // node 20.10 to 21 have it behind this flag, later ones always
	if out, err := exec.Command(node, flag, "-e", "new WebSocket('ws://127.0.0.1:1').onerror=()=>{}").CombinedOutput(); err != nil {
		lacks("this node has no WebSocket, as those before 20.10: %v: %s", err, out)
	}
	srv := httptest.NewServer(&joiner{t: t, waiting: map[string]Conn{}})
	defer srv.Close()

	dir := t.TempDir()
	binary := filepath.Join(dir, "transport.test.wasm")
	build := exec.Command("go", "test", "-c", "-o", binary, ".")
	build.Env = append(os.Environ(), "GOOS=js", "GOARCH=wasm", "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("building for js: %v\n%s", err, out)
	}
	run := exec.Command(node, flag, "--stack-size=8192", filepath.Join(strings.TrimSpace(string(root)), "lib", "wasm", "wasm_exec_node.js"),
		binary, "-test.v", "-test.timeout=5m", "-test.run=^(TestBrowser|TestPage.*|TestPipe|TestPipeHalfOpen|TestSender.*)$")
	// The environment of a program for js is limited to a few KiB: pass what it needs only.
	run.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + dir, "TMPDIR=" + dir, "PWD=" + dir, serverEnv + "=" + srv.URL}
	run.Dir = dir
	out, err := run.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "--- PASS: TestBrowser ") {
		t.Fatalf("node: %v\n%s", err, out)
	}
}

// joiner connects the two WebSockets that name the same pair. With ?text it says a text and waits; with ?new it
// knows of datagrams, and has none.
type joiner struct {
	t       *testing.T
	mu      sync.Mutex
	waiting map[string]Conn
}

func (j *joiner) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path != DefaultPath {
		http.NotFound(w, r)
		return
	}
	if r.URL.Query().Has("mute") {
		<-r.Context().Done()
		return
	}
	upgrade := Upgrade
	if r.URL.Query().Has("new") {
		upgrade = (*Datagrams)(nil).Upgrade
	}
	c, err := upgrade(w, r, Options{MaxMessage: 1 << 20})
	if err != nil {
		j.t.Errorf("Upgrade: %v", err)
		return
	}
	if r.URL.Query().Has(pageQuery) && !r.URL.Query().Has("new") {
		_, err := c.Read() // it waits for the page to speak
		var ce *CloseError
		if !errors.As(err, &ce) {
			j.t.Errorf("where no offer comes the page says %v", err)
		}
		return
	}
	if r.URL.Query().Has("abrupt") {
		c.(Aborter).Abort()
		return
	}
	if r.URL.Query().Has("text") {
		if err := c.(*wsConn).ws.WriteMessage(1, []byte("hello")); err != nil {
			j.t.Errorf("text: %v", err)
		}
		_, err := c.Read()
		var ce *CloseError
		if !errors.As(err, &ce) || ce.Code != CodeUnsupported {
			j.t.Errorf("after a text the page answered %v", err)
		}
		return
	}
	pair := r.URL.Query().Get("pair")
	j.mu.Lock()
	other := j.waiting[pair]
	if other == nil {
		j.waiting[pair] = c
		j.mu.Unlock()
		return
	}
	delete(j.waiting, pair)
	j.mu.Unlock()
	go forward(c, other)
	forward(other, c)
}

// forward passes messages on until from ends, and then ends to in the same way.
func forward(from, to Conn) {
	for {
		msg, err := from.Read()
		if err == nil {
			err = to.Write(msg)
		}
		if err == nil {
			continue
		}
		var ce *CloseError
		if errors.As(err, &ce) && ce.Code.Sendable() {
			to.Close(ce.Code, ce.Reason)
		} else {
			to.(Aborter).Abort()
		}
		from.(Aborter).Abort()
		return
	}
}
