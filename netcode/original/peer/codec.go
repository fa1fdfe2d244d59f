package peer

import (
	"encoding/binary"
	"errors"
	"math"
	"strconv"

	"tandem/netcode/original/wire"
	"tandem/netcode/protocol"
	"tandem/netcode/session"
)

// codec reads and writes the frames of one peer.
type codec struct {
	parser  wire.Parser
	decoder *wire.Decoder
	encoder wire.Encoder
	actions [protocol.MaxAction + 1]wire.Value // ready-made: a value costs an allocation
	text    []byte                             // what the last action says beside itself

	// Payloads that come or go in every frame are read and written again and again.
	other  wire.OtherPlayerAction
	action wire.PlayerAction
}

var errFrame = errors.New("a frame that is no packet of this parser")

func newCodec(parser wire.Parser) *codec {
	c := &codec{parser: parser, decoder: wire.NewDecoder(parser), encoder: wire.Encoder{Parser: parser, Role: wire.ClientRole}}
	for a := range c.actions {
		c.actions[a] = wire.IntValue(int64(a))
	}
	return c
}

// packet decodes a frame, without binary data: no event that a client receives has any.
func (c *codec) packet(frame []byte) (*wire.Packet, error) {
	if c.parser == wire.Msgpack {
		return c.decoder.Binary(frame)
	}
	if len(frame) == 0 || frame[0] != '4' {
		return nil, errFrame
	}
	p, err := c.decoder.Text(frame[1:])
	if err == nil && p == nil {
		c.decoder = wire.NewDecoder(c.parser) // it waits for attachments, which there are none of
		err = errFrame
	}
	return p, err
}

// decode reads one frame: the event's name, and the event, which is nil where a player has no use for it. It is
// valid until the next one is read.
func (c *codec) decode(frame []byte) (name string, e wire.Payload, err error) {
	p, err := c.packet(frame)
	if err != nil {
		return "", nil, err
	}
	switch {
	case p.Name == c.other.Name():
		return p.Name, &c.other, wire.Decode(p, &c.other)
	case p.Type != wire.Event:
		return p.Name, nil, nil
	}
	e, err = wire.DecodeEvent(p, wire.FromServer)
	if errors.Is(err, wire.ErrUnexpected) {
		return p.Name, nil, nil // an event of a later version: the original ignores those, too
	}
	return p.Name, e, err
}

// append appends an event's frame.
func (c *codec) append(buf []byte, e wire.Payload) ([]byte, error) {
	buf, attachments, err := c.encoder.AppendEvent(buf, e)
	for _, a := range attachments {
		buf = append(binary.BigEndian.AppendUint32(append(buf, 0), uint32(len(a))), a...)
	}
	return buf, err
}

// value is what stands in the place of an action.
func (c *codec) value(first uint8, b *Beside) (wire.Value, error) {
	if b.N == 0 {
		return c.actions[first], nil
	}
	return c.besideValue(b)
}

// number is an action where it is a whole number of some action space, else noAction.
func number(v wire.Value) int {
	if a, ok := v.Int(); ok && a >= 0 && a <= protocol.MaxAction {
		return int(a)
	}
	return noAction
}

// noAction is no action of any game.
const noAction = -1

// besideValue writes what peers of ours say in the place of an action.
func (c *codec) besideValue(b *Beside) (wire.Value, error) {
	t := append(c.text[:0], `{"a":[`...)
	for i, a := range b.Actions[:b.N] {
		if i > 0 {
			t = append(t, ',')
		}
		t = strconv.AppendUint(t, uint64(a), 10)
	}
	t = append(t, ']')
	number := func(key string, n int64) {
		t = append(append(append(t, `,"`...), key...), `":`...)
		t = strconv.AppendInt(t, n, 10)
	}
	if b.HasHash {
		t = append(t, `,"h":[`...)
		t = strconv.AppendUint(t, b.Hash>>32, 10)
		t = append(t, ',')
		t = strconv.AppendUint(t, b.Hash&math.MaxUint32, 10)
		t = append(t, ']')
		number("n", int64(b.HashFrame))
		number("e", int64(b.Mark))
	}
	if b.HasLead {
		number("d", int64(b.Lead))
		number("r", int64(b.RTT))
		if b.LeadSeat >= 0 {
			number("w", int64(b.LeadSeat))
		}
	}
	if b.Often {
		number("o", 1)
	}
	if b.Full {
		number("f", 1)
	}
	if b.HasClosed {
		number("c", b.Below)
		if b.Term > 0 {
			number("t", int64(b.Term))
		}
		for i, a := range b.Closed[:b.ClosedN] {
			if i == 0 {
				t = append(t, `,"v":[`...)
			} else {
				t = append(t, ',')
			}
			n := int64(a &^ StandIn)
			if a&StandIn != 0 {
				n = -1 - n
			}
			t = strconv.AppendInt(t, n, 10)
		}
		if b.ClosedN > 0 {
			t = append(t, ']')
		}
	}
	c.text = append(t, '}')
	return wire.SharedJSON(c.text) // it is written before the next
}

// readBeside reads it. What does not fit is left out: N is 0 where there are no actions.
func readBeside(v wire.Value) (b Beside) {
	list, _ := v.Get("a")
	for item := range list.Items {
		a, ok := item.Int()
		if !ok || a < 0 || a > protocol.MaxAction || b.N == MaxBeside {
			return Beside{}
		}
		b.Actions[b.N] = uint8(a)
		b.N++
	}
	var half [2]uint32
	n := 0
	hash, _ := v.Get("h")
	for item := range hash.Items {
		h, ok := item.Int()
		if !ok || h < 0 || h > math.MaxUint32 || n == len(half) {
			n = 0
			break
		}
		half[n] = uint32(h)
		n++
	}
	frame, haveFrame := small(v, "n")
	mark, haveMark := small(v, "e")
	if n == len(half) && haveFrame && haveMark {
		b.HasHash, b.Hash = true, uint64(half[0])<<32|uint64(half[1])
		b.HashFrame, b.Mark = uint32(frame), uint32(mark)
	}
	lead, haveLead := small(v, "d")
	rtt, _ := small(v, "r")
	b.HasLead, b.Lead, b.RTT, b.LeadSeat = haveLead, int(lead), int(rtt), -1
	if w, ok := small(v, "w"); ok {
		b.LeadSeat = int(w)
	}
	readClosed(v, &b)
	often, _ := small(v, "o")
	b.Often = often == 1
	full, _ := small(v, "f")
	b.Full = full == 1
	return b
}

// readClosed reads what the host has closed: an action that stands in for one that was not there is
// -1 minus the action. Where something in it is no action there is nothing of it.
func readClosed(v wire.Value, b *Beside) {
	below, ok := v.Get("c")
	if !ok {
		return
	}
	if b.Below, b.HasClosed = below.Int(); !b.HasClosed {
		return
	}
	if t, ok := small(v, "t"); ok {
		b.Term = int(max(t, 0))
	}
	list, _ := v.Get("v")
	for item := range list.Items {
		n, ok := item.Int()
		if !ok || n < -1-protocol.MaxAction || n > protocol.MaxAction || b.ClosedN == MaxClosed {
			b.HasClosed, b.Term, b.ClosedN = false, 0, 0
			return
		}
		a := uint8(n)
		if n < 0 {
			a = uint8(-1-n) | StandIn
		}
		b.Closed[b.ClosedN] = a
		b.ClosedN++
	}
}

// markOf finds the mark of a state that a peer of ours has sent; -1 where there is none.
func markOf(state wire.Value) int64 {
	own, _ := state.Get("tandem")
	if n, ok := small(own, "mark"); ok && n >= 0 {
		return n
	}
	return -1
}

// small reads a whole number that fits everywhere.
func small(v wire.Value, key string) (int64, bool) {
	field, ok := v.Get(key)
	if !ok {
		return 0, false
	}
	n, ok := field.Int()
	return n, ok && n >= math.MinInt32 && n <= math.MaxInt32
}

// readScene reads what a player needs of a scene's metadata; what is missing has the original's
// default.
func readScene(s *wire.Scene) *Scene {
	out := &Scene{ID: s.ID, Type: s.Type, Game: s.Type == "GymScene", Threshold: DefaultThreshold,
		FPS: session.FrameRate, Episodes: 1, FrameSkip: 1, SyncEvery: 300}
	text := func(key string, p *string) {
		if v, ok := s.Get(key); ok {
			*p, _ = v.Text()
		}
	}
	number := func(key string, p *int) {
		v, ok := s.Get(key)
		switch n, isInt := v.Int(); {
		case ok && v.IsNull():
			*p = 0
		case isInt && n >= 0 && n <= math.MaxInt32:
			*p = int(n)
		}
	}
	flag := func(key string, p *bool) {
		if v, ok := s.Get(key); ok {
			*p, _ = v.Bool()
		}
	}
	flag("pyodide_multiplayer", &out.Multiplayer)
	number("default_action", &out.Default)
	text("action_population_method", &out.Population)
	number("fps", &out.FPS)
	number("max_steps", &out.MaxSteps)
	number("num_episodes", &out.Episodes)
	number("state_sync_frequency_frames", &out.SyncEvery)
	number("queue_resync_threshold", &out.Threshold)
	number("frame_skip", &out.FrameSkip)
	text("environment_initialization_code", &out.Code)
	text("tandem_env", &out.Env)
	text("tandem_env_options", &out.EnvOptions)
	if v, ok := s.Get("policy_mapping"); ok {
		for key, policy := range v.Fields {
			word, _ := policy.Text()
			out.Seats = append(out.Seats, SceneSeat{Key: key, Human: word == "human"})
		}
	}
	return out
}
