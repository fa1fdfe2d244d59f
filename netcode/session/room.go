package session

import (
	"fmt"
	"io"
	"strings"
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

// ConnID names a connection of the relay.
type ConnID uint32

// InputKind says what a RoomInput is.
type InputKind uint8

const (
	InputJoin    InputKind = iota // a connection asks for a seat
	InputMessage                  // a transport frame arrived
	InputClosed                   // the connection is gone
)

// RoomInput is one thing that happened on a connection. Inputs are in the order of their happening.
type RoomInput struct {
	Kind InputKind
	Conn ConnID
	Join *protocol.Join
	Data []byte
}

// RoomIn is what happened since the last Update.
type RoomIn struct {
	Now    time.Duration // the relay's monotonic clock
	Inputs []RoomInput
	Stop   bool // the relay is shutting down
}

// RoomPacket is a message to send.
type RoomPacket struct {
	Conn  ConnID
	Class protocol.Class
	Type  protocol.Type
	Data  []byte // valid until the next Update
}

// RoomClose is a connection to close once what was sent before has left.
type RoomClose struct {
	Conn ConnID
	Code protocol.Code
	Text string
}

// RoomEventKind is what an event tells.
type RoomEventKind uint8

const (
	RoomSeated   RoomEventKind = iota // Seat, Text: name
	RoomUnseated                      // Seat, Code
	RoomStarted                       // the frame clock runs
	RoomPaused                        // Seat, Frame
	RoomResumed                       // Frame
	RoomVerified                      // Frame: hashes were compared
	RoomDesync                        // Frame, Mask: differing seats, Sections
	RoomLate                          // Seat, Frame: an input came after its frame closed
	RoomRefused                       // Seat or -1, Code, Text
	RoomReceived                      // Seat, Type, N bytes
	RoomClosed                        // Frame, Mask: substituted seats
	RoomEnded                         // Code, Text, Frame
)

// RoomEvent tells what happened; it may be ignored.
type RoomEvent struct {
	Kind     RoomEventKind
	Type     protocol.Type
	Code     protocol.Code
	Seat     int
	Frame    uint32
	N        int
	Mask     uint16
	Sections uint32
	Text     string
}

// RoomOut is what an Update decided. Its slices are reused by the next Update.
type RoomOut struct {
	Send   []RoomPacket
	Close  []RoomClose
	Events []RoomEvent
	Wake   time.Duration // when the next Update is due if nothing happens first
	Over   bool          // the room has ended or is empty; it can be dropped once everything is sent
}

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

func (r *Room) join(now time.Duration, c ConnID, m *protocol.Join) {
	if r.phase == roomOver || r.empty {
		r.refuse(c, protocol.Errorf(protocol.CodeRoomOver, "The match of room %s is over; host a new one.", r.code))
		return
	}
	if t, ok := open(r.key, m.Token); ok && t.room == r.code && t.seat < len(r.seats) {
		if seat := &r.seats[t.seat]; seat.taken && seat.owner == t.owner {
			r.comeBack(now, c, t.seat, m)
			return
		}
	}
	if words := r.cfg.Contradiction(m.Require); words != "" {
		r.refuse(c, protocol.Errorf(protocol.CodeOptions, "Room %s: %s.", r.code, words))
		return
	}
	if r.phase != roomLobby {
		r.refuse(c, protocol.Errorf(protocol.CodeRoomStarted, "The match of room %s has begun with all its seats taken; wait for its end or host a new one.", r.code))
		return
	}
	s := int(m.Seat)
	switch {
	case s >= len(r.seats):
		r.refuse(c, protocol.Errorf(protocol.CodeSeat, "Room %s has seats 0 to %d, you asked for %d.", r.code, len(r.seats)-1, s))
		return
	case s >= 0 && r.seats[s].taken:
		r.refuse(c, protocol.Errorf(protocol.CodeSeat, "Seat %d of room %s is taken; leave the choice to the relay or take another.", s, r.code))
		return
	case s < 0:
		for s = 0; s < len(r.seats) && r.seats[s].taken; s++ {
		}
		if s == len(r.seats) {
			r.refuse(c, protocol.Errorf(protocol.CodeRoomFull, "Room %s is full: all its %d seats are taken. Host a room of your own, or join another.", r.code, len(r.seats)))
			return
		}
	}
	if r.Taken() == 0 {
		r.host = s
	}
	seat := &r.seats[s]
	*seat = roomSeat{conn: c, taken: true, present: true, name: m.Name, heard: now,
		tokens: bucketBurst, filled: now, slacks: seat.slacks, times: seat.times, owner: r.draw()}
	seat.slacks.List, seat.times.List = seat.slacks.List[:0], seat.times.List[:0]
	if seat.name == "" {
		seat.name = fmt.Sprintf("Player %d", s+1)
	}
	r.elect(s)
	r.event(RoomEvent{Kind: RoomSeated, Seat: s, Text: seat.name})
	r.roster(protocol.TypeWaitingRoom)
}

func (r *Room) elect(s int) {
	r.send(r.seats[s].conn, protocol.TypeHostElected, protocol.Append(r.buf, &protocol.HostElected{
		IsHost: s == r.host, Seat: uint8(s), HostSeat: uint8(r.host), Room: r.code, Seed: r.seed,
		Token: seal(r.key, token{seat: s, owner: r.seats[s].owner, room: r.code}), Options: r.cfg.Words(),
	}))
}

func (r *Room) roster(t protocol.Type) {
	entries := make([]protocol.RosterEntry, len(r.seats))
	needed := 0
	for i := range r.seats {
		s := &r.seats[i]
		if !s.taken {
			needed++
			continue
		}
		entries[i] = protocol.RosterEntry{Name: s.name, Taken: true, Ready: s.ready, Host: i == r.host}
	}
	if t == protocol.TypeGameReady {
		r.broadcast(t, protocol.Append(r.buf, &protocol.GameReady{Seats: entries}))
		return
	}
	r.broadcast(t, protocol.Append(r.buf, &protocol.WaitingRoom{Needed: uint8(needed), Seats: entries}))
}

// unseat takes a seat from its connection. own says that the player left by their own act.
func (r *Room) unseat(now time.Duration, s int, code protocol.Code, own bool) {
	seat := &r.seats[s]
	name := seat.name
	r.event(RoomEvent{Kind: RoomUnseated, Seat: s, Code: code})
	seat.present = false
	if r.phase == roomLobby {
		seat.taken, seat.ready = false, false
		if s == r.host {
			r.handOver()
		}
		r.empty = r.Taken() == 0
		r.roster(protocol.TypeWaitingRoom)
		return
	}
	if r.phase == roomOver {
		return
	}
	if own {
		seat.owner = r.draw() // nobody comes back from an act of their own
	}
	seat.behind = false
	pauses := r.cfg.Disconnect == DisconnectPause && !own && !seat.finished
	if r.presentMask() == 0 && !pauses {
		r.end(protocol.CodeGone, "Everybody is gone.")
		return
	}
	if s == r.host {
		r.handOver()
	}
	if pauses {
		seat.ready = false
		if r.pause(now, s) {
			return
		}
	}
	if r.cfg.Disconnect == DisconnectSubstitute || seat.finished {
		r.verdicts()
		r.maybeFinish(now)
		return
	}
	if own {
		r.end(protocol.CodeLeft, fmt.Sprintf("%s left the match; it ends after %s.", name, seconds(r.next)))
	} else {
		r.end(protocol.CodeGone, fmt.Sprintf("The connection of %s is gone; the match ends after %s.", name, seconds(r.next)))
	}
}

func seconds(frames uint32) string { return fmt.Sprintf("%.1f s", float64(frames)/FrameRate) }

// handOver makes the first seat that is there the host.
func (r *Room) handOver() {
	for i := range r.seats {
		if r.seats[i].taken && r.seats[i].present {
			r.host = i
			r.broadcast(protocol.TypeHostChanged, protocol.Append(r.buf, &protocol.HostChanged{Seat: uint8(i)}))
			return
		}
	}
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

// setOption lets the host change the input delay in mid-match, from a frame on that is announced to
// all.
func (r *Room) setOption(s int, m *protocol.SetOption) *protocol.Error {
	if r.phase == roomOver || m.Epoch < r.epoch {
		return nil
	}
	if s != r.host {
		return protocol.Errorf(protocol.CodeNotHost, "Only the host changes the room's options.")
	}
	if name, _, _ := strings.Cut(m.Option, "="); name != "delay" {
		return protocol.Errorf(protocol.CodeOptions, "Room option %q cannot be changed in mid-match; the input delay can.", name)
	}
	if r.phase != roomPlaying || m.Epoch != r.epoch {
		return protocol.Errorf(protocol.CodeUnexpected, "Room options are changed while a match is played.")
	}
	cfg := r.cfg
	if err := cfg.Set(m.Option); err != nil {
		return protocol.Errorf(protocol.CodeOptions, "%v", err)
	}
	r.cfg = cfg
	r.broadcast(protocol.TypeSetOption, protocol.Append(r.buf, &protocol.SetOption{
		Epoch: r.epoch, Frame: r.next + optionAhead, Option: m.Option}))
	return nil
}
