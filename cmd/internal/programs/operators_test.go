//go:build !js

package programs

import (
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
)

// TestOperatorsPort has two people play on a relay that keeps everything it can, and looks for traces of
// that on the players' port. On the operators' port it is there; a relay without -metrics has none.
func TestOperatorsPort(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	_, addr := relayServer(t, "-record", filepath.Join(dir, "kept"), "-original-data", filepath.Join(dir, "kept"), "-key", filepath.Join(dir, "relay.key"), "-witness")
	for _, name := range []string{"Ophelia", "Horatio"} {
		p := begin(t, nil, "tandem-peer", "-relay", addr, "-room", "elsinore", "-env", "slime", "-name", name, "-frames", "90000", "-set", "countdown_ms=0")
		p.says(&p.errs, "of room elsinore")
	}
	intoPlay(t, addr, 1)
	if detail := monitored(t, addr, "/healthz"); !strings.Contains(detail, `"connections":2`) || !strings.Contains(detail, `"rooms":1`) {
		t.Errorf("operators are told %s", detail)
	}
	for path, want := range map[string]struct {
		status int
		words  string
	}{
		"/healthz": {200, "ok\n"}, "/metrics": {404, "-metrics ADDR"}, "/metrics/": {404, ""}, "/ws": {400, ""}, "/ws/why": {200, "admits"},
		"/": {200, "Welcome"}, "/elsinore": {200, "Welcome, elsinore"}, "/socket.io/?EIO=4&transport=polling": {200, "sid"}, "/kept/": {404, ""},
		"/debug/pprof/": {404, ""}, "/debug/vars": {404, ""}, "/rooms/": {404, ""}, "/.git/config": {404, ""},
	} {
		resp, err := http.Get("http://" + addr + path)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		if closed := resp.Body.Close(); err != nil || closed != nil {
			t.Fatal(err, closed)
		}
		if resp.StatusCode != want.status || !strings.Contains(string(body), want.words) {
			t.Errorf("%s answers %d %s, want %d with %q", path, resp.StatusCode, body, want.status, want.words)
		}
		secrets := []string{"tandem_", "Ophelia", "Horatio", dir, "kept", "go1.", `"rooms"`, `"connections"`, resp.Request.URL.Host + ":"}
		if path != "/elsinore" {
			secrets = append(secrets, "elsinore")
		}
		for _, secret := range secrets {
			if strings.Contains(string(body), secret) {
				t.Errorf("%s tells %q: %s", path, secret, body)
			}
		}
	}
	closed := begin(t, nil, "tandem-relay", "-listen", "127.0.0.1:0")
	if said := closed.says(&closed.out, "listens on "); strings.Contains(said, "metrics") {
		t.Errorf("without -metrics the relay says %s", said)
	}
}
