//go:build !js

package socket

import (
	"encoding/json"
	"net/http"
	"net/url"
)

// QueryError is why a request for a connection is refused.
type QueryError struct {
	Status int // HTTP's
	Code   int // Engine.IO's own
	Words  string
}

func (e *QueryError) Error() string { return e.Words }

// WriteTo answers the request as the stock server does, so that a stock client can tell its user.
func (e *QueryError) WriteTo(w http.ResponseWriter) {
	body, err := json.Marshal(map[string]any{"code": e.Code, "message": e.Words})
	if err != nil {
		panic(err) // a number and a text
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(e.Status)
	_, _ = w.Write(body) // who asked is gone
}

// CheckQuery tells whether a request's query asks for what this package speaks: EIO=4, by WebSocket or by
// polling. Anything else is to be refused with HTTP 400.
func CheckQuery(q url.Values) *QueryError {
	switch {
	case len(q["EIO"]) != 1 || q.Get("EIO") != "4":
		return &QueryError{http.StatusBadRequest, 5, "Unsupported protocol version"}
	case len(q["transport"]) != 1 || q.Get("transport") != "websocket" && q.Get("transport") != "polling", q.Has("j"): // j is JSONP
		return &QueryError{http.StatusBadRequest, 0, "Transport unknown"}
	}
	return nil
}
