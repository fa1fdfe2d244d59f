//go:build !js

package browser

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"tandem/cmd/internal/app"
	"tandem/netcode/protocol"
	"tandem/netcode/recording"
	"tandem/netcode/transport"
)

// TestPage opens the page as a visitor does: it plays against a bot, fills the window at every size,
// shifts nothing while it loads, asks nobody else for anything, and reports no error.
func TestPage(t *testing.T) {
	draws(t)
	h := openHouse(t, "")
	b := chromium(t)
	// The first page of a browser starts processes that are none of this page's business.
	open(t, b, "warm", "about:blank")
	for _, s := range []struct {
		name string
		w, h int64
		on   []chromedp.Action
	}{
		{"1280x720", 1280, 720, screen(1280, 720, 1, false)},
		{"390x844", 390, 844, screen(390, 844, 2, true)},
	} {
		p := newTab(t, b, s.name)
		var mu sync.Mutex
		var asked []string
		chromedp.ListenTarget(p.ctx, func(event any) {
			if e, ok := event.(*network.EventRequestWillBeSent); ok {
				mu.Lock()
				defer mu.Unlock()
				asked = append(asked, e.Request.URL)
			}
		})
		p.do(append(append([]chromedp.Action{network.Enable(), network.SetCacheDisabled(true)}, s.on...), chromedp.Navigate(h.at("")))...)
		p.waitFrame(30)
		p.picture("play-" + s.name)

		if got := eval[[]int64](p, `(() => { const r = document.querySelector("canvas").getBoundingClientRect(); return [r.left, r.top, r.width, r.height].map(Math.round); })()`); got[0] != 0 || got[1] != 0 || got[2] != s.w || got[3] != s.h {
			t.Errorf("%s: the canvas is at %v", s.name, got)
		}
		p.wantStill()
		mu.Lock()
		for _, a := range asked {
			if u, err := url.Parse(a); err != nil || "http://"+u.Host != h.url {
				t.Errorf("%s: the page asked for %s", s.name, a)
			}
		}
		if len(asked) < 6 {
			t.Errorf("%s: only %d requests were seen: %v", s.name, len(asked), asked)
		}
		mu.Unlock()
		// Not judged: it is another machine's on another day.
		t.Logf("%s: first picture %.0f ms after the navigation began", s.name, eval[float64](p, `performance.getEntriesByName("tandem-drawn")[0].startTime`))
		chromedp.Cancel(p.ctx)
	}
}

// TestSlowPage has the page come in pieces, as a slow line or a busy browser makes it: what has been
// painted stays where it is.
func TestSlowPage(t *testing.T) {
	waits(t)
	b := chromium(t)
	built := builtPage(t)
	plain := httptest.NewRecorder()
	built.ServeHTTP(plain, httptest.NewRequest("GET", "/", nil))
	// Each of these comes with what is before it, and the rest only once they have been painted.
	elements := []string{`<h1>`, `<p id="stage">`, `<div id="bar"`, `<p id="trouble"`}
	var pieces []string
	rest := plain.Body.String()
	for _, e := range elements {
		before, _, found := strings.Cut(rest, e)
		if !found {
			t.Fatalf("the page has no %s after %q", e, pieces)
		}
		pieces, rest = append(pieces, before), rest[len(before):]
	}
	pieces = append(pieces, rest)
	for _, s := range []struct {
		name string
		on   []chromedp.Action
	}{
		{"1280x720", screen(1280, 720, 1, false)},
		{"390x844", screen(390, 844, 2, true)},
		{"844x390", screen(844, 390, 2, true)},
	} {
		more := make(chan struct{})
		mux := http.NewServeMux()
		mux.Handle("/", built)
		mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			for i, piece := range pieces {
				if i > 0 {
					select {
					case <-more:
					case <-r.Context().Done():
						return
					}
				}
				_, _ = io.WriteString(w, piece)
				w.(http.Flusher).Flush()
			}
		})
		srv := httptest.NewServer(mux)
		t.Cleanup(srv.Close)
		p := newTab(t, b, s.name)
		p.do(s.on...)
		p.do(chromedp.ActionFunc(func(ctx context.Context) error {
			// Not chromedp.Navigate, which waits for the whole page.
			_, _, _, _, err := page.Navigate(srv.URL + "/").Do(ctx)
			return err
		}))
		for i, last := range []string{"#logo", "#start h1", "#stage", "#bar"} {
			p.waitFor(last+" is there and something is painted", func() bool {
				return eval[bool](p, `document.querySelector("`+last+`") !== null && performance.getEntriesByName("first-contentful-paint").length > 0`)
			})
			if i == 0 && eval[bool](p, `document.querySelector("h1") !== null`) {
				t.Errorf("%s: the page came in one piece", s.name)
			}
			p.whilePainted()
			if last == "#bar" {
				p.picture("loading-" + s.name)
			}
			more <- struct{}{}
		}
		p.waitFrame(1)
		p.wantStill()
		chromedp.Cancel(p.ctx)
	}
}

// TestProgress has the program come in quarters: the bar shows each. A program that breaks off in the
// middle is told in words.
func TestProgress(t *testing.T) {
	waits(t)
	built := builtPage(t)
	ask := func(path string) []byte {
		got := httptest.NewRecorder()
		built.ServeHTTP(got, httptest.NewRequest("GET", path, nil))
		return got.Body.Bytes()
	}
	found := regexp.MustCompile(`data-program="([^"]+)"`).FindSubmatch(ask("/"))
	if found == nil {
		t.Fatal("the page names no program")
	}
	path := "/" + string(found[1])
	program := ask(path)
	b := chromium(t)
	const quarters = 4
	for _, c := range []struct {
		name   string
		comes  int // quarters of the program
		broken bool
	}{{"whole", quarters, false}, {"broken off", 2, true}} {
		more := make(chan struct{})
		mux := http.NewServeMux()
		mux.Handle("/", built)
		mux.HandleFunc("GET "+path, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "application/wasm")
			w.Header().Set("Content-Length", strconv.Itoa(len(program)))
			for i := range quarters {
				select {
				case <-more:
				case <-r.Context().Done():
					return
				}
				if i == c.comes {
					panic(http.ErrAbortHandler)
				}
				_, _ = w.Write(program[len(program)*i/quarters : len(program)*(i+1)/quarters])
				w.(http.Flusher).Flush()
			}
		})
		srv := httptest.NewServer(mux)
		t.Cleanup(srv.Close)
		p := newTab(t, b, c.name)
		p.quiet = c.broken // the browser itself reports connections that break
		p.do(chromedp.Navigate(srv.URL + "/"))
		bar := func() (says string, fills int) {
			return eval[string](p, `document.getElementById("bar").getAttribute("aria-valuenow")`), eval[int](p,
				`(() => { const width = (id) => document.getElementById(id).getBoundingClientRect().width; return Math.round(100 * width("fill") / width("bar")); })()`)
		}
		if says, fills := bar(); says != "0" || fills != 0 {
			t.Errorf("%s: before anything has come the bar says %s and is filled to %d %%", c.name, says, fills)
		}
		for i := range c.comes {
			more <- struct{}{}
			if i+1 == quarters {
				break // the bar goes when the program starts
			}
			part := 100 * (i + 1) / quarters
			p.waitFor(fmt.Sprintf("the bar is at %d %%", part), func() bool {
				says, fills := bar()
				return says == strconv.Itoa(part) && fills == part
			})
		}
		if c.broken {
			more <- struct{}{}
			p.waitWords("the connection broke while it came")
		} else {
			p.waitFrame(1)
		}
		chromedp.Cancel(p.ctx)
	}
}

// TestLacks opens the page where something is missing that it needs.
func TestLacks(t *testing.T) {
	waits(t)
	h := openHouse(t, "")
	b := chromium(t)
	for _, c := range []struct{ name, script, want string }{
		{"no WebAssembly", `delete window.WebAssembly`, "no WebAssembly"},
		{"no WebGL", `HTMLCanvasElement.prototype.getContext = () => null`, "does not offer WebGL 2"},
	} {
		p := newTab(t, b, c.name)
		p.do(chromedp.ActionFunc(addScript(c.script)), chromedp.Navigate(h.at("")))
		p.waitWords(c.want)
		if shown := eval[bool](p, `document.getElementById("reload").checkVisibility() && document.getElementById("trouble").checkVisibility()`); !shown {
			t.Errorf("%s: nothing is shown", c.name)
		}
		p.picture(strings.ReplaceAll(c.name, " ", "-"))
	}
	p := open(t, b, "bad query", h.at("env=chess"))
	p.waitWords(`no environment "chess"`)
}

// TestQuery opens a room by the page's address: what the address says holds in the match, the page
// shows friends the link to it, who comes by that link plays, and the page's own address leads back.
func TestQuery(t *testing.T) {
	draws(t)
	h := openHouse(t, "")
	b := chromium(t)
	opener := open(t, b, "opener", h.at("host&env=slime/boost&name=Ada+L.&delay=5&env-opt=lives%3D4&env-opt=max_steps=240&env-opt=episodes=1&set=late_policy=wait&bot="))
	opener.waitWords("Friends open this link")
	room := mustReport(opener).Room
	link := h.link(room)
	if said := opener.status(); room == "" || !strings.Contains(said, link) {
		t.Fatalf("in room %q the page says %q, without the link %s", room, said, link)
	}
	// The address says nothing that is only this player's: who copies it sends an invitation.
	if own := eval[string](opener, "location.href"); own != link {
		t.Errorf("the page's own address has become %s, want %s", own, link)
	}
	opener.picture("invite")

	guest := visit(t, b, "guest", link+"&name=Bo")
	same(t, 240, opener.waitEnd(), guest.waitEnd())
	for _, p := range []*tab{opener, guest} {
		r, err := recording.NewReader(bytes.NewReader(p.recording()))
		if err != nil {
			t.Fatal(err)
		}
		head := r.Header
		if head.Room != room || head.Env != "slime/boost" || !strings.Contains(head.EnvOptions, "lives=4") || !slices.Contains(head.Options, "delay=5") || !slices.Contains(head.Options, "late_policy=wait") {
			t.Errorf("%s has recorded room %s of %s with the options %s and %q", p.name, head.Room, head.Env, head.EnvOptions, head.Options)
		}
		if len(head.Seats) != 2 || head.Seats[0].Name != "Ada L." || head.Seats[1].Name != "Bo" {
			t.Errorf("%s has played with %+v", p.name, head.Seats)
		}
		if r := mustReport(p); r.Env != "slime/boost" || r.Room != room {
			t.Errorf("%s reports room %s of %s", p.name, r.Room, r.Env)
		}
	}

	// A page that is loaded again has the result again, and asks for no other match by that.
	guest.shownResult()
	words, seat := guest.status(), mustReport(guest).Seat
	guest.do(chromedp.Reload())
	guest.waitControl("Play again")
	guest.waitWords(words)
	if r := mustReport(guest); r.Room != room || r.Seat != seat || r.End != "ok" || r.Frames != 240 {
		t.Errorf("loaded again: room %s, seat %d, ended %q after %d frames", r.Room, r.Seat, r.End, r.Frames)
	}
	if said := opener.status(); strings.Contains(said, "another match") {
		t.Errorf("the guest was loaded again, and the opener reads %q", said)
	}
}

// TestRelayDown opens a page whose relay does not answer, and one whose relay is of another version.
func TestRelayDown(t *testing.T) {
	waits(t)
	b := chromium(t)
	answer := func(ws http.HandlerFunc) string {
		mux := http.NewServeMux()
		mux.Handle("/", builtPage(t))
		mux.HandleFunc("/ws", ws)
		srv := httptest.NewServer(mux)
		t.Cleanup(srv.Close)
		return srv.URL
	}
	down := newTab(t, b, "relay down")
	down.quiet = true // the browser itself reports connections that fail
	down.do(chromedp.Navigate(answer(http.NotFound) + "/?room=somewhere&name=Page"))
	down.waitFor("it says that no relay answers", func() bool {
		said := down.status()
		return strings.Contains(said, "Could not connect") && strings.Contains(said, "no relay answers at") && strings.Contains(said, "(HTTP 404)")
	})
	down.picture("relay-down")

	other := open(t, b, "another version", answer(func(w http.ResponseWriter, r *http.Request) {
		conn, err := transport.Upgrade(w, r, transport.Options{MaxMessage: protocol.MaxFrame})
		if err != nil {
			t.Error(err)
			return
		}
		if _, err := conn.Read(); err == nil {
			_ = conn.Write(protocol.Append(nil, &protocol.Welcome{Magic: protocol.Magic, Version: protocol.Version + 1, Program: "a later relay", PingMS: 1000, TimeoutMS: 5000}))
		}
		for err == nil { // until the page has understood and hangs up
			_, err = conn.Read()
		}
	})+"/?room=somewhere&name=Page")
	other.waitWords("The versions do not match")
	other.waitWords("Reload the page")
	other.picture("another-version")
	eval[any](other, "window.before = true")
	other.waitFor("Enter loads the page again", func() bool {
		other.press(kb.Enter)
		return !eval[bool](other, "window.before === true")
	})
}

// TestRelayDies lets the relay end in mid-match: the page says so.
func TestRelayDies(t *testing.T) {
	draws(t)
	h := openHouse(t, "")
	host := h.seat("baseline", "dies", app.RoomFlags{Env: "slime"})
	b := chromium(t)
	p := open(t, b, "page", h.at("room=dies"))
	p.waitFrame(30)
	h.relay.Close()
	<-host.done
	p.waitWords("The relay is shutting down")
}

// TestOrigin lets a page of another origin try to play on the relay.
func TestOrigin(t *testing.T) {
	waits(t)
	h := openHouse(t, "")
	elsewhere := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		_, _ = w.Write([]byte("<!doctype html><title>elsewhere</title>"))
	}))
	t.Cleanup(elsewhere.Close)
	p := newTab(t, chromium(t), "elsewhere")
	p.quiet = true
	p.do(chromedp.Navigate(elsewhere.URL))
	address, _ := json.Marshal("ws" + strings.TrimPrefix(h.url, "http") + "/ws")
	var outcome string
	p.do(chromedp.Evaluate(`new Promise((done) => { const ws = new WebSocket(`+string(address)+`); ws.onopen = () => done("open"); ws.onerror = () => done("refused"); })`, &outcome, awaited))
	if outcome != "refused" {
		t.Errorf("a stranger's page found the relay %s", outcome)
	}
}

func addScript(script string) func(context.Context) error {
	return func(ctx context.Context) error {
		_, err := page.AddScriptToEvaluateOnNewDocument(script).Do(ctx)
		return err
	}
}

// awaited makes Evaluate wait for a promise.
func awaited(p *runtime.EvaluateParams) *runtime.EvaluateParams { return p.WithAwaitPromise(true) }
