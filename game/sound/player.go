package sound

import (
	"log/slog"
	"sync"
)

// restAfter is for how many seconds nothing is heard before the device rests: longer than the breaks in a
// rally, so that it does not go on and off in play.
const restAfter = 5

// usualVolume is how loud sounds are where nobody has chosen, of 1.
const usualVolume = 0.7

// device is where sound goes. Its methods may take their time.
type device interface {
	Suspend() error
	Resume() error
	Err() error // why it plays nothing any more
}

// Player plays sounds. Its methods may be called from any goroutine, and never wait for the device. A nil
// Player is silent.
type Player struct {
	log  *slog.Logger
	open func(*mixer) (device, error) // waits until the device can play

	mu       sync.Mutex
	mixer    mixer
	rendered [NumSounds][]float32 // once the device is open
	muted    bool
	hidden   bool
	allowed  bool // sounds may be heard: in a page, its visitor has pressed something
	wanted   bool // something is to be heard
	state    state
	dev      device
}

// state is what is known of the device.
type state uint8

const (
	closed state = iota // not opened yet
	busy                // being opened, suspended or resumed
	running
	resting
	broken // there is none, or it failed
)

// New makes a Player. It opens nothing.
func New(log *slog.Logger) *Player {
	p := &Player{log: log, open: openDevice, allowed: !waitsForGesture}
	p.mixer.setVolume(usualVolume)
	return p
}

// Play plays a sound, as loud as force says, 0 to 1. One that comes before the device is open opens it and is
// not heard: it would come too late.
func (p *Player) Play(s Sound, force float64) {
	if p == nil || s >= NumSounds {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.audible() {
		return
	}
	if p.rendered[s] != nil {
		p.mixer.start(p.rendered[s], float32(0.25+0.75*min(max(force, 0), 1)))
	}
	p.wanted = true
	p.turn()
}

// Tune begins the tune, or ends it.
func (p *Player) Tune(on bool) {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.mixer.tune(on)
	if on || p.state == closed || p.state == resting {
		p.wanted = on // otherwise what was played last may still be heard
	}
	p.turn()
}

// Gesture says that somebody has pressed something. A page may play nothing before.
func (p *Player) Gesture() {
	if p == nil || !activated() {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.allowed = true
	p.turn()
}

// Hide says that the page is hidden, where nothing is played, or that it is seen again.
func (p *Player) Hide(hidden bool) {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.hidden = hidden
	p.mixer.stop()
	p.turn()
}

// SetMuted turns the sound off or on.
func (p *Player) SetMuted(muted bool) {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.muted = muted
	p.mixer.stop()
	p.turn()
}

// Muted reports whether the sound is off.
func (p *Player) Muted() bool {
	if p == nil {
		return true
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.muted
}

// SetVolume sets how loud everything is, 0 to 1.
func (p *Player) SetVolume(v float64) {
	if p != nil {
		p.mixer.setVolume(min(max(v, 0), 1))
	}
}

// Update lets the device rest when nothing has been heard for a while, and gives up one that has failed. It is to
// be called now and then.
func (p *Player) Update() {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.state != running {
		return
	}
	if err := p.dev.Err(); err != nil {
		p.fail(err)
		return
	}
	p.mixer.update()
	if p.wanted && p.mixer.quietFor() > restAfter {
		p.wanted = false
		p.turn()
	}
}

func (p *Player) audible() bool { return p.allowed && !p.muted && !p.hidden && p.state != broken }

// turn puts the device into the state that is wanted, on a goroutine that takes the time it needs.
func (p *Player) turn() {
	want := p.audible() && p.wanted
	switch {
	case p.state == closed && want:
		p.state = busy
		go p.start()
	case p.state == resting && want:
		p.state = busy
		go p.change(p.dev.Resume, running)
	case p.state == running && !want:
		p.state = busy
		go p.change(p.dev.Suspend, resting)
	}
}

// start opens the device, and renders all that there is to play: neither a picture nor the device waits for it.
func (p *Player) start() {
	dev, err := p.open(&p.mixer)
	var all [NumSounds][]float32
	if err == nil {
		p.mixer.learn(notes())
		all = renderAll()
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if err != nil {
		p.fail(err)
		return
	}
	p.dev, p.state, p.rendered = dev, running, all
	p.turn() // what is wanted may have changed meanwhile
}

// change tells the device what to do, which then is in a state.
func (p *Player) change(do func() error, then state) {
	err := do()
	if err == nil {
		err = p.dev.Err()
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if err != nil {
		p.fail(err)
		return
	}
	p.state = then
	p.turn()
}

// fail gives up, and says so once.
func (p *Player) fail(err error) {
	p.state = broken
	p.mixer.stop()
	p.mixer.tune(false)
	p.log.Info("there is no sound", "reason", err)
}
