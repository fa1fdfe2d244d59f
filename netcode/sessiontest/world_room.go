package sessiontest

import (
	"time"

	"tandem/netcode/protocol"
	"tandem/netcode/session"
	"tandem/netcode/session/options"
	"tandem/netcode/session/replica"
	"tandem/netcode/session/roster"
)

// restartWindow is the relay's server's.
const restartWindow = time.Minute

// find does what the relay's server does to find the room of a join: it makes it again for somebody who
// holds a token of it, also where another has its place since the relay was restarted.
func (w *World) find(n *Node, join *protocol.Join) {
	ticket, signed := roster.ReadTicket(w.key, join.Token, w.wall())
	signed = signed && !ticket.StandIn && !join.Watch && !w.ended[ticket.ID]
	if w.Room != nil && (w.over || !signed || w.started == 0 || w.Now-w.started >= restartWindow ||
		!w.Room.GivesWayTo(&ticket) || w.Room.InPlay() && join.Have == 0) {
		return
	}
	room := (*session.Room)(nil)
	if signed {
		room, _ = session.RestoreRoom(join.Token, w.key, w.Rand.Uint64)
	}
	if room == nil && len(join.Create) > 0 {
		cfg, err := options.ParseConfig(join.Create)
		if err != nil {
			panic(err)
		}
		room = w.newRoom(cfg)
	}
	switch {
	case room != nil:
	case w.Room != nil:
		return // it has ended, and tells
	default:
		_ = n.Down.Send(w.Now, protocol.Append(nil, &protocol.Refusal{Code: protocol.CodeNoRoom, Text: "There is no such room."}))
		return
	}
	if w.Room != nil {
		w.ended[w.Room.ID()] = true
		w.displaced = true
		w.updateRoom()
		w.displaced = false
		if w.OnDisplaced != nil {
			w.OnDisplaced()
		}
	}
	w.Room, w.roomWake, w.over = room, w.Now, false
	if w.Witness != nil {
		room.WithWitness()
	}
}

func (w *World) runRoom() {
	if w.Room == nil || w.Now < w.asleep {
		return
	}
	for w.updateRoom() {
	}
}

// updateRoom updates the room once and reports whether the witness has an answer for it.
func (w *World) updateRoom() bool {
	f := &w.feedback
	out := w.Room.Update(session.RoomIn{Now: w.Now, Wall: w.wall(), Inputs: w.inputs, Restart: w.restart, Displaced: w.displaced, Answers: *f})
	idle := len(w.inputs)+len(out.Send)+len(out.Close)+len(out.Events)+len(out.Commands) == 0 && !out.Over
	spin(&w.spun, -1, idle, out.Wake, w.Now)
	w.inputs = w.inputs[:0]
	*f = replica.Answers{}
	answers := false
	if w.Witness != nil {
		w.Witness.Answered()
		for i := range out.Commands {
			answers = w.Witness.Execute(&out.Commands[i]) || answers
		}
		*f = w.Witness.Answers()
	}
	// What leaves together travels together, as it does behind a send queue.
	for _, p := range out.Send {
		n := w.nodeOf(p.Conn)
		if n == nil {
			continue // a connection that is no more
		}
		if w.Lose != nil && w.Lose(n, p.Type) {
			continue
		}
		if len(w.down[n.Index])+len(p.Data) > protocol.MaxFrame {
			w.flush(n)
		}
		w.down[n.Index] = append(w.down[n.Index], p.Data...)
	}
	for _, n := range w.Nodes {
		w.flush(n)
	}
	for _, c := range out.Close {
		if n := w.nodeOf(c.Conn); n != nil && w.OnClose != nil {
			w.OnClose(n, c)
		}
	}
	if w.OnRoomOut != nil {
		w.OnRoomOut(w.Now, out)
	}
	if w.OnRoom != nil {
		for i := range out.Events {
			w.OnRoom(w.Now, &out.Events[i])
		}
	}
	w.over = out.Over
	w.roomWake = out.Wake + w.RelayTick
	return answers
}

// flush puts what waits for a node on its line.
func (w *World) flush(n *Node) {
	b := w.down[n.Index]
	if len(b) > 0 && !n.gone {
		w.note('>', n, b)
		_ = n.Down.Send(w.Now, b) // a cut line loses it: that is the test
	}
	w.down[n.Index] = b[:0]
}
