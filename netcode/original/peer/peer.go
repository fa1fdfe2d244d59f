package peer

import (
	"fmt"
	"time"

	"tandem/netcode/original/wire"
	"tandem/netcode/protocol"
	"tandem/netcode/session"
	"tandem/netcode/session/options"
	"tandem/netcode/session/replica"
	"tandem/netcode/session/timing"
)

// Peer is a player's side of queue mode, the original system's way to play: every player steps
// by its own clock, sends its actions at once and takes the others' from queues, with a substitute
// where one is empty. States drift apart and are brought together again by full states from the
// host. Like session.Peer it is a pure state machine, and it goes through the same states:
//
//	            register_subject    a game's scene: join_game    pyodide_host_elected
//	(new) ───────────────► Greeting ──────────────────► Joining ────────────────────► Seated
//	                                                                                     │ pyodide_game_ready, Prepared
//	                                                                                     ▼
//	 Closed ◄── the scene ends, or time ── Finished ◄── In.Finished ── Playing ◄── start_game ── Ready
//	    ▲
//	    └── end_game, waiting_room_player_left, create_game_failed, Leave, Abort, Lost: from any state
//
// There is no way back to a seat: the original ends the game when a connection breaks.
//
// Where every player is one of ours (their subject_ids say so), an action belongs to the frame that
// it names, own actions take effect a few frames later, and the host says beside its actions what
// stands in each frame, as the relay does in sequenced play: nothing that comes late can make states
// differ. Hashes of the whole state and full snapshots travel beside the original's fields. With an
// original player only convergence after a resync is promised.
//
// An Update steps at most one frame, because Answers.Episode must be known before the next; Out.Behind
// says that there is more to do at once.
type Peer struct {
	cfg   Config
	play  Rules
	state session.PeerState
	end   session.End

	out    session.Out
	buf    []byte
	codec  *codec
	beside Beside // of the action that is being sent

	room    options.Config
	players []wire.PID
	seats   int
	seat    int
	host    bool
	hostID  wire.PID
	game    string
	scene   string
	session string
	seed    uint32
	blind   bool   // the scene wants no hashes
	code    string // the environment's program, as the scene gives it
	who     []Player
	ours    bool
	elected bool
	ready   bool
	roster  []protocol.RosterEntry
	scenes  int
	defects uint32

	begun     bool
	startedAt time.Duration
	waitUntil time.Duration
	nextPing  time.Duration
	pingSent  time.Duration
	pingOut   bool
	pings     int
	pongs     int
	rtt       time.Duration
	hud       string

	base      time.Duration // when frame baseFrame is or was due
	baseFrame int64
	number    int64 // frame_number of the next step
	steps     uint32
	episode   int
	atStep    int   // steps of this episode
	sampled   int64 // tagged: frames below this one have an own action
	paced     time.Duration

	others []other // by seat; the own one is not used
	mine   tags    // own actions by frame
	missed int     // substitutes lately
	warned bool

	pending   [MaxBeside]uint8 // A3: actions that wait for company
	pendingN  int
	pendingAt time.Duration
	pendingF  int64
	lead      bool         // to be said in the next action
	hash      replica.Hash // likewise
	haveHash  bool

	sync     syncState
	closing  closing
	leadSeat int // whose lead was said last

	finished   bool
	finishedAt time.Duration
	hurry      bool // the relay has ended the game
	advanced   bool // the next scene was asked for
	upload     bool // the record of the game is due
	heard      int  // the pong that says that the record has arrived
	done       bool // the relay has gone on
}

// other is what is known of another player.
type other struct {
	queue   fifo
	tags    tags
	used    tags  // what was executed
	last    uint8 // executed last
	known   bool
	repeats int
	newest  int64 // frame of the newest action
	lead    float64
	spread  float64 // its mean deviation
	theirs  float64 // the lead they report
	haveTop bool
	leadN   int
	rtt     time.Duration
	guess   *timing.Predictor
	heardAt time.Duration
}

// New returns a peer that registers in its first Update.
func New(cfg Config) *Peer {
	p := &Peer{cfg: cfg, codec: newCodec(cfg.Parser), seat: -1}
	return p
}

// State returns where the peer stands.
func (p *Peer) State() session.PeerState { return p.state }

// Seat returns the own seat, or -1 before one is given.
func (p *Peer) Seat() int { return p.seat }

// IsHost reports whether the own seat answers host duties.
func (p *Peer) IsHost() bool { return p.host }

// Room returns the room's options; they are complete once seated.
func (p *Peer) Room() *options.Config { return &p.room }

// Code returns the game's id.
func (p *Peer) Code() string { return p.game }

// Seed returns the game's seed.
func (p *Peer) Seed() uint64 { return uint64(p.seed) }

// EnvironmentCode returns the environment's program as the scene gives it to a browser: what is not
// said anywhere else may be read from it.
func (p *Peer) EnvironmentCode() string { return p.code }

// Ours reports whether every player is one of ours. It is known before CommandReset.
func (p *Peer) Ours() bool { return p.ours }

// Players returns the players' ids by seat, once seated.
func (p *Peer) Players() []wire.PID { return p.players }

// Roster returns the seats. The slice is the peer's own.
func (p *Peer) Roster() []protocol.RosterEntry { return p.roster }

// Frame returns how many frames have been stepped.
func (p *Peer) Frame() uint32 { return p.steps }

// End returns how the match ended, once the state is PeerClosed.
func (p *Peer) End() session.End { return p.end }

// PlayoutTime returns when, on the local clock, the match's frame is or was due.
func (p *Peer) PlayoutTime(frame uint32) time.Duration {
	return p.due(p.number+int64(frame)-int64(p.steps)) + p.playout()
}

// due is when the frame of that number is to be stepped.
func (p *Peer) due(number int64) time.Duration {
	return p.base + session.FrameTime(number-p.baseFrame)
}

// rebase makes a frame due at a time.
func (p *Peer) rebase(number int64, at time.Duration) { p.baseFrame, p.base = number, at }

func (p *Peer) begin() {
	p.out.Send = p.out.Send[:0]
	p.out.Commands = p.out.Commands[:0]
	p.out.Events = p.out.Events[:0]
	p.out.Behind = false
	p.buf = p.buf[:0]
}

// Leave says goodbye: the player's own act.
func (p *Peer) Leave(time.Duration) *session.Out {
	p.begin()
	switch {
	case p.Done():
		p.over()
	case p.state != session.PeerClosed:
		p.sayLeave()
		p.close(protocol.CodeLeft, "You left the game.")
	}
	return &p.out
}

// SetDelay does nothing but say so: in queue mode the delay is part of how players know each other.
func (p *Peer) SetDelay(string) *session.Out {
	p.begin()
	p.event(session.Event{Kind: session.EventDelay, Text: p.room.Delay.String()})
	return &p.out
}

// Abort closes the peer for a reason of its own.
func (p *Peer) Abort(code protocol.Code, words string) *session.Out {
	p.begin()
	if p.state != session.PeerClosed {
		p.sayLeave()
		p.close(code, words)
	}
	return &p.out
}

// CutOff tells the peer that its connection broke: the game is over for it.
func (p *Peer) CutOff(_ time.Duration, code protocol.Code, words string) *session.Out {
	return p.Lost(code, words)
}

// Connected is never called: a peer of queue mode does not come back.
func (p *Peer) Connected(time.Duration) *session.Out {
	p.begin()
	return &p.out
}

// Lost tells the peer that its connection is gone and why, in words.
func (p *Peer) Lost(code protocol.Code, words string) *session.Out {
	p.begin()
	if p.state == session.PeerFinished {
		p.over() // the game was played to its end
	} else {
		p.close(code, words)
	}
	return &p.out
}

func (p *Peer) event(e session.Event) { p.out.Events = append(p.out.Events, e) }

func (p *Peer) close(code protocol.Code, words string) {
	if p.state == session.PeerClosed {
		return
	}
	p.state = session.PeerClosed
	p.end = session.End{Code: code, Text: words, Frames: p.steps}
	p.event(session.Event{Kind: session.EventEnd, Code: code, Text: words, Frame: p.steps})
}

func (p *Peer) over() {
	p.close(protocol.CodeOK, fmt.Sprintf("The match is over after %.1f s.", float64(p.steps)/session.FrameRate))
}

// say sends an event in its turn.
func (p *Peer) say(e wire.Payload) { p.send(protocol.Ordered, e) }

func (p *Peer) send(class protocol.Class, e wire.Payload) {
	from := len(p.buf)
	b, err := p.codec.append(p.buf, e)
	if err != nil {
		p.buf = p.buf[:from]
		p.unwritable(err)
		return
	}
	p.buf = b
	p.out.Send = append(p.out.Send, session.Packet{Class: class, Name: e.Name(), Data: b[from:len(b):len(b)]})
}

// unwritable ends the game: our own messages are bounded, so what cannot be written is a fault of this program.
func (p *Peer) unwritable(err error) {
	p.close(protocol.CodeInternal, "A message could not be written: "+err.Error())
}

func (p *Peer) sayLeave() {
	if p.state >= session.PeerJoining {
		p.say(&wire.LeaveGame{SessionID: p.session})
	}
}

// Update takes what happened and decides what follows.
func (p *Peer) Update(in session.In) *session.Out {
	p.begin()
	now := in.Now
	if !p.begun {
		p.begun, p.startedAt = true, now
		p.say(&wire.RegisterSubject{SubjectID: p.cfg.Subject})
	}
	p.moved(now, &in)
	for _, frame := range in.Messages {
		if p.state == session.PeerClosed {
			break
		}
		p.receive(now, frame)
	}
	if p.state != session.PeerClosed {
		p.run(now, &in)
	}
	p.wake(now)
	return &p.out
}

func (p *Peer) run(now time.Duration, in *session.In) {
	p.ping(now, in.Away)
	switch p.state {
	case session.PeerGreeting, session.PeerJoining:
		if now-p.startedAt > answerTimeout {
			p.close(protocol.CodeSilent, "The relay did not lead to a game within 10 s. Check its address; a relay of the original system may also be full.")
		}
	case session.PeerSeated, session.PeerReady:
		if p.waitUntil != 0 && now > p.waitUntil {
			p.sayLeave()
			p.close(protocol.CodeGone, "Nobody else came before the waiting room closed.")
		}
	case session.PeerPlaying:
		p.frame(now, in)
	case session.PeerFinished:
		p.part(now, answers(in).Upload)
	}
	if p.state == session.PeerPlaying && p.host && in.HUD != p.hud {
		p.hud = in.HUD
		p.sayHUD()
	}
}

// ping says once a second that the player is there, and measures.
func (p *Peer) ping(now time.Duration, away bool) {
	if p.state < session.PeerSeated || now < p.nextPing {
		return
	}
	p.sayPing(now, !away)
}

func (p *Peer) sayPing(now time.Duration, focus bool) {
	p.nextPing = now + pingEvery
	p.pings++
	rtt := wire.Number{Value: float64(p.rtt.Microseconds()) / 1000, OK: p.rtt > 0}
	if !p.pingOut {
		p.pingOut, p.pingSent = true, now
	}
	p.say(&wire.Ping{PingMS: rtt, InFocus: focus})
}

// part leaves the game after its end, at the original's pace.
func (p *Peer) part(now time.Duration, record []byte) {
	if p.upload && len(record) > 0 {
		p.upload = false
		p.say(&wire.EmitRemoteGameData{Data: record, SceneID: p.scene, SessionID: p.session})
		// A stock server drops what it is told in the same breath as a goodbye: it is heard when what
		// comes behind it is answered.
		p.sayPing(now, true)
		p.heard = p.pings
	}
	switch {
	case !p.advanced && (p.hurry || now-p.finishedAt >= endWait):
		p.advanced = true
		p.say(&wire.AdvanceScene{SessionID: p.session})
	case (p.done && !p.upload && p.pongs >= p.heard || now-p.finishedAt >= endWait+partWait) && !p.stays(now):
		p.over()
	}
}

// stays reports whether somebody may still play, or upload, whom this player's goodbye would cut off.
// Players of ours take it well: they play what is closed, and upload.
func (p *Peer) stays(now time.Duration) bool {
	if p.ours || p.hurry || now-p.finishedAt >= stayMost {
		return false
	}
	for i := range p.others {
		if i != p.seat && now-max(p.others[i].heardAt, p.finishedAt) < stayQuiet {
			return true
		}
	}
	return false
}

// Done reports whether the game is played and uploaded: what is left is to stay for the others.
func (p *Peer) Done() bool { return p.state == session.PeerFinished && p.done && !p.upload }

func (p *Peer) wake(now time.Duration) {
	if p.state == session.PeerClosed {
		p.out.Wake = now + time.Hour
		return
	}
	w := now + wakeEvery
	if p.state >= session.PeerSeated {
		w = min(w, p.nextPing)
	}
	if p.state == session.PeerPlaying && !p.sync.waiting() {
		if p.follows() {
			w = min(w, p.followWake())
		} else {
			w = min(w, max(p.due(p.number), p.heldUntil(now)))
		}
		if p.pendingN > 0 {
			w = min(w, p.pendingAt+p.play.Batch)
		}
	}
	p.out.Wake = max(w, now)
}

// sayHUD tells the others the host's line.
func (p *Peer) sayHUD() {
	p.say(&wire.HUDUpdate{GameID: p.game, Text: protocol.Clip(p.hud, protocol.MaxText)})
}

// Who returns the players with their subject_ids by seat, once the game is ready.
func (p *Peer) Who() []Player {
	list := make([]Player, len(p.players))
	for i, id := range p.players {
		list[i].ID = id
		for _, w := range p.who {
			if w.ID == id {
				list[i].Subject = w.Subject
			}
		}
	}
	return list
}
