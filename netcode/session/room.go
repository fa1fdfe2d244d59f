package session

import (
	"io"
	"time"

	"tandem/netcode/protocol"
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
	// seatTimeout is how long a seat may be silent before it counts as gone. Peers ping every second.
	seatTimeout = 5 * time.Second
	// hashSlots is how many frames' hashes wait for the slowest seat: at 30 frames each, 8 seconds.
	hashSlots = 8
	// quiet is after how long without a message the others stop waiting for a seat's input: a peer
	// in play says something thirty times a second.
	quiet = time.Second
	// optionAhead is how many frames ahead a changed option is announced: a third of a second, in
	// which the news reaches every playable link.
	optionAhead = 10
	// finishTimeout is how long the others wait for the last seat to report the match's end.
	finishTimeout = 10 * time.Second
)

type roomPhase uint8

const (
	roomLobby   roomPhase = iota // waiting for players
	roomPlaying                  // start sent; the frame clock runs
	roomPaused                   // pause sent; it waits for a player
	roomOver                     // end_game sent
)

// Room is the relay's side of a session: a pure state machine over the connections of one room.
type Room struct {
	code string
	cfg  Config
	seed uint64

	phase roomPhase
	key   []byte // for tokens
	draw  func() uint64
	empty bool
	seats []roomSeat
	host  int
	hud   string

	pauseUntil time.Duration
	pauseFor   int // seat
	// pauseLength is how long the latest pause may last.
	pauseLength time.Duration

	epoch  uint8
	firstF uint32        // first frame since the start or the last pause
	firstC time.Duration // C(firstF) as it was announced
	held   time.Duration // by which holds have moved all closes since
	next   uint32        // the open frame
	slot   [slots]inputSlot
	log    bundleLog
	hash   [hashSlots]hashSlot
	finish time.Duration // when the first seat reported the match's end

	dec protocol.Decoder
	out RoomOut
	buf []byte
}

type roomSeat struct {
	conn    ConnID
	taken   bool
	name    string
	ready   bool
	present bool // connected; during play an absent seat takes the default action
	lead    time.Duration
	heard   time.Duration
	tokens  float64 // of the message bucket
	filled  time.Duration

	last      uint8  // action of the highest frame received
	lastFrame uint32 // that frame + 1; 0 before the first
	repeats   int
	away      bool // nobody is at the controls
	predictor *predictor
	holds     holdCost      // of frames, for its inputs
	owner     uint64        // number in the token
	behind    bool          // it gets history instead of new bundles
	sendFrom  uint32        // next frame of its history
	sendAt    time.Duration // when the next part of it may leave
	goneAt    time.Duration // since when the match waits for it; 0 when it does not
	paused    time.Duration // for how long the match has waited for this seat
	late      bool          // an input came late since the seat was last told
	told      uint32        // frame at which it was

	finished bool
	frames   uint32
	final    uint64

	slacks protocol.Times // of this seat's inputs, for its next frame_sync
	times  protocol.Times // when it sampled, for the others' next frame_sync
}

// inputSlot holds the inputs that have arrived for one frame.
type inputSlot struct {
	late    uint16 // seats whose input came while the frame was held for it
	have    uint16
	actions [protocol.MaxSeats]uint8
}

// NewRoom makes a room from its host's options. random supplies the room seed, when the options name
// none, and the numbers of seat owners. key signs the tokens that bring players back.
func NewRoom(code string, cfg Config, key []byte, random func() uint64) (*Room, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	seed := cfg.Seed
	for seed == 0 {
		seed = random()
	}
	r := &Room{code: code, cfg: cfg, seed: seed, key: key, draw: random, seats: make([]roomSeat, cfg.Players)}
	for i := range r.seats {
		r.seats[i].slacks.List = make([]int32, 0, protocol.MaxList)
		r.seats[i].times.List = make([]int32, 0, protocol.MaxList)
	}
	r.log.seats = cfg.Players
	return r, nil
}

// Code returns the room's code.
func (r *Room) Code() string { return r.code }

// Config returns the room's options.
func (r *Room) Config() *Config { return &r.cfg }

// Seed returns the room seed.
func (r *Room) Seed() uint64 { return r.seed }

// Frames returns how many frames have closed.
func (r *Room) Frames() uint32 { return r.next }

// Log returns the bundle of a closed frame.
func (r *Room) Log(frame uint32) (protocol.Bundle, bool) { return r.log.get(frame) }

// Taken returns how many seats are taken.
func (r *Room) Taken() int {
	n := 0
	for i := range r.seats {
		if r.seats[i].taken {
			n++
		}
	}
	return n
}

// Update takes what happened and decides what follows.
func (r *Room) Update(in RoomIn) *RoomOut {
	r.out.Send, r.out.Close, r.out.Events = r.out.Send[:0], r.out.Close[:0], r.out.Events[:0]
	r.buf = r.buf[:0]
	now := in.Now
	for i := range in.Inputs {
		x := &in.Inputs[i]
		switch x.Kind {
		case InputJoin:
			r.join(now, x.Conn, x.Join)
			r.empty = r.phase == roomLobby && r.Taken() == 0 // nobody was seated: nobody will be
		case InputMessage:
			if s := r.seatOf(x.Conn); s >= 0 {
				r.receive(now, s, x.Data)
			}
		case InputClosed:
			if s := r.seatOf(x.Conn); s >= 0 {
				r.unseat(now, s, protocol.CodeGone, false)
			}
		}
	}
	if in.Stop && r.phase != roomOver {
		r.end(protocol.CodeShutdown, "The relay is shutting down; the match ends here.")
	}
	r.silence(now)
	switch r.phase {
	case roomLobby:
		r.maybeStart(now)
	case roomPlaying:
		r.tellLate(now)
		r.closeFrames(now)
		r.history(now)
		if r.finish != 0 && now > r.finish+finishTimeout {
			r.end(protocol.CodeDesync, "Not everybody reported the end of the match; it is closed.")
		}
	}
	if r.phase == roomPaused {
		r.history(now)
		r.paused(now)
	}
	r.out.Over = r.phase == roomOver || r.empty
	r.out.Wake = r.wake(now)
	return &r.out
}

func (r *Room) wake(now time.Duration) time.Duration {
	w := now + time.Second
	for i := range r.seats {
		if s := &r.seats[i]; s.present && s.behind {
			w = min(w, s.sendAt)
		}
	}
	if r.phase == roomPaused {
		w = min(w, r.pauseUntil)
	}
	if r.phase == roomPlaying && !r.complete() {
		w = min(w, max(r.closeTime(r.next), r.holdUntil(now)))
		if early := r.closeTime(r.next) - earliest; now < early {
			w = min(w, early)
		}
	}
	return max(w, now)
}

// complete reports whether every frame of a match of fixed length has closed.
func (r *Room) complete() bool { return r.cfg.Frames > 0 && r.next >= r.cfg.Frames }

// closeTime returns C(frame), holds included.
func (r *Room) closeTime(frame uint32) time.Duration { return r.announced(frame) + r.held }

// announced returns C(frame) as the start announced it: what slack and sampling times refer to, so
// that both sides mean the same whenever they hear of a hold.
func (r *Room) announced(frame uint32) time.Duration {
	return r.firstC + FrameTime(int64(frame)-int64(r.firstF))
}

func (r *Room) seatOf(c ConnID) int {
	for i := range r.seats {
		if r.seats[i].taken && r.seats[i].present && r.seats[i].conn == c {
			return i
		}
	}
	return -1
}

func (r *Room) event(e RoomEvent) { r.out.Events = append(r.out.Events, e) }

// send hands out the message that enc appended to the buffer.
func (r *Room) send(c ConnID, t protocol.Type, enc []byte) {
	from := len(r.buf)
	r.buf = enc
	r.out.Send = append(r.out.Send, RoomPacket{Conn: c, Class: t.Class(), Type: t, Data: enc[from:len(enc):len(enc)]})
}

// broadcast hands the message that enc appended to the buffer to every present seat.
func (r *Room) broadcast(t protocol.Type, enc []byte) {
	from := len(r.buf)
	r.buf = enc
	for i := range r.seats {
		if r.seats[i].present && !(t == protocol.TypeBundle && r.seats[i].behind) {
			r.out.Send = append(r.out.Send, RoomPacket{Conn: r.seats[i].conn, Class: t.Class(), Type: t, Data: enc[from:len(enc):len(enc)]})
		}
	}
}

// refuse turns a connection away: an error message, then the close.
func (r *Room) refuse(c ConnID, e *protocol.Error) {
	words := clip(e.Text, protocol.MaxText)
	r.send(c, protocol.TypeError, protocol.Append(r.buf, &protocol.Refusal{Code: e.Code, Text: words}))
	r.out.Close = append(r.out.Close, RoomClose{Conn: c, Code: e.Code, Text: words})
	r.event(RoomEvent{Kind: RoomRefused, Seat: r.seatOf(c), Code: e.Code, Text: words})
}

func (r *Room) presentMask() uint16 {
	var m uint16
	for i := range r.seats {
		if r.seats[i].present {
			m |= 1 << i
		}
	}
	return m
}

// silence gives up seats that were not heard for too long.
func (r *Room) silence(now time.Duration) {
	for i := range r.seats {
		s := &r.seats[i]
		if s.present && now-s.heard > seatTimeout {
			r.refuse(s.conn, protocol.Errorf(protocol.CodeSilent, "Nothing was heard from you for %d s; the relay took the seat back.", int(seatTimeout.Seconds())))
			r.unseat(now, i, protocol.CodeSilent, false)
		}
	}
}

// maybeStart starts the match when every seat is taken and ready.
func (r *Room) maybeStart(now time.Duration) {
	lead := time.Duration(0)
	for i := range r.seats {
		if !r.seats[i].taken || !r.seats[i].ready {
			return
		}
		lead = max(lead, r.seats[i].lead)
	}
	r.phase = roomPlaying
	r.epoch++
	r.next, r.firstF, r.held = 0, 0, 0
	for i := range r.seats {
		if r.cfg.Population == PredictedAction {
			r.seats[i].predictor = newPredictor()
		}
	}
	// Whole microseconds, because that is what travels: all must compute the same closes.
	r.firstC = (now + lead + r.cfg.Countdown).Truncate(time.Microsecond)
	r.roster(protocol.TypeGameReady)
	r.broadcast(protocol.TypeStart, protocol.Append(r.buf, &protocol.Start{
		Epoch: r.epoch, Frame: 0, Close: r.firstC.Microseconds()}))
	r.event(RoomEvent{Kind: RoomStarted})
}

func (r *Room) end(code protocol.Code, words string) {
	if r.phase == roomOver {
		return
	}
	r.phase = roomOver
	words = clip(words, protocol.MaxText)
	frames := r.next
	for i := range r.seats {
		if r.seats[i].finished {
			frames = r.seats[i].frames
		}
	}
	r.broadcast(protocol.TypeEndGame, protocol.Append(r.buf, &protocol.EndGame{Code: code, Frames: frames, Text: words}))
	for i := range r.seats {
		if r.seats[i].present {
			r.out.Close = append(r.out.Close, RoomClose{Conn: r.seats[i].conn, Code: code, Text: words})
		}
	}
	r.event(RoomEvent{Kind: RoomEnded, Code: code, Text: words, Frame: frames})
}

func (r *Room) receive(now time.Duration, s int, frame []byte) {
	seat := &r.seats[s]
	seat.heard = now
	if len(frame) == 0 {
		r.expel(now, s, protocol.Errorf(protocol.CodeMalformed, "An empty message."))
		return
	}
	r.dec.Reset(frame)
	for seat.present {
		t, err := r.dec.Next()
		if err == io.EOF {
			return
		}
		if err != nil {
			r.expel(now, s, asError(err))
			return
		}
		r.event(RoomEvent{Kind: RoomReceived, Seat: s, Type: t, N: r.dec.Size()})
		if !seat.spend(now) {
			r.expel(now, s, protocol.Errorf(protocol.CodeTooFrequent, "More than %d messages a second: nobody playing needs that many.", bucketRate))
			return
		}
		if e := r.handle(now, s, t); e != nil {
			r.expel(now, s, e)
			return
		}
	}
}

// expel refuses a seat's connection and frees the seat.
func (r *Room) expel(now time.Duration, s int, e *protocol.Error) {
	r.refuse(r.seats[s].conn, e)
	r.unseat(now, s, e.Code, false)
}

// spend takes one message from the seat's bucket.
func (s *roomSeat) spend(now time.Duration) bool {
	s.tokens = min(bucketBurst, s.tokens+bucketRate*(now-s.filled).Seconds())
	s.filled = now
	if s.tokens < 1 {
		return false
	}
	s.tokens--
	return true
}

func (r *Room) handle(now time.Duration, s int, t protocol.Type) *protocol.Error {
	seat := &r.seats[s]
	switch t {
	case protocol.TypePing:
		r.send(seat.conn, protocol.TypePong, protocol.AppendPong(r.buf, &protocol.Pong{Sent: r.dec.Ping.Sent, Now: now.Microseconds()}))
	case protocol.TypeReady:
		if seat.ready || r.phase == roomOver {
			return protocol.Errorf(protocol.CodeUnexpected, "You are ready already.")
		}
		// The lead decides how long everybody waits: no more than the longest delay there is.
		seat.lead = min(time.Duration(r.dec.Cold.(*protocol.Ready).Lead)*tenth, FrameTime(MaxDelay))
		seat.ready = true
		if r.phase == roomLobby {
			r.roster(protocol.TypeWaitingRoom)
		}
	case protocol.TypeAction:
		m := &r.dec.Action
		return r.action(now, s, m.Epoch, m.Frame, m.Action)
	case protocol.TypeActionBatch:
		m := &r.dec.ActionBatch
		for i, a := range m.Actions {
			if e := r.action(now, s, m.Epoch, m.Frame+uint32(i), a); e != nil {
				return e
			}
		}
	case protocol.TypeFrameSync:
		r.sampledTimes(s)
	case protocol.TypeStateHash:
		return r.stateHash(s)
	case protocol.TypeFinished:
		return r.finishedSeat(now, s, r.dec.Cold.(*protocol.Finished))
	case protocol.TypeHUDUpdate:
		if s != r.host {
			return protocol.Errorf(protocol.CodeNotHost, "Only the host sends the HUD's text.")
		}
		r.hud = r.dec.Cold.(*protocol.HUDUpdate).Text
		r.broadcast(protocol.TypeHUDSync, protocol.Append(r.buf, &protocol.HUDSync{Text: r.hud}))
	case protocol.TypeLeave:
		r.out.Close = append(r.out.Close, RoomClose{Conn: seat.conn, Code: protocol.CodeLeft, Text: "Goodbye."})
		r.unseat(now, s, protocol.CodeLeft, true)
	case protocol.TypeAway:
		seat.away = r.dec.Cold.(*protocol.Away).Away
	case protocol.TypeSetOption:
		return r.setOption(s, r.dec.Cold.(*protocol.SetOption))
	case protocol.TypeError:
		m := r.dec.Cold.(*protocol.Refusal)
		r.out.Close = append(r.out.Close, RoomClose{Conn: seat.conn, Code: m.Code, Text: m.Text})
		r.unseat(now, s, m.Code, false)
	default:
		return protocol.Errorf(protocol.CodeUnexpected, "%s has no place in a room.", t)
	}
	return nil
}
