package scene

import (
	"errors"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/hajimehoshi/ebiten/v2"

	"tandem/env"
	"tandem/game/client"
	"tandem/game/input"
	"tandem/game/render"
)

// table is a game with a match in a phase, a sampler, and a screen to draw on.
type table struct {
	g      *Game
	m      *fakeMatch
	s      *input.Sampler
	now    time.Time
	screen *ebiten.Image
	phase  client.Phase
	spec   *env.Spec
}

func newTable(t *testing.T, menu bool) *table {
	t.Helper()
	tb := &table{now: start, phase: client.Playing, screen: ebiten.NewImage(640, 400)}
	t.Cleanup(tb.screen.Deallocate)
	o := Options{Now: func() time.Time { return tb.now }}
	fill := view(func(v *client.View) { v.Phase = tb.phase })
	tb.m = &fakeMatch{show: fill}
	tb.spec, _ = court()
	tb.s = input.NewSampler(tb.spec)
	if menu {
		o.Start = func(Choice) (Match, *input.Sampler, error) { return tb.m, tb.s, nil }
	}
	var err error
	if tb.g, err = New(o); err != nil {
		t.Fatal(err)
	}
	tb.g.ShowMatch(tb.m, tb.s)
	tb.g.Draw(tb.screen)
	return tb
}

// in moves the match into a phase and draws it.
func (tb *table) in(p client.Phase) {
	tb.phase = p
	tb.g.Draw(tb.screen)
}

var leftKey = input.Set(env.KeyLeft)

func (tb *table) sampleWhileHolding(t *testing.T, ev *events, keys input.Keys) int {
	t.Helper()
	if err := tb.g.update(ev, keys, 0); err != nil {
		t.Fatal(err)
	}
	return tb.s.Sample()
}

// later is a key pressed when a result has been seen.
func later(keys uiKey) *events {
	return &events{now: start.Add(endGuard), focused: true, keys: keys}
}

func TestKeysReachTheSamplerInPlayAlone(t *testing.T) {
	tb := newTable(t, true)
	for _, c := range []struct {
		phase client.Phase
		want  int
	}{
		{client.Playing, 1}, {client.Waiting, 0}, {client.Countdown, 1}, {client.Paused, 1}, {client.Connecting, 0}, {client.Finished, 0},
	} {
		tb.in(c.phase)
		if got := tb.sampleWhileHolding(t, press(0), leftKey); got != c.want {
			t.Errorf("%v: action %d while left is held, want %d", c.phase, got, c.want)
		}
	}
}

func TestLosingTheFocusReleasesTheKeys(t *testing.T) {
	tb := newTable(t, true)
	tb.sampleWhileHolding(t, press(0), leftKey)
	if got := tb.sampleWhileHolding(t, &events{now: start}, leftKey); got != 0 {
		t.Errorf("action %d without the focus, want 0", got)
	}
	if got := tb.sampleWhileHolding(t, press(0), leftKey); got != 1 {
		t.Errorf("action %d with the focus again, want 1", got)
	}
}

func TestEscAsksBeforeLeaving(t *testing.T) {
	tb := newTable(t, true)
	do(t, tb.g, press(keyEscape))
	if tb.g.ask == nil || tb.m.left != 0 {
		t.Fatal("Esc does not ask, or leaves at once")
	}
	if got := tb.sampleWhileHolding(t, press(0), leftKey); got != 0 {
		t.Errorf("keys of the question play on: action %d", got)
	}
	do(t, tb.g, press(keyEscape))
	if tb.g.ask != nil {
		t.Error("Esc does not take the question back")
	}
	do(t, tb.g, press(keyEscape), press(keyDown), press(keyEnter))
	if tb.m.left != 1 || tb.g.current != nil {
		t.Errorf("after Leave: left %d times, match %v", tb.m.left, tb.g.current)
	}
	tb.g.Draw(tb.screen) // the menu
}

func TestClickOnLeaveAsks(t *testing.T) {
	for _, p := range []client.Phase{client.Connecting, client.Waiting, client.Countdown, client.Playing, client.Paused} {
		tb := newTable(t, true)
		tb.in(p)
		b := tb.g.hud.leave
		do(t, tb.g, &events{now: start, focused: true, clicked: true, x: b.x + b.w/2, y: b.y + b.h/2})
		if tb.g.ask == nil {
			t.Errorf("%v: a click on the words at %v does nothing", p, b)
		}
	}
}

// A match that ends while the player is being asked whether to leave shows its result.
func TestEndTakesTheQuestionAway(t *testing.T) {
	tb := newTable(t, true)
	do(t, tb.g, press(keyEscape))
	tb.in(client.Finished)
	do(t, tb.g, press(0))
	if tb.g.ask != nil {
		t.Error("the question is still open")
	}
	do(t, tb.g, press(keyEnter))
	if tb.g.current == nil {
		t.Error("a key that was meant for the game closes the result before anybody has seen it")
	}
	do(t, tb.g, later(keyEnter))
	if tb.m.left != 1 || tb.g.current != nil {
		t.Errorf("Enter under the result: left %d times", tb.m.left)
	}
}

func TestWithoutAMenuTheGameEndsWithItsMatch(t *testing.T) {
	tb := newTable(t, false)
	tb.in(client.Closed)
	if err := tb.g.update(press(keyEscape), 0, 0); !errors.Is(err, ebiten.Termination) {
		t.Errorf("update returns %v, want Termination", err)
	}
	if tb.m.left != 1 {
		t.Errorf("left %d times, want once", tb.m.left)
	}
}

func TestMenuStartsAMatchAndTellsWhyNot(t *testing.T) {
	tb := newTable(t, true)
	tb.in(client.Finished)
	do(t, tb.g, press(0), later(keyEnter)) // to the menu
	var asked Choice
	fail := errors.New("No relay answers.")
	tb.g.options.Start = func(c Choice) (Match, *input.Sampler, error) { asked = c; return nil, nil, fail }
	tb.g.menu.choice.Name = "Ada" // who hosts has one
	tb.g.menu.show(pageHost, "")
	do(t, tb.g, press(keyEnter))
	if tb.g.current != nil || tb.g.menu.form.note != fail.Error() || asked.Action != Host || asked.Env == "" {
		t.Errorf("after a failure: note %q, choice %+v", tb.g.menu.form.note, asked)
	}
	tb.g.options.Start = func(Choice) (Match, *input.Sampler, error) { return tb.m, tb.s, nil }
	do(t, tb.g, press(keyEnter))
	if tb.g.current != tb.m {
		t.Error("no match is shown")
	}
}

func TestScreenshot(t *testing.T) {
	tb := newTable(t, true)
	file := filepath.Join(t.TempDir(), "shot.png")
	calls := 0
	var result error
	tb.g.Screenshot(file, 2*time.Second, func(err error) { calls++; result = err })
	tb.now = start.Add(1999 * time.Millisecond)
	tb.g.Draw(tb.screen)
	if calls != 0 {
		t.Fatal("the picture is taken too early")
	}
	tb.now = start.Add(2 * time.Second)
	tb.g.Draw(tb.screen)
	tb.g.Draw(tb.screen)
	if calls != 1 || result != nil {
		t.Fatalf("%d pictures, error %v; want one", calls, result)
	}
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	img, err := png.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	if img.Bounds() != image.Rect(0, 0, 640, 400) {
		t.Errorf("picture of %v, want the screen's size", img.Bounds())
	}
	r, g, b, _ := img.At(1, 200).RGBA()
	if uint8(r>>8) != palette.Bar.R || uint8(g>>8) != palette.Bar.G || uint8(b>>8) != palette.Bar.B {
		t.Errorf("the bar beside the court is %d,%d,%d in the picture", r>>8, g>>8, b>>8)
	}
}

func TestScreenshotThatFailsSaysSoAndLosesNothing(t *testing.T) {
	tb := newTable(t, true)
	dir := t.TempDir()
	taken := filepath.Join(dir, "taken.png")
	if err := os.MkdirAll(filepath.Join(taken, "full"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{filepath.Join(dir, "no", "such", "dir.png"), taken} {
		var result error
		tb.g.Screenshot(file, 0, func(err error) { result = err })
		tb.g.Draw(tb.screen)
		if result == nil || !strings.Contains(result.Error(), "could not be written") || !strings.Contains(result.Error(), file) {
			t.Errorf("error %v, want a sentence with the file's name", result)
		}
	}
	left, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(left) != 1 || left[0].Name() != "taken.png" {
		t.Errorf("the directory holds %v, want only what was there", left)
	}
}

// Ebitengine allocates a little for every piece of text and every change of what is drawn with.
// The screens add nothing to that once their texts are laid out: a frame costs what its words and
// its picture cost by themselves.
func TestDrawingAllocatesNothingOfItsOwn(t *testing.T) {
	t.Run("playing", func(t *testing.T) { drawingAllocates(t, 0) })
	t.Run("with its figures", func(t *testing.T) { drawingAllocates(t, keyNumbers) })
}

func drawingAllocates(t *testing.T, keys uiKey) {
	tb := newTable(t, true)
	do(t, tb.g, press(keys))
	frame := func() { tb.g.Draw(tb.screen) }
	for range 5 {
		frame()
	}
	words := append([]word(nil), tb.g.ui.words...)
	c, v := tb.g.canvas, &tb.g.view
	bare := func() {
		c.Begin(tb.screen)
		tb.g.painter.Paint(tb.g.picture, v.Spec.Aspect, &v.Prev, &v.Cur, v.Alpha)
		for _, w := range words {
			c.Rect(0, 0, 1, 1, ink, 1)
			c.Text(w.text, render.Regular, 14, w.at.x, w.at.y, render.Left, ink, 1)
		}
		c.End()
	}
	for range 5 {
		bare()
	}
	// Two stand for commands that happen to begin a new block of the queue.
	least, most := testing.AllocsPerRun(50, bare), testing.AllocsPerRun(50, frame)
	if most > least+2 {
		t.Errorf("%v allocations for a frame, %v for its words and its picture alone", most, least)
	}
}

func TestIconIsDrawnAtEverySize(t *testing.T) {
	for _, size := range []int{16, 48} {
		img := icon(size)
		if _, _, _, a := img.At(0, 0).RGBA(); a != 0 {
			t.Errorf("size %d: the corner is not round", size)
		}
		if r, _, b, a := img.At(size*27/100, size*70/100).RGBA(); a != 0xffff || r <= b {
			t.Errorf("size %d: no vermilion slime on the left", size)
		}
		if r, _, b, _ := img.At(size*73/100, size*70/100).RGBA(); b <= r {
			t.Errorf("size %d: no blue slime on the right", size)
		}
	}
}

// The keys for the input delay reach the match in play, not while something else uses the keyboard.
func TestKeysChangeTheDelay(t *testing.T) {
	tb := newTable(t, true)
	typed := func(s string) *events { return &events{now: start, focused: true, chars: []rune(s)} }
	do(t, tb.g, typed("-"), typed("+=a3"), typed("[]"), typed("*"))
	if got, want := strings.Join(tb.m.asks, " "), "-1 +1 +1 -1 +1 auto"; got != want {
		t.Errorf("the match was asked for %q, want %q", got, want)
	}
	tb.m.asks = nil
	do(t, tb.g, press(keyEscape), typed("-+*"))
	tb.in(client.Waiting)
	do(t, tb.g, press(keyEscape), typed("-+*"))
	tb.in(client.Finished)
	do(t, tb.g, typed("-+*"))
	if len(tb.m.asks) != 0 {
		t.Errorf("outside of play the match was asked for %q", tb.m.asks)
	}
}
