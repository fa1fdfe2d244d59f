//go:build !js

package programs

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"

	"tandem/cmd/internal/nginx"
	"tandem/netcode/protocol"
	"tandem/netcode/transport"
)

// usual is what most people's nginx says about WebSocket, without the line about Host.
const usual = `proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection "upgrade";`

// behind starts a relay and an nginx in front of it; RELAY in its configuration is the relay's address.
func behind(t *testing.T, config string, args ...string) (relay *process, address string) {
	t.Helper()
	relay, addr := relayServer(t, args...)
	return relay, nginx.Start(t, strings.ReplaceAll(config, "RELAY", addr))
}

// why asks the relay behind an address what a page of the origin has to expect.
func why(t *testing.T, folder, origin string) (words string, admits bool) {
	t.Helper()
	resp, err := http.Get(folder + "ws/why?protocol=2&origin=" + url.QueryEscape(origin))
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(resp.Body)
	if cerr := resp.Body.Close(); err != nil || cerr != nil {
		t.Fatal(err, cerr)
	}
	var answer struct {
		Admits bool
		Words  string
	}
	if err := json.Unmarshal(body, &answer); err != nil {
		t.Fatalf("%s answers %s %q", folder, resp.Status, body)
	}
	return answer.Words, answer.Admits
}

// connects lets a page of the origin connect, as its browser would.
func connects(t *testing.T, folder, origin string) error {
	t.Helper()
	conn, err := transport.Dial(t.Context(), "ws"+strings.TrimPrefix(folder, "http")+"ws", transport.Options{Origin: origin, MaxMessage: protocol.MaxFrame})
	if err != nil {
		return err
	}
	return conn.Close(transport.CodeNormal, "")
}

// Behind nginx, however it is set up, a page connects, or reads why it does not, and the operator reads
// once what to do.
func TestBehindNginx(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		config  string
		args    []string
		path    string
		refused string // what the page reads, "" where it connects
		logged  string
	}{
		{"with Host", `location / { proxy_pass http://RELAY; proxy_set_header Host $http_host; ` + usual + `}`, nil, "/", "", ""},
		{"without Host", `location / { proxy_pass http://RELAY; ` + usual + `}`, nil, "/", "has to let the proxy pass the name on", "proxy_set_header Host"},
		{"with another header for Host", `location / { proxy_pass http://RELAY; proxy_set_header X-Forwarded-Host $http_host; ` + usual + `}`, []string{"-trusted-proxies", "127.0.0.1"}, "/", "", ""},
		{"the same, not trusted", `location / { proxy_pass http://RELAY; proxy_set_header X-Forwarded-Host $http_host; ` + usual + `}`, nil, "/", "has to let the proxy pass the name on", "proxy_set_header Host"},
		{"without Upgrade", `location / { proxy_pass http://RELAY; proxy_set_header Host $http_host; }`, nil, "/", "pass the headers Upgrade and Connection on", "Upgrade $http_upgrade"},
		{"under a path that is taken off", `location /tandem/ { proxy_pass http://RELAY/; proxy_set_header Host $http_host; ` + usual + `}`, nil, "/tandem/", "", ""},
		{"under a path that is passed on", `location /tandem/ { proxy_pass http://RELAY; proxy_set_header Host $http_host; ` + usual + `}`, []string{"-base-path", "/tandem"}, "/tandem/", "", ""},
		{"under a path without Host", `location /tandem/ { proxy_pass http://RELAY/; ` + usual + `}`, nil, "/tandem/", "has to let the proxy pass the name on", "proxy_set_header Host"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			relay, address := behind(t, "server { listen {{address}}; "+c.config+" }", c.args...)
			origin := "http://" + address
			folder := origin + c.path
			for range 3 {
				err := connects(t, folder, origin)
				if (err == nil) != (c.refused == "") {
					t.Fatalf("the page connects: %v", err)
				}
			}
			words, _ := why(t, folder, origin)
			if c.refused != "" && !strings.Contains(words, c.refused) || regexp.MustCompile(`\s-[a-z]`).MatchString(words) {
				t.Errorf("the page reads %q, want %q, and no flag", words, c.refused)
			}
			if stranger, admits := why(t, folder, "https://elsewhere.example"); admits || stranger == "" {
				t.Errorf("a stranger's page reads %q, %v", stranger, admits)
			}
			log := relay.errs.String()
			if n := strings.Count(log, c.logged); c.logged != "" && n != 1 && n != 2 { // the stranger's page is another hint
				t.Errorf("the relay logs that %d times:\n%s", n, log)
			}
			if c.logged != "" && strings.Count(log, origin) > 1 {
				t.Errorf("the relay names the page's origin again and again:\n%s", log)
			}
		})
	}
}

// What the README shows is what works: page, WebSocket and addresses.
func TestReadmeNginx(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	block := regexp.MustCompile(`(?s)    map \$http_upgrade.*?\n    }\n\n?    server {.*?\n    }\n`).FindString(string(text))
	if block == "" {
		t.Fatal("the README has no block for nginx")
	}
	swap := func(old, now string) {
		if !strings.Contains(block, old) {
			t.Fatalf("the README's block has no %q:\n%s", old, block)
		}
		block = strings.ReplaceAll(block, old, now)
	}
	swap("listen 80;", "listen {{address}};")
	swap("127.0.0.1:7777", "RELAY")
	_, address := behind(t, block, "-trusted-proxies", "127.0.0.1")
	folder := "http://" + address + "/tandem/"
	if err := connects(t, folder, "http://"+address); err != nil {
		t.Error(err)
	}
	if words, admits := why(t, folder, "http://"+address); !admits {
		t.Error(words)
	}
}
