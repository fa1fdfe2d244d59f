//go:build !js

package server

import (
	"fmt"
	"html/template"
	"net/http"
	"unicode/utf8"

	"tandem/netcode/original/wire"
)

// pageText is what a page visit shows. The original's own pages are no part of this program.
var pageText = template.Must(template.New("page").Parse(`<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Tandem relay</title>
<body>
<h1>Welcome, {{.}}</h1>
<p>This relay waits for your client at <code>/socket.io/</code> of this address.</p>
<p>It plays Slime Volleyball with Socket.IO clients of the original system, and every environment
with Tandem's own.</p>
</body>
</html>
`))

// Home sends who names no subject to a fresh one, as the original does, where no page is served.
func (o *Server) Home(w http.ResponseWriter, r *http.Request) {
	// RFC 9562 §5.4: version 4, variant 10, all else random.
	a, b := o.limits.Random(), o.limits.Random()
	a, b = a&^0xf000|0x4000, b&^(0xc<<60)|0x8<<60
	id := fmt.Sprintf("%08x-%04x-%04x-%04x-%012x", a>>32, a>>16&0xffff, a&0xffff, b>>48, b&(1<<48-1))
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Location", "./"+id) // relative: only the browser knows what a proxy has put in front
	w.WriteHeader(http.StatusFound)
}

// visit answers the page visit with which the original's clients begin. It remembers nothing: a
// subject is made when it registers, so a client that comes back after a restart of the relay need not
// load its page anew.
func (o *Server) visit(w http.ResponseWriter, r *http.Request) {
	subject := r.PathValue("subject")
	if len(subject) > wire.MaxIdentifier || !utf8.ValidString(subject) {
		http.NotFound(w, r)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Security-Policy", "default-src 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	if err := pageText.Execute(w, subject); err != nil {
		o.log.Debug("page", "error", err)
	}
}
