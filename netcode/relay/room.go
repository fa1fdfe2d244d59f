package relay

import (
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/time/rate"

	"tandem/netcode/protocol"
	"tandem/netcode/session"
	"tandem/netcode/session/replica"
	"tandem/netcode/transport"
)

// inboxSize bounds what waits for a room: a second of its busiest play with 16 seats. Readers wait
// when it is full.
const inboxSize = 1024

// drain bounds how many inputs one Update takes, so that frames close in time however much arrives.
const drain = 256

// event is an input with the connection it came from.
type event struct {
	client *client
	input  session.RoomInput
	taken  chan struct{} // of a join: filled when the room has it
}

// room is the goroutine around a session.Room.
type room struct {
	server      *Server
	state       *session.Room
	batchWindow time.Duration
	log         *slog.Logger
	key         string // its code as codes are compared
	how         string // its last match ended; to be read when done is closed
	release     func() // gives its place in the limits back

	inbox chan event
	stop  chan struct{}
	once  sync.Once
	done  chan struct{} // closed when the room takes nothing any more
	pool  sync.Pool     // of message buffers

	clients map[session.ConnID]*client
	inputs  []session.RoomInput
	next    *event                  // a join that waits for the Update of what came before it
	record  *Recorder               // nil when nothing is recorded
	maker   session.ConnID          // who has opened it
	joined  bool                    // and has asked for a seat
	witness *replica.Executor       // nil when there is none
	restart atomic.Bool             // the relay will be back
	comers  map[place]*rate.Limiter // who came without a token of it; guarded by server.mu
	// displaced says that its code belongs to a room from before the relay was restarted.
	displaced atomic.Bool
	inPlay    atomic.Bool // as of the last Update
}

func newRoom(s *Server, state *session.Room) *room {
	r := &room{
		server: s, state: state, batchWindow: state.Config().BatchWindow,
		log:   s.opts.Log.With("room", state.Code()),
		inbox: make(chan event, inboxSize), stop: make(chan struct{}), done: make(chan struct{}),
		clients: map[session.ConnID]*client{}, comers: map[place]*rate.Limiter{},
	}
	if s.opts.Record != nil {
		r.record = &Recorder{Open: s.opts.Record, Program: s.opts.Program, Wall: s.opts.Wall, Log: r.log}
	}
	return r
}

// A room takes a few newcomers a second, whoever they are (session.Room), because each costs everybody in it
// a message. So that nobody uses that up and keeps others out, an address has a part of it: a class at once,
// and then one a second.
const (
	comesPerSecond = 1
	comesBurst     = 32
	// maxComers bounds the addresses that a room remembers.
	maxComers = 1024
)

// mayCome counts somebody who comes from an address without a token of the room; false when that has come
// too often. server.mu is held.
func (r *room) mayCome(p place, now time.Duration) bool {
	if !p.IsValid() || r.server.opts.ConnsPerAddress < 0 {
		return true
	}
	at := moment(now)
	limit := r.comers[p]
	if limit == nil {
		if len(r.comers) >= maxComers {
			maps.DeleteFunc(r.comers, func(_ place, l *rate.Limiter) bool { return l.TokensAt(at) >= comesBurst })
		}
		if len(r.comers) >= maxComers {
			return true // then they have a hundred networks, and not one address
		}
		limit = rate.NewLimiter(comesPerSecond, comesBurst)
		r.comers[p] = limit
	}
	return limit.AllowN(at, 1)
}

// join hands a client and its join to the room; false when the room has ended without them.
func (r *room) join(c *client, j *protocol.Join) bool {
	taken := make(chan struct{}, 1)
	select {
	case r.inbox <- event{client: c, taken: taken, input: session.RoomInput{Kind: session.InputJoin, Conn: c.id, Join: j}}:
	case <-r.done:
		return false
	}
	select {
	case <-taken:
		return true
	case <-r.done:
	}
	select { // the room may have taken it and ended since
	case <-taken:
		return true
	default:
		return false
	}
}

// post hands an event to the room; false when the room has ended. An event that slipped in beside
// the end counts as not taken, although the room may still have answered it.
func (r *room) post(e event) bool {
	select {
	case r.inbox <- e:
		return !r.ended()
	case <-r.done:
		return false
	}
}

func (r *room) ended() bool {
	select {
	case <-r.done:
		return true
	default:
		return false
	}
}

func (r *room) requestStop() { r.once.Do(func() { close(r.stop) }) }

// buffer returns an empty buffer for a message.
func (r *room) buffer() []byte {
	if b, ok := r.pool.Get().(*[]byte); ok {
		return (*b)[:0]
	}
	return make([]byte, 0, 64)
}

func (r *room) run() {
	defer r.server.forget(r)
	defer r.endRecord()
	defer r.leave()
	defer func() {
		if v := recover(); v != nil {
			// A fault of this program must cost one room, not the relay.
			r.log.Error("room failed", "panic", fmt.Sprint(v))
			for _, c := range r.clients {
				r.say(c, &protocol.EndGame{Code: protocol.CodeInternal, Frames: r.state.Frames(), Text: "The relay made an error; this match cannot go on."})
				c.close(protocol.CodeInternal, "the relay made an error")
			}
		}
	}()
	timer := time.NewTimer(0)
	defer timer.Stop()
	stopping := false
	for {
		if r.next != nil {
			r.take(*r.next)
			r.next = nil
		} else {
			select {
			case e := <-r.inbox:
				r.take(e)
			case <-timer.C:
			case <-r.stop:
				stopping = true
				r.stop = nil
			}
		}
		r.drain()
		r.watch()
		in := session.RoomIn{Now: r.server.opts.Now(), Wall: r.server.opts.Wall(), Inputs: r.inputs}
		if stopping {
			in.Displaced, in.Restart = r.displaced.Load(), r.restart.Load()
			in.Stop = !in.Displaced && !in.Restart
		}
		var out *session.RoomOut
		for again := true; again; {
			r.testimony(&in)
			out = r.state.Update(in)
			r.inPlay.Store(r.state.InPlay())
			if r.witness != nil {
				r.witness.Answered()
			}
			again = r.testify(out)
			r.dispatch(out)
			if r.record != nil {
				r.record.Update(in.Now, r.state, out)
			}
			in.Inputs, in.Stop, in.Restart, in.Displaced = nil, false, false, false
		}
		r.recycle()
		// Who made the room may have been refused its own seat.
		if out.Over || ((r.joined || stopping) && r.state.Taken() == 0) {
			return
		}
		timer.Reset(max(0, out.Wake-r.server.opts.Now()))
	}
}

// endRecord closes the recording. A relay that stops waits for its disk, but not for ever.
func (r *room) endRecord() {
	if r.record == nil {
		return
	}
	r.record.Close()
	if done := r.record.Done(); done != nil {
		r.server.work.Go(func() {
			select {
			case <-done:
			case <-time.After(shutdownGrace):
				r.log.Warn("the disk does not take the end of the recording")
			}
		})
	}
}

// drain takes what waits in the inbox. A join waits for the Update of what came before it: that may
// end the room, and then the join is for another.
func (r *room) drain() {
	for range drain {
		select {
		case e := <-r.inbox:
			if e.input.Kind == session.InputJoin && len(r.inputs) > 0 {
				r.next = &e
				return
			}
			r.take(e)
		default:
			return
		}
	}
}

func (r *room) take(e event) {
	if e.input.Kind == session.InputJoin {
		c := e.client
		sender := transport.NewSender(c.conn, transport.SenderOptions{BatchWindow: r.batchWindow})
		r.server.mu.Lock() // whoever goes through the connections finds it whole
		c.sender = sender
		r.server.mu.Unlock()
		r.clients[c.id] = c
		r.joined = r.joined || c.id == r.maker
		e.taken <- struct{}{}
	}
	r.inputs = append(r.inputs, e.input)
}

// A connection for which slowMark messages wait, four seconds of play, is slow until all but a
// quarter of a second of them have left. The mark must stay below what a Sender takes.
const (
	slowMark = 128
	slowOver = 8
)

// watch tells the room which connections do not take what they are sent, and which do again.
func (r *room) watch() {
	for _, c := range r.clients {
		waiting := c.sender.Depth().Ordered
		switch {
		case !c.slow && waiting >= slowMark:
			c.slow = true
			r.inputs = append(r.inputs, session.RoomInput{Kind: session.InputSlow, Conn: c.id})
		case c.slow && waiting <= slowOver:
			c.slow = false
			r.inputs = append(r.inputs, session.RoomInput{Kind: session.InputTakes, Conn: c.id})
		}
	}
}

// recycle gives message buffers back and forgets connections that are over.
func (r *room) recycle() {
	for i := range r.inputs {
		x := &r.inputs[i]
		switch x.Kind {
		case session.InputMessage:
			b := x.Data
			r.pool.Put(&b)
		case session.InputClosed:
			delete(r.clients, x.Conn)
		}
		*x = session.RoomInput{}
	}
	r.inputs = r.inputs[:0]
}

func (r *room) dispatch(out *session.RoomOut) {
	for i := range out.Send {
		p := &out.Send[i]
		c := r.clients[p.Conn]
		if c == nil {
			continue
		}
		switch err := c.sender.Send(class(p.Class), p.Data); {
		case errors.Is(err, transport.ErrQueueFull) && p.Class == protocol.Bulk:
			// HUD text and verdicts can be done without; the match cannot.
			c.log.Debug("not delivered", "type", p.Type.String(), "error", err)
		case errors.Is(err, transport.ErrQueueFull):
			r.drop(c)
		case err == nil:
			r.server.metrics.sent(p.Type, len(p.Data))
		default:
			// The connection is over: its reader tells the room once it has read what came before.
			c.log.Debug("not delivered", "type", p.Type.String(), "error", err)
		}
	}
	for i := range out.Close {
		x := &out.Close[i]
		if c := r.clients[x.Conn]; c != nil {
			c.close(x.Code, x.Text)
			delete(r.clients, x.Conn)
		}
	}
	for i := range out.Events {
		r.note(&out.Events[i])
	}
}

// drop ends a connection that does not take what it is sent. Its reader then tells the room.
func (r *room) drop(c *client) {
	r.server.metrics.drop()
	r.log.Warn("connection does not keep up", "conn", c.id)
	r.server.giveUp(c)
	delete(r.clients, c.id)
}

func (r *room) say(c *client, m any) {
	if err := c.sender.Send(transport.Ordered, protocol.Append(nil, m)); err != nil {
		r.log.Debug("not delivered", "conn", c.id, "error", err)
	}
}

func class(c protocol.Class) transport.Class {
	if c == protocol.Bulk {
		return transport.Bulk
	}
	return transport.Ordered
}

// note logs what is worth a line; nothing of it happens every frame.
func (r *room) note(e *session.RoomEvent) {
	r.server.metrics.event(e)
	switch e.Kind {
	case session.RoomSeated:
		r.log.Info("seated", "seat", e.Seat, "name", e.Text)
	case session.RoomSlow:
		r.log.Info("slow", "seat", e.Seat, "frame", e.Frame)
	case session.RoomUnseated:
		r.log.Info("unseated", "seat", e.Seat, "code", e.Code.String())
	case session.RoomStarted:
		r.log.Info("started", "env", r.state.Config().Env, "players", r.state.Config().Players)
	case session.RoomDesync:
		r.log.Error("desync", "frame", e.Frame, "seats", e.Mask, "sections", e.Sections, "by", e.Text)
	case session.RoomRefused:
		r.log.Info("refused", "seat", e.Seat, "code", e.Code.String(), "reason", e.Text)
	case session.RoomRestored:
		r.log.Info("restored", "frames", e.Frame)
	case session.RoomRewound:
		r.log.Warn("a seat had bundles that nobody else brought back", "seat", e.Seat, "frames", e.Frame)
	case session.RoomTransferFailed:
		r.log.Warn("a state was not handed over", "seat", e.Seat, "frame", e.Frame, "reason", e.Text)
	case session.RoomMatchOver:
		r.how = e.Text
		r.log.Info("match over", "frames", e.Frame, "reason", e.Text)
	case session.RoomEnded:
		r.how = e.Text
		r.log.Info("ended", "frames", e.Frame, "code", e.Code.String(), "reason", e.Text)
	}
}

// leave closes what is left when the room has ended. Whose join was still waiting looks for the room
// again.
func (r *room) leave() {
	close(r.done)
	for id, c := range r.clients {
		c.close(protocol.CodeRoomOver, "the room has ended")
		delete(r.clients, id)
	}
}
