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

// EventCodec is the Codec of the original's events. It belongs to one peer.
type EventCodec struct {
	parser  wire.Parser
	decoder *wire.Decoder
	encoder wire.Encoder
	actions [protocol.MaxAction + 1]wire.Value // ready-made: a value costs an allocation
	beside  []byte                             // what the last action says beside itself

	// Payloads that come or go in every frame are read and written again and again.
	action wire.PlayerAction
	other  wire.OtherPlayerAction
	hash   wire.StateHash
}

var errFrame = errors.New("a frame that is no packet of this parser")

// NewCodec returns a codec for the parser that both ends are set to.
func NewCodec(parser wire.Parser) *EventCodec {
	c := &EventCodec{parser: parser, decoder: wire.NewDecoder(parser),
		encoder: wire.Encoder{Parser: parser, Role: wire.ClientRole}}
	for a := range c.actions {
		c.actions[a] = wire.IntValue(int64(a))
	}
	return c
}

// packet decodes a frame, without binary data: no event that a client receives has any.
func (c *EventCodec) packet(frame []byte) (*wire.Packet, error) {
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

// Decode reads one frame.
func (c *EventCodec) Decode(frame []byte, m *Message) error {
	*m = Message{Players: m.Players[:0], State: m.State[:0]}
	p, err := c.packet(frame)
	if err != nil {
		return err
	}
	m.Name = p.Name
	if p.Name == c.other.Name() {
		if err := wire.Decode(p, &c.other); err != nil {
			return err
		}
		c.readAction(m)
		return nil
	}
	if p.Type != wire.Event {
		return nil
	}
	e, err := wire.DecodeEvent(p, wire.FromServer)
	if errors.Is(err, wire.ErrUnexpected) {
		return nil // an event of a later version: the original ignores those, too
	}
	if err != nil {
		return err
	}
	c.read(e, m)
	return nil
}

func (c *EventCodec) readAction(m *Message) {
	o := &c.other
	m.Kind, m.Player, m.Frame, m.Number = KindOtherAction, player(o.PlayerID), o.Frame, o.Timestamp
	if m.Action = NoAction; o.Odd.Is {
		m.Frame = -1
	}
	switch o.Action.Kind() {
	case wire.Map:
		m.Beside = readBeside(o.Action)
	default:
		if a, ok := o.Action.Int(); ok && a >= 0 && a <= protocol.MaxAction {
			m.Action = int(a)
		}
	}
}

// read takes over the fields of the rarer events.
func (c *EventCodec) read(e wire.Payload, m *Message) {
	switch e := e.(type) {
	case *wire.ServerSessionID:
		m.Kind, m.Text = KindSession, e.SessionID
	case *wire.ActivateScene:
		m.Kind = KindActivate
		readScene(&e.Scene, &m.Scene)
	case *wire.TerminateScene:
		m.Kind = KindTerminate
		readScene(&e.Scene, &m.Scene)
	case *wire.CreateGameFailed:
		m.Kind, m.Text = KindFailed, e.Error
	case *wire.WaitingRoom:
		m.Kind, m.Count, m.Needed, m.Number = KindWaiting, int(e.Players), int(e.Needed), e.RemainingMS
	case *wire.WaitingRoomPlayerLeft:
		m.Kind, m.Text = KindPlayerLeft, e.Message
	case *wire.StartGame:
		m.Kind, m.Game = KindStart, e.GameID
	case *wire.EndGame:
		m.Kind, m.Text = KindEnd, e.Message
	case *wire.HostElected:
		if e.Promoted {
			m.Kind, m.IsHost = KindHostChanged, true // the original never sends it
			return
		}
		m.Kind, m.IsHost, m.Game = KindElected, e.IsHost, e.GameID
		m.Player, m.Host, m.Seed = player(e.PlayerID), player(e.HostID), uint32(e.GameSeed)
	case *wire.GameReady:
		m.Kind, m.Game = KindReady, e.GameID
		for _, id := range e.Players {
			subject := ""
			for _, s := range e.Subjects {
				if s.Player == id.String() {
					subject = s.Subject
				}
			}
			m.Players = append(m.Players, Player{ID: player(id), Subject: subject})
		}
	case *wire.Pong:
		m.Kind = KindPong
	case *wire.VerifyState:
		m.Kind, m.Frame = KindVerify, e.Frame
	case *wire.RequestFullState:
		m.Kind, m.Frame = KindStateAsked, e.Frame
	case *wire.ApplyFullState:
		m.Kind, m.State, m.Mark = KindApply, e.State.AppendJSON(m.State), markOf(e.State)
	case *wire.HUDSync:
		m.Kind, m.Text = KindHUD, e.Text
	case *wire.HostChanged:
		m.Kind, m.Host = KindHostChanged, player(e.NewHostID)
	}
}

func player(id wire.PID) PlayerID {
	if n, ok := id.Int(); ok {
		return PlayerID{Num: n, Int: true}
	}
	return PlayerID{Text: id.String()}
}

func pid(p PlayerID) wire.PID {
	if p.Int {
		return wire.IntPID(p.Num)
	}
	return wire.StringPID(p.Text)
}

// Append appends the frame of a message of this side.
func (c *EventCodec) Append(buf []byte, m *Message) ([]byte, error) {
	e, err := c.event(m)
	if err != nil {
		return buf, err
	}
	m.Name = e.Name()
	buf, attachments, err := c.encoder.AppendEvent(buf, e)
	for _, a := range attachments {
		buf = append(binary.BigEndian.AppendUint32(append(buf, 0), uint32(len(a))), a...)
	}
	return buf, err
}

func (c *EventCodec) event(m *Message) (wire.Payload, error) {
	switch m.Kind {
	case KindAction:
		a := &c.action
		a.GameID, a.PlayerID, a.Frame, a.Timestamp = m.Game, pid(m.Player), m.Frame, m.Number
		var err error
		if m.Beside.N > 0 {
			a.Action, err = c.besideValue(&m.Beside)
		} else {
			a.Action = c.actions[m.Action]
		}
		return a, err
	case KindHash:
		c.hash = wire.StateHash{GameID: m.Game, PlayerID: pid(m.Player), Frame: m.Frame, Hash: wire.OriginalHash(m.Frame, m.Step)}
		return &c.hash, nil
	case KindRegister:
		return &wire.RegisterSubject{SubjectID: m.Text}, nil
	case KindAdvance:
		return &wire.AdvanceScene{SessionID: m.Text}, nil
	case KindJoin:
		return &wire.JoinGame{SessionID: m.Text}, nil
	case KindLeave:
		return &wire.LeaveGame{SessionID: m.Text}, nil
	case KindPing:
		return &wire.Ping{PingMS: wire.Number{Value: m.Number, OK: m.Number >= 0}, InFocus: m.Focus}, nil
	case KindResync:
		return &wire.RequestResync{GameID: m.Game, PlayerID: pid(m.Player), Frame: m.Frame, Reason: m.Text}, nil
	case KindSendState:
		state, err := wire.JSONValue(m.State)
		return &wire.SendFullState{GameID: m.Game, State: state}, err
	case KindHUDUpdate:
		return &wire.HUDUpdate{GameID: m.Game, Text: m.Text}, nil
	case KindUpload:
		return &wire.EmitRemoteGameData{Data: m.Data, SceneID: m.Scene.ID, SessionID: m.Text}, nil
	}
	return nil, errors.New("no message that a player sends")
}

// besideValue writes what peers of ours say in the place of an action.
func (c *EventCodec) besideValue(b *Beside) (wire.Value, error) {
	t := append(c.beside[:0], `{"a":[`...)
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
	c.beside = append(t, '}')
	return wire.SharedJSON(c.beside) // it is written before the next
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
func readScene(s *wire.Scene, out *Scene) {
	*out = Scene{ID: s.ID, Type: s.Type, Game: s.Type == "GymScene", Threshold: DefaultThreshold,
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
}
