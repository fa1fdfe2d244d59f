//go:build !js

package browser

import (
	"encoding/csv"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"tandem/cmd/internal/app"
	"tandem/netcode/recording"
)

// finger is one touch, in the page's pixels.
func finger(id, x, y float64) *input.TouchPoint { return &input.TouchPoint{X: x, Y: y, ID: id} }

// unhurried is a match that goes no faster than a page on a machine that draws slowly and does other things:
// these tests are about what is played, not about when.
func unhurried(frames uint) app.RoomFlags {
	return app.RoomFlags{Env: "slime", Frames: frames, Delay: strconv.Itoa(handsDelay), EnvOpts: app.Words{"lives=9"}, Set: app.Words{"late_policy=wait", "grace_ms=1000"}}
}

// handsDelay is the input delay of an unhurried match, in frames.
const handsDelay = 30

// endless is an unhurried match that ends when the test is done with it (see part), however slow the page is.
func endless() app.RoomFlags {
	flags := unhurried(0)
	flags.EnvOpts = append(flags.EnvOpts, "episodes=1000")
	return flags
}

// part lets the native player leave: until then both have played the same. It returns what the page's seat did.
func part(t *testing.T, host *native, p *tab) map[uint8]int {
	t.Helper()
	// What was done last is played the room's delay later, and perhaps more where the page's link needs it.
	at := host.c.Report().Frames + 2*handsDelay
	p.waitFrame(at)
	host.c.Leave()
	<-host.done
	if r := p.waitEnd(); r.End != "left" || r.Desyncs != 0 || r.Verified == 0 {
		t.Errorf("the page's match ended: %s (%s), %d desyncs, %d hashes compared", r.End, r.EndText, r.Desyncs, r.Verified)
	}
	here, there := bundles(t, p.recording()), bundles(t, host.recording())
	if n := min(len(here), len(there)); n < int(at) || !slices.Equal(here[:n], there[:n]) {
		t.Errorf("of %d and %d frames, at least %d of each, the page and the native player have not played the same", len(here), len(there), at)
	}
	return host.actions(1)
}

// bundles are the actions of a recording's frames.
func bundles(t *testing.T, data []byte) (list []string) {
	t.Helper()
	records(t, data, func(rec *recording.Record) {
		if rec.Kind == recording.KindBundle {
			list = append(list, fmt.Sprint(rec.Frame, rec.Actions))
		}
	})
	return list
}

// TestTouch plays with two thumbs on a telephone: what they touched is what was played.
func TestTouch(t *testing.T) {
	draws(t)
	h := openHouse(t, "")
	host := h.seat("baseline", "touch", endless())
	b := chromium(t)
	p := newTab(t, b, "telephone")
	p.do(append(screen(390, 844, 1, true), chromedp.Navigate(h.at("room=touch")))...)
	p.waitFrame(30)
	p.picture("touch")
	hold := func(points ...*input.TouchPoint) {
		p.do(input.DispatchTouchEvent(input.TouchStart, points))
		p.whileHeld()
		p.do(input.DispatchTouchEvent(input.TouchEnd, []*input.TouchPoint{}))
		p.whileHeld()
	}
	// The lower left of the screen is the left thumb's, where it is more to the left it means left;
	// the lower right is the jump.
	hold(finger(1, 60, 710))
	hold(finger(1, 175, 710))
	hold(finger(1, 330, 710))
	hold(finger(1, 60, 710), finger(2, 330, 710))
	did := part(t, host, p)
	for action, name := range map[uint8]string{1: "left", 2: "up-left", 3: "up", 5: "right"} {
		if did[action] == 0 {
			t.Errorf("%q was touched and never played: %v", name, did)
		}
	}
	if did[4] != 0 {
		t.Errorf("up-right was played and never touched: %v", did)
	}
}

// TestRotate turns a telephone and back in mid-match: the picture fills the window, sharp, and the
// buttons lie where the thumbs are.
func TestRotate(t *testing.T) {
	draws(t)
	h := openHouse(t, "")
	host := h.seat("baseline", "rotate", endless())
	p := newTab(t, chromium(t), "telephone")
	turn := func(w, h int64, scale float64) {
		p.do(screen(w, h, scale, true)...)
		want := []int64{0, 0, w, h, int64(float64(w) * scale), int64(float64(h) * scale)}
		p.waitFor(fmt.Sprintf("the canvas is %v", want), func() bool {
			return slices.Equal(want, eval[[]int64](p, `(() => { const c = document.querySelector("canvas"), r = c?.getBoundingClientRect() ?? {}; return [r.left, r.top, r.width, r.height, c?.width, c?.height].map((x) => Math.round(x) || 0); })()`))
		})
	}
	touch := func(x, y float64) {
		p.do(input.DispatchTouchEvent(input.TouchStart, []*input.TouchPoint{finger(1, x, y)}))
		p.whileHeld()
		p.do(input.DispatchTouchEvent(input.TouchEnd, []*input.TouchPoint{}))
		p.whileHeld()
	}
	p.do(append(screen(390, 844, 2, true), chromedp.Navigate(h.at("room=rotate")))...)
	p.waitFrame(30)
	turn(844, 390, 2)
	p.picture("rotated")
	touch(20, 300) // the left edge; upright, this is amid the court, where nothing can be touched
	turn(390, 844, 2)
	touch(330, 710) // the lower right: the jump; this lies outside of a telephone that is turned
	did := part(t, host, p)
	if did[1] == 0 || did[3] == 0 {
		t.Errorf("left and up were touched, and this was played: %v", did)
	}
	if did[2]+did[4]+did[5] != 0 {
		t.Errorf("only left and up were touched, and this was played: %v", did)
	}
}

// TestKeys plays with both sets of keys.
func TestKeys(t *testing.T) {
	draws(t)
	h := openHouse(t, "")
	host := h.seat("baseline", "keys", unhurried(450))
	b := chromium(t)
	dir := t.TempDir()
	p := open(t, b, "page", h.at("room=keys"))
	p.waitFrame(30)
	for _, key := range []string{kb.ArrowLeft, "d", "w"} {
		p.hold(key)
	}
	page := p.waitEnd()
	same(t, 450, host.end(), page)
	did := host.actions(1)
	for action, name := range map[uint8]string{1: "left", 3: "up", 5: "right"} {
		if did[action] == 0 {
			t.Errorf("the key for %q was held and never played: %v", name, did)
		}
	}

	// The match is over: the player saves a picture and the data.
	saved := func(pattern string) string {
		var found []string
		p.waitFor("there is a file "+pattern, func() bool {
			found, _ = filepath.Glob(filepath.Join(dir, pattern))
			return len(found) == 1
		})
		data, err := os.ReadFile(found[0])
		if err != nil {
			t.Fatal(err)
		}
		return string(data)
	}
	p.do(browser.SetDownloadBehavior(browser.SetDownloadBehaviorBehaviorAllow).WithDownloadPath(dir))
	p.shownResult()
	// The last two controls; before them there may or may not be another match to ask for.
	for _, key := range []string{kb.ArrowUp, kb.ArrowUp, kb.Enter} {
		p.press(key)
	}
	if png := saved("tandem-*.png"); !strings.HasPrefix(png, "\x89PNG\r\n") {
		t.Errorf("the picture is %q…", png[:min(len(png), 8)])
	}
	for _, key := range []string{kb.ArrowDown, kb.Enter} {
		p.press(key)
	}
	if rec := saved("tandem-*.tandem"); !strings.HasPrefix(rec, "tandem recording 2\n") {
		t.Errorf("the recording is %q…", rec[:min(len(rec), 20)])
	} else {
		wantWhole(t, rec) // though the room stays for another match
	}
	mine, theirs := shared(t, saved("tandem-*.csv")), shared(t, host.rows())
	if len(mine) != 451 || len(theirs) != 451 {
		t.Fatalf("%d and %d rows, want a head and 450", len(mine), len(theirs))
	}
	for i := range mine {
		if mine[i] != theirs[i] {
			t.Fatalf("row %d of the page's data differs from the native player's:\n%s\n%s", i, mine[i], theirs[i])
		}
	}
}

// wantWhole reads a recording to its end: where there is no end, its player is told that the data are cut off.
func wantWhole(t *testing.T, rec string) {
	t.Helper()
	r, err := recording.NewReader(strings.NewReader(rec))
	for err == nil {
		_, err = r.Next()
	}
	if err != io.EOF {
		t.Errorf("the recording that was saved ends with %v", err)
	}
}

// shared returns the rows without the columns that only their owner can know.
func shared(t *testing.T, text string) (rows []string) {
	t.Helper()
	table, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, cells := range table {
		var kept []string
		for i, c := range cells {
			if !strings.HasPrefix(table[0][i], "local.") {
				kept = append(kept, c)
			}
		}
		rows = append(rows, strings.Join(kept, ","))
	}
	return rows
}

// hold holds a key down for some frames.
func (p *tab) hold(key string) {
	p.t.Helper()
	for _, e := range strokes([]rune(key)[0]) {
		p.do(e)
		if e.Type == input.KeyRawDown {
			p.whileHeld()
		}
	}
	p.whileHeld()
}
