//go:build !js

package browser

import (
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"tandem/cmd/internal/app"
	"tandem/game/client"
)

// Tabs that are hidden for real: another tab is opened over them, the browser calls them hidden and
// gives them not one animation frame. They play on by what the network brings, so that they are where
// the others are when they are seen again, and say that they were away.
func TestHidden(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		line  string
		from  uint32 // the frame at which the tab is hidden
		until func(now uint32) uint32
		most  string // episodes
	}{
		{"5 s in mid-episode", "", 120, func(now uint32) uint32 { return now + 5*30 }, "episodes=1"},
		{"over the end of an episode", "", 700, func(now uint32) uint32 { return max(now, 900) + 60 }, "episodes=2"},
		{"6 s with a round trip of 300 ms", "rtt=300ms", 120, func(now uint32) uint32 { return now + 6*30 }, "episodes=1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			waits(t)
			h := openHouse(t, c.line)
			host := h.seat("baseline", "hidden", app.RoomFlags{Env: "slime",
				EnvOpts: app.Words{"lives=5", "max_steps=900", c.most}})
			b := chromium(t)
			p := open(t, b, "page", h.at("room=hidden"))
			p.waitFrame(c.from)
			if before := p.animated(); p.visibility() != "visible" {
				t.Fatalf("the page is %s", p.visibility())
			} else {
				p.waitFor("the page is animated", func() bool { return p.animated() > before })
			}

			over := open(t, b, "over it", "about:blank")
			p.waitFor("the page is hidden", func() bool { return p.visibility() == "hidden" })
			still := p.animated()
			end := c.until(host.c.Report().Frames)
			p.waitFor("the native player is on", func() bool { return host.c.Report().Frames >= end })
			there, here := host.c.Report().Frames, mustReport(p).Frames
			if p.visibility() != "hidden" || p.animated() != still {
				t.Fatalf("the page is %s, with %d animation frames while it was to have none", p.visibility(), p.animated()-still)
			}
			// Two seconds are what a return may take; it takes none.
			if here+60 < there {
				t.Errorf("hidden, the page is at frame %d when the other is at %d", here, there)
			}

			chromedp.Cancel(over.ctx)
			p.do(page.BringToFront())
			p.waitFor("the page is seen again", func() bool { return p.visibility() == "visible" && p.animated() > still })
			p.waitWords("You were away for")
			r := p.waitEnd()
			native := host.end()
			same(t, 0, native, r)
			if r.Pauses != 0 || native.Pauses != 0 {
				t.Errorf("the match was paused: %d, %d", native.Pauses, r.Pauses)
			}
		})
	}
}

// A host that looks elsewhere while it waits for the others keeps its room, although the browser runs
// the timers of a tab that is hidden for long once a minute: five minutes is what that takes, ten
// seconds here.
func TestHiddenInTheWaitingRoom(t *testing.T) {
	waits(t)
	h := openHouse(t, "")
	b := chromium(t, chromedp.Flag("enable-features", "IntensiveWakeUpThrottling:grace_period_seconds/10"))
	p := open(t, b, "page", h.at("host&env=slime&env-opt=max_steps%3D90&env-opt=episodes%3D1&set=pause_ms%3D20000"))
	p.waitWords("Waiting for one more player.")
	room := eval[string](p, `new URL(location.href).searchParams.get("room")`)
	over := open(t, b, "over it", "about:blank")
	p.waitFor("the page is hidden", func() bool { return p.visibility() == "hidden" })
	// Nothing of the game is called meanwhile: that would let it look at its clock, as a timer does.
	p.do(chromedp.Evaluate(`window.longest = 0; { let last = performance.now(); const tick = () => {
		const now = performance.now(); longest = Math.max(longest, now - last); last = now; setTimeout(tick, 100) }; tick() }`, nil))
	const sleeps = 20 * time.Second // four times the silence after which a seat is given up
	for deadline := time.Now().Add(2 * patience); eval[float64](p, "longest") < float64(sleeps.Milliseconds()); {
		if time.Now().After(deadline) {
			t.Fatalf("the longest that a timer has waited is %.0f ms: the browser does not throttle", eval[float64](p, "longest"))
		}
		time.Sleep(time.Second)
	}
	if n := h.relay.Rooms(); n != 1 || !strings.Contains(p.status(), "Waiting for one more player.") {
		t.Fatalf("there are %d rooms, and the page says %q", n, p.status())
	}
	guest := h.seat("baseline", room, app.RoomFlags{})
	chromedp.Cancel(over.ctx)
	p.do(page.BringToFront())
	r := p.waitEnd()
	same(t, 0, guest.end(), r)
	if r.Reconnects != 0 {
		t.Errorf("the page has lost its line %d times", r.Reconnects)
	}
}

// A host whose tab is hidden while it sends the invitation, and a friend who joins meanwhile: the match
// waits, the hidden page says so in its status and title although it draws nothing, the friend reads
// whom they wait for, and it begins when the tab is seen.
func TestHostIsCalledBack(t *testing.T) {
	waits(t)
	h := openHouse(t, "")
	b := chromium(t)
	p := open(t, b, "page", h.at("host&name=Ann&env=slime&env-opt=max_steps%3D90&env-opt=episodes%3D1&set=pause_ms%3D20000"))
	p.waitWords("Waiting for one more player.")
	room, title := eval[string](p, `new URL(location.href).searchParams.get("room")`), eval[string](p, "document.title")
	over := open(t, b, "over it", "about:blank")
	p.waitFor("the page is hidden", func() bool { return p.visibility() == "hidden" })
	still := p.animated()
	guest := h.seat("baseline", room, app.RoomFlags{})
	p.waitWords("is here: come back to begin.")
	if got := eval[string](p, "document.title"); !strings.Contains(got, "is here: come back to begin") {
		t.Errorf("the hidden page's title is %q", got)
	}
	var v client.View
	p.waitFor("the friend reads whom they wait for", func() bool {
		guest.c.View(time.Now(), &v)
		return v.Headline == "Waiting for Ann to come back"
	})
	time.Sleep(5 * time.Second) // longer than a countdown takes
	if guest.c.View(time.Now(), &v); v.Phase != client.Waiting || guest.c.Report().Frames != 0 || p.animated() != still {
		t.Fatalf("it began without the host: %v, frame %d, %d animation frames", v.Phase, v.Frame, p.animated()-still)
	}
	chromedp.Cancel(over.ctx)
	p.do(page.BringToFront())
	p.waitFor("the title is as usual", func() bool { return eval[string](p, "document.title") == title })
	same(t, 0, guest.end(), p.waitEnd())
	if strings.Contains(p.status(), "come back") {
		t.Errorf("at the end the page says %q", p.status())
	}
}
