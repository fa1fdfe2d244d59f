// Package web carries the built web page: page, program and pictures, compressed.
//
// The folder page holds what is written by hand. `make web` builds the program for browsers, packs
// both (see assets/web/build) into build/web, and copies that into the folder site here, which is
// otherwise empty and never committed. Every tandem-relay built after that carries the page inside.
package web

import (
	"embed"
	"io/fs"
)

//go:embed all:site
var site embed.FS

// Site returns the built page, and false when this program was built without one.
func Site() (fs.FS, bool) {
	sub, err := fs.Sub(site, "site")
	if err != nil { // site is a valid path
		return nil, false
	}
	_, err = fs.Stat(sub, "index.html.gz")
	return sub, err == nil
}
