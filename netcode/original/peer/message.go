package peer

import (
	"encoding/base64"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"tandem/netcode/original/wire"
	"tandem/netcode/protocol"
	"tandem/netcode/session"
	"tandem/netcode/session/options"
	"tandem/netcode/session/replica"
)

// MaxBeside is the most actions that one message carries.
const MaxBeside = 16

// Beside is what peers of ours say to each other in the place of a bare action. Relays pass it on
// unread.
type Beside struct {
	Actions [MaxBeside]uint8 // of Frame and the frames behind it
	N       int              // 0: the message has a bare action and nothing beside it

	HasHash   bool // the state after frame HashFrame has hash Hash
	Hash      uint64
	HashFrame uint32
	Mark      uint32 // how many full states had been taken over when that was computed

	HasLead  bool // Lead: how many tenths of a frame the other's actions lag behind here
	Lead     int
	LeadSeat int // whose actions; below 0 for everybody's
	RTT      int // ms to the relay and back

	HasClosed bool             // the host's word: frames below Below are final
	Term      int              // how often another host was named before
	Below     int64            //
	Closed    [MaxClosed]uint8 // what the others did in the last of them, frame by frame and seat by seat
	ClosedN   int

	Often bool // hash more often for a while
	Full  bool // the next state must be whole: what the last one was built on is missing here
}

// Player is one entry of a game's players.
type Player struct {
	ID      wire.PID
	Subject string
}

// SceneSeat is one entry of a scene's policy_mapping.
type SceneSeat struct {
	Key   string
	Human bool
}

// Scene is what a scene's metadata say to a player.
type Scene struct {
	ID, Type    string
	Game        bool // a GymScene that browsers step together
	Multiplayer bool // pyodide_multiplayer
	Seats       []SceneSeat
	Default     int    // default_action
	Population  string // action_population_method
	FPS         int
	MaxSteps    int
	Episodes    int
	SyncEvery   int // state_sync_frequency_frames; 0 for none
	Threshold   int // queue_resync_threshold
	Code        string
	Env         string // "tandem_env", where the relay says it
	EnvOptions  string // "tandem_env_options"
	FrameSkip   int
}

// Room is what a scene's metadata mean to this program.
type Room struct {
	Config  options.Config
	Players []wire.PID // by seat
}

// Rules says how queue mode is played. The zero value is the system as the seed analyses it; each
// field is one of its optimisations, or one of ours. Fields marked * need that all players are ours.
type Rules struct {
	Delay       int           // C2: own inputs take effect so many frames later
	Tagged      bool          // * an action belongs to the frame it names, not to the next one that is stepped
	HostCloses  bool          // * and the host says what stands in a frame: nobody steps one before
	OwnHash     bool          // * hash the whole state, compare between players
	Push        bool          // the opposite of B2: the host sends its state at every sync, asked or not
	Delta       bool          // A1 *: a state is sent as what differs from the last one
	Batch       time.Duration // A3 *: how long an action waits for company
	Adaptive    bool          // B1: hash every 5 frames for 5 s after a mismatch
	Predictive  bool          // B3: hash at once, or ask for the state, where something has gone wrong
	Ordered     bool          // C1: a queue is kept in the order of frame numbers
	FixedStep   bool          // D1: frames are due by the clock, not by when the last one was stepped
	FrameSync   bool          // D2 *: who is ahead slows down
	Priority    bool          // E2: states and other bulk may be overtaken by actions
	RecentFirst bool          // far behind, recent actions are preferred to old ones
	Retry       time.Duration // a resync that is not answered in that time is asked for again; 0 never
}

// OriginalPlay is how to play with an original peer: nothing it would not understand.
func OriginalPlay() Rules {
	return Rules{FixedStep: true, RecentFirst: true, Retry: resyncTimeout}
}

// OurPlay is how peers of ours play together over a relay that knows queue mode only.
func OurPlay(delay int) Rules {
	return Rules{Delay: delay, Tagged: true, HostCloses: true, OwnHash: true, Delta: true, Adaptive: true, Predictive: true, Priority: true,
		FixedStep: true, FrameSync: true, RecentFirst: true, Retry: resyncTimeout}
}

// Config is what a peer of queue mode wants when it connects.
type Config struct {
	Parser wire.Parser // which both ends are set to
	// Subject is the subject_id; Subject makes one by which peers of ours know each other.
	Subject string
	// Scene says what the metadata of the game's scene mean, or why this program cannot play it.
	Scene func(*Scene) (Room, error)
	// Play replaces the rules that follow from who plays; nil for OriginalPlay or OurPlay.
	Play *Rules
}

// DefaultThreshold is the original's queue_resync_threshold.
const DefaultThreshold = 50

// subjectPrefix begins the subject_id of every peer of ours; the number is the version of what they
// say beside the original's messages.
const subjectPrefix = "tandem3"

// Subject makes a subject_id that tells other peers of ours who this is and which input delay
// it asks for. unique keeps it apart from all others. It is safe in a URL and as a file's name.
func Subject(name string, delay int, unique string) string {
	if name != plainName(name) {
		name = encodedName + base64.RawURLEncoding.EncodeToString([]byte(name))
	}
	return fmt.Sprintf("%s.d%d.%s.%s", subjectPrefix, delay, protocol.Clip(plainName(unique), 40), name)
}

// encodedName begins a name that does not consist of letters, digits, _ and - alone, and so travels
// as base64: with the longest name a subject_id is still shorter than a file's name may be.
const encodedName = "~"

// plainName keeps letters, digits, _ and -.
func plainName(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '_', r == '-':
			return r
		}
		return '-'
	}, s)
}

// ParseSubject reads what Subject wrote; ours is false for everybody else's subject_id.
func ParseSubject(s string) (name string, delay int, ours bool) {
	parts := strings.Split(s, ".")
	if len(parts) != 4 || parts[0] != subjectPrefix || len(parts[1]) < 2 || parts[1][0] != 'd' {
		return "", 0, false
	}
	d, err := strconv.Atoi(parts[1][1:])
	if err != nil || d < 0 || d > options.MaxDelay {
		return "", 0, false
	}
	name = parts[3]
	if text, ok := strings.CutPrefix(name, encodedName); ok {
		b, err := base64.RawURLEncoding.DecodeString(text)
		if err != nil {
			return "", 0, false
		}
		name = string(b)
	}
	name, err = protocol.PlayerName(name)
	return name, d, err == nil
}

// The commands of queue mode; they follow those of sequenced play.
const (
	// CommandExport asks for the full state in the original's field names: hand it to the next Update
	// as Answers.Exported.
	CommandExport = replica.CommandOther + iota
	// CommandImport replaces the state by that of Order.Data. Answers.Imported of the next Update tells
	// what became of it.
	CommandImport
)

// The events of queue mode; they follow those of sequenced play.
const (
	EventStateSent  = session.EventOther + iota // Frame, N bytes: this host has sent its state
	EventStateTaken                             // Frame, N frames by which it moved, Text: why it was not taken over, or ""
	EventAsked                                  // Frame, Text: a state was asked for, and why
	EventSampled                                // Frame: the number of the frame for which an own action was taken
	EventMissing                                // Seat, Frame: another's action was not there
	EventInvalid                                // Frame: a message was dropped, or held an action that there is not
	EventUpload                                 // the relay wants the record of the game: hand it to the next Update as Answers.Upload
	EventDefect                                 // Text: what the other side brings that Tandem by itself would not have
)

// Order is the Other of a CommandExport or CommandImport.
type Order struct {
	Mark  uint32 // CommandExport: goes into the state
	Delta bool   // CommandExport: what differs from the state before will do, where there is one
	Data  []byte // CommandImport: the state; valid until the next Update
}

// Answers is the Other of In: where the match stands, and what became of the last commands.
type Answers struct {
	Episode     int // from 0
	EpisodeStep int // steps of this episode
	Exported    []byte
	Imported    Imported
	Upload      []byte // the record of the game, when EventUpload has asked for it
}

// answers reads what only this mode is told.
func answers(in *session.In) Answers {
	if a, ok := in.Other.(*Answers); ok {
		return *a
	}
	return Answers{}
}

// Imported is what became of a CommandImport.
type Imported struct {
	Done    bool   // there was one
	Err     error  // why the state was refused; the own one is as it was
	Frame   uint32 // its frame_number
	Mark    uint32 // of a state of ours
	Whole   bool   // of a state of ours: nothing is missing in it
	NoBase  bool   // it was refused because the state that it is built on is missing
	Changed bool   // it differed from the own state of that frame, as far as that is known
}

const (
	// slots bounds a queue of actions whatever the threshold is: more than half a minute of play.
	slots = 1024
	// tagWindow is how many frames ahead of the own frame a tagged action may be: two seconds, twice
	// the longest delay. The ring that holds them must have room for as many that are past, and for
	// closedWindow and hostWindow.
	tagWindow = 2 * session.FrameRate
	tagSlots  = 2048
	// keepRecent is how many actions are kept of a queue that has run over: enough for the jitter of a
	// usual line.
	keepRecent = 3
)

const (
	// answerTimeout is how long the relay may take to answer while a player registers and joins.
	answerTimeout = 10 * time.Second
	// pingEvery is how often the relay is pinged, and wakeEvery how long an Update may be put off.
	pingEvery = time.Second
	wakeEvery = 200 * time.Millisecond
	// stepsAtOnce is by how many frames a peer may be behind without its clock being set anew.
	stepsAtOnce = 4
	// repeatLimit is for how many frames a held action is repeated in place of a missing one.
	repeatLimit = 10
	// missedShare is the share of missing actions above which that is said, judged every judgeEvery frames.
	missedShare = 0.05
	judgeEvery  = 150
	// resyncTimeout is how long an answer to a resync may take: a slow round trip through the relay to
	// the host and back, and the host's serialisation.
	resyncTimeout = 3 * time.Second
	// oftenFrames and oftenFor: after a mismatch the state is hashed every 5 frames for 5 s.
	oftenFrames = 5
	oftenFor    = 5 * time.Second
	// exportGap is the least time between two full states: one goes to everybody, so those who ask
	// meanwhile are served by it.
	exportGap = 200 * time.Millisecond
	// maxScenes bounds the scenes a relay may lead a player through before the game.
	maxScenes = 100
	// waitingSlack is how long after the announced end of the waiting room a player leaves it: the
	// relay should have ended it.
	waitingSlack = 5 * time.Second
	// endWait is the original's pause between the last frame and the next scene.
	endWait = 3 * time.Second
	// partWait is how long a player waits for the relay's goodbye after that.
	partWait = 3 * time.Second
	// A relay of the original ends the game for everybody when somebody's line ends, and a page that is
	// told so does not upload what it has played. So who is first at the end stays as a page does: until
	// the original players have had stayQuiet without an action for their own count-down and upload, which
	// take a page about 4 s, and no longer than stayMost.
	stayQuiet = 10 * time.Second
	stayMost  = 60 * time.Second
	// leadEvery is how many frames lie between two reports of the lead.
	leadEvery = 10
	// lateGap is the least time between two requests because of late actions: on a line that is too
	// slow for the delay every frame has one.
	lateGap = 500 * time.Millisecond
)

// The words of a resync's reason. The first is the original's.
const (
	reasonOverflow = "queue_overflow"
	reasonHash     = "hash_mismatch"
	reasonLate     = "late_action"
	reasonRefused  = "state_refused"
	reasonBehind   = "fallen_behind"
	reasonMissed   = "state_missed"
)

// population reads the original's word for what replaces a missing action.
func population(word string) (options.Population, bool) {
	switch word {
	case "previous_submitted_action":
		return options.PreviousAction, true
	case "default_action", "":
		return options.DefaultAction, true
	case "predicted":
		return options.PredictedAction, true
	}
	return 0, false
}

// Fallback reads a scene's action_population_method.
func (s *Scene) Fallback() (options.Population, error) {
	p, ok := population(s.Population)
	if !ok {
		return 0, fmt.Errorf("the scene's action_population_method is %q: this program knows default_action, previous_submitted_action and predicted", protocol.Clip(s.Population, 40))
	}
	return p, nil
}

// rosterOf tells who plays, for people.
func rosterOf(players []wire.PID, who []Player, host int) []protocol.RosterEntry {
	list := make([]protocol.RosterEntry, len(players))
	for i, id := range players {
		for _, p := range who {
			if p.ID != id {
				continue
			}
			name, _, ours := ParseSubject(p.Subject)
			if !ours || name == "" {
				name = "Player " + strconv.Itoa(i+1)
			}
			name = protocol.Distinct(name, func(name string) bool {
				return slices.ContainsFunc(list[:i], func(e protocol.RosterEntry) bool { return protocol.Alike(e.Name, name) })
			})
			list[i] = protocol.RosterEntry{Name: name, Taken: true, Ready: true, Host: i == host}
		}
	}
	return list
}
