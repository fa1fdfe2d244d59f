//go:build !js

// Package site serves the built web page (see assets/web) over HTTP.
//
//	GET /            the page: to be asked for again every time, so that a new version is seen
//	GET /a/NAME      files named by a hash of what is in them: kept by browsers for ever
//
// Files lie there compressed, NAME.br and NAME.gz, or plain. Every answer carries an ETag, its type
// (which browsers must not guess), and a content security policy: scripts and pictures from here
// only, connections to this relay only, nothing inline, WebAssembly allowed.
package site

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"path"
	"regexp"
	"strconv"
	"strings"
)

// types are the files a page may have. Systems' own lists of types differ.
var types = map[string]string{
	".html":        "text/html; charset=utf-8",
	".js":          "text/javascript; charset=utf-8",
	".css":         "text/css; charset=utf-8",
	".svg":         "image/svg+xml",
	".png":         "image/png",
	".wasm":        "application/wasm",
	".webmanifest": "application/manifest+json",
}

const (
	entry     = "index.html"
	forever   = "public, max-age=31536000, immutable"
	askAlways = "no-cache" // kept, but not shown before asking whether it is still so
	hashedIn  = "a/"
)

// resource is one file in the forms there are of it.
type resource struct {
	kind  string
	cache string
	etag  string // without quotes
	forms map[string][]byte
}

// Handler serves a built page.
type Handler struct{ files map[string]*resource }

// New reads the whole site into memory.
func New(from fs.FS) (*Handler, error) {
	h := &Handler{files: map[string]*resource{}}
	err := fs.WalkDir(from, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || path.Base(name) == ".gitignore" {
			return err
		}
		data, err := fs.ReadFile(from, name)
		if err != nil {
			return err
		}
		form := ""
		switch path.Ext(name) {
		case ".br":
			form, name = "br", strings.TrimSuffix(name, ".br")
		case ".gz":
			form, name = "gzip", strings.TrimSuffix(name, ".gz")
		}
		return h.add(name, form, data)
	})
	if err != nil {
		return nil, fmt.Errorf("the web page: %w", err)
	}
	if h.files[entry] == nil {
		return nil, fmt.Errorf("the web page: there is no %s", entry)
	}
	for name, r := range h.files {
		if err := r.finish(); err != nil {
			return nil, fmt.Errorf("the web page: %s: %w", name, err)
		}
	}
	return h, nil
}

func (h *Handler) add(name, form string, data []byte) error {
	r := h.files[name]
	if r == nil {
		kind, ok := types[path.Ext(name)]
		if !ok {
			return fmt.Errorf("%s: no file of this kind belongs to the page", name)
		}
		r = &resource{kind: kind, cache: askAlways, forms: map[string][]byte{}}
		if strings.HasPrefix(name, hashedIn) {
			r.cache = forever
		}
		h.files[name] = r
	}
	r.forms[form] = data
	return nil
}

// finish makes the plain form, if it is small, and the ETag. The plain program would take four times
// the memory of all the rest, for the one visitor in a million who wants it: it is unpacked for them.
func (r *resource) finish() error {
	sum := sha256.New()
	for _, form := range []string{"", "gzip", "br"} {
		sum.Write(r.forms[form])
	}
	r.etag = hex.EncodeToString(sum.Sum(nil)[:12])
	if r.forms[""] == nil && r.forms["gzip"] == nil {
		return errors.New("there is neither a plain nor a gzip form, which every browser takes")
	}
	return nil
}

// ServeHTTP answers GET and HEAD.
func (h *Handler) ServeHTTP(w http.ResponseWriter, q *http.Request) {
	head := w.Header()
	protect(head, q)
	if q.Method != http.MethodGet && q.Method != http.MethodHead {
		head.Set("Allow", "GET, HEAD")
		http.Error(w, "this page is only read", http.StatusMethodNotAllowed)
		return
	}
	name := strings.TrimPrefix(q.URL.Path, "/")
	if name == "" {
		name = entry
	}
	r := h.files[name]
	if r == nil {
		head.Set("Cache-Control", "no-store")
		http.Error(w, "there is no such page here; to play, open the address of the relay alone", http.StatusNotFound)
		return
	}
	form := r.choose(q.Header.Values("Accept-Encoding"))
	etag := `"` + r.etag + "-" + form + `"`
	head.Set("Cache-Control", r.cache)
	head.Set("Content-Type", r.kind)
	head.Set("ETag", etag)
	if len(r.forms) > 1 || r.forms[""] == nil {
		head.Set("Vary", "Accept-Encoding")
	}
	if known(q.Header.Values("If-None-Match"), etag) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	data := r.forms[form]
	if data == nil {
		r.unpacked(w, q)
		return
	}
	if form != "" {
		head.Set("Content-Encoding", form)
	}
	head.Set("Content-Length", strconv.Itoa(len(data)))
	if q.Method == http.MethodGet {
		_, _ = w.Write(data) // who went away in the middle misses nothing that we could mend
	}
}

// unpacked sends the plain form of what is only there compressed.
func (r *resource) unpacked(w http.ResponseWriter, q *http.Request) {
	if q.Method == http.MethodHead {
		return
	}
	z, err := gzip.NewReader(bytes.NewReader(r.forms["gzip"]))
	if err == nil {
		buf := make([]byte, 64<<10)
		for err == nil {
			var n int
			n, err = z.Read(buf)
			if _, werr := w.Write(buf[:n]); werr != nil {
				return // gone
			}
		}
	}
	if !errors.Is(err, io.EOF) {
		panic(http.ErrAbortHandler) // half a file must not look like a whole one
	}
}

// choose returns the form that suits the request: "br", "gzip" or "" for plain.
func (r *resource) choose(accept []string) string {
	q := map[string]float64{}
	for part := range strings.SplitSeq(strings.Join(accept, ","), ",") {
		name, params, _ := strings.Cut(part, ";")
		quality := 1.0
		if v, ok := strings.CutPrefix(strings.ReplaceAll(params, " ", ""), "q="); ok {
			f, err := strconv.ParseFloat(v, 64)
			if err != nil {
				continue
			}
			quality = f
		}
		q[strings.ToLower(strings.TrimSpace(name))] = quality
	}
	for _, form := range []string{"br", "gzip"} {
		quality, named := q[form]
		if !named {
			quality = q["*"]
		}
		if quality > 0 && r.forms[form] != nil {
			return form
		}
	}
	return ""
}

// known tells whether the browser has what we would send.
func known(have []string, etag string) bool {
	for part := range strings.SplitSeq(strings.Join(have, ","), ",") {
		if part = strings.TrimPrefix(strings.TrimSpace(part), "W/"); part == etag || part == "*" {
			return true
		}
	}
	return false
}

// host is what may stand in a policy as it came.
var host = regexp.MustCompile(`^[A-Za-z0-9.\-\[\]:]+$`)

// protect sets the headers that keep a page to itself.
func protect(head http.Header, q *http.Request) {
	connect := "'self'"
	if host.MatchString(q.Host) {
		// 'self' means http or https only in some browsers. Behind a proxy that adds TLS this
		// program sees none.
		if q.TLS == nil {
			connect += " ws://" + q.Host
		}
		connect += " wss://" + q.Host
	}
	head.Set("Content-Security-Policy", "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self'; "+
		"manifest-src 'self'; connect-src "+connect+"; base-uri 'none'; form-action 'none'; frame-ancestors 'self'")
	head.Set("X-Content-Type-Options", "nosniff")
	head.Set("Referrer-Policy", "no-referrer")
	head.Set("Cross-Origin-Opener-Policy", "same-origin")
	head.Set("Cross-Origin-Resource-Policy", "same-origin")
	head.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
}
