package relay

import (
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"tandem/netcode/protocol"
	"tandem/netcode/session"
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
}

// room is the goroutine around a session.Room.
type room struct {
	server      *Server
	state       *session.Room
	batchWindow time.Duration
	log         *slog.Logger

	inbox chan event
	stop  chan struct{}
	once  sync.Once
	done  chan struct{} // closed when the room takes nothing any more
	pool  sync.Pool     // of message buffers

	clients map[session.ConnID]*client
	inputs  []session.RoomInput
	joined  bool // somebody has asked for a seat
}

func newRoom(s *Server, state *session.Room) *room {
	return &room{
		server: s, state: state, batchWindow: state.Config().BatchWindow,
		log:   s.opts.Log.With("room", state.Code()),
		inbox: make(chan event, inboxSize), stop: make(chan struct{}), done: make(chan struct{}),
		clients: map[session.ConnID]*client{},
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
		select {
		case e := <-r.inbox:
			r.take(e)
		case <-timer.C:
		case <-r.stop:
			stopping = true
			r.stop = nil
		}
		for n := 0; n < drain; n++ {
			select {
			case e := <-r.inbox:
				r.take(e)
				continue
			default:
			}
			break
		}
		now := r.server.opts.Now()
		out := r.state.Update(session.RoomIn{Now: now, Inputs: r.inputs, Stop: stopping})
		r.dispatch(out)
		r.recycle()
		// Who made the room may have been refused its own seat.
		if out.Over || ((r.joined || stopping) && r.state.Taken() == 0) {
			return
		}
		timer.Reset(max(0, out.Wake-r.server.opts.Now()))
	}
}

func (r *room) take(e event) {
	if e.input.Kind == session.InputJoin {
		r.clients[e.client.id] = e.client
		r.joined = true
	}
	r.inputs = append(r.inputs, e.input)
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
	if a, ok := c.conn.(transport.Aborter); ok {
		a.Abort()
	}
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
	case session.RoomUnseated:
		r.log.Info("unseated", "seat", e.Seat, "code", e.Code.String())
	case session.RoomStarted:
		r.log.Info("started", "env", r.state.Config().Env, "players", r.state.Config().Players)
	case session.RoomDesync:
		r.log.Error("desync", "frame", e.Frame, "seats", e.Mask, "sections", e.Sections)
	case session.RoomRefused:
		r.log.Info("refused", "seat", e.Seat, "code", e.Code.String(), "reason", e.Text)
	case session.RoomEnded:
		r.log.Info("ended", "frames", e.Frame, "code", e.Code.String(), "reason", e.Text)
	}
}

// tooLate turns a connection away whose join the room did not live to see.
func (r *room) tooLate(c *client) {
	words := fmt.Sprintf("The match of room %s has just ended; host a new one.", r.state.Code())
	r.say(c, &protocol.Refusal{Code: protocol.CodeRoomOver, Text: words})
	c.close(protocol.CodeRoomOver, words)
}

// leave closes what is left when the room has ended: connections whose join was still waiting.
func (r *room) leave() {
	close(r.done)
	for {
		select {
		case e := <-r.inbox:
			if e.input.Kind == session.InputJoin {
				r.tooLate(e.client)
			}
			continue
		default:
		}
		break
	}
	for id, c := range r.clients {
		c.close(protocol.CodeRoomOver, "the room has ended")
		delete(r.clients, id)
	}
}
