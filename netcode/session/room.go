package session

import (
	"fmt"
	"time"

	"tandem/netcode/protocol"
	"tandem/netcode/session/options"
	"tandem/netcode/session/recovery"
	"tandem/netcode/session/replica"
	"tandem/netcode/session/roster"
	"tandem/netcode/session/timing"
	"tandem/netcode/session/verify"
)

// Limits of a room; each stands with the reason for its size.
const (
	// frameWindow is how far from the open frame an input may be. It must exceed the longest input
	// delay (MaxDelay) plus the longest batch, and stay below half the slots.
	frameWindow = 60
	slots       = 128
	// maxRepeat is for how many frames a held action is repeated in place of missing input: a third
	// of a second, after which a player is not steering any more.
	maxRepeat = 10
	// bucketRate and bucketBurst limit a seat's messages: three times what play needs at its
	// busiest, and a burst for a reconnecting or stalled link.
	bucketRate  = 90
	bucketBurst = 300
	// comeRate and comeBurst limit how many come without a token, to play or to watch, and returnRate and
	// returnBurst how often the player of one seat comes back: each costs everybody who is there a message.
	// A room's people and a class of spectators come at once; a line that breaks every few seconds is no
	// line to play on.
	comeRate, comeBurst     = 4, 40
	returnRate, returnBurst = 0.5, 10
	// seatTimeout is how long a seat may be silent before it counts as gone. Peers ping every second.
	seatTimeout = 5 * time.Second
	// quiet is after how long without a message the others stop waiting for a seat's input: a peer
	// in play says something thirty times a second.
	quiet = time.Second
	// optionAhead is how many frames ahead a changed option is announced: a third of a second, in
	// which the news reaches every playable link.
	optionAhead = 10
	// hudEvery bounds how often the host's line of text is told: faster than anybody reads.
	hudEvery = 100 * time.Millisecond
	// crowdEvery bounds how often it is told who watches.
	crowdEvery = 250 * time.Millisecond
	// finishTimeout is how long the others wait for the last seat to report the match's end.
	finishTimeout = 10 * time.Second
	// maxWaits is how often they wait for so long again, while the last come nearer.
	maxWaits = 6
)

type roomPhase uint8

const (
	roomLobby     roomPhase = iota // waiting for players
	roomRestoring                  // the relay was restarted: waiting for those who remember, and for what they tell
	roomPlaying                    // start sent; the frame clock runs
	roomPaused                     // pause sent; it waits for a player
	roomAfter                      // end_game sent; waiting for a rematch
	roomOver                       // end_game sent; nothing follows
)

// Room is the relay's side of a session: a pure state machine over the connections of one room.
type Room struct {
	code string
	cfg  options.Config
	seed uint64
	id   uint64 // tells this room from every other, of the same code and seed, too
	made int64  // when, by the clock on the wall: ns since 1970
	wall time.Time
	// sealed is when those who are here had their tokens, by the clock on the wall.
	sealed time.Time

	phase roomPhase
	key   []byte // for tokens
	draw  func() uint64
	empty bool
	// alone is since when one person waits for others in the lobby, 0 for not; aloneTold, that they were
	// told how long they may.
	alone     time.Duration
	aloneTold bool
	seats     seats
	watchers  []*watcher
	host      int

	comers    allowance   // who came without a token
	crowdNews timing.Pace // who watches has changed
	hud       string
	hudNews   timing.Pace
	wish      string        // option that the host wants changed; "" for none
	wishedAt  time.Duration // when it may be announced

	serial uint32 // of the newest token
	// updated says that there was an Update, so that out.Wake means something.
	updated bool

	pauseUntil time.Duration
	pauseFor   int    // seat
	pauseText  string // for people

	startHeld time.Duration // until when those who are away hold a start that could be; 0: nobody does
	awayNews  timing.Pace   // who is away, or what waits for them, has changed

	restored bool                // a relay that was restarted has made it again
	recovery *recovery.Gathering // roomRestoring

	matches   int           // begun in this room
	matchSeed uint64        // of the match in play
	again     time.Duration // roomAfter: until when
	ending    protocol.EndGame

	epoch   uint8
	fork    recovery.Fork // up to where the epoch before this one was the same match
	clock   timing.Frames
	next    uint32 // the open frame
	slot    [slots]inputSlot
	log     replica.Log
	finish  time.Duration // when the first seat reported the match's end, or the others were last seen to come nearer
	reached uint32        // how near they were then
	waits   int           // how often they were

	states *verify.Comparison

	moving transfers
	all    []*link // for links

	witness witness

	dec  protocol.Decoder
	used bool // the message that is handled is an answer of which the room has made use
	out  RoomOut
	buf  []byte
}

// link is what a room keeps of a connection, a player's or a spectator's.
type link struct {
	conn    ConnID
	present bool // connected; during play an absent seat takes the default action
	heard   time.Duration
	spoken  time.Duration // when it was last sent something
	said    allowance     // its messages
	zstd    bool          // it reads packed snapshots
	again   bool          // it may stay for another match
	resyncs int           // how often it could not use what it was sent
	loading struct {      // the last snapshot it was sent
		verify.State
		based bool // it was a difference
	}

	behind   bool          // it gets history instead of new bundles
	sendFrom uint32        // next frame of its history
	sendAt   time.Duration // when the next part of it may leave
	stuckAt  time.Duration // since when it does not take what is sent; 0 when it does

	state     *sharedState  // that it gets; nil for none
	stateSent uint32        // how much of it has left
	stateAt   time.Duration // when the next part of it may leave
}

// inputSlot holds the inputs that have arrived for one frame.
type inputSlot struct {
	late    uint16 // seats whose input came while the frame was held for it
	have    uint16
	actions [protocol.MaxSeats]uint8
}

// NewRoom makes a room from its host's options. random supplies first the room's number, then its seed,
// when the options name none, and the numbers of seat owners. key signs the tokens that bring players back.
func NewRoom(code string, cfg options.Config, key []byte, random func() uint64) (*Room, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	id, seed := random(), cfg.Seed
	for seed == 0 {
		seed = random()
	}
	r := &Room{code: code, cfg: cfg, seed: seed, id: id, key: key, draw: random, seats: make(seats, cfg.Players), states: verify.New(cfg.Players)}
	for i := range r.seats {
		r.seats[i].slacks.List = make([]int32, 0, protocol.MaxList)
		r.seats[i].times.List = make([]int32, 0, protocol.MaxList)
	}
	r.matchSeed = seed
	r.log.Reset(cfg.Players, 0)
	return r, nil
}

// Code returns the room's code.
func (r *Room) Code() string { return r.code }

// ID returns the room's number, which its tokens hold.
func (r *Room) ID() uint64 { return r.id }

// Config returns the room's options.
func (r *Room) Config() *options.Config { return &r.cfg }

// Seed returns the room seed.
func (r *Room) Seed() uint64 { return r.seed }

// Epoch returns the match's epoch: 0 before the first.
func (r *Room) Epoch() uint8 { return r.epoch }

// Name returns what the player of a seat calls themselves.
func (r *Room) Name(seat int) string { return r.seats[seat].name }

// Holder returns whose a seat is, also while a bot plays or nobody, and from which frame of the match on.
func (r *Room) Holder(seat int) roster.Holder {
	return roster.Holder{Name: r.seats[seat].name, Since: r.seats[seat].since}
}

// Frames returns how many frames have closed.
func (r *Room) Frames() uint32 { return r.next }

// Log returns the bundle of a closed frame.
func (r *Room) Log(frame uint32) (protocol.Bundle, bool) { return r.log.Get(frame) }

// MatchSeed returns the seed of the match that is played or was played last.
func (r *Room) MatchSeed() uint64 { return r.matchSeed }

// Taken returns how many seats are taken.
func (r *Room) Taken() int { return r.seats.taken() }

// Update takes what happened and decides what follows.
func (r *Room) Update(in RoomIn) *RoomOut {
	r.out.Send, r.out.Close, r.out.Events, r.out.Commands = r.out.Send[:0], r.out.Close[:0], r.out.Events[:0], r.out.Commands[:0]
	r.out.Hashes = r.out.Hashes[:0]
	r.buf = r.buf[:0]
	now := in.Now
	r.stoodStill(now)
	r.out.now = now
	// Without its monotonic part, which knows nothing of a clock that was set.
	if r.wall = in.Wall.Round(0); r.made == 0 && !r.restored {
		r.made = r.wall.UnixNano()
	}
	r.renew()
	for i := range in.Inputs {
		x := &in.Inputs[i]
		switch x.Kind {
		case InputJoin:
			r.join(now, x.Conn, x.Join)
			if !x.Join.Watch {
				r.empty = r.idle() && r.seats.taken() == 0 // nobody was seated: nobody will be
			}
		case InputMessage:
			if l, s := r.linkOf(x.Conn); l != nil {
				r.receive(now, l, s, x.Data)
			}
		case InputClosed:
			if l, s := r.linkOf(x.Conn); l != nil {
				if s >= 0 && x.Unloads {
					r.seats[s].unloads = true
				}
				r.leave(now, l, s, protocol.CodeGone, false)
			}
		case InputSlow:
			if l, s := r.linkOf(x.Conn); l != nil {
				r.slow(now, l, s)
			}
		case InputTakes:
			if l, _ := r.linkOf(x.Conn); l != nil {
				r.takes(now, l)
			}
		}
	}
	r.witnessed(now, &in)
	if in.Stop && r.phase != roomOver {
		r.end(protocol.CodeShutdown, "The relay is shutting down; the match ends here.")
	}
	if in.Displaced && r.phase != roomOver {
		r.end(protocol.CodeRoomOver, fmt.Sprintf("The code %s belongs to a room that a restart of the relay had interrupted, and its players are back: host a room under another code.", r.code))
	}
	if in.Restart && r.phase != roomOver {
		r.interrupt()
	}
	r.silence(now)
	r.dropSlow(now)
	switch r.phase {
	case roomLobby, roomAfter:
		r.lonely(now)
		r.maybeStart(now)
	case roomRestoring:
		r.restore(now)
	case roomPlaying:
		r.tellLate(now)
		r.closeFrames(now)
		if r.finish != 0 {
			r.maybeFinish(now) // a witness that was waited for may be gone
		}
		if r.phase == roomPlaying && r.finish != 0 && now > r.finish+finishTimeout {
			r.unfinished(now)
		}
	}
	r.expire(now)
	r.hostSays(now)
	r.tellAway(now)
	r.tellCrowd(now)
	r.history(now)
	r.standIns(now)
	if r.phase == roomPaused {
		r.paused(now)
	}
	if r.phase == roomAfter && now >= r.again && r.startHeld == 0 {
		r.finally()
	}
	r.driveWitness()
	r.keepAlive(now)
	if r.empty && len(r.watchers) > 0 {
		r.end(protocol.CodeRoomOver, "All players have left the room.")
	}
	r.out.Over = r.phase == roomOver || r.empty
	r.out.Wake = r.wake(now)
	return &r.out
}

func (r *Room) wake(now time.Duration) time.Duration {
	w := now + time.Second
	for i := range r.seats {
		w = min(w, r.seats[i].wake(w))
	}
	for i := range r.watchers {
		w = min(w, r.watchers[i].wake(w))
	}
	switch r.phase {
	case roomPaused:
		w = min(w, r.pauseUntil)
	case roomAfter:
		if r.startHeld == 0 {
			w = min(w, r.again)
		}
	case roomRestoring:
		w = min(w, r.recovery.Until())
	}
	w = r.moving.due(w)
	if r.startHeld != 0 && r.idle() {
		w = min(w, r.startHeld)
	}
	w = r.awayNews.Due(r.hudNews.Due(r.crowdNews.Due(w)))
	if r.wish != "" && (r.phase == roomPlaying || r.phase == roomPaused) {
		w = min(w, r.wishedAt)
	}
	w = r.states.Until(w)
	if r.witness.on && r.witness.next < r.next && (r.phase == roomPlaying || r.phase == roomPaused) {
		w = now
	}
	if r.phase == roomPlaying && !r.complete() {
		w = min(w, max(r.clock.Closes(r.next), r.holdUntil(now)))
		if early := r.clock.Closes(r.next) - earliest; now < early {
			w = min(w, early)
		}
	}
	return max(w, now)
}

// wake is when something is due to a connection; w where nothing is before.
func (l *link) wake(w time.Duration) time.Duration {
	switch {
	case !l.present || l.stuckAt != 0:
		return w
	case l.behind:
		w = min(w, l.sendAt)
	}
	return l.stateDue(min(w, l.spoken+keepAlive))
}

// complete reports whether every frame of a match of fixed length has closed.
func (r *Room) complete() bool { return r.cfg.Frames > 0 && r.next >= r.cfg.Frames }

func (r *Room) event(e RoomEvent) { r.out.Events = append(r.out.Events, e) }

// send hands out the message that enc appended to the buffer.
func (r *Room) send(c ConnID, t protocol.Type, enc []byte) {
	from := len(r.buf)
	r.buf = enc
	r.out.Send = append(r.out.Send, RoomPacket{Conn: c, Class: t.Class(), Type: t, Data: enc[from:len(enc):len(enc)]})
	if l, _ := r.linkOf(c); l != nil {
		l.spoken = r.out.now
	}
}

// broadcast hands the message that enc appended to the buffer to everybody.
func (r *Room) broadcast(t protocol.Type, enc []byte) {
	from := len(r.buf)
	r.buf = enc
	data := enc[from:len(enc):len(enc)]
	for i := range r.seats {
		r.pass(&r.seats[i].link, t, data)
	}
	for i := range r.watchers {
		r.pass(&r.watchers[i].link, t, data)
	}
}

// pass hands data to a connection, unless it gets history in place of it.
func (r *Room) pass(l *link, t protocol.Type, data []byte) {
	if l.present && !(t == protocol.TypeBundle && l.behind) {
		r.out.Send = append(r.out.Send, RoomPacket{Conn: l.conn, Class: t.Class(), Type: t, Data: data})
		l.spoken = r.out.now
	}
}

// linkOf finds a connection: with its seat, or -1 for a spectator; nil when it is none of this room.
func (r *Room) linkOf(c ConnID) (*link, int) {
	if s := r.seats.of(c); s >= 0 {
		return &r.seats[s].link, s
	}
	for i := range r.watchers {
		if r.watchers[i].present && r.watchers[i].conn == c {
			return &r.watchers[i].link, -1
		}
	}
	return nil, -1
}

// refuse turns a connection away: an error message, then the close.
func (r *Room) refuse(c ConnID, e *protocol.Error) {
	words := protocol.Clip(e.Text, protocol.MaxText)
	r.send(c, protocol.TypeError, protocol.Append(r.buf, &protocol.Refusal{Code: e.Code, Text: words}))
	r.out.Close = append(r.out.Close, RoomClose{Conn: c, Code: e.Code, Text: words})
	r.event(RoomEvent{Kind: RoomRefused, Seat: r.seats.of(c), Code: e.Code, Text: words})
}

// idle reports whether no match is on, so that seats come and go freely.
func (r *Room) idle() bool { return r.phase == roomLobby || r.phase == roomAfter }
