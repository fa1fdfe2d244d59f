package main

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"

	"github.com/andybalholm/brotli"
)

type options struct {
	page, program, exec, out, cache string
	quality                         int
}

// file is one file of the page.
type file struct {
	name         string // in the site
	data         []byte
	gzip, brotli []byte // nil where that is not smaller
}

// size is what a browser loads that understands the compression.
func (f *file) size(compressed []byte) int {
	if compressed == nil {
		return len(f.data)
	}
	return len(compressed)
}

const (
	entry   = "index.html"
	program = "tandem.wasm"
	hashed  = "a/" // folder of the files whose names change with what is in them
	// window is brotli's largest that every browser takes: 16 MiB, about the program's size.
	window = 24
)

// pack reads the sources, writes the site and lists what is in it.
func pack(o *options) ([]*file, error) {
	if o.quality < 0 || o.quality > brotli.BestCompression {
		return nil, fmt.Errorf("-quality %d: write a number from 0 to %d", o.quality, brotli.BestCompression)
	}
	sources, err := read(o)
	if err != nil {
		return nil, err
	}
	list, err := link(sources)
	if err != nil {
		return nil, err
	}
	var work sync.WaitGroup
	errs := make([]error, len(list))
	for i, f := range list {
		work.Go(func() { errs[i] = f.compress(o) })
	}
	work.Wait()
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return list, write(o.out, list)
}

// read returns the sources by name.
func read(o *options) (map[string][]byte, error) {
	files := map[string]string{program: o.program, "wasm_exec.js": o.exec}
	entries, err := os.ReadDir(o.page)
	if err != nil {
		return nil, fmt.Errorf("-page: %w", err)
	}
	for _, e := range entries {
		if !e.IsDir() {
			files[e.Name()] = filepath.Join(o.page, e.Name())
		}
	}
	sources := map[string][]byte{}
	for name, from := range files {
		if sources[name], err = os.ReadFile(from); err != nil {
			return nil, err
		}
	}
	if sources[entry] == nil {
		return nil, fmt.Errorf("-page %s has no %s", o.page, entry)
	}
	return sources, nil
}

var reference = regexp.MustCompile(`\{\{(size of )?([^{}]*)\}\}`)

// link gives the files that the entry refers to, directly or not, their names, and puts these into
// the references: {{NAME}} becomes the name in the site, {{size of NAME}} the length in bytes.
func link(sources map[string][]byte) ([]*file, error) {
	var list []*file
	done := map[string]*file{}
	var visit func(name string, above []string) (*file, error)
	visit = func(name string, above []string) (*file, error) {
		if f := done[name]; f != nil {
			return f, nil
		}
		data, ok := sources[name]
		if !ok {
			return nil, fmt.Errorf("%s refers to %s, which is not there", above[len(above)-1], name)
		}
		for _, a := range above {
			if a == name {
				return nil, fmt.Errorf("%s refers to itself by way of %s: no name can have a hash of itself", name, strings.Join(above, ", "))
			}
		}
		above = append(above, name)
		var failed error
		if name != program { // anything may stand in there
			data = reference.ReplaceAllFunc(data, func(match []byte) []byte {
				m := reference.FindSubmatch(match)
				f, err := visit(string(m[2]), above)
				if err != nil {
					failed = err
					return match
				}
				if len(m[1]) > 0 {
					return strconv.AppendInt(nil, int64(len(f.data)), 10)
				}
				return []byte(f.name)
			})
		}
		if failed != nil {
			return nil, failed
		}
		f := &file{name: name, data: data}
		if name != entry {
			sum := sha256.Sum256(data)
			ext := path.Ext(name)
			f.name = hashed + strings.TrimSuffix(name, ext) + "." + hex.EncodeToString(sum[:6]) + ext
		}
		done[name] = f
		list = append(list, f)
		return f, nil
	}
	if _, err := visit(entry, []string{"the page"}); err != nil {
		return nil, err
	}
	for name := range sources {
		if done[name] == nil {
			return nil, fmt.Errorf("nothing on the page refers to %s", name)
		}
	}
	return list, nil
}

// compress makes the compressed variants.
func (f *file) compress(o *options) error {
	if path.Ext(f.name) == ".png" {
		return nil // is compressed
	}
	var work sync.WaitGroup
	var errs [2]error
	work.Go(func() {
		f.gzip, errs[0] = o.kept(f.data, "gz", func(to *bytes.Buffer) error {
			w, err := gzip.NewWriterLevel(to, gzip.BestCompression)
			return errors.Join(err, writeAll(w, f.data))
		})
	})
	work.Go(func() {
		f.brotli, errs[1] = o.kept(f.data, fmt.Sprintf("%d.br", o.quality), func(to *bytes.Buffer) error {
			return writeAll(brotli.NewWriterOptions(to, brotli.WriterOptions{Quality: o.quality, LGWin: window}), f.data)
		})
	})
	work.Wait()
	return errors.Join(errs[:]...)
}

func writeAll(w interface {
	Write([]byte) (int, error)
	Close() error
}, data []byte) error {
	_, err := w.Write(data)
	return errors.Join(err, w.Close())
}

// kept takes a compressed file from the cache, or makes it and puts it there: the best brotli of the
// program takes a minute.
func (o *options) kept(data []byte, kind string, make func(*bytes.Buffer) error) ([]byte, error) {
	sum := sha256.Sum256(data)
	at := filepath.Join(o.cache, hex.EncodeToString(sum[:])+"."+kind)
	if o.cache != "" {
		if b, err := os.ReadFile(at); err == nil {
			return b, nil
		}
	}
	var b bytes.Buffer
	if err := make(&b); err != nil {
		return nil, err
	}
	if o.cache == "" {
		return b.Bytes(), nil
	}
	if err := os.MkdirAll(o.cache, 0o755); err != nil {
		return nil, fmt.Errorf("-cache: %w", err)
	}
	// Half a file under the right name would be served.
	if err := errors.Join(os.WriteFile(at+".part", b.Bytes(), 0o644), os.Rename(at+".part", at)); err != nil {
		return nil, fmt.Errorf("-cache: %w", err)
	}
	return b.Bytes(), nil
}

// write puts the site into the folder out, which it empties.
func write(out string, list []*file) error {
	if err := os.RemoveAll(out); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Join(out, filepath.FromSlash(hashed)), 0o755); err != nil {
		return err
	}
	for _, f := range list {
		to := filepath.Join(out, filepath.FromSlash(f.name))
		var err error
		if f.gzip == nil {
			err = os.WriteFile(to, f.data, 0o644)
		} else {
			err = errors.Join(os.WriteFile(to+".gz", f.gzip, 0o644), os.WriteFile(to+".br", f.brotli, 0o644))
		}
		if err != nil {
			return err
		}
	}
	return nil
}
