package session

import (
	"io"
	"slices"
	"strconv"
	"time"

	"tandem/netcode/protocol"
	"tandem/netcode/session/options"
	"tandem/netcode/session/recovery"
	"tandem/netcode/session/replica"
	"tandem/netcode/session/roster"
	"tandem/netcode/session/timing"
	"tandem/netcode/session/verify"
)

// Time limits of a peer.
const (
	// joinTimeout is how long the relay may take to answer hello and join. It covers a handshake
	// over the slowest link that is playable at all.
	joinTimeout = 10 * time.Second
	// maxSilentJoins is how often the relay may be kept waiting in vain when joining before it is given up: with
	// the relay's ten seconds each, as long as anybody looks at a screen that does nothing.
	maxSilentJoins = 3
	// silenceTimeout is how long the relay may be silent: the seed's ping timeout of 5 s. The relay
	// answers a ping every second, so five answers are missing by then.
	silenceTimeout = 5 * time.Second
	// fastPings and the two intervals: 5 Hz for 2 s to learn the link, and during the countdown, when
	// the last thing learnt counts; 1 Hz to keep knowing it.
	fastPings        = 10
	fastPingInterval = 200 * time.Millisecond
	pingInterval     = time.Second
	// readyPings is how many answers a peer wants before it calls itself ready: enough that one
	// slow answer does not decide.
	readyPings = 3
	// StandStill is how late an Update must come for this process to have stood still (stopped, asleep,
	// its tab hidden): what arrives late then says nothing about the network.
	StandStill = 250 * time.Millisecond
	// settleAfterGap is how long after such a gap arrivals are still those of the backlog.
	settleAfterGap = 300 * time.Millisecond
	// farBehind is where catching up may take all the time the caller allows.
	farBehind = 500 * time.Millisecond
	// stepsPerUpdate is the most frames one Update steps: enough to catch up, few enough that a
	// screen keeps drawing.
	stepsPerUpdate = 4
	// maxPending bounds the bundles that wait to be stepped: over two hours of play, so that whoever
	// comes back to a long match can rebuild it.
	maxPending = 1 << 18
	// resendOneShot is how long a one-shot action whose frame was substituted is sent again.
	resendOneShot = 300 * time.Millisecond
	// maxGapFill bounds how many frames one sample may fill after a pause of the caller; what lies
	// further back is closed anyway.
	maxGapFill = 16
	// cutOffTimeout is how long a peer tries to come back: longer than any room waits.
	cutOffTimeout = 30 * time.Second
	// caughtUp is how many bundles may still wait when a returning peer calls itself ready.
	caughtUp = FrameRate
	// history is for how many frames a peer remembers what it sampled and when it stepped.
	history = 256
)

// Peer is a player's side of a session: a pure state machine. It reads no clock, starts nothing and
// blocks never; Update does all.
type Peer struct {
	cfg   PeerConfig
	state PeerState
	room  options.Config
	code  string
	seed  uint64
	seat  int
	host  bool
	token []byte

	roster    []protocol.RosterEntry
	holders   roster.Holders // of the match's seats
	watching  int
	watchers  []string
	startHeld time.Duration // until when those who are away hold the start; 0: nobody does
	embedded  bool          // the relay is inside a player's program
	end       End

	dec protocol.Decoder
	out Out
	buf []byte

	begun      bool
	startedAt  time.Duration
	lastUpdate time.Duration
	lastHeard  time.Duration
	unsettled  time.Duration // arrivals before this say nothing about the network
	nextPing   time.Duration
	pings      int
	pongs      int
	clock      timing.Clock
	hud        string
	away       bool // as told to the relay, like unloads
	unloads    bool
	delay      [2]options.Delay // the room's, before and from delayFrom on
	delayFrom  uint32

	epoch     uint8
	frames    timing.Frames // on the relay's clock
	pending   bundleQueue   // that came and are not stepped yet
	nextStep  uint32        // frame to step next
	nextBundl uint32        // frame of the next bundle to arrive

	nextSample uint32
	unready    bool          // the input device does not know its action for nextSample yet, whose time has come
	downlink   timing.Window // arrival on the local clock minus sending on the relay's
	uplink     timing.Window // arrival on the relay's clock minus sending on the local
	playout    timing.Slew   // P(F) − C(F), local minus relay clock
	growth     timing.Growth // of what inputs take
	lead       timing.Slew   // S(F) − C(F), negated, relay minus local clock
	oversleeps timing.Window // how much later than Out.Wake an Update came
	overslept  time.Duration // this one
	warned     bool
	slacks     int
	late       int
	exceeded   int     // of the slacks, beyond a fixed delay
	lateHere   int     // of the late ones, those that this computer's waking late explains
	lateShare  float64 // of the own inputs, lately; a run of late ones counts once
	fits       bool    // the link was found to hold the room's delay; from then on it is warned where it does not
	lastLate   uint32

	sampledFor  [history]uint32        // frame + 1 whose input was sampled, for frame i mod history; 0 for none
	sampledAt   [history]time.Duration // local time of the sample for frame i mod history
	sampled     [history]uint8
	wait        [history]time.Duration // that a press had until the sample, on the average
	reached     [history]time.Duration // when the own input was at the relay, on its clock; 0: not known
	sampledLate [history]time.Duration // by how much later than it should this computer ran then
	sampledHeld [history]time.Duration // by which holds had moved the closes then
	beyond      [history]bool          // sampled earlier than the fixed delay, which the link needed
	lastSample  time.Duration          // when one was taken last; 0: none since the clock was set
	sampleDue   time.Duration          // when the next sample was to be taken, as of the last Update; 0: not known
	meantAt     [history]time.Duration // when the player did it: earlier than sampledAt for what is sent again
	retry       uint8                  // one-shot action to send again
	retryFrom   time.Duration          // when it was meant; 0 when there is none

	ways     [history]way
	heard    [][history]heard   // of each other seat, for frames that are not stepped yet
	times    protocol.FrameSync // sampling times to report
	finished bool
	last     protocol.Finished // what was reported at the end

	matchSeed  uint64
	log        replica.Log // every bundle of the match, or those behind a snapshot
	loads      uint32      // snapshots loaded, and new beginnings in mid-match
	kept       uint32      // frames before this one had been played, and held, when the match was begun last
	arrival    arrival
	askedState time.Duration // when a spectator has asked for another state; 0: it has not
	hashed     verify.Memory
	undecided  uint32           // frame + 1 of the last verdict without a judge
	ending     *End             // end_game has come; what is left is stepped first
	telling    recovery.Telling // of the log, to a relay that has forgotten it
	askedFor   time.Duration    // when the next hash was last asked for
	wantsAgain bool             // ready was said for another match

	resume      PeerState     // where a returning peer was; PeerGreeting for one that never left
	cutOffAt    time.Duration // when the connection was lost
	silentJoins int           // how often the relay had no patience with the joining
	standing    standing
	paused      bool
	// steers says that inputs are taken, from the frame steersFrom on: what was closed before this peer
	// came, or came back, could not have had one.
	steers     bool
	steersFrom uint32
	historyEnd uint32 // frames before this one came as history
}

// NewPeer returns a peer that says hello in its first Update.
func NewPeer(cfg PeerConfig) *Peer {
	p := &Peer{cfg: cfg, seat: -1}
	p.downlink.Span = playoutSpan
	p.uplink.Span, p.oversleeps.Span = uplinkSpan, uplinkSpan
	p.times.Own.List = make([]int32, 0, protocol.MaxList)
	return p
}

// The accessors below say what the peer knows; they are valid between Updates.

// State returns where the peer stands.
func (p *Peer) State() PeerState { return p.state }

// Seat returns the own seat, or -1 before one is given.
func (p *Peer) Seat() int { return p.seat }

// IsHost reports whether the own seat answers host duties.
func (p *Peer) IsHost() bool { return p.host }

// Room returns the room's options; they are complete once seated.
func (p *Peer) Room() *options.Config { return &p.room }

// Code returns the room's code.
func (p *Peer) Code() string { return p.code }

// Seed returns the room seed.
func (p *Peer) Seed() uint64 { return p.seed }

// MatchSeed returns the seed of the match in play.
func (p *Peer) MatchSeed() uint64 { return p.matchSeed }

// Token returns what brings the peer back to its seat.
func (p *Peer) Token() []byte { return p.token }

// Roster returns the seats. The slice is the peer's own.
func (p *Peer) Roster() []protocol.RosterEntry { return p.roster }

// Holder returns whose a seat of the match is; nobody's before the match.
func (p *Peer) Holder(seat int) roster.Holder { return p.holders.Of(seat) }

// Watchers returns how many people watch, and the names of the first of them. The slice is the
// peer's own.
func (p *Peer) Watchers() (n int, names []string) { return p.watching, p.watchers }

// StartHeld returns until when, on the local clock, players who are away hold a match that could
// begin; 0 when nobody does.
func (p *Peer) StartHeld() time.Duration { return p.startHeld }

// RelayEmbedded reports whether the relay is inside a player's program, as it says itself.
func (p *Peer) RelayEmbedded() bool { return p.embedded }

// Frame returns the frame to be stepped next.
func (p *Peer) Frame() uint32 { return p.nextStep }

// Epoch returns the match's epoch: 0 before the first.
func (p *Peer) Epoch() uint8 { return p.epoch }

// End returns how the match ended, once the state is PeerClosed.
func (p *Peer) End() End { return p.end }

// ClockOffset returns the relay's clock minus the local one.
func (p *Peer) ClockOffset() time.Duration { return p.clock.Offset() }

// PlayoutTime returns when, on the local clock, a frame is or was due.
func (p *Peer) PlayoutTime(frame uint32) time.Duration {
	return p.frames.Closes(frame) + p.playout.Value()
}

// dueTime is when a frame is to be stepped: frames from before the last pause are overdue.
func (p *Peer) dueTime(frame uint32) time.Duration {
	if frame < p.frames.First {
		return 0
	}
	return p.PlayoutTime(frame)
}

// Leave says goodbye: the player's own act. The peer is closed afterwards; what the returned Out
// sends should still be delivered.
func (p *Peer) Leave(now time.Duration) *Out {
	p.begin()
	if p.state != PeerClosed {
		p.send(protocol.TypeLeave, protocol.Append(p.buf, &protocol.Leave{}))
		if p.state == PeerAfter { // the match itself ended well
			p.close(p.end.Code, "You left the room.", p.end.Frames)
			return &p.out
		}
		p.close(protocol.CodeLeft, "You left the room.", p.nextStep)
	}
	return &p.out
}

// HangUp is for a window that is closed: the connection ends without a goodbye, so that the seat waits
// for its player as the room's options say. The peer is closed afterwards; what the returned Out sends
// should still be delivered. A page that unloads may yet come back and says In.Unloads instead.
func (p *Peer) HangUp() *Out {
	p.begin()
	if p.state >= PeerSeated && p.state < PeerCutOff && !p.cfg.Watch {
		p.send(protocol.TypeAway, protocol.Append(p.buf, &protocol.Away{Away: true, Unloads: true}))
	}
	p.close(protocol.CodeGone, "You closed the game. Your seat waits for you for a while: join the room again to go on.", p.nextStep)
	return &p.out
}

// SetDelay asks the relay to change the room's input delay; only the host may. value is what the
// room option delay takes.
func (p *Peer) SetDelay(value string) *Out {
	p.begin()
	if p.state == PeerPlaying && p.host {
		p.send(protocol.TypeSetOption, protocol.Append(p.buf, &protocol.SetOption{Epoch: p.epoch, Option: protocol.Clip("delay="+value, protocol.MaxOption)}))
	}
	return &p.out
}

// Abort closes the peer for a reason of its own (an environment it lacks, a lost connection) and
// tells the relay.
func (p *Peer) Abort(code protocol.Code, words string) *Out {
	p.begin()
	if p.state != PeerClosed {
		p.send(protocol.TypeError, protocol.Append(p.buf, &protocol.Refusal{Code: code, Text: protocol.Clip(words, protocol.MaxText)}))
		p.close(code, words, p.nextStep)
	}
	return &p.out
}

// CutOff tells the peer that its connection broke. A seat that can be taken again is kept, and the
// caller should connect again and say Connected; the peer is closed where it cannot. Frames of the
// old connection must not be handed in any more.
func (p *Peer) CutOff(now time.Duration, code protocol.Code, words string) *Out {
	p.begin()
	p.cut(now, code, words)
	return &p.out
}

// cut leaves the connection, to come back where there is a seat to come back to.
func (p *Peer) cut(now time.Duration, code protocol.Code, words string) {
	switch {
	case p.state >= PeerCutOff:
	case p.ending != nil && p.state == PeerPlaying:
		p.ending.Again = 0 // it is over anyway; what is left to step needs no line
	case p.state < PeerSeated && p.resume != PeerGreeting: // it broke again before the seat was back
		p.state = PeerCutOff
	case p.state < PeerSeated && code == protocol.CodeSilent && p.silentJoins < maxSilentJoins:
		// The relay is there. This program had better things to do than to join: a page that compiles
		// itself, say, on a slow device.
		p.silentJoins++
		p.state, p.cutOffAt = PeerCutOff, now
		p.event(Event{Kind: EventWarning, Text: words + " (attempt " + strconv.Itoa(p.silentJoins) + ")"})
	case p.state < PeerSeated || len(p.token) == 0 && !p.cfg.Watch:
		p.close(code, words, p.nextStep)
	default:
		p.resume, p.state, p.cutOffAt = p.state, PeerCutOff, now
		p.event(Event{Kind: EventCutOff, Code: code, Text: words})
	}
}

// Connected tells a peer that was cut off that there is a connection again.
func (p *Peer) Connected(now time.Duration) *Out {
	p.begin()
	if p.state != PeerCutOff {
		return &p.out
	}
	p.state = PeerGreeting
	p.startedAt, p.lastHeard, p.lastUpdate, p.out.Wake = now, now, now, now
	p.pings, p.pongs, p.away, p.unloads = 0, 0, false, false // the relay takes who comes for present
	p.hud = ""                                               // it may have lost this, by a restart or with the line
	p.restartEstimates()
	p.hello()
	return &p.out
}

// Lost tells the peer that its connection is gone for good and why, in words.
func (p *Peer) Lost(code protocol.Code, words string) *Out {
	p.begin()
	p.close(code, words, p.nextStep)
	return &p.out
}

func (p *Peer) begin() {
	p.out.Send = p.out.Send[:0]
	p.out.Commands = p.out.Commands[:0]
	p.out.Events = p.out.Events[:0]
	p.out.Behind = false
	p.buf = p.buf[:0]
}

// Update takes what happened and decides what follows.
func (p *Peer) Update(in In) *Out {
	p.begin()
	now := in.Now
	if !p.begun {
		p.begun = true
		p.startedAt, p.lastHeard, p.lastUpdate = now, now, now
		p.hello()
	}
	if now-max(p.lastUpdate, p.out.Wake) > StandStill {
		// We stood still, not the network: what waits was on time.
		p.lastHeard = max(p.lastHeard, now-silenceTimeout/2)
		p.startedAt = max(p.startedAt, now-joinTimeout/2)
		p.unsettled = now + settleAfterGap
		p.restartEstimates()
	}
	if p.overslept = max(0, now-max(p.lastUpdate, p.out.Wake)); now >= p.out.Wake && p.state == PeerPlaying && !p.away {
		if p.overslept <= StandStill { // else it stood still, which no delay makes good
			p.oversleeps.Add(now, p.overslept, now)
		}
		p.event(Event{Kind: EventOverslept, Dur: p.overslept})
	}
	slow := p.state == PeerPlaying && now-max(p.lastUpdate, p.out.Wake) > slowUpdate
	p.lastUpdate = now

	for _, frame := range in.Messages {
		if p.state >= PeerCutOff {
			break // of a connection that is no more
		}
		p.lastHeard = now
		p.receive(now, frame)
	}
	if p.state == PeerClosed {
		p.out.Wake = now + time.Hour
		return &p.out
	}
	if slices.ContainsFunc(p.out.Commands, func(c replica.Command) bool { return c.Kind == replica.CommandReset }) {
		// What the executor answers here is of the match before the one that has just begun.
		in.Hashes, in.Snapshots, in.Loaded, in.Rechecked, in.Finished = nil, nil, nil, nil, false
	}
	p.hashes(in.Hashes)
	p.answers(now, &in)
	p.ping(now)
	switch p.state {
	case PeerGreeting, PeerJoining:
		if now-p.startedAt > joinTimeout {
			words := "The relay did not answer within 10 s. Check its address, or try again."
			if p.resume == PeerGreeting {
				p.close(protocol.CodeSilent, words, p.nextStep) // there may be no relay at all
				break
			}
			p.cut(now, protocol.CodeSilent, words)
		}
	case PeerSeated:
		if p.cfg.Watch {
			break // the start comes by itself
		}
		if in.Prepared && p.knowsLink(now) {
			p.fits = true
			p.send(protocol.TypeReady, protocol.Append(p.buf, &protocol.Ready{Lead: p.readyLead(now)}))
			p.state = PeerReady
		}
	case PeerPlaying:
		p.play(now, &in)
	case PeerAfter:
		if in.Again && !p.wantsAgain && !p.cfg.Watch { // who watches sees what the players do
			p.wantsAgain = true
			p.send(protocol.TypeReady, protocol.Append(p.buf, &protocol.Ready{Lead: p.readyLead(now)}))
		}
	case PeerCutOff:
		if now-p.cutOffAt > cutOffTimeout {
			p.close(protocol.CodeGone, "The connection to the relay is lost and could not be made again within 30 s.", p.nextStep)
		}
	}
	if slow {
		p.askHash(now)
	}
	p.tellLog(now)
	if e := p.ending; e != nil && (p.state != PeerPlaying || p.arrival.needed || p.nextStep >= p.nextBundl && (e.Again == 0 || p.nextStep >= e.Frames)) {
		p.ending = nil
		p.finishMatch(now, e)
	}
	if p.state >= PeerSeated && p.state < PeerCutOff {
		if now-p.lastHeard > silenceTimeout {
			p.cut(now, protocol.CodeSilent, "Nothing was heard from the relay for 5 s: the connection is lost.")
		}
		if (in.Away != p.away || in.Unloads != p.unloads) && !p.cfg.Watch {
			p.away, p.unloads = in.Away, in.Unloads
			m := protocol.Away{Away: in.Away, Unloads: in.Away && in.Unloads}
			p.send(protocol.TypeAway, protocol.Append(p.buf, &m))
		}
		if p.host && in.HUD != p.hud && !p.standing.returning() { // a room that is being put together does not take it
			p.hud = in.HUD
			p.send(protocol.TypeHUDUpdate, protocol.Append(p.buf, &protocol.HUDUpdate{Text: protocol.Clip(in.HUD, protocol.MaxText)}))
		}
	}
	p.wake(now)
	return &p.out
}

func (p *Peer) hello() {
	p.send(protocol.TypeHello, protocol.Append(p.buf, &protocol.Hello{
		Magic: protocol.Magic, Version: protocol.Version, Program: protocol.Clip(p.cfg.Program, protocol.MaxProgram)}))
}

// send hands out the message that enc appended to the buffer.
func (p *Peer) send(t protocol.Type, enc []byte) {
	from := len(p.buf)
	p.buf = enc
	p.out.Send = append(p.out.Send, Packet{Class: t.Class(), Type: t, Data: enc[from:len(enc):len(enc)]})
}

func (p *Peer) event(e Event) { p.out.Events = append(p.out.Events, e) }

func (p *Peer) close(code protocol.Code, words string, frames uint32) {
	if p.state == PeerClosed {
		return
	}
	p.state = PeerClosed
	p.end = End{Code: code, Text: words, Frames: frames}
	p.event(Event{Kind: EventEnd, Code: code, Text: words, Frame: frames})
}

func (p *Peer) receive(now time.Duration, frame []byte) {
	p.dec.Reset(frame)
	for p.state < PeerCutOff {
		t, err := p.dec.Next()
		if err == io.EOF {
			return
		}
		if err != nil {
			p.refuse(protocol.CodeMalformed, "The relay sent something this program cannot read ("+err.Error()+"). Both must be the same version.")
			return
		}
		p.event(Event{Kind: EventReceived, Type: t, N: p.dec.Size()})
		p.handle(now, t)
	}
}

// refuse tells the relay why the peer goes, and goes.
func (p *Peer) refuse(code protocol.Code, words string) {
	p.send(protocol.TypeError, protocol.Append(p.buf, &protocol.Refusal{Code: code, Text: protocol.Clip(words, protocol.MaxText)}))
	p.close(code, words, p.nextStep)
}

func (p *Peer) ping(now time.Duration) {
	if p.state < PeerSeated || p.state >= PeerCutOff || now < p.nextPing {
		return
	}
	p.send(protocol.TypePing, protocol.AppendPing(p.buf, &protocol.Ping{Sent: now.Microseconds()}))
	p.pings++
	if p.pings < fastPings || (p.state == PeerPlaying && p.nextStep == p.frames.First) {
		p.nextPing = now + fastPingInterval
	} else {
		p.nextPing = now + pingInterval
	}
}

func (p *Peer) wake(now time.Duration) {
	w := now + fastPingInterval // states without a frame clock need nothing finer
	if p.state >= PeerSeated && p.state < PeerCutOff {
		w = p.nextPing
	}
	w = p.telling.Due(w)
	if p.state == PeerPlaying {
		p.sampleDue = 0
		if !p.cfg.Watch && !p.allSampled() && !p.paused && !p.standing.returning() && p.nextSample < p.nextBundl+frameWindow {
			switch {
			case !p.unready:
				p.sampleDue = p.sampleTime(p.nextSample)
				w = min(w, p.sampleDue)
			case len(p.out.Commands) > 0: // what it waits for
				w = now
			}
		}
		if p.pending.Len() > 0 && !p.arrival.blocks() {
			w = min(w, p.dueTime(p.nextStep))
		}
	}
	p.out.Wake = max(w, now)
}
