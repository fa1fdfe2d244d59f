//go:build !js

package relay

import (
	"io"
	"net/http"
	"strings"
)

// front is another protocol's of which a relay's tests need no more than its paths.
type front struct{}

func visitors(*Server) Front { return front{} }

// visitorID is the session of somebody whose requests the front counts.
const visitorID = "here"

func (front) Routes(mux *http.ServeMux) {
	for _, method := range []string{"GET ", "POST ", "OPTIONS "} {
		mux.HandleFunc(method+"/socket.io/", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadRequest) })
	}
	mux.HandleFunc("GET /{subject}", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "Welcome") })
}

func (front) Home(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Location", "./fresh")
	w.WriteHeader(http.StatusFound)
}

func (front) Plays(r *http.Request) bool { return strings.Contains(r.URL.Path, "/socket.io/") }

func (front) Counts(r *http.Request) bool { return r.URL.Query().Get("sid") == visitorID }

func (front) Connections() int { return 0 }

func (front) Close() {}
