package sound

import (
	"errors"
	"sync"
	"syscall/js"
	"time"
	"unsafe"

	"tandem/game/dom"
)

// waitsForGesture says that nothing can be heard before somebody has pressed something.
const waitsForGesture = true

// activated reports whether the browser, too, takes what was pressed for its visitor's doing: not every browser
// counts Esc, a gamepad or a finger that is still down, and a device that is opened before is an error in its
// console.
func activated() bool {
	navigator := js.Global().Get("navigator")
	if !navigator.Truthy() {
		return true
	}
	by := navigator.Get("userActivation")
	return !by.Truthy() || by.Get("hasBeenActive").Bool()
}

// breath is how long rendering rests after each sound and note, so that the page can draw: one thread does both.
const breath = time.Millisecond

// mixer lets the browser mix: each sound is a buffer of its own, which a node plays once. Nothing runs in the
// page's program while a sound is heard.
type mixer struct {
	mu      sync.Mutex
	ctx     js.Value // undefined before the device is opened
	master  js.Value // the gain that all goes through
	buffers map[*float32]js.Value
	voices  [maxVoices]voice
	volume  float64
	rests   bool    // on our wish
	wakes   bool    // the sound that wakes it may be played
	playing bool    // the tune
	next    int     // in tune
	at      float64 // when that note is due, by the context's clock; 0 is as soon as possible
	plucked map[float64][]float32
}

// voice is a sound that the browser plays.
type voice struct {
	node js.Value
	ends float64 // by the context's clock
}

// openDevice opens the browser's output. A browser that thinks nobody has pressed anything yet lets it wait;
// the next key or touch goes on with it.
func openDevice(m *mixer) (device, error) {
	class, err := dom.Get(js.Global(), "AudioContext")
	if err != nil {
		return nil, err
	}
	if !class.Truthy() {
		return nil, errors.New("this browser has no AudioContext")
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := dom.Try(func() {
		m.ctx = class.New()
		m.master = m.ctx.Call("createGain")
		m.master.Call("connect", m.ctx.Get("destination"))
		m.master.Get("gain").Set("value", m.volume)
	}); err != nil {
		return nil, err
	}
	again := js.FuncOf(func(js.Value, []js.Value) any {
		m.mu.Lock()
		defer m.mu.Unlock()
		if !m.rests && !m.runs() {
			m.ctx.Call("resume")
		}
		return nil
	})
	for _, event := range []string{"keyup", "mouseup", "touchend"} {
		js.Global().Get("document").Call("addEventListener", event, again)
	}
	return output{m}, nil
}

// output is the browser's.
type output struct{ m *mixer }

func (o output) Suspend() error {
	o.m.mu.Lock()
	defer o.m.mu.Unlock()
	o.m.rests, o.m.wakes = true, o.m.runs()
	o.m.ctx.Call("suspend")
	return nil
}

func (o output) Resume() error {
	o.m.mu.Lock()
	defer o.m.mu.Unlock()
	o.m.rests = false
	o.m.ctx.Call("resume")
	return nil
}

func (o output) Err() error { return nil }

func (m *mixer) now() float64 { return m.ctx.Get("currentTime").Float() }

// runs reports whether the browser lets anything be heard.
func (m *mixer) runs() bool { return m.ctx.Get("state").String() == "running" }

// start plays samples. While the browser lets nothing be heard its clock stands, and all that was played would
// be heard at once when it goes on: that is dropped. The first sound after a rest is what wakes it, and is kept.
func (m *mixer) start(samples []float32, gain float32) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.wakes || m.runs() {
		m.wakes = false
		m.play(samples, gain, m.now())
	}
}

// play lets the browser play samples at a time of its clock.
func (m *mixer) play(samples []float32, gain float32, at float64) {
	v := &m.voices[0]
	for i := range m.voices {
		if m.voices[i].ends < v.ends {
			v = &m.voices[i]
		}
	}
	if v.ends > m.now() { // all are heard
		v.node.Call("stop")
	}
	node, loud := m.ctx.Call("createBufferSource"), m.ctx.Call("createGain")
	node.Set("buffer", m.buffer(samples))
	loud.Get("gain").Set("value", gain)
	node.Call("connect", loud)
	loud.Call("connect", m.master)
	node.Call("start", at)
	*v = voice{node, at + float64(len(samples))/rate}
}

// buffer returns the samples as the browser holds them.
func (m *mixer) buffer(samples []float32) js.Value {
	b, ok := m.buffers[&samples[0]]
	if !ok {
		b = m.ctx.Call("createBuffer", 1, len(samples), rate)
		bytes := js.Global().Get("Uint8Array").New(4 * len(samples))
		js.CopyBytesToJS(bytes, unsafe.Slice((*byte)(unsafe.Pointer(&samples[0])), 4*len(samples)))
		b.Call("copyToChannel", js.Global().Get("Float32Array").New(bytes.Get("buffer")), 0)
		if m.buffers == nil {
			m.buffers = map[*float32]js.Value{}
		}
		m.buffers[&samples[0]] = b
	}
	return b
}

// stop has nothing to do: what has begun is short, and ends by itself; the device is about to rest.
func (m *mixer) stop() {}

// tune begins the tune or ends it.
func (m *mixer) tune(on bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if on && !m.playing {
		m.next, m.at = 0, 0
	}
	m.playing = on
}

// scheduled is how far ahead the notes of the tune are handed to the browser, in seconds: more than the longest
// wait for the next picture of a slow page.
const scheduled = 0.5

// update hands the notes of the next moments to the browser.
func (m *mixer) update() {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !m.playing || !m.runs() {
		return
	}
	now := m.now()
	if m.at < now { // at the beginning, or after a rest
		m.at = now + 0.1
	}
	for m.at < now+scheduled {
		t := &tune[m.next]
		m.play(m.plucked[t.pitch], float32(t.gain), m.at)
		m.at += float64(untilNext(&m.next)) / rate
	}
}

// setVolume sets how loud everything is, 0 to 1.
func (m *mixer) setVolume(v float64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.volume = v * v // ears hear ratios
	if !m.ctx.IsUndefined() {
		m.master.Get("gain").Set("value", m.volume)
	}
}

// quietFor is for how many seconds nothing has been heard.
func (m *mixer) quietFor() float64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.playing || m.ctx.IsUndefined() {
		return 0
	}
	ends := 0.0
	for i := range m.voices {
		ends = max(ends, m.voices[i].ends)
	}
	return m.now() - ends
}
