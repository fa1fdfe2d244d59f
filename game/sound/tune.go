package sound

import "time"

// The tune of the title: a slow walk over four chords, plucked softly, with a voice above it. An eighth is
// eighth long; the bars repeat for as long as the title is shown.

const (
	eighth    = rate * 36 / 100 // 83 quarters a minute, in samples
	noteRings = 1.6             // seconds that a note takes to die away
	voiceGain = 0.16
	pluckGain = 0.12
)

// struck is a note of the tune.
type struck struct {
	at    int // eighths from the beginning
	pitch float64
	gain  float64
}

// tuneEighths is the length of the tune: eight bars.
const tuneEighths = 64

// tune is in the order of time.
var tune = compose()

func compose() (notes []struck) {
	chords := [...][4]float64{
		{c4, e4, g4, e4}, {a4 / 2, c4, e4, c4}, {349.23 / 2, a4 / 2, c4, a4 / 2}, {g4 / 2, 246.94, d4, 246.94},
	}
	// What the voice sings on the first and the sixth eighth of each bar; 0 is a rest.
	voice := [...][2]float64{{g5 / 2, a4}, {c5, 0}, {a4, g4}, {d5, e5 / 1}, {e5, d5}, {c5, a4}, {a4, c5}, {d5, 0}}
	for bar := range tuneEighths / 8 {
		for i := range 8 {
			notes = append(notes, struck{bar*8 + i, chords[bar%4][i%4], pluckGain})
			switch v := voice[bar]; {
			case i == 0 && v[0] > 0:
				notes = append(notes, struck{bar * 8, v[0], voiceGain})
			case i == 5 && v[1] > 0:
				notes = append(notes, struck{bar*8 + 5, v[1], voiceGain})
			}
		}
	}
	return notes
}

// untilNext goes on from a note of the tune to the next, and returns how many samples later that one begins.
func untilNext(at *int) int {
	now := tune[*at].at
	*at++
	if *at == len(tune) {
		*at = 0
		now -= tuneEighths
	}
	return (tune[*at].at - now) * eighth
}

// notes renders a note of each pitch of the tune.
func notes() map[float64][]float32 {
	plucked := map[float64][]float32{}
	for i := range tune {
		pitch := tune[i].pitch
		if plucked[pitch] == nil {
			plucked[pitch] = render([]tone{{reed, 0, noteRings, pitch, pitch, 1}})
			time.Sleep(breath)
		}
	}
	return plucked
}

// learn gives the mixer the notes of the tune.
func (m *mixer) learn(plucked map[float64][]float32) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.plucked = plucked
}
