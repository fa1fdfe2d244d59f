//go:build !js

package main

import (
	"io/fs"
	"net/http"
	"os"

	"tandem/assets/web"
	"tandem/cmd/internal/app"
	"tandem/cmd/internal/site"
	"tandem/netcode/relay"
)

// webPage returns what serves the page of -web, nil without it: from the folder dir, or else from
// this program.
func webPage(on bool, dir string) (http.Handler, error) {
	if !on {
		if dir != "" {
			return nil, app.Usagef("-web-dir is for -web: give both")
		}
		return nil, nil
	}
	var from fs.FS
	if dir != "" {
		from = os.DirFS(dir)
	} else {
		built, ok := web.Site()
		if !ok {
			return nil, app.Usagef("this tandem-relay was built without the web page: run `make web` in Tandem's folder, then build/tandem-relay -web")
		}
		from = built
	}
	page, err := site.New(from)
	if err != nil {
		return nil, app.Usagef("%w; `make web` builds it, for -web-dir in build/web", err)
	}
	return page, nil
}

// servePage gives the page its addresses. A name alone, as in /somebody, is an address of the original
// system's pages; what browsers and searchers ask for by themselves is none of these.
func servePage(s *relay.Server, page http.Handler) {
	for _, path := range []string{"/", "/index.html", "/favicon.ico", "/robots.txt"} {
		s.Handle("GET "+path, page)
	}
}
