package sessiontest

import (
	"time"

	"tandem/netcode/protocol"
	"tandem/netcode/session"
	"tandem/netcode/session/replica"
)

// Truth is what really happened in a world, on its own clock, which no peer knows: what their figures are
// held to.
type Truth struct {
	Seats  []SeatTruth
	Closed map[uint32]time.Duration // frame → when it closed
	// Replaced are the seats whose input was replaced, by frame, where a player was at the controls.
	Replaced map[uint32]uint16

	sent [][][]uint32 // by node: the frames in each batch on its way
}

// SeatTruth is a seat's part of it, by frame.
type SeatTruth struct {
	Sampled map[uint32]time.Duration
	Reached map[uint32]time.Duration // the relay
	Came    map[uint32]time.Duration // its first bundle
	Stepped map[uint32]time.Duration
	Actions map[uint32][protocol.MaxSeats]uint8
}

// Watch begins to write down what happens, besides whatever the world calls already. Set that first.
func Watch(w *World) *Truth {
	t := &Truth{Closed: map[uint32]time.Duration{}, Replaced: map[uint32]uint16{}, sent: make([][][]uint32, len(w.Nodes))}
	for i, n := range w.Nodes {
		t.Seats = append(t.Seats, SeatTruth{map[uint32]time.Duration{}, map[uint32]time.Duration{}, map[uint32]time.Duration{},
			map[uint32]time.Duration{}, map[uint32][protocol.MaxSeats]uint8{}})
		step := n.OnStep
		n.OnStep = func(n *Node, c *replica.Command) {
			t.Seats[i].Stepped[c.Frame], t.Seats[i].Actions[c.Frame] = w.Now, c.Actions
			if step != nil {
				step(n, c)
			}
		}
	}
	batch, arrival, room := w.OnBatch, w.OnArrival, w.OnRoom
	w.OnBatch = func(n *Node, data []byte) []byte {
		if batch != nil {
			data = batch(n, data)
		}
		if len(data) > 0 && !n.gone {
			t.sent[n.Index] = append(t.sent[n.Index], t.sampled(n.Index, w.Now, data))
		}
		return data
	}
	w.OnArrival = func(n *Node) {
		if q := t.sent[n.Index]; len(q) > 0 {
			for _, f := range q[0] {
				t.Seats[n.Index].Reached[f] = w.Now
			}
			t.sent[n.Index] = q[1:]
		}
		if arrival != nil {
			arrival(n)
		}
	}
	w.OnRoom = func(at time.Duration, e *session.RoomEvent) {
		if e.Kind == session.RoomClosed {
			t.Closed[e.Frame], t.Replaced[e.Frame] = at, e.Mask
		}
		if room != nil {
			room(at, e)
		}
	}
	return t
}

// sampled notes the inputs that a peer sends, and returns their frames.
func (t *Truth) sampled(seat int, now time.Duration, data []byte) (frames []uint32) {
	var d protocol.Decoder
	d.Reset(data)
	for {
		kind, err := d.Next()
		if err != nil {
			return frames // what a hostile node sends is nobody's input from there on
		}
		first, n := uint32(0), uint32(0)
		switch kind {
		case protocol.TypeAction:
			first, n = d.Action.Frame, 1
		case protocol.TypeActionBatch:
			first, n = d.ActionBatch.Frame, uint32(len(d.ActionBatch.Actions))
		}
		for f := first; f < first+n; f++ {
			t.Seats[seat].Sampled[f] = now
			frames = append(frames, f)
		}
	}
}

// Latency is how long a seat's input for a frame took to be stepped at another's; ok is false where it was
// replaced.
func (t *Truth) Latency(from, at int, frame uint32) (d time.Duration, ok bool) {
	s, sampled := t.Seats[from].Sampled[frame]
	e, stepped := t.Seats[at].Stepped[frame]
	return e - s, sampled && stepped && t.Replaced[frame]&(1<<from) == 0
}
