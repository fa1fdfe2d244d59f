//go:build !js

package site

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"
)

const plainPage, plainProgram = "<!doctype html>", "\x00asm and so on"

func gz(s string) []byte {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	w.Write([]byte(s))
	w.Close()
	return b.Bytes()
}

func testSite() fstest.MapFS {
	return fstest.MapFS{
		".gitignore":        {Data: []byte("*")},
		"index.html.gz":     {Data: gz(plainPage)},
		"index.html.br":     {Data: []byte("page in brotli")},
		"a/game.1f.wasm.gz": {Data: gz(plainProgram)},
		"a/game.1f.wasm.br": {Data: []byte("program in brotli")},
		"a/icon.2e.png":     {Data: []byte("\x89PNG")},
	}
}

func TestServe(t *testing.T) {
	h, err := New(testSite())
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		path, accept                string
		status                      int
		kind, encoding, cache, body string
	}{
		{"/", "gzip, deflate, br, zstd", 200, "text/html; charset=utf-8", "br", "no-cache", "page in brotli"},
		{"/index.html", "br", 200, "text/html; charset=utf-8", "br", "no-cache", "page in brotli"},
		{"/", "gzip", 200, "text/html; charset=utf-8", "gzip", "no-cache", plainPage},
		{"/", "", 200, "text/html; charset=utf-8", "", "no-cache", plainPage},
		{"/", "br;q=0, gzip;q=0.5", 200, "text/html; charset=utf-8", "gzip", "no-cache", plainPage},
		{"/", "*", 200, "text/html; charset=utf-8", "br", "no-cache", "page in brotli"},
		{"/", "identity, *;q=0", 200, "text/html; charset=utf-8", "", "no-cache", plainPage},
		{"/", "br;q=nonsense", 200, "text/html; charset=utf-8", "", "no-cache", plainPage},
		{"/a/game.1f.wasm", "br", 200, "application/wasm", "br", forever, "program in brotli"},
		{"/a/game.1f.wasm", "", 200, "application/wasm", "", forever, plainProgram},
		{"/a/icon.2e.png", "br, gzip", 200, "image/png", "", forever, "\x89PNG"},
		{"/a/game.1f.wasm.br", "br", 404, "text/plain; charset=utf-8", "", "no-store", "there is no such page here; to play, open the address of the relay alone\n"},
		{"/a/", "br", 404, "text/plain; charset=utf-8", "", "no-store", "there is no such page here; to play, open the address of the relay alone\n"},
		{"/../go.mod", "br", 404, "text/plain; charset=utf-8", "", "no-store", "there is no such page here; to play, open the address of the relay alone\n"},
		{"/.gitignore", "br", 404, "text/plain; charset=utf-8", "", "no-store", "there is no such page here; to play, open the address of the relay alone\n"},
	} {
		r := httptest.NewRequest("GET", "http://relay.example:7777/", nil)
		r.URL.Path = c.path
		if c.accept != "" {
			r.Header.Set("Accept-Encoding", c.accept)
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		body := w.Body.Bytes()
		if c.encoding == "gzip" {
			z, err := gzip.NewReader(w.Body)
			if err != nil {
				t.Fatalf("%s %q: %v", c.path, c.accept, err)
			}
			body, _ = io.ReadAll(z)
		}
		g := w.Header().Get
		if w.Code != c.status || g("Content-Type") != c.kind || g("Content-Encoding") != c.encoding || g("Cache-Control") != c.cache || string(body) != c.body {
			t.Errorf("%s %q: %d %q %q %q %q", c.path, c.accept, w.Code, g("Content-Type"), g("Content-Encoding"), g("Cache-Control"), body)
		}
		if g("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: browsers may guess its type", c.path)
		}
		if wantVary := c.status == 200 && !strings.HasSuffix(c.path, ".png"); wantVary != (g("Vary") == "Accept-Encoding") {
			t.Errorf("%s: Vary is %q", c.path, g("Vary"))
		}
	}
}

// A browser that has a form of a file is told that it is still so, and only for that form.
func TestNotModified(t *testing.T) {
	h, err := New(testSite())
	if err != nil {
		t.Fatal(err)
	}
	ask := func(accept, etag string) *httptest.ResponseRecorder {
		r := httptest.NewRequest("GET", "/", nil)
		r.Header.Set("Accept-Encoding", accept)
		if etag != "" {
			r.Header.Set("If-None-Match", etag)
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w
	}
	br, gzipped := ask("br", "").Header().Get("ETag"), ask("gzip", "").Header().Get("ETag")
	if br == "" || br == gzipped {
		t.Fatalf("ETags %q and %q: two forms need two", br, gzipped)
	}
	for _, c := range []struct {
		accept, etag string
		want         int
	}{
		{"br", br, 304}, {"br", `"other", W/` + br, 304}, {"br", "*", 304}, {"gzip", gzipped, 304},
		{"br", gzipped, 200}, {"br", `"other"`, 200}, {"br", "", 200},
	} {
		w := ask(c.accept, c.etag)
		if w.Code != c.want || (w.Code == 304) != (w.Body.Len() == 0) {
			t.Errorf("%s with %s: %d and %d bytes, want %d", c.accept, c.etag, w.Code, w.Body.Len(), c.want)
		}
	}
	changed := testSite()
	changed["index.html.br"].Data = []byte("another page")
	h, err = New(changed)
	if err != nil {
		t.Fatal(err)
	}
	if w := ask("br", br); w.Code != 200 {
		t.Errorf("a changed page is answered with %d", w.Code)
	}
}

func TestPolicy(t *testing.T) {
	h, err := New(testSite())
	if err != nil {
		t.Fatal(err)
	}
	const head = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self'; manifest-src 'self'; connect-src 'self'"
	const tail = "; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
	for host, want := range map[string]string{
		"relay.example:7777":      " ws://relay.example:7777 wss://relay.example:7777",
		"[::1]:80":                " ws://[::1]:80 wss://[::1]:80",
		"x; script-src *":         "", // what cannot be a host must not write policy
		"a b":                     "",
		"evil\r\nSet-Cookie: a=b": "",
	} {
		r := httptest.NewRequest("GET", "/", nil)
		r.Host = host
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if got := w.Header().Get("Content-Security-Policy"); got != head+want+tail {
			t.Errorf("%q: %s", host, got)
		}
	}
	r := httptest.NewRequest("GET", "https://relay.example/", nil)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	if got := w.Header().Get("Content-Security-Policy"); got != head+" wss://relay.example"+tail {
		t.Errorf("over TLS: %s", got)
	}
}

func TestMethods(t *testing.T) {
	h, err := New(testSite())
	if err != nil {
		t.Fatal(err)
	}
	for method, want := range map[string]int{"GET": 200, "HEAD": 200, "POST": 405, "PUT": 405, "DELETE": 405} {
		for _, path := range []string{"/", "/a/game.1f.wasm"} {
			w := httptest.NewRecorder()
			h.ServeHTTP(w, httptest.NewRequest(method, path, nil))
			if w.Code != want || method == "HEAD" && w.Body.Len() > 0 {
				t.Errorf("%s %s: %d and %d bytes", method, path, w.Code, w.Body.Len())
			}
		}
	}
}

func TestBadSites(t *testing.T) {
	for what, change := range map[string]func(fstest.MapFS){
		"there is no index.html": func(s fstest.MapFS) { delete(s, "index.html.gz"); delete(s, "index.html.br") },
		"neither a plain nor a gzip form": func(s fstest.MapFS) {
			delete(s, "a/game.1f.wasm.gz")
		},
		"no file of this kind": func(s fstest.MapFS) { s["passwords.txt"] = &fstest.MapFile{} },
	} {
		s := testSite()
		change(s)
		if _, err := New(s); err == nil || !strings.Contains(err.Error(), what) {
			t.Errorf("want %q, got %v", what, err)
		}
	}
}

// A compressed file that is damaged must not arrive as a shorter whole one.
func TestDamagedGzip(t *testing.T) {
	s := testSite()
	data := s["a/game.1f.wasm.gz"].Data
	s["a/game.1f.wasm.gz"].Data = data[:len(data)-6]
	h, err := New(s)
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(h)
	defer srv.Close()
	c := &http.Client{Transport: &http.Transport{DisableCompression: true}}
	defer c.CloseIdleConnections()
	resp, err := c.Get(srv.URL + "/a/game.1f.wasm")
	if err == nil {
		defer resp.Body.Close()
		_, err = io.ReadAll(resp.Body)
	}
	if err == nil {
		t.Error("half a program arrived without an error")
	}
}
