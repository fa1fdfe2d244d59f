package main

import (
	"bytes"
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/andybalholm/brotli"
)

// place writes a page's sources and returns the options that pack them.
func place(t *testing.T, page map[string]string) *options {
	t.Helper()
	dir := t.TempDir()
	o := &options{page: filepath.Join(dir, "page"), program: filepath.Join(dir, "p.wasm"), exec: filepath.Join(dir, "exec.js"),
		out: filepath.Join(dir, "out"), cache: filepath.Join(dir, "cache"), quality: 5}
	put := func(name, text string) {
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	put(o.program, strings.Repeat("\x00asm {{no reference}} ", 1000))
	put(o.exec, "// Go")
	for name, text := range page {
		put(filepath.Join(o.page, name), text)
	}
	return o
}

var small = map[string]string{
	"index.html": `<link href="{{look.css}}"> {{wasm_exec.js}} {{tandem.wasm}} {{size of tandem.wasm}} {{deep.webmanifest}}`,
	"look.css":   "body { margin: 0 }", "deep.webmanifest": `{"src": "/{{icon.png}}"}`, "icon.png": "png",
}

func TestPack(t *testing.T) {
	o := place(t, small)
	list, err := pack(o)
	if err != nil {
		t.Fatal(err)
	}
	unpack := func(name string) string {
		t.Helper()
		br, err := os.ReadFile(filepath.Join(o.out, name+".br"))
		if err != nil {
			t.Fatal(err)
		}
		plain, err := io.ReadAll(brotli.NewReader(bytes.NewReader(br)))
		if err != nil {
			t.Fatal(err)
		}
		f, err := os.Open(filepath.Join(o.out, name+".gz"))
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		z, err := gzip.NewReader(f)
		if err != nil {
			t.Fatal(err)
		}
		other, err := io.ReadAll(z)
		if err != nil || !bytes.Equal(plain, other) {
			t.Fatalf("%s: the two forms differ (%v)", name, err)
		}
		return string(plain)
	}
	entry := unpack("index.html")
	m := regexp.MustCompile(`^<link href="(a/look\.[0-9a-f]{12}\.css)"> (a/wasm_exec\.[0-9a-f]{12}\.js) (a/tandem\.[0-9a-f]{12}\.wasm) 22000 (a/deep\.[0-9a-f]{12}\.webmanifest)$`).FindStringSubmatch(entry)
	if m == nil {
		t.Fatalf("the page is %s", entry)
	}
	if got := unpack(m[1]); got != small["look.css"] {
		t.Errorf("look.css is %q", got)
	}
	if got := unpack(m[3]); !strings.HasPrefix(got, "\x00asm {{no reference}}") {
		t.Errorf("the program is changed: %q", got[:30])
	}
	icon := regexp.MustCompile(`^{"src": "/(a/icon\.[0-9a-f]{12}\.png)"}$`).FindStringSubmatch(unpack(m[4]))
	if icon == nil {
		t.Fatalf("the manifest is %s", unpack(m[4]))
	}
	if got, err := os.ReadFile(filepath.Join(o.out, icon[1])); err != nil || string(got) != "png" {
		t.Errorf("the icon: %q, %v", got, err)
	}
	if len(list) != 6 {
		t.Errorf("%d files", len(list))
	}

	// The same sources give the same site; a change gives the file, and all that name it, new names.
	again, err := pack(o)
	if err != nil {
		t.Fatal(err)
	}
	other := place(t, small)
	if err := os.WriteFile(filepath.Join(other.page, "icon.png"), []byte("another"), 0o644); err != nil {
		t.Fatal(err)
	}
	changed, err := pack(other)
	if err != nil {
		t.Fatal(err)
	}
	for i := range list {
		if list[i].name != again[i].name {
			t.Errorf("%s became %s", list[i].name, again[i].name)
		}
		renamed := strings.HasPrefix(list[i].name, "a/icon") || strings.HasPrefix(list[i].name, "a/deep")
		if renamed != (list[i].name != changed[i].name) {
			t.Errorf("after a change of the icon %s is called %s", list[i].name, changed[i].name)
		}
	}
}

func TestPackRefuses(t *testing.T) {
	for want, change := range map[string]func(o *options){
		"which is not there": func(o *options) { os.Remove(filepath.Join(o.page, "look.css")) },
		"nothing on the page refers to stray.js": func(o *options) {
			os.WriteFile(filepath.Join(o.page, "stray.js"), nil, 0o644)
		},
		"refers to itself": func(o *options) {
			os.WriteFile(filepath.Join(o.page, "look.css"), []byte("url({{deep.webmanifest}})"), 0o644)
			os.WriteFile(filepath.Join(o.page, "deep.webmanifest"), []byte("{{look.css}}{{icon.png}}"), 0o644)
		},
		"has no index.html": func(o *options) { os.Remove(filepath.Join(o.page, "index.html")) },
		"no such file":      func(o *options) { o.program += "x" },
		"0 to 11":           func(o *options) { o.quality = 12 },
	} {
		o := place(t, small)
		change(o)
		if _, err := pack(o); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want %q, got %v", want, err)
		}
	}
}
