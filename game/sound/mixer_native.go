//go:build !js

package sound

import (
	"encoding/binary"
	"math"
	"sync"
)

// voice is a sound that is being played.
type voice struct {
	samples []float32
	at      int // of the next sample; below zero it waits
	gain    float32
}

// mixer makes one stream of all that is played. It is an io.Reader of 32-bit little-endian floats, one
// channel; reading never ends and never waits.
type mixer struct {
	mu     sync.Mutex
	voices [maxVoices]voice
	volume float32
	mixed  []float32

	playing bool                  // the tune
	until   int                   // samples to its next note
	next    int                   // in tune
	plucked map[float64][]float32 // nil until the notes are rendered

	silent int // samples for which nothing has been heard
}

// start plays samples.
func (m *mixer) start(samples []float32, gain float32) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.add(voice{samples, 0, gain})
	m.silent = 0
}

func (m *mixer) add(v voice) {
	oldest := 0
	for i := range m.voices {
		if m.voices[i].samples == nil {
			oldest = i
			break
		}
		if m.voices[i].at > m.voices[oldest].at {
			oldest = i
		}
	}
	m.voices[oldest] = v
}

// stop ends all that is heard.
func (m *mixer) stop() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.voices = [maxVoices]voice{}
}

// tune begins the tune or ends it; its last notes die away.
func (m *mixer) tune(on bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if on && !m.playing {
		m.next, m.until, m.silent = 0, rate/2, 0
	}
	m.playing = on
}

// setVolume sets how loud everything is, 0 to 1.
func (m *mixer) setVolume(v float64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.volume = float32(v * v) // ears hear ratios
}

// quietFor is for how many seconds nothing has been heard.
func (m *mixer) quietFor() float64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	return float64(m.silent) / rate
}

// Read mixes the next samples.
func (m *mixer) Read(buf []byte) (int, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	n := len(buf) / 4
	if cap(m.mixed) < n {
		m.mixed = make([]float32, n)
	}
	mixed := m.mixed[:n]
	clear(mixed)
	if m.playing && m.plucked != nil {
		m.pluck(n)
	}
	heard := m.playing
	for i := range m.voices {
		if v := &m.voices[i]; v.samples != nil {
			heard = true
			v.mix(mixed)
		}
	}
	m.silent += n
	if heard {
		m.silent = 0
	}
	for i, v := range mixed {
		binary.LittleEndian.PutUint32(buf[4*i:], math.Float32bits(limit(v*m.volume)))
	}
	return 4 * n, nil
}

// limit keeps many sounds at once within what a device can play, without the noise of cutting them off: it
// bends what is above a half.
func limit(v float32) float32 {
	switch {
	case v > 0.5:
		return 1 - 0.25/v
	case v < -0.5:
		return -1 - 0.25/v
	}
	return v
}

// mix adds the voice to the samples.
func (v *voice) mix(mixed []float32) {
	i := 0
	if v.at < 0 {
		i = min(-v.at, len(mixed))
		v.at += i
	}
	for ; i < len(mixed) && v.at < len(v.samples); i++ {
		mixed[i] += v.samples[v.at] * v.gain
		v.at++
	}
	if v.at >= len(v.samples) {
		*v = voice{}
	}
}

// pluck starts the notes of the tune that begin within the next n samples.
func (m *mixer) pluck(n int) {
	for m.until < n {
		t := &tune[m.next]
		m.add(voice{m.plucked[t.pitch], -max(m.until, 0), float32(t.gain)})
		m.until += untilNext(&m.next)
	}
	m.until -= n
}

// update has nothing to do: the device asks for what it needs.
func (m *mixer) update() {}
