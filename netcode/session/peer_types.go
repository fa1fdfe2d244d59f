package session

import (
	"time"

	"tandem/netcode/protocol"
	"tandem/netcode/session/replica"
)

// Sampler is the player's input device. Sample returns the action to take now and is called once
// for every sample the session takes, on the goroutine that calls Update.
type Sampler interface{ Sample() int }

// FrameSampler is an input device whose actions belong to frames, as a program's do: it is asked for each
// by itself. ok is false while it does not know yet; it is asked again after the next step.
type FrameSampler interface {
	Sampler
	SampleFrame(frame uint32) (action int, ok bool)
}

// SampleFor returns an input device's action for a frame.
func SampleFor(input Sampler, frame uint32) (action int, ok bool) {
	if f, is := input.(FrameSampler); is {
		return f.SampleFrame(frame)
	}
	return input.Sample(), true
}

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
	Watch bool // as a spectator: no seat, no say
	Again bool // stay in the room for another match, which begins when In.Again says so at every seat
	Zstd  bool // the executor reads snapshots packed with zstd
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
	PeerAfter                     // the match is over and the room waits for another one
	PeerCutOff                    // the connection is lost; Connected goes on with a new one
	PeerClosed                    // over: End says why
)

// In is what happened since the last Update.
type In struct {
	Now      time.Duration // local monotonic clock, from any start
	Messages [][]byte      // transport frames in the order of arrival
	Input    Sampler
	Prepared bool // the environment of the room is there; Ready may be said
	replica.Answers

	Again bool // PeerAfter: the player wants another match

	Away bool // nobody is at the controls: the page is hidden, the computer about to sleep
	// Unloads, with Away, says that the page is being closed, left or loaded again: the others will read
	// that its player has closed the game. Only a page that the browser had kept takes it back.
	Unloads bool

	HUD string // the host's line of text; sent when it changes

	Other any // what a peer of another protocol wants to know besides
}

// Packet is a message to send.
type Packet struct {
	Class protocol.Class
	Type  protocol.Type
	Name  string // in another protocol, where there is no Type
	Data  []byte // valid until the next Update
}

// EventKind is what an event tells.
type EventKind uint8

const (
	EventSeated      EventKind = iota // Seat, Text: the room's code
	EventRoster                       // Peer.Roster has changed
	EventStarting                     // At: when, on the local clock, frame 0 is expected to be stepped
	EventRTT                          // Dur
	EventInputDelay                   // Frame, Dur: own input sampled to stepped; N is 1 where that exceeds the room's fixed delay
	EventLatency                      // Seat, Frame, Dur: another's input sampled to stepped here, if that was not replaced; Bound
	EventPath                         // Frame, Dur: all of the way of an own input, Path: its parts, Bound: of those that need both clocks
	EventSubstituted                  // Frame: own input was replaced
	EventSlack                        // Frame, Dur: how long before its frame closed the own input arrived
	EventQueue                        // N: bundles that waited when a frame was due
	EventReceived                     // Type, or Text in another protocol; N bytes
	EventVerified                     // Frame, Mask: differing seats, Sections, Judge
	EventOutlier                      // the second verdict on a frame: Frame, Mask, Sections, Judge
	EventBegun                        // Frame: who comes to a running match begins behind this frame, with its state
	EventLoaded                       // Frame: the own state was wrong, and replaced by that after this frame
	EventRebuilt                      // Frame: the own state up to here was of no use; the same match is begun anew
	EventRewound                      // Frame: what was played from here on did not happen, or nobody knows; the match is begun anew
	EventStandIn                      // Seat, Token: a bot is wanted there
	EventSpectating                   // Text: the room's code
	EventMatchOver                    // Text, Frame, Dur: for how long the room waits for another match
	EventHUD                          // Text
	EventWarning                      // Warning: of the link; or Text; neither when it is well again
	EventBusy                         // Warning: of this computer; EventWarning takes it back
	EventOverslept                    // Dur: how much later than it was due this Update came
	EventCutOff                       // Code, Text: the connection is lost, the seat is kept
	EventReturned                     // the seat is taken again
	EventPaused                       // Seat, Text, At: until when on the local clock
	EventResumed                      // Frame, At: when that frame is expected to be stepped
	EventDelay                        // Frame, Text: the room's input delay from that frame on
	EventEnd                          // Code, Text, Frame: frames of the match

	EventOther EventKind = 64 // from here on: what a peer of another protocol tells
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
	Bound    time.Duration // by how much Dur may be off, either way
	At       time.Duration
	Path     Path
	Warning  *Warning // valid until the next Update
	Text     string
	Judge    protocol.Judge
	Token    []byte
}

// Warning is what is wrong with the own inputs, and why.
type Warning struct {
	Why  Why
	Late int // inputs that came too late since the last judgement
	Of   int // inputs that were judged; of fewer than five seconds' no share is told, and it is 0
	Need int // frames of input delay that this link needs
	Room int // that the room has; for LinkOverMost, allows at most
	// Busy is by how much later than it should this program runs at times.
	Busy time.Duration
}

// Why is what a Warning is about.
type Why uint8

const (
	LinkOverStrict Why = iota // the room plays with exactly Room frames
	LinkOverFixed             // inputs take longer than the room's Room frames
	LinkOverMost              // no delay that the room allows is long enough
	LinkUneven                // the delay is long enough, and the link holds some inputs up
	BusyLate                  // inputs come too late because this computer is too busy
	BusySlow                  // nothing is late, and inputs take longer than they need to
)

// Out is what an Update decided. Its slices are reused by the next Update.
type Out struct {
	Send     []Packet
	Commands []replica.Command
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
	Again  time.Duration // for how long the room waited for another match; 0: it was closed
}
