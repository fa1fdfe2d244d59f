//go:build !js

package browser

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/log"
	cdpruntime "github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"tandem/game/client"
	"tandem/netcode/recording"
)

// siteEnv names the folder of the built page.
const siteEnv = "TANDEM_SITE"

// patience is how long a page may take for anything a test waits for. It never decides whether a
// behaviour is right, only when to give up: a busy machine takes its time.
const patience = 3 * time.Minute

// Tests run beside each other, as many as the machine serves. Those whose pages draw all the time have a
// turn of their own, so that those that mostly wait go on beside them; go test's own -parallel, which
// counts those that wait for their turn as well, is to be as many as there are tests.
var (
	drawing = make(chan struct{}, max(1, runtime.NumCPU()/2)) // a page without graphics hardware takes a processor
	waiting = make(chan struct{}, 2)
)

// draws lets a test run beside others when it is the turn of one more whose pages draw.
func draws(t *testing.T) { turn(t, drawing) }

// waits does the same for a test whose pages are mostly hidden, small or not there yet.
func waits(t *testing.T) { turn(t, waiting) }

func turn(t *testing.T, turns chan struct{}) {
	t.Parallel()
	turns <- struct{}{}
	began := time.Now()
	t.Cleanup(func() {
		t.Logf("its turn took %.1f s", time.Since(began).Seconds()) // the test's own time has the wait for it, too
		<-turns
	})
}

// chromium starts a browser for the test. Pages of one browser share nothing but its processes.
func chromium(t *testing.T, more ...chromedp.ExecAllocatorOption) context.Context {
	t.Helper()
	binary := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			binary = path
			break
		}
	}
	if binary == "" {
		const words = "there is no Chromium: make test STAGE=packages installs it"
		if os.Getenv(siteEnv)+os.Getenv(relayEnv) != "" { // this is where the tests are to run
			t.Fatal(words)
		}
		t.Skip(words)
	}
	opts := append([]chromedp.ExecAllocatorOption{
		chromedp.ExecPath(binary), chromedp.NoFirstRun, chromedp.NoDefaultBrowserCheck, chromedp.Headless, chromedp.NoSandbox,
		chromedp.Flag("disable-gpu", true), chromedp.Flag("enable-unsafe-swiftshader", true),
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true),
		chromedp.Flag("disable-dev-shm-usage", true), chromedp.Flag("hide-scrollbars", true),
		chromedp.WindowSize(480, 360), chromedp.WSURLReadTimeout(patience),
	}, more...)
	ctx, cancel := chromedp.NewExecAllocator(context.Background(), opts...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	if err := chromedp.Run(ctx); err != nil {
		t.Fatalf("Chromium does not start: %v", err)
	}
	return ctx
}

// tab is one page of a browser.
type tab struct {
	t    *testing.T
	name string
	ctx  context.Context

	mu     sync.Mutex
	errors []string // what it has written to its console as an error
	quiet  bool     // the test causes errors that the browser itself reports
}

// open opens a new tab at an address. The test fails if the page ever reports an error on its
// console, unless the test says that it may.
func open(t *testing.T, browser context.Context, name, address string, before ...chromedp.Action) *tab {
	t.Helper()
	p := newTab(t, browser, name)
	p.do(append(append([]chromedp.Action(nil), before...), chromedp.Navigate(address))...)
	return p
}

// visit is open for somebody else: in a window of its own, so that nobody's page is hidden, and with a
// storage of its own.
func visit(t *testing.T, browser context.Context, name, address string) *tab {
	t.Helper()
	ctx := cdp.WithExecutor(browser, chromedp.FromContext(browser).Browser)
	profile, err := target.CreateBrowserContext().Do(ctx)
	if err != nil {
		t.Fatalf("%s: there is no new profile: %v", name, err)
	}
	window, err := target.CreateTarget("about:blank").WithBrowserContextID(profile).WithNewWindow(true).Do(ctx)
	if err != nil {
		t.Fatalf("%s: there is no new window: %v", name, err)
	}
	p := newTab(t, browser, name, chromedp.WithTargetID(window))
	p.do(chromedp.Navigate(address))
	return p
}

// newTab makes a tab, or with options takes one that is there.
func newTab(t *testing.T, browser context.Context, name string, options ...chromedp.ContextOption) *tab {
	t.Helper()
	ctx, cancel := chromedp.NewContext(browser, options...)
	p := &tab{t: t, name: name, ctx: ctx}
	chromedp.ListenTarget(ctx, p.listen)
	t.Cleanup(func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		if len(p.errors) > 0 && !p.quiet {
			t.Errorf("%s: the console has errors:\n%s", name, strings.Join(p.errors, "\n"))
		}
		cancel()
	})
	// The first Run makes the tab, which lives as long as that Run's context.
	if err := chromedp.Run(ctx, log.Enable()); err != nil {
		t.Fatalf("%s: there is no new tab: %v", name, err)
	}
	return p
}

func (p *tab) listen(event any) {
	note := func(words string) {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.errors = append(p.errors, words)
	}
	switch e := event.(type) {
	case *cdpruntime.EventConsoleAPICalled:
		var words []string
		for _, a := range e.Args {
			words = append(words, strings.Trim(string(a.Value)+a.Description, `"`))
		}
		text := strings.Join(words, " ")
		if os.Getenv("TANDEM_CONSOLE") != "" {
			fmt.Println(p.name, e.Type, text)
		}
		if e.Type == cdpruntime.APITypeError || e.Type == cdpruntime.APITypeWarning || strings.Contains(text, "panic:") {
			note(text)
		}
	case *cdpruntime.EventExceptionThrown:
		note(e.ExceptionDetails.Error())
	case *log.EventEntryAdded:
		if e.Entry.Level == log.LevelError || e.Entry.Level == log.LevelWarning {
			if !slow(e.Entry.Text) {
				note(e.Entry.Text + " " + e.Entry.URL)
			}
		}
	}
}

// slow reports whether what a browser tells is only that the machine is slow: it draws without graphics
// hardware, or the game has given up a connection after its time and makes another.
func slow(words string) bool {
	return strings.Contains(words, "GL Driver Message") || strings.Contains(words, "WebSocket is closed before the connection is established")
}

// stroke presses keys and lets them go, as a keyboard does: where the page takes a key for itself, no
// character comes of it. The library's own KeyEvent sends one, which on a slow machine activates what has
// the focus meanwhile.
func stroke(keys string, modifiers ...input.Modifier) chromedp.Action {
	return chromedp.ActionFunc(func(ctx context.Context) error {
		for _, r := range keys {
			for _, e := range strokes(r) {
				for _, m := range modifiers {
					e.Modifiers |= m
				}
				if err := e.Do(ctx); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// strokes are the events of a key: it goes down, gives a character perhaps, and goes up.
func strokes(key rune) []*input.DispatchKeyEventParams {
	events := kb.Encode(key)
	for _, e := range events {
		if e.Type == input.KeyDown {
			e.Type = input.KeyRawDown
		}
	}
	return events
}

// do runs actions in the tab.
func (p *tab) do(actions ...chromedp.Action) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	if err := chromedp.Run(ctx, actions...); err != nil {
		p.t.Fatalf("%s: %v", p.name, err)
	}
}

// eval returns what an expression is in the page. While one page takes the place of another neither can
// be asked.
func eval[T any](p *tab, expression string) (v T) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	for {
		err := chromedp.Run(ctx, chromedp.Evaluate(expression, &v))
		var failed *cdproto.Error
		switch {
		case err == nil:
			return v
		case !errors.As(err, &failed) || !strings.Contains(failed.Message, "context") && !strings.Contains(failed.Message, "navigated"):
			p.t.Fatalf("%s: %v", p.name, err)
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// status is what happens, in words, as the page tells it.
func (p *tab) status() string {
	return eval[string](p, `document.getElementById("status")?.textContent ?? ""`)
}

// report is what the page's seat has measured so far; ok is false while there is no match.
func (p *tab) report() (r client.Report, ok bool) {
	p.t.Helper()
	text := eval[string](p, `window.tandem?.report?.() ?? ""`)
	if text == "" {
		return r, false
	}
	if err := json.Unmarshal([]byte(text), &r); err != nil {
		p.t.Fatalf("%s: the report cannot be read: %v: %s", p.name, err, text)
	}
	return r, true
}

// waitFor waits until something is so in the page. It gives up when nothing has moved for a while: a
// match may take longer than that.
func (p *tab) waitFor(what string, is func() bool) {
	p.t.Helper()
	deadline, frames := time.Now().Add(patience), uint32(0)
	for !is() {
		r, _ := p.report()
		if r.Frames > frames {
			frames, deadline = r.Frames, time.Now().Add(patience)
		}
		if time.Now().After(deadline) {
			p.t.Fatalf("%s: waited %v in vain until %s. It says %q; report: %+v", p.name, patience, what, p.status(), r)
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// waitAddress waits until the tab shows a page whose address begins so. A page that goes answers
// nothing, which is no news meanwhile.
func (p *tab) waitAddress(prefix string) {
	p.t.Helper()
	var at string
	for deadline := time.Now().Add(patience); ; time.Sleep(50 * time.Millisecond) {
		ctx, cancel := context.WithTimeout(p.ctx, patience)
		err := chromedp.Run(ctx, chromedp.Evaluate(`location.href`, &at))
		cancel()
		if err == nil && strings.HasPrefix(at, prefix) {
			return
		}
		if time.Now().After(deadline) {
			p.t.Fatalf("%s: waited %v in vain for %s; the tab is at %q (%v)", p.name, patience, prefix, at, err)
		}
	}
}

// waitFrame waits until the page has stepped so many frames.
func (p *tab) waitFrame(frame uint32) {
	p.t.Helper()
	p.waitFor(fmt.Sprintf("frame %d is stepped", frame), func() bool {
		r, ok := p.report()
		return ok && r.Frames >= frame
	})
}

// waitEnd waits for the end of the match and returns the report.
func (p *tab) waitEnd() (r client.Report) {
	p.t.Helper()
	p.waitFor("the match ends", func() bool {
		var ok bool
		r, ok = p.report()
		return ok && r.End != ""
	})
	return r
}

// picture saves what the tab shows to the folder TANDEM_PICTURES, if there is one, to be looked at.
func (p *tab) picture(name string) {
	p.t.Helper()
	dir := os.Getenv("TANDEM_PICTURES")
	if dir == "" {
		return
	}
	var png []byte
	p.do(chromedp.CaptureScreenshot(&png))
	if err := os.WriteFile(dir+"/"+name+".png", png, 0o644); err != nil {
		p.t.Error(err)
	}
}

// waitWords waits until the page says something.
func (p *tab) waitWords(words string) {
	p.t.Helper()
	p.waitFor("it says "+words, func() bool { return strings.Contains(p.status(), words) })
}

// animated is how many animation frames the page has had since the first call.
func (p *tab) animated() int {
	p.t.Helper()
	return eval[int](p, `window.animated ??= (() => { const count = { n: 0 };
		const tick = () => { count.n++; requestAnimationFrame(tick); }; requestAnimationFrame(tick); return count; })(), window.animated.n`)
}

// visibility is what the browser tells the page about it.
func (p *tab) visibility() string {
	p.t.Helper()
	return eval[string](p, "document.visibilityState")
}

// screen makes a tab look like a device.
func screen(w, h int64, scale float64, touch bool) []chromedp.Action {
	actions := []chromedp.Action{emulation.SetDeviceMetricsOverride(w, h, scale, touch)}
	if touch {
		actions = append(actions, emulation.SetTouchEmulationEnabled(true).WithMaxTouchPoints(5))
	}
	return actions
}

// recording is the match as the page recorded it, when it is whole.
func (p *tab) recording() (data []byte) {
	p.t.Helper()
	p.waitFor("its recording is whole", func() bool {
		text := eval[string](p, `btoa(Array.from(window.tandem.recording(), (b) => String.fromCharCode(b)).join(""))`)
		var err error
		if data, err = base64.StdEncoding.DecodeString(text); err != nil {
			p.t.Fatal(err)
		}
		r, err := recording.NewReader(bytes.NewReader(data))
		for err == nil {
			_, err = r.Next()
		}
		return err == io.EOF
	})
	return data
}

// whileHeld waits until the page has looked at its devices a few times and played some frames.
func (p *tab) whileHeld() {
	p.t.Helper()
	looks, frame := p.animated(), mustReport(p).Frames
	p.waitFor("it goes on", func() bool { return p.animated() >= looks+5 && mustReport(p).Frames >= frame+12 })
}

// whilePainted waits until what the page shows has been painted.
func (p *tab) whilePainted() {
	p.t.Helper()
	var painted bool
	p.do(chromedp.Evaluate(`new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))`, &painted, awaited))
}

// wantStill reports an error if anything the page has shown has moved by itself since it was opened.
func (p *tab) wantStill() {
	p.t.Helper()
	var shift string
	p.do(chromedp.Evaluate(`new Promise((done) => {
		new PerformanceObserver((list, observer) => { observer.disconnect(); done(list.getEntries().map((e) => e.value + " by " + e.sources.map((s) => s.node?.nodeName + "#" + (s.node?.id ?? s.node?.textContent)).join(", ")).join("; ")); }).observe({ type: "layout-shift", buffered: true });
		setTimeout(() => done(""), 500);
	})`, &shift, awaited))
	if shift != "" {
		p.t.Errorf("%s: the layout shifted: %s", p.name, shift)
	}
}
