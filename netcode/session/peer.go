package session

import (
	"io"
	"time"

	"tandem/netcode/protocol"
)

// Time limits of a peer.
const (
	// joinTimeout is how long the relay may take to answer hello and join. It covers a handshake
	// over the slowest link that is playable at all.
	joinTimeout = 10 * time.Second
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
	// localGap is how late an Update must come for this process to have stood still (stopped, asleep,
	// its tab hidden): what arrives late then says nothing about the network.
	localGap = 250 * time.Millisecond
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

// Sampler is the player's input device. Sample returns the action to take now and is called once
// for every sample the session takes, on the goroutine that calls Update.
type Sampler interface{ Sample() int }

// PeerConfig is what a peer wants when it connects.
type PeerConfig struct {
	Program string // name and version, for the relay's log
	Name    string // what the player calls themselves
	Room    string // code; "" for a new room
	Seat    int    // -1 for any
	Token   []byte // of an earlier seat, or nil
	Create  []string
	Require []string
	// Create holds the options of the room if it has to be made, none if it must exist. Require
	// holds what the room must have.
}

// PeerState is where a peer stands; see the diagram in the package documentation.
type PeerState uint8

const (
	PeerGreeting PeerState = iota // hello sent
	PeerJoining                   // join sent
	PeerSeated                    // seated; waiting for Prepared and for pings
	PeerReady                     // ready sent; waiting for the start
	PeerPlaying                   // the frame clock runs
	PeerFinished                  // the match's last frame is stepped; waiting for end_game
	PeerCutOff                    // the connection is lost; Connected goes on with a new one
	PeerClosed                    // over: End says why
)

// Hash is the hash of the state after a frame, as the executor of Step commands computed it.
type Hash struct {
	Frame    uint32
	Total    uint64
	Sections [protocol.MaxHashes]uint32
	Count    int
}

// In is what happened since the last Update.
type In struct {
	Now      time.Duration // local monotonic clock, from any start
	Messages [][]byte      // transport frames in the order of arrival
	Input    Sampler
	Prepared bool   // the environment of the room is there; Ready may be said
	Hashes   []Hash // answers to Step commands that asked for a hash

	// Finished tells that the match ended by its own rules after Frames frames, and the hash of the
	// state then.
	Finished bool
	Frames   uint32
	Final    uint64

	Away bool // nobody is at the controls: the page is hidden, the computer about to sleep

	HUD string // the host's line of text; sent when it changes
}

// CommandKind is what an executor has to do.
type CommandKind uint8

const (
	CommandReset CommandKind = iota // begin the match from Seed
	CommandStep                     // step Frame with Actions
)

// Command is an order. Commands must be executed, all of them, in their order.
type Command struct {
	Kind        CommandKind
	Seed        uint64
	Frame       uint32
	Actions     [protocol.MaxSeats]uint8
	Substituted uint16
	Hash        bool // hash the state after this step and hand it to the next Update
}

// Packet is a message to send.
type Packet struct {
	Class protocol.Class
	Type  protocol.Type
	Data  []byte // valid until the next Update
}

// EventKind is what an event tells.
type EventKind uint8

const (
	EventSeated      EventKind = iota // Seat, Text: the room's code
	EventRoster                       // Peer.Roster has changed
	EventStarting                     // At: when, on the local clock, frame 0 is expected to be stepped
	EventRTT                          // Dur
	EventInputDelay                   // Frame, Dur: own input sampled to stepped
	EventLatency                      // Seat, Frame, Dur: another's input sampled to stepped here
	EventSubstituted                  // Frame: own input was replaced
	EventSlack                        // Frame, Dur: how long before its frame closed the own input arrived
	EventQueue                        // N: bundles that waited when a frame was due
	EventReceived                     // Type, N bytes
	EventVerified                     // Frame, Mask: differing seats, Sections
	EventHUD                          // Text
	EventWarning                      // Text: the link, in words and numbers; "" when it is well again
	EventCutOff                       // Text: the connection is lost, the seat is kept
	EventReturned                     // the seat is taken again
	EventPaused                       // Seat, Text, At: until when on the local clock
	EventResumed                      // Frame, At: when that frame is expected to be stepped
	EventDelay                        // Frame, Text: the room's input delay from that frame on
	EventEnd                          // Code, Text, Frame: frames of the match
)

// Event tells what happened; it may be ignored.
type Event struct {
	Kind     EventKind
	Type     protocol.Type
	Code     protocol.Code
	Seat     int
	Frame    uint32
	N        int
	Mask     uint16
	Sections uint32
	Dur      time.Duration
	At       time.Duration
	Text     string
}

// Out is what an Update decided. Its slices are reused by the next Update.
type Out struct {
	Send     []Packet
	Commands []Command
	Events   []Event
	// Wake is when, on the local clock, the next Update is due if no message comes first.
	Wake time.Duration
	// Behind says that frames more than half a second overdue are waiting: the caller may call
	// Update again at once for as long as its time slice (4 ms) lasts.
	Behind bool
}

// End is how a match ended for a peer.
type End struct {
	Code   protocol.Code
	Text   string
	Frames uint32
}

// Peer is a player's side of a session: a pure state machine. It reads no clock, starts nothing and
// blocks never; Update does all.
type Peer struct {
	cfg   PeerConfig
	state PeerState
	room  Config
	code  string
	seed  uint64
	seat  int
	host  bool
	token []byte

	roster []protocol.RosterEntry
	end    End

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
	clock      clock
	hud        string
	away       bool
	delay      [2]Delay // the room's, before and from delayFrom on
	delayFrom  uint32

	epoch     uint8
	firstC    time.Duration // C of firstF on the relay's clock, as it was announced
	held      time.Duration // by which holds have moved it since
	firstF    uint32
	pending   []protocol.Bundle // ring
	pendHead  int
	pendLen   int
	nextStep  uint32 // frame to step next
	nextBundl uint32 // frame of the next bundle to arrive

	nextSample uint32
	downlink   window // arrival on the local clock minus sending on the relay's
	uplink     window // arrival on the relay's clock minus sending on the local
	playout    slew   // P(F) − C(F), local minus relay clock
	lead       slew   // S(F) − C(F), negated, relay minus local clock
	warned     bool
	slacks     int
	late       int
	lateShare  float64 // of the own inputs, lately; a run of late ones counts once
	lastLate   uint32

	sampledAt [history]time.Duration // local time of the sample for frame i mod history
	sampled   [history]uint8
	steppedAt [history]time.Duration // local time of the step
	meantAt   [history]time.Duration // when the player did it: earlier than sampledAt for what is sent again
	retry     uint8                  // one-shot action to send again
	retryFrom time.Duration          // when it was meant; 0 when there is none

	times    protocol.FrameSync // sampling times to report
	finished bool
	last     protocol.Finished // what was reported at the end

	resume    PeerState     // where a returning peer was; PeerGreeting for one that never left
	cutOffAt  time.Duration // when the connection was lost
	returning bool          // ready is to be said once the match is caught up
	paused    bool
}

// NewPeer returns a peer that says hello in its first Update.
func NewPeer(cfg PeerConfig) *Peer {
	p := &Peer{cfg: cfg, seat: -1}
	p.downlink.span = playoutSpan
	p.uplink.span = uplinkSpan
	p.pending = make([]protocol.Bundle, 64)
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
func (p *Peer) Room() *Config { return &p.room }

// Code returns the room's code.
func (p *Peer) Code() string { return p.code }

// Seed returns the room seed.
func (p *Peer) Seed() uint64 { return p.seed }

// Token returns what brings the peer back to its seat.
func (p *Peer) Token() []byte { return p.token }

// Roster returns the seats. The slice is the peer's own.
func (p *Peer) Roster() []protocol.RosterEntry { return p.roster }

// Frame returns the frame to be stepped next.
func (p *Peer) Frame() uint32 { return p.nextStep }

// End returns how the match ended, once the state is PeerClosed.
func (p *Peer) End() End { return p.end }

// ClockOffset returns the relay's clock minus the local one.
func (p *Peer) ClockOffset() time.Duration { return p.clock.offset }

// PlayoutTime returns when, on the local clock, a frame is or was due.
func (p *Peer) PlayoutTime(frame uint32) time.Duration { return p.closeTime(frame) + p.playout.value }

// dueTime is when a frame is to be stepped: frames from before the last pause are overdue.
func (p *Peer) dueTime(frame uint32) time.Duration {
	if frame < p.firstF {
		return 0
	}
	return p.PlayoutTime(frame)
}

// closeTime returns C(frame) on the relay's clock.
func (p *Peer) closeTime(frame uint32) time.Duration { return p.announced(frame) + p.held }

// announced returns C(frame) without holds: what slack and sampling times refer to.
func (p *Peer) announced(frame uint32) time.Duration {
	return p.firstC + FrameTime(int64(frame)-int64(p.firstF))
}

// Leave says goodbye: the player's own act. The peer is closed afterwards; what the returned Out
// sends should still be delivered.
func (p *Peer) Leave(now time.Duration) *Out {
	p.begin()
	if p.state != PeerClosed {
		p.send(protocol.TypeLeave, protocol.Append(p.buf, &protocol.Leave{}))
		p.close(protocol.CodeLeft, "You left the room.", p.nextStep)
	}
	return &p.out
}

// SetDelay asks the relay to change the room's input delay; only the host may. value is what the
// room option delay takes.
func (p *Peer) SetDelay(value string) *Out {
	p.begin()
	if p.state == PeerPlaying && p.host {
		p.send(protocol.TypeSetOption, protocol.Append(p.buf, &protocol.SetOption{Epoch: p.epoch, Option: clip("delay="+value, protocol.MaxOption)}))
	}
	return &p.out
}

// Abort closes the peer for a reason of its own (an environment it lacks, a lost connection) and
// tells the relay.
func (p *Peer) Abort(code protocol.Code, words string) *Out {
	p.begin()
	if p.state != PeerClosed {
		p.send(protocol.TypeError, protocol.Append(p.buf, &protocol.Refusal{Code: code, Text: clip(words, protocol.MaxText)}))
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
	case p.state < PeerSeated && p.resume != PeerGreeting: // it broke again before the seat was back
		p.state = PeerCutOff
	case p.state < PeerSeated || len(p.token) == 0:
		p.close(code, words, p.nextStep)
	default:
		p.resume, p.state, p.cutOffAt = p.state, PeerCutOff, now
		p.event(Event{Kind: EventCutOff, Text: words})
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
	p.pings, p.pongs, p.away = 0, 0, false // the relay takes who comes for present
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
	if now-max(p.lastUpdate, p.out.Wake) > localGap {
		// We stood still, not the network: what waits was on time.
		p.lastHeard = max(p.lastHeard, now-silenceTimeout/2)
		p.unsettled = now + settleAfterGap
		p.restartEstimates()
	}
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
	p.hashes(in.Hashes)
	p.ping(now)
	switch p.state {
	case PeerGreeting, PeerJoining:
		if now-p.startedAt > joinTimeout {
			p.cut(now, protocol.CodeSilent, "The relay did not answer within 10 s. Check its address, or try again.")
		}
	case PeerSeated:
		if in.Prepared && p.pongs >= readyPings {
			p.send(protocol.TypeReady, protocol.Append(p.buf, &protocol.Ready{Lead: p.readyLead(now)}))
			p.state = PeerReady
		}
	case PeerPlaying:
		p.play(now, &in)
	case PeerCutOff:
		if now-p.cutOffAt > cutOffTimeout {
			p.close(protocol.CodeGone, "The connection to the relay is lost and could not be made again within 30 s.", p.nextStep)
		}
	}
	if p.state >= PeerSeated && p.state < PeerCutOff {
		if now-p.lastHeard > silenceTimeout {
			p.cut(now, protocol.CodeSilent, "Nothing was heard from the relay for 5 s: the connection is lost.")
		}
		if in.Away != p.away {
			p.away = in.Away
			p.send(protocol.TypeAway, protocol.Append(p.buf, &protocol.Away{Away: in.Away}))
		}
		if p.host && in.HUD != p.hud {
			p.hud = in.HUD
			p.send(protocol.TypeHUDUpdate, protocol.Append(p.buf, &protocol.HUDUpdate{Text: clip(in.HUD, protocol.MaxText)}))
		}
	}
	p.wake(now)
	return &p.out
}

func (p *Peer) hello() {
	p.send(protocol.TypeHello, protocol.Append(p.buf, &protocol.Hello{
		Magic: protocol.Magic, Version: protocol.Version, Program: clip(p.cfg.Program, 2*protocol.MaxName)}))
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
	p.send(protocol.TypeError, protocol.Append(p.buf, &protocol.Refusal{Code: code, Text: clip(words, protocol.MaxText)}))
	p.close(code, words, p.nextStep)
}

func (p *Peer) ping(now time.Duration) {
	if p.state < PeerSeated || p.state >= PeerCutOff || now < p.nextPing {
		return
	}
	p.send(protocol.TypePing, protocol.AppendPing(p.buf, &protocol.Ping{Sent: now.Microseconds()}))
	p.pings++
	if p.pings < fastPings || (p.state == PeerPlaying && p.nextStep == p.firstF) {
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
	if p.state == PeerPlaying {
		if !p.allSampled() && !p.paused && !p.returning && p.nextSample < p.nextBundl+frameWindow {
			w = min(w, p.sampleTime(p.nextSample))
		}
		if p.pendLen > 0 {
			w = min(w, p.dueTime(p.nextStep))
		}
	}
	p.out.Wake = max(w, now)
}

// clip shortens s to at most n bytes without cutting a character in two.
func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && s[n]&0xc0 == 0x80 {
		n--
	}
	return s[:n]
}
