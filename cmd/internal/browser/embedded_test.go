//go:build !js

package browser

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/andybalholm/brotli"

	"tandem/cmd/internal/app"
)

// relayEnv names a tandem-relay that was built with the page inside.
const relayEnv = "TANDEM_RELAY"

// openRelay starts tandem-relay -web, which has the page from nowhere but itself.
func openRelay(t *testing.T) *house {
	t.Helper()
	program := os.Getenv(relayEnv)
	if program == "" {
		t.Skipf("%s names no tandem-relay with the page inside: make test STAGE=browser builds one and runs this", relayEnv)
	}
	relay := exec.Command(program, "-web", "-listen", "127.0.0.1:0", "-key", "none")
	relay.Dir, relay.Stderr = t.TempDir(), os.Stderr
	out, err := relay.StdoutPipe()
	if err == nil {
		err = relay.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = relay.Process.Signal(os.Interrupt) // it may have ended, which Wait says
		if err := relay.Wait(); err != nil {
			t.Errorf("the relay ended: %v", err)
		}
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	_, address, found := strings.Cut(strings.TrimSpace(line), " listens on ")
	if !found {
		t.Fatalf("the relay says %q (%v)", line, err)
	}
	return &house{t: t, url: "http://" + address}
}

// TestEmbedded plays against the relay as it is handed out: one program, with the page inside.
func TestEmbedded(t *testing.T) {
	draws(t)
	h := openRelay(t)
	page := h.fetch("/", "text/html; charset=utf-8")
	found := regexp.MustCompile(`data-program="([^"]+)"`).FindSubmatch(page)
	if found == nil {
		t.Fatalf("the page names no program:\n%s", page)
	}
	if program := h.fetch("/"+string(found[1]), "application/wasm"); !bytes.HasPrefix(program, []byte("\x00asm")) {
		t.Errorf("the program begins with %x", program[:min(len(program), 8)])
	}

	host := h.seat("baseline", "inside", app.RoomFlags{Env: "slime", Frames: 150})
	p := open(t, chromium(t), "page", h.at("room=inside"))
	same(t, 150, p.waitEnd(), host.end())
}

// fetch asks for a file in each compressed form and returns it unpacked.
func (h *house) fetch(path, kind string) (data []byte) {
	h.t.Helper()
	for _, form := range []struct {
		name   string
		reader func(io.Reader) (io.Reader, error)
	}{
		{"br", func(r io.Reader) (io.Reader, error) { return brotli.NewReader(r), nil }},
		{"gzip", func(r io.Reader) (io.Reader, error) { return gzip.NewReader(r) }},
	} {
		request, err := http.NewRequestWithContext(h.t.Context(), http.MethodGet, h.url+path, nil)
		if err != nil {
			h.t.Fatal(err)
		}
		request.Header.Set("Accept-Encoding", form.name)
		answer, err := http.DefaultClient.Do(request)
		if err != nil {
			h.t.Fatal(err)
		}
		packed, err := io.ReadAll(answer.Body)
		if cerr := answer.Body.Close(); err == nil {
			err = cerr
		}
		if err != nil {
			h.t.Fatal(err)
		}
		head := answer.Header
		if answer.StatusCode != http.StatusOK || head.Get("Content-Type") != kind || head.Get("Content-Encoding") != form.name || len(packed) == 0 {
			h.t.Fatalf("%s as %s: %s, type %q, encoding %q, %d bytes", path, form.name, answer.Status, head.Get("Content-Type"), head.Get("Content-Encoding"), len(packed))
		}
		unpacker, err := form.reader(bytes.NewReader(packed))
		if err != nil {
			h.t.Fatalf("%s as %s: %v", path, form.name, err)
		}
		plain, err := io.ReadAll(unpacker)
		if err != nil {
			h.t.Fatalf("%s as %s: %v", path, form.name, err)
		}
		if data != nil && !bytes.Equal(data, plain) {
			h.t.Errorf("%s differs by its form", path)
		}
		data = plain
	}
	return data
}
