//go:build !js

package browser

import (
	"testing"
	"time"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"tandem/cmd/internal/app"
	"tandem/game/client"
)

// A page that is loaded again in mid-game takes its seat again and plays to the same end.
func TestReload(t *testing.T) {
	t.Parallel()
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
	if native.Pauses != 1 {
		t.Errorf("the match was paused %d times", native.Pauses)
	}
	// The room waits for another match, and the tab keeps its seat for that, until its player leaves.
	kept := func() int { return eval[int](p, "Object.keys(sessionStorage).length") }
	if n := kept(); n != 1 {
		t.Errorf("after the match the tab keeps %d seats", n)
	}
	p.leaveResult()
	p.waitFor("the seat is forgotten", func() bool { return kept() == 0 })
}

// A duplicated tab, which has the first one's session storage, takes the seat over once and for all.
func TestDuplicate(t *testing.T) {
	t.Parallel()
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

// A page that is closed says nothing of leaving; Leave is the player's own act.
func TestLeave(t *testing.T) {
	t.Parallel()
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

// press holds a key long enough for the page to see it.
func (p *tab) press(key string) {
	p.t.Helper()
	p.do(chromedp.KeyEvent(key))
	time.Sleep(200 * time.Millisecond) // against a real process: several animation frames
}

// leaveResult goes from a match's result to the menu.
func (p *tab) leaveResult() {
	p.t.Helper()
	time.Sleep(1500 * time.Millisecond) // a result cannot be closed by a key in its first second
	p.press(kb.Escape)
	p.waitWords("The menu")
}
