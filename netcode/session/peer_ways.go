package session

import (
	"time"

	"tandem/netcode/protocol"
	"tandem/netcode/session/options"
	"tandem/netcode/session/timing"
)

// Path is the way of an own input, from the press to the step, cut where one thing was waited for and then
// another. The ways to the relay and back are told apart by the peer's estimate of the relay's clock, which
// may be off by the event's Bound: what one of the two is too long the other is too short.
type Path struct {
	Sample time.Duration // from the press to the sample: half of what lies between two, the average of a press at any time
	Up     time.Duration // to the relay
	Others time.Duration // there, until the frame closed: the others' inputs were not there yet
	Down   time.Duration // back
	Due    time.Duration // here, until the step was due: the playout waits for late bundles
	Timer  time.Duration // what the step came later than due: this computer
}

// Sum is the whole way.
func (p *Path) Sum() time.Duration { return p.Sample + p.Up + p.Others + p.Down + p.Due + p.Timer }

// Add adds the parts of another way.
func (p *Path) Add(q *Path) {
	p.Sample, p.Up, p.Others = p.Sample+q.Sample, p.Up+q.Up, p.Others+q.Others
	p.Down, p.Due, p.Timer = p.Down+q.Down, p.Due+q.Due, p.Timer+q.Timer
}

// way is what a peer knows of a frame's way: when its bundle was sent, came and was stepped.
type way struct {
	frame    uint32        // + 1 of which frame; 0 for none
	closed   time.Duration // on the relay's clock
	early    bool          // it closed even earlier, which the bundle cannot say
	arrived  time.Duration // like what follows, on the local clock
	due      time.Duration
	stepped  time.Duration // 0: not yet
	replaced uint16        // seats
}

// heard is when another seat sampled an input, in 0.1 ms from its frame's close, for a frame that is not
// stepped yet.
type heard struct {
	frame uint32 // + 1 of which frame; 0 for none
	at    int32
	bound uint32
}

// forgetOthers forgets what was heard of frames whose times have been set anew.
func (p *Peer) forgetOthers() {
	p.lastSample = 0
	if len(p.heard) != p.room.Players {
		p.heard = make([][history]heard, p.room.Players)
	}
	for i := range p.heard {
		p.heard[i] = [history]heard{}
	}
}

// waited is how long a press waited for the sample that is taken now, on the average.
func (p *Peer) waited(now time.Duration) time.Duration {
	if p.lastSample == 0 || now-p.lastSample > StandStill {
		return FrameInterval / 2 // nothing was sampled, or the program stood still
	}
	return (now - p.lastSample) / 2
}

// arrived notes that the bundle of a frame is here.
func (p *Peer) arrived(now time.Duration, m *protocol.Bundle) {
	p.ways[m.Frame%history] = way{frame: m.Frame + 1, arrived: now, replaced: m.Substituted,
		closed: p.frames.Closes(m.Frame) - time.Duration(m.Early)*time.Millisecond, early: m.Early >= protocol.MaxEarly}
}

// walked keeps the books of a frame that is stepped now, and tells what is known of the inputs in it. Of
// those that were replaced there is nothing to tell: they were not executed.
func (p *Peer) walked(now, due time.Duration, m *protocol.Bundle) {
	f := m.Frame
	if f < p.historyEnd {
		return
	}
	p.event(Event{Kind: EventQueue, Frame: f, N: p.pending.Len() + 1})
	w := &p.ways[f%history]
	if w.frame != f+1 {
		return // it came longer ago than a peer remembers
	}
	w.due, w.stepped = due, now
	if at, ok := p.executed(f); ok {
		e := Event{Kind: EventInputDelay, Frame: f, Dur: now - at}
		if p.beyond[f%history] || p.exceeds(f, e.Dur) {
			e.N = 1
		}
		p.event(e)
		p.path(now, f)
	}
	for s := range p.heard {
		if h := &p.heard[s][f%history]; h.frame == f+1 {
			p.latency(now, s, w, h.at, h.bound)
		}
	}
}

// executed returns when the own input for a frame was sampled; ok is false where that was replaced, or is
// not known any more.
func (p *Peer) executed(f uint32) (at time.Duration, ok bool) {
	if p.seat < 0 || f >= p.nextSample || p.nextSample-f > history || p.ways[f%history].replaced&(1<<p.seat) != 0 {
		return 0, false
	}
	at = p.sampledAt[f%history]
	return at, at != 0
}

// exceeds reports whether an input took longer than the frames that the room has fixed, by more than the
// half frame within which a computer wakes up.
func (p *Peer) exceeds(f uint32, took time.Duration) bool {
	d := p.delayAt(f)
	return d.Mode != options.DelayAuto && d.Frames > 0 && took > FrameTime(int64(d.Frames))+FrameInterval/2
}

// hear takes when the others sampled their inputs.
func (p *Peer) hear(now time.Duration, others []protocol.Times) {
	for i := range others {
		o := &others[i]
		if int(o.Seat) == p.seat || int(o.Seat) >= len(p.heard) {
			continue
		}
		for k, v := range o.List {
			f := o.First + uint32(k)
			if v == protocol.NoTime || f < p.historyEnd {
				continue
			}
			switch w := &p.ways[f%history]; {
			case f >= p.nextStep && f-p.nextStep < history:
				p.heard[o.Seat][f%history] = heard{f + 1, v, o.Bound}
			case w.frame == f+1 && w.stepped != 0:
				p.latency(now, int(o.Seat), w, v, o.Bound)
			}
		}
	}
}

// latency tells how long another seat's input took from its sample to the step here. Each end knows the
// relay's clock as well as its own round trip allows.
func (p *Peer) latency(now time.Duration, seat int, w *way, at int32, bound uint32) {
	f := w.frame - 1
	if w.replaced&(1<<seat) != 0 || f < p.frames.First || !p.clock.Known() {
		return
	}
	if sampled := p.frames.Announced(f) + time.Duration(at)*tenth; sampled > w.closed+time.Duration(bound)*tenth+2*time.Millisecond {
		return // nobody samples an input for a frame that has closed with it
	}
	p.event(Event{Kind: EventLatency, Seat: seat, Frame: f,
		Dur:   w.stepped + p.clock.Offset() - p.frames.Announced(f) - time.Duration(at)*tenth,
		Bound: p.clock.Bound(now) + (now-w.stepped)/timing.DriftShare + time.Duration(bound)*tenth})
}

// path tells the way of an own input once all of it is known: the step, and when the relay had it.
func (p *Peer) path(now time.Duration, f uint32) {
	at, ok := p.executed(f)
	w, reached := &p.ways[f%history], p.reached[f%history]
	if !ok || w.frame != f+1 || w.stepped == 0 || reached == 0 || !p.clock.Known() {
		return
	}
	off, bound := p.clock.Offset(), p.clock.Bound(now)+(now-w.stepped)/timing.DriftShare
	closed := w.closed
	if w.early { // at any time since the own input came; most likely as the line is at its best
		latest := max(reached, min(closed, w.arrived+off))
		closed = min(latest, max(reached, w.arrived-p.downlink.Least()))
		bound += max(closed-reached, latest-closed)
	}
	way := Path{Sample: p.wait[f%history], Up: reached - at - off, Others: closed - reached, Down: w.arrived + off - closed,
		Due: max(0, w.due-w.arrived), Timer: w.stepped - max(w.due, w.arrived)}
	p.event(Event{Kind: EventPath, Frame: f, Dur: way.Sum(), Path: way, Bound: bound})
}
