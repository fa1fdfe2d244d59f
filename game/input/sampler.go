package input

import (
	"sync"
	"time"

	"tandem/env"
)

const (
	// repeatAfter is how long a key is held before it begins to repeat. 250 ms is the short end of
	// what desktops use: long enough that a tap, some 100 ms, never counts twice.
	repeatAfter = 250 * time.Millisecond

	// repeatEvery is the pace of a held key: seven or eight steps a second, about as fast as a
	// person taps and slow enough to stop on the tile they mean. It must stay above a frame's
	// length (33 ms), or the queue would never empty.
	repeatEvery = 130 * time.Millisecond

	// queueLen bounds the presses that wait for a sample. Two cover a quick turn (left, then up)
	// between two samples; more would make the figure walk on after the fingers have stopped.
	queueLen = 2

	// silentSamples is how many inputs may be sampled without a word from the window. At 30
	// samples a second that is one second, far above the slowest drawing seen (22 a second) and
	// short enough that a player whose window hangs, is dragged or lies in a hidden tab, where
	// nothing calls Update, does not run against a wall for ever.
	silentSamples = 30
)

// Sampler joins the window, which reports keys, and the network, which asks for actions. It is safe
// for use from several goroutines and allocates nothing after Bind.
type Sampler struct {
	mu      sync.Mutex
	mapping *Mapping
	mode    env.InputMode
	oneShot []bool // by action

	held    Keys  // down at the last Update
	latched Keys  // pressed since the last sample
	order   Order // of the keys in held and latched
	presses uint64

	silent int // samples since the last Update

	queue  [queueLen]int // Keystroke: actions that wait
	queued int
	rep    env.Key // Keystroke: the key that repeats
	repOn  bool
	repAt  time.Time
}

// NewSampler makes a Sampler. spec may be nil when the environment is not known yet; Bind tells it
// later, and until then Sample answers 0.
func NewSampler(spec *env.Spec) *Sampler {
	s := &Sampler{}
	if spec != nil {
		s.Bind(spec)
	}
	return s
}

// Bind sets the environment whose actions are sampled and forgets every press so far.
func (s *Sampler) Bind(spec *env.Spec) {
	m := NewMapping(spec)
	oneShot := make([]bool, len(spec.Actions))
	for i, a := range spec.Actions {
		oneShot[i] = a.OneShot
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mapping, s.mode, s.oneShot = m, spec.Input, oneShot
	s.release()
}

// Update reports the keys of one tick: held are down now, pressed went down since the last Update
// and may be up again already. A key that is held without having been reported as pressed counts
// as pressed now, so a device that knows no presses can leave pressed empty.
func (s *Sampler) Update(now time.Time, held, pressed Keys) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.silent = 0
	pressed |= held &^ s.held
	s.held = held
	for k := env.Key(0); k < env.NumKeys; k++ {
		if !pressed.Has(k) {
			continue
		}
		// A key that was let go and pressed again is a new press.
		s.presses++
		s.order[k] = s.presses
		s.latched |= Set(k)
	}
	if s.mapping != nil && s.mode == env.Keystroke {
		s.stroke(now, pressed)
	}
}

// stroke queues the actions of new presses and of the key that repeats.
func (s *Sampler) stroke(now time.Time, pressed Keys) {
	for k := env.Key(0); k < env.NumKeys; k++ {
		if !pressed.Has(k) {
			continue
		}
		a, ok := s.mapping.ActionOf(k, s.held, &s.order)
		if !ok {
			continue
		}
		s.push(a)
		// The latest press repeats. A one-shot action never does: holding the button a moment too
		// long must not put down again what it just picked up.
		s.rep, s.repOn, s.repAt = k, !s.oneShot[a], now.Add(repeatAfter)
	}
	if s.repOn && !s.held.Has(s.rep) {
		s.repeatOther(now)
	}
	if !s.repOn || now.Before(s.repAt) {
		return
	}
	// A repeat is never queued behind something: it says "still", not "again".
	if a, ok := s.mapping.ActionOf(s.rep, s.held, &s.order); ok && s.queued == 0 {
		s.push(a)
	}
	// From now, not from repAt: after a hang the key goes on at its pace and does not catch up.
	s.repAt = now.Add(repeatEvery)
}

// repeatOther lets the latest key that is still down repeat after the one that did was let go.
func (s *Sampler) repeatOther(now time.Time) {
	s.repOn = false
	var latest uint64
	for k := env.Key(0); k < env.NumKeys; k++ {
		if !s.held.Has(k) || s.order[k] < latest {
			continue
		}
		if a, ok := s.mapping.ActionOf(k, s.held, &s.order); ok && !s.oneShot[a] {
			latest = s.order[k]
			s.rep, s.repOn, s.repAt = k, true, now.Add(repeatEvery)
		}
	}
}

// push queues an action. With a full queue the newest press takes the last place, because it is
// what the person wants by now; but a one-shot action that waits is never thrown out.
func (s *Sampler) push(action int) {
	if s.queued == queueLen {
		if s.oneShot[s.queue[queueLen-1]] {
			return
		}
		s.queued--
	}
	s.queue[s.queued] = action
	s.queued++
}

// Release lets go of every key and forgets what waits: the window lost the focus, was hidden, or
// shows something else that uses the keys.
func (s *Sampler) Release() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.release()
}

func (s *Sampler) release() {
	s.held, s.latched, s.queued, s.repOn = 0, 0, 0, false
}

// Sample returns the action for the input that is due now and consumes what was latched for it.
func (s *Sampler) Sample() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.mapping == nil {
		return 0
	}
	if s.silent++; s.silent > silentSamples {
		s.release()
	}
	if s.mode == env.Keystroke {
		s.latched = 0
		if s.queued == 0 {
			return s.mapping.Default()
		}
		a := s.queue[0]
		copy(s.queue[:], s.queue[1:s.queued])
		s.queued--
		return a
	}
	a := s.mapping.Action(s.held|s.latched, &s.order)
	s.latched = 0
	return a
}
