package sound

import (
	"syscall/js"
	"testing"
)

// opened opens a mixer on a browser's output that stays suspended until its page was used.
func opened(t *testing.T) (m *mixer, dev device, ctx js.Value) {
	t.Helper()
	js.Global().Call("eval", `
		globalThis.AudioContext = class {
			constructor() { globalThis.audio = this; this.state = "suspended"; this.currentTime = 0; this.heard = 0; this.destination = {} }
			createGain() { return { gain: {}, connect() {} } }
			createBuffer() { return { copyToChannel() {} } }
			createBufferSource() { return { connect() {}, start: () => this.heard++, stop: () => this.heard-- } }
			suspend() { this.state = "suspended" }
			resume() { if (this.used) this.state = "running" }
		}
		globalThis.document = { addEventListener(name, f) { this[name] = f } }`)
	m = &mixer{}
	dev, err := openDevice(m)
	if err != nil {
		t.Fatal(err)
	}
	m.learn(notes())
	return m, dev, js.Global().Get("audio")
}

func press(ctx js.Value, used bool) {
	ctx.Set("used", used)
	js.Global().Get("document").Call("keyup")
}

func TestNothingPilesUpWhileTheBrowserIsSilent(t *testing.T) {
	m, _, ctx := opened(t)
	s := render(sounds[Tick])
	m.tune(true)
	for range 100 {
		m.start(s, 1)
		m.update()
		press(ctx, false) // Esc, which browsers do not count
	}
	if n := ctx.Get("heard").Int(); n != 0 {
		t.Errorf("%d sounds wait to be heard at once", n)
	}
	m.tune(false)
	press(ctx, true)
	m.start(s, 1)
	if n := ctx.Get("heard").Int(); n != 1 {
		t.Errorf("once the page was used, %d sounds are heard", n)
	}
}

func TestOneSoundWakesAPageThatRests(t *testing.T) {
	m, dev, ctx := opened(t)
	press(ctx, true)
	if err := dev.Suspend(); err != nil {
		t.Fatal(err)
	}
	press(ctx, true)
	if state := ctx.Get("state").String(); state != "suspended" {
		t.Errorf("a key ends the rest: %s", state)
	}
	s := render(sounds[Tick])
	for range 3 {
		m.start(s, 1)
	}
	if n := ctx.Get("heard").Int(); n != 1 {
		t.Errorf("%d sounds wait for the end of the rest", n)
	}
}

func TestSoundsOfAPageAreBounded(t *testing.T) {
	m, _, ctx := opened(t)
	press(ctx, true)
	s := render(sounds[Win])
	for range 3 * maxVoices {
		m.start(s, 1)
	}
	if n := ctx.Get("heard").Int(); n != maxVoices {
		t.Errorf("%d sounds are heard at once", n)
	}
	if q := m.quietFor(); q > 0 {
		t.Errorf("quiet for %v s", q)
	}
	ctx.Set("currentTime", 10)
	if q := m.quietFor(); q < 8 || q > 9 {
		t.Errorf("quiet for %v s", q)
	}
}

// No device is opened before the browser, too, takes what was pressed for the visitor's doing.
func TestTheBrowserDecidesWhatAGestureIs(t *testing.T) {
	js.Global().Call("eval", `Object.defineProperty(globalThis, "navigator", { value: { userActivation: { hasBeenActive: false } }, configurable: true })`)
	defer js.Global().Call("eval", `delete globalThis.navigator`)
	p := New(nil)
	p.Gesture()
	if p.allowed {
		t.Error("Esc lets a device be opened")
	}
	js.Global().Get("navigator").Get("userActivation").Set("hasBeenActive", true)
	p.Gesture()
	if !p.allowed {
		t.Error("a key that counts does not")
	}
}
