//go:build !js

package main

import (
	"io"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"

	"tandem/assets/web"
	"tandem/cmd/internal/site"
	"tandem/netcode/original/server"
	"tandem/netcode/relay"
)

// What is missing for the page is said in one sentence that names what to do.
func TestWebPageMissing(t *testing.T) {
	for _, c := range []struct {
		name string
		on   bool
		dir  string
		want string
	}{
		{"not built in", true, "", "run `make web`"},
		{"empty folder", true, t.TempDir(), "`make web` builds it"},
		{"no folder", true, t.TempDir() + "/none", "`make web` builds it"},
		{"folder without -web", false, "build/web", "give both"},
	} {
		if _, built := web.Site(); built && c.dir == "" {
			t.Logf("%s: this tree has the page inside (make web): nothing is missing", c.name)
			continue
		}
		page, err := webPage(c.on, c.dir)
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") || page != nil {
			t.Errorf("%s: %v, %v; want one sentence with %q", c.name, page, err, c.want)
		}
	}
	if page, err := webPage(false, ""); page != nil || err != nil {
		t.Errorf("without -web: %v, %v", page, err)
	}
}

// The page, players' connections and what clients of the original system ask for share one port.
func TestWebBesideTheOriginal(t *testing.T) {
	page, err := site.New(fstest.MapFS{
		"index.html":     {Data: []byte("the game")},
		"a/icon.2e.png":  {Data: []byte("\x89PNG")},
		"a/game.1f.wasm": {Data: []byte("\x00asm")},
	})
	if err != nil {
		t.Fatal(err)
	}
	s := relay.New(relay.Options{Program: "test", Front: server.New(server.Options{})})
	t.Cleanup(s.Close)
	servePage(s, page)
	for _, c := range []struct {
		path   string
		status int
		kind   string
		has    string
	}{
		{"/", 200, "text/html", "the game"},
		{"/?room=lusab", 200, "text/html", "the game"},
		{"/index.html", 200, "text/html", "the game"},
		{"/a/icon.2e.png", 200, "image/png", "PNG"},
		{"/a/game.1f.wasm", 200, "application/wasm", "asm"},
		{"/a/gone.00.wasm", 404, "text/plain", "there is no such page here"},
		{"/favicon.ico", 404, "text/plain", "there is no such page here"},
		{"/robots.txt", 404, "text/plain", "there is no such page here"},
		{"/healthz", 200, "text/plain", "ok\n"},
		{"/metrics", 404, "text/plain", "-metrics ADDR"},
		{"/somebody", 200, "text/html", "somebody"}, // a page address of the original, with its subject
		{"/socket.io/?EIO=4&transport=polling", 200, "text/plain", "sid"},
	} {
		w := httptest.NewRecorder()
		s.ServeHTTP(w, httptest.NewRequest("GET", "http://relay.example"+c.path, nil))
		body, _ := io.ReadAll(w.Body)
		if w.Code != c.status || !strings.HasPrefix(w.Header().Get("Content-Type"), c.kind) || !strings.Contains(string(body), c.has) {
			t.Errorf("%s: %d, %s, %.200q; want %d, %s with %q", c.path, w.Code, w.Header().Get("Content-Type"), body, c.status, c.kind, c.has)
		}
		if strings.Contains(string(body), "the game") && c.path == "/somebody" {
			t.Errorf("%s is the game's page", c.path)
		}
	}
}
