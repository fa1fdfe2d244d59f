package sound

import (
	"math"
	"testing"
)

func loudest(s []float32) (most float32) {
	for _, v := range s {
		most = max(most, v, -v)
	}
	return most
}

func TestEverySoundIsHeardAndNoneClicks(t *testing.T) {
	for s, tones := range sounds {
		out := render(tones)
		if len(out) > 2*rate {
			t.Errorf("sound %d is %d samples long", s, len(out))
		}
		if l := loudest(out); l < 0.05 || l > 1.2 {
			t.Errorf("sound %d is as loud as %v", s, l)
		}
		if first, last := out[0], out[len(out)-1]; max(first, -first, last, -last) > 0.01 {
			t.Errorf("sound %d begins at %v and ends at %v", s, first, last)
		}
	}
}

// Turning a pointer is to give the sines that it saves.
func TestTonesAreTheSinesThatTheySayTheyAre(t *testing.T) {
	for _, to := range []tone{{sine, 0, 1.5, 240, 480, 0.8}, {reed, 0, 1.5, c6, c6, 0.8}} {
		got := render([]tone{to})
		n, phase := to.length*rate, 0.0
		for i := range got[:int(n)] {
			part := float64(i) / n
			v := math.Sin(phase)
			if to.wave == reed {
				v = 0.7*v + 0.2*math.Sin(2*phase) + 0.1*math.Sin(3*phase)
			}
			want := to.gain * math.Exp(-4.6*part) * min(float64(i)/(attack*rate), 1) * min((1-part)*20, 1) * v
			if math.Abs(float64(got[i])-want) > 1e-6 {
				t.Fatalf("wave %d: sample %d is %v, not %v", to.wave, i, got[i], want)
			}
			phase += 2 * math.Pi * (to.from + (to.to-to.from)*part) / rate
		}
	}
}

// What is computed between two pictures of a page: the longest sound, and a note.
func BenchmarkRender(b *testing.B) {
	for name, tones := range map[string][]tone{"win": sounds[Win], "note": {{reed, 0, noteRings, a4, a4, 1}}} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				render(tones)
			}
		})
	}
}

func BenchmarkRenderAll(b *testing.B) {
	for b.Loop() {
		renderAll()
		notes()
	}
}
