package sound

import (
	"math"
	"time"
)

// Sound is one of the short sounds.
type Sound uint8

const (
	Bounce Sound = iota
	Jump
	Land
	Point
	Pick
	Drop
	Chop
	Ready
	Serve
	Rob
	Tick // of a countdown
	Go   // its end
	Join // somebody has come
	Win
	NumSounds
)

// maxVoices is how many sounds can be heard at once; the oldest gives way to one more.
const maxVoices = 24

// rate is how many samples there are in a second. Every system takes this one as it is.
const rate = 44100

// tone is a part of a sound: a wave that glides from one pitch to another and dies away.
type tone struct {
	wave   wave
	at     float64 // when it begins, in seconds
	length float64 // until it has died away
	from   float64 // pitch at its beginning, in Hz
	to     float64 // and at its end
	gain   float64
}

// wave is the shape of a tone.
type wave uint8

const (
	sine wave = iota
	reed      // a sine with some of its octave and twelfth
	hiss      // noise, of which from and to say how bright it is
)

// Pitches, in Hz.
const (
	c4 = 261.63
	d4 = 293.66
	e4 = 329.63
	g4 = 392.00
	a4 = 440.00
	c5 = 523.25
	d5 = 587.33
	e5 = 659.26
	g5 = 783.99
	c6 = 1046.50
)

// sounds say what each one is made of.
var sounds = [NumSounds][]tone{
	Bounce: {{sine, 0, 0.11, 420, 260, 0.8}, {hiss, 0, 0.02, 2500, 900, 0.25}},
	Jump:   {{sine, 0, 0.13, 240, 480, 0.35}},
	Land:   {{sine, 0, 0.07, 150, 90, 0.35}, {hiss, 0, 0.05, 600, 200, 0.15}},
	Point:  {{reed, 0, 0.16, g4, g4, 0.5}, {reed, 0.11, 0.34, c5, c5, 0.6}},
	Pick:   {{sine, 0, 0.07, 520, 700, 0.4}},
	Drop:   {{sine, 0, 0.08, 420, 280, 0.4}, {hiss, 0, 0.02, 900, 500, 0.15}},
	Chop:   {{hiss, 0, 0.03, 3500, 1200, 0.5}, {sine, 0.01, 0.12, 330, 170, 0.5}, {sine, 0.09, 0.08, 500, 640, 0.2}},
	Ready:  {{sine, 0, 0.5, 1568, 1568, 0.35}, {sine, 0, 0.3, 3136, 3136, 0.12}, {sine, 0.14, 0.6, 1568, 1568, 0.3}},
	Serve:  {{reed, 0, 0.14, c5, c5, 0.45}, {reed, 0.09, 0.14, e5, e5, 0.45}, {reed, 0.18, 0.4, g5, g5, 0.5}},
	Rob:    {{reed, 0, 0.09, 480, 380, 0.5}, {reed, 0.08, 0.16, 360, 210, 0.5}},
	Tick:   {{sine, 0, 0.12, a4, a4, 0.4}},
	Go:     {{reed, 0, 0.4, a4 * 2, a4 * 2, 0.45}},
	Join:   {{sine, 0, 0.12, e5, e5, 0.35}, {sine, 0.09, 0.25, a4 * 2, a4 * 2, 0.35}},
	Win: {{reed, 0, 0.18, c5, c5, 0.45}, {reed, 0.13, 0.18, e5, e5, 0.45}, {reed, 0.26, 0.18, g5, g5, 0.45},
		{reed, 0.39, 0.8, c6, c6, 0.5}, {sine, 0.39, 0.8, e5, e5, 0.3}},
}

// attack is how long a tone takes to rise: long enough that it does not click.
const attack = 0.004

// renderAll computes the samples of every sound.
func renderAll() (all [NumSounds][]float32) {
	for s := range all {
		all[s] = render(sounds[s])
		time.Sleep(breath)
	}
	return all
}

// render computes the samples of a sound.
func render(tones []tone) []float32 {
	end := 0.0
	for i := range tones {
		end = max(end, tones[i].at+tones[i].length)
	}
	out := make([]float32, int(end*rate)+1)
	for i := range tones {
		tones[i].add(out)
	}
	return out
}

// add mixes the tone into the samples. A sine and a power of every sample would take ten times as long, too long
// for a page between two pictures: a pointer turns by the pitch, which turns by the glide, and products die away.
func (t *tone) add(out []float32) {
	first, n := int(t.at*rate), int(t.length*rate)
	level, random := 0.0, uint32(1)
	const turn, rise = 2 * math.Pi / rate, attack * rate
	sin, cos := 0.0, 1.0
	by, along := math.Sincos(turn * t.from)
	more, less := math.Sincos(turn * (t.to - t.from) / float64(n))
	dying, fade := t.gain, math.Exp(-4.6/float64(n)) // to a hundredth
	for i := range min(n, len(out)-first) {
		loud := dying
		if float64(i) < rise {
			loud *= float64(i) / rise
		}
		if left := n - i; left < n/20 { // nothing is left at the end
			loud *= float64(left) / float64(n) * 20
		}
		var v float64
		switch t.wave {
		case hiss:
			random = random*1664525 + 1013904223
			white := float64(int32(random)) / (1 << 31)
			level += (white - level) * min(turn*(t.from+(t.to-t.from)*float64(i)/float64(n)), 1) // a low pass of one pole
			v = level
		case reed:
			v = sin * (0.7 + 0.4*cos + 0.1*(3-4*sin*sin)) // that is, with 0.2 sin 2x + 0.1 sin 3x
		default:
			v = sin
		}
		out[first+i] += float32(loud * v)
		sin, cos = sin*along+cos*by, cos*along-sin*by
		by, along = by*less+along*more, along*less-by*more
		dying *= fade
	}
}
