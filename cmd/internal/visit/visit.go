// Package visit reads what a web page's address asks of the game, and writes the one that leads back.
//
// An address is no command line. People paste it, mail programs and social networks append to it,
// studies hang their participants' numbers on it: what the game does not know is no mistake. It is
// kept, for whoever evaluates a study, and changes nothing.
package visit

import (
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"unicode"
)

// Visit is what an address says.
type Visit struct {
	Room    string // code of a room to enter, or ""
	Host    bool   // a room is to be opened
	Name    string // what the player calls themselves
	Verbose bool   // everything is to be logged
	Match

	// Kept are the parameters that the game does not know.
	Kept url.Values
}

// Match is what an address says about the match besides its room. A page keeps it, because its address
// becomes an invitation as soon as there is a room.
type Match struct {
	Env     string   `json:"env,omitempty"`
	EnvOpts []string `json:"env_opts,omitempty"` // K=V
	Set     []string `json:"set,omitempty"`      // K=V
	Delay   string   `json:"delay,omitempty"`
	Bot     string   `json:"bot,omitempty"`
	Watch   bool     `json:"watch,omitempty"`
}

// Read reads the query of an address, with or without its question mark. It understands everything:
// what is damaged is taken as it stands.
func Read(query string) *Visit {
	v := &Visit{Kept: url.Values{}}
	text := func(to *string) func(string) {
		return func(s string) {
			if *to == "" { // the first counts: what is appended to a link is not its author's
				*to = s
			}
		}
	}
	words := func(to *[]string) func(string) {
		return func(s string) { *to = append(*to, strings.Fields(s)...) }
	}
	yes := func(to *bool) func(string) {
		return func(s string) { *to = !slices.Contains([]string{"0", "false", "no", "off"}, strings.ToLower(s)) }
	}
	known := map[string]func(value string){
		"room": func(s string) { text(&v.Room)(code(s)) },
		"host": yes(&v.Host), "watch": yes(&v.Watch), "v": yes(&v.Verbose),
		"name": text(&v.Name), "env": text(&v.Env), "delay": text(&v.Delay), "bot": text(&v.Bot),
		"env-opt": words(&v.EnvOpts), "set": words(&v.Set),
	}
	for pair := range strings.SplitSeq(strings.TrimPrefix(query, "?"), "&") {
		name, value, _ := strings.Cut(pair, "=")
		// A link that was copied out of a page's source has &amp; where it means &.
		name, value = strings.TrimPrefix(unescape(name), "amp;"), strings.TrimSpace(unescape(value))
		switch take := known[strings.ToLower(name)]; {
		case take != nil:
			take(value)
		case name != "":
			v.Kept.Add(name, value)
		}
	}
	return v
}

// unescape undoes an address's escapes; text that has wrong ones stays as it is.
func unescape(s string) string {
	if plain, err := url.QueryUnescape(s); err == nil {
		return plain
	}
	return s
}

// code takes off what programs that make links of texts add to a room's code: the bracket, quote, full
// stop or slash that followed it, or another query.
func code(s string) string {
	s, _, _ = strings.Cut(s, "?")
	return strings.TrimFunc(s, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
}

// Address is the query of the page's address in a room: an invitation, which says nothing of who copies
// it. Without a room it is empty.
func Address(room string) string {
	if room == "" {
		return ""
	}
	return "?room=" + url.QueryEscape(room)
}

// Key is a room's code as it is compared: capitals and separators do not matter.
func Key(room string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, room)
}

// Text writes a Match to be kept.
func (m *Match) Text() string {
	data, err := json.Marshal(m)
	if err != nil {
		return "" // strings and truth values can be written
	}
	return string(data)
}

// Recall takes over what was kept of a room's match where the address says nothing about it.
func (v *Visit) Recall(kept string) {
	if m := v.Match; m.Env+m.Delay+m.Bot != "" || m.Watch || len(m.EnvOpts)+len(m.Set) > 0 {
		return
	}
	var m Match
	if json.Unmarshal([]byte(kept), &m) == nil { // else it is not ours
		v.Match = m
	}
}

// RecallKept adds the unknown parameters that were kept from an earlier address to those of this one,
// which count where both have them.
func (v *Visit) RecallKept(kept string) {
	var before url.Values
	if json.Unmarshal([]byte(kept), &before) != nil {
		return // not ours
	}
	for name, values := range before {
		if _, ok := v.Kept[name]; !ok {
			v.Kept[name] = values
		}
	}
}

// KeptText writes the unknown parameters to be kept: a JSON object with a list for each.
func (v *Visit) KeptText() string {
	data, err := json.Marshal(v.Kept)
	if err != nil {
		return "{}" // strings can be written
	}
	return string(data)
}
