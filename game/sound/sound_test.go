//go:build !js

package sound

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"log/slog"
	"math"
	"strings"
	"testing"
)

// fake is a device that notes what it is told. Each opening and each change waits for step.
type fake struct {
	opened int
	err    error // of opening
	told   chan string
	failed error
}

func (f *fake) Suspend() error { f.told <- "suspend"; return nil }
func (f *fake) Resume() error  { f.told <- "resume"; return nil }
func (f *fake) Err() error     { return f.failed }

func playerOn(f *fake, log io.Writer) *Player {
	p := New(slog.New(slog.NewTextHandler(log, nil)))
	p.allowed = true
	f.told = make(chan string)
	p.open = func(*mixer) (device, error) {
		f.opened++
		f.told <- "open"
		return f, f.err
	}
	return p
}

// settled waits until the player has done what it was about to do.
func settled(p *Player) state {
	for {
		p.mu.Lock()
		s := p.state
		p.mu.Unlock()
		if s != busy {
			return s
		}
	}
}

func TestNothingIsOpenedBeforeItIsHeard(t *testing.T) {
	f := &fake{}
	p := playerOn(f, io.Discard)
	p.allowed = false // as in a page
	p.Tune(true)
	p.Play(Bounce, 1)
	p.Tune(false)
	p.SetMuted(true)
	p.Gesture()
	p.Play(Bounce, 1)
	p.SetMuted(false)
	p.Hide(true)
	p.Play(Bounce, 1)
	if p.state != closed {
		t.Fatalf("opened %d times for sounds that nobody can hear", f.opened)
	}
	p.Hide(false)
	p.Play(Bounce, 1)
	if got := <-f.told; got != "open" || settled(p) != running {
		t.Errorf("the first sound that can be heard: %q", got)
	}
}

func TestDeviceRestsWhenThereIsNothingToHear(t *testing.T) {
	f := &fake{}
	p := playerOn(f, io.Discard)
	p.Play(Tick, 1)
	<-f.told
	settled(p)
	hear(&p.mixer, restAfter-1)
	p.Update()
	if s := settled(p); s != running {
		t.Fatal("the device rests too early")
	}
	hear(&p.mixer, 2)
	p.Update()
	if got := <-f.told; got != "suspend" || settled(p) != resting {
		t.Errorf("after silence: %q", got)
	}
	p.Play(Tick, 1)
	if got := <-f.told; got != "resume" || settled(p) != running {
		t.Errorf("with a new sound: %q", got)
	}
	for name, set := range map[string]func(bool){"muted": p.SetMuted, "hidden": p.Hide} {
		set(true)
		if got := <-f.told; got != "suspend" || settled(p) != resting {
			t.Errorf("%s: %q", name, got)
		}
		set(false)
		if got := <-f.told; got != "resume" || settled(p) != running {
			t.Errorf("no longer %s: %q", name, got)
		}
	}
	if f.opened != 1 {
		t.Errorf("opened %d times", f.opened)
	}
}

func TestWithoutADeviceThereIsSilenceAndOneLine(t *testing.T) {
	var log bytes.Buffer
	f := &fake{err: errors.New("no card")}
	p := playerOn(f, &log)
	for i := range 3 {
		p.Play(Point, 1)
		if i == 0 {
			<-f.told
		}
		if s := settled(p); s != broken {
			t.Fatalf("state %d", s)
		}
	}
	if n := strings.Count(log.String(), "\n"); n != 1 || !strings.Contains(log.String(), "there is no sound") || f.opened != 1 {
		t.Errorf("opened %d times, logged %q", f.opened, &log)
	}
}

func TestADeviceThatFailsIsGivenUp(t *testing.T) {
	var log bytes.Buffer
	f := &fake{}
	p := playerOn(f, &log)
	p.Play(Point, 1)
	<-f.told
	settled(p)
	p.Update()
	f.failed = errors.New("unplugged")
	p.Update()
	if s := settled(p); s != broken || !strings.Contains(log.String(), "unplugged") {
		t.Errorf("state %d, logged %q", s, &log)
	}
}

// Rendering takes longer than the window or the device can wait.
func TestAllIsRenderedBeforeTheDeviceRuns(t *testing.T) {
	f := &fake{}
	p := playerOn(f, io.Discard)
	p.Tune(true)
	p.Play(Win, 1)
	hear(&p.mixer, 1)
	if p.rendered[Win] != nil || p.mixer.plucked != nil {
		t.Error("the window or the device renders")
	}
	<-f.told
	settled(p)
	for s := range p.rendered {
		if p.rendered[s] == nil {
			t.Errorf("sound %d is not rendered", s)
		}
	}
	for i := range tune {
		if p.mixer.plucked[tune[i].pitch] == nil {
			t.Errorf("note %d is not rendered", i)
		}
	}
}

func TestANilPlayerIsSilent(t *testing.T) {
	var p *Player
	p.Play(Bounce, 1)
	p.Tune(true)
	p.Gesture()
	p.Hide(true)
	p.SetMuted(false)
	p.SetVolume(1)
	p.Update()
	if !p.Muted() {
		t.Error("it is not muted")
	}
}

// hear reads seconds of the stream.
func hear(m *mixer, seconds float64) []float32 {
	buf := make([]byte, int(seconds*rate)*4)
	for rest := buf; len(rest) > 0; {
		n, _ := m.Read(rest[:min(len(rest), 4*1024)])
		rest = rest[n:]
	}
	out := make([]float32, len(buf)/4)
	for i := range out {
		out[i] = math.Float32frombits(binary.LittleEndian.Uint32(buf[4*i:]))
	}
	return out
}

func TestManySoundsAtOnceStayWithinTheRange(t *testing.T) {
	m := &mixer{}
	m.setVolume(1)
	win := render(sounds[Win])
	for range 3 * maxVoices {
		m.start(win, 1)
	}
	if l := loudest(hear(m, 0.5)); l > 1 || l < 0.9 {
		t.Errorf("as loud as %v", l)
	}
}

func TestTuneGoesOnUntilItIsEnded(t *testing.T) {
	m := &mixer{}
	m.learn(notes())
	m.setVolume(1)
	m.tune(true)
	long := float64(tuneEighths*eighth) / rate
	hear(m, 2*long)
	for range 4 {
		if l := loudest(hear(m, 1)); l < 0.02 || l > 0.9 {
			t.Errorf("in its third round the tune is as loud as %v", l)
		}
	}
	m.tune(false)
	hear(m, noteRings+eighth/rate+1)
	if l := loudest(hear(m, 1)); l != 0 || m.quietFor() < 1 {
		t.Errorf("after its end the tune is as loud as %v", l)
	}
}

func TestMixingAllocatesNothing(t *testing.T) {
	m := &mixer{}
	m.learn(notes())
	m.tune(true)
	s, buf := render(sounds[Bounce]), make([]byte, 4*1764)
	if n := testing.AllocsPerRun(600, func() {
		m.start(s, 1)
		if _, err := m.Read(buf); err != nil {
			t.Error(err)
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkMix(b *testing.B) {
	m := &mixer{}
	m.learn(notes())
	m.tune(true)
	buf := make([]byte, 4*1764) // 40 ms
	for b.Loop() {
		if _, err := m.Read(buf); err != nil {
			b.Fatal(err)
		}
	}
}
