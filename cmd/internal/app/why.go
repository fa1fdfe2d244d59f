package app

import (
	"encoding/json"
	"net/url"
	"strconv"
	"strings"

	"tandem/game/words"
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
func whyWords(relay string, status int, body string) (text string, admits bool) {
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
	return words.English.NoRelay(where, status), false
}
