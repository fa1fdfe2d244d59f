package app

import (
	"encoding/json"
	"net/url"
	"strconv"
	"strings"

	"tandem/netcode/protocol"
)

// A browser tells a page nothing about a WebSocket that does not come about. The relay says why, where
// it can be asked (see netcode/relay); what answers in its place says something, too.

// whyAddress is where to ask about a WebSocket address, for a page from an origin.
func whyAddress(relay, origin string) string {
	u, err := url.Parse(relay)
	if err != nil {
		return ""
	}
	u.Scheme = "http" + strings.TrimPrefix(u.Scheme, "ws")
	u.Path += "/why"
	u.RawQuery = url.Values{"origin": {origin}, "protocol": {strconv.Itoa(protocol.Version)}}.Encode()
	return u.String()
}

// whyWords are what a person reads about an answer to that; "" where it tells nothing. admits says that
// the relay would take the page.
func whyWords(relay string, status int, body string) (words string, admits bool) {
	var answer struct {
		Admits bool   `json:"admits"`
		Words  string `json:"words"`
	}
	if status == 200 && json.Unmarshal([]byte(body), &answer) == nil && answer.Words != "" {
		return answer.Words, answer.Admits
	}
	where := relay
	if u, err := url.Parse(relay); err == nil {
		where = u.Host + u.Path
	}
	switch {
	case status >= 500:
		return "The server of this page answers, but the relay behind it does not (HTTP " + strconv.Itoa(status) + "). Try again in a minute, or tell whoever runs it.", false
	case status > 0:
		return "The server of this page answers, but no relay answers at " + where + " (HTTP " + strconv.Itoa(status) + "). Whoever runs it has to lead that address to the relay.", false
	}
	return "", false
}
