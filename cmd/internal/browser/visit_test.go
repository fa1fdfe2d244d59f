//go:build !js

package browser

import (
	"context"
	"encoding/json"
	"regexp"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"tandem/cmd/internal/app"
	"tandem/cmd/internal/nginx"
)

// address is where the page says it is.
func (p *tab) address() string {
	p.t.Helper()
	return eval[string](p, "location.href")
}

// flags finds words that are a command line's.
var flags = regexp.MustCompile(`(^|\s)-[a-z]`)

// wantMenu checks that the page shows its menu with words, names no flag, and does not ask to be loaded
// again in vain.
func (p *tab) wantMenu(words string) {
	p.t.Helper()
	p.waitWords(words)
	titles := regexp.MustCompile(`^(Join a game|Host a game|Play with a bot)`)
	if said := p.status(); !titles.MatchString(said) || flags.MatchString(said) {
		p.t.Errorf("%s: the page says %q", p.name, said)
	}
	if eval[bool](p, `document.getElementById("reload").checkVisibility()`) {
		p.t.Errorf("%s: it is offered to load the page again", p.name)
	}
}

// What an address asks for and cannot have is said in the menu, and what others append to it changes nothing.
func TestAddresses(t *testing.T) {
	draws(t)
	h := openHouse(t, "")
	b := chromium(t)
	for _, c := range []struct{ query, words string }{
		{"?env=tetris", `no environment "tetris"; choose one of`},
		{"?host&env=slime&env-opt=colour%3Dred", "colour"},
		{"?host&delay=soon", "delay"},
		{"?bot=nobody", "nobody"},
		{"?watch", "Join a game"},
		{"?room=lusab", "Join a game"}, // who is to play is asked for a name first
		{"?host", "Host a game"},
	} {
		p := open(t, b, c.query, h.url+"/"+c.query)
		p.wantMenu(c.words)
		if strings.Contains(p.status(), "testenv") {
			t.Errorf("%s: the page offers a game for tests: %q", c.query, p.status())
		}
		chromedp.Cancel(p.ctx)
	}
	p := open(t, b, "a study's", h.url+"/?PROLIFIC_PID=5f0&STUDY_ID=6a1&SESSION_ID=7b2")
	p.waitFrame(30)
	kept := map[string][]string{}
	if err := json.Unmarshal([]byte(eval[string](p, "tandem.parameters()")), &kept); err != nil || len(kept) != 3 || kept["PROLIFIC_PID"][0] != "5f0" {
		t.Errorf("kept for the study: %v, %v", kept, err)
	}
	host := h.seat("baseline", "linked", app.RoomFlags{Env: "slime", Frames: 90})
	q := open(t, b, "a link with something behind it", h.url+"/?name=Bo&room=linked)&fbclid=IwAR0x")
	same(t, 90, q.waitEnd(), host.end())
}

// A host that is loaded again has its seat, its bot and its options, by an address that is an invitation.
func TestReloadOfAHost(t *testing.T) {
	draws(t)
	h := openHouse(t, "")
	b := chromium(t)
	p := open(t, b, "host", h.url+"/?host&env=slime&env-opt=episodes%3D1&env-opt=max_steps%3D300&env-opt=lives=9&set=pause_ms%3D20000&bot=baseline&name=Ada&utm_source=mail")
	p.waitFrame(60)
	before := mustReport(p)
	if got := p.address(); got != h.link(before.Room) {
		t.Errorf("the address has become %s, want %s", got, h.link(before.Room))
	}
	p.do(chromedp.Reload())
	p.waitFrame(90)
	r := p.waitEnd()
	if r.Room != before.Room || r.Seat != before.Seat || r.End != "ok" || r.Frames != 300 {
		t.Errorf("after the page was loaded again: room %s, seat %d, ended %s (%s) after %d frames; before: room %s, seat %d", r.Room, r.Seat, r.End, r.EndText, r.Frames, before.Room, before.Seat)
	}
	if got := p.address(); got != h.link(before.Room) {
		t.Errorf("the address is %s, want %s", got, h.link(before.Room))
	}
	if kept := eval[string](p, "tandem.parameters()"); kept != `{"utm_source":["mail"]}` {
		t.Errorf("kept: %s", kept)
	}
	p.leaveResult()
	p.waitFor("the address is clean", func() bool { return p.address() == h.url+"/" })
}

// Hosting from the menu opens a room on the relay that the page came from; the address is the way into it.
// Whoever comes when it is full may watch.
func TestMenuHosts(t *testing.T) {
	draws(t)
	h := openHouse(t, "")
	b := chromium(t)
	hostFromMenu(t, b, h.url+"/", func() int { return h.relay.Rooms() })
}

func hostFromMenu(t *testing.T, b context.Context, folder string, rooms func() int) {
	t.Helper()
	p := open(t, b, "host", folder+"?name=Ada&env=slime&env-opt=lives=9")
	p.waitFrame(10)
	for _, key := range []string{kb.Escape, kb.ArrowDown, kb.Enter} { // leave the bot
		p.press(key)
	}
	p.waitWords("The menu")
	if got := p.address(); got != folder {
		t.Errorf("in the menu the address is %s, want %s", got, folder)
	}
	for _, key := range []string{kb.ArrowDown, kb.Enter, kb.Enter} { // host a game: open the room
		p.press(key)
	}
	p.waitWords("Friends open this link")
	room := mustReport(p).Room
	link := folder + "?room=" + room
	if said := p.status(); p.address() != link || !strings.Contains(said, link) || rooms() != 1 {
		t.Fatalf("in room %q the address is %s, and the page says %q; the relay has %d rooms", room, p.address(), said, rooms())
	}
	p.do(chromedp.Reload())
	p.waitWords("Friends open this link")

	guest := visit(t, b, "guest", link+"&name=Bo")
	guest.waitFrame(30)
	if got := guest.address(); got != link {
		t.Errorf("the guest's address is %s, want %s", got, link)
	}
	late := visit(t, b, "late", link+"&name=Eve")
	late.waitWords("You can watch its match")
	if said := late.status(); flags.MatchString(said) {
		t.Errorf("the page says %q", said)
	}
	late.shownResult()
	late.press(kb.Enter)
	late.waitFrame(mustReport(guest).Frames)
	if r := mustReport(late); r.Seat != -1 || r.End != "" {
		t.Errorf("watching: seat %d, ended %q", r.Seat, r.End)
	}
}

// Behind nginx the page works, under a path as well; where it cannot, it says why.
func TestPageBehindNginx(t *testing.T) {
	draws(t)
	h := openHouse(t, "")
	b := chromium(t)
	const usual = `proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection "upgrade"; `
	relay := strings.TrimPrefix(h.url, "http://")
	under := nginx.Start(t, `server { listen {{address}}; location /tandem/ { proxy_pass http://`+relay+`/; proxy_set_header Host $http_host; `+usual+`} }`)
	hostFromMenu(t, b, "http://"+under+"/tandem/", func() int { return h.relay.Rooms() })

	nameless := nginx.Start(t, `server { listen {{address}}; location / { proxy_pass http://`+relay+`; `+usual+`} }`)
	p := newTab(t, b, "without Host")
	p.quiet = true // the browser itself reports connections that fail
	p.do(chromedp.Navigate("http://" + nameless + "/?host&name=Ada"))
	p.waitWords("has to let the proxy pass the name on")
	p.picture("proxy-without-host")
}
