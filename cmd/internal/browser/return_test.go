//go:build !js

package browser

import (
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"tandem/cmd/internal/app"
	"tandem/game/client"
	"tandem/netcode/protocol"
)

// A page that is loaded again in mid-game takes its seat again and plays to the same end.
func TestReload(t *testing.T) {
	draws(t)
	h := openHouse(t, "")
	host := h.seat("baseline", "reload", app.RoomFlags{Env: "slime", Frames: 450})
	b := chromium(t)
	p := open(t, b, "page", h.at("room=reload&name=Ada"))
	p.waitFrame(90)
	seat := mustReport(p).Seat
	p.do(chromedp.Reload())
	p.waitFrame(120)
	r := p.waitEnd()
	native := host.end()
	same(t, 450, native, r)
	if r.Seat != seat {
		t.Errorf("the page had seat %d and got %d", seat, r.Seat)
	}
	// A page that is loaded again cannot know that it is not being closed.
	if pauses := host.pauses(); len(pauses) != 1 || !strings.HasPrefix(pauses[0], "Ada has closed the game; the match waits") {
		t.Errorf("the match was paused with the words %q", pauses)
	}
	// The room waits for another match, and the tab keeps its seat for that, until its player leaves.
	kept := func() int {
		return eval[int](p, `Object.keys(sessionStorage).filter((key) => key.startsWith("tandem.seat.")).length`)
	}
	if n := kept(); n != 1 {
		t.Errorf("after the match the tab keeps %d seats", n)
	}
	p.leaveResult()
	p.waitFor("the seat is forgotten", func() bool { return kept() == 0 })
}

// A duplicated tab, which has the first one's session storage, takes the seat over once and for all.
func TestDuplicate(t *testing.T) {
	draws(t)
	h := openHouse(t, "")
	host := h.seat("baseline", "twice", app.RoomFlags{Env: "slime", Frames: 600})
	b := chromium(t)
	first := open(t, b, "first tab", h.at("room=twice"))
	first.waitFrame(60)
	opened := chromedp.WaitNewTarget(first.ctx, func(i *target.Info) bool { return i.URL != "" })
	first.do(chromedp.Evaluate(`window.open(location.href) !== null`, nil, func(p *runtime.EvaluateParams) *runtime.EvaluateParams {
		return p.WithUserGesture(true)
	}))
	second := newTab(t, b, "second tab", chromedp.WithTargetID(<-opened))
	second.waitFrame(120)
	first.waitFor("its seat is taken over", func() bool { return mustReport(first).End == "taken_over" })
	r := second.waitEnd()
	native := host.end()
	same(t, 600, native, r)
	if f := mustReport(first); f.End != "taken_over" || f.Reconnects != 0 || f.Seat != r.Seat {
		t.Errorf("the first tab: %s, %d reconnects, seat %d; the second has seat %d", f.End, f.Reconnects, f.Seat, r.Seat)
	}
	// Seen again, it says so.
	first.do(page.BringToFront())
	first.waitWords("taken over")
	first.picture("taken-over")
}

func mustReport(p *tab) client.Report {
	p.t.Helper()
	r, ok := p.report()
	if !ok {
		p.t.Fatalf("%s: there is no match", p.name)
	}
	return r
}

// A tab that is closed, and one that goes to another page, say so: the other player reads that and waits,
// and does not read of a broken connection.
func TestClose(t *testing.T) {
	draws(t)
	h := openHouse(t, "")
	b := chromium(t)
	for _, c := range []struct {
		name string
		goes func(p *tab)
	}{
		{"closed", func(p *tab) { chromedp.Cancel(p.ctx) }},
		{"elsewhere", func(p *tab) { p.do(chromedp.Navigate("about:blank")) }},
	} {
		host := h.seat("baseline", c.name, app.RoomFlags{Env: "slime", Frames: 300})
		p := open(t, b, c.name, h.at("name=Ada&room="+c.name))
		p.waitFrame(30)
		c.goes(p)
		v := host.waitView("the match waits", func(v *client.View) bool { return v.Phase == client.Paused })
		if !strings.HasPrefix(v.Detail, "Ada has closed the game; the match waits") {
			t.Errorf("%s: the other reads %q", c.name, v.Detail)
		}
		if p.ctx.Err() != nil {
			host.c.Leave()
			continue
		}
		// The way back leads to the seat, whether the browser had kept the page or loads it again. It
		// had closed a kept page's connection, and says so on the console.
		p.quiet = true
		eval[any](p, `setTimeout(() => history.back())`) // chromedp's own waits for loading
		p.waitAddress(h.url)
		same(t, 300, p.waitEnd(), host.end())
	}
}

// What a page says as it is put aside, it takes back when it is shown again.
func TestPutAside(t *testing.T) {
	draws(t)
	h := openHouse(t, "")
	said := make(chan protocol.Away, 100)
	h.tap = func(frame []byte) {
		var d protocol.Decoder // an action or a ping may travel in the same frame
		for d.Reset(frame); ; {
			if _, err := d.Next(); err != nil {
				return // the end, or what the relay itself refuses
			}
			if m, ok := d.Cold.(*protocol.Away); ok {
				said <- *m
			}
		}
	}
	h.seat("baseline", "aside", app.RoomFlags{Env: "slime", EnvOpts: app.Words{"lives=9"}})
	p := open(t, chromium(t), "page", h.at("room=aside"))
	p.waitFrame(30)
	for _, c := range []struct {
		event string
		want  protocol.Away
	}{{"pagehide", protocol.Away{Away: true, Unloads: true}}, {"pageshow", protocol.Away{}}} {
		eval[bool](p, `window.dispatchEvent(new Event("`+c.event+`"))`)
		select {
		case got := <-said:
			if got != c.want {
				t.Errorf("%s: the page says %+v, want %+v", c.event, got, c.want)
			}
		case <-time.After(patience):
			t.Errorf("%s: the page says nothing", c.event)
		}
	}
}

// Leave is the player's own act; whoever only closes the page keeps the seat (TestClose).
func TestLeave(t *testing.T) {
	draws(t)
	h := openHouse(t, "")
	host := h.seat("baseline", "leave", app.RoomFlags{Env: "slime"})
	b := chromium(t)
	p := open(t, b, "page", h.at("room=leave"))
	p.waitFrame(30)
	// Esc asks, Down and Enter answer.
	for _, key := range []string{kb.Escape, kb.ArrowDown, kb.Enter} {
		p.press(key)
	}
	<-host.done
	if r := host.c.Report(); r.End != "left" {
		t.Errorf("the match ended: %s (%s)", r.End, r.EndText)
	}
	p.waitWords("The menu")
}

// press presses a key and waits until the page has looked at its keys: two presses between two looks
// would be one.
func (p *tab) press(key string) {
	p.t.Helper()
	looks := p.animated()
	p.do(stroke(key))
	p.waitFor("it has seen a key", func() bool {
		n := p.animated()
		return n >= looks+3 || n < looks // or the key has loaded the page anew
	})
}

// shownResult waits until the result of a match has been seen for as long as it cannot be closed by a key.
func (p *tab) shownResult() {
	p.t.Helper()
	looks := p.animated()
	p.waitFor("the result is shown", func() bool { return p.animated() >= looks+3 })
	time.Sleep(1500 * time.Millisecond) // of a real page's time; it is one second there
}

// leaveResult goes from a match's result to the menu.
func (p *tab) leaveResult() {
	p.t.Helper()
	p.shownResult()
	p.press(kb.Escape)
	p.waitWords("The menu")
}
