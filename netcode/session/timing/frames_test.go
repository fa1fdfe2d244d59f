package timing

import (
	"testing"
	"time"
)

// A frame's close is rounded once, however far it is from the first.
func TestFrames(t *testing.T) {
	f := Frames{First: 30, Close: time.Second, Held: 7 * time.Millisecond}
	for frame, want := range map[uint32]time.Duration{30: time.Second, 31: time.Second + FrameInterval, 60: 2 * time.Second, 0: 0, 30 + 30*3600: time.Hour + time.Second} {
		if got := f.Announced(frame); got != want {
			t.Errorf("frame %d is announced for %v, want %v", frame, got, want)
		}
		if got := f.Closes(frame); got != want+f.Held {
			t.Errorf("frame %d closes at %v, want %v", frame, got, want+f.Held)
		}
	}
}

func TestPace(t *testing.T) {
	var p Pace
	const every = 10 * time.Second
	if p.Take(time.Second, every) || p.Due(time.Hour) != time.Hour {
		t.Error("there is nothing to tell")
	}
	p.Changed()
	if p.Due(time.Hour) > time.Second || !p.Take(time.Second, every) || p.Take(time.Second, every) {
		t.Error("the first is told at once, and once")
	}
	p.Changed()
	if p.Take(time.Second+every-1, every) || p.Due(time.Hour) != time.Second+every || !p.Take(time.Second+every, every) {
		t.Error("the next is told at its pace")
	}
	p.Changed()
	p.Forget()
	if p.Take(time.Hour, every) || p.Due(time.Hour) != time.Hour {
		t.Error("what is forgotten is told")
	}
}
