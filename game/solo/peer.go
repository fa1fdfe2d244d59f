package solo

import (
	"math"
	"time"

	"tandem/netcode/protocol"
	"tandem/netcode/session"
	"tandem/netcode/session/options"
	"tandem/netcode/session/replica"
)

// Config says what is played.
type Config struct {
	// Room is what a room of the match would be made with; its Seed must not be 0. Its delay and what it
	// does about late inputs are of no meaning here.
	Room options.Config
	Name string // what the player calls themselves
	Bot  string // the registered name of the bot that takes the other seats
}

// Bot plays a seat.
type Bot interface {
	// Reset forgets everything: a match begins. Its draws follow from seed.
	Reset(seed uint64)
	// SampleFrame returns the action for the frame that is stepped next.
	SampleFrame(frame uint32) (action int, ok bool)
}

// ownSeat is the person's. The first one is what a room gives whoever opens it.
const ownSeat = 0

const (
	// look is how often an Update is due at least while the match goes on: a longer gap than
	// session.StandStill is then one in which this program did not run, also during the countdown.
	look = 100 * time.Millisecond
	// never is when nothing is due, and for how long a result stays. Times must not run over with it.
	never = time.Duration(math.MaxInt64 / 4)
)

// Peer is the player's side of a match that is played alone.
type Peer struct {
	cfg    Config
	bots   []Bot // of the seats behind the own one
	roster []protocol.RosterEntry

	state   session.PeerState
	matches int    // that have begun
	seed    uint64 // of the present one

	last    time.Duration // the latest Update
	asked   time.Duration // when that was due
	elapsed time.Duration // the match's own time
	stopped bool
	next    uint32 // the frame that is stepped next
	actions [protocol.MaxSeats]uint8
	thought bool // actions holds the bots' for next

	out session.Out
	end session.End
}

// New returns a peer that waits for its first Update.
func New(cfg Config) *Peer {
	cfg.Room.Delay, cfg.Room.Late = options.Delay{}, options.LateHold
	p := &Peer{cfg: cfg, state: session.PeerGreeting, asked: never}
	for i := range cfg.Room.Players {
		e := protocol.RosterEntry{Name: cfg.Bot + " bot", Taken: true, Ready: true}
		if i == ownSeat {
			e.Name = cfg.Name
		}
		p.roster = append(p.roster, e)
	}
	return p
}

// Seats gives the other seats to bots, in their order.
func (p *Peer) Seats(bots []Bot) { p.bots = bots }

// Think lets the bots decide on the next frame, if they have not. It looks at the match and must not run
// beside what changes it.
func (p *Peer) Think() {
	if p.thought || p.state != session.PeerPlaying {
		return
	}
	for i, b := range p.bots {
		a, _ := b.SampleFrame(p.next)
		p.actions[i+1] = uint8(a)
	}
	p.thought = true
}

// Update plays on to In.Now, by one frame at most: Out.Behind says that another one is due, for which the bots
// have to Think.
func (p *Peer) Update(in session.In) *session.Out {
	p.begin()
	p.pass(in.Now)
	switch p.state {
	case session.PeerGreeting:
		p.state = session.PeerSeated
		p.event(session.Event{Kind: session.EventSeated, Seat: ownSeat})
		p.event(session.Event{Kind: session.EventRoster})
	case session.PeerSeated:
		if in.Prepared {
			p.start()
		}
	case session.PeerPlaying:
		p.play(&in)
	case session.PeerAfter:
		if in.Again {
			p.start()
		}
	}
	p.asked = never
	if p.running() {
		p.out.Behind = p.due() <= 0
		p.asked = in.Now + min(max(p.due(), 0), look)
	}
	p.out.Wake = p.asked
	return &p.out
}

// running reports whether the match's time passes.
func (p *Peer) running() bool { return p.state == session.PeerPlaying && !p.stopped }

// due is how long it is until the next frame is stepped.
func (p *Peer) due() time.Duration { return p.at(p.next) - p.elapsed }

// at is when a frame is due, in the match's time.
func (p *Peer) at(frame uint32) time.Duration {
	return p.cfg.Room.Countdown + session.FrameTime(int64(frame))
}

// pass lets time pass.
func (p *Peer) pass(now time.Duration) {
	gap, late := now-p.last, now-p.asked
	p.last = now
	if !p.running() {
		return
	}
	if late > 0 {
		p.event(session.Event{Kind: session.EventOverslept, Dur: late})
	}
	if gap > session.StandStill { // a bot may take that long, too: each frame comes some time
		gap = session.FrameInterval
	}
	p.elapsed += gap
	if late := -p.due(); late > session.StandStill { // as with a bot that takes more than a frame for each
		p.elapsed -= late - session.StandStill
	}
}

// start begins the next match.
func (p *Peer) start() {
	p.seed = session.MatchSeed(p.cfg.Room.Seed, p.matches)
	p.matches++
	for i, b := range p.bots {
		b.Reset(session.MatchSeed(p.seed, -1-i)) // counted backwards: no match has one of these
	}
	p.state, p.elapsed, p.next, p.thought, p.stopped = session.PeerPlaying, 0, 0, false, false
	p.out.Commands = append(p.out.Commands, replica.Command{Kind: replica.CommandReset, Seed: p.seed})
}

func (p *Peer) play(in *session.In) {
	if in.Finished {
		p.state = session.PeerAfter
		p.end = session.End{Code: protocol.CodeOK, Text: "The match was played to its end.", Frames: in.Frames, Again: never}
		p.event(session.Event{Kind: session.EventMatchOver, Code: p.end.Code, Text: p.end.Text, Frame: in.Frames, Dur: never})
		return
	}
	if in.Away != p.stopped {
		p.stopped = in.Away
		if p.stopped {
			p.event(session.Event{Kind: session.EventPaused, Seat: ownSeat, Text: "You have paused the match."})
		} else {
			p.event(session.Event{Kind: session.EventResumed, Frame: p.next})
		}
	}
	late := -p.due()
	if p.stopped || late < 0 || !p.thought {
		return
	}
	frame := p.next
	a, _ := session.SampleFor(in.Input, frame)
	p.actions[ownSeat] = uint8(a)
	p.event(session.Event{Kind: session.EventInputDelay, Frame: frame})
	wait := session.FrameInterval / 2 // of a press at any time between two samples
	p.event(session.Event{Kind: session.EventPath, Frame: frame, Dur: wait + late, Path: session.Path{Sample: wait, Timer: late}})
	p.next++
	p.thought = false
	p.out.Commands = append(p.out.Commands, replica.Command{Kind: replica.CommandStep, Frame: frame, Actions: p.actions, Own: true,
		Hash: p.next%uint32(p.cfg.Room.HashEvery) == 0})
}

// Leave ends the player's part.
func (p *Peer) Leave(time.Duration) *session.Out {
	if p.state == session.PeerAfter { // the match itself ended well
		return p.close(p.end.Code, "You left the match.", p.end.Frames)
	}
	return p.close(protocol.CodeLeft, "You left the match.", p.next)
}

// Abort ends it because it cannot be played here, or not any further.
func (p *Peer) Abort(code protocol.Code, words string) *session.Out {
	return p.close(code, words, p.next)
}

func (p *Peer) close(code protocol.Code, words string, frames uint32) *session.Out {
	p.begin()
	if p.state != session.PeerClosed {
		p.state = session.PeerClosed
		p.end = session.End{Code: code, Text: words, Frames: frames}
		p.event(session.Event{Kind: session.EventEnd, Code: code, Text: words, Frame: frames})
	}
	return &p.out
}

// There is no connection to lose, and no delay to set.

// Lost changes nothing, as do CutOff, Connected and SetDelay.
func (p *Peer) Lost(protocol.Code, string) *session.Out { return p.begin() }

// CutOff changes nothing; see Lost.
func (p *Peer) CutOff(time.Duration, protocol.Code, string) *session.Out { return p.begin() }

// Connected changes nothing; see Lost.
func (p *Peer) Connected(time.Duration) *session.Out { return p.begin() }

// SetDelay changes nothing; see Lost.
func (p *Peer) SetDelay(string) *session.Out { return p.begin() }

func (p *Peer) begin() *session.Out {
	p.out = session.Out{Commands: p.out.Commands[:0], Events: p.out.Events[:0], Wake: p.asked}
	return &p.out
}

func (p *Peer) event(e session.Event) { p.out.Events = append(p.out.Events, e) }
