package timing

import "time"

// FrameTime returns the length of n frames, rounded once, so that no error builds up with n.
func FrameTime(n int64) time.Duration { return time.Duration(n * int64(time.Second) / FrameRate) }

// Frames is the frame clock: when each frame closes, C(F), on the relay's clock.
type Frames struct {
	First uint32        // first frame since the start or the last pause
	Close time.Duration // C(First) as it was announced
	Held  time.Duration // by which holds have moved all closes since
}

// Announced returns C(frame) as the start announced it: what slack and sampling times refer to, so that both
// sides mean the same whenever they hear of a hold.
func (f *Frames) Announced(frame uint32) time.Duration {
	return f.Close + FrameTime(int64(frame)-int64(f.First))
}

// Closes returns C(frame), holds included.
func (f *Frames) Closes(frame uint32) time.Duration { return f.Announced(frame) + f.Held }

// Pace keeps news that may change without end from being told faster than anybody reads it: Changed notes that
// there is some, Due is when it may be told. The zero value has none.
type Pace struct {
	news bool
	at   time.Duration
}

// Changed notes that there is something to tell.
func (p *Pace) Changed() { p.news = true }

// Forget notes that there is nothing to tell any more.
func (p *Pace) Forget() { p.news = false }

// Take reports whether something is to be told now, after which nothing may be for as long as every.
func (p *Pace) Take(now, every time.Duration) bool {
	if !p.news || now < p.at {
		return false
	}
	p.news, p.at = false, now+every
	return true
}

// Due is when there is something to tell; w where nothing is before.
func (p *Pace) Due(w time.Duration) time.Duration {
	if p.news {
		return min(w, p.at)
	}
	return w
}
